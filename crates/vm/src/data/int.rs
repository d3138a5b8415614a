//! Ints of any size: 32 bits in the value, 64 bits in one word, the rest as magnitude and sign.
//!
//! The smallest form that fits is the only one: a `BigInt` object never holds what 64 bits can.

use crate::heap::{Heap, Kind};
use crate::node::Literal;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};
use std::borrow::Cow;

/// Bits that an int may have.
pub const MAX_BITS: u64 = iridium_isa::MAX_INT_BITS;

/// An int, read.
#[derive(Clone, Debug)]
pub(crate) enum Int<'h> {
    /// It fits in 64 bits.
    Small(i64),
    /// It does not.
    Big(Cow<'h, BigInt>),
}

impl<'h> Int<'h> {
    /// The int as a big one.
    pub(crate) fn big(self) -> Cow<'h, BigInt> {
        match self {
            Int::Small(value) => Cow::Owned(BigInt::from(value)),
            Int::Big(value) => value,
        }
    }
}

/// Reads an int; `None` if the value is none.
#[inline]
pub(crate) fn view(heap: &Heap, value: Value) -> Option<Int<'_>> {
    if let Some(small) = value.as_int() {
        return Some(Int::Small(small as i64));
    }
    view_slow(heap, value)
}

fn view_slow(heap: &Heap, value: Value) -> Option<Int<'_>> {
    if let Some(at) = value.as_heap() {
        return match heap.kind(at) {
            Kind::Int64 => Some(Int::Small(heap.word(at, 0) as i64)),
            Kind::BigInt => {
                let words = heap.payload(at);
                let digits = words[1..].iter().flat_map(|&word| [word as u32, (word >> 32) as u32]).collect();
                let sign = if words[0] == 0 { Sign::Plus } else { Sign::Minus };
                Some(Int::Big(Cow::Owned(BigInt::new(sign, digits))))
            }
            _ => None,
        };
    }
    match heap.literal(value)? {
        Literal::Int(big) => Some(match big.to_i64() {
            Some(small) => Int::Small(small),
            None => Int::Big(Cow::Borrowed(big)),
        }),
        _ => None,
    }
}

/// The int if it fits in 64 bits.
#[inline]
pub(crate) fn as_i64(heap: &Heap, value: Value) -> Option<i64> {
    if let Some(small) = value.as_int() {
        return Some(small as i64);
    }
    match view_slow(heap, value) {
        Some(Int::Small(small)) => Some(small),
        _ => None,
    }
}

/// Whether the value is an int.
pub(crate) fn is_int(heap: &Heap, value: Value) -> bool {
    if value.is_int() {
        return true;
    }
    if let Some(at) = value.as_heap() {
        return matches!(heap.kind(at), Kind::Int64 | Kind::BigInt);
    }
    matches!(heap.literal(value), Some(Literal::Int(_)))
}

/// The int clamped to 64 bits, as bounds of slices want it; `None` if the value is no int.
pub(crate) fn clamped(heap: &Heap, value: Value) -> Option<i64> {
    Some(match view(heap, value)? {
        Int::Small(small) => small,
        Int::Big(big) if big.sign() == Sign::Minus => i64::MIN,
        Int::Big(_) => i64::MAX,
    })
}

/// Makes an int.
#[inline]
pub(crate) fn from_i64(heap: &mut Heap, value: i64) -> Result<Value, Trap> {
    if value as i32 as i64 == value {
        return Ok(Value::int(value as i32));
    }
    let at = heap.alloc(Kind::Int64, 1)?;
    heap.set_word(at, 0, value as u64);
    Ok(Value::heap(at))
}

/// Makes an int.
pub(crate) fn from_i128(heap: &mut Heap, value: i128) -> Result<Value, Trap> {
    match i64::try_from(value) {
        Ok(small) => from_i64(heap, small),
        Err(_) => from_big(heap, &BigInt::from(value)),
    }
}

