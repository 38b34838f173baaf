#!/usr/bin/env python3
"""Make the logs of the comparison: seeded, from the templates below.

usage: make_logs.py DIRECTORY [MEGABYTES] [NAME…]

Writes DIRECTORY/NAME.log for each case of CASES (or those named), unless one of
that size is there. The same arguments give the same bytes.
"""
import json, os, random, sys, time

USERS = "root admin oracle test guest ubuntu postgres git deploy backup www-data pi".split()
HOSTS = "gate-fra1.example.net mx1.example.net web2.example.net db3-ams.example.net".split()

def new_ip(r):
    if r.random() < 0.05:
        return "2001:db8:%x:%x::%x" % (r.randrange(65536), r.randrange(65536), r.randrange(1, 65536))
    return "%d.%d.%d.%d" % (r.randrange(1, 224), r.randrange(256), r.randrange(256), r.randrange(1, 255))

POOL = [new_ip(random.Random("addresses %d" % n)) for n in range(20000)]

def ip(r):
    """An address: a few attackers make most of the noise."""
    return POOL[int(len(POOL) * r.random() ** 4)]

def words(r, n):
    return " ".join(r.choice("cache queue worker index replica socket buffer route policy token".split()) for _ in range(n))

def syslog(t):
    return time.strftime("%b %d %H:%M:%S", time.gmtime(t))

def auth(r, t):
    """4 of 5 lines hit a failregex of sshd."""
    head = "%s %s sshd[%d]: " % (syslog(t), r.choice(HOSTS), r.randrange(1000, 65000))
    port = r.randrange(1024, 65536)
    if r.random() < 0.2:
        return r.choice([
            "%s %s CRON[%d]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)" % (syslog(t), r.choice(HOSTS), r.randrange(1000, 65000)),
            head + "Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:9q1c" % (r.choice(USERS), ip(r), port),
            head + "pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)" % r.choice(USERS),
            "%s %s systemd-logind[511]: New session %d of user %s." % (syslog(t), r.choice(HOSTS), r.randrange(9999), r.choice(USERS)),
        ])
    return head + r.choice([
        "Failed password for %s from %s port %d ssh2" % (r.choice(USERS), ip(r), port),
        "Failed password for invalid user %s from %s port %d ssh2" % (r.choice(USERS), ip(r), port),
        "Invalid user %s from %s port %d" % (r.choice(USERS), ip(r), port),
        "Failed password for %s from %s port %d ssh2" % (r.choice(USERS), ip(r), port),
        "User %s from %s not allowed because not listed in AllowUsers" % (r.choice(USERS), ip(r)),
    ])

def mail(r, t):
    """About 2 % hit dovecot or postfix[mode=aggressive]."""
    host = r.choice(HOSTS)
    if r.random() < 0.02:
        return "%s %s " % (syslog(t), host) + r.choice([
            "dovecot: imap-login: Disconnected (auth failed, %d attempts in %d secs): user=<%s@example.org>, method=PLAIN, rip=%s, lip=192.0.2.10, TLS, session=<Zk4pQm%dxF>" % (r.randrange(1, 9), r.randrange(1, 60), r.choice(USERS), ip(r), r.randrange(9999)),
            "postfix/smtpd[%d]: NOQUEUE: reject: RCPT from unknown[%s]: 554 5.7.1 <%s@example.net>: Relay access denied; from=<a@example.com> to=<%s@example.net> proto=ESMTP helo=<mail>" % (r.randrange(1000, 65000), ip(r), r.choice(USERS), r.choice(USERS)),
        ])
    q = "%010X" % r.randrange(1 << 40)
    return "%s %s " % (syslog(t), host) + r.choice([
        "postfix/smtp[%d]: %s: to=<%s@example.org>, relay=mail.example.org[192.0.2.25]:25, delay=%.1f, delays=0.1/0/0.3/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as %s)" % (r.randrange(1000, 65000), q, r.choice(USERS), r.random() * 9, q),
        "postfix/qmgr[%d]: %s: from=<%s@example.com>, size=%d, nrcpt=1 (queue active) %s" % (r.randrange(1000, 65000), q, r.choice(USERS), r.randrange(99999), words(r, 8)),
        "dovecot: imap(%s@example.org)<%d><%s>: Disconnected: Logged out in=%d out=%d deleted=0 expunged=0 trashed=0 hdr_count=0 hdr_bytes=0 body_count=0 body_bytes=0 %s" % (r.choice(USERS), r.randrange(99999), q, r.randrange(9999), r.randrange(99999), words(r, 4)),
        "postfix/smtpd[%d]: connect from mail%d.example.com[%s] %s" % (r.randrange(1000, 65000), r.randrange(99), ip(r), words(r, 14)),
        "dovecot: imap-login: Login: user=<%s@example.org>, method=PLAIN, rip=%s, lip=192.0.2.10, mpid=%d, TLS, session=<Zk4pQm%dxF> %s" % (r.choice(USERS), ip(r), r.randrange(99999), r.randrange(9999), words(r, 6)),
    ])

def access(r, t):
    """About 1 % hit nginx-botsearch or apache-badbots."""
    when = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(t))
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
    path, status = "/%s/%s-%d.html" % (r.choice(["blog", "shop", "docs", "img"]), r.choice(USERS), r.randrange(9999)), 200
    if r.random() < 0.01:
        if r.random() < 0.5:
            path, status = r.choice(["/phpmyadmin/scripts/setup.php", "/wp-login.php", "/admin/phpmyadmin/index.php"]), 404
        else:
            agent = "EmailCollector"
    return '%s - - [%s] "GET %s HTTP/1.1" %d %d "https://www.example.org/" "%s"' % (ip(r), when, path, status, r.randrange(99999), agent)

