"""Write vectors: what CPython 3.13's `re` says of random patterns and texts.

    python3.13 testdata/pattern/generate.py KIND SEED COUNT > testdata/pattern/KIND.jsonl

KIND is one of `mixed` (every construct), `loops` (loops that can match empty,
possessive and atomic pieces, captures in them), `choices` (conditionals on groups that
alternatives decide, tempered dots, literals after loops), `counts` (counted repeats of counted
repeats), `case` (IGNORECASE and Unicode), `errors` (mutations of valid patterns, mostly
refused), `long` (long lines). The
committed files are `KIND 1 COUNT` with the counts in `COUNTS`; larger runs with
other seeds are for development.

One object a line: pattern, flags (letters), and either `error` or `groups` and
`results` of {text, pos, spans}; spans are code points, [-1, -1] for a group that
took no part, null for no match.
"""

import json
import random
import re
import signal
import sys
import warnings

COUNTS = {"mixed": 800, "loops": 800, "choices": 800, "counts": 800, "case": 500, "errors": 700, "long": 60}

warnings.simplefilter("ignore")


class Slow(Exception):
    pass


def alarm(*_):
    raise Slow


signal.signal(signal.SIGALRM, alarm)

LETTERS = "ab"
ODD = "é:1 \n"
CASED = "aAkKsSiIıİſKßẞσςΣµμåÅÅǆǅéÉθϑΘ𐐀𐐨ﬅﬆ1_ΐΐᲀвВꙋ\u0345ιᾳᾼ"


