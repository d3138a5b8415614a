//! Ten thousand processes that are killed, run into limits, throw, flood each other and have natives that panic, in
//! epochs: in each, every end is told once, what lives answers, at its end nothing is left, and memory stays as it was.
//!
//! It takes 30 seconds, or as many as the environment variable `IRIDIUM_SOAK_SECONDS` says: `cargo xtask soak`.

use iridium::{Config, Engine, Execution, Host, Source, Value};
use iridium_tests::{folder, read, shown};
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

/// Processes at a time, and rounds of an epoch.
const PROCESSES: i64 = 10_000;
const ROUNDS: i64 = 20;

/// Scheduler threads: more than this machine may have cores, so that they also interrupt each other.
const SCHEDULERS: usize = 4;

/// By how much memory after the last epochs may exceed what it was after the first ones, the least of each.
const GROWTH: f64 = 1.5;

/// A host that forgets what it is told.
#[derive(Default)]
struct Deaf {
    reports: u64,
    output: io::Sink,
    input: io::Empty,
}

impl Host for Deaf {
    fn output(&mut self) -> &mut dyn Write {
        &mut self.output
    }

    fn input(&mut self) -> &mut dyn BufRead {
        &mut self.input
    }

    fn open(&mut self, _: &str) -> io::Result<Box<dyn BufRead + Send>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn report(&mut self, _: &str) {
        self.reports += 1;
    }

    fn arguments(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Octets of this process that are in memory, where the system says it.
fn resident() -> Option<f64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(pages.split(' ').nth(1)?.parse::<f64>().ok()? * 4_096.0)
}

fn started(engine: &Engine) -> Execution {
    let program = engine.compile(Source::new("soak.eva", read(folder().join("soak/soak.eva"))));
    let mut execution = engine.start(&program.expect("it compiles")).expect("it fits");
    execution.run(&mut Deaf::default());
    execution
}

#[test]
fn nothing_is_lost_stuck_or_left() {
    let usual = if cfg!(debug_assertions) { 10 } else { 30 };
    let seconds = std::env::var("IRIDIUM_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    // Panics are part of the test: what they print is not.
    std::panic::set_hook(Box::new(|_| {}));
    let mut engine = Engine::new(Config::new().schedulers(SCHEDULERS));
    engine.register("panic!", |seed: i64| -> i64 { panic!("as told: {seed}") }).expect("it is free");
    let mut execution = started(&engine);
    let mut host = Deaf::default();
    let begin = Instant::now();
    let (mut memory, mut ended, mut epochs) = (Vec::new(), 0, 0);
    while begin.elapsed() < Duration::from_secs(seconds) || epochs < 3 {
        let seed = 1_000 + epochs;
        let told: Value = execution.call(&mut host, "epoch", (PROCESSES, ROUNDS, seed)).unwrap_or_else(|error| {
            drop(std::panic::take_hook());
            panic!("epoch {seed}: {error}")
        });
        epochs += 1;
        let Value::List(told) = &told else { panic!("{told:?}") };
        let parts = told.to_vec();
        let Value::Int(count) = parts[0] else { panic!("{parts:?}") };
        ended += count;
        memory.extend(resident());
        let megabytes = memory.last().map_or(0.0, |octets| octets / 1e6);
        shown(&format!("epoch {epochs}: {count} ended, {megabytes:.1} MB, {:?}", parts[2]));
    }
    drop(std::panic::take_hook());
    let took = begin.elapsed();
    shown(&format!("{epochs} epochs in {took:?}: {ended} processes ended, {} crashes told", host.reports));
    assert!(ended > PROCESSES * epochs && host.reports > 100, "they were killed, and some crashed");
    // The first epoch finds the allocator empty. When it gives back what is free is its own affair, so that figures go up and
    // down; what leaks would lift the lowest.
    let third = memory.len() / 3;
    let least = |octets: &[f64]| octets.iter().copied().fold(f64::INFINITY, f64::min);
    let (early, late) = (least(&memory[1..=third]), least(&memory[memory.len() - third..]));
    assert!(late <= early * GROWTH, "memory grew from {:.1} to {:.1} MB", early / 1e6, late / 1e6);
}
