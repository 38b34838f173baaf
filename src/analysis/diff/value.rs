//! What a diff has to say: the types are the schema of its JSON report.
//!
//! Fields are added, never renamed or removed, under one number.

use crate::analysis::bench::comparison::Comparison;
use crate::analysis::warning::{Tool, Warning};
use serde::Serialize;

/// The number of the schema these types are.
pub(crate) const SCHEMA: u32 = 1;

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Diff {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The old version, as given.
    pub(crate) old: String,
    /// The new version, as given.
    pub(crate) new: String,
    /// Anything below differs.
    pub(crate) changed: bool,
    /// Something no longer takes place: a line, an address, a filter or an option set is lost.
    pub(crate) lost: bool,
    /// Filters of both, and how many of them are the same.
    pub(crate) compared: u64,
    pub(crate) unchanged: u64,
    /// Filters of the new version only, and of the old one only.
    pub(crate) came: Vec<String>,
    pub(crate) went: Vec<String>,
    /// Filters that differ, by name.
    pub(crate) filters: Vec<FilterDiff>,
    /// What differs between the jails; null where both are no configuration directories.
    pub(crate) jails: Option<JailsDiff>,
    /// What `.local` files say that the new version has no use for.
    pub(crate) locals: Vec<LocalFault>,
    /// The logs; null where none were given.
    pub(crate) logs: Option<LogsRead>,
    /// What looks wrong.
    pub(crate) warnings: Vec<Warning>,
}

/// Which lines were compared.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LogsRead {
    /// The logs, or the directories of samples.
    pub(crate) names: Vec<String>,
    /// Lines tested with filters that differ, those of a log that several filters have counted
    /// once for each.
    pub(crate) lines: u64,
}

/// A filter that differs.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FilterDiff {
    /// Its name in the new version.
    pub(crate) name: String,
    /// Its name in the old version, if that is another one.
    pub(crate) renamed_from: Option<String>,
    /// Its files, from the directory given on.
    pub(crate) old_file: String,
    pub(crate) new_file: String,
    /// Option sets of both.
    pub(crate) option_sets: Vec<String>,
    /// Option sets of one version only.
    pub(crate) option_sets_came: Vec<String>,
    pub(crate) option_sets_went: Vec<String>,
    /// What differs between the settings.
    pub(crate) changes: Vec<Change>,
    /// Option sets that one version alone can run.
    pub(crate) faults: Vec<FilterFault>,
    /// What differs on the lines: option sets that differ alike are together.
    pub(crate) lines: Vec<SetLines>,
}

/// What became of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// The new version alone has it.
    Added,
    /// The old version alone has it.
    Removed,
    /// It reads otherwise.
    Changed,
    /// A regex that is the same, at another place among the others.
    Moved,
}

/// A setting that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// `prefregex`, `failregex`, `ignoreregex`, `datepattern`, `journalmatch` or `maxlines`.
    pub(crate) option: &'static str,
    /// What became of it.
    pub(crate) kind: Kind,
    /// As the old version has it.
    pub(crate) old: Option<Written>,
    /// As the new version has it.
    pub(crate) new: Option<Written>,
    /// What differs between the two texts.
    pub(crate) edit: Option<Edit>,
    /// The option sets it is in.
    pub(crate) option_sets: Vec<String>,
}

/// A setting as it is at last, references replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Written {
    /// The regex's number in its option, from 1.
    pub(crate) number: Option<usize>,
    /// The text, in the first of the option sets.
    pub(crate) text: String,
    /// Where it is written.
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
}

/// The part of two texts that differs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct Edit {
    /// Bytes of both texts before it.
    pub(crate) at: usize,
    /// The part of the old text.
    pub(crate) old: String,
    /// The part of the new text.
    pub(crate) new: String,
}

/// Which of the two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Version {
    Old,
    New,
}

/// Why an option set cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FilterFault {
    /// In which version.
    pub(crate) version: Version,
    /// The first thing that is wrong.
    pub(crate) message: String,
    /// The option sets.
    pub(crate) option_sets: Vec<String>,
}

/// What differs on the lines.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SetLines {
    /// The option sets.
    pub(crate) option_sets: Vec<String>,
    /// The difference: `filter` is the new version there, `against` the old one.
    pub(crate) comparison: Comparison,
}

/// What differs between the jails of two configurations.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct JailsDiff {
    /// Jails of both.
    pub(crate) compared: u64,
    /// Jails of one version only.
    pub(crate) came: Vec<String>,
    pub(crate) went: Vec<String>,
    /// Files of action.d of one version only, without their endings.
    pub(crate) actions_came: Vec<String>,
    pub(crate) actions_went: Vec<String>,
    /// Values in force that differ.
    pub(crate) values: Vec<ValueChange>,
}

/// A value of jails that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ValueChange {
    /// The option: of a jail, `filter`, `actions`, or of an action, `iptables: actionban`.
    pub(crate) option: String,
    /// Its value in the old version; null where it has none.
    pub(crate) old: Option<String>,
    /// Its value in the new version.
    pub(crate) new: Option<String>,
    /// What differs between the two texts.
    pub(crate) edit: Option<Edit>,
    /// Where the old value comes from, as `file:line`, in the first of the jails.
    pub(crate) old_place: Option<String>,
    /// Where the new value comes from.
    pub(crate) new_place: Option<String>,
    /// The jails.
    pub(crate) jails: Vec<String>,
}

/// What is wrong with a `.local` file once the new version is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LocalKind {
    /// There is no file any more that it is beside.
    NoConf,
    /// It sets an option that takes no part any more.
    OptionGone,
    /// It refers to an option that is no longer there.
    ReferenceGone,
    /// It is about a jail that is no longer there.
    JailGone,
}

/// What a `.local` file says that the new version has no use for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(crate) struct LocalFault {
    /// The file, from the directory given on.
    pub(crate) file: String,
    /// The line.
    pub(crate) line: u32,
    /// What is wrong.
    pub(crate) kind: LocalKind,
    /// The option that is set there, or the jail.
    pub(crate) option: String,
    /// What it refers to.
    pub(crate) reference: Option<String>,
}
