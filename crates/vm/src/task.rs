//! Long work of one operation or native, done in pieces between which other processes run.
//!
//! An operation begins as ever. Where it finds that it takes long, it puts what it has into a [`Task`] and answers with
//! the trap [`TrapKind::Long`](crate::trap::TrapKind::Long); the process then does it step by step
//! (`process/tasks`), stands at the instruction meanwhile, and can run out of reductions, or collect, between two steps.
//! Steps end by what was spent, never by the slice, so reductions are the same however the work is cut.

use crate::heap::Heap;
use crate::trap::{Trap, TrapKind};
use crate::value::Value;
use std::fmt;

/// Words that a step may touch, about: the time of 64 reductions. A slice is passed by no more than that.
pub(crate) const PIECE: usize = 1 << 15;

/// How a step ended.
pub(crate) enum Stage {
    /// The operation's value.
    Done(Value),
    /// What the operation lacked is there: it is to be tried again.
    Again,
    /// More is to be done.
    More,
    /// A collection is due before the piece is done: it goes on after that.
    Full,
    /// Memory was taken from the system, which costs no reductions, but some time.
    Grown,
    /// Another task does the rest.
    Then(Long),
}

impl Stage {
    /// What an operation's result is for the task that ends with the operation.
    pub(crate) fn of(result: Result<Value, Trap>) -> Result<Stage, Trap> {
        match result {
            Ok(value) => Ok(Stage::Done(value)),
            Err(trap) if trap.is_long() => match trap.into_kind() {
                TrapKind::Long(long) => Ok(Stage::Then(long)),
                _ => unreachable!("just seen"),
            },
            Err(trap) => Err(trap),
        }
    }
}

/// Long work. A step that fails for want of memory is taken again after a collection.
///
/// What a task refers to is reachable from the operands of its instruction, which stay in their registers and which nobody
/// can change meanwhile, or is among what it [`holds`](Task::holds). It may refer to it in any form, so objects
/// must not be moved while a task is under way.
pub(crate) trait Task: Send {
    /// Does some of it, of about [`PIECE`] words.
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap>;

    /// What a collection has to keep for it.
    fn holds(&self) -> &[Value];
}

/// Says when a piece is done.
#[derive(Clone, Copy)]
pub(crate) struct Piece(u64);

impl Piece {
    /// A piece that begins now.
    pub(crate) fn begin(heap: &Heap) -> Piece {
        Piece(heap.spent().saturating_add(PIECE as u64))
    }

    /// A piece of an operation that has done nothing else, which ends when so many words were spent.
    pub(crate) const fn of(words: u64) -> Piece {
        Piece(words)
    }

    /// One without an end, for what has no other way.
    pub(crate) const ENDLESS: Piece = Piece(u64::MAX);

    /// Whether as much as a piece was spent.
    #[inline]
    pub(crate) fn is_done(self, heap: &Heap) -> bool {
        heap.spent() >= self.0
    }
}

/// Does the first step of what may be long work; often that is all.
pub(crate) fn begin(heap: &mut Heap, mut task: impl Task + 'static) -> Result<Value, Trap> {
    match task.step(heap)? {
        Stage::Done(value) => Ok(value),
        Stage::Then(long) => Err(Trap::from(TrapKind::Long(long))),
        _ => Err(Trap::long(task)),
    }
}

/// Does an operation with all of its long work, without a pause: where it is a part of another.
pub(crate) fn at_once(
    heap: &mut Heap,
    mut operation: impl FnMut(&mut Heap) -> Result<Value, Trap>,
) -> Result<Value, Trap> {
    'again: loop {
        let trap = match operation(heap) {
            Err(trap) if trap.is_long() => trap,
            other => return other,
        };
        let TrapKind::Long(mut long) = trap.into_kind() else { unreachable!("just seen") };
        loop {
            match long.0.step(heap)? {
                Stage::Done(value) => return Ok(value),
                Stage::Again => continue 'again,
                Stage::Then(next) => long = next,
                Stage::More | Stage::Full | Stage::Grown => {}
            }
        }
    }
}

/// A task in a trap.
pub struct Long(pub(crate) Box<dyn Task>);

impl fmt::Debug for Long {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Long")
    }
}
