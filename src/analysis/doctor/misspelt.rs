//! Options of a jail that nothing reads because they are misspelt: one of them may be why the jail
//! does not do what it was told.

use super::finding::JailDiagnosis;
use super::ward::Ward;
use crate::config::JailConfig;

/// Tells of the misspelt options of a jail: beside the blocker that the right one would have
/// prevented, else as a warning.
pub(super) fn check(found: &mut JailDiagnosis, ward: &Ward, jail: &JailConfig) {
    let all = ward.misspelt().iter();
    let own = all.filter(|option| option.section == jail.name || option.section == "DEFAULT");
    for option in own {
        let place = option.place.clone();
        let said = format!(
            "{} says {}, which nothing reads ({} is meant)",
            place.within(&ward.machine.directory),
            option.name,
            option.meant
        );
        match found.blockers.first_mut() {
            Some(first) if first.code == "filter-missing" && option.meant == "filter" => {
                first.message += &format!("; {said}");
                first.change = format!("[{}] filter = {}", option.section, option.value);
                first.place = Some(place);
            }
            Some(first) if is_about(&first.change, &option.meant) => {
                first.message += &format!("; {said}");
                first.place = Some(place);
            }
            _ => found.warn("option-unknown", said),
        }
    }
}

/// Whether a change sets an option.
pub(super) fn is_about(change: &str, option: &str) -> bool {
    let set = format!("{option} = ");
    let words = change.match_indices(&set);
    let begins = |at: usize| !change[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    words.into_iter().any(|(at, _)| begins(at))
}
