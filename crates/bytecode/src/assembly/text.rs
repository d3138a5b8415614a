//! Names and constants as assembly writes them: one form each, which reads back.

use crate::module::Constant;
use crate::quote::{quote, quote_bytes};
use std::collections::HashSet;

/// Octets of a constant that stands in an instruction; a longer one is named by its index.
const MAX_INLINE: usize = 40;

/// The constants of a pool as operands.
pub(crate) struct Literals(Vec<Option<String>>);

impl Literals {
    pub(crate) fn new(constants: &[Constant]) -> Literals {
        let mut seen = HashSet::new();
        let texts = constants.iter().map(|constant| {
            // Of two that are the same, the text means the first.
            let text = literal(constant).filter(|text| seen.insert(text.clone()));
            text.filter(|text| text.len() <= MAX_INLINE)
        });
        Literals(texts.collect())
    }

    /// What stands for the constant with this index: nothing where it is too long, or the text means another one.
    pub(crate) fn get(&self, index: u32) -> Option<&str> {
        self.0.get(index as usize)?.as_deref()
    }
}

/// A constant as an operand, if it can be one.
pub(crate) fn literal(constant: &Constant) -> Option<String> {
    let mut out = String::new();
    match constant {
        Constant::Int(value) => out = format!("int:{value}"),
        Constant::Float(value) => out = float(*value),
        Constant::Str(text) => quote(text, &mut out),
        Constant::Bytes(octets) => quote_bytes(octets, &mut out),
        Constant::Atom(name) => out = prefixed(":", name),
        Constant::Native(name) => out = prefixed("native:", name),
        Constant::Import { module, name } if !name.contains('.') => {
            out = prefixed("import:", &format!("{module}.{name}"))
        }
        Constant::Import { .. } | Constant::Module { .. } => return None,
    }
    Some(out)
}

fn float(value: f64) -> String {
    let text = format!("{value:?}").to_lowercase();
    if text.contains(['.', 'e', 'n']) { text } else { text + ".0" }
}

fn prefixed(prefix: &str, name: &str) -> String {
    let mut out = prefix.to_owned();
    if is_bare(name) {
        out.push_str(name)
    } else {
        quote(name, &mut out)
    }
    out
}

/// A name as assembly writes it: in quotes where it must be.
pub(crate) fn name(name: &str) -> String {
    let begins = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_' || first == '%');
    let mut out = String::new();
    if begins && is_bare(name) && !name.ends_with(':') {
        out.push_str(name)
    } else {
        quote(name, &mut out)
    }
    out
}

fn is_bare(name: &str) -> bool {
    !name.is_empty() && !name.contains(|char: char| char.is_whitespace() || char.is_control() || ",;\"".contains(char))
}
