//! Assembly (`.iasm`): both instruction sets as text that people read and write.
//!
//! A line is labels, then a directive or an instruction, then a comment behind `;`; each part may be missing. Mnemonics
//! and directives are in any letter case, operands are separated by white space or commas.
//!
//! ```text
//! .func main stack          ; portable code
//!     push 2
//!     push 3
//!     add
//!     halt
//! ```
//!
//! ```text
//!     load $0 #0            ; register code: a file without `.func` is one function `main` of it
//! loop:
//!     addi $0 $0 #1
//!     jlti $0 #10 #1 @loop
//!     hlt
//! ```
//!
//! `docs/assembly.md` says how operands are written and what the directives are.

mod assembler;
mod constants;
mod instructions;
mod lexer;
#[cfg(test)]
mod tests;
pub(crate) mod text;

pub use assembler::DIRECTIVES;

use crate::file::Identified;
use std::ops::Range;

/// Octets of the largest assembly file.
pub const MAX_TEXT: usize = 256 << 20;

/// Errors that are reported of one text.
const MAX_ERRORS: usize = 100;

/// Octets of a message beyond which its middle is left out.
const MAX_MESSAGE: usize = 200;

/// What is wrong with an assembly text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssemblyError {
    /// The octets of the text.
    pub span: Range<usize>,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl AssemblyError {
    fn new(span: Range<usize>, message: impl Into<String>) -> AssemblyError {
        let mut message = message.into();
        // It may quote a word of any length.
        if message.len() > MAX_MESSAGE {
            let start = message.floor_char_boundary(MAX_MESSAGE / 2);
            let end = message.ceil_char_boundary(message.len() - MAX_MESSAGE / 4);
            message.replace_range(start..end, "…");
        }
        AssemblyError { span, message, help: None }
    }

    fn help(self, help: impl Into<String>) -> AssemblyError {
        AssemblyError { help: Some(help.into()), ..self }
    }
}

/// Where the instructions of a function stand in the text: offsets of the code, with the octets of their lines.
pub type Origins = Vec<(u32, Range<usize>)>;

/// What a text gave.
#[derive(Clone, Debug, Default)]
pub struct Assembled {
    /// The modules, by identity. They are not verified.
    pub program: Vec<Identified>,
    /// By module and function, where the instructions stand in the text.
    pub origins: Vec<Vec<Origins>>,
}

/// Assembles a text. Without `.module` its module has the identity and the source `name`.
///
/// # Errors
/// All that is wrong with the text, by place, as far as it was found.
pub fn assemble(text: &str, name: &str) -> Result<Assembled, Vec<AssemblyError>> {
    if text.len() > MAX_TEXT {
        let message = format!("the text has more than {} MiB", MAX_TEXT >> 20);
        return Err(vec![AssemblyError::new(0..0, message)]);
    }
    assembler::run(text, name)
}
