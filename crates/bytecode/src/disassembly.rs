//! Disassembly: a module as the assembly that gives it again, octet by octet. Offsets, raw octets, and what operands
//! name stand in comments.
//!
//! ```text
//! .func fib stack                 ; function 1
//!     .params 1
//!     .line 4 7 7                 ; (if (< n 2)
//!     local-get 0                 ; 0000  0c 00              n
//!     push 2                      ; 0002  01 04
//! ```

use crate::assembly::text::{Literals, name};
use crate::module::{Constant, Function, Pooled, Position, PositionTable, RegisterHandler};
use crate::verify::{Lowered, VerifiedModule};
use iridium_isa::register::{self, Flag as RegisterFlag, Operand as Field, RegisterOp, Word};
use iridium_isa::stack::{self, Flag, Operand};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// Columns before the comment of a line.
const CODE: usize = 36;
/// Columns of raw octets.
const RAW: usize = 18;
/// Code points of a constant, or of a source line, that a comment shows.
const SHOWN: usize = 60;

/// A module, by its identity, as portable code; a function that has none, as the register code that was written for it. `source` is the
/// text that the positions refer to, if it is at hand.
pub fn portable(id: &str, module: &VerifiedModule, source: Option<&str>) -> String {
    let printer = Printer::new(module, source);
    printer.all(id, |printer, out, index, function| match &function.registers {
        None => printer.portable_function(out, index, function),
        Some(_) => printer.register_function(out, index, function),
    })
}

/// The functions of a module whose names pass, in both forms, without the module's tables; nothing if there is none.
pub fn functions(module: &VerifiedModule, source: Option<&str>, pass: impl Fn(&str) -> bool) -> Option<[String; 2]> {
    let printer = Printer::new(module, source);
    let mut forms = [String::new(), String::new()];
    for (index, function) in module.functions().iter().enumerate().filter(|(_, function)| pass(&function.name)) {
        if !forms[0].is_empty() {
            forms.iter_mut().for_each(|form| form.push('\n'));
        }
        printer.portable_function(&mut forms[0], index, function);
        printer.register_function(&mut forms[1], index, function);
    }
    Some(forms).filter(|[portable, _]| !portable.is_empty())
}

/// A module as register code.
pub fn registers(id: &str, module: &VerifiedModule, source: Option<&str>) -> String {
    Printer::new(module, source).all(id, Printer::register_function)
}

/// Shows the code of one module.
pub(crate) struct Printer<'m> {
    module: &'m VerifiedModule,
    lines: Vec<&'m str>,
    constants: Literals,
    globals: Vec<String>,
    functions: Vec<String>,
    classes: Vec<String>,
}

