//! Reports as a page: one file that asks nobody for anything, opens from disk, prints, and can be
//! read without script.
//!
//! ```text
//! style.css, script.js         stand in every page as they are
//! templates/page.html          the frame every page is in
//! templates/parts.html         macros of what pages share
//! templates/<command>.html     a command's page, filled by report/<command>/html.rs
//! ```
//!
//! Templates are Askama's, which escapes what is put into them. Text of logs is made harmless at one
//! place, [`write`]: what is not printable stands there as an escape that can be seen. The data a
//! page is made of is in it as JSON ([`data`]).

mod compared;
pub(crate) mod filters;
mod marked;
mod svg;

pub(crate) use compared::Compared;
pub(crate) use marked::{Segment, excerpt, segments};
pub(crate) use svg::{Lane, bar, key, lane, range, share, spark, stack};

use super::escape;
pub(crate) use crate::analysis::page::DATA_BEGIN;
use askama::Template;
use serde::Serialize;
use std::io::{self, Write};

/// What a page looks like.
pub(crate) const STYLE: &str = include_str!("style.css");
/// What it can do.
pub(crate) const SCRIPT: &str = include_str!("script.js");

/// The hashes of these, by which a browser knows that they are the page's own. A test calculates
/// them anew and says what they must be.
pub(crate) const STYLE_SHA256: &str = "hvgj6nH/3GX3iS/TxRt7FCi72+BNZ6jJg1Fb2FiHUbw=";
/// See [`STYLE_SHA256`].
pub(crate) const SCRIPT_SHA256: &str = "au7lgxOcRC2DmXB1OQTwvmBO5rjPKEF9sMrotTUyQxI=";

/// A value as JSON that may stand in a page: nothing in it ends a script or opens a comment.
pub(crate) fn data(value: &impl Serialize) -> io::Result<String> {
    Ok(safe(&serde_json::to_string(value)?))
}

fn safe(json: &str) -> String {
    let json = escape::json(json);
    let mut safe = String::with_capacity(json.len());
    let mut from = 0;
    // they are in strings only
    for at in memchr::memchr3_iter(b'<', b'>', b'&', json.as_bytes()) {
        safe.push_str(&json[from..at]);
        safe.push_str(match json.as_bytes()[at] {
            b'<' => "\\u003c",
            b'>' => "\\u003e",
            _ => "\\u0026",
        });
        from = at + 1;
    }
    safe.push_str(&json[from..]);
    safe
}

/// The most bytes of data that a page has, but for the main job's, which is read back.
const MOST_DATA: usize = 512 << 10;

/// [`data`], or null where it would be too much for a page; and whether it is there.
pub(crate) fn data_that_fits(value: &impl Serialize) -> io::Result<(String, bool)> {
    let too_much = || Ok(("null".into(), false));
    let mut json = Bounded::default();
    let written = serde_json::to_writer(&mut json, value);
    if json.is_full {
        return too_much();
    }
    written?;
    let data = safe(std::str::from_utf8(&json.bytes).map_err(io::Error::other)?);
    if data.len() <= MOST_DATA {
        Ok((data, true))
    } else {
        too_much()
    }
}

/// Takes [`MOST_DATA`] bytes: what is more is not made only to be thrown away.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MOST_DATA {
            self.is_full = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a page.
pub(crate) fn write(page: &impl Template, out: &mut dyn Write) -> io::Result<()> {
    let text = page.render().map_err(io::Error::other)?;
    let mut from = 0;
    // most of a page
    let passes = |byte: u8| escape::is_printable(byte) | (byte == b'\n');
    let mut at = 0;
    loop {
        at += escape::plain_until(&text.as_bytes()[at..], passes);
        let Some(c) = text[at..].chars().next() else {
            break;
        };
        let behind = at + c.len_utf8();
        if !crate::python::is_printable(c) {
            out.write_all(&text.as_bytes()[from..at])?;
            // a blank of any kind is one
            if c == '\t' || c.is_whitespace() && !c.is_control() {
                out.write_all(b" ")?;
            } else {
                write!(out, "{}", c.escape_default())?;
            }
            from = behind;
        }
        at = behind;
    }
    out.write_all(&text.as_bytes()[from..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_hashes_are_those_of_style_and_script() {
        for (text, hash) in [(STYLE, STYLE_SHA256), (SCRIPT, SCRIPT_SHA256)] {
            let real = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
            assert_eq!(
                hash, real,
                "write the one on the right into src/report/html/mod.rs"
            );
            // else the pass over the page would change them
            assert!(
                text.is_ascii()
                    || text
                        .chars()
                        .all(|c| c == '\n' || crate::python::is_printable(c))
            );
        }
        assert!(SCRIPT.len() < 20_000);
    }

    #[test]
    fn data_ends_no_script() {
        let text = "</script><!--&\u{2028}\u{202e}\u{1}\"\\";
        let json = data(&text).expect("it serializes");
        assert!(json.is_ascii() && !json.contains(['<', '>', '&']), "{json}");
        let read: String = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(read, text);
    }
}
