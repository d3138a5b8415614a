//! New lists and tuples whose elements are made one after the other; long ones piece by piece.

use super::{list, tuple};
use crate::heap::{Heap, Kind};
use crate::task::{PIECE, Piece, Stage, Task, at_once};
use crate::trap::{Long, Trap, TrapKind};
use crate::value::{Ref, Value};

/// Elements up to which a list is made at once.
pub(crate) const AT_ONCE: usize = 1_024;

/// What the next element is.
pub(crate) enum Next {
    Element(Value),
    /// It takes long to make, as this trap says.
    Long(Trap),
    /// It is still being looked for: at the end of a piece.
    NotYet,
    /// There are no more.
    End,
}

/// What makes elements.
pub(crate) trait Source: Send + 'static {
    /// How many elements there will be, once that is known: `None` at the end of a piece.
    fn count(&mut self, heap: &Heap, held: &[Value], piece: Piece) -> Option<usize>;

    /// Makes the next element, and spends what that takes. What has no memory is tried again. `held` is what was given for
    /// a collection to keep.
    ///
    /// # Errors
    /// No memory, or an error of the elements.
    fn next(&mut self, heap: &mut Heap, held: &mut [Value], piece: Piece) -> Result<Next, Trap>;
}

/// Makes a list or tuple of what a source gives, at once if there is little of it. If that is known already, nothing is
/// counted first.
///
/// # Errors
/// What the source says; no memory; long work.
pub(crate) fn fill<S: Source>(
    heap: &mut Heap,
    kind: Kind,
    held: &mut [Value],
    mut source: S,
    is_short: bool,
) -> Result<Value, Trap> {
    let mut elements = Vec::new();
    if !is_short {
        let begun = Piece::begin(heap);
        let total = source.count(heap, held, begun);
        if total.is_none_or(|total| total > AT_ONCE) {
            return Err(long(kind, held, source, total));
        }
        elements.reserve(total.unwrap_or(0));
    }
    loop {
        match source.next(heap, held, Piece::ENDLESS)? {
            Next::Element(element) => elements.push(element),
            Next::Long(trap) => {
                let mut long = Some(trap);
                let element = at_once(heap, |_| Err(long.take().unwrap_or_else(Trap::asks)))?;
                elements.push(element);
            }
            Next::NotYet => {}
            Next::End => break,
        }
    }
    if kind == Kind::List { list::new(heap, &elements) } else { tuple::new(heap, &elements) }
}

#[cold]
fn long(kind: Kind, held: &[Value], source: impl Source, total: Option<usize>) -> Trap {
    let held = [&[Value::NULL], held].concat();
    let sources = held.len();
    Trap::long(Filling { kind, source, held, sources, total, cleared: 0, filled: 0, element: None, piece: None })
}

/// A long list or tuple that is being filled.
struct Filling<S> {
    kind: Kind,
    source: S,
    /// The object with the elements, once there is one, what the source needs, and what the element that is being made
    /// does.
    held: Vec<Value>,
    /// How many the first two are.
    sources: usize,
    total: Option<usize>,
    /// The object is plain words until all are null.
    cleared: usize,
    filled: usize,
    /// An element that takes long to make.
    element: Option<Long>,
    /// The piece that a collection interrupted.
    piece: Option<Piece>,
}

impl<S: Source> Filling<S> {
    /// Goes on with the elements: the stage in which that ends, or none if there are no more.
    fn go_on(&mut self, heap: &mut Heap, target: Ref, total: usize) -> Result<Option<Stage>, Trap> {
        let piece = *self.piece.get_or_insert_with(|| Piece::begin(heap));
        while self.filled < total {
            if let Some(long) = &mut self.element {
                let stage = long.0.step(heap);
                self.held.truncate(self.sources);
                self.held.extend_from_slice(long.0.holds());
                match stage? {
                    Stage::Done(element) => {
                        heap.set_value(target, self.filled, element);
                        self.filled += 1;
                        self.held.truncate(self.sources);
                        self.element = None;
                        continue;
                    }
                    Stage::Then(next) => {
                        self.element = Some(next);
                        return Ok(Some(Stage::More));
                    }
                    stage => return Ok(Some(stage)),
                }
            }
            match self.source.next(heap, &mut self.held[1..self.sources], piece)? {
                Next::Long(trap) => match trap.into_kind() {
                    TrapKind::Long(long) => {
                        self.held.extend_from_slice(long.0.holds());
                        self.element = Some(long);
                    }
                    other => return Err(Trap::from(other)),
                },
                Next::Element(element) => {
                    heap.set_value(target, self.filled, element);
                    self.filled += 1;
                }
                Next::NotYet => {}
                Next::End => break,
            }
            if piece.is_done(heap) {
                self.piece = None;
                return Ok(Some(Stage::More));
            }
            if heap.is_full() {
                return Ok(Some(Stage::Full));
            }
        }
        Ok(None)
    }
}

impl<S: Source> Task for Filling<S> {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let Some(total) = self.total else {
            let piece = Piece::begin(heap);
            self.total = self.source.count(heap, &self.held[1..], piece);
            return Ok(Stage::More);
        };
        if total == 0 {
            let empty = if self.kind == Kind::List { list::new(heap, &[]) } else { tuple::new(heap, &[]) };
            return empty.map(Stage::Done);
        }
        let Some(target) = self.held[0].as_heap() else {
            heap.could_hold(total)?;
            if !heap.make_way(total) {
                return Ok(Stage::Grown);
            }
            self.held[0] = Value::heap(heap.alloc_plain(total)?);
            return Ok(Stage::More);
        };
        if self.cleared < total {
            let count = PIECE.min(total - self.cleared);
            heap.payload_mut(target)[self.cleared..self.cleared + count].fill(Value::NULL.bits());
            heap.spend(count);
            self.cleared += count;
            if self.cleared == total {
                heap.become_kind(target, Kind::Slots);
            }
            return Ok(Stage::More);
        }
        if let Some(stage) = self.go_on(heap, target, total)? {
            return Ok(stage);
        }
        if self.kind == Kind::Tuple {
            heap.become_kind(target, Kind::Tuple);
            return Ok(Stage::Done(self.held[0]));
        }
        let list = list::of_slots(heap, target, self.filled)?;
        Ok(Stage::Done(Value::heap(list)))
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}
