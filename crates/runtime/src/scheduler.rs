//! The scheduler: what all of a node's scheduler threads share.

use crate::ending::{Atoms, Crash, Reason};
use crate::fuel::Fuel;
use crate::names::Names;
use crate::parking::{Parking, Until, Woken};
use crate::queue::Queue;
use crate::slot::{Body, Doing, Slot};
use crate::sync::{AtomicBool, AtomicI64, AtomicU64, LOOKS, Mutex, MutexGuard, Ordering, lock, spin_loop};
use crate::table::Table;
use crate::timers::Timers;
use crate::worker::Worker;
use iridium_vm::requests::Priority;
use iridium_vm::{EngineKind, ModuleHandle, Node, Process, Request};
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

/// Processes that a node may have at a time, unless it is told otherwise: 2^20.
pub const MAX_PROCESSES: u64 = 1 << 20;

/// Scheduler threads that there may be.
pub const MAX_SCHEDULERS: usize = 256;

/// Reductions of a slice, after which another process has its turn.
pub const SLICE: u32 = 4_000;

/// The serial number of the first process.
pub(crate) const FIRST: u64 = 1;

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
    /// From what the choices are drawn; without it all processes have their turn in order. Only one thread has choices.
    pub seed: Option<u64>,
    /// The clock that processes measure their pauses by.
    pub clock: Option<fn() -> u64>,
    /// Scheduler threads that there may be, the one that drives the first process among them.
    pub schedulers: usize,
}

/// What a turn came to.
#[derive(Debug)]
pub enum Turn {
    /// A process ran, or had a signal. There may be more to do.
    Ran,
    /// A process asks something of the world; see [`Worker::answer`].
    Asks(u64, Request),
    /// This thread finds no process that can run before this time in microseconds, or before anything else happens if
    /// there is none.
    Idle(Option<u64>),
    /// What the first process was started with has ended. It is still there, and can be started with something else.
    Ended(Reason),
    /// Another process ended with an uncaught throw.
    Crashed(Box<Crash>),
    /// The fuel is used up.
    Starved,
}

/// What the processes of one thread came to; each thread writes its own.
#[repr(align(128))]
#[derive(Default)]
pub(crate) struct Counters {
    /// Reductions so far.
    pub(crate) reductions: AtomicU64,
    /// By how much the memory of processes changed in turns of this thread, in octets.
    pub(crate) memory: AtomicI64,
}

impl Counters {
    pub(crate) fn paid(&self, reductions: u64) {
        self.reductions.store(self.reductions.load(Ordering::Relaxed) + reductions, Ordering::Relaxed);
    }

    pub(crate) fn holds(&self, change: i64) {
        self.memory.store(self.memory.load(Ordering::Relaxed) + change, Ordering::Relaxed);
    }
}

/// The processes of a node, and who runs next.
///
/// Each scheduler thread has a [`Worker`], which gives processes their turns. The first worker is driven by whoever
/// drives the first process and is told what happens in the others; those are driven by [`Scheduler::help`].
pub struct Scheduler {
    pub(crate) node: Arc<Node>,
    pub(crate) settings: Settings,
    pub(crate) atoms: Atoms,
    pub(crate) table: Table,
    pub(crate) names: Names,
    pub(crate) timers: Mutex<Timers>,
    /// The time of the first event in microseconds; `u64::MAX` if there is none.
    pub(crate) next_event: AtomicU64,
    /// By thread.
    pub(crate) queues: Box<[Queue<Arc<Slot>>]>,
    pub(crate) counters: Box<[Counters]>,
    pub(crate) parking: Parking,
    pub(crate) fuel: Fuel,
    /// What other threads have to tell the first.
    news: Mutex<VecDeque<Turn>>,
    has_news: AtomicBool,
    /// Whether the largest process was told to end.
    pub(crate) is_ending_largest: AtomicBool,
    is_stopped: AtomicBool,
    /// Processes that have ended and whose end the driver wants to know.
    ended: Mutex<Vec<u64>>,
    has_ended: AtomicBool,
    first: Arc<Slot>,
    pub(crate) last_pid: AtomicU64,
    pub(crate) last_reference: AtomicU64,
}

