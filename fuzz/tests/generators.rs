//! The generators make what is worth running: most of it compiles, and all ways to end occur.

use iridium::{Ending, Severity, Source};
use iridium_fuzz::choices::Choices;
use iridium_fuzz::eva;
use iridium_fuzz::oracle::{Engines, observe};
use iridium_tests::random::Random;
use std::collections::{BTreeMap, BTreeSet};

const PROGRAMS: u64 = 400;

#[test]
fn most_programs_compile_and_end_in_many_ways() {
    let engines = Engines::default();
    let mut reasons: BTreeMap<String, (u32, String)> = BTreeMap::new();
    let mut compiled = 0;
    let mut endings: BTreeMap<String, u32> = BTreeMap::new();
    let mut caught = BTreeSet::new();
    for seed in 0..PROGRAMS {
        let text = eva::program(&mut Choices::new(&Random::new(seed).octets(1_500)));
        let program = match engines.reference().compile(Source::new("main.eva", text.as_str())) {
            Ok(program) => program,
            Err(rejection) => {
                let mut errors = rejection.diagnostics().filter(|(_, message)| message.severity == Severity::Error);
                let (_, first) = errors.next().expect("a reason");
                let reason = reasons.entry(first.code.to_owned()).or_default();
                reason.0 += 1;
                reason.1 = rejection.render(false).lines().take(14).collect::<Vec<_>>().join("\n");
                continue;
            }
        };
        compiled += 1;
        let observed = observe(engines.reference(), &program).expect("no fault of Iridium's own");
        let ending = match observed.ending {
            Ending::Failed(failure) => failure.kind.unwrap_or_else(|| "throw".to_owned()),
            other => format!("{other:?}"),
        };
        *endings.entry(ending).or_default() += 1;
        let kinds = observed.output.lines().filter_map(|line| line.strip_prefix("caught :")?.split(' ').next());
        caught.extend(kinds.map(str::to_owned));
    }
    let share = 100 * compiled / PROGRAMS;
    let shown: Vec<String> =
        reasons.iter().map(|(code, (count, example))| format!("{count} {code}:\n{example}")).collect();
    assert!(share >= 85, "only {share} % compile:\n{}", shown.join("\n"));
    assert!(endings.get("Done").is_some_and(|&done| done > compiled as u32 / 3), "{endings:?}");
    for kind in ["type-error", "arity-error", "index-error", "key-error", "match-error", "property-error"] {
        assert!(caught.contains(kind), "{kind}: {caught:?} {endings:?}");
    }
}
