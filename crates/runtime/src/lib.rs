//! Iridium's runtime: many processes of one node, who runs next, and what they send each other.
//!
//! A [`Scheduler`] is what all scheduler threads of a node share, a [`Worker`] what each has to itself. They drive
//! processes, which are pure state machines, and are one themselves: they do no input or output and read no clock. The
//! driver tells them the time and answers what processes ask of the world. With a seed there is one worker, and the
//! choices that a machine leaves open (who runs next, and for how long) are drawn from the seed, so that a program of
//! many processes can be run again exactly.

#![cfg_attr(feature = "safe-dispatch", forbid(unsafe_code))]
#![deny(unsafe_code)]

mod ending;
mod fuel;
mod inbox;
mod memory;
mod names;
mod parking;
mod queue;
mod requests;
mod scheduler;
mod signals;
mod slab;
mod slot;
mod sync;
mod table;
mod timers;
mod wheel;
mod worker;

pub use ending::{Crash, Reason};
pub use scheduler::{Lent, MAX_PROCESSES, MAX_SCHEDULERS, SLICE, Scheduler, Settings, Turn};
pub use timers::MAX_TIMERS;
pub use worker::Worker;
