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
        "(try 1 2) (try (throw 1) (catch e e)) (try 1 (finally 2)) (try)",
        "(try (throw [1 2]) (catch [a b] a) (catch (is Error e) e.kind) (catch _ 0))",
        "(begin (var x 1) (try (var x 2) (catch x x) (finally (var x 3))) x)",
        "(while true (try (break 1) (catch q (continue))))",
        "(def f () (try (return 1) (finally (return 2))))",
        "(receive (x x)) (receive (1) (x x)) (receive ([_ x] x) (after 1 2)) (receive (after 1)) (receive (after (+ 1 2) 3))",
        "(def f (x) (receive ((when [x y] (> x y)) (def g () y) g) ((pin x) x) (after (var t x) (def h () t) (var x 1) h)))",
        "(while true (receive (:go (continue)) (x (break x)) (after 5 (break))))",
        "(match 1 (1)) (match 1) (match [1] ([_ _] 1) ((or [a] #[a]) a))",
        "(match 1 ((or [a (or 1 2)] [2 a]) a) ((as (when x (> x 1)) y) (+ x y)))",
        "(var x 5) (match 6 ((pin x) 1) ((pin (+ x 1)) 2)) (match 6 (x x))",
        "(match {1 2} ({1 a \"b\" b null c} [a b c]) ({} 0))",
        "(var [a #[b {:k d}] ...r] [1 #[2 {:k 3}]]) [a b d r] (set a 5)",
        "(const [p q] [1 2]) (var p2 (+ p q))",
        "(var (when [a b] (> a b)) [2 1]) (var _ 1) (var [_ _] [1 2])",
        "(def f (v) (var [a b] v) (def g () (set b a)) g)",
        "(each ([a b] [[1 2]]) (+ a b)) (each (k #[a _] {1 #[2 3]}) (print k a))",
        "(class A null \"doc\" (begin (const K 1) (def if (self) A.K))) (class B A (def m (self) (super.if)))",
        "(begin (class A null (def m (self) (new A)) (const K (new A)) (const L A.K)) (new A))",
        "(def f (x (c (class In null (def m () In)))) (new In))",
        "(class A null (def m (self x) (lambda () (class B A (def m (self) (super.m x))) (super.m B))))",
        "(class A (begin (var p null) p))",
        "(if true (class A null)) (new A)",
        "(class Mine Error (def constructor (self) (super.constructor :mine null null))) (new Mine)",
        "(def f (c) (if c (class A null)) A)",
        "(begin (class A null (def m (self) (begin (var [a b] self) (lambda () a)))) (each ([a b] [A]) (lambda () (set a b))))",
        "(def f (x) (match x ([a (when b (begin (var z a) (lambda () z)))] b) ((or [1 a] [2 a]) (lambda () (++ a)))))",
        "(def f (x) (for (var [a b] x) (< a b) (++ a) (try (print (lambda () a)) (catch e (continue)))))",
        "(module M (class A null (def m (self) (super.n)) (const K (new A))) (begin (class B M.A)))",
        "(super A) (class A null) (. (new A) (m 1) (n)) (prop A super)",
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
        ("(else 1)", "misplaced-clause"),
        ("(after 1 2)", "misplaced-clause"),
        ("(receive)", "malformed-form"),
        ("(receive x)", "malformed-form"),
        ("(receive ())", "malformed-form"),
        ("(receive (after))", "malformed-form"),
        ("(receive (after 1 2) (x x))", "malformed-form"),
        ("(receive (x x) (after 1 2) (after 3 4))", "malformed-form"),
        ("(receive (x x) (1 1))", "unreachable-clause"),
        ("(receive ((or 1 _) 0) (1 1) (after 0 1))", "unreachable-clause"),
        ("(receive ([a a] 0))", "redeclared"),
        ("(receive (else 0))", "bad-pattern"),
        ("(receive ((after) 0))", "bad-pattern"),
        ("(receive ([after] 0))", "reserved-name"),
        ("(receive (x (break)))", "misplaced-exit"),
        ("(receive (x x)) x", "unknown-name"),
        ("(receive (x x) (after x 1))", "unknown-name"),
        ("(receive (x x) (after (var t 1) t)) t", "unknown-name"),
        ("(begin (receive (x (var y x))) y)", "unknown-name"),
        ("(try 1 (catch))", "malformed-form"),
        ("(try 1 (finally 1) (catch e 2))", "malformed-form"),
        ("(try 1 (finally 1) (finally 2))", "malformed-form"),
        ("(try 1 (catch e 1) 2)", "malformed-form"),
        ("(try (throw 1) (catch e 0) (catch 1 1))", "unreachable-clause"),
        ("(try (var x 1) (catch e x))", "unknown-name"),
        ("(catch e 1)", "misplaced-clause"),
        ("(finally 1)", "misplaced-clause"),
        ("(match)", "malformed-form"),
        ("(match 1 2)", "malformed-form"),
        ("(match 1 (_ 0) (1 1))", "unreachable-clause"),
        ("(const A 1) (match 2 (A :a) (2 :b))", "unreachable-clause"),
        ("(match 1 ((or 1 _) 0) (1 1))", "unreachable-clause"),
        ("(match 1 ((or _ 1) 0))", "unreachable-clause"),
        ("(match 1 ([a a] 0))", "redeclared"),
        ("(match 1 ((as a a) 0))", "redeclared"),
        ("(match 1 ((or [a] [b]) 0))", "bad-pattern"),
        ("(match 1 ((or [a] 1) 0))", "bad-pattern"),
        ("(match 1 (else 0))", "bad-pattern"),
        ("(match 1 (if 0))", "reserved-name"),
        ("(match 1 ((+ 1 2) 0))", "bad-pattern"),
        ("(match 1 ((as 1 2) 0))", "bad-pattern"),
        ("(match 1 ((pin) 0))", "bad-pattern"),
        ("(match 1 ([...a b] 0))", "bad-pattern"),
        ("(match 1 ([...[b]] 0))", "bad-pattern"),
        ("(match 1 (a.b 0))", "bad-pattern"),
        ("(match 1 ({k v} 0))", "bad-pattern"),
        ("(match 1 ((pin nope) 0))", "unknown-name"),
        ("(match 1 (x 0)) x", "unknown-name"),
        ("(begin (var a 1) (var [a b] [1 2]))", "redeclared"),
        ("(const [a b] [1 2]) (set b 3)", "assigned-const"),
        ("(begin (const [a b] [1 2]) (set b 3))", "assigned-const"),
        ("(var [a b])", "malformed-form"),
        ("(var [a a] [1 2])", "redeclared"),
        ("(each ([a a] [1]) 1)", "redeclared"),
        ("(each (a [a] {1 2}) 1)", "redeclared"),
        ("(class)", "malformed-form"),
        ("(class A)", "malformed-form"),
        ("(class 1 null)", "malformed-form"),
        ("(class if null)", "reserved-name"),
        ("(class A Nope)", "unknown-name"),
        ("(class A null (var x 1))", "bad-member"),
        ("(class A null 1)", "bad-member"),
        ("(class A null (def m))", "malformed-form"),
        ("(class A null (def m (self) 1) (const m 2))", "redeclared"),
        ("(class A null (def one (self) 1) (def two (self) (one self)))", "unknown-name"),
        ("(begin (class A null) (class A null))", "redeclared"),
        ("(const A 1) (class A null)", "redeclared"),
        ("(def f (self) (super.m))", "misplaced-super"),
        ("(class A null (const K (super.m)))", "misplaced-super"),
        ("(class A null (def m () (super.m)))", "misplaced-super"),
        ("(class A null (def m (self) (set super.x 1)))", "not-a-place"),
        ("(class A null (def m (self) super))", "form-as-value"),
        ("(super)", "malformed-form"),
        ("(new)", "malformed-form"),
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

