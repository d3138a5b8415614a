//! Code generation: [`Hir`] to a module of portable code.
//!
//! * [`asm`] — instructions while they are written, and what is done to them at the end
//! * [`expr`] — expressions
//! * [`control`] — conditions, branches and loops
//! * [`exits`] — `try`, and the ways out of loops, regions and functions
//! * [`decision`] — patterns as a list of tests, and what a test that fails knows
//! * [`pattern`] — code for them, and for the clauses that begin with one
//! * [`receive`] — messages
//! * [`class`] — classes, instances, calls of methods
//! * [`place`] — variables, declarations, assignments

mod asm;
mod class;
mod control;
mod decision;
mod exits;
mod expr;
mod pattern;
mod place;
mod receive;

use crate::diagnostic::Diagnostic;
use crate::hir::{Exprs, Func, FuncId, Hir, Literal, ScopeId, VarId};
use crate::source::{Source, Span};
use asm::{Asm, Label, NameRange};
use class::Classes;
use exits::Exit;
use iridium_bytecode::{CodeBuilder, Constant, Function, Global, Module};
use iridium_isa::MAX_FRAME;
use iridium_isa::stack::{Operand, StackOp};
use num_bigint::BigInt;
use place::Temp;
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;
use std::sync::Arc;

/// Variables of a frame that have a register of their own; the others share a list.
const MAX_SLOTS: usize = 110;

/// Locals beyond which temporaries that live long share that list too.
const MAX_TEMPS: usize = 120;

/// Operands on the stack before those that wait are put aside to evaluate a further one.
const DEEP: usize = 48;

/// Elements or arguments that are on the stack at once; more are handed over in pieces.
const PIECE: usize = 40;

/// Functions that are on the stack at once, each while the captures of the next one are there too.
const FUNCTIONS: usize = 16;

/// Captures of a function that are its own; what is beyond shares one, a list.
const MAX_CAPTURES: usize = 40;

/// Parameters of a function that have a register each; if there are more, a list has all of them.
const MAX_PARAMETERS: usize = 100;

