//! What a host holds of a process's objects.

use super::{Handle, Token};
use crate::value::Value;
use std::sync::Arc;

/// Least number of handles in the table when those that nobody holds are looked for.
const MIN_HANDLES: usize = 64;

/// The values of handles. They are roots until the host has dropped the last clone of the handle.
#[derive(Default)]
pub(crate) struct Handles {
    slots: Vec<Option<(Arc<Token>, Value)>>,
    free: Vec<usize>,
    /// Number of handles at which those that were dropped are looked for.
    full: usize,
}

impl Handles {
    /// A new handle of a value.
    pub(crate) fn add(&mut self, what: String, value: Value) -> Handle {
        if self.len() >= self.full.max(MIN_HANDLES) {
            self.forget_dropped();
            self.full = self.len() * 2;
        }
        let slot = self.free.pop().unwrap_or(self.slots.len());
        let token = Arc::new(Token { slot, what });
        let entry = Some((Arc::clone(&token), value));
        match self.slots.get_mut(slot) {
            Some(free) => *free = entry,
            None => self.slots.push(entry),
        }
        Handle(token)
    }

    /// Whether there never was one.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The value of a handle, if it is one of this process.
    pub(crate) fn get(&self, handle: &Handle) -> Option<Value> {
        let (token, value) = self.slots.get(handle.0.slot)?.as_ref()?;
        Arc::ptr_eq(token, &handle.0).then_some(*value)
    }

    /// Number of handles, some of which may have been dropped.
    fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Frees the slots of handles that nobody holds any more.
    pub(crate) fn forget_dropped(&mut self) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            // Nobody can clone a handle that nobody has.
            if slot.as_ref().is_some_and(|(token, _)| Arc::strong_count(token) == 1) {
                *slot = None;
                self.free.push(index);
            }
        }
    }

    /// The values that are held.
    pub(crate) fn values(&mut self) -> impl Iterator<Item = &mut Value> {
        self.slots.iter_mut().flatten().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_holds_its_value_until_it_is_dropped() {
        let mut handles = Handles::default();
        let held = handles.add(String::new(), Value::int(1));
        let clone = held.clone();
        drop(held);
        handles.forget_dropped();
        assert_eq!(handles.get(&clone), Some(Value::int(1)));
        let other = Handles::default().add(String::new(), Value::int(2));
        assert_eq!(handles.get(&other), None, "it is of another table, at the same place");
        drop(clone);
        handles.forget_dropped();
        assert_eq!(handles.values().count(), 0);
        let reused = handles.add(String::new(), Value::int(3));
        assert_eq!((reused.0.slot, handles.get(&reused)), (0, Some(Value::int(3))));
    }

    #[test]
    fn dropped_handles_take_no_room() {
        let mut handles = Handles::default();
        let kept: Vec<Handle> = (0..10).map(|index| handles.add(String::new(), Value::int(index))).collect();
        for index in 0..10_000 {
            handles.add(String::new(), Value::int(index));
        }
        assert!(handles.slots.len() <= 2 * MIN_HANDLES, "{} slots", handles.slots.len());
        assert!(kept.iter().zip(0..10).all(|(handle, index)| handles.get(handle) == Some(Value::int(index))));
    }
}
