#!/usr/bin/env python3
"""Compare f2b-regex with fail2ban-regex (and rg) on logs made for it.

usage: compare.py BINARY [--fail2ban CHECKOUT] [--config DIR] [--megabytes N] [--runs N]

CHECKOUT is fail2ban's repository; without it, and without rg, only f2b-regex is timed.
Logs are made by make_logs.py in /tmp/f2b-bench and kept. fail2ban-regex is timed on the
first 20 000 lines of each log, its start-up (an empty log) taken off; everything else on
the whole log. rg looks for the texts that
our own gate requires (`benches/criterion/required.rs`). Prints medians, with the lowest and highest
run.
"""
import argparse, os, shutil, statistics, subprocess, sys, time

CASES = [
    ("auth", "sshd"),
    ("mail", "dovecot"),
    ("mail", "postfix[mode=aggressive]"),
    ("access", "nginx-botsearch"),
    ("access", "apache-badbots"),
    ("error_iso", "apache-auth"),
    ("error_asctime", "apache-auth"),
    ("alternating", "sshd"),
]

def required(here, config, spec):
    """The texts our gate requires of the filter's failregexes, for rg."""
    command = ["cargo", "run", "--quiet", "--", os.path.abspath(config), spec]
    told = subprocess.run(command, cwd=os.path.join(here, "criterion"), capture_output=True, text=True, check=True)
    return [text for text in told.stdout.split("\n") if text]

def timed(command, runs, **more):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
        times.append(time.perf_counter() - start)
    return times

def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--fail2ban")
    parser.add_argument("--config")
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    config = args.config or (args.fail2ban and os.path.join(args.fail2ban, "config")) or "/etc/fail2ban"
    logs = "/tmp/f2b-bench"
    subprocess.run([sys.executable, os.path.join(here, "make_logs.py"), logs, str(args.megabytes)], check=True)
    head = os.path.join(logs, "head")
    empty = os.path.join(logs, "empty")
    open(empty, "w").close()
    print("| log | filter | lines/s | spread | one thread | fail2ban-regex lines/s | ratio | time / rg |")
    print("|---|---|---|---|---|---|---|---|")
    for name, spec in CASES:
        log = os.path.join(logs, name + ".log")
        base, _, options = spec.partition("[")
        path = os.path.join(config, "filter.d", base + ".conf") + (options and "[" + options)
        with open(log, "rb") as lines:
            count = sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
        ours = [args.binary, "-c", config, log, path, "--print-no-missed", "--print-no-ignored", "--no-hints"]
        times = timed(ours, args.runs)
        one = statistics.median(timed(ours + ["--threads", "1"], max(1, args.runs // 2)))
        rate = count / statistics.median(times)
        spread = "%.2f-%.2f s" % (min(times), max(times))
        theirs = ratio = "-"
        if args.fail2ban:
            with open(log, "rb") as whole, open(head, "wb") as part:
                for _, line in zip(range(20000), whole):
                    part.write(line)
            command = [sys.executable, os.path.join(args.fail2ban, "bin", "fail2ban-regex"), "-c", config, "--raw"]
            env = dict(os.environ, PYTHONPATH=args.fail2ban)
            start = statistics.median(timed(command + [empty, path], 3, env=env))
            took = statistics.median(timed(command + [head, path], min(3, args.runs), env=env)) - start
            theirs, ratio = "%d" % (20000 / took), "%.0f x" % (rate / (20000 / took))
        against = "-"
        if shutil.which("rg"):
            texts = os.path.join(logs, "required")
            with open(texts, "w") as out:
                out.write("\n".join(required(here, config, path)) + "\n")
            rg = statistics.median(timed(["rg", "-c", "-F", "-f", texts, log], args.runs))
            against = "%.1f x" % (statistics.median(times) / rg)
        print("| %s | %s | %d | %s | %d | %s | %s | %s |" % (name, spec, rate, spread, count / one, theirs, ratio, against), flush=True)

main()
