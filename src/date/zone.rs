//! Time zones as they are written in a log: abbreviations and offsets. Not the
//! machine's own zone (`localtime`).

use super::python;
use super::{DateError, Exception, InvalidDate};

/// Abbreviation and offset in minutes, sorted (upstream's `TZ_STR`; no daylight
/// saving rules: CET is always +01:00).
#[rustfmt::skip]
const ABBREVIATIONS: [(&str, i32); 222] = [
    ("A", 60), ("ACDT", 630), ("ACST", 570), ("ACT", 480), ("ADT", -180), ("AEDT", 660),
    ("AEST", 600), ("AFT", 270), ("AKDT", -480), ("AKST", -540), ("ALMT", 360), ("AMST", 300),
    ("AMT", 240), ("ANAST", 720), ("ANAT", 720), ("AQTT", 300), ("ART", -180), ("AST", -240),
    ("AWDT", 540), ("AWST", 480), ("AZOT", -60), ("AZST", 300), ("AZT", 240), ("B", 120),
    ("BDT", 480), ("BIOT", 360), ("BNT", 480), ("BOT", -240), ("BRST", -120), ("BRT", -180),
    ("BTT", 360), ("C", 180), ("CAST", 480), ("CAT", 120), ("CCT", 390), ("CDT", -300),
    ("CEDT", 120), ("CEST", 120), ("CET", 60), ("CIST", -480), ("CKT", -600), ("CLST", -180),
    ("CLT", -240), ("COST", -240), ("COT", -300), ("CST", -360), ("CVT", -60), ("CXT", 420),
    ("ChST", 600), ("D", 240), ("DAVT", 420), ("DFT", 60), ("E", 300), ("EASST", -300),
    ("EAST", -360), ("EAT", 180), ("ECT", -300), ("EDT", -240), ("EEDT", 180), ("EEST", 180),
    ("EET", 120), ("EGST", 0), ("EGT", -60), ("EST", -300), ("ET", -300), ("F", 360), ("FJST", 780),
    ("FJT", 720), ("FKST", -180), ("FKT", -240), ("FNT", -120), ("G", 420), ("GALT", -360),
    ("GAMT", -540), ("GET", 240), ("GFT", -180), ("GILT", 720), ("GIT", -540), ("GMT", 0),
    ("GST", 240), ("GYT", -240), ("H", 480), ("HAA", -180), ("HAC", -300), ("HADT", -540),
    ("HAE", -240), ("HAP", -420), ("HAR", -360), ("HAST", -600), ("HAT", -150), ("HAY", -480),
    ("HKT", 480), ("HLV", -270), ("HMT", 300), ("HNA", -240), ("HNC", -360), ("HNE", -300),
    ("HNP", -480), ("HNR", -420), ("HNT", -210), ("HNY", -540), ("HOVT", 420), ("HST", -600),
    ("I", 540), ("ICT", 420), ("IDT", 180), ("IOT", 360), ("IRDT", 270), ("IRKST", 540),
    ("IRKT", 480), ("IRST", 210), ("JST", 540), ("K", 600), ("KGT", 360), ("KRAST", 480),
    ("KRAT", 420), ("KST", 540), ("KUYT", 240), ("L", 660), ("LHDT", 660), ("LHST", 630),
    ("M", 720), ("MAGST", 720), ("MAGT", 660), ("MART", -570), ("MAWT", 300), ("MDT", -360),
    ("MHT", 720), ("MIT", -570), ("MMT", 390), ("MSD", 240), ("MSK", 180), ("MST", -420),
    ("MUT", 240), ("MVT", 300), ("MYT", 480), ("N", -60), ("NCT", 660), ("NDT", -150), ("NFT", 690),
    ("NOVST", 420), ("NOVT", 360), ("NPT", 345), ("NST", -210), ("NT", -210), ("NUT", -660),
    ("NZDT", 780), ("NZST", 720), ("O", -120), ("OMSST", 420), ("OMST", 360), ("P", -180),
    ("PDT", -420), ("PET", -300), ("PETST", 720), ("PETT", 720), ("PGT", 600), ("PHT", 480),
    ("PKT", 300), ("PMDT", -120), ("PMST", -180), ("PONT", 660), ("PST", -480), ("PT", -480),
    ("PWT", 540), ("PYST", -180), ("PYT", -240), ("Q", -240), ("R", -300), ("RET", 240),
    ("S", -360), ("SAMT", 240), ("SAST", 120), ("SBT", 660), ("SCT", 240), ("SGT", 480),
    ("SLT", 330), ("SRT", -180), ("SST", -660), ("T", -420), ("TAHT", -600), ("TFT", 300),
    ("THA", 420), ("TJT", 300), ("TKT", -600), ("TLT", 540), ("TMT", 300), ("TVT", 720),
    ("U", -480), ("ULAT", 480), ("UTC", 0), ("UYST", -120), ("UYT", -180), ("UZT", 300),
    ("V", -540), ("VET", -270), ("VLAST", 660), ("VLAT", 600), ("VUT", 660), ("W", -600),
    ("WAST", 120), ("WAT", 60), ("WDT", 540), ("WEDT", 60), ("WEST", 60), ("WET", 0), ("WFT", 720),
    ("WGST", -120), ("WGT", -180), ("WIB", 420), ("WIT", 540), ("WITA", 480), ("WST", 480),
    ("WT", 0), ("X", -660), ("Y", -720), ("YAKST", 600), ("YAKT", 540), ("YAPT", 600),
    ("YEKST", 360), ("YEKT", 300), ("Z", 0),
];

