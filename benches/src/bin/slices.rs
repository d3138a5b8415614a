//! Measures how long a slice takes at most in which one native or operator works on data as large as the heap may be.
//! What fits a slice takes a millisecond; a native that holds it longer keeps other processes waiting.
//!
//! The programs stand in `benches/slices/programs.eva`; arguments choose those whose names have such a part.

#![forbid(unsafe_code)]
// A tool of the developers, started by hand.
#![allow(clippy::print_stdout)]

use iridium::{Config, Engine, Host, MemoryHost, SLICE, Source};
use nix::time::{ClockId, clock_gettime};
use std::io::{self, BufRead, Write};

const PROGRAMS: &str = include_str!("../../slices/programs.eva");

/// A host that notes whether something was written: the program begins what is to be measured.
struct Noting {
    world: MemoryHost,
    written: bool,
}

impl Write for Noting {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.written = true;
        Ok(octets.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Host for Noting {
    fn output(&mut self) -> &mut dyn Write {
        self
    }
    fn input(&mut self) -> &mut dyn BufRead {
        self.world.input()
    }
    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>> {
        self.world.open(path)
    }
    fn arguments(&self) -> Vec<String> {
        Vec::new()
    }
}

fn now() -> u64 {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map_or(0, |time| time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64)
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    println!("{:32} {:>12} {:>12} {:>12}  ends with", "program", "longest, ms", "all, ms", "reductions");
    for program in PROGRAMS.split("\n;; ").skip(1) {
        let (name, text) = program.split_once('\n').expect("a name and a program");
        if wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())) {
            measure(name, text);
        }
    }
}

fn measure(name: &str, text: &str) {
    let engine = Engine::new(Config::new().max_heap(1 << 30));
    let program = engine.compile(Source::new(name, text)).expect("it compiles");
    let mut execution = engine.start(&program).expect("it is small");
    let mut host = Noting { world: MemoryHost::new(), written: false };
    let (mut longest, mut all, mut before) = (0, 0, 0);
    let ending = loop {
        let (measured, start) = (host.written, now());
        let ending = execution.step(SLICE, &mut host);
        if measured {
            let took = now() - start;
            (longest, all) = (longest.max(took), all + took);
        } else {
            before = execution.stats().reductions;
        }
        if let Some(ending) = ending {
            break ending;
        }
    };
    let reductions = execution.stats().reductions - before;
    let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
    println!("{name:32} {:>12.2} {:>12.2} {reductions:>12}  {ending:?}", milliseconds(longest), milliseconds(all));
}