impl Scheduler {
    /// A scheduler of a first process, which has nothing to do yet.
    pub fn new(node: Arc<Node>, mut first: Process, settings: Settings) -> Arc<Scheduler> {
        let threads = if settings.seed.is_some() { 1 } else { settings.schedulers.clamp(1, MAX_SCHEDULERS) };
        first.set_pid(FIRST);
        let first = Arc::new(Body::new(first, Doing::Rests).into_slot(Priority::Normal));
        let table = Table::new();
        table.reserve(u64::MAX);
        table.insert(Arc::clone(&first));
        Arc::new(Scheduler {
            atoms: Atoms::of(&node),
            node,
            settings,
            table,
            names: Names::default(),
            timers: Mutex::new(Timers::default()),
            next_event: AtomicU64::new(u64::MAX),
            queues: (0..threads).map(|_| Queue::new()).collect(),
            counters: (0..threads).map(|_| Counters::default()).collect(),
            parking: Parking::new(threads),
            fuel: Fuel::new(),
            news: Mutex::new(VecDeque::new()),
            has_news: AtomicBool::new(false),
            is_ending_largest: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
            ended: Mutex::new(Vec::new()),
            has_ended: AtomicBool::new(false),
            first,
            last_pid: AtomicU64::new(FIRST),
            last_reference: AtomicU64::new(0),
        })
    }

    /// Scheduler threads that there may be.
    pub fn threads(&self) -> usize {
        self.queues.len()
    }

