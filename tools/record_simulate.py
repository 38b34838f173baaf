#!/usr/bin/env python3
"""Records what fail2ban's own managers do with given failures, for tests/internal/simulate_managers.rs.

    PYTHONPATH=/path/to/fail2ban python3 tools/record_simulate.py OUT.json [CORPUS]

Real upstream classes run on a clock that stands at each failure's time: Filter's
processLineAndAdd (its processLine hands over the prepared failures), FailManager, Actions'
checks, BanManager, the observer (called at once instead of by its thread) and a database in
memory. What a server leaves to chance is settled so:

  * the filter's housekeeping ran in the last whole second before the failure;
  * bans that have ended are lifted, and old database rows purged, at the failure's time;
  * observer events are handled in the order in which they are sent.

Without CORPUS (a directory with config/ and logs/ as fail2ban has them) the failures are
seeded random ones; with it, those that upstream's filters find in the logs are recorded.
"""

import contextlib
import io
import json
import logging
import math
import os
import random
import sys

os.environ["TZ"] = "UTC"

from fail2ban.server import observer as observer_module
from fail2ban.server.actions import Actions
from fail2ban.server.database import Fail2BanDb
from fail2ban.server.filter import Filter
from fail2ban.server.ipdns import IPAddr
from fail2ban.server.jail import Jail
from fail2ban.server.mytime import MyTime

logging.disable(logging.CRITICAL)

START = 1_790_000_000


class GivenFilter(Filter):
    """Finds the failures it is given."""

    given = ()

    def processLine(self, line, date=None):
        return self.given


class GivenJail(Jail):
    """A jail without threads."""

    def _setBackend(self, backend):
        self._Jail__filter = GivenFilter(self)
        self._Jail__actions = Actions(self)
        return "polling"

    def isAlive(self):
        return True


class Observer(observer_module.ObserverThread):
    """The observer, without its queue."""

    def add(self, name, *args):
        getattr(self, name)(*args)

    def add_timer(self, *args):
        pass


class Run:
    """Several jails of one server, and what happened in them."""

    def __init__(self, jails):
        observer_module.Observers.Main = Observer()
        MyTime.setTime(START)
        self.db = Fail2BanDb(":memory:")
        self.jails = []
        self.events = []
        for number, options in enumerate(jails):
            jail = GivenJail("jail%d" % number, "polling", self.db)
            self.db.addJail(jail)
            jail.filter.setMaxRetry(options["maxretry"])
            jail.filter.setFindTime(options["findtime"])
            jail.filter.failManager.maxMatches = options["maxmatches"]
            jail.filter.ignoreSelf = False
            jail.actions.setBanTime(options["bantime"])
            for name in ("increment", "factor", "multipliers", "maxtime", "overalljails", "formula"):
                if "bantime." + name in options:
                    jail.setBanTimeExtra(name, options["bantime." + name])
            self.jails.append(jail)
            self.watch(number, jail)

    def watch(self, number, jail):
        manager = jail.actions.banManager
        add = manager.addBanTicket

        def watched(ticket, reason={}):
            added = add(ticket, reason)
            if added:
                self.pending.append(("ban", number, ticket))
            elif "ticket" in reason:
                self.pending.append(("again", number, reason["ticket"]))
            else:
                self.pending.append(("expired", number, ticket))
            return added

        manager.addBanTicket = watched

    def feed(self, index, number, fid, time, attempts, blocking):
        jail = self.jails[number]
        MyTime.setTime(math.ceil(time) - 1)
        jail.filter.performSvc(force=True)
        MyTime.setTime(time)
        self.db.purge()
        for each, other in enumerate(self.jails):
            for ticket in other.actions.banManager.unBanList(time):
                self.events.append(["unban", index, each, str(ticket.getID()), end(ticket, other)])
        if blocking and IPAddr(fid) in jail.actions.banManager.getBanList():
            return
        self.pending = []
        fail = {"matches": [str(index)]}
        if attempts:
            fail["failures"] = attempts
        jail.filter.given = [(0, IPAddr(fid), time, fail)]
        jail.filter.processLineAndAdd("")
        jail.actions._Actions__checkBan()
        for kind, each, ticket in self.pending:
            other = self.jails[each]
            event = [kind, index, each, str(ticket.getID()), end(ticket, other)]
            if kind == "ban":
                event += [
                    ticket.getTime(),
                    ticket.getBanCount(),
                    ticket.getAttempt(),
                    ticket.getRetry(),
                    [int(line) for line in ticket.getMatches()],
                ]
            self.events.append(event)

    def left(self):
        """What is still counted: id, retry, attempts, time of the last failure."""
        all = []
        for number, jail in enumerate(self.jails):
            fails = jail.filter.failManager._FailManager__failList
            for fid, ticket in fails.items():
                all.append([number, str(fid), ticket.getRetry(), ticket.getAttempt(), ticket.getTime()])
        return sorted(all)


def end(ticket, jail):
    """The end of a ban, None for a permanent one."""
    default = jail.actions.getBanTime()
    if ticket.getBanTime(default) == -1:
        return None
    return ticket.getEndOfBanTime(default)


def record(name, jails, tickets, blocking):
    run = Run(jails)
    for index, ticket in enumerate(tickets):
        number, fid, time, attempts = ticket
        run.feed(index, number, fid, time, attempts, blocking)
    return {
        "name": name,
        "blocking": blocking,
        "jails": jails,
        "tickets": tickets,
        "events": run.events,
        "left": run.left(),
    }


