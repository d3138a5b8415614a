//! The programs in `examples`: each does what it says, on input whose result is known from elsewhere.
//!
//! Input and golden output are in `data/examples`. What takes long is done with less in a build with debug assertions.

mod json;
mod log_analyser;
mod processes;
mod simulation;
mod sudoku;

use iridium_tests::binary::{Done, run_in};
use iridium_tests::{folder, golden, root};
use std::path::PathBuf;

/// The ways to run a program that must agree.
const ENGINES: &[&[&str]] = &[&[], &["--dispatch", "loop"], &["--engine", "stack"]];

/// A file among the data of these tests.
fn data(name: &str) -> PathBuf {
    folder().join("data/examples").join(name)
}

/// The path of such a file as text.
fn data_path(name: &str) -> String {
    data(name).to_str().expect("the path is text").to_owned()
}

/// Runs an example with options of the command line, arguments and standard input.
fn example(options: &[&str], name: &str, arguments: &[&str], input: &[u8]) -> Done {
    let path = format!("examples/{name}");
    let words: Vec<&str> = ["run"].iter().chain(options).chain(&[path.as_str()]).chain(arguments).copied().collect();
    run_in(&root(), &words, input)
}

/// What an example prints; it must end well.
fn prints(options: &[&str], name: &str, arguments: &[&str], input: &[u8]) -> String {
    let done = example(options, name, arguments, input);
    // What supervisors did is told there, too.
    let told: Vec<&str> = done.stderr.lines().filter(|line| !line.starts_with("supervisor <pid ")).collect();
    assert_eq!((done.code, told), (Some(0), Vec::new()), "{name} {arguments:?} {options:?}");
    done.stdout
}

/// Checks what an example prints in each engine against a golden file.
fn check(name: &str, arguments: &[&str], input: &[u8], golden: &str) {
    for options in ENGINES {
        check_options(options, name, arguments, input, golden);
    }
}

/// Checks what an example prints with options of the command line against a golden file.
fn check_options(options: &[&str], name: &str, arguments: &[&str], input: &[u8], golden: &str) {
    let printed = prints(options, name, arguments, input);
    golden::check(&data(golden), &printed).unwrap_or_else(|message| panic!("{name} {options:?}: {message}"));
}

#[test]
fn each_example_has_a_line_in_the_index() {
    let index = iridium_tests::read(root().join("examples/README.md"));
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("examples")).expect("there are examples") {
        let name = entry.expect("the folder can be read").file_name().into_string().expect("names are text");
        assert!(name == "README.md" || index.contains(&format!("]({name})")), "examples/README.md lacks {name}");
        seen += 1;
    }
    assert!(seen > 7, "only {seen} examples");
}

#[test]
fn wrong_arguments_are_answered_with_the_usage() {
    let cases: &[(&str, &[&str])] = &[
        ("json/main.eva", &[]),
        ("json/main.eva", &["one", "two"]),
        ("log-analyser.eva", &["one", "two"]),
        ("map-reduce/main.eva", &["one", "two"]),
        ("markdown.eva", &["one", "two"]),
        ("simulation.eva", &["none"]),
        ("simulation.eva", &["0"]),
        ("simulation.eva", &["1", "2", "3", "4"]),
        ("sudoku.eva", &["one", "two"]),
        ("word-count.eva", &[]),
    ];
    for (name, arguments) in cases {
        let done = example(&[], name, arguments, b"");
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""), "{name} {arguments:?}");
        let usage = format!("usage: iridium run examples/{name}");
        assert!(done.stderr.contains(&usage), "{name} {arguments:?}: {}", done.stderr);
    }
}

#[test]
fn a_missing_file_is_named() {
    for name in
        ["json/main.eva", "log-analyser.eva", "map-reduce/main.eva", "markdown.eva", "sudoku.eva", "word-count.eva"]
    {
        let done = example(&[], name, &["no-such-file"], b"");
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""), "{name}");
        assert!(done.stderr.starts_with("error: :io-error: no-such-file"), "{name}: {}", done.stderr);
    }
}

#[test]
fn fibonacci() {
    assert_eq!(prints(&[], "fibonacci.eva", &[], b""), "6765\n");
}

#[test]
fn calculator() {
    let session = std::fs::read(data("calculator.txt")).expect("the session can be read");
    check("calculator.eva", &[], &session, "calculator.out");
    assert_eq!(prints(&[], "calculator.eva", &["x = 2 ^ 10", "x - 1"], b""), "1024\n1023\n");
    let deep = format!("{}1{}", "(".repeat(20_000), ")".repeat(20_000));
    assert_eq!(prints(&[], "calculator.eva", &[], deep.as_bytes()), "1\n");
}

#[test]
fn markdown() {
    for name in ["blocks", "inlines", "lists"] {
        let text = data(&format!("markdown/{name}.markdown"));
        let input = std::fs::read(&text).expect("the text can be read");
        let golden = format!("markdown/{name}.html");
        check("markdown.eva", &[], &input, &golden);
        let from_file = prints(&[], "markdown.eva", &[text.to_str().expect("the path is text")], b"");
        assert_eq!(from_file, iridium_tests::read(data(&golden)), "{name}");
    }
    assert_eq!(prints(&[], "markdown.eva", &[], b""), "");
}

#[test]
fn markdown_of_marks_that_mean_nothing_ends_soon() {
    let count = if cfg!(debug_assertions) { 200 } else { 5000 };
    for mark in ["[", "*a ", "`", "<", "&", "![](", "_a__b", "- a\n", "1. ", "\\", "](", "***"] {
        let text = mark.repeat(count);
        let html = prints(&["--deadline", "20000"], "markdown.eva", &[], text.as_bytes());
        assert!(html.starts_with('<') && html.ends_with(">\n"), "{mark:?}: {html}");
    }
}
