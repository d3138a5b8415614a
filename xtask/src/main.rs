//! Iridium's chores, run as `cargo xtask CHORE`. Uses the standard library only, so that it builds in a moment.

#![forbid(unsafe_code)]
// A chore talks to the person who started it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod bless;
mod command;
mod fuzz;
mod sanitize;
mod setup;
mod soak;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
Iridium's chores.

Usage: cargo xtask CHORE [OPTION…]

Chores:
  setup            install what the wider tests and benchmarks compare with (Debian's packages, gungraun-runner)
  test [--long]    everything that continuous integration checks; --long runs the random tests ten times as long
  sanitize         run tests with AddressSanitizer, a sample under valgrind, and Miri where it is installed
  bench [--quick]  measure against Lua, LuaJIT and Python; rewrite benches/RESULTS.md (not with --quick)
  bench processes  measure processes against Erlang; rewrite benches/PROCESSES.md
  fuzz [TARGET…] [--minutes N] [--canary]
                   fuzz reader, loader, assembler, load-and-run and differential, 20 minutes each; with --canary
                   show that each finds a bug planted behind it
  soak [--minutes N]
                   run ten thousand processes that are killed, flooded and run into limits, for 10 minutes
  bless            rewrite the expected outputs: golden files and the baseline of instruction counts

Options:
  -h, --help       this text
";

/// What a chore answers: a message for the user if it failed.
type Result<T = ()> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["setup"] => setup::run(),
        ["test"] => test::run(test::Extent::Usual),
        ["test", "--long"] => test::run(test::Extent::Long),
        ["sanitize"] => sanitize::run(),
        ["bench"] => bench::run(false),
        ["bench", "--quick"] => bench::run(true),
        ["bench", "processes"] => bench::processes(),
        ["bless"] => bless::run(),
        ["fuzz", arguments @ ..] if !arguments.iter().any(|argument| matches!(*argument, "-h" | "--help")) => {
            fuzz::run(arguments)
        }
        ["soak"] => soak::run(10),
        ["soak", "--minutes", minutes] => {
            minutes.parse().map_err(|_| format!("--minutes takes a number, not `{minutes}`")).and_then(soak::run)
        }
        [] | ["-h" | "--help" | "help", ..] | [_, "-h" | "--help"] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprintln!("xtask: no chore `{}`\n\n{HELP}", other.join(" "));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