/// What a REPL imports, and its modules, are variables that later inputs know.
#[test]
fn repl_inputs_import() {
    struct One;
    impl crate::Loader for One {
        fn load(&mut self, _: &str, _: &crate::Import) -> Result<crate::Loaded, String> {
            Ok(crate::Loaded { id: "m.eva".to_string(), source: Source::new("m.eva", "(var k 1) (def f () k)") })
        }
    }
    let scope = ReplScope::new();
    for (text, globals) in [
        ("(import \"./m.eva\") (import (k) \"./m.eva\") [m k m.k]", "m k k f"),
        ("(import \"./other.eva\")", "other k f"),
        ("(module M (var x 1)) M.x", "M M.x"),
    ] {
        let mode = Mode::Repl(&scope);
        let program = crate::compile_program_as(Source::new("repl", text), &environment(), mode, &mut One);
        let (_, module) = program.modules.last().unwrap_or_else(|| panic!("{text}\n{}", program.render(false)));
        iridium_bytecode::VerifiedModule::new(module.clone()).expect(text);
        let names: Vec<_> = module.globals.iter().map(|global| global.name.as_str()).collect();
        assert_eq!(names.join(" "), globals, "{text}");
    }
}

#[test]
fn globals_know_whether_they_are_constant() {
    let module = module("(const a 1) (var b 2) (def c () 3)");
    let globals: Vec<_> = module.globals.iter().map(|global| (global.name.as_str(), global.constant)).collect();
    assert_eq!(globals, [("a", true), ("b", false), ("c", false)]);
}
