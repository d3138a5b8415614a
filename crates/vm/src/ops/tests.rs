//! Operations against a model, over the ints where one form ends and the next begins.

use crate::data::{hash, int, list, map, text};
use crate::heap::{Heap, Kind};
use crate::node::Node;
use crate::ops;
use crate::task::Piece;
use crate::trap::Trap;
use crate::value::Value;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

fn interesting() -> Vec<BigInt> {
    let mut ints = Vec::new();
    for bits in [0, 1, 15, 30, 31, 32, 33, 47, 52, 53, 54, 62, 63, 64, 65, 127, 128, 200] {
        for offset in -2..=2 {
            let int = (BigInt::from(1) << bits) + offset;
            ints.push(-&int);
            ints.push(int);
        }
    }
    ints.push(BigInt::from(10).pow(30));
    ints
}

fn read(heap: &Heap, value: Value) -> BigInt {
    int::view(heap, value).unwrap().big().into_owned()
}

/// Whether an int has its only form.
fn assert_normal(heap: &Heap, value: Value) {
    let big = read(heap, value);
    let form = value.as_heap().map(|at| heap.kind(at));
    let expected = match (big.to_i32(), big.to_i64()) {
        (Some(_), _) => None,
        (None, Some(_)) => Some(Kind::Int64),
        _ => Some(Kind::BigInt),
    };
    assert_eq!(form, expected, "{big}");
}

/// The order of two values that are not long.
fn order(heap: &Heap, a: Value, b: Value) -> Option<Ordering> {
    match ops::compare(heap, "<", a, b, Piece::ENDLESS) {
        Ok(ops::Compared::Order(order)) => order,
        _ => panic!("they have an order"),
    }
}

#[test]
fn int_operations_agree_with_a_model() {
    type Op = fn(&mut Heap, Value, Value) -> Result<Value, Trap>;
    type Model = fn(&BigInt, &BigInt) -> Option<BigInt>;
    let operations: [(&str, Op, Model); 9] = [
        ("+", ops::add, |x, y| Some(x + y)),
        ("-", ops::sub, |x, y| Some(x - y)),
        ("*", ops::mul, |x, y| Some(x * y)),
        ("div", ops::int_div, |x, y| (!y.is_zero()).then(|| x.div_floor(y))),
        ("%", ops::modulo, |x, y| (!y.is_zero()).then(|| x.mod_floor(y))),
        ("&", ops::bit_and, |x, y| Some(x & y)),
        ("|", ops::bit_or, |x, y| Some(x | y)),
        ("^", ops::bit_xor, |x, y| Some(x ^ y)),
        (">>", ops::shr, |x, y| {
            (!y.is_negative()).then(|| match y.to_u64().filter(|&bits| bits < 10_000) {
                Some(bits) => x >> bits,
                None => BigInt::from(if x.is_negative() { -1 } else { 0 }),
            })
        }),
    ];
    let mut heap = Heap::new(Node::new(), 1 << 28);
    let ints = interesting();
    let values: Vec<Value> = ints.iter().map(|int| int::from_big(&mut heap, int).unwrap()).collect();
    for (x, &a) in ints.iter().zip(&values) {
        for (y, &b) in ints.iter().zip(&values) {
            for (name, op, model) in operations {
                let result = op(&mut heap, a, b);
                match (result, model(x, y)) {
                    (Ok(value), Some(expected)) => {
                        assert_eq!(read(&heap, value), expected, "{x} {name} {y}");
                        assert_normal(&heap, value);
                    }
                    (Err(_), None) => {}
                    (result, expected) => panic!("{x} {name} {y}: {result:?}, not {expected:?}"),
                }
            }
            if !y.is_zero() {
                let quotient = ops::div(&mut heap, a, b).unwrap();
                if (x % y).is_zero() {
                    assert_eq!(read(&heap, quotient), x / y);
                } else {
                    assert_eq!(quotient.as_float(), int::ratio(x, y), "{x} / {y}");
                }
            }
            assert_eq!(ops::eq(&heap, a, b).unwrap(), x == y);
            assert_eq!(ops::lt(&heap, a, b).unwrap(), x < y);
            assert_eq!(ops::ge(&heap, a, b).unwrap(), x >= y);
            // A shift to the left only by what stays small enough.
            if let Some(bits) = y.to_u64().filter(|&bits| bits < 1000) {
                let shifted = ops::shl(&mut heap, a, b).unwrap();
                assert_eq!(read(&heap, shifted), x << bits, "{x} << {y}");
            }
        }
        let negated = ops::neg(&mut heap, a).unwrap();
        assert_eq!(read(&heap, negated), -x);
        assert_normal(&heap, negated);
        let flipped = ops::bit_not(&mut heap, a).unwrap();
        assert_eq!(read(&heap, flipped), -x - 1);
        assert_normal(&heap, flipped);
    }
}

