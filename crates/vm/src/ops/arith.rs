//! Arithmetic: `+ - * / div % **` and negation.

use super::{describe, refuse, type_error};
use crate::data::build::{Source, build};
use crate::data::{bytes, elements, int, text};
use crate::heap::{Heap, Kind};
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use int::Int;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

/// A number, read.
#[derive(Clone, Debug)]
pub(crate) enum Number<'h> {
    /// An int.
    Int(Int<'h>),
    /// A float.
    Float(f64),
}

/// Reads a number; `None` if the value is none.
#[inline]
pub(crate) fn number(heap: &Heap, value: Value) -> Option<Number<'_>> {
    if let Some(float) = value.as_float() {
        return Some(Number::Float(float));
    }
    int::view(heap, value).map(Number::Int)
}

impl Number<'_> {
    /// As a float; an int becomes the nearest one.
    ///
    /// # Errors
    /// `:arithmetic-error` beyond the range of floats.
    pub(crate) fn float(&self) -> Result<f64, Trap> {
        match self {
            Number::Float(float) => Ok(*float),
            Number::Int(Int::Small(int)) => Ok(*int as f64),
            Number::Int(Int::Big(big)) => int::to_f64(big).ok_or_else(int::beyond_floats),
        }
    }
}

#[cold]
fn by_zero(operator: &str) -> Trap {
    Trap::error(ErrorKind::Arithmetic, format!("`{operator}` of an int by zero"))
}

#[cold]
fn not_numbers(heap: &Heap, operator: &str, a: Value, b: Value) -> Trap {
    let operands = [a, b];
    let (a, b) = (describe(heap, a), describe(heap, b));
    let error = type_error(match operator {
        "+" => format!("`+` cannot add {a} and {b}"),
        "-" => format!("`-` cannot subtract {b} from {a}"),
        "*" => format!("`*` cannot multiply {a} and {b}"),
        "/" | "div" | "%" => format!("`{operator}` cannot divide {a} by {b}"),
        _ => format!("`{operator}` takes two numbers, not {a} and {b}"),
    });
    refuse(heap, operator, &operands, error)
}

/// Both operands as numbers.
fn numbers<'h>(heap: &'h Heap, operator: &str, a: Value, b: Value) -> Result<(Number<'h>, Number<'h>), Trap> {
    match (number(heap, a), number(heap, b)) {
        (Some(x), Some(y)) => Ok((x, y)),
        _ => Err(not_numbers(heap, operator, a, b)),
    }
}

/// `a + b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike.
#[inline]
pub fn add(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) {
        return match a.int_bits().checked_add(b.int_bits()) {
            Some(sum) => Ok(Value::int(sum)),
            None => add_slow(heap, a, b),
        };
    }
    if a.is_float() && b.is_float() {
        return Ok(Value::float_result(a.float_bits() + b.float_bits()));
    }
    add_texts(heap, a, b)
}

/// Texts first: of what is no pair of small numbers, they are added most.
#[inline(never)]
fn add_texts(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    match text::concat(heap, a, b) {
        Some(result) => result,
        None => add_slow(heap, a, b),
    }
}

#[inline(never)]
fn add_slow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    match (number(heap, a), number(heap, b)) {
        (Some(Number::Int(Int::Small(x))), Some(Number::Int(Int::Small(y)))) => match x.checked_add(y) {
            Some(sum) => int::from_i64(heap, sum),
            None => int::from_i128(heap, x as i128 + y as i128),
        },
        (Some(Number::Int(x)), Some(Number::Int(y))) => {
            let sum = &*x.big() + &*y.big();
            int::from_big(heap, &sum)
        }
        (Some(x), Some(y)) => Ok(Value::float(x.float()? + y.float()?)),
        _ => concat(heap, a, b),
    }
}

fn concat(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if let (Some(x), Some(y)) = (bytes::view(heap, a), bytes::view(heap, b)) {
        let joined = [x, y].concat();
        return bytes::take(heap, joined);
    }
    for kind in [Kind::List, Kind::Tuple] {
        if heap.is(a, kind).is_some() && heap.is(b, kind).is_some() {
            let len = |value| elements(heap, value).map_or(0, <[u64]>::len);
            let parts = [(a, 0, len(a)), (b, 0, len(b))];
            return build(heap, kind, Source::parts(parts));
        }
    }
    Err(not_numbers(heap, "+", a, b))
}

/// `a - b`.
///
/// # Errors
/// `:type-error` unless both are numbers.
#[inline]
pub fn sub(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) {
        return int::from_i64(heap, a.int_bits() as i64 - b.int_bits() as i64);
    }
    if a.is_float() && b.is_float() {
        return Ok(Value::float_result(a.float_bits() - b.float_bits()));
    }
    sub_slow(heap, a, b)
}

