//! Programs of processes in Eva and in Erlang, `tests/scenarios/NAME/scenario.eva` and `scenario.erl`, whose traces are
//! the same: what is Erlang's about links, monitors, exits, names, timers, servers and supervisors holds here.

use iridium_tests::binary::{Done, iridium, run};
use iridium_tests::{folder, tools};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Schedules under which each program of Eva runs, beside those of the machine.
const SEEDS: u32 = 10;

/// Scheduler threads on which it runs without a seed.
const SCHEDULERS: [u32; 2] = [1, 4];

/// How many programs of Eva run at a time: they wait most of it.
const THREADS: usize = 8;

/// How often scenarios whose traces differ are tried: time is real in Erlang, and in Eva without a seed, and the machine
/// may have too much to do.
const TRIES: u32 = 3;

/// Modules of Erlang that the scenarios share, after the one that runs them.
const SHARED: [&str; 6] = ["run", "trace", "helpers", "servers", "tasks", "supervision"];

/// Loads the module that runs scenarios, and has it run them.
const ERLANG: &str = r#"
    {ok, Module, Code} = compile:file(hd(init:get_plain_arguments()), [binary]),
    {module, Module} = code:load_binary(Module, "", Code),
    Module:main().
"#;

/// What begins the line that names a scenario, in what Erlang prints.
const NAMED: &str = "=== ";

/// Where the scenarios are, without the endings of their files.
fn scenarios() -> Vec<String> {
    let entries = std::fs::read_dir(folder().join("scenarios")).expect("the folder tests/scenarios");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    assert!(found.len() >= 60, "found {} scenarios", found.len());
    found.iter().map(|path| path.join("scenario").display().to_string()).collect()
}

/// What Erlang prints for each scenario. Its reports of crashes are not of interest.
fn by_erlang(scenarios: &[String]) -> BTreeMap<String, String> {
    let shared = SHARED.map(|module| folder().join("scenarios").join(module));
    let mut command = Command::new("erl");
    command
        .args(["-noshell", "-kernel", "logger_level", "none", "-eval", ERLANG, "-extra"])
        .args(shared)
        .args(scenarios);
    let output = command.output().expect("Erlang starts");
    let text = String::from_utf8(output.stdout).expect("Erlang writes text");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.split(NAMED)
        .skip(1)
        .filter_map(|part| part.split_once('\n'))
        .map(|(name, trace)| (name.into(), trace.into()))
        .collect()
}

/// A schedule as options of the command line, and what a scenario did in Eva under it.
type Run = (Vec<String>, Done);

/// Runs a scenario in Eva under each schedule.
fn by_eva(scenario: &str) -> Vec<Run> {
    let program = format!("{scenario}.eva");
    let seeds = (1..=SEEDS).map(|seed| vec!["--seed".to_owned(), seed.to_string()]);
    let threads = SCHEDULERS.map(|count| vec!["--schedulers".to_owned(), count.to_string()]);
    let one = |schedule: Vec<String>| {
        let arguments = ["run"].into_iter().chain(schedule.iter().map(String::as_str)).chain([program.as_str()]);
        let done = run(&arguments.collect::<Vec<_>>());
        (schedule, done)
    };
    seeds.chain(threads).map(one).collect()
}

/// Runs all of some scenarios in Eva, several at a time.
fn all_by_eva(scenarios: &[String]) -> BTreeMap<&str, Vec<Run>> {
    iridium();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let runs = by_eva(scenario);
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(scenario.as_str(), runs);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// How the first run that differs does.
fn difference(scenario: &str, expected: &str, runs: &[Run]) -> Option<String> {
    let (schedule, done) = runs.iter().find(|(_, done)| done.code != Some(0) || done.stdout != expected)?;
    Some(format!(
        "{scenario} {schedule:?}\nErlang:\n{expected}\nEva, exit code {:?}:\n{}{}",
        done.code, done.stdout, done.stderr
    ))
}

/// The scenarios whose traces differ, and how.
fn differences(scenarios: &[String]) -> Vec<(String, String)> {
    let (expected, runs) = std::thread::scope(|scope| {
        let erlang = scope.spawn(|| by_erlang(scenarios));
        let runs = all_by_eva(scenarios);
        (erlang.join().expect("Erlang runs the scenarios"), runs)
    });
    let differs = |scenario: &String| {
        let expected = expected.get(scenario).expect("Erlang runs each scenario");
        assert!(expected.lines().count() > 1, "{scenario} prints a trace:\n{expected}");
        difference(scenario, expected, &runs[scenario.as_str()]).map(|how| (scenario.clone(), how))
    };
    scenarios.iter().filter_map(differs).collect()
}

#[test]
fn traces_are_those_of_erlang() {
    let Some(_) = tools::tool("erl", &["-noshell", "-eval", "halt()."]) else { return };
    let mut left = differences(&scenarios());
    for _ in 1..TRIES {
        if !left.is_empty() {
            left = differences(&left.into_iter().map(|(scenario, _)| scenario).collect::<Vec<_>>());
        }
    }
    let how: Vec<String> = left.into_iter().map(|(_, how)| how).collect();
    assert!(how.is_empty(), "{}", how.join("\n"));
}
