//! Tools that a test compares with and that may be missing on a machine.
//!
//! The rule: what `cargo xtask setup` installs may be missing on a developer's machine, where the test says that it
//! was skipped; under `CI=true` setup has run, so there a missing tool fails the test.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Whether this is continuous integration.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// A tool that setup installs: its name if `probe` ends well, else `None` after a visible word about the skip.
///
/// # Panics
/// If the tool is missing under `CI=true`.
pub fn tool(name: &str, probe: &[&str]) -> Option<PathBuf> {
    if works(name, probe) {
        return Some(PathBuf::from(name));
    }
    missing(name, in_ci())
}

/// Python's own executable. What `PATH` has may be a script that looks for it at each start.
///
/// # Panics
/// If there is no Python under `CI=true`.
pub fn python() -> Option<PathBuf> {
    let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).trim().into()),
        _ => missing("python3", in_ci()),
    }
}

fn works(name: &str, probe: &[&str]) -> bool {
    let mut run = Command::new(name);
    run.args(probe).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    run.status().is_ok_and(|status| status.success())
}

fn missing(name: &str, in_ci: bool) -> Option<PathBuf> {
    assert!(!in_ci, "`{name}` is missing, though `cargo xtask setup` installs it");
    skipped(&format!("no `{name}`"));
    None
}

/// Says that a test was skipped and why, past the capture of test output.
#[allow(clippy::print_stderr, reason = "a skip must be seen")]
pub fn skipped(reason: &str) {
    use std::io::Write;
    // `eprintln!` is captured by the test harness; a write to the stream is not.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {reason} (cargo xtask setup installs it)");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_a_skip_on_a_developers_machine() {
        assert_eq!(missing("no-such-tool", false), None);
    }

    #[test]
    #[should_panic(expected = "`no-such-tool` is missing, though `cargo xtask setup` installs it")]
    fn a_missing_tool_is_a_failure_in_continuous_integration() {
        missing("no-such-tool", true);
    }

    #[test]
    fn a_tool_that_is_there_is_found() {
        assert_eq!(tool("true", &[]), Some(PathBuf::from("true")));
    }
}