#[test]
fn ints_and_floats_compare_exactly_and_hash_alike() {
    let mut heap = Heap::new(Node::new(), 1 << 26);
    let ints = interesting();
    let floats: Vec<f64> = ints
        .iter()
        .filter_map(int::to_f64)
        .flat_map(|float| [float, float.next_up(), float.next_down(), float + 0.5])
        .chain([f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 5e-324, f64::MAX, f64::MIN])
        .collect();
    for x in &ints {
        let a = int::from_big(&mut heap, x).unwrap();
        for &y in &floats {
            let b = Value::float(y);
            // The model: against the whole part, and what is left over decides between equals.
            let expected = if y.is_infinite() {
                0.0.partial_cmp(&y).unwrap()
            } else {
                let whole = num_traits::FromPrimitive::from_f64(y.floor()).unwrap();
                match x.cmp(&whole) {
                    Ordering::Equal if y > y.floor() => Ordering::Less,
                    other => other,
                }
            };
            assert_eq!(order(&heap, a, b), Some(expected), "{x} and {y}");
            assert_eq!(order(&heap, b, a), Some(expected.reverse()), "{x} and {y}");
            let equal = expected == Ordering::Equal;
            assert_eq!(ops::eq(&heap, a, b).unwrap(), equal);
            if equal {
                assert_eq!(hash::of(&heap, a), hash::of(&heap, b), "{x} and {y}");
            }
        }
    }
}

#[test]
fn operations_without_memory_change_nothing() {
    let mut heap = Heap::new(Node::new(), 64 * 1024);
    let mut string =
        text::make(&mut heap, "start, and somewhat longer than what is kept without a buffer at all").unwrap();
    let list = list::new(&mut heap, &[string]).unwrap();
    let entries = map::new(&mut heap).unwrap();
    ops::put(&mut heap, entries, Value::int(0), list).unwrap();
    let piece = text::make(&mut heap, "piece").unwrap();
    let mut appended = 0;
    loop {
        let before = text::view(&heap, string).unwrap().as_str().to_owned();
        match ops::add(&mut heap, string, piece) {
            Ok(longer) => string = longer,
            Err(_) => {
                assert_eq!(text::view(&heap, string).unwrap().as_str(), before);
                break;
            }
        }
        appended += 1;
    }
    assert!(appended > 100);
    // Full: whatever still fits is done, the rest leaves the collections as they were.
    let mut pushed = 1;
    while ops::push(&mut heap, list, Value::int(1)).is_ok() {
        pushed += 1;
    }
    let mut put = 1;
    while ops::put(&mut heap, entries, Value::int(put), Value::NULL).is_ok() {
        put += 1;
    }
    assert_eq!(ops::length(&heap, list), Some(pushed));
    assert_eq!(ops::length(&heap, entries), Some(put as u64));
    assert!(!ops::eq(&heap, list, entries).unwrap());
    heap.check();
}
