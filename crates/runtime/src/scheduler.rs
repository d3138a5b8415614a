//! The scheduler: whose turn it is, what became of it, and the end of processes.

use crate::ending::{Crash, Reason, atom, atom_parcel, is_atom, limit_parcel};
use crate::memory;
use crate::signals::{Effect, Signal, Slot};
use crate::timers::{Event, Timers};
use iridium_vm::requests::{Address, Priority, Sent};
use iridium_vm::{EngineKind, ModuleHandle, Node, Outcome, Parcel, Part, Process, Request, Response};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Processes that a node may have at a time, unless it is told otherwise: 2^20.
pub const MAX_PROCESSES: u64 = 1 << 20;

/// Reductions of the shortest slice that a seed gives.
const SHORTEST_SLICE: u32 = 50;

/// What holds for all processes.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The engine that runs them.
    pub engine: EngineKind,
    /// Octets that each may hold.
    pub max_heap: usize,
    /// Processes that there may be at a time.
    pub max_processes: u64,
    /// Octets that all together may hold: at nine tenths no more are started, beyond it the largest ends.
    pub max_memory: usize,
    /// From what the choices are drawn; without it all processes have their turn in order.
    pub seed: Option<u64>,
    /// The clock that processes measure their pauses by.
    pub clock: Option<fn() -> u64>,
}

/// What a turn came to.
#[derive(Debug)]
pub enum Turn {
    /// A process ran, or had a signal. There may be more to do.
    Ran,
    /// A process asks something of the world; see [`Scheduler::answer`].
    Asks(u64, Request),
    /// No process can run before this time in microseconds, or before anything else happens if there is none.
    Idle(Option<u64>),
    /// What the first process was started with has ended. It is still there, and can be started with something else.
    Ended(Reason),
    /// Another process ended with an uncaught throw.
    Crashed(Box<Crash>),
}

/// The processes of a node, and who runs next.
pub struct Scheduler {
    pub(crate) node: Arc<Node>,
    pub(crate) settings: Settings,
    pub(crate) slots: BTreeMap<u64, Box<Slot>>,
    /// Those that can run, by priority.
    ready: [VecDeque<u64>; 2],
    pub(crate) names: BTreeMap<u32, u64>,
    pub(crate) timers: Timers,
    pub(crate) first: u64,
    last_pid: u64,
    last_reference: u64,
    /// The time in microseconds.
    pub(crate) now: u64,
    random: Option<fastrand::Rng>,
    /// Reductions of all processes so far.
    reductions: u64,
    /// Octets that all processes hold, as of their last turns, with what waits for them.
    pub(crate) memory: usize,
    /// Octets that ended processes have held, and that are perhaps still with the allocator.
    freed: usize,
}

impl Scheduler {
    /// A scheduler of a first process, which has nothing to do yet.
    pub fn new(node: Arc<Node>, mut first: Process, settings: Settings) -> Scheduler {
        first.set_pid(1);
        Scheduler {
            node,
            settings,
            slots: BTreeMap::from([(1, Box::new(Slot::new(first)))]),
            ready: Default::default(),
            names: BTreeMap::new(),
            timers: Timers::default(),
            first: 1,
            last_pid: 1,
            last_reference: 0,
            now: 0,
            random: settings.seed.map(fastrand::Rng::with_seed),
            reductions: 0,
            memory: 0,
            freed: 0,
        }
    }

    /// The first process.
    pub fn first(&self) -> &Process {
        &self.slots[&self.first].process
    }

    /// The first process, to be started or asked for something. After it was set to run, [`wake`](Self::wake) it.
    pub fn first_mut(&mut self) -> &mut Process {
        &mut self.slots.get_mut(&self.first).expect("the first process is always there").process
    }

    /// Makes the first process run a module's top level.
    pub fn start(&mut self, module: &ModuleHandle) {
        self.first_mut().start(module);
        self.wake();
    }

    /// Says that the first process has something to do.
    pub fn wake(&mut self) {
        let first = self.first;
        if let Some(slot) = self.slots.get_mut(&first) {
            slot.waits = None;
        }
        self.make_ready(first);
    }

    /// Compacts the heaps of all processes.
    pub fn compact(&mut self) {
        self.slots.values_mut().for_each(|slot| slot.process.compact());
    }

    /// Reductions of all processes so far.
    pub fn reductions(&self) -> u64 {
        self.reductions
    }

    /// What each process that waits is: its pid, its name if it has one, how many messages it did not want.
    pub fn waiting(&self) -> impl Iterator<Item = (u64, Option<&str>, usize)> {
        self.slots.iter().filter(|(_, slot)| slot.waits.is_some()).map(|(&pid, slot)| {
            let name = slot.names.first().map(|&name| self.node.atom_name(name));
            (pid, name, slot.process.mailbox_len())
        })
    }

