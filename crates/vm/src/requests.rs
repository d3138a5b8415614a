//! What a process asks of its node about processes: to start, link, watch, name and end them.

use crate::heap::parcel::Parcel;
use crate::process::Birth;

/// The name of a node that belongs to no cluster, as in Erlang.
pub const THIS_NODE: &str = "nonode@nohost";

/// Who a message or signal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A process by its serial number.
    Pid(u64),
    /// Whoever is registered under the atom with this index.
    Name(u32),
    /// Somebody on a node that cannot be reached, as all others are: there is no cluster.
    Unreachable,
    /// The process, the first, as long as it watches another under the reference, the second; which it does no longer
    /// after that.
    Watcher(u64, u64),
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// Who it is for.
    pub to: Address,
    /// What it is.
    pub message: Parcel,
}

/// How important it is that a process runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// As all others.
    #[default]
    Normal,
    /// Before all others.
    High,
}

/// A process that is to be started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spawn {
    /// What it calls, and what it has of its parent.
    pub birth: Birth,
    /// Whether it is linked to its parent.
    pub link: bool,
    /// Whether its parent watches it.
    pub monitor: bool,
    /// The atom that it is registered under.
    pub name: Option<u32>,
    /// Octets that it may hold, if that is less than others may.
    pub max_heap: Option<u64>,
    /// Messages that may wait for it.
    pub max_mailbox: Option<u64>,
    /// How important it is.
    pub priority: Priority,
}

/// What a process asks of its node.
#[derive(Clone, Debug, PartialEq)]
pub enum ProcessRequest {
    /// Start a process. Answer: its pid; if it is watched, a tuple of that and the reference.
    Spawn(Box<Spawn>),
    /// Send a message after some milliseconds. Answer: a reference.
    SendAfter(u64, Sent),
    /// Do not send what this reference stands for. Answer: whether it was still to be sent.
    CancelTimer(u64),
    /// Link with a process. Answer: true.
    Link(u64),
    /// End a link. Answer: true.
    Unlink(u64),
    /// Watch a process. Answer: a reference.
    Monitor(Address),
    /// Watch it no longer, and forget that it has ended. Answer: true.
    Demonitor(u64),
    /// Send an exit signal. Answer: true.
    Exit(u64, Parcel),
    /// Whether exit signals become messages from now on. Answer: whether they did.
    TrapExit(bool),
    /// Name a process. Answer: true.
    Register(u32, u64),
    /// Take a name back. Answer: true.
    Unregister(u32),
    /// The process of a name. Answer: its pid, or null.
    Whereis(u32),
    /// All names. Answer: a list of atoms.
    Registered,
    /// All processes. Answer: a list of pids.
    Processes,
    /// What is known of a process. Answer: a list of tuples of a name and a value, or null.
    Info(u64),
    /// The time that timers go by. Answer: microseconds.
    Now,
}
