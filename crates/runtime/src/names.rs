//! Names of processes.

use crate::slot::Slot;
use crate::sync::{Mutex, Ordering, lock};
use std::collections::{BTreeMap, BTreeSet};

/// Which process each name, by the index of its atom, stands for.
#[derive(Default)]
pub(crate) struct Names {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    by_name: BTreeMap<u32, u64>,
    by_process: BTreeMap<u64, BTreeSet<u32>>,
}

impl Names {
    /// The process of a name.
    pub(crate) fn get(&self, name: u32) -> Option<u64> {
        lock(&self.state).by_name.get(&name).copied()
    }

    /// All names.
    pub(crate) fn all(&self) -> Vec<u32> {
        lock(&self.state).by_name.keys().copied().collect()
    }

    /// The first name of a process.
    pub(crate) fn of(&self, slot: &Slot) -> Option<u32> {
        if !slot.is_named.load(Ordering::Acquire) {
            return None;
        }
        lock(&self.state).by_process.get(&slot.pid)?.first().copied()
    }

    /// Gives a name to a process.
    ///
    /// # Errors
    /// The process that has it.
    pub(crate) fn register(&self, name: u32, slot: &Slot) -> Result<(), u64> {
        let mut state = lock(&self.state);
        if let Some(&taken) = state.by_name.get(&name) {
            return Err(taken);
        }
        // Before it is looked whether the process has ended: at its end it looks whether it has names.
        slot.is_named.store(true, Ordering::Release);
        if !slot.inbox.has_ended() {
            state.by_name.insert(name, slot.pid);
            state.by_process.entry(slot.pid).or_default().insert(name);
        }
        Ok(())
    }

    /// Takes a name back.
    pub(crate) fn unregister(&self, name: u32) {
        let mut state = lock(&self.state);
        let Some(pid) = state.by_name.remove(&name) else { return };
        if let Some(names) = state.by_process.get_mut(&pid) {
            names.remove(&name);
            if names.is_empty() {
                state.by_process.remove(&pid);
            }
        }
    }

    /// Takes all names of a process back that has ended, and gives the first.
    pub(crate) fn forget(&self, slot: &Slot) -> Option<u32> {
        if !slot.is_named.load(Ordering::Acquire) {
            return None;
        }
        let mut state = lock(&self.state);
        let names = state.by_process.remove(&slot.pid)?;
        for name in &names {
            state.by_name.remove(name);
        }
        names.first().copied()
    }
}
