//! Programs and files that are out of the ordinary: deep, long, empty, not text at all. Each ends as the contract
//! says, in every engine; none makes the host panic, overflow its stack or run on.

use iridium::{Config, Engine, EngineKind};
use iridium_tests::binary::{Scratch, run_in};
use iridium_tests::random::{self, Random};
use iridium_tests::run::{World, engines, run, run_prepared};

/// A host stack that one call per Eva call, or one per instruction, would soon use up.
const SMALL_STACK: usize = 256 * 1024;

fn on_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(SMALL_STACK).spawn_scoped(scope, work);
        thread.expect("a thread starts").join().expect("the engine does not panic")
    })
}

/// Runs a program in every engine, each time on a thread with a small stack.
fn all_give(source: &str, result: Result<&str, &str>) {
    for kind in EngineKind::available() {
        let engine = Engine::new(Config::new().engine(*kind).seed(1));
        let outcome = on_small_stack(|| run(&engine, source, &World::default()));
        let got = outcome.result.as_ref().map(String::as_str).map_err(String::as_str);
        assert_eq!(got, result, "{kind}: {}", outcome.message);
    }
}

#[test]
fn a_recursion_a_million_deep_returns() {
    all_give("(def sum (n) (if (== n 0) 0 (+ n (sum (- n 1))))) (sum 1_000_000)", Ok("500000500000"));
}

#[test]
fn a_runaway_recursion_is_a_stack_overflow() {
    all_give("(def f (n) (+ 1 (f n))) (f 1)", Err(":stack-overflow"));
}

#[test]
fn a_million_tail_calls_take_no_stack() {
    let source = "(def even? (n) (if (== n 0) true (odd? (- n 1)))) (def odd? (n) (if (== n 0) false (even? (- n 1)))) \
                  (even? 1_000_000)";
    all_give(source, Ok("true"));
}

#[test]
fn a_long_loop_takes_no_host_stack() {
    for kind in EngineKind::available() {
        // A dispatcher whose tail calls were no jumps would overflow within thousands of turns. The full length is for
        // the release build; there the plain stack engine gets a tenth of it.
        let turns: u64 = match (cfg!(debug_assertions), kind) {
            (true, _) => 3_000_000,
            (false, EngineKind::Stack) => 10_000_000,
            (false, _) => 100_000_000,
        };
        let source = format!("(var s 0) (for (var i 0) (< i {turns}) (++ i) (set s (+ (% s 7) i))) s");
        let engine = Engine::new(Config::new().engine(*kind).seed(1));
        let outcome = on_small_stack(move || run(&engine, &source, &World::default()));
        let last = (0..turns).fold(0, |s, i| s % 7 + i);
        assert_eq!(outcome.result, Ok(last.to_string()), "{kind}: {}", outcome.message);
        assert_eq!(outcome.reductions, turns, "{kind}");
    }
}

#[test]
fn a_runaway_allocation_meets_the_heap_limit() {
    for kind in EngineKind::available() {
        let engine = Engine::new(Config::new().engine(*kind).seed(1).max_heap(8 << 20));
        let outcome = run(&engine, "(var xs []) (while true (push xs [1 2 3]))", &World::default());
        assert_eq!(outcome.result, Err("limit :heap".to_owned()), "{kind}: {}", outcome.message);
        let next = run(&engine, "(+ 1 2)", &World::default());
        assert_eq!(next.result, Ok("3".to_owned()), "{kind}: the engine runs the next program");
    }
}

#[test]
fn fuel_and_deadline_end_an_endless_loop() {
    let endless = "(var n 0) (while true (++ n))";
    for kind in EngineKind::available() {
        let engine = Engine::new(Config::new().engine(*kind).seed(1).fuel(123_456));
        let outcome = run(&engine, endless, &World::default());
        assert_eq!((outcome.result, outcome.reductions), (Err("limit :fuel".to_owned()), 123_456), "{kind}");

        let limit = std::time::Duration::from_millis(50);
        let engine = Engine::new(Config::new().engine(*kind).seed(1).deadline(limit));
        let start = std::time::Instant::now();
        let outcome = run(&engine, endless, &World::default());
        assert_eq!(outcome.result, Err("limit :deadline".to_owned()), "{kind}");
        assert!(start.elapsed() < limit * 40, "{kind}: it took {:?}", start.elapsed());
    }
}

#[test]
fn nesting_beyond_the_limit_is_a_compile_error() {
    let nested = |depth: usize| "(".repeat(depth) + &")".repeat(depth);
    let lists = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let additions = |depth: usize| "(+ 1 ".repeat(depth) + "0" + &")".repeat(depth);
    all_give(&nested(100_000), Err("compile"));
    all_give(&lists(100_000), Err("compile"));
    all_give(&additions(100_000), Err("compile"));
    all_give(&"(".repeat(100_000), Err("compile"));
    all_give(&")".repeat(100_000), Err("compile"));
    all_give(&additions(1000), Ok("1000"));
    all_give(&format!("(begin {} 7)", lists(990)), Ok("7"));
}

/// A class that decides about everything.
const POINT: &str = "(class P null (def constructor (self x) (set self.x x)) \
                       (def equals? (self other) (and (is? other P) (== self.x other.x))) \
                       (def hash (self) (hash self.x)) (def str (self) \"P\")) ";

#[test]
fn deep_data_with_classes_takes_no_stack() {
    let deep = "(var a (new P 1)) (var b (new P 1)) (var ta #[a]) (var tb #[b]) \
                (for (var i 0) (< i 100_000) (++ i) (set a [a]) (set b [b]) (set ta #[ta]) (set tb #[tb])) \
                [(== a b) (!= a [b]) (== (hash a) (hash b)) (len (str a)) (get {ta 5} tb) (index-of [[] a] b)]";
    all_give(&format!("{POINT}{deep}"), Ok("[true true true 200001 5 1]"));
}

