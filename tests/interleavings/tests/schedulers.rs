//! The whole scheduler with programs of processes and several threads, under random interleavings.
//!
//! Each program is run `SCHEDULES` times, or as often as the environment variable `IRIDIUM_SCHEDULES` says. A run that
//! hangs, panics or has another result is shown with its schedule, by which shuttle can repeat it.

#![allow(dead_code, unreachable_pub, reason = "the sources have more than is used here, and are a crate elsewhere")]

#[path = "../../../crates/runtime/src/ending.rs"]
mod ending;
#[path = "../../../crates/runtime/src/fuel.rs"]
mod fuel;
#[path = "../../../crates/runtime/src/inbox.rs"]
mod inbox;
#[path = "../../../crates/runtime/src/names.rs"]
mod names;
#[path = "../../../crates/runtime/src/parking.rs"]
mod parking;
#[path = "../../../crates/runtime/src/queue.rs"]
mod queue;
#[path = "../../../crates/runtime/src/requests.rs"]
mod requests;
#[path = "../../../crates/runtime/src/scheduler.rs"]
mod scheduler;
#[path = "../../../crates/runtime/src/signals.rs"]
mod signals;
#[path = "../../../crates/runtime/src/slab.rs"]
mod slab;
#[path = "../../../crates/runtime/src/slot.rs"]
mod slot;
#[path = "../../../crates/runtime/src/table.rs"]
mod table;
#[path = "../../../crates/runtime/src/timers.rs"]
mod timers;
#[path = "../../../crates/runtime/src/wheel.rs"]
mod wheel;
#[path = "../../../crates/runtime/src/worker.rs"]
mod worker;

/// Memory is not given back here.
mod memory {
    pub(crate) const RELEASE_AFTER: usize = 1 << 60;

    pub(crate) fn release() {}
}

/// The primitives of shuttle under the names that the runtime has for them.
mod sync {
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
    pub(crate) use shuttle::sync::{Mutex, MutexGuard};
    pub(crate) use shuttle::thread::yield_now;
    use std::sync::LockResult;
    use std::time::Duration;

    pub(crate) const LOOKS: usize = 1;

    pub(crate) fn spin_loop() {}

    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().expect("no thread panics while it holds a lock")
    }

    /// Shuttle's, whose time never runs out, but for that: here it runs out at once.
    pub(crate) struct Condvar(shuttle::sync::Condvar);

    pub(crate) struct TimedOut;

    impl TimedOut {
        pub(crate) fn timed_out(&self) -> bool {
            true
        }
    }

    impl Condvar {
        pub(crate) fn new() -> Condvar {
            Condvar(shuttle::sync::Condvar::new())
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify_one();
        }

        pub(crate) fn wait<'s, T>(&self, state: MutexGuard<'s, T>) -> LockResult<MutexGuard<'s, T>> {
            self.0.wait(state)
        }

        pub(crate) fn wait_timeout<'s, T>(
            &self,
            state: MutexGuard<'s, T>,
            _: Duration,
        ) -> LockResult<(MutexGuard<'s, T>, TimedOut)> {
            yield_now();
            Ok((state, TimedOut))
        }
    }
}

use ending::Reason;
use iridium_bytecode::VerifiedModule;
use iridium_lang::environment::{Environment, Mode};
use iridium_lang::source::Source;
use iridium_vm::natives::TABLE;
use iridium_vm::{EngineKind, Exports, Limits, Node, Process, Response};
use scheduler::{SLICE, Scheduler, Settings, Turn};
use shuttle::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use worker::Worker;

/// Schedules of each program with each number of threads.
const SCHEDULES: usize = 200;

