#!/usr/bin/env python3
"""Looks for differences from fail2ban-regex: random filters over random hostile logs.

usage: hunt.py BINARY FAIL2BAN_CHECKOUT [--seed N] [--seconds N] [--keep DIRECTORY]

Each case is a filter of random parts and a log with odd dates, bytes that are no text, NULs,
carriage returns, long lines, read by both programs with the same options; the reports of
`--format classic` must be the same but for the seconds. Each case also runs with 1 and with
8 threads. Differences are kept in the directory as CASE.conf, CASE.log and CASE.txt.

Runs fail2ban in forks of this process, which is far faster than starting it. Use the
CPython whose `re` is the model: 3.13.
"""

import argparse
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings

PARSER = argparse.ArgumentParser()
PARSER.add_argument("binary")
PARSER.add_argument("checkout")
PARSER.add_argument("--seed", type=int, default=1)
PARSER.add_argument("--seconds", type=float, default=60)
PARSER.add_argument("--keep", default="hunt")

DATES = [
    "Nov 20 03:{m:02}:{s:02} ", "2026-11-20 03:{m:02}:{s:02} ", "2026-11-20T03:{m:02}:{s:02}.123+0100 ",
    "20/Nov/2026:03:{m:02}:{s:02} +0000 ", "[Fri Nov 20 03:{m:02}:{s:02}.55 2026] ", "Fri Nov 20 03:{m:02}:{s:02} 2026 ",
    "17951433{s:02}.5 ", "17951433{s:02} ", "2026-02-30 03:{m:02}:{s:02} ", "Feb 29 03:{m:02}:{s:02} ",
    "20-11-2026 03:{m:02}:{s:02} ", "03:{m:02}:{s:02} ", "11/20/26 03:{m:02}:{s:02} ", "20.11.2026 03:{m:02}:{s:02} ",
    "@4000000031e5414600000000 ", "", "Nov 20 25:{m:02}:{s:02} ", "nov 20 03:{m:02}:{s:02} ", "Nov  3 03:{m:02}:{s:02}, ",
    "2026-11-20 03:{m:02}:{s:02},123 CET ", "<20/Nov/2026 03:{m:02}:{s:02}> ", "20261120T03{m:02}{s:02} ",
    "Nov\t20 03:{m:02}:{s:02} ", "2026-13-20 03:{m:02}:{s:02} ", "Nov 20 2026 03:{m:02}:{s:02} ", "Nov 20, 2026 3:{m:02}:{s:02} PM ",
]
HOSTS = ["192.0.2.1", "198.51.100.77", "2001:db8::1", "::ffff:192.0.2.5", "256.1.1.1", "host.example.com",
         "[2001:db8::2]", "192.0.2.1:22", "::1", "1.2.3", "0192.000.002.001", "fe80::1%eth0", "x", "", "192.0.2.0/24"]
USERS = ["root", "anna", "o'hara", "", "a b", "j\u00fcrgen", "x from 192.0.2.9", "\u2028", "\x1b[31m", "\0", "K\u017f\u212a"]
MIDDLES = ["login failed for {u} from {h}", "invalid user {u} from {h} port 22", "connection closed by {h}",
           "{u}: error [client {h}]", "session {i} opened for {u}", "session {i} closed", "session {i} failed from {h}",
           "failed {h} {h}", "auth {u} {h} ok", "", "#", "\u00e9\u00e8 {h}", "id={i} rhost={h} user={u}"]
