//! Any text: no panic, no hang, and what compiles is right.

use super::{compile_text, environment};
use crate::definitions::definitions;
use crate::reader::read;
use crate::tokens::tokens;
use crate::{Mode, Source, compile, is_incomplete, render};
use std::path::Path;

/// Xorshift; seeded, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }
}

fn try_out(text: &str) {
    let compiled = compile_text(text);
    let shown = render(&compiled.diagnostics, &Source::new("t.eva", text), false);
    assert_eq!(shown.is_empty(), compiled.diagnostics.is_empty());
    assert!(compiled.module.is_some() || compiled.diagnostics.iter().any(crate::Diagnostic::is_error), "{text}");
    is_incomplete(text);
    let source = Source::new("t.eva", text);
    // What tools ask about it.
    definitions(&source);
    assert!(tokens(text).windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{text}");
    read(&source).tree.shown(&source);
}

#[test]
fn every_conformance_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let (mut compiled_count, mut unknown, mut wrong) = (0, 0, Vec::new());
    for file in files.flatten() {
        let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
        let Ok(serde_json::Value::Array(cases)) = serde_json::from_str(&text) else { continue };
        for case in cases {
            let Some(source) = case["src"].as_str() else { continue };
            let mut files: Vec<(&str, &str)> = Vec::new();
            if let Some(contents) = case["files"].as_object() {
                files.extend(contents.iter().map(|(name, text)| (name.as_str(), text.as_str().unwrap_or(""))));
            }
            let program = super::modules::program(&files, source);
            let shown = program.render(false);
            let later = |code| matches!(code, "unknown-name" | "unknown-member");
            if case["error"] != "compile" && program.diagnostics.iter().all(|(_, d)| !d.is_error() || later(d.code)) {
                unknown += usize::from(!program.is_right());
                compiled_count += usize::from(program.is_right());
            } else if program.is_right() == (case["error"] == "compile") {
                wrong.push(format!("{}: {shown}", case["name"].as_str().unwrap_or("")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is not known are names that the environment of these tests lacks.
    assert!(compiled_count > 500 && unknown < 25, "{compiled_count} {unknown}");
}

#[test]
fn random_bytes() {
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    for _ in 0..3000 {
        let length = random.below(60);
        let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        try_out(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn random_tokens() {
    let tokens = [
        "(",
        "(",
        "(",
        ")",
        ")",
        ")",
        "[",
        "]",
        "#[",
        "{",
        "}",
        "...",
        "1",
        "2.5",
        "x",
        "y",
        "f",
        "\"s\"",
        ":a",
        "#b\"\\x00\"",
        "var",
        "const",
        "set",
        "++",
        "+=",
        "begin",
        "when",
        "if",
        "switch",
        "else",
        "while",
        "for",
        "each",
        "and",
        "or",
        "not",
        "def",
        "lambda",
        "return",
        "break",
        "continue",
        "throw",
        "prop",
        ".",
        "x.y",
        "+",
        "-",
        "*",
        "<",
        "==",
        "null",
        "true",
        "false",
        "get",
        "len",
        "print",
        "_",
        "//\n",
        "/*",
        "*/",
        "\"",
        "'",
        "inf",
        "String.split",
        "class",
    ];
    let mut random = Random(42);
    for _ in 0..20000 {
        let length = random.below(40);
        let text: Vec<&str> = (0..length).map(|_| tokens[random.below(tokens.len())]).collect();
        try_out(&text.join(" "));
    }
}

/// Programs of the right shape: most of them compile, and all code of those is checked.
#[test]
fn random_programs() {
    let mut random = Random(7);
    let mut compiled = 0;
    for _ in 0..6000 {
        let mut text = String::from("(var g 1) (def h (p q) (begin ");
        for _ in 0..random.below(4) + 1 {
            expression(&mut random, 5, &mut text, 0, true);
            text.push(' ');
        }
        text.push_str("))");
        try_out(&text);
        compiled += usize::from(compile(&Source::new("t", text), &environment(), Mode::File).module.is_some());
    }
    assert!(compiled > 3000, "{compiled}");
}

fn expression(random: &mut Random, depth: usize, out: &mut String, loops: usize, function: bool) {
    let leaf = ["1", "2.5", "null", "true", "false", "g", "p", "q", "\"s\"", ":a", "len", "h"];
    if depth == 0 || random.below(6) == 0 {
        out.push_str(leaf[random.below(leaf.len())]);
        return;
    }
    let sub = |random: &mut Random, out: &mut String, loops: usize| {
        out.push(' ');
        expression(random, depth - 1, out, loops, function);
    };
    let clauses = |random: &mut Random, out: &mut String| {
        for _ in 0..random.below(3) {
            let pattern = ["null", "[a [b] _]", "(as {1 a} b)", "(is g c)", "(when a", "(pin"][random.below(6)];
            out.push_str(&format!(" ({pattern}"));
            if pattern == "(when a" || pattern == "(pin" {
                sub(random, out, loops);
                out.push(')');
            }
            sub(random, out, loops);
            out.push(')');
        }
    };
    let name = ["a", "b", "c"][random.below(3)];
    match random.below(34) {
        0 | 1 => {
            out.push_str(["(+", "(-", "(<", "(== ", "(h", "(get"][random.below(6)]);
            sub(random, out, loops);
            sub(random, out, loops);
        }
        2 | 3 => {
            out.push_str("(if");
            sub(random, out, loops);
            sub(random, out, loops);
            if random.below(2) == 0 {
                sub(random, out, loops);
            }
        }
        4 => {
            out.push_str(["(and", "(or", "(not"][random.below(3)]);
            if out.ends_with("not") {
                sub(random, out, loops);
            } else {
                (0..random.below(4)).for_each(|_| sub(random, out, loops));
            }
        }
        5 | 6 => {
            out.push_str("(while");
            sub(random, out, loops + 1);
            sub(random, out, loops + 1);
            sub(random, out, loops + 1);
        }
        7 | 8 => {
            out.push_str(&format!("(for (var {name} 0) (< {name} 3)"));
            sub(random, out, loops + 1);
            sub(random, out, loops + 1);
        }
        9 | 10 => {
            out.push_str(["(each (a", "(each (a b", "(each (_"][random.below(3)]);
            sub(random, out, loops);
            out.push(')');
            sub(random, out, loops + 1);
        }
        11 => {
            out.push_str(&format!("(begin (var {name}"));
            sub(random, out, loops);
            out.push(')');
            out.push_str(&format!(" (+= {name} 1)"));
            sub(random, out, loops);
        }
        12 => {
            out.push_str(&format!("(begin (def {name} (p)"));
            out.push(' ');
            expression(random, depth - 1, out, 0, true);
            out.push_str(&format!(" {name} g) (set q {name})"));
            sub(random, out, loops);
        }
        13 => {
            out.push_str("(lambda (q)");
            out.push(' ');
            expression(random, depth - 1, out, 0, true);
        }
        14 if loops > 0 => {
            out.push_str("(break");
            if random.below(2) == 0 {
                sub(random, out, loops);
            }
        }
        15 if loops > 0 => out.push_str("(continue"),
        16 if function => {
            out.push_str("(return");
            sub(random, out, loops);
        }
        17 => {
            out.push_str(
                [
                    "(set g",
                    "(set q",
                    "(+= p",
                    "(set (get p q)",
                    "(+= (get g 1 0)",
                    "(set p.x",
                    "(++ p.x",
                    "(set [p q g]",
                ][random.below(8)],
            );
            if !out.ends_with("(++ p.x") {
                sub(random, out, loops);
            }
        }
        18 => {
            out.push_str("(switch (");
            expression(random, depth - 1, out, loops, function);
            sub(random, out, loops);
            out.push_str(") (else");
            sub(random, out, loops);
            out.push(')');
        }
        19 => {
            out.push_str(["(print ...p", "(p.f", "(. p (f 1)", "(str 1 2"][random.below(4)]);
            if !out.ends_with("(f 1)") {
                sub(random, out, loops);
            }
        }
        20 => {
            out.push_str("(throw");
            sub(random, out, loops);
        }
        21 => {
            out.push_str(&format!("(when p (if q (def {name} () {name}))"));
            out.push_str(&format!(" (set g {name})"));
            sub(random, out, loops);
        }
        22..=24 => {
            out.push_str("(try");
            sub(random, out, loops);
            sub(random, out, loops);
            for _ in 0..random.below(3) {
                let pattern = ["1", "[a ...b]", "#[a {:k c}]", "(is :int a)", "(or [a] #[a 1])"][random.below(5)];
                out.push_str(&format!(" (catch {pattern}"));
                sub(random, out, loops);
                out.push(')');
            }
            if random.below(2) == 0 {
                out.push_str(&format!(" (catch {name}"));
                sub(random, out, loops);
                out.push(')');
            }
            if random.below(2) == 0 {
                out.push_str(" (finally");
                sub(random, out, loops);
                out.push(')');
            }
        }
        25 | 26 => {
            out.push_str("(match");
            sub(random, out, loops);
            clauses(random, out);
        }
        31 | 32 => {
            out.push_str("(receive");
            clauses(random, out);
            if random.below(2) == 0 {
                out.push_str(" (after");
                sub(random, out, loops);
                sub(random, out, loops);
            } else {
                out.push_str(&format!(" ({name}"));
                sub(random, out, loops);
            }
            out.push(')');
        }
        27 => {
            out.push_str("(begin (class K");
            sub(random, out, loops);
            out.push_str(" (def m (self");
            out.push_str(") (super.m");
            sub(random, out, 0);
            out.push_str(") (lambda () (super.n K self))) (const A");
            sub(random, out, loops);
            out.push_str("))");
        }
        28 => {
            out.push_str(["(new p", "(new p ...q", "(p.f (q.g 1)"][random.below(3)]);
            sub(random, out, loops);
        }
        29 => {
            out.push_str("(each ([a (or [b] #[b 1])]");
            sub(random, out, loops);
            out.push(')');
            sub(random, out, loops + 1);
        }
        30 => {
            out.push_str(&format!("(begin (var [{name} ...z]"));
            sub(random, out, loops);
            out.push_str(") (lambda () (set z ");
            out.push_str(name);
            out.push_str("))");
        }
        _ => {
            let (open, close) = [("[", "]"), ("#[", "]"), ("{1 ", "}")][random.below(3)];
            out.push_str(open);
            expression(random, depth - 1, out, loops, function);
            out.push_str(close);
            return;
        }
    }
    out.push(')');
}

#[test]
fn nesting() {
    // On a stack of the size that the engines have to live with.
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(nesting_here);
    thread.expect("spawns").join().expect("no overflow");
}

fn nesting_here() {
    for (open, close) in [
        ("(+ 1 ", ")"),
        ("[", "]"),
        ("(begin ", ")"),
        ("(lambda () ", ")"),
        ("(if g ", ")"),
        ("(f ", ")"),
        ("(while g ", ")"),
        ("(not ", ")"),
        ("(and g ", ")"),
        ("(try ", ")"),
        ("(try 1 (catch e ", "))"),
        ("(match g (_ ", "))"),
        ("(match ", " (_ g))"),
        ("(receive (_ ", "))"),
        ("(receive ((when g ", ") 1))"),
        ("(receive (_ 1) (after ", " g))"),
        ("(receive (1 g) (after 2 ", "))"),
        ("(class A null (const K ", "))"),
        ("(class A null (def m (self) ", "))"),
        ("(new f ", ")"),
        ("(g.f 1 ", ")"),
        ("(new ", ")"),
        ("...", ""),
    ] {
        // Each round bracket is a level.
        let levels = open.matches('(').count().max(1);
        for depth in [1000 / levels, 1990 / levels] {
            let text = format!("(def f (x) x) (var g 1) {}1{}", open.repeat(depth), close.repeat(depth));
            if open == "..." {
                assert!(!super::codes(&text).is_empty());
            } else {
                super::module(&text);
            }
        }
        let deep = 100_000;
        let codes = super::codes(&format!("{}1{}", open.repeat(deep), close.repeat(deep)));
        assert_eq!(codes, ["nesting-too-deep"], "{open}");
        super::codes(&open.repeat(deep));
        super::codes(&close.repeat(deep));
    }
    for (open, close) in
        [("[", "]"), ("#[1 ", "]"), ("(is :int ", ")"), ("(as ", " _)"), ("(or ", " 1)"), ("(when ", " 1)")]
    {
        let pattern = format!("{}1{}", open.repeat(1000), close.repeat(1000));
        super::module(&format!("(match 1 ({pattern} 1) (_ 2)) (begin (var {pattern} 1))"));
    }
    assert!(super::codes(&format!("{}1{}", "(module A ".repeat(1000), ")".repeat(1000))).contains(&"nesting-too-deep"));
    let places = format!("(var a 1) (set {}a{} [a])", "[".repeat(1900), "]".repeat(1900));
    super::module(&places);
    assert_eq!(super::codes(&format!("a{}", ".b".repeat(100_000))), ["nesting-too-deep"]);
}

/// Iterators take no operand each: loops nest as deep as other forms.
#[test]
fn iterations_nest_as_forms_do() {
    for depth in [60, 600, 1990] {
        super::module(&format!("(var xs []) {}1{}", "(each (x xs) ".repeat(depth), ")".repeat(depth)));
    }
}

/// Nothing grows faster than the source. Optimised, each of these takes a fifth of a second at most.
#[test]
fn a_megabyte_takes_no_time() {
    let many = |count: usize, each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<Vec<_>>().join("\n");
    let functions = many(9000, &|n| {
        format!(
            "(def f{n} (a b) (begin (var x (+ a {n})) (for (var j 0) (< j b) (++ j) (if (== (% j 2) 0) (set x (+ x j)) \
             (push [1 2] x))) (f{} x \"text{n}\")))",
            n * 7 % 9000
        )
    });
    let sources = [
        functions,
        many(20_000, &|n| format!("(begin (var x{n} {n}) (print (lambda () (+ x{n} 1))))")),
        format!("(+ {})", many(180_000, &|n| n.to_string())),
        many(60_000, &|n| format!("(print nope{n})")),
        format!("(def f (q) (and {}))", many(60_000, &|n| format!("(or q {n})"))),
        format!("(def f (q) {})", many(25_000, &|n| format!("(try (q {n}) (catch {n} 1) (finally (q)))"))),
        format!("(def f (q) (match q {}))", many(30_000, &|n| format!("([{n} a ...b] (a b))"))),
        format!("(var [{}] [])", many(100_000, &|n| format!("x{n}"))),
        format!("(match 1 ((or {}) 1))", many(50_000, &|n| format!("[a b {n}]"))),
        many(15_000, &|n| format!("(class C{n} null (const K {n}) (def m (self) (super.m)))")),
        format!(
            "(module M {}) {}",
            many(20_000, &|n| format!("(var x{n} 1)")),
            many(40_000, &|_| "M M.x1".to_string())
        ),
        format!("(export {}) {}", many(40_000, &|n| format!("x{n}")), many(40_000, &|n| format!("(var x{n} 1)"))),
        many(40_000, &|n| format!("(module M{n} (var a 1))")),
        "(".repeat(1 << 20),
        "(]".repeat(1 << 19),
        "\"é\\q\" ".repeat(1 << 17),
        "9".repeat(1 << 20),
    ];
    for source in sources {
        let start = std::time::Instant::now();
        let compiled = compile(&Source::new("t.eva", source.as_str()), &environment(), Mode::File);
        render(&compiled.diagnostics, &Source::new("t.eva", source.as_str()), false);
        let time = start.elapsed();
        assert!(time.as_secs() < 5, "{time:?} for {}", source.chars().take(60).collect::<String>());
    }
}
