#!/usr/bin/env python3
"""Records what fail2ban's own date detector does with random logs.

usage: record.py CHECKOUT [--cases N] [--lines N] [--seed N] > detector.jsonl

CHECKOUT is a fail2ban source tree; run it with CPython 3.13. One JSON object per
line is one detector fed with a log: its zone, clock, datepattern and time zone
option; for each line the template that won, its match, group 1 and time; and the
templates at the end, in order. Positions are characters. tests/internal/date_detector.rs
replays it. The zones of the committed recording are in zoneinfo/.
"""
import argparse, datetime, json, os, random, sys, time, types

HASHSEED = "0"

parser = argparse.ArgumentParser()
parser.add_argument("checkout")
parser.add_argument("--cases", type=int, default=60)
parser.add_argument("--lines", type=int, default=40)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--templates", action="store_true", help="record the regexes of long lists, too")
opts = parser.parse_args()
sys.path.insert(0, opts.checkout)

# the display names of %Exk and %Exl depend on the order of a set
if os.environ.get("PYTHONHASHSEED") != HASHSEED:
    os.execve(sys.executable, [sys.executable, *sys.argv], dict(os.environ, PYTHONHASHSEED=HASHSEED))

from fail2ban.server import datedetector, datetemplate, strptime
from fail2ban.server.mytime import MyTime

rnd = random.Random(opts.seed)
DEFAULTS = list(datedetector.DateDetectorCache.DEFAULT_TEMPLATES)
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin"]


class FixedDatetime(datetime.datetime):
    """datetime whose now() is the case's."""
    at = 0

    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(cls.at)


FIXED = types.SimpleNamespace(datetime=FixedDatetime, timedelta=datetime.timedelta)


def start(zone, now):
    """A process as fail2ban-regex has it after its options are read."""
    # mktime starts from the offset of its last call: make that 0
    os.environ["TZ"] = "UTC"
    time.tzset()
    time.mktime((2000, 1, 1, 0, 0, 0, 0, 0, -1))
    os.environ["TZ"] = zone
    time.tzset()
    FixedDatetime.at = now
    MyTime.setTime(now)
    MyTime.setAlternateNow(0)
    strptime.datetime = FIXED
    strptime._updateTimeRE()
    strptime.datetime = datetime
    datedetector.DD_patternCache.clear()
    datedetector.DateDetectorCache.DEFAULT_TEMPLATES = list(DEFAULTS)
    datedetector.DateDetector._defCache = datedetector.DateDetectorCache()


def detector(pattern, tz):
    """As Filter.setDatePattern makes it."""
    made = datedetector.DateDetector()
    made.default_tz = tz
    if pattern is not None:
        for line in filter(None, (line.strip() for line in pattern.split("\n"))):
            made.appendTemplate(line)
    return made


def display(made):
    """As Filter.getDatePattern has it."""
    templates = made.templates
    if not templates or len(templates) > 2:
        return [None, "Default Detectors"]
    return [getattr(templates[0], "pattern", None), templates[0].name]


def as_text(value):
    """Floats as text, to be read back exactly."""
    return repr(value) if isinstance(value, float) else value


def line_result(made, line):
    match, template = found = made.matchTime(line)
    if not match:
        return None
    a, b = match.start(1), match.end(1)
    result = [template.name, match.start(), match.end(), a, b]
    if a == b:
        return result + ["empty"]
    try:
        date = made.getTime(line[a:b], found)
        return result + [None if date is None else as_text(date[0])]
    except Exception as error:
        return result + [type(error).__name__]


def record(case):
    start(case["zone"], case["now"])
    try:
        made = detector(case["datepattern"], case["tz"])
    except Exception as error:
        case["error"] = [type(error).__name__, str(error)]
        return case
    case["display"] = display(made)
    case["results"] = []
    for line in case["lines"]:
        try:
            case["results"].append(line_result(made, line))
        except Exception as error:
            case["results"].append(type(error).__name__)
            break
    case["final"] = [
        [t.name, t.hits, t.distance if t.hits else None, as_text(t.weight)] for t in made.templates
    ]
    if opts.templates or len(made.templates) <= 3:
        case["templates"] = [
            [t.name, getattr(t, "pattern", None), t.regex, as_text(t.template.weight), t.flags] for t in made.templates
        ]
    return case


