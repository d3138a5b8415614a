//! Made-up commands to processes, done by a program of Eva (`tests/processes/commands.eva`): one at a time, when a model
//! says what each process is to see; and all at once, when it is said what holds in any order.
//!
//! `IRIDIUM_SEED` repeats a run; `IRIDIUM_LONG=100000` tries as many sequences.

mod commands;
mod invariants;
mod model;

use commands::{Command, Start, sequence};
use iridium::{Config, Engine, EngineKind, MemoryHost, Program, Source, Value};
use iridium_tests::random::{Random, cases};
use iridium_tests::{folder, read};
use model::{FIRST, Model};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config as Settings, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Sequences of each kind in a run.
const SEQUENCES: usize = 1_000;

/// Sequences by the clock of the machine, in which pauses take their time.
const BY_THE_CLOCK: usize = 100;

/// Scheduler threads of those.
const THREADS: [usize; 2] = [1, 4];

/// Commands of the longest sequence.
const LONGEST: usize = 80;

/// Schedules that sequences run under.
const SCHEDULES: u64 = 50;

/// Processes that have commands all at once.
const TOGETHER: usize = 6;

/// Reductions after which a sequence does not end.
const FUEL: u64 = 20_000_000;

/// The program under a schedule.
struct Schedule(Engine, Program);

impl Schedule {
    fn new(config: Config) -> Schedule {
        let engine = Engine::new(config.fuel(FUEL));
        let text = read(folder().join("processes/commands.eva"));
        let program = engine.compile(Source::new("commands.eva", &text)).expect("the program compiles");
        Schedule(engine, program)
    }

    /// As many as there are, in all engines.
    fn all() -> Vec<Schedule> {
        let kinds = EngineKind::available();
        (0..SCHEDULES)
            .map(|seed| Schedule::new(Config::new().engine(kinds[seed as usize % kinds.len()]).seed(seed)))
            .collect()
    }

    /// What the program says when processes have done commands.
    fn run(&self, function: &str, count: usize, commands: &[(usize, Command)]) -> Result<Value, String> {
        let commands: Vec<Value> = commands.iter().map(|(actor, command)| command.value(*actor)).collect();
        let mut host = MemoryHost::new();
        let mut execution = self.0.start(&self.1).map_err(|error| error.to_string())?;
        execution.run(&mut host);
        execution.call(&mut host, function, (count, commands)).map_err(|error| error.to_string())
    }
}

/// Tries sequences, and of those that fail shows the simplest that is found.
fn try_all<T: std::fmt::Debug>(
    count: usize,
    strategy: impl Strategy<Value = T>,
    test: impl Fn(T) -> Result<(), String>,
) {
    let mut random = Random::new(Random::seed_of_this_run());
    let seed: Vec<u8> = (0..4).flat_map(|_| random.bits().to_le_bytes()).collect();
    let cases = u32::try_from(count).expect("fewer sequences");
    let settings = Settings { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Settings::default() };
    let mut runner = TestRunner::new_with_rng(settings, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    if let Err(failure) = runner.run(&strategy, |case| test(case).map_err(TestCaseError::fail)) {
        panic!("{failure}");
    }
}

#[test]
fn processes_see_what_the_model_says() {
    let schedules = Schedule::all();
    try_all(cases(SEQUENCES), (0..schedules.len(), sequence(LONGEST)), |(schedule, wishes)| {
        holds_by_itself(&schedules[schedule], &wishes)
    });
}

fn holds_by_itself(schedule: &Schedule, wishes: &[(usize, Command)]) -> Result<(), String> {
    let plan = Model::plan(wishes);
    let said = schedule.run("one-by-one", FIRST, &plan)?;
    Model::check(&plan, &said).map_err(|why| format!("{why}\n{plan:?}"))
}

/// Commands for processes that are all there from the beginning.
fn together(wishes: Vec<(usize, Command)>) -> Vec<(usize, Command)> {
    let possible = |command: &Command| {
        let starts = matches!(command, Command::Spawn(Start::Plain | Start::Link | Start::Monitor));
        !starts && !matches!(command, Command::Info(_) | Command::Whereis(_))
    };
    let numbered = wishes.into_iter().filter(|(_, command)| possible(command)).enumerate();
    let with_number = |(at, (who, command)): (usize, (usize, Command))| {
        let command = match command.with(|any| any % TOGETHER) {
            Command::Send(to, _) => Command::Send(to, at as i64),
            other => other,
        };
        (who % TOGETHER, command)
    };
    numbered.map(with_number).collect()
}

fn holds_together(schedule: &Schedule, wishes: Vec<(usize, Command)>) -> Result<(), String> {
    let commands = together(wishes);
    let said = schedule.run("all-at-once", TOGETHER, &commands)?;
    invariants::check(TOGETHER, &said).map_err(|why| format!("{why}\n{commands:?}\n{said}"))
}

#[test]
fn nothing_is_lost_when_processes_do_much_at_once() {
    let schedules = Schedule::all();
    try_all(cases(SEQUENCES), (0..schedules.len(), sequence(LONGEST)), |(schedule, wishes)| {
        holds_together(&schedules[schedule], wishes)
    });
}

#[test]
fn both_hold_by_the_clock_of_the_machine() {
    let schedules = THREADS.map(|count| Schedule::new(Config::new().schedulers(count)));
    try_all(cases(BY_THE_CLOCK), (0..schedules.len(), sequence(LONGEST)), |(schedule, wishes)| {
        holds_by_itself(&schedules[schedule], &wishes)?;
        holds_together(&schedules[schedule], wishes)
    });
}
