//! Where sshd says in its log that it listens. A machine may run several: each is a process of its
//! own, and that one starts does not end the others.

use std::collections::BTreeSet;

/// Seconds within which daemons say at the start of a machine where they listen.
const START: f64 = 60.0;

/// The daemons of a log.
#[derive(Default)]
pub(super) struct Daemons {
    all: Vec<Daemon>,
    /// Ports at which clients were let in, with when they were last.
    visited: Vec<(u16, Option<f64>)>,
}

/// One process, as it was started last.
struct Daemon {
    host: Box<str>,
    process: Option<Box<str>>,
    /// The unit that a journal says it is of.
    unit: Option<Box<str>>,
    ports: BTreeSet<u16>,
    started: Option<f64>,
}

/// The ports of the daemons of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ports {
    /// Those that are listened on.
    pub(super) open: BTreeSet<u16>,
    /// Those of daemons that were started before the last one and did not say that they end: such a
    /// one may run still, or have ended without a word.
    pub(super) perhaps: BTreeSet<u16>,
}

impl Daemons {
    /// Takes a line, with its time and the unit that wrote it where they are known.
    pub(super) fn line(&mut self, line: &str, time: Option<f64>, unit: &str) {
        if !line.contains("sshd") {
            return;
        }
        if stops_listening(line) {
            self.ends(process(line));
        } else if let Some(port) = listening_port(line) {
            self.listens((port, host(line)), time, (process(line), unit));
        } else if let Some(port) = visited_port(line) {
            match self.visited.iter_mut().find(|(known, _)| *known == port) {
                Some((_, last)) => *last = time.or(*last),
                None => self.visited.push((port, time)),
            }
        }
    }

    fn ends(&mut self, process: Option<&str>) {
        let is_it = |daemon: &Daemon| {
            let both = daemon.process.as_deref().zip(process);
            both.is_none_or(|(known, ended)| known == ended)
        };
        let ended = self.all.iter().filter(|daemon| is_it(daemon));
        let ports: BTreeSet<u16> = ended.flat_map(|daemon| &daemon.ports).copied().collect();
        self.visited.retain(|(port, _)| !ports.contains(port));
        self.all.retain(|daemon| !is_it(daemon));
    }

    fn listens(
        &mut self,
        (port, host): (u16, &str),
        time: Option<f64>,
        (process, unit): (Option<&str>, &str),
    ) {
        let is_it = |daemon: &&mut Daemon| daemon.process.as_deref() == process;
        if let Some(daemon) = self.all.iter_mut().find(is_it) {
            // one start tells of all ports at once; that it ended before may not be in the log
            if apart(daemon.started, time).is_some_and(|since| since > START) {
                daemon.ports.clear();
            }
            daemon.started = time.or(daemon.started);
            daemon.ports.insert(port);
            return;
        }
        self.all.push(Daemon {
            host: host.into(),
            process: process.map(Into::into),
            unit: Some(unit).filter(|unit| !unit.is_empty()).map(Into::into),
            ports: BTreeSet::from([port]),
            started: time,
        });
    }

    /// What is listened on at the end of the log.
    pub(super) fn ports(&self) -> Ports {
        let mut ports = Ports::default();
        // of a log of several machines it is not known which of them is this one
        let mut hosts = self.all.iter().map(|daemon| &daemon.host);
        let first = hosts.next();
        if hosts.any(|host| Some(host) != first) {
            return ports;
        }
        let later = |a: &&Daemon, b: &&Daemon| match (a.started, b.started) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        let last = self.all.iter().max_by(later);
        let started = last.and_then(|last| last.started);
        let is_since = |time: Option<f64>| apart(started, time).is_none_or(|since| since >= 0.0);
        for (port, time) in &self.visited {
            if is_since(*time) {
                ports.open.insert(*port);
            }
        }
        for daemon in &self.all {
            let is_last = apart(daemon.started, started).is_none_or(|since| since <= START);
            // a unit is started anew once it has ended; another one has nothing to do with it
            let units = daemon
                .unit
                .as_deref()
                .zip(last.and_then(|l| l.unit.as_deref()));
            let is_other_unit = units.is_some_and(|(own, last)| own != last);
            if is_last || is_other_unit {
                ports.open.extend(&daemon.ports);
            } else {
                ports.perhaps.extend(&daemon.ports);
            }
        }
        ports.perhaps = &ports.perhaps - &ports.open;
        ports
    }
}

/// Seconds from one time to another, where both are known.
fn apart(from: Option<f64>, to: Option<f64>) -> Option<f64> {
    Some(to? - from?)
}

