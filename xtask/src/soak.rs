//! `cargo xtask soak`: the test of processes that are killed, flooded and run into limits, for longer than usual.

use crate::Result;
use crate::command::{cargo, last_step};

/// Runs the test for so many minutes.
pub(crate) fn run(minutes: u64) -> Result {
    let mut soak =
        cargo(&["test", "--quiet", "--release", "-p", "iridium-tests", "--test", "soak", "--", "--nocapture"]);
    soak.env("IRIDIUM_SOAK_SECONDS", (minutes * 60).to_string());
    last_step("soak", &mut soak)
}
