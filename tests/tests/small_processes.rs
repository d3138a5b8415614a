//! What a process takes, in octets as the allocator counts them: one that waits, one that is started beside data which it
//! does not need, and what is sent without a copy. One test in a program of its own, since its allocator counts for all
//! threads.

use iridium::{Engine, Execution, MemoryHost, Source};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const PROGRAM: &str = "
(def wait () (receive (:stop null)))
(def hold (objects) (receive (:stop objects)))
(def ten () (hold [[1] [2] [3] [4] [5] [6] [7] [8] [9]]))
(def idle (count) (var pids []) (for (var i 0) (< i count) (++ i) (push pids (spawn wait))) (settle pids))
(def idle-of-ten (count) (var pids []) (for (var i 0) (< i count) (++ i) (push pids (spawn ten))) (settle pids))
(def settle (pids) (while (!= (get (process-info (get pids (- (len pids) 1))) :status) :waiting) (receive (after 1 null))) pids)
(var small [1])
(var large (list (range 1_000_000)))
(def beside () 1)
(def of-small () (len small))
(def in-turn (f count) (for (var i 0) (< i count) (++ i)
  (match (spawn-monitor f) (#[p ref] (receive (#[:down (pin ref) _ _ _] null))))))
(def beside-in-turn (count) (in-turn beside count))
(def of-small-in-turn (count) (in-turn of-small count))
(var frozen (freeze large))
(def receiver (left) (if (== left 0) (send 1 null) (receive (xs (begin (len xs) (receiver (- left 1)))))))
(def send-frozen (count) (var p (spawn receiver count)) (for (var i 0) (< i count) (++ i) (send p frozen))
  (match (monitor p) (ref (receive (#[:down (pin ref) _ _ _] null)))))
(def spawn-frozen (count) (for (var i 0) (< i count) (++ i)
  (match (spawn-monitor len frozen) (#[p ref] (receive (#[:down (pin ref) _ _ _] null))))))";

/// Octets that a function of the program takes while it runs, at most, and those that are left.
fn cost(execution: &mut Execution, function: &str, count: i64) -> (usize, usize) {
    let mut host = MemoryHost::new();
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    execution.call::<()>(&mut host, function, (count,)).unwrap_or_else(|error| panic!("{function}: {error}"));
    let (peak, after) = (ALLOCATOR.peak_usage(), ALLOCATOR.current_usage());
    (peak.saturating_sub(before), after.saturating_sub(before))
}

#[test]
fn a_process_takes_little_and_copies_nothing_that_it_does_not_need() {
    let engine = Engine::default();
    let program = engine.compile(Source::new("small.eva", PROGRAM)).expect("it compiles");
    let mut execution = engine.start(&program).expect("it is small");
    execution.run(&mut MemoryHost::new());

    // What the list of pids, the table of processes and their queue take is in it.
    let count = 10_000;
    for (function, most) in [("idle", 1_024), ("idle-of-ten", 1_536)] {
        let (_, left) = cost(&mut execution, function, count);
        let each = left / count as usize;
        assert!(each <= most, "{function}: a process takes {each} octets");
    }

    // A copy of the large list would be 8 MB.
    for function in ["beside-in-turn", "of-small-in-turn", "send-frozen", "spawn-frozen"] {
        let (peak, _) = cost(&mut execution, function, 100);
        assert!(peak < 1 << 20, "{function} takes {peak} octets");
    }
}

/// Reductions of a program: what it copies costs some.
fn reductions(text: &str) -> u64 {
    let engine = Engine::default();
    let program = engine.compile(Source::new("spawns.eva", text)).expect("it compiles");
    let mut execution = engine.start(&program).expect("it is small");
    execution.run(&mut MemoryHost::new());
    execution.stats().reductions
}

#[test]
fn spawning_beside_a_large_list_that_is_not_reached_costs_the_same() {
    let spawns = |global: &str, count: u32| {
        reductions(&format!(
            "(def work () 1) (var global {global})
             (for (var i 0) (< i {count}) (++ i) (match (spawn-monitor work) (#[p ref] (receive (#[:down (pin ref) _ _ _] 1)))))"
        ))
    };
    let of_spawns = |global: &str| spawns(global, 200) - spawns(global, 100);
    assert_eq!(of_spawns("(list (range 1_000_000))"), of_spawns("[1]"));
}
