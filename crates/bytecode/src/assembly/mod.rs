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
//! | operand | is written |
//! | :--- | :--- |
//! | register | `$0` to `$255` |
//! | number, count, index | `#5`, `#-5`, or without the `#` |
//! | label | `@name`; `name:` stands before the instruction that it names; labels belong to their function |
//! | constant | its index, or itself: `"text"`, `#b"octets"`, `:atom`, `1.5`, `int:5`, `native:print`, `import:prelude.map`; in register code also `null`, `true`, `false`, `func:f` |
//! | global, function, class | its index, or its name where only one has it |
//! | built-in type | its name |
//! | inline cache | nothing, or its index |
//!
//! `push` and `load` also take what is too large for them: the constant instruction is written in their place. A test
//! (`jlti`, `next` …) executes the `jmp` behind it, which may be written as one more operand, `@label`.
//!
//! | directive | says |
//! | :--- | :--- |
//! | `.module ID [SOURCE]` | a module begins: its identity, and the path of its source; a file without one is one module |
//! | `.const CONSTANT` | the next constant of the pool; here an int is just its digits, and `module NAME (MEMBER GLOBAL)…` is a module |
//! | `.global NAME [const] [from MODULE]` | the next global variable, perhaps another module's |
//! | `.class NAME METHOD…` | the next class template |
//! | `.func NAME [stack]` | a function begins: of portable code with `stack`, else of register code; the one called `main` runs first |
//! | `.params REQUIRED [OPTIONAL] [rest] [packed]` | its parameters; packed ones come in a list |
//! | `.locals N` | its locals, with the parameters; else as many as it names |
//! | `.registers N` | registers of its frame; else as many as it names |
//! | `.capture NAME [cell]` | its next capture |
//! | `.pool CONSTANT` | the next constant of its own pool: one of the module (`const N`), or a constant of register code |
//! | `.handler @START @END @TARGET [$R]` | throws between the first two go on at the third, in register code with the value in `$R` |
//! | `.line LINE [COLUMN [LENGTH]]` | where the next instructions stand in the source |
//! | `.octets N…`, `.words N…` | raw code: octets of portable code, words of register code |
//! | `.local N NAME @START @END` | the name of a local, for tools |

mod assembler;
mod constants;
mod instructions;
mod lexer;
#[cfg(test)]
mod tests;
pub(crate) mod text;

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
