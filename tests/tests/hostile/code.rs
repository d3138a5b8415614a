//! Damaged octets of portable code: compiled programs with a bit flipped, a byte replaced, a piece moved.
//!
//! A wrong step of the verifier shows as a panic, an engine that runs on, or two engines that disagree.
//! `IRIDIUM_SEED` repeats a run, `IRIDIUM_LONG` makes it ten times as long.

use crate::trial::in_parallel;
use iridium::{Engine, Source};
use iridium_bytecode::{Module, PositionTable};
use iridium_tests::random::{self, Random};
use iridium_tests::{folder, read};

/// Damaged modules of a run.
const MODULES: usize = 100_000;

/// Modules that one thread damages at a time.
const BATCH: usize = 1_000;

/// Programs of the conformance suite that compile.
fn programs(engine: &Engine) -> Vec<Module> {
    let mut modules = Vec::new();
    for file in ["conformance.json", "conformance-extended.json"] {
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(&read(folder().join("conformance").join(file))).expect(file);
        let sources = cases.iter().filter_map(|case| case["src"].as_str());
        let programs = sources.filter_map(|source| engine.compile(Source::new("case", source)).ok());
        modules.extend(programs.map(|program| program.module().module().clone()));
    }
    modules
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
    let programs = programs(&Engine::default());
    assert!(programs.len() > 200, "{} programs compile", programs.len());
    let batches: Vec<u64> = (0..random::cases(MODULES).div_ceil(BATCH) as u64).collect();
    let tally = in_parallel(&batches, |trials, &batch| {
        let mut random = Random::part(seed, batch);
        for _ in 0..BATCH {
            let mut module = random.of(&programs).clone();
            for _ in 0..=random.below(2) {
                damage(&mut module, &mut random);
            }
            let code: Vec<_> = module.functions.iter().map(|function| function.code.clone()).collect();
            trials.module(module, &|| format!("IRIDIUM_SEED={seed}, batch {batch}: {code:02x?}"));
        }
    });
    tally.show("modules with damaged octets of code");
    let (rejected, ran) = (tally.total("rule "), tally.total("ran "));
    assert!(rejected > ran && ran > MODULES / 50, "{rejected} rejected, {ran} ran");
}