class Maker:
    """Random patterns over a small alphabet, so that they often match."""

    def __init__(self, rng, kind):
        self.rng = rng
        self.kind = kind

    def pattern(self):
        self.groups = 0
        self.closed = []
        self.names = {}
        self.size = self.rng.randint(1, 14)
        prefix = ""
        if self.rng.random() < 0.1:
            prefix = "(?" + self.rng.choice("imsxa") + ")"
        return prefix + self.alternatives(0)

    def alternatives(self, depth):
        count = 1 if self.rng.random() < 0.7 else self.rng.randint(2, 4)
        return "|".join(self.sequence(depth) for _ in range(count))

    def sequence(self, depth):
        return "".join(self.repeated(depth) for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3, 4])))

    def counted(self):
        """A repeat of a repeat, perhaps of another one, mostly greedy, of few characters."""
        rng = self.rng
        item = rng.choice(["a", "a", "[ab]", "ab?", "(?:a|ab)", "a|ab", "b|a", "(?:a)", "(a)", "(?=a)a", "", r"\b", "a?"])
        for _ in range(rng.choice([2, 2, 3])):
            count = rng.choice(["?", "*", "+", "{2}", "{3}", "{0}", "{,2}", "{1,2}", "{1,3}", "{2,3}", "{0,1}", "{2,}", "{1}"])
            item = f"(?:{item}){count}" + rng.choice(["", "", "", "", "?", "+"])
        return item

    def repeated(self, depth):
        self.size -= 1
        if self.kind == "counts" and self.rng.random() < 0.5:
            return self.counted()
        item, can_repeat = self.atom(depth)
        odds = 0.6 if self.kind == "loops" else 0.35
        if can_repeat and self.rng.random() < odds:
            item += self.rng.choice(
                ["*", "+", "?", "*", "+", "?", "{2}", "{1,2}", "{,2}", "{2,}", "{0,3}", "{1,3}", "{0}", "{3,}", "{1}"]
            )
            item += self.rng.choice(["", "", "", "?", "+"] if self.kind != "loops" else ["", "", "?", "+", "+"])
        return item

    def char(self):
        rng = self.rng
        if self.kind == "case":
            return rng.choice(CASED)
        return rng.choice(LETTERS * 4 + ODD)

    def members(self):
        rng = self.rng
        out = ""
        for _ in range(rng.randint(1, 3)):
            what = rng.random()
            if what < 0.5:
                out += re.escape(self.char())
            elif what < 0.75:
                low, high = sorted([self.char(), self.char()])
                if self.kind == "case" and rng.random() < 0.5:
                    low, high = sorted([self.char(), chr(rng.choice([0x7F, 0x2FF, 0xFFFF, 0x10450, 0x40, 0x41, 0x5A]))])
                out += f"{re.escape(low)}-{re.escape(high)}"
            else:
                out += rng.choice([r"\d", r"\w", r"\s", r"\W", r"\S", r"\D"])
        return out

    def atom(self, depth):
        rng = self.rng
        if self.kind == "choices":
            special = self.choice(depth)
            if special:
                return special
        what = rng.random()
        if depth > 4 or self.size < 0:
            what *= 0.5
        if what < 0.28:
            return re.escape(self.char()), True
        if what < 0.34:
            return ".", True
        if what < 0.40:
            return rng.choice([r"\w", r"\d", r"\s", r"\S", r"\W", r"\D"]), True
        if what < 0.46:
            return "[" + rng.choice(["", "", "^"]) + self.members() + "]", True
        if what < 0.50:
            return rng.choice(["^", "$", r"\b", r"\B", r"\A", r"\Z"]), False
        if what < 0.66:
            self.groups += 1
            mine = self.groups
            name = ""
            if rng.random() < 0.3:
                name = f"?P<g{mine}>"
            if rng.random() < 0.15:
                inside = f"(?({mine})a|b)" if rng.random() < 0.6 else ""
                inside = self.sequence(depth + 1) + inside + self.sequence(depth + 1)
            else:
                inside = self.alternatives(depth + 1)
            self.closed.append((mine, name))
            return f"({name}{inside})", True
        if what < 0.76:
            return f"(?:{self.alternatives(depth + 1)})", True
        if what < 0.81:
            return f"(?>{self.alternatives(depth + 1)})", True
        if what < 0.84:
            on = "".join(rng.sample("imsx", rng.randint(0, 2)))
            off = "".join(rng.sample([f for f in "imsx" if f not in on], rng.randint(0, 1)))
            if rng.random() < 0.3:
                on += rng.choice("au")
            flags = on + ("-" + off if off else "")
            return f"(?{flags}:{self.alternatives(depth + 1)})", True
        if what < 0.88:
            return f"(?{rng.choice('=!')}{self.alternatives(depth + 1)})", True
        if what < 0.92:
            inside = "".join(self.fixed() for _ in range(rng.randint(0, 3)))
            if rng.random() < 0.3:
                inside += "|" + "".join(self.fixed() for _ in range(rng.randint(0, 3)))
            return f"(?<{rng.choice('=!')}{inside})", True
        if what < 0.96 and self.closed:
            number, name = rng.choice(self.closed)
            if name and rng.random() < 0.5:
                return f"(?P=g{number})", True
            return f"\\{number}" if number < 10 and rng.random() < 0.9 else f"(?:\\{number})", True
        if self.groups or rng.random() < 0.3:
            number = rng.randint(1, self.groups + 1)
            yes, no = self.sequence(depth + 1), self.sequence(depth + 1)
            return f"(?({number}){yes}" + (f"|{no})" if rng.random() < 0.7 else ")"), True
        return re.escape(self.char()), True

    def literal(self):
        return "".join(re.escape(self.char()) for _ in range(self.rng.randint(1, 3)))

    def choice(self, depth):
        rng = self.rng
        what = rng.random()
        if what < 0.12:
            return f"(?:(?!{self.literal()}){rng.choice(['.', '.', '[^b]', 'a'])})", True
        if what < 0.24:
            return self.literal(), False
        if what < 0.30:
            return f"(?:{self.literal()}|{self.literal()}){{{rng.randint(1, 3)}}}", False
        if depth < 4 and what < 0.44:
            self.groups += 1
            mine = self.groups
            inside = self.sequence(depth + 1)
            self.closed.append((mine, ""))
            group = f"({inside})"
            shape = rng.random()
            if shape < 0.4:
                return group + rng.choice(["?", "??"]), False
            if shape < 0.7:
                return f"(?:{group}|{self.sequence(depth + 1)})", False
            self.groups += 1
            return f"({group}|{self.sequence(depth + 1)}|{self.literal()})", False
        if self.groups and what < 0.60:
            number = rng.randint(1, self.groups)
            yes, no = self.literal(), self.sequence(depth + 1)
            if rng.random() < 0.3:
                yes, no = no, yes
            return f"(?({number}){yes}" + (f"|{no})" if rng.random() < 0.7 else ")"), False
        return None

    def fixed(self):
        what = self.rng.random()
        if what < 0.5:
            return re.escape(self.char())
        if what < 0.7:
            return self.rng.choice([".", r"\w", "[ab]", "(a)", "(?:ab|ba)", "a{2}", "(?=a)", "^", r"\b"])
        if what < 0.8 and self.closed:
            return f"\\{self.rng.choice(self.closed)[0]}"
        return self.rng.choice(["a", "b"])

    def text(self):
        rng = self.rng
        if self.kind == "long":
            base = [self.text_of(rng.randint(1, 6)) for _ in range(3)]
            return "".join(rng.choice(base) for _ in range(rng.randint(20, 120)))
        return self.text_of(rng.choice([0, 1, 2, 3, 4, 5, 6, 8, 10, 14]))

    def text_of(self, length):
        return "".join(self.char() for _ in range(length))


