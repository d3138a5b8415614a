//! Drives a program: turns of its processes, limits of fuel and time.

use crate::config::Config;
use crate::functions::Functions;
use crate::host::Host;
use crate::machine;
use crate::report::Ending;
use crate::world::World;
use iridium_runtime::{Crash, Lent, Reason, Scheduler, Settings, Turn, Worker};
use iridium_vm::{Glance, Limits, ModuleHandle, Outcome, Process, Request, Stats, Value};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Reductions of a slice, after which limits and the host's wish to stop are looked at.
pub const SLICE: u32 = iridium_runtime::SLICE;

/// Work in the time that a seed fixes: a slice is a millisecond.
const REDUCTIONS_A_MICROSECOND: u64 = SLICE as u64 / 1_000;

/// How long nobody looks whether the host wants the program to stop, while all processes wait.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Processes that a report of a deadlock names.
const MAX_SHOWN_WAITING: usize = 100;

/// A program that runs, or has run.
pub struct Execution {
    scheduler: Arc<Scheduler>,
    /// What runs processes in the thread that calls.
    worker: Worker,
    config: Config,
    deadline: Option<Instant>,
    /// Reductions that were paid before the present program.
    paid: u64,
    world: World,
    started: Instant,
    /// With a seed, the microseconds that were waited for.
    waited: u64,
    /// The module whose top level is run.
    running: Option<ModuleHandle>,
    /// Modules whose top level is still to be run, the main one last.
    modules: VecDeque<ModuleHandle>,
    /// The main module, whose names the host can ask for.
    main: Option<ModuleHandle>,
    functions: Arc<Functions>,
    ending: Option<Ending>,
}

impl Execution {
    /// A process that can run a module.
    pub(crate) fn new(mut process: Process, config: &Config, functions: &Arc<Functions>) -> Execution {
        process.set_clock(nanoseconds);
        process.set_limits(limits(config));
        let settings = Settings {
            engine: config.engine.to_vm(),
            max_heap: limits(config).max_heap,
            max_processes: config.max_processes,
            max_memory: config
                .max_memory
                .map_or_else(machine::memory, |octets| usize::try_from(octets).unwrap_or(usize::MAX)),
            seed: config.seed,
            clock: Some(nanoseconds),
            schedulers: config.schedulers,
        };
        let scheduler = Scheduler::new(Arc::clone(process.node()), process, settings);
        Execution {
            worker: Worker::new(Arc::clone(&scheduler), 0),
            scheduler,
            config: config.clone(),
            deadline: None,
            paid: 0,
            world: World::default(),
            started: Instant::now(),
            waited: 0,
            running: None,
            modules: VecDeque::new(),
            main: None,
            functions: Arc::clone(functions),
            ending: None,
        }
    }

    /// Runs the top level of a module of the library, outside of the program's limits and figures.
    pub(crate) fn define(&mut self, module: &ModuleHandle) {
        let limits = limits(&self.config);
        let mut process = self.process_mut();
        let before = process.stats();
        process.set_limits(Limits::default());
        process.start(module);
        let outcome = process.run(SLICE);
        assert_eq!(outcome, Outcome::Done, "the library's top level only defines things");
        process.keep_images(module, false);
        process.set_limits(limits);
        process.set_stats(before);
    }

    /// The value of a global, if it is a function without captures.
    pub(crate) fn exported_function(&self, global: u32) -> Option<Value> {
        self.process().exported_function(global)
    }

    /// Sets the process to the start of the first of some modules, which are run in turn. What earlier ones defined is
    /// still there.
    pub(crate) fn start(&mut self, modules: VecDeque<ModuleHandle>) {
        self.begin();
        self.main = modules.back().cloned();
        self.modules = modules;
        self.start_next();
    }

    /// Starts the top level of the next module; whether there is one.
    fn start_next(&mut self) -> bool {
        if let Some(done) = self.running.take() {
            self.process_mut().keep_images(&done, true);
        }
        let Some(next) = self.modules.pop_front() else { return false };
        self.scheduler.start(&next);
        // The main module has no image: what it defines may change as long as it runs.
        self.running = Some(next).filter(|_| !self.modules.is_empty());
        true
    }

    /// Begins to count what the limits are on.
    pub(crate) fn begin(&mut self) {
        self.deadline = self.config.deadline.and_then(|time| Instant::now().checked_add(time));
        self.paid = self.scheduler.reductions();
        self.ending = None;
        self.scheduler.set_fuel(self.config.fuel);
        self.scheduler.wake();
    }

