//! Disassembly of both forms: offset, raw bytes, instruction, and what its operands name.
//!
//! ```text
//! .func fib stack          ; function 1, 1 parameter, 1 local
//!    0000  0c 00           local-get 0
//!    0002  01 04           push 2
//! ```
//!
//! What names an operand comes after it as a comment; lines of the source come before the instructions they gave.

use crate::module::{Constant, Function, Pooled, PositionTable};
use crate::verify::{Lowered, VerifiedModule};
use iridium_isa::register::{self, Flag as RegisterFlag, Operand as Field, RegisterOp, Word};
use iridium_isa::stack::{self, Operand};
use std::fmt::Write;

/// Widths of the columns of raw bytes and of instructions.
const RAW: usize = 16;
const TEXT: usize = 30;
/// Code points of a constant that a comment shows.
const SHOWN: usize = 40;

/// All functions of a module, as portable code. `source` is the text that the positions refer to, if it is at hand.
pub fn portable(module: &VerifiedModule, source: Option<&str>) -> String {
    let mut out = String::new();
    let lines = Lines::of(source);
    for (index, function) in module.functions().iter().enumerate() {
        heading(&mut out, index, function, "stack");
        portable_function(&mut out, module, function, &lines);
        out.push('\n');
    }
    out
}

/// All functions of a module, as register code.
pub fn registers(module: &VerifiedModule, source: Option<&str>) -> String {
    let mut out = String::new();
    let lines = Lines::of(source);
    for (index, function) in module.functions().iter().enumerate() {
        let lowered = module.lowered(index);
        heading(&mut out, index, function, "");
        let _ = writeln!(out, "          ; {} registers", lowered.frame);
        register_function(&mut out, module, lowered, &lines);
        out.push('\n');
    }
    out
}

/// Lines of a source, if it is at hand.
struct Lines<'s>(Vec<&'s str>);

