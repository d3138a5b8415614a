//! Makes a test file of what the fuzzer found: `keep FILE…`, each with octets for the target `differential`.

#![forbid(unsafe_code)]
// It talks to the person who started it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use iridium_fuzz::oracle::Engines;
use iridium_fuzz::{keep, minimise, targets};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/differential");
    let engines = Engines::default();
    for file in std::env::args().skip(1) {
        let Ok(tape) = std::fs::read(&file) else {
            eprintln!("{file}: it can't be read");
            return ExitCode::FAILURE;
        };
        let fails = |text: &str| engines.check(text).is_err();
        if !fails(&targets::program(&tape)) {
            println!("{file}: all engines agree");
            continue;
        }
        let tape = minimise::tape(tape, |tape| fails(&targets::program(tape)));
        match keep::keep(&folder, &engines, &targets::program(&tape), fails) {
            Ok(path) => println!("{}", path.display()),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
