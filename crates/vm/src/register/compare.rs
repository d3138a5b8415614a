//! Comparison: to a value, and fused with the jump behind it.

use crate::data::text;
use crate::machine::{Flow, Machine, Op, Step};
use crate::ops;
use crate::process::Process;
use crate::trap::Trap;
use crate::value::Value;
use iridium_isa::register::Word;

/// `==` where identity or the numbers decide.
#[inline(always)]
fn fast_eq(a: Value, b: Value) -> Option<bool> {
    if a.both_ints(b) {
        return Some(a == b);
    }
    if a.is_float() && b.is_float() {
        return Some(a.float_bits() == b.float_bits());
    }
    // What is neither a number nor in the heap nor a literal is only equal to itself. In the heap even the same object
    // may have to be asked.
    let plain = |v: Value| !v.is_float() && !v.is_int() && v.as_heap().is_none() && v.as_literal().is_none();
    let known = (plain(a) || plain(b)) && a.as_heap().is_none() && b.as_heap().is_none();
    if known { Some(a == b) } else { None }
}

macro_rules! ordering {
    ($($fast:ident $operator:tt;)*) => {
        $(#[inline(always)]
        fn $fast(a: Value, b: Value) -> Option<bool> {
            if a.both_ints(b) {
                return Some(a.int_bits() $operator b.int_bits());
            }
            if a.is_float() && b.is_float() {
                return Some(a.float_bits() $operator b.float_bits());
            }
            None
        })*
    };
}

ordering! {
    fast_lt <;
    fast_le <=;
    fast_gt >;
    fast_ge >=;
}

/// The order of texts of one ASCII character, as ints.
#[inline(always)]
fn characters(a: Value, b: Value) -> Option<(Value, Value)> {
    Some((Value::int(text::ascii_char(a)? as i32), Value::int(text::ascii_char(b)? as i32)))
}

#[inline(always)]
fn fast_ne(a: Value, b: Value) -> Option<bool> {
    fast_eq(a, b).map(|equal| !equal)
}

macro_rules! to_value {
    ($($Op:ident $fast:ident $op:path;)*) => {
        $(pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
                match $fast(machine.reg(word.b()), machine.reg(word.c())) {
                    Some(truth) => {
                        machine.set(word.a(), Value::bool(truth));
                        Flow::Next
                    }
                    None => Flow::Slow,
                }
            }

            fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
                let truth = $op(&process.heap, process.reg(word.b()), process.reg(word.c()))?;
                process.set_reg(word.a(), Value::bool(truth));
                Ok(Step::Next)
            }
        })*
    };
}

macro_rules! tests {
    ($right:expr; $right_slow:expr; $($Op:ident $fast:ident $op:path;)*) => {
        $(pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
                let right: fn(&M, Word) -> Value = $right;
                match $fast(machine.reg(word.a()), right(machine, word)) {
                    Some(truth) => machine.test(truth == (word.c() != 0)),
                    None => Flow::Rare,
                }
            }

            #[inline(always)]
            fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
                let right: fn(&M, Word) -> Value = $right;
                let (left, right) = (machine.reg(word.a()), right(machine, word));
                match characters(left, right).and_then(|(left, right)| $fast(left, right)) {
                    Some(truth) => machine.test(truth == (word.c() != 0)),
                    None => Flow::Slow,
                }
            }

            fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
                let right: fn(&Process, Word) -> Value = $right_slow;
                let truth = $op(&process.heap, process.reg(word.a()), right(process, word))?;
                Ok(Step::Test(truth == (word.c() != 0)))
            }
        })*
    };
}

to_value! {
    Eq fast_eq ops::eq;
    Ne fast_ne ops::ne;
    Lt fast_lt ops::lt;
    Le fast_le ops::le;
    Gt fast_gt ops::gt;
    Ge fast_ge ops::ge;
}

tests! {
    |machine, word| machine.reg(word.b());
    |process, word| process.reg(word.b());
    JEq fast_eq ops::eq;
    JLt fast_lt ops::lt;
    JLe fast_le ops::le;
    JGt fast_gt ops::gt;
    JGe fast_ge ops::ge;
}

tests! {
    |_machine, word| Value::int(i32::from(word.b() as i8));
    |_process, word| Value::int(i32::from(word.b() as i8));
    JEqI fast_eq ops::eq;
    JLtI fast_lt ops::lt;
    JLeI fast_le ops::le;
    JGtI fast_gt ops::gt;
    JGeI fast_ge ops::ge;
}

/// `jif`.
pub(crate) struct JIf;
impl Op for JIf {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let truth = machine.reg(word.a()).is_truthy();
        machine.test(truth == (word.b() != 0))
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        Ok(Step::Test(process.reg(word.a()).is_truthy() == (word.b() != 0)))
    }
}

/// `not`.
pub(crate) struct Not;
impl Op for Not {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let truth = machine.reg(word.b()).is_truthy();
        machine.set(word.a(), Value::bool(!truth));
        Flow::Next
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let truth = process.reg(word.b()).is_truthy();
        process.set_reg(word.a(), Value::bool(!truth));
        Ok(Step::Next)
    }
}
