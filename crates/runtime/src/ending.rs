//! Why processes end, and what is told of it.

use iridium_vm::{Failure, Node, Parcel, Part};

/// Why a process ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Its function returned.
    Normal,
    /// It threw what nothing caught.
    Failed(Box<Failure>),
    /// It passed a limit, by name.
    Limit(&'static str),
    /// It ended itself, or an exit signal did, for this reason.
    Exited(Parcel),
}

/// A process that ended with an uncaught throw, and is not the first one.
#[derive(Clone, Debug, PartialEq)]
pub struct Crash {
    /// Which it was.
    pub pid: u64,
    /// Its name, if it had one.
    pub name: Option<String>,
    /// What it threw.
    pub failure: Failure,
}

/// The atom of a name that the runtime itself has.
pub(crate) fn atom(node: &Node, name: &'static str) -> Part<'static> {
    Part::Atom(node.own_atom(name))
}

/// A parcel of such an atom.
pub(crate) fn atom_parcel(node: &Node, name: &'static str) -> Parcel {
    Parcel::of(atom(node, name))
}

/// Whether a parcel is such an atom.
pub(crate) fn is_atom(node: &Node, parcel: &Parcel, name: &'static str) -> bool {
    parcel.as_atom() == Some(node.own_atom(name))
}

/// `#[:limit :heap]` and the like.
pub(crate) fn limit_parcel(node: &Node, limit: &'static str) -> Parcel {
    Parcel::tuple(&[atom(node, "limit"), atom(node, limit)])
}
