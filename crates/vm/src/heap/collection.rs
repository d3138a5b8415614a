//! Collection of a heap: marking what is reachable; the sweep is lazy, and done where words are asked for.

use super::CHUNK;
#[cfg(any(test, debug_assertions))]
use super::Kind;
use super::{Header, Heap, MARK, MAX_SURVIVORS, MIN_TRIGGER};
use crate::value::Value;

impl Heap {
    /// Starts a collection: no object is marked after this.
    pub(crate) fn begin_collection(&mut self) {
        while self.sweep_for_hole(usize::MAX - CHUNK) {}
        self.seal_hole();
        self.live = 0;
        self.live_end = 0;
        self.survivors.clear();
        self.marking.clear();
        if let Some(error) = self.hooks.error {
            self.mark(error);
        }
    }

    /// Marks what a root refers to.
    #[inline]
    pub(crate) fn mark(&mut self, value: Value) {
        if let Some(at) = value.as_heap() {
            self.mark_object(at.0);
        }
    }

    fn mark_object(&mut self, at: u32) {
        let header = Header(self.words[at as usize]);
        if header.is_marked() {
            return;
        }
        self.words[at as usize] |= MARK;
        self.live += 1 + header.size();
        self.live_end = self.live_end.max(at as usize + 1 + header.size());
        if self.survivors.len() < MAX_SURVIVORS {
            self.survivors.push(at);
        }
        if header.kind().raw_words().is_some() {
            self.marking.push(at);
        }
    }

    /// Marks everything that is reachable from what is marked.
    pub(crate) fn mark_reachable(&mut self) {
        while let Some(at) = self.marking.pop() {
            let header = Header(self.words[at as usize]);
            let first = at as usize + 1;
            let raw = header.kind().raw_words().unwrap_or(header.size());
            for index in first + raw..first + header.size() {
                self.mark(Value::from_bits(self.words[index]));
            }
        }
    }

    /// Ends a collection: what is not marked is free.
    pub(crate) fn end_collection(&mut self) {
        self.sweep = 0;
        if self.survivors.len() < MAX_SURVIVORS {
            self.survivors.sort_unstable_by(|a, b| b.cmp(a));
        }
        // Behind the last live object everything is as good as never used.
        self.tail = self.live_end;
        self.sweep_end = self.tail;
        self.skipped.clear();
        self.stats.allocated_words = self.allocated_bytes() / 8;
        self.bump = 0;
        self.hole_end = 0;
        self.since = 0;
        self.trigger = (self.live * 2).max(MIN_TRIGGER);
        self.wants_collection = false;
        self.text_cursors = Default::default();
        self.stats.collections += 1;
        self.stats.live_words = self.live as u64;
        self.shrink();
    }

    /// Gives memory back when the region is much larger than what it needs until the next collection.
    fn shrink(&mut self) {
        let needed = self.tail + self.trigger;
        if self.words.len() > needed * 4 {
            self.words.truncate(needed * 2);
            self.words.shrink_to_fit();
        }
    }

    /// Walks the region and panics where it is inconsistent: a reference to something that is no object.
    #[cfg(any(test, debug_assertions))]
    pub(crate) fn check(&mut self) {
        self.seal_hole();
        let mut starts = std::collections::HashSet::new();
        let mut at = 0;
        while at < self.tail {
            starts.insert(at);
            at += 1 + Header(self.words[at]).size();
        }
        assert_eq!(at, self.tail, "the walk ends where the region's used part ends");
        for &start in &starts {
            let header = Header(self.words[start]);
            let unswept_garbage = start >= self.sweep && start < self.sweep_end && !header.is_marked();
            let Some(raw) = header.kind().raw_words() else { continue };
            if unswept_garbage {
                continue;
            }
            for index in start + 1 + raw..start + 1 + header.size() {
                if let Some(to) = Value::from_bits(self.words[index]).as_heap() {
                    let to = to.0 as usize;
                    assert!(starts.contains(&to), "{:?} at {start} refers to {to}", header.kind());
                    assert_ne!(
                        Header(self.words[to]).kind(),
                        Kind::Free,
                        "{:?} at {start} refers to free words",
                        header.kind()
                    );
                }
            }
        }
    }
}
