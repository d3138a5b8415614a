//! Typical mistakes, each a program in `tests/diagnostics` with what the real binary says about it beside it.
//!
//! `cargo xtask bless` rewrites the `.stderr` files. They are pinned because somebody looked at them and liked them.

use iridium_tests::binary::run_in;
use iridium_tests::{folder, golden};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = folder().join("diagnostics");
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("the folder can be read").file_name().into_string().expect("names are text"))
        .filter(|name| name.ends_with(".eva"))
        .collect();
    names.sort();
    assert!(names.len() >= 10, "ten typical mistakes, not {}", names.len());
    let trial = |name: String| {
        let folder = folder.clone();
        Trial::test(name.clone(), move || test(&folder, &name))
    };
    libtest_mimic::run(&arguments, names.into_iter().map(trial).collect()).exit_code()
}

fn test(folder: &Path, name: &str) -> Result<(), Failed> {
    let done = run_in(folder, &["run", name], b"");
    if !matches!(done.code, Some(1 | 65)) {
        return Err(Failed::from(format!("a mistake ends with 1 or 65, not {:?}\n{}", done.code, done.stderr)));
    }
    let text = format!("{}exit code {}\n", done.stderr, done.code.unwrap_or_default());
    golden::check(&folder.join(name).with_extension("stderr"), &text).map_err(Failed::from)
}
