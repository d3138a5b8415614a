//! The reader: text to a syntax tree, without recursion, reporting as many mistakes as it can in one run.

use crate::diagnostic::Diagnostic;
use crate::literal;
use crate::source::{Source, Span};
use crate::syntax::{Node, NodeId, Tree};

/// Deepest nesting of brackets and of dots that is accepted.
pub const MAX_NESTING: usize = 2_000;

/// Bytes of the largest source that is accepted.
pub const MAX_SOURCE: usize = 64 << 20;

/// Mistakes after which the reader gives up.
const MAX_ERRORS: usize = 200;

/// What reading gave: a tree in any case, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Reading {
    /// The forms. Where something was wrong stands [`Node::Error`].
    pub tree: Tree,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether every mistake is that the text ends too early.
    pub incomplete: bool,
    /// The comments, in the order of the text. A first line that begins with `#!` is none.
    pub comments: Vec<Span>,
}

/// Reads a source.
pub fn read(source: &Source) -> Reading {
    let text = source.text();
    if text.len() > MAX_SOURCE {
        let message = format!("the source has {} bytes; at most {MAX_SOURCE} are read", text.len());
        let diagnostics = vec![Diagnostic::error("source-too-large", Span::new(0, 0), message)];
        return Reading { diagnostics, ..Reading::default() };
    }
    let mut reader = Reader {
        source,
        text,
        at: 0,
        tree: Tree::default(),
        errors: Vec::new(),
        cut_short: 0,
        comments: Vec::new(),
        open: Vec::new(),
        pending: Vec::new(),
    };
    reader.run();
    let incomplete = !reader.errors.is_empty() && reader.errors.len() == reader.cut_short;
    reader.errors.sort_by_key(|error| error.span.start);
    Reading { tree: reader.tree, diagnostics: reader.errors, incomplete, comments: reader.comments }
}

/// Whether the text could become right by adding to it: the REPL then asks for another line.
pub fn is_incomplete(text: &str) -> bool {
    read(&Source::new("", text)).incomplete
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    List,
    Vector,
    Tuple,
    Map,
    /// Not a bracket: `...` waits for the form that it spreads.
    Spread,
}

impl Bracket {
    fn close(self) -> char {
        match self {
            Bracket::List => ')',
            Bracket::Vector | Bracket::Tuple => ']',
            Bracket::Map | Bracket::Spread => '}',
        }
    }

    fn text(self) -> &'static str {
        match self {
            Bracket::List => "(",
            Bracket::Vector => "[",
            Bracket::Tuple => "#[",
            Bracket::Map => "{",
            Bracket::Spread => "...",
        }
    }
}

struct Open {
    bracket: Bracket,
    span: Span,
    /// Where its children begin in `pending`.
    children: usize,
    /// A form at the beginning of a line inside it: the sign of a bracket missing before.
    suspect: Option<Span>,
}

