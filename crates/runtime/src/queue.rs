//! The run queue of a scheduler thread, from which others may take.

use crate::sync::{AtomicUsize, Mutex, Ordering, lock};
use iridium_vm::requests::Priority;
use std::collections::VecDeque;

/// What can run, in two lanes: what is more important, and the rest.
///
/// A lock and a ring: taken by its owner alone nearly always, it costs as much as the atomic operations of a queue
/// without locks, and every interleaving of it can be tried.
pub(crate) struct Queue<T> {
    lanes: Mutex<[VecDeque<T>; 2]>,
    /// How many there are, for a look without the lock.
    len: AtomicUsize,
}

fn lane(priority: Priority) -> usize {
    usize::from(priority == Priority::Normal)
}

impl<T> Queue<T> {
    pub(crate) fn new() -> Queue<T> {
        Queue { lanes: Mutex::new(Default::default()), len: AtomicUsize::new(0) }
    }

    /// How many there are, or were a moment ago.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Whether there is something, or was a moment ago.
    pub(crate) fn has_some(&self) -> bool {
        self.len.load(Ordering::Relaxed) > 0
    }

    fn with<R>(&self, change: impl FnOnce(&mut [VecDeque<T>; 2]) -> R) -> R {
        let mut lanes = lock(&self.lanes);
        let result = change(&mut lanes);
        self.len.store(lanes[0].len() + lanes[1].len(), Ordering::Relaxed);
        result
    }

    /// Whether there is nothing, for certain: what was put in before is seen.
    pub(crate) fn is_empty(&self) -> bool {
        self.with(|lanes| lanes.iter().all(VecDeque::is_empty))
    }

    /// Puts one at the end of its lane.
    pub(crate) fn push(&self, item: T, priority: Priority) {
        self.with(|lanes| lanes[lane(priority)].push_back(item));
    }

    /// Takes the first of the more important ones.
    pub(crate) fn pop_high(&self) -> Option<T> {
        if !self.has_some() {
            return None;
        }
        self.with(|lanes| lanes[lane(Priority::High)].pop_front())
    }

    /// Takes the first of all, or the one that is chosen among those of the more important lane.
    pub(crate) fn pop(&self, choose: Option<impl FnOnce(usize) -> usize>) -> Option<T> {
        self.with(|lanes| {
            let lane = lanes.iter_mut().find(|lane| !lane.is_empty())?;
            match choose {
                Some(choose) if lane.len() > 1 => {
                    let chosen = choose(lane.len());
                    lane.swap_remove_back(chosen)
                }
                _ => lane.pop_front(),
            }
        })
    }

    /// Moves half of what is there, those that wait the longest, to a queue that is another one; the first of them is
    /// not put there but given out.
    pub(crate) fn steal(&self, to: &Queue<T>) -> Option<T> {
        if !self.has_some() {
            return None;
        }
        let (mut taken, priority) = self.with(|lanes| {
            let [high, normal] = lanes;
            let (lane, priority) = if high.is_empty() { (normal, Priority::Normal) } else { (high, Priority::High) };
            let half = lane.len().div_ceil(2);
            (lane.drain(..half).collect::<VecDeque<T>>(), priority)
        });
        let first = taken.pop_front();
        if !taken.is_empty() {
            to.with(|lanes| lanes[lane(priority)].append(&mut taken));
        }
        first
    }
}
