//! What happens where there is no memory: sixty of the conformance cases are run again and again, each time with
//! another allocation that fails, until a run has none left to fail.
//!
//! An allocation that fails once is tried again after a collection, so nothing is to be seen of it; only a stack that
//! cannot grow is an error. Where all fail from then on, the program ends, or catches an error and ends. The host goes on.

use iridium::{Engine, Execution, Program, live_blobs, live_heaps};
use iridium_tests::conformance::cases;
use iridium_tests::run::{Outcome, World, compile, engines, run_prepared, run_program};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Programs that are run.
const PROGRAMS: usize = 60;
/// Allocations of a program that is small enough.
const MOST: u64 = 400;

/// A program with its name and what surrounds it.
struct Specimen {
    name: String,
    program: Program,
    world: World,
}

/// Runs a program with an allocation that fails; also says whether it came to it.
fn run_failing(engine: &Engine, specimen: &Specimen, after: u64, lasting: bool) -> (Outcome, bool) {
    let mut failed = false;
    let fail = |execution: &mut Execution| execution.fail_allocation(after, lasting);
    let look = |execution: &Execution| failed = execution.allocation_failed();
    let outcome = run_program(engine, &specimen.program, &specimen.world, fail, look);
    (outcome, failed)
}

/// Cases that compile and allocate, but not too much, evenly spread over all.
fn specimens(engine: &Engine) -> Vec<Specimen> {
    let all = cases(&["conformance.json", "conformance-extended.json", "semantics.json"]);
    let compiled = all.into_iter().filter_map(|case| {
        let world = case.world();
        let program = compile(engine, &case.src, &world).ok()?;
        Some(Specimen { name: case.name, program, world })
    });
    let small: Vec<Specimen> = compiled
        .filter(|specimen| !run_failing(engine, specimen, MOST, false).1 && run_failing(engine, specimen, 3, false).1)
        .collect();
    assert!(small.len() >= 2 * PROGRAMS, "{} cases are small enough", small.len());
    let step = small.len() / PROGRAMS;
    small.into_iter().step_by(step).take(PROGRAMS).collect()
}

/// Heaps are counted for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn each_allocation_may_fail() {
    let _alone = ALONE.lock();
    let engines = engines();
    let before = (live_heaps(), live_blobs());
    let (mut runs, mut ends) = (0, BTreeMap::new());
    for specimen in specimens(&engines[0].1) {
        for (name, engine) in &engines {
            let (expected, _) = run_failing(engine, &specimen, u64::MAX, false);
            for lasting in [false, true] {
                let mut after = 0;
                loop {
                    let (outcome, failed) = run_failing(engine, &specimen, after, lasting);
                    let place = format!("{} ({name}), lasting {lasting}, after {after}", specimen.name);
                    runs += 1;
                    assert_ne!(outcome.result, Err(":internal".to_owned()), "{place}: {}", outcome.message);
                    if !failed {
                        assert_eq!(outcome, expected, "{place}: nothing failed");
                        break;
                    }
                    if !lasting {
                        let no_stack = outcome.message.contains("fill the process's stack");
                        assert!(outcome == expected || no_stack, "{place}: {outcome:#?}\nexpected {expected:#?}");
                    }
                    let end = outcome.result.err().unwrap_or_else(|| "a value".to_owned());
                    *ends.entry((lasting, end)).or_insert(0) += 1;
                    after += 1;
                }
            }
        }
    }
    assert!(runs > 5_000, "{runs} runs; lasting, ending, how many: {ends:#?}");
    assert_eq!((live_heaps(), live_blobs()), before, "nothing is left behind");
}

/// The stress of a collection in small steps and of allocations that fail, together.
#[test]
fn allocations_may_fail_while_all_is_collected_always() {
    let _alone = ALONE.lock();
    let engines = engines();
    let source = "(var words []) (for (var i 0) (< i 30) (++ i) (push words (+ \"w\" (str i)))) \
                  (def count (m w) (set (get m w) (+ 1 (get m w 0))) m) (var m {}) \
                  (each (w words) (count m (slice w 0 2))) (print m) (throw (error :done (str (len m))))";
    for (name, engine) in &engines {
        let expected = run_prepared(engine, source, &World::default(), |_| {});
        for after in 0..200 {
            let outcome = run_prepared(engine, source, &World::default(), |execution| {
                execution.set_stress(true);
                execution.fail_allocation(after, false);
            });
            let no_stack = outcome.message.contains("fill the process's stack");
            assert!(outcome == expected || no_stack, "{name}, after {after}: {outcome:#?}\nexpected {expected:#?}");
        }
    }
}
