//! A module as a compiler produces it: nothing in it is trusted before [`verify`](crate::verify) has seen it.

use num_bigint::BigInt;
use std::sync::Arc;

/// A compiled source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// Path of the source as the user gave it; traces show it.
    pub source: String,
    /// The constant pool. Each value stands in it once.
    pub constants: Vec<Constant>,
    /// The module's global variables.
    pub globals: Vec<Global>,
    /// The functions. Function 0 runs the top level: it takes no arguments and captures nothing.
    pub functions: Vec<Function>,
    /// What the module's classes are made from.
    pub classes: Vec<ClassTemplate>,
}

/// What a class is made from: its identity in the code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassTemplate {
    /// Its name in the source.
    pub name: String,
    /// Names of its methods, in the order in which `class` takes their functions.
    pub methods: Vec<String>,
}

/// A constant of a module. Two are the same when all their bits are, also of a NaN.
#[derive(Clone, Debug)]
pub enum Constant {
    /// An int of any size.
    Int(BigInt),
    /// A float.
    Float(f64),
    /// Text.
    Str(String),
    /// Octets.
    Bytes(Vec<u8>),
    /// An atom, by name, without the colon.
    Atom(String),
    /// A function of the host, by name (`print`, `+`, `String.split`).
    Native(String),
    /// An exported name of another module, such as the prelude's `map`. Its value when the module is linked.
    Import {
        /// The module's name.
        module: String,
        /// The member's name.
        name: String,
    },
    /// A module as a value: its name, and its members with the globals (of this module, imports included) that they are.
    Module {
        /// The module's name.
        name: String,
        /// Members by name, with indices into [`Module::globals`].
        members: Vec<(String, u32)>,
    },
}

impl PartialEq for Constant {
    fn eq(&self, other: &Constant) -> bool {
        match (self, other) {
            (Constant::Float(a), Constant::Float(b)) => a.to_bits() == b.to_bits(),
            (Constant::Int(a), Constant::Int(b)) => a == b,
            (Constant::Str(a), Constant::Str(b))
            | (Constant::Atom(a), Constant::Atom(b))
            | (Constant::Native(a), Constant::Native(b)) => a == b,
            (Constant::Bytes(a), Constant::Bytes(b)) => a == b,
            (Constant::Import { module: m, name: a }, Constant::Import { module: n, name: b }) => (m, a) == (n, b),
            (Constant::Module { name: a, members: m }, Constant::Module { name: b, members: n }) => (a, m) == (b, n),
            _ => false,
        }
    }
}

/// A global variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// Its name in the source.
    pub name: String,
    /// Whether it was declared by `const`.
    pub constant: bool,
    /// The module that it is a global of, by name, if it is another one's: then reading it reads that one.
    pub import: Option<String>,
}

/// A function of portable code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    /// Name in the source, or empty for a `lambda`.
    pub name: String,
    /// Parameters that a call must give.
    pub required: u32,
    /// Parameters with a default. They follow the required ones; the code asks `arg-missing` for them.
    pub optional: u32,
    /// Whether a last parameter takes the remaining arguments as a list.
    pub rest: bool,
    /// Whether there are more parameters than a frame has room for. Then the first local is a list of the required and
    /// optional ones, null where none was given, the second says how many were given, and the rest follows.
    pub packed: bool,
    /// Locals of the frame, parameters included. Parameters are the first ones, in order.
    pub locals: u8,
    /// What a closure of this function captures, in order; true for a cell, false for a value.
    pub captures: Vec<bool>,
    /// Portable instructions; see [`iridium_isa::stack`]. Empty where there is register code.
    pub code: Vec<u8>,
    /// Where throws in portable code are caught, inner regions before those around them.
    pub handlers: Vec<Handler>,
    /// Register code in place of portable code.
    pub registers: Option<RegisterCode>,
    /// Where the instructions, or words, stand in the source.
    pub positions: PositionTable,
    /// Names of locals, for tools. Offsets are those of the instructions, or words.
    pub local_names: Vec<LocalName>,
    /// Names of captures, for messages and tools; as many as `captures`.
    pub capture_names: Vec<String>,
}

impl Function {
    /// Number of locals that a call fills: required parameters, optional ones and the rest.
    pub fn parameters(&self) -> usize {
        let single = if self.packed { 2 } else { self.required as usize + self.optional as usize };
        single + usize::from(self.rest)
    }
}

/// Register code of a function, as it was written: not what lowering made of portable code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisterCode {
    /// The words; see [`iridium_isa::register`]. A global is named by its index in the module.
    pub words: Vec<u32>,
    /// What the `K` operands index.
    pub pool: Vec<Pooled>,
    /// Where throws are caught, inner regions before those around them.
    pub handlers: Vec<RegisterHandler>,
    /// Registers of a frame; the parameters are the first ones.
    pub frame: u8,
}

/// A constant of a function of register code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pooled {
    /// A constant of the module.
    Const(u32),
    /// A function of the module that captures nothing, or the one that a `closure` word makes.
    Func(u32),
    /// A small int.
    Int(i32),
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
}

/// A region of register code whose throws go on elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterHandler {
    /// First word of the region.
    pub start: u32,
    /// The word after the region.
    pub end: u32,
    /// The word at which the throw goes on.
    pub target: u32,
    /// The register that the thrown value goes to.
    pub register: u8,
    /// Whether it is also there for the end of the process by `exit`: it throws on what it gets.
    pub finally: bool,
}

/// A region of portable code whose throws go on elsewhere.
///
/// The operands that are on the stack at the region's start are still there at the target, with the thrown value on top
/// of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// Offset of the first instruction.
    pub start: u32,
    /// Offset after the last instruction.
    pub end: u32,
    /// Offset at which the throw goes on.
    pub target: u32,
    /// Whether it is also there for the end of the process by `exit`: it throws on what it gets.
    pub finally: bool,
}

/// A name of a local while control is in a range of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalName {
    /// Number of the local.
    pub local: u8,
    /// Its name in the source; functions that use the same share it.
    pub name: Arc<str>,
    /// First offset at which the name holds.
    pub start: u32,
    /// Offset at which it no longer holds.
    pub end: u32,
}

/// A place in the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1.
    pub column: u32,
    /// Code points to underline, on that line; at least 1.
    pub length: u32,
}

/// Positions by code offset: an entry holds from its offset to the next entry's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PositionTable(Vec<(u32, Position)>);

impl PositionTable {
    /// Forgets all of them, but not the memory.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds the position that holds from `offset` on. Offsets must not decrease; an entry for the same offset
    /// replaces the one before.
    pub fn push(&mut self, offset: u32, position: Position) {
        if let Some(last) = self.0.last_mut() {
            if last.1 == position {
                return;
            }
            if last.0 == offset {
                last.1 = position;
                return;
            }
        }
        self.0.push((offset, position));
    }

    /// The position that holds at `offset`.
    pub fn at(&self, offset: u32) -> Option<Position> {
        let after = self.0.partition_point(|entry| entry.0 <= offset);
        after.checked_sub(1).map(|index| self.0[index].1)
    }

    /// All entries, by offset.
    pub fn entries(&self) -> &[(u32, Position)] {
        &self.0
    }
}
