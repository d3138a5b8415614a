//! The formatter keeps what a program is: over all programs of the repository, and over made-up ones with comments and
//! line breaks between any two tokens.

use iridium::{Engine, FileLoader, Source, format};
use iridium_bytecode::module::{Constant, Function, Global};
use iridium_tests::binary::{Done, Scratch, run_in};
use iridium_tests::random::{Random, cases};
use iridium_tests::{folder, golden, read, root};
use std::path::{Path, PathBuf};

/// All that a module says, but for places in its source.
#[derive(Debug, PartialEq)]
struct Code {
    constants: Vec<Constant>,
    globals: Vec<Global>,
    functions: Vec<Function>,
}

/// What a text compiles to, or the codes of what is wrong with it.
fn code(engine: &Engine, name: &str, text: &str) -> Result<Code, Vec<&'static str>> {
    match engine.compile_with(Source::new(name, text), &mut FileLoader::new()) {
        Ok(program) => {
            let module = program.module();
            let mut functions = module.functions().to_vec();
            functions.iter_mut().for_each(|function| function.positions = Default::default());
            Ok(Code { constants: module.constants().to_vec(), globals: module.globals().to_vec(), functions })
        }
        Err(rejection) => {
            let mut codes: Vec<_> = rejection.diagnostics().map(|(_, diagnostic)| diagnostic.code).collect();
            codes.sort_unstable();
            Err(codes)
        }
    }
}

fn formatted(text: &str) -> String {
    format(&Source::new("t.eva", text)).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"))
}

/// Formats a text, and checks that nothing is lost and that doing it again changes nothing.
fn check(engine: &Engine, name: &str, text: &str) -> String {
    let once = formatted(text);
    let twice = formatted(&once);
    same(&once, &twice, text);
    let (before, after) = (code(engine, name, text), code(engine, name, &once));
    assert!(before == after, "formatting changes what {name} is\n--- text\n{text}\n--- formatted\n{once}");
    once
}

/// Panics with the lines around the first difference of what a text is after formatting it once and twice.
fn same(once: &str, twice: &str, text: &str) {
    let differs = once.lines().zip(twice.lines()).position(|(left, right)| left != right);
    if once != twice {
        let around = |text: &str| {
            let from = differs.unwrap_or(usize::MAX).saturating_sub(6).min(text.lines().count());
            text.lines().skip(from).take(12).map(|line| format!("{line}\n")).collect::<String>()
        };
        panic!("formatting again changes\n{}--- to\n{}--- in the program\n{text}", around(once), around(twice));
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "eva") {
            found.push(path);
        }
    }
}

#[test]
fn the_style_is_that_of_the_sample() {
    let before = read(folder().join("formatting/before.txt"));
    golden::check(&folder().join("formatting/after.txt"), &formatted(&before))
        .unwrap_or_else(|message| panic!("{message}"));
}

#[test]
fn the_beginning_of_a_file_stays_one() {
    for text in
        ["", "#!/usr/bin/env iridium\n", "#!x\n\n1\n", "\u{feff}1\n", "\u{feff}#!x\n1\n", "\n#!x\n", "\n\u{feff}x\n"]
    {
        assert_eq!(formatted(text), text, "{text:?}");
    }
    assert_eq!(formatted("\n\n  1"), "1\n");
    assert_eq!(formatted("#!x  \n\n\n\n1"), "#!x\n\n1\n");
    assert_eq!(formatted("; only a comment  "), "; only a comment\n");
}

#[test]
fn every_program_of_the_repository_stays_what_it_is() {
    let engine = Engine::default();
    let mut files = Vec::new();
    ["std", "examples", "tests", "benches"].iter().for_each(|folder| collect(&root().join(folder), &mut files));
    let mut count = 0;
    for file in files {
        let text = read(&file);
        if format(&Source::new("t.eva", text.as_str())).is_ok() {
            check(&engine, file.to_str().expect("paths are text"), &text);
            count += 1;
        }
    }
    assert!(count >= 20, "{count} programs");
}

#[test]
fn every_conformance_program_stays_what_it_is() {
    let engine = Engine::default();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("tests/conformance")).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.extension().is_none_or(|extension| extension != "json") || path.ends_with("reductions.json") {
            continue;
        }
        let cases: serde_json::Value = serde_json::from_str(&read(&path)).expect("a list of cases");
        for source in sources(&cases) {
            if format(&Source::new("t.eva", source)).is_ok() {
                check(&engine, "main.eva", source);
                count += 1;
            }
        }
    }
    assert!(count >= 300, "{count} programs");
}

