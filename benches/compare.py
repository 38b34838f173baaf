#!/usr/bin/env python3
"""Compare f2b-regex with fail2ban-regex (and rg) on logs made for it.

usage: compare.py BINARY [--fail2ban CHECKOUT] [--config DIR] [--megabytes N] [--runs N]

CHECKOUT is fail2ban's repository; without it, and without rg, only f2b-regex is timed.
Logs are made by make_logs.py in /tmp/f2b-bench and kept. Both programs first count the first
lines of each log, and must count alike. Then fail2ban-regex is timed on these lines, its start-up
(an empty log) taken off, f2b-regex on the whole log. What is compared is processor time a line, of
one thread against one: it says more than the clock on the wall where other machines share the
processor. rg looks for the texts that our own gate requires (`benches/criterion/required.rs`).
Prints medians, with the lowest and the highest run. At the end stand two threads beside two processes,
and what fail2ban-regex does not do: a journal export in JSON, and the memory of a simulation.
"""
import argparse, os, re, shutil, statistics, subprocess, sys, time

# log, filter, lines that fail2ban-regex is given
CASES = [
    ("auth", "sshd", 20_000),
    ("mail", "dovecot", 20_000),
    ("mail", "postfix[mode=aggressive]", 20_000),
    ("access", "nginx-botsearch", 20_000),
    ("access", "apache-badbots", 20_000),
    ("error_iso", "apache-auth", 20_000),
    ("error_asctime", "apache-auth", 20_000),
    ("alternating", "sshd", 20_000),
    ("auth", "./filter.d/sessions.conf", 3_000),
    ("mail", "./filter.d/sessions.conf", 3_000),
    ("catalina", "guacamole", 20_000),
]

HERE = os.path.dirname(os.path.abspath(__file__))

def required(config, spec):
    """The texts our gate requires of the filter's failregexes, for rg."""
    command = ["cargo", "run", "--quiet", "--bin", "required", "--", os.path.abspath(config), spec]
    told = subprocess.run(command, cwd=os.path.join(HERE, "criterion"), capture_output=True, text=True, check=True)
    return [text for text in told.stdout.split("\n") if text]

def timed(command, runs, **more):
    """Seconds by the clock, and of the processor, of each run."""
    clock, processor = [], []
    for _ in range(runs):
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        _, _, usage = os.wait4(child.pid, 0)
        clock.append(time.perf_counter() - start)
        processor.append(usage.ru_utime + usage.ru_stime)
    return clock, processor

def beside_each_other(commands):
    """Seconds by the clock until all of these commands, begun at once, have ended."""
    start = time.perf_counter()
    children = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands]
    for child in children:
        child.wait()
    return time.perf_counter() - start

