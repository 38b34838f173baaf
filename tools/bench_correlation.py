#!/usr/bin/env python3
"""How well `f2b-regex bench` ranks regexes by what they cost fail2ban.

usage: bench_correlation.py BINARY CONFIGDIR LOGDIR [FILTER[OPTIONS]...]

Runs `bench --python` for every filter of CONFIGDIR/filter.d that has a log of its name in
LOGDIR (fail2ban's own test suite has: config/ and fail2ban/tests/files/logs), and for the
filters given besides (`sshd[mode=aggressive]`), and prints over all failregexes, each once:
Spearman's rank correlation of steps and of estimate with the time CPython took, how far the
estimate is off, the logs' matches on which the two engines disagree, and how far the parts'
times add up to the whole.
"""
import json, os, statistics, subprocess, sys


def ranks(values):
    order = sorted(range(len(values)), key=values.__getitem__)
    result, at = [0.0] * len(values), 0
    while at < len(order):
        end = at
        while end < len(order) and values[order[end]] == values[order[at]]:
            end += 1
        for place in order[at:end]:
            result[place] = (at + end + 1) / 2
        at = end
    return result


def spearman(a, b):
    a, b, mean = ranks(a), ranks(b), (len(a) + 1) / 2
    product = sum((x - mean) * (y - mean) for x, y in zip(a, b))
    squares = sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)
    return product / squares ** 0.5


def bench(binary, config, log, spec):
    command = [binary, "bench", "-c", config, "--raw", "--python", "--runs", "7", "--warmup", "1",
               "--slowest", "0", "--format", "json", "--now", "2026-11-20T12:00:00Z", log, spec]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8")
    if ran.returncode:
        print("%s: %s" % (spec, ran.stderr.strip()), file=sys.stderr)
        return None
    return json.loads(ran.stdout)["filter"]["timing"]


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    binary, config, logs = sys.argv[1:4]
    names = sorted(name[:-5] for name in os.listdir(os.path.join(config, "filter.d"))
                   if name.endswith(".conf"))
    seen, costs, covered, version = set(), [], [], None
    for spec in names + sys.argv[4:]:
        name, bracket, options = spec.partition("[")
        log = os.path.join(logs, name)
        path = os.path.join(config, "filter.d", name + ".conf") + bracket + options
        timing = bench(binary, config, log, path) if os.path.exists(log) else None
        if not timing:
            continue
        version = timing["python"]["version"]
        covered.append(timing["covered"])
        for part in timing["parts"]:
            cost = part["fail2ban"]
            known = (log, part["regex"])
            if part["kind"] != "failregex" or known in seen or not (cost["python"] or {}).get("runs"):
                continue
            seen.add(known)
            costs.append((cost["steps"], cost["estimate_ns"], cost["python"]["median_ns"],
                          cost["python_disagrees"]))
    steps, estimates, times, disagree = zip(*costs)
    off = [abs(a - b) / b for a, b in zip(estimates, times)]
    print("%d failregexes of %d filters, %s" % (len(costs), len(covered), version))
    print("Spearman: steps %.3f, estimate %.3f" % (spearman(steps, times), spearman(estimates, times)))
    print("estimate off by %.0f %% in the middle, %.0f %% for one in ten"
          % (100 * statistics.median(off), 100 * sorted(off)[len(off) * 9 // 10]))
    print("lines on which hits differ: %d" % sum(disagree))
    print("parts add up to: %.0f %% in the middle, %.0f to %.0f %%"
          % (100 * statistics.median(covered), 100 * min(covered), 100 * max(covered)))


main()
