//! Collection of a process's heap in steps: its roots, and the clock around it.
//!
//! A collection begins where an instruction asks for one, and the process runs no further before it is over. A step
//! that does not end it makes the process come back with [`Outcome::Collecting`](super::Outcome::Collecting), so that a
//! large heap keeps nobody else waiting.

use super::interlude::Interlude;
use super::{Exit, Pending, Process};
use crate::heap::{Heap, Work};
use crate::trap::Trap;
use crate::value::Value;

/// What a step does: a millisecond, if nothing of it is in a cache of the processor.
const STEP: i64 = 1 << 13;
/// The same under stress, where nearly every collection is to take several steps.
const SMALL_STEP: i64 = 32;
/// The stack is given back when less than this part of it is in use.
const SHRINK_BELOW: usize = 8;
/// Dead registers that are cleared for one unit of work.
const CLEARED_PER_UNIT: usize = 64;

/// A collection that is under way.
pub(super) struct Collection {
    stage: Stage,
    /// Registers in use.
    used: usize,
    /// Time that its steps took so far, in nanoseconds.
    took: u64,
}

/// Where a collection stands. The numbers are those of the next register, global, message, blob or identity.
enum Stage {
    Sweep,
    Clear(usize),
    Registers(usize),
    Globals(usize),
    Mailbox(usize),
    Mark,
    Blobs(usize),
    Identities((usize, usize)),
    Shrink(Option<usize>),
}

impl Process {
    /// Collects the heap, to the end. Every value that is still needed must be in a root: the registers of all frames,
    /// the globals, the mailbox, the result, what the host has a handle of, an iterator that waits for a line, what long work
    /// holds, what is to be thrown.
    pub(crate) fn collect(&mut self) {
        while !self.collect_step() {}
    }

    /// Ends the collection that is under way, if there is one: nothing may be allocated before.
    pub(crate) fn finish_collection(&mut self) {
        if self.is_collecting() {
            self.collect();
        }
    }

    /// Does a step of the collection that is under way, or of a new one. `None` means that it is over.
    pub(crate) fn collecting(&mut self) -> Option<Exit> {
        if self.collect_step() { None } else { Some(Exit::Collecting) }
    }

    /// A step; true when the collection is over.
    fn collect_step(&mut self) -> bool {
        let start = self.clock.map(|now| now());
        let known = self.interlude.as_mut().and_then(|interlude| interlude.collection.take());
        let mut collection = known.unwrap_or_else(|| self.begin_collection());
        let mut work = Work::new(if self.heap.stress { SMALL_STEP } else { STEP });
        let done = loop {
            let next = self.advance(&collection, &mut work);
            match next {
                None => break true,
                Some(stage) => collection.stage = stage,
            }
            if work.is_done() {
                break false;
            }
        };
        if let (Some(start), Some(now)) = (start, self.clock) {
            let took = now().saturating_sub(start);
            collection.took += took;
            let interlude = self.interlude();
            interlude.pauses.get_or_insert_default().record(took);
            interlude.stall_max_ns = interlude.stall_max_ns.max(collection.took);
        }
        if !done {
            self.interlude().collection = Some(collection);
            return false;
        }
        #[cfg(debug_assertions)]
        if self.heap.stress {
            self.heap.check();
        }
        true
    }

    /// Moves what is live in the heap together and gives the rest of its memory back, at once: for a process that is to
    /// stand still for long. The program notices nothing of it. In the middle
    /// of work that is done in pieces nothing is moved.
    pub fn compact(&mut self) {
        self.finish_collection();
        self.collect();
        // What is done in pieces knows where objects are.
        if matches!(self.pending(), Some(Pending::Task(_))) {
            return;
        }
        // Without memory for the plan, the collection alone has to do.
        let Some(moves) = self.heap.plan_compaction() else { return };
        self.stack.iter_mut().chain(&mut self.globals).for_each(|root| *root = moves.moved(*root));
        let (heap, roots) = self.single_roots();
        roots.for_each(|root| *root = moves.moved(*root));
        heap.compact(moves);
        #[cfg(debug_assertions)]
        self.heap.check();
    }

