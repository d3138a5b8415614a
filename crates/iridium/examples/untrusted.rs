//! An untrusted script gets 8 MiB and 10 ms, reaches nothing outside, and cannot harm the program that runs it.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use iridium::{Config, Engine, MemoryHost, Source, Value};
use std::error::Error;
use std::time::{Duration, Instant};

/// The value of a script, or why there is none.
fn evaluate(script: &str) -> Result<Value, Box<dyn Error>> {
    let limits = Config::new().max_heap(8 << 20).max_processes(1).deadline(Duration::from_millis(10));
    let engine = Engine::new(limits);
    let program = engine.compile(Source::new("script.eva", script))?;
    let mut execution = engine.start(&program)?;
    // What the script prints is collected, and there are no files.
    let mut host = MemoryHost::new();
    execution.run(&mut host);
    Ok(execution.result()?)
}

fn main() {
    for script in [
        "(sum (map (lambda (n) (* n n)) (range 10)))",
        "(while true 1)",
        "(var all []) (while true (push all (list (range 100000))))",
        "(def f (n) (+ 1 (f n))) (f 1)",
        "(File.read \"/etc/passwd\")",
        "(print \"unclosed",
    ] {
        let start = Instant::now();
        match evaluate(script) {
            Ok(value) => println!("{script}\n  gives {value}"),
            Err(error) => println!("{script}\n  {}", error.to_string().lines().next().unwrap_or_default()),
        }
        assert!(start.elapsed() < Duration::from_secs(1), "nothing takes long");
    }
}
