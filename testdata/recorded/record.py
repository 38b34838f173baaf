#!/usr/bin/env python3
"""Record anew what fail2ban-regex says to the cases of cases.toml.

usage: record.py CHECKOUT [NAME…]      CHECKOUT: a clone of fail2ban/fail2ban

Every case is run in this directory, by the fail2ban-regex of CHECKOUT, in the
Python that runs this script (3.11 or later; what is here was recorded with
3.13), with the clock at NOW, TZ=UTC unless the case names another zone, and
LC_ALL=C.UTF-8. Its standard output goes to expected/NAME.txt, without the line
"[processed in N sec]". An exit status that is not the one in cases.toml is an
error: the status is written by hand. Nothing is resolved: every case says
--raw or --usedns. At the end the list of cases in README.md is written anew.
"""
import os, subprocess, sys, tomllib

NOW = 1795176000  # 2026-11-20T12:00:00Z
# The users of a session are a set, whose order is chance in Python; f2b-regex has the order of
# their appearance, and so have the recordings with this seed.
SEED = "4"
HERE = os.path.dirname(os.path.abspath(__file__))

# fail2ban-regex has no option for the time of day: its clock has a setter, made for its own tests,
# and the report asks time.localtime for the time of a match without a date.
DRIVER = f"""
import sys, time
from fail2ban.server.mytime import MyTime
MyTime.setTime({NOW}.0)
localtime = time.localtime
time.localtime = lambda seconds=None: localtime({NOW} if seconds is None else seconds)
from fail2ban.client.fail2banregex import exec_command_line
sys.argv[0] = "fail2ban-regex"
exec_command_line()
"""


def record(checkout, case):
    env = dict(os.environ, PYTHONPATH=checkout, TZ=case.get("tz", "UTC"),
               LC_ALL="C.UTF-8", PYTHONHASHSEED=SEED, PYTHONIOENCODING="utf-8:backslashreplace")
    ran = subprocess.run([sys.executable, "-B", "-W", "ignore", "-c", DRIVER] + case["args"],
                         cwd=HERE, env=env, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = ran.stdout.splitlines(True)
    kept = b"".join(line for line in lines if not line.startswith(b"[processed in "))
    with open(os.path.join(HERE, "expected", case["name"] + ".txt"), "wb") as file:
        file.write(kept)
    wanted = case.get("exit", 0)
    if ran.returncode != wanted:
        print(f"{case['name']}: exit status {ran.returncode}, cases.toml says {wanted}")
        print(ran.stdout.decode("utf-8", "replace")[-500:], ran.stderr.decode("utf-8", "replace")[-1500:])
        return False
    return True


def write_readme(cases):
    path = os.path.join(HERE, "README.md")
    with open(path, encoding="utf-8") as file:
        head = file.read().split("<!-- cases -->")[0]
    rows = []
    for case in cases:
        about = case["about"].replace("|", "\\|").replace("<", "&lt;")
        rows.append(f"| `{case['name']}` | {about} |\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + "<!-- cases -->\n| case | what it is about |\n|---|---|\n" + "".join(rows))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    checkout = os.path.abspath(sys.argv[1])
    if not os.path.isfile(os.path.join(checkout, "fail2ban", "client", "fail2banregex.py")):
        sys.exit(f"{checkout} is no checkout of fail2ban")
    with open(os.path.join(HERE, "cases.toml"), "rb") as file:
        cases = tomllib.load(file)["case"]
    wanted = sys.argv[2:]
    chosen = [case for case in cases if not wanted or case["name"] in wanted]
    failed = [case for case in chosen if not record(checkout, case)]
    write_readme(cases)
    print(f"{len(chosen)} recorded, {len(failed)} with another exit status")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
