//! The module `Math`, as far as it is not written in Eva.

use super::{arity, wants};
use crate::heap::Heap;
use crate::ops::{self, Number};
use crate::trap::Trap;
use crate::value::Value;
use num_traits::ToPrimitive;

type Result = std::result::Result<Value, Trap>;

/// A number as a float.
fn float(heap: &Heap, name: &str, value: Value) -> std::result::Result<f64, Trap> {
    match ops::number(heap, value) {
        Some(number) => number.float(),
        None => Err(wants(heap, name, "numbers", value)),
    }
}

/// A function of one float.
macro_rules! unary {
    ($($name:ident $text:literal $method:ident;)*) => {
        $(pub(super) fn $name(heap: &mut Heap, args: &[Value]) -> Result {
            let &[value] = args else { return Err(arity()) };
            Ok(Value::float(float(heap, $text, value)?.$method()))
        })*
    };
}

unary! {
    sin "Math.sin" sin;
    cos "Math.cos" cos;
    tan "Math.tan" tan;
    asin "Math.asin" asin;
    acos "Math.acos" acos;
    atan "Math.atan" atan;
    exp "Math.exp" exp;
}

pub(super) fn atan2(heap: &mut Heap, args: &[Value]) -> Result {
    let &[y, x] = args else { return Err(arity()) };
    Ok(Value::float(float(heap, "Math.atan2", y)?.atan2(float(heap, "Math.atan2", x)?)))
}

pub(super) fn hypot(heap: &mut Heap, args: &[Value]) -> Result {
    let &[x, y] = args else { return Err(arity()) };
    Ok(Value::float(float(heap, "Math.hypot", x)?.hypot(float(heap, "Math.hypot", y)?)))
}

/// A logarithm, of ints beyond floats too.
fn logarithm(heap: &Heap, name: &str, value: Value, of: fn(f64) -> f64) -> std::result::Result<f64, Trap> {
    let Some(Number::Int(int)) = ops::number(heap, value) else { return Ok(of(float(heap, name, value)?)) };
    let big = int.big();
    match big.to_f64().filter(|float| float.is_finite()) {
        Some(float) => Ok(of(float)),
        None if big.sign() == num_bigint::Sign::Minus => Ok(f64::NAN),
        // A fraction from 1/2 on, times a power of 2.
        None => {
            let bits = big.bits();
            let leading = (big.as_ref() >> (bits - 64)).to_f64().unwrap_or(f64::NAN);
            Ok(of(leading / 2f64.powi(64)) + bits as f64 * of(2.0))
        }
    }
}

pub(super) fn log(heap: &mut Heap, args: &[Value]) -> Result {
    let natural = logarithm(heap, "Math.log", args[0], f64::ln)?;
    match args.get(1) {
        None => Ok(Value::float(natural)),
        Some(&base) => Ok(Value::float(natural / logarithm(heap, "Math.log", base, f64::ln)?)),
    }
}

pub(super) fn log2(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    Ok(Value::float(logarithm(heap, "Math.log2", value, f64::log2)?))
}

pub(super) fn log10(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    Ok(Value::float(logarithm(heap, "Math.log10", value, f64::log10)?))
}
