//! A text as tokens, for whatever shows or completes it while it is being written: right or wrong, finished or not.

use crate::reader;
use crate::source::{Source, Span};
use crate::syntax::{Node, NodeId, Tree};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A comment, to the end of its line or up to `*/`.
    Comment,
    /// An int or a float.
    Number,
    /// A string or bytes; false while its end is missing.
    Text(bool),
    /// An atom.
    Atom,
    /// A name, dotted or not.
    Name,
    /// What opens brackets, such as `(` or `#[`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// What is none of these, such as `1abc` or `p.`.
    Wrong,
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The tokens of a text in their order. Where the reader gives up, so does this.
pub fn tokens(text: &str) -> Vec<Token> {
    let source = Source::new("", text);
    let tree = reader::read(&source).tree;
    let mut out = Vec::new();
    let mut at = 0;
    // Leaves in order: a stack of what is still to be visited, the next one last.
    let mut left: Vec<NodeId> = tree.top.iter().rev().copied().collect();
    while let Some(node) = left.pop() {
        if let Some(inner) = inner(&tree, node) {
            left.extend(inner.iter().rev());
            continue;
        }
        let span = tree.span(node);
        between(text, at, span.start as usize, &mut out);
        out.push(Token { kind: kind(tree.node(node), source.slice(span)), span });
        at = span.end as usize;
    }
    between(text, at, text.len(), &mut out);
    out
}

/// The nodes inside a node that is no token of its own.
fn inner(tree: &Tree, node: NodeId) -> Option<&[NodeId]> {
    match tree.node(node) {
        Node::List(children) | Node::Vector(children) | Node::Tuple(children) | Node::Map(children) => {
            Some(tree.children(*children))
        }
        Node::Spread(form) => Some(std::slice::from_ref(form)),
        _ => None,
    }
}

fn kind(node: &Node, text: &str) -> TokenKind {
    match node {
        Node::Int(_) | Node::Big(_) | Node::Float(_) => TokenKind::Number,
        Node::Str(_) | Node::Bytes(_) => TokenKind::Text(true),
        Node::Atom(_) => TokenKind::Atom,
        Node::Symbol(_) | Node::Prop(..) => TokenKind::Name,
        // All other mistakes are words.
        _ if text.starts_with(['"', '#']) => TokenKind::Text(false),
        _ => TokenKind::Wrong,
    }
}

/// The brackets and comments of a part of the text that holds nothing else but white space.
fn between(text: &str, from: usize, to: usize, out: &mut Vec<Token>) {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < to {
        let rest = &text[at..to];
        let (kind, length) = match bytes[at] {
            b';' => (Some(TokenKind::Comment), rest.find('\n').unwrap_or(rest.len())),
            b'/' if rest.starts_with("//") => (Some(TokenKind::Comment), rest.find('\n').unwrap_or(rest.len())),
            b'/' if rest.starts_with("/*") => {
                (Some(TokenKind::Comment), rest.find("*/").map_or(rest.len(), |end| end + 2))
            }
            b'#' if rest.starts_with("#[") => (Some(TokenKind::Open), 2),
            b'(' | b'[' | b'{' => (Some(TokenKind::Open), 1),
            b')' | b']' | b'}' => (Some(TokenKind::Close), 1),
            _ => (None, rest.chars().next().map_or(1, char::len_utf8)),
        };
        out.extend(kind.map(|kind| Token { kind, span: Span::new(at, at + length) }));
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let name = |kind| match kind {
            TokenKind::Comment => "comment",
            TokenKind::Number => "number",
            TokenKind::Text(true) => "text",
            TokenKind::Text(false) => "text-open",
            TokenKind::Atom => "atom",
            TokenKind::Name => "name",
            TokenKind::Open => "open",
            TokenKind::Close => "close",
            TokenKind::Wrong => "wrong",
        };
        let one = |token: &Token| {
            format!("{} {}", name(token.kind), &text[token.span.start as usize..token.span.end as usize])
        };
        tokens(text).iter().map(one).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn every_kind_is_told_apart() {
        assert_eq!(
            shown("(f p.x 1 -2.5 \"a;b\" :ok ...xs) ; end"),
            "open ( | name f | name p.x | number 1 | number -2.5 | text \"a;b\" | atom :ok | name xs | close ) | comment ; end"
        );
        assert_eq!(
            shown("#[1] {:a /* é ( */ 2} // é\n3"),
            "open #[ | number 1 | close ] | open { | atom :a | comment /* é ( */ | number 2 | close } | comment // é | number 3"
        );
    }

    #[test]
    fn an_unfinished_text_has_tokens_too() {
        assert_eq!(shown("(print \"no end (x"), "open ( | name print | text-open \"no end (x");
        assert_eq!(shown("(p. 1abc #b\"x"), "open ( | wrong p. | wrong 1abc | text-open #b\"x");
        assert_eq!(shown(")] /* é"), "close ) | close ] | comment /* é");
        assert_eq!(shown(" ' é"), "name é");
        assert_eq!(shown(""), "");
    }
}