    /// Answers what a process asked of the world.
    pub fn answer(&mut self, pid: u64, response: Response) {
        if let Some(slot) = self.slots.get_mut(&pid) {
            slot.process.resume(response);
            self.make_ready(pid);
        }
    }

    /// Gives one process its turn, of at most `budget` reductions, at a time in microseconds.
    pub fn turn(&mut self, budget: u32, now: u64) -> Turn {
        self.now = self.now.max(now);
        while let Some(event) = self.timers.due(self.now) {
            self.happen(event);
        }
        let Some(pid) = self.next() else { return Turn::Idle(self.timers.next()) };
        let Some(slot) = self.slots.get_mut(&pid) else { return Turn::Ran };
        slot.is_ready = false;
        let mut unwatched = Vec::new();
        while let Some(signal) = slot.inbox.pop_front() {
            match slot.handle(&self.node, signal) {
                Effect::None => {}
                Effect::Unwatched(watched, reference) => unwatched.push((watched, reference)),
                Effect::End(reason) => return self.end(pid, &reason, Reason::Exited(reason.clone())),
                Effect::Overflow(limit) => {
                    return self.end(pid, &limit_parcel(&self.node, limit), Reason::Limit(limit));
                }
            }
        }
        let waits = slot.waits.is_some();
        for (watched, reference) in unwatched {
            self.signal(watched, Signal::Demonitor(reference));
        }
        if waits {
            return Turn::Ran;
        }
        let budget = match &mut self.random {
            Some(random) if self.slots.len() > 1 && budget > SHORTEST_SLICE => random.u32(SHORTEST_SLICE..=budget),
            _ => budget,
        };
        let Some(slot) = self.slots.get_mut(&pid) else { return Turn::Ran };
        let before = slot.process.reductions();
        let mut outcome = slot.process.run(budget);
        // Who runs next must not depend on when memory is collected, if it can be told in advance.
        while self.settings.seed.is_some() && matches!(outcome, Outcome::Collecting) {
            outcome = slot.process.run(budget);
        }
        self.reductions += slot.process.reductions() - before;
        let holds = slot.memory();
        self.memory = (self.memory + holds).saturating_sub(std::mem::replace(&mut slot.counted, holds));
        for sent in slot.process.take_sent() {
            self.route(sent);
        }
        let turn = self.after(pid, outcome);
        if matches!(turn, Turn::Ran) && self.memory > self.settings.max_memory { self.end_largest() } else { turn }
    }

    /// Ends the process that holds the most.
    fn end_largest(&mut self) -> Turn {
        let largest = self.slots.iter().max_by_key(|(_, slot)| slot.counted).map(|(&pid, _)| pid);
        let reason = limit_parcel(&self.node, "memory");
        self.end(largest.unwrap_or(self.first), &reason, Reason::Limit("memory"))
    }

    fn after(&mut self, pid: u64, outcome: Outcome) -> Turn {
        match outcome {
            Outcome::Yielded | Outcome::Collecting => self.make_ready(pid),
            Outcome::Request(Request::Receive { receive, timeout }) => self.wait(pid, receive, timeout),
            Outcome::Request(Request::Process(request)) => {
                let response = self.ask(pid, request);
                self.answer(pid, response);
            }
            Outcome::Request(request) => return Turn::Asks(pid, request),
            Outcome::Done => return self.end(pid, &atom_parcel(&self.node, "normal"), Reason::Normal),
            Outcome::Limit(limit) => {
                return self.end(pid, &limit_parcel(&self.node, limit), Reason::Limit(limit));
            }
            Outcome::Exited(reason) => {
                let is_normal = is_atom(&self.node, &reason, "normal");
                let ended = if is_normal { Reason::Normal } else { Reason::Exited(reason.clone()) };
                return self.end(pid, &reason, ended);
            }
            Outcome::Failed => {
                let Some(slot) = self.slots.get_mut(&pid) else { return Turn::Ran };
                let (value, stack) = slot.process.thrown().unwrap_or_default();
                let parts = [atom(&self.node, "error"), Part::Of(&value), Part::Of(&stack)];
                let reason = Parcel::tuple(&parts);
                let failure = slot.process.failure().cloned();
                let ended = failure.map_or(Reason::Normal, |failure| Reason::Failed(Box::new(failure)));
                return self.end(pid, &reason, ended);
            }
        }
        Turn::Ran
    }

