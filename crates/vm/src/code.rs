//! Functions as engines see them, and linking: how a verified module becomes part of a node.

use crate::data::text;
use crate::handlers::HandlerTable;
use crate::node::{HostFunction, Literal, Node, Template};
use crate::value::Value;
use iridium_bytecode::{Constant, Function, Lowered, Pooled, Position, VerifiedModule};
use iridium_isa::register::{Operand, RegisterOp, Word};
use num_traits::ToPrimitive;
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// An argument count that no call has: the callee must be looked at more closely.
pub(crate) const NOT_SIMPLE: u16 = u16::MAX;

/// A function of the node. Its index in the table is what a function value holds.
#[derive(Clone)]
#[repr(align(64))]
pub(crate) struct Entry {
    /// Register code; empty for natives.
    pub(crate) code: Arc<[u32]>,
    /// What the code's `K` operands index; behind that the inline caches: see `register::classes`.
    pub(crate) pool: Arc<[AtomicU64]>,
    /// The argument count, if every call has that many and the function is Eva's; else [`NOT_SIMPLE`].
    pub(crate) arity: u16,
    /// Registers of a frame.
    pub(crate) frame: u16,
    /// What else there is to know.
    pub(crate) body: Body,
}

/// What runs when a function is called.
#[derive(Clone)]
pub(crate) enum Body {
    /// Code of a module.
    Eva(Arc<FunctionCode>),
    /// A function of the host.
    Native(&'static crate::natives::Native),
    /// A function of the host, with its number: calling it is a request.
    Host(usize, Arc<HostFunction>),
    /// `apply`, which calls another function in its place.
    Apply,
}

/// A linked function.
pub(crate) struct FunctionCode {
    /// Its number in the module.
    index: usize,
    /// How many locals its portable code has.
    pub(crate) locals: u8,
    /// Which of the handlers a place of the register code has, and which a place of the portable code: they are in the
    /// same order.
    pub(crate) register_handlers: HandlerTable,
    pub(crate) portable_handlers: HandlerTable,
    /// The globals that its code names, by node-wide index.
    pub(crate) named: Box<[u32]>,
    /// The variables that it can touch, once somebody had to know: see `reach`.
    pub(crate) reach: OnceLock<Arc<[u32]>>,
    /// The module it belongs to.
    pub(crate) module: Arc<LinkedModule>,
}

/// What the functions of a linked module share.
pub(crate) struct LinkedModule {
    /// What was linked.
    verified: VerifiedModule,
    /// Values of the constant pool.
    pub(crate) constants: Vec<Value>,
    /// Node-wide indices of the module's class templates.
    pub(crate) templates: Vec<u32>,
    /// Node-wide indices of the module's globals.
    pub(crate) globals: Vec<u32>,
    /// Node-wide index of the module's function 0.
    pub(crate) first_function: u32,
}

/// A module that is part of a node and can be started.
#[derive(Clone)]
pub struct ModuleHandle {
    pub(crate) module: Arc<LinkedModule>,
    names: Arc<FxHashMap<String, u32>>,
}

impl ModuleHandle {
    /// The node-wide index of the global with this name.
    pub fn global(&self, name: &str) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// Names of the globals, with their node-wide indices.
    pub fn globals(&self) -> impl Iterator<Item = (&str, u32)> {
        self.names.iter().map(|(name, index)| (name.as_str(), *index))
    }
}

/// Names that a module may import, by module and name.
pub type Exports = FxHashMap<(String, String), Export>;

/// What a name of another module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Export {
    /// The node-wide index of the global.
    pub global: u32,
    /// Its value, if that is known to be a function without captures: the same everywhere.
    pub function: Option<Value>,
}

/// Globals by name that several modules share: the inputs of a REPL.
pub type SharedGlobals = FxHashMap<String, u32>;

