//! Modules of portable code, and the one pass that makes them runnable.
//!
//! * [`module`] — what a compiler produces: constants, globals, functions of portable code, positions.
//! * [`builder`] — writes the code of one function: instructions, labels, positions.
//! * [`assembly`] — both forms as text that people write.
//! * [`faults`] — wrong lowering on demand, for the tests of the tests.
//! * [`mod@file`] — module files: a program as octets.
//! * [`disassembly`] — prints both forms.
//! * [`listing`] — all forms of a function side by side.
//! * [`verify`] — proves a module safe and lowers it to register code.

#![forbid(unsafe_code)]

pub mod assembly;
pub mod builder;
pub mod disassembly;
pub mod faults;
pub mod file;
pub mod listing;
pub mod module;
pub mod nearest;
pub mod quote;
pub mod verify;

pub use builder::{CodeBuilder, Label};
pub use module::{
    ClassTemplate, Constant, Function, Global, Handler, LocalName, Module, Pooled, Position, PositionTable,
    RegisterCode, RegisterHandler,
};
pub use verify::{Lowered, Rejection, Rule, VerifiedModule};