/// Compiles a resolved program that has no errors.
pub(crate) fn compile(hir: &Hir, source: &Source) -> Result<Module, Vec<Diagnostic>> {
    let mut pool = Pool::default();
    let mut storage = vec![Storage::None; hir.vars.len()];
    let listed = listed_cells(hir);
    let mut numbers: FxHashMap<u32, u32> = FxHashMap::default();
    let mut queue = vec![FuncId(0)];
    let mut functions = Vec::new();
    let mut builder = CodeBuilder::new();
    let mut names: FxHashMap<Rc<str>, Arc<str>> = FxHashMap::default();
    let mut classes = Classes::default();
    let mut errors = Vec::new();
    numbers.insert(0, 0);
    while functions.len() < queue.len() {
        let id = queue[functions.len()];
        let mut generator = Generator::new(hir, id, (&mut pool, &mut classes), &mut storage, &listed, false);
        generator.function();
        if generator.wants_spill {
            generator = Generator::new(hir, id, (&mut pool, &mut classes), &mut storage, &listed, true);
            generator.function();
        }
        let Generator { asm, slots, failure, .. } = generator;
        let max_slots = slots.len();
        let code = asm.finish(
            source,
            &mut builder,
            |constant| pool.number(constant),
            |function| {
                *numbers.entry(function).or_insert_with(|| {
                    queue.push(FuncId(function));
                    queue.len() as u32 - 1
                })
            },
            |class| classes.number(class),
            |name| names.entry(name.clone()).or_insert_with(|| (&**name).into()).clone(),
        );
        let func = hir.func(id);
        if failure.is_some() || max_slots + code.depth > MAX_FRAME {
            let what = failure.unwrap_or("its expressions are nested too deeply");
            errors.push(
                Diagnostic::error("function-too-complex", func.span, format!("this function is too complex: {what}"))
                    .help("split it into several functions"),
            );
        }
        let own = own_captures(func);
        let mut captures: Vec<bool> = own.iter().map(|var| capture_is_cell(hir, id, *var, &storage)).collect();
        let mut capture_names: Vec<String> = own.iter().map(|var| hir.var(*var).name.to_string()).collect();
        if own.len() < func.captures.len() {
            captures.push(false);
            capture_names.push("...".to_string());
        }
        functions.push(Function {
            name: func.name.to_string(),
            required: func.required as u32,
            optional: func.optional as u32,
            rest: func.rest,
            packed: is_packed(func),
            locals: max_slots as u8,
            captures,
            code: code.bytes,
            registers: None,
            handlers: code.handlers,
            positions: code.positions,
            local_names: code.names,
            capture_names,
        });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let global = |global: &crate::hir::GlobalVar| Global {
        name: global.name.to_string(),
        constant: global.constant,
        import: global.import.as_ref().map(ToString::to_string),
    };
    Ok(Module {
        source: source.name().to_string(),
        constants: pool.constants,
        globals: hir.globals.iter().map(global).collect(),
        functions,
        classes: classes.templates,
    })
}

/// Whether a capture is a cell: not if the variable's cell is a list, which is an ordinary value.
fn capture_is_cell(hir: &Hir, func: FuncId, var: VarId, storage: &[Storage]) -> bool {
    let func = hir.func(func);
    let index = func.capture_numbers.get(&var).map_or(0, |index| *index as usize);
    func.capture_is_cell.get(index).copied().unwrap_or(false) && !matches!(storage[var.0 as usize], Storage::Spilled(_))
}

/// Whether a function's parameters are in a list.
fn is_packed(func: &Func) -> bool {
    func.params.len() > MAX_PARAMETERS
}

/// The captures that a function has one by one.
fn own_captures(func: &Func) -> &[VarId] {
    let many = func.captures.len() > MAX_CAPTURES;
    if many { &func.captures[..MAX_CAPTURES - 1] } else { &func.captures }
}

/// The variables that need a cell and are captured in a list somewhere, which can have no cells.
fn listed_cells(hir: &Hir) -> FxHashSet<VarId> {
    let listed = |func: &'_ Func| func.captures[own_captures(func).len()..].to_vec();
    hir.funcs.iter().flat_map(listed).filter(|var| hir.var(*var).is_cell()).collect()
}

/// Where a variable lives in its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
    None,
    Slot(u32),
    /// Element of the list that holds what has no register. A variable that needs a cell is a list of one there,
    /// because cells cannot be elements.
    Spilled(u32),
}

/// What is to become of an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dest {
    /// It is pushed.
    Value,
    /// It is dropped.
    Effect,
    /// It is the value of the function, which ends.
    Tail,
}

/// A local of the frame. It holds either values or cells for the whole of the function: a loop must not find a cell
/// where a value was when it was entered.
#[derive(Clone, Copy, Debug)]
struct Slot {
    cell: bool,
    used: bool,
}

struct Generator<'h> {
    hir: &'h Hir,
    pool: &'h mut Pool,
    classes: &'h mut Classes,
    storage: &'h mut [Storage],
    /// Variables whose cell has to be a list.
    listed: &'h FxHashSet<VarId>,
    id: FuncId,
    asm: Asm,
    /// Operands on the stack.
    depth: usize,
    /// Operands below this cannot be put aside, because an iterator is among them.
    floor: usize,
    slots: Vec<Slot>,
    exits: Vec<Exit>,
    /// The local with the list of spilled variables, if there is one.
    spill: Option<u32>,
    next_spilled: u32,
    max_spilled: u32,
    wants_spill: bool,
    /// Names whose range is not closed yet: variable, place in `asm.names`.
    open_names: Vec<(VarId, usize)>,
    failure: Option<&'static str>,
}

