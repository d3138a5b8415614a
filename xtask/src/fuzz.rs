//! `cargo xtask fuzz`: builds the fuzz targets for libFuzzer, which the stable compiler can, and runs them.
//!
//! What a run finds out stays in the target folder and is where the next one begins; `fuzz/corpus` in the repository has
//! the seeds that every run begins with.

use crate::Result;
use crate::command::{cargo, host, root, step, target_folder};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGETS: &[&str] = &["reader", "loader", "assembler", "load-and-run", "differential"];

/// Minutes for each target, unless told otherwise.
const MINUTES: u64 = 20;

/// What makes the compiler count which code runs, and what comparisons compare.
const INSTRUMENTED: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Runs what the arguments ask for: a target or all, for some minutes, or until each finds the bug planted behind it.
pub(crate) fn run(arguments: &[&str]) -> Result {
    let (mut targets, mut minutes, mut canary) = (Vec::new(), MINUTES, false);
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match *argument {
            "--canary" => canary = true,
            "--minutes" => {
                let number = left.next().and_then(|text| text.parse().ok()).filter(|&number| number > 0);
                minutes = number.ok_or("`--minutes` needs a number above 0, such as `--minutes 20`")?;
            }
            name => match TARGETS.iter().find(|target| **target == name) {
                Some(target) => targets.push(*target),
                None => return Err(format!("no fuzz target `{name}`; there are: {}", TARGETS.join(", "))),
            },
        }
    }
    if targets.is_empty() {
        targets = TARGETS.to_vec();
    }
    let binary = build(canary)?;
    for target in targets {
        one(&binary, target, minutes, canary)?;
    }
    Ok(())
}

/// The folder that everything built and found lies in.
fn folder() -> PathBuf {
    target_folder().join("fuzz")
}

fn build(canary: bool) -> Result<PathBuf> {
    let host = host().ok_or("rustc does not name its host")?;
    let target_folder = folder().display().to_string();
    let features = if canary { "libfuzzer,canary" } else { "libfuzzer" };
    // With `--target` the compiler's own tools, such as build scripts, are built without counters.
    let mut build = cargo(&["build", "--quiet", "--release", "--target", &host, "--target-dir", &target_folder]);
    build.args(["-p", "iridium-fuzz", "--bin", "libfuzzer", "--features", features]).env("RUSTFLAGS", INSTRUMENTED);
    step("fuzz targets", &mut build)?;
    Ok(folder().join(host).join("release/libfuzzer"))
}

fn one(binary: &PathBuf, target: &str, minutes: u64, canary: bool) -> Result {
    let made = |path: PathBuf| match std::fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(error) => Err(format!("{}: {error}", path.display())),
    };
    let corpus = made(folder().join(if canary { "canary" } else { "corpus" }).join(target))?;
    let found = made(folder().join("found").join(target))?;
    let mut fuzz = Command::new(binary);
    fuzz.env("IRIDIUM_FUZZ_TARGET", target).current_dir(root()).arg(&corpus);
    fuzz.args(seeds(target));
    match target {
        "assembler" => _ = fuzz.arg("-dict=fuzz/assembler.dict"),
        // One program reaches so much code that weighing inputs by how rare their code is takes half of the time.
        "differential" => _ = fuzz.arg("-entropic=0"),
        _ => {}
    }
    let seconds = if canary { 300 } else { minutes * 60 };
    fuzz.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", found.display()));
    fuzz.args(["-max_len=8192", "-timeout=20", "-rss_limit_mb=3000", "-verbosity=0", "-print_final_stats=1"]);
    let title = format!("{target}, at most {seconds} s");
    if canary {
        return find_canary(&title, target, &mut fuzz, &found.join("canary.log"));
    }
    step(&title, &mut fuzz).map_err(|message| {
        let tapes = if target == "differential" {
            "; `cargo run --release -p iridium-fuzz --bin keep -- FILE` makes a small test file of it"
        } else {
            ""
        };
        format!("{target}: {message}\nwhat it found is in {}{tapes}", found.display())
    })
}

/// Runs a target until it falls over, which it must by the words of the planted bug and by nothing else.
fn find_canary(title: &str, target: &str, fuzz: &mut Command, log: &Path) -> Result {
    let file = std::fs::File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    if step(title, fuzz.stderr(file)).is_ok() {
        return Err(format!("{target}: the planted bug was not found"));
    }
    let said = std::fs::read(log).map_err(|error| format!("{}: {error}", log.display()))?;
    if !String::from_utf8_lossy(&said).contains(&format!("canary of {target}")) {
        return Err(format!("{target}: something else than the planted bug was found: see {}", log.display()));
    }
    eprintln!("    {target}: the planted bug was found");
    Ok(())
}

/// The folders with what a target begins with.
fn seeds(target: &str) -> Vec<&'static str> {
    match target {
        "reader" => vec!["examples", "tests/lang"],
        "loader" => vec!["fuzz/corpus/loader"],
        "assembler" => vec!["fuzz/corpus/assembler", "crates/bytecode/tests/rejections", "examples/machine"],
        "load-and-run" => vec!["fuzz/corpus/load-and-run"],
        _ => vec!["fuzz/corpus/differential"],
    }
}