impl<'s> Lines<'s> {
    fn of(source: Option<&'s str>) -> Lines<'s> {
        Lines(source.map_or_else(Vec::new, |text| text.lines().collect()))
    }

    /// Writes the source line that starts to hold at `offset`, if it is not the one shown last.
    fn write(&self, out: &mut String, positions: &PositionTable, offset: u32, shown: &mut u32) {
        let Some(position) = positions.at(offset) else { return };
        if position.line == *shown {
            return;
        }
        *shown = position.line;
        if let Some(line) = self.0.get(position.line as usize - 1) {
            let _ = writeln!(out, "; {:>5} | {}", position.line, clip(line.trim_end()));
        }
    }
}

fn heading(out: &mut String, index: usize, function: &Function, form: &str) {
    let name = match (index, function.name.as_str()) {
        (0, _) => "main",
        (_, "") => "lambda",
        (_, name) => name,
    };
    let mut about = format!("function {index}, {} required", function.required);
    if function.optional > 0 {
        let _ = write!(about, ", {} optional", function.optional);
    }
    if function.rest {
        about.push_str(", rest");
    }
    let _ = write!(about, ", {} locals", function.locals);
    if !function.captures.is_empty() {
        let names: Vec<String> = (function.capture_names.iter().zip(&function.captures))
            .map(|(name, &cell)| format!("{name}{}", if cell { " (cell)" } else { "" }))
            .collect();
        let _ = write!(about, ", captures {}", names.join(", "));
    }
    let left = format!(".func {name} {form}");
    let _ = writeln!(out, "{:<24} ; {about}", left.trim_end());
}

fn portable_function(out: &mut String, module: &VerifiedModule, function: &Function, lines: &Lines) {
    let mut at = 0;
    let mut shown = 0;
    while at < function.code.len() {
        lines.write(out, &function.positions, at as u32, &mut shown);
        let Ok(instruction) = stack::decode(&function.code, at) else { return };
        let row = instruction.op.row();
        let mut text = row.mnemonic.to_string();
        let mut comment = String::new();
        for (kind, &value) in row.operands.iter().zip(&instruction.operands) {
            let shown = match kind {
                Operand::Int => format!("{}", value as i32),
                Operand::Label => format!("@{:04x}", instruction.target().unwrap_or(0)),
                _ => format!("{value}"),
            };
            let _ = write!(text, " {shown}");
            comment.push_str(&operand_comment(module, function, *kind, value as usize, at as u32));
        }
        line(out, at, &raw_bytes(&function.code[at..instruction.end]), &text, &comment);
        at = instruction.end;
    }
}

fn operand_comment(module: &VerifiedModule, function: &Function, kind: Operand, value: usize, at: u32) -> String {
    match kind {
        Operand::Const => module.constants().get(value).map_or_else(String::new, constant),
        Operand::Global => module.globals().get(value).map_or_else(String::new, |global| global.name.clone()),
        Operand::Func => function_name(module, value),
        Operand::Class => module.classes().get(value).map_or_else(String::new, |class| class.name.clone()),
        Operand::Type => stack::TYPES.get(value).map_or_else(String::new, |name| (*name).to_string()),
        Operand::Capture => function.capture_names.get(value).cloned().unwrap_or_default(),
        Operand::Local => {
            let names = &function.local_names;
            let holds = |name: &&crate::module::LocalName| {
                usize::from(name.local) == value && name.start <= at.saturating_add(8) && at < name.end
            };
            names.iter().find(holds).map_or_else(String::new, |name| name.name.clone())
        }
        _ => String::new(),
    }
}

fn register_function(out: &mut String, module: &VerifiedModule, lowered: &Lowered, lines: &Lines) {
    let mut at = 0;
    let mut shown = 0;
    while at < lowered.code.len() {
        lines.write(out, &lowered.positions, at as u32, &mut shown);
        let word = Word(lowered.code[at]);
        let Some(op) = RegisterOp::from_byte(word.opcode()) else { return };
        let row = op.row();
        let mut text = row.mnemonic.to_string();
        let mut comment = String::new();
        let extension = |index: usize| Word(lowered.code[at + 1 + index]).long_operand();
        for (kind, value) in register::operands(word, row) {
            let shown = match kind {
                kind if kind.is_register() => format!("${value}"),
                Field::G16 => continue,
                Field::Off24 => format!("@{:04x}", at as i64 + 1 + value),
                _ => format!("#{value}"),
            };
            let _ = write!(text, " {shown}");
            if matches!(kind, Field::K8 | Field::K16) {
                comment = pooled(module, lowered, value as usize);
            }
        }
        for (index, kind) in row.extensions.iter().enumerate() {
            let value = extension(index) as usize;
            let _ = write!(text, " #{value}");
            comment = match kind {
                Field::K24 => pooled(module, lowered, value),
                Field::C24 => module.classes().get(value).map_or_else(String::new, |class| class.name.clone()),
                Field::G24 => module.globals().get(value).map_or_else(String::new, |global| global.name.clone()),
                _ => comment,
            };
        }
        let end = at + row.words();
        let raw: Vec<u8> = lowered.code[at..end].iter().flat_map(|word| word.to_be_bytes()).collect();
        line(out, at, &raw_bytes(&raw), &text, &comment);
        at = end;
        debug_assert!(!row.has(RegisterFlag::DATA), "extension words belong to the instruction before");
    }
}

fn line(out: &mut String, at: usize, raw: &str, text: &str, comment: &str) {
    let mut line = format!("   {at:04x}  {raw:<width$}  {text}", width = RAW);
    if !comment.is_empty() {
        let text_width = 2 + 3 + 4 + 2 + RAW.max(raw.len()) + TEXT;
        line = format!("{line:<text_width$} ; {comment}");
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

fn raw_bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn function_name(module: &VerifiedModule, index: usize) -> String {
    match module.functions().get(index) {
        Some(function) if function.name.is_empty() => "lambda".to_string(),
        Some(function) => function.name.clone(),
        None => String::new(),
    }
}

fn pooled(module: &VerifiedModule, lowered: &Lowered, index: usize) -> String {
    match lowered.pool.get(index) {
        Some(&Pooled::Const(index)) => module.constants().get(index as usize).map_or_else(String::new, constant),
        Some(&Pooled::Func(index)) => function_name(module, index as usize),
        Some(Pooled::Int(value)) => value.to_string(),
        Some(Pooled::Null) => "null".to_string(),
        Some(Pooled::Bool(value)) => value.to_string(),
        None => String::new(),
    }
}

/// A constant as a comment shows it.
fn constant(constant: &Constant) -> String {
    match constant {
        Constant::Int(value) => clip(&value.to_string()),
        Constant::Float(value) => format!("{value:?}"),
        Constant::Str(text) => clip(&format!("{text:?}")),
        Constant::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Constant::Atom(name) => clip(&format!(":{name}")),
        Constant::Native(name) => name.clone(),
        Constant::Import { module, name } => format!("{module}.{name}"),
        Constant::Module { name, .. } => format!("module {name}"),
    }
}

fn clip(text: &str) -> String {
    let mut chars = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    let shown: String = chars.by_ref().take(SHOWN * 2).collect();
    if chars.next().is_some() { shown + "…" } else { shown }
}
