#!/usr/bin/env python3
"""Records what glibc's mktime makes of local times, as CPython calls it.

usage: record_mktime.py [--count N] [--seed N] ZONE... > mktime.jsonl

One line per zone: [zone, [[wall clock in seconds, epoch or null], …]], converted
one after the other, most of them near a change of the zone's offset. mktime
starts from the offset of its last call, so the order matters.
"""
import argparse, json, os, random, time

parser = argparse.ArgumentParser()
parser.add_argument("zones", nargs="+")
parser.add_argument("--count", type=int, default=60)
parser.add_argument("--seed", type=int, default=1)
opts = parser.parse_args()
rnd = random.Random(opts.seed)


def near_change(wall):
    """A wall clock near the next change of the offset, if one is near."""
    offset = time.localtime(wall).tm_gmtoff
    for week in range(60):
        low, high = wall + week * 604800, wall + (week + 1) * 604800
        if time.localtime(high).tm_gmtoff == offset:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if time.localtime(middle).tm_gmtoff == offset: low = middle
            else: high = middle
        return high + offset + rnd.randrange(-9000, 9000)
    return wall


for zone in opts.zones:
    os.environ["TZ"] = "UTC"
    time.tzset()
    time.mktime((2000, 1, 1, 0, 0, 0, 0, 0, -1))
    os.environ["TZ"] = zone
    time.tzset()
    rows = []
    while len(rows) < opts.count:
        wall = rnd.randrange(-62135596800, 253402300799) if rnd.random() < .1 else rnd.randrange(-2500000000, 4500000000)
        for _ in range(rnd.randrange(1, 4)):
            if rnd.random() < .8: wall = near_change(wall)
            if not -62135596800 <= wall <= 253402300799: continue
            fields = time.gmtime(wall)
            try:
                rows.append([wall, int(time.mktime(fields[:8] + (-1,)))])
            except OverflowError:
                rows.append([wall, None])
    print(json.dumps([zone, rows], separators=(",", ":")))
