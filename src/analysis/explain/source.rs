//! From a place in a compiled regex back to the regex as written, with fail2ban's tags.

use crate::engine::{Filter, FilterRegex};
use crate::pattern::ast::Span;
use crate::pattern::tags::Resolved;

/// Where in `regex.source.text` the piece stands that became `span` of the compiled regex:
/// bytes. A piece of what a tag stands for is the whole tag.
pub(crate) fn source_span(filter: &Filter, regex: &FilterRegex, span: Span) -> Span {
    Resolved::of(&regex.source.text, filter.host_tag()).written(span)
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
