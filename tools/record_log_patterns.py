#!/usr/bin/env python3
"""Writes testdata/pattern/loglike.jsonl: what CPython says of patterns such as filters have.

    python3.13 tools/record_log_patterns.py SEED COUNT > testdata/pattern/loglike.jsonl

testdata/pattern/generate.py has every construct over two letters; here the constructs are
those of failregexes, over log lines that each pattern nearly matches: a text is made from
the pattern's own pieces and then damaged. The committed file is SEED 1, COUNT 400. The form
is that of generate.py; tests/internal/pattern_vectors.rs and tests/internal/pattern_wraps.rs read it.
"""

import json
import random
import re
import signal
import sys
import warnings

warnings.simplefilter("ignore")

WORDS = ["Failed", "failed", "login", "auth", "user", "from", "for", "host", "error:", "invalid",
         "client", "port", "disconnect", "straße", "Größe", "naïve", "SSL", "k", "K"]
ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})"
ADDRESSES = ["192.0.2.1", "198.51.100.77", "2001:db8::1", "::1", "fe80::1:2"]
USERS = ["root", "anna", "bob'x", "", "a b", "jürgen", "user from 192.0.2.9", "x" * 30]


class Maker:
    def __init__(self, rng):
        self.rng = rng

    def one(self, *choices):
        return self.rng.choice(choices)

    def word(self):
        word = self.rng.choice(WORDS)
        return re.escape(word).replace(r"\ ", " "), lambda: word

    def user(self):
        self.groups += 1
        name = f"user{self.groups}"
        body = self.one(r"\S*", r"\S+", r".*", r".*?", r"[^']*", r"[^ ]+", r"(?:(?! from ).)*",
                        r"\w+", r"[^\s']*+", r"(?>\S+)")
        group = self.one("(?P<%s>%%s)" % name, "(%s)", "(?:%s)")
        if group.startswith("(?:"):
            self.groups -= 1
        elif group.startswith("(?P"):
            self.names.append((name, self.groups))
        return group % body, lambda: self.rng.choice(USERS)

    def address(self):
        self.groups += 1
        return f"({ADDRESS})", lambda: self.rng.choice(ADDRESSES)

    def number(self):
        body = self.one(r"\d+", r"\d*", r"\d{1,5}", r"[0-9]+?", r"\d++")
        return body, lambda: str(self.rng.randint(0, 10 ** self.rng.randint(1, 6)))

    def optional(self, depth):
        pattern, text = self.sequence(depth + 1, 3)
        quantifier = self.one("?", "??", "*", "{0,2}", "+", "*?", "?+")
        times = self.rng.choice([0, 1, 1, 2])
        return f"(?:{pattern}){quantifier}", lambda: "".join(text() for _ in range(times))

    def choice(self, depth):
        arms = [self.sequence(depth + 1, 3) for _ in range(self.rng.randint(2, 4))]
        chosen = self.rng.choice(arms)[1]
        group = self.one("(?:%s)", "(?:%s)", "(?>%s)", "(?i:%s)")
        return group % "|".join(pattern for pattern, _ in arms), chosen

    def look(self):
        word = re.escape(self.rng.choice(WORDS))
        look = self.one(f"(?!{word})", rf"(?<!{word})", r"\b", r"\B", r"(?=\S)", r"(?<=\s)",
                        r"(?=.*\d)", f"(?<={word})", r"(?!\s|$)")
        return look, lambda: ""

    def again(self):
        if not self.names:
            return self.word()
        name, number = self.rng.choice(self.names)
        if self.rng.random() < 0.4:
            return f"(?({number})y|n)", lambda: self.rng.choice("yn")
        return f"(?P={name})", lambda: self.rng.choice(USERS)

    def sequence(self, depth=0, most=8):
        parts = []
        for _ in range(self.rng.randint(1, most)):
            roll = self.rng.random()
            if roll < 0.40:
                parts.append(self.word())
            elif roll < 0.52:
                parts.append(self.user())
            elif roll < 0.60:
                parts.append(self.address())
            elif roll < 0.66:
                parts.append(self.number())
            elif roll < 0.76 and depth < 3:
                parts.append(self.optional(depth))
            elif roll < 0.86 and depth < 3:
                parts.append(self.choice(depth))
            elif roll < 0.93:
                parts.append(self.look())
            elif depth == 0:
                # what is inside of a loop or an alternative may not be set yet: also so,
                # but not before it is closed
                parts.append(self.again())
            else:
                parts.append(self.word())
            gap = self.rng.random()
            if gap < 0.6:
                parts.append((" ", lambda: " "))
            elif gap < 0.75:
                parts.append((r"\s*", lambda: self.rng.choice(["", " ", "  "])))
            elif gap < 0.82:
                parts.append((r"[:,\[\]()]?", lambda: self.rng.choice(["", ":", "["])))
        return "".join(p for p, _ in parts), lambda: "".join(t() for _, t in parts)

    def pattern(self):
        self.groups, self.names = 0, []
        pattern, text = self.sequence()
        start = self.one("^", "^", "", r"^\s*", "^.*?", r"\A")
        end = self.one("$", r"\s*$", "", r"\s*(?:\[preauth\])?\s*$", r"\Z")
        return start + pattern + end, text

    def damaged(self, text):
        for _ in range(self.rng.choice([0, 0, 1, 1, 2, 4])):
            at = self.rng.randint(0, len(text))
            kind = self.rng.randrange(5)
            if kind == 0:
                text = text[:at] + text[at + self.rng.randint(1, 3):]
            elif kind == 1:
                text = text[:at] + self.rng.choice(" 1a:é'K\u212a\u017f\u00a0\x1c[]") + text[at:]
            elif kind == 2:
                text = text[:at] + text[max(0, at - 9):at] + text[at:]
            elif kind == 3:
                text = text[:at] + text[at:at + 1].swapcase() + text[at + 1:]
            else:
                text = self.rng.choice(WORDS) + " " + text
        return text + "\n" * (self.rng.random() < 0.8)


class Slow(Exception):
    pass


def alarm(*_):
    raise Slow


def main():
    rng = random.Random(f"loglike {sys.argv[1]}")
    maker = Maker(rng)
    signal.signal(signal.SIGALRM, alarm)
    made = 0
    while made < int(sys.argv[2]):
        pattern, text = maker.pattern()
        flags = "i" if rng.random() < 0.15 else ""
        try:
            compiled = re.compile(pattern, re.I if flags else 0)
        except re.error:
            continue
        results = []
        for _ in range(5):
            line = maker.damaged(text())
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            try:
                found = compiled.search(line)
            except (Slow, SystemError):
                continue
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            spans = found and [list(found.span(g)) for g in range(compiled.groups + 1)]
            results.append({"text": line, "spans": spans})
        case = {"pattern": pattern, "flags": flags, "groups": dict(compiled.groupindex),
                "results": results}
        sys.stdout.write(json.dumps(case, ensure_ascii=False, separators=(",", ":")) + "\n")
        made += 1


main()
