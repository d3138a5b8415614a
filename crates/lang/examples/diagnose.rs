//! Shows what the compiler says about files, and how long it takes: `cargo run --release --example diagnose -- f.eva`.
#![allow(clippy::print_stdout)]

use iridium_lang::{Environment, Mode, Source, compile, render};
use std::time::Instant;

fn main() {
    let mut environment = Environment::new();
    for name in ["print", "str", "push", "map", "String.split", "String.upper"] {
        environment.add_native(name, 1, None);
    }
    environment.add_native("len", 1, Some(1));
    environment.add_native("get", 2, Some(3));
    for path in std::env::args().skip(1) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let bytes = text.len();
        let start = Instant::now();
        let source = Source::new(path, text);
        let compiled = compile(&source, &environment, Mode::File);
        let time = start.elapsed();
        println!("{}", render(&compiled.diagnostics, &source, false));
        let functions = compiled.module.map_or(0, |module| module.functions.len());
        println!("{bytes} bytes, {functions} functions, {time:?}");
    }
}
