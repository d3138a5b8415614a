//! A host of plug-ins that survives one that does everything wrong: each runs in an execution of its own.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use iridium::{CallError, Config, Engine, Execution, HostError, MemoryHost, Source};
use std::error::Error;
use std::time::Duration;

const GOOD: &str = "(def on-event (name) (log (String.upper name)) (len name))";

/// What it does wrong is the name of the event.
const BAD: &str = "
(var kept [])
(def dive (n) (+ 1 (dive n)))
(def on-event (name)
  (match name
    (\"hang\" (while true 1))
    (\"hoard\" (while true (push kept (list (range 1000)))))
    (\"dive\" (dive 0))
    (\"throw\" (throw #[:any \"value\"]))
    (\"mistake\" (+ name 1))
    (\"wrong argument\" (log 42))
    (\"wrong value\" \"no number\")
    (\"endless\" (var own []) (push own own) (log own))
    (\"forbidden\" (log \"secret\"))
    (\"crash\" (crash))
    (_ 0)))";

struct Plugin {
    name: &'static str,
    execution: Execution,
    host: MemoryHost,
}

fn load(engine: &Engine, name: &'static str, text: &str) -> Result<Plugin, Box<dyn Error>> {
    let program = engine.compile(Source::new(name, text))?;
    let mut plugin = Plugin { name, execution: engine.start(&program)?, host: MemoryHost::new() };
    plugin.execution.run(&mut plugin.host);
    Ok(plugin)
}

fn main() -> Result<(), Box<dyn Error>> {
    // What panics is told below.
    std::panic::set_hook(Box::new(|_| {}));
    let limits = Config::new().max_heap(8 << 20).max_processes(1).fuel(1_000_000).deadline(Duration::from_secs(1));
    let mut engine = Engine::new(limits);
    engine.register("log", |text: String| {
        if text == "secret" {
            return Err(HostError::new("permission-error", "that is nothing to log"));
        }
        println!("  log: {text}");
        Ok(())
    })?;
    engine.register("crash", || -> i64 { panic!("a fault of the host") })?;

    let mut plugins = vec![load(&engine, "good", GOOD)?, load(&engine, "bad", BAD)?];
    let events =
        "hello, hang, hoard, dive, throw, mistake, wrong argument, wrong value, endless, forbidden, crash, bye";
    for event in events.split(", ") {
        println!("{event}");
        for Plugin { name, execution, host } in &mut plugins {
            match execution.call::<i64>(host, "on-event", (event,)) {
                Ok(value) => println!("  {name}: {value}"),
                Err(CallError::Ended(ending)) if ending.is_internal() => {
                    println!("  {name} has ended: {}", ending.title().unwrap_or_default());
                }
                Err(error) => println!("  {name}: {error}"),
            }
        }
    }
    Ok(())
}