    /// The first process, to be looked at, started or asked for something; not while a worker has its turn. After it was
    /// set to run, [`wake`](Self::wake) it.
    pub fn first(&self) -> Lent<'_> {
        Lent(lock(&self.first.body))
    }

    /// Makes the first process run a module's top level.
    pub fn start(&self, module: &ModuleHandle) {
        self.first().start(module);
        self.wake();
    }

    /// Says that the first process has something to do.
    pub fn wake(&self) {
        lock(&self.first.body).doing = Doing::Runs;
        if self.first.inbox.schedule() {
            self.queues[0].push(Arc::clone(&self.first), Priority::Normal);
        }
    }

    /// Reductions that all processes together may use from now on, if there is a limit.
    pub fn set_fuel(&self, reductions: Option<u64>) {
        self.fuel.fill(reductions);
    }

    /// Has [`ended`](Self::ended) say when this process has ended, even if it has already; whether it is there.
    pub fn watch_end(&self, pid: u64) -> bool {
        let slot = self.table.get(pid);
        // Before it is looked whether the process has ended: at its end it looks whether anybody wants to know.
        slot.iter().for_each(|slot| slot.is_watched.store(true, Ordering::Release));
        let lives = slot.is_some_and(|slot| !slot.inbox.has_ended());
        if !lives {
            self.note_end(pid);
        }
        lives
    }

    pub(crate) fn note_end(&self, pid: u64) {
        let mut ended = lock(&self.ended);
        ended.push(pid);
        self.has_ended.store(true, Ordering::Release);
    }

    /// Processes whose end was to be told, and that have ended since this was last asked.
    pub fn ended(&self) -> Vec<u64> {
        // Asked before each turn: a look at what nobody writes costs nothing.
        if !self.has_ended.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut ended = lock(&self.ended);
        self.has_ended.store(false, Ordering::Release);
        std::mem::take(&mut ended)
    }

    /// Compacts the heaps of all processes.
    pub fn compact(&self) {
        self.table.all().iter().for_each(|slot| lock(&slot.body).process.compact());
    }

    /// Reductions of all processes so far.
    pub fn reductions(&self) -> u64 {
        self.counters.iter().map(|counters| counters.reductions.load(Ordering::Relaxed)).sum()
    }

    /// Octets that all processes hold, as of their last turns, with what waits for them.
    pub(crate) fn memory(&self) -> usize {
        let sum: i64 = self.counters.iter().map(|counters| counters.memory.load(Ordering::Relaxed)).sum();
        usize::try_from(sum).unwrap_or(0)
    }

    /// Each process that waits for a message: its pid, its name if it has one, how many messages it did not want.
    pub fn waiting(&self) -> impl Iterator<Item = (u64, Option<&str>, usize)> {
        self.table.all().into_iter().filter_map(|slot| {
            let body = lock(&slot.body);
            let name = self.names.of(&slot).map(|name| self.node.atom_name(name));
            matches!(body.doing, Doing::Waits(_)).then(|| (slot.pid, name, body.process.mailbox_len()))
        })
    }

    /// Runs processes in a thread of its own until the scheduler is [stopped](Self::stop). The clock gives the time in
    /// microseconds. A thread has one number of those below [`threads`](Self::threads), and not 0.
    pub fn help(self: &Arc<Self>, thread: usize, clock: impl Fn() -> u64) {
        let mut worker = Worker::new(Arc::clone(self), thread);
        self.parking.join();
        while !self.is_stopped.load(Ordering::Acquire) {
            match worker.turn(SLICE, clock()) {
                Turn::Ran => {}
                Turn::Idle(event) => {
                    self.rest(&mut worker, event, None, &clock);
                }
                Turn::Starved => {
                    self.tell(Turn::Starved);
                    // The driver says when there is more.
                    self.sleep(&mut worker, Until::default(), || self.is_stopped.load(Ordering::Acquire));
                }
                other => self.tell(other),
            }
        }
        self.parking.leave();
        worker.retire();
    }

    /// Lets a thread rest that found nothing to do until the event: it looks around for a while, and then sleeps, for at
    /// most some time. `false` means that nothing will ever happen again: all threads sleep, no event is to come.
    pub fn rest(
        &self,
        worker: &mut Worker,
        event: Option<u64>,
        at_most: Option<Duration>,
        clock: &dyn Fn() -> u64,
    ) -> bool {
        let thread = worker.thread();
        for _ in 0..if self.threads() > 1 { LOOKS } else { 0 } {
            if self.queues.iter().any(Queue::has_some) || self.has_news.load(Ordering::Relaxed) {
                return true;
            }
            (0..64).for_each(|_| spin_loop());
        }
        let until = Until {
            event: event.map(|at| (at, Duration::from_micros(at.saturating_sub(clock())))),
            at_most,
            answer: false,
        };
        let woken = self.sleep(worker, until, || {
            self.is_stopped.load(Ordering::Acquire)
                || self.next_event.load(Ordering::Acquire) < event.unwrap_or(u64::MAX)
                || thread == 0 && !lock(&self.news).is_empty()
                || self.queues.iter().any(|queue| !queue.is_empty())
        });
        woken != Woken::AllAsleep
    }

    /// Lets a thread sleep that does not search any more; it may be woken to search.
    fn sleep(&self, worker: &mut Worker, until: Until, has_work: impl FnOnce() -> bool) -> Woken {
        worker.stop_searching();
        let woken = self.parking.sleep(worker.thread(), until, has_work);
        worker.is_searching = woken == Woken::ToSearch;
        woken
    }

    /// Says that [`help`](Self::help) is to return, in all threads.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
        self.parking.wake_all();
    }

    /// Says that there can be help again. What is still to be told of the end of an earlier run is forgotten.
    pub fn resume(&self) {
        self.is_stopped.store(false, Ordering::Release);
        let mut news = lock(&self.news);
        news.retain(|turn| matches!(turn, Turn::Asks(..) | Turn::Crashed(_)));
        self.has_news.store(!news.is_empty(), Ordering::Release);
    }

    /// Crashes of which the first worker was not told before the others stopped.
    pub fn untold_crashes(&self) -> Vec<Crash> {
        let mut news = lock(&self.news);
        let (crashes, others) = news.drain(..).partition(|turn| matches!(turn, Turn::Crashed(_)));
        *news = others;
        let crashes: VecDeque<Turn> = crashes;
        crashes
            .into_iter()
            .filter_map(|turn| if let Turn::Crashed(crash) = turn { Some(*crash) } else { None })
            .collect()
    }

    /// Tells the first thread something.
    fn tell(&self, turn: Turn) {
        lock(&self.news).push_back(turn);
        self.has_news.store(true, Ordering::Release);
        self.parking.wake(0);
    }

    /// What another thread has to tell.
    pub(crate) fn news(&self) -> Option<Turn> {
        if !self.has_news.load(Ordering::Acquire) {
            return None;
        }
        let mut news = lock(&self.news);
        let first = news.pop_front();
        self.has_news.store(!news.is_empty(), Ordering::Release);
        first
    }
}

/// The first process, which nobody runs as long as this is held.
pub struct Lent<'s>(MutexGuard<'s, Body>);

impl Deref for Lent<'_> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.0.process
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.0.process
    }
}
