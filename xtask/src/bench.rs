//! `cargo xtask bench`: builds what is measured and starts the comparison; see `benches/`.

use crate::Result;
use crate::command::{cargo, step};

/// Measures; `quick` means fewer rounds and leaves the written results alone.
pub(crate) fn run(quick: bool) -> Result {
    measure("compare", if quick { &["--quick"] } else { &[] })
}

/// Measures programs of many processes against Erlang.
pub(crate) fn processes() -> Result {
    measure("processes", &[])
}

fn measure(binary: &str, options: &[&str]) -> Result {
    step(
        "release build",
        &mut cargo(&["build", "--quiet", "--release", "-p", "iridium-cli", "-p", "iridium-benches"]),
    )?;
    let mut measure = cargo(&["run", "--quiet", "--release", "-p", "iridium-benches", "--bin", binary, "--"]);
    step("comparison", measure.args(options))
}

/// Counts instructions of the release command line as it is now, and compares them with the baseline or, to bless,
/// makes them the baseline.
pub(crate) fn instruction_counts(bless: bool) -> Result {
    step("release build", &mut cargo(&["build", "--quiet", "--release", "-p", "iridium-cli"]))?;
    let mut count = cargo(&["run", "--quiet", "--release", "-p", "iridium-benches", "--bin", "instruction-counts"]);
    if bless {
        count.env("IRIDIUM_BLESS", "1");
    } else {
        count.env_remove("IRIDIUM_BLESS");
    }
    step("instruction counts", &mut count)
}
