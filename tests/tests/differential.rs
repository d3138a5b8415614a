//! Made-up programs in all engines: value, output, error, position, trace and reductions are the same, and every other
//! form of a program is that program. `IRIDIUM_SEED` repeats a run; `IRIDIUM_LONG=100000` tries as many.

use iridium_fuzz::choices::Choices;
use iridium_fuzz::eva;
use iridium_fuzz::oracle::Engines;
use iridium_tests::random::{Random, cases};

/// Programs of a run.
const PROGRAMS: usize = 2_000;

#[test]
fn engines_agree_on_programs_made_up() {
    let mut random = Random::new(Random::seed_of_this_run());
    let engines = Engines::default();
    let (mut compiled, mut failed) = (0, 0);
    for _ in 0..cases(PROGRAMS) {
        let length = random.between(100, 2_000) as usize;
        let text = eva::program(&mut Choices::new(&random.octets(length)));
        match engines.check(&text) {
            Ok(None) => failed += 1,
            Ok(Some(_)) => compiled += 1,
            Err(message) => panic!("{message}\n{text}"),
        }
    }
    assert!(compiled > 3 * failed, "{failed} did not compile, {compiled} did");
}
