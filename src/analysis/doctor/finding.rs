//! What a diagnosis says of a jail.

use crate::config::Origin;

/// Something that keeps a jail from banning.
#[derive(Clone, Debug)]
pub(crate) struct Blocker {
    /// A stable name for programs.
    pub(crate) code: &'static str,
    /// What was seen.
    pub(crate) message: String,
    /// Where it is to be mended.
    pub(crate) place: Option<Origin>,
    /// What to change.
    pub(crate) change: String,
    /// What the jail finds with that change, where it could be tried.
    pub(crate) tried: Option<Figures>,
}

/// Something to know that keeps nothing from working.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// A stable name for programs.
    pub(crate) code: &'static str,
    /// What was seen, and what could be done.
    pub(crate) message: String,
}

/// What a run finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Lines or entries read.
    pub(crate) lines: u64,
    /// Failures that count.
    pub(crate) matched: u64,
    /// Bans they lead to.
    pub(crate) bans: u64,
}

/// An input of a jail.
#[derive(Clone, Debug)]
pub(crate) struct InputSeen {
    /// The log as fail2ban names it; `None` for the journal.
    pub(crate) path: Option<String>,
    /// Lines read of its end, where it was read.
    pub(crate) lines: Option<u64>,
    /// Its last date, epoch seconds.
    pub(crate) newest: Option<f64>,
}

impl InputSeen {
    /// An input that is not read yet.
    pub(super) fn new(path: Option<String>) -> InputSeen {
        InputSeen {
            path,
            lines: None,
            newest: None,
        }
    }
}

/// The address nearest to a ban.
#[derive(Clone, Debug)]
pub(crate) struct ClosestCall {
    /// Who.
    pub(crate) address: String,
    /// The highest count it reached within findtime.
    pub(crate) count: i64,
    /// All its failures.
    pub(crate) failures: u64,
}

/// A jail, diagnosed.
#[derive(Clone, Debug)]
pub(crate) struct JailDiagnosis {
    pub(crate) name: String,
    pub(crate) enabled: bool,
    /// `backend` as configured, and as the server is told; none of a jail that was not read.
    pub(crate) backend: Option<(String, String)>,
    pub(crate) inputs: Vec<InputSeen>,
    /// What was read; `None` where nothing was.
    pub(crate) lines: Option<u64>,
    pub(crate) dated: Option<u64>,
    pub(crate) matched: Option<u64>,
    /// Addresses that would have been banned, in order.
    pub(crate) bans: Option<Vec<String>>,
    pub(crate) closest: Option<ClosestCall>,
    /// What stops it, the first in the order of diagnosis first.
    pub(crate) blockers: Vec<Blocker>,
    pub(crate) warnings: Vec<Notice>,
}

impl JailDiagnosis {
    pub(super) fn new(name: &str, enabled: bool) -> JailDiagnosis {
        JailDiagnosis {
            name: name.to_owned(),
            enabled,
            backend: None,
            inputs: Vec::new(),
            lines: None,
            dated: None,
            matched: None,
            bans: None,
            closest: None,
            blockers: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn block(
        &mut self,
        code: &'static str,
        place: Option<&Origin>,
        message: String,
        change: impl Into<String>,
    ) {
        self.block_tried(code, place, message, (change.into(), None));
    }

    /// A blocker with a change, and what came of trying it.
    pub(super) fn block_tried(
        &mut self,
        code: &'static str,
        place: Option<&Origin>,
        message: String,
        (change, tried): (String, Option<Figures>),
    ) {
        self.blockers.push(Blocker {
            code,
            message,
            place: place.cloned(),
            change,
            tried,
        });
    }

    pub(super) fn warn(&mut self, code: &'static str, message: String) {
        self.warnings.push(Notice { code, message });
    }

    /// Whether nothing stops it.
    pub(crate) fn works(&self) -> bool {
        self.blockers.is_empty()
    }
}
