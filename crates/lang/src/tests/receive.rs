//! `receive`, on the small machine with messages in its mailbox, and its code.

use super::checker::brief;
use super::machine::run_with;
use super::module;

/// Runs programs: messages, text, what it gives, what it leaves.
fn check(cases: &[(&str, &str, &str, &str)]) {
    for (messages, text, gives, leaves) in cases {
        assert_eq!(run_with(messages, text), (gives.to_string(), leaves.to_string()), "{messages} {text}");
    }
}

#[test]
fn the_first_message_that_a_clause_takes_is_taken() {
    check(&[
        ("[1 2 3]", "(receive (x x))", "1", "[2 3]"),
        ("[1 2 3]", "(receive (_ :some))", ":some", "[2 3]"),
        ("[1 2 3]", "(receive (2 :two))", ":two", "[1 3]"),
        ("[1 2 3]", "(receive (3 :three) (2 :two))", ":two", "[1 3]"),
        ("[1 2 3]", "(receive (2))", "null", "[1 3]"),
        ("[1 #[:a 2] 3]", "(receive (#[:b x] x) (#[:a x] (+ x 1)))", "3", "[1 3]"),
        ("[1 [5 2] [2 5]]", "(receive ((when [a b] (< a b)) [b a]))", "[5 2]", "[1 [5 2]]"),
        ("[1 2]", "(var x 2) (receive ((pin x) :it))", ":it", "[1]"),
        ("[1 2 3]", "(receive ((or 2 3) :x)) (receive ((or 2 3) :y))", ":y", "[1]"),
        ("[1 2 3]", "[(receive (3 :c)) (receive (x x)) (receive (x x))]", "[:c 1 2]", "[]"),
        ("[1]", "(receive (2 :two))", "waits", "[1]"),
        ("[]", "(receive (x x))", "waits", "[]"),
    ]);
}

#[test]
fn a_timeout_ends_the_waiting() {
    check(&[
        ("[1]", "(receive (x x) (after 0 :now))", "1", "[]"),
        ("[1]", "(receive (2 :two) (after 0 :now))", ":now", "[1]"),
        ("[]", "(receive (x x) (after 10 (var y 5) (+ y 1)))", "6", "[]"),
        ("[]", "(receive (x x) (after 10))", "null", "[]"),
        ("[1 2]", "(receive (after 10 :slept))", ":slept", "[1 2]"),
        ("[1 2]", "(receive (3 3) (after null 4))", "waits", "[1 2]"),
        ("[1 2]", "(receive (1 1) (after :soon 4))", "throws :type-error", "[1 2]"),
        // The timeout is asked for once, before anything else, and belongs to the clause.
        ("[1 2]", "(var n 0) [(receive (3 3) (after (++ n) (* n 10))) n]", "[10 1]", "[1 2]"),
        ("[1 2]", "(var n 0) [(receive (2 n) (after (++ n) 0)) n]", "[1 1]", "[1]"),
        ("[1 2]", "(var t 1) (receive ((when x (> x 5)) 0) (after (var t 7) (lambda () t) t))", "7", "[1 2]"),
    ]);
}

#[test]
fn guards_leave_the_message_until_they_hold() {
    check(&[
        ("[1 2]", "(receive ((when x (throw :no)) x))", "throws :no", "[1 2]"),
        ("[1 2]", "(try (receive ((when x (throw [x])) x)) (catch e e))", "[1]", "[1 2]"),
        ("[1 2 3]", "(var log []) (receive ((when x (begin (push log x) (> x 1))) [x log]))", "[2 [1 2]]", "[1 3]"),
        // Out of a guard the message is not taken either.
        ("[1 2]", "(while true (receive ((when x (break [x])) x)))", "[1]", "[1 2]"),
        ("[1 2]", "(each (y [7 8]) (receive ((when x (if (== y 7) (continue) (break [x y]))) x)))", "[1 8]", "[1 2]"),
        ("[1 2]", "(def f (y) (+ y (receive ((when x (return [x y])) x)))) (f 3)", "[1 3]", "[1 2]"),
        // One that takes a message itself, beyond the one that it is asked about.
        ("[1 2 3]", "(receive ((when x (== (receive (3 :c)) :c)) x))", "1", "[2]"),
        ("[1 2]", "(receive ((when x (receive (5 true) (after 0 false))) x) (2 :two))", ":two", "[1]"),
    ]);
}

