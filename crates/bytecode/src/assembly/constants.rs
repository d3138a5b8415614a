//! Constants as assembly writes them, and the pool that it puts them into.

use super::AssemblyError;
use super::lexer::{Token, TokenKind};
use super::text::literal;
use crate::module::Constant;
use iridium_isa::MAX_INT_BITS;
use num_bigint::BigInt;
use std::collections::HashMap;

/// A module's constant pool while its text is assembled.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) constants: Vec<Constant>,
    index: HashMap<String, u32>,
}

impl Pool {
    /// Adds a constant, also one that is there already.
    pub(super) fn append(&mut self, constant: Constant) {
        let next = self.constants.len() as u32;
        if let Some(text) = literal(&constant) {
            self.index.entry(text).or_insert(next);
        }
        self.constants.push(constant);
    }

    /// The index of a constant, which is added if it is not there.
    pub(super) fn index_of(&mut self, constant: Constant) -> u32 {
        if let Some(&index) = literal(&constant).and_then(|text| self.index.get(&text)) {
            return index;
        }
        self.append(constant);
        self.constants.len() as u32 - 1
    }
}

/// The number that a word is: digits with an optional sign, behind an optional `#`. Of more digits than any int has it
/// is the first int that is too large: reading them all would take long, and nothing takes either.
pub(super) fn number(word: &str) -> Option<BigInt> {
    let word = word.strip_prefix('#').unwrap_or(word);
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (radix, digits) = match digits.strip_prefix("0x") {
        Some(hexadecimal) => (16, hexadecimal),
        None => (10, digits),
    };
    if digits.len() as u64 > MAX_INT_BITS / 3 && digits.bytes().all(|digit| char::from(digit).is_digit(radix)) {
        return Some(BigInt::from(1) << MAX_INT_BITS);
    }
    let value = BigInt::parse_bytes(digits.as_bytes(), radix)
        .filter(|_| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    Some(if word.starts_with('-') { -value } else { value })
}

/// The float that a word is: it has a point, an exponent, or a name.
pub(super) fn float_word(word: &str) -> Option<f64> {
    let word = word.strip_prefix('#').unwrap_or(word);
    match word {
        "inf" | "+inf" => return Some(f64::INFINITY),
        "-inf" => return Some(f64::NEG_INFINITY),
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    (digits.starts_with(|first: char| first.is_ascii_digit()) && digits.contains(['.', 'e', 'E']))
        .then(|| word.parse().ok())
        .flatten()
}

/// The constant that a token is as an operand, if it is one.
pub(super) fn operand(token: &Token) -> Option<Result<Constant, AssemblyError>> {
    Some(Ok(match &token.kind {
        TokenKind::Bytes(octets) => Constant::Bytes(octets.clone()),
        TokenKind::Quoted(prefix, text) => return with_prefix(token, prefix, text),
        TokenKind::Word(word) => {
            if let Some(value) = float_word(word) {
                Constant::Float(value)
            } else {
                let (prefix, text) = word.split_at(word.find(':')? + 1);
                return with_prefix(token, prefix, text);
            }
        }
    }))
}

fn with_prefix(token: &Token, prefix: &str, text: &str) -> Option<Result<Constant, AssemblyError>> {
    let wrong = |message: &str, help: &str| Some(Err(AssemblyError::new(token.span.clone(), message).help(help)));
    let text = text.to_owned();
    Some(Ok(match prefix {
        "" => Constant::Str(text),
        ":" if !text.is_empty() || matches!(token.kind, TokenKind::Quoted(..)) => Constant::Atom(text),
        "native:" => Constant::Native(text),
        "int:" => match number(&text) {
            Some(value) => Constant::Int(value),
            None => return wrong("an int is digits", "`int:5`, `int:-12345678901234567890`"),
        },
        "import:" => match text.rsplit_once('.') {
            Some((module, name)) => Constant::Import { module: module.to_owned(), name: name.to_owned() },
            None => return wrong("an import names a module and a member of it", "`import:prelude.map`"),
        },
        _ => return None,
    }))
}