/// The texts under `src`, wherever they are.
fn sources(value: &serde_json::Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut todo = vec![value];
    while let Some(value) = todo.pop() {
        match value {
            serde_json::Value::Array(items) => todo.extend(items),
            serde_json::Value::Object(fields) => {
                found.extend(fields.get("src").and_then(serde_json::Value::as_str));
                todo.extend(fields.values());
            }
            _ => {}
        }
    }
    found
}

/// A made-up program: its tokens, without the space between them.
struct Grammar<'r> {
    random: &'r mut Random,
    tokens: Vec<String>,
    /// Names that are in scope.
    names: Vec<String>,
    next: usize,
}

impl Grammar<'_> {
    fn push(&mut self, tokens: &str) {
        self.tokens.extend(tokens.split_whitespace().map(str::to_owned));
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        let stem = *self.random.of(&["x", "counter", "a-rather-long-name-for-a-variable", "é", "empty?", "n"]);
        format!("{stem}{}", self.next)
    }

    fn known(&mut self) -> String {
        if self.names.is_empty() { "len".to_owned() } else { self.random.of(&self.names).clone() }
    }

    fn literal(&mut self) {
        let text = *self.random.of(&[
            "42",
            "-7",
            "0xff",
            "1_000",
            "2.5e-3",
            "null",
            "true",
            ":ok",
            ":\"any text ; here\"",
            "\"a // b\"",
            "\"\"",
            "\"two\nlines\"",
            "\"\"\"a \"quoted\" ; one\"\"\"",
            "#b\"\\xff;\"",
            "inf",
            "\"日本語\"",
            "\"  \"",
            "\"a rather long string, which may well not fit into the line that it stands on\"",
        ]);
        self.tokens.push(text.to_owned());
    }

    fn body(&mut self, depth: usize) {
        let outer = self.names.len();
        for _ in 0..self.random.below(4) {
            self.statement(depth);
        }
        self.expression(depth);
        self.names.truncate(outer);
    }

    fn statement(&mut self, depth: usize) {
        match self.random.below(8) {
            0 | 1 => {
                let name = self.fresh();
                let form = *self.random.of(&["var", "const"]);
                self.push(&format!("( {form} {name}"));
                self.expression(depth.saturating_sub(1));
                self.push(")");
                self.names.push(name);
            }
            2 => {
                let name = self.fresh();
                self.push(&format!("( def {name}"));
                self.function(depth);
                self.names.push(name);
            }
            3 => {
                let name = self.fresh();
                self.push(&format!(
                    "( class {name} null ( def constructor ( self v ) ( set self.v v ) ) ( def get ( self )"
                ));
                self.body(depth.saturating_sub(1));
                self.push(") )");
                self.names.push(name);
            }
            _ => self.expression(depth),
        }
    }

    /// Parameters and body of a function, and the bracket that closes it.
    fn function(&mut self, depth: usize) {
        let outer = self.names.len();
        self.push("(");
        for _ in 0..self.random.below(5) {
            let name = self.fresh();
            self.push(&name);
            self.names.push(name);
        }
        if self.random.once_in(3) {
            let name = self.fresh();
            self.push(&format!("... {name}"));
            self.names.push(name);
        }
        self.push(")");
        self.body(depth.saturating_sub(1));
        self.push(")");
        self.names.truncate(outer);
    }

    fn several(&mut self, depth: usize, most: u64) {
        for _ in 0..self.random.below(most) {
            if self.random.once_in(8) {
                self.push("...");
            }
            self.expression(depth);
        }
    }

    fn clause(&mut self, depth: usize, first: &str) {
        self.push("(");
        match first {
            "" => self.expression(depth),
            pattern => self.push(pattern),
        }
        self.body(depth);
        self.push(")");
    }

    fn expression(&mut self, depth: usize) {
        if depth == 0 || self.random.once_in(5) {
            if self.random.once_in(2) {
                let name = self.known();
                return self.push(&name);
            }
            return self.literal();
        }
        let depth = depth - 1;
        match self.random.below(20) {
            0 => {
                self.push("( if");
                self.expression(depth);
                self.expression(depth);
                if self.random.once_in(2) {
                    self.expression(depth);
                }
                self.push(")");
            }
            1 => {
                let form = *self.random.of(&["when", "unless", "while"]);
                self.push(&format!("( {form}"));
                self.expression(depth);
                self.body(depth);
                self.push(")");
            }
            2 => {
                let form = *self.random.of(&["switch", "cond"]);
                self.push(&format!("( {form}"));
                for _ in 0..self.random.below(4) {
                    self.clause(depth, "");
                }
                self.clause(depth, "else");
                self.push(")");
            }
            3 => {
                self.push("( match");
                self.expression(depth);
                self.clause(depth, "#[ :ok a ... b ]");
                self.clause(depth, "( as ( is :int n ) m )");
                self.clause(depth, "{ :k p \"s\" [ q _ ] }");
                self.clause(depth, "_");
                self.push(")");
            }
            4 => {
                self.push("( try");
                self.body(depth);
                self.push("( catch e");
                self.body(depth);
                self.push(") ( finally");
                self.body(depth);
                self.push(") )");
            }
            5 => {
                self.push("( each ( k v");
                self.expression(depth);
                self.push(")");
                self.body(depth);
                self.push(")");
            }
            6 => {
                self.push("( for ( var i 0 ) ( < i 10 ) ( ++ i )");
                self.body(depth);
                self.push(")");
            }
            7 | 8 => {
                self.push("( lambda");
                self.function(depth);
            }
            9 | 10 => {
                let open = *self.random.of(&["[", "#["]);
                self.push(open);
                self.several(depth, 12);
                self.push("]");
            }
            11 => {
                self.push("{");
                for _ in 0..self.random.below(5) {
                    self.expression(0);
                    self.expression(depth);
                }
                self.push("}");
            }
            12 => {
                self.push("( begin");
                self.body(depth);
                self.push(")");
            }
            13 => {
                self.push("( .");
                self.expression(depth);
                self.push("( first-link");
                self.several(depth, 3);
                self.push(") ( second ) )");
            }
            14 => {
                let form = *self.random.of(&["and", "or", "not", "throw", "str", "print"]);
                self.push(&format!("( {form}"));
                self.expression(depth);
                self.push(")");
            }
            15 => {
                self.push("( (");
                self.push("lambda");
                self.function(depth);
                self.several(depth, 4);
                self.push(")");
            }
            _ => {
                let name = match self.random.below(3) {
                    0 => self.known(),
                    1 => self.random.of(&["print", "str", "String.join", "list", "map", "assert"]).to_string(),
                    _ => self.random.of(&["+", "*", "and", "or"]).to_string(),
                };
                self.push(&format!("( {name}"));
                self.several(depth, 5);
                self.push(")");
            }
        }
    }
}

