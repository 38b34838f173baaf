//! Reports of the main job and of `merge`: `table` for people, `json` for programs (it is
//! [`Json`](super::json::Json)), `html` as a page, `classic` as fail2ban-regex writes it, `rows` for `--out`.

pub(crate) mod classic;
pub(crate) mod html;
pub(crate) mod rows;
pub(crate) mod table;

/// What of a run the options ask to see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Show {
    /// `--verbose`, counted.
    pub(crate) verbose: u8,
    /// `--verbose-date`.
    pub(crate) verbose_date: bool,
    /// `--debuggex`.
    pub(crate) debuggex: bool,
    /// The log's encoding, for the debuggex links.
    pub(crate) encoding: crate::input::Encoding,
    /// `--usedns no`, for the debuggex links.
    pub(crate) usedns_no: bool,
    /// Lists at least this long are not shown by `classic` unless asked for.
    pub(crate) limit: usize,
    /// `--print-no-missed`.
    pub(crate) no_missed: bool,
    /// `--print-no-ignored`.
    pub(crate) no_ignored: bool,
    /// `--print-all-matched`.
    pub(crate) all_matched: bool,
    /// `--print-all-missed`.
    pub(crate) all_missed: bool,
    /// `--print-all-ignored`.
    pub(crate) all_ignored: bool,
    /// Addresses shown in the table.
    pub(crate) top: usize,
}
