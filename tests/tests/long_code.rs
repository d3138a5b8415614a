//! Code that is longer, wider or deeper than a frame, an operand or a table of the machine: nothing of that shows. Each
//! form is made at several sizes, and its value is what it would be at any size, in every engine.

use iridium::{Config, Engine, EngineKind, Source};
use iridium_tests::run::{World, run, run_program};

/// Something written `count` times, with its number.
fn many(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().join(" ")
}

/// `open` so often, then the inside, then `close` as often.
fn nest(count: usize, open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(count), close.repeat(count))
}

/// The same, with what is opened numbered.
fn nest_numbered(count: usize, open: impl Fn(usize) -> String, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", (0..count).map(open).collect::<String>(), close.repeat(count))
}

/// A form: its program at a size, and the value.
type Form = (&'static str, fn(usize) -> (String, usize));

/// The sum of the numbers below one.
fn sum(count: usize) -> usize {
    count * (count - 1) / 2
}

/// Forms that are wide: their sizes go up to tens of thousands.
const WIDE: &[Form] = &[
    ("parameters", |n| {
        let names = many(n, |i| format!("p{i}"));
        (format!("(def f ({names}) (+ p0 p{} p{})) (f {})", n / 2, n - 1, many(n, |i| i.to_string())), n / 2 + n - 1)
    }),
    ("parameters with defaults", |n| {
        let names = many(n, |i| if i == 0 { "(p0 0)".into() } else { format!("(p{i} (+ p{} 1))", i - 1) });
        (format!("(def f ({names} ...r) (+ p{} p{} (len r))) (f 7)", n / 2, n - 1), n / 2 + n - 1 + 14)
    }),
    ("parameters that are captured and assigned", |n| {
        let names = many(n, |i| format!("p{i}"));
        let program = format!(
            "(def f ({names} ...r) (lambda () (begin (++ p0) (++ p{}) (+ p0 p{} (len r))))) (var g (f {} 1 2)) (g) (g)",
            n - 1,
            n - 1,
            many(n, |i| i.to_string())
        );
        (program, n - 1 + 4 + 2)
    }),
    ("captures", |n| {
        let vars = many(n, |i| format!("(var v{i} {i})"));
        (format!("(def f () (begin {vars} (lambda () (+ {})))) ((f))", many(n, |i| format!("v{i}"))), sum(n))
    }),
    ("captures that are assigned", |n| {
        let vars = many(n, |i| format!("(var v{i} {i})"));
        let (steps, names) = (many(n, |i| format!("(++ v{i})")), many(n, |i| format!("v{i}")));
        let inner = format!("(lambda () (begin {steps} (lambda () (+ {names}))))");
        (format!("(def f () (begin {vars} {inner})) (var g (f)) (g) ((g))"), sum(n) + 2 * n)
    }),
    ("methods", |n| {
        let methods = many(n, |i| format!("(def m{i} (self) {i})"));
        (format!("(class A null {methods}) (var a (new A)) (+ (a.m0) (a.m{}) (a.m{}))", n / 2, n - 1), n / 2 + n - 1)
    }),
    ("methods that capture", |n| {
        let methods = many(n, |i| format!("(def m{i} (self) (+ v {i}))"));
        (format!("(def f (v) (begin (class A null {methods}) (var a (new A)) (a.m{}))) (f 5)", n - 1), n + 4)
    }),
    ("constants of a class", |n| {
        let constants = many(n, |i| format!("(const k{i} {i})"));
        (format!("(class A null {constants}) (+ A.k0 A.k{})", n - 1), n - 1)
    }),
    ("places", |n| {
        let (vars, names) = (many(n, |i| format!("(var v{i} 0)")), many(n, |i| format!("v{i}")));
        let values = many(n, |i| i.to_string());
        (format!("(def f () (begin {vars} (set [{names}] [{values}]) (+ {names}))) (f)"), sum(n))
    }),
    ("places that are elements", |n| {
        let places = many(n, |i| format!("(get xs {i})"));
        // Each value is read before the first is stored.
        (format!("(var xs (list (range {n}))) (set [{places}] (reverse xs)) (set [{places}] xs) (get xs 0)"), n - 1)
    }),
    ("names of a pattern", |n| {
        let names = many(n, |i| format!("a{i}"));
        (
            format!("(def f () (begin (var [{names} ...r] (list (range {}))) (+ a0 a{} (len r)))) (f)", n + 3, n - 1),
            n + 2,
        )
    }),
    ("elements of a list", |n| (format!("(sum [{}])", many(n, |i| i.to_string())), sum(n))),
    ("computed elements of a tuple", |n| {
        (format!("(var x 1) (sum #[{}])", many(n, |i| format!("(+ x {i})"))), sum(n) + n)
    }),
    ("entries of a map", |n| {
        (format!("(var x 1) (sum (values {{{}}}))", many(n, |i| format!("{i} (+ x {i})"))), sum(n) + n)
    }),
    ("octets", |n| (format!("(len #b\"{}\")", "a".repeat(n)), n)),
    ("characters", |n| (format!("(len \"{}\")", "é".repeat(n)), n)),
    ("arguments", |n| (format!("(def f (...r) (sum r)) (f {})", many(n, |i| i.to_string())), sum(n))),
    ("arguments of a method", |n| {
        let arguments = many(n, |i| format!("(+ {i} 0)"));
        (format!("(class A null (def m (self ...r) (sum r))) (var a (new A)) (a.m {arguments})"), sum(n))
    }),
    ("operands", |n| (format!("(var x 1) (+ x {})", many(n, |i| i.to_string())), sum(n) + 1)),
    ("globals", |n| (format!("{} (+ g0 g{})", many(n, |i| format!("(var g{i} {i})")), n - 1), n - 1)),
    ("functions", |n| (format!("{} (+ (f0) (f{}))", many(n, |i| format!("(def f{i} () {i})")), n - 1), n - 1)),
    ("locals", |n| {
        let vars = many(n, |i| format!("(var v{i} {i})"));
        (format!("(def f () (begin {vars} (+ v0 v{}))) (f)", n - 1), n - 1)
    }),
    ("constants", |n| {
        let texts = many(n, |i| format!("\"s{i}\""));
        (format!("(def f () [{texts}]) (len (get (f) {}))", n - 1), 1 + (n - 1).to_string().len())
    }),
    ("a name that is not ready, behind many constants", |n| {
        let texts = many(n, |i| format!("(len \"s{i}\")"));
        (format!("(def f () (begin {texts} (try (begin (var g z) (def z () 1)) (catch e 5)))) (len [(f)])"), 1)
    }),
    ("clauses of ints", |n| {
        let clauses = many(n, |i| format!("({i} {})", i + 1));
        (format!("(def f (v) (match v {clauses} (_ 0))) (+ (f 0) (f {}) (f -5))", n - 1), n + 1)
    }),
    ("clauses of tuples", |n| {
        let clauses = many(n, |i| format!("(#[:s{i} x] x)"));
        (format!("(def f (v) (match v {clauses} (_ 0))) (+ (f #[:s0 1]) (f #[:s{} 2]) (f :q))", n - 1), 3)
    }),
    ("alternatives", |n| {
        let all = many(n, |i| i.to_string());
        (format!("(def f (v) (match v ((or {all}) 1) (_ 2))) (+ (f 0) (f {}) (f -1))", n - 1), 4)
    }),
    ("keys of a pattern", |n| {
        let (pattern, map) = (many(n, |i| format!(":k{i} a{i}")), many(n, |i| format!(":k{i} {i}")));
        (format!("(def f (v) (match v ({{{pattern}}} (+ a0 a{})))) (f {{{map}}})", n - 1), n - 1)
    }),
    ("clauses of cond", |n| {
        let clauses = many(n, |i| format!("((== v {i}) {i})"));
        (format!("(def f (v) (cond {clauses} (else 7))) (+ (f {}) (f -3))", n - 1), n + 6)
    }),
    ("ways through a finally", |n| {
        let clauses = many(n, |i| format!("((== v {i}) (return {i}))"));
        (format!("(def f (v) (while true (try (cond {clauses} (else (break))) (finally 1)))) (f {})", n - 1), n - 1)
    }),
    ("the body of a loop", |n| {
        let steps = many(n, |_| "(set x (+ x 1))".into());
        (format!("(var x 0) (def f () (while (< x {}) {steps})) (f) x", 2 * n), 2 * n)
    }),
    ("spread arguments", |n| (format!("(def f (...r) (len r)) (f {})", many(n, |_| "...[1 2]".into())), 2 * n)),
];

/// Forms that are deep: their sizes go up to what the reader accepts.
const DEEP: &[Form] = &[
    ("each", |n| {
        let loops = nest_numbered(n, |i| format!("(each (x{i} [{i}]) "), &format!("(set t (+ x0 x{}))", n - 1), ")");
        (format!("(def f () (begin (var t 0) {loops} t)) (f)"), n - 1)
    }),
    ("each that is left", |n| {
        let loops = nest(n, "(+ 1 (each (x [0 1]) (continue) (break ", "(each (x [1]) (break 0))", ")))");
        let loops = loops.replace("(continue) ", "(when (== x 0) (continue)) ");
        (format!("(def f () {loops}) (f)"), n)
    }),
    ("each with patterns", |n| {
        let open = |i: usize| format!("(each (k{i} [x{i} 1] {{:a [{i} 1]}}) ");
        let loops = nest_numbered(n, open, &format!("(set t (+ x0 x{}))", n - 1), ")");
        (format!("(def f () (begin (var t 0) {loops} t)) (f)"), n - 1)
    }),
    ("finally", |n| {
        let tries = nest(n, "(try ", "(++ t)", " (finally (++ t)))");
        (format!("(def f () (begin (var t 0) {tries} t)) (f)"), n + 1)
    }),
    ("finally on the way out", |n| {
        let tries = nest(n, "(try ", "(return 5)", " (finally (++ t)))");
        (format!("(var t 0) (def f () {tries}) (+ (f) t)"), n + 5)
    }),
    ("try among operands", |n| {
        (format!("(def g (a b) (+ a b)) (def f () {}) (f)", nest(n, "(g 1 (try ", "1", " (finally 0)))")), n + 1)
    }),
    ("catch", |n| {
        (
            format!(
                "(def f () {}) (try (f) (catch e e))",
                nest(n, "(try ", "(throw 1)", " (catch e (throw (+ e 1))))")
            ),
            n + 1,
        )
    }),
    ("match", |n| (format!("(def f (v) {}) (f 9)", nest(n, "(match ", "v", " (1 2) (x (+ x 1)))")), n + 9)),
    ("switch", |n| (format!("(def f (v) {}) (f 9)", nest(n, "(switch ((== v 1) 2) (else ", "v", "))")), 9)),
    ("patterns", |n| {
        let (pattern, value) = (nest(n, "[", "a", " _]"), nest(n, "[", "7", " 0]"));
        (format!("(def f (v) (match v ({pattern} a) (_ 2))) (f {value})"), 7)
    }),
    ("patterns with names", |n| {
        let pattern = format!("{}a{}", "(as [".repeat(n), many(n, |i| format!(" _] b{i})")));
        (format!("(def f (v) (match v ({pattern} (+ a (len b0))) (_ 2))) (f {})", nest(n, "[", "7", " 0]")), 9)
    }),
    ("places in places", |n| (format!("(var a 1) (set {} {}) a", nest(n, "[", "a", "]"), nest(n, "[", "7", "]")), 7)),
    ("functions in functions", |n| {
        let all = many(n, |i| format!("x{i}"));
        let nested = nest_numbered(n, |i| format!("(lambda (x{i}) "), &format!("(+ {all} 0)"), ")");
        (format!("(var f {nested}) (each (i (range {n})) (set f (f i))) f"), sum(n))
    }),
    ("calls", |n| {
        let calls = nest(n, "(f 1 (x) ", "1", ")");
        (format!("(def f (a b c) (+ a b c)) (def x () 1) {calls}"), 2 * n + 1)
    }),
    ("calls of methods", |n| {
        let calls = nest(n, "(o.m 1 ", "1", ")");
        (format!("(class A null (def m (self a b) (+ a b))) (var o (new A)) {calls}"), n + 1)
    }),
    ("lists", |n| (format!("(len {})", nest(n, "[1 ", "1", "]")), 2)),
    ("loops among operands", |n| {
        let loops = nest(n, "(g 1 (while true (break ", "5", ")))");
        (format!("(def g (a b) (+ a b)) (def f () {loops}) (f)"), n + 5)
    }),
    ("updates", |n| {
        let updates = nest(n, "(+= (get (g) :a) ", "1", ")");
        (format!("(var m {{:a 0}}) (def g () m) {updates}"), 1)
    }),
];

fn check(forms: &[Form], sizes: &[usize]) {
    let engines = EngineKind::available().iter().map(|kind| (kind, Engine::new(Config::new().engine(*kind).seed(1))));
    let engines: Vec<_> = engines.collect();
    let mut wrong = Vec::new();
    for (name, form) in forms {
        for size in sizes {
            let (program, value) = form(*size);
            let program = match engines[0].1.compile(Source::new("main.eva", program)) {
                Ok(program) => program,
                Err(rejection) => {
                    let message: String = rejection.render(false).chars().take(300).collect();
                    wrong.push(format!("{name}, {size}: {message}"));
                    continue;
                }
            };
            for (kind, engine) in &engines {
                let outcome = run_program(engine, &program, &World::default(), |_| {}, |_| {});
                if outcome.result != Ok(value.to_string()) {
                    let message: String = outcome.message.chars().take(300).collect();
                    wrong.push(format!("{name}, {size}, {kind}: {:?} for {value}. {message}", outcome.result));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wide_forms() {
    check(WIDE, &[10, 41, 101, 250, 300, 1000]);
}

#[test]
fn very_wide_forms() {
    check(WIDE, &[70_000]);
}

#[test]
fn deep_forms() {
    check(DEEP, &[10, 41, 101, 250, 300, 600]);
}

#[test]
fn a_list_that_stands_for_a_cell_is_not_ready_either() {
    let vars = many(200, |i| format!("(var v{i} {i})"));
    let program = format!(
        "(def f () (begin {vars} (def early () (late)) (var got (try (early) (catch e e.kind)))
           (def late () v199) [got (early)])) (f)"
    );
    for kind in EngineKind::available() {
        let outcome = run(&Engine::new(Config::new().engine(*kind).seed(1)), &program, &World::default());
        assert_eq!(outcome.result, Ok("[:reference-error 199]".to_owned()), "{kind}: {}", outcome.message);
    }
}

#[test]
fn too_few_arguments_are_counted_among_many_parameters() {
    let program = format!("(def f ({} (o 1)) 1) (f 1 2)", many(300, |i| format!("p{i}")));
    for kind in EngineKind::available() {
        let outcome = run(&Engine::new(Config::new().engine(*kind).seed(1)), &program, &World::default());
        assert_eq!(outcome.result, Err(":arity-error".to_owned()), "{kind}");
        assert!(outcome.message.contains("300 to 301 arguments"), "{}", outcome.message);
    }
}