BODIES = [r"login failed for <F-USER>{any}</F-USER> from <HOST>", r"invalid user <F-USER>{any}</F-USER> from <HOST>(?: port \d+)?",
          r"connection closed by <HOST>", r"{any}: error \[client <HOST>\]", r"(?:invalid|failed) {any}<HOST>",
          r"<F-MLFID>session \d+</F-MLFID> (?:opened for <F-USER>{any}</F-USER>|failed from <HOST>)",
          r"<F-NOFAIL><F-MLFID>session \d+</F-MLFID></F-NOFAIL> opened for <F-ALT_USER>{any}</F-ALT_USER>",
          r"<F-MLFFORGET><F-MLFID>session \d+</F-MLFID></F-MLFFORGET> closed", r"<F-MLFGAINED><F-MLFID>session \d+</F-MLFID></F-MLFGAINED> closed",
          r"id=<F-ID>\S+</F-ID>", r"rhost=<HOST> user=<F-USER>\S*</F-USER>", r"<SUBNET>", r"failed <CIDR>", r"<ADDR> <ADDR>",
          r"auth <F-USER>{any}</F-USER> <IP4>", r"auth <F-TUPLE_USER>\S+</F-TUPLE_USER> <HOST>", r"(?:(?!ok).)*<HOST> ok",
          r"\S+ <IP6>", r"[\u00e9\u00e8]+ <DNS>", r"<F-ID/>", r"auth <F-ID>(?P<x>\w+)</F-ID> (?(x)<HOST>|y)",
          # a match may name nobody: its groups took no part
          r"failed (?:<HOST> x|)", r"session \d+|login failed for \S* from <HOST>", r"(?:<F-ID>id=1</F-ID>)?{any}", r"(?:<F-MLFID>session [12]</F-MLFID>)?.*",
          r"auth (?:<F-USER>{any}</F-USER>)?(?: <HOST> x)?", r"<F-ALT_ID>id=\d</F-ALT_ID>|auth", r"failed (?P<failures>\S+) <HOST>",
          r"<F-TUPLE_ID>session</F-TUPLE_ID> <F-ID>\d+</F-ID>", r"<F-MLFID>session \d+</F-MLFID> (?P<mlfpending>\w+)(?: from <HOST>)?"]
ANY = [r"\S*", r".*", r".*?", r"[^']*", r"\S+", r"(?:\S+ )*", r"\w*+", r"(?:a|\S)*", r"(?>\S*)"]
TEMPLATES = ["", "", "", "", "datepattern = {^LN-BEG}", r"datepattern = ^%%Y-%%m-%%d[ T]%%H:%%M:%%S(?:[.,]%%f)?(?:\s*%%z)?",
             "datepattern = {^LN-BEG}%%b %%d %%H:%%M:%%S\n              EPOCH", "datepattern = {NONE}", "datepattern = {DEFAULT}\n  {^LN-BEG}",
             r"datepattern = %%d/%%b/%%Y:%%H:%%M:%%S %%z", "datepattern = {^LN-BEG}EPOCH", r"datepattern = \b%%Exd[-/]%%b[-/]%%ExY", "datepattern = ^({DATE})",
             "datepattern = {UNB}{^LN-BEG}%%b %%d", "datepattern = **%%H:%%M:%%S", "datepattern = TAI64N",
             # bad ones: at the start, at the first line that is searched, never
             "datepattern = %%Y-%%q", "datepattern = (%%Y", "datepattern = ^%%Y-%%m(?P<x>", "datepattern = {^LN-BEG}(", "datepattern = %%H:%%M\n  %%H:%%M",
             "datepattern = [%%Y", r"datepattern = ^(?P<Y>\d+)?", "datepattern = EPOCH(", "datepattern = ^\\s*%%Y(?:"]


def regex(rng):
    start = rng.choice(["^", "^", r"^\s*", "", "^%(pre)s", r"^<pre>"])
    end = rng.choice(["$", r"\s*$", "", r"\s*(?:\[preauth\])?\s*$", r"\b"])
    return start + rng.choice(BODIES).replace("{any}", rng.choice(ANY)) + end