    /// Ends what is being run, as [`Ending::Interrupted`]. What it left in the program's variables stays there.
    pub fn stop(&mut self) {
        if self.ending.is_none() {
            self.end(Ending::Interrupted);
        }
    }

    fn end(&mut self, ending: Ending) {
        self.ending = Some(ending);
        self.world.close_all();
        self.modules.clear();
        self.running = None;
    }

    /// How what was run last ended, if it did.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// The module of the program that was given to run.
    pub(crate) fn main(&self) -> Option<&ModuleHandle> {
        self.main.as_ref()
    }

    /// Whether there is nothing left to run.
    pub fn has_ended(&self) -> bool {
        self.ending.is_some()
    }

    /// Gives the process another clock, in nanoseconds, to measure the pauses of its collector by.
    pub fn set_clock(&mut self, clock: fn() -> u64) {
        self.process_mut().set_clock(clock);
    }

    /// Makes the process collect at every allocation: slow, and the strictest test of the collector.
    pub fn set_stress(&mut self, stress: bool) {
        self.process_mut().set_stress(stress);
    }

    /// Makes an allocation fail, after so many that don't, and all later ones if that is `lasting`: a test of what
    /// happens without memory.
    pub fn fail_allocation(&mut self, after: u64, lasting: bool) {
        self.process_mut().fail_allocation(after, lasting);
    }

    /// Whether an allocation was made to fail.
    pub fn allocation_failed(&self) -> bool {
        self.process().allocation_failed()
    }

    /// Moves what the heaps of the program's processes hold together and gives the rest of their memory back: for an
    /// execution that will not be run on for a while. It takes time in proportion to the heaps, all at once, and changes
    /// nothing that the program can notice.
    pub fn compact(&mut self) {
        self.scheduler.compact();
    }

    /// Runs to the end, with as many scheduler threads as the configuration says.
    pub fn run(&mut self, host: &mut dyn Host) -> Ending {
        let scheduler = Arc::clone(&self.scheduler);
        scheduler.resume();
        let ending = std::thread::scope(|scope| {
            // Also when the host panics.
            let _stop = StopAtEnd(&scheduler);
            let mut threads = 1;
            loop {
                if let Some(ending) = self.step(SLICE, host) {
                    self.worker.put_back();
                    return ending;
                }
                if threads < scheduler.threads() && self.worker.has_surplus() {
                    let (scheduler, thread, started) = (&scheduler, threads, self.started);
                    let help = move || scheduler.help(thread, move || microseconds(started));
                    let name = format!("scheduler {thread}");
                    // Where no thread can be had, the ones that there are do it.
                    drop(std::thread::Builder::new().name(name).spawn_scoped(scope, help));
                    threads += 1;
                }
            }
        });
        for crash in scheduler.untold_crashes() {
            host.report(&crash_line(&crash));
        }
        ending
    }

    /// Runs for at most some reductions, in the thread that calls alone; `None` means that it is not done yet.
    pub fn step(&mut self, reductions: u32, host: &mut dyn Host) -> Option<Ending> {
        if self.ending.is_none()
            && let Some(ending) = self.slice(reductions, host)
        {
            self.end(ending);
        }
        self.ending.clone()
    }