/// Puts random space and comments between tokens. Gives the text, and its tokens and comments in order.
fn lay_out(random: &mut Random, tokens: &[String], wild: u64) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut order = Vec::new();
    for token in tokens {
        let is_bracket = |text: &str| text.ends_with(['(', ')', '[', ']', '{', '}']);
        let tight =
            (is_bracket(token) && token != "#[") || text.is_empty() || is_bracket(&text) || text.ends_with("...");
        text.push_str(match random.below(wild) {
            0 => "\n",
            1 => "\n\n\n  ",
            2 => " , ",
            3 => "\r\n\t",
            _ if tight && random.once_in(2) => "",
            _ => " ",
        });
        while random.once_in(wild * 2) {
            let comment = match random.below(6) {
                0 => "; a comment",
                1 => "// another; (with [brackets",
                2 => "/* one */",
                3 => "/* two\n   lines */",
                4 => ";",
                _ => "/**/",
            };
            if !text.is_empty() && !text.ends_with(char::is_whitespace) {
                text.push(' ');
            }
            text.push_str(comment);
            order.push(comment.to_owned());
            text.push_str(match comment.starts_with("/*") {
                true => random.of::<&str>(&["", " ", "\n", "\n\n"]),
                false => random.of::<&str>(&["\n", "  \n", "\r\n", "\n\n\n\n"]),
            });
        }
        text.push_str(token);
        order.push(token.clone());
    }
    (text, order)
}

/// Checks that a text has these tokens and comments in this order, and nothing else but white space.
fn check_order(text: &str, order: &[String]) {
    let mut rest = text;
    for part in order {
        rest = rest.trim_start();
        match rest.strip_prefix(part.as_str()) {
            Some(after) => rest = after,
            None => panic!("expected {part} at\n{rest}\n--- in\n{text}"),
        }
    }
    assert_eq!(rest.trim(), "", "in\n{text}");
}

