//! Ends of counting loops: step, test and jump in one where all are small ints.
//!
//! The plain step and test stand behind the instruction. It only ever does what they would do, so it cannot throw,
//! and leaves everything but the simple case to them.

use super::moves::never_slow;
use crate::machine::{Flow, Machine, Op, Step};
use crate::process::Process;
use crate::trap::Trap;
use crate::value::Value;
use iridium_isa::register::Word;

/// Words from behind the instruction to behind the plain step and test: its own `JMP` word, step, test, `JMP` word.
const PLAIN: i32 = 4;

/// Steps `$a`, and jumps or skips by the comparison with `$b`.
#[inline(always)]
fn step<M: Machine>(machine: &mut M, word: Word, by: Value, holds: impl Fn(i32, i32) -> bool) -> Flow {
    let (count, bound) = (machine.reg(word.a()), machine.reg(word.b()));
    if count.both_ints(bound)
        && by.is_int()
        && let Some(next) = count.int_bits().checked_add(by.int_bits())
    {
        machine.set(word.a(), Value::int(next));
        // The distance is read in the branch that needs it: a conditional move instead would make the place of the
        // next instruction wait for the comparison.
        if holds(next, bound.int_bits()) {
            let jump = machine.take_word();
            return machine.jump(jump.offset());
        }
        return machine.jump(PLAIN);
    }
    machine.jump(1)
}

macro_rules! loops {
    ($($(#[$doc:meta])* $Op:ident |$machine:ident, $word:ident| $by:expr, $operator:tt;)*) => {
        $($(#[$doc])*
        pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>($machine: &mut M, $word: Word) -> Flow {
                let by = $by;
                step($machine, $word, by, |next, bound| next $operator bound)
            }

            fn slow(_: &mut Process, _: Word) -> Result<Step, Trap> {
                Err(never_slow())
            }
        })*
    };
}

loops! {
    /// `looplt`.
    LoopLt |_machine, word| Value::int(i32::from(word.c() as i8)), <;
    /// `loople`.
    LoopLe |_machine, word| Value::int(i32::from(word.c() as i8)), <=;
    /// `loopgt`.
    LoopGt |_machine, word| Value::int(i32::from(word.c() as i8)), >;
    /// `loopge`.
    LoopGe |_machine, word| Value::int(i32::from(word.c() as i8)), >=;
    /// `loopltr`.
    LoopLtR |machine, word| machine.reg(word.c()), <;
    /// `loopler`.
    LoopLeR |machine, word| machine.reg(word.c()), <=;
}
