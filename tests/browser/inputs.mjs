// What the pages are made of: a log, filters and a machine, written into a directory. The same
// bytes on every run.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FILTER = `[Definition]
prefregex = ^<F-MLFID>\\s*\\S+ gate\\[\\d+\\]: </F-MLFID><F-CONTENT>.+</F-CONTENT>$
failregex = ^Failed password for <F-USER>\\S+</F-USER> from <HOST> port <F-PORT>\\d+</F-PORT>$
            ^Invalid user <F-USER>\\S*</F-USER> from <HOST>$
            ^<F-NOFAIL>Connection</F-NOFAIL> from <HOST>$
            ^Never seen from <HOST>$
ignoreregex = from 192\\.0\\.2\\.1 port
datepattern = ^%%Y-%%m-%%d %%H:%%M:%%S
`;

// A generator of numbers that are the same each time (mulberry32).
const numbers = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const log = () => {
  const next = numbers(23);
  const below = (count) => Math.floor(next() * count);
  const lines = [];
  // what must be text on the page, and nothing else
  const at = "2026-11-20 05:59:00 host1 gate[7]: ";
  lines.push(`${at}Invalid user </script><img/src=x/onerror=alert(1)> from 203.0.113.9`);
  lines.push(`${at}Invalid user <!--"'\u202etxet\u0007 from 203.0.113.9`);
  lines.push(`${at}Failed ${"long ".repeat(20000)}`);
  let time = Date.UTC(2026, 10, 20, 6, 0, 0);
  for (let number = 0; number < 1500; number += 1) {
    // an attack in the middle of it
    time += number > 600 && number < 900 ? 2000 : 13000;
    const address = number > 600 && number < 900
      ? `198.51.100.${1 + below(4)}`
      : `203.0.113.${1 + Math.floor(next() ** 3 * 60)}`;
    const head = `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} host${below(3)} gate[${100 + below(9)}]: `;
    const user = ["root", "admin", "guest", "josé"][below(4)];
    const said = [
      `Failed password for ${user} from ${address} port ${1000 + below(9000)}`,
      `Failed password for ${user} from ${address} port ${1000 + below(9000)}`,
      `Invalid user ${user} from ${address}`,
      `Connection from ${address}`,
      `Failed password for ${user} from 192.0.2.1 port 22`,
      `Failed publickey for ${user} from ${address} port 22`,
      `Session opened for ${user}`,
    ][below(7)];
    lines.push(head + said);
  }
  return `${lines.join("\n")}\n`;
};

const JAILS = `[DEFAULT]
bantime = 10m
findtime = 10m
maxretry = 5
backend = polling
[gate]
enabled = true
filter = gate
logpath = /var/log/gate.log
banaction = wall
action = wall
[shop]
enabled = true
filter = gate
logpath = /var/log/none.log
action = wall
`;

// What a server did: it banned one address by hand, and none by the rules.
const record = () => [
  "2026-11-20 06:00:00,100 fail2ban.server [7]: INFO    Starting Fail2ban v1.1.0",
  "2026-11-20 06:00:00,200 fail2ban.jail [7]: INFO    Jail 'gate' started",
  "2026-11-20 06:10:00,100 fail2ban.actions [7]: NOTICE  [gate] Ban 192.0.2.99",
  "2026-11-20 11:30:00,100 fail2ban.actions [7]: NOTICE  [gate] Unban 192.0.2.99",
  "",
].join("\n");

// Where each page is made from.
export const write = (place) => {
  const files = {
    "gate.log": log(),
    "config/filter.d/gate.conf": FILTER,
    "old/filter.d/gate.conf": FILTER.replace("Invalid user", "Illegal user").replace("\\S*</F-USER>", "\\S+</F-USER>"),
    "samples/gate": "2026-11-20 06:00:00 host1 gate[1]: Invalid user x from 203.0.113.9\n",
    "root/etc/fail2ban/jail.conf": JAILS,
    "root/etc/fail2ban/fail2ban.conf": "[Definition]\n",
    "root/etc/fail2ban/filter.d/gate.conf": FILTER,
    "root/etc/fail2ban/action.d/wall.conf": "[Definition]\nactionban = true <ip>\nactionunban = true <ip>\n",
    "root/var/log/gate.log": log(),
    "root/var/log/fail2ban.log": record(),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(place, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
};

const now = ["--now", "2026-11-20T12:00:00Z"];
const config = ["-c", "config"];

const actual = ["simulate", "-c", "root/etc/fail2ban", ...now, "--jails", "gate", "gate.log", "--actual", "root/var/log/fail2ban.log"];

// The commands that make them.
export const PAGES = {
  main: ["gate.log", "gate", ...config, ...now],
  explain: ["explain", "gate.log", "gate", ...config, ...now, "--all"],
  line: ["explain", "gate.log", "gate", ...config, ...now],
  actual: [...actual, "--why", "192.0.2.99"],
  history: [...actual, "--history"],
  simulate: ["simulate", "gate.log", "gate", ...config, ...now, "--sweep", "maxretry=2..6,findtime=1m..1h"],
  diff: ["diff", "old", "config", "gate.log", ...now],
  doctor: ["doctor", "--root", "root", ...now],
  check: ["check", "config/filter.d", "--samples", "samples"],
  bench: ["bench", "gate.log", "gate", ...config, ...now, "--against", "old/filter.d/gate.conf", "--no-time"],
  costs: ["bench", "gate.log", "gate", ...config, ...now, "--lines", "200"],
};
