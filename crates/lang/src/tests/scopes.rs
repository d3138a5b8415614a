//! Scopes, and the messages about names.

use super::{codes, compile_text, environment, module};
use crate::{Mode, ReplScope, Source, compile};

#[test]
fn programs_that_are_right() {
    for text in [
        "(var x 1) (var x \"s\") x",
        "(begin (var x 1) (begin (var x (+ x 1)) x))",
        "(def f () (begin (def a () (b)) (def b () (a)) (a)))",
        "(def a () (b)) (def b () (a))",
        "(var a (+ b 1)) (var b 2)",
        "(const x 1) (begin (var x 2) (set x 3) x)",
        "(def square (x) x) (var print 1) (begin (var + 2) +)",
        "(def f (f) (+ f 1))",
        "(def f (_ x _) x)",
        "(def f (a (b a) (c (+ a b)) ...r) [a b c r])",
        "(if true (var g 1)) g",
        "(def f (c) (if c (var x 1)) x)",
        "(begin (var f (lambda (n) (f n))) (f 1))",
        "(for (var i 0) (< i 3) (++ i) (var j i) j)",
        "(each (x [1]) (var y x) (push [] y))",
        "(each (k v {1 2}) (print k v))",
        "(each (_ [1]) 1)",
        "(switch ((var x 1) x) (else 2))",
        "(while true (break))",
        "(when (var x 1) x) x",
        "{:if 1} (var o {}) (set o.class 1) (prop o while) (. o if)",
        "(begin (var x 1) (lambda () (var x 2) x))",
        "(not not)",
        "(set print.x 1)",
    ] {
        let codes = codes(text);
        assert!(codes.is_empty(), "{text}: {codes:?}");
    }
}

#[test]
fn programs_that_are_wrong() {
    for (text, code) in [
        ("nope", "unknown-name"),
        ("(set nope 1)", "unknown-name"),
        ("(++ nope)", "unknown-name"),
        ("(if false nope 1)", "unknown-name"),
        ("(def f () (unknown-thing 1)) 5", "unknown-name"),
        ("(begin (var inside 1)) inside", "unknown-name"),
        ("(for (var i 0) (< i 3) (++ i) i) i", "unknown-name"),
        ("(begin (def f () x) (var x 1) (f))", "unknown-name"),
        ("(def f ((a b) (b 1)) a)", "unknown-name"),
        ("((lambda (_) _) 1)", "unknown-name"),
        ("(each (x [1]) x) x", "unknown-name"),
        ("(begin (var a 1) (var a 2))", "redeclared"),
        ("(begin (var a 1) (def a () 2))", "redeclared"),
        ("(begin (def a () 2) (var a (lambda () 1)))", "redeclared"),
        ("(def f (x) (var x 1))", "redeclared"),
        ("(lambda (x x) 1)", "redeclared"),
        ("(each (x x [1]) 1)", "redeclared"),
        ("(const x 1) (var x 2)", "redeclared"),
        ("(var x 1) (const x 2)", "redeclared"),
        ("(const x 1) (set x 2)", "assigned-const"),
        ("(set x 2) (const x 1)", "assigned-const"),
        ("(const x 1) (++ x)", "assigned-const"),
        ("(begin (const x 1) (lambda () (+= x 1)))", "assigned-const"),
        ("(const x 1) (var y 2) (set [y x] [1 2])", "assigned-const"),
        ("(var if 1)", "reserved-name"),
        ("(def null () 1)", "reserved-name"),
        ("(lambda (else) 1)", "reserved-name"),
        ("(begin (def while () 1))", "reserved-name"),
        ("(each (true [1]) 1)", "reserved-name"),
        ("(return 1)", "misplaced-exit"),
        ("(break)", "misplaced-exit"),
        ("(while true (lambda () (break)))", "misplaced-exit"),
        ("(each (x (continue)) 1)", "misplaced-exit"),
        ("if", "form-as-value"),
        ("String", "module-as-value"),
        ("(set String.split 1)", "not-a-place"),
        ("(set print 1)", "not-a-place"),
        ("(set + 1)", "not-a-place"),
        ("(set (+ 1 2) 3)", "not-a-place"),
        ("(set (get 1 2 3) 4)", "not-a-place"),
        ("(+= [1 2] 3)", "not-a-place"),
        ("String.nope", "unknown-member"),
        ("(String.splitt 1)", "unknown-member"),
        ("()", "empty-form"),
        ("(if)", "malformed-form"),
        ("(if 1 2 3 4)", "malformed-form"),
        ("(set x)", "malformed-form"),
        ("(var)", "malformed-form"),
        ("(const x)", "malformed-form"),
        ("(var 1 2)", "malformed-form"),
        ("(var o.x 2)", "malformed-form"),
        ("(while)", "malformed-form"),
        ("(for 1 2)", "malformed-form"),
        ("(each x 1)", "malformed-form"),
        ("(each (x) 1)", "malformed-form"),
        ("(switch 1)", "malformed-form"),
        ("(switch ())", "malformed-form"),
        ("(switch (else 1) (2 3))", "unreachable-clause"),
        ("(def f)", "malformed-form"),
        ("(def (f x) x)", "malformed-form"),
        ("(def f [x] x)", "malformed-form"),
        ("(lambda x x)", "malformed-form"),
        ("(throw)", "malformed-form"),
        ("(not)", "malformed-form"),
        ("(prop 1)", "malformed-form"),
        ("(. 1)", "malformed-form"),
        ("(def f ((a 1) b) b)", "bad-parameter"),
        ("(def f (...a b) b)", "bad-parameter"),
        ("(def f (1) 2)", "bad-parameter"),
        ("(def f ((a)) 2)", "bad-parameter"),
        ("...[1]", "bad-spread"),
        ("{...a}", "odd-map"),
        ("(null)", "not-callable"),
        ("(else 1)", "misplaced-clause"),
        ("(receive (x x))", "not-supported"),
    ] {
        let compiled = compile_text(text);
        assert!(compiled.module.is_none(), "{text} compiles");
        assert_eq!(compiled.diagnostics[0].code, code, "{text}: {:?}", compiled.diagnostics);
    }
}

