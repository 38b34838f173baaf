//! Every report for programs: one indented JSON object, written as it is made, with what drives a
//! terminal escaped.

use super::Format;
use super::escape::{Escaped, Markup};
use serde::Serialize;
use std::io::{self, Write};

/// Writes what serializes.
pub(crate) struct Json;

impl<Value: Serialize> Format<Value> for Json {
    fn write(&self, value: &Value, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(Escaped::new(&mut *out, Markup::Json), value)?;
        writeln!(out)
    }
}