/// Why a zone text was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ZoneError {
    /// Not of the form `ABC+hh:mm` (a ValueError upstream).
    Form,
    /// An abbreviation upstream does not know (a KeyError upstream).
    Unknown(String),
}

impl ZoneError {
    /// As upstream reports it for `--timezone` (`validateTimeZone`).
    pub(super) fn of_option(self, zone: &str) -> DateError {
        match self {
            ZoneError::Form => {
                let zone = python::repr(zone);
                let message = format!("Unknown or unsupported time zone: {zone}");
                DateError::new(Exception::Value, message)
            }
            ZoneError::Unknown(name) => DateError::new(Exception::Key, python::repr(&name)),
        }
    }
}

impl From<ZoneError> for InvalidDate {
    fn from(error: ZoneError) -> InvalidDate {
        match error {
            ZoneError::Form => InvalidDate::Value,
            ZoneError::Unknown(name) => {
                InvalidDate::Uncaught(format!("KeyError: {}", python::repr(&name)))
            }
        }
    }
}

/// Offset from UTC in minutes of a zone text: `[A-Z]` or 3 to 5 of them, then
/// `+hh`, `+hhmm` or `+hh:mm`; each part optional (upstream's `validateTimeZone`
/// and `zone2offset`).
pub(super) fn offset_minutes(zone: &str) -> Result<i32, ZoneError> {
    // upstream's regex ends in `$`: one newline may follow
    let zone = zone.strip_suffix('\n').unwrap_or(zone);
    let letters = zone.bytes().take_while(u8::is_ascii_uppercase).count();
    if !matches!(letters, 0 | 1 | 3..=5) {
        return Err(ZoneError::Form);
    }
    let (name, offset) = zone.split_at(letters);
    let offset = parse_offset(offset).ok_or(ZoneError::Form)?;
    Ok(abbreviation(name)? + offset)
}

fn abbreviation(name: &str) -> Result<i32, ZoneError> {
    if name.is_empty() {
        return Ok(0);
    }
    ABBREVIATIONS
        .binary_search_by_key(&name, |zone| zone.0)
        .map(|at| ABBREVIATIONS[at].1)
        .map_err(|_| ZoneError::Unknown(name.to_owned()))
}

/// `""` or `[+-][01]\d(:?\d{2})?` in minutes; `\d` is any decimal digit.
fn parse_offset(text: &str) -> Option<i32> {
    let mut chars = text.chars();
    let sign = match chars.next() {
        None => return Some(0),
        Some('+') => 1,
        Some('-') => -1,
        Some(_) => return None,
    };
    let tens = chars.next().filter(|c| matches!(c, '0' | '1'))?;
    let digit = |c: Option<char>| c.and_then(python::digit).map(i32::from);
    let hours = digit(Some(tens))? * 10 + digit(chars.next())?;
    let rest = chars.as_str();
    let mut minutes = 0;
    if !rest.is_empty() {
        let mut chars = rest.strip_prefix(':').unwrap_or(rest).chars();
        minutes = digit(chars.next())? * 10 + digit(chars.next())?;
        if chars.next().is_some() {
            return None;
        }
    }
    Some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_are_sorted() {
        assert!(ABBREVIATIONS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn offsets() {
        for (zone, minutes) in [
            ("", 0),
            ("Z", 0),
            ("UTC+0200", 120),
            ("CET+01:30", 150),
            ("-05", -300),
            ("-09:30", -570),
            ("MART", -570),
            ("NPT", 345),
            ("+1٢", 720),
            ("GMT\n", 0),
        ] {
            assert_eq!(offset_minutes(zone), Ok(minutes), "{zone:?}");
        }
        for zone in ["XY", "utc", "ABCDEF", "UTC+2", "UTC+20", "UTC+01:3", "+01 "] {
            assert_eq!(offset_minutes(zone), Err(ZoneError::Form), "{zone:?}");
        }
        assert_eq!(offset_minutes("XYZ"), Err(ZoneError::Unknown("XYZ".into())));
    }
}