    /// The heap, and all roots but registers, globals and what long work holds.
    fn single_roots(&mut self) -> (&mut Heap, impl Iterator<Item = &mut Value>) {
        let Process { heap, result, interlude, thrown_by_answer, .. } = self;
        let Interlude { handles, pending, .. } = &mut **interlude.get_or_insert_default();
        let iterator = match pending {
            Some(Pending::Iterator(iterator)) => Some(iterator),
            _ => None,
        };
        let thrown = thrown_by_answer.iter_mut().flat_map(Trap::values);
        (heap, handles.values().chain([result]).chain(iterator).chain(thrown))
    }

    /// A stack that is much too large is given back.
    fn begin_collection(&mut self) -> Collection {
        let used = self.used_stack();
        if used < self.stack.len() / SHRINK_BELOW && self.stack.len() > 1 << 12 {
            self.stack.truncate((used * 2).max(1 << 10));
            self.stack.shrink_to_fit();
            self.share_limit();
        }
        Collection { stage: Stage::Sweep, used, took: 0 }
    }

    /// Goes on with a stage, and says which is next; `None` after the last.
    fn advance(&mut self, collection: &Collection, work: &mut Work) -> Option<Stage> {
        let used = collection.used;
        Some(match collection.stage {
            Stage::Sweep => {
                if self.heap.finish_sweep(work) {
                    Stage::Clear(used)
                } else {
                    Stage::Sweep
                }
            }
            // What calls that have returned left above the running frame, so that no register ever refers to an
            // object that a collection freed.
            Stage::Clear(at) if at < self.stack.len() => {
                let end = (at + STEP as usize * CLEARED_PER_UNIT).min(self.stack.len());
                self.stack[at..end].fill(Value::NULL);
                work.spend((end - at) / CLEARED_PER_UNIT);
                Stage::Clear(end)
            }
            Stage::Clear(_) => {
                self.heap.begin_marking();
                self.interlude().handles.forget_dropped();
                let (heap, roots) = self.single_roots();
                roots.for_each(|root| heap.mark(*root));
                if let Some(Pending::Task(task)) = self.interlude.as_ref().and_then(|it| it.pending.as_ref()) {
                    task.holds().iter().for_each(|&value| self.heap.mark(value));
                }
                Stage::Registers(0)
            }
            Stage::Registers(at) if at < used => Stage::Registers(self.heap.mark_roots(&self.stack[..used], at, work)),
            Stage::Registers(_) => Stage::Globals(0),
            Stage::Globals(at) if at < self.globals.len() => {
                Stage::Globals(self.heap.mark_roots(&self.globals, at, work))
            }
            Stage::Globals(_) => Stage::Mailbox(0),
            Stage::Mailbox(at) if at < self.heap.mailbox.looked_at() => {
                Stage::Mailbox(self.heap.mark_mailbox(at, work))
            }
            Stage::Mailbox(_) => Stage::Mark,
            Stage::Mark => {
                if self.heap.mark_reachable(work) {
                    Stage::Blobs(usize::MAX)
                } else {
                    Stage::Mark
                }
            }
            Stage::Blobs(below) if below > 0 => Stage::Blobs(self.heap.sweep_blobs(below, work)),
            Stage::Blobs(_) => Stage::Identities((0, 0)),
            Stage::Identities(done) => {
                if let Some(next) = self.heap.keep_identities(done, work) {
                    return Some(Stage::Identities(next));
                }
                self.heap.end_marking();
                if self.heap.stress {
                    // So that what is freed is poisoned before anything can look at it.
                    self.heap.finish_sweep(&mut Work::unlimited());
                }
                Stage::Shrink(None)
            }
            Stage::Shrink(mut goal) => {
                if self.heap.shrink(&mut goal) {
                    return None;
                }
                work.spend(STEP as usize);
                Stage::Shrink(goal)
            }
        })
    }
}
