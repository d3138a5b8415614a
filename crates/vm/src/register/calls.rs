//! Calls, returns, throws.

use crate::heap::Kind;
use crate::machine::{Flow, Machine, Op, Step};
use crate::process::{Called, Process, Return};
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use iridium_isa::register::Word;

/// The function index of something callable.
#[inline(always)]
pub(super) fn function_index<M: Machine>(machine: &M, callee: Value) -> Option<u32> {
    if let Some(index) = callee.as_function() {
        return Some(index);
    }
    let heap = &machine.process().heap;
    heap.own(callee, Kind::Closure).and_then(|at| heap.try_word(at, 0)).map(|word| word as u32)
}

pub(super) fn step(called: Called) -> Step {
    match called {
        Called::Moved => Step::Moved,
        Called::Returned => Step::Next,
    }
}

fn window(process: &Process, word: Word) -> usize {
    process.base + usize::from(word.a())
}

/// `call`.
pub(crate) struct Call;
impl Op for Call {
    const WORDS: u32 = 1;
    const CALLS: bool = true;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match function_index(machine, machine.reg(word.a())) {
            Some(function) if machine.enter(word.a(), function, word.b()) => machine.charge(),
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let then = Return::plain(process.pc + 1);
        process.call(window(process, word), usize::from(word.b()), then).map(step)
    }
}

/// `tailcall`.
pub(crate) struct TailCall;
impl Op for TailCall {
    const WORDS: u32 = 1;
    const CALLS: bool = true;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match function_index(machine, machine.reg(word.a())) {
            Some(function) if machine.enter_tail(word.a(), function, word.b()) => machine.charge(),
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let then = Return::tail(process.pc + 1);
        process.call(window(process, word), usize::from(word.b()), then).map(step)
    }
}

macro_rules! always_slow {
    ($($(#[$doc:meta])* $Op:ident($words:literal, $calls:literal) |$process:ident, $word:ident| $body:expr;)*) => {
        $($(#[$doc])*
        pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = $words;
            const CALLS: bool = $calls;

            #[inline(always)]
            fn fast<M: Machine>(_: &mut M, _: Word) -> Flow {
                Flow::Slow
            }

            fn slow($process: &mut Process, $word: Word) -> Result<Step, Trap> {
                $body
            }
        })*
    };
}
pub(crate) use always_slow;

always_slow! {
    /// `calll`.
    CallList(1, true) |process, word| {
        let then = Return::plain(process.pc + 1);
        process.call_list(window(process, word), then).map(step)
    };
    /// `taill`.
    TailCallList(1, true) |process, word| {
        let then = Return::tail(process.pc + 1);
        process.call_list(window(process, word), then).map(step)
    };
    /// `throw`.
    Throw(1, false) |process, word| Err(Trap::throw(process.reg(word.a())));
    /// `unready`.
    Unready(2, false) |process, _word| {
        let name = process.constant(process.word_after(1).long_operand() as usize);
        Err(local_not_ready(process, name))
    };
}

/// The error of a local that is read before its initialiser ran.
#[cold]
pub(crate) fn local_not_ready(process: &Process, name: Value) -> Trap {
    let name = crate::format::str(&process.heap, name).unwrap_or_default();
    Trap::error(ErrorKind::Reference, format!("`{name}` is used before its initialiser ran"))
}

/// `ret`.
pub(crate) struct Ret;
impl Op for Ret {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let value = machine.reg(word.a());
        if machine.leave(value) { Flow::Next } else { Flow::Slow }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let value = process.reg(word.a());
        process.leave(value);
        Ok(Step::Moved)
    }
}