impl<'h> Generator<'h> {
    fn new(
        hir: &'h Hir,
        id: FuncId,
        (pool, classes): (&'h mut Pool, &'h mut Classes),
        storage: &'h mut [Storage],
        listed: &'h FxHashSet<VarId>,
        spill: bool,
    ) -> Self {
        let func = hir.func(id);
        let packed = is_packed(func);
        let params = if packed { 2 + usize::from(func.rest) } else { func.params.len() };
        let spill = if packed { Some(0) } else { spill.then_some(params as u32) };
        let slots = if packed { params } else { params + usize::from(spill.is_some()) };
        let slots = vec![Slot { cell: false, used: true }; slots];
        let next_spilled = if packed { (func.required + func.optional) as u32 } else { 0 };
        Generator {
            hir,
            pool,
            classes,
            storage,
            listed,
            id,
            asm: Asm::default(),
            depth: 0,
            floor: 0,
            slots,
            exits: Vec::new(),
            spill,
            next_spilled,
            max_spilled: next_spilled,
            wants_spill: false,
            open_names: Vec::new(),
            failure: None,
        }
    }

    fn function(&mut self) {
        let func = self.hir.func(self.id);
        self.parameters(func);
        if self.id == FuncId(0) {
            // Not a tail call: a trace shall show the top level.
            self.body(func.body, Dest::Value, func.span);
            self.emit(StackOp::Return, [0, 0], func.span);
        } else {
            self.body(func.body, Dest::Tail, func.span);
        }
        let end = self.asm.here();
        for (_, name) in self.open_names.drain(..) {
            self.asm.names[name].end = end;
        }
        if let Some(slot) = self.spill {
            let given = if is_packed(func) { Some((func.required + func.optional) as u32) } else { None };
            self.make_spill_list(slot, given);
        }
    }

    /// Gives the parameters their places, and those their values that got none.
    fn parameters(&mut self, func: &Func) {
        let packed = is_packed(func);
        let single = func.required + func.optional;
        let mut params = FxHashSet::default();
        for (number, param) in func.params.iter().enumerate() {
            let Some(var) = param.var else { continue };
            params.insert(var);
            let number = number as u32;
            let slot = match packed {
                true if number < single as u32 => {
                    self.storage[var.0 as usize] = Storage::Spilled(number);
                    continue;
                }
                true => 2,
                false => number,
            };
            self.storage[var.0 as usize] = Storage::Slot(slot);
            self.asm.names.push(NameRange { slot, name: self.hir.var(var).name.clone(), start: 0, end: 0 });
            self.open_names.push((var, self.asm.names.len() - 1));
        }
        for var in self.hir.scope(func.scope) {
            if !params.contains(var) {
                self.place_var(*var, func.span);
            }
        }
        for (number, param) in func.params.iter().enumerate() {
            let number = number as u32;
            if let Some(default) = param.default {
                let given = self.asm.label();
                let span = self.hir.span(default);
                if packed {
                    self.emit(StackOp::LocalGet, [1, 0], span);
                    self.emit(StackOp::Push, [number, 0], span);
                    self.emit(StackOp::Le, [0, 0], span);
                } else {
                    self.emit(StackOp::ArgMissing, [number, 0], span);
                }
                self.jump(StackOp::JumpIfNot, given, span);
                self.value(default);
                self.write_temp(if packed { Temp::Spilled(number) } else { Temp::Slot(number) }, span);
                self.asm.bind(given);
            }
            if let Some(var) = param.var.filter(|var| self.hir.var(*var).is_cell()) {
                self.make_parameter_cell(var, func.span);
            }
        }
    }

    /// Puts a parameter, which is a value so far, into its cell.
    fn make_parameter_cell(&mut self, var: VarId, span: Span) {
        match self.storage[var.0 as usize] {
            Storage::Slot(slot) if !self.listed.contains(&var) => {
                self.slots[slot as usize].cell = true;
                self.emit(StackOp::LocalGet, [slot, 0], span);
                self.emit(StackOp::CellNew, [slot, 0], span);
            }
            Storage::Slot(slot) => {
                let index = self.next_spill();
                self.storage[var.0 as usize] = Storage::Spilled(index);
                self.emit(StackOp::LocalGet, [slot, 0], span);
                self.emit(StackOp::List, [1, 0], span);
                self.write_temp(Temp::Spilled(index), span);
            }
            Storage::Spilled(index) => {
                self.read_temp(Temp::Spilled(index), span);
                self.emit(StackOp::List, [1, 0], span);
                self.write_temp(Temp::Spilled(index), span);
            }
            Storage::None => {}
        }
    }