def seeded(seed):
    """One log of random failures: bursts, slow scans, pauses near findtime and bantime."""
    pick = random.Random(seed)
    jails = []
    for _ in range(pick.choice([1, 1, 2, 3]) if seed % 3 == 2 else 1):
        options = {
            "maxretry": pick.choice([1, 2, 3, 3, 5, 5, 8]),
            "findtime": pick.choice(["1m", "10m", "10m", "1h", "90", "1d 12h"]),
            "bantime": pick.choice(["10m", "1m", "1h", "30s", "-1", "1d"]),
            "maxmatches": pick.choice([0, 1, 3, 5, 10]),
        }
        if seed % 3:
            options["bantime.increment"] = "true"
            if pick.random() < 0.4:
                options["bantime.factor"] = pick.choice(["1", "2", "1.5", "24"])
            if pick.random() < 0.4:
                options["bantime.multipliers"] = pick.choice(["1 2 4 8 16 32 64", "1 5 30 60 300", "3"])
            elif pick.random() < 0.3:
                options["bantime.formula"] = (
                    "ban.Time * math.exp(float(ban.Count+1)*banFactor)/math.exp(1*banFactor)"
                )
            if pick.random() < 0.4:
                options["bantime.maxtime"] = pick.choice(["1h", "5w", "1d"])
            if pick.random() < 0.5:
                options["bantime.overalljails"] = "true"
        jails.append(options)
    findtime = MyTime.str2seconds(jails[0]["findtime"])
    bantime = max(1, MyTime.str2seconds(jails[0]["bantime"]))
    hosts = ["192.0.2.%d" % n for n in range(1, 7)] + ["2001:db8::%x" % n for n in range(1, 3)]
    hosts = hosts[: pick.randint(1, len(hosts))]
    fractions = seed % 5 == 4
    time, tickets = START + 10, []
    while len(tickets) < 110:
        host = pick.choice(hosts)
        burst = pick.choice([1, 1, 2, 3, 5, 9])
        gap = pick.choice([0, 1, 1, 2, 7, 40])
        for _ in range(burst):
            attempts = pick.choice([2, 3]) if pick.random() < 0.04 else 0
            stamp = time + pick.randint(0, 999) / 1000 if fractions else time
            tickets.append([pick.randrange(len(jails)), host, stamp, attempts])
            time += gap
        time += pick.choice(
            [0, 1, 5, 30, findtime // 3, findtime - 1, findtime, findtime + 1]
            + [bantime - 1, bantime, bantime + 1, 2 * bantime, 4000, 100_000]
            if pick.random() < 0.5
            else [0, 1, 2, 3, 10, 20, findtime // 7]
        )
        time = int(time)
    tickets.sort(key=lambda ticket: ticket[2])
    return "seed %d" % seed, jails, tickets


def corpus_failures(corpus, name):
    """What upstream's filter `name`, set up as its server does, finds in its log."""
    from fail2ban.client.jailreader import JailReader
    from fail2ban.server.datedetector import DateDetector

    reader = JailReader(name, force_enable=True, basedir=os.path.join(corpus, "config"))
    with contextlib.redirect_stdout(io.StringIO()):
        reader.read()
        # no action.d in a corpus: the filter alone counts
        reader.getOptions()
    flt = Filter(None, useDns="no")
    flt.checkFindTime = False
    found = []
    if reader.filter is None:
        return found
    for command in reader.filter.convert():
        if command[0] != "set" and command[0] != "multi-set":
            continue
        option, values = command[2], command[3:]
        values = values[0] if command[0] == "multi-set" else values
        for value in values:
            if option == "addfailregex":
                flt.addFailRegex(value)
            elif option == "addignoreregex":
                flt.addIgnoreRegex(value)
            elif option == "prefregex":
                flt.prefRegex = value
            elif option == "datepattern":
                flt.setDatePattern(value)
            elif option == "maxlines":
                flt.setMaxLines(value)
    MyTime.setTime(START)
    with open(os.path.join(corpus, "logs", name), "rb") as log:
        for number, line in enumerate(log, 1):
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            if not line or line.startswith("#"):
                continue
            for _, fid, time, _ in flt.processLine(line):
                if fid is not None and time is not None:
                    found.append([0, str(fid), time, 0])
    found.sort(key=lambda ticket: ticket[2])
    # names of the logs' hosts say nothing here: numbered ones do
    names = {}
    for ticket in found:
        number = names.setdefault(ticket[1], len(names) + 1)
        ticket[1] = "198.18.%d.%d" % divmod(number, 256)
    return found


def main():
    out, corpus = sys.argv[1], sys.argv[2:]
    runs = []
    if corpus:
        for name in sorted(os.listdir(os.path.join(corpus[0], "logs"))):
            try:
                tickets = corpus_failures(corpus[0], name)
            except Exception as error:
                print("left out: %s: %r" % (name, error), file=sys.stderr)
                continue
            if not tickets:
                continue
            for maxretry, findtime in ((5, "10m"), (2, "1d")):
                jail = {"maxretry": maxretry, "findtime": findtime, "bantime": "10m", "maxmatches": 5}
                runs.append(record("%s, %d in %s" % (name, maxretry, findtime), [jail], tickets, False))
    else:
        for seed in range(72):
            name, jails, tickets = seeded(seed)
            runs.append(record(name, jails, tickets, seed % 4 == 3))
    with open(out, "w") as file:
        file.write("[\n")
        file.write(",\n".join(json.dumps(run, separators=(",", ":")) for run in runs))
        file.write("\n]\n")
    bans = sum(event[0] == "ban" for run in runs for event in run["events"])
    print("%d runs, %d bans" % (len(runs), bans), file=sys.stderr)


main()
