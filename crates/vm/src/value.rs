//! The value: one 64-bit word that is a double, a small int, or a tagged payload.
//!
//! Doubles are stored unmodified. Everything from `0xFFF9 << 48` on is a negative quiet NaN that arithmetic never
//! makes, so those bit patterns carry the other types:
//!
//! | top 16 bits | type | payload |
//! |---|---|---|
//! | up to `FFF8` | float | the double itself |
//! | `FFF9` | immediate | null, false, true, internal marks |
//! | `FFFA` | heap reference | offset of the object's header, in words |
//! | `FFFB` | literal | index into the node's table of shared immutable constants |
//! | `FFFC` | function | index into the node's table of functions |
//! | `FFFD` | atom | index into the node's table of atoms |
//! | `FFFE` | local pid | 48-bit serial |
//! | `FFFF` | int | 32 bits, sign in bit 31; bits 32 to 47 are zero |
//!
//! These bits are frozen: collector, dispatch and compiled code rely on them.

use std::fmt;

const SHIFT: u32 = 48;
const LAST_DOUBLE: u64 = 0xFFF8 << SHIFT;
const IMMEDIATE: u64 = 0xFFF9 << SHIFT;
const HEAP: u64 = 0xFFFA << SHIFT;
const LITERAL: u64 = 0xFFFB << SHIFT;
const FUNCTION: u64 = 0xFFFC << SHIFT;
const ATOM: u64 = 0xFFFD << SHIFT;
const PID: u64 = 0xFFFE << SHIFT;
const INT: u64 = 0xFFFF << SHIFT;
const PAYLOAD: u64 = (1 << SHIFT) - 1;

/// Offset of an object's header in its process's heap, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ref(pub(crate) u32);

/// A value of Eva, or an internal mark. Equality of the bits is identity; see `ops` for `==`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(u64);

impl Value {
    /// `null`.
    pub const NULL: Value = Value(IMMEDIATE);
    /// `false`. The next pattern after [`NULL`](Self::NULL), so that truth is one comparison.
    pub const FALSE: Value = Value(IMMEDIATE | 1);
    /// `true`.
    pub const TRUE: Value = Value(IMMEDIATE | 2);
    /// Internal: a variable before its initialiser ran, an argument that was not given, a deleted map entry.
    /// No program ever sees it.
    pub const HOLE: Value = Value(IMMEDIATE | 3);

    /// Internal: what is thrown when a process ends itself. Only a `finally` gets it, which throws it on.
    pub(crate) const EXIT: Value = Value(IMMEDIATE | 4);

    /// A small int.
    #[inline(always)]
    pub const fn int(value: i32) -> Value {
        Value(INT | value as u32 as u64)
    }

    /// A float. NaNs become the one canonical NaN.
    #[inline(always)]
    pub const fn float(value: f64) -> Value {
        if value.is_nan() { Value(f64::NAN.to_bits()) } else { Value(value.to_bits()) }
    }

    /// The result of float arithmetic on this host, whose NaNs are quiet and carry no payload that could be a tag.
    #[inline(always)]
    pub(crate) const fn float_result(value: f64) -> Value {
        // Arithmetic propagates the payload of a NaN operand and operands are canonical, or makes the default NaN:
        // 0x7FF8… or 0xFFF8…, neither of which is above LAST_DOUBLE.
        Value(value.to_bits())
    }

    /// `true` or `false`.
    #[inline(always)]
    pub const fn bool(value: bool) -> Value {
        Value(IMMEDIATE | (1 + value as u64))
    }

    /// A reference to a heap object.
    #[inline(always)]
    pub(crate) const fn heap(at: Ref) -> Value {
        Value(HEAP | at.0 as u64)
    }

    /// A literal of the node.
    #[inline(always)]
    pub(crate) const fn literal(index: u32) -> Value {
        Value(LITERAL | index as u64)
    }

    /// A function of the node.
    #[inline(always)]
    pub(crate) const fn function(index: u32) -> Value {
        Value(FUNCTION | index as u64)
    }

    /// An atom of the node.
    #[inline(always)]
    pub(crate) const fn atom(index: u32) -> Value {
        Value(ATOM | index as u64)
    }

    /// A process of the node.
    #[inline(always)]
    pub(crate) const fn pid(serial: u64) -> Value {
        Value(PID | serial & PAYLOAD)
    }

    /// The word itself.
    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The value with these bits. For words that were values before.
    #[inline(always)]
    pub(crate) const fn from_bits(bits: u64) -> Value {
        Value(bits)
    }

    /// Whether `if` takes its first branch: everything but `null` and `false`.
    #[inline(always)]
    pub const fn is_truthy(self) -> bool {
        self.0.wrapping_sub(IMMEDIATE) > 1
    }

    /// Whether this is a small int.
    #[inline(always)]
    pub const fn is_int(self) -> bool {
        self.0 >= INT
    }

    /// Whether both are small ints: one AND, one compare.
    #[inline(always)]
    pub const fn both_ints(self, other: Value) -> bool {
        self.0 & other.0 >= INT
    }

