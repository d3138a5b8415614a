//! The reader: tokens, structure, recovery.

use crate::reader::{MAX_SOURCE, is_incomplete, read};
use crate::source::Source;
use crate::syntax::{Node, NodeId, Tree};

/// The tree as text, in a form that shows what was understood.
fn show(tree: &Tree, id: NodeId) -> String {
    let all = |children: &crate::syntax::Children| {
        tree.children(*children).iter().map(|child| show(tree, *child)).collect::<Vec<_>>().join(" ")
    };
    match tree.node(id) {
        Node::Error => "ERROR".into(),
        Node::Int(value) => format!("{value}"),
        Node::Big(value) => format!("big:{value}"),
        Node::Float(value) => format!("{value:?}"),
        Node::Str(text) => format!("{text:?}"),
        Node::Bytes(bytes) => format!("bytes:{bytes:?}"),
        Node::Atom(name) => format!(":{name}"),
        Node::Symbol(sym) => format!("'{}", tree.names.text(*sym)),
        Node::Prop(object, name) => format!("{}.{}", show(tree, *object), tree.names.text(*name)),
        Node::Spread(inner) => format!("...{}", show(tree, *inner)),
        Node::List(children) => format!("({})", all(children)),
        Node::Vector(children) => format!("[{}]", all(children)),
        Node::Tuple(children) => format!("#[{}]", all(children)),
        Node::Map(children) => format!("{{{}}}", all(children)),
    }
}

fn tree(text: &str) -> String {
    let reading = read(&Source::new("t", text));
    assert!(reading.diagnostics.is_empty(), "{text}: {:?}", reading.diagnostics);
    reading.tree.top.iter().map(|node| show(&reading.tree, *node)).collect::<Vec<_>>().join(" ")
}

