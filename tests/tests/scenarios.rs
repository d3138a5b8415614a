//! Programs of processes in Eva and in Erlang, `tests/scenarios/NAME/scenario.eva` and `scenario.erl`, whose traces are
//! the same: what is Erlang's about links, monitors, exits, names, timers, servers and supervisors holds here.

use iridium_tests::binary::run;
use iridium_tests::{folder, tools};
use std::path::PathBuf;
use std::process::Command;

/// Schedules under which each program of Eva runs, beside the one of the machine.
const SEEDS: u32 = 10;

/// Modules of Erlang that the scenarios share.
const SHARED: [&str; 2] = ["trace", "supervision"];

/// Compiles what the scenarios share and one of them, in memory, and runs it.
const ERLANG: &str = r#"
    Load = fun(File) ->
        case compile:file(File, [binary, return_errors]) of
            {ok, Module, Code} -> {module, Module} = code:load_binary(Module, File, Code), Module;
            Error -> io:format("~p~n", [Error]), halt(1)
        end
    end,
    Modules = [Load(File) || File <- init:get_plain_arguments()],
    (lists:last(Modules)):main(),
    halt().
"#;

fn scenarios() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("scenarios")).expect("the folder tests/scenarios");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    assert!(found.len() > 10, "found {} scenarios", found.len());
    found
}

/// What Erlang prints for a scenario. Its reports of crashes are not of interest.
fn by_erlang(scenario: &str) -> String {
    let shared = SHARED.map(|module| folder().join("scenarios").join(module));
    let mut command = Command::new("erl");
    command.args(["-noshell", "-kernel", "logger_level", "none", "-eval", ERLANG, "-extra"]).args(shared).arg(scenario);
    let output = command.output().expect("Erlang starts");
    let text = String::from_utf8(output.stdout).expect("Erlang writes text");
    assert!(output.status.success(), "{scenario}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Runs a scenario in Eva under a schedule, and says how the trace differs from the one that is expected.
fn difference(scenario: &str, schedule: &[String], expected: &str) -> Option<String> {
    let program = format!("{scenario}.eva");
    let arguments = ["run"].into_iter().chain(schedule.iter().map(String::as_str)).chain([program.as_str()]);
    let done = run(&arguments.collect::<Vec<_>>());
    (done.code != Some(0) || done.stdout != expected).then(|| {
        format!(
            "{scenario} {schedule:?}\nErlang:\n{expected}\nEva, exit code {:?}:\n{}{}",
            done.code, done.stdout, done.stderr
        )
    })
}

#[test]
fn traces_are_those_of_erlang() {
    let Some(_) = tools::tool("erl", &["-noshell", "-eval", "halt()."]) else { return };
    let mut differences = Vec::new();
    for path in scenarios() {
        let scenario = path.join("scenario").display().to_string();
        let differs = || {
            let expected = by_erlang(&scenario);
            assert!(expected.lines().count() > 2, "{scenario} prints a trace:\n{expected}");
            let seeds = (1..=SEEDS).map(|seed| vec!["--seed".to_owned(), seed.to_string()]);
            seeds.chain([Vec::new()]).find_map(|schedule| difference(&scenario, &schedule, &expected))
        };
        // Without a seed time is real, and always in Erlang: a machine with too much to do has another try.
        differences.extend(differs().and_then(|_| differs()).and_then(|_| differs()));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