#[test]
fn cyclic_data_with_classes_ends() {
    let cyclic = "(var a [(new P 1)]) (push a a) (var b [(new P 1)]) (push b [(new P 1) b]) \
                  (var m {}) (put m (new P 1) m) (var n {}) (put n (new P 1) {(new P 1) n}) \
                  [(== a b) (== m n) (== (hash a) (hash b)) (str b) (str m) \
                   (try (< [a (new P 2)] [b (new P 3)]) (catch e e.kind))]";
    all_give(&format!("{POINT}{cyclic}"), Ok("[true true true \"[P [P [...]]]\" \"{P {...}}\" :type-error]"));
}

#[test]
fn thousands_of_handlers_in_a_loop_are_found() {
    let tries: String = (0..5_000).map(|n| format!("(try (throw {n}) (catch (pin {n}) (++ s)))")).collect();
    let source = format!("(def f () (var s 0) (for (var t 0) (< t 10) (++ t) {tries}) s) (f)");
    all_give(&source, Ok("50000"));
}

#[test]
fn an_empty_file_is_null() {
    for text in ["", "\n", "  \n\t", "; nothing\n", "/* nothing */"] {
        all_give(text, Ok("null"));
    }
}

#[test]
fn random_text_is_a_program_or_a_compile_error() {
    let seed = Random::seed_of_this_run();
    let mut source = Random::new(seed);
    let pieces = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "#[",
        "#b\"",
        "\"",
        "\\",
        "\\u{",
        "...",
        ":",
        "'",
        "`",
        ";",
        "//",
        "/*",
        "*/",
        "_",
        "-",
        "+",
        ".",
        "1",
        "0x",
        "1e",
        "9999999999",
        " ",
        "\n",
        "var",
        "set",
        "def",
        "lambda",
        "x",
        "x.y",
        "if",
        "for",
        "while",
        "each",
        "switch",
        "else",
        "return",
        "break",
        "const",
        "begin",
        "and",
        "null",
        "é",
        "\u{0}",
        "\u{202e}",
        "\"\"\"",
        "get",
        "++",
        "+=",
        "print",
    ];
    let engines = EngineKind::available()
        .iter()
        .map(|kind| (kind, Engine::new(Config::new().engine(*kind).seed(1).fuel(10_000))));
    let engines: Vec<_> = engines.collect();
    for _ in 0..random::cases(2_000) {
        let length = source.below(60);
        let text: String = (0..length)
            .map(|_| *source.of(&pieces))
            .flat_map(|piece| [piece, if length.is_multiple_of(2) { " " } else { "" }])
            .collect();
        for (name, engine) in &engines {
            // What it gives does not matter, only that it ends; what is a program, runs within its fuel.
            let outcome = run(engine, &text, &World::default());
            let internal = outcome.result == Err(":internal".to_owned());
            assert!(!internal, "IRIDIUM_SEED={seed} {name}: {text:?}\n{}", outcome.message);
        }
    }
}

#[test]
fn a_panic_inside_an_instruction_ends_one_program_with_internal() {
    // The collector asks for the time in the middle of an instruction that allocates, with handlers of the engine above
    // and below it on the host's stack.
    fn broken_clock() -> u64 {
        panic!("the clock fell off the wall")
    }
    for (name, engine) in engines() {
        let source = "(print 1) (var last null) (each (i (range 1_000_000)) (set last [i last i])) (print 2)";
        let outcome = run_prepared(&engine, source, &World::default(), |execution| execution.set_clock(broken_clock));
        assert_eq!(outcome.result, Err(":internal".to_owned()), "{name}: {}", outcome.message);
        assert!(outcome.message.contains("the clock fell off the wall"), "{name}: {}", outcome.message);
        assert_eq!(outcome.stdout, "1\n", "{name}");
        let next = run(&engine, "(print (repr 2)) (+ 40 2)", &World::default());
        assert_eq!(
            (next.result, next.stdout.as_str()),
            (Ok("42".to_owned()), "2\n"),
            "{name}: the next program runs on"
        );
    }
}

// The same through the binary: what a user's shell sees.

#[test]
fn files_that_are_no_programs_are_rejected_with_65() {
    let scratch = Scratch::new("torture");
    let seed = Random::seed_of_this_run();
    let mut random = Random::new(seed);
    let noise: Vec<u8> = (0..10_000).map(|_| random.bits() as u8).collect();
    // Without this byte the noise could be text by chance.
    let noise = [&[0xFF][..], &noise].concat();
    let files: [(&str, &[u8]); 5] = [
        ("noise.eva", &noise),
        ("cut.eva", b"(print \"na\xc3"),
        ("latin.eva", b"(print \"na\xefve\")"),
        ("nested.eva", &b"(".repeat(100_000)),
        ("zeros.eva", &[0; 5000]),
    ];
    for (name, content) in files {
        let path = scratch.file(name, content);
        let done = run_in(scratch.path(), &["run", &path], b"");
        assert_eq!(done.code, Some(65), "IRIDIUM_SEED={seed} {name}: {}", done.stderr);
        assert!(done.stderr.contains("error") && !done.stderr.contains("panicked"), "{name}: {}", done.stderr);
        assert!(done.stderr.len() < 20_000, "{name}: {} bytes of messages", done.stderr.len());
    }
    let empty = scratch.file("empty.eva", "");
    let done = run_in(scratch.path(), &["run", &empty], b"");
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (Some(0), "", ""));
}
