//! Equality. Deep walks use their own stack, remember where they were once they are long, and can be interrupted.

use super::arith::number;
use super::compare::{large_cost, order_numbers};
use super::instead;
use crate::data::lookup::{Found, Lookup};
use crate::data::{bytes, class, elements, hash, map, range, text};
use crate::heap::{Heap, Kind};
use crate::node::{Asked, well_known};
use crate::task::{Piece, Stage, Task};
use crate::trap::{Then, Trap};
use crate::value::{Ref, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Ordering;

/// Words that could be touched while two parts are compared.
pub(super) const WORDS_A_PAIR: usize = 8;

/// Pairs of collections that are compared before visits are remembered.
pub(super) const FREE_STEPS: usize = 256;

/// Elements that are looked at before what is inside them.
pub(super) const AT_ONCE: usize = 1_024;

/// Octets of texts that are compared at once, if more can wait.
pub(super) const OCTETS_AT_ONCE: usize = 1 << 18;

/// `a == b`.
///
/// # Errors
/// The call of what a class defines; long work.
#[inline]
pub fn eq(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a == b);
    }
    decide(heap, a, b, Then::Truth)
}

/// `a != b`.
///
/// # Errors
/// The call of what a class defines; long work.
pub fn ne(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    decide(heap, a, b, Then::NotTruth)
}

/// Whether two values are equal, or are not.
fn decide(heap: &Heap, a: Value, b: Value, then: Then) -> Result<bool, Trap> {
    match shallow(heap, a, b, false) {
        Shallow::Known(known) => Ok(known == (then == Then::Truth)),
        Shallow::Asked => Err(ask(heap, a, b).with_then(then)),
        _ => decide_deep(heap, a, b, then),
    }
}

#[inline(never)]
fn decide_deep(heap: &Heap, a: Value, b: Value, then: Then) -> Result<bool, Trap> {
    let mut walk = Equality::begin(a, b, false);
    match walk.go_on(heap, Piece::begin(heap)) {
        Some(answer) => decided(heap, a, b, answer, then),
        None => Err(Trap::long(Comparison { pair: [a, b], walk, then })),
    }
}

fn decided(heap: &Heap, a: Value, b: Value, answer: Answer, then: Then) -> Result<bool, Trap> {
    match answer {
        Answer::Asks => Err(ask(heap, a, b).with_then(then)),
        answer => Ok((answer == Answer::Yes) == (then == Then::Truth)),
    }
}

/// A comparison that takes long.
struct Comparison {
    pair: [Value; 2],
    walk: Equality,
    then: Then,
}

impl Task for Comparison {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let Some(answer) = self.walk.go_on(heap, Piece::begin(heap)) else { return Ok(Stage::More) };
        let [a, b] = self.pair;
        decided(heap, a, b, answer, self.then).map(|truth| Stage::Done(Value::bool(truth)))
    }

    fn holds(&self) -> &[Value] {
        &self.pair
    }
}

/// The call that decides whether two values are equal: of the left one, of the right one, or for something inside them.
#[cold]
fn ask(heap: &Heap, a: Value, b: Value) -> Trap {
    for (receiver, other) in [(a, b), (b, a)] {
        if let Some(method) = class::instance_method(heap, receiver, well_known::EQUALS) {
            return Trap::call(method, vec![receiver, other], Then::Truth);
        }
    }
    instead(heap, Trap::asks(), "==", &[a, b], Then::Truth)
}

/// Whether one of two values is an instance whose class defines `equals?`.
fn is_asked(heap: &Heap, a: Value, b: Value) -> bool {
    [a, b].iter().any(|&value| class::instance_method(heap, value, well_known::EQUALS).is_some())
}

/// Whether two values are equal, if it needs no walk to say so.
#[inline]
pub(crate) fn equal_soon(heap: &Heap, a: Value, b: Value) -> Option<Answer> {
    if a.both_ints(b) {
        return Some(Answer::from(a == b));
    }
    match shallow(heap, a, b, false) {
        Shallow::Known(known) => Some(Answer::from(known)),
        Shallow::Asked => Some(Answer::Asks),
        _ => None,
    }
}

/// Whether two values are equal, or the same keys: as `==`, and `nan` is itself. However long it takes, it is done at once.
pub(crate) fn equal(heap: &Heap, a: Value, b: Value, as_keys: bool) -> Answer {
    match shallow(heap, a, b, as_keys) {
        Shallow::Known(known) => Answer::from(known),
        Shallow::Asked => Answer::Asks,
        _ => Equality::begin(a, b, as_keys).go_on(heap, Piece::ENDLESS).unwrap_or(Answer::No),
    }
}

