//! Operations on known values, done now. Only what gives exactly the value that the machine would give, and never what
//! would throw or make a large value.

use crate::hir::Literal;
use iridium_isa::stack::StackOp;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

/// Bits of the largest int that is computed now.
const MAX_BITS: u64 = 4096;

/// Ints up to here are floats exactly.
const EXACT: i64 = 1 << 53;

/// The value of an operation with two operands, if it is known.
pub(crate) fn binary(op: StackOp, left: &Literal, right: &Literal) -> Option<Literal> {
    if let (Some(a), Some(b)) = (int(left), int(right)) {
        return ints(op, &a, &b);
    }
    if let (Literal::Float(_), _) | (_, Literal::Float(_)) = (left, right) {
        return floats(op, float(left)?, float(right)?);
    }
    match (op, left, right) {
        (StackOp::Eq, Literal::Null | Literal::Bool(_), Literal::Null | Literal::Bool(_)) => {
            Some(Literal::Bool(left == right))
        }
        (StackOp::Ne, Literal::Null | Literal::Bool(_), Literal::Null | Literal::Bool(_)) => {
            Some(Literal::Bool(left != right))
        }
        _ => None,
    }
}

/// The value of an operation with one operand, if it is known.
pub(crate) fn unary(op: StackOp, operand: &Literal) -> Option<Literal> {
    match (op, operand) {
        (StackOp::Neg, Literal::Float(value)) if !value.is_nan() => Some(Literal::Float(-value)),
        (StackOp::Neg, _) => int(operand).map(|value| Literal::int(-value)),
        (StackOp::BitNot, _) => int(operand).map(|value| Literal::int(!value)),
        _ => None,
    }
}

fn int(literal: &Literal) -> Option<BigInt> {
    match literal {
        Literal::Int(value) => Some(BigInt::from(*value)),
        Literal::Big(value) if value.bits() <= MAX_BITS => Some((**value).clone()),
        _ => None,
    }
}

/// The operand as a float, if that is exact.
fn float(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Float(value) => Some(*value),
        Literal::Int(value) if value.unsigned_abs() <= EXACT.unsigned_abs() => Some(*value as f64),
        _ => None,
    }
}

fn ints(op: StackOp, a: &BigInt, b: &BigInt) -> Option<Literal> {
    let value = match op {
        StackOp::Add => a + b,
        StackOp::Sub => a - b,
        StackOp::Mul => a * b,
        StackOp::Div if !b.is_zero() => {
            let (quotient, remainder) = a.div_rem(b);
            if !remainder.is_zero() {
                // Both are floats exactly, so one division rounds once.
                let exact =
                    |value: &BigInt| value.to_i64().filter(|value| value.unsigned_abs() <= EXACT.unsigned_abs());
                return Some(Literal::Float(exact(a)? as f64 / exact(b)? as f64));
            }
            quotient
        }
        StackOp::IntDiv if !b.is_zero() => a.div_floor(b),
        StackOp::Mod if !b.is_zero() => a.mod_floor(b),
        StackOp::Pow => {
            let exponent = b.to_u32().filter(|exponent| u64::from(*exponent) <= MAX_BITS)?;
            if a.bits().max(1) * u64::from(exponent) > MAX_BITS {
                return None;
            }
            a.pow(exponent)
        }
        StackOp::BitAnd => a & b,
        StackOp::BitOr => a | b,
        StackOp::BitXor => a ^ b,
        StackOp::Shl if !b.is_negative() => {
            let by = b.to_u64().filter(|by| *by <= MAX_BITS)?;
            a << by
        }
        StackOp::Shr if !b.is_negative() => {
            let by = b.to_u64().filter(|by| *by <= 2 * MAX_BITS)?;
            a >> by
        }
        _ => return compare(op, a, b).map(Literal::Bool),
    };
    (value.bits() <= MAX_BITS).then(|| Literal::int(value))
}

/// The comparisons, of any two things that have an order.
fn compare<T: PartialOrd>(op: StackOp, a: T, b: T) -> Option<bool> {
    Some(match op {
        StackOp::Eq => a == b,
        StackOp::Ne => a != b,
        StackOp::Lt => a < b,
        StackOp::Le => a <= b,
        StackOp::Gt => a > b,
        StackOp::Ge => a >= b,
        _ => return None,
    })
}

fn floats(op: StackOp, a: f64, b: f64) -> Option<Literal> {
    let value = match op {
        StackOp::Add => a + b,
        StackOp::Sub => a - b,
        StackOp::Mul => a * b,
        StackOp::Div => a / b,
        _ => return compare(op, a, b).map(Literal::Bool),
    };
    // Which NaN it is, the machine decides.
    (!value.is_nan()).then_some(Literal::Float(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ints_are_exact_and_nothing_that_throws_is_folded() {
        let int = Literal::Int;
        assert_eq!(binary(StackOp::Add, &int(i64::MAX), &int(1)), Some(Literal::int(BigInt::from(i64::MAX) + 1)));
        assert_eq!(binary(StackOp::IntDiv, &int(-7), &int(2)), Some(int(-4)));
        assert_eq!(binary(StackOp::Mod, &int(-7), &int(2)), Some(int(1)));
        assert_eq!(binary(StackOp::Div, &int(7), &int(2)), Some(Literal::Float(3.5)));
        assert_eq!(binary(StackOp::Div, &int(84), &int(2)), Some(int(42)));
        assert_eq!(binary(StackOp::Div, &int(i64::MAX), &int(2)), None);
        for op in [StackOp::Div, StackOp::IntDiv, StackOp::Mod] {
            assert_eq!(binary(op, &int(1), &int(0)), None);
        }
        assert_eq!(binary(StackOp::Shl, &int(1), &int(-1)), None);
        assert_eq!(binary(StackOp::Shl, &int(1), &int(1 << 40)), None);
        assert_eq!(binary(StackOp::Pow, &int(10), &int(1 << 40)), None);
        assert_eq!(binary(StackOp::Pow, &int(2), &int(-1)), None);
        assert_eq!(binary(StackOp::Shr, &int(-5), &int(1)), Some(int(-3)));
        assert_eq!(binary(StackOp::Lt, &int(1), &Literal::Null), None);
    }

    #[test]
    fn floats_follow_the_standard() {
        let float = Literal::Float;
        assert_eq!(binary(StackOp::Div, &Literal::Int(1), &float(0.0)), Some(float(f64::INFINITY)));
        assert_eq!(binary(StackOp::Div, &float(0.0), &float(0.0)), None);
        assert_eq!(binary(StackOp::Eq, &float(f64::NAN), &float(f64::NAN)), Some(Literal::Bool(false)));
        assert_eq!(binary(StackOp::Eq, &Literal::Int(1), &float(1.0)), Some(Literal::Bool(true)));
        assert_eq!(binary(StackOp::Add, &Literal::Int(EXACT + 1), &float(1.0)), None);
        let Some(Literal::Float(zero)) = unary(StackOp::Neg, &float(0.0)) else { panic!("folds") };
        assert!(zero.is_sign_negative());
    }
}
