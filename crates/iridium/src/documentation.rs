//! What there is to say about a name: how it is used, and what for.

use crate::library::PRELUDE_SOURCE;
use iridium_lang::definitions::{Definition, definitions};
use iridium_lang::forms;
use iridium_lang::source::Source;
use iridium_vm::natives;
use std::sync::OnceLock;

/// What there is to say about a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documentation {
    /// How it is used: `(name parameter…)`, or the name alone.
    pub signature: String,
    /// What it is for.
    pub text: Option<String>,
    /// How the members of a class or module are used.
    pub members: Vec<String>,
}

impl From<&Definition> for Documentation {
    fn from(definition: &Definition) -> Documentation {
        Documentation {
            signature: definition.signature.clone(),
            text: definition.documentation.clone(),
            members: definition.members.iter().map(|member| member.signature.clone()).collect(),
        }
    }
}

/// The documentation of a special form.
pub(crate) fn of_form(name: &str) -> Option<Documentation> {
    let form = forms::form(name)?;
    Some(Documentation { signature: form.syntax.to_owned(), text: Some(form.doc.to_owned()), members: Vec::new() })
}

/// The documentation of a name of the prelude or library, such as `map`, `String.split` or `Error.constructor`.
pub(crate) fn of_library(name: &str) -> Option<Documentation> {
    if let Some(native) = natives::TABLE.iter().find(|native| native.name == name && !is_private(name)) {
        let signature = signature(native.name, native.min, native.max);
        return Some(Documentation { signature, text: Some(native.doc.to_owned()), members: Vec::new() });
    }
    if name == "apply" {
        let text = "Calls a function with some arguments and then the elements of an iterable.";
        return Some(Documentation {
            signature: "(apply f ...arguments xs)".to_owned(),
            text: Some(text.to_owned()),
            members: Vec::new(),
        });
    }
    let (first, member) = name.split_once('.').map_or((name, None), |(first, member)| (first, Some(member)));
    let definition = prelude().iter().rev().find(|definition| definition.name == first && !is_private(first))?;
    member.map_or(Some(definition), |member| definition.member(member)).map(Documentation::from)
}

fn prelude() -> &'static [Definition] {
    static DEFINITIONS: OnceLock<Vec<Definition>> = OnceLock::new();
    DEFINITIONS.get_or_init(|| definitions(&Source::new("prelude", PRELUDE_SOURCE)))
}

/// Whether a name is the library's own.
fn is_private(name: &str) -> bool {
    name.len() > 1 && name.starts_with('%')
}

/// How a function of the host is called, of which only the number of arguments is known.
fn signature(name: &str, least: u8, most: Option<u8>) -> String {
    let mut text = format!("({name}");
    let letter = |index: u8| char::from(b'a' + index.min(25));
    text.extend((0..least).flat_map(|index| [' ', letter(index)]));
    match most {
        Some(most) => text.extend((least..most).map(|index| format!(" ({} …)", letter(index)))),
        None => text.push_str(" ...more"),
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natives_prelude_functions_classes_and_forms_are_documented() {
        let signature = |found: Option<Documentation>| found.map(|found| found.signature);
        assert_eq!(signature(of_library("get")).as_deref(), Some("(get a b (c …))"));
        assert_eq!(signature(of_library("print")).as_deref(), Some("(print ...more)"));
        assert_eq!(signature(of_library("map")).as_deref(), Some("(map f xs)"));
        assert_eq!(signature(of_library("Error")).as_deref(), Some("(class Error null)"));
        assert!(signature(of_library("Error.constructor")).is_some_and(|text| text.starts_with("(constructor self")));
        assert_eq!(signature(of_form("if")).as_deref(), Some("(if condition then else)"));
        assert_eq!((of_library("%sort"), of_library("no-such")), (None, None));
        assert!(of_library("%").is_some(), "the operator is no private name");
    }
}
