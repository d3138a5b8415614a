//! Module files (`.irx`): a program of one or more modules as octets, the same on every host.
//!
//! `docs/module-files.md` says what each octet means.

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
pub const VERSION: u16 = 2;

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
