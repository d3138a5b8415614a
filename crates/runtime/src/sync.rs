//! What scheduler threads share state by, under one name: tests that try all interleavings put other primitives in
//! their place.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
pub(crate) use std::thread::yield_now;

/// How often a thread looks for work before it sleeps: some microseconds.
pub(crate) const LOOKS: usize = 50;

/// Locks. What is behind a lock is whole also after a panic: nothing that may panic runs in the middle of a change.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