/// A mistake: code, start, end.
type Mistake = (&'static str, u32, u32);

fn errors(text: &str) -> Vec<Mistake> {
    let reading = read(&Source::new("t", text));
    reading.diagnostics.iter().map(|error| (error.code, error.span.start, error.span.end)).collect()
}

#[test]
fn tokens() {
    let table = [
        ("42 -7 +5", "42 -7 5"),
        ("0xff -0x10 0o17 0b1010 1_000_000 0xff_ff", "255 -16 15 10 1000000 65535"),
        ("9223372036854775807 9223372036854775808", "9223372036854775807 big:9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("3.14 1e9 -2.5E-3 1e+2 1_0.5", "3.14 1000000000.0 -0.0025 100.0 10.5"),
        ("inf -inf nan - + -x a-b*c d!=e empty? set!", "'inf '-inf 'nan '- '+ '-x 'a-b*c 'd!=e 'empty? 'set!"),
        (r#""a\n\t\r\0\\\"\u{1F600}é""#, "\"a\\n\\t\\r\\0\\\\\\\"😀é\""),
        (r#""""say "hi" \n""" "" "x""#, "\"say \\\"hi\\\" \\n\" \"\" \"x\""),
        ("\"one\n two\"", "\"one\\n two\""),
        (r#"#b"a\x00\xffé""#, "bytes:[97, 0, 255, 195, 169]"),
        (r#":ok :not-found :a.b :"any text" :set!"#, ":ok :not-found :a.b :any text :set!"),
        ("p.x p.x.y . a.class", "'p.x 'p.x.y '. 'a.class"),
        ("[1, 2,,3] #[1 [2]] {:a 1 \"b\" {}}", "[1 2 3] #[1 [2]] {:a 1 \"b\" {}}"),
        ("(f ...xs) [...a ...[1] 2] ... x ...(f)", "('f ...'xs) [...'a ...[1] 2] ...'x ...('f)"),
        ("1 // x\n2 ; y\n3 /* ( \" // */ 4 /**/ 5", "1 2 3 4 5"),
        ("a//b a/*b 5;x", "'a//b 'a/*b 5"),
        ("(/ 7 2)", "('/ 7 2)"),
        ("1\u{a0}2\u{3000}日本", "1 2 '日本"),
        ("\u{feff}#!/usr/bin/env iridium\n1", "1"),
        ("", ""),
        ("()", "()"),
    ];
    for (text, expected) in table {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn mistakes_have_their_exact_place() {
    let table: &[(&str, &[Mistake])] = &[
        (".5", &[("bad-number", 0, 2)]),
        ("5.", &[("bad-number", 0, 2)]),
        (
            "1_ 1__0 1abc 1.2.3 0x 0xfg 0b102 1/2 -1x",
            &[
                ("bad-number", 0, 2),
                ("bad-number", 3, 7),
                ("bad-number", 8, 12),
                ("bad-number", 13, 18),
                ("bad-number", 19, 21),
                ("bad-number", 22, 26),
                ("bad-number", 27, 32),
                ("bad-number", 33, 36),
                ("bad-number", 37, 40),
            ],
        ),
        (
            "1_.5 1._5 1e_5 1e5_",
            &[("bad-number", 0, 4), ("bad-number", 5, 9), ("bad-number", 10, 14), ("bad-number", 15, 19)],
        ),
        (
            r#""ab\qc" "\u{110000}" "\u{41" "\u41""#,
            &[("bad-escape", 3, 5), ("bad-escape", 9, 19), ("bad-escape", 22, 27), ("bad-escape", 30, 32)],
        ),
        (r#""\x41" #b"\x4" #b"\xé""#, &[("bad-escape", 1, 3), ("bad-escape", 10, 12), ("bad-escape", 18, 20)]),
        (".x x. a..b", &[("bad-symbol", 0, 2), ("bad-symbol", 3, 5), ("bad-symbol", 6, 10)]),
        (": x", &[("bad-atom", 0, 1)]),
        ("{1 2 3}", &[("odd-map", 5, 6)]),
        ("'a `b", &[("reserved-character", 0, 1), ("reserved-character", 3, 4)]),
        ("(+ 1 2))", &[("unbalanced", 7, 8)]),
        ("(a [b)", &[("unbalanced", 5, 6)]),
        ("(a b] c", &[("unbalanced", 4, 5)]),
        ("[1 2", &[("unbalanced", 0, 1)]),
        ("(a (b", &[("unbalanced", 3, 4)]),
        ("(a \"b c)", &[("unterminated-string", 3, 4)]),
        ("\"a\\", &[("unterminated-string", 0, 1)]),
        ("1 /* never", &[("unterminated-comment", 2, 4)]),
        ("(f ...)", &[("bad-spread", 3, 6)]),
    ];
    for (text, expected) in table {
        assert_eq!(errors(text), *expected, "{text}");
    }
}

#[test]
fn recovery_keeps_what_is_right() {
    let reading = read(&Source::new("t", "(a 1x b] (c) [d} e"));
    let shown: Vec<_> = reading.tree.top.iter().map(|node| show(&reading.tree, *node)).collect();
    assert_eq!(shown, ["('a ERROR 'b)", "('c)", "['d]", "'e"]);
    assert_eq!(reading.diagnostics.len(), 3);
}

#[test]
fn incomplete_inputs() {
    for text in ["(", "(a [b", "\"abc", "\"\"\"a\"", "(f /* x", "{1 2", "#[", "(f ...", "\"a\\", "(a \"x", "#b\"x"] {
        assert!(is_incomplete(text), "{text}");
    }
    for text in ["", "1", "(a)", ")", "(a))", "(a ]", "1x (", "// (", "(a 'b"] {
        assert!(!is_incomplete(text), "{text}");
    }
}

#[test]
fn source_size_is_bounded() {
    let reading = read(&Source::new("t", " ".repeat(MAX_SOURCE + 1)));
    assert_eq!(reading.diagnostics[0].code, "source-too-large");
}

#[test]
fn long_ints_are_bounded() {
    assert_eq!(errors(&"9".repeat(200_000))[0].0, "int-too-large");
    assert!(tree(&"9".repeat(70_000)).starts_with("big:999"));
    // The largest int, and the next one.
    assert!(tree(&format!("0x{}", "f".repeat(65_536))).starts_with("big:"));
    assert_eq!(errors(&format!("-0x1{}", "0".repeat(65_536)))[0].0, "int-too-large");
    assert_eq!(errors(&"9".repeat(79_000))[0].0, "int-too-large");
}