#[test]
fn bodies_run_when_the_loop_is_left() {
    check(&[
        ("[1 2 3]", "(var l []) (while true (receive (3 (break l)) (x (push l x) (continue))))", "[1 2]", "[]"),
        ("[1 2 3]", "(each (y [5 6 7]) (receive (x (if (== x 2) (break [x y])))))", "[2 6]", "[3]"),
        ("[1 2]", "(def f () (+ 1 (receive (x (return [x]))))) (f)", "[1]", "[2]"),
        ("[1 2 3]", "(receive (2 (receive (3 (receive (x x))))))", "1", "[]"),
        ("[1 2 3]", "(receive (9 9) (after 0 (receive (2 :two))))", ":two", "[1 3]"),
        ("[1 2 3]", "(+ (receive (x x)) (* 10 (receive (x x)) (receive (x x))))", "61", "[]"),
        ("[1 2]", "(try (receive (x (throw [x]))) (catch [x] (+ x (receive (y y)))))", "3", "[]"),
        ("[1 2]", "(var l []) (try (receive (x x)) (finally (push l (receive (y y))))) l", "[2]", "[]"),
        ("[1 2 3]", "(match (receive (2 [1 2])) ([a b] (+ a b (receive (x x)))))", "4", "[3]"),
        ("[1 2]", "(if (receive (2 true) (after 0 false)) (receive (x x)) :none)", "1", "[]"),
        (
            "[:next :next :other :next :stop]",
            "(def loop (n) (receive (:next (loop (+ n 1))) (:stop n))) (loop 0)",
            "3",
            "[:other]",
        ),
    ]);
}

#[test]
fn each_message_has_variables_of_its_own() {
    check(&[
        (
            "[1 2 3]",
            "(var fs []) (each (i [0 0 0]) (receive (x (push fs (lambda () x))))) (var [a b c] fs) [(a) (b) (c)]",
            "[1 2 3]",
            "[]",
        ),
        (
            "[1 2 3]",
            "(var fs []) (receive ((when x (begin (push fs (lambda () (+= x 10))) (> x 2))) (++ x)))
             (var [a b c] fs) [(a) (a) (b) (c)]",
            "[11 21 12 14]",
            "[1 2]",
        ),
        (
            "[1 2]",
            "(def f () (receive ((when x (and (> x 1) (var y (* x 5)))) (def g () (+ x y)) g))) ((f))",
            "12",
            "[1]",
        ),
    ]);
}

/// More operands than may wait on the stack, and more variables than there are registers.
#[test]
fn receives_among_many_operands_and_variables() {
    let sum = |depth: usize, inner: &str| format!("{}{inner}{}", "(+ 1 ".repeat(depth), ")".repeat(depth));
    for depth in [10, 47, 48, 49, 60, 300] {
        let text = sum(depth, "(receive ((when x (== x (+ 1 1 (receive (9 9) (after 0 0))))) x) (x (* x 10)))");
        assert_eq!(run_with("[1 2]", &text), ((depth + 10).to_string(), "[2]".to_owned()), "{depth}");
        let text = format!("(each (z [1]) (break {}))", sum(depth, "(receive (9 9) (x (+ x z (receive (y y)))))"));
        assert_eq!(run_with("[1 2]", &text), ((depth + 4).to_string(), "[]".to_owned()), "{depth}");
    }
    let names: Vec<String> = (0..200).map(|number| format!("v{number}")).collect();
    let declarations: String = names.iter().map(|name| format!("(var {name} 1)")).collect();
    let text =
        format!("(begin {declarations} (receive (#[a b] (+ a b (receive (c c)) {})) (after 5 0)))", names.join(" "));
    assert_eq!(run_with("[1 #[2 3]]", &text), ("206".to_owned(), "[]".to_owned()));
}

#[test]
fn nothing_is_on_the_stack_when_a_body_runs() {
    let function = |text: &str| {
        let module = module(text);
        brief(module.functions.iter().find(|function| function.name == "f").expect("it is there"))
    };
    let take = "push-const; local-get 1; call 1; pop";
    assert_eq!(
        function("(def f (n) (receive (:next (f (+ n 1))) (:stop n)))"),
        format!(
            "push-const; push-null; call 1; local-tee 1; iterate; jump on; \
             local-set 3; pack-iterator; local-set 2; \
             local-get 3; push-const; eq; jump-if-not on; {take}; global-get 0; local-get 0; push 1; add; tail-call 1; \
             local-get 3; push-const; eq; jump-if-not on; {take}; local-get 0; return; \
             local-get 2; unpack-iterator; next back; pop; push-null; return"
        )
    );
    assert_eq!(
        function("(def f (n) (receive (after n (f n))))"),
        "push-const; local-get 0; call 1; local-tee 1; iterate; jump on; \
         local-set 3; pack-iterator; local-set 2; \
         local-get 2; unpack-iterator; next back; pop; global-get 0; local-get 0; tail-call 1"
    );
    let module = module("(receive (x x) (after 1 2))");
    let natives = module.constants.iter().filter_map(|constant| match constant {
        iridium_bytecode::Constant::Native(name) => Some(name.as_str()),
        _ => None,
    });
    assert_eq!(natives.collect::<Vec<_>>(), ["%mailbox", "%take"]);
}
