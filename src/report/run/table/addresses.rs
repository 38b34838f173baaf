//! Who failed, when, and which failregexes found it.

use crate::analysis::run::{AddressRows, Moment, RunReport};
use crate::report::columns::{new_table, print, right_align};
use crate::report::text::{Screen, fit, grouped};
use comfy_table::ContentArrangement;
use std::io::{self, Write};

/// Writes the first `top` addresses.
pub(super) fn write<Addresses: AddressRows>(
    out: &mut dyn Write,
    run: &RunReport<Addresses>,
    top: usize,
    screen: Screen,
) -> io::Result<()> {
    let all = run.addresses.total();
    if all == 0 {
        return Ok(());
    }
    let shown = run.addresses.first(top);
    let mut count = grouped(all as u64);
    if all > shown.len() {
        let rest = grouped((all - shown.len()) as u64);
        count += &format!(" (top {}, {rest} more: --top N)", shown.len());
    }
    writeln!(out, "\n{}  {count}", screen.heading("Addresses"))?;
    let mut table = new_table(screen, ContentArrangement::Disabled);
    table.set_header(["Hits", "Address", "First", "Last", "Regex"]);
    for address in &shown {
        table.add_row([
            grouped(address.hits),
            fit(&address.address, 39),
            local(address.first.as_ref()),
            local(address.last.as_ref()),
            numbers(&address.failregex),
        ]);
    }
    right_align(&mut table, &[0]);
    print(out, &table)
}

/// Date and time of day of a moment, without its zone.
pub(in crate::report::run) fn local(moment: Option<&Moment>) -> String {
    match moment.and_then(|moment| moment.time.get(..19)) {
        Some(time) => time.replace('T', " "),
        None => "no date".into(),
    }
}

/// Numbers of the failregexes that found an address: the first few.
pub(in crate::report::run) fn numbers(failregex: &[usize]) -> String {
    let numbers: Vec<String> = failregex.iter().map(usize::to_string).collect();
    match numbers.len() {
        0..=3 => numbers.join(","),
        _ => format!("{},…", numbers[..3].join(",")),
    }
}