# --- logs

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
FULL = "January February March April May June July August September October November December".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
FULLDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
OFFSETS = ["Z", "UTC", "GMT", "+0200", "-05:00", "+09", "-0930", "+1900", "+00:00", "utc", "z"]
NAMES = ["CET", "PDT", "MSK", "EST", "Z", "UTC", "NPT", "IRST", "BRST", "cet", "MART", "A"]
HOSTS = ["host", "srv1", "192.0.2.7", "mail.example.org", "ü-host", "web[3]"]
TEXTS = [
    "sshd[123]: Failed password for root from 192.0.2.1 port 22", "error: x", "GET /index.html 200",
    "at 2005-01-23 21:59:59 seen", "(12:13:14)", "Jul  5 10:00:00 again", "connect from [2001:db8::1]",
    "id=1138049999", "überall ∂ 12/12/2012 11:11:11", "", "@400000004f3e0a1c1fa2b3c4 x", "[1138049999]",
    "31/Dec/2011:23:59:59 +0100", "audit(1138049999.123:45)", "x", "1516469849551000",
]
PREFIXES = ["", "", "", "", "", "[", "<", "(", " ", "- ", "host ", "é ", "srv: [", "<13>", "192.0.2.9 - - [",
            "audit(", "[x] ", "ab", "→", "::::", "2 "]


def moment(now, zone):
    kind = rnd.random()
    if kind < .35:
        stamp = now + rnd.randrange(-40, 40) * 86400 + rnd.randrange(-86400, 86400)
    elif kind < .55:  # around a change of the clocks
        stamp = now
        for _ in range(60):
            stamp += rnd.choice((-7, -5)) * 86400
            a, b = time.localtime(stamp).tm_gmtoff, time.localtime(stamp + 5 * 86400).tm_gmtoff
            if a != b:
                low, high = stamp, stamp + 5 * 86400
                while high - low > 1:
                    mid = (low + high) // 2
                    if time.localtime(mid).tm_gmtoff == a: low = mid
                    else: high = mid
                stamp = high + rnd.randrange(-5400, 5400)
                break
        local = time.localtime(stamp)
        if rnd.random() < .5:  # in the gap
            stamp = stamp + 1800
        return datetime.datetime.fromtimestamp(stamp)
    elif kind < .9:
        stamp = rnd.randrange(0, 1900000000)
    else:
        stamp = rnd.randrange(-2000000000, 4000000000)
    return datetime.datetime.fromtimestamp(int(stamp))


def fields(now, zone):
    at = moment(now, zone)
    f = dict(Y=at.year, m=at.month, d=at.day, H=at.hour, M=at.minute, S=at.second, wd=at.weekday(),
             j=at.timetuple().tm_yday, U=int(at.strftime("%U")), W=int(at.strftime("%W")), t=int(at.timestamp()))
    if rnd.random() < .1:
        key = rnd.choice("YmdHMSj")
        f[key] = rnd.choice({"Y": [0, 1, 1999, 2024, 2029, 9999], "m": [0, 2, 13], "d": [0, 29, 30, 31],
                             "H": [24, 25, 29], "M": [60], "S": [60, 61, 62], "j": [0, 366]}[key])
    f["y"] = f["Y"] % 100
    f["b"], f["B"] = MONTHS[(f["m"] - 1) % 12], FULL[(f["m"] - 1) % 12]
    f["a"], f["A"] = DAYS[f["wd"]], FULLDAYS[f["wd"]]
    f["w"] = (f["wd"] + 1) % 7
    f["I"], f["p"] = f["H"] % 12 or 12, rnd.choice(["AM", "PM", "am", "pM"])
    f["z"], f["Z"] = rnd.choice(OFFSETS), rnd.choice(NAMES)
    f["f"] = rnd.randrange(10 ** rnd.choice((1, 3, 6)))
    if rnd.random() < .1:
        f["b"], f["a"] = f["b"].upper(), f["a"].lower()
    return f


