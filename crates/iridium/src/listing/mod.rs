//! A program's source beside its portable and its register code: as text for a terminal, and as a page.

mod html;
mod page;

use crate::engine::Program;
use iridium_bytecode::disassembly::CodeLine;
use iridium_bytecode::listing::{Listing, listings};
use std::fmt::Write;

pub use html::{Html, escape};

/// Columns of source and of portable code in a terminal of unknown width.
const SOURCE: usize = 38;
const PORTABLE: usize = 36;

impl Program {
    /// All forms side by side, for a terminal.
    pub fn listing(&self) -> String {
        let mut out = String::new();
        for (module, functions) in self.listings() {
            let _ = writeln!(out, "{module}");
            for function in functions {
                text(&mut out, &function);
            }
        }
        out
    }

    /// All forms side by side, as a page that needs nothing but itself.
    pub fn listing_page(&self) -> String {
        page::page(&self.listings())
    }

    fn listings(&self) -> Vec<(String, Vec<Listing>)> {
        let modules = self
            .modules()
            .iter()
            .map(|(_, module)| (module.source().to_owned(), listings(module, self.text_of(module).as_deref())));
        modules.collect()
    }
}

/// What a function is called where it has no name of its own.
fn title(function: &Listing) -> &str {
    match (function.name.as_str(), function.index) {
        ("", 0) => "top level",
        ("", _) => "lambda",
        (name, _) => name,
    }
}

fn text(out: &mut String, function: &Listing) {
    let _ = writeln!(out, "\n{} (function {}: {})\n", title(function), function.index, function.about);
    let _ = writeln!(out, "{:<SOURCE$} │ {:<PORTABLE$} │ register code", "source", "portable code");
    let _ = writeln!(out, "{:─<SOURCE$}─┼─{:─<PORTABLE$}─┼─{:─<32}", "", "", "");
    for row in &function.rows {
        let line = row.position.map_or(0, |position| position.line);
        let source = row.source.as_ref().map_or_else(String::new, |text| format!("{line:>4} {text}"));
        let portable = row.portable.as_ref().map_or_else(String::new, instruction);
        let mut registers = row.registers.iter().map(instruction);
        let mut cells = (fit(&source, SOURCE), fit(&portable, PORTABLE));
        let mut first = registers.next().unwrap_or_default();
        loop {
            let line = format!("{} │ {} │ {first}", cells.0, cells.1);
            let _ = writeln!(out, "{}", line.trim_end());
            cells = (fit("", SOURCE), fit("", PORTABLE));
            match registers.next() {
                Some(next) => first = next,
                None => break,
            }
        }
    }
}

fn instruction(line: &CodeLine) -> String {
    let comment = if line.comment.is_empty() { String::new() } else { format!("  ; {}", line.comment) };
    format!("{:04x}  {}{comment}", line.at, line.text)
}

/// A text in exactly so many columns.
fn fit(text: &str, columns: usize) -> String {
    let length = text.chars().count();
    if length <= columns {
        return format!("{text}{}", " ".repeat(columns - length));
    }
    text.chars().take(columns - 1).chain(['…']).collect()
}