/// Makes an int, unless it has too many bits.
pub(crate) fn from_big(heap: &mut Heap, value: &BigInt) -> Result<Value, Trap> {
    if let Some(small) = value.to_i64() {
        return from_i64(heap, small);
    }
    if value.bits() > MAX_BITS {
        return Err(too_large());
    }
    let digits = value.iter_u64_digits();
    let at = heap.alloc(Kind::BigInt, 1 + digits.len())?;
    let payload = heap.payload_mut(at);
    payload[0] = (value.sign() == Sign::Minus) as u64;
    for (word, digit) in payload[1..].iter_mut().zip(digits) {
        *word = digit;
    }
    Ok(Value::heap(at))
}

/// The error for an int beyond [`MAX_BITS`].
#[cold]
pub(crate) fn too_large() -> Trap {
    Trap::error(ErrorKind::Limit, format!("the int would have more than {MAX_BITS} bits"))
}

/// The error for an int beyond the floats.
#[cold]
pub(crate) fn beyond_floats() -> Trap {
    Trap::error(ErrorKind::Arithmetic, "the int is beyond the range of floats")
}

/// The float nearest to an int; `None` beyond their range.
pub(crate) fn to_f64(value: &BigInt) -> Option<f64> {
    ratio(value, &BigInt::from(1))
}

/// The float nearest to a quotient, ties to even; `None` beyond their range.
///
/// # Panics
/// If the divisor is zero.
pub(crate) fn ratio(dividend: &BigInt, divisor: &BigInt) -> Option<f64> {
    if dividend.is_zero() {
        return Some(0.0);
    }
    let negative = (dividend.sign() == Sign::Minus) != (divisor.sign() == Sign::Minus);
    let (n, d) = (dividend.magnitude(), divisor.magnitude());
    // A quotient of 66 or 67 bits, the last of them set when anything was cut off.
    let shift = 66 - (n.bits() as i64 - d.bits() as i64);
    let (n, d): (BigUint, BigUint) =
        if shift >= 0 { (n << shift as u64, d.clone()) } else { (n.clone(), d << (-shift) as u64) };
    let quotient = &n / &d;
    let inexact = &quotient * &d != n;
    let bits = quotient.to_u128()? | inexact as u128;
    let float = scale(bits, -shift)?;
    Some(if negative { -float } else { float })
}

/// `bits * 2^exponent`, rounded to nearest, ties to even; `None` beyond the floats.
fn scale(bits: u128, exponent: i64) -> Option<f64> {
    let length = 128 - bits.leading_zeros() as i64;
    // The power of two of the highest bit, and of the lowest bit that a float of this size can hold.
    let top = length - 1 + exponent;
    let lowest = (top - 52).max(-1074);
    let drop = lowest - exponent;
    let mantissa = if drop <= 0 {
        (bits << -drop) as u64
    } else if drop > length {
        0
    } else {
        let kept = if drop == 128 { 0 } else { bits >> drop };
        let rest = bits - if drop == 128 { 0 } else { kept << drop };
        let half = 1u128 << (drop - 1);
        (kept + u128::from(rest > half || rest == half && kept & 1 == 1)) as u64
    };
    // A subnormal's bits are its mantissa; one more bit from rounding carries into the exponent by itself.
    let biased = (lowest + 1074) as u64;
    let bits = if biased == 0 { mantissa } else { ((biased + 1) << 52).wrapping_add(mantissa.wrapping_sub(1 << 52)) };
    let float = f64::from_bits(bits);
    (biased < 2046 && float.is_finite()).then_some(float)
}

/// The int that a whole float is; `None` when it is not whole.
pub(crate) fn from_whole_float(value: f64) -> Option<Int<'static>> {
    if !value.is_finite() || value.trunc() != value {
        return None;
    }
    if (-9.2e18..9.2e18).contains(&value) {
        return Some(Int::Small(value as i64));
    }
    let big = num_traits::FromPrimitive::from_f64(value)?;
    Some(normal(big))
}

/// Brings a big int into its smallest form.
pub(crate) fn normal(big: BigInt) -> Int<'static> {
    match big.to_i64() {
        Some(small) => Int::Small(small),
        None => Int::Big(Cow::Owned(big)),
    }
}