#[test]
fn made_up_programs_stay_what_they_are() {
    let mut random = Random::new(Random::seed_of_this_run());
    let engine = Engine::default();
    let mut compiled = 0;
    let count = cases(2_000);
    for number in 0..count {
        let mut grammar = Grammar { random: &mut random, tokens: Vec::new(), names: Vec::new(), next: 0 };
        for _ in 0..1 + number % 5 {
            let depth = 1 + grammar.random.below(6) as usize;
            grammar.statement(depth);
        }
        let tokens = grammar.tokens;
        let wild = *random.of(&[5, 6, 10, 30, 100]);
        let (text, order) = lay_out(&mut random, &tokens, wild);
        let once = check(&engine, "made up", &text);
        check_order(&once, &order);
        let blank = once.lines().find(|line| line.ends_with(' ') && !line.contains("two") && !line.contains('"'));
        assert_eq!(blank, None, "blanks at the end of a line of\n{once}");
        assert!(!once.contains("\n\n\n"), "{once}");
        let is_right = code(&engine, "made up", &text).is_ok();
        let checked = engine.check_with(Source::new("made up", text.as_str()), &mut FileLoader::new());
        assert_eq!(checked.is_ok(), is_right, "looking for warnings changes what is right\n{text}");
        compiled += usize::from(is_right);
    }
    assert!(compiled > count / 2, "only {compiled} of {count} compile");
}

#[test]
fn brackets_in_any_order_stay_in_it() {
    let mut random = Random::new(Random::seed_of_this_run());
    let words = [
        "def", "lambda", "each", "if", "cond", "match", "var", "try", "catch", "after", "receive", "x", "1", ":a",
        "else", "class", "for", "set", "...", ".", "begin", "import", "{", "[", "(", "#[", "\"s\"",
    ];
    for _ in 0..cases(2_000) {
        // Forms of all shapes, most of them malformed: they are laid out all the same.
        let mut tokens: Vec<String> = Vec::new();
        let mut open: Vec<(&str, usize)> = Vec::new();
        for _ in 0..random.below(60) {
            match (*random.of(&words), open.last_mut()) {
                ("...", _) => tokens.extend(["...".to_owned(), "x".to_owned()]),
                (word @ ("(" | "[" | "{" | "#["), _) => {
                    open.push((word, tokens.len()));
                    tokens.push(word.to_owned());
                    continue;
                }
                (word, _) => tokens.push(word.to_owned()),
            }
            if random.once_in(3)
                && let Some((bracket, _)) = open.pop()
            {
                tokens.push(if bracket == "(" { ")" } else { "]" }.to_owned());
            }
        }
        while let Some((bracket, _)) = open.pop() {
            tokens.push(if bracket == "(" { ")" } else { "]" }.to_owned());
        }
        // Maps must be even, which random ones are not.
        tokens.iter_mut().filter(|token| *token == "{").for_each(|token| *token = "[".to_owned());
        let wild = *random.of(&[5, 10, 30]);
        let (text, order) = lay_out(&mut random, &tokens, wild);
        let once = formatted(&text);
        same(&once, &formatted(&once), &text);
        check_order(&once, &order);
    }
}

#[test]
fn deep_and_long_sources_take_time_in_proportion() {
    let time = |text: &str| {
        let start = std::time::Instant::now();
        let out = formatted(text);
        assert!(out.len() < 80 * text.len(), "{} bytes from {}", out.len(), text.len());
        assert!(formatted(&out) == out, "formatting again changes it");
        start.elapsed().as_secs_f64()
    };
    let shapes: [fn(usize) -> String; 5] = [
        |n| format!("{}1{}", "(begin\n".repeat(n % 1900), "\n2)".repeat(n % 1900)),
        |n| format!("[{}]", "1\n".repeat(n)),
        |n| format!("{}{}{}", "(f ".repeat(1900), "x\n".repeat(n), ")".repeat(1900)),
        |n| "(def f (x) (print x)) ; comment\n".repeat(n / 10),
        |n| format!("(f {})", format!("{}.b", "a".repeat(n)).repeat(1)),
    ];
    for (number, shape) in shapes.iter().enumerate() {
        let (small, large) = (shape(20_000), shape(160_000));
        // The best of three: other work on the machine only adds.
        let best = |text: &str| (0..3).map(|_| time(text)).fold(f64::INFINITY, f64::min);
        let (few, many) = (best(&small), best(&large));
        // Eight times as much may take some twenty times as long on a busy machine, but not sixty-four.
        assert!(many < 0.05 + 30.0 * few, "shape {number}: {few} s, then {many} s");
    }
}

fn done(code: i32, stdout: &str, stderr: &str) -> Done {
    Done { code: Some(code), stdout: stdout.to_owned(), stderr: stderr.to_owned() }
}

