//! Natives and operators over large data, `tests/long-work/*.eva`: a process can be preempted in the middle of each, and
//! that changes nothing.
//!
//! A file says in comments what it is about, and `; gives: VALUE` or `; throws: :kind: message`. It is run in every
//! engine, by slices of several lengths, and if it says `; collects` with a collection wherever there can be one. Value and
//! reductions are the same in all of these, and no slice is passed by more reductions than a piece of such work has.

use iridium::{Config, Ending, Engine, EngineKind, MemoryHost, Program, Source};
use iridium_tests::{folder, read};

/// Slices, in reductions.
const SLICES: [u32; 4] = [1, 97, 4_000, 1_000_000_000];

/// What a process may hold.
const HEAP: u64 = 32 << 20;

/// Reductions by which a slice may be passed: some pieces of a native that is done at once, and one of long work.
const BEYOND: u64 = 600;

/// What a run came to: the value or error, and reductions.
fn run(program: &Program, kind: EngineKind, slice: u32, stress: bool) -> (String, u64) {
    let mut execution =
        Engine::new(Config::new().engine(kind).seed(1).max_heap(HEAP)).start(program).expect("it is small");
    execution.set_stress(stress);
    let mut host = MemoryHost::new();
    let (mut paid, mut collecting) = (0, 0);
    let ending = loop {
        let ending = execution.step(slice, &mut host);
        let before = std::mem::replace(&mut paid, execution.stats().reductions);
        // The first slices load the prelude.
        assert!(paid - before <= u64::from(slice) + BEYOND, "a slice of {slice} took {} reductions", paid - before);
        // Steps in which only memory is looked after.
        collecting = if paid == before { collecting + 1 } else { 0 };
        assert!(collecting < 100_000, "it does not go on");
        if let Some(ending) = ending {
            break ending;
        }
    };
    let outcome = match &ending {
        Ending::Done => execution.value().expect("it can be shown"),
        Ending::Failed(failure) => {
            format!("{}: {}", failure.kind.as_deref().map_or(String::new(), |kind| format!(":{kind}")), failure.text)
        }
        other => format!("{other:?}"),
    };
    (outcome, execution.stats().reductions)
}

#[test]
fn preemption_in_the_middle_changes_nothing() {
    let mut programs = 0;
    let only = std::env::var("LONG_WORK").unwrap_or_default();
    for entry in std::fs::read_dir(folder().join("long-work")).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let name = path.display().to_string();
        if !name.contains(&only) {
            continue;
        }
        let text = read(&path);
        let said = |what: &str| text.lines().find_map(|line| line.strip_prefix("; ")?.strip_prefix(what));
        let expected =
            said("gives: ").or_else(|| said("throws: ")).unwrap_or_else(|| panic!("{name}: what comes of it?"));
        let program = Engine::default()
            .compile(Source::new("main.eva", text.as_str()))
            .unwrap_or_else(|rejection| panic!("{name}: {}", rejection.render(false)));
        let mut reductions = None;
        for &kind in EngineKind::available() {
            for slice in SLICES {
                let (outcome, paid) = run(&program, kind, slice, false);
                assert_eq!(outcome, expected, "{name}, {kind}, slices of {slice}");
                assert_eq!(*reductions.get_or_insert(paid), paid, "{name}, {kind}, slices of {slice}: reductions");
            }
        }
        // Where there is little else, so that it does not take minutes.
        if said("collects").is_some() {
            let (outcome, paid) = run(&program, EngineKind::default(), 97, true);
            assert_eq!(outcome, expected, "{name}, with collections");
            assert_eq!(reductions, Some(paid), "{name}, with collections: reductions");
        }
        programs += 1;
    }
    assert!(programs > 0, "there are no programs");
}
