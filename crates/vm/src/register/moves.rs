//! Loads, moves, jumps, globals, cells, captures.

use crate::code::global_index;
use crate::heap::{Heap, Kind};
use crate::machine::{Flow, Machine, Op, Step};
use crate::ops;
use crate::process::Process;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use iridium_isa::register::Word;

/// An instruction that always takes its fast path.
#[cold]
pub(super) fn never_slow() -> Trap {
    Trap::error(ErrorKind::Internal, "an instruction without a slow path took it")
}

macro_rules! simple {
    ($($(#[$doc:meta])* $Op:ident($words:literal) |$machine:ident, $word:ident| $body:expr;)*) => {
        $($(#[$doc])*
        pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = $words;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>($machine: &mut M, $word: Word) -> Flow {
                $body
            }

            fn slow(_: &mut Process, _: Word) -> Result<Step, Trap> {
                Err(never_slow())
            }
        })*
    };
}

/// Sets a register and goes on.
#[inline(always)]
fn set<M: Machine>(machine: &mut M, register: u8, value: Value) -> Flow {
    machine.set(register, value);
    Flow::Next
}

simple! {
    /// `load`.
    Load(1) |machine, word| set(machine, word.a(), Value::int(i32::from(word.wide_operand() as i16)));
    /// `loadk`.
    LoadK(1) |machine, word| {
        let value = machine.constant(usize::from(word.wide_operand()));
        set(machine, word.a(), value)
    };
    /// `loadkw`.
    LoadKWide(2) |machine, word| {
        let index = machine.take_word().long_operand();
        let value = machine.constant(index as usize);
        set(machine, word.a(), value)
    };
    /// `loadnull`.
    LoadNull(1) |machine, word| set(machine, word.a(), Value::NULL);
    /// `loadbool`.
    LoadBool(1) |machine, word| set(machine, word.a(), Value::bool(word.b() != 0));
    /// `jmp`.
    Jmp(1) |machine, word| machine.jump(word.offset());
    /// `move`.
    Move(1) |machine, word| {
        let value = machine.reg(word.b());
        set(machine, word.a(), value)
    };
    /// `callee`.
    Callee(1) |machine, word| {
        let value = machine.callee();
        set(machine, word.a(), value)
    };
    /// `missing`.
    Missing(1) |machine, word| {
        let missing = machine.reg(word.b()) == Value::HOLE;
        set(machine, word.a(), Value::bool(missing))
    };
    /// `ext`, which is data: the verifier lets nobody come here.
    Ext(1) |_machine, _word| Flow::Slow;
}

/// `hlt`.
pub(crate) struct Hlt;
impl Op for Hlt {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(_: &mut M, _: Word) -> Flow {
        Flow::Slow
    }

    fn slow(process: &mut Process, _: Word) -> Result<Step, Trap> {
        process.result = process.reg(0);
        Ok(Step::Halt)
    }
}

/// `getg`.
pub(crate) struct GetG;
impl Op for GetG {
    const WORDS: u32 = 2;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let index = global_index(word, machine.take_word());
        match machine.process().globals.get(index) {
            Some(&value) if value != Value::HOLE => set(machine, word.a(), value),
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let value = process.untouched_global(global_index(word, process.word_after(1)))?;
        process.set_reg(word.a(), value);
        Ok(Step::Next)
    }
}

/// `setg`.
pub(crate) struct SetG;
impl Op for SetG {
    const WORDS: u32 = 2;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let value = machine.reg(word.a());
        let index = global_index(word, machine.take_word());
        match machine.process_mut().globals.get_mut(index) {
            Some(place) if *place != Value::HOLE => {
                *place = value;
                Flow::Next
            }
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let index = global_index(word, process.word_after(1));
        process.untouched_global(index)?;
        process.globals[index] = process.reg(word.a());
        Ok(Step::Next)
    }
}

/// `initg`.
pub(crate) struct InitG;
impl Op for InitG {
    const WORDS: u32 = 2;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(_: &mut M, _: Word) -> Flow {
        Flow::Slow
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let index = global_index(word, process.word_after(1));
        let value = process.reg(word.a());
        process.init_global(index, value);
        Ok(Step::Next)
    }
}

// ---- Cells ----

/// Makes a cell.
pub(crate) fn new_cell(heap: &mut Heap, value: Value) -> Result<Value, Trap> {
    let cell = heap.alloc(Kind::Cell, 1)?;
    heap.set_value(cell, 0, value);
    Ok(Value::heap(cell))
}

/// What a cell holds; `None` if it is not initialised.
#[inline(always)]
fn cell_value(heap: &Heap, cell: Value) -> Option<Value> {
    heap.try_value(cell.as_heap()?, 0).filter(|value| *value != Value::HOLE)
}

/// Writes a cell; false if it is not initialised.
#[inline(always)]
fn cell_write(heap: &mut Heap, cell: Value, value: Value) -> bool {
    match cell.as_heap() {
        Some(at) if heap.try_value(at, 0).is_some_and(|old| old != Value::HOLE) => heap.try_set_value(at, 0, value),
        _ => false,
    }
}

/// The error of a local that was used before its initialiser ran.
#[cold]
pub(crate) fn cell_not_ready() -> Trap {
    Trap::error(ErrorKind::Reference, "a local definition is used before its initialiser ran")
}

/// The captured value or cell with this index.
#[inline(always)]
fn captured<M: Machine>(machine: &M, index: u16) -> Option<Value> {
    let closure = machine.callee().as_heap()?;
    machine.process().heap.try_value(closure, 1 + usize::from(index))
}

/// `cell`.
pub(crate) struct Cell;
impl Op for Cell {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(_: &mut M, _: Word) -> Flow {
        Flow::Slow
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let value = process.reg(word.b());
        let cell = new_cell(&mut process.heap, value)?;
        process.set_reg(word.a(), cell);
        Ok(Step::Next)
    }
}

/// `celle`.
pub(crate) struct CellEmpty;
impl Op for CellEmpty {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(_: &mut M, _: Word) -> Flow {
        Flow::Slow
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let cell = new_cell(&mut process.heap, Value::HOLE)?;
        process.set_reg(word.a(), cell);
        Ok(Step::Next)
    }
}

/// What a function that is frozen captured.
fn frozen_captured(process: &Process, index: u16) -> Result<Value, Trap> {
    let closure = Some(process.callee()).filter(|callee| callee.is_frozen()).and_then(Value::as_heap);
    Ok(process.heap.value(closure.ok_or_else(cell_not_ready)?, 1 + usize::from(index)))
}

/// What a frozen cell holds.
fn frozen_cell(process: &Process, cell: Value) -> Result<Value, Trap> {
    let cell = Some(cell).filter(|cell| cell.is_frozen()).and_then(Value::as_heap);
    let value = process.heap.value(cell.ok_or_else(cell_not_ready)?, 0);
    if value == Value::HOLE { Err(cell_not_ready()) } else { Ok(value) }
}

/// The error of a write to a cell that the quick path did not make.
pub(crate) fn cell_not_written(cell: Value) -> Trap {
    if cell.is_frozen() {
        return ops::type_error("a variable that a frozen function captured cannot be changed");
    }
    cell_not_ready()
}

macro_rules! cell_ops {
    ($($(#[$doc:meta])* $Op:ident |$machine:ident, $word:ident| $body:expr, |$process:ident| $slow:expr;)*) => {
        $($(#[$doc])*
        pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>($machine: &mut M, $word: Word) -> Flow {
                $body
            }

            fn slow($process: &mut Process, $word: Word) -> Result<Step, Trap> {
                let value: Value = $slow?;
                $process.set_reg($word.a(), value);
                Ok(Step::Next)
            }
        })*
    };
}

/// Sets a register to what may be missing.
#[inline(always)]
fn set_some<M: Machine>(machine: &mut M, register: u8, value: Option<Value>) -> Flow {
    match value {
        Some(value) => set(machine, register, value),
        None => Flow::Slow,
    }
}

#[inline(always)]
fn written(done: bool) -> Flow {
    if done { Flow::Next } else { Flow::Slow }
}

cell_ops! {
    /// `getcell`.
    GetCell |machine, word| {
        let value = cell_value(&machine.process().heap, machine.reg(word.b()));
        set_some(machine, word.a(), value)
    }, |process| frozen_cell(process, process.reg(word.b()));
    /// `setcell`.
    SetCell |machine, word| {
        let (cell, value) = (machine.reg(word.a()), machine.reg(word.b()));
        written(cell_write(&mut machine.process_mut().heap, cell, value))
    }, |process| Err(cell_not_written(process.reg(word.a())));
    /// `initcell`.
    InitCell |machine, word| {
        let (cell, value) = (machine.reg(word.a()), machine.reg(word.b()));
        written(cell.as_heap().is_some_and(|at| machine.process_mut().heap.try_set_value(at, 0, value)))
    }, |process| Err(cell_not_written(process.reg(word.a())));
    /// `getcap`.
    GetCap |machine, word| {
        let value = captured(machine, word.wide_operand());
        set_some(machine, word.a(), value)
    }, |process| frozen_captured(process, word.wide_operand());
    /// `getcapc`.
    GetCapC |machine, word| {
        let value = captured(machine, word.wide_operand()).and_then(|cell| cell_value(&machine.process().heap, cell));
        set_some(machine, word.a(), value)
    }, |process| frozen_captured(process, word.wide_operand()).and_then(|cell| frozen_cell(process, cell));
    /// `setcapc`.
    SetCapC |machine, word| {
        let value = machine.reg(word.a());
        let done = match captured(machine, word.wide_operand()) {
            Some(cell) => cell_write(&mut machine.process_mut().heap, cell, value),
            None => false,
        };
        written(done)
    }, |process| Err(frozen_captured(process, word.wide_operand()).map_or_else(|trap| trap, cell_not_written));
    /// `capcell`.
    CapCell |machine, word| {
        let cell = captured(machine, word.wide_operand());
        set_some(machine, word.a(), cell)
    }, |process| frozen_captured(process, word.wide_operand());
}

/// Makes a function with captures.
pub(crate) fn new_closure(heap: &mut Heap, function: u32, captures: &[Value]) -> Result<Value, Trap> {
    let closure = heap.alloc(Kind::Closure, 1 + captures.len())?;
    heap.set_word(closure, 0, u64::from(function));
    for (index, &value) in captures.iter().enumerate() {
        heap.set_value(closure, 1 + index, value);
    }
    Ok(Value::heap(closure))
}

/// `closure`.
pub(crate) struct Closure;
impl Op for Closure {
    const WORDS: u32 = 2;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(_: &mut M, _: Word) -> Flow {
        Flow::Slow
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let constant = process.constant(process.word_after(1).long_operand() as usize);
        let function = constant.as_function().ok_or_else(never_slow)?;
        let start = process.base + usize::from(word.b());
        let captures = &process.stack[start..start + usize::from(word.c())];
        let closure = new_closure(&mut process.heap, function, captures)?;
        process.set_reg(word.a(), closure);
        Ok(Step::Next)
    }
}
