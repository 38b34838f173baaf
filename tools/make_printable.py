#!/usr/bin/env python3
"""Write src/python/printable.rs: the code points str.isprintable() refuses.

usage: make_printable.py > src/python/printable.rs   (CPython 3.13, Unicode 15.1)
"""
import sys, unicodedata

def ranges():
    start = None
    for c in range(0x110000):
        bad = not chr(c).isprintable()
        if bad and start is None:
            start = c
        if not bad and start is not None:
            yield start, c - 1
            start = None
    if start is not None:
        yield start, 0x10FFFF

found = list(ranges())
print("//! Code points that Python's `repr` escapes: a table, made by `tools/make_printable.py`")
print("//! from CPython %d.%d (Unicode %s). Not for editing." % (*sys.version_info[:2], unicodedata.unidata_version))
print()
print("/// Inclusive ranges of code points for which `str.isprintable()` is false, ascending.")
print("#[rustfmt::skip]")
print("pub(super) static NOT_PRINTABLE: [(u32, u32); %d] = [" % len(found))
for i in range(0, len(found), 6):
    print("    " + " ".join("(0x%x, 0x%x)," % r for r in found[i:i + 6]))
print("];")
