#!/usr/bin/env python3
"""Records what a real fail2ban server did with logs written line by line, for tests/suite/actual.rs.

    python3 testdata/actual/record.py /path/to/fail2ban [plain] [planted]

Runs the server of a checkout in the foreground, in a scratch directory, with a configuration of its
own and an action that does nothing. Lines are written with the time of their writing. Each recording
takes about two minutes; what it leaves in testdata/actual/NAME:

    conf/              the configuration, with paths that begin at the repository's root
    *.log              the logs that the jails read
    fail2ban.log       the server's log, in UTC
    fail2ban.sqlite3   its database
    steps.log          what was done when, for people

plain   Thirty bans, one restart in between, nothing else: the rules explain all of it.
planted What the rules do not know: a ban and an unban by hand, an address ignored for a while,
        another maxretry for a while, a restart amid failures, a server that is down, a log rotated
        before it was read, a log whose clock is an hour behind.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

FAIL2BAN_CONF = """[Definition]
loglevel = INFO
logtarget = {place}/fail2ban.log
syslogsocket = auto
socket = {scratch}/server.sock
pidfile = {scratch}/server.pid
dbfile = {place}/fail2ban.sqlite3
dbpurgeage = 1d
dbmaxmatches = 10
allowipv6 = yes
"""

DOOR = r"""# A daemon that asks for passwords.

[Definition]
failregex = ^\s*\S+ (?:door|till|yard)\[\d+\]: wrong password from <HOST>$
            ^\s*\S+ (?:door|till|yard)\[\d+\]: no such user from <HOST>$
"""

NOTHING = """# An action that does nothing.

[Definition]
actionstart =
actionstop =
actioncheck =
actionban =
actionunban =
"""

PLAIN = """# The jails of a recorded server: testdata/actual/record.py.

[DEFAULT]
enabled = true
backend = polling
filter = door
action = nothing
usedns = no
ignoreself = false
ignoreip = 192.0.2.200
logs = testdata/actual/plain

[door]
logpath = %(logs)s/door.log
maxretry = 3
findtime = 20
bantime = 8

[till]
logpath = %(logs)s/till.log
maxretry = 2
findtime = 20
bantime = 3
bantime.increment = true
bantime.multipliers = 1 2 6
"""

PLANTED = """# The jails of a recorded server: testdata/actual/record.py.

[DEFAULT]
enabled = true
backend = polling
filter = door
action = nothing
usedns = no
ignoreself = false
ignoreip = 192.0.2.200
logs = testdata/actual/planted
maxretry = 3
findtime = 10
bantime = 8

[door]
logpath = %(logs)s/door.log

[yard]
logpath = %(logs)s/yard.log
"""


class Recording:
    """A server at work, and the logs it reads."""

    def __init__(self, upstream, scratch, name, jails):
        self.upstream = Path(upstream).resolve()
        self.scratch = Path(scratch)
        self.place = Path("testdata/actual") / name
        self.root = self.scratch / self.place
        self.server = None
        conf = self.root / "conf"
        for folder in ("filter.d", "action.d"):
            (conf / folder).mkdir(parents=True)
        own = FAIL2BAN_CONF.format(place=self.place, scratch=self.scratch)
        (self.scratch / "fail2ban.conf").write_text(own)
        (conf / "fail2ban.conf").write_text(own)
        (conf / "jail.conf").write_text(jails)
        (conf / "filter.d/door.conf").write_text(DOOR)
        (conf / "action.d/nothing.conf").write_text(NOTHING)
        for jail in ("door", "till", "yard"):
            if f"[{jail}]" in jails:
                self.line(jail, "started", shift=0)
        self.began = time.time()

    def run(self, *command, **more):
        environment = {**os.environ, "PYTHONPATH": str(self.upstream), "TZ": "UTC"}
        conf = ["-c", str(self.place / "conf")]
        program = [sys.executable, str(self.upstream / "bin" / command[0]), *conf, *command[1:]]
        return subprocess.Popen(program, cwd=self.scratch, env=environment, **more)

    def client(self, *command):
        self.step("client " + " ".join(command))
        if self.run("fail2ban-client", *command, stdout=subprocess.DEVNULL).wait() != 0:
            raise RuntimeError(f"fail2ban-client {command} failed")

    def start(self):
        self.step("start")
        self.server = self.run("fail2ban-server", "-f", "start", stdout=subprocess.DEVNULL)
        while "started" not in self.server_log().rpartition("Starting Fail2ban")[2]:
            time.sleep(0.1)
        time.sleep(2)

    def stop(self):
        self.step("stop")
        self.server.send_signal(signal.SIGTERM)
        self.server.wait()

    def server_log(self):
        path = self.root / "fail2ban.log"
        return path.read_text() if path.exists() else ""

    def step(self, text):
        stamp = time.strftime("%H:%M:%S", time.gmtime())
        with open(self.root / "steps.log", "a") as steps:
            steps.write(f"{stamp} {text}\n")

    def line(self, jail, message, shift=0):
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + shift))
        with open(self.root / f"{jail}.log", "a") as log:
            log.write(f"{stamp} gate {jail}[7]: {message}\n")

    def fail(self, jail, *addresses, times=3, shift=0):
        """Each address fails, once in two seconds: the server reads them one by one."""
        for number in range(times):
            self.wait()
            for address in addresses:
                kind = "no such user" if number == 1 else "wrong password"
                self.line(jail, f"{kind} from {address}", shift)
            self.wait()

    @staticmethod
    def wait(seconds=1):
        """Waits, to the middle of a second: lines and the server's looks are not on its edge."""
        end = int(time.time()) + seconds + 0.4
        time.sleep(max(0, end - time.time()))


