//! Natives that go through the elements of an iterable and keep one value: piece by piece.

use crate::data::iterate;
use crate::heap::Heap;
use crate::ops;
use crate::task::{Piece, Stage, Task};
use crate::trap::{Then, Trap};
use crate::value::Value;

/// What becomes of the elements.
pub(super) trait Fold: Send {
    /// The native, whose work the prelude's function of this name does where classes have to be asked.
    const NAME: &'static str;

    /// Takes an element; what is kept is `kept`, null at first. What has no memory is tried again, and so is what is not
    /// done at the end of a piece: then it gives `None`.
    fn take(&mut self, heap: &mut Heap, kept: Value, element: Value, piece: Piece) -> Result<Option<Value>, Trap>;

    /// The native's value.
    fn end(&mut self, heap: &mut Heap, kept: Value) -> Result<Value, Trap>;
}

/// Where the elements come from.
enum Elements {
    Iterator,
    /// What is held, from this place on.
    Arguments(usize),
}

/// Places in what a walk holds.
const ITERATOR: usize = 0;
const ELEMENT: usize = 1;
const KEPT: usize = 2;
const ARGUMENTS: usize = 3;

/// A walk over elements.
pub(super) struct Walk<F: Fold> {
    fold: F,
    elements: Elements,
    /// The iterator, the element that is being taken, what is kept, and the native's arguments.
    held: Vec<Value>,
    taking: bool,
    /// The piece that a collection interrupted.
    piece: Option<Piece>,
}

impl<F: Fold + 'static> Walk<F> {
    /// Goes through the elements of an iterable, the only argument.
    pub(super) fn over(heap: &mut Heap, source: Value, fold: F) -> Result<Value, Trap> {
        let iterator = iterate::start_here(heap, source)?;
        Walk::begin(heap, Elements::Iterator, &[source], iterator, fold)
    }

    /// Goes through the arguments.
    pub(super) fn over_arguments(heap: &mut Heap, arguments: &[Value], fold: F) -> Result<Value, Trap> {
        Walk::begin(heap, Elements::Arguments(ARGUMENTS), arguments, Value::NULL, fold)
    }

    fn begin(
        heap: &mut Heap,
        elements: Elements,
        arguments: &[Value],
        iterator: Value,
        fold: F,
    ) -> Result<Value, Trap> {
        let held = [&[iterator, Value::NULL, Value::NULL], arguments].concat();
        crate::task::begin(heap, Walk { fold, elements, held, taking: false, piece: None })
    }

    fn next(&mut self, heap: &mut Heap) -> Result<Option<Value>, Trap> {
        match &mut self.elements {
            Elements::Iterator => iterate::next(heap, self.held[ITERATOR]),
            Elements::Arguments(at) => {
                *at += 1;
                Ok(self.held.get(*at - 1).copied())
            }
        }
    }

    fn go_on(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let piece = *self.piece.get_or_insert_with(|| Piece::begin(heap));
        loop {
            if !self.taking {
                let Some(element) = self.next(heap)? else {
                    return self.fold.end(heap, self.held[KEPT]).map(Stage::Done);
                };
                self.held[ELEMENT] = element;
                self.taking = true;
            }
            if let Some(kept) = self.fold.take(heap, self.held[KEPT], self.held[ELEMENT], piece)? {
                self.held[KEPT] = kept;
                self.taking = false;
            }
            if piece.is_done(heap) {
                self.piece = None;
                return Ok(Stage::More);
            }
            if heap.is_full() {
                return Ok(Stage::Full);
            }
        }
    }
}

impl<F: Fold + 'static> Task for Walk<F> {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        self.go_on(heap).map_err(|trap| ops::instead(heap, trap, F::NAME, &self.held[ARGUMENTS..], Then::Value))
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}
