//! `cargo xtask setup`: installs what the wider tests and the benchmarks compare with. Quick when all is there.

use crate::Result;
use crate::command::{output, root, step, works};
use std::process::Command;

/// A tool, the Debian package that brings it, and arguments with which it shows that it works.
struct Tool {
    name: &'static str,
    package: &'static str,
    probe: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool { name: "python3", package: "python3", probe: &["-c", ""] },
    Tool { name: "lua5.4", package: "lua5.4", probe: &["-v"] },
    Tool { name: "luajit", package: "luajit", probe: &["-v"] },
    Tool { name: "node", package: "nodejs", probe: &["--version"] },
    Tool { name: "erl", package: "erlang-base", probe: &["-noshell", "-eval", "halt()."] },
    Tool { name: "valgrind", package: "valgrind", probe: &["--tool=callgrind", "--version"] },
    Tool { name: "objdump", package: "binutils", probe: &["--version"] },
];

/// Installs what is missing.
pub(crate) fn run() -> Result {
    let missing: Vec<&Tool> = TOOLS.iter().filter(|tool| !works(tool.name, tool.probe)).collect();
    if missing.is_empty() {
        eprintln!("setup: {} are there", TOOLS.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", "));
    } else {
        install_packages(&missing)?;
    }
    install_runner()
}

fn install_packages(missing: &[&Tool]) -> Result {
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    if !works("apt-get", &["--version"]) {
        return Err(format!(
            "this machine has no apt-get: install by hand what brings {} (Debian's names: {})",
            missing.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", "),
            packages.join(" ")
        ));
    }
    step("package lists", apt_get().arg("update").arg("-q"))?;
    step("packages", apt_get().args(["install", "-q", "-y", "--no-install-recommends"]).args(&packages))?;
    match missing.iter().find(|tool| !works(tool.name, tool.probe)) {
        Some(tool) => Err(format!("`{}` still does not work after installing `{}`", tool.name, tool.package)),
        None => Ok(()),
    }
}

/// `apt-get`, through sudo unless this is root.
fn apt_get() -> Command {
    let root = output("id", &["-u"]).is_some_and(|id| id == "0");
    let mut command = Command::new(if root { "apt-get" } else { "sudo" });
    if !root {
        command.arg("apt-get");
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Installs gungraun's runner, which must be of exactly the version of the library.
fn install_runner() -> Result {
    let wanted = locked_version("gungraun")?;
    let installed = output("gungraun-runner", &["--version"]).unwrap_or_default();
    if installed.split_whitespace().any(|word| word == wanted) {
        eprintln!("setup: gungraun-runner {wanted} is there");
        return Ok(());
    }
    step(
        "gungraun-runner",
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["install", "--locked", "--quiet", "gungraun-runner", "--version", &wanted])
            // Not into the project's target folder, whose profile and lock have nothing to do with it.
            .env_remove("CARGO_TARGET_DIR")
            .current_dir(std::env::temp_dir()),
    )
}

/// The version of a package in `Cargo.lock`.
pub(crate) fn locked_version(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version.map(str::to_owned).ok_or_else(|| format!("Cargo.lock has no package `{package}`"))
}
