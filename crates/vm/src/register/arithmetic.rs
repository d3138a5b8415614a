//! Arithmetic: small ints and floats at once, everything else by `ops`.

use crate::heap::Heap;
use crate::machine::{Flow, Machine, Op, Step};
use crate::ops;
use crate::process::Process;
use crate::trap::Trap;
use crate::value::Value;
use iridium_isa::register::Word;

/// The fast cases of an operation on two numbers.
trait Fast {
    /// On small ints; `None` where the result is no small int.
    fn ints(a: i32, b: i32) -> Option<Value>;
    /// On floats; `None` where the operation is not simply a float operation.
    fn floats(a: f64, b: f64) -> Option<Value>;
}

/// Both small ints, or numbers of which one is a float.
#[inline(always)]
fn fast<F: Fast>(a: Value, b: Value) -> Option<Value> {
    if a.both_ints(b) {
        return F::ints(a.int_bits(), b.int_bits());
    }
    let x = match (a.is_float(), a.is_int()) {
        (true, _) => a.float_bits(),
        (_, true) => f64::from(a.int_bits()),
        _ => return None,
    };
    let y = match (b.is_float(), b.is_int()) {
        (true, _) => b.float_bits(),
        (_, true) => f64::from(b.int_bits()),
        _ => return None,
    };
    F::floats(x, y)
}

macro_rules! fast_cases {
    ($($Name:ident: |$a:ident, $b:ident| $ints:expr, |$x:ident, $y:ident| $floats:expr;)*) => {
        $(struct $Name;
        impl Fast for $Name {
            #[inline(always)]
            fn ints($a: i32, $b: i32) -> Option<Value> { $ints }
            #[inline(always)]
            fn floats($x: f64, $y: f64) -> Option<Value> { $floats }
        })*
    };
}

fast_cases! {
    FastAdd: |a, b| a.checked_add(b).map(Value::int), |x, y| Some(Value::float_result(x + y));
    FastSub: |a, b| a.checked_sub(b).map(Value::int), |x, y| Some(Value::float_result(x - y));
    FastMul: |a, b| a.checked_mul(b).map(Value::int), |x, y| Some(Value::float_result(x * y));
    FastDiv: |a, b| if b != 0 && a != i32::MIN && a % b == 0 { Some(Value::int(a / b)) } else { None },
        |x, y| Some(Value::float_result(x / y));
    FastIntDiv: |a, b| if b > 0 { Some(Value::int(a.div_euclid(b))) } else { None }, |_x, _y| None;
    FastMod: |a, b| if b > 0 { Some(Value::int(a.rem_euclid(b))) } else { None }, |_x, _y| None;
    FastAnd: |a, b| Some(Value::int(a & b)), |_x, _y| None;
    FastOr: |a, b| Some(Value::int(a | b)), |_x, _y| None;
    FastXor: |a, b| Some(Value::int(a ^ b)), |_x, _y| None;
    FastShr: |a, b| if (0..32).contains(&b) { Some(Value::int(a >> b)) } else { None }, |_x, _y| None;
    FastShl: |a, b| {
        let wide = if (0..32).contains(&b) { i64::from(a) << b } else { return None };
        i32::try_from(wide).ok().map(Value::int)
    }, |_x, _y| None;
    Never: |_a, _b| None, |_x, _y| None;
}

#[inline(always)]
fn finish<M: Machine>(machine: &mut M, register: u8, result: Option<Value>) -> Flow {
    match result {
        Some(value) => {
            machine.set(register, value);
            Flow::Next
        }
        None => Flow::Slow,
    }
}

macro_rules! binary {
    ($($Op:ident $fast:ident $op:path;)*) => {
        $(pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
                let result = fast::<$fast>(machine.reg(word.b()), machine.reg(word.c()));
                finish(machine, word.a(), result)
            }

            fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
                let (a, b) = (process.reg(word.b()), process.reg(word.c()));
                apply(process, word, $op, a, b)
            }
        })*
    };
}

macro_rules! immediate {
    ($($Op:ident $fast:ident $op:path;)*) => {
        $(pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
                let result = fast::<$fast>(machine.reg(word.b()), Value::int(i32::from(word.c() as i8)));
                finish(machine, word.a(), result)
            }

            fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
                let a = process.reg(word.b());
                apply(process, word, $op, a, Value::int(i32::from(word.c() as i8)))
            }
        })*
    };
}

macro_rules! constant {
    ($($Op:ident $fast:ident $op:path;)*) => {
        $(pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
                let result = fast::<$fast>(machine.reg(word.b()), machine.constant(usize::from(word.c())));
                finish(machine, word.a(), result)
            }

            fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
                let (a, k) = (process.reg(word.b()), process.constant(usize::from(word.c())));
                apply(process, word, $op, a, k)
            }
        })*
    };
}

type Binary = fn(&mut Heap, Value, Value) -> Result<Value, Trap>;

#[inline]
fn apply(process: &mut Process, word: Word, op: Binary, a: Value, b: Value) -> Result<Step, Trap> {
    let result = op(&mut process.heap, a, b)?;
    process.set_reg(word.a(), result);
    Ok(Step::Next)
}

binary! {
    Add FastAdd ops::add;
    Sub FastSub ops::sub;
    Mul FastMul ops::mul;
    Div FastDiv ops::div;
    IntDiv FastIntDiv ops::int_div;
    Mod FastMod ops::modulo;
    Pow Never ops::pow;
    BitAnd FastAnd ops::bit_and;
    BitOr FastOr ops::bit_or;
    BitXor FastXor ops::bit_xor;
    Shl FastShl ops::shl;
    Shr FastShr ops::shr;
}

immediate! {
    AddI FastAdd ops::add;
    SubI FastSub ops::sub;
    MulI FastMul ops::mul;
    IntDivI FastIntDiv ops::int_div;
    ModI FastMod ops::modulo;
}

constant! {
    AddK FastAdd ops::add;
    SubK FastSub ops::sub;
    MulK FastMul ops::mul;
    DivK FastDiv ops::div;
    IntDivK FastIntDiv ops::int_div;
    ModK FastMod ops::modulo;
}

/// `neg`.
pub(crate) struct Neg;
impl Op for Neg {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let a = machine.reg(word.b());
        let result = match a.as_int() {
            Some(int) => int.checked_neg().map(Value::int),
            None => a.as_float().map(|float| Value::float_result(-float)),
        };
        finish(machine, word.a(), result)
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let a = process.reg(word.b());
        let result = ops::neg(&mut process.heap, a)?;
        process.set_reg(word.a(), result);
        Ok(Step::Next)
    }
}

/// `bitnot`.
pub(crate) struct BitNot;
impl Op for BitNot {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let result = machine.reg(word.b()).as_int().map(|int| Value::int(!int));
        finish(machine, word.a(), result)
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let a = process.reg(word.b());
        let result = ops::bit_not(&mut process.heap, a)?;
        process.set_reg(word.a(), result);
        Ok(Step::Next)
    }
}