    /// The small int's value, if it is one.
    #[inline(always)]
    pub const fn as_int(self) -> Option<i32> {
        if self.is_int() { Some(self.0 as i32) } else { None }
    }

    /// The low 32 bits as an int: meaningful when [`is_int`](Self::is_int).
    #[inline(always)]
    pub(crate) const fn int_bits(self) -> i32 {
        self.0 as i32
    }

    /// Whether this is a float.
    #[inline(always)]
    pub const fn is_float(self) -> bool {
        self.0 <= LAST_DOUBLE
    }

    /// The bits as a double: meaningful when [`is_float`](Self::is_float).
    #[inline(always)]
    pub(crate) const fn float_bits(self) -> f64 {
        f64::from_bits(self.0)
    }

    /// The float's value, if it is one.
    #[inline(always)]
    pub const fn as_float(self) -> Option<f64> {
        if self.is_float() { Some(f64::from_bits(self.0)) } else { None }
    }

    /// `true` or `false`, if it is one of them.
    pub const fn as_bool(self) -> Option<bool> {
        match self {
            Value::TRUE => Some(true),
            Value::FALSE => Some(false),
            _ => None,
        }
    }

    /// The heap object's place, if this is a heap reference.
    #[inline(always)]
    pub(crate) const fn as_heap(self) -> Option<Ref> {
        if self.0 & !PAYLOAD == HEAP { Some(Ref(self.0 as u32)) } else { None }
    }

    /// The heap object's place, or, if this is no heap reference, a number beyond any region: so that the check of the
    /// place against the region's end is the check of the type too.
    #[inline(always)]
    pub(crate) fn place(self) -> usize {
        usize::try_from(self.0.wrapping_sub(HEAP)).unwrap_or(usize::MAX)
    }

    /// The place of a list's elements, for a word that is a reference or, in an empty list, null.
    #[inline(always)]
    pub(crate) const fn as_slots(self) -> Ref {
        Ref(self.0 as u32)
    }

    /// The index, if this is a literal.
    #[inline(always)]
    pub(crate) const fn as_literal(self) -> Option<u32> {
        if self.0 & !PAYLOAD == LITERAL { Some(self.0 as u32) } else { None }
    }

    /// The index, if this is a function of the node.
    #[inline(always)]
    pub(crate) const fn as_function(self) -> Option<u32> {
        if self.0 & !PAYLOAD == FUNCTION { Some(self.0 as u32) } else { None }
    }

    /// The index, if this is an atom.
    #[inline(always)]
    pub(crate) const fn as_atom(self) -> Option<u32> {
        if self.0 & !PAYLOAD == ATOM { Some(self.0 as u32) } else { None }
    }

    /// The serial, if this is a local pid.
    #[inline(always)]
    pub(crate) const fn as_pid(self) -> Option<u64> {
        if self.0 & !PAYLOAD == PID { Some(self.0 & PAYLOAD) } else { None }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Value::NULL => write!(f, "null"),
            Value::TRUE => write!(f, "true"),
            Value::FALSE => write!(f, "false"),
            Value::HOLE => write!(f, "<hole>"),
            v if v.is_int() => write!(f, "{}", v.int_bits()),
            v if v.is_float() => write!(f, "{:?}", v.float_bits()),
            v => write!(f, "<{:04x}:{}>", v.0 >> SHIFT, v.0 & PAYLOAD),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_word() {
        assert_eq!(size_of::<Value>(), 8);
        assert_eq!(size_of::<Option<Ref>>(), 8);
    }

    #[test]
    fn every_double_is_a_float_and_nothing_else() {
        for value in [0.0, -0.0, 1.5, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, f64::MAX, -f64::NAN] {
            let v = Value::float(value);
            assert!(v.is_float() && !v.is_int() && v.as_heap().is_none() && v.is_truthy());
        }
        let foreign = f64::from_bits(0xFFFF_0000_0000_0001);
        assert!(Value::float(foreign).is_float(), "NaNs from outside are made canonical");
        assert!(Value::float_result(f64::INFINITY - f64::INFINITY).is_float());
        assert!(Value::float_result(0.0 * f64::NEG_INFINITY).is_float());
    }

    #[test]
    fn ints_keep_their_sign() {
        for value in [0, 1, -1, i32::MAX, i32::MIN] {
            assert_eq!(Value::int(value).as_int(), Some(value));
            assert!(!Value::int(value).is_float());
        }
        assert!(Value::int(-1).both_ints(Value::int(0)));
        assert!(!Value::int(-1).both_ints(Value::float(-f64::NAN)));
        assert!(!Value::int(-1).both_ints(Value::atom(u32::MAX)));
    }

    #[test]
    fn only_null_and_false_are_falsy() {
        assert!(!Value::NULL.is_truthy() && !Value::FALSE.is_truthy());
        for v in [Value::TRUE, Value::int(0), Value::float(0.0), Value::atom(0), Value::heap(Ref(0))] {
            assert!(v.is_truthy());
        }
    }
}
