//! The inbox of a process: signals that it has not had yet, and whether it is to be run for them.
//!
//! Who puts a signal into the inbox of a process that is parked has to see that it runs; a process is parked only while
//! its inbox is empty. Both are decided under one lock, so that no wake-up is lost and none comes twice.

use crate::sync::{Mutex, lock};

/// Where a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It waits for a signal.
    Parked,
    /// It runs, or stands in a queue.
    Scheduled,
    /// It takes nothing any more.
    Ended,
}

/// What became of a signal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Put<T> {
    /// The process will find it.
    Queued,
    /// The process was parked: whoever put the signal has to put it into a queue.
    Wake,
    /// The process has ended.
    Refused(T),
}

/// Signals in the order in which they came.
pub(crate) struct Inbox<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    place: Place,
    signals: Vec<T>,
}

impl<T> Inbox<T> {
    /// An empty one, of a process that is parked.
    pub(crate) fn new() -> Inbox<T> {
        Inbox { state: Mutex::new(State { place: Place::Parked, signals: Vec::new() }) }
    }

    /// Puts a signal in.
    pub(crate) fn put(&self, signal: T) -> Put<T> {
        let mut state = lock(&self.state);
        if state.place == Place::Ended {
            return Put::Refused(signal);
        }
        state.signals.push(signal);
        if std::mem::replace(&mut state.place, Place::Scheduled) == Place::Parked { Put::Wake } else { Put::Queued }
    }

    /// Takes out what is there; `None` once the process has ended.
    pub(crate) fn take(&self) -> Option<Vec<T>> {
        let mut state = lock(&self.state);
        (state.place != Place::Ended).then(|| std::mem::take(&mut state.signals))
    }

    /// Says that the process is to be run without a signal; true when it was parked, and is to be put into a queue.
    pub(crate) fn schedule(&self) -> bool {
        let mut state = lock(&self.state);
        let parked = state.place == Place::Parked;
        if parked {
            state.place = Place::Scheduled;
        }
        parked
    }

    /// Parks the process unless there are signals; whether it is parked.
    pub(crate) fn park(&self) -> bool {
        let mut state = lock(&self.state);
        let empty = state.signals.is_empty();
        if empty {
            state.place = Place::Parked;
        }
        empty
    }

    /// Takes nothing any more, and gives out what is there.
    pub(crate) fn end(&self) -> Vec<T> {
        let mut state = lock(&self.state);
        state.place = Place::Ended;
        std::mem::take(&mut state.signals)
    }

    /// Whether it takes nothing any more.
    pub(crate) fn has_ended(&self) -> bool {
        lock(&self.state).place == Place::Ended
    }

    /// A sum over the signals.
    pub(crate) fn sum(&self, of: impl Fn(&T) -> usize) -> usize {
        lock(&self.state).signals.iter().map(of).sum()
    }
}