/// Makes the int that a float is after its fraction was dropped; `None` for `nan` and infinities.
pub(crate) fn truncate(heap: &mut Heap, value: f64) -> Option<Result<Value, Trap>> {
    let int = from_whole_float(value.trunc())?;
    Some(match int {
        Int::Small(small) => from_i64(heap, small),
        Int::Big(big) => from_big(heap, &big),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;
    use num_traits::Num;

    fn big(text: &str) -> BigInt {
        BigInt::from_str_radix(text, 10).unwrap()
    }

    #[test]
    fn every_int_has_one_form() {
        let mut heap = Heap::new(Node::new(), 1 << 20);
        for (text, kind) in [
            ("0", None),
            ("2147483647", None),
            ("-2147483648", None),
            ("2147483648", Some(Kind::Int64)),
            ("-2147483649", Some(Kind::Int64)),
            ("9223372036854775807", Some(Kind::Int64)),
            ("-9223372036854775808", Some(Kind::Int64)),
            ("9223372036854775808", Some(Kind::BigInt)),
            ("-9223372036854775809", Some(Kind::BigInt)),
            ("123456789012345678901234567890123456789", Some(Kind::BigInt)),
        ] {
            let value = from_big(&mut heap, &big(text)).unwrap();
            assert_eq!(value.as_heap().map(|at| heap.kind(at)), kind, "{text}");
            assert_eq!(view(&heap, value).unwrap().big().to_string(), text);
        }
        let literal = heap.node().add_literal(Literal::Int(BigInt::from(1i64 << 40)));
        assert_eq!(as_i64(&heap, Value::literal(literal)), Some(1 << 40));
    }

    #[test]
    fn quotients_round_to_nearest() {
        for (n, d, expected) in [
            ("1", "3", 1.0 / 3.0),
            ("-1", "3", -1.0 / 3.0),
            ("9007199254740993", "1", 9007199254740992.0),
            ("9007199254740995", "1", 9007199254740996.0),
            ("36028797018963971", "4", 9007199254740992.0),
            ("9223372036854775807", "9223372036854775808", 1.0),
        ] {
            assert_eq!(ratio(&big(n), &big(d)), Some(expected), "{n}/{d}");
        }
        let ten = BigInt::from(10);
        assert_eq!(to_f64(&ten.pow(308)), Some(1e308));
        assert_eq!(to_f64(&ten.pow(309)), None);
        assert_eq!(to_f64(&-ten.pow(309)), None);
        assert_eq!(ratio(&BigInt::from(5), &ten.pow(324)), Some(5e-324));
        assert_eq!(ratio(&BigInt::from(1), &ten.pow(324)), Some(0.0));
        assert_eq!(ratio(&BigInt::from(22250738585072014u64), &ten.pow(324)), Some(2.2250738585072014e-308));
        assert_eq!(ratio(&BigInt::from(1), &ten.pow(400)), Some(0.0));
        let max = BigInt::from(1) << 1024u32;
        assert_eq!(to_f64(&(&max - (BigInt::from(1) << 970u32))), None, "half way to the next power rounds up");
        assert_eq!(to_f64(&(&max - (BigInt::from(1) << 970u32) - 1)), Some(f64::MAX));
        // Against the correctly rounded parser, over many sizes.
        let mut n = BigInt::from(1);
        for step in 1..600u32 {
            n = n * 3 + step;
            if let Some(float) = to_f64(&n) {
                assert_eq!(float, n.to_string().parse::<f64>().unwrap());
            }
        }
    }

    #[test]
    fn floats_become_ints() {
        let mut heap = Heap::new(Node::new(), 1 << 20);
        for (float, text) in [
            (3.9, "3"),
            (-3.9, "-3"),
            (1e20, "100000000000000000000"),
            (-9223372036854775808.0, "-9223372036854775808"),
        ] {
            let value = truncate(&mut heap, float).unwrap().unwrap();
            assert_eq!(view(&heap, value).unwrap().big().to_string(), text);
        }
        assert!(truncate(&mut heap, f64::NAN).is_none() && truncate(&mut heap, f64::INFINITY).is_none());
    }
}
