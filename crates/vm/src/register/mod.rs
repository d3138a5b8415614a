//! Register code: what each instruction does, written once for all engines that run it.
//!
//! A body has a *fast* path over a [`Machine`](crate::machine::Machine) and a *slow* path over the
//! [`Process`](crate::process::Process). The meaning of operations is in [`ops`](crate::ops), shared with the stack
//! engine; a fast path only repeats the cases that are common.

pub(crate) mod arithmetic;
pub(crate) mod calls;
pub(crate) mod classes;
pub(crate) mod collections;
pub(crate) mod compare;
pub(crate) mod loops;
pub(crate) mod moves;
pub(crate) mod patterns;