def make_filter(rng):
    lines = ["[DEFAULT]", r"pre = \s*(?:\S+ )?", "[Definition]"]
    if rng.random() < 0.35:
        lines.append("prefregex = " + rng.choice([r"^\s*<F-CONTENT>.+</F-CONTENT>$", r"^(?:\S+ )?<F-CONTENT>(?:login|session|auth).*</F-CONTENT>$",
                                                  r"<F-MLFID>session \d+</F-MLFID> <F-CONTENT>.+</F-CONTENT>", r"^.*"]))
    count = rng.choice([1, 1, 2, 3, 6])
    lines.append("failregex = " + "\n            ".join(regex(rng) for _ in range(count)))
    ignores = rng.choice([0, 0, 0, 1, 2, 4])
    patterns = [rng.choice([r"anna", r"from <ADDR>$", r"^\s*session", r"user=\S+$", r"root from", r"\d+$", r"port 22$"]) for _ in range(ignores)]
    if patterns:
        lines.append("ignoreregex = " + "\n              ".join(patterns))
    if rng.random() < 0.15:
        lines.append(f"maxlines = {rng.choice([2, 3, 5])}")
    if rng.random() < 0.1:
        lines.append("journalmatch = " + rng.choice(["_SYSTEMD_UNIT=b.service + _COMM=a", "_COMM=z\n    _COMM=a\n    _COMM=m + _UID=0",
                                                     "_UID=1 _UID=0 + _PID=1 + _UID=1"]))
    if rng.random() < 0.04:
        lines.append("ignoreregex = " + rng.choice(["(", "a(?P<n>", "[z-a]", "*x"]))
    template = rng.choice(TEMPLATES)
    if template:
        lines.append(template)
    return "\n".join(lines) + "\n"


OUT_FORMS = ["id", "fid", "ip", "msg", "row", "host", "user", "mlfid", "nofail", "ip4", "nope", "matches", "failures", "users",
             "<F-USER> <ip> <fid>", "<raw-ticket>", "<F-*>", "<F-MATCHES>|<matches>", "<failures>|<F-FAILURES>|<bancount>|<restored>",
             "<time> <ip-rev> <family>", "<msg>|<F-MLFID>", "<fid><br><sp>x <nope> <F-NOPE>", "a<b <ip> c>d", "<F-ID>,<F-ALT_ID>,<ip-host>"]
ENCODINGS = ["latin-1", "ascii", "utf-8", "cp1252", "utf-8-sig", "koi8-r", "shift_jis", "utf-16-le", "iso8859-15", "iso8859-9", "mac-roman",
             "cp437", "cp932", "euc_jp", "gb2312", "gbk", "gb18030", "big5", "cp950", "big5hkscs", "euc_kr", "cp949", "iso2022_jp", "windows-1251"]


def options(rng):
    """Options of one run."""
    roll = rng.random()
    if roll < 0.3:
        extra = ["-o", rng.choice(OUT_FORMS)]
        if rng.random() < 0.15:
            extra.insert(0, "-i")
    elif roll < 0.5:
        extra = ["-D"] if rng.random() < 0.5 else []
        extra += ["-e", rng.choice(ENCODINGS)] if rng.random() < 0.7 else []
    else:
        extra = rng.choice([[], [], ["-v"], ["--VD", "-v"], ["--no-check-all"], ["--no-check-all", "-v"], ["--raw"],
                            ["--TZ", "UTC+0300"], ["--maxlines", "3"], ["-d", "{^LN-BEG}"], ["-d", "%Y-%m-%d("], ["-d", "%q"],
                            ["-m", "_COMM=b + _COMM=a"]])
    return extra


