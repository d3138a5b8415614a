//! Collection of a process's heap: its roots, and the clock around it.

use super::{Pending, Process};
use crate::value::Value;

/// The stack is given back when less than this part of it is in use.
const SHRINK_BELOW: usize = 8;

impl Process {
    /// Collects the heap. Every value that is still needed must be in a root: the registers of all frames, the
    /// globals, the result, an iterator that waits for a line.
    pub(crate) fn collect(&mut self) {
        let start = self.clock.map(|now| now());
        let frame = usize::from(self.entries[self.function as usize].frame);
        let used = (self.base + frame).max(self.top).min(self.stack.len());
        self.forget_dead_stack(used);
        self.heap.begin_collection();
        for &value in self.stack[..used].iter().chain(&self.globals) {
            self.heap.mark(value);
        }
        self.heap.mark(self.result);
        if let Some(Pending::Iterator(iterator)) = self.pending {
            self.heap.mark(iterator);
        }
        self.heap.mark_reachable();
        self.heap.end_collection();
        #[cfg(debug_assertions)]
        if self.heap.stress {
            self.heap.check();
        }
        if let (Some(start), Some(now)) = (start, self.clock) {
            self.stats.pause_max_ns = self.stats.pause_max_ns.max(now().saturating_sub(start));
        }
    }

    /// Clears what calls that have returned left above the running frame, so that no register ever refers to an
    /// object that a collection freed. A stack that is much too large is given back.
    fn forget_dead_stack(&mut self, used: usize) {
        if used < self.stack.len() / SHRINK_BELOW && self.stack.len() > 1 << 12 {
            self.stack.truncate((used * 2).max(1 << 10));
            self.stack.shrink_to_fit();
            self.share_limit();
        }
        self.stack[used..].fill(Value::NULL);
    }
}