/// Whether two values are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    No,
    Yes,
    /// What a class defines decides.
    Asks,
}

impl From<bool> for Answer {
    fn from(equal: bool) -> Answer {
        if equal { Answer::Yes } else { Answer::No }
    }
}

/// What has to be asked before two values are equal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question {
    /// Whether these are, of which one is an instance whose class defines `equals?`.
    Pair(Value, Value),
    /// Two maps with keys that follow as [`Question::Entry`].
    Maps(Value, Value),
    /// Whether a map has a key, with this hash, and there a value that equals this one.
    Entry { map: Value, key: Value, hash: u64, value: Value },
}

/// What comparing two values found without looking at parts.
pub(super) enum Shallow {
    Known(bool),
    /// Two lists or two tuples of the same length.
    Elements(Ref, Ref),
    /// Two maps of the same length.
    Maps(Ref, Ref),
    /// Two long texts, or octets, of the same length.
    Octets,
    /// What a class defines decides.
    Asked,
}

#[inline]
fn shallow(heap: &Heap, a: Value, b: Value, as_keys: bool) -> Shallow {
    if a.is_float() && b.is_float() {
        let (x, y) = (a.float_bits(), b.float_bits());
        return Shallow::Known(x == y || as_keys && x.is_nan() && y.is_nan());
    }
    let (Some(x), Some(y)) = (a.as_heap(), b.as_heap()) else {
        // The same bits that are no float: the same.
        if a == b {
            return Shallow::Known(true);
        }
        let plain = |v: Value| v.as_heap().is_none() && v.as_literal().is_none() && !v.is_float() && !v.is_int();
        if heap.node().classes_define(Asked::EQUALS) && is_asked(heap, a, b) {
            return Shallow::Asked;
        }
        if plain(a) || plain(b) {
            return Shallow::Known(false);
        }
        return scalars(heap, a, b);
    };
    let (kind, other) = (heap.kind(x), heap.kind(y));
    match kind {
        Kind::List | Kind::Tuple if kind == other => {
            let same_len = elements(heap, a).map(<[u64]>::len) == elements(heap, b).map(<[u64]>::len);
            if same_len { Shallow::Elements(x, y) } else { Shallow::Known(false) }
        }
        Kind::Map if kind == other => {
            if map::len(heap, x) == map::len(heap, y) {
                Shallow::Maps(x, y)
            } else {
                Shallow::Known(false)
            }
        }
        // Copies of a class are that class.
        Kind::Class if kind == other => Shallow::Known(class::same(heap, x, y)),
        Kind::Range if kind == other => {
            Shallow::Known(range::read(heap, x).content() == range::read(heap, y).content())
        }
        _ if a == b && (as_keys || kind != Kind::Instance) => Shallow::Known(true),
        _ if heap.node().classes_define(Asked::EQUALS) && is_asked(heap, a, b) => Shallow::Asked,
        _ if a == b => Shallow::Known(true),
        _ => scalars(heap, a, b),
    }
}

/// The octets of two texts of as many octets and code points, or of two bytes of the same length.
fn octets(heap: &Heap, a: Value, b: Value) -> Option<(&[u8], &[u8])> {
    if let Some(x) = text::view(heap, a) {
        return text::view(heap, b)
            .filter(|y| x.chars == y.chars && x.bytes.len() == y.bytes.len())
            .map(|y| (x.bytes, y.bytes));
    }
    let (x, y) = (bytes::view(heap, a)?, bytes::view(heap, b)?);
    (x.len() == y.len()).then_some((x, y))
}

/// Equality of strings, bytes, refs and numbers, not both of them floats.
pub(super) fn scalars(heap: &Heap, a: Value, b: Value) -> Shallow {
    if let Some((x, y)) = octets(heap, a, b) {
        if x.len() > OCTETS_AT_ONCE {
            return Shallow::Octets;
        }
        heap.spend(x.len() / 16);
        return Shallow::Known(x == y);
    }
    if let Some(x) = number(heap, a) {
        heap.spend(large_cost(&x));
        return Shallow::Known(number(heap, b).is_some_and(|y| order_numbers(&x, &y) == Some(Ordering::Equal)));
    }
    match (heap.is(a, Kind::Reference), heap.is(b, Kind::Reference)) {
        (Some(x), Some(y)) => Shallow::Known(heap.word(x, 0) == heap.word(y, 0)),
        _ => Shallow::Known(false),
    }
}

