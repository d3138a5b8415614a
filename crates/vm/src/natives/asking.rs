//! Natives for the prelude's functions that ask classes: they do all of the work but the asking, on data of any depth.
//!
//! A walk first says who has to be asked, and is then made again with the answers.

use super::general::shown_hash;
use super::{arity, wants};
use crate::data::{elements, hash, list as lists, map, tuple as tuples};
use crate::frozen;
use crate::heap::{Heap, Kind, NoMemory};
use crate::ops::{self, Answer, Equality, Question};
use crate::task::{Piece, Stage, Task, begin};
use crate::trap::Trap;
use crate::value::{Ref, Value};

type Result = std::result::Result<Value, Trap>;

/// The elements of a list.
fn list(heap: &Heap, name: &str, value: Value) -> std::result::Result<Vec<Value>, Trap> {
    match elements(heap, value).filter(|_| heap.is(value, Kind::List).is_some()) {
        Some(words) => Ok(words.iter().map(|&bits| Value::from_bits(bits)).collect()),
        None => Err(wants(heap, name, "a list", value)),
    }
}

fn a_map(heap: &Heap, name: &str, value: Value) -> std::result::Result<Ref, Trap> {
    heap.is(value, Kind::Map).ok_or_else(|| wants(heap, name, "a map", value))
}

/// A hash that Eva was shown.
fn shown(heap: &Heap, name: &str, value: Value) -> std::result::Result<u64, Trap> {
    match value.as_int() {
        Some(hash) => Ok(u64::from(hash as u32) << 32),
        None => Err(wants(heap, name, "a hash", value)),
    }
}

pub(super) fn hash_asks(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, as_key] = args else { return Err(arity()) };
    let asked = hash::asked(heap, value, as_key.is_truthy())?;
    lists::new(heap, &asked)
}

pub(super) fn hash_of(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, answers] = args else { return Err(arity()) };
    let answers = list(heap, "%hash-of", answers)?;
    Ok(shown_hash(hash::with_answers(heap, value, &answers)?))
}

pub(super) fn candidates(heap: &mut Heap, args: &[Value]) -> Result {
    let &[map, hash] = args else { return Err(arity()) };
    let (at, hash) = (a_map(heap, "%candidates", map)?, shown(heap, "%candidates", hash)?);
    let found = map::candidates(heap, at, hash);
    lists::new(heap, &found)
}

pub(super) fn map_get(heap: &mut Heap, args: &[Value]) -> Result {
    let (at, hash) = (a_map(heap, "%map-get", args[0])?, shown(heap, "%map-get", args[2])?);
    match (map::get_same(heap, at, args[1], hash), args.get(3)) {
        (Some(value), _) | (None, Some(&value)) => Ok(value),
        (None, None) => Err(ops::no_key(heap, args[1])),
    }
}

pub(super) fn map_has(heap: &mut Heap, args: &[Value]) -> Result {
    let &[map, key, hash] = args else { return Err(arity()) };
    let (at, hash) = (a_map(heap, "%map-has?", map)?, shown(heap, "%map-has?", hash)?);
    Ok(Value::bool(map::get_same(heap, at, key, hash).is_some()))
}

pub(super) fn map_put(heap: &mut Heap, args: &[Value]) -> Result {
    let &[map, key, hash, value] = args else { return Err(arity()) };
    let (at, hash) = (a_map(heap, "%map-put", map)?, shown(heap, "%map-put", hash)?);
    frozen::check(heap, at)?;
    map::put_same(heap, at, key, hash, value)?;
    Ok(map)
}

pub(super) fn map_remove(heap: &mut Heap, args: &[Value]) -> Result {
    let &[map, key, hash] = args else { return Err(arity()) };
    let (at, hash) = (a_map(heap, "%map-remove", map)?, shown(heap, "%map-remove", hash)?);
    frozen::check(heap, at)?;
    Ok(map::remove_same(heap, at, key, hash).unwrap_or(Value::NULL))
}

pub(super) fn differences(heap: &mut Heap, args: &[Value]) -> Result {
    let &[pairs, seen, as_keys] = args else { return Err(arity()) };
    let (pairs, seen) = (list(heap, "%differences", pairs)?, list(heap, "%differences", seen)?);
    let walk = Equality::asking(&pairs, &seen, as_keys.is_truthy());
    let task = Differences { holds: args.to_vec(), walk };
    begin(heap, task)
}

/// The search for what has to be asked before values are equal.
struct Differences {
    holds: Vec<Value>,
    walk: Equality,
}

impl Task for Differences {
    fn step(&mut self, heap: &mut Heap) -> std::result::Result<Stage, Trap> {
        Ok(match self.walk.go_on(heap, Piece::begin(heap)) {
            None => Stage::More,
            Some(Answer::No) => Stage::Done(Value::NULL),
            Some(Answer::Yes) => Stage::Done(shown_questions(heap, self.walk.questions())?),
            Some(Answer::Asks) => return Err(NoMemory.into()),
        })
    }

    fn holds(&self) -> &[Value] {
        &self.holds
    }
}

fn shown_questions(heap: &mut Heap, questions: &[Question]) -> Result {
    let mut shown = Vec::with_capacity(questions.len());
    for question in questions {
        shown.push(match *question {
            Question::Pair(a, b) => tuples::new(heap, &[a, b])?,
            Question::Maps(a, b) => tuples::new(heap, &[a, b, Value::NULL])?,
            Question::Entry { map, key, hash, value } => tuples::new(heap, &[map, key, shown_hash(hash), value])?,
        });
    }
    lists::new(heap, &shown)
}
