//! A process in the table, and what signals do to it.
//!
//! Whatever one process does to another is a signal that waits in the other's queue until that is its turn, so signals
//! and messages from one process to another arrive in the order in which they were sent.

use crate::ending::{atom, atom_parcel, is_atom};
use crate::timers::When;
use iridium_vm::requests::Priority;
use iridium_vm::{Node, Parcel, Part, Process};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Octets that a link, watch or name takes, about.
const OCTETS_EACH: usize = 64;

/// What one process does to another.
#[derive(Clone, Debug)]
pub(crate) enum Signal {
    /// It sends a message.
    Message(Parcel),
    /// It sends a message to who watches under this reference, and to nobody else: a reply that is late is lost.
    Reply(u64, Parcel),
    /// It links itself with the other.
    Link(u64),
    /// It ends the link.
    Unlink(u64),
    /// It, the first, wants the other to end for a reason.
    Exit(u64, Parcel),
    /// It, the first, was linked with the other and has ended for a reason.
    LinkExit(u64, Parcel),
    /// Under the reference with this number it, the second, watches the other.
    Monitor(u64, u64),
    /// It watches the other no longer.
    Demonitor(u64),
    /// What the other watches under this reference has ended: who, and why.
    Down(u64, u64, Parcel),
}

impl Signal {
    /// Whether it becomes a message of the mailbox in any case.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Signal::Message(_))
    }
}

/// What a signal wants done beside the process itself.
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// It no longer watches the first under the reference, the second.
    Unwatched(u64, u64),
    /// The process is to end for this reason.
    End(Parcel),
    /// It cannot hold what it was sent.
    Overflow(&'static str),
}

/// A process of the table.
pub(crate) struct Slot {
    pub(crate) process: Process,
    /// Signals that it has not had yet.
    pub(crate) inbox: VecDeque<Signal>,
    /// Whether it is in the queue of those that can run.
    pub(crate) is_ready: bool,
    /// The `receive` that it waits in.
    pub(crate) waits: Option<u64>,
    /// When the time of a `receive` is up.
    pub(crate) timer: Option<(u64, When)>,
    pub(crate) links: BTreeSet<u64>,
    /// Whom it watches, by the numbers of the references.
    pub(crate) watches: BTreeMap<u64, u64>,
    /// Who watches it.
    pub(crate) watchers: BTreeMap<u64, u64>,
    pub(crate) names: BTreeSet<u32>,
    pub(crate) traps_exits: bool,
    pub(crate) max_mailbox: u64,
    /// Octets that are counted for it.
    pub(crate) counted: usize,
    pub(crate) priority: Priority,
}

impl Slot {
    pub(crate) fn new(process: Process) -> Slot {
        Slot {
            process,
            inbox: VecDeque::new(),
            is_ready: false,
            waits: None,
            timer: None,
            links: BTreeSet::new(),
            watches: BTreeMap::new(),
            watchers: BTreeMap::new(),
            names: BTreeSet::new(),
            traps_exits: false,
            max_mailbox: u64::MAX,
            counted: 0,
            priority: Priority::Normal,
        }
    }

    /// Octets that it takes, what waits for it left out.
    pub(crate) fn memory(&self) -> usize {
        let others = self.links.len() + self.watches.len() + self.watchers.len() + self.names.len();
        self.process.memory() + size_of::<Slot>() + others * OCTETS_EACH
    }

    /// Has the next signal.
    pub(crate) fn handle(&mut self, node: &Node, signal: Signal) -> Effect {
        match signal {
            Signal::Message(message) => self.deliver(message),
            Signal::Reply(reference, message) => match self.watches.remove(&reference) {
                None => Effect::None,
                Some(watched) => match self.deliver(message) {
                    Effect::None => Effect::Unwatched(watched, reference),
                    other => other,
                },
            },
            Signal::Link(from) => {
                self.links.insert(from);
                Effect::None
            }
            Signal::Unlink(from) => {
                self.links.remove(&from);
                Effect::None
            }
            Signal::Exit(from, reason) => {
                if is_atom(node, &reason, "kill") {
                    return Effect::End(atom_parcel(node, "killed"));
                }
                self.exit_signal(node, from, reason)
            }
            Signal::LinkExit(from, reason) => {
                // A link that has ended meanwhile carries nothing.
                if self.links.remove(&from) { self.exit_signal(node, from, reason) } else { Effect::None }
            }
            Signal::Monitor(reference, from) => {
                self.watchers.insert(reference, from);
                Effect::None
            }
            Signal::Demonitor(reference) => {
                self.watchers.remove(&reference);
                Effect::None
            }
            Signal::Down(reference, pid, reason) => {
                if self.watches.remove(&reference).is_none() {
                    return Effect::None;
                }
                let parts = [
                    atom(node, "down"),
                    Part::Reference(reference),
                    atom(node, "process"),
                    Part::Pid(pid),
                    Part::Of(&reason),
                ];
                self.deliver(Parcel::tuple(&parts))
            }
        }
    }

    fn exit_signal(&mut self, node: &Node, from: u64, reason: Parcel) -> Effect {
        if self.traps_exits {
            return self.deliver(Parcel::tuple(&[atom(node, "exit"), Part::Pid(from), Part::Of(&reason)]));
        }
        if is_atom(node, &reason, "normal") && from != self.process.pid() {
            return Effect::None;
        }
        Effect::End(reason)
    }

    fn deliver(&mut self, message: Parcel) -> Effect {
        self.waits = None;
        if self.process.mailbox_len() as u64 >= self.max_mailbox {
            return Effect::Overflow("mailbox");
        }
        if self.process.receive(message) { Effect::None } else { Effect::Overflow("heap") }
    }
}
