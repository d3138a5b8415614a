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

/// Atoms that every end of a process needs.
pub(crate) struct Atoms {
    pub(crate) normal: u32,
    pub(crate) kill: u32,
    pub(crate) killed: u32,
    pub(crate) noproc: u32,
    pub(crate) exit: u32,
    pub(crate) down: u32,
    pub(crate) process: u32,
    pub(crate) error: u32,
}

impl Atoms {
    pub(crate) fn of(node: &Node) -> Atoms {
        Atoms {
            normal: node.own_atom("normal"),
            kill: node.own_atom("kill"),
            killed: node.own_atom("killed"),
            noproc: node.own_atom("noproc"),
            exit: node.own_atom("exit"),
            down: node.own_atom("down"),
            process: node.own_atom("process"),
            error: node.own_atom("error"),
        }
    }
}

/// `#[:limit :heap]` and the like.
pub(crate) fn limit_parcel(node: &Node, limit: &'static str) -> Parcel {
    Parcel::tuple(&[Part::Atom(node.own_atom("limit")), Part::Atom(node.own_atom(limit))])
}

/// `#[:error :internal null]`: no value was thrown.
pub(crate) fn fault_parcel(node: &Node) -> Parcel {
    Parcel::tuple(&[Part::Atom(node.own_atom("error")), Part::Atom(node.own_atom("internal")), Part::Null])
}