def plain(recording):
    many = [f"192.0.2.{n}" for n in range(1, 9)]
    recording.start()
    recording.fail("door", *many, "2001:db8::5")
    recording.fail("door", "192.0.2.77", "192.0.2.200", times=2)
    recording.fail("till", "198.51.100.1", "198.51.100.2", "198.51.100.3", times=2)
    recording.wait(6)
    recording.fail("door", *many)
    recording.fail("till", "198.51.100.1", "198.51.100.2", "198.51.100.3", times=1)
    recording.wait(8)
    # goes on while banned: "already banned", and a longer ban
    recording.fail("door", "203.0.113.9", times=6)
    recording.fail("till", "198.51.100.1", "198.51.100.2", times=1)
    recording.wait(4)
    # the last bans are in force still: they are restored
    recording.stop()
    recording.wait(3)
    recording.start()
    recording.wait(3)
    recording.fail("door", *many[:4])
    recording.wait(8)
    recording.stop()


def planted(recording):
    door = recording.root / "door.log"
    recording.start()
    recording.fail("door", "203.0.113.10")
    recording.client("set", "door", "banip", "203.0.113.50")
    recording.fail("door", "203.0.113.60")
    recording.client("set", "door", "unbanip", "203.0.113.60")
    recording.fail("door", "203.0.113.60")
    recording.client("set", "door", "addignoreip", "203.0.113.70")
    recording.fail("door", "203.0.113.70")
    recording.wait(2)
    recording.client("set", "door", "delignoreip", "203.0.113.70")
    recording.client("set", "door", "maxretry", "5")
    recording.fail("door", "203.0.113.80", times=4)
    recording.client("set", "door", "maxretry", "3")
    recording.wait(2)
    recording.fail("yard", "203.0.113.120", "203.0.113.121", shift=-3600)
    recording.wait(6)
    recording.fail("door", "203.0.113.90", times=2)
    recording.stop()
    recording.start()
    recording.fail("door", "203.0.113.90", times=1)
    recording.wait(3)
    recording.stop()
    recording.fail("door", "203.0.113.100")
    recording.wait(14)
    recording.fail("door", "203.0.113.101")
    recording.start()
    recording.wait(3)
    # three lines at once, and the file is gone before the server looks
    recording.step("rotate")
    for kind in ("wrong password", "no such user", "wrong password"):
        recording.line("door", f"{kind} from 203.0.113.110")
    door.rename(door.with_name("door.log.1"))
    recording.line("door", "started")
    recording.wait(4)
    recording.fail("door", "203.0.113.11")
    recording.wait(10)
    recording.stop()


RECORDINGS = {"plain": (plain, PLAIN), "planted": (planted, PLANTED)}


def main():
    upstream, *names = sys.argv[1:]
    for name in names or RECORDINGS:
        steps, jails = RECORDINGS[name]
        with tempfile.TemporaryDirectory() as scratch:
            recording = Recording(upstream, scratch, name, jails)
            steps(recording)
            kept = recording.root / "conf/fail2ban.conf"
            kept.write_text(kept.read_text().replace(f"{scratch}/", ""))
            shutil.rmtree(HERE / name, ignore_errors=True)
            shutil.copytree(recording.root, HERE / name)
            (HERE / name / "fail2ban.sqlite3").chmod(0o644)
            print((HERE / name / "fail2ban.log").read_text())


if __name__ == "__main__":
    main()