def error(r, t, asctime):
    """About 2 % hit apache-auth."""
    if asctime:
        when = time.strftime("%a %b %d %H:%M:%S.", time.gmtime(t)) + "%06d" % r.randrange(10**6) + time.strftime(" %Y", time.gmtime(t))
    else:
        when = time.strftime("%Y-%m-%d %H:%M:%S.", time.gmtime(t)) + "%06d" % r.randrange(10**6)
    head = "[%s] " % when
    pid = "[pid %d:tid %d] [client %s:%d] " % (r.randrange(1000, 65000), r.randrange(1 << 40), ip(r), r.randrange(1024, 65536))
    if r.random() < 0.02:
        return head + r.choice([
            "[auth_basic:error] " + pid + "AH01618: user %s not found: /private/" % r.choice(USERS),
            "[auth_basic:error] " + pid + 'AH01617: user %s: authentication failure for "/private/": Password Mismatch' % r.choice(USERS),
        ])
    return head + r.choice([
        "[proxy_fcgi:error] " + pid + "AH01071: Got error 'Primary script unknown' " + words(r, 6),
        "[core:notice] " + pid + "AH00094: Command line: '/usr/sbin/apache2' " + words(r, 6),
        "[ssl:info] " + pid + "AH01964: Connection to child 12 established (server www.example.org:443) " + words(r, 3),
        "[php:warn] " + pid + "PHP Warning:  Undefined variable $x in /var/www/html/%s.php on line %d" % (r.choice(USERS), r.randrange(999)),
    ])

def error_iso(r, t):
    return error(r, t, False)

def error_asctime(r, t):
    return error(r, t, True)

def alternating(r, t):
    """Two date formats, line by line; half of the lines hit sshd."""
    line = auth(r, t)
    if t % 2:
        line = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(t)) + "%06d+00:00" % r.randrange(10**6) + line[15:]
    return line

def catalina(r, t):
    """Entries of two lines; half of them hit guacamole."""
    head = time.strftime("%b %d, %Y %I:%M:%S %p ", time.gmtime(t))
    return head + r.choice([
        "net.sourceforge.guacamole.net.basic.BasicFileAuthenticationProvider\nWARNING: Authentication attempt from %s for user \"%s\" failed." % (ip(r), r.choice(USERS)),
        "org.apache.catalina.startup.HostConfig deployDirectory\nINFO: Deploying web application directory /srv/%s" % words(r, 1),
    ])

def journal(r, t):
    """What `journalctl -o json` writes of a server: one entry of three is of sshd, which its journalmatch selects."""
    line = auth(r, t) if r.random() < 1 / 3 else mail(r, t)
    host, said = line[16:].split(" ", 1)
    tag, message = said.split(": ", 1)
    name, _, pid = tag.partition("[")
    pid, name = pid.rstrip("]") or "%d" % r.randrange(300, 900), name.rpartition("/")[2]
    unit = "ssh" if name == "sshd" else name
    micros = t * 1000000 + r.randrange(1000000)
    fields = {
        "__CURSOR": "s=8f21%028x;i=%x;b=7a1c%028x;m=%x;t=%x;x=%016x" % (t, t, 1, micros >> 9, micros, r.getrandbits(64)),
        "__REALTIME_TIMESTAMP": "%d" % (micros + 211),
        "__MONOTONIC_TIMESTAMP": "%d" % (micros - 1761000000000000),
        "_BOOT_ID": "7a1c%028x" % 1,
        "_TRANSPORT": "syslog",
        "PRIORITY": "6",
        "SYSLOG_FACILITY": "10",
        "SYSLOG_IDENTIFIER": name,
        "SYSLOG_PID": pid,
        "SYSLOG_TIMESTAMP": syslog(t) + " ",
        "MESSAGE": message,
        "_PID": pid,
        "_UID": "0",
        "_GID": "0",
        "_COMM": name,
        "_EXE": "/usr/sbin/" + name,
        "_CMDLINE": '"%s: [accepted]"' % name if name == "sshd" else "/usr/sbin/%s -F" % name,
        "_CAP_EFFECTIVE": "1ffffffffff",
        "_SELINUX_CONTEXT": "unconfined\n",
        "_SYSTEMD_CGROUP": "/system.slice/%s.service" % unit,
        "_SYSTEMD_UNIT": unit + ".service",
        "_SYSTEMD_SLICE": "system.slice",
        "_SYSTEMD_INVOCATION_ID": "c0ffee%026x" % len(unit),
        "_MACHINE_ID": "5b0e%028x" % 3,
        "_HOSTNAME": host,
        "_SOURCE_REALTIME_TIMESTAMP": "%d" % micros,
    }
    return json.dumps(fields, separators=(",", ":"))

CASES = {f.__name__: f for f in (auth, mail, access, error_iso, error_asctime, alternating, catalina, journal)}

def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    directory = sys.argv[1]
    size = int(float(sys.argv[2]) * 1e6) if len(sys.argv) > 2 else 200_000_000
    os.makedirs(directory, exist_ok=True)
    for name in sys.argv[3:] or CASES:
        path = os.path.join(directory, name + ".log")
        if os.path.exists(path) and abs(os.path.getsize(path) - size) < 1000:
            continue
        r = random.Random("f2b-regex " + name)
        t, written = 1762000000, 0
        with open(path, "w", encoding="utf-8") as out:
            while written < size:
                lines = []
                for _ in range(5000):
                    t += 1 if name == "alternating" else r.random() < 0.3
                    lines.append(CASES[name](r, int(t)))
                text = "\n".join(lines) + "\n"
                text = text[: text.rfind("\n", 0, size - written) + 1] if written + len(text) > size else text
                if not text:
                    break
                out.write(text)
                written += len(text)
        print(path, os.path.getsize(path), file=sys.stderr)

main()