#[test]
fn standard_input_goes_to_standard_output() {
    let here = root();
    for arguments in [&["fmt"][..], &["fmt", "-"]] {
        assert_eq!(run_in(&here, arguments, b"(f   1)"), done(0, "(f 1)\n", ""), "{arguments:?}");
    }
    assert_eq!(run_in(&here, &["fmt", "--check"], b"(f 1)\n"), done(0, "", ""));
    let told = run_in(&here, &["fmt", "--check"], b"(f  1)\n");
    let message = "error: standard input is not formatted: it differs from line 1 on\n- (f  1)\n+ (f 1)\n";
    assert_eq!(told, done(1, "", message));
    let told = run_in(&here, &["fmt"], b"(f  1");
    assert_eq!((told.code, told.stdout.as_str()), (Some(65), ""));
    assert!(told.stderr.contains("error[unbalanced]") && told.stderr.contains("standard input:1:1"), "{}", told.stderr);
}

#[test]
fn files_and_folders_are_formatted_in_place() {
    let scratch = Scratch::new("fmt");
    std::fs::create_dir_all(scratch.path().join("inner/.hidden")).expect("a folder can be made");
    let wild = "(f   1)\n\n\n(g)";
    let names = ["a.eva", "b.txt", "inner/c.eva", "inner/.hidden/d.eva", ".e.eva"];
    names.iter().for_each(|name| drop(scratch.file(name, wild)));
    scratch.file("wrong.eva", "(f   1");
    let told = run_in(scratch.path(), &["fmt", "--check", "a.eva", "inner"], b"");
    assert_eq!(told.code, Some(1));
    for name in ["a.eva is not formatted", "inner/c.eva is not formatted", "- (f   1)", "+ (f 1)"] {
        assert!(told.stderr.contains(name), "{}", told.stderr);
    }
    assert_eq!(read(scratch.path().join("a.eva")), wild, "nothing is written");

    let told = run_in(scratch.path(), &["fmt", "."], b"");
    assert_eq!((told.code, told.stdout.as_str()), (Some(65), ""), "{}", told.stderr);
    assert!(told.stderr.contains("wrong.eva:1:1"), "{}", told.stderr);
    let texts = names.map(|name| read(scratch.path().join(name)));
    let tidy = "(f 1)\n\n(g)\n";
    assert_eq!(texts, [tidy, wild, tidy, wild, wild], "the others are formatted all the same");
    assert_eq!(read(scratch.path().join("wrong.eva")), "(f   1");
    let left = std::fs::read_dir(scratch.path()).expect("a folder can be read").count();
    assert_eq!(left, 5, "no temporary file is left");
    assert_eq!(run_in(scratch.path(), &["fmt", "--check", "a.eva", "inner"], b""), done(0, "", ""));
    assert_eq!(run_in(scratch.path(), &["fmt", "none.eva"], b"").code, Some(65));
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_permissions_and_what_is_right_is_not_written() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let scratch = Scratch::new("fmt-permissions");
    let file = scratch.file("a.eva", "(f   1)");
    let link = scratch.path().join("link.eva");
    symlink(&file, &link).expect("a link can be made");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o751)).expect("permissions can be set");
    assert_eq!(run_in(scratch.path(), &["fmt", "link.eva"], b""), done(0, "", ""));
    let first = std::fs::metadata(&file).expect("it is there");
    assert_eq!((first.permissions().mode() & 0o777, read(&file)), (0o751, "(f 1)\n".to_owned()));
    assert!(link.symlink_metadata().expect("it is there").is_symlink());
    assert_eq!(run_in(scratch.path(), &["fmt", "a.eva"], b""), done(0, "", ""));
    assert_eq!(std::fs::metadata(&file).expect("it is there").ino(), first.ino(), "it was not replaced");
}

#[test]
fn what_is_not_formatted_is_told_as_json() {
    let scratch = Scratch::new("fmt-json");
    scratch.file("a.eva", "1\n(f   1)\n");
    let told = run_in(scratch.path(), &["fmt", "--check", "--format", "json", "a.eva"], b"");
    let object: serde_json::Value = serde_json::from_str(&told.stderr).expect("one object");
    assert_eq!((told.code, &object["code"], &object["line"]), (Some(1), &"not-formatted".into(), &2.into()));
    assert_eq!((&object["file"], &object["difference"]), (&"a.eva".into(), &"- (f   1)\n+ (f 1)\n".into()));
}

#[test]
fn the_library_and_the_examples_are_formatted() {
    assert_eq!(
        run_in(&root(), &["fmt", "--check", "std", "examples", "benches/programs", "tests/chaos"], b""),
        done(0, "", "")
    );
}
