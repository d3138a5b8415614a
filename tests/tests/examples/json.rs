//! JSON: generated documents against CPython's module, mistakes by their messages, ten megabytes.

use super::{check, data, example, prints};
use iridium_tests::binary::Scratch;
use iridium_tests::random::{self, Random};
use iridium_tests::{golden, read, run, tools};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

/// Documents of a run.
const DOCUMENTS: usize = 12;

/// Characters of random strings: what has to be escaped, and one from each length of UTF-8.
const CHARS: &[char] = &['a', 'Z', '0', ' ', '/', '"', '\\', '\n', '\t', '\u{1}', '\u{1f}', '\u{7f}', 'é', '日', '😀'];

const BLANKS: &[&str] = &["", "", "", " ", "\n", "\t", "\r\n", "  "];

/// A character in a string of a document, written in one of the ways that there are.
fn push_char(random: &mut Random, char: char, out: &mut String) {
    let short = match char {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\t' => "\\t",
        '/' => "\\/",
        _ => "",
    };
    if !short.is_empty() && random.once_in(2) {
        out.push_str(short);
    } else if char < ' ' || char == '"' || char == '\\' || random.once_in(8) {
        for unit in char.encode_utf16(&mut [0; 2]) {
            let digits = if random.once_in(2) { format!("\\u{unit:04x}") } else { format!("\\u{unit:04X}") };
            out.push_str(&digits);
        }
    } else {
        out.push(char);
    }
}

fn push_string(random: &mut Random, out: &mut String) {
    out.push('"');
    for _ in 0..random.below(12) {
        let char = *random.of(CHARS);
        push_char(random, char, out);
    }
    out.push('"');
}

fn push_number(random: &mut Random, out: &mut String) {
    let number = match random.below(6) {
        0 => random.between(-100, 100).to_string(),
        1 => format!("{}{}", random.between(i64::MIN, i64::MAX), random.bits()),
        2 => format!("{}.{:03}", random.between(-1000, 1000), random.below(1000)),
        3 => format!("{}e{}", random.between(-99, 99), random.between(-320, 300)),
        4 => format!("{}.{}E+{}", random.between(-9, 9), random.bits(), random.below(30)),
        _ => "-0.0".to_owned(),
    };
    out.push_str(&number);
}

fn push_value(random: &mut Random, depth: u64, out: &mut String) {
    out.push_str(random.of::<&str>(BLANKS));
    match random.below(if depth == 0 { 6 } else { 10 }) {
        0 => out.push_str(random.of::<&str>(&["null", "true", "false"])),
        1 | 2 => push_number(random, out),
        3..=5 => push_string(random, out),
        kind => {
            let object = kind < 8;
            out.push(if object { '{' } else { '[' });
            for index in 0..random.below(7) {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(random.of::<&str>(BLANKS));
                if object {
                    push_string(random, out);
                    out.push_str(random.of::<&str>(BLANKS));
                    out.push(':');
                }
                push_value(random, depth - 1, out);
            }
            out.push_str(random.of::<&str>(BLANKS));
            out.push(if object { '}' } else { ']' });
        }
    }
    out.push_str(random.of::<&str>(BLANKS));
}

/// A list of random values of so many bytes in all.
fn document(random: &mut Random, bytes: usize) -> String {
    let mut out = "[".to_owned();
    while out.len() < bytes {
        out.push_str(if out.len() > 1 { "," } else { "" });
        push_value(random, 4, &mut out);
    }
    out.push(']');
    out
}

