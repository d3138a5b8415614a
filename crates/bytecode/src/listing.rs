//! All forms of a module side by side: the source's lines, the portable instructions that they gave, and the words that
//! these were lowered to.

use crate::disassembly::{CodeLine, Printer};
use crate::module::{Function, Position};
use crate::verify::VerifiedModule;

/// The forms of one function.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Its name; empty for a `lambda`, and for the top level.
    pub name: String,
    /// Its number in the module.
    pub index: usize,
    /// What there is to know about its frame.
    pub about: String,
    /// Its code, in the order of the portable code.
    pub rows: Vec<Row>,
}

/// A portable instruction with what came from it. A function that was written as register code has no portable ones.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where it stands in the source.
    pub position: Option<Position>,
    /// The source line, in the first of the rows that came from it.
    pub source: Option<String>,
    /// The portable instruction.
    pub portable: Option<CodeLine>,
    /// The register instructions; none where it was forwarded, or fused with one before or after.
    pub registers: Vec<CodeLine>,
}

/// The listings of all functions. `source` is the text that the positions refer to, if it is at hand.
pub fn listings(module: &VerifiedModule, source: Option<&str>) -> Vec<Listing> {
    let printer = Printer::new(module, source);
    let lines: Vec<&str> = source.map_or_else(Vec::new, |text| text.lines().collect());
    let each = |(index, function): (usize, &Function)| {
        let lowered = module.lowered(index);
        let origins = module.origins(index);
        let mut registers = printer.register_lines(lowered).into_iter().peekable();
        let mut rows = Vec::new();
        let portable = printer.portable_lines(function);
        for (number, line) in portable.iter().enumerate() {
            let next = portable.get(number + 1).map_or(u32::MAX, |next| next.at);
            let mut own = Vec::new();
            while let Some(word) =
                registers.next_if(|word| origins.get(word.at as usize).is_some_and(|&from| from < next))
            {
                own.push(word);
            }
            let position = function.positions.at(line.at);
            rows.push(Row { position, source: None, portable: Some(line.clone()), registers: own });
        }
        for word in registers {
            rows.push(Row {
                position: lowered.positions.at(word.at),
                source: None,
                portable: None,
                registers: vec![word],
            });
        }
        // What a function does before the first thing that can fail belongs to the line where that stands.
        if index > 0
            && let Some(first) = rows.iter().position(|row| row.position.is_some())
        {
            let position = rows[first].position;
            rows[..first].iter_mut().for_each(|row| row.position = position);
        }
        let mut shown = 0;
        for row in &mut rows {
            let Some(line) = row.position.map(|position| position.line).filter(|line| *line != shown) else { continue };
            shown = line;
            row.source = lines.get((line as usize).wrapping_sub(1)).map(|text| (*text).trim_end().to_owned());
        }
        Listing { name: function.name.clone(), index, about: about(function, lowered.frame), rows }
    };
    module.functions().iter().enumerate().map(each).collect()
}

fn about(function: &Function, frame: u8) -> String {
    let mut parts = vec![count(function.required as usize, "parameter")];
    if function.optional > 0 {
        parts.push(format!("{} optional", function.optional));
    }
    if function.rest {
        parts.push("rest".to_owned());
    }
    if function.packed {
        parts.push("packed".to_owned());
    }
    parts.push(count(usize::from(function.locals), "local"));
    parts.push(count(usize::from(frame), "register"));
    if !function.captures.is_empty() {
        parts.push(format!("captures {}", function.capture_names.join(", ")));
    }
    parts.join(", ")
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
