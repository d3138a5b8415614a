//! What a process has only between two slices, or while something goes on that is rare: of a million processes most wait
//! for a message and have none of it.

use super::collect::Collection;
use super::{Birth, Failure, Pending, Process};
use crate::owned::handles::Handles;
use crate::pauses::Pauses;
use crate::trap::Response;

/// The state of what is not over.
#[derive(Default)]
pub(super) struct Interlude {
    /// What a slice that came back for a collection has left.
    pub(super) left: Option<i64>,
    pub(super) collection: Option<Collection>,
    /// The pauses so far, if there is a clock.
    pub(super) pauses: Option<Box<Pauses>>,
    /// The longest collection, all its steps together, in nanoseconds.
    pub(super) stall_max_ns: u64,
    pub(super) pending: Option<Pending>,
    /// The answer to a request, which is still to be made a value.
    pub(super) answer: Option<Response>,
    /// The instruction that had no memory, as (reductions, frames, pc): it is run again once.
    pub(super) retried: Option<(u64, usize, u32)>,
    /// What the host holds.
    pub(super) handles: Handles,
    pub(super) failure: Option<Box<Failure>>,
    /// What the process begins with, until it begins.
    pub(super) birth: Option<Birth>,
}

impl Interlude {
    /// Whether nothing of it will be asked for.
    fn is_over(&self) -> bool {
        let Interlude { left, collection, pauses, stall_max_ns, pending, answer, retried, handles, failure, birth } =
            self;
        (left.is_none() && collection.is_none() && pauses.is_none() && *stall_max_ns == 0)
            && (pending.is_none() && answer.is_none() && retried.is_none())
            && (handles.is_empty() && failure.is_none() && birth.is_none())
    }
}

impl Process {
    /// What is rare, made if need be.
    pub(super) fn interlude(&mut self) -> &mut Interlude {
        self.interlude.get_or_insert_default()
    }

    /// What waits for an answer, or goes on.
    pub(super) fn pending(&self) -> Option<&Pending> {
        self.interlude.as_ref()?.pending.as_ref()
    }

    /// Whether a collection is under way.
    pub(super) fn is_collecting(&self) -> bool {
        self.interlude.as_ref().is_some_and(|interlude| interlude.collection.is_some())
    }

    /// A process that begins to wait for a message keeps little beside its values.
    pub(super) fn settle(&mut self) {
        if self.interlude.as_ref().is_some_and(|interlude| interlude.is_over()) {
            self.interlude = None;
        }
        self.shrink_to_wait();
    }
}
