#!/usr/bin/env python3
"""Run ../shared/golden/run.py on a binary, with the corpus as it was recorded.

usage: golden.py PATH-TO-BINARY [ARGUMENTS OF run.py…]

The recordings name logs as `logs/NAME`, and `logs` is a symbolic link in the
corpus. Where a checkout has turned that link into a file that holds its target,
run.py finds no log; so it is run in a copy that has the link again.
"""
import os, shutil, subprocess, sys, tempfile

def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = os.path.abspath(sys.argv[1])
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    shared = os.path.join(root, "..", "shared")
    if not os.path.isdir(os.path.join(shared, "golden")):
        sys.exit(f"there is no {shared}/golden to compare with")
    with tempfile.TemporaryDirectory(prefix="f2b-golden-") as copy:
        for part in "golden", "corpus":
            shutil.copytree(os.path.join(shared, part), os.path.join(copy, part), symlinks=True)
        logs = os.path.join(copy, "corpus", "logs")
        if os.path.isfile(logs) and not os.path.islink(logs):
            with open(logs, encoding="utf-8") as link:
                target = link.read().strip()
            os.chmod(os.path.dirname(logs), 0o755)
            os.remove(logs)
            os.symlink(target, logs)
        run = os.path.join(copy, "golden", "run.py")
        status = subprocess.run([sys.executable, run, binary] + sys.argv[2:]).returncode
        subprocess.run(["chmod", "-R", "u+w", copy])
        return status

if __name__ == "__main__":
    sys.exit(main())
