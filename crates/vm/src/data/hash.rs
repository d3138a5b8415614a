//! Hashing that agrees with `==`, and what may be a key.
//!
//! Walks are bounded: of a large value only the first [`BUDGET`] parts are hashed, so cyclic data and tuples that share
//! parts cost no more than plain ones. Of a long text or bytes both ends and the length are hashed.
//!
//! An instance whose class defines `hash` answers for itself, which only Eva can ask. So the prelude first wants to know
//! who is to be asked ([`asked`]), and then the hash with the answers ([`with_answers`]). Of a hash only the upper half is
//! used, the `int` that Eva sees: so an instance can have the hash of what it equals.

use crate::data::{class, int, map, range, text};
use crate::heap::{Heap, Kind};
use crate::node::{Asked, Literal, well_known};
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use foldhash::fast::FixedState;
use num_bigint::{BigInt, Sign};
use rustc_hash::FxHashSet;
use std::hash::{BuildHasher, Hasher};

/// Parts of a value that are hashed.
const BUDGET: usize = 512;
/// Octets of a long text, or of bytes, that are hashed at each end.
const HASHED_AT_EACH_END: usize = 1 << 18;
/// Parts that are walked before visits are remembered.
const FREE_STEPS: usize = 256;

/// The seed of this heap's hashes.
#[inline(always)]
pub(crate) fn seed(heap: &Heap) -> u64 {
    heap.node().seed()
}

#[inline(always)]
fn mix(seed: u64, word: u64) -> u64 {
    let product = (word ^ seed) as u128 * 0xA076_1D64_78BD_642F;
    (product as u64) ^ (product >> 64) as u64
}

#[inline(always)]
fn of_i64(seed: u64, value: i64) -> u64 {
    mix(seed, value as u64)
}

fn of_big(seed: u64, value: &BigInt) -> u64 {
    let start = mix(seed, 0xB16 + (value.sign() == Sign::Minus) as u64);
    value.iter_u64_digits().fold(start, mix)
}

fn of_int(seed: u64, value: &int::Int<'_>) -> u64 {
    match value {
        int::Int::Small(small) => of_i64(seed, *small),
        int::Int::Big(big) => of_big(seed, big),
    }
}

fn of_float(seed: u64, value: f64) -> u64 {
    if value.is_nan() {
        return mix(seed, 0x7FF8 << 48);
    }
    match int::from_whole_float(value) {
        Some(int) => of_int(seed, &int),
        None => mix(seed, value.to_bits()),
    }
}

fn of_octets(heap: &Heap, salt: u64, bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(seed(heap)).build_hasher();
    if bytes.len() <= 2 * HASHED_AT_EACH_END {
        heap.spend(bytes.len() / 16);
        hasher.write(bytes);
    } else {
        heap.spend(HASHED_AT_EACH_END / 8);
        hasher.write(&bytes[..HASHED_AT_EACH_END]);
        hasher.write(&bytes[bytes.len() - HASHED_AT_EACH_END..]);
        hasher.write_usize(bytes.len());
    }
    hasher.finish() ^ salt
}

/// The hash of a small int, atom or whatever else is neither a float nor an object nor a literal; no other.
#[inline(always)]
pub(crate) fn of_plain(heap: &Heap, value: Value) -> Option<u64> {
    if value.is_int() {
        return Some(of_i64(seed(heap), i64::from(value.int_bits())));
    }
    let plain = !value.is_float() && value.as_heap().is_none() && value.as_literal().is_none();
    plain.then(|| mix(seed(heap), value.bits()))
}

/// The hash of what has no parts; `None` for a tuple, list or map.
#[inline]
fn of_scalar(heap: &Heap, value: Value) -> Option<u64> {
    if let Some(hash) = of_plain(heap, value) {
        return Some(hash);
    }
    if value.is_float() {
        return Some(of_float(seed(heap), value.float_bits()));
    }
    of_object(heap, value)
}

