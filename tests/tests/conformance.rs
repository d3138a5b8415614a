//! The conformance cases of `tests/conformance`, in every engine: value, error or output as the case says, and the
//! same outcome, reductions included, in all engines; and the same again while the collector runs at every allocation.
//! Those of processes give the same under a hundred schedules, and with several scheduler threads.
//!
//! `not-yet-covered.txt` names the cases that this version does not cover. A case on that list that passes is a
//! failure: the list must shrink as the language grows.

use iridium::{Config, Engine, EngineKind};
use iridium_tests::conformance::{Case, cases};
use iridium_tests::expect::under_stress;
use iridium_tests::run::{Outcome, World, compile, engine, engines, run_in_all, run_program};
use iridium_tests::{folder, read};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

/// Numbers of scheduler threads with which each case of processes is run, in real time, and how often with each.
const SCHEDULERS: [usize; 3] = [1, 2, 4];
const TIMES: usize = 5;

/// Schedules under which each case of processes is run.
const SCHEDULES: u64 = 100;

const FILES: [&str; 6] = [
    "conformance.json",
    "conformance-extended.json",
    "conformance-amended.json",
    "conformance-processes.json",
    "caches.json",
    "semantics.json",
];

/// Whether an outcome is what the case says; else what is wrong.
fn check(case: &Case, outcome: &Outcome) -> Result<(), String> {
    let as_said = match (&case.value, &case.error) {
        (Some(value), None) => outcome.result.as_ref() == Ok(value),
        (None, Some(error)) => outcome.result.as_ref() == Err(error),
        (None, None) => outcome.result.is_ok() && case.stdout.is_some(),
        (Some(_), Some(_)) => false,
    };
    let printed = case.stdout.as_ref().is_none_or(|stdout| *stdout == outcome.stdout);
    if as_said && printed {
        return Ok(());
    }
    Err(format!("{}\nexpected: {:?}\ngot:      {outcome:#?}", case.src, (&case.value, &case.error, &case.stdout)))
}

/// A program and the reductions that it takes, computed by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    src: String,
    reductions: u64,
    why: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let engines = Arc::new(engines());
    let uncovered = Arc::new(uncovered());
    let mut trials = Vec::new();
    let mut names = BTreeSet::new();
    for case in cases(&FILES).into_iter().filter(|case| of_processes(case) && !uncovered.contains(&case.name)) {
        let again = case.clone();
        trials.push(Trial::test(format!("schedules-{}", case.name), move || under_schedules(&case)));
        trials.push(Trial::test(format!("schedulers-{}", again.name), move || with_schedulers(&again)));
    }
    for case in cases(&FILES) {
        assert!(names.insert(case.name.clone()), "two cases are called {}", case.name);
        let (engines, uncovered) = (Arc::clone(&engines), Arc::clone(&uncovered));
        trials.push(Trial::test(case.name.clone(), move || test(&case, &engines, uncovered.contains(&case.name))));
    }
    let file = "reductions.json";
    let counted: Vec<Counted> = serde_json::from_str(&read(folder().join("conformance").join(file))).expect(file);
    for (index, case) in counted.into_iter().enumerate() {
        let engines = Arc::clone(&engines);
        trials.push(Trial::test(format!("reductions-{}", index + 1), move || count(&case, &engines)));
    }
    trials.push(Trial::test("every-case-on-the-list-exists", move || {
        let unknown: Vec<&String> = uncovered.difference(&names).collect();
        if unknown.is_empty() { Ok(()) } else { Err(Failed::from(format!("no such cases: {unknown:?}"))) }
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn test(case: &Case, engines: &[(String, Engine)], listed: bool) -> Result<(), Failed> {
    let world = case.world();
    let checked = run_in_all(engines, &case.src, &world).and_then(|outcome| {
        check(case, &outcome)?;
        under_stress(&case.name, engines, &case.src, &world, &outcome)
    });
    match (checked, listed) {
        (Ok(()), true) => Err(Failed::from("now passes: remove it from not-yet-covered.txt")),
        (Err(message), false) => Err(Failed::from(message)),
        (Ok(()), false) | (Err(_), true) => Ok(()),
    }
}

fn of_processes(case: &Case) -> bool {
    ["proc-", "amended-process-", "amended-server", "amended-task"].iter().any(|start| case.name.starts_with(start))
}

/// Runs a case under other schedules than that of the seed which all tests share.
fn under_schedules(case: &Case) -> Result<(), Failed> {
    let program =
        compile(&engine(EngineKind::default()), &case.src, &case.world()).map_err(|outcome| outcome.message)?;
    for seed in 1..=SCHEDULES {
        let engine = Engine::new(Config::new().seed(seed));
        let outcome = run_program(&engine, &program, &case.world(), |_| {}, |_| {});
        check(case, &outcome).map_err(|message| format!("seed {seed}: {message}"))?;
    }
    Ok(())
}

/// Runs a case with several scheduler threads.
fn with_schedulers(case: &Case) -> Result<(), Failed> {
    let program =
        compile(&engine(EngineKind::default()), &case.src, &case.world()).map_err(|outcome| outcome.message)?;
    for schedulers in SCHEDULERS {
        let engine = Engine::new(Config::new().schedulers(schedulers));
        for _ in 0..TIMES {
            let outcome = run_program(&engine, &program, &case.world(), |_| {}, |_| {});
            check(case, &outcome).map_err(|message| format!("{schedulers} schedulers: {message}"))?;
        }
    }
    Ok(())
}

fn count(case: &Counted, engines: &[(String, Engine)]) -> Result<(), Failed> {
    let outcome = run_in_all(engines, &case.src, &World::default())?;
    if outcome.result.is_ok() && outcome.reductions == case.reductions {
        return Ok(());
    }
    Err(Failed::from(format!("{}\nexpected {} reductions: {}\ngot {outcome:#?}", case.src, case.reductions, case.why)))
}

/// The names on the list. A line that begins with `#` says what the names below it wait for.
fn uncovered() -> BTreeSet<String> {
    let text = read(folder().join("conformance/not-yet-covered.txt"));
    let mut names = BTreeSet::new();
    let mut reason = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with('#') {
            reason = true;
            continue;
        }
        assert!(reason, "{line} stands on the list without a reason above it");
        assert!(names.insert(line.to_owned()), "{line} stands twice on the list");
    }
    names
}
