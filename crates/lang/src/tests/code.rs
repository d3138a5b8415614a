//! The code of small programs.

use super::checker::brief;
use super::module;
use iridium_bytecode::{Constant, Module};

fn top(text: &str) -> String {
    brief(&module(text).functions[0])
}

/// The code of the function with a name.
fn of(module: &Module, name: &str) -> String {
    brief(module.functions.iter().find(|function| function.name == name).expect(name))
}

fn body(text: &str) -> String {
    of(&module(text), "f")
}

#[test]
fn constants_are_folded() {
    for (text, code) in [
        ("(+ 1 2 3)", "push 6; return"),
        ("(+ 1 (* 2 (- 7 3)))", "push 9; return"),
        ("(- 5)", "push -5; return"),
        ("(< 1 2)", "push-true; return"),
        ("(+)", "push 0; return"),
        ("(*)", "push 1; return"),
        ("(not null)", "push-true; return"),
        ("(+ 0.1 0.2)", "push-const; return"),
        ("(/ 1 0)", "push 1; push 0; div; return"),
        ("(+ 1 \"a\")", "push 1; push-const; add; return"),
        ("(if (< 1 2) 5 6)", "push 5; return"),
        ("(if null 5)", "push-null; return"),
        ("(and 1 2 3)", "push 3; return"),
        ("(or null 2 3)", "push 2; return"),
        ("(switch ((< 2 1) 1) (true 2) (else 3))", "push 2; return"),
        ("1 2 3", "push 3; return"),
        ("", "push-null; return"),
        ("(while false (print 1))", "push-null; return"),
        ("2147483647", "push 2147483647; return"),
        ("2147483648", "push-const; return"),
    ] {
        assert_eq!(top(text), code, "{text}");
    }
    assert_eq!(module("[0.0 -0.0 0.0 1.5 1.5 :a :a \"a\"]").constants.len(), 5);
    assert_eq!(module("(if false (print \"gone\") 1)").constants, []);
    assert_eq!(module("(def f () (return 1) (lambda () 2))").functions.len(), 2);
}

#[test]
fn branches_and_tails() {
    for (text, code) in [
        ("(def f (a b) (if a b 1))", "local-get 0; jump-if-not on; local-get 1; return; push 1; return"),
        ("(def f (a) (f a))", "global-get 0; local-get 0; tail-call 1"),
        ("(def f (a) (+ 1 (f a)))", "push 1; global-get 0; local-get 0; call 1; add; return"),
        (
            "(def f (a b) (and a (f b)))",
            "local-get 0; jump-if-not-keep on; global-get 0; local-get 1; tail-call 1; return",
        ),
        (
            "(def f (a b) (if (and a (not b)) 1 2))",
            "local-get 0; jump-if-not on; local-get 1; jump-if on; push 1; return; push 2; return",
        ),
        ("(def f (a) (f a) 1)", "global-get 0; local-get 0; call 1; pop; push 1; return"),
        ("(def f (a) (+ 1 (return (f a))))", "push 1; pop; global-get 0; local-get 0; tail-call 1"),
        ("(def f (a) (- a))", "local-get 0; neg; return"),
        ("(def f (a) (+ a 1 2))", "local-get 0; push 1; add; push 2; add; return"),
        ("(def f (a) (when a (throw a)) 1)", "local-get 0; jump-if-not on; local-get 0; throw; push 1; return"),
        ("(def f (a) (begin))", "push-null; return"),
        ("(def f (a) (if (begin a) 1 2))", "local-get 0; jump-if-not on; push 1; return; push 2; return"),
        (
            "(def f (a b) (if (begin (f a) b) 1 2))",
            "global-get 0; local-get 0; call 1; pop; local-get 1; jump-if-not on; push 1; return; push 2; return",
        ),
        ("(def f (a ...r) (f a ...r))", "global-get 0; local-get 0; list 1; local-get 1; list-extend; tail-call-list"),
        ("(def f (a (b 2)) b)", "arg-missing 1; jump-if-not on; push 2; local-set 1; local-get 1; return"),
        ("(def f (o) (o.m 1))", "local-get 0; method; push 1; tail-call-method 1"),
        ("(def f (o) (. o (m 1) (n)))", "local-get 0; method; push 1; call-method 1; method; tail-call-method 0"),
        ("(def f (xs) (len xs))", "local-get 0; call-len; return"),
        ("(def f (xs) (get xs 0 1))", "local-get 0; push 0; push 1; call-get-or; return"),
        ("(def f (x) (String.upper x))", "push-const; local-get 0; tail-call 1"),
        ("(def f (x) (def len (y) y) (len x))", "push-func 2; local-set 1; local-get 1; local-get 0; tail-call 1"),
    ] {
        assert_eq!(body(text), code, "{text}");
    }
}