    fn slice(&mut self, reductions: u32, host: &mut dyn Host) -> Option<Ending> {
        if host.interrupted() {
            return Some(Ending::Interrupted);
        }
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Some(Ending::Limit("deadline"));
        }
        self.world.close_of(&self.scheduler);
        let now = self.now();
        match self.worker.turn(reductions, now) {
            Turn::Ran => None,
            Turn::Starved => Some(Ending::Limit("fuel")),
            Turn::Asks(pid, Request::Host(call)) => match self.functions.call(call.function, call.arguments) {
                Ok(response) => {
                    self.worker.answer(pid, response);
                    None
                }
                Err(text) => {
                    self.worker.fault(pid, text);
                    None
                }
            },
            Turn::Asks(pid, request) => {
                let response = self.world.answer(pid, request, host, &self.scheduler, self.config.max_heap);
                self.worker.answer(pid, response);
                None
            }
            Turn::Crashed(crash) => {
                host.report(&crash_line(&crash));
                None
            }
            Turn::Idle(until) => self.wait_until(until),
            Turn::Ended(Reason::Normal) => (!self.start_next()).then_some(Ending::Done),
            Turn::Ended(Reason::Failed(failure)) => Some(Ending::Failed(*failure)),
            Turn::Ended(Reason::Limit(name)) => Some(Ending::Limit(name)),
            Turn::Ended(Reason::Exited(reason)) => Some(Ending::Exited(self.process().repr_of_parcel(&reason))),
        }
    }

    /// The time in microseconds. With a seed it passes with the work that is done, and while all processes wait.
    fn now(&self) -> u64 {
        match self.config.seed {
            None => microseconds(self.started),
            Some(_) => self.waited + self.scheduler.reductions() / REDUCTIONS_A_MICROSECOND,
        }
    }

    /// Lets the time pass, at most until the host's wish to stop is looked at again.
    fn wait_until(&mut self, until: Option<u64>) -> Option<Ending> {
        let goes_on = if self.config.seed.is_some() {
            self.waited += until.map_or(0, |until| until.saturating_sub(self.now()));
            until.is_some()
        } else {
            let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let pause = left.map_or(LONGEST_PAUSE, |left| left.min(LONGEST_PAUSE));
            let started = self.started;
            self.scheduler.rest(&mut self.worker, until, Some(pause), &|| microseconds(started))
        };
        (!goes_on).then(|| Ending::Deadlock(self.scheduler.waiting().map(waits).take(MAX_SHOWN_WAITING).collect()))
    }

    /// The value of a program that is done, as `repr` prints it.
    ///
    /// # Errors
    /// Why the value can't be printed: its text would be too long.
    pub fn value(&self) -> Result<String, String> {
        self.process().result_repr()
    }

    /// The value of a program that is done; at most `limit` bytes of it are made into text.
    pub fn glance(&self, limit: usize) -> Glance {
        self.process().result_glance(limit)
    }

    /// Whether the value of a program that is done is `null`.
    pub fn is_null(&self) -> bool {
        self.process().result_is_null()
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        let mut reductions = self.scheduler.reductions();
        if let (Some(Ending::Limit("fuel")), Some(fuel)) = (&self.ending, self.config.fuel) {
            // Where a slice ends after an instruction that costs several, engines differ by what they do in one.
            reductions = reductions.min(self.paid + fuel);
        }
        Stats { reductions, ..self.process().stats() }
    }

    /// Whether the process can run something else: not after a fault of Iridium itself, and after passing the heap limit
    /// only if what the ended program alone held makes room.
    pub(crate) fn recover(&mut self) -> bool {
        match &self.ending {
            Some(ending) if ending.is_internal() => false,
            Some(Ending::Limit("heap")) => self.process_mut().recover(),
            _ => true,
        }
    }

    /// The process, to be looked at.
    pub(crate) fn process(&self) -> Lent<'_> {
        self.scheduler.first()
    }

    /// The process, to be set to a call or asked for a value.
    pub(crate) fn process_mut(&mut self) -> Lent<'_> {
        self.scheduler.first()
    }

    /// Collects the heap now, and gives the bytes that live objects take.
    pub(crate) fn collect(&mut self) -> u64 {
        self.process_mut().collect_now()
    }
}

/// Stops the other scheduler threads when it goes.
struct StopAtEnd<'s>(&'s Scheduler);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// What a process waits for that nobody can send it any more.
fn waits((pid, name, unwanted): (u64, Option<&str>, usize)) -> String {
    let name = name.map_or_else(String::new, |name| format!(" :{name}"));
    let unwanted = if unwanted == 0 {
        "its mailbox is empty".to_owned()
    } else {
        format!("none of the {unwanted} in its mailbox matches")
    };
    format!("<pid {pid}>{name} waits for a message: {unwanted}")
}

/// Microseconds since the start.
fn microseconds(start: Instant) -> u64 {
    start.elapsed().as_micros() as u64
}

/// What is told of a process that ended with an uncaught throw, in a line.
fn crash_line(crash: &Crash) -> String {
    let name = crash.name.as_ref().map_or_else(String::new, |name| format!(" :{name}"));
    let ending = Ending::Failed(crash.failure.clone());
    let place = crash.failure.trace.iter().find_map(|frame| {
        let position = frame.position?;
        Some(format!(" at {}:{}:{}", frame.source, position.line, position.column))
    });
    let title = ending.title().unwrap_or_default();
    format!("process <pid {}>{name} ended{}: {}", crash.pid, place.unwrap_or_default(), title.replace('\n', " "))
}

