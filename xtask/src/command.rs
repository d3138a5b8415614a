//! Starting other programs: steps with a title and a duration, and questions about what is installed.

use crate::Result;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The repository's top folder.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the repository").to_path_buf()
}

/// The folder that what is built goes to.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The host that the compiler builds for, as it names it.
pub(crate) fn host() -> Option<String> {
    output("rustc", &["--print", "host-tuple"])
}

/// `cargo` with arguments, in the repository's top folder.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command with its output shown, under a title, and says how long it took; an error names the command.
pub(crate) fn step(title: &str, command: &mut Command) -> Result {
    let start = Instant::now();
    last_step(title, command)?;
    eprintln!("    {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The same for a command whose own last words are to be the last: nothing is said after it.
pub(crate) fn last_step(title: &str, command: &mut Command) -> Result {
    eprintln!("\n=== {title}\n    {}", shown(command));
    let status = command.status().map_err(|error| format!("cannot start `{}`: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("failed ({status}): {}", shown(command))) }
}

/// Whether a program can be started and says that all is well.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    let mut run = Command::new(program);
    run.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    run.status().is_ok_and(|status| status.success())
}

/// What a program prints, if it ends well.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ")
}
