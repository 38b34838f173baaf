//! A mistake in this program ends it with a report that can be sent: what, where in the
//! source, and which part of which log was being worked on. Status 2, as other errors.

use super::workflow;
use crate::input::panic_context;
use crate::report::text::printable;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::PanicHookInfo;

/// Reports panics in our way from now on.
pub(super) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let trace = Backtrace::capture();
        let text = describe(
            panic,
            panic_context::last()
                .map(|place| place.to_string())
                .as_deref(),
        );
        // nobody may be listening
        let _ = workflow::stderr(&text);
        let mut out = std::io::stderr().lock();
        if trace.status() == BacktraceStatus::Captured {
            let _ = writeln!(out, "{trace}");
        }
    }));
}

fn describe(panic: &PanicHookInfo, place: Option<&str>) -> String {
    let payload = panic.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("of unknown kind");
    let source = panic
        .location()
        .map_or(String::new(), |at| format!(" ({at})"));
    let log = match place {
        Some(place) => format!("           at work on {}\n", printable(place)),
        None => String::new(),
    };
    format!(
        "f2b-regex: internal error: {}{}\n{log}           This is a mistake in f2b-regex {}, not \
         in your log or filter. Please report it\n           with this text and, if you may, the \
         filter and lines (RUST_BACKTRACE=1 tells more).\n",
        printable(message),
        printable(&source),
        env!("CARGO_PKG_VERSION"),
    )
}
