//! A source as pieces: tokens, comments and brackets, with the line breaks that count and the width of each.

use super::style::{Role, Style, part, style};
use crate::reader::Reading;
use crate::source::Span;
use crate::syntax::{Node, NodeId};
use std::ops::Range;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number, string, atom or symbol; its text stays as it is.
    Token,
    /// A comment to the end of the line.
    LineComment,
    /// `/* … */`
    BlockComment,
    /// Brackets, or `...`, with what is in them.
    Form(Style),
}

/// A token, a comment or a form.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// The numbers of the pieces inside.
    pub(super) inside: Range<usize>,
    /// Its columns on one line; none if it must take several.
    pub(super) flat: Option<usize>,
    /// Whether a line break before it stays.
    pub(super) breaks: bool,
    /// Whether a blank line before it stays, where it begins a line.
    pub(super) blank: bool,
    /// Whether the piece before it is a block comment that it stays on a line with.
    pub(super) glued: bool,
}

impl Piece {
    /// Whether it is no comment.
    pub(super) fn is_form(&self) -> bool {
        matches!(self.kind, Kind::Token | Kind::Form(_))
    }

    /// The brackets of a form.
    pub(super) fn brackets(&self, text: &str) -> (&'static str, &'static str) {
        match (self.kind, &text[self.span.start as usize..]) {
            (Kind::Form(Style::File), _) => ("", ""),
            (Kind::Form(Style::Spread), _) => ("...", ""),
            (_, rest) if rest.starts_with('(') => ("(", ")"),
            (_, rest) if rest.starts_with('[') => ("[", "]"),
            (_, rest) if rest.starts_with('{') => ("{", "}"),
            _ => ("#[", "]"),
        }
    }
}

/// The pieces of a source from an offset on: the file comes first, and each piece after the one around it.
pub(super) fn pieces(text: &str, start: usize, reading: &Reading) -> Vec<Piece> {
    let file = Piece {
        kind: Kind::Form(Style::File),
        span: Span::new(start, text.len()),
        inside: 0..0,
        flat: None,
        breaks: false,
        blank: false,
        glued: false,
    };
    let mut builder = Builder { text, reading, pieces: vec![file], todo: Vec::new() };
    builder.fill(0, Role::Plain, None, &reading.tree.top);
    while let Some((number, node, role)) = builder.todo.pop() {
        builder.form(number, node, role);
    }
    builder.measure();
    builder.pieces
}

struct Builder<'a> {
    text: &'a str,
    reading: &'a Reading,
    pieces: Vec<Piece>,
    /// Forms whose inside is missing.
    todo: Vec<(usize, NodeId, Role)>,
}

impl Builder<'_> {
    fn form(&mut self, number: usize, node: NodeId, role: Role) {
        let tree = &self.reading.tree;
        let (style, head, children) = match tree.node(node) {
            Node::List(children) => {
                let children = tree.children(*children);
                // A dotted name is what is called, too.
                let is_dotted = children.first().is_some_and(|first| matches!(tree.node(*first), Node::Prop(..)));
                let head = tree.head(node).or(is_dotted.then_some(""));
                (style(role, head), head, children)
            }
            Node::Vector(children) | Node::Tuple(children) => (Style::Data, None, tree.children(*children)),
            Node::Map(children) => (Style::Map, None, tree.children(*children)),
            Node::Spread(inner) => (Style::Spread, None, std::slice::from_ref(inner)),
            _ => return,
        };
        self.pieces[number].kind = Kind::Form(style);
        self.fill(number, role, head, children);
    }

    /// Makes pieces of the children of a form, and of the comments between them.
    fn fill(&mut self, number: usize, role: Role, head: Option<&str>, children: &[NodeId]) {
        let tree = &self.reading.tree;
        let Kind::Form(style) = self.pieces[number].kind else { return };
        let span = self.pieces[number].span;
        let (open, close) = self.pieces[number].brackets(self.text);
        let mut at = span.start as usize + open.len();
        let end = span.end as usize - close.len();
        let first = self.pieces.len();
        let mut next = self.reading.comments.partition_point(|comment| (comment.start as usize) < at);
        for (index, child) in children.iter().map(Some).chain([None]).enumerate() {
            let until = child.map_or(end, |child| tree.span(*child).start as usize);
            while let Some(comment) = self.reading.comments.get(next).filter(|comment| (comment.start as usize) < until)
            {
                let text = &self.text[comment.start as usize..comment.end as usize];
                let kind = if text.starts_with("/*") { Kind::BlockComment } else { Kind::LineComment };
                let span = Span::new(comment.start as usize, comment.start as usize + text.trim_end().len());
                self.add(kind, span, &mut at, first, style, index);
                next += 1;
            }
            let Some(child) = child else { break };
            let part = part(role, head, index);
            let piece = self.pieces.len();
            self.add(Kind::Token, tree.span(*child), &mut at, first, style, index);
            self.todo.push((piece, *child, part));
            // Comments inside the child are its own.
            next += self.reading.comments[next..].partition_point(|comment| (comment.start as usize) < at);
        }
        self.pieces[number].inside = first..self.pieces.len();
    }

    /// Adds the piece that follows `at` in a form whose first piece is `first`; `forms` of them are no comments.
    fn add(&mut self, kind: Kind, span: Span, at: &mut usize, first: usize, style: Style, forms: usize) {
        let gap = &self.text[*at..span.start as usize];
        *at = span.end as usize;
        let lines = gap.bytes().filter(|byte| *byte == b'\n').count();
        let is_first = self.pieces.len() == first;
        let counts = match style {
            Style::File => true,
            _ if is_first => false,
            _ if kind == Kind::LineComment => true,
            Style::Body(header) => forms >= header,
            Style::Call | Style::Data => forms > 0,
            Style::Assign => forms >= 2,
            Style::Map => forms > 0 && forms.is_multiple_of(2),
            Style::Spread => false,
        };
        let breaks = counts && lines > 0;
        let glued = !breaks
            && kind != Kind::LineComment
            && !is_first
            && self.pieces.last().is_some_and(|last| last.kind == Kind::BlockComment);
        let inside = 0..0;
        let blank = lines > 1 && !is_first;
        self.pieces.push(Piece { kind, span, inside, flat: None, breaks, blank, glued });
    }

    /// Finds how wide each piece is on one line, from the inside out.
    fn measure(&mut self) {
        for number in (0..self.pieces.len()).rev() {
            let piece = &self.pieces[number];
            let text = &self.text[piece.span.start as usize..piece.span.end as usize];
            self.pieces[number].flat = match piece.kind {
                Kind::LineComment => None,
                Kind::Token | Kind::BlockComment => (!text.contains('\n')).then(|| text.chars().count()),
                Kind::Form(style) => {
                    let (open, close) = piece.brackets(self.text);
                    let inside = &self.pieces[piece.inside.clone()];
                    let widths = inside.iter().map(|inner| inner.flat.filter(|_| !inner.breaks));
                    let sum: Option<usize> = widths.sum();
                    let spaces = if style == Style::Spread { inside.len() - 1 } else { inside.len().saturating_sub(1) };
                    sum.map(|sum| sum + spaces + open.len() + close.len())
                }
            };
        }
    }
}
