//! Typical mistakes, each a program in `tests/diagnostics` with what the real binary says about it beside it.
//!
//! Those in `warnings` are right programs that `check` warns of, each file of what it is called by: in its first part,
//! while what stands after `; Near misses` must not be warned of.
//!
//! `cargo xtask bless` rewrites the `.stderr` files. They are pinned because somebody looked at them and liked them.

use iridium_tests::binary::run_in;
use iridium_tests::{folder, golden, read};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = folder().join("diagnostics");
    let names = programs(&folder);
    assert!(names.len() >= 10, "ten typical mistakes, not {}", names.len());
    let trial = |name: String| {
        let folder = folder.clone();
        Trial::test(name.clone(), move || test(&folder, &name))
    };
    let mut trials: Vec<Trial> = names.into_iter().map(trial).collect();
    let warnings = folder.join("warnings");
    let names = programs(&warnings);
    assert!(names.len() >= 10, "ten kinds of warnings, not {}", names.len());
    trials.extend(names.into_iter().map(|name| {
        let folder = warnings.clone();
        Trial::test(format!("warnings/{name}"), move || warning(&folder, &name))
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The names of the programs in a folder.
fn programs(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("the folder can be read").file_name().into_string().expect("names are text"))
        .filter(|name| name.ends_with(".eva"))
        .collect();
    names.sort();
    names
}

fn warning(folder: &Path, name: &str) -> Result<(), Failed> {
    let text = read(folder.join(name));
    let misses = text.lines().position(|line| line.starts_with("; Near misses")).ok_or("no near misses")?;
    let told = run_in(folder, &["check", "--format", "json", name], b"");
    let mut count = 0;
    for line in told.stderr.lines() {
        let object: serde_json::Value = serde_json::from_str(line)?;
        let is_right = object["severity"] == "warning"
            && object["code"] == name.trim_end_matches(".eva")
            && object["line"].as_u64().is_some_and(|line| line <= misses as u64);
        if !is_right {
            return Err(Failed::from(format!("unexpected: {line}")));
        }
        count += 1;
    }
    if count == 0 || told.code != Some(0) {
        return Err(Failed::from(format!("{count} warnings, exit code {:?}", told.code)));
    }
    let denied = run_in(folder, &["check", "--deny", "warnings", name], b"");
    if denied.code != Some(65) {
        return Err(Failed::from(format!("a denied warning ends with 65, not {:?}", denied.code)));
    }
    golden::check(&folder.join(name).with_extension("stderr"), &denied.stderr).map_err(Failed::from)
}

fn test(folder: &Path, name: &str) -> Result<(), Failed> {
    let done = run_in(folder, &["run", name], b"");
    if !matches!(done.code, Some(1 | 65)) {
        return Err(Failed::from(format!("a mistake ends with 1 or 65, not {:?}\n{}", done.code, done.stderr)));
    }
    let text = format!("{}exit code {}\n", done.stderr, done.code.unwrap_or_default());
    golden::check(&folder.join(name).with_extension("stderr"), &text).map_err(Failed::from)
}
