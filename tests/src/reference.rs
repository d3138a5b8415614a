//! The language's reference: the rules that its pages number, and its grammar.

use crate::{read, root};
use std::path::PathBuf;

/// A rule of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, such as `scope.redeclare`.
    pub id: String,
    /// The page and line where it stands.
    pub place: String,
}

/// The pages of the reference, in order.
///
/// # Panics
/// If the folder can't be read.
pub fn pages() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("docs/language")).expect("the reference lies in docs/language");
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.expect("a page").path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// The rules of all pages.
pub fn rules() -> Vec<Rule> {
    let mut found = Vec::new();
    for page in pages() {
        let name = page.strip_prefix(root()).expect("a page lies in the repository").display().to_string();
        found.extend(rules_of(&name, &read(&page)));
    }
    found
}

/// The rules of a page: each is named in bold square brackets, `**[scope.redeclare]**`.
fn rules_of(page: &str, text: &str) -> Vec<Rule> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let parts = line.split("**[").skip(1);
        let ids = parts.filter_map(|part| part.split_once("]**")).map(|(id, _)| id);
        found.extend(ids.map(|id| Rule { id: id.to_owned(), place: format!("{page}:{}", number + 1) }));
    }
    found
}

/// A word of the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// What stands in quotes: text of a program.
    Terminal(String),
    /// The name of a production.
    Name(String),
    /// A sign of the notation: `= ; | ( ) [ ] { } -`, or a description between `?`.
    Sign(String),
}

/// The words of a grammar in the notation of ISO 14977: `name = … ;`, terminals in quotes, comments in `(* … *)`,
/// descriptions in words between `?`.
///
/// # Errors
/// What can't be read.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let cut_short = || format!("this never ends: {}", rest.lines().next().unwrap_or(rest));
        let length = match first {
            '(' if rest.starts_with("(*") => rest.find("*)").ok_or_else(cut_short)? + 2,
            '"' | '\'' | '?' => {
                let inside = rest[1..].find(first).ok_or_else(cut_short)?;
                let text = rest[1..=inside].to_owned();
                found.push(if first == '?' { Token::Sign(text) } else { Token::Terminal(text) });
                inside + 2
            }
            '=' | ';' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '-' | ',' => {
                found.push(Token::Sign(first.to_string()));
                1
            }
            _ if first.is_ascii_lowercase() => {
                let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
                let end = end.unwrap_or(rest.len());
                found.push(Token::Name(rest[..end].to_owned()));
                end
            }
            _ => return Err(format!("`{first}` is no sign of the notation: {}", rest.lines().next().unwrap_or(rest))),
        };
        rest = rest[length..].trim_start();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found() {
        let rule = |id: &str, line| Rule { id: id.to_owned(), place: format!("p.md:{line}") };
        let text = "# A\n**[a.b]** Text.\n\nText [a.b] and **bold**. **[a.c]** **[d]**\n";
        assert_eq!(rules_of("p.md", text), [rule("a.b", 2), rule("a.c", 4), rule("d", 4)]);
    }

    #[test]
    fn a_grammar_is_read() {
        let name = |text: &str| Token::Name(text.to_owned());
        let sign = |text: &str| Token::Sign(text.to_owned());
        let expected =
            [name("a-b"), sign("="), Token::Terminal("(".to_owned()), sign("{"), sign("c"), sign("}"), sign(";")];
        assert_eq!(tokens("a-b = \"(\" { ?c? } ; (* no\nmore *)"), Ok(expected.to_vec()));
        assert!(tokens("a = \"b").is_err() && tokens("a = %").is_err());
    }
}
