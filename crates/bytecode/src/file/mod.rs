//! Module files (`.irx`): a program of one or more modules as octets, the same on every host.
//!
//! # Layout
//!
//! Numbers of fixed size are big-endian. `n` is a number in unsigned LEB128 of at most 32 bits, in its shortest form;
//! `text` is `n` octets of UTF-8 behind that `n`; a list is its length as `n` and then its elements. So a program has
//! exactly one file, and a file that was read and is written again is the same, octet by octet.
//!
//! | octets | what |
//! | ---: | :--- |
//! | 4 | magic number `7f 49 52 58` (`\x7fIRX`) |
//! | 2 | version of this layout, [`VERSION`] |
//! | 2 | version of the portable instruction set |
//! | 4 | length of the body |
//! | 4 | CRC-32 (IEEE) of the 12 octets before and the body |
//! | 1 | 1 if there are debug tables, 0 if they were stripped |
//! | … | a list of modules, each after those that it imports; the last one is the program's main module |
//!
//! The last two rows are the body.
//!
//! A module is its identity as `text`, the path of its source as `text`, and its sections: an octet that names the
//! section, its length as `n`, and its contents. Sections stand in the order of their numbers, each once.
//!
//! | number | section | contents |
//! | ---: | :--- | :--- |
//! | 1 | constants | list of: 0 and an int (sign octet, list of octets from the highest), 1 and a float (8 octets), 2 and `text`, 3 and a list of octets, 4 and an atom's name, 5 and a native's name, 6 and an import (module, name), 7 and a module (name, list of: member, `n` of the global) |
//! | 2 | globals: imports and exports | list of: octet (1 if a `const`, 2 if imported, 3 if both), name, and the module if imported |
//! | 3 | classes | list of: name, list of method names |
//! | 4 | functions | list of: name, required parameters, optional ones, octet (sum of: 1 if there is a rest parameter, 2 if it is register code, 4 if parameters are packed), locals, list of captures (octet: 1 a cell, 0 a value), list of octets of portable code, list of handlers (start, end, target) |
//! | 5 | register code | 2 octets: version of the register instruction set; for each function of register code: registers of a frame, pool (list of: 0 and `n` of a constant, 1 and `n` of a function, 2 and an int in zigzag form, 3 null, 4 false, 5 true), list of words of 4 octets, list of handlers (start, end, target, register) |
//! | 6 | debug tables | for each function: positions (list of: offset since the one before, line, column, length), names of locals (list of: local, name, start, end), names of captures |
//!
//! Section 5 is there if a function is register code, section 6 if there are debug tables; without them traces name
//! functions but no lines.

mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::module::Module;
use std::fmt;

pub use read::read;
pub use write::write;

/// The first octets of every module file.
pub const MAGIC: [u8; 4] = *b"\x7fIRX";

/// Version of the layout.
pub const VERSION: u16 = 1;

/// Octets of the largest module file. Reading one takes memory in proportion to its size.
pub const MAX_FILE: usize = 64 << 20;

/// Octets before the body.
const HEADER: usize = 16;

/// A module with its identity: how other modules of the program name it.
pub type Identified = (String, Module);

/// Numbers of the sections.
mod section {
    pub(super) const CONSTANTS: u8 = 1;
    pub(super) const GLOBALS: u8 = 2;
    pub(super) const CLASSES: u8 = 3;
    pub(super) const FUNCTIONS: u8 = 4;
    pub(super) const REGISTERS: u8 = 5;
    pub(super) const DEBUG: u8 = 6;
}

/// Why octets are no module file, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The reason.
    pub fault: Fault,
    /// Offset of the octet at which it was found.
    pub offset: usize,
}

/// Reasons why octets are no module file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The magic number is another one.
    NotAModuleFile,
    /// The layout has another version.
    Version(u16),
    /// The portable instruction set has another version.
    StackVersion(u16),
    /// The register instruction set has another version.
    RegisterVersion(u16),
    /// More than [`MAX_FILE`].
    TooLarge,
    /// The file ends before what it announces.
    Truncated,
    /// The file goes on behind what it announces.
    TrailingOctets,
    /// The checksum is not that of the contents.
    Checksum,
    /// A number is not in its shortest form, or has more than 32 bits.
    BadNumber,
    /// A text is not UTF-8.
    BadText,
    /// An octet that says what follows has an unknown value.
    BadTag(u8),
    /// A section is missing, repeated, or out of order.
    BadSection(u8),
    /// A float that is a NaN has bits other than those of the one that arithmetic gives.
    BadFloat,
    /// There is no module in it.
    NoModule,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            Fault::NotAModuleFile => write!(f, "this is no module file: it does not begin with the magic number"),
            Fault::Version(version) => {
                write!(f, "the file has version {version} of the layout; this build reads version {VERSION}")
            }
            Fault::StackVersion(version) => write!(
                f,
                "the file has version {version} of the portable instruction set; this build reads version {}",
                iridium_isa::STACK_VERSION
            ),
            Fault::RegisterVersion(version) => write!(
                f,
                "the file has register code of version {version}; this build runs version {}: compile it again",
                iridium_isa::REGISTER_VERSION
            ),
            Fault::TooLarge => write!(f, "the file has more than {} MiB", MAX_FILE >> 20),
            Fault::Truncated => write!(f, "the file is cut off"),
            Fault::TrailingOctets => write!(f, "the file goes on behind its end"),
            Fault::Checksum => write!(f, "the file is damaged: its checksum is another one"),
            Fault::BadNumber => write!(f, "a number is not in its shortest form"),
            Fault::BadText => write!(f, "a text is not UTF-8"),
            Fault::BadTag(tag) => write!(f, "the octet {tag} has no meaning here"),
            Fault::BadSection(section) => write!(f, "section {section} is missing, repeated, unknown or out of order"),
            Fault::BadFloat => write!(f, "a float is a NaN with unusual bits"),
            Fault::NoModule => write!(f, "the file holds no module"),
        }?;
        write!(f, " (octet {})", self.offset)
    }
}

impl std::error::Error for FileError {}

/// The checksum of a file with this header and body.
fn checksum(header: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(body);
    hasher.finalize()
}