impl<'m> Printer<'m> {
    pub(crate) fn new(module: &'m VerifiedModule, source: Option<&'m str>) -> Printer<'m> {
        Printer {
            module,
            lines: source.map_or_else(Vec::new, |text| text.lines().collect()),
            constants: Literals::new(module.constants()),
            globals: unique(module.globals().iter().map(|global| global.name.as_str())),
            functions: unique(module.functions().iter().map(|function| function.name.as_str())),
            classes: unique(module.classes().iter().map(|class| class.name.as_str())),
        }
    }

    fn all(&self, id: &str, function: impl Fn(&Self, &mut String, usize, &Function)) -> String {
        let mut out = String::new();
        self.tables(id, &mut out);
        for (index, each) in self.module.functions().iter().enumerate() {
            out.push('\n');
            function(self, &mut out, index, each);
        }
        out
    }

    /// What stands before the functions.
    fn tables(&self, id: &str, out: &mut String) {
        let source = self.module.source();
        let source = if source == id { String::new() } else { format!(" {}", name(source)) };
        let _ = writeln!(out, ".module {}{source}", name(id));
        for (index, constant) in self.module.constants().iter().enumerate() {
            let text = match constant {
                Constant::Int(value) => value.to_string(),
                Constant::Import { module, name: member } if member.contains('.') => {
                    format!("import {} {}", name(module), name(member))
                }
                Constant::Module { name: module, members } => {
                    let members = members.iter().map(|(member, global)| format!(" {} {global}", name(member)));
                    format!("module {}{}", name(module), members.collect::<String>())
                }
                other => crate::assembly::text::literal(other).unwrap_or_default(),
            };
            commented(out, &format!(".const {text}"), &format!("constant {index}"));
        }
        for (index, global) in self.module.globals().iter().enumerate() {
            let mut text = format!(".global {}", name(&global.name));
            if global.constant {
                text.push_str(" const");
            }
            if let Some(module) = &global.import {
                let _ = write!(text, " from {}", name(module));
            }
            commented(out, &text, &format!("global {index}"));
        }
        for (index, class) in self.module.classes().iter().enumerate() {
            let methods: String = class.methods.iter().map(|method| format!(" {}", name(method))).collect();
            commented(out, &format!(".class {}{methods}", name(&class.name)), &format!("class {index}"));
        }
    }

    fn heading(&self, out: &mut String, index: usize, function: &Function, form: &str) {
        let text = format!(".func {}{form}", name(&function.name));
        commented(out, &text, &format!("function {index}"));
        if function.parameters() > 0 {
            let mut text = format!("    .params {}", function.required);
            if function.optional > 0 {
                let _ = write!(text, " {}", function.optional);
            }
            if function.rest {
                text.push_str(" rest");
            }
            if function.packed {
                text.push_str(" packed");
            }
            let _ = writeln!(out, "{text}");
        }
    }

    fn captures(out: &mut String, function: &Function) {
        for (capture, &cell) in function.capture_names.iter().zip(&function.captures) {
            let _ = writeln!(out, "    .capture {}{}", name(capture), if cell { " cell" } else { "" });
        }
    }

    // ---- Portable code ----

    fn portable_function(&self, out: &mut String, index: usize, function: &Function) {
        self.heading(out, index, function, " stack");
        let _ = writeln!(out, "    .locals {}", function.locals);
        Self::captures(out, function);
        let mut marks = BTreeSet::new();
        let mut at = 0;
        while let Ok(instruction) = stack::decode(&function.code, at) {
            if instruction.op.row().has(Flag::JUMPS) {
                marks.extend(instruction.target().map(|target| target as u32));
            }
            at = instruction.end;
        }
        for handler in &function.handlers {
            marks.extend([handler.start, handler.end, handler.target]);
            let (start, end, target) = (handler.start, handler.end, handler.target);
            let directive = if handler.finally { ".finally" } else { ".handler" };
            let _ = writeln!(out, "    {directive} @L{start:04x} @L{end:04x} @L{target:04x}");
        }
        Self::local_names(out, function, "", &mut marks);
        self.lines(out, &self.portable_lines(function), &function.positions, &marks);
    }

    /// The instructions of a function of portable code.
    pub(crate) fn portable_lines(&self, function: &Function) -> Vec<CodeLine> {
        let mut lines = Vec::new();
        let mut at = 0;
        while let Ok(instruction) = stack::decode(&function.code, at) {
            let row = instruction.op.row();
            let mut text = row.mnemonic.to_owned();
            let mut comment = String::new();
            for (kind, &value) in row.operands.iter().zip(&instruction.operands) {
                let shown = match kind {
                    Operand::Int => (value as i32).to_string(),
                    Operand::Label => format!("@L{:04x}", instruction.target().unwrap_or(0)),
                    _ => self.operand(*kind, value),
                };
                let _ = write!(text, " {shown}");
                comment.push_str(&self.operand_comment(function, *kind, value, at as u32));
            }
            lines.push(CodeLine { at: at as u32, raw: function.code[at..instruction.end].to_vec(), text, comment });
            at = instruction.end;
        }
        lines
    }

    fn operand(&self, kind: Operand, value: u32) -> String {
        let table = match kind {
            Operand::Const => return self.constants.get(value).map_or_else(|| value.to_string(), str::to_owned),
            Operand::Global => &self.globals,
            Operand::Func => &self.functions,
            Operand::Class => &self.classes,
            Operand::Type => {
                return stack::TYPES.get(value as usize).map_or_else(|| value.to_string(), |name| (*name).into());
            }
            _ => return value.to_string(),
        };
        table.get(value as usize).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| value.to_string())
    }

    fn operand_comment(&self, function: &Function, kind: Operand, value: u32, at: u32) -> String {
        match kind {
            Operand::Const if self.constants.get(value).is_none() => {
                self.module.constants().get(value as usize).map_or_else(String::new, constant)
            }
            Operand::Func => self.module.functions().get(value as usize).map_or_else(String::new, |function| {
                if function.name.is_empty() { "lambda".to_owned() } else { String::new() }
            }),
            Operand::Capture => function.capture_names.get(value as usize).cloned().unwrap_or_default(),
            Operand::Local => {
                let holds = |local: &&crate::module::LocalName| {
                    u32::from(local.local) == value && local.start <= at.saturating_add(8) && at < local.end
                };
                function.local_names.iter().find(holds).map_or_else(String::new, |local| local.name.to_string())
            }
            _ => String::new(),
        }
    }

    // ---- Register code ----

    fn register_function(&self, out: &mut String, index: usize, function: &Function) {
        let lowered = self.module.lowered(index);
        self.heading(out, index, function, "");
        let _ = writeln!(out, "    .registers {}", lowered.frame);
        Self::captures(out, function);
        for pooled in &lowered.pool {
            let (text, comment) = self.pooled(*pooled);
            commented(out, &format!("    .pool {text}"), &comment);
        }
        let mut marks = BTreeSet::new();
        let mut at = 0;
        while let Some(row) = row_at(lowered, at) {
            if row.has(RegisterFlag::JUMPS) {
                marks.insert((at as i64 + 1 + i64::from(Word(lowered.code[at]).offset())) as u32);
            }
            at += row.words();
        }
        for RegisterHandler { start, end, target, register, finally } in &lowered.handlers {
            marks.extend([*start, *end, *target]);
            let directive = if *finally { ".finally" } else { ".handler" };
            let _ = writeln!(out, "    {directive} @L{start:04x} @L{end:04x} @L{target:04x} ${register}");
        }
        if function.registers.is_some() {
            Self::local_names(out, function, "$", &mut marks);
        }
        self.lines(out, &self.register_lines(lowered), &lowered.positions, &marks);
    }

    /// The instructions of register code.
    pub(crate) fn register_lines(&self, lowered: &Lowered) -> Vec<CodeLine> {
        let own = self.own_literals(&lowered.pool);
        let mut lines = Vec::new();
        let mut caches = 0;
        let mut at = 0;
        while let Some(row) = row_at(lowered, at) {
            let (text, comment) = self.register_instruction(lowered, row, at, &own, &mut caches);
            let end = at + row.words();
            let raw = lowered.code[at..end].iter().flat_map(|word| word.to_be_bytes()).collect();
            lines.push(CodeLine { at: at as u32, raw, text, comment });
            at = end;
        }
        lines
    }

    fn register_instruction(
        &self,
        lowered: &Lowered,
        row: &register::Row,
        at: usize,
        own: &[Option<String>],
        caches: &mut u32,
    ) -> (String, String) {
        let mut text = row.mnemonic.to_owned();
        let mut comment = String::new();
        let mut pooled = |index: usize| match own.get(index) {
            Some(Some(literal)) => literal.clone(),
            _ => {
                comment = lowered.pool.get(index).map_or_else(String::new, |pooled| self.pooled(*pooled).1);
                format!("#{index}")
            }
        };
        for (kind, value) in register::operands(Word(lowered.code[at]), row) {
            let shown = match kind {
                kind if kind.is_register() => format!("${value}"),
                Field::G16 => continue,
                Field::Off24 => format!("@L{:04x}", at as i64 + 1 + value),
                Field::K8 | Field::K16 => pooled(value as usize),
                Field::U8 if row.op == RegisterOp::IsType => self.operand(Operand::Type, value as u32),
                _ => format!("#{value}"),
            };
            let _ = write!(text, " {shown}");
        }
        for (index, kind) in row.extensions.iter().enumerate() {
            let value = Word(lowered.code[at + 1 + index]).long_operand();
            let shown = match kind {
                Field::K24 => pooled(value as usize),
                Field::C24 => self.operand(Operand::Class, value),
                Field::G24 => self.operand(Operand::Global, value),
                _ => {
                    let next = *caches;
                    *caches += register::CACHE_WORDS;
                    if value == next {
                        continue;
                    }
                    format!("#{value}")
                }
            };
            let _ = write!(text, " {shown}");
        }
        (text, comment)
    }

    /// A constant of register code, as `.pool` takes it, and a comment.
    fn pooled(&self, pooled: Pooled) -> (String, String) {
        match pooled {
            Pooled::Const(index) => {
                let comment = self.module.constants().get(index as usize).map_or_else(String::new, constant);
                (format!("const {index}"), comment)
            }
            Pooled::Func(index) => {
                (format!("func:{}", self.operand(Operand::Func, index)), self.function_comment(index))
            }
            Pooled::Int(value) => (format!("int:{value}"), String::new()),
            Pooled::Null => ("null".to_owned(), String::new()),
            Pooled::Bool(value) => (value.to_string(), String::new()),
        }
    }

    fn function_comment(&self, index: u32) -> String {
        let lambda = self.module.functions().get(index as usize).is_some_and(|function| function.name.is_empty());
        if lambda { "lambda".to_owned() } else { String::new() }
    }

    /// By index, what stands for a constant of register code in an instruction.
    fn own_literals(&self, pool: &[Pooled]) -> Vec<Option<String>> {
        let mut seen = HashMap::new();
        let literals = pool.iter().enumerate().map(|(index, pooled)| {
            if *seen.entry(*pooled).or_insert(index) != index {
                return None;
            }
            match pooled {
                // An int that stands for itself is one of the function's own pool.
                Pooled::Const(index) => {
                    self.constants.get(*index).filter(|text| !text.starts_with("int:")).map(str::to_owned)
                }
                other => Some(self.pooled(*other).0),
            }
        });
        literals.collect()
    }

    // ---- Both forms ----

    fn lines(&self, out: &mut String, lines: &[CodeLine], positions: &PositionTable, marks: &BTreeSet<u32>) {
        let mut shown = Shown::default();
        for line in lines {
            self.mark(out, marks, line.at);
            self.position(out, positions, line.at, &mut shown);
            let raw = line.raw.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(" ");
            let comment = format!("{:04x}  {raw:<RAW$} {}", line.at, line.comment);
            commented(out, &format!("    {}", line.text), comment.trim_end());
        }
        // A place behind the last instruction.
        marks.iter().filter(|mark| lines.last().is_none_or(|last| last.at < **mark)).for_each(|mark| {
            let _ = writeln!(out, "L{mark:04x}:");
        });
    }

    fn local_names(out: &mut String, function: &Function, sigil: &str, marks: &mut BTreeSet<u32>) {
        for local in &function.local_names {
            marks.extend([local.start, local.end]);
            let (number, start, end) = (local.local, local.start, local.end);
            let _ = writeln!(out, "    .local {sigil}{number} {} @L{start:04x} @L{end:04x}", name(&local.name));
        }
    }

    fn mark(&self, out: &mut String, marks: &BTreeSet<u32>, at: u32) {
        if marks.contains(&at) {
            let _ = writeln!(out, "L{at:04x}:");
        }
    }

    /// Says where the instruction at `at` stands, if that is another place than the last one's.
    fn position(&self, out: &mut String, positions: &PositionTable, at: u32, shown: &mut Shown) {
        let Some(position) = positions.at(at) else { return };
        if shown.position == Some(position) {
            return;
        }
        shown.position = Some(position);
        let text = format!("    .line {} {} {}", position.line, position.column, position.length);
        let line =
            if shown.line == position.line { None } else { self.lines.get((position.line as usize).wrapping_sub(1)) };
        shown.line = position.line;
        commented(out, &text, &line.map_or_else(String::new, |line| clip(line.trim())));
    }
}

