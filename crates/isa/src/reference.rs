//! Reference pages, made from the tables.

use crate::{REGISTER_VERSION, STACK_VERSION, register, stack};
use std::fmt::Write;

/// The reference of both instruction sets, as Markdown.
pub fn page() -> String {
    let mut out = String::from(
        "# Instruction sets\n\n\
         Made from the tables in `crates/isa`; do not edit. `cargo xtask bless` writes it anew.\n\n",
    );
    let _ = writeln!(out, "## Portable code, version {STACK_VERSION}\n");
    out.push_str("| number | mnemonic | operands | pops | pushes | flags | meaning |\n|---|---|---|---|---|---|---|\n");
    for row in stack::ROWS {
        let pops = match row.pops_per_count {
            0 => row.pops.to_string(),
            1 => format!("{} + n", row.pops),
            many => format!("{} + {many}n", row.pops),
        };
        let flags = flag_names(row.flags, &STACK_FLAGS);
        let operands: Vec<String> = row.operands.iter().map(|operand| format!("{operand:?}").to_lowercase()).collect();
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {pops} | {} | {flags} | {} |",
            row.op as u8,
            row.mnemonic,
            operands.join(", "),
            row.pushes,
            row.doc.replace('|', "\\|"),
        );
    }
    let _ = writeln!(out, "\n## Register code, version {REGISTER_VERSION}\n");
    out.push_str("| number | mnemonic | operands | extension words | flags | meaning |\n|---|---|---|---|---|---|\n");
    for row in register::ROWS {
        let flags = flag_names(row.flags, &REGISTER_FLAGS);
        let list = |operands: &[register::Operand]| {
            operands.iter().map(|operand| format!("{operand:?}").to_lowercase()).collect::<Vec<_>>().join(", ")
        };
        let _ = writeln!(
            out,
            "| {} | `{}` | {} | {} | {flags} | {} |",
            row.op as u8,
            row.mnemonic,
            list(row.operands),
            list(row.extensions),
            row.doc.replace('|', "\\|"),
        );
    }
    out
}

const STACK_FLAGS: [(stack::Flag, &str); 9] = [
    (stack::Flag::JUMPS, "jumps"),
    (stack::Flag::ENDS, "ends"),
    (stack::Flag::THROWS, "throws"),
    (stack::Flag::ALLOCATES, "allocates"),
    (stack::Flag::CALLS, "calls"),
    (stack::Flag::KEEPS, "keeps"),
    (stack::Flag::ITERATES, "iterates"),
    (stack::Flag::UNPACKS, "unpacks"),
    (stack::Flag::RECEIVES, "receives"),
];

const REGISTER_FLAGS: [(register::Flag, &str); 8] = [
    (register::Flag::JUMPS, "jumps"),
    (register::Flag::ENDS, "ends"),
    (register::Flag::THROWS, "throws"),
    (register::Flag::ALLOCATES, "allocates"),
    (register::Flag::CALLS, "calls"),
    (register::Flag::TESTS, "tests"),
    (register::Flag::DATA, "data"),
    (register::Flag::LOOPS, "loops"),
];

fn flag_names<F: Copy + AsBits>(flags: u16, names: &[(F, &str)]) -> String {
    let set: Vec<&str> = names.iter().filter(|(flag, _)| flags & flag.bits() != 0).map(|(_, name)| *name).collect();
    set.join(" ")
}

/// A flag's bit.
trait AsBits {
    fn bits(self) -> u16;
}

impl AsBits for stack::Flag {
    fn bits(self) -> u16 {
        self as u16
    }
}

impl AsBits for register::Flag {
    fn bits(self) -> u16 {
        self as u16
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_has_its_line() {
        let page = super::page();
        for row in crate::stack::ROWS {
            assert!(page.contains(&format!("| {} | `{}` |", row.op as u8, row.mnemonic)));
            assert!(row.doc.ends_with('.'), "{}", row.mnemonic);
        }
        for row in crate::register::ROWS {
            assert!(page.contains(&format!("| {} | `{}` |", row.op as u8, row.mnemonic)));
            assert!(row.doc.ends_with('.'), "{}", row.mnemonic);
        }
    }
}