#[inline(never)]
fn of_object(heap: &Heap, value: Value) -> Option<u64> {
    let seed = seed(heap);
    if let Some(text) = text::view(heap, value) {
        return Some(of_octets(heap, 0, text.bytes));
    }
    if let Some(int) = int::view(heap, value) {
        return Some(of_int(seed, &int));
    }
    match value.as_heap() {
        None => match heap.literal(value) {
            Some(Literal::Bytes(bytes)) => Some(of_octets(heap, 1, bytes)),
            _ => Some(mix(seed, value.bits())),
        },
        Some(at) => match heap.kind(at) {
            Kind::Tuple | Kind::List | Kind::Map => None,
            Kind::Bytes | Kind::Blob => crate::data::bytes::view(heap, value).map(|bytes| of_octets(heap, 1, bytes)),
            Kind::Reference => Some(mix(seed, heap.word(at, 0))),
            Kind::Class => Some(mix(seed, class::id(heap, at))),
            Kind::Range => {
                let (len, start, step) = range::read(heap, at).content();
                Some(mix(mix(mix(seed, len), start as u64), step as u64))
            }
            _ => Some(mix(seed, heap.identity(at).bits())),
        },
    }
}

/// The hash of any value, whatever its classes define.
pub(crate) fn of(heap: &Heap, value: Value) -> u64 {
    match of_scalar(heap, value) {
        Some(hash) => hash,
        None => of_parts(heap, value, |_| None),
    }
}

/// What a class that defines `equals?` or `hash` makes of an instance of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    /// Its identity.
    Identity,
    /// Its `hash` answers; and whether it has `equals?` too.
    Answers(bool),
    /// It has `equals?` without `hash`.
    Nothing,
}

/// Whether some class of the node has a say in hashes.
#[inline]
pub(super) fn classes_count(heap: &Heap) -> bool {
    heap.node().classes_define(Asked::EQUALS | Asked::HASH)
}

/// What the class of a value says of its hash.
#[inline]
fn own(heap: &Heap, value: Value) -> Own {
    if !classes_count(heap) || heap.is(value, Kind::Instance).is_none() {
        return Own::Identity;
    }
    let equals = class::instance_method(heap, value, well_known::EQUALS).is_some();
    match class::instance_method(heap, value, well_known::HASH) {
        Some(_) => Own::Answers(equals),
        None if equals => Own::Nothing,
        None => Own::Identity,
    }
}

#[cold]
fn one_alone(heap: &Heap, instance: Value, as_key: bool) -> Trap {
    let who = class::name_of(heap, instance).unwrap_or_default();
    let (has, lacks) = match own(heap, instance) {
        Own::Nothing => ("equals?", "hash"),
        _ => ("hash", "equals?"),
    };
    let what = if as_key { "cannot be a map's key" } else { "has no hash" };
    ops::type_error(format!("{who} {what}: its class defines `{has}` but not `{lacks}`"))
}

/// The instances whose `hash` has to be asked for the hash of a value, in the order in which the walk meets them.
///
/// # Errors
/// `:type-error` where a class defines `equals?` without `hash`; of a key, what cannot be one.
pub(crate) fn asked(heap: &Heap, value: Value, as_key: bool) -> Result<Vec<Value>, Trap> {
    if as_key
        && let Err(trap) = check_key(heap, value)
        && !trap.is_asks()
    {
        return Err(trap);
    }
    let mut asked = Vec::new();
    if !classes_count(heap) {
        return Ok(asked);
    }
    let mut refused = None;
    let mut look = |instance| {
        match own(heap, instance) {
            Own::Identity => return None,
            Own::Answers(_) => asked.push(instance),
            Own::Nothing => refused = Some(instance),
        }
        Some(0)
    };
    if of_scalar(heap, value).is_some() {
        look(value);
    } else {
        of_parts(heap, value, look);
    }
    match refused {
        Some(instance) => Err(one_alone(heap, instance, as_key)),
        None => Ok(asked),
    }
}

/// The hash of a value with the answers of those who were [`asked`], of which the upper half counts.
///
/// # Errors
/// `:type-error` for an answer that is no int.
pub(crate) fn with_answers(heap: &Heap, value: Value, answers: &[Value]) -> Result<u64, Trap> {
    if let Some(&wrong) = answers.iter().find(|&&answer| !int::is_int(heap, answer)) {
        return Err(ops::type_error(format!("a class's `hash` gives an int, not {}", ops::describe(heap, wrong))));
    }
    let mut answers = answers.iter().map(|&answer| match answer.as_int() {
        Some(small) => u64::from(small as u32) << 32,
        None => of(heap, answer),
    });
    let mut answer = |instance| if own(heap, instance) == Own::Identity { None } else { answers.next() };
    Ok(match of_scalar(heap, value) {
        Some(hash) => answer(value).unwrap_or(hash),
        None => of_parts(heap, value, answer),
    })
}