#[inline(never)]
fn sub_slow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    let result = match numbers(heap, "-", a, b)? {
        (Number::Int(Int::Small(x)), Number::Int(Int::Small(y))) => match x.checked_sub(y) {
            Some(difference) => return int::from_i64(heap, difference),
            None => return int::from_i128(heap, x as i128 - y as i128),
        },
        (Number::Int(x), Number::Int(y)) => &*x.big() - &*y.big(),
        (x, y) => return Ok(Value::float(x.float()? - y.float()?)),
    };
    int::from_big(heap, &result)
}

/// Words that could be touched while two ints of so many bits are multiplied, or divided: the product of their lengths.
pub(crate) fn product_cost(x: u64, y: u64) -> usize {
    usize::try_from(x / 64 * (y / 64)).unwrap_or(usize::MAX)
}

/// `a * b`.
///
/// # Errors
/// `:type-error` unless both are numbers; `:limit-error` for an int that is too large.
#[inline]
pub fn mul(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) {
        return int::from_i64(heap, a.int_bits() as i64 * b.int_bits() as i64);
    }
    if a.is_float() && b.is_float() {
        return Ok(Value::float_result(a.float_bits() * b.float_bits()));
    }
    mul_slow(heap, a, b)
}

#[inline(never)]
fn mul_slow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    let result = match numbers(heap, "*", a, b)? {
        (Number::Int(Int::Small(x)), Number::Int(Int::Small(y))) => match x.checked_mul(y) {
            Some(product) => return int::from_i64(heap, product),
            None => return int::from_i128(heap, x as i128 * y as i128),
        },
        (Number::Int(x), Number::Int(y)) => {
            let (x, y) = (x.big(), y.big());
            if (x.bits() + y.bits()).saturating_sub(1) > int::MAX_BITS {
                return Err(int::too_large());
            }
            heap.spend(product_cost(x.bits(), y.bits()));
            &*x * &*y
        }
        (x, y) => return Ok(Value::float(x.float()? * y.float()?)),
    };
    int::from_big(heap, &result)
}

/// `a / b`: of ints an int when exact, else the nearest float.
///
/// # Errors
/// `:type-error` unless both are numbers; `:arithmetic-error` for ints by zero and beyond the range of floats.
#[inline]
pub fn div(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.is_float() && b.is_float() {
        return Ok(Value::float_result(a.float_bits() / b.float_bits()));
    }
    if a.both_ints(b) && b.int_bits() != 0 {
        let (x, y) = (a.int_bits() as i64, b.int_bits() as i64);
        return if x % y == 0 { int::from_i64(heap, x / y) } else { Ok(Value::float(x as f64 / y as f64)) };
    }
    div_slow(heap, a, b)
}

#[inline(never)]
fn div_slow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    /// Ints up to here are floats exactly, and the hardware rounds their quotient correctly.
    const EXACT: u64 = 1 << 53;
    let result = match numbers(heap, "/", a, b)? {
        (Number::Int(_), Number::Int(Int::Small(0))) => return Err(by_zero("/")),
        (Number::Int(Int::Small(x)), Number::Int(Int::Small(y))) => {
            let quotient = match x.checked_rem(y) {
                Some(0) => return int::from_i64(heap, x / y),
                None => return int::from_i128(heap, -(x as i128)),
                _ if x.unsigned_abs() <= EXACT && y.unsigned_abs() <= EXACT => Some(x as f64 / y as f64),
                _ => int::ratio(&BigInt::from(x), &BigInt::from(y)),
            };
            return quotient.map(Value::float).ok_or_else(beyond_floats);
        }
        (Number::Int(x), Number::Int(y)) => {
            let (x, y) = (x.big(), y.big());
            heap.spend(2 * product_cost(x.bits(), y.bits()));
            let (quotient, rest) = x.div_rem(&y);
            if rest.sign() != Sign::NoSign {
                return int::ratio(&x, &y).map(Value::float).ok_or_else(beyond_floats);
            }
            quotient
        }
        (x, y) => return Ok(Value::float(x.float()? / y.float()?)),
    };
    int::from_big(heap, &result)
}

#[cold]
fn beyond_floats() -> Trap {
    Trap::error(ErrorKind::Arithmetic, "the quotient is beyond the range of floats; `div` gives an int")
}

/// `(div a b)`: rounded down.
///
/// # Errors
/// `:type-error` unless both are numbers; `:arithmetic-error` for ints by zero.
#[inline]
pub fn int_div(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) && b.int_bits() != 0 {
        return int::from_i64(heap, Integer::div_floor(&(a.int_bits() as i64), &(b.int_bits() as i64)));
    }
    int_div_slow(heap, a, b)
}

#[inline(never)]
fn int_div_slow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    let result = match numbers(heap, "div", a, b)? {
        (Number::Int(_), Number::Int(Int::Small(0))) => return Err(by_zero("div")),
        (Number::Int(Int::Small(x)), Number::Int(Int::Small(y))) => {
            return int::from_i128(heap, Integer::div_floor(&(x as i128), &(y as i128)));
        }
        (Number::Int(x), Number::Int(y)) => {
            let (x, y) = (x.big(), y.big());
            heap.spend(product_cost(x.bits(), y.bits()));
            x.div_floor(&*y)
        }
        (x, y) => return Ok(Value::float(div_mod(x.float()?, y.float()?).0)),
    };
    int::from_big(heap, &result)
}

