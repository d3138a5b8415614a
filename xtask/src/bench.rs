//! `cargo xtask bench`: builds what is measured and starts the comparison; see `benches/`.

use crate::Result;
use crate::command::{cargo, step};

/// Measures; `quick` means fewer rounds and leaves the written results alone.
pub(crate) fn run(quick: bool) -> Result {
    step(
        "release build",
        &mut cargo(&["build", "--quiet", "--release", "-p", "iridium-cli", "-p", "iridium-benches"]),
    )?;
    let mut compare = cargo(&["run", "--quiet", "--release", "-p", "iridium-benches", "--bin", "compare", "--"]);
    if quick {
        compare.arg("--quick");
    }
    step("comparison", &mut compare)
}