/// Checks what the example prints for documents against CPython. Gives how long the example took for all of them.
fn check_with_python(scratch: &Scratch, documents: &[String]) -> Option<Duration> {
    let python = tools::python()?;
    let paths: Vec<String> =
        documents.iter().enumerate().map(|(index, text)| scratch.file(&format!("{index}.json"), text)).collect();
    let oracle = Command::new(python).arg(data("json/oracle.py")).args(&paths).output().expect("python starts");
    assert!(oracle.status.success(), "{}", String::from_utf8_lossy(&oracle.stderr));
    let mut taken = Duration::ZERO;
    for path in &paths {
        for (suffix, arguments) in [("pretty", &[path.as_str()][..]), ("compact", &["--compact", path])] {
            let start = Instant::now();
            let printed = prints(&[], "json/main.eva", arguments, b"");
            taken += start.elapsed();
            let expected = read(format!("{path}.{suffix}"));
            if printed != expected {
                let (old, new) = (expected.lines(), printed.lines());
                let difference = old.zip(new).enumerate().find(|(_, (old, new))| old != new);
                panic!("{path}, {suffix}: first difference (line, (python, eva)): {difference:?}");
            }
        }
    }
    Some(taken)
}

#[test]
fn documents_come_back_as_python_prints_them() {
    let mut random = Random::new(Random::seed_of_this_run());
    let documents: Vec<String> =
        (0..random::cases(DOCUMENTS)).map(|index| document(&mut random, 200 << (index % 6))).collect();
    check_with_python(&Scratch::new("json"), &documents);
}

#[test]
fn ten_megabytes_take_seconds() {
    // Without optimisation it is less: the test is about being right then.
    let (bytes, limit) = if cfg!(debug_assertions) { (100_000, 120) } else { (10_000_000, 60) };
    let document = document(&mut Random::new(10), bytes);
    let taken = check_with_python(&Scratch::new("json-large"), std::slice::from_ref(&document));
    assert!(taken.is_none_or(|taken| taken < Duration::from_secs(limit)), "it took {taken:?}");
}

#[test]
fn cases_print_or_say_what_is_wrong() {
    let cases: Vec<Value> = serde_json::from_str(&read(data("json/cases.json"))).expect("the cases are JSON");
    assert!(cases.len() > 50, "only {} cases", cases.len());
    let engine = run::engine(iridium::EngineKind::available()[0]);
    let source = |name: &str| read(iridium_tests::root().join("examples").join(name));
    let main = source("json/main.eva");
    let files: BTreeMap<String, String> =
        [("json.eva".to_owned(), source("json/json.eva")), ("../input.eva".to_owned(), source("input.eva"))].into();
    for case in &cases {
        let text = case["text"].as_str().expect("a case has a text");
        let mut files = files.clone();
        files.insert("in.json".to_owned(), text.to_owned());
        let world = run::World {
            files,
            arguments: vec!["--compact".to_owned(), "in.json".to_owned()],
            ..run::World::default()
        };
        let outcome = run::run(&engine, &main, &world);
        if let Some(expected) = case["prints"].as_str() {
            assert_eq!(outcome.stdout, format!("{expected}\n"), "{text:?}: {}", outcome.message);
        } else {
            let expected = case["error"].as_str().expect("a case prints, or has an error");
            assert_eq!(outcome.result, Err(":value-error".to_owned()), "{text:?}");
            let found = outcome.message.lines().next().unwrap_or_default();
            assert_eq!(found, format!("error: :value-error: in.json:{expected}"), "{text:?}");
        }
    }
}

#[test]
fn depth_has_a_limit() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let deepest = nested(1000);
        assert_eq!(prints(&[], "json/main.eva", &["--compact", "-"], deepest.as_bytes()), deepest + "\n");
        for text in [nested(1001), open.repeat(1_000_000)] {
            let done = example(&[], "json/main.eva", &["-"], text.as_bytes());
            let place = format!("standard input:1:{}", 1000 * open.len() + 1);
            let expected = format!("error: :value-error: {place}: expected at most 1000 levels");
            assert!(done.stderr.starts_with(&expected), "{}", done.stderr);
            assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
        }
    }
}

#[test]
fn values_that_json_has_not_are_refused() {
    let path = data("json/stringify.eva");
    let done = iridium_tests::binary::run(&["run", path.to_str().expect("the path is text")]);
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
    golden::check(&data("json/stringify.out"), &done.stdout).unwrap_or_else(|message| panic!("{message}"));
    check("json/main.eva", &["-"], b"{\"a\":[1,2.50,{\"b\":\"\\u00e9\"}],\"c\":[]}", "json/pretty.out");
}
