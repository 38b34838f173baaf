#!/usr/bin/env python3
"""Times one f2b-regex against GNU parallel and Spark with two workers, on the same shards.

usage: measure.py F2B_REGEX [MEGABYTES] [REPEATS] [SHARDS]

The shards are of one auth log, seeded (benches/make_logs.py), the filter is testdata's sshd. Every
way must count the same, or this fails. Spark is left out where pyspark is not installed for the
Python that runs this, GNU parallel where it is not installed. Wall times, the way in turn, and the
processor time of all processes as far as the system tells it; the load before each repeat.
"""
import json, os, resource, shutil, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
FILTER = os.path.join(ROOT, "testdata", "filter.d", "sshd.conf")
OPTIONS = ["--now", "2026-11-20T12:00:00Z"]
# of one log: more is copied, so that making it takes no longer than the measurement
MADE = 32


def shards(directory, megabytes, count):
    made = min(megabytes, MADE)
    subprocess.run([sys.executable, os.path.join(ROOT, "benches", "make_logs.py"), directory, str(made), "auth"],
                   check=True, stderr=subprocess.DEVNULL)
    with open(os.path.join(directory, "auth.log"), "rb") as log:
        lines = log.read().splitlines(keepends=True)
    lines *= max(1, round(megabytes / made))
    paths = []
    for n in range(count):
        paths.append(os.path.join(directory, "auth-%03d.log" % n))
        with open(paths[-1], "wb") as out:
            out.writelines(lines[len(lines) * n // count : len(lines) * (n + 1) // count])
    return paths, sum(os.path.getsize(path) for path in paths), len(lines)


def ways(program, logs):
    """Name, command: each writes one JSON report to standard output."""
    words = [word for log in logs for word in ("--log", log)]
    one = [program, *words, FILTER, "--format", "json", "--no-hints", "--no-progress", *OPTIONS]
    yield "one f2b-regex, 1 thread", one + ["--threads", "1"]
    yield "one f2b-regex, 2 threads", one + ["--threads", "2"]
    if shutil.which("parallel"):
        parallel = os.path.join(HERE, "parallel", "f2b-parallel")
        yield "GNU parallel, 2 jobs", [parallel, "-j", "2", FILTER, *logs, "--", *OPTIONS]
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return
    spark = os.path.join(HERE, "spark", "f2b_spark.py")
    yield "Spark, 2 workers of 1 core", [sys.executable, spark, "--master", "local-cluster[2,1,1024]",
                                         "--binary", program, FILTER, *logs, "--", *OPTIONS]


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main():
    if len(sys.argv) not in (2, 3, 4, 5):
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    megabytes, repeats, count = (int(v) for v in (sys.argv[2:] + ["512", "3", "16"][len(sys.argv) - 2 :]))
    with tempfile.TemporaryDirectory() as directory:
        logs, size, lines = shards(directory, megabytes, count)
        print("%.0f MB, %d lines in %d shards" % (size / 1e6, lines, count), flush=True)
        environment = {**os.environ, "TZ": "UTC", "F2B_REGEX": program, "PYSPARK_PYTHON": sys.executable}
        known, times = {}, {}
        for repeat in range(repeats):
            print("repeat %d, load %.1f" % (repeat + 1, os.getloadavg()[0]), flush=True)
            for name, command in ways(program, logs):
                used, start = cpu(), time.monotonic()
                ran = subprocess.run(command, capture_output=True, text=True, env=environment)
                wall, used = time.monotonic() - start, cpu() - used
                if ran.returncode:
                    sys.exit("%s: status %d: %s" % (name, ran.returncode, ran.stderr[-2000:]))
                # a session cut at the end of a shard may count otherwise than whole
                kind = "one" if name.startswith("one") else "shards"
                counts = json.loads(ran.stdout)["lines"]
                if known.setdefault(kind, counts) != counts or counts["total"] != lines:
                    sys.exit("%s: %s instead of %s" % (name, counts, known[kind]))
                times.setdefault(name, []).append((wall, used))
                print("  %-28s %6.1f s, %6.1f s of processor time" % (name, wall, used), flush=True)
        print("median of %d, least and most; times as fast as one thread" % repeats)
        first = None
        for name, of in times.items():
            walls = sorted(wall for wall, _ in of)
            middle = statistics.median(walls)
            first = first or middle
            print("  %-28s %6.1f s (%.1f-%.1f)  %.2f" % (name, middle, walls[0], walls[-1], first / middle))


if __name__ == "__main__":
    main()