def make_log(rng, lines):
    out = []
    style = rng.sample(DATES, rng.choice([1, 1, 2, 4, 12]))
    for number in range(lines):
        date = rng.choice(style).format(m=(number // 60) % 60, s=number % 60)
        text = date + rng.choice(["", "", "host ", "app[1]: "])
        text += rng.choice(MIDDLES).format(u=rng.choice(USERS), h=rng.choice(HOSTS), i=rng.randint(1, 4))
        line = text.encode("utf-8", "surrogatepass")
        roll = rng.random()
        at = rng.randint(0, len(line))
        if rng.random() < 0.1:
            junk = rng.choice([b"\x1b$B0!", b"\x1b(B", b"\x1b(J\\", bytes(rng.randrange(128, 256) for _ in range(rng.randint(1, 6)))])
            line = line[:at] + junk + line[at:]
        if roll < 0.03:
            line = line[:at] + bytes([rng.choice([0, 0xff, 0x80, 0xc3, 0x1c, 0x85, 0x0b, 0x0c, 0x0d])]) + line[at:]
        elif roll < 0.05:
            line = line[:at] + line[at:at + 5] * rng.choice([2, 30, 300]) + line[at:]
        elif roll < 0.07:
            line = line[:at]
        elif roll < 0.09:
            line = rng.choice([b" ", b"\t", b"[", b"#", b"\xef\xbb\xbf"]) + line
        elif roll < 0.1:
            line += b" " * rng.choice([1, 5, 2000])
        out.append(line + rng.choice([b"\n"] * 30 + [b"\r\n", b"\r\r\n", b"\n\n", b" \n", b"\r", b"\0\n"]))
    return b"".join(out)


def same(text):
    text = re.sub(rb"\[processed in [\d.]+ sec\]", b"[processed]", text)
    # where it lies
    text = re.sub(rb"Use         log file : \S+", b"Use log", text)
    # now, of failures without a date: to the second
    today = time.strftime("%a %b %e ").encode() + rb"\d\d:\d\d:\d\d" + time.strftime(" %Y").encode()
    text = re.sub(today, b"[now]", text)
    # in rows, as a number
    now = lambda found: b"[now]" if abs(float(found[0]) - time.time()) < 60 else found[0]
    text = re.sub(rb"\b17\d{8}\.\d+", now, text)
    # a set has no order
    return re.sub(rb"'users': \{[^}]*\}", lambda users: b",".join(sorted(users[0].split(b", "))), text)


def oracle(directory, arguments):
    """Runs fail2ban-regex in a fork; its output and status, None if it takes too long."""
    out = os.path.join(directory, "upstream.out")
    child = os.fork()
    if child == 0:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8", errors="surrogateescape")
        signal.alarm(20)
        status = 0
        try:
            from fail2ban.client import fail2banregex
            fail2banregex.exec_command_line(arguments)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:
            status = 1
        try:
            sys.stdout.flush()
        except BaseException:
            pass
        os._exit(status & 255)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    with open(out, "rb") as text:
        return os.WEXITSTATUS(status), same(text.read())


def ours(binary, arguments):
    ran = subprocess.run([binary, "--format", "classic"] + arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return ran.returncode, same(ran.stdout), ran.stderr


def main():
    given = PARSER.parse_args()
    warnings.simplefilter("ignore")
    sys.path.insert(0, given.checkout)
    from fail2ban.client import fail2banregex  # noqa: F401  (loaded once, for all forks)
    binary = os.path.abspath(given.binary)
    end = time.time() + given.seconds
    number = different = slow = died = 0
    with tempfile.TemporaryDirectory(prefix="f2b-hunt-") as directory:
        conf, log = os.path.join(directory, "app.conf"), os.path.join(directory, "app.log")
        while time.time() < end:
            number += 1
            rng = random.Random(f"{given.seed} {number}")
            filter_text = make_filter(rng)
            log_bytes = make_log(rng, rng.choice([3, 10, 40, 200]))
            with open(conf, "w", encoding="utf-8") as file:
                file.write(filter_text)
            with open(log, "wb") as file:
                file.write(log_bytes)
            extra = options(rng)
            usedns = ["--usedns", rng.choice(["no", "raw"])]
            lists = ["--print-all-matched", "--print-all-missed", "--print-all-ignored"]
            arguments = [log, conf] + extra + usedns + (lists if "-o" not in extra else [])
            theirs = oracle(directory, arguments)
            if theirs is None:
                slow += 1
                continue
            if theirs[0] == 1:
                # an exception nobody expected, such as for a NUL in an address
                died += 1
                continue
            one = ours(binary, arguments + ["--threads", "1"])
            many = ours(binary, arguments + ["--threads", "8"])
            if one[:2] == theirs and many[:2] == theirs:
                continue
            different += 1
            os.makedirs(given.keep, exist_ok=True)
            keep = os.path.join(given.keep, f"{given.seed}-{number}")
            shutil.copy(conf, keep + ".conf")
            shutil.copy(log, keep + ".log")
            with open(keep + ".txt", "wb") as file:
                file.write(repr(arguments).encode() + b"\n")
                for name, (status, text) in [("upstream", theirs), ("1 thread", one[:2]), ("8 threads", many[:2])]:
                    file.write(f"=== {name}: {status}\n".encode() + text)
                file.write(b"=== standard error\n" + one[2])
            print(f"{number}: differs, see {keep}.txt", flush=True)
    print(f"{number} cases, {different} differ, {slow} took upstream too long, {died} killed it")


main()
