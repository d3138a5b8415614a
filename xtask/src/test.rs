//! `cargo xtask test`: everything that continuous integration checks, cheapest first. The last thing that it prints
//! is cargo's own summary of a run with tests in it.

use crate::Result;
use crate::bench::instruction_counts;
use crate::command::{cargo, last_step, step};
use std::process::Command;

/// How much to test.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What continuous integration runs.
    Usual,
    /// Ten times as many random cases.
    Long,
}

/// Runs all checks; stops at the first that fails.
pub(crate) fn run(extent: Extent) -> Result {
    step("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    step("lints", &mut cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    step("documentation", cargo(&["doc", "--quiet", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    step("tests with debug assertions", &mut test(extent, &["--workspace"]))?;
    step(
        "the same without tail dispatch",
        &mut test(extent, &["-p", "iridium-vm", "-p", "iridium-tests", "--features", "iridium-tests/safe-dispatch"]),
    )?;
    step(
        "faults of lowering are found",
        &mut test(extent, &["-p", "iridium-fuzz", "--features", "faults", "--test", "faults"]),
    )?;
    instruction_counts(false)?;
    last_step("tests of the release build", &mut test(extent, &["--release", "-p", "iridium-tests"]))
}

fn test(extent: Extent, arguments: &[&str]) -> Command {
    let mut command = cargo(&["test", "--quiet"]);
    command.args(arguments).env_remove("IRIDIUM_BLESS");
    if extent == Extent::Long {
        command.env("IRIDIUM_LONG", "1");
    }
    command
}
