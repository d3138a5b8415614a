//! The tests of the tests: each wrong lowering that can be asked for is found by comparing engines on made-up programs.

use iridium_bytecode::faults::{Fault, with};
use iridium_fuzz::choices::Choices;
use iridium_fuzz::eva;
use iridium_fuzz::oracle::Engines;
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
            let hides = match &wrong {
                Ok(wrong) => engines.agree(wrong).is_ok(),
                Err(_) => false,
            };
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