/// Which collections have been found, or are being found, equal: classes joined pair by pair, so that cyclic and shared
/// data cost no more than their size.
#[derive(Default)]
pub(super) struct Classes {
    steps: usize,
    parent: FxHashMap<Ref, Ref>,
    with_itself: FxHashSet<Ref>,
}

impl Classes {
    fn root(&mut self, mut at: Ref) -> Ref {
        while let Some(&up) = self.parent.get(&at) {
            if let Some(&above) = self.parent.get(&up) {
                self.parent.insert(at, above);
            }
            at = up;
        }
        at
    }

    /// Whether this pair of so many parts needs no more comparing; if it does, it counts as equal from now on.
    pub(super) fn known(&mut self, a: Ref, b: Ref, parts: usize) -> bool {
        self.steps += 1 + parts;
        if self.steps < FREE_STEPS {
            return false;
        }
        if a == b {
            // Not trivial: `nan` does not equal itself.
            return !self.with_itself.insert(a);
        }
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parent.insert(a, b);
        }
        a == b
    }
}

/// What is still to be compared.
enum Item {
    Pair(Value, Value),
    /// Long texts, or octets, from an index on.
    Octets(Value, Value, usize),
    /// The elements of two lists or two tuples of the same length, from an index on.
    Elements(Value, Value, u32),
    Entries(Box<Entries>),
}

/// The entries of a map that are to be found in another.
struct Entries {
    left: Ref,
    right: Ref,
    /// The place of the next one.
    place: usize,
    /// How many there were before it.
    number: usize,
    lookup: Option<Lookup>,
    /// Whether it was noted that classes decide about keys; and the hashes of all keys, if only the map knows them.
    asked: bool,
    hashes: Option<Vec<u64>>,
}

/// A comparison that can be interrupted.
pub(crate) struct Equality {
    work: Vec<Item>,
    classes: Classes,
    as_keys: bool,
    /// What classes decide is noted here, and taken for equal; without this a walk ends there.
    questions: Option<Vec<Question>>,
}

/// Words that a question takes in the heap at least.
const WORDS_A_QUESTION: usize = 4;

impl Equality {
    /// Of two values; as keys, `nan` is itself.
    pub(crate) fn begin(a: Value, b: Value, as_keys: bool) -> Equality {
        Equality { work: vec![Item::Pair(a, b)], classes: Classes::default(), as_keys, questions: None }
    }

    /// Of pairs of values, in order, to find what has to be asked before they are equal. `seen` are maps, left and right in
    /// turn, about which was asked before.
    pub(crate) fn asking(pairs: &[Value], seen: &[Value], as_keys: bool) -> Equality {
        let mut classes = Classes::default();
        for pair in seen.chunks_exact(2) {
            classes.steps = FREE_STEPS;
            if let (Some(a), Some(b)) = (pair[0].as_heap(), pair[1].as_heap()) {
                classes.known(a, b, 0);
            }
        }
        let work = pairs.chunks_exact(2).rev().map(|pair| Item::Pair(pair[0], pair[1])).collect();
        Equality { work, classes, as_keys, questions: Some(Vec::new()) }
    }

    /// What has to be asked, once the answer is yes.
    pub(crate) fn questions(&self) -> &[Question] {
        self.questions.as_deref().unwrap_or_default()
    }

    /// Goes on; `None` at the end of a piece. With questions it asks only if there are too many.
    pub(crate) fn go_on(&mut self, heap: &Heap, piece: Piece) -> Option<Answer> {
        while let Some(item) = self.work.pop() {
            let refused = match item {
                Item::Pair(a, b) => self.pair(heap, a, b),
                Item::Octets(a, b, at) => {
                    let (x, y) = octets(heap, a, b).unwrap_or_default();
                    let end = at.saturating_add(OCTETS_AT_ONCE).min(x.len());
                    heap.spend((end - at) / 16);
                    if end < x.len() {
                        self.work.push(Item::Octets(a, b, end));
                    }
                    if x[at..end] == y[at..end] { Ok(()) } else { Err(Answer::No) }
                }
                Item::Elements(a, b, at) => self.elements(heap, a, b, at as usize),
                Item::Entries(entries) => self.entries(heap, entries, piece),
            };
            if let Err(answer) = refused {
                return Some(answer);
            }
            if piece.is_done(heap) {
                return None;
            }
        }
        Some(Answer::Yes)
    }

