//! The EXAMPLES of the manual pages. `tests/suite/documentation.rs` runs every one of them.

/// One example.
pub(crate) struct Example {
    /// What it does, as a sentence that ends with a colon.
    pub(crate) what: &'static str,
    /// What is typed into a shell.
    pub(crate) command: &'static str,
}

/// The examples of a command's page; of the main job's without a name.
pub(crate) fn of(command: Option<&str>) -> &'static [Example] {
    match command {
        None => MAIN,
        Some("bench") => BENCH,
        Some("check") => CHECK,
        Some("completions") => COMPLETIONS,
        Some("diff") => DIFF,
        Some("doctor") => DOCTOR,
        Some("draft") => DRAFT,
        Some("explain") => EXPLAIN,
        Some("fit") => FIT,
        Some("merge") => MERGE,
        Some("simulate") => SIMULATE,
        // a test says so if a command has none
        Some(_) => &[],
    }
}

const MAIN: &[Example] = &[
    Example {
        what: "What a filter of the configuration finds in a log:",
        command: "f2b-regex /var/log/auth.log sshd",
    },
    Example {
        what: "The same with an option of the filter, on the log and its rotated siblings:",
        command: "f2b-regex '/var/log/auth.log*' 'sshd[mode=aggressive]'",
    },
    Example {
        what: "A filter that is being written, with the lines it matches:",
        command: "f2b-regex /var/log/app.log ./my-filter.conf --print-all-matched",
    },
    Example {
        what: "A line and a regex as text:",
        command: "f2b-regex 'Dec 31 11:59:59 sshd[1]: Failed password for root from 192.0.2.1' \\\n    \
                  'Failed password for \\S+ from <HOST>'",
    },
    Example {
        what: "The addresses found since yesterday, one per line, the most frequent first:",
        command: "f2b-regex --since yesterday --out ip /var/log/auth.log sshd | sort | uniq -c | sort -rn",
    },
    Example {
        what: "The log of a container, with what makes fail2ban see the same:",
        command: "f2b-regex /var/log/gate-json.log sshd --unwrap",
    },
    Example {
        what: "A page to look at, and to pass on:",
        command: "f2b-regex /var/log/auth.log sshd --format html > report.html",
    },
    Example {
        what: "For a script: fail where nothing matches:",
        command: "f2b-regex --require-match --format json /var/log/auth.log sshd > report.json",
    },
    Example {
        what: "fail2ban-regex's own report:",
        command: "f2b-regex --format classic /var/log/auth.log sshd",
    },
];

const BENCH: &[Example] = &[
    Example {
        what: "Which regex takes the time:",
        command: "f2b-regex bench /var/log/asterisk.log asterisk",
    },
    Example {
        what: "What a new version of a filter matches that the old one does not, and the reverse:",
        command: "f2b-regex bench --no-time /var/log/asterisk.log ./new.conf --against ./old.conf",
    },
    Example {
        what: "In continuous integration: fail where the working copy means something else than \
               the last commit:",
        command: "f2b-regex bench --no-time --fail-on-change logs/shop ./filter.d/shop.conf \\\n    \
                  --against git:HEAD",
    },
];

const CHECK: &[Example] = &[
    Example {
        what: "A directory of filters with fail2ban's annotated logs:",
        command: "f2b-regex check filter.d --samples logs",
    },
    Example {
        what: "Everything the machine's fail2ban has, for a build server:",
        command: "f2b-regex check /etc/fail2ban --format junit > report.xml",
    },
    Example {
        what: "Fail where a failregex has no sample:",
        command: "f2b-regex check filter.d --samples logs --coverage-min 100",
    },
    Example {
        what: "What a code of the report means:",
        command: "f2b-regex check --explain L005",
    },
];

const COMPLETIONS: &[Example] = &[
    Example {
        what: "For bash:",
        command: "mkdir -p ~/.local/share/bash-completion/completions\n\
                  f2b-regex completions bash > ~/.local/share/bash-completion/completions/f2b-regex",
    },
    Example {
        what: "For fish:",
        command: "mkdir -p ~/.config/fish/completions\n\
                  f2b-regex completions fish > ~/.config/fish/completions/f2b-regex.fish",
    },
];