FORMATS = [
    "{Y:04d}-{m:02d}-{d:02d} {H:02d}:{M:02d}:{S:02d}", "{Y:04d}-{m:02d}-{d:02d}T{H:02d}:{M:02d}:{S:02d}.{f}{z}",
    "{Y:04d}/{m:02d}/{d:02d} {H}:{M:02d}:{S:02d}", "{Y:04d}.{m:02d}.{d:02d} {H:02d}:{M:02d}:{S:02d} {z}",
    "{b} {d:2d} {H:02d}:{M:02d}:{S:02d}", "{b} {d:2d} {H:02d}:{M:02d}:{S:02d}", "{b} {d:02d} {H:2d}:{M:02d}:{S:02d}",
    "{a} {b} {d:2d} {H:02d}:{M:02d}:{S:02d} {Y:04d}", "{a} {b} {d:02d} {H:02d}:{M:02d}:{S:02d}.{f} {Y:04d}",
    "{a} {b} {d:02d} {Y:04d} {H:02d}:{M:02d}:{S:02d}", "{d:02d}/{m:02d}/{Y:04d} {H:02d}:{M:02d}:{S:02d}",
    "{d:02d}-{m:02d}-{y:02d} {H:02d}:{M:02d}:{S:02d}", "{d:02d}/{b}/{Y:04d}:{H:02d}:{M:02d}:{S:02d} {z}",
    "{d:02d}-{b}-{Y:04d} {H:02d}:{M:02d}:{S:02d}.{f}", "{m:02d}/{d:02d}/{Y:04d}:{H:02d}:{M:02d}:{S:02d}",
    "{m:02d}-{d:02d}-{Y:04d} {H:02d}:{M:02d}:{S:02d}.{f}", "{t}", "{t}.{f:03d}", "{t}{f:03d}", "[{t}]", "{t}123456",
    "{H:02d}:{M:02d}:{S:02d}", "{m:02d}/{d:02d}/{y:02d}@{H:02d}:{M:02d}:{S:02d}>",
    "{y:02d}{m:02d}{d:02d} {H:2d}:{M:02d}:{S:02d}", "{b} {d}, {Y:04d} {I:02d}:{M:02d}:{S:02d} {p}",
    "{b}-{d:02d}-{y:02d} {H:02d}:{M:02d}:{S:02d}", "{Y:04d}{m:02d}{d:02d}T{H:02d}{M:02d}{S:02d}",
    "{Y:04d}{m:02d}{d:02d}-{H:02d}:{M:02d}:{S:02d},{f}{z}", "{Z} {b} {d:2d} {H:02d}:{M:02d}:{S:02d}",
    "{z} {b} {d:2d} {H:02d}:{M:02d}:{S:02d} {Y:04d}", "@40000000{t:08x}1fa2b3c4", "audit({t}.{f:03d}:77)",
    "{Y:04d} {j:03d} {H:02d}:{M:02d}:{S:02d}", "{a} {U:02d} {Y:04d} {H:02d}:{M:02d}:{S:02d}",
    "{w} {W:02d} {Y:04d}", "{A} {d} {B} {Y:04d} {H:02d}:{M:02d}", "{I}:{M:02d}:{S:02d} {p}", "{I}:{M:02d}:{S:02d}",
    "{Y:04d}-{m:02d}-{d:02d} {H:02d}:{M:02d}:{S:02d} {Z}", "{Y:04d}-{m:02d} {H:02d}:{M:02d}", "{H:02d}:{M:02d}",
    "{d:02d}.{m:02d}.{Y:04d}", "{Y:04d}-{m:02d}-{d:02d} {H:02d}:{M:02d}:{S:02d} {Z}{z}", "{m:02d}-{d:02d}", "{y:02d}",
]