    /// Notes a question, if there is room for it.
    fn ask(&mut self, heap: &Heap, question: Question) -> Result<(), Answer> {
        match &mut self.questions {
            // They are gathered outside of the heap, but will be shown in it.
            Some(questions) if heap.could_hold(questions.len() * WORDS_A_QUESTION).is_ok() => {
                questions.push(question);
                Ok(())
            }
            _ => Err(Answer::Asks),
        }
    }

    fn pair(&mut self, heap: &Heap, a: Value, b: Value) -> Result<(), Answer> {
        match shallow(heap, a, b, self.as_keys) {
            Shallow::Known(true) => {}
            Shallow::Known(false) => return Err(Answer::No),
            Shallow::Asked => return self.ask(heap, Question::Pair(a, b)),
            Shallow::Octets => self.work.push(Item::Octets(a, b, 0)),
            Shallow::Elements(x, y) => {
                if !self.classes.known(x, y, elements(heap, a).map_or(0, <[u64]>::len)) {
                    heap.spend(WORDS_A_PAIR);
                    self.work.push(Item::Elements(a, b, 0));
                }
            }
            Shallow::Maps(left, right) => {
                if !self.classes.known(left, right, map::len(heap, left)) {
                    heap.spend(4 * WORDS_A_PAIR);
                    let entries =
                        Entries { left, right, place: 0, number: 0, lookup: None, asked: false, hashes: None };
                    self.work.push(Item::Entries(Box::new(entries)));
                }
            }
        }
        Ok(())
    }

    fn elements(&mut self, heap: &Heap, a: Value, b: Value, at: usize) -> Result<(), Answer> {
        let (xs, ys) = (elements(heap, a).unwrap_or(&[]), elements(heap, b).unwrap_or(&[]));
        let end = at.saturating_add(AT_ONCE).min(xs.len());
        heap.spend((end - at) * WORDS_A_PAIR);
        if end < xs.len() {
            self.work.push(Item::Elements(a, b, end as u32));
        }
        let first = self.work.len();
        for (&x, &y) in xs[at..end].iter().zip(&ys[at..end]) {
            let (x, y) = (Value::from_bits(x), Value::from_bits(y));
            match shallow(heap, x, y, self.as_keys) {
                Shallow::Known(true) => {}
                Shallow::Known(false) => return Err(Answer::No),
                _ => self.work.push(Item::Pair(x, y)),
            }
        }
        self.work[first..].reverse();
        Ok(())
    }

    fn entries(&mut self, heap: &Heap, mut entries: Box<Entries>, piece: Piece) -> Result<(), Answer> {
        let Entries { left, right, .. } = *entries;
        let mut pairs = Vec::new();
        let used = map::used(heap, left);
        while entries.place < used && pairs.len() < AT_ONCE && !piece.is_done(heap) {
            let Some((key, value)) = map::slots(heap, left).and_then(|slots| map::entry_at(heap, slots, entries.place))
            else {
                heap.spend(2);
                entries.place += 1;
                continue;
            };
            let mut lookup = entries.lookup.take().unwrap_or_else(|| Lookup::begin(heap, right, key));
            match lookup.go_on(heap, piece) {
                Found::NotYet => {
                    entries.lookup = Some(lookup);
                    break;
                }
                Found::Place(place) => match map::slots(heap, right).and_then(|at| map::entry_at(heap, at, place)) {
                    Some((_, other)) => pairs.push(Item::Pair(value, other)),
                    None => return Err(Answer::No),
                },
                Found::Asks => {
                    if !std::mem::replace(&mut entries.asked, true) {
                        self.ask(heap, Question::Maps(Value::heap(left), Value::heap(right)))?;
                        entries.hashes = map::hashes(heap, left);
                    }
                    let known = entries.hashes.as_ref().map(|hashes| hashes[entries.number]);
                    let hash = known.unwrap_or_else(|| hash::of(heap, key));
                    self.ask(heap, Question::Entry { map: Value::heap(right), key, hash, value })?;
                }
                Found::Nowhere => return Err(Answer::No),
            }
            heap.spend(4 * WORDS_A_PAIR);
            entries.place += 1;
            entries.number += 1;
        }
        if entries.place < used {
            self.work.push(Item::Entries(entries));
        }
        self.work.extend(pairs.into_iter().rev());
        Ok(())
    }
}
