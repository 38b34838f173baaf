#!/usr/bin/env python3
"""Records what CPython's decoders say: src/input/encoding/tables.txt, testdata/encodings.json.

usage: record_encodings.py DUMP

DUMP has what encoding_rs decodes, one sequence a line (`shift_jis 8140 3000`: label, bytes, code
points joined by +): `F2B_DUMP=$PWD/DUMP cargo test --lib encoding::multibyte -- --ignored`. The tables hold in what CPython
differs from that, and its single-byte encodings, as facts. Use the CPython whose decoders are the
model: 3.13.
"""

import codecs
import encodings.aliases
import json
import pkgutil
import random
import sys

# CPython's name, the label of what encoding_rs has
MULTIBYTE = {"shift_jis": "shift_jis", "cp932": "shift_jis", "euc_jp": "euc-jp", "gb2312": "gbk", "gbk": "gbk",
             "gb18030": "gb18030", "big5": "big5", "cp950": "big5", "big5hkscs": "big5", "euc_kr": "euc-kr", "cp949": "euc-kr"}
OTHERS = ["utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "ascii", "latin_1", "iso2022_jp"]


def decoded(name, sequence):
    try:
        return sequence.decode(name)
    except UnicodeDecodeError:
        return None


def charmaps():
    for module in pkgutil.iter_modules(encodings.__path__):
        name = module.name
        try:
            loaded = __import__("encodings." + name, fromlist=["x"])
        except ImportError:
            # of Windows alone
            continue
        if not hasattr(loaded, "decoding_table") or name in ("iso8859_1", "charmap"):
            continue
        lower = bytes(range(128)).decode(name, "replace")
        if lower == bytes(range(128)).decode("ascii"):
            yield name, [decoded(name, bytes([byte])) for byte in range(128, 256)]


def runs(chars):
    """Tokens: HEX+N for N characters one after the other, -N for N that are none."""
    tokens, at = [], 0
    while at < len(chars):
        end = at + 1
        if chars[at] is None:
            while end < len(chars) and chars[end] is None:
                end += 1
            tokens.append(f"-{end - at}")
        else:
            first = ord(chars[at])
            while end < len(chars) and chars[end] is not None and ord(chars[end]) == first + end - at:
                end += 1
            tokens.append(f"{first:x}" + (f"+{end - at}" if end > at + 1 else ""))
        at = end
    return " ".join(tokens)


def sequences(name):
    """All sequences of one to three bytes that begin like a character of several."""
    singles = [byte for byte in range(128, 256) if decoded(name, bytes([byte])) is not None]
    yield from (bytes([byte]) for byte in range(128, 256))
    for lead in range(128, 256):
        if lead not in singles:
            yield from (bytes([lead, trail]) for trail in range(256))
    if name == "euc_jp":
        yield from (bytes([0x8F, second, third]) for second in range(128, 256) for third in range(128, 256))


def differences(name, base):
    gone, other = [], []
    for sequence in sequences(name):
        ours, theirs = base.get(sequence), decoded(name, sequence)
        if theirs is None and ours is not None:
            code = int.from_bytes(sequence, "big")
            if gone and gone[-1][1] == code - 1 and gone[-1][2] == len(sequence):
                gone[-1][1] = code
            else:
                gone.append([code, code, len(sequence)])
        elif ours != theirs and theirs is not None:
            other.append(f"{sequence.hex()}={'+'.join(f'{ord(c):x}' for c in theirs)}")
    ranges = [f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b, _ in gone]
    return ranges, other


def main():
    bases = {}
    for line in open(sys.argv[1], encoding="ascii"):
        label, sequence, text = line.split()
        bases.setdefault(label, {})[bytes.fromhex(sequence)] = "".join(chr(int(c, 16)) for c in text.split("+"))
    names = set(MULTIBYTE) | set(OTHERS)
    with open("src/input/encoding/tables.txt", "w", encoding="ascii") as out:
        for name, chars in charmaps():
            names.add(name)
            out.write(f"charmap {name} {runs(chars)}\n")
        for name, label in MULTIBYTE.items():
            gone, other = differences(name, bases[label])
            out.write(f"multibyte {name} {label}\n")
            for kind, tokens in (("gone", gone), ("other", other)):
                for at in range(0, len(tokens), 12):
                    out.write(f"{kind} {' '.join(tokens[at:at + 12])}\n")
        for name in sorted(names):
            aliases = sorted(alias for alias, of in encodings.aliases.aliases.items() if of == name)
            out.write(" ".join(["alias", name, *aliases]) + "\n")
    rng = random.Random(1)
    vectors = []
    for name in sorted(names - {"utf_16"}):
        for _ in range(12):
            text = bytes(rng.choice([rng.randrange(256), rng.randrange(128, 256), rng.randrange(0x20, 0x7F), rng.randrange(0x81, 0xA0)])
                         for _ in range(rng.randrange(1, 24))).replace(b"\n", b"n")
            if name == "iso2022_jp" and rng.random() < 0.7:
                escape = rng.choice([b"\x1b$B", b"\x1b(J", b"\x1b(B", b"\x1b$@", b"\x1b(I", b"\x1b$(D", b"\x1b[m"])
                at = rng.randrange(len(text))
                text = text[:at] + escape + bytes(rng.randrange(0x21, 0x7F) for _ in range(rng.randrange(5))) + text[at:]
            if name == "euc_kr" and rng.random() < 0.3:
                text += bytes([0xA4, 0xD4, 0xA4, rng.randrange(0xA1, 0xBF), 0xA4, rng.randrange(0xBF, 0xD4), 0xA4, rng.choice([0xD4, rng.randrange(0xA1, 0xBF)])])
            vectors.append([name, text.hex(), text.decode(name, "replace"), text.decode(name, "replace").encode(name, "ignore").hex()])
    with open("testdata/encodings.json", "w", encoding="ascii") as out:
        out.write("[\n" + ",\n".join(json.dumps(vector) for vector in vectors) + "\n]\n")


main()
