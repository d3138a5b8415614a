//! Counts the instructions of the programs and compares them with `benches/instructions.json`.
//!
//! With `IRIDIUM_BLESS=1` it rewrites that file. Without valgrind it says that it skips, and under `CI=true`, where
//! `cargo xtask setup` has run, it fails instead.

#![forbid(unsafe_code)]
// A tool of the developers, started by hand.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use iridium_benches::counts::{self, Counts};
use iridium_benches::programs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("instruction-counts: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    if let Some(missing) = ["valgrind", "gungraun-runner"].into_iter().find(|tool| !works(tool)) {
        if std::env::var("CI").is_ok_and(|value| value == "true") {
            return Err(format!("`{missing}` is missing, though `cargo xtask setup` installs it"));
        }
        println!("SKIPPED: instruction counts need `{missing}` (cargo xtask setup installs it)");
        return Ok(());
    }
    let measured = measure()?;
    let baseline = programs::folder().join("instructions.json");
    if std::env::var_os("IRIDIUM_BLESS").is_some() {
        counts::write(&baseline, &measured)?;
        println!("written to {}", baseline.display());
        return Ok(());
    }
    let differences = counts::differences(&counts::read(&baseline)?, &measured);
    for (program, count) in &measured {
        println!("{program:<12}{count:>14} instructions");
    }
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "counts have moved by more than {} %:\n  {}\nIf that is meant: cargo xtask bless, and the reason into CHANGELOG.md.",
        counts::TOLERANCE * 100.0,
        differences.join("\n  ")
    ))
}

/// Runs the benchmark under gungraun into a fresh folder and reads its summaries.
fn measure() -> Result<Counts, String> {
    programs::iridium()?;
    let home = std::env::temp_dir().join(format!("iridium-counts-{}", std::process::id()));
    let done = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["bench", "--quiet", "-p", "iridium-benches", "--bench", "callgrind"])
        .env("GUNGRAUN_HOME", &home)
        .env("GUNGRAUN_SAVE_SUMMARY", "json")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !done.status.success() {
        let (output, errors) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        return Err(format!("gungraun failed ({})\n{output}{errors}", done.status));
    }
    let mut found = Counts::new();
    for file in summaries(&home)? {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let summary = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        let (program, count) = counts::from_summary(&summary)?;
        found.insert(program, count);
    }
    std::fs::remove_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    Ok(found)
}

/// All `summary.json` files below a folder.
fn summaries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            found.extend(summaries(&path)?);
        } else if path.file_name().is_some_and(|name| name == "summary.json") {
            found.push(path);
        }
    }
    Ok(found)
}

fn works(tool: &str) -> bool {
    let mut run = Command::new(tool);
    run.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    run.status().is_ok_and(|status| status.success())
}
