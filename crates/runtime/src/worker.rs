//! A worker: gives processes their turns, one after the other, and sees to what became of it.

use crate::ending::{Crash, Reason, fault_parcel, limit_parcel};
use crate::fuel::Share;
use crate::inbox::Put;
use crate::memory;
use crate::scheduler::{FIRST, Scheduler, Turn};
use crate::signals::{Effect, Signal};
use crate::slot::{Body, Doing, Slot};
use crate::sync::{Ordering, lock, yield_now};
use crate::timers::Event;
use iridium_vm::requests::{Address, Priority, ProcessRequest, Sent};
use iridium_vm::{Failure, Outcome, Parcel, Part, Request, Response};
use std::sync::Arc;

/// Reductions of the shortest slice that a seed gives.
const SHORTEST_SLICE: u32 = 50;

/// Reductions of the rest of a slice that is not worth another turn.
const SHORTEST_REST: u32 = 50;

/// Reductions of a slice that a request to the node stands for, and to start a process; the process does not pay them.
const REQUEST: u32 = 1;
const SPAWN: u32 = 20;

/// What a scheduler thread has to itself.
pub struct Worker {
    pub(crate) hub: Arc<Scheduler>,
    thread: usize,
    /// The process that was woken last: it runs next, on what is left of the slice of the one that woke it. So two that
    /// talk with each other wait for nobody in between, and together take no more than one of the others.
    woken: Option<Arc<Slot>>,
    /// Reductions left of the present slice.
    left: u32,
    /// The time in microseconds.
    pub(crate) now: u64,
    random: Option<fastrand::Rng>,
    /// Whether it was woken to find work.
    pub(crate) is_searching: bool,
    /// Octets that ended processes have held, and that are perhaps still with the allocator.
    freed: usize,
}

impl Worker {
    /// The worker of a thread. The one of the thread 0 is told what happens in all.
    pub fn new(hub: Arc<Scheduler>, thread: usize) -> Worker {
        let random = hub.settings.seed.map(fastrand::Rng::with_seed);
        Worker { hub, thread, woken: None, left: 0, now: 0, random, is_searching: false, freed: 0 }
    }

    /// The number of its thread.
    pub fn thread(&self) -> usize {
        self.thread
    }

    /// Whether there are more processes than it will run next by itself: a reason for another thread to help.
    pub fn has_surplus(&self) -> bool {
        self.hub.queues[self.thread].len() > usize::from(self.woken.is_none())
    }

    /// Leaves what it would run to others.
    pub fn retire(mut self) {
        self.stop_searching();
        self.put_back();
    }

    /// Leaves the process that it would run next to whoever comes first.
    pub fn put_back(&mut self) {
        if let Some(slot) = self.woken.take() {
            self.enqueue(slot);
        }
    }

    pub(crate) fn stop_searching(&mut self) {
        if std::mem::take(&mut self.is_searching) {
            self.hub.parking.stop_searching();
        }
    }

    /// Answers what a process asked of the world.
    pub fn answer(&mut self, pid: u64, response: Response) {
        self.signal(pid, Signal::Answer(Box::new(response)));
    }

    /// Ends a process for which the host was to do something, and panicked, with this text.
    pub fn fault(&mut self, pid: u64, text: String) {
        self.signal(pid, Signal::Fault(text));
    }

    /// Gives one process its turn, of at most `budget` reductions, at a time in microseconds.
    pub fn turn(&mut self, budget: u32, now: u64) -> Turn {
        self.now = self.now.max(now);
        if self.thread == 0
            && let Some(turn) = self.hub.news()
        {
            return turn;
        }
        self.fire();
        let budget = match self.hub.fuel.take(budget) {
            Share::Of(budget) => budget,
            Share::Later => {
                yield_now();
                return Turn::Ran;
            }
            Share::Empty => return Turn::Starved,
        };
        let mut used = 0;
        let turn = match self.next(budget) {
            Some(slot) => self.serve(&slot, budget, &mut used),
            None => {
                let event = self.hub.next_event.load(Ordering::Acquire);
                Turn::Idle((event != u64::MAX).then_some(event))
            }
        };
        self.hub.fuel.give_back(budget, used);
        self.share();
        turn
    }

    /// Wakes another thread if there is something for it.
    fn share(&self) {
        if self.has_surplus() {
            self.hub.parking.wake_one();
        }
    }

    /// Lets the events happen whose time has come.
    fn fire(&mut self) {
        if self.hub.next_event.load(Ordering::Acquire) > self.now {
            return;
        }
        let hub = Arc::clone(&self.hub);
        // Those of one time are sent by one thread, so that they come in their order.
        let mut timers = lock(&hub.timers);
        while let Some(event) = timers.due(self.now) {
            match event {
                Event::Send(_, sent) => self.route(sent),
                Event::Expire { pid, receive } => self.signal(pid, Signal::Expire(receive)),
            }
        }
        hub.next_event.store(timers.next().unwrap_or(u64::MAX), Ordering::Release);
    }