/// Why a module cannot be linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// The host has no function of this name.
    UnknownNative(String),
    /// No module exports this name.
    UnknownImport(String, String),
    /// The node has as many atoms as it may.
    TooManyAtoms,
    /// The node has as many globals or functions as it may.
    TooManyDefinitions,
    /// The function with this name is register code, and the stack engine runs portable code only.
    NoPortableCode(String),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::UnknownNative(name) => write!(f, "this build has no native function `{name}`"),
            LinkError::UnknownImport(module, name) => write!(f, "module `{module}` does not export `{name}`"),
            LinkError::TooManyAtoms => {
                write!(f, "the program has too many atoms: a node has at most {}", crate::node::MAX_ATOMS)
            }
            LinkError::NoPortableCode(name) => {
                write!(f, "the function `{name}` is register code, which the stack engine does not run")
            }
            LinkError::TooManyDefinitions => write!(f, "the node has as many globals or functions as it may"),
        }
    }
}

impl std::error::Error for LinkError {}

impl Entry {
    /// The entry of a native function.
    pub(crate) fn native(body: Body) -> Entry {
        Entry { code: Arc::new([]), pool: Arc::new([]), arity: NOT_SIMPLE, frame: 0, body }
    }

    /// Name for messages; empty for a `lambda`.
    pub(crate) fn name(&self) -> &str {
        match &self.body {
            Body::Eva(code) => &code.function().name,
            Body::Native(native) => native.name,
            Body::Host(_, function) => &function.name,
            Body::Apply => "apply",
        }
    }

    /// The constants of its code.
    pub(crate) fn pool_values(&self) -> impl Iterator<Item = Value> + '_ {
        let constants = self.eva().map_or(0, |code| code.lowered().pool.len());
        self.pool[..constants].iter().map(|word| Value::from_bits(word.load(Ordering::Relaxed)))
    }

    /// The functions among the constants of its code.
    pub(crate) fn mentioned_functions(&self) -> impl Iterator<Item = u32> + '_ {
        self.pool_values().filter_map(Value::as_function)
    }

    /// The linked function, if it is Eva's.
    pub(crate) fn eva(&self) -> Option<&Arc<FunctionCode>> {
        match &self.body {
            Body::Eva(code) => Some(code),
            _ => None,
        }
    }
}

impl LinkedModule {
    /// Path of the source.
    pub(crate) fn source(&self) -> &str {
        self.verified.source()
    }
}

impl FunctionCode {
    /// Portable form.
    pub(crate) fn function(&self) -> &Function {
        &self.module.verified.functions()[self.index]
    }

    /// Register code, as it was before it was linked.
    pub(crate) fn lowered(&self) -> &Lowered {
        self.module.verified.lowered(self.index)
    }

    /// Position of register word `at`.
    pub(crate) fn register_position(&self, at: u32) -> Option<Position> {
        self.lowered().positions.at(at)
    }

    /// Position of the portable instruction at `offset`.
    pub(crate) fn portable_position(&self, offset: u32) -> Option<Position> {
        self.function().positions.at(offset)
    }
}

impl Node {
    /// Makes a verified module part of the node. With `shared`, its globals are those of that table by name, and new
    /// ones are added to it.
    ///
    /// # Errors
    /// When something that the module names does not exist here, or a table is full.
    pub fn link(
        &self,
        module: &VerifiedModule,
        exports: &Exports,
        shared: Option<&mut SharedGlobals>,
    ) -> Result<ModuleHandle, LinkError> {
        self.link_part(module, exports, shared, false)
    }

    /// Makes a module of the library part of the node.
    ///
    /// # Errors
    /// As [`link`](Self::link).
    pub fn link_library(&self, module: &VerifiedModule, exports: &Exports) -> Result<ModuleHandle, LinkError> {
        self.link_part(module, exports, None, true)
    }

