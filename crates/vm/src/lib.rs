//! Iridium's virtual machine: values, heap, frames, engines, native functions.
//!
//! A pure state machine: no thread, clock, file, socket or random source. A process runs for a budget of reductions
//! and then says what it needs; see [`trap::Request`].

#![cfg_attr(feature = "safe-dispatch", forbid(unsafe_code))]

pub mod code;
pub(crate) mod data;
mod dispatch;
pub mod format;
mod frozen;
mod handlers;
pub mod heap;
pub mod limits;
pub(crate) mod machine;
mod mailbox;
pub mod natives;
pub mod node;
pub mod ops;
pub mod owned;
mod pauses;
pub mod process;
mod reach;
pub(crate) mod register;
#[cfg(not(feature = "safe-dispatch"))]
mod regs;
pub mod requests;
mod stack_engine;
mod task;
pub mod trap;
pub mod value;

pub use code::{Export, Exports, LinkError, ModuleHandle, SharedGlobals};
pub use heap::parcel::{Parcel, Part};
pub use heap::{live_blobs, live_heaps};
pub use node::{HostFunction, Node};
pub use num_bigint::BigInt;
pub use owned::{Atom, Handle, List, Map, OwnedValue};
pub use process::{Birth, Callee, EngineKind, Failure, Glance, Limits, Outcome, Process, Stats, TraceFrame};
pub use trap::{ErrorKind, FileAnswer, FileRequest, HostCall, Request, Response};
pub use value::Value;
