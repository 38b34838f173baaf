//! Where a value is to be mended: in the user's own file, not in one that comes with fail2ban.

use crate::config::{EffectiveOption, Origin};

/// Where an option is to be mended: the user's own line, of the one that sets it and the one that
/// it refers to; else the line with the value.
pub(super) fn to_mend(option: &EffectiveOption) -> Option<&Origin> {
    let (written, source) = (option.written.as_ref(), option.source.as_ref());
    let own = source.filter(|origin| is_own(origin));
    own.or(written.filter(|origin| is_own(origin))).or(written)
}

/// Whether a file is the user's, not one that comes with fail2ban.
pub(super) fn is_own(origin: &Origin) -> bool {
    let name = origin.file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name != "jail.conf" && !name.starts_with("paths-"))
}
