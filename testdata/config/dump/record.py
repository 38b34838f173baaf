#!/usr/bin/env python3
"""Records what fail2ban-client makes of the configurations of this folder.

usage: record.py COMMAND [NAME...]     COMMAND: how fail2ban-client is called

A configuration is `base` with the files of overlays/NAME laid over it; the call is
`COMMAND -c DIR -d` in DIR. expected/NAME.txt becomes its standard output, with DIR written @CONF@;
its first line is ours: the exit status. tests/suite/doctor_dump.rs compares.
"""
import os, shlex, shutil, subprocess, sys, tempfile

here = os.path.dirname(os.path.abspath(__file__))


def record(command, name):
    with tempfile.TemporaryDirectory() as scratch:
        conf = os.path.join(scratch, "etc")
        shutil.copytree(os.path.join(here, "base"), conf)
        shutil.copytree(os.path.join(here, "overlays", name), conf, dirs_exist_ok=True)
        call = shlex.split(command) + ["-c", conf, "-d"]
        environment = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8")
        ran = subprocess.run(call, cwd=conf, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        with open(os.path.join(here, "expected", name + ".txt"), "w", encoding="utf-8") as out:
            out.write("%d\n%s" % (ran.returncode, ran.stdout.replace(conf, "@CONF@")))


if len(sys.argv) < 2:
    sys.exit(__doc__)
for name in sys.argv[2:] or sorted(os.listdir(os.path.join(here, "overlays"))):
    record(sys.argv[1], name)
