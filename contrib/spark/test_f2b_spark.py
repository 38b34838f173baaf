#!/usr/bin/env python3
"""Runs f2b_spark.py on a Spark of two workers here and compares with one f2b-regex.

usage: test_f2b_spark.py F2B_REGEX

Needs pyspark (pip install pyspark) and Java 17. Makes its logs, seeded, with
benches/make_logs.py. How long it takes, and against what: contrib/measure.py.
"""
import gzip, json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MASTER = "local-cluster[2,1,1024]"
NOW = "2026-11-20T12:00:00Z"
ACCESS = r'^<ADDR> \S+ \S+ \[\] "GET /(?:phpmyadmin|wp-login|admin)'


def make(directory, name, megabytes):
    """The lines of a seeded log."""
    subprocess.run([sys.executable, os.path.join(ROOT, "benches", "make_logs.py"), directory, str(megabytes), name],
                   check=True, stderr=subprocess.DEVNULL)
    with open(os.path.join(directory, name + ".log"), "rb") as log:
        return log.read().splitlines(keepends=True)


def split(lines, directory, count, stem):
    """Shards of about the same size, every second one compressed where `stem` says so."""
    paths = []
    for n in range(count):
        part = b"".join(lines[len(lines) * n // count : len(lines) * (n + 1) // count])
        path = os.path.join(directory, "%s-%02d.log" % (stem, n))
        if stem == "mixed" and n % 2:
            path += ".gz"
            part = gzip.compress(part, mtime=0)
        with open(path, "wb") as out:
            out.write(part)
        paths.append(path)
    return paths


def job(program, words, options=()):
    command = [sys.executable, os.path.join(HERE, "f2b_spark.py"), "--master", MASTER, "--binary", program]
    # what Spark itself says goes to standard error
    return subprocess.run(command + words + ["--"] + list(options), capture_output=True, text=True,
                          env={**os.environ, "TZ": "UTC", "PYSPARK_PYTHON": sys.executable})


def whole(program, logs, spec, options=(), cwd=None):
    words = [word for log in logs for word in ("--log", log)]
    ran = subprocess.run([program] + words + [spec, "--format", "json", "--no-hints", *options], cwd=cwd,
                         capture_output=True, text=True, env={**os.environ, "TZ": "UTC"})
    if ran.returncode:
        sys.exit("one run failed: " + ran.stderr)
    return ran.stdout


def timeless(report):
    return [line for line in report.splitlines() if not line.lstrip().startswith('"seconds": ')]


def same(what, spark, one, program=None):
    if spark.returncode or timeless(spark.stdout) != timeless(one):
        print("FAILED: %s: status %d\n%s" % (what, spark.returncode, spark.stderr[-3000:]))
        import difflib
        for line in list(difflib.unified_diff(timeless(one), timeless(spark.stdout), "one run", "spark"))[:40]:
            print(line)
        sys.exit(1)
    print("ok: %s, %d matched" % (what, json.loads(one)["lines"]["matched"]))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    now = ["--now", NOW]
    with tempfile.TemporaryDirectory() as directory:
        lines = make(directory, "access", 1)
        plain = split(lines, directory, 5, "plain")
        one = whole(program, plain, ACCESS, now)
        same("paths", job(program, [ACCESS] + plain, now), one)
        listed = os.path.join(directory, "list")
        with open(listed, "w") as out:
            out.write("# oldest first\n" + "\n".join(plain) + "\n")
        same("a list, two tasks", job(program, ["--list", listed, "--partitions", "2", ACCESS], now), one)

        mixed = split(lines, directory, 4, "mixed")
        # as Hadoop writes such a path
        one = whole(program, mixed, ACCESS, now).replace('"path": "/', '"path": "file:/')
        same("a glob as URI, some compressed", job(program, [ACCESS, "file://%s/mixed-*" % directory], now), one)

        mail = split(make(directory, "mail", 1), directory, 3, "mail")
        config = os.path.join(directory, "config")
        os.makedirs(os.path.join(config, "filter.d"))
        with open(os.path.join(config, "filter.d", "box.conf"), "w") as out:
            out.write("[Definition]\nfailregex = ^\\s*\\S+ dovecot: imap-login: .*auth failed.* rip=<HOST>,\n"
                      "            ^\\s*\\S+ postfix/smtpd\\[\\d+\\]: NOQUEUE: reject: RCPT from \\S+\\[<HOST>\\]\n")
        one = whole(program, mail, "box", now + ["-c", "config"], cwd=directory)
        same("a filter of a configuration directory", job(program, ["--config", config, "box"] + mail, now), one)

        bad = job(program, [ACCESS, plain[0], os.path.join(directory, "nowhere.log")], now)
        if bad.returncode != 2 or "nowhere.log: not a file on this worker" not in bad.stderr or bad.stdout:
            sys.exit("FAILED: a missing log: status %d\n%s" % (bad.returncode, bad.stderr[-3000:]))
        print("ok: a missing log is an error with its name")


if __name__ == "__main__":
    main()