def halves(log, directory):
    """The log in two files, cut between lines."""
    paths = [os.path.join(directory, name) for name in ("first", "second")]
    with open(log, "rb") as whole, open(paths[0], "wb") as first, open(paths[1], "wb") as second:
        whole.seek(os.path.getsize(log) // 2)
        whole.readline()
        cut = whole.tell()
        whole.seek(0)
        # piece by piece: a program that is started counts the memory of the one that starts it
        while whole.tell() < cut:
            first.write(whole.read(min(1 << 20, cut - whole.tell())))
        shutil.copyfileobj(whole, second)
    return paths

def counts(command, **more):
    """The report's line of counts."""
    told = subprocess.run(command, capture_output=True, text=True, **more)
    found = re.search(r"^Lines: (.*? missed)", told.stdout, re.M)
    return found and re.sub(r"(?<=\d) (?=\d)", "", found[1])

def path_of(config, spec):
    base, _, options = spec.partition("[")
    file = os.path.join(HERE, base) if base.startswith("./") else os.path.join(config, "filter.d", base + ".conf")
    return file + (options and "[" + options)

def head_of(log, lines, head):
    with open(log, "rb") as whole, open(head, "wb") as part:
        for _, line in zip(range(lines), whole):
            part.write(line)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--fail2ban")
    parser.add_argument("--config")
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    config = args.config or (args.fail2ban and os.path.join(args.fail2ban, "config")) or "/etc/fail2ban"
    logs = "/tmp/f2b-bench"
    subprocess.run([sys.executable, os.path.join(HERE, "make_logs.py"), logs, str(args.megabytes)], check=True)
    head, empty = os.path.join(logs, "head"), os.path.join(logs, "empty")
    open(empty, "w").close()
    ours = [args.binary, "-c", config, "--no-hints"]
    quiet = ["--print-no-missed", "--print-no-ignored"]
    print("| log | filter | ns a line, one thread | fail2ban-regex | ratio | lines/s, all threads | processor / rg |")
    print("|---|---|---|---|---|---|---|")
    for name, spec, lines in CASES:
        log, path = os.path.join(logs, name + ".log"), path_of(config, spec)
        with open(log, "rb") as text:
            count = sum(chunk.count(b"\n") for chunk in iter(lambda: text.read(1 << 20), b""))
        theirs = ratio = "-"
        per_line = lambda times, lines: [seconds / lines * 1e9 for seconds in times]
        if args.fail2ban:
            head_of(log, lines, head)
            command = [sys.executable, os.path.join(args.fail2ban, "bin", "fail2ban-regex"), "-c", config, "--raw"]
            env = dict(os.environ, PYTHONPATH=args.fail2ban)
            wanted = counts(command + [head, path], env=env)
            ours_said = counts(ours + ["--raw", head, path])
            if not wanted or wanted != ours_said:
                sys.exit("%s, %s: fail2ban-regex counts %s, f2b-regex %s" % (name, spec, wanted, ours_said))
            start = statistics.median(timed(command + [empty, path], 3, env=env)[1])
            took = timed(command + [head, path], min(3, args.runs), env=env)[1]
            theirs = per_line([seconds - start for seconds in took], lines)
        all_threads, _ = timed(ours + quiet + [log, path], args.runs)
        _, one = timed(ours + quiet + ["--threads", "1", log, path], args.runs)
        one = per_line(one, count)
        if args.fail2ban:
            ratio = "%.0f (%.0f-%.0f)" % (statistics.median(theirs) / statistics.median(one), min(theirs) / max(one), max(theirs) / min(one))
            theirs = "%.0f" % statistics.median(theirs)
        against = "-"
        if shutil.which("rg") and not spec.startswith("./"):
            texts = os.path.join(logs, "required")
            with open(texts, "w") as out:
                out.write("\n".join(required(config, path)) + "\n")
            _, rg = timed(["rg", "-j1", "-c", "-F", "-f", texts, log], args.runs)
            against = "%.1f" % (statistics.median(one) * count / 1e9 / statistics.median(rg))
        print("| %s | %s | %.0f (%.0f-%.0f) | %s | %s | %.0f | %s |" % (
            name, spec, statistics.median(one), min(one), max(one), theirs, ratio,
            count / statistics.median(all_threads), against), flush=True)
    # in turn, since what else the machine does changes
    log, path = os.path.join(logs, "auth.log"), path_of(config, "sshd")
    alone = lambda part: ours + quiet + ["--threads", "1", part, path]
    processes = [alone(part) for part in halves(log, logs)]
    threads = ours + quiet + ["--threads", "2", log, path]
    gains = [beside_each_other(processes) / beside_each_other([threads]) for _ in range(args.runs)]
    print("\ntwo threads, auth, sshd: %.2f (%.2f-%.2f) times as fast as two processes with half of the log each" % (
        statistics.median(gains), min(gains), max(gains)))
    log = os.path.join(logs, "journal.log")
    _, one = timed(ours + quiet + ["--threads", "1", log, path], args.runs)
    rates = [os.path.getsize(log) / 1e6 / seconds for seconds in one]
    print("journal export in JSON, sshd: %.0f (%.0f-%.0f) MB a second of the processor, one thread" % (
        statistics.median(rates), min(rates), max(rates)))
    simulate = [args.binary, "simulate", "-c", config, os.path.join(logs, "auth.log"), path]
    child = subprocess.Popen(simulate, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    print("simulation of auth, sshd: %.0f MiB of memory" % (usage.ru_maxrss / 1024))

main()