#[test]
fn assignments() {
    for (text, code) in [
        ("(def f (a) (set a 1) a)", "push 1; local-set 0; local-get 0; return"),
        ("(def f (a) (set a 1))", "push 1; local-tee 0; return"),
        (
            "(def f (a b) (set [a b] [b a]) a)",
            "local-get 1; local-get 0; local-set 1; local-set 0; local-get 0; return",
        ),
        ("(def f (a) (++ a) 1)", "local-get 0; push 1; add; local-set 0; push 1; return"),
        (
            "(def f (a i) (+= (get a i) 5))",
            "local-get 0; local-get 1; local-get 0; local-get 1; index-get; push 5; add; index-set; return",
        ),
        (
            "(def f (a) (+= (get a :k 0) 5))",
            "local-get 0; push-const; local-get 0; push-const; push 0; index-get-or; push 5; add; index-set; return",
        ),
        (
            "(def f (a) (+= (get (f a) 0) 5))",
            "global-get 0; local-get 0; call 1; local-tee 1; push 0; local-tee 2; local-get 1; local-get 2; index-get; push 5; add; index-set; return",
        ),
        ("(def f (o) (++ o.n) 1)", "local-get 0; dup; prop-get; push 1; add; prop-set; pop; push 1; return"),
        ("(def f (o) (set o.n 2))", "local-get 0; push 2; prop-set; return"),
        ("(def f (a) (set (get a 0) 2) a)", "local-get 0; push 0; push 2; index-set; pop; local-get 0; return"),
        (
            "(def f (a b) (set [a b] b) a)",
            "local-get 1; unpack 2; local-set 3; local-set 2; local-get 2; local-set 0; local-get 3; local-set 1; local-get 0; return",
        ),
        ("(var f 1)", "push 1; dup; global-init 0; return"),
    ] {
        let code_of = if text.starts_with("(var") { top(text) } else { body(text) };
        assert_eq!(code_of, code, "{text}");
    }
}

#[test]
fn loops_go_back_once_a_turn() {
    let back = |text: &str| body(text).matches(" back").count();
    assert_eq!(body("(def f () (while true))"), "jump back");
    assert_eq!(body("(def f (n) (while (< 0 n) (-= n 1)) n)").matches("jump").count(), 2);
    assert_eq!(back("(def f (n) (while (< 0 n) (-= n 1)) n)"), 1);
    assert_eq!(back("(def f (n) (for (var i 0) (< i n) (++ i) (when (== i 2) (continue)) (print i)))"), 1);
    assert_eq!(back("(def f (n) (each (x n) (when x (break x)) (print x)))"), 1);
    assert_eq!(back("(def f (n) (while (< 0 n) (if n (continue)) (print n)))"), 1);
    assert_eq!(
        body("(def f (n) (while (< 0 n) (-= n 1)) n)"),
        "jump on; local-get 0; push 1; sub; local-set 0; push 0; local-get 0; lt; jump-if back; local-get 0; return"
    );
    assert_eq!(
        body("(def f (n) (each (x n) (print x)) 1)"),
        "local-get 0; iterate; jump on; local-set 1; push-const; local-get 1; call 1; pop; next back; pop; push 1; return"
    );
    // A body that is never entered is not there.
    assert_eq!(body("(def f (n) (while (and (print n) false) (print 1)) 2)").matches("call").count(), 1);
    assert_eq!(body("(def f (n) (while (return n) (print 1)))"), "local-get 0; return");
    assert!(body("(def f (n) (each (x n) (return x)))").ends_with("return"));
    // Leaving a loop from among operands drops them, and the iterator.
    assert!(body("(def f (n) (each (x n) (print 1 (break 5))))").contains("push-const; push 1; pop; pop; pop; push 5"));
}