/// `a % b`: with the sign of `b`.
///
/// # Errors
/// `:type-error` unless both are numbers; `:arithmetic-error` for ints by zero.
#[inline]
pub fn modulo(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) && b.int_bits() != 0 {
        return int::from_i64(heap, (a.int_bits() as i64).mod_floor(&(b.int_bits() as i64)));
    }
    modulo_slow(heap, a, b)
}

#[inline(never)]
fn modulo_slow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    let result = match numbers(heap, "%", a, b)? {
        (Number::Int(_), Number::Int(Int::Small(0))) => return Err(by_zero("%")),
        (Number::Int(Int::Small(x)), Number::Int(Int::Small(y))) => {
            return int::from_i128(heap, (x as i128).mod_floor(&(y as i128)));
        }
        (Number::Int(x), Number::Int(y)) => {
            let (x, y) = (x.big(), y.big());
            heap.spend(product_cost(x.bits(), y.bits()));
            x.mod_floor(&*y)
        }
        (x, y) => return Ok(Value::float(div_mod(x.float()?, y.float()?).1)),
    };
    int::from_big(heap, &result)
}

/// Quotient rounded down and remainder with the divisor's sign, as Python has them; by zero as IEEE has it.
fn div_mod(x: f64, y: f64) -> (f64, f64) {
    if y == 0.0 {
        return ((x / y).floor(), f64::NAN);
    }
    let mut rest = x % y;
    let mut quotient = (x - rest) / y;
    if rest == 0.0 {
        rest = 0f64.copysign(y);
    } else if (rest < 0.0) != (y < 0.0) {
        rest += y;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0f64.copysign(x / y), rest);
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, rest)
}

/// `a ** b`.
///
/// # Errors
/// `:type-error` unless both are numbers; `:arithmetic-error` for zero to a negative int; `:limit-error` for an int that
/// is too large.
pub fn pow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    let result = match numbers(heap, "**", a, b)? {
        (Number::Int(base), Number::Int(exponent)) => {
            let (base, exponent) = (base.big(), exponent.big());
            if exponent.is_negative() {
                return negative_power(&base, &exponent).map(Value::float);
            }
            let power = int_power(&base, &exponent)?;
            heap.spend(product_cost(power.bits(), power.bits()));
            power
        }
        (x, y) => return Ok(Value::float(x.float()?.powf(y.float()?))),
    };
    int::from_big(heap, &result)
}

/// A power whose exponent is not negative.
fn int_power(base: &BigInt, exponent: &BigInt) -> Result<BigInt, Trap> {
    match base.to_i64() {
        _ if exponent.sign() == Sign::NoSign => return Ok(BigInt::from(1)),
        Some(0 | 1) => return Ok(base.clone()),
        Some(-1) => return Ok(BigInt::from(if exponent.is_odd() { -1 } else { 1 })),
        _ => {}
    }
    let exponent = exponent.to_u32().ok_or_else(int::too_large)?;
    // The power has at least this many bits.
    if (base.bits() - 1) * u64::from(exponent) + 1 > int::MAX_BITS {
        return Err(int::too_large());
    }
    Ok(base.pow(exponent))
}

/// A power whose exponent is negative: the nearest float.
fn negative_power(base: &BigInt, exponent: &BigInt) -> Result<f64, Trap> {
    match base.to_i64() {
        Some(0) => return Err(Trap::error(ErrorKind::Arithmetic, "`**` of zero to a negative power")),
        Some(1) => return Ok(1.0),
        Some(-1) => return Ok(if exponent.is_odd() { -1.0 } else { 1.0 }),
        _ => {}
    }
    // From 2^1100 on the inverse is zero.
    let small = exponent.magnitude().to_u32().filter(|&exponent| (base.bits() - 1) * u64::from(exponent) <= 1100);
    let Some(exponent_size) = small else {
        return Ok(if base.is_negative() && exponent.is_odd() { -0.0 } else { 0.0 });
    };
    int::ratio(&BigInt::from(1), &base.pow(exponent_size)).ok_or_else(int::beyond_floats)
}

/// `(- a)`.
///
/// # Errors
/// `:type-error` unless it is a number.
#[inline]
pub fn neg(heap: &mut Heap, a: Value) -> Result<Value, Trap> {
    if a.is_int() {
        return int::from_i64(heap, -(a.int_bits() as i64));
    }
    if a.is_float() {
        return Ok(Value::float(-a.float_bits()));
    }
    let result = match int::view(heap, a) {
        None => {
            let error = type_error(format!("`-` cannot negate {}", describe(heap, a)));
            return Err(refuse(heap, "-", &[a], error));
        }
        Some(Int::Small(small)) => return int::from_i128(heap, -(small as i128)),
        Some(Int::Big(big)) => -&*big,
    };
    int::from_big(heap, &result)
}
