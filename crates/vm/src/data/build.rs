//! New lists and tuples of elements that are known, or easily told; long ones are made piece by piece.

use super::{elements, list};
use crate::heap::{Heap, Kind};
use crate::task::{PIECE, Stage, Task};
use crate::trap::Trap;
use crate::value::{Ref, Value};
use smallvec::SmallVec;

/// A part of a list or tuple.
pub(crate) struct Part {
    source: Value,
    start: usize,
    len: usize,
    /// The elements of the parts before it.
    before: usize,
}

/// Where the elements come from.
pub(crate) enum Source {
    /// Mostly one or two.
    Parts(SmallVec<[Part; 2]>),
    /// A list or tuple, back to front.
    Reversed(Value),
    /// The same value so many times.
    Same(Value, usize),
    /// Ints: the first, the distance to the next, and how many.
    Ints(i32, i32, usize),
}

impl Source {
    /// Parts of lists and tuples: of which, the first element and how many.
    pub(crate) fn parts(parts: impl IntoIterator<Item = (Value, usize, usize)>) -> Source {
        let mut before = 0;
        let placed = parts.into_iter().map(|(source, start, len)| {
            before += len;
            Part { source, start, len, before: before - len }
        });
        Source::Parts(placed.collect())
    }

    /// How many elements there are.
    fn len(&self, heap: &Heap) -> usize {
        match self {
            Source::Parts(parts) => parts.last().map_or(0, |last| last.before + last.len),
            Source::Reversed(value) => elements(heap, *value).map_or(0, <[u64]>::len),
            Source::Same(_, count) | Source::Ints(_, _, count) => *count,
        }
    }

    /// Writes elements from an index on into an object: as many as are asked for.
    fn write(&self, heap: &mut Heap, target: Ref, from: usize, count: usize) {
        match self {
            Source::Parts(parts) => {
                let mut done = 0;
                for part in &parts[parts.partition_point(|part| part.before + part.len <= from)..] {
                    let first = from + done - part.before;
                    let now = (part.len - first).min(count - done);
                    if let Some(source) = words(heap, part.source) {
                        heap.copy_words(source, part.start + first, target, from + done, now);
                    }
                    done += now;
                    if done == count {
                        break;
                    }
                }
            }
            Source::Reversed(value) => {
                let len = elements(heap, *value).map_or(0, <[u64]>::len);
                if let Some(source) = words(heap, *value) {
                    heap.copy_words(source, len - from - count, target, from, count);
                    heap.payload_mut(target)[from..from + count].reverse();
                }
            }
            Source::Same(value, _) => heap.payload_mut(target)[from..from + count].fill(value.bits()),
            Source::Ints(start, step, _) => {
                for (index, word) in heap.payload_mut(target)[from..from + count].iter_mut().enumerate() {
                    *word = Value::int(start.wrapping_add(step.wrapping_mul((from + index) as i32))).bits();
                }
            }
        }
    }
}

/// The object whose payload begins with the elements of a list or tuple.
fn words(heap: &Heap, value: Value) -> Option<Ref> {
    let at = value.as_heap()?;
    if heap.kind(at) == Kind::List { list::slots(heap, at) } else { Some(at) }
}

/// A new list or tuple.
///
/// # Errors
/// No memory; long work.
pub(crate) fn build(heap: &mut Heap, kind: Kind, source: Source) -> Result<Value, Trap> {
    let total = source.len(heap);
    if kind == Kind::List && total == 0 {
        return list::new(heap, &[]);
    }
    if total > PIECE {
        heap.could_hold(total)?;
        return Err(Trap::long(Building { kind, source, total, holds: Vec::new(), filled: 0 }));
    }
    let (target, result) = if kind == Kind::List {
        let list = list::with_len(heap, total)?;
        (list::slots(heap, list), list)
    } else {
        let tuple = heap.alloc(Kind::Tuple, total)?;
        (Some(tuple), tuple)
    };
    if let Some(target) = target {
        source.write(heap, target, 0, total);
    }
    Ok(Value::heap(result))
}

/// A long list or tuple that is being made.
struct Building {
    kind: Kind,
    source: Source,
    total: usize,
    /// The object with the elements, once there is one: plain words, until all are written.
    holds: Vec<Value>,
    filled: usize,
}

impl Task for Building {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let Some(target) = self.holds.first().and_then(|value| value.as_heap()) else {
            if !heap.make_way(self.total) {
                return Ok(Stage::Grown);
            }
            self.holds.push(Value::heap(heap.alloc_plain(self.total)?));
            return Ok(Stage::More);
        };
        if self.filled < self.total {
            let count = PIECE.min(self.total - self.filled);
            self.source.write(heap, target, self.filled, count);
            heap.spend(count);
            self.filled += count;
            return Ok(Stage::More);
        }
        if self.kind == Kind::Tuple {
            heap.become_kind(target, Kind::Tuple);
            return Ok(Stage::Done(Value::heap(target)));
        }
        let list = list::of_slots(heap, target, self.total)?;
        heap.become_kind(target, Kind::Slots);
        Ok(Stage::Done(Value::heap(list)))
    }

    fn holds(&self) -> &[Value] {
        &self.holds
    }
}
