//! A rules engine: a rule that users write is compiled once and called a million times.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

use iridium::{Engine, MemoryHost, Source};
use std::time::Instant;

const RULES: &str = "
(const free-from 50)
(var orders 0)

;; What shipping costs.
(def shipping (country total)
  (++ orders)
  (cond
    ((>= total free-from) 0.0)
    ((== country \"IS\") 4.5)
    (else (discount (* 0.1 total)))))
";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut engine = Engine::default();
    // A function of this program that rules can call.
    engine.register("discount", |price: f64| if price > 3.0 { price - 1.0 } else { price })?;
    let program = engine.compile(Source::new("rules.eva", RULES))?;
    let mut rules = engine.start(&program)?;
    let mut host = MemoryHost::new();
    rules.run(&mut host);

    let start = Instant::now();
    let mut sum = 0.0;
    for order in 0..1_000_000 {
        let country = if order % 2 == 0 { "IS" } else { "NO" };
        let price: f64 = rules.call(&mut host, "shipping", (country, order % 60))?;
        sum += price;
    }
    let each = start.elapsed() / 1_000_000;

    println!("orders: {}", rules.global::<u64>("orders")?);
    println!("shipping: {sum:.2}");
    println!("heap: at most {} KiB", rules.stats().heap_peak / 1024);
    eprintln!("{each:?} for each call");
    Ok(())
}
