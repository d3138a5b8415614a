//! Measures collections of a heap with a gibibyte of live objects: how long steps take in the thread's own time, how
//! long the program stands still in sum, and how long the slice takes in which the region grows.

#![forbid(unsafe_code)]
// A tool of the developers, started by hand.
#![allow(clippy::print_stdout)]

use iridium::{Config, Engine, MemoryHost, Source};
use nix::time::{ClockId, clock_gettime};
use std::cell::RefCell;

/// 256 trees of 131,071 nodes are 1 GiB; then some are replaced, so that collections find garbage among them.
const PROGRAM: &str = "
(def tree (depth) (if (== depth 0) #[null null depth] #[(tree (- depth 1)) (tree (- depth 1)) depth]))
(var trees [])
(for (var i 0) (< i 256) (++ i) (push trees (tree 16)))
(for (var i 0) (< i 768) (++ i) (set (get trees (% (* i 7) 256)) (tree 16)))";

/// Reductions of a slice: so few that one in which memory is taken stands out.
const SLICE: u32 = 50;

thread_local! {
    /// Readings of the clock: the machine takes one before each step of a collection, and one after.
    static READINGS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

fn now() -> u64 {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map_or(0, |time| time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64)
}

fn noted() -> u64 {
    let now = now();
    READINGS.with_borrow_mut(|readings| readings.push(now));
    now
}

fn main() {
    let engine = Engine::new(Config::new().max_heap(8 << 30));
    let program = engine.compile(Source::new("large-heap.eva", PROGRAM)).expect("it compiles");
    let mut execution = engine.start(&program).expect("it is small");
    execution.set_clock(noted);
    let mut host = MemoryHost::new();
    // Slices in which no step of a collection ran, with the size of the region before and after.
    let (mut slices, mut grown, mut steps) = (Vec::new(), Vec::new(), 0);
    let ending = loop {
        let (before, start) = (execution.stats().heap_peak, now());
        let ending = execution.step(SLICE, &mut host);
        let took = now() - start;
        let noted = READINGS.with_borrow(Vec::len);
        if std::mem::replace(&mut steps, noted) == noted {
            let after = execution.stats().heap_peak;
            slices.push(took);
            if after > before && before >= 1 << 30 && after <= (2 << 30) + (8 << 20) {
                grown.push(took);
            }
        }
        if let Some(ending) = ending {
            break ending;
        }
    };
    let stats = execution.stats();
    let mut pauses: Vec<u64> =
        READINGS.with_borrow(|readings| readings.chunks_exact(2).map(|pair| pair[1] - pair[0]).collect());
    println!("ended: {ending:?}; {} collections, live {} MiB", stats.collections, stats.heap_live >> 20);
    println!("steps: {}", shown(&mut pauses));
    println!("longest collection, all its steps: {:.1} ms", stats.stall_max_ns as f64 / 1e6);
    println!("slices of {SLICE} reductions without a step: {}", shown(&mut slices));
    println!("of them those that made the region larger, between 1 and 2 GiB: {}", shown(&mut grown));
}

/// How many, and how long, in milliseconds.
fn shown(times: &mut [u64]) -> String {
    times.sort_unstable();
    let at = |part: f64| times.get(((times.len() as f64 * part) as usize).min(times.len().saturating_sub(1)));
    let shown = |part: f64| at(part).map_or(f64::NAN, |&time| time as f64 / 1e6);
    format!(
        "{}, half {:.4} ms, 99 % {:.4} ms, 99.9 % {:.4} ms, longest {:.4} ms",
        times.len(),
        shown(0.5),
        shown(0.99),
        shown(0.999),
        shown(1.0)
    )
}
