//! The search for a key in a map, which can be interrupted: keys that are alike for as far as they are hashed are
//! compared one after the other.

use super::{hash, map};
use crate::heap::{Heap, Kind};
use crate::ops::{Answer, Equality};
use crate::task::Piece;
use crate::value::{Ref, Value};

/// What a search came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is not done.
    NotYet,
    /// The place of the entry.
    Place(usize),
    Nowhere,
    /// What a class defines decides.
    Asks,
}

/// A search for what can be a key.
pub(crate) struct Lookup {
    map: Ref,
    key: Value,
    hash: u64,
    /// Where the index is looked at next; without an index, which place is.
    at: usize,
    /// The comparison with the key there, if that was begun.
    comparing: Option<Equality>,
    asks: bool,
}

impl Lookup {
    /// Begins with a key.
    pub(crate) fn begin(heap: &Heap, map: Ref, key: Value) -> Lookup {
        let asks = hash::classes_count(heap) && hash::check_key(heap, key).is_err_and(|trap| trap.is_asks());
        let (hash, at) = match map::index(heap, map) {
            Some(index) => {
                let hash = hash::of(heap, key);
                (hash, (hash >> 32) as usize & (heap.payload(index).len() - 1))
            }
            None => (0, 0),
        };
        Lookup { map, key, hash, at, comparing: None, asks }
    }

    /// Goes on, to the end of a piece.
    pub(crate) fn go_on(&mut self, heap: &Heap, piece: Piece) -> Found {
        if self.asks {
            return Found::Asks;
        }
        let Some(slots) = map::slots(heap, self.map) else { return Found::Nowhere };
        let index = map::index(heap, self.map);
        loop {
            let place = match index {
                Some(index) => match map::indexed(heap, index, self.at) {
                    None => return Found::Nowhere,
                    Some((tag, place)) if tag == self.hash >> 32 => place,
                    Some(_) => None,
                },
                None if self.at == map::used(heap, self.map) => return Found::Nowhere,
                None => Some(self.at),
            };
            if let Some(place) = place {
                match self.compare(heap, heap.value(slots, place * 2), piece) {
                    None => return Found::NotYet,
                    Some(Answer::Yes) => return Found::Place(place),
                    Some(Answer::Asks) if index.is_some() => return Found::Asks,
                    Some(_) => {}
                }
            }
            self.at += 1;
            if let Some(index) = index {
                self.at &= heap.payload(index).len() - 1;
            }
        }
    }

    /// Whether a key of the map is the one; `None` at the end of a piece.
    fn compare(&mut self, heap: &Heap, there: Value, piece: Piece) -> Option<Answer> {
        let both_tuples = || [there, self.key].iter().all(|&key| heap.is(key, Kind::Tuple).is_some());
        if self.comparing.is_none() && !both_tuples() {
            return Some(map::same_key(heap, there, self.key));
        }
        let mut comparing = self.comparing.take().unwrap_or_else(|| Equality::begin(there, self.key, true));
        let answer = comparing.go_on(heap, piece);
        if answer.is_none() {
            self.comparing = Some(comparing);
        }
        answer
    }
}