    /// Who runs next.
    fn next(&mut self, budget: u32) -> Option<Arc<Slot>> {
        let own = &self.hub.queues[self.thread];
        if let Some(random) = &mut self.random {
            let slot = own.pop(Some(|len| random.usize(..len)))?;
            self.left = budget;
            if self.hub.table.len() > 1 && budget > SHORTEST_SLICE {
                self.left = random.u32(SHORTEST_SLICE..=budget);
            }
            return Some(slot);
        }
        if let Some(high) = own.pop_high() {
            self.left = budget;
            return Some(high);
        }
        if self.left >= SHORTEST_REST.min(budget)
            && let Some(woken) = self.woken.take()
        {
            self.left = self.left.min(budget);
            return Some(woken);
        }
        self.put_back();
        self.left = budget;
        let own = &self.hub.queues[self.thread];
        if let Some(slot) = own.pop(None::<fn(usize) -> usize>) {
            return Some(slot);
        }
        let threads = self.hub.queues.len();
        let stolen = (1..threads).find_map(|step| self.hub.queues[(self.thread + step) % threads].steal(own));
        if stolen.is_some() {
            self.stop_searching();
            self.share();
        }
        stolen
    }

    /// Puts a process into the queue.
    pub(crate) fn enqueue(&self, slot: Arc<Slot>) {
        let priority = slot.priority;
        self.hub.queues[self.thread].push(slot, priority);
    }

    /// Puts a process that had its turn into the queue.
    fn requeue(&mut self, slot: &Arc<Slot>) {
        if self.left < SHORTEST_REST {
            self.put_back();
        }
        self.enqueue(Arc::clone(slot));
    }

    /// Sees that a process runs that was woken.
    fn ready(&mut self, slot: Arc<Slot>) {
        if self.random.is_some() || slot.priority == Priority::High {
            self.enqueue(slot);
        } else if let Some(earlier) = self.woken.replace(slot) {
            self.enqueue(earlier);
        }
    }

    /// Runs a process, after it had its signals.
    fn serve(&mut self, slot: &Arc<Slot>, budget: u32, used: &mut u64) -> Turn {
        let mut guard = lock(&slot.body);
        let body = &mut *guard;
        let mut turn = self.signals(slot, body);
        while turn.is_none() {
            let slice = self.left.min(budget);
            let before = body.process.reductions();
            let mut outcome = body.process.run(slice);
            // Who runs next must not depend on when memory is collected, if it can be told in advance.
            while self.random.is_some() && matches!(outcome, Outcome::Collecting) {
                outcome = body.process.run(slice);
            }
            let paid = body.process.reductions() - before;
            *used += paid;
            self.left = self.left.saturating_sub(u32::try_from(paid).unwrap_or(u32::MAX));
            self.hub.counters[self.thread].paid(paid);
            for sent in body.process.take_sent() {
                self.route(sent);
            }
            turn = self.after(slot, body, outcome);
            if turn.is_none() {
                if self.random.is_some() || self.left < SHORTEST_REST {
                    self.requeue(slot);
                    turn = Some(Turn::Ran);
                } else {
                    turn = self.signals(slot, body);
                }
            }
        }
        self.account(slot, body);
        drop(guard);
        match turn {
            None | Some(Turn::Ran) if self.hub.memory() > self.hub.settings.max_memory => self.end_largest(),
            turn => turn.unwrap_or(Turn::Ran),
        }
    }

    /// Counts what a process holds.
    fn account(&self, slot: &Slot, body: &Body) {
        let holds = if slot.inbox.has_ended() { 0 } else { body.memory() };
        let before = slot.holds.swap(holds, Ordering::Relaxed);
        if holds != before {
            self.hub.counters[self.thread].holds(holds as i64 - before as i64);
        }
    }

