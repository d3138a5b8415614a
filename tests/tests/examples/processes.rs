//! Examples of several processes: what they show, and what they promise while parts of them are killed at random.
//!
//! The programs in `tests/chaos` import an example, kill processes of it at moments that depend on their argument, and
//! throw if a promise is not kept.

use super::{ENGINES, check_options, data_path, example, prints};
use iridium::{Config, Engine, FileLoader, Program, Source};
use iridium_tests::run::{World, engines, run_program};
use iridium_tests::{read, root};

/// Seeds for which each program of `tests/chaos` is run.
const SEEDS: u64 = 40;

/// The examples, each with a golden file of what it prints with the seed 1.
const NAMES: [&str; 4] = ["chat", "job-queue", "map-reduce", "philosophers"];

fn compile(engine: &Engine, name: &str) -> Program {
    let path = root().join(format!("tests/chaos/{name}.eva"));
    let source = Source::new(path.to_str().expect("the path is text"), read(&path));
    engine
        .compile_with(source, &mut FileLoader::new())
        .unwrap_or_else(|rejection| panic!("{}", rejection.render(false)))
}

fn world(seed: u64) -> World {
    World { arguments: vec![seed.to_string()], ..World::default() }
}

/// Runs a program that kills parts of an example, for each seed, and for one in all engines.
fn keeps_its_promise(name: &str) {
    let program = compile(&Engine::new(Config::new()), name);
    for seed in 1..=SEEDS {
        let engine = Engine::new(Config::new().seed(seed).fuel(50_000_000));
        let outcome = run_program(&engine, &program, &world(seed), |_| {}, |_| {});
        assert_eq!(outcome.result.as_deref(), Ok(":ok"), "{name}, seed {seed}: {}", outcome.message);
    }
    let outcomes: Vec<_> = engines()
        .iter()
        .map(|(engine_name, engine)| {
            (engine_name.clone(), run_program(engine, &compile(engine, name), &world(1), |_| {}, |_| {}))
        })
        .collect();
    for (engine_name, outcome) in &outcomes {
        assert_eq!(outcome.result.as_deref(), Ok(":ok"), "{name}, {engine_name}: {}", outcome.message);
        assert_eq!(outcome, &outcomes[0].1, "{name}: {engine_name} and {}", outcomes[0].0);
    }
}

#[test]
fn no_job_is_lost() {
    keeps_its_promise("job-queue");
}

#[test]
fn no_philosopher_starves_and_no_fork_is_lost() {
    keeps_its_promise("philosophers");
}

#[test]
fn counts_are_right() {
    keeps_its_promise("map-reduce");
}

#[test]
fn who_lives_is_in_the_rooms_and_hears_what_is_said() {
    keeps_its_promise("chat");
}

#[test]
fn under_a_seed_they_print_the_same_each_time() {
    for name in NAMES {
        let program = format!("{name}/main.eva");
        for options in ENGINES {
            let options = [&["--seed", "1"], *options].concat();
            check_options(&options, &program, &[], b"", &format!("{name}.out"));
        }
    }
}

/// Real time, and a schedule that nobody fixed.
#[test]
fn without_a_seed_they_do_what_they_are_for() {
    assert!(
        prints(&[], "job-queue/main.eva", &[], b"")
            .ends_with("results: [0 1 4 9 16 25 36 49 64 81 100 121]\nworkers alive: 3\n")
    );
    let meals = prints(&[], "philosophers/main.eva", &[], b"");
    assert_eq!(meals.lines().filter(|line| line.ends_with(" meals")).count(), 5, "{meals}");
    let chat = prints(&[], "chat/main.eva", &[], b"");
    assert_eq!(chat.matches("was closed, joining again\n[tea] Bob: What was that?").count(), 2, "{chat}");
}

/// The example that one process works on counts the same.
#[test]
fn words_are_counted_in_parts_as_they_are_in_one_piece() {
    let text = data_path("../fable.txt");
    let expected = prints(&[], "word-count.eva", &[&text], b"");
    for seed in ["1", "2", "3"] {
        let done = example(&["--seed", seed], "map-reduce/main.eva", &[&text], b"");
        let counts: String =
            done.stdout.lines().filter(|line| !line.starts_with("part ")).map(|line| format!("{line}\n")).collect();
        assert_eq!((done.code, counts.as_str()), (Some(0), expected.as_str()), "seed {seed}: {}", done.stderr);
    }
}
