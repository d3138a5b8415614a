//! What the documents show is run: every fenced block marked `eva`, `iasm`, `octets`, `console`, `repl` or `repl-asm` of
//! README.md, ARCHITECTURE.md and `docs/`.
//!
//! A block of `eva` is a program with what it gives beside its lines (`iridium_tests::expect`). A block of `console`
//! holds lines `$ iridium …`, or `$ cargo run --release -- …`, each followed by what the command prints, standard output
//! before standard error. A block of `repl` is a session: inputs begin with `> `, their further lines with `. ` (an empty
//! one is `.`), and what else there is was printed to standard output; `repl-asm` is one of register code. A block of
//! `iasm` holds programs of assembly (`iridium_tests::assembly`). One of `octets` is the module file of the `iasm` before
//! it: octets, and what they mean behind two spaces. The pages of the instruction sets and of the verifier are those of
//! their tables. A block of `rust` is run with the documentation of the crate `iridium`, which `docs/embedding.md` is
//! a part of.

use iridium::{Engine, Source};
use iridium_tests::assembly::check;
use iridium_tests::binary::run_in;
use iridium_tests::expect;
use iridium_tests::golden::{self, blessing, difference};
use iridium_tests::run::{World, engines};
use iridium_tests::{read, root};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

/// A fenced block of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    language: String,
    /// Line of the document on which its text begins, from 1.
    line: usize,
    text: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let engines = Arc::new(engines());
    let mut trials = Vec::new();
    for path in documents() {
        let name = path.strip_prefix(root()).expect("documents lie in the repository").display().to_string();
        let mut assembly = String::new();
        for block in blocks(&read(&path)) {
            let title = format!("{name}:{}", block.line);
            match block.language.as_str() {
                "eva" => {
                    let (name, engines) = (name.clone(), Arc::clone(&engines));
                    let run = move || expect::check(&name, block.line, &block.text, &engines, &World::default());
                    trials.push(Trial::test(title, move || Ok(run()?)));
                }
                "console" => {
                    let path = path.clone();
                    trials.push(Trial::test(title, move || check_console(&path, &block.text)));
                }
                "iasm" => {
                    let (name, engines) = (name.clone(), Arc::clone(&engines));
                    assembly.clone_from(&block.text);
                    let run = move || check(&name, block.line, &block.text, &engines);
                    trials.push(Trial::test(title, move || Ok(run().map(drop)?)));
                }
                "octets" => {
                    let assembly = assembly.clone();
                    trials.push(Trial::test(title, move || Ok(check_octets(&assembly, &block.text)?)));
                }
                "repl" => trials.push(Trial::test(title, move || Ok(run_repl(&["repl"], &block.text)?))),
                "repl-asm" => trials.push(Trial::test(title, move || Ok(run_repl(&["repl", "--asm"], &block.text)?))),
                "rust" => {
                    assert_eq!(name, "docs/embedding.md", "Rust is run with the documentation of crate `iridium`")
                }
                _ => {}
            }
        }
    }
    assert!(trials.len() >= 2, "README.md alone has two blocks, found {}", trials.len());
    trials.push(Trial::test("docs/instructions.md", || {
        Ok(golden::check(&root().join("docs/instructions.md"), &iridium_isa::reference::page())?)
    }));
    trials.push(Trial::test("docs/verifier.md", || {
        Ok(golden::check(&root().join("docs/verifier.md"), &iridium_bytecode::verify::reference::page())?)
    }));
    trials.push(Trial::test("docs/limits.md", || {
        Ok(golden::check(&root().join("docs/limits.md"), &iridium::limits_reference())?)
    }));
    trials.push(Trial::test("a-wrong-answer-is-found", || expect_failure(run_repl(&["repl"], "> (+ 1 1)\n3\n"))));
    trials.push(Trial::test("outputs-are-those-of-the-commands", outputs_are_found));
    trials.push(Trial::test("blocks-are-found", blocks_are_found));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The documents: some in the root, and all below `docs`.