/// The machine that a line is of: the word before `sshd`.
fn host(line: &str) -> &str {
    let (before, _) = line.split_once("sshd").unwrap_or_default();
    before.split_whitespace().next_back().unwrap_or_default()
}

/// The process that wrote a line: `sshd[5]:`.
fn process(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("sshd[")?;
    let (process, _) = rest.split_once("]:")?;
    process
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then_some(process)
}

/// Whether sshd says that it ends, or begins anew: `Received signal 15; terminating.`,
/// `Received SIGHUP; restarting.`
fn stops_listening(line: &str) -> bool {
    let said = line
        .split_once("Received SIG")
        .or_else(|| line.split_once("Received signal "));
    said.is_some_and(|(_, rest)| {
        rest.ends_with("; terminating.") || rest.ends_with("; restarting.")
    })
}

/// The port in sshd's `Server listening on 0.0.0.0 port 2222.`
fn listening_port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("Server listening on ")?;
    // no other machine comes in there
    let is_local = rest.starts_with("127.") || rest.starts_with("::1 ");
    port_in(rest).filter(|_| !is_local)
}

/// The port of this machine in `Connection from 192.0.2.7 port 40112 on 192.0.2.1 port 2222`, which
/// sshd says with `LogLevel VERBOSE`.
fn visited_port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once(": Connection from ")?;
    let (_, rest) = rest.split_once(" on ")?;
    port_in(rest)
}

fn port_in(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once(" port ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ports after lines of a log, each with its time and unit.
    fn ports(lines: &[(f64, &str, &str)]) -> (Vec<u16>, Vec<u16>) {
        let mut daemons = Daemons::default();
        for (time, line, unit) in lines {
            daemons.line(line, Some(*time), unit);
        }
        let ports = daemons.ports();
        let list = |ports: BTreeSet<u16>| ports.into_iter().collect();
        (list(ports.open), list(ports.perhaps))
    }

    const FIRST: &str = "here sshd[5]: Server listening on 0.0.0.0 port 22.";
    const SECOND: &str = "here sshd[6]: Server listening on :: port 2222.";

    #[test]
    fn daemons_started_together_listen_together() {
        let both = ports(&[(0.0, FIRST, ""), (5.0, SECOND, "")]);
        assert_eq!(both, (vec![22, 2222], vec![]));
        let other = "here sshd[5]: Server listening on 0.0.0.0 port 2022.";
        assert_eq!(
            ports(&[(0.0, FIRST, ""), (0.0, other, "")]),
            (vec![22, 2022], vec![])
        );
        assert_eq!(
            ports(&[(0.0, FIRST, ""), (900.0, other, "")]),
            (vec![2022], vec![])
        );
    }

    #[test]
    fn an_earlier_daemon_may_run_still() {
        let later = (900.0, SECOND, "");
        assert_eq!(ports(&[(0.0, FIRST, ""), later]), (vec![2222], vec![22]));
        let visit = "here sshd[9]: Connection from 192.0.2.7 port 40112 on 192.0.2.1 port 22";
        let visited = ports(&[(0.0, FIRST, ""), later, (950.0, visit, "")]);
        assert_eq!(visited, (vec![22, 2222], vec![]));
        let before = ports(&[(0.0, FIRST, ""), (50.0, visit, ""), later]);
        assert_eq!(before, (vec![2222], vec![22]));
        let units = ports(&[(0.0, FIRST, "ssh.service"), (900.0, SECOND, "door.service")]);
        assert_eq!(units, (vec![22, 2222], vec![]));
    }

    #[test]
    fn each_daemon_ends_by_itself() {
        let end = "here sshd[5]: Received signal 15; terminating.";
        let lines = [(0.0, FIRST, ""), (5.0, SECOND, ""), (9.0, end, "")];
        assert_eq!(ports(&lines), (vec![2222], vec![]));
        let end = "here sshd[6]: Received SIGHUP; restarting.";
        let lines = [(0.0, FIRST, ""), (900.0, SECOND, ""), (990.0, end, "")];
        assert_eq!(ports(&lines), (vec![22], vec![]));
        let other = "there sshd[7]: Server listening on :: port 2222.";
        let lines = [(0.0, FIRST, ""), (5.0, other, "")];
        assert_eq!(ports(&lines), (vec![], vec![]));
        let end = "here sshd: Received signal 15; terminating.";
        let lines = [(0.0, FIRST, ""), (5.0, SECOND, ""), (9.0, end, "")];
        assert_eq!(ports(&lines), (vec![], vec![]));
    }
}