#[test]
fn warnings_leave_the_module() {
    for (text, code) in [
        ("(len 1 2)", Some("wrong-arity")),
        ("(square)", Some("wrong-arity")),
        ("(String.split)", Some("wrong-arity")),
        ("(< 1)", Some("wrong-arity")),
        ("(-)", Some("wrong-arity")),
        ("(~ 1 2)", Some("wrong-arity")),
        ("(def f (a) a) (f)", Some("wrong-arity")),
        ("(begin (def f (a) a) (f 1 2))", Some("wrong-arity")),
        ("(f 1 2) (def f (a (b 1) ...c) a)", None),
        ("(def f (a) a) (set f print) (f)", None),
        ("(def f (a) a) (def f () 1) (f)", None),
        ("(def f (a) a) (f ...[])", None),
        ("(1 2)", Some("not-callable")),
        ("(begin (var len print) (len 1 2 3))", None),
    ] {
        let compiled = compile_text(text);
        assert!(compiled.module.is_some(), "{text}");
        let codes: Vec<_> = compiled.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, code.into_iter().collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn repl_inputs_share_globals() {
    let mut scope = ReplScope::new();
    scope.define("x", false);
    scope.define("k", true);
    let input = |text: &str| compile(&Source::new("repl", text), &environment(), Mode::Repl(&scope));
    let compiled = input("(+ x k later) (var k 2) (def f () later)");
    let module = compiled.module.expect("compiles");
    let globals: Vec<_> = module.globals.iter().map(|global| (global.name.as_str(), global.constant)).collect();
    assert_eq!(globals, [("k", false), ("f", false), ("x", false), ("later", false)]);
    assert_eq!(compiled.diagnostics.len(), 1);
    assert!(!compiled.diagnostics[0].is_error());
    assert!(input("(set k 1)").module.is_none());
    assert!(input("(const x 5)").module.is_some());
    assert!(input("(begin nope)").module.is_some());
    assert!(input("(def square (x) x) (square 1 2)").module.is_some());
}

#[test]
fn globals_know_whether_they_are_constant() {
    let module = module("(const a 1) (var b 2) (def c () 3)");
    let globals: Vec<_> = module.globals.iter().map(|global| (global.name.as_str(), global.constant)).collect();
    assert_eq!(globals, [("a", true), ("b", false), ("c", false)]);
}
