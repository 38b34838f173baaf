//! From a place in a compiled regex back to the regex as written, with fail2ban's tags.

use crate::engine::dns::UseDns;
use crate::engine::{Filter, FilterRegex};
use crate::pattern::ast::Span;
use crate::pattern::tags::{self, HostTag};

/// Of a longer regex the whole is the place: each of its parts is resolved to find another.
const LONGEST: usize = 16 << 10;

/// Where in `regex.source.text` the piece stands that became `span` of the compiled regex:
/// bytes. A piece of what a tag stands for is the whole tag.
pub(crate) fn source_span(filter: &Filter, regex: &FilterRegex, span: Span) -> Span {
    let host = match filter.options.usedns {
        UseDns::No => HostTag::AddressOnly,
        _ => HostTag::Any,
    };
    written_span(&regex.source.text, regex.regex.as_str(), host, span)
}

/// The same for a regex that is not of a filter: as written, and as compiled.
pub(crate) fn written_span(source: &str, resolved: &str, host: HostTag, span: Span) -> Span {
    let mut found = Span {
        start: 0,
        end: source.len(),
    };
    if source.len() > LONGEST {
        return found;
    }
    // tags are replaced from left to right, each by itself: where the replacement of a part
    // is a part of the whole replacement, the two texts correspond
    let ends = source
        .char_indices()
        .map(|(at, _)| at)
        .chain([source.len()]);
    for at in ends {
        let part = tags::resolve(&source[..at], host);
        if !resolved.starts_with(&part) {
            continue;
        }
        if part.len() <= span.start {
            found.start = at;
        }
        if part.len() >= span.end {
            found.end = at;
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sourced;
    use crate::engine::FilterOptions;

    #[test]
    fn pieces_are_found_as_written() {
        let source = "^Failed <F-USER>\\S+</F-USER> from <HOST> port ((?i)x)$";
        let mut filter = Filter::new(FilterOptions::default());
        let sourced = Sourced {
            text: source.into(),
            origin: None,
        };
        filter.add_failregex(sourced).expect("a good regex");
        let regex = &filter.failregexes[0];
        let resolved = regex.regex.as_str();
        let written = |piece: &str| {
            let start = resolved.find(piece).expect("a piece of it");
            let end = start + piece.len();
            let span = source_span(&filter, regex, Span { start, end });
            &source[span.start..span.end]
        };
        assert_eq!(written("ailed"), "ailed");
        assert_eq!(written(r"\S+"), r"\S+");
        assert_eq!(written("(?P<ip6>"), "<HOST>");
        assert_eq!(written(" port "), " port ");
        assert_eq!(written("$"), "$");
    }
}