#[test]
fn variables_live_where_they_can() {
    // Captured and never assigned: by value.
    let by_value = module("(def f (a) (lambda () a))");
    assert_eq!(of(&by_value, "f"), "local-get 0; closure 2 1; return");
    assert_eq!(by_value.functions[2].captures, [false]);
    // Captured and assigned: a cell.
    let cell = module("(def f (a) (set a 1) (lambda () a))");
    assert_eq!(of(&cell, "f"), "local-get 0; cell-new 0; push 1; cell-set 0; cell-load 0; closure 2 1; return");
    assert_eq!(cell.functions[2].captures, [true]);
    // A local function that refers to itself needs neither.
    let own = module("(def f () (def g (n) (g n)) (g 1))");
    assert_eq!(of(&own, "f"), "push-func 2; local-set 0; local-get 0; push 1; tail-call 1");
    assert_eq!(of(&own, "g"), "push-self; local-get 0; tail-call 1");
    // And hands itself on by value.
    let inner = module("(def f () (def g () (lambda () g)) g)");
    assert_eq!(of(&inner, "g"), "push-self; closure 3 1; return");
    // Two that refer to each other: the one that is captured early is a cell.
    let two = module("(def f () (def a () (b)) (def b () (a)) (a))");
    assert!(of(&two, "f").starts_with("cell-new-empty 1; cell-load 1; closure 2 1; local-set 0"), "{}", of(&two, "f"));
    // Assigned: then it is not the running function any more.
    let assigned = module("(def f () (def g () (g)) (set g 1) g)");
    assert_eq!(of(&assigned, "g"), "capture-cell-get 0; tail-call 0");
    // A declaration that control may go past.
    assert!(body("(def f (c) (if c (var x 1)) x)").starts_with("cell-new-empty 1"));
    // Read too early.
    let early = module("(def f () (g) (def g () 1))");
    assert_eq!(of(&early, "f"), "unready");
    assert_eq!(early.constants, [Constant::Str("g".into())]);
    // Each iteration has its own variable, if somebody can tell.
    let copied = body("(def f (fs) (for (var i 0) (< i 3) (++ i) (push fs (lambda () i))))");
    assert!(copied.contains("cell-get 1; cell-new 1; cell-get 1; push 1; add; cell-set 1"), "{copied}");
}

#[test]
fn tries_and_their_ways_out() {
    for (text, code) in [
        ("(def f (a) (try (f a)))", "global-get 0; local-get 0; call 1; return"),
        (
            "(def f (a) (try (f a) (catch e e)))",
            "global-get 0; local-get 0; call 1; jump on; local-set 1; local-get 1; return",
        ),
        (
            "(def f (a) (try (return (f a)) (catch 1 2)))",
            "global-get 0; local-get 0; call 1; return; local-set 1; local-get 1; push 1; eq; jump-if-not on; push 2; \
             jump on; local-get 1; throw; return",
        ),
        // What cannot throw, and is not wanted, leaves nothing.
        ("(def f (a) (try 1 (catch e (f e))) a)", "local-get 0; return"),
        (
            "(def f (a) (try (f a) (finally (print 1))) 2)",
            "global-get 0; local-get 0; call 1; pop; push-null; local-set 2; push 0; local-set 1; jump on; local-set 2; \
             push 1; local-set 1; push-const; push 1; call 1; pop; local-get 1; push 1; eq; jump-if-not on; \
             local-get 2; throw; push 2; return",
        ),
        // What a `finally` throws or where it jumps takes the place of what was pending.
        (
            "(def f (a) (while true (try (f a) (finally (break)))))",
            "global-get 0; local-get 0; call 1; pop; push-null; local-set 2; push 0; local-set 1; jump on; local-set 2; \
             push 1; local-set 1; push-null; return",
        ),
    ] {
        assert_eq!(body(text), code, "{text}");
    }
    let handlers = |text: &str| module(text).functions[1].handlers.clone();
    let nested = handlers("(def f (a) (try (try (f a) (catch 1 2)) (catch 3 4) (finally (f 5))))");
    assert_eq!(nested.len(), 3);
    assert!(nested.is_sorted_by_key(|handler| handler.target) && nested.iter().all(|h| h.start == nested[0].start));
    assert_eq!(handlers("(def f (a) (try (while false (f a)) (catch 1 2)))").len(), 1);
    // Through two of them, with the value of a loop, out of an iteration.
    module(
        "(def f (xs) (+ 1 (each (x xs) (print 1 (try (try (break x) (finally (print 2)))
           (finally (if x (continue) (return (print 3)))))))))",
    );
}