PATTERNS = [
    "{^LN-BEG}", "{DEFAULT}", "{NONE}", "EPOCH", "epoch", "^EPOCH", "{^LN-BEG}EPOCH", "LEPOCH", "^LEPOCH",
    "{^LN-BEG}LEPOCH", "TAI64N", "^TAI64N", "{^LN-BEG}TAI64N", r"^\[{DATE}", r"^\[{DATE}\]", "^(?:x )?{DATE}", "{date}",
    r"\[{EPOCH}\]", r"^\[({LEPOCH})\]", "x{LEPOCH}", r"(id=)?{EPOCH}", "{UNB}%Y-%m-%d", "**%H:%M:%S**", "**%H:%M",
    "%Y-%m-%d %H:%M:%S", "{^LN-BEG}%Y-%m-%d %H:%M:%S", "^%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S$",
    "{^LN-BEG}%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?)%H:%M:%S(?:[.,]%f)?(?:\\s*%z)?",
    "{^LN-BEG}%m/%d/%ExY:%H:%M:%S\n{^LN-BEG}", "%H:%M:%S\n{^LN-BEG}", "%b %d %H:%M:%S\n{DEFAULT}",
    "%Y %j %H:%M:%S", "%a %U %Y %H:%M:%S", "%w %W %Y", "%A %d %B %Y %H:%M", "%I:%M:%S(?: %p)?", "%I:%M:%S %p",
    "%l:%M:%S", "%k:%M", "%Exl:%ExM", "%Exk:%ExM:%ExS", "%Y-%m-%d %H:%M:%S %Z", "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S %ExZ", "%Y-%m-%d %H:%M:%S %Exz", "%Y-%m %H:%M", "%c", "%x", "%X", "%d.%m.%Y", "%m-%d", "%y",
    "%Exd/%Exm", "(?P<H>\\d+):(?P<M>\\d+)", "(?P<Y>\\d+)", "(%Y)-(%m)-(%d)", "(x)?%Y", "[(]%Y", "^(?:%H:%M:%S)?", "(?:x)?$",
    "(?iu)%Y-%m-%d", "%Y-%m-%d(?i) x", "(?i)^%d/%b/%Y", "%Y-%m-%d\\b", "%Y-%m-%d\\s", "(?:^|\\b|\\W)%Y", "(?:^|x)%Y-%m",
    "%%Y %Y", "%Y\n%Y", "%Y\n%m", "%Y-%q", "%", "%Y %", "%e", "%-d", "%(foo)s", "%Y-%5", "%T", "%F", "%D", "%h %d", "%Ex", "%é",
    "%Y-%m-%d{DATE}", "a\\{DATE}", "%H{DATE}", "{DATE}\n{^LN-BEG}", "{^LN-BEG}{DATE}", "**{DATE}**", "{UNB}{DATE}", "^{DATE}$",
    "%Y-%m-%d (", "%Y %u %V %G", "EPOCHx", "{^LN-BEG}{EPOCH}", "^%d(?P<_sep>[-/])%m(?P=_sep)%Y", "%Y-%m-%d %H:%M:%S(?:,%f)?",
    "%d/%b/%Y:%H:%M:%S %z", "^[^\\[]*\\[{DATE}", "{^LN-BEG}{EPOCH}\n{^LN-BEG}EPOCH", "EPOCH\nLEPOCH", "{^LN-BEG}%H:%M:%S\n{^LN-BEG}",
    "^<%m/%d/%Exy@%H:%M:%S>\n%H:%M:%S\n%H:%M", "%H:%M:%S\n%Y-%m-%d\n%b %d\nEPOCH\n%d/%b", "%H:%M\n%Y\n%d\n%b", "%d\n%H:%M:%S",
    "  %Y-%m-%d  \n\n  {^LN-BEG}  ", "%ExY-%m-%d", "%Exy%Exm%Exd",
]
TZS = [None, None, None, None, "UTC+0200", "CET", "-05:00", "Z", "NPT", "XYZ", "XY", "UTC+25", "+09", "EST-0130", ""]


def make_line(now, zone, formats):
    f = fields(now, zone)
    line = rnd.choice(formats).format(**f)
    if rnd.random() < .7:
        prefix = rnd.choice(PREFIXES[:6])
    else:
        prefix = rnd.choice(PREFIXES)
    line = prefix + line + rnd.choice(["", " ", " ", " ", "] ", ") ", ">", "x ", ", ", ": "])
    if rnd.random() < .8:
        line += rnd.choice(HOSTS) + " "
    line += rnd.choice(TEXTS)
    if rnd.random() < .05:
        at = rnd.randrange(len(line) + 1)
        line = line[:at] + rnd.choice(["", "é", " ", "9", "٣", "x", "ſ"]) + line[at + 1:]
    if rnd.random() < .03:
        line = rnd.choice(TEXTS)
    return line or "x"


def make_case(number):
    case = {"zone": rnd.choice(ZONES)}
    case["now"] = rnd.choice([1795176000, rnd.randrange(1500000000, 1900000000), 1709208000, 1709251199, 1735689599 + rnd.randrange(3)])
    os.environ["TZ"] = case["zone"]
    time.tzset()
    if number < len(PATTERNS):
        case["datepattern"] = PATTERNS[number]
    elif rnd.random() < .6:
        case["datepattern"] = None
    else:
        case["datepattern"] = "\n".join(rnd.sample(PATTERNS, rnd.choice((1, 1, 1, 2, 3))))
    case["tz"] = rnd.choice(TZS)
    if case["tz"] in ("XYZ", "XY", "UTC+25") and rnd.random() < .7:
        case["tz"] = None
    formats = FORMATS if rnd.random() < .3 else rnd.sample(FORMATS, rnd.choice((1, 2, 3, 5, 8)))
    case["lines"] = []
    while len(case["lines"]) < opts.lines:
        if rnd.random() < .4:  # runs of one kind
            kind, prefix = [rnd.choice(formats)], rnd.choice(PREFIXES)
            for _ in range(rnd.randrange(2, 8)):
                case["lines"].append(prefix + kind[0].format(**fields(case["now"], case["zone"])) + " " + rnd.choice(TEXTS))
        else:
            case["lines"].append(make_line(case["now"], case["zone"], formats))
    del case["lines"][opts.lines:]
    return case


for number in range(opts.cases):
    print(json.dumps(record(make_case(number)), ensure_ascii=False, separators=(",", ":")))