    fn link_part(
        &self,
        module: &VerifiedModule,
        exports: &Exports,
        shared: Option<&mut SharedGlobals>,
        of_library: bool,
    ) -> Result<ModuleHandle, LinkError> {
        let shares = shared.is_some();
        let globals = self.link_globals(module, exports, shared, of_library)?;
        let constants = (module.constants().iter())
            .map(|constant| self.link_constant(constant, &globals, exports))
            .collect::<Result<Vec<_>, _>>()?;
        let mut templates = Vec::with_capacity(module.classes().len());
        for class in module.classes() {
            let methods = class.methods.iter().map(|name| self.atom(name).ok_or(LinkError::TooManyAtoms));
            let methods = methods.collect::<Result<_, _>>()?;
            templates.push(self.add_template(Template { name: class.name.as_str().into(), methods }));
        }
        let mut table = self.functions.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let first_function = u32::try_from(table.len()).map_err(|_| LinkError::TooManyDefinitions)?;
        if table.len() + module.functions().len() > u32::MAX as usize {
            return Err(LinkError::TooManyDefinitions);
        }
        let linked = Arc::new(LinkedModule { verified: module.clone(), constants, templates, globals, first_function });
        let mut entries = table.to_vec();
        entries.extend((0..module.functions().len()).map(|index| link_function(index, &linked)));
        if !shares {
            self.examine_later(first_function as usize..entries.len());
        }
        *table = entries.into();
        // Of globals with the same name the first counts.
        let globals = module.globals().iter().zip(&linked.globals).rev();
        let names = globals.map(|(global, index)| (global.name.clone(), *index)).collect();
        Ok(ModuleHandle { module: linked, names: Arc::new(names) })
    }

    fn link_constant(&self, constant: &Constant, globals: &[u32], exports: &Exports) -> Result<Value, LinkError> {
        Ok(match constant {
            Constant::Int(value) => match value.to_i32() {
                Some(small) => Value::int(small),
                None => Value::literal(self.add_literal(Literal::Int(value.clone()))),
            },
            Constant::Float(value) => Value::float(*value),
            Constant::Str(text) => {
                let length = text.chars().count() as u32;
                let new = || Value::literal(self.add_literal(Literal::Text(text.as_str().into(), length)));
                text::well_known(text).unwrap_or_else(new)
            }
            Constant::Bytes(bytes) => Value::literal(self.add_literal(Literal::Bytes(bytes.as_slice().into()))),
            Constant::Atom(name) => Value::atom(self.atom(name).ok_or(LinkError::TooManyAtoms)?),
            Constant::Native(name) => {
                Value::function(self.native(name).ok_or_else(|| LinkError::UnknownNative(name.clone()))?)
            }
            Constant::Import { module, name } => {
                let key = (module.clone(), name.clone());
                match exports.get(&key).and_then(|export| export.function) {
                    Some(function) => function,
                    None => return Err(LinkError::UnknownImport(key.0, key.1)),
                }
            }
            Constant::Module { name, members } => {
                let mut linked = Vec::with_capacity(members.len());
                for (member, global) in members {
                    linked.push((self.atom(member).ok_or(LinkError::TooManyAtoms)?, globals[*global as usize]));
                }
                Value::literal(self.module_literal(name, linked))
            }
        })
    }

    fn link_globals(
        &self,
        module: &VerifiedModule,
        exports: &Exports,
        mut shared: Option<&mut SharedGlobals>,
        of_library: bool,
    ) -> Result<Vec<u32>, LinkError> {
        let link = |global: &iridium_bytecode::Global| {
            if let Some(from) = &global.import {
                let key = (from.clone(), global.name.clone());
                return match exports.get(&key) {
                    Some(export) => Ok(export.global),
                    None => Err(LinkError::UnknownImport(key.0, key.1)),
                };
            }
            if let Some(&index) = shared.as_deref().and_then(|known| known.get(&global.name)) {
                return Ok(index);
            }
            let index =
                u32::try_from(self.add_global(&global.name, of_library)).map_err(|_| LinkError::TooManyDefinitions)?;
            if let Some(known) = shared.as_deref_mut() {
                known.insert(global.name.clone(), index);
            }
            Ok(index)
        };
        module.globals().iter().map(link).collect()
    }
}

