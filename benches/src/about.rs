//! What a page of results says of the day, the machine and what was measured.

use std::process::Command;

/// The first line that a command prints, if it ends well.
pub fn first_line(executable: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(executable).args(arguments).output().ok()?;
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    let line = String::from_utf8_lossy(&text).lines().next()?.trim().to_owned();
    output.status.success().then_some(line)
}

/// The day.
pub fn date() -> String {
    first_line("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(|| "no date".to_owned())
}

/// The processor and the system.
pub fn machine() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, name)| name);
    format!("{model}, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}
