//! The logs of a simulation: globs, rotated siblings oldest first, and their lines to the
//! verdicts of a session.

use f2b_regex::engine::{LineOutcome, Session};
use f2b_regex::input::block::BLOCK_BYTES;
use f2b_regex::input::{BlockReader, Encoding, LogSource};
use f2b_regex::pattern::Scratch;

/// What was read of a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRead {
    /// Its lines.
    pub lines: u64,
    /// Its bytes.
    pub bytes: u64,
    /// Places that were not valid in the encoding.
    pub invalid: u64,
}

/// The logs an argument means: a glob stands for all it matches.
pub fn sources(argument: &str) -> Result<Vec<LogSource>, String> {
    let is_glob = argument.contains(['*', '?', '[']);
    if is_glob
        && !argument.contains(char::is_whitespace)
        && !std::path::Path::new(argument).exists()
    {
        let paths = glob(argument)?;
        if paths.is_empty() {
            return Err(format!("{argument}: no log file matches"));
        }
        return Ok(paths
            .into_iter()
            .map(|path| LogSource::File(path.into()))
            .collect());
    }
    LogSource::of(argument)
        .map(|source| vec![source])
        .map_err(|error| error.to_string())
}

/// The files a glob matches, rotated ones oldest first.
pub fn glob(pattern: &str) -> Result<Vec<String>, String> {
    let paths = glob::glob(pattern).map_err(|error| format!("{pattern}: {error}"))?;
    let files = paths.flatten().filter(|path| path.is_file());
    let mut names: Vec<String> = files.map(|path| path.display().to_string()).collect();
    oldest_first(&mut names);
    Ok(names)
}

/// Brings rotated siblings into the order of time; a file named twice is read once.
pub fn oldest_first(names: &mut Vec<String>) {
    names.sort_by_cached_key(|name| age(name));
    names.dedup();
}

/// Sorts `x.log.2` before `x.log.1` before `x.log`, and `x.log-20260102` by its date.
fn age(name: &str) -> (String, std::cmp::Reverse<u64>, String) {
    let end = name
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let (base, number) = name.split_at(end);
    match (number.parse::<u64>(), base.strip_suffix('.')) {
        (Ok(number), Some(base)) if number < 100_000 => {
            (base.to_string(), std::cmp::Reverse(number), String::new())
        }
        // a date behind the name: as text, before the log itself
        (Ok(_), _) if number.len() >= 8 => {
            let base = base.trim_end_matches(['.', '-']).to_string();
            (base, std::cmp::Reverse(1), name.to_string())
        }
        _ => (name.to_string(), std::cmp::Reverse(0), String::new()),
    }
}

/// Reads a log through `session`; `sink` gets the verdict on every line, in line order.
pub fn read(
    source: &LogSource,
    encoding: Encoding,
    session: &mut Session,
    scratch: &mut Scratch,
    mut sink: impl FnMut(u64, &LineOutcome),
) -> Result<LogRead, String> {
    let input = source.open().map_err(|error| error.to_string())?;
    let mut reader = BlockReader::new(input, encoding, BLOCK_BYTES);
    let mut read = LogRead::default();
    loop {
        let block = reader.next_block();
        let block = block.map_err(|e| format!("{}: cannot be read: {e}", source.name()))?;
        let Some(block) = block else { break };
        read.lines += block.line_count();
        read.invalid += block.invalid;
        for (number, line) in block.lines() {
            let outcome = session.line(line, scratch);
            sink(number, &outcome);
        }
    }
    read.bytes = reader.bytes();
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotated_logs_oldest_first() {
        let mut names = [
            "a.log",
            "a.log.10",
            "a.log.1",
            "a.log.2",
            "b.log",
            "b.log-20260102",
            "b.log-20251231",
        ];
        names.sort_by_cached_key(|name| age(name));
        assert_eq!(
            names,
            [
                "a.log.10",
                "a.log.2",
                "a.log.1",
                "a.log",
                "b.log-20251231",
                "b.log-20260102",
                "b.log"
            ]
        );
    }
}