struct Reader<'a> {
    source: &'a Source,
    text: &'a str,
    at: usize,
    tree: Tree,
    errors: Vec<Diagnostic>,
    /// How many of the errors say that the text ends too early.
    cut_short: usize,
    comments: Vec<Span>,
    open: Vec<Open>,
    pending: Vec<NodeId>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        if self.text[self.at..].starts_with("#!") {
            self.skip_line();
        }
        while self.skip_space() && self.errors.len() < MAX_ERRORS {
            if !self.form() {
                return;
            }
        }
        self.end();
        self.tree.top = std::mem::take(&mut self.pending);
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    fn peek(&self, offset: usize) -> u8 {
        self.text.as_bytes().get(self.at + offset).copied().unwrap_or(0)
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    fn line_comment(&mut self) {
        let start = self.at;
        self.skip_line();
        self.comments.push(Span::new(start, self.at));
    }

    /// Skips white space and comments; false at the end of the text.
    fn skip_space(&mut self) -> bool {
        while self.at < self.text.len() {
            match self.peek(0) {
                b' ' | b'\n' | b'\t' | b'\r' | b',' => self.at += 1,
                b';' => self.line_comment(),
                b'/' if self.peek(1) == b'/' => self.line_comment(),
                b'/' if self.peek(1) == b'*' => {
                    let start = self.at;
                    match self.text[start + 2..].find("*/") {
                        Some(length) => {
                            self.at = start + 2 + length + 2;
                            self.comments.push(Span::new(start, self.at));
                        }
                        None => {
                            self.at = self.text.len();
                            self.cut_short += 1;
                            let span = Span::new(start, start + 2);
                            self.error(
                                Diagnostic::error("unterminated-comment", span, "this comment never ends")
                                    .help("close it with `*/`"),
                            );
                        }
                    }
                }
                byte if byte < 0x80 => {
                    if !byte.is_ascii_whitespace() && byte != 0x0b {
                        return true;
                    }
                    self.at += 1;
                }
                _ => match self.text[self.at..].chars().next() {
                    Some(character) if character.is_whitespace() => self.at += character.len_utf8(),
                    _ => return true,
                },
            }
        }
        false
    }

    /// Reads one token; false when reading cannot go on.
    fn form(&mut self) -> bool {
        let start = self.at;
        match self.peek(0) {
            b'(' => return self.open(Bracket::List),
            b'[' => return self.open(Bracket::Vector),
            b'{' => return self.open(Bracket::Map),
            b'#' if self.peek(1) == b'[' => return self.open(Bracket::Tuple),
            b'#' if self.peek(1) == b'b' && self.peek(2) == b'"' => {
                self.at += 2;
                if let Some((from, to)) = self.quoted(start) {
                    let bytes = literal::bytes(&self.text[from..to], from, &mut self.errors);
                    self.token(Node::Bytes(bytes), start);
                }
            }
            close @ (b')' | b']' | b'}') => self.close(close as char),
            b'"' => {
                if let Some((from, to)) = self.quoted(start) {
                    let text = literal::string(&self.text[from..to], from, &mut self.errors);
                    self.token(Node::Str(text), start);
                }
            }
            b':' if self.peek(1) == b'"' => {
                self.at += 1;
                if let Some((from, to)) = self.quoted(start) {
                    let text = literal::string(&self.text[from..to], from, &mut self.errors);
                    self.token(Node::Atom(text), start);
                }
            }
            quote @ (b'\'' | b'`') => {
                self.at += 1;
                let span = Span::new(start, self.at);
                let message = format!("`{}` is reserved for macros", quote as char);
                self.error(
                    Diagnostic::error("reserved-character", span, message)
                        .help("strings are written \"…\", and a name for its own sake is an atom: `:name`"),
                );
            }
            b'.' if self.text[start..].starts_with("...") => {
                self.at += 3;
                return self.open_at(Bracket::Spread, start);
            }
            _ => return self.word(),
        }
        true
    }

    /// A run of characters that is a number, an atom, or a symbol.
    fn word(&mut self) -> bool {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest
            .find(|c: char| matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '"' | ';' | ',') || c.is_whitespace())
            .unwrap_or(rest.len());
        // A character that no token begins with cannot stand here: brackets and quotes were seen before.
        self.at = start + length.max(1);
        let text = &self.text[start..self.at];
        let span = Span::new(start, self.at);
        let bytes = text.as_bytes();
        let number_at = usize::from(matches!(bytes[0], b'-' | b'+'));
        if bytes.get(number_at).is_some_and(u8::is_ascii_digit) {
            match literal::number(text, span) {
                Ok(node) => self.token(node, start),
                Err(diagnostic) => self.wrong(diagnostic, start),
            }
        } else if let Some(name) = text.strip_prefix(':') {
            if name.is_empty() {
                let diagnostic = Diagnostic::error("bad-atom", span, "this atom has no name")
                    .help("write `:name`, or `:\"any text\"`; between a map's key and its value stands no colon");
                self.wrong(diagnostic, start);
            } else {
                // The same few atoms stand in a program again and again.
                let name = self.tree.names.intern(name);
                let text = self.tree.names.text(name).clone();
                self.token(Node::Atom(text), start);
            }
        } else if bytes.contains(&b'.') && text != "." {
            return self.dotted(text, start);
        } else {
            let sym = self.tree.names.intern(text);
            self.token(Node::Symbol(sym), start);
        }
        true
    }

    fn dotted(&mut self, text: &str, start: usize) -> bool {
        let span = Span::new(start, start + text.len());
        let digit = text
            .trim_start_matches(['-', '+'])
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if digit || text.split('.').any(str::is_empty) {
            let shown = literal::short(text);
            let diagnostic = if digit {
                Diagnostic::error("bad-number", span, format!("`{shown}` is no number"))
                    .help(format!("write `{}`", shown.replacen('.', "0.", 1)))
            } else {
                Diagnostic::error("bad-symbol", span, format!("`{shown}` has a dot without a name beside it"))
                    .help("a dot stands between two names: `object.member`")
            };
            self.wrong(diagnostic, start);
            return true;
        }
        if text.bytes().filter(|byte| *byte == b'.').count() > MAX_NESTING {
            self.too_deep(span);
            return false;
        }
        let mut parts = text.split('.');
        let first = parts.next().unwrap_or("");
        let mut end = start + first.len();
        let sym = self.tree.names.intern(first);
        let mut node = self.tree.add(Node::Symbol(sym), Span::new(start, end));
        for part in parts {
            end += 1 + part.len();
            let sym = self.tree.names.intern(part);
            node = self.tree.add(Node::Prop(node, sym), Span::new(start, end));
        }
        self.add(node);
        true
    }

    /// The inside of a string that begins here; `start` is where its token begins. Nothing if it never ends.
    fn quoted(&mut self, start: usize) -> Option<(usize, usize)> {
        let triple = self.text[self.at..].starts_with("\"\"\"");
        let quote = if triple { "\"\"\"" } else { "\"" };
        let from = self.at + quote.len();
        let bytes = self.text.as_bytes();
        let mut at = from;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 2,
                b'"' if bytes[at..].starts_with(quote.as_bytes()) => {
                    self.at = at + quote.len();
                    return Some((from, at));
                }
                _ => at += 1,
            }
        }
        self.at = bytes.len();
        self.cut_short += 1;
        let span = Span::new(start, from);
        self.error(
            Diagnostic::error("unterminated-string", span, "this string never ends")
                .help(format!("close it with `{quote}`")),
        );
        self.token(Node::Error, start);
        None
    }

    fn wrong(&mut self, diagnostic: Diagnostic, start: usize) {
        self.error(diagnostic);
        self.token(Node::Error, start);
    }

    fn token(&mut self, node: Node, start: usize) {
        let node = self.tree.add(node, Span::new(start, self.at));
        self.add(node);
    }

    /// Puts a finished node into the innermost open form, and finishes the spreads that waited for it.
    fn add(&mut self, mut node: NodeId) {
        while let Some(open) = self.open.pop_if(|open| open.bracket == Bracket::Spread) {
            let span = open.span.to(self.tree.span(node));
            node = self.tree.add(Node::Spread(node), span);
        }
        self.pending.push(node);
    }

    fn open(&mut self, bracket: Bracket) -> bool {
        let start = self.at;
        self.at += bracket.text().len();
        self.open_at(bracket, start)
    }

    fn open_at(&mut self, bracket: Bracket, start: usize) -> bool {
        let span = Span::new(start, self.at);
        if self.open.len() >= MAX_NESTING {
            self.too_deep(span);
            return false;
        }
        if bracket == Bracket::List && (start == 0 || self.text.as_bytes()[start - 1] == b'\n') {
            // The innermost one: it is the likeliest to lack its bracket.
            if let Some(last) = self.open.last_mut() {
                last.suspect.get_or_insert(span);
            }
        }
        self.open.push(Open { bracket, span, children: self.pending.len(), suspect: None });
        true
    }

    fn too_deep(&mut self, span: Span) {
        let message = format!("forms are nested more than {MAX_NESTING} deep here");
        self.error(
            Diagnostic::error("nesting-too-deep", span, message).help("move inner parts into functions of their own"),
        );
    }

    fn close(&mut self, close: char) {
        let span = Span::new(self.at, self.at + 1);
        self.at += 1;
        self.drop_spreads();
        let Some(last) = self.open.last() else {
            self.error(
                Diagnostic::error("unbalanced", span, format!("this `{close}` closes nothing"))
                    .help("remove it, or add the bracket that it should close"),
            );
            return;
        };
        let (bracket, opened) = (last.bracket, last.span);
        if bracket.close() != close {
            let message = format!("this `{close}` cannot close the `{}`", bracket.text());
            self.error(
                Diagnostic::error("unbalanced", span, message)
                    .label(opened, "opened here")
                    .help(format!("close it with `{}`", bracket.close())),
            );
            // If it fits a bracket further out, the ones between lack theirs; else the bracket itself is mistyped.
            // Looking far out would make many such mistakes cost the square of the source.
            let near = self.open.len().saturating_sub(8);
            if self.open[near..].iter().any(|open| open.bracket.close() == close) {
                while self.open.last().is_some_and(|open| open.bracket.close() != close) {
                    self.finish();
                }
            }
        }
        self.finish();
    }

    /// A spread that meets a closing bracket or the end has nothing to spread.
    fn drop_spreads(&mut self) {
        while let Some(open) = self.open.pop_if(|open| open.bracket == Bracket::Spread) {
            self.error(
                Diagnostic::error("bad-spread", open.span, "there is nothing after this `...` to spread")
                    .help("write it before a form: `(f ...xs)`"),
            );
        }
    }

    /// Makes a node of the innermost open bracket.
    fn finish(&mut self) {
        self.drop_spreads();
        let Some(open) = self.open.pop() else { return };
        let span = Span::new(open.span.start as usize, self.at);
        let children = &self.pending[open.children..];
        let odd = if children.len() % 2 == 1 { children.last().copied() } else { None };
        let children = self.tree.add_children(children);
        self.pending.truncate(open.children);
        let node = match open.bracket {
            Bracket::List => Node::List(children),
            Bracket::Vector => Node::Vector(children),
            Bracket::Tuple => Node::Tuple(children),
            Bracket::Map | Bracket::Spread => {
                if let Some(odd) = odd {
                    let place = self.tree.span(odd);
                    self.error(
                        Diagnostic::error("odd-map", place, "this key of a map has no value")
                            .label(open.span, "the map begins here")
                            .help("a map alternates keys and values: `{:a 1 :b 2}`"),
                    );
                }
                Node::Map(children)
            }
        };
        let node = self.tree.add(node, span);
        self.add(node);
    }

    /// The end of the text: what is open stays open.
    fn end(&mut self) {
        let end = Span::new(self.text.len(), self.text.len());
        let mut spread = None;
        while let Some(open) = self.open.pop_if(|open| open.bracket == Bracket::Spread) {
            spread = Some(open.span);
        }
        if let Some(span) = spread {
            self.cut_short += 1;
            self.error(Diagnostic::error("bad-spread", span, "there is nothing after this `...` to spread"));
        }
        // A string or comment that runs to the end explains why nothing is closed.
        let explained = self.errors.iter().any(|e| matches!(e.code, "unterminated-string" | "unterminated-comment"));
        if let (Some(last), false) = (self.open.last(), explained) {
            let suspect = self.open.iter().rev().find(|open| open.suspect.is_some());
            let blamed = suspect.unwrap_or(last);
            let (bracket, span) = (blamed.bracket, blamed.span);
            let message = format!("this `{}` is never closed", bracket.text());
            let mut diagnostic = Diagnostic::error("unbalanced", span, message);
            diagnostic = match blamed.suspect {
                Some(next) => diagnostic
                    .label(next, "this begins a line, as if nothing were open")
                    .help(format!("is a `{}` missing before it?", bracket.close())),
                None => diagnostic.help(self.missing()),
            };
            self.cut_short += 1;
            self.error(diagnostic);
        }
        self.at = end.end as usize;
        while !self.open.is_empty() {
            // Their mistakes are not interesting any more: odd maps would be reported.
            let errors = self.errors.len();
            self.finish();
            self.errors.truncate(errors);
        }
        debug_assert!(self.source.text().len() == self.text.len());
    }

    /// The brackets that would close everything.
    fn missing(&self) -> String {
        let brackets: String = self.open.iter().rev().take(12).map(|open| open.bracket.close()).collect();
        match self.open.len() {
            0..=12 => format!("the file ends here; `{brackets}` would close what is open"),
            more => format!("the file ends with {more} brackets open"),
        }
    }
}