/// Programs and what they give.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "(def worker (parent n)
           (receive
             (#[:job x] (begin (send parent (+ x n)) (worker parent n)))
             (:stop :ok)))
         (var me (self))
         (var workers [(spawn worker me 1) (spawn worker me 10) (spawn worker me 100)])
         (var sum 0)
         (each (turn (range 3)) (each (w workers) (send w #[:job 1000])))
         (each (turn (range 9)) (receive (x (set sum (+ sum x)))))
         (var watches 0)
         (each (w workers) (begin (monitor w) (send w :stop)))
         (each (w workers) (receive (#[:down _ _ _ :normal] (set watches (+ watches 1)))))
         [sum watches]",
        "[9333 3]",
    ),
    (
        "(trap-exit true)
         (def child (n) (receive (:go (exit #[:reason n])) (:wait (child n))))
         (var children [])
         (each (n (range 3)) (push children (spawn-link child n)))
         (each (c children) (begin (send c :wait) (send c :go)))
         (var sum 0)
         (each (c children) (receive (#[:exit (pin c) #[:reason n]] (set sum (+ sum n)))))
         (var killed (spawn-link child 7))
         (exit killed :kill)
         (receive (#[:exit (pin killed) :killed] (set sum (+ sum 10))))
         (link killed)
         (receive (#[:exit (pin killed) :noproc] (set sum (+ sum 100))))
         sum",
        "113",
    ),
    (
        "(def server (count)
           (receive
             (#[:add n] (server (+ count n)))
             (#[:get from ref] (begin (send from #[ref count]) (server count)))))
         (var me (self))
         (var s (spawn-opt server [0] {:name :counter}))
         (def adder () (each (i (range 3)) (send :counter #[:add 1])))
         (var watches [])
         (each (i (range 3)) (push watches (spawn-monitor adder)))
         (each (w watches) (begin (var ref (get w 1)) (receive (#[:down (pin ref) _ _ _] null))))
         (var watch (monitor :counter))
         (send :counter #[:get me watch])
         (var count (receive (#[(pin watch) n] n)))
         (exit s :done)
         (receive (#[:down (pin watch) _ _ :done] [count (whereis :counter)]))",
        "[9 null]",
    ),
    (
        "(var me (self))
         (def late (ms) (begin (receive (:never 0) (after ms (send me ms)))))
         (each (ms [3 1 2]) (spawn late ms))
         (send-after 5 me 100)
         (var cancelled (send-after 1000000 me 7))
         (var sum 0)
         (each (i (range 4)) (receive (n (set sum (+ sum n)))))
         [sum (cancel-timer cancelled) (receive (x x) (after 1 :none))]",
        "[106 true :none]",
    ),
];

fn environment() -> Environment {
    let mut environment = Environment::new();
    for native in TABLE {
        environment.add_native(native.name, native.min, native.max);
    }
    environment
}

/// Runs a program with so many threads and compares its value.
fn run(module: &VerifiedModule, expected: &str, threads: usize) {
    let node = Node::new();
    let engine = EngineKind::RegisterLoop;
    let first = Process::new(Arc::clone(&node), Limits::default(), engine);
    let settings = Settings {
        engine,
        max_heap: 1 << 20,
        max_processes: 100,
        max_memory: usize::MAX,
        seed: None,
        clock: None,
        schedulers: threads,
    };
    let scheduler = Scheduler::new(Arc::clone(&node), first, settings);
    let handle = node.link(module, &Exports::default(), None).expect("it links");
    scheduler.start(&handle);
    // Time passes when somebody looks at the clock.
    let clock = Arc::new(AtomicU64::new(0));
    let time = move || clock.fetch_add(200, Ordering::Relaxed);
    let helpers: Vec<_> = (1..threads)
        .map(|thread| {
            let (scheduler, time) = (Arc::clone(&scheduler), time.clone());
            shuttle::thread::spawn(move || scheduler.help(thread, time))
        })
        .collect();
    let mut worker = Worker::new(Arc::clone(&scheduler), 0);
    let ended = loop {
        match worker.turn(SLICE, time()) {
            Turn::Ran => {}
            Turn::Ended(reason) => break reason,
            Turn::Idle(event) => assert!(scheduler.rest(&mut worker, event, None, &time), "a deadlock"),
            Turn::Asks(pid, _) => worker.answer(pid, Response::Done),
            Turn::Crashed(crash) => panic!("{crash:?}"),
            Turn::Starved => panic!("there is no limit"),
        }
    };
    scheduler.stop();
    for helper in helpers {
        helper.join().expect("it ends");
    }
    assert_eq!(ended, Reason::Normal);
    assert_eq!(scheduler.first().result_repr().as_deref(), Ok(expected));
}

fn explore(program: usize) {
    let schedules = std::env::var("IRIDIUM_SCHEDULES").ok().and_then(|text| text.parse().ok()).unwrap_or(SCHEDULES);
    let (text, expected) = PROGRAMS[program];
    let compiled = iridium_lang::compile(&Source::new("program", text), &environment(), Mode::File);
    let module = compiled.module.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
    let module = Arc::new(VerifiedModule::new(module).expect("it is verified"));
    for threads in [2, 3] {
        let module = Arc::clone(&module);
        let mut config = shuttle::Config::new();
        config.stack_size = 1 << 20;
        let scheduler = shuttle::scheduler::RandomScheduler::new(schedules);
        shuttle::Runner::new(scheduler, config).run(move || run(&module, expected, threads));
    }
}

#[test]
fn messages_and_monitors() {
    explore(0);
}

#[test]
fn links_and_exits() {
    explore(1);
}

#[test]
fn names_of_servers() {
    explore(2);
}

#[test]
fn timers_and_timeouts() {
    explore(3);
}
