//! A process of the table: what others may reach of it, and what only the thread that runs it touches.

use crate::inbox::Inbox;
use crate::signals::Signal;
use crate::sync::{AtomicBool, AtomicUsize, Mutex};
use crate::timers::When;
use iridium_vm::Process;
use iridium_vm::requests::Priority;
use std::collections::{BTreeMap, BTreeSet};

/// Octets that a link or watch takes, about.
const OCTETS_EACH: usize = 64;

/// A process of the table.
pub(crate) struct Slot {
    /// Its serial number.
    pub(crate) pid: u64,
    /// How important it is that it runs.
    pub(crate) priority: Priority,
    /// Signals that it has not had yet.
    pub(crate) inbox: Inbox<Signal>,
    /// Octets that it held after its last turn.
    pub(crate) holds: AtomicUsize,
    /// Whether it has, or had, a name.
    pub(crate) is_named: AtomicBool,
    /// Whether the driver is to be told of its end.
    pub(crate) is_watched: AtomicBool,
    /// The process itself. It stands in one queue at most and is run by who takes it from there, so nobody waits for
    /// this lock.
    pub(crate) body: Mutex<Body>,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// It runs when it has its turn.
    Runs,
    /// It waits in this `receive`.
    Waits(u64),
    /// It waits for an answer.
    Asks,
    /// It has nothing to do: the first process, when what it was started with has ended.
    Rests,
}

/// What only the thread that runs a process touches.
pub(crate) struct Body {
    pub(crate) process: Process,
    pub(crate) doing: Doing,
    /// When the time of a `receive` is up.
    pub(crate) timer: Option<(u64, When)>,
    pub(crate) links: BTreeSet<u64>,
    /// Whom it watches, by the numbers of the references.
    pub(crate) watches: BTreeMap<u64, u64>,
    /// Who watches it.
    pub(crate) watchers: BTreeMap<u64, u64>,
    pub(crate) traps_exits: bool,
    pub(crate) max_mailbox: u64,
}

impl Body {
    pub(crate) fn new(process: Process, doing: Doing) -> Body {
        Body {
            process,
            doing,
            timer: None,
            links: BTreeSet::new(),
            watches: BTreeMap::new(),
            watchers: BTreeMap::new(),
            traps_exits: false,
            max_mailbox: u64::MAX,
        }
    }

    /// Octets that it takes, its inbox left out.
    pub(crate) fn memory(&self) -> usize {
        let others = self.links.len() + self.watches.len() + self.watchers.len();
        self.process.memory() + size_of::<Slot>() + others * OCTETS_EACH
    }

    /// As a process that others can reach, parked or, if it is to run, ready to be put into a queue.
    pub(crate) fn into_slot(self, priority: Priority) -> Slot {
        let inbox = Inbox::new();
        if self.doing == Doing::Runs {
            inbox.schedule();
        }
        Slot {
            pid: self.process.pid(),
            priority,
            inbox,
            holds: AtomicUsize::new(0),
            is_named: AtomicBool::new(false),
            is_watched: AtomicBool::new(false),
            body: Mutex::new(self),
        }
    }
}
