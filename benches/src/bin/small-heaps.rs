//! Measures many small processes: what a million of them take when all are alive at once and wait, and what is left in
//! memory when they have ended; then the same when each is made after the last one has ended.

#![forbid(unsafe_code)]
// A tool of the developers, started by hand.
#![allow(clippy::print_stdout)]

use iridium::{Engine, MemoryHost, Source};
use std::time::Instant;

/// Each process has ten objects of its own, and waits.
const PROGRAM: &str = "
(def wait (objects) (receive (:stop objects)))
(def work () (wait [[1] [2] [3] [4] [5] [6] [7] [8] [9]]))
(var pids [])
(def last () (get pids (- (len pids) 1)))
(def start (count) (for (var i 0) (< i count) (++ i) (push pids (spawn work))))
; They have their turns in order: when the last one waits, all do; when it has ended, all have.
(def settle () (while (!= (get (process-info (last)) :status) :waiting) (receive (after 1 null))) (len pids))
(def stop () (monitor (last)) (each (p pids) (send p :stop)) (set pids []) (receive (#[:down _ _ _ _] null)))
(def in-turn (count) (for (var i 0) (< i count) (++ i)
  (match (spawn-monitor work) (#[p ref] (begin (send p :stop) (receive (#[:down (pin ref) _ _ _] null)))))))";

/// Resident octets of this program.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("this is Linux");
    let pages: f64 = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("the second number");
    pages * 4_096.0
}

fn main() {
    let count: i64 = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let engine = Engine::default();
    let program = engine.compile(Source::new("small-heaps.eva", PROGRAM)).expect("it compiles");
    let mut execution = engine.start(&program).expect("it is small");
    let mut host = MemoryHost::new();
    execution.run(&mut host);
    let before = resident();
    let show = |what: &str, seconds: f64, resident: f64| {
        println!("{what:<28}{seconds:>8.2} s{:>10.1} MB", resident / 1e6);
    };
    show("at the start", 0.0, before);

    let start = Instant::now();
    execution.call::<()>(&mut host, "start", (count,)).expect("they start");
    let alive: i64 = execution.call(&mut host, "settle", ()).expect("it counts");
    let peak = resident();
    show(&format!("{alive} alive"), start.elapsed().as_secs_f64(), peak);
    println!(
        "  {:.0} octets each, {:.2} µs",
        (peak - before) / count as f64,
        start.elapsed().as_secs_f64() * 1e6 / count as f64
    );

    let start = Instant::now();
    execution.call::<()>(&mut host, "stop", ()).expect("they stop");
    let after = resident();
    show("all ended", start.elapsed().as_secs_f64(), after);
    println!("  {:.1} % of the peak above the start", (after - before) / peak * 100.0);

    let start = Instant::now();
    execution.call::<()>(&mut host, "in-turn", (count,)).expect("they start and stop");
    let after = resident();
    show("as many in turn", start.elapsed().as_secs_f64(), after);
    println!("  {:.1} % of the peak above the start", (after - before) / peak * 100.0);
}
