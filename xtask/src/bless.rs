//! `cargo xtask bless`: rewrites what tests compare with: golden files, outputs in documents, instruction counts. Look at the difference before committing it.

use crate::Result;
use crate::bench::instruction_counts;
use crate::command::{cargo, step};

/// Rewrites golden files, then the baseline of instruction counts.
pub(crate) fn run() -> Result {
    let mut golden = vec!["test", "--quiet", "-p", "iridium-tests"];
    golden.extend(["diagnostics", "cli", "docs", "library"].into_iter().flat_map(|test| ["--test", test]));
    step("golden files", cargo(&golden).env("IRIDIUM_BLESS", "1"))?;
    instruction_counts(true)
}
