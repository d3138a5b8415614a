//! What the test suites share: running Eva in every engine, the real binary, golden files, tools that may be missing.
//!
//! The suites are in `tests/`, the data that drives them in the folders beside it: `conformance/`, `diagnostics/`,
//! `handlers/`, `hostile/`, `hostile-programs/`, `instructions/`, `lang/`, `processes/`, `repl/`, `scenarios/`, `data/`.

#![forbid(unsafe_code)]

pub mod assembly;
pub mod binary;
pub mod conformance;
pub mod disassembly;
pub mod expect;
pub mod golden;
pub mod random;
pub mod reference;
pub mod run;
pub mod sources;
pub mod specimens;
pub mod tools;

use std::io::Write;
use std::path::PathBuf;

/// The folder `tests`.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The repository's top folder.
///
/// # Panics
/// Never in a checkout: `tests` lies in it.
pub fn root() -> PathBuf {
    folder().parent().expect("`tests` lies in the repository").to_path_buf()
}

/// Reads a file as text; a test can't go on without it.
///
/// # Panics
/// If the file can't be read.
pub fn read(path: impl AsRef<std::path::Path>) -> String {
    let path = path.as_ref();
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Shows a line on standard error, also where a test's output is not shown.
pub fn shown(line: &str) {
    // Where it cannot be shown it is not missed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