fn limits(config: &Config) -> Limits {
    Limits { max_heap: usize::try_from(config.max_heap).unwrap_or(usize::MAX) }
}

/// Nanoseconds since the first call: the clock by which a process measures its pauses.
fn nanoseconds() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EngineKind;
    use crate::engine::Engine;
    use crate::host::MemoryHost;
    use iridium_lang::source::Source;
    use std::io::{self, BufRead};

    fn execution(config: Config, text: &str) -> Execution {
        let engine = Engine::new(config);
        let program = engine.compile(Source::new("test", text)).expect("it compiles");
        engine.start(&program).expect("it fits")
    }

    #[test]
    fn a_program_can_be_run_in_steps() {
        for kind in EngineKind::available() {
            let mut execution = execution(Config::new().engine(*kind), "(var i 0) (while (< i 1000) (++ i)) i");
            let mut host = MemoryHost::new();
            let mut steps = 1;
            while execution.step(10, &mut host).is_none() {
                steps += 1;
                assert!(!execution.has_ended());
            }
            assert!((100..=101).contains(&steps), "{kind}: {steps} steps of 10 reductions");
            assert_eq!(execution.value().as_deref(), Ok("1000"), "{kind}");
            assert_eq!(execution.step(10, &mut host), Some(Ending::Done), "{kind}: it has ended for good");
        }
    }

    #[test]
    fn a_host_can_stop_a_program() {
        struct Impatient(MemoryHost);
        impl Host for Impatient {
            fn output(&mut self) -> &mut dyn io::Write {
                self.0.output()
            }
            fn input(&mut self) -> &mut dyn BufRead {
                self.0.input()
            }
            fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>> {
                self.0.open(path)
            }
            fn arguments(&self) -> Vec<String> {
                self.0.arguments()
            }
            fn interrupted(&self) -> bool {
                !self.0.output_bytes().is_empty()
            }
        }
        let mut execution = execution(Config::new(), "(print 1) (while true 1)");
        assert_eq!(execution.run(&mut Impatient(MemoryHost::new())), Ending::Interrupted);
    }

    #[test]
    fn under_stress_every_allocation_collects() {
        for kind in EngineKind::available() {
            let text = "(var xs []) (each (i (range 100)) (push xs [i])) (len xs)";
            let mut execution = execution(Config::new().engine(*kind), text);
            execution.set_stress(true);
            assert_eq!(execution.run(&mut MemoryHost::new()), Ending::Done, "{kind}");
            assert!(execution.stats().collections >= 100, "{kind}: {} collections", execution.stats().collections);
        }
    }

    #[test]
    fn only_so_many_files_are_open_at_once() {
        let text = "(var files []) (each (i (range 1025)) (push files (File.lines \"a\")))";
        let mut execution = execution(Config::new(), text);
        match execution.run(&mut MemoryHost::new().with_file("a", "one\n")) {
            Ending::Failed(failure) => assert_eq!(failure.kind.as_deref(), Some("limit-error"), "{}", failure.text),
            other => panic!("{other:?}"),
        }
        let text = "(each (i (range 1025)) (each (l (File.lines \"a\")) l)) :done";
        let mut execution = self::execution(Config::new(), text);
        assert_eq!(
            execution.run(&mut MemoryHost::new().with_file("a", "one\n")),
            Ending::Done,
            "a file read to its end is closed"
        );
    }

    #[test]
    fn what_the_world_refuses_is_an_error_of_the_program() {
        for (text, kind) in [
            ("(File.read \"none\")", "io-error"),
            ("(File.lines \"none\")", "io-error"),
            ("(File.read \"latin\")", "value-error"),
            ("(each (line (File.lines \"latin\")) line)", "value-error"),
            ("(File.read \"large\")", "limit-error"),
        ] {
            let mut execution = execution(Config::new().max_heap(1 << 20), text);
            let mut host = MemoryHost::new().with_file("latin", [b'a', 0xFF]).with_file("large", vec![b'a'; 2 << 20]);
            match execution.run(&mut host) {
                Ending::Failed(failure) => assert_eq!(failure.kind.as_deref(), Some(kind), "{text}: {}", failure.text),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
