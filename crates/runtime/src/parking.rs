//! Scheduler threads that sleep, and how they are woken.
//!
//! A thread says that it sleeps before it looks at all queues for the last time; who puts something into a queue looks
//! afterwards whether anybody sleeps. Both go through the lock of that queue, so one of them sees the other. At most one
//! thread searches for work after it was woken: who finds some and leaves some wakes the next.

use crate::sync::{AtomicBool, AtomicUsize, Condvar, Mutex, MutexGuard, Ordering, lock};
use std::time::Duration;

/// Why a thread that wanted to sleep does not sleep any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// There may be something for this thread to do.
    Maybe,
    /// There is work in a queue, and it is this thread that is to find it: it says when it stops searching.
    ToSearch,
    /// All threads sleep, and nothing that is known of can wake them: told to the first thread alone.
    AllAsleep,
}

/// What ends a sleep that nobody ends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Until {
    /// The next event: when it is, in microseconds, and how far off that is. One thread has to wake for it.
    pub(crate) event: Option<(u64, Duration)>,
    /// The longest that this thread may sleep.
    pub(crate) at_most: Option<Duration>,
    /// Whether the world outside is still to answer something.
    pub(crate) answer: bool,
}

/// Threads that sleep.
pub(crate) struct Parking {
    state: Mutex<State>,
    /// By thread.
    bells: Box<[Condvar]>,
    /// How many sleep.
    asleep: AtomicUsize,
    /// Whether one that was woken has not found work yet.
    searching: AtomicBool,
}

struct State {
    /// Those that sleep.
    asleep: Vec<usize>,
    /// Threads that take part.
    threads: usize,
    /// When the first of them wakes by itself, in microseconds.
    alarm: u64,
    /// The one that was woken to search.
    searcher: Option<usize>,
}

impl Parking {
    /// Of at most so many threads, of which the first takes part.
    pub(crate) fn new(threads: usize) -> Parking {
        Parking {
            state: Mutex::new(State { asleep: Vec::new(), threads: 1, alarm: u64::MAX, searcher: None }),
            bells: (0..threads).map(|_| Condvar::new()).collect(),
            asleep: AtomicUsize::new(0),
            searching: AtomicBool::new(false),
        }
    }

    /// One more thread takes part.
    pub(crate) fn join(&self) {
        lock(&self.state).threads += 1;
    }

    /// One thread less takes part.
    pub(crate) fn leave(&self) {
        lock(&self.state).threads -= 1;
    }

    /// Wakes a thread, if one sleeps and none searches already: there is something in a queue.
    pub(crate) fn wake_one(&self) {
        if self.asleep.load(Ordering::Acquire) == 0 || self.searching.load(Ordering::Acquire) {
            return;
        }
        let mut state = lock(&self.state);
        if let Some(&thread) = state.asleep.last()
            && !self.searching.swap(true, Ordering::AcqRel)
        {
            state.searcher = Some(thread);
            self.rouse(&mut state, thread);
        }
    }

    /// Wakes this thread, if it sleeps.
    pub(crate) fn wake(&self, thread: usize) {
        self.rouse(&mut lock(&self.state), thread);
    }

    /// Wakes all.
    pub(crate) fn wake_all(&self) {
        let mut state = lock(&self.state);
        while let Some(&thread) = state.asleep.last() {
            self.rouse(&mut state, thread);
        }
    }

    fn rouse(&self, state: &mut State, thread: usize) {
        if let Some(place) = state.asleep.iter().position(|&asleep| asleep == thread) {
            state.asleep.swap_remove(place);
            self.asleep.fetch_sub(1, Ordering::AcqRel);
            self.bells[thread].notify_one();
        }
    }

    /// A thread that was woken to search has found something, or will sleep.
    pub(crate) fn stop_searching(&self) {
        self.searching.store(false, Ordering::Release);
    }

    /// Sleeps, unless `has_work` says that there is something to do.
    pub(crate) fn sleep(&self, thread: usize, until: Until, has_work: impl FnOnce() -> bool) -> Woken {
        let mut state = lock(&self.state);
        state.asleep.push(thread);
        self.asleep.fetch_add(1, Ordering::AcqRel);
        if has_work() {
            self.rouse(&mut state, thread);
            return Woken::Maybe;
        }
        if state.asleep.len() == state.threads && until.event.is_none() && !until.answer {
            self.rouse(&mut state, 0);
            if thread == 0 {
                return Woken::AllAsleep;
            }
        }
        let event = until.event.filter(|&(at, _)| at < state.alarm);
        if let Some((at, _)) = event {
            state.alarm = at;
        }
        let timeout = [event.map(|(_, after)| after), until.at_most].into_iter().flatten().min();
        while state.asleep.contains(&thread) {
            let timed_out;
            (state, timed_out) = wait(&self.bells[thread], state, timeout);
            if timed_out {
                self.rouse(&mut state, thread);
            }
        }
        if event.is_some_and(|(at, _)| at == state.alarm) {
            state.alarm = u64::MAX;
        }
        let searches = state.searcher == Some(thread);
        if searches {
            state.searcher = None;
        }
        if searches { Woken::ToSearch } else { Woken::Maybe }
    }
}

/// Waits for a bell, and says whether the time ran out.
fn wait<'s>(bell: &Condvar, state: MutexGuard<'s, State>, timeout: Option<Duration>) -> (MutexGuard<'s, State>, bool) {
    match timeout {
        None => (bell.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner()), false),
        Some(timeout) => {
            let (state, result) = bell.wait_timeout(state, timeout).unwrap_or_else(|poisoned| poisoned.into_inner());
            (state, result.timed_out())
        }
    }
}
