//! The golden files of the language, `tests/lang/FEATURE/BEHAVIOUR.eva`, and the rules of the reference that they hold.
//!
//! A file begins with comments: `; rule: ID…` names the rules that it holds; `; file NAME: TEXT` is a line of a file
//! beside it, `; input: TEXT` one of the standard input. What it gives stands beside its lines (`iridium_tests::expect`),
//! and it gives that in every engine. Each rule of the reference has a file; `known-failures.txt` names the files that
//! fail, each with the reason, and a file on it that passes is a failure.

use iridium::Engine;
use iridium_tests::expect;
use iridium_tests::reference::{self, Rule};
use iridium_tests::run::{World, small_engines};
use iridium_tests::{folder, read};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

/// A golden file.
struct Golden {
    /// `FEATURE/BEHAVIOUR.eva`
    name: String,
    text: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let engines = Arc::new(small_engines());
    let known = known_failures();
    let files = golden_files();
    let rules = reference::rules();
    let mut trials = Vec::new();
    let problems = [
        ("rules-are-named-well", names_of_rules(&rules)),
        ("every-rule-has-a-file", rules_without_files(&rules, &files)),
        ("every-file-names-rules", files_without_rules(&rules, &files)),
        ("known-failures-exist", unknown_failures(&known, &files)),
    ];
    for (name, problems) in problems {
        trials.push(Trial::test(name, move || {
            if problems.is_empty() { Ok(()) } else { Err(Failed::from(problems.join("\n"))) }
        }));
    }
    for file in files {
        let listed = known.contains_key(&file.name);
        let engines = Arc::clone(&engines);
        trials.push(Trial::test(file.name.clone(), move || test(&file, &engines, listed)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn golden_files() -> Vec<Golden> {
    let mut files = Vec::new();
    for feature in std::fs::read_dir(folder().join("lang")).expect("the folder tests/lang") {
        let feature = feature.expect("a folder can be read").path();
        for file in std::fs::read_dir(&feature).into_iter().flatten() {
            let path = file.expect("a folder can be read").path();
            let name = path.strip_prefix(folder().join("lang")).expect("a file below it").display().to_string();
            files.push(Golden { name, text: read(&path) });
        }
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(files.len() > 300, "found {} golden files", files.len());
    files
}

fn test(file: &Golden, engines: &[(String, Engine)], listed: bool) -> Result<(), Failed> {
    let place = format!("tests/lang/{}", file.name);
    if expect::count(&file.text) == 0 {
        return Err(Failed::from(format!("{place}: expects nothing")));
    }
    let checked = expect::check(&place, 1, &file.text, engines, &world(&file.text));
    match (checked, listed) {
        (Ok(()), true) => Err(Failed::from("now passes: remove it from known-failures.txt")),
        (Err(message), false) => Err(Failed::from(message)),
        (Ok(()), false) | (Err(_), true) => Ok(()),
    }
}

/// The files and the input that a program asks for.
fn world(text: &str) -> World {
    let mut world = World::default();
    for line in text.lines() {
        if let Some((name, content)) = line.strip_prefix("; file ").and_then(|rest| rest.split_once(':')) {
            let file = world.files.entry(name.to_owned()).or_default();
            file.push_str(content.strip_prefix(' ').unwrap_or(content));
            file.push('\n');
        } else if let Some(input) = line.strip_prefix("; input:") {
            world.stdin.push_str(input.strip_prefix(' ').unwrap_or(input));
            world.stdin.push('\n');
        }
    }
    world
}

/// The rules that a file holds.
fn rules_of(file: &Golden) -> Vec<&str> {
    let first = file.text.lines().find_map(|line| line.strip_prefix("; rule: "));
    first.unwrap_or("").split_whitespace().collect()
}

fn names_of_rules(rules: &[Rule]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for rule in rules {
        let is_word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        if !rule.id.contains('.') || !rule.id.split('.').all(is_word) {
            problems.push(format!("{}: `{}` is no name of a rule", rule.place, rule.id));
        }
        if let Some(first) = seen.insert(&rule.id, &rule.place) {
            problems.push(format!("{}: the rule {} stands also at {first}", rule.place, rule.id));
        }
    }
    problems
}

fn rules_without_files(rules: &[Rule], files: &[Golden]) -> Vec<String> {
    let held: BTreeSet<&str> = files.iter().flat_map(rules_of).collect();
    let bare = rules.iter().filter(|rule| !held.contains(rule.id.as_str()));
    bare.map(|rule| format!("{}: no file in tests/lang holds the rule {}", rule.place, rule.id)).collect()
}

fn files_without_rules(rules: &[Rule], files: &[Golden]) -> Vec<String> {
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let mut problems = Vec::new();
    for file in files {
        let named = rules_of(file);
        if named.is_empty() {
            problems.push(format!("tests/lang/{}: no line `; rule: ID`", file.name));
        }
        let unknown = named.iter().filter(|id| !ids.contains(*id));
        problems.extend(unknown.map(|id| format!("tests/lang/{}: the reference has no rule {id}", file.name)));
    }
    problems
}

/// The files on the list, each with the reason after it.
fn known_failures() -> BTreeMap<String, String> {
    let text = read(folder().join("lang/known-failures.txt"));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = |line: &str| {
        let (name, reason) = line.split_once(": ").unwrap_or_else(|| panic!("no reason in `{line}`"));
        (name.to_owned(), reason.to_owned())
    };
    lines.map(split).collect()
}

fn unknown_failures(known: &BTreeMap<String, String>, files: &[Golden]) -> Vec<String> {
    let names: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let unknown = known.keys().filter(|name| !names.contains(name.as_str()));
    unknown.map(|name| format!("known-failures.txt: there is no file {name}")).collect()
}
