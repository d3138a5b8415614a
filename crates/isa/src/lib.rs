//! Iridium's two instruction sets.
//!
//! * [`stack`] — *portable code*: compact instructions of a stack machine. This is what module files carry and what
//!   compilers emit.
//! * [`register`] — *register code*: 32-bit words of a register machine. This is what runs.
//!
//! Each set is defined by one table, a macro that lists the instructions as rows: [`for_each_stack_op!`] and
//! [`for_each_register_op!`]. Everything that must agree about an instruction is made from its row: opcode type,
//! number, mnemonic, operand layout, stack effect, flags, encoder, decoder and reference page ([`mod@reference`]).
//!
//! Opcode numbers are append-only: a retired number is never reused, and a change of meaning bumps
//! [`STACK_VERSION`] or [`REGISTER_VERSION`].
//!
//! This crate depends on nothing and knows nothing of values, files or engines.

#![forbid(unsafe_code)]

pub mod leb;
pub mod reference;
pub mod register;
pub mod stack;

/// Version of the portable instruction set.
pub const STACK_VERSION: u16 = 1;

/// Version of the register instruction set. Register code of another version is refused.
pub const REGISTER_VERSION: u16 = 1;

/// Bits of the largest int, in a source, in a module and at run time.
pub const MAX_INT_BITS: u64 = 1 << 18;

/// Registers that a frame sees, `$0` to `$255`.
pub const FRAME_REGISTERS: usize = 256;

/// Registers of a frame that may hold locals and operands; the rest is reserved.
pub const MAX_FRAME: usize = 250;