    /// Gives a process the signals that it has not had yet. The turn is over if it does not run then.
    fn signals(&mut self, slot: &Arc<Slot>, body: &mut Body) -> Option<Turn> {
        loop {
            let Some(signals) = slot.inbox.take() else { return Some(Turn::Ran) };
            let mut signals = signals.into_iter();
            while let Some(signal) = signals.next() {
                self.hub.counters[self.thread].holds(-(signal.bytes() as i64));
                let (reason, ended) = match body.handle(&self.hub.atoms, signal) {
                    Effect::None => continue,
                    Effect::Signal(other, signal) => {
                        self.signal(other, signal);
                        continue;
                    }
                    Effect::Inspect(asker) => {
                        let known = self.inspect(slot, body, Some(signals.as_slice()));
                        self.signal(asker, Signal::Answer(Box::new(Response::Parcel(known))));
                        continue;
                    }
                    Effect::End(reason) => (reason.clone(), Reason::Exited(reason)),
                    Effect::Limit(limit) => (limit_parcel(&self.hub.node, limit), Reason::Limit(limit)),
                    Effect::Fault(text) => {
                        let failure = Failure::internal(text);
                        (fault_parcel(&self.hub.node), Reason::Failed(Box::new(failure)))
                    }
                };
                let turn = self.end(slot, body, &reason, ended);
                self.discard(slot.pid, signals);
                return Some(turn);
            }
            if body.doing == Doing::Runs {
                return None;
            }
            if slot.inbox.park() {
                return Some(Turn::Ran);
            }
        }
    }

    /// Sees to how a run of a process came back. The turn is over if there is one.
    fn after(&mut self, slot: &Arc<Slot>, body: &mut Body, outcome: Outcome) -> Option<Turn> {
        match outcome {
            Outcome::Yielded | Outcome::Collecting => {
                self.requeue(slot);
                Some(Turn::Ran)
            }
            Outcome::Request(Request::Receive { receive, timeout }) => {
                self.wait(slot.pid, body, receive, timeout);
                slot.inbox.park().then_some(Turn::Ran)
            }
            Outcome::Request(Request::Process(request)) => {
                let takes = if matches!(request, ProcessRequest::Spawn(_)) { SPAWN } else { REQUEST };
                self.left = self.left.saturating_sub(takes);
                match self.ask(slot, body, request) {
                    Some(response) => body.process.resume(response),
                    None => body.doing = Doing::Asks,
                }
                None
            }
            Outcome::Request(request) => {
                body.doing = Doing::Asks;
                self.park(slot);
                Some(Turn::Asks(slot.pid, request))
            }
            Outcome::Done => Some(self.end(slot, body, &Parcel::of(Part::Atom(self.hub.atoms.normal)), Reason::Normal)),
            Outcome::Limit(limit) => {
                Some(self.end(slot, body, &limit_parcel(&self.hub.node, limit), Reason::Limit(limit)))
            }
            Outcome::Exited(reason) => {
                let is_normal = reason.as_atom() == Some(self.hub.atoms.normal);
                let ended = if is_normal { Reason::Normal } else { Reason::Exited(reason.clone()) };
                Some(self.end(slot, body, &reason, ended))
            }
            Outcome::Failed => {
                let failure = body.process.failure().cloned();
                let reason = if failure.as_ref().is_some_and(Failure::is_internal) {
                    fault_parcel(&self.hub.node)
                } else {
                    let (value, stack) = body.process.thrown().unwrap_or_default();
                    Parcel::tuple(&[Part::Atom(self.hub.atoms.error), Part::Of(&value), Part::Of(&stack)])
                };
                let ended = failure.map_or(Reason::Normal, |failure| Reason::Failed(Box::new(failure)));
                Some(self.end(slot, body, &reason, ended))
            }
        }
    }

    /// Parks a process, or puts it into the queue if a signal came meanwhile.
    fn park(&mut self, slot: &Arc<Slot>) {
        if !slot.inbox.park() {
            self.requeue(slot);
        }
    }

    /// Lets a process wait for a message.
    fn wait(&mut self, pid: u64, body: &mut Body, receive: u64, timeout: Option<u64>) {
        body.doing = Doing::Waits(receive);
        if body.timer.is_some_and(|(known, _)| known == receive) || body.timer.is_none() && timeout.is_none() {
            return;
        }
        let mut timers = lock(&self.hub.timers);
        if let Some((_, when)) = body.timer.take() {
            timers.remove(when);
        }
        if let Some(milliseconds) = timeout {
            let at = self.now + milliseconds * 1_000;
            body.timer = Some((receive, timers.add(at, Event::Expire { pid, receive })));
            self.hub.next_event.fetch_min(at, Ordering::AcqRel);
        }
    }

    /// Sends a message. What is sent to nobody is lost.
    fn route(&mut self, sent: Sent) {
        let (pid, signal) = match sent.to {
            Address::Pid(pid) => (Some(pid), Signal::Message(sent.message)),
            Address::Name(name) => (self.hub.names.get(name), Signal::Message(sent.message)),
            Address::Watcher(pid, reference) => (Some(pid), Signal::Reply(reference, sent.message)),
            Address::Unreachable => return,
        };
        if let Some(pid) = pid {
            self.signal(pid, signal);
        }
    }