/// Hashes what has parts. `answer` gives the hash of an instance that answers for itself.
fn of_parts(heap: &Heap, value: Value, mut answer: impl FnMut(Value) -> Option<u64>) -> u64 {
    let mut hash = mix(seed(heap), 0x7EA7);
    let mut work = vec![value];
    let mut budget = BUDGET;
    while let Some(value) = work.pop() {
        if let Some(scalar) = of_scalar(heap, value) {
            let scalar =
                if heap.is(value, Kind::Instance).is_some() { answer(value).unwrap_or(scalar) } else { scalar };
            hash = mix(hash, scalar >> 32);
            continue;
        }
        let Some(at) = value.as_heap() else { continue };
        let kind = heap.kind(at);
        if kind == Kind::Map {
            // In any order: the sum over the keys and values that have no parts and do not answer for themselves.
            let plain = |value| of_scalar(heap, value).filter(|_| own(heap, value) == Own::Identity);
            let len = map::len(heap, at);
            let mut sum = len as u64;
            if len <= budget {
                budget -= len;
                heap.spend(len * 4);
                for (key, value) in map::entries(heap, at) {
                    sum = sum.wrapping_add(mix(plain(key).unwrap_or(1), plain(value).unwrap_or(2)));
                }
            }
            hash = mix(hash, sum ^ kind as u64);
            continue;
        }
        let elements = crate::data::elements(heap, value).unwrap_or(&[]);
        hash = mix(hash, (elements.len() as u64) << 8 | kind as u64);
        let taken = elements.len().min(budget);
        budget -= taken;
        heap.spend(taken * 4);
        work.extend(elements[..taken].iter().rev().map(|&bits| Value::from_bits(bits)));
    }
    hash
}

/// The hash of a key.
///
/// # Errors
/// As [`check_key`].
#[inline]
pub(crate) fn of_key(heap: &Heap, key: Value) -> Result<u64, Trap> {
    check_key(heap, key)?;
    Ok(of(heap, key))
}

/// Whether a value may be a key, and one that natives can hash and compare.
///
/// # Errors
/// `:type-error` for a list, a map, an instance whose class defines `equals?` or `hash` alone, or a tuple that holds one;
/// else [`Trap::asks`] for an instance whose class defines both, or a tuple that holds one.
#[inline]
pub(crate) fn check_key(heap: &Heap, key: Value) -> Result<(), Trap> {
    let Some(at) = key.as_heap() else { return Ok(()) };
    match heap.kind(at) {
        Kind::Tuple | Kind::List | Kind::Map => check_parts(heap, key),
        Kind::Instance if classes_count(heap) => check_parts(heap, key),
        _ => Ok(()),
    }
}

fn check_parts(heap: &Heap, key: Value) -> Result<(), Trap> {
    let mut work = vec![key];
    let mut seen = FxHashSet::default();
    let mut steps = 0;
    let mut asks = false;
    while let Some(part) = work.pop() {
        let Some(at) = part.as_heap() else { continue };
        match heap.kind(at) {
            Kind::Tuple => {
                steps += 1 + heap.payload(at).len();
                if steps < FREE_STEPS || seen.insert(at) {
                    heap.spend(heap.payload(at).len());
                    work.extend(heap.payload(at).iter().map(|&bits| Value::from_bits(bits)));
                }
            }
            Kind::List | Kind::Map => {
                let what = ops::describe(heap, part);
                let message = if part == key {
                    format!("{what} cannot be a map's key, since it can change")
                } else {
                    format!("a tuple that holds {what} cannot be a map's key, since it can change")
                };
                return Err(Trap::error(ErrorKind::Type, message));
            }
            Kind::Instance => match own(heap, part) {
                Own::Identity => {}
                Own::Answers(true) => asks = true,
                _ => return Err(one_alone(heap, part, true)),
            },
            _ => {}
        }
    }
    if asks { Err(Trap::asks()) } else { Ok(()) }
}
