//! `cargo xtask sanitize`: memory checkers that look for what tests do not see: AddressSanitizer, valgrind, Miri.

use crate::Result;
use crate::command::{cargo, host, root, step, target_folder, works};
use std::process::Command;

/// Programs that valgrind runs; it is slow.
const SAMPLE: [&str; 4] = ["closures", "classes", "finally", "strings"];

/// Runs each of them that is there; says which is not.
pub(crate) fn run() -> Result {
    address_sanitizer()?;
    valgrind()?;
    miri()
}

/// The tests of the crates that take what strangers wrote, built with AddressSanitizer.
fn address_sanitizer() -> Result {
    let title = "tests with AddressSanitizer";
    let host = host().unwrap_or_default();
    if host != "x86_64-unknown-linux-gnu" && host != "aarch64-unknown-linux-gnu" {
        skip(title, "there is none for this host");
        return Ok(());
    }
    // Code of its own, since all of it has to be built so. Documentation's examples would need a linker's flags, too.
    let folder = target_folder().join("sanitize");
    let test = |arguments: &[&str]| {
        let mut command = cargo(&["test", "--quiet", "--target", &host, "--target-dir"]);
        command.arg(&folder).args(arguments);
        // The flag is not stable, the sanitizer itself comes with every toolchain.
        command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address").env_remove("IRIDIUM_BLESS");
        command
    };
    step(title, &mut test(&["--lib", "--tests", "-p", "iridium-vm", "-p", "iridium-bytecode"]))?;
    step("hostile files with AddressSanitizer", &mut test(&["-p", "iridium-tests", "--test", "hostile"]))
}

/// A sample of programs under memcheck, in the release binary.
fn valgrind() -> Result {
    let title = "a sample under valgrind";
    if !works("valgrind", &["--version"]) {
        skip(title, "`valgrind` is not installed");
        return Ok(());
    }
    step("release build", &mut cargo(&["build", "--release", "--quiet", "-p", "iridium-cli"]))?;
    for name in SAMPLE {
        let mut command = Command::new("valgrind");
        command.args(["--quiet", "--error-exitcode=99", "--leak-check=no"]);
        command.arg(target_folder().join("release").join("iridium")).arg("run");
        command.arg(root().join("tests").join("hostile").join(format!("{name}.eva")));
        step(title, &mut command)?;
    }
    Ok(())
}

/// The tests of the instruction sets and of the module files under Miri. What runs programs would take days.
fn miri() -> Result {
    let title = "tests under Miri";
    if !works("cargo", &["miri", "--version"]) {
        skip(title, "the toolchain has no component `miri`");
        return Ok(());
    }
    step(title, &mut cargo(&["miri", "test", "--quiet", "-p", "iridium-isa"]))
}

/// Says that something was left out, so that nobody takes it for done.
fn skip(title: &str, why: &str) {
    eprintln!("\n=== {title}\n    SKIPPED: {why}");
}
