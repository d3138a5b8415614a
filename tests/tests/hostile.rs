//! Portable code that no compiler made: compiled programs with a bit flipped, a byte replaced, a piece moved. The
//! verifier rejects it, or it runs within its limits and all engines agree on what it does.
//!
//! A wrong step of the verifier shows as a panic, an engine that runs on, or two engines that disagree.
//! `IRIDIUM_SEED` repeats a run, `IRIDIUM_LONG` makes it ten times as long.

use iridium::{Config, Engine, EngineKind, Source};
use iridium_bytecode::{Module, PositionTable, VerifiedModule};
use iridium_tests::random::{self, Random};
use iridium_tests::run::{World, run_program};
use iridium_tests::{folder, read};

/// Damaged modules of a run.
const MODULES: usize = 100_000;

/// Programs of the conformance suite that compile.
fn programs(engine: &Engine) -> Vec<Module> {
    let mut modules = Vec::new();
    for file in ["conformance.json", "conformance-extended.json"] {
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(&read(folder().join("conformance").join(file))).expect(file);
        let sources = cases.iter().filter_map(|case| case["src"].as_str());
        let programs = sources.filter_map(|source| engine.compile(Source::new("case", source)).ok());
        modules.extend(programs.map(|program| parts(program.module())));
    }
    modules
}

/// A verified module as one that has to be verified again.
fn parts(module: &VerifiedModule) -> Module {
    Module {
        source: module.source().to_owned(),
        constants: module.constants().to_vec(),
        globals: module.globals().to_vec(),
        functions: module.functions().to_vec(),
        classes: module.classes().to_vec(),
    }
}

/// Does a little damage to the code, or to what the code relies on.
fn damage(module: &mut Module, random: &mut Random) {
    let index = random.below(module.functions.len() as u64) as usize;
    let function = &mut module.functions[index];
    // Positions belong to the instructions as they were; between two of today's they would mean nothing.
    function.positions = PositionTable::default();
    let length = function.code.len() as u64;
    let at = random.below(length) as usize;
    match random.below(10) {
        0..=3 => function.code[at] ^= 1 << random.below(8),
        4 | 5 => function.code[at] = random.bits() as u8,
        6 => drop(function.code.remove(at)),
        7 => function.code.insert(at, random.bits() as u8),
        8 => {
            let end = at + random.below(length - at as u64 + 1).min(12) as usize;
            let piece: Vec<u8> = function.code.drain(at..end).collect();
            let to = random.below(function.code.len() as u64 + 1) as usize;
            function.code.splice(to..to, piece);
        }
        _ => match random.below(4) {
            0 => function.locals = function.locals.wrapping_add(random.of(&[1, 255, 200]).to_owned()),
            1 => function.required = function.required.wrapping_add(random.of(&[1, 255]).to_owned()),
            2 => function.rest = !function.rest,
            _ => function.optional = function.optional.wrapping_add(random.of(&[1, 255]).to_owned()),
        },
    }
}

#[test]
fn damaged_modules_are_rejected_or_run_alike_in_all_engines() {
    let seed = Random::seed_of_this_run();
    let mut random = Random::new(seed);
    // Enough for most programs to end, little enough for those that do not.
    let engine = |kind: &EngineKind| Engine::new(Config::new().engine(*kind).fuel(2_000).max_heap(4 << 20));
    let engines: Vec<(&EngineKind, Engine)> = EngineKind::available().iter().map(|kind| (kind, engine(kind))).collect();
    let programs = programs(&engines[0].1);
    assert!(programs.len() > 200, "{} programs compile", programs.len());
    let (mut rejected, mut ran) = (0, 0);
    for _ in 0..random::cases(MODULES) {
        let mut module = random.of(&programs).clone();
        for _ in 0..=random.below(2) {
            damage(&mut module, &mut random);
        }
        let code: Vec<_> = module.functions.iter().map(|function| function.code.clone()).collect();
        let Ok(program) = engines[0].1.load(module) else {
            rejected += 1;
            continue;
        };
        ran += 1;
        let mut first = None;
        for (kind, engine) in &engines {
            let outcome = run_program(engine, &program, &World::default(), |_| {});
            let what = || format!("IRIDIUM_SEED={seed} {kind}: {outcome:#?}\n{code:02x?}");
            // Code that breaks what the compiler always keeps, such as appending to what is no list, throws `:internal` too.
            assert!(!outcome.message.contains("a fault of Iridium itself"), "{}", what());
            // Engines need not agree on how much memory they take.
            if outcome.result == Err("limit :heap".to_owned()) || outcome.result == Err(":stack-overflow".to_owned()) {
                break;
            }
            let first = first.get_or_insert_with(|| outcome.clone());
            assert_eq!(*first, outcome, "{}", what());
        }
    }
    assert!(rejected > ran && ran > MODULES / 50, "{rejected} rejected, {ran} ran");
}