fn documents() -> Vec<PathBuf> {
    let mut found = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "examples/README.md"]
        .map(|name| root().join(name))
        .to_vec();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of documents can be read") {
            let path = entry.expect("a folder of documents can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(language), None) => {
                open = Some(Block { language: language.to_owned(), line: index + 2, text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// Types the inputs of a session and compares what it prints.
fn run_repl(command: &[&str], text: &str) -> Result<(), String> {
    let input = |line: &str| {
        let further = if line == "." { Some("") } else { line.strip_prefix(". ") };
        Some(line.strip_prefix("> ").or(further)?.to_owned() + "\n")
    };
    let typed: String = text.lines().filter_map(input).collect();
    let printed: String = text.lines().filter(|line| input(line).is_none()).map(|line| format!("{line}\n")).collect();
    let done = run_in(&root(), command, typed.as_bytes());
    if done.stdout == printed && done.stderr.is_empty() {
        return Ok(());
    }
    Err(format!("{}{}", difference(&printed, &done.stdout), done.stderr))
}

/// Compares the octets of a block with those of the module file that a text of assembly gives.
fn check_octets(assembly: &str, text: &str) -> Result<(), String> {
    let program = Engine::default().assemble(Source::new("text.iasm", assembly), true);
    let file = program.map_err(|rejection| rejection.render(false))?.file(false).ok_or("too large")?;
    let mut offset = 0;
    for line in text.lines() {
        let digits = line.split("  ").next().unwrap_or_default();
        for pair in digits.split(' ') {
            let told = u8::from_str_radix(pair, 16).map_err(|_| format!("`{pair}` is no octet: {line}"))?;
            if file.get(offset) != Some(&told) {
                return Err(format!("octet {offset} is {:02x?}: {line}", file.get(offset)));
            }
            offset += 1;
        }
    }
    if offset == file.len() { Ok(()) } else { Err(format!("the file goes on behind octet {offset}")) }
}

/// Compares a block of commands with what they print, or puts that into the document when blessing.
fn check_console(path: &Path, text: &str) -> Result<(), Failed> {
    static DOCUMENTS: Mutex<()> = Mutex::new(());
    let actual = run_console(text)?;
    if actual == text {
        return Ok(());
    }
    if !blessing() {
        let message = format!("`cargo xtask bless` rewrites it:\n{}", difference(text, &actual));
        return Err(Failed::from(message));
    }
    // Blocks of one document are checked by several threads.
    let _guard = DOCUMENTS.lock();
    std::fs::write(path, read(path).replace(text, &actual)).map_err(Failed::from)
}

/// The commands of a block, each with what it prints.
fn run_console(text: &str) -> Result<String, String> {
    let mut actual = String::new();
    for command in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let words = words(command);
        let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        let arguments = match arguments.as_slice() {
            ["iridium", arguments @ ..] | ["cargo", "run", "--release", "--", arguments @ ..] => arguments,
            _ => return Err(format!("a console block can only run iridium: {command}")),
        };
        let done = run_in(&root(), arguments, b"");
        let printed = format!("$ {command}\n{}{}", done.stdout, done.stderr);
        actual.push_str(printed.trim_end());
        actual.push('\n');
    }
    if actual.is_empty() { Err("a console block without a command".to_owned()) } else { Ok(actual) }
}

/// Words of a command; single quotes keep one together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn expect_failure(result: Result<(), String>) -> Result<(), Failed> {
    if result.is_err() { Ok(()) } else { Err(Failed::from("the wrong expectation was let through")) }
}

fn outputs_are_found() -> Result<(), Failed> {
    let actual = run_console("$ iridium eval 1\n2\n$ iridium eval '(+ 1 2)'\n")?;
    if actual == "$ iridium eval 1\n1\n$ iridium eval '(+ 1 2)'\n3\n" { Ok(()) } else { Err(Failed::from(actual)) }
}

fn blocks_are_found() -> Result<(), Failed> {
    let found = blocks("# Title\n```eva\n1\n2\n```\ntext\n```console\n$ x\n```\n");
    let block = |language: &str, line, text: &str| Block { language: language.to_owned(), line, text: text.to_owned() };
    if found == [block("eva", 3, "1\n2\n"), block("console", 8, "$ x\n")] {
        Ok(())
    } else {
        Err(Failed::from(format!("{found:?}")))
    }
}
