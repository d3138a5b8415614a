//! The tests of the tests: each wrong lowering that can be asked for is found by comparing engines on made-up programs.

use iridium_bytecode::faults::{Fault, with};
use iridium_fuzz::choices::Choices;
use iridium_fuzz::oracle::Engines;
use iridium_fuzz::{eva, keep, minimise};
use iridium_tests::random::Random;

/// Programs within which each fault is found.
const PROGRAMS: u64 = 2_000;

#[test]
fn every_fault_of_lowering_is_found() {
    let engines = Engines::default();
    let mut open: Vec<Fault> = Fault::ALL.to_vec();
    let mut found: Vec<(Fault, u64)> = Vec::new();
    for seed in 0..PROGRAMS {
        let tape = Random::new(seed).octets(1_500);
        let text = eva::program(&mut Choices::new(&tape));
        let Ok(program) = engines.compile(&text) else { continue };
        open.retain(|fault| {
            // Only this program is lowered wrongly, not the library, which all share.
            let wrong = with(*fault, || engines.reference().load(program.module().module().clone()));
            // To be rejected would be too easy.
            let hides = wrong.as_ref().map_or(true, |wrong| engines.agree(wrong).is_ok());
            if !hides {
                found.push((*fault, seed));
            }
            hides
        });
        if open.is_empty() {
            break;
        }
    }
    assert!(open.is_empty(), "not found within {PROGRAMS} programs: {open:?}; found, and at which program: {found:?}");
}

#[test]
fn without_a_fault_nothing_is_found() {
    let engines = Engines::default();
    for seed in 0..100 {
        let tape = Random::new(seed).octets(1_500);
        let text = eva::program(&mut Choices::new(&tape));
        let Ok(program) = engines.compile(&text) else { continue };
        let again = engines.reference().load(program.module().module().clone()).expect("it was verified before");
        assert!(engines.agree(&again).is_ok(), "{text}");
    }
}

#[test]
fn what_is_found_becomes_a_small_test_file() {
    let engines = Engines::default();
    let fails = |text: &str| {
        let Ok(program) = engines.compile(text) else { return false };
        let wrong = with(Fault::ReadPastWrite, || engines.reference().load(program.module().module().clone()));
        wrong.is_ok_and(|wrong| engines.agree(&wrong).is_err())
    };
    let make = |tape: &[u8]| eva::program(&mut Choices::new(tape));
    let tapes = (0..PROGRAMS).map(|seed| Random::new(seed).octets(1_500));
    let tape = tapes.into_iter().find(|tape| fails(&make(tape))).expect("a program that shows the fault");
    let shorter = minimise::tape(tape.clone(), |tape| fails(&make(tape)));
    assert!(shorter.len() < tape.len(), "{} octets", shorter.len());
    let folder = std::env::temp_dir().join(format!("iridium-fuzz-{}", std::process::id()));
    let path = keep::keep(&folder, &engines, &make(&shorter), fails).expect("the file can be written");
    let text = std::fs::read_to_string(&path).expect("it was written");
    std::fs::remove_dir_all(&folder).expect("it can be removed");
    assert!(text.len() < 200 && text.contains("; => "), "{text}");
    assert!(fails(&text), "it still shows the fault: {text}");
    assert_eq!(keep::holds(&engines, &text), Ok(()), "without the fault it is fine: {text}");
}
