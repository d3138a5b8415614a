//! Lists of the parts of maps, and of elements of several iterables.

use super::{arity, wants};
use crate::data::filling::{Next, Source, fill};
use crate::data::{int, iterate, map, tuple};
use crate::heap::{Heap, Kind};
use crate::ops;
use crate::task::Piece;
use crate::trap::Trap;
use crate::value::{Ref, Value};

type Result<T = Value> = std::result::Result<T, Trap>;

/// Words that could be touched while a row is made, and for each of its elements.
const WORDS_A_ROW: usize = 16;

/// Which part of a map's entries.
#[derive(Clone, Copy)]
enum Wanted {
    Keys,
    Values,
    Entries,
}

/// The entries of a map, the only value that is held, from a place on.
struct Entries {
    map: Ref,
    place: usize,
    wanted: Wanted,
}

impl Source for Entries {
    fn count(&mut self, heap: &Heap, _: &[Value], _: Piece) -> Option<usize> {
        Some(map::len(heap, self.map))
    }

    fn next(&mut self, heap: &mut Heap, _: &mut [Value], piece: Piece) -> Result<Next> {
        let (used, Some(slots)) = (map::used(heap, self.map), map::slots(heap, self.map)) else { return Ok(Next::End) };
        while self.place < used {
            heap.spend(2);
            if let Some((key, value)) = map::entry_at(heap, slots, self.place) {
                let element = match self.wanted {
                    Wanted::Keys => key,
                    Wanted::Values => value,
                    Wanted::Entries => {
                        heap.spend(WORDS_A_ROW);
                        tuple::new(heap, &[key, value])?
                    }
                };
                self.place += 1;
                return Ok(Next::Element(element));
            }
            self.place += 1;
            if piece.is_done(heap) {
                return Ok(Next::NotYet);
            }
        }
        Ok(Next::End)
    }
}

fn parts(heap: &mut Heap, name: &str, args: &[Value], wanted: Wanted) -> Result {
    let &[container] = args else { return Err(arity()) };
    match heap.is(container, Kind::Map) {
        Some(map) => fill(heap, Kind::List, &mut [container], Entries { map, place: 0, wanted }, false),
        None => Err(wants(heap, name, "a map", container)),
    }
}

pub(super) fn keys(heap: &mut Heap, args: &[Value]) -> Result {
    parts(heap, "keys", args, Wanted::Keys)
}

pub(super) fn values(heap: &mut Heap, args: &[Value]) -> Result {
    parts(heap, "values", args, Wanted::Values)
}

pub(super) fn entries(heap: &mut Heap, args: &[Value]) -> Result {
    parts(heap, "entries", args, Wanted::Entries)
}

/// Iterators over each argument, in order.
fn iterators(heap: &mut Heap, args: &[Value]) -> Result<Vec<Value>> {
    args.iter().map(|&arg| iterate::start_here(heap, arg)).collect()
}

/// How many elements an iterable has.
fn count(heap: &Heap, iterable: Value) -> usize {
    ops::length(heap, iterable).map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX))
}

/// Tuples of the elements at the same place. What is held: iterators, the elements of the present row, the iterables.
struct Zipped {
    width: usize,
    count: usize,
    /// Elements that the present row has.
    done: usize,
}

impl Source for Zipped {
    fn count(&mut self, _: &Heap, _: &[Value], _: Piece) -> Option<usize> {
        Some(self.count)
    }

    fn next(&mut self, heap: &mut Heap, held: &mut [Value], _: Piece) -> Result<Next> {
        if self.width == 0 {
            return Ok(Next::End);
        }
        while self.done < self.width {
            let Some(element) = iterate::next(heap, held[self.done])? else { return Ok(Next::End) };
            held[self.width + self.done] = element;
            self.done += 1;
            heap.spend(WORDS_A_ROW);
        }
        let row = tuple::new(heap, &held[self.width..2 * self.width])?;
        heap.spend(WORDS_A_ROW);
        self.done = 0;
        Ok(Next::Element(row))
    }
}

pub(super) fn zip(heap: &mut Heap, args: &[Value]) -> Result {
    let mut held = iterators(heap, args)?;
    held.extend_from_slice(args);
    held.extend_from_slice(args);
    let count = args.iter().map(|&arg| count(heap, arg)).min().unwrap_or(0);
    fill(heap, Kind::List, &mut held, Zipped { width: args.len(), count, done: 0 }, false)
}

/// Tuples of number and element. What is held: the iterator, the element that is being taken, the iterable.
struct Numbered {
    count: usize,
    number: i64,
    taken: bool,
}

impl Source for Numbered {
    fn count(&mut self, _: &Heap, _: &[Value], _: Piece) -> Option<usize> {
        Some(self.count)
    }

    fn next(&mut self, heap: &mut Heap, held: &mut [Value], _: Piece) -> Result<Next> {
        if !self.taken {
            let Some(element) = iterate::next(heap, held[0])? else { return Ok(Next::End) };
            held[1] = element;
            self.taken = true;
        }
        let number = int::from_i64(heap, self.number)?;
        let row = tuple::new(heap, &[number, held[1]])?;
        self.number = self.number.checked_add(1).ok_or_else(int::too_large)?;
        self.taken = false;
        heap.spend(2 * WORDS_A_ROW);
        Ok(Next::Element(row))
    }
}

pub(super) fn enumerate(heap: &mut Heap, args: &[Value]) -> Result {
    let number = match args.get(1) {
        Some(&start) => {
            int::as_i64(heap, start).ok_or_else(|| wants(heap, "enumerate", "an int as the start", start))?
        }
        None => 0,
    };
    let iterator = iterate::start_here(heap, args[0])?;
    let count = count(heap, args[0]);
    fill(heap, Kind::List, &mut [iterator, Value::NULL, args[0]], Numbered { count, number, taken: false }, false)
}

/// The elements of several iterables, one after the other. What is held: iterators, and the iterables.
struct Chained {
    count: usize,
    /// The iterator that gives the next element.
    at: usize,
    end: usize,
}

impl Source for Chained {
    fn count(&mut self, _: &Heap, _: &[Value], _: Piece) -> Option<usize> {
        Some(self.count)
    }

    fn next(&mut self, heap: &mut Heap, held: &mut [Value], _: Piece) -> Result<Next> {
        while self.at < self.end {
            heap.spend(WORDS_A_ROW);
            if let Some(element) = iterate::next(heap, held[self.at])? {
                return Ok(Next::Element(element));
            }
            self.at += 1;
        }
        Ok(Next::End)
    }
}

/// A new list or tuple of the elements of all arguments.
pub(super) fn chained(heap: &mut Heap, kind: Kind, args: &[Value]) -> Result {
    let mut held = iterators(heap, args)?;
    held.extend_from_slice(args);
    let count = args.iter().map(|&arg| count(heap, arg)).fold(0, usize::saturating_add);
    fill(heap, kind, &mut held, Chained { count, at: 0, end: args.len() }, false)
}
