//! Modules of portable code, and the one pass that makes them runnable.
//!
//! * [`module`] — what a compiler produces: constants, globals, functions of portable code, positions.
//! * [`builder`] — writes the code of one function: instructions, labels, positions.
//! * [`disassembly`] — prints both forms.
//! * [`verify`] — proves a module safe and lowers it to register code.

#![forbid(unsafe_code)]

pub mod builder;
pub mod disassembly;
pub mod module;
pub mod verify;

pub use builder::{CodeBuilder, Label};
pub use module::{ClassTemplate, Constant, Function, Global, Handler, LocalName, Module, Position, PositionTable};
pub use verify::{Lowered, LoweredHandler, Pooled, Rejection, Rule, VerifiedModule};