PIECES = (
    list("()[]{}*+?|^$.\\-:=!<>P#iamsxuL,0123456789ab\n é")
    + ["(?", "(?P<", "(?P=", "(?:", "(?<=", "(?<!", "(?(", "(?#", "(?i", "(?-", "\\x", "\\u", "\\U", "\\N{", "\\8", "\\777", "\\0", "[^", "]", "{1,2}", "{2,1}", "{4294967295}", "{,}", "**", "(?>", "\\b", "\\Q", "(?i)", "(?x)", "(?1)", "\\12", "\\p", "[a-", "[z-a]", "a-\\d", "(?P<1a>", "(?P<é>", "(?P<a>", "(?(a)", "(?(1)", "(?(99)", "(?<a", "(?P>", "[[:alpha:]]", "\\ud800", "\\U00110000", "\\N{EM DASH}", "\\N{em dash}", "\\N{SPACE", "(?i-i:", "(?a-u:", "(?au:", "(?L:", "(?s-:", "(?é", "(?ié", "++", "?+", "*?+", "\\"]
)


def mutate(rng, pattern):
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randint(0, len(pattern))
        what = rng.random()
        if what < 0.6:
            pattern = pattern[:at] + rng.choice(PIECES) + pattern[at:]
        elif what < 0.85 and pattern:
            at = min(at, len(pattern) - 1)
            pattern = pattern[:at] + pattern[at + 1 :]
        else:
            pattern = pattern[:at]
    return pattern


def flags_of(letters):
    table = {"i": re.I, "m": re.M, "s": re.S, "x": re.X, "a": re.A}
    out = 0
    for letter in letters:
        out |= table[letter]
    return out


def record(pattern, letters, maker, texts):
    case = {"pattern": pattern, "flags": letters}
    try:
        compiled = re.compile(pattern, flags_of(letters))
    except (re.error, OverflowError, ValueError, RecursionError) as error:
        case["error"] = str(error)
        return case
    case["groups"] = dict(compiled.groupindex)
    case["results"] = results = []
    for _ in range(texts):
        text = maker.text()
        pos = maker.rng.randint(0, len(text)) if maker.rng.random() < 0.1 else 0
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        try:
            found = compiled.search(text, pos)
        except Slow:
            continue
        except (SystemError, MemoryError):
            # "The span of capturing group is wrong": a bug of CPython's own.
            continue
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        spans = None
        if found:
            spans = [list(found.span(group)) for group in range(compiled.groups + 1)]
        result = {"text": text, "spans": spans}
        if pos:
            result["pos"] = pos
        results.append(result)
    return case


def main():
    kind, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(f"{kind} {seed}")
    maker = Maker(rng, kind)
    texts = int(sys.argv[4]) if len(sys.argv) > 4 else 4
    made = 0
    while made < count:
        pattern = maker.pattern()
        if kind == "errors":
            pattern = mutate(rng, pattern)
        letters = ""
        if rng.random() < (0.7 if kind == "case" else 0.15):
            letters += "i"
        for letter in "msxa":
            if rng.random() < 0.1:
                letters += letter
        case = record(pattern, letters, maker, texts)
        if "error" in case and kind != "errors" and rng.random() < 0.8:
            continue
        sys.stdout.write(json.dumps(case, ensure_ascii=False, separators=(",", ":")) + "\n")
        made += 1


main()
