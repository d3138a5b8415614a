//! The processes of a node by their serial numbers.

use crate::slot::Slot;
use crate::sync::{AtomicUsize, Mutex, Ordering, lock};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Parts of the table, each with a lock of its own.
const PARTS: usize = 64;

/// The processes of a node.
pub(crate) struct Table {
    parts: [Mutex<FxHashMap<u64, Arc<Slot>>>; PARTS],
    len: AtomicUsize,
}

impl Table {
    pub(crate) fn new() -> Table {
        Table { parts: std::array::from_fn(|_| Mutex::new(FxHashMap::default())), len: AtomicUsize::new(0) }
    }

    fn part(&self, pid: u64) -> &Mutex<FxHashMap<u64, Arc<Slot>>> {
        &self.parts[pid as usize % PARTS]
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Counts one that is to be added, unless there are as many as may be.
    pub(crate) fn reserve(&self, most: u64) -> bool {
        let fits = self.len.fetch_add(1, Ordering::Relaxed) as u64 <= most.saturating_sub(1);
        if !fits {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
        fits
    }

    /// Adds one that was counted.
    pub(crate) fn insert(&self, slot: Arc<Slot>) {
        lock(self.part(slot.pid)).insert(slot.pid, slot);
    }

    /// The process of this number, if it is there.
    pub(crate) fn get(&self, pid: u64) -> Option<Arc<Slot>> {
        lock(self.part(pid)).get(&pid).map(Arc::clone)
    }

    pub(crate) fn remove(&self, pid: u64) {
        let mut part = lock(self.part(pid));
        if part.remove(&pid).is_some() {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
        // What held a million entries is not kept for a few.
        if part.capacity() > 64 && part.len() < part.capacity() / 8 {
            part.shrink_to_fit();
        }
    }

    /// All of them, by ascending numbers.
    pub(crate) fn all(&self) -> Vec<Arc<Slot>> {
        let mut all = Vec::with_capacity(self.len());
        for part in &self.parts {
            all.extend(lock(part).values().map(Arc::clone));
        }
        all.sort_unstable_by_key(|slot| slot.pid);
        all
    }
}