#[test]
fn classes_and_methods() {
    let class = module("(class A null (const K 1) (def m (self x) x) (const L A.K) (def if () (lambda () 1)))");
    assert_eq!(
        brief(&class.functions[0]),
        "push-null; push-func 1; push-func 2; class 0 2; dup; global-init 0; push 1; class-const; global-get 0; \
         prop-get; class-const; return"
    );
    assert_eq!((class.classes[0].name.as_str(), class.classes[0].methods.join(" ").as_str()), ("A", "m if"));
    // Only who asks for the parent's methods captures the class.
    let parent = module("(class A null (def m (self) (super.m 1)) (def n (self) super.n))");
    assert_eq!(of(&parent, "m"), "capture-cell-get 0; super-get; local-get 0; push 1; tail-call 2");
    assert_eq!(of(&parent, "n"), "capture-cell-get 0; super-get; return");
    assert!(brief(&parent.functions[0]).starts_with("cell-new-empty 0; push-null; cell-load 0; closure 1 1"));
    // The method's first parameter, also from functions inside.
    let inner = module("(class A null (def m (self) (lambda (self) (. super m))))");
    assert_eq!(inner.functions[2].capture_names, ["super", "self"]);
    for (text, code) in [
        ("(def f (c) (new c 1 2))", "local-get 0; instance; push 1; push 2; call 3; pop; return"),
        (
            "(def f (c) (new c ...c) 1)",
            "local-get 0; instance; list 1; local-get 0; list-extend; call-list; pop; pop; push 1; return",
        ),
        ("(def f (o) (o.m ...o))", "local-get 0; method; list 0; local-get 0; list-extend; tail-call-method-list"),
        ("(def f (c) (super c))", "local-get 0; parent; return"),
        (
            "(def f () (class A null (def m () A)))",
            "cell-new-empty 0; push-null; cell-load 0; closure 2 1; class 0 1; dup; cell-init 0; return",
        ),
    ] {
        assert_eq!(body(text), code, "{text}");
    }
    let many: String = (0..100).map(|n| format!("(def m{n} (self) (super.m{n}))")).collect();
    module(&format!("(class A null {many})"));
    super::module(&format!("(class A null {many} (def z () 1))"));
}

#[test]
fn patterns() {
    for (text, code) in [
        (
            "(def f (v) (match v (1 2) (x x)))",
            "local-get 0; push 1; eq; jump-if-not on; push 2; return; local-get 0; local-set 1; local-get 1; return",
        ),
        ("(def f (v) (match (f v) (x x)))", "global-get 0; local-get 0; call 1; local-set 1; local-get 1; return"),
        (
            "(def f (v) (match v ([a ...r] r)))",
            "local-get 0; is-type 8; jump-if-not on; local-get 0; has-at-least 1; jump-if-not on; local-get 0; element 0; \
             local-set 1; local-get 0; rest 1; local-set 2; local-get 2; return; local-get 0; no-match",
        ),
        (
            "(def f (v) (match v ({:k _} 1)))",
            "local-get 0; is-type 10; jump-if-not on; local-get 0; push-const; has-key; jump-if-not on; push 1; return; \
             local-get 0; no-match",
        ),
        (
            "(def f (v) (match v ((when (is v) (f 1)) 1) ((is :number) 2)))",
            "local-get 0; local-get 0; is-a; jump-if-not on; global-get 0; push 1; call 1; jump-if-not on; push 1; return; \
             local-get 0; is-type 4; jump-if-not on; push 2; return; local-get 0; no-match",
        ),
        // The value of the declaration is the whole.
        (
            "(def f (v) (var [a] v))",
            "local-get 0; local-tee 2; local-get 2; is-type 8; jump-if-not on; local-get 2; has-length 1; jump-if-not on; \
             local-get 2; element 0; local-set 1; jump on; local-get 2; no-match; return",
        ),
    ] {
        assert_eq!(body(text), code, "{text}");
    }
}