const EXPLAIN: &[Example] = &[
    Example {
        what: "The missed line that is nearest to a match:",
        command: "f2b-regex explain /var/log/mail.log dovecot",
    },
    Example {
        what: "All missed lines, grouped by where they stop, the most frequent first:",
        command: "f2b-regex explain /var/log/mail.log dovecot --all",
    },
    Example {
        what: "A certain line:",
        command: "f2b-regex explain /var/log/mail.log dovecot --line-number 2",
    },
    Example {
        what: "A line as text, for a program:",
        command: "f2b-regex explain --format json \\\n    \
                  'Apr 16 16:44:51 host dovecot: imap-login: Disconnected' dovecot",
    },
];

const DRAFT: &[Example] = &[
    Example {
        what: "A filter for the failures of an application's log, which must not match the rest:",
        command: "grep 'login failed' /var/log/app.log > failures.log\n\
                  grep -v 'login failed' /var/log/app.log > good.log\n\
                  f2b-regex draft failures.log --good good.log --name app-login",
    },
    Example {
        what: "For a line, to look at first:",
        command: "f2b-regex draft --dry-run \\\n    \
                  --line '2026-11-20 10:00:00 door: user eve refused, from 192.0.2.1'",
    },
];

const FIT: &[Example] = &[
    Example {
        what: "Which filter of the configuration is for a log:",
        command: "f2b-regex fit /var/log/auth.log",
    },
    Example {
        what: "For several logs at once, by a configuration of your own:",
        command: "f2b-regex fit /var/log/auth.log /var/log/mail.log -c etc/fail2ban",
    },
    Example {
        what: "For a line, as JSON:",
        command: "f2b-regex fit --format json \\\n    \
                  --line 'Apr 16 16:44:51 host sshd[7]: Invalid user x from 192.0.2.1' # status 1",
    },
];

const DIFF: &[Example] = &[
    Example {
        what: "What an upgrade would change, before it is made:",
        command: "f2b-regex diff /etc/fail2ban ./upgrade",
    },
    Example {
        what: "A new version of a filter, on a log:",
        command: "f2b-regex diff ./old.conf ./new.conf /var/log/asterisk.log",
    },
    Example {
        what: "In continuous integration: a comment on a pull request, and status 1 if a sample is no \
               longer matched:",
        command: "f2b-regex diff git:HEAD ./filter.d --samples logs --format markdown \\\n    \
                  --fail-on lost > comment.md",
    },
];

const DOCTOR: &[Example] = &[
    Example {
        what: "What stops the enabled jails of a copy of a machine:",
        command: "f2b-regex doctor --root ./machine # status 1",
    },
    Example {
        what: "One jail of it, enabled or not:",
        command: "f2b-regex doctor --root ./machine shop # status 1",
    },
    Example {
        what: "The configuration alone, for a workflow on GitHub:",
        command: "f2b-regex doctor -c ./machine/etc/fail2ban --no-environment --format github",
    },
    Example {
        what: "Where every value of a jail comes from:",
        command: "f2b-regex doctor --blame --root ./machine sshd",
    },
];

const MERGE: &[Example] = &[Example {
    what: "The reports of two logs as the one that a run over both would write:",
    command: "f2b-regex --format json /var/log/auth.log.1 sshd > older.json\n\
              f2b-regex --format json /var/log/auth.log sshd > newer.json\n\
              f2b-regex merge older.json newer.json --format table",
}];

const SIMULATE: &[Example] = &[
    Example {
        what: "Who would be banned by the rules of the jail:",
        command: "f2b-regex simulate '/var/log/auth.log*' sshd",
    },
    Example {
        what: "By other rules:",
        command: "f2b-regex simulate /var/log/auth.log sshd --maxretry 3 --findtime 1h --bantime 1d",
    },
    Example {
        what: "How the number of bans depends on two of them:",
        command: "f2b-regex simulate /var/log/auth.log sshd --sweep maxretry=1..10,findtime=1m..1d",
    },
    Example {
        what: "All enabled jails on their own logs:",
        command: "f2b-regex simulate --all-jails",
    },
    Example {
        what: "What the server really did, beside what the rules say:",
        command: "f2b-regex simulate --actual /var/log/fail2ban.log --all-jails",
    },
    Example {
        what: "Why an address is banned, or is not:",
        command: "f2b-regex simulate --actual /var/log/fail2ban.log --jails sshd \\\n    \
                  --why 203.0.113.7",
    },
    Example {
        what: "The bans of a database by network, and what bans of whole networks would save:",
        command: "f2b-regex simulate --actual /var/lib/fail2ban/fail2ban.sqlite3 \\\n    \
                  --history --group-by network",
    },
    Example {
        what: "Failures and bans over time as a picture:",
        command: "f2b-regex simulate /var/log/auth.log sshd --plot bans.svg",
    },
];
