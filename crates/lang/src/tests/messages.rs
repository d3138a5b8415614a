//! What users read.

use super::compile_text;
use crate::{Source, render};

fn shown(text: &str) -> String {
    render(&compile_text(text).diagnostics, &Source::new("t.eva", text), false)
}

#[test]
fn a_message_has_place_excerpt_and_hint() {
    let text = "(def area (width height)\n  (* width heigth))\n";
    let expected = "\
error[unknown-name]: there is no name `heigth` here
 --> t.eva:2:12
  |
2 |   (* width heigth))
  |            ^^^^^^
  |
  = help: did you mean `height`?

";
    assert_eq!(shown(text), expected);
}

#[test]
fn the_other_place_is_shown() {
    let text = "(const limit 10)\n\n(set limit 11)";
    let shown = shown(text);
    assert!(shown.contains("t.eva:3:6") && shown.contains("----- declared here"), "{shown}");
}

#[test]
fn a_missing_bracket_is_found_where_it_is_missing() {
    let shown = shown("(def f (x)\n  (begin\n    (print x))\n\n(def g (y)\n  (f y))\n");
    assert!(shown.contains("t.eva:1:1") && shown.contains("5 | (def g (y)"), "{shown}");
}

#[test]
fn suggestions() {
    for (text, hint) in [
        ("(pritn 1)", "did you mean `print`?"),
        ("(let ((x 1)) x)", "in Eva it is `(var name value)`"),
        ("(print None)", "in Eva it is `null`"),
        ("(if (&& true 1) 2)", "in Eva it is `and`"),
        ("(class P null (def constructor (x) (set this.x x)))", "names its instance as its first parameter"),
        ("# a", "a comment begins with `;` or `//`"),
        ("(print “hi”)", "written with straight quotes"),
        ("{\"a\": 1}", "between a map's key and its value stands no colon"),
        ("(switch 5 (5 1))", "this clause of a `switch` does not"),
        ("(upper \"a\")", "`upper` is in the library: `String.upper`"),
        ("(whille true 1)", "did you mean `while`?"),
        ("(String.uper 1)", "did you mean `String.upper`?"),
        ("(def f (counter) (+ conter 1))", "did you mean `counter`?"),
        ("(if 1 2 3 4)", "several expressions go into a `(begin …)`"),
        ("(const A 1) (match 2 (A 1) (2 3))", "did you mean `(pin A)`?"),
        ("(match 2 (_ 1) (2 3))", "put the clause that takes everything last"),
        ("(match 2 (o.k 1))", "write `(pin o.k)`"),
        ("(module M (var counter 1)) M.conter", "did you mean `M.counter`?"),
        ("(module M (var k 1)) (set M.k 2)", "inside the module `k` is a plain variable"),
        ("(module M (var hidden 1)) hidden", "`hidden` is in a module: `M.hidden`"),
        ("(var apple 1) (export aple)", "did you mean `apple`?"),
        ("(class A null (var x 1))", "fields are set in the constructor"),
        ("\"\\x41\"", "write `\\u{41}`"),
    ] {
        let shown = shown(text);
        assert!(shown.contains(hint), "{text}: {shown}");
    }
}

#[test]
fn names_in_a_form_of_another_language_are_not_told_of() {
    assert_eq!(super::codes("(defn f (x y) (+ x y))\n(f 1)"), ["unknown-name", "unknown-name"]);
    assert_eq!(super::codes("(let ((x 1)) (print x))"), ["unknown-name"]);
    assert_eq!(super::codes("(def define (x) x) (print (define nope))"), ["unknown-name"]);
    assert_eq!(super::codes("(print (length nope))"), ["unknown-name", "unknown-name"]);
}

#[test]
fn several_errors_in_one_run() {
    let codes = super::codes("(print 1x)\n(set nope 2)\n(if)\n(var y \"\\q\")\n");
    assert_eq!(codes, ["bad-number", "unknown-name", "malformed-form", "bad-escape"]);
}

#[test]
fn many_errors_are_bounded() {
    let text: String = (0..100_000).map(|number| format!("(print nope{number})\n")).collect();
    let compiled = compile_text(&text);
    assert!(compiled.diagnostics.len() <= crate::resolve::MAX_DIAGNOSTICS);
}