#[test]
fn large_things_are_made_in_pieces() {
    let many = |count: usize, each: &dyn Fn(usize) -> String| (0..count).map(each).collect::<Vec<_>>().join(" ");
    module(&format!("[{}]", many(3000, &|n| n.to_string())));
    module(&format!("#[{}]", many(3000, &|n| n.to_string())));
    module(&format!("{{{}}}", many(3000, &|n| format!("{n} {n}"))));
    module(&format!("(print {})", many(3000, &|n| n.to_string())));
    module(&format!("(def f (x) (print {}))", many(100, &|_| "(f x)".to_string())));
    module(&format!("(def f (x) {}x{})", "(+ x ".repeat(900), ")".repeat(900)));
    module(&format!("(def f (x) {}x{})", "(print 1 2 3 x ".repeat(900), ")".repeat(900)));
    module(&format!("(def f (x) {}x{})", "{1 2 3 ".repeat(900), "}".repeat(900)));
    module(&format!("(def f (x) {}x{})", "(set (get x 1) ".repeat(900), ")".repeat(900)));
    module(&format!("(def f (x) {}x{})", "(+= (get (f x) x) ".repeat(100), ")".repeat(100)));
    // Locals beyond the frame, plain, captured, assigned, captured early.
    module(&format!(
        "(def f () {} (+ {}))",
        many(400, &|n| format!("(var x{n} {n})")),
        many(400, &|n| format!("x{n}"))
    ));
    module(&format!("(def f () {} (lambda () (set x390 (+ x1 x300))))", many(400, &|n| format!("(var x{n} {n})"))));
    module(&format!("(def f () {} (x1))", many(300, &|n| format!("(def x{n} () (x{}))", (n * 7 + 1) % 300))));
    module(&format!(
        "(def f (a) (for (var i 0) (< i 3) (++ i) {} (print (lambda () (++ x390)))))",
        many(400, &|n| format!("(var x{n} i)"))
    ));
    let parameters = many(100, &|n| format!("p{n}"));
    module(&format!("(def f ({parameters}) (+ {parameters}))"));
    let set = many(40, &|n| format!("(get a {n})"));
    module(&format!("(def f (a) (set [{set}] a))"));
}

#[test]
fn positions_name_the_whole_form() {
    let module = module("(var a 1)\n(print (+ a\n  \"é\") (get a 2))");
    let function = &module.functions[0];
    let mut at = 0;
    let mut found = Vec::new();
    while let Ok(instruction) = iridium_isa::stack::decode(&function.code, at) {
        let position = function.positions.at(at as u32).unwrap_or_default();
        found.push((instruction.op.row().mnemonic, position.line, position.column, position.length));
        at = instruction.end;
    }
    assert!(found.contains(&("add", 2, 8, 4)), "{found:?}");
    assert!(found.contains(&("call-get", 3, 8, 9)), "{found:?}");
    assert!(found.contains(&("call", 2, 1, 11)), "{found:?}");
}

#[test]
fn local_names() {
    let module = module("(def f (a) (begin (var b a) (print b)) (var c 1) (print c))");
    let names: Vec<_> = module.functions[1].local_names.iter().map(|name| (&*name.name, name.local)).collect();
    assert_eq!(names, [("a", 0), ("b", 2), ("c", 1)]);
}
