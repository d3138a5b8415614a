//! Iridium's runtime: many processes of one node, who runs next, and what they send each other.
//!
//! A [`Scheduler`] drives processes, which are pure state machines, and is one itself: it does no input or output and
//! reads no clock. Its driver tells it the time, answers what processes ask of the world, and says how far to go. With a
//! seed the choices that a machine leaves open (who runs next, and for how long) are drawn from it, so that a program of
//! many processes can be run again exactly.

#![cfg_attr(feature = "safe-dispatch", forbid(unsafe_code))]
#![deny(unsafe_code)]

mod ending;
mod memory;
mod requests;
mod scheduler;
mod signals;
mod timers;

pub use ending::{Crash, Reason};
pub use scheduler::{MAX_PROCESSES, Scheduler, Settings, Turn};
pub use timers::MAX_TIMERS;