/// An instruction as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeLine {
    /// Offset of the instruction: octets of portable code, words of register code.
    pub at: u32,
    /// Its octets.
    pub raw: Vec<u8>,
    /// Mnemonic and operands.
    pub text: String,
    /// What the operands name, where the text does not say it.
    pub comment: String,
}

/// What the last `.line` said.
#[derive(Default)]
struct Shown {
    position: Option<Position>,
    line: u32,
}

/// By index, how a thing is named: nothing where several have the name, or none.
fn unique<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Vec<String> {
    let mut count: HashMap<&str, usize> = HashMap::new();
    for each in names.clone() {
        *count.entry(each).or_default() += 1;
    }
    names.map(|each| if count[each] == 1 && !each.is_empty() { name(each) } else { String::new() }).collect()
}

fn row_at(lowered: &Lowered, at: usize) -> Option<&'static register::Row> {
    RegisterOp::from_byte(Word(*lowered.code.get(at)?).opcode()).map(RegisterOp::row)
}

fn commented(out: &mut String, text: &str, comment: &str) {
    if comment.is_empty() {
        let _ = writeln!(out, "{text}");
    } else {
        let _ = writeln!(out, "{text:<CODE$} ; {comment}");
    }
}

/// A constant as a comment shows it.
fn constant(constant: &Constant) -> String {
    match constant {
        Constant::Bytes(octets) => format!("{} bytes", octets.len()),
        Constant::Module { name, .. } => format!("module {name}"),
        Constant::Import { module, name } => format!("{module}.{name}"),
        other => crate::assembly::text::literal(other).map_or_else(String::new, |text| clip(&text)),
    }
}

fn clip(text: &str) -> String {
    let mut chars = text.chars().map(|char| if char.is_control() { ' ' } else { char });
    let shown: String = chars.by_ref().take(SHOWN).collect();
    if chars.next().is_some() { shown + "…" } else { shown }
}
