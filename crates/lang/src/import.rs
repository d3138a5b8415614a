//! The form `import`, and what a file shows to those that import it.

use crate::hir::Literal;
use crate::syntax::{Node, NodeId, Tree};
use rustc_hash::FxHashMap;
use std::fmt;
use std::rc::Rc;

/// What an `import` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// `(import "./path.eva")`: a path, as it is written.
    Path(String),
    /// `(import M.N)`: the names, outermost first.
    Name(Vec<String>),
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Import::Path(path) => write!(f, "{path}"),
            Import::Name(names) => write!(f, "{}", names.join(".")),
        }
    }
}

/// What an `import` form binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binds {
    /// The module, under a name.
    Whole(String),
    /// Some of its members.
    Members(Vec<NodeId>),
    /// A path whose last part is no name.
    Nameless,
}

/// An `import` form.
#[derive(Clone, Debug)]
pub(crate) struct ImportForm {
    pub(crate) wanted: Import,
    /// Where that stands.
    pub(crate) place: NodeId,
    pub(crate) binds: Binds,
}

/// The parts of an `import` form, if it has the shape of one.
pub(crate) fn parse(tree: &Tree, node: NodeId) -> Option<ImportForm> {
    let [_, parts @ ..] = tree.list(node)? else { return None };
    let is_as = |node: NodeId| tree.symbol(node).is_some_and(|sym| &**tree.names.text(sym) == "as");
    match *parts {
        [wanted] => {
            let place = wanted;
            let wanted = wanted_of(tree, wanted)?;
            let binds = match &wanted {
                Import::Name(names) => Binds::Whole(names.last()?.clone()),
                Import::Path(path) => stem(path).map_or(Binds::Nameless, Binds::Whole),
            };
            Some(ImportForm { wanted, place, binds })
        }
        [wanted, word, name] if is_as(word) => {
            let name = tree.names.text(tree.symbol(name)?).to_string();
            Some(ImportForm { wanted: wanted_of(tree, wanted)?, place: wanted, binds: Binds::Whole(name) })
        }
        [names, wanted] => {
            let names = tree.list(names)?;
            let all_names = names.iter().all(|name| tree.symbol(*name).is_some());
            let binds = Binds::Members(names.to_vec());
            all_names.then_some(())?;
            Some(ImportForm { wanted: wanted_of(tree, wanted)?, place: wanted, binds })
        }
        _ => None,
    }
}

fn wanted_of(tree: &Tree, node: NodeId) -> Option<Import> {
    let mut names = Vec::new();
    let mut at = node;
    loop {
        match tree.node(at) {
            Node::Str(path) if names.is_empty() => return Some(Import::Path(path.to_string())),
            Node::Symbol(sym) => {
                names.push(tree.names.text(*sym).to_string());
                names.reverse();
                return Some(Import::Name(names));
            }
            Node::Prop(inner, name) => {
                names.push(tree.names.text(*name).to_string());
                at = *inner;
            }
            _ => return None,
        }
    }
}

/// The name that a path binds: its last part without `.eva`, if that can be a name.
fn stem(path: &str) -> Option<String> {
    let last = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = last.strip_suffix(".eva").unwrap_or(last);
    let first = stem.chars().next()?;
    let is_name = !first.is_ascii_digit()
        && !matches!(first, ':' | '+' | '-' | '\'' | '`')
        && !stem.chars().any(|c| c.is_whitespace() || "()[]{}\";,.".contains(c))
        && !stem.contains("//");
    is_name.then(|| stem.to_string())
}

/// A name that a file or module shows.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: Rc<str>,
    /// The global that it is.
    pub(crate) global: Rc<str>,
    /// The module that the global belongs to, if that is not the file itself.
    pub(crate) module: Option<Rc<str>>,
    pub(crate) constant: bool,
    /// What it shows itself, if it is a module inside the file.
    pub(crate) members: Option<Rc<[Member]>>,
}

/// What an `import` of a file found.
#[derive(Clone, Debug)]
pub(crate) enum Imported {
    /// Another file: its identity, and what it shows.
    File(Rc<str>, Rc<[Member]>),
    /// A module of the library that is always in scope.
    Library(String),
    /// Nothing, which was reported.
    Broken,
}

/// What the `import` forms of a file found.
pub(crate) type Imports = FxHashMap<NodeId, Imported>;

/// What an imported name stands for.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    /// A file: its identity, its name here, its members.
    File(Rc<str>, Rc<str>, Rc<[Member]>),
    /// A module inside a file: the file's identity, the name of the global that holds it, its members.
    Inner(Rc<str>, Rc<str>, Rc<[Member]>),
    /// A module of the library, and its name here.
    Library(Rc<str>, Rc<str>),
    /// A known value.
    Known(Literal),
    /// A global of another module.
    Global(u32),
    /// Something that was reported.
    Broken,
}
