//! Numbers against CPython: random arithmetic, comparisons, formatting, reading and sorting, 20,000 cases a run.
//!
//! What all engines share can't be found wrong by comparing engines; here the judge is another implementation.
//! `reference.py` computes the same cases by the contract's rules, which are Python's but for a few that it spells out.
//! `IRIDIUM_SEED` repeats a run, `IRIDIUM_LONG` makes it ten times as long.

mod cases;

use cases::Case;
use iridium_tests::random::{self, Random};
use iridium_tests::run::{World, engines, run_in_all};
use iridium_tests::{folder, tools};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Cases of a run.
const CASES: usize = 20_000;

/// Cases of a program. Each prints a line.
const BATCH: usize = 500;

/// Differences that a failure shows.
const SHOWN: usize = 10;

#[test]
fn numbers_are_what_python_says() {
    let Some(python) = tools::python() else { return };
    let seed = Random::seed_of_this_run();
    let mut source = Random::new(seed);
    let count = random::cases(CASES);
    let cases: Vec<Case> = (0..count).map(|_| cases::random(&mut source)).collect();
    let expected = reference(&python, &cases);

    let (failing, fine): (Vec<_>, Vec<_>) =
        cases.iter().zip(&expected).partition(|(_, expected)| expected.starts_with("error "));
    let engines = engines();
    let mut differences = Vec::new();
    for batch in fine.chunks(BATCH) {
        let source: String = batch.iter().map(|(case, _)| format!("(print (repr {}))\n", case.eva)).collect();
        let outcome = run_in_all(&engines, &source, &World::default()).unwrap_or_else(|message| panic!("{message}"));
        let mut lines = outcome.stdout.lines();
        for (case, expected) in batch {
            let line = lines.next().unwrap_or("nothing, the batch ended early");
            if line != expected.as_str() {
                differences.push(format!("{}: {line}, python: {expected}", case.eva));
            }
        }
        if let Err(error) = outcome.result {
            differences.push(format!("a batch ended in {error}\n{}", outcome.message));
        }
    }
    // A case that throws ends its program, so each of these has one of its own.
    for (case, expected) in &failing {
        let outcome = run_in_all(&engines, &case.eva, &World::default()).unwrap_or_else(|message| panic!("{message}"));
        let kind = expected.trim_start_matches("error ");
        if outcome.result.as_ref().err().map(String::as_str) != Some(kind) {
            differences.push(format!("{}: {:?}, python: {expected}", case.eva, outcome.result));
        }
    }
    assert!(!failing.is_empty() && fine.len() > count / 2, "{} of {count} cases are errors", failing.len());
    let shown = differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "IRIDIUM_SEED={seed}: {} differences\n{shown}", differences.len());
}

/// What the reference program says of each case.
fn reference(python: &Path, cases: &[Case]) -> Vec<String> {
    let mut child = Command::new(python)
        .arg(folder().join("tests/oracle/reference.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut input = child.stdin.take().expect("standard input is piped");
    let text: String = cases.iter().map(|case| case.python.clone() + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("python ends");
    writer.join().expect("the writer ends").expect("python reads all cases");
    assert!(output.status.success(), "the reference program failed");
    let lines: Vec<String> =
        String::from_utf8(output.stdout).expect("python prints text").lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), cases.len(), "python answers every case");
    lines
}
