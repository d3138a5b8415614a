//! The examples of embedding in `crates/iridium/examples` do what they promise.

use iridium_tests::binary::example;
use iridium_tests::{folder, golden};
use std::process::Command;

/// Lines that an example may have, so that it shows one idea.
const MAX_LINES: usize = 80;

/// What an example prints.
fn output(name: &str) -> String {
    let output = Command::new(example(name)).output().expect("it starts");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn a_plugin_that_does_everything_wrong_harms_nobody() {
    let output = output("plugins");
    golden::check(&folder().join("data/embedding/plugins.txt"), &output).expect("it prints what it did");
    let good = output.lines().filter(|line| line.starts_with("  good: ")).count();
    assert_eq!(good, 12, "the other plug-in has answered each event");
}

#[test]
fn a_rule_is_called_a_million_times() {
    let output = output("rules");
    let lines: Vec<&str> = output.lines().collect();
    // What the rule says, in Rust: orders of even number are from Iceland.
    let cost = |total: i32| match total {
        50.. => 0.0,
        _ if total % 2 == 0 => 4.5,
        _ if total > 30 => f64::from(total) / 10.0 - 1.0,
        _ => f64::from(total) / 10.0,
    };
    let expected: f64 = (0..1_000_000).map(|order| cost(order % 60)).sum();
    let [orders, shipping, heap] = lines[..] else { panic!("{output}") };
    assert_eq!(orders, "orders: 1000000");
    let sum: f64 = shipping.strip_prefix("shipping: ").and_then(|sum| sum.parse().ok()).expect("a sum");
    assert!((sum - expected).abs() < 0.1, "{sum} is not {expected}");
    let kib = heap.strip_prefix("heap: at most ").and_then(|rest| rest.strip_suffix(" KiB"));
    let kib: u64 = kib.and_then(|kib| kib.parse().ok()).expect("a number");
    assert!(kib < 1_024, "a million calls take {kib} KiB");
}

#[test]
fn an_untrusted_script_is_stopped() {
    let output = output("untrusted");
    let lines: Vec<&str> = output.lines().collect();
    let answers: Vec<(&str, &str)> = lines.chunks_exact(2).map(|pair| (pair[0], pair[1].trim_start())).collect();
    let time = "the program passed its limit on time, :deadline";
    // On a busy machine 10 ms may be over before anything else is wrong.
    for (script, expected) in [
        ("(sum", "gives 285"),
        ("(while", time),
        ("(var all", "the program passed its limit on memory, :heap"),
        ("(def f", ":stack-overflow: "),
        ("(File.read", ":io-error: "),
        ("(print", "error[unterminated-string]"),
    ] {
        let (_, answer) = answers.iter().find(|(text, _)| text.starts_with(script)).expect("each is answered");
        assert!(answer.starts_with(expected) || *answer == time, "{script}: {answer}");
    }
    assert_eq!(answers.len(), 6, "{output}");
}

#[test]
fn examples_are_short() {
    for name in ["plugins", "rules", "untrusted"] {
        let text = iridium_tests::read(iridium_tests::root().join(format!("crates/iridium/examples/{name}.rs")));
        assert!(text.lines().count() <= MAX_LINES, "{name} has {} lines", text.lines().count());
    }
}