    /// Lets a process wait for a message.
    fn wait(&mut self, pid: u64, receive: u64, timeout: Option<u64>) {
        let Some(slot) = self.slots.get_mut(&pid) else { return };
        slot.waits = Some(receive);
        if slot.timer.is_none_or(|(known, _)| known != receive) {
            if let Some((_, when)) = slot.timer.take() {
                self.timers.remove(when);
            }
            if let Some(milliseconds) = timeout {
                let at = self.now + milliseconds * 1_000;
                slot.timer = Some((receive, self.timers.add(at, Event::Expire { pid, receive })));
            }
        }
        if !slot.inbox.is_empty() {
            self.make_ready(pid);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Send(_, sent) => self.route(sent),
            Event::Expire { pid, receive } => {
                let Some(slot) = self.slots.get_mut(&pid) else { return };
                slot.timer = None;
                slot.process.expire(receive);
                if slot.waits == Some(receive) {
                    slot.waits = None;
                    self.make_ready(pid);
                }
            }
        }
    }

    /// Sends a message. What is sent to nobody is lost.
    fn route(&mut self, sent: Sent) {
        let (pid, signal) = match sent.to {
            Address::Pid(pid) => (Some(pid), Signal::Message(sent.message)),
            Address::Name(name) => (self.names.get(&name).copied(), Signal::Message(sent.message)),
            Address::Watcher(pid, reference) => (Some(pid), Signal::Reply(reference, sent.message)),
        };
        if let Some(pid) = pid {
            self.signal(pid, signal);
        }
    }

    /// Sends a signal to a process. Who links with a process that there is not, or watches it, is told so.
    pub(crate) fn signal(&mut self, pid: u64, signal: Signal) {
        let Some(slot) = self.slots.get_mut(&pid) else {
            let noproc = || atom_parcel(&self.node, "noproc");
            return match signal {
                Signal::Link(from) => self.signal(from, Signal::LinkExit(pid, noproc())),
                Signal::Monitor(reference, from) => self.signal(from, Signal::Down(reference, pid, noproc())),
                _ => {}
            };
        };
        if let Signal::Message(message) | Signal::Reply(_, message) = &signal {
            slot.counted += message.bytes();
            self.memory += message.bytes();
        }
        slot.inbox.push_back(signal);
        self.make_ready(pid);
    }

    pub(crate) fn make_ready(&mut self, pid: u64) {
        if let Some(slot) = self.slots.get_mut(&pid)
            && !std::mem::replace(&mut slot.is_ready, true)
        {
            self.ready[usize::from(slot.priority == Priority::Normal)].push_back(pid);
        }
    }

    /// Who runs next.
    fn next(&mut self) -> Option<u64> {
        let queue = self.ready.iter_mut().find(|queue| !queue.is_empty())?;
        match &mut self.random {
            Some(random) if queue.len() > 1 => queue.swap_remove_back(random.usize(..queue.len())),
            _ => queue.pop_front(),
        }
    }

    /// Adds a process, which is ready to run.
    pub(crate) fn add(&mut self, mut slot: Box<Slot>) -> u64 {
        self.last_pid += 1;
        let pid = self.last_pid;
        slot.process.set_pid(pid);
        if let Some(clock) = self.settings.clock {
            slot.process.set_clock(clock);
        }
        self.slots.insert(pid, slot);
        self.make_ready(pid);
        pid
    }

    /// The number of a new reference.
    pub(crate) fn new_reference(&mut self) -> u64 {
        self.last_reference += 1;
        self.last_reference
    }

    /// Ends a process: all that are linked with it or watch it are told the reason.
    fn end(&mut self, pid: u64, reason: &Parcel, ended: Reason) -> Turn {
        if pid == self.first {
            return Turn::Ended(ended);
        }
        let Some(mut slot) = self.slots.remove(&pid) else { return Turn::Ran };
        self.memory = self.memory.saturating_sub(slot.counted);
        self.freed += slot.memory();
        if let Some((_, when)) = slot.timer {
            self.timers.remove(when);
        }
        let name = slot.names.first().map(|&name| self.node.atom_name(name).to_owned());
        for name in &slot.names {
            self.names.remove(name);
        }
        for &other in &slot.links {
            self.signal(other, Signal::LinkExit(pid, reason.clone()));
        }
        for (&reference, &watcher) in &slot.watchers {
            self.signal(watcher, Signal::Down(reference, pid, reason.clone()));
        }
        for (&reference, &watched) in &slot.watches {
            self.signal(watched, Signal::Demonitor(reference));
        }
        // What it has not had any more comes to a process that is dead.
        for signal in std::mem::take(&mut slot.inbox) {
            self.signal(pid, signal);
        }
        drop(slot);
        if self.freed >= memory::RELEASE_AFTER {
            self.freed = 0;
            memory::release();
        }
        match ended {
            Reason::Failed(failure) => Turn::Crashed(Box::new(Crash { pid, name, failure: *failure })),
            _ => Turn::Ran,
        }
    }
}