    /// Sends a signal to a process.
    pub(crate) fn signal(&mut self, pid: u64, signal: Signal) {
        let Some(slot) = self.hub.table.get(pid) else { return self.refused(pid, signal) };
        // It counts before somebody can take it out again.
        let bytes = signal.bytes() as i64;
        if bytes > 0 {
            self.hub.counters[self.thread].holds(bytes);
        }
        match slot.inbox.put(signal) {
            Put::Queued => {}
            Put::Wake => self.ready(slot),
            Put::Refused(signal) => {
                self.hub.counters[self.thread].holds(-bytes);
                self.refused(pid, signal);
            }
        }
    }

    /// Who links with a process that there is not, watches it or asks about it, is told so.
    fn refused(&mut self, pid: u64, signal: Signal) {
        let noproc = || Parcel::of(Part::Atom(self.hub.atoms.noproc));
        match signal {
            Signal::Link(from) => self.signal(from, Signal::LinkExit(pid, noproc())),
            Signal::Monitor(reference, from) => self.signal(from, Signal::Down(reference, pid, noproc())),
            Signal::Inspect(from) => self.answer(from, Response::Parcel(Parcel::of(Part::Null))),
            // It ended by itself.
            Signal::Limit(_) => self.hub.is_ending_largest.store(false, Ordering::Release),
            _ => {}
        }
    }

    /// Does away with signals that a process has not had before its end.
    fn discard(&mut self, pid: u64, signals: impl Iterator<Item = Signal>) {
        for signal in signals {
            self.hub.counters[self.thread].holds(-(signal.bytes() as i64));
            self.refused(pid, signal);
        }
    }

    /// Takes a process back that never ran.
    pub(crate) fn withdraw(&mut self, slot: &Slot) {
        let unhandled = slot.inbox.end();
        self.hub.table.remove(slot.pid);
        self.discard(slot.pid, unhandled.into_iter());
    }

    /// Ends the process that holds the most.
    fn end_largest(&mut self) -> Turn {
        if self.hub.is_ending_largest.load(Ordering::Acquire) {
            return Turn::Ran;
        }
        let holds = |slot: &Arc<Slot>| slot.holds.load(Ordering::Relaxed) + slot.inbox.sum(Signal::bytes);
        let Some(largest) = self.hub.table.all().into_iter().max_by_key(holds) else { return Turn::Ran };
        let Ok(mut guard) = largest.body.try_lock() else {
            // Another thread runs it, which ends it after that.
            self.hub.is_ending_largest.store(true, Ordering::Release);
            self.signal(largest.pid, Signal::Limit("memory"));
            return Turn::Ran;
        };
        if largest.inbox.has_ended() {
            return Turn::Ran;
        }
        let turn = self.end(&largest, &mut guard, &limit_parcel(&self.hub.node, "memory"), Reason::Limit("memory"));
        self.account(&largest, &guard);
        turn
    }

    /// Ends a process: all that are linked with it or watch it are told the reason.
    fn end(&mut self, slot: &Arc<Slot>, body: &mut Body, reason: &Parcel, ended: Reason) -> Turn {
        if let Reason::Limit("memory") = ended {
            self.hub.is_ending_largest.store(false, Ordering::Release);
        }
        if slot.pid == FIRST {
            body.doing = Doing::Rests;
            self.park(slot);
            return Turn::Ended(ended);
        }
        // From here on whoever sends it a signal is told that it is not there.
        let unhandled = slot.inbox.end();
        self.hub.table.remove(slot.pid);
        let name = self.hub.names.forget(slot);
        if slot.is_watched.load(Ordering::Acquire) {
            self.hub.note_end(slot.pid);
        }
        if let Some((_, when)) = body.timer {
            lock(&self.hub.timers).remove(when);
        }
        for &other in &body.links {
            self.signal(other, Signal::LinkExit(slot.pid, reason.clone()));
        }
        for (&reference, &watcher) in &body.watchers {
            self.signal(watcher, Signal::Down(reference, slot.pid, reason.clone()));
        }
        for (&reference, &watched) in &body.watches {
            self.signal(watched, Signal::Demonitor(reference));
        }
        self.discard(slot.pid, unhandled.into_iter());
        self.freed += slot.holds.load(Ordering::Relaxed).max(body.memory());
        if self.freed >= memory::RELEASE_AFTER {
            self.freed = 0;
            memory::release();
        }
        match ended {
            Reason::Failed(failure) => {
                let name = name.map(|name| self.hub.node.atom_name(name).to_owned());
                Turn::Crashed(Box::new(Crash { pid: slot.pid, name, failure: *failure }))
            }
            _ => Turn::Ran,
        }
    }
}