    /// The list of spilled variables must exist before anything else happens. That of the parameters is continued.
    fn make_spill_list(&mut self, slot: u32, given: Option<u32>) {
        let mut code = vec![if given.is_some() { (StackOp::LocalGet, slot) } else { (StackOp::List, 0) }];
        let mut left = self.max_spilled - given.unwrap_or(0);
        while left > 0 {
            let piece = left.min(PIECE as u32);
            code.extend((0..piece).map(|_| (StackOp::PushNull, 0)));
            code.push((StackOp::ListAppend, piece));
            left -= piece;
        }
        code.push(if given.is_some() { (StackOp::Pop, 0) } else { (StackOp::LocalSet, slot) });
        self.asm.prepend(&code);
    }

    // Instructions

    fn emit(&mut self, op: StackOp, operands: [u32; 2], span: Span) {
        let count_at = op.row().operands.iter().position(|operand| *operand == Operand::Count);
        let count = count_at.map_or(0, |index| operands[index]);
        self.depth = asm::effect(op, count, self.depth);
        self.asm.emit(op, operands, span);
    }

    fn jump(&mut self, op: StackOp, label: Label, span: Span) {
        self.depth = asm::effect(op, 0, self.depth);
        self.asm.jump(op, label, span);
    }

    fn push(&mut self, literal: &Literal, span: Span) {
        match literal {
            Literal::Null => self.emit(StackOp::PushNull, [0, 0], span),
            Literal::Bool(true) => self.emit(StackOp::PushTrue, [0, 0], span),
            Literal::Bool(false) => self.emit(StackOp::PushFalse, [0, 0], span),
            Literal::Int(value) if i32::try_from(*value).is_ok() => {
                self.emit(StackOp::Push, [*value as i32 as u32, 0], span);
            }
            _ => {
                let constant = self.pool.intern(literal);
                self.emit(StackOp::PushConst, [constant, 0], span);
            }
        }
    }

    // Slots

    /// The first free local of a kind.
    fn allocate(&mut self, cell: bool) -> u32 {
        let free = self.slots.iter().position(|slot| !slot.used && slot.cell == cell);
        let slot = free.unwrap_or(self.slots.len());
        if free.is_none() {
            if slot >= MAX_FRAME {
                self.failure = Some("it needs too many intermediate values");
                return 0;
            }
            self.slots.push(Slot { cell, used: true });
        }
        self.slots[slot].used = true;
        slot as u32
    }

    /// A local for a value that the program has no name for, to be given back by [`release`](Self::release).
    fn temporary(&mut self) -> u32 {
        self.allocate(false)
    }

    fn release(&mut self, slot: u32) {
        self.slots[slot as usize].used = false;
    }

    /// Gives the variables of a scope their places. Returns what [`leave_scope`](Self::leave_scope) wants.
    fn enter_scope(&mut self, scope: ScopeId, span: Span) -> u32 {
        let mark = self.next_spilled;
        for var in self.hir.scope(scope) {
            self.place_var(*var, span);
        }
        mark
    }

    fn place_var(&mut self, id: VarId, span: Span) {
        let var = self.hir.var(id);
        let (cell, from_start) = (var.is_cell(), var.is_cell_from_start());
        let is_free = |slot: &Slot| !slot.used && slot.cell == cell;
        // What is beyond the limit is for temporaries.
        let room = self.slots.len() < MAX_SLOTS || self.slots.iter().take(MAX_SLOTS).any(is_free);
        if room && !self.listed.contains(&id) {
            let slot = self.allocate(cell);
            self.storage[id.0 as usize] = Storage::Slot(slot);
            if from_start {
                self.emit(StackOp::CellNewEmpty, [slot, 0], span);
            }
            return;
        }
        self.storage[id.0 as usize] = Storage::Spilled(self.next_spill());
        if from_start {
            self.emit(StackOp::List, [0, 0], span);
            self.store_spilled(id, false, span);
        }
    }

    /// A further element of the list of what has no register.
    fn next_spill(&mut self) -> u32 {
        self.next_spilled += 1;
        self.max_spilled = self.max_spilled.max(self.next_spilled);
        self.wants_spill = self.spill.is_none();
        self.next_spilled - 1
    }

