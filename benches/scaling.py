#!/usr/bin/env python3
"""What more threads would bring, from counted instructions instead of times.

    benches/scaling.py PROGRAM LOG FILTER [-c DIR]

callgrind counts the instructions of each thread on two sizes of the log; the difference is what a
line costs the thread that reads, the workers, and the thread that puts blocks in order. A simulation
of the pipeline (blocks of 512 KiB, as many under way as `engine/pipeline.rs` allows) then says how
many lines 1 to 64 workers judge in the time one worker needs for one. It knows nothing of memory,
caches and locks: it shows which thread the others wait for, not what a machine does.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Lines. The first blocks of a log are judged in order, how many differs from run to run: both sizes are
# large beside them.
SIZES = (200_000, 1_000_000)
COUNTED_WORKERS = 4
BLOCK_BYTES = 1 << 19
BLOCKS_AHEAD = 3
READ_AHEAD = 3
NOW = "2026-11-28T12:00:00Z"


def instructions(program, log, rest):
    """Instructions by thread: of the first, and of the others, greatest first."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory, "callgrind")
        command = ["valgrind", "--tool=callgrind", "--separate-threads=yes"]
        command += [f"--callgrind-out-file={out}", program, "--no-progress", "--now", NOW]
        command += ["--threads", str(COUNTED_WORKERS), str(log), *rest]
        env = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8")
        run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        counts = {}
        for path in Path(directory).glob("callgrind-*"):
            total = re.search(r"^(?:summary|totals): (\d+)", path.read_text(), re.MULTILINE)
            counts[path.name] = int(total[1]) if total else 0
    if "callgrind-01" not in counts:
        sys.exit(f"scaling.py: {' '.join(command)} failed:\n{run.stderr[-2000:]}")
    first = counts.pop("callgrind-01")
    return first, sorted(counts.values(), reverse=True)


def cost_of_a_line(program, log, rest):
    """Instructions a line: reading, working, ordering; and bytes a line."""
    lines = log.read_bytes().splitlines(keepends=True)
    if not lines:
        sys.exit(f"scaling.py: {log} is empty")
    counted = []
    with tempfile.TemporaryDirectory() as directory:
        part = Path(directory, "part.log")
        for size in SIZES:
            part.write_bytes(b"".join(lines[at % len(lines)] for at in range(size)))
            counted.append(instructions(program, part, rest))
    (first, others), (more_first, more_others) = counted
    count = SIZES[1] - SIZES[0]
    workers = sum(more_others[:COUNTED_WORKERS]) - sum(others[:COUNTED_WORKERS])
    reading = sum(more_others[COUNTED_WORKERS:]) - sum(others[COUNTED_WORKERS:])
    costs = reading / count, workers / count, (more_first - first) / count
    return costs, sum(map(len, lines)) / len(lines)


def duration(workers, reading, working, ordering, blocks=2000):
    """Instructions' time until so many blocks are done."""
    free = [0.0] * workers
    read, ordered = [], []
    for block in range(blocks):
        begin = read[-1] if read else 0.0
        if block >= workers + BLOCKS_AHEAD + READ_AHEAD:
            begin = max(begin, ordered[block - workers - BLOCKS_AHEAD - READ_AHEAD])
        read.append(begin + reading)
        ready = read[-1]
        if block >= workers + BLOCKS_AHEAD:
            ready = max(ready, ordered[block - workers - BLOCKS_AHEAD])
        worker = min(range(workers), key=free.__getitem__)
        free[worker] = max(free[worker], ready) + working
        ordered.append(max(ordered[-1] if ordered else 0.0, free[worker]) + ordering)
    return ordered[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("log", type=Path)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="the filter, and options")
    args = parser.parse_args()
    costs, bytes_a_line = cost_of_a_line(args.program, args.log, args.rest)
    total = sum(costs)
    for name, cost in zip(("reading", "workers", "in order"), costs):
        print(f"{name:9} {cost:8.0f} instructions a line  {100 * cost / total:5.1f} %")
    of_block = [cost * BLOCK_BYTES / bytes_a_line for cost in costs]
    # one thread works and orders in turn
    alone = duration(1, of_block[0], of_block[1] + of_block[2], 0.0)
    print("\n| workers | lines in the time of one |\n|---|---|")
    for workers in (1, 2, 4, 8, 16, 32, 64):
        print(f"| {workers} | {alone / duration(workers, *of_block):.1f} |")


if __name__ == "__main__":
    main()
