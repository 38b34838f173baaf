//! Options of the user's own that stand in place of those a filter comes with: a failregex in
//! jail.local or in filter.d/x.local is not tried beside the filter's, but instead of it. Which of
//! them costs the matches is found by leaving them out.

use super::filter::{self, BuiltFilter, Replaced};
use super::finding::{Figures, JailDiagnosis};
use super::hints::{self, JailHint, files_of};
use super::patient::Patient;
use super::place::is_own;
use super::reading::Reading;
use super::ward::Ward;
use crate::analysis::check::RawFile;
use crate::analysis::wording::counted;
use crate::config::{JailConfig, Loader, Origin, Setting};
use crate::engine::dns::UseDns;
use std::path::Path;

/// Options left out at most: each try reads the log.
const TRIED: usize = 16;

/// Options of a jail that stand in place of its filter's.
const OF_JAIL: [&str; 2] = ["failregex", "prefregex"];

/// An option that stands in place of one of the filter's.
pub(super) struct Override {
    pub(super) name: String,
    pub(super) place: Origin,
    /// Where that one is written.
    over: Option<Origin>,
}

impl Override {
    /// `failregex (filter.d/sshd.local:2) is in force instead of that of filter.d/sshd.conf:56`.
    pub(super) fn told(&self, directory: &str) -> String {
        let (name, place) = (&self.name, self.place.within(directory));
        match &self.over {
            Some(over) => format!(
                "{name} of {place} is in force instead of that of {}",
                over.within(directory)
            ),
            None => format!("{name} of {place} is in force"),
        }
    }

    /// What to do about it.
    pub(super) fn change(&self, directory: &str) -> String {
        let (name, place) = (&self.name, self.place.within(directory));
        match name.as_str() {
            "failregex" => format!(
                "remove failregex from {place}, or begin it with %(known/failregex)s to have both"
            ),
            _ => format!("remove {name} from {place}"),
        }
    }

    /// Whether it keeps what it stands in place of, or some of that.
    fn keeps_some(&self) -> bool {
        let (Some(over), own) = (&self.over, lines_of(&self.place)) else {
            return true;
        };
        let before = lines_of(over);
        own.iter()
            .any(|line| line.contains("%(known/") || before.contains(line))
    }
}

/// The regexes of an option, as written.
fn lines_of(place: &Origin) -> Vec<String> {
    let file = RawFile::read(&place.file);
    let lines = file.option_at(place.line).map(|option| &option.lines);
    let texts = lines.into_iter().flatten().map(|(_, text)| text.clone());
    texts.filter(|text| !text.is_empty()).collect()
}

/// Options of the user's own that stand in place of those of the jail's filter.
fn all(ward: &Ward, jail: &JailConfig) -> Vec<Override> {
    let files: Vec<RawFile> = files_of(ward, &jail.name)
        .iter()
        .filter(|file| is_of_filter(file))
        .map(|file| RawFile::read(file))
        .collect();
    let written = |name: &str, but: &Path| {
        let others = files.iter().filter(|file| file.path != but);
        let options = others.flat_map(|file| {
            let options = file.options.iter();
            options.map(move |option| Origin::at(&file.path, option.line(), &option.name))
        });
        let mut named = options.filter(|place| &*place.option == name);
        named.next()
    };
    let of_jail = OF_JAIL.iter().filter_map(|name| {
        let place = jail.option(name)?.written.as_ref();
        let place = place.filter(|place| is_own(place) && !is_of_filter(&place.file))?;
        Some(Override {
            name: (*name).to_owned(),
            over: written(name, &place.file),
            place: place.clone(),
        })
    });
    let local = files.iter().filter(|file| is_laid_over(&file.path));
    let of_filter = local.flat_map(|file| {
        let options = file.options.iter();
        let options = options.filter(|option| option.section != "INCLUDES");
        options.map(|option| Override {
            name: option.name.clone(),
            over: written(&option.name, &file.path),
            place: Origin::at(&file.path, option.line(), &option.name),
        })
    });
    of_jail.chain(of_filter).take(TRIED).collect()
}

/// Whether a file is one of a filter, not of a jail.
pub(super) fn is_of_filter(file: &Path) -> bool {
    file.ancestors()
        .skip(1)
        .any(|above| above.ends_with("filter.d"))
}

