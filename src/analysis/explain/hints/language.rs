//! How languages shorten the months, and such a month beside a day of a line.

const ENGLISH: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A language and how its locale shortens the months (glibc's `abmon`), January first;
/// `|` parts spellings in use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Language {
    pub(super) name: &'static str,
    months: [&'static str; 12],
}

#[rustfmt::skip]
pub(super) const LANGUAGES: [Language; 15] = [
    Language { name: "German", months: ["Jan|Jän", "Feb", "Mär|Mrz|Maer", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"] },
    Language { name: "French", months: ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."] },
    Language { name: "Spanish", months: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep|sept", "oct", "nov", "dic"] },
    Language { name: "Italian", months: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"] },
    Language { name: "Portuguese", months: ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"] },
    Language { name: "Polish", months: ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"] },
    Language { name: "Dutch", months: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"] },
    Language { name: "Swedish", months: ["jan", "feb", "mar|mars", "apr", "maj", "jun|juni", "jul|juli", "aug", "sep", "okt", "nov", "dec"] },
    Language { name: "Czech", months: ["led", "úno", "bře", "dub", "kvě", "čen", "čec", "srp", "zář", "říj", "lis", "pro"] },
    Language { name: "Russian", months: ["янв", "фев", "мар|мара|марта", "апр", "мая|май", "июн|июня", "июл|июля", "авг", "сен", "окт", "ноя", "дек"] },
    Language { name: "Ukrainian", months: ["січ", "лют", "бер", "кві", "тра", "чер", "лип", "сер", "вер", "жов", "лис", "гру"] },
    Language { name: "Hungarian", months: ["jan", "febr|feb", "márc|már", "ápr", "máj", "jún", "júl", "aug", "szept|sze", "okt", "nov", "dec"] },
    Language { name: "Turkish", months: ["Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"] },
    Language { name: "Finnish", months: ["tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu"] },
    Language { name: "Romanian", months: ["ian", "feb", "mar", "apr", "mai", "iun", "iul", "aug", "sep", "oct", "nov", "dec"] },
];

/// A month's name in a line: its bytes, and the month from 0.
pub(super) struct Named {
    pub(super) start: usize,
    pub(super) end: usize,
    month: usize,
}

impl Language {
    /// The line with the month of its date in English; None if it names none in this
    /// language, or an English one.
    pub(crate) fn in_english(&self, line: &str) -> Option<String> {
        let named = self.named(line)?;
        let (before, after) = (&line[..named.start], &line[named.end..]);
        Some(format!("{before}{}{after}", ENGLISH[named.month]))
    }

    /// The first month's name that stands beside a day, near the begin of the line.
    pub(super) fn named(&self, line: &str) -> Option<Named> {
        let is = |name: &str, word: &str| {
            let small = name.chars().flat_map(char::to_lowercase);
            small.eq(word.chars())
        };
        for (start, end) in words(line).filter(|&(start, end)| beside_a_day(line, start, end)) {
            let word = line[start..end].to_lowercase();
            let named = |all: &str| all.split('|').any(|name| is(name, &word));
            if ENGLISH.iter().any(|name| is(name, &word)) {
                return None;
            }
            if let Some(month) = self.months.iter().position(|all| named(all)) {
                return Some(Named { start, end, month });
            }
        }
        None
    }
}

/// The words of the line's first part, a full stop at the end taken along.
fn words(line: &str) -> impl Iterator<Item = (usize, usize)> {
    const FIRST_PART: usize = 60;
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + line[from..].find(char::is_alphabetic)?;
        if start > FIRST_PART {
            return None;
        }
        let word = &line[start..];
        let mut end = start
            + word
                .find(|c: char| !c.is_alphabetic())
                .unwrap_or(word.len());
        from = end;
        if line[end..].starts_with('.') {
            end += 1;
        }
        Some((start, end))
    })
}

/// Whether a number of one or two digits stands right before or behind.
fn beside_a_day(line: &str, start: usize, end: usize) -> bool {
    let parts = [' ', '-', '/', '.'];
    let behind = line[end..].trim_start_matches(parts);
    let digits = behind.len()
        - behind
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let before = line[..start].trim_end_matches(parts);
    let digits_before = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    (1..=2).contains(&digits) && behind.len() < line[end..].len()
        || (1..=2).contains(&digits_before) && before.len() < start
}
