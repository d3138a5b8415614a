//! What there is to say about a name: how it is used, and what for.

use crate::library::{SOURCES, is_in_scope, is_private};
use iridium_lang::definitions::{Definition, about, definitions};
use iridium_lang::forms;
use iridium_lang::source::Source;
use iridium_vm::natives::{APPLY, TABLE};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The chapter of the names that need no module's name before them.
const PRELUDE: &str = "prelude";

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
            text: definition.documentation.as_deref().map(without_indentation),
            members: definition.members.iter().map(|member| member.signature.clone()).collect(),
        }
    }
}

/// A text, its lines without what they begin and end with.
fn without_indentation(text: &str) -> String {
    text.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The documentation of a special form.
pub(crate) fn of_form(name: &str) -> Option<Documentation> {
    let form = forms::form(name)?;
    Some(Documentation { signature: form.syntax.to_owned(), text: Some(form.doc.to_owned()), members: Vec::new() })
}

/// A module of the library, or the prelude.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// The module's name; `prelude` for the names that need none before them.
    pub name: String,
    /// What the module is for.
    pub text: String,
    /// What it shows, by full name; members of a class by `Class.member`.
    pub entries: BTreeMap<String, Documentation>,
}

/// What the library says of itself: the prelude first, then the modules by name.
pub fn library_documentation() -> &'static [Chapter] {
    static CHAPTERS: OnceLock<Vec<Chapter>> = OnceLock::new();
    CHAPTERS.get_or_init(chapters)
}

fn chapters() -> Vec<Chapter> {
    let mut modules: BTreeMap<&str, (String, BTreeMap<String, Documentation>)> = BTreeMap::new();
    for (module, text) in SOURCES {
        let source = Source::new(*module, *text);
        let in_scope = is_in_scope(module);
        let (said, entries) = modules.entry(if in_scope { PRELUDE } else { module }).or_default();
        if !in_scope {
            *said = about(&source).as_deref().map(without_indentation).unwrap_or_default();
        }
        for definition in definitions(&source).iter().filter(|definition| !is_private(&definition.name)) {
            let is_class = definition.name == *module && definition.signature.starts_with("(class ");
            let prefix = if in_scope || is_class { String::new() } else { format!("{module}.") };
            let name = format!("{prefix}{}", definition.name);
            for member in &definition.members {
                entries.insert(format!("{name}.{}", member.name), member.into());
            }
            let mut entry = Documentation::from(definition);
            if let Some(call) = entry.signature.strip_prefix(&format!("({}", definition.name)) {
                entry.signature = format!("({name}{call}");
            } else if entry.signature == definition.name {
                entry.signature.clone_from(&name);
            }
            entries.insert(name, entry);
        }
    }
    let natives = TABLE.iter().map(|native| (native.name, native.parameters, native.doc));
    for (name, parameters, text) in natives.chain([APPLY]).filter(|(name, ..)| !is_private(name)) {
        let module = name.split_once('.').map_or(PRELUDE, |(module, _)| module);
        let space = if parameters.is_empty() { "" } else { " " };
        let signature = format!("({name}{space}{parameters})");
        // A module that shows a native says so in its source, too.
        let entries = &mut modules.entry(module).or_default().1;
        let entry = Documentation { signature, text: Some(text.to_owned()), members: Vec::new() };
        entries.insert(name.to_owned(), entry);
    }
    let chapter = |(name, (text, entries)): (&str, _)| Chapter { name: name.to_owned(), text, entries };
    let (prelude, others): (Vec<_>, Vec<_>) =
        modules.into_iter().map(chapter).partition(|chapter| chapter.name == PRELUDE);
    prelude.into_iter().chain(others).collect()
}

/// What the library says of a name: `map`, `String.split`, `Error.constructor`, or a module's own.
pub(crate) fn of_library(name: &str) -> Option<Documentation> {
    library_documentation().iter().find_map(|chapter| {
        if chapter.name == name && name != PRELUDE {
            let members = chapter.entries.values().map(|entry| entry.signature.clone()).collect();
            let text = Some(chapter.text.clone());
            return Some(Documentation { signature: format!("(module {name})"), text, members });
        }
        chapter.entries.get(name).cloned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_name_says_what_it_is_for() {
        for chapter in library_documentation() {
            assert!(chapter.name == PRELUDE || chapter.text.ends_with('.'), "{} says what it is for", chapter.name);
            for (name, entry) in &chapter.entries {
                let text = entry.text.as_deref().unwrap_or_default();
                assert!(text.ends_with('.'), "{name} says what it is for, in sentences: {text:?}");
            }
        }
    }

    #[test]
    fn natives_prelude_functions_classes_and_forms_are_documented() {
        let signature = |found: Option<Documentation>| found.map(|found| found.signature);
        assert_eq!(signature(of_library("get")).as_deref(), Some("(get c k (default))"));
        assert_eq!(signature(of_library("print")).as_deref(), Some("(print ...values)"));
        assert_eq!(signature(of_library("map")).as_deref(), Some("(map f xs)"));
        assert_eq!(signature(of_library("List.take")).as_deref(), Some("(List.take xs n)"));
        assert_eq!(signature(of_library("Math.pi")).as_deref(), Some("Math.pi"));
        assert_eq!(signature(of_library("List")).as_deref(), Some("(module List)"));
        assert_eq!(signature(of_library("apply")).as_deref(), Some("(apply f ...arguments)"));
        assert_eq!(signature(of_library("Os.args")).as_deref(), Some("(Os.args)"));
        assert_eq!(signature(of_library("Error")).as_deref(), Some("(class Error null)"));
        assert!(signature(of_library("Error.constructor")).is_some_and(|text| text.starts_with("(constructor self")));
        assert_eq!(signature(of_form("if")).as_deref(), Some("(if condition then else)"));
        assert_eq!((of_library("%sort"), of_library("no-such"), of_library(PRELUDE)), (None, None, None));
        assert!(of_library("%").is_some(), "the operator is no private name");
    }
}