/// Whether a file is laid over another one of a filter: `sshd.local`, `sshd.d/own.conf`.
fn is_laid_over(file: &Path) -> bool {
    let is_local = file.extension().is_some_and(|end| end == "local");
    let inside = file
        .parent()
        .is_some_and(|above| !above.ends_with("filter.d"));
    (is_local && file.with_extension("conf").exists()) || (inside && is_of_filter(file))
}

/// The jail's filter without an option.
fn without(
    ward: &Ward,
    jail: &JailConfig,
    (journal, usedns): (bool, UseDns),
    place: &Origin,
) -> Option<BuiltFilter> {
    let mut file = RawFile::read(&place.file);
    for (line, _) in file.option_at(place.line)?.lines.clone() {
        "#".clone_into(file.lines.get_mut((line as usize).saturating_sub(1))?);
    }
    let settings = with_files(ward, jail, journal, &[file])?;
    filter::build(&settings, usedns, Replaced::default(), ward.doctor.clock).ok()
}

/// What the jail's filter would be with other lines in these files.
pub(super) fn with_files(
    ward: &Ward,
    jail: &JailConfig,
    journal: bool,
    files: &[RawFile],
) -> Option<Vec<Setting>> {
    let files = files.iter().map(|file| {
        let name = file.path.to_string_lossy().into_owned();
        (name, file.lines.join("\n"))
    });
    let loader = Loader::replacing(&files.collect::<Vec<_>>());
    ward.settings(&loader, &jail.name, journal)
}

/// The override without which the filter could be built.
pub(super) fn unbuildable(ward: &Ward, jail: &JailConfig, journal: bool) -> Option<Override> {
    let is_it =
        |found: &Override| without(ward, jail, (journal, UseDns::Raw), &found.place).is_some();
    all(ward, jail).into_iter().find(is_it)
}

/// The override without which most is found, and what that is.
fn costliest(patient: &Patient) -> Option<(Override, Reading)> {
    let how = (patient.reads_journal(), patient.usedns());
    let tried = all(patient.ward, patient.jail).into_iter();
    let tried = tried.filter_map(|found| {
        let built = without(patient.ward, patient.jail, how, &found.place)?;
        let reading = patient.read_with(&built);
        (reading.matched > 0).then_some((found, reading))
    });
    tried.reduce(|best, next| {
        if next.1.matched > best.1.matched {
            next
        } else {
            best
        }
    })
}

/// Says so where nothing matches because of an override; whether it has.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, message: &str) -> bool {
    let Some((costs, reading)) = costliest(patient) else {
        return false;
    };
    let hint = hints::best(patient, &[]);
    let is_better = |hint: &JailHint| {
        let tried = hint.tried.map_or(0, |tried| tried.matched);
        tried > reading.matched
    };
    if hint.as_ref().is_some_and(is_better) {
        return false;
    }
    let directory = &patient.ward.machine.directory;
    let matched = counted(reading.matched, "line", "lines");
    let mut message = format!(
        "{message}: {}; without it {matched} would match",
        costs.told(directory)
    );
    // of a regex the hint says how to mend that one, which the other replaces
    let is_regex = OF_JAIL.contains(&costs.name.as_str());
    if let Some(hint) = hint.filter(|_| !is_regex) {
        message += &format!(" ({})", hint.message);
    }
    let tried = (costs.change(directory), Some(patient.figures(&reading)));
    found.block_tried("no-match", Some(&costs.place), message, tried);
    true
}

/// Warns where a jail bans nobody, and would without an override that keeps nothing of what it
/// stands in place of.
pub(super) fn warn(found: &mut JailDiagnosis, patient: &Patient, matched: u64) {
    if found.bans.as_ref().is_none_or(|bans| !bans.is_empty()) {
        return;
    }
    let Some((costs, reading)) = costliest(patient) else {
        return;
    };
    let Figures { bans, .. } = patient.figures(&reading);
    if bans == 0 || reading.matched <= matched || costs.keeps_some() {
        return;
    }
    let directory = &patient.ward.machine.directory;
    let message = format!(
        "{}; without it {} would match, not {matched}: {} (tried: {})",
        costs.told(directory),
        counted(reading.matched, "line", "lines"),
        costs.change(directory),
        counted(bans, "ban", "bans")
    );
    found.warn("regex-replaced", message);
}