    fn leave_scope(&mut self, scope: ScopeId, mark: u32) {
        self.next_spilled = mark;
        let end = self.asm.here();
        let vars = self.hir.scope(scope);
        for var in vars {
            if let Storage::Slot(slot) = self.storage[var.0 as usize] {
                self.release(slot);
            }
        }
        let (asm, hir) = (&mut self.asm, self.hir);
        if !vars.is_empty() {
            self.open_names.retain(|(var, name)| {
                let closes = hir.var(*var).scope == scope;
                if closes {
                    asm.names[*name].end = end;
                }
                !closes
            });
        }
    }

    /// Expressions one after the other; the last one's value is the value.
    fn body(&mut self, exprs: Exprs, dest: Dest, span: Span) {
        let Some((last, before)) = self.hir.list(exprs).split_last() else {
            self.literal(&Literal::Null, dest, span);
            return;
        };
        for expr in before {
            self.gen_expr(*expr, Dest::Effect);
        }
        self.gen_expr(*last, dest);
    }

    fn scope(&mut self, scope: ScopeId, exprs: Exprs, dest: Dest, span: Span) {
        let mark = self.enter_scope(scope, span);
        self.body(exprs, dest, span);
        self.leave_scope(scope, mark);
    }
}

/// The constants of a module, each once. Numbers are given out in two steps, so that the constants of code that is
/// dropped leave no trace.
#[derive(Debug, Default)]
struct Pool {
    wanted: Vec<Literal>,
    by_key: FxHashMap<Key, u32>,
    numbers: Vec<Option<u32>>,
    constants: Vec<Constant>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Key {
    Int(i64),
    Big(Rc<BigInt>),
    Float(u64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Atom(Rc<str>),
    Native(Rc<str>),
    Import(Rc<(Rc<str>, Rc<str>)>),
    Module(Rc<str>),
}

impl Pool {
    fn intern(&mut self, literal: &Literal) -> u32 {
        let key = match literal {
            Literal::Int(value) => Key::Int(*value),
            Literal::Big(value) => Key::Big(value.clone()),
            Literal::Float(value) => Key::Float(value.to_bits()),
            Literal::Str(text) => Key::Str(text.clone()),
            Literal::Bytes(bytes) => Key::Bytes(bytes.clone()),
            Literal::Atom(name) => Key::Atom(name.clone()),
            Literal::Native(name) => Key::Native(name.clone()),
            Literal::Import(import) => Key::Import(import.clone()),
            Literal::Module(module) => Key::Module(module.name.clone()),
            Literal::Null | Literal::Bool(_) => unreachable!("these have instructions"),
        };
        let next = self.wanted.len() as u32;
        let number = *self.by_key.entry(key).or_insert(next);
        if number == next {
            self.wanted.push(literal.clone());
            self.numbers.push(None);
        }
        number
    }

    fn number(&mut self, wanted: u32) -> u32 {
        let wanted = wanted as usize;
        if let Some(number) = self.numbers[wanted] {
            return number;
        }
        let number = self.constants.len() as u32;
        self.numbers[wanted] = Some(number);
        self.constants.push(match &self.wanted[wanted] {
            Literal::Int(value) => Constant::Int(BigInt::from(*value)),
            Literal::Big(value) => Constant::Int((**value).clone()),
            Literal::Float(value) => Constant::Float(*value),
            Literal::Str(text) => Constant::Str(text.to_string()),
            Literal::Bytes(bytes) => Constant::Bytes(bytes.to_vec()),
            Literal::Atom(name) => Constant::Atom(name.to_string()),
            Literal::Native(name) => Constant::Native(name.to_string()),
            Literal::Import(import) => Constant::Import { module: import.0.to_string(), name: import.1.to_string() },
            Literal::Module(module) => Constant::Module {
                name: module.name.to_string(),
                members: module.members.iter().map(|(name, global)| (name.to_string(), *global)).collect(),
            },
            Literal::Null | Literal::Bool(_) => unreachable!("these have instructions"),
        });
        number
    }
}
