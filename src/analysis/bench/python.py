# Times patterns with Python's own `re`. Reads one JSON object from standard input:
#   {"texts": [..], "runs": n, "warmup": n, "patterns": [{"pattern", "multiline", "texts": [..]}]}
# and writes one to standard output:
#   {"version", "patterns": [{"error"} or {"hits", "ns": [mean per text, run by run]}]}
# "texts" of a pattern are indexes into the texts. Times are processor time.
import gc, json, platform, re, sys
from time import thread_time_ns as now

job = json.load(sys.stdin)
texts = job["texts"]


def run(search, lines):
    start = now()
    for line in lines:
        search(line)
    return now() - start


def bare(lines):
    start = now()
    for line in lines:
        pass
    return now() - start


results = []
gc.disable()
for entry in job["patterns"]:
    lines = [texts[i] for i in entry["texts"]]
    try:
        search = re.compile(entry["pattern"], re.M if entry["multiline"] else 0).search
    except Exception as error:
        results.append({"error": str(error)})
        continue
    hits = sum(search(line) is not None for line in lines)
    if not lines:
        results.append({"hits": 0, "ns": []})
        continue
    # short logs are repeated until a run lasts about a millisecond
    once = max(run(search, lines), 1)
    rounds = max(1, min(10000, 1000000 // once))
    batch = lines * rounds
    for _ in range(job["warmup"]):
        run(search, batch)
    loop = min(bare(batch) for _ in range(3))
    took = [max(run(search, batch) - loop, 0) / len(batch) for _ in range(job["runs"])]
    results.append({"hits": hits, "ns": took})
version = "%s %s" % (platform.python_implementation(), platform.python_version())
json.dump({"version": version, "patterns": results}, sys.stdout)
