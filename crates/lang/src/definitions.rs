//! What a source defines, as its text says it: signatures and documentation, for those who ask for them.

use crate::reader;
use crate::source::{Source, Span};
use crate::syntax::{Node, NodeId, Tree};

/// Something that a source defines by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// How it is used: `(name parameter…)` for a function, `(class Name Parent)`, `(module Name)`, or the name alone.
    pub signature: String,
    /// The text that it begins with; for a value the comment on the lines before it.
    pub documentation: Option<String>,
    /// What a class or module holds.
    pub members: Vec<Definition>,
    /// Where it stands.
    pub span: Span,
}

impl Definition {
    /// What a class or module holds by this name.
    pub fn member(&self, name: &str) -> Option<&Definition> {
        self.members.iter().rev().find(|member| member.name == name)
    }
}

/// What is defined at the top of a source, in its order. A name that is defined again is there again.
pub fn definitions(source: &Source) -> Vec<Definition> {
    let tree = reader::read(source).tree;
    collect(source, &tree, &tree.top, true)
}

/// What a source says of itself: the string that it begins with, if more follows.
pub fn about(source: &Source) -> Option<String> {
    let tree = reader::read(source).tree;
    documentation(&tree, &tree.top)
}

/// Forms that are looked into: a class or module, and no class or module in it.
fn collect(source: &Source, tree: &Tree, forms: &[NodeId], nested: bool) -> Vec<Definition> {
    forms.iter().filter_map(|form| definition(source, tree, *form, nested)).collect()
}

fn definition(source: &Source, tree: &Tree, form: NodeId, nested: bool) -> Option<Definition> {
    let (_, parts) = tree.list(form)?.split_first()?;
    let head = tree.head(form)?;
    let name = |node: &NodeId| tree.symbol(*node).map(|sym| tree.names.text(sym).to_string());
    let span = tree.span(form);
    let made = |name: &str, signature, documentation, members| {
        Some(Definition { name: name.to_owned(), signature, documentation, members, span })
    };
    match (head, parts) {
        ("def", [first, parameters, body @ ..]) => {
            let name = name(first)?;
            made(&name, signature(source, tree, &name, *parameters), documentation(tree, body), Vec::new())
        }
        ("var" | "const", [first, rest @ ..]) => {
            let name = name(first)?;
            let lambda = rest.first().filter(|value| tree.head(**value) == Some("lambda"));
            match lambda.and_then(|value| tree.list(*value)) {
                Some([_, parameters, body @ ..]) => {
                    made(&name, signature(source, tree, &name, *parameters), documentation(tree, body), Vec::new())
                }
                _ => made(&name, name.clone(), comment_before(source, span), Vec::new()),
            }
        }
        ("class", [first, parent, body @ ..]) => {
            let name = name(first)?;
            let members = if nested { collect(source, tree, inside(tree, body), false) } else { Vec::new() };
            let signature = format!("(class {name} {})", one_line(source.slice(tree.span(*parent))));
            made(&name, signature, documentation(tree, body), members)
        }
        ("module", [first, body @ ..]) => {
            let name = name(first)?;
            let members = if nested { collect(source, tree, body, false) } else { Vec::new() };
            made(&name, format!("(module {name})"), documentation(tree, body), members)
        }
        _ => None,
    }
}

/// The forms of a class's body, which may stand in one `begin`.
fn inside<'t>(tree: &'t Tree, body: &'t [NodeId]) -> &'t [NodeId] {
    let begin = body.iter().find(|form| tree.head(**form) == Some("begin"));
    begin.and_then(|form| tree.list(*form)).map_or(body, |forms| &forms[1..])
}

/// A string that is the first of several forms.
fn documentation(tree: &Tree, body: &[NodeId]) -> Option<String> {
    match (body, body.first().map(|first| tree.node(*first))) {
        ([_, _, ..], Some(Node::Str(text))) => Some(text.to_string()),
        _ => None,
    }
}

/// The comment on the lines directly before a form that begins its line.
fn comment_before(source: &Source, span: Span) -> Option<String> {
    let (before, indentation) = source.text().get(..span.start as usize)?.rsplit_once('\n')?;
    let comment = |line: &str| {
        let line = line.trim();
        let text = line.strip_prefix(';').or_else(|| line.strip_prefix("//"))?;
        Some(text.trim_start_matches([';', '/']).trim().to_owned())
    };
    let mut lines: Vec<String> = before.split('\n').rev().map_while(comment).collect();
    lines.reverse();
    (indentation.trim().is_empty() && !lines.is_empty()).then(|| lines.join("\n"))
}

fn signature(source: &Source, tree: &Tree, name: &str, parameters: NodeId) -> String {
    let mut text = format!("({name}");
    for parameter in tree.list(parameters).unwrap_or_default() {
        text.push(' ');
        text.push_str(&one_line(source.slice(tree.span(*parameter))));
    }
    text.push(')');
    text
}

/// A piece of source on one line, cut where it is long.
fn one_line(text: &str) -> String {
    const SHOWN: usize = 60;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Definition> {
        definitions(&Source::new("t", text))
    }

    #[test]
    fn functions_have_signature_and_documentation() {
        let found = of(
            "(def f (a (b 2) ...rest)\n  \"Does it.\"\n  a)\n(var g (lambda (x) x)) (const n 5) (var [p q] [1 2]) (f 1)",
        );
        let shown: Vec<_> = found.iter().map(|d| (d.signature.as_str(), d.documentation.as_deref())).collect();
        assert_eq!(shown, [("(f a (b 2) ...rest)", Some("Does it.")), ("(g x)", None), ("n", None)]);
        assert_eq!(of("(def f () \"only a value\")")[0].documentation, None, "the first of several forms");
    }

    #[test]
    fn a_value_has_the_comment_before_it() {
        for (text, expected) in [
            ("; Three\n; lines.\n(const pi 3)", Some("Three\nlines.")),
            ("; another's\n\n(const pi 3)", None),
            ("1 (const pi 3) ; after", None),
            ("1\n  // What it is.\n  (var x 1)", Some("What it is.")),
        ] {
            assert_eq!(of(text)[0].documentation.as_deref(), expected, "{text}");
        }
        assert_eq!(about(&Source::new("t", "\"A file.\" 1")).as_deref(), Some("A file."));
        assert_eq!(about(&Source::new("t", "\"a value\"")), None);
    }

    #[test]
    fn classes_and_modules_have_members() {
        let found = of(
            "(class A null \"An A.\" (def m (self x) \"M.\" x) (const N 1))\n(class B A (begin (def m (self) 1)))\n(module M (def f () 1))",
        );
        assert_eq!(found[0].signature, "(class A null)");
        assert_eq!(found[0].documentation.as_deref(), Some("An A."));
        assert_eq!(found[0].member("m").map(|m| m.signature.as_str()), Some("(m self x)"));
        assert!(found[0].member("N").is_some() && found[0].member("other").is_none());
        assert_eq!(found[1].member("m").map(|m| m.signature.as_str()), Some("(m self)"));
        assert_eq!(found[2].member("f").map(|m| m.signature.as_str()), Some("(f)"));
    }

    #[test]
    fn a_text_that_is_wrong_defines_what_can_be_read() {
        assert_eq!(
            of("(def) (def f) (class) (def g (x) x) (def h (").iter().map(|d| d.name.as_str()).collect::<Vec<_>>(),
            ["g", "h"]
        );
    }
}
