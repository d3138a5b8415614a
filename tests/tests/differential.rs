//! Made-up programs in all engines: value, output, error, position, trace and reductions are the same, and every other
//! form of a program is that program. `IRIDIUM_SEED` repeats a run; `IRIDIUM_LONG=100000` tries as many.

use iridium_fuzz::choices::Choices;
use iridium_fuzz::eva;
use iridium_fuzz::oracle::Engines;
use iridium_tests::random::{Random, cases};
use iridium_tests::{folder, read};
use std::path::PathBuf;

/// Programs of a run.
const PROGRAMS: usize = 2_000;

/// One in so many also goes through its other forms, which takes longer than running it.
const FORMS: usize = 10;

#[test]
fn engines_agree_on_programs_made_up() {
    let mut random = Random::new(Random::seed_of_this_run());
    let engines = Engines::default();
    let (mut compiled, mut failed) = (0, 0);
    for number in 0..cases(PROGRAMS) {
        let length = random.between(100, 2_000) as usize;
        let text = eva::program(&mut Choices::new(&random.octets(length)));
        let check = |text: &str| if number % FORMS == 0 { engines.check(text) } else { engines.check_runs(text) };
        match check(&text) {
            Ok(None) => failed += 1,
            Ok(Some(_)) => compiled += 1,
            Err(message) => keep(&engines, &text, &message, |text| check(text).is_err()),
        }
    }
    assert!(compiled > 3 * failed, "{failed} did not compile, {compiled} did");
}

/// Where programs stand that engines once did not agree on.
fn kept() -> PathBuf {
    folder().join("differential")
}

/// Fails with a message and a small program that shows the same, which stands in a file from now on.
fn keep(engines: &Engines, text: &str, message: &str, fails: impl FnMut(&str) -> bool) -> ! {
    let path = iridium_fuzz::keep::keep(&kept(), engines, text, fails).expect("the file can be written");
    panic!("{message}\n{text}\n\n{} has:\n{}", path.display(), read(&path));
}

#[test]
fn engines_agree_on_what_was_found_before() {
    let engines = Engines::default();
    for file in std::fs::read_dir(kept()).expect("the folder tests/differential").flatten() {
        if file.path().extension().is_some_and(|extension| extension == "eva") {
            let name = file.file_name().display().to_string();
            assert_eq!(iridium_fuzz::keep::holds(&engines, &read(file.path())), Ok(()), "{name}");
        }
    }
}
