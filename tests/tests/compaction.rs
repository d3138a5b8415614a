//! Compaction: programs whose heap is compacted wherever they can be interrupted do the same as ever, and a heap of holes
//! gives its memory back.

use iridium_tests::conformance::cases;
use iridium_tests::run::{World, compile, engines, run_in_slices, run_program};

/// Programs that take more reductions are left out: each of them is a compaction.
const MOST: u64 = 1_500;

/// Programs that keep what depends on where objects are, if anything does.
const PROGRAMS: [(&str, &str); 7] = [
    (
        "keys by identity",
        "(class Point null (def constructor (self x) (set self.x x))) (var m {}) (var kept [])\n\
         (for (var i 0) (< i 60) (++ i) (var p (new Point i)) (push kept p) (set (get m p) i) (new Point 0)\n\
           (set (get m (lambda () p)) (- i)))\n\
         (for (var i 0) (< i 30) (++ i) (remove m (get kept (* 2 i))))\n\
         [(len m) (map (lambda (p) (get m p :none)) kept) (map (lambda (p) (== (hash p) (hash p))) kept)]",
    ),
    (
        "hashes that are kept",
        "(class Thing null) (var things []) (var hashes [])\n\
         (for (var i 0) (< i 40) (++ i) (var t (if (== 0 (% i 2)) (new Thing) (lambda () i)))\n\
           (push things t) (push hashes (hash t)) (new Thing))\n\
         (set hashes (zip hashes (map hash things)))\n\
         (all? (lambda (pair) (== (get pair 0) (get pair 1))) hashes)",
    ),
    (
        "hashes that classes make of identities",
        "(class Part null) (class Key null (def constructor (self part) (set self.part part))\n\
           (def hash (self) (hash self.part)) (def equals? (self other) (same? self.part other.part)))\n\
         (var parts []) (var m {}) (for (var i 0) (< i 25) (++ i) (var p (new Part)) (push parts p) (set (get m (new Key p)) i))\n\
         (map (lambda (p) (get m (new Key p))) parts)",
    ),
    (
        "identities of what was made between compactions",
        "(class Thing null) (var m {}) (var kept [])\n\
         (for (var i 0) (< i 50) (++ i) (for (var j 0) (< j 5) (++ j) (set (get m (new Thing)) j)) (var t (new Thing))\n\
           (push kept t) (set (get m t) i) (if (== 0 (% i 10)) (set m (Map.from-entries (filter (lambda (e) (contains? kept (get e 0))) (entries m)))) null))\n\
         (map (lambda (t) (get m t)) kept)",
    ),
    (
        "identities in messages",
        "(class Point null (def constructor (self x) (set self.x x)))\n\
         (def child (parent m keys hashes) (send parent #[(map (lambda (k) (get m k :none)) keys) (== hashes (map hash keys))]))\n\
         (var m {}) (var keys [])\n\
         (for (var i 0) (< i 20) (++ i) (var p (new Point i)) (push keys p) (set (get m p) i))\n\
         (spawn child (self) m keys (map hash keys)) (var answer null) (receive (x (set answer x)))\n\
         (assert (== answer #[(list (range 20)) true]) (str answer))",
    ),
    (
        "places in texts",
        "(var t (String.repeat \"aé日\" 400)) (var out []) (for (var i 0) (< i 100) (++ i) (var garbage (str [i i i]))\n\
           (push out (get t (% (* i 37) 1200))) (push out (slice t (* i 3) (+ 2 (* i 3)))))\n\
         (String.join out)",
    ),
    (
        "blobs",
        "(var kept []) (var t \"\") (for (var i 0) (< i 60) (++ i) (String.repeat \"gone\" 800) (push kept (String.repeat (str i) 2100))\n\
           (set t (+ t \"sixty octets of a text that grows and grows until it is large\")) (if (> (len kept) 7) (remove kept 0))\n\
           (push kept (String.to-bytes t)))\n\
         [(map hash kept) (len t) (hash t)]",
    ),
];

#[test]
fn programs_do_not_notice_that_they_are_compacted() {
    let engines = engines();
    let files = [
        "conformance.json",
        "conformance-extended.json",
        "conformance-processes.json",
        "caches.json",
        "semantics.json",
    ];
    let cases = cases(&files).into_iter().map(|case| (case.name.clone(), case.src.clone(), case.world()));
    let own = PROGRAMS.map(|(name, source)| (name.to_owned(), source.to_owned(), World::default()));
    let (mut programs, mut compactions) = (0, 0_u64);
    for (index, (name, source, world)) in own.into_iter().chain(cases).enumerate() {
        for (engine_name, engine) in &engines {
            let program = match compile(engine, &source, &world) {
                Ok(program) => program,
                Err(outcome) if index < PROGRAMS.len() => panic!("{name}: {}", outcome.message),
                Err(_) => continue,
            };
            let expected = run_program(engine, &program, &world, |_| {}, |_| {});
            if index < PROGRAMS.len() {
                assert!(expected.result.is_ok(), "{name}: {}", expected.message);
            } else if expected.reductions > MOST {
                continue;
            }
            // Under stress each step of a collection is one more place.
            for stress in [false, true] {
                let mut first = true;
                let outcome = run_in_slices(engine, &program, &world, 1, |execution| {
                    if std::mem::take(&mut first) {
                        execution.set_stress(stress);
                    }
                    execution.compact();
                    compactions += 1;
                });
                assert_eq!(outcome, expected, "{name}, {engine_name}, compacted always, stress {stress}");
            }
            programs += 1;
        }
    }
    let each = (programs / engines.len(), compactions / engines.len() as u64);
    assert!(each.0 > 500 && each.1 > 30_000, "{each:?} programs and compactions for each engine");
}

#[test]
fn a_compacted_heap_has_no_holes() {
    let source = "(var kept []) (for (var i 0) (< i 200_000) (++ i) (var t #[i i i]) (if (== 0 (% i 100)) (push kept t)))\n\
                  (sum (map (lambda (t) (get t 0)) kept))";
    for (name, engine) in engines() {
        let program = compile(&engine, source, &World::default()).expect("it compiles");
        let (mut before, mut after, mut slices) = (0.0_f64, 1.0, 0);
        let outcome = run_in_slices(&engine, &program, &World::default(), 4_000, |execution| {
            slices += 1;
            if slices % 20 == 0 {
                before = before.max(execution.stats().fragmentation());
                execution.compact();
                after = execution.stats().fragmentation();
            }
        });
        assert_eq!(outcome.result, Ok("199900000".to_owned()), "{name}: {}", outcome.message);
        assert!(before > 0.3 && after == 0.0, "{name}: {before} before, {after} after");
    }
}