fn link_function(index: usize, module: &Arc<LinkedModule>) -> Entry {
    let (function, lowered) = (&module.verified.functions()[index], module.verified.lowered(index));
    let constants = lowered.pool.iter().map(|constant| match *constant {
        Pooled::Const(index) => module.constants[index as usize],
        Pooled::Func(index) => Value::function(module.first_function + index),
        Pooled::Int(value) => Value::int(value),
        Pooled::Null => Value::NULL,
        Pooled::Bool(value) => Value::bool(value),
    });
    let caches = std::iter::repeat_n(0, lowered.caches as usize);
    let pool = constants.map(Value::bits).chain(caches).map(AtomicU64::new).collect();
    let simple = function.optional == 0 && !function.rest && !function.packed;
    let (code, named) = relocate(lowered, &module.globals);
    Entry {
        code: code.into(),
        pool,
        arity: if simple { function.required as u16 } else { NOT_SIMPLE },
        frame: u16::from(lowered.frame),
        body: Body::Eva(Arc::new(FunctionCode {
            index,
            locals: function.locals,
            register_handlers: HandlerTable::new(lowered.handlers.iter().map(|handler| (handler.start, handler.end))),
            portable_handlers: HandlerTable::new(function.handlers.iter().map(|handler| (handler.start, handler.end))),
            named: named.into(),
            reach: OnceLock::new(),
            module: Arc::clone(module),
        })),
    }
}

/// Replaces the module's indices of globals by the node's, and those of caches by their places behind the constants.
/// Gives the globals that were met, too.
fn relocate(lowered: &Lowered, globals: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let (mut code, mut named) = (lowered.code.clone(), Vec::new());
    let mut at = 0;
    while at < code.len() {
        let row = row_at(&code, at);
        if row.operands.contains(&Operand::G16) {
            let global = globals[global_index(Word(code[at]), Word(code[at + 1]))];
            code[at] = code[at] & 0xffff_0000 | global >> 24;
            code[at + 1] = Word::long(RegisterOp::Ext, global).0;
            named.push(global);
        }
        if let Some(cache) = row.extensions.iter().position(|&operand| operand == Operand::U24) {
            let word = &mut code[at + 1 + cache];
            let place = lowered.pool.len() as u32 + Word(*word).long_operand();
            *word = Word::long(RegisterOp::Ext, place).0;
        }
        at += row.words();
    }
    named.sort_unstable();
    named.dedup();
    (code, named)
}

fn row_at(code: &[u32], at: usize) -> &'static iridium_isa::register::Row {
    RegisterOp::from_byte(Word(code[at]).opcode()).expect("lowering writes opcodes of the table").row()
}

/// The globals of a linked module that are functions without captures whatever happens, with the functions: the top level
/// gives them their first value, and no code another one.
pub(crate) fn constant_functions(entries: &[Entry]) -> FxHashMap<u32, Value> {
    let mut found: FxHashMap<u32, Option<Value>> = FxHashMap::default();
    for (number, entry) in entries.iter().enumerate() {
        let (code, mut at, mut loaded) = (&entry.code, 0, None);
        while at < code.len() {
            let word = Word(code[at]);
            match RegisterOp::from_byte(word.opcode()) {
                Some(RegisterOp::LoadK) => {
                    let constant = entry.pool.get(word.wide_operand() as usize);
                    let value = constant.map(|word| Value::from_bits(word.load(Ordering::Relaxed)));
                    loaded = value.filter(|value| value.as_function().is_some()).map(|value| (word.a(), value));
                    at += 1;
                    continue;
                }
                Some(RegisterOp::InitG | RegisterOp::SetG) => {
                    let global = global_index(word, Word(code[at + 1])) as u32;
                    let value = loaded.filter(|&(register, _)| number == 0 && register == word.a());
                    let first = !found.contains_key(&global);
                    found.insert(global, value.map(|(_, value)| value).filter(|_| first));
                }
                _ => {}
            }
            loaded = None;
            at += row_at(code, at).words();
        }
    }
    found.into_iter().filter_map(|(global, value)| Some((global, value?))).collect()
}

/// The global that a `getg` word and its extension name.
#[inline(always)]
pub(crate) fn global_index(word: Word, extension: Word) -> usize {
    (word.wide_operand() as usize) << 24 | extension.long_operand() as usize
}

/// The function that every process returns to at its end.
pub(crate) fn end_stub() -> Entry {
    let module = LinkedModule {
        verified: VerifiedModule::end(),
        constants: Vec::new(),
        templates: Vec::new(),
        globals: Vec::new(),
        first_function: 0,
    };
    link_function(0, &Arc::new(module))
}
