//! The grammar of the reference, `docs/language/grammar.md`: it is closed, and knows the forms that the compiler knows.

use iridium_tests::reference::{Token, tokens};
use iridium_tests::{read, root};
use std::collections::BTreeSet;

/// The production that everything follows from.
const START: &str = "file";

fn grammar() -> Vec<Token> {
    let page = read(root().join("docs/language/grammar.md"));
    let blocks = page.split("```ebnf\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
    let text: Vec<&str> = blocks.map(|(block, _)| block).collect();
    assert!(!text.is_empty(), "the page has blocks of ebnf");
    tokens(&text.join("\n")).unwrap_or_else(|message| panic!("{message}"))
}

/// The productions, each with its words.
fn productions(tokens: &[Token]) -> Vec<(String, Vec<Token>)> {
    let end = Token::Sign(";".to_owned());
    let parts = tokens.split(|token| *token == end).filter(|part| !part.is_empty());
    let production = |part: &[Token]| match part {
        [Token::Name(name), Token::Sign(equals), rest @ ..] if equals == "=" => (name.clone(), rest.to_vec()),
        _ => panic!("this is no production: {part:?}"),
    };
    parts.map(production).collect()
}

#[test]
fn every_production_is_defined_once_and_used() {
    let productions = productions(&grammar());
    let mut defined = BTreeSet::new();
    for (name, _) in &productions {
        assert!(defined.insert(name.clone()), "`{name}` is defined twice");
    }
    let words = productions.iter().flat_map(|(_, words)| words);
    let mut used: BTreeSet<String> =
        words.filter_map(|word| if let Token::Name(name) = word { Some(name.clone()) } else { None }).collect();
    used.insert(START.to_owned());
    assert_eq!(used.difference(&defined).collect::<Vec<_>>(), Vec::<&String>::new(), "used, but not defined");
    assert_eq!(defined.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "defined, but not used");
}

#[test]
fn brackets_of_the_notation_match() {
    for (name, words) in productions(&grammar()) {
        let mut open = Vec::new();
        for word in &words {
            let Token::Sign(sign) = word else { continue };
            match sign.as_str() {
                "(" | "[" | "{" => open.push(sign.as_str()),
                ")" => assert_eq!(open.pop(), Some("("), "in `{name}`"),
                "]" => assert_eq!(open.pop(), Some("["), "in `{name}`"),
                "}" => assert_eq!(open.pop(), Some("{"), "in `{name}`"),
                _ => {}
            }
        }
        assert!(open.is_empty(), "in `{name}`: {open:?} stays open");
    }
}

#[test]
fn it_knows_the_forms_and_operators_of_the_compiler() {
    let grammar = grammar();
    let mut heads = BTreeSet::new();
    for (name, words) in productions(&grammar) {
        let terminals =
            words.iter().filter_map(|word| if let Token::Terminal(text) = word { Some(text) } else { None });
        if name == "form-name" {
            heads.extend(terminals.cloned());
        }
    }
    let known: BTreeSet<String> = iridium::FORMS.iter().map(|form| (*form).to_owned()).collect();
    assert_eq!(heads, known, "left: `form-name` of the grammar, right: the compiler");
    // And each has a production that shows its shape.
    let mut shown = BTreeSet::new();
    for pair in grammar.windows(2) {
        if let [Token::Terminal(bracket), Token::Terminal(head)] = pair
            && bracket == "("
        {
            shown.insert(head.clone());
        }
    }
    let bare: Vec<&String> = known.iter().filter(|form| !shown.contains(*form)).collect();
    assert!(bare.is_empty(), "no production shows the shape of {bare:?}");
}
