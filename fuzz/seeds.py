#!/usr/bin/env python3
"""Writes fuzz/corpus-seeds from this repository's own testdata, and a few inputs by hand.

Crashers that were found are kept beside them as `found-*`; those are never touched.
"""
import bz2, gzip, json, lzma, pathlib, random

HERE = pathlib.Path(__file__).parent
DATA = HERE.parent / "testdata"
SEEDS = HERE / "corpus-seeds"
RANDOM = random.Random(2026)


def write(target, name, content):
    place = SEEDS / target
    place.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogateescape")
    (place / name).write_bytes(content)


def vectors(*names):
    for name in names:
        with open(DATA / "pattern" / f"{name}.jsonl", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def config():
    def bundle(spec, base, names):
        parts = [spec.encode()]
        for name in names:
            parts.append(b"=> " + name.encode())
            parts.append((base / name).read_bytes().rstrip(b"\n"))
        return b"\n".join(parts) + b"\n"

    dialect = DATA / "config" / "dialect"
    common = ["jail.conf", "paths.conf", "action.d/note.conf"]
    own = {
        "known": ["filter.d/known.conf", "filter.d/known.local"],
        "split": ["filter.d/split.conf", "filter.d/split.local"],
        "loop-a": ["filter.d/loop-a.conf", "filter.d/loop-b.conf"],
    }
    for file in sorted((dialect / "filter.d").glob("*.conf")):
        name = file.stem
        files = own.get(name, [f"filter.d/{name}.conf"])
        extra = ["filter.d/base.conf", "filter.d/part.conf"]
        files = files + [e for e in extra if e not in files]
        write("config", name, bundle(f"{name}[mode=hard]", dialect, files))
    write("config", "jails", bundle("adds", dialect, common + ["filter.d/modes.conf", "filter.d/known.conf"]))
    write("config", "more", bundle("more[logtype=journal]", dialect, common + ["filter.d/known.conf"]))
    write("config", "family", "f[a='x,]', b=\"1 2\"][c=3]\n=> filter.d/f.conf\n[Definition]\nfailregex = <a> <b?family=inet6> <c> <HOST>\n[Init?family=inet6]\nb = ::\n[Init]\nb = <c>\n")
    write("config", "deep", "d\n=> filter.d/d.conf\n[DEFAULT]\n" + "".join(f"a{i} = %(a{i+1})s%(a{i+1})s\n" for i in range(9)) + "a9 = x\n[Definition]\nfailregex = %(a0)s<HOST>\n")
    write("config", "tags", "t\n=> filter.d/t.conf\n[Definition]\nx = <y><y>\ny = <z><z>\nz = <known/z>ab\nfailregex = <m-<n>><HOST>\nn = 1\nm-1 = <x>\n")
    write("config", "includes", "a\n=> filter.d/a.conf\n[INCLUDES]\nbefore = b.conf\n    ../filter.d/c.conf\nafter = c.local\n[Definition]\nfailregex = %(p)s <HOST>$\n=> filter.d/b.conf\n[DEFAULT]\np = b\n=> filter.d/c.conf\n[INCLUDES]\nbefore = a.conf\n[DEFAULT]\np = %(known/p)s c\n=> filter.d/c.local\n[DEFAULT]\np = l\n")


def regexes():
    for case in RANDOM.sample(list(vectors("mixed", "loops", "case", "errors", "oddities")), 60):
        number = abs(hash_of(case["pattern"])) % 10**8
        write("regex_parser", f"v{number:08}", f"{case.get('flags', '')}\n{case['pattern']}")
    tags = r"^(?:<F-MLFID>\S+</F-MLFID>) <F-NOFAIL>x</F-NOFAIL> <HOST>:<F-PORT/> <F-ALT_USER_1>a</F-ALT_USER_1> <SKIPLINES><CIDR>$"
    write("regex_parser", "tags", "\n" + tags)
    write("regex_parser", "flags", "\n((?i)a)|(?x: b # c\n)(?s-m:.)(?a:\\w)")
    write("regex_parser", "counts", "\n(?:a{2,65535}){4294967294}|x{1000000000}?")
    write("regex_parser", "nested", "\n" + "(?:" * 200 + "a" + ")*" * 200)


def hash_of(text):
    value = 0
    for byte in text.encode("utf-8", "surrogatepass"):
        value = (value * 131 + byte) % 2**61
    return value


def machine():
    cases = [c for c in vectors("mixed", "loops", "choices", "case", "long") if "results" in c]
    for case in RANDOM.sample(cases, 120):
        flags = case.get("flags", "") + ("m" if case.get("multiline") else "")
        pattern = case["pattern"]
        texts = [r["text"] for r in case["results"] if len(r["text"]) < 200][:6]
        if "\n" in pattern or not texts:
            continue
        lines = [flags, pattern] + [text.replace("\n", "\\n") for text in texts]
        number = hash_of(pattern) % 10**8
        write("machine", f"v{number:08}", "\n".join(lines))
    hand = [
        ("", r"^(?:(?:::f{4}:)?(\d{1,3}(?:\.\d{1,3}){3})|\[?((?:[0-9a-f]{1,4}::?|:){1,7}(?:[0-9a-f]{1,4}|(?<=:):))\]?)$", ["192.0.2.1", "2001:db8::1", "[::1]"]),
        ("", r"^(?P<s>[-/.])\d+(?P=s)(a)?(?(2)b|c)(?!d)x*+(?>y|yz)z", ["-12-abxxyz", "/1/cyz"]),
        ("i", r"(?:\S+ )*(?:foo|foobar) (?=b)bar.*?\bend$", ["a b FOOBAR bar the end", "ſ foo bar end\\n"]),
        ("m", r"^ab$(?:\n(?:^cd$)?)+", ["ab\\ncd\\n", "x\\nab\\n"]),
        ("", r"^(?:(?!for).)* for (?:(?:invalid )?user )?(\S*) from (\S+)( port \d+)?\s*$", ["Failed password for invalid user x from 192.0.2.1 port 22"]),
    ]
    for number, (flags, pattern, texts) in enumerate(hand):
        write("machine", f"hand{number}", "\n".join([flags, pattern] + texts))


def dates():
    with open(DATA / "date" / "detector.jsonl", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    for number, case in enumerate(RANDOM.sample(cases, 40)):
        pattern = (case["datepattern"] or "").replace("\n", "\\n")
        lines = [pattern, case["tz"] or ""] + [line for line in case["lines"] if "\n" not in line][:12]
        write("dates", f"v{number:02}", "\n".join(lines))
    write("dates", "moments", "-2h\n1d 3h 5mn\nyesterday\n@1795176000")
    write("dates", "times", "2026-11-20 14:30\n+05:30\n2026-11-20T14:30:00Z x")
    write("dates", "percent", "{UNB}%%%ExY-%Exm-%Exd[T ]%ExH:%ExM:%ExS(?:[.,]%f)?(?:\\s*%z)?\\n%a, %d %b %y %l:%M %p {^LN-BEG}EPOCH\nCET\n2026-11-20T14:30:00.5 +0100 x\nFri, 20 Nov 26  2:30 PM\n1795176000.5")


def journals():
    fields = [
        ("SYSLOG_IDENTIFIER", "sshd"), ("_PID", "12"), ("_HOSTNAME", "gate"), ("_COMM", "sshd"),
        ("_SYSTEMD_UNIT", "ssh.service"), ("__REALTIME_TIMESTAMP", "1795176000123456"),
        ("MESSAGE", "Failed password for root from 192.0.2.1 port 22 ssh2"),
    ]
    plain = "".join(f"{k}={v}\n" for k, v in fields) + "\n"
    binary = b"__REALTIME_TIMESTAMP=1795176001000000\nMESSAGE\n" + (11).to_bytes(8, "little") + b"two\nlines\xff\x00\n_COMM=sshd\n\n"
    write("journal", "export", ("_SYSTEMD_UNIT=ssh.service + _COMM=sshd\n" + plain * 2).encode() + binary)
    write("journal", "export-all", b"\n" + binary + plain.encode() + b"MESSAGE\n" + (2**63).to_bytes(8, "little") + b"x\n")
    entry = dict(fields)
    entry["MESSAGE"] = list(b"bytes \xff\n")
    several = dict(fields, _COMM=["sshd", "x"], OTHER=None, MESSAGE="\u2028 \ud83d\ude00")
    write("journal", "json", "_COMM=sshd\n" + json.dumps(entry) + "\n" + json.dumps(several) + "\n")
    write("journal", "json-seq", "\n\x1e" + json.dumps(entry) + "\n\x1e" + json.dumps(several) + "\n")
    write("journal", "json-pretty", "\n" + json.dumps(entry, indent="\t") + "\n" + json.dumps(several, indent="\t") + "\n")
    write("journal", "sse", "\ndata: " + json.dumps(several) + "\n\n")
    write("journal", "text", "\n{ not a journal\nMESSAGE without\n")


def decompress():
    log = (DATA / "logs" / "auth.log").read_bytes()[:1500]
    for kind in ["gzip", "xz", "zstd", "bzip2", "lz4"]:
        write("decompress", kind, kind.encode() + b"\n" + log)
        write("decompress", f"{kind}-cut", kind.encode() + b" 60\n" + log)
        write("decompress", f"{kind}-changed", kind.encode() + b" 100000 30\n" + log)
        write("decompress", f"{kind}-long", kind.encode() + b"\n" + b"same line again\n" * 1000)
    write("decompress", "raw-gzip", b"raw\n" + gzip.compress(log, mtime=0) * 2)
    write("decompress", "raw-xz", b"raw\n" + lzma.compress(log) + lzma.compress(b"x\n"))
    write("decompress", "raw-bzip2", b"raw\n" + bz2.compress(log) + b"rest")
    write("decompress", "raw-zstd", b"raw\n\x28\xb5\x2f\xfd\x04\x58\x19\x00\x00abc\n\x00")
    write("decompress", "raw-lz4", b"raw\n\x04\x22\x4d\x18\x40\x40\xc0\x04\x00\x00\x80abc\n\x00\x00\x00\x00")
    write("decompress", "raw-skippable", b"raw\n\x50\x2a\x4d\x18\x02\x00\x00\x00ab")
    write("decompress", "raw-bomb", b"raw\n" + gzip.compress(gzip.compress(bytes(20_000_000), mtime=0), mtime=0))


def logs():
    samples = [DATA / "logs" / "auth.log", DATA / "check" / "logs" / "shop", DATA / "bench" / "asterisk" / "pbx.log", *sorted((DATA / "simulate" / "logs").iterdir())]
    for number, file in enumerate(samples):
        write("lines", file.name, f"{number * 77 + 5}\n".encode() + file.read_bytes()[:2500])
    hand = {
        "mixed": "Nov 20 03:11:00 gate sshd[1]: Failed password for root from 192.0.2.1 port 22 ssh2\n2026-11-20T03:11:01.5+0100 gate sshd[1]: Invalid user x from 2001:db8::1\n[20/Nov/2026:03:12:00 +0000] x\n\n# no\n1795176000 y\r\n03:12:00 gate sshd[1]: Connection closed by 192.0.2.1\n",
        "apache": "[Fri Nov 20 11:59:59.123456 2026] [auth_basic:error] [pid 5:tid 7] [client 192.0.2.3:1234] AH01617: user x: authentication failure for \"/\": Password Mismatch\n192.0.2.4 - - [20/Nov/2026:11:00:00 +0000] \"GET /wp-login.php HTTP/1.1\" 404 12 \"-\" \"Mozilla\"\n",
        "mail": "Nov 20 03:11:00 mx postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 554 5.7.1 <a@b>: Relay access denied; from=<x> to=<y> proto=ESMTP helo=<z>\nNov 20 03:11:02 mx dovecot: imap-login: Disconnected (auth failed, 3 attempts in 6 secs): user=<u>, method=PLAIN, rip=192.0.2.10, lip=192.0.2.1\n2026-11-20 03:11:03 H=(x) [192.0.2.11] F=<a@b> rejected RCPT <c@d>: relay not permitted\n",
        "odd": "Feb 30 25:61:61 gate sshd[1]: Failed password for \x1b[31mroot\x1b[0m from 192.0.2.1\x00\nNov 20 03:11:00 gate sshd[1]: Failed password for \u00e9\ufffd from 192.0.2.256 port x\r\r\n\u2028\x85Nov 20\n",
    }
    for number, (name, text) in enumerate(hand.items()):
        write("lines", name, f"{number * 131}\n" + text)


for make in [config, regexes, machine, dates, journals, decompress, logs]:
    make()
