//! One trial: a damaged program is rejected, or it runs within its limits and the engines agree on what it does.

use iridium::{Config, Engine, EngineKind, FileFault, Program};
use iridium_bytecode::Module;
use iridium_tests::run::{Outcome, World, run_program};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Enough for the specimens to end, little enough for what runs on.
const FUEL: u64 = 2_000;
const MAX_HEAP: u64 = 4 << 20;

/// Longer than anything may take that has so little fuel, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often trials ended in which way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, usize>);

impl Tally {
    fn count(&mut self, ending: String) {
        *self.0.entry(ending).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Tally) {
        for (ending, count) in &other.0 {
            *self.0.entry(ending.clone()).or_default() += count;
        }
    }

    /// How many ended in a way whose name begins so.
    pub(crate) fn total(&self, beginning: &str) -> usize {
        self.0.iter().filter(|(ending, _)| ending.starts_with(beginning)).map(|(_, count)| count).sum()
    }

    /// Shows it on standard error, also where a test's output is not shown.
    #[allow(clippy::print_stderr, reason = "the figures are what the test is run for")]
    pub(crate) fn show(&self, title: &str) {
        use std::io::Write as _;
        let mut text = format!(
            "{title}: {} refused by the reader, {} by the verifier, {} by the linker; {} ran\n",
            self.total("file "),
            self.total("rule "),
            self.total("link"),
            self.total("ran ")
        );
        for (ending, count) in &self.0 {
            let _ = writeln!(text, "{count:>9} {ending}");
        }
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Engines with small limits, and what came of the trials so far.
pub(crate) struct Trials {
    engines: Vec<(EngineKind, Engine)>,
    pub(crate) tally: Tally,
}

impl Trials {
    pub(crate) fn new() -> Trials {
        let engine = |kind| Engine::new(Config::new().engine(kind).seed(1).fuel(FUEL).max_heap(MAX_HEAP));
        let engines = EngineKind::available().iter().map(|&kind| (kind, engine(kind))).collect();
        Trials { engines, tally: Tally::default() }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engines[0].1
    }

    /// Tries a module file. `what` tells a failure's reader what was done to it.
    pub(crate) fn file(&mut self, octets: &[u8], what: &dyn Fn() -> String) {
        let engine = &self.engines[0].1;
        let loaded = catch_unwind(AssertUnwindSafe(|| engine.load_file(octets)));
        match loaded.unwrap_or_else(|_| panic!("the reader or verifier panicked: {}", what())) {
            Ok(program) => self.run(&program, what),
            Err(FileFault::File(error)) => {
                let fault = format!("{:?}", error.fault);
                let name = fault.split('(').next().unwrap_or_default();
                self.tally.count(format!("file {name}"));
            }
            Err(FileFault::Rejected(_, rejection)) => self.tally.count(format!("rule {:?}", rejection.rule)),
        }
    }

    /// Tries a module.
    pub(crate) fn module(&mut self, module: Module, what: &dyn Fn() -> String) {
        let engine = &self.engines[0].1;
        let loaded = catch_unwind(AssertUnwindSafe(|| engine.load(module)));
        match loaded.unwrap_or_else(|_| panic!("the verifier panicked: {}", what())) {
            Ok(program) => self.run(&program, what),
            Err(rejection) => self.tally.count(format!("rule {:?}", rejection.rule)),
        }
    }

    fn run(&mut self, program: &Program, what: &dyn Fn() -> String) {
        let functions = || program.modules().iter().flat_map(|(_, module)| module.functions());
        let portable = functions().all(|function| function.registers.is_none());
        // Where positions and instructions are not each other's, engines may show different ones.
        let positions = functions().any(|function| !function.positions.entries().is_empty());
        let mut first: Option<Outcome> = None;
        for (kind, engine) in self.engines.iter().filter(|(kind, _)| portable || *kind != EngineKind::Stack) {
            let start = Instant::now();
            let mut outcome = run_program(engine, program, &World::default(), |_| {}, |_| {});
            let took = start.elapsed();
            assert!(took < PATIENCE, "{kind} took {took:?}: {}", what());
            let internal = outcome.result == Err(":internal".to_owned());
            assert!(!internal, "{kind}: {outcome:#?}: {}", what());
            if positions {
                outcome.message.clear();
            }
            // Engines need not agree on how much memory they take.
            let memory = ["limit :heap", ":stack-overflow"].map(|limit| Err(limit.to_owned()));
            if memory.contains(&outcome.result) {
                first.get_or_insert(outcome);
                break;
            }
            match &first {
                None => first = Some(outcome),
                Some(first) => assert_eq!(*first, outcome, "{kind}: {}", what()),
            }
        }
        let Some(outcome) = first else { return };
        self.tally.count(match outcome.result {
            Ok(_) => "ran to a value".to_owned(),
            Err(kind) if kind == "link" => kind,
            Err(kind) if kind.starts_with("throw ") => "ran to a throw of another value".to_owned(),
            Err(kind) if kind.starts_with("limit ") => format!("ran into {kind}"),
            Err(kind) => format!("ran to {kind}"),
        });
    }
}

/// Does work of several parts in as many threads as there are processors, and adds up what came of it.
pub(crate) fn in_parallel<T: Sync>(parts: &[T], work: impl Fn(&mut Trials, &T) + Sync) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut sum = Tally::default();
    std::thread::scope(|scope| {
        let run = || {
            let mut trials = Trials::new();
            while let Some(part) = parts.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                work(&mut trials, part);
            }
            trials.tally
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        for worker in workers {
            match worker.join() {
                Ok(tally) => sum.add(&tally),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    sum
}
