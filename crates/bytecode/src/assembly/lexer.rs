//! The tokens of a line of assembly.

use super::AssemblyError;
use crate::quote::unescape;
use std::ops::Range;

/// A token, with its octets in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Anything without quotes: a mnemonic, a directive, a number, a register, a label, an atom, a name.
    Word(String),
    /// What stands before the quotes (nothing, `:`, `native:` …), and the text between them.
    Quoted(String, String),
    /// `#b"…"`
    Bytes(Vec<u8>),
}

impl Token {
    /// The word, if it is one.
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The name that it is: a word, or a string.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Word(word) => Some(word),
            TokenKind::Quoted(before, text) if before.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// Splits the line that begins at `offset` of the text. What follows a `;` is a comment.
pub(super) fn tokens(line: &str, offset: usize) -> Result<Vec<Token>, AssemblyError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(char) = line[at..].chars().next() {
        if char.is_whitespace() || char == ',' {
            at += char.len_utf8();
            continue;
        }
        if char == ';' {
            break;
        }
        let start = at;
        at += line[at..].find(|char: char| char.is_whitespace() || ",;\"".contains(char)).unwrap_or(line.len() - at);
        let word = &line[start..at];
        let kind = if line[at..].starts_with('"') {
            let bytes = word == "#b";
            let octets = quoted(line, &mut at, offset, bytes)?;
            if bytes {
                TokenKind::Bytes(octets)
            } else {
                TokenKind::Quoted(
                    word.to_owned(),
                    String::from_utf8(octets).expect("escapes of strings are characters"),
                )
            }
        } else {
            TokenKind::Word(word.to_owned())
        };
        tokens.push(Token { kind, span: offset + start..offset + at });
    }
    Ok(tokens)
}

/// What stands between the quotes of which the first is at `at`, which then is behind the last.
fn quoted(line: &str, at: &mut usize, offset: usize, bytes: bool) -> Result<Vec<u8>, AssemblyError> {
    let start = *at;
    let mut octets = Vec::new();
    *at += 1;
    loop {
        let Some(char) = line[*at..].chars().next() else {
            let span = offset + start..offset + line.len();
            return Err(AssemblyError::new(span, "a quoted text ends on its line")
                .help("close it with `\"`; a line break inside it is written `\\n`"));
        };
        match char {
            '"' => {
                *at += 1;
                return Ok(octets);
            }
            '\\' => {
                let Some((escaped, length)) = unescape(&line[*at + 1..], bytes) else {
                    let end = *at + 1 + line[*at + 1..].chars().next().map_or(0, char::len_utf8);
                    let known = if bytes {
                        "\\n \\t \\r \\0 \\\\ \\\" \\u{…} \\xHH"
                    } else {
                        "\\n \\t \\r \\0 \\\\ \\\" \\u{…}"
                    };
                    return Err(AssemblyError::new(offset + *at..offset + end, "there is no such escape")
                        .help(format!("the escapes are {known}")));
                };
                octets.extend(escaped);
                *at += 1 + length;
            }
            other => {
                octets.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                *at += other.len_utf8();
            }
        }
    }
}
