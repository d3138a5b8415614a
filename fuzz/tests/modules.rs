//! Modules made by their structure: most pass the verifier, and all engines agree on what they do.

use iridium_fuzz::choices::Choices;
use iridium_fuzz::oracle::Engines;
use iridium_fuzz::portable;
use iridium_tests::random::{Random, cases};
use std::collections::BTreeMap;

const MODULES: usize = 3_000;

#[test]
fn engines_agree_on_modules_made_up() {
    let mut random = Random::new(Random::seed_of_this_run());
    let engines = Engines::new(2_000);
    let mut rejected: BTreeMap<String, usize> = BTreeMap::new();
    let (mut ran, mut done) = (0, 0);
    for number in 0..cases(MODULES) {
        let length = random.between(50, 800) as usize;
        let module = portable::module(&mut Choices::new(&random.octets(length)));
        match engines.reference().load(module) {
            Ok(program) => {
                let observed = engines.agree(&program);
                let observed = observed.unwrap_or_else(|message| panic!("{message}\n{}", program.portable_code()));
                done += usize::from(observed.ending == iridium::Ending::Done);
                ran += 1;
                if number % 10 == 0 {
                    engines.forms(&program).unwrap_or_else(|message| panic!("{message}\n{}", program.portable_code()));
                }
            }
            Err(rejection) => *rejected.entry(format!("{:?}", rejection.rule)).or_default() += 1,
        }
    }
    assert!(
        ran > 4 * rejected.values().sum::<usize>() && done > ran / 20,
        "{ran} ran, {done} to the end; {rejected:?}"
    );
}
