//! Ints as endless rows of bits: `& | ^ ~ << >>`.

use super::{describe, refuse, type_error};
use crate::data::int::{self, Int};
use crate::heap::Heap;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive};

fn ints<'h>(heap: &'h Heap, operator: &str, a: Value, b: Value) -> Result<(Int<'h>, Int<'h>), Trap> {
    match (int::view(heap, a), int::view(heap, b)) {
        (Some(x), Some(y)) => Ok((x, y)),
        _ => {
            let operands = [a, b];
            let (a, b) = (describe(heap, a), describe(heap, b));
            let error = type_error(format!("`{operator}` takes two ints, not {a} and {b}"));
            Err(refuse(heap, operator, &operands, error))
        }
    }
}

fn bitwise(
    heap: &mut Heap,
    operator: &str,
    (a, b): (Value, Value),
    small: fn(i64, i64) -> i64,
    big: fn(&BigInt, &BigInt) -> BigInt,
) -> Result<Value, Trap> {
    let result = match ints(heap, operator, a, b)? {
        (Int::Small(x), Int::Small(y)) => return int::from_i64(heap, small(x, y)),
        (x, y) => big(&x.big(), &y.big()),
    };
    int::from_big(heap, &result)
}

/// `a & b`.
///
/// # Errors
/// `:type-error` unless both are ints.
#[inline]
pub fn bit_and(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) {
        return Ok(Value::int(a.int_bits() & b.int_bits()));
    }
    bitwise(heap, "&", (a, b), |x, y| x & y, |x, y| x & y)
}

/// `a | b`.
///
/// # Errors
/// `:type-error` unless both are ints.
#[inline]
pub fn bit_or(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) {
        return Ok(Value::int(a.int_bits() | b.int_bits()));
    }
    bitwise(heap, "|", (a, b), |x, y| x | y, |x, y| x | y)
}

/// `a ^ b`.
///
/// # Errors
/// `:type-error` unless both are ints.
#[inline]
pub fn bit_xor(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) {
        return Ok(Value::int(a.int_bits() ^ b.int_bits()));
    }
    bitwise(heap, "^", (a, b), |x, y| x ^ y, |x, y| x ^ y)
}

/// `(~ a)`.
///
/// # Errors
/// `:type-error` unless it is an int.
pub fn bit_not(heap: &mut Heap, a: Value) -> Result<Value, Trap> {
    let result = match int::view(heap, a) {
        None => {
            let error = type_error(format!("`~` takes an int, not {}", describe(heap, a)));
            return Err(refuse(heap, "~", &[a], error));
        }
        Some(Int::Small(small)) => return int::from_i64(heap, !small),
        Some(Int::Big(big)) => -&*big - 1,
    };
    int::from_big(heap, &result)
}

#[cold]
fn negative_shift(operator: &str) -> Trap {
    Trap::error(ErrorKind::Value, format!("`{operator}` by a negative number of bits"))
}

/// `a << b`.
///
/// # Errors
/// `:type-error` unless both are ints; `:value-error` for a negative shift; `:limit-error` for an int that is too large.
#[inline]
pub fn shl(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) && (0..32).contains(&b.int_bits()) {
        return int::from_i64(heap, (a.int_bits() as i64) << b.int_bits());
    }
    shl_slow(heap, a, b)
}

#[inline(never)]
fn shl_slow(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    let (x, shift) = ints(heap, "<<", a, b)?;
    let (x, shift) = (x.big(), shift.big());
    if shift.is_negative() {
        return Err(negative_shift("<<"));
    }
    if x.sign() == Sign::NoSign {
        return Ok(Value::int(0));
    }
    let shift = shift.to_u64().filter(|&shift| shift <= int::MAX_BITS && x.bits() + shift <= int::MAX_BITS);
    let result = &*x << shift.ok_or_else(int::too_large)?;
    int::from_big(heap, &result)
}

/// `a >> b`: rounded down.
///
/// # Errors
/// `:type-error` unless both are ints; `:value-error` for a negative shift.
#[inline]
pub fn shr(heap: &mut Heap, a: Value, b: Value) -> Result<Value, Trap> {
    if a.both_ints(b) && b.int_bits() >= 0 {
        return Ok(Value::int(a.int_bits() >> b.int_bits().min(31)));
    }
    let result = match ints(heap, ">>", a, b)? {
        (_, Int::Small(shift)) if shift < 0 => return Err(negative_shift(">>")),
        (_, Int::Big(shift)) if shift.is_negative() => return Err(negative_shift(">>")),
        (Int::Small(x), Int::Small(shift)) => return int::from_i64(heap, x >> shift.min(63)),
        (x, Int::Small(shift)) => &*x.big() >> shift as u64,
        (x, Int::Big(_)) => BigInt::from(if x.big().is_negative() { -1 } else { 0 }),
    };
    int::from_big(heap, &result)
}
