"""Mutation test of `f2b-regex check` against fail2ban's own suite.

    python3 tools/check_mutations.py BINARY FAIL2BAN_CHECKOUT [COUNT [SEED]]

Changes one regex of one filter at a time (drops an anchor, changes a literal, swaps two
alternatives), runs both on the filter's sample log, and prints who noticed. A mutation both
pass over is listed with its regex, to be judged by hand. Changes nothing of the checkout.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest


def regex_lines(path):
    """(index, start) of every line of a regex option of [Definition]."""
    option, found = None, []
    for index, line in enumerate(open(path, encoding="utf-8").read().split("\n")):
        head = re.match(r"(\w[\w-]*)\s*=\s*", line)
        if head:
            option = head.group(1)
            start = head.end()
        elif line[:1] in " \t":
            start = len(line) - len(line.lstrip())
        else:
            continue
        if line.lstrip().startswith(("#", ";")) or not line[start:].strip():
            continue
        if option and (option in ("failregex", "prefregex") or option.startswith("mdre-")):
            found.append((index, start))
    return found


def anchor(text, rng):
    places = [m.start() for m in re.finditer(r"^\^|\$$", text)]
    if not places:
        return None
    at = rng.choice(places)
    return text[:at] + text[at + 1:]


def literal(text, rng):
    # letters of plain words: no escape, reference, tag, group name or class
    plain = re.sub(r"\\.|%\([^)]*\)s|<[^<>]*(?:<[^<>]*>[^<>]*)?>|\(\?P?<?[\w=!:]*|\[[^\]]*\]",
                   lambda m: "\0" * len(m.group()), text)
    places = [m.start() for m in re.finditer(r"[A-Za-z]", plain)]
    if not places:
        return None
    at = rng.choice(places)
    other = rng.choice([c for c in "abcdefghijklmnopqrstuvwxyz" if c != text[at].lower()])
    return text[:at] + other + text[at + 1:]


def alternatives(text, rng):
    groups = [m for m in re.finditer(r"\((?:\?:)?([^()|]*(?:\|[^()|]*)+)\)", text)
              if "\\(" not in text[max(0, m.start() - 1):m.start() + 1]]
    if not groups:
        return None
    group = rng.choice(groups)
    parts = group.group(1).split("|")
    a, b = rng.sample(range(len(parts)), 2)
    parts[a], parts[b] = parts[b], parts[a]
    changed = text[:group.start(1)] + "|".join(parts) + text[group.end(1):]
    return None if changed == text else changed


KINDS = {"anchor": anchor, "literal": literal, "alternatives": alternatives}


def upstream(checkout):
    """A function (directory, filter) -> whether upstream's suite passes."""
    sys.path.insert(0, checkout)
    os.chdir(checkout)
    from fail2ban.tests import utils
    options = utils.getOptParser("").parse_args(["--no-network"])[0]
    unittest.F2B = utils.F2B(utils.initProcess(options))
    utils.initTests(options)
    from fail2ban.client.configreader import ConfigReader
    from fail2ban.tests import samplestestcase as suite

    def passes(directory, name):
        unittest.F2B.share_config = {}
        case = type("Case", (suite.FilterSamplesRegex,),
                    {"runTest": suite.testSampleRegexsFactory(name, directory)})
        result = unittest.TestResult()
        case("runTest").run(result)
        return result.wasSuccessful()
    return passes


def main():
    binary, checkout = map(os.path.abspath, sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    logs = os.path.join(checkout, "fail2ban/tests/files/logs")
    work = tempfile.mkdtemp()
    config = os.path.join(work, "config")
    shutil.copytree(os.path.join(checkout, "config"), config)
    passes = upstream(checkout)
    filters = sorted(n for n in os.listdir(os.path.join(config, "filter.d")) if n.endswith(".conf")
                     and os.path.isfile(os.path.join(logs, n[:-5])))
    done, tried = [], set()
    while len(done) < count:
        name = rng.choice(filters)
        path = os.path.join(config, "filter.d", name)
        lines = regex_lines(path)
        if not lines:
            continue
        index, start = rng.choice(lines)
        kind = rng.choice(sorted(KINDS))
        original = open(path, encoding="utf-8").read()
        text = original.split("\n")
        changed = KINDS[kind](text[index][start:], rng)
        if changed is None or (name, index, changed) in tried:
            continue
        tried.add((name, index, changed))
        before = text[index][start:]
        text[index] = text[index][:start] + changed
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(text))
        theirs = not passes(config, name[:-5])
        def ours(*more):
            command = [binary, "check", path, "--samples", logs, "--no-progress", *more]
            return subprocess.run(command, capture_output=True).returncode != 0
        # upstream's suite refuses a regex without samples and its greedy rule: so do these
        samples = ours("--no-lint", "--coverage-min", "100")
        strict = samples or new_findings(binary, path, logs, original)
        with open(path, "w", encoding="utf-8") as file:
            file.write(original)
        done.append((name, kind, theirs, samples, strict, before, changed))
    shutil.rmtree(work)
    report(done)


def new_findings(binary, path, logs, original):
    """Whether lint says something of the mutant it does not say of the original."""
    def found():
        command = [binary, "check", path, "--samples", logs, "--no-progress", "--format", "json"]
        out = json.loads(subprocess.run(command, capture_output=True).stdout)
        return sorted((f["code"], f["line"]) for x in out["filters"] for f in x["findings"]
                      if f["code"].startswith("L"))
    mutant = found()
    changed = open(path, encoding="utf-8").read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(original)
    clean = found()
    with open(path, "w", encoding="utf-8") as file:
        file.write(changed)
    return any(mutant.count(f) > clean.count(f) for f in mutant)


def report(done):
    def sums(which):
        return sum(1 for d in done if which(d))
    print(f"{len(done)} mutations: upstream's suite {sums(lambda d: d[2])}, "
          f"check --coverage-min 100 {sums(lambda d: d[3])}, with lint {sums(lambda d: d[4])}")
    for kind in sorted(KINDS):
        of = [d for d in done if d[1] == kind]
        print(f"  {kind}: {len(of)}, upstream {sum(d[2] for d in of)}, check "
              f"{sum(d[3] for d in of)}, with lint {sum(d[4] for d in of)}")
    print(f"caught by upstream, not by check without lint: {sums(lambda d: d[2] and not d[3])}, "
          f"not by check with lint: {sums(lambda d: d[2] and not d[4])}")
    for d in done:
        if d[2] != d[3]:
            print(f"  DIFFERS {d[0]} {d[1]}: upstream {d[2]}, check {d[3]}\n    {d[5]}\n    {d[6]}")
    print("caught by nobody:")
    for d in done:
        if not d[4]:
            print(f"  {d[0]} {d[1]}\n    - {d[5][:300]}\n    + {d[6][:300]}")


if __name__ == "__main__":
    main()
