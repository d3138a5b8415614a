//! The syntax tree: nodes in one arena, children by number, so that no depth of nesting recurses on drop.

use crate::run::Run;
use crate::source::{Source, Span};
use num_bigint::BigInt;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Depth to which [`Tree::shown`] indents.
const MAX_INDENT: usize = 40;

/// Number of a node in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(u32);

/// An interned name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(u32);

impl Sym {
    /// The number of the name; names are numbered from 0 without gaps.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A node's children.
pub type Children = Run<NodeId>;

/// What a form is.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Something that was reported already.
    Error,
    /// An int of 64 bits.
    Int(i64),
    /// A larger int.
    Big(Rc<BigInt>),
    /// A float with digits; `inf`, `-inf` and `nan` are symbols here, because members may be called so.
    Float(f64),
    /// Text.
    Str(Rc<str>),
    /// Octets.
    Bytes(Rc<[u8]>),
    /// An atom, without the colon.
    Atom(Rc<str>),
    /// A name.
    Symbol(Sym),
    /// `object.name`
    Prop(NodeId, Sym),
    /// `...form`
    Spread(NodeId),
    /// `(…)`
    List(Children),
    /// `[…]`
    Vector(Children),
    /// `#[…]`
    Tuple(Children),
    /// `{…}`; keys and values alternate.
    Map(Children),
}

/// The names of a source, and its atoms.
#[derive(Clone, Debug, Default)]
pub struct Names {
    texts: Vec<Rc<str>>,
    numbers: FxHashMap<Rc<str>, Sym>,
}

impl Names {
    /// The number of a name, given out now if it is new.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.numbers.get(text) {
            return *sym;
        }
        let sym = Sym(self.texts.len() as u32);
        let text: Rc<str> = text.into();
        self.texts.push(text.clone());
        self.numbers.insert(text, sym);
        sym
    }

    /// The number of a name, if it occurred.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.numbers.get(text).copied()
    }

    /// The name with a number.
    pub fn text(&self, sym: Sym) -> &Rc<str> {
        &self.texts[sym.index()]
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// The forms of a source.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    spans: Vec<Span>,
    children: Vec<NodeId>,
    /// The names.
    pub names: Names,
    /// The forms that stand outside of any other.
    pub top: Vec<NodeId>,
}

impl Tree {
    /// Adds a node.
    pub fn add(&mut self, node: Node, span: Span) -> NodeId {
        self.nodes.push(node);
        self.spans.push(span);
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// Keeps a list of children.
    pub fn add_children(&mut self, children: &[NodeId]) -> Children {
        Run::added(&mut self.children, children.iter().copied())
    }

    /// The node with a number.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// All nodes, each with where it stands.
    pub fn nodes(&self) -> impl Iterator<Item = (&Node, Span)> {
        self.nodes.iter().zip(self.spans.iter().copied())
    }

    /// Where a node stands.
    pub fn span(&self, id: NodeId) -> Span {
        self.spans[id.0 as usize]
    }

    /// The nodes of a list of children.
    pub fn children(&self, children: Children) -> &[NodeId] {
        children.within(&self.children)
    }

    /// The elements of a `(…)` node.
    pub fn list(&self, id: NodeId) -> Option<&[NodeId]> {
        match self.node(id) {
            Node::List(children) => Some(self.children(*children)),
            _ => None,
        }
    }

    /// The name, if the node is a symbol.
    pub fn symbol(&self, id: NodeId) -> Option<Sym> {
        match self.node(id) {
            Node::Symbol(sym) => Some(*sym),
            _ => None,
        }
    }

    /// The forms as text, a node a line with its place, what is inside of it below and further right.
    pub fn shown(&self, source: &Source) -> String {
        let mut out = String::new();
        let mut left: Vec<(NodeId, usize)> = self.top.iter().rev().map(|node| (*node, 0)).collect();
        while let Some((id, depth)) = left.pop() {
            let text = source.slice(self.span(id));
            let (what, inner) = match self.node(id) {
                Node::Error => (format!("error {text}"), None),
                Node::Int(_) | Node::Big(_) => (format!("int {text}"), None),
                Node::Float(_) => (format!("float {text}"), None),
                Node::Str(_) => (format!("string {text}"), None),
                Node::Bytes(_) => (format!("bytes {text}"), None),
                Node::Atom(_) => (format!("atom {text}"), None),
                Node::Symbol(_) => (format!("symbol {text}"), None),
                Node::Prop(object, name) => (format!("property {}", self.names.text(*name)), Some(vec![*object])),
                Node::Spread(form) => ("spread".to_owned(), Some(vec![*form])),
                Node::List(children) => ("form".to_owned(), Some(self.children(*children).to_vec())),
                Node::Vector(children) => ("list".to_owned(), Some(self.children(*children).to_vec())),
                Node::Tuple(children) => ("tuple".to_owned(), Some(self.children(*children).to_vec())),
                Node::Map(children) => ("map".to_owned(), Some(self.children(*children).to_vec())),
            };
            let position = source.position(self.span(id));
            let indent = depth.min(MAX_INDENT) * 2;
            let line = format!("{:indent$}{}", "", what.replace('\n', "\\n"));
            out.push_str(&format!("{line:<32}  {}:{}\n", position.line, position.column));
            left.extend(inner.into_iter().flatten().rev().map(|node| (node, depth + 1)));
        }
        out
    }

    /// The text of the symbol that a `(…)` node begins with.
    pub fn head(&self, id: NodeId) -> Option<&str> {
        let first = *self.list(id)?.first()?;
        self.symbol(first).map(|sym| &**self.names.text(sym))
    }
}
