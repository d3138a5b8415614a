//! Strings and bytes around the size from which their octets lie beside the region: what can be told of them depends
//! neither on where they are nor on how they were made, and nothing of them is left behind.

use iridium::{Config, Engine, EngineKind, live_blobs, live_heaps};
use iridium_tests::expect::under_stress;
use iridium_tests::run::{Outcome, SEED, World, engines, run, run_in_all, run_watched};
use std::sync::Mutex;

/// Blobs are counted for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Sizes in octets; from 2,049 on they are beside the region.
const SIZES: [usize; 6] = [1_000, 2_046, 2_048, 2_050, 2_052, 9_000];

/// Functions that tell what they can of a string; `b` is the unit that it is made of.
const FUNCTIONS: &str = r#"
(def octets (x)
  (var y (String.to-bytes x))
  #[(len y) (get y 7) (hash y) (hash (slice y 3 40)) (== y (+ (slice y 0 9) (slice y 9))) (hash (Bytes.to-string y))
    (hash (reverse y)) (hash (Bytes.base64 y)) (get {y 5} (String.to-bytes (+ "" x))) (len (+ y y)) (hash (concat y y #b"a"))
    (hash (Bytes.overwrite y 5 #b"zz")) (== x (Bytes.to-string y)) (sum (list (slice y 0 50))) (< y (+ y #b"a"))])
(def tell (x b)
  (var count 0)
  (each (c x) (when (== c b) (++ count)))
  (var parts (String.split x "b"))
  (var grown x)
  (for (var i 0) (< i 300) (++ i) (set grown (+ grown "-+")))
  (var branch (+ x "branch"))
  (var twice (+ x x))
  #[(len x) count (get x 0) (get x -1) (get x 499) (hash x) (hash (slice x 1 -1)) (hash (slice x 3 20))
    (hash (reverse x)) (hash (String.upper x)) (hash (String.replace x b "cd")) (index-of x "zz") (contains? x b)
    (== x (+ (slice x 0 5) (slice x 5))) (== x branch) (< x branch) (< branch grown) (len parts)
    (hash parts) (hash grown) (hash branch) (hash twice) (len (+ twice twice)) (hash (String.join [x x x] ", "))
    (get {x 7} (+ (slice x 0 -1) (get x -1))) (hash (str [x])) (hash (repr x)) (hash (String.trim (+ " " x)))
    (hash (String.pad-left x (+ 9 (len x)))) (hash (concat x "y" x)) (hash (String.format "{}{}" x x)) (type x)
    (hash #[x 1]) (octets x)])
"#;

/// Texts of so many octets as expressions, which are one another's like: literal, made at once, built, a part, copied.
fn forms(unit: &str, size: usize) -> Vec<String> {
    let count = size / unit.len();
    vec![
        format!("(begin \"{}\")", unit.repeat(count)),
        format!("(String.repeat \"{unit}\" {count})"),
        format!("(begin (var t \"\") (for (var i 0) (< i {count}) (++ i) (set t (+ t \"{unit}\"))) t)"),
        format!("(slice (String.repeat \"{unit}\" {}) 100 {})", count + 200, count + 100),
        format!("(Bytes.to-string (String.to-bytes (String.repeat \"{unit}\" {count})))"),
        format!("(begin (var t (String.repeat \"{unit}\" {})) (+ t \"!\") (+ t \"{unit}\"))", count - 1),
    ]
}

#[test]
fn what_is_told_of_a_text_depends_on_nothing_but_what_it_says() {
    let _alone = ALONE.lock();
    let engines = engines();
    let before = (live_blobs(), live_heaps());
    for unit in ["a", "é"] {
        for size in SIZES {
            let mut expected: Option<Result<String, String>> = None;
            for form in forms(unit, size) {
                let source = format!("{FUNCTIONS}(tell {form} \"{unit}\")");
                let outcome = run_in_all(&engines, &source, &World::default()).expect("engines agree");
                assert!(outcome.result.is_ok(), "{form}: {}", outcome.message);
                match &expected {
                    None => expected = Some(outcome.result),
                    Some(expected) => assert_eq!(*expected, outcome.result, "{size} octets: {form}"),
                }
            }
        }
    }
    assert_eq!((live_blobs(), live_heaps()), before, "nothing is left behind");
}

#[test]
fn what_an_operation_costs_does_not_depend_on_where_a_text_is() {
    let _alone = ALONE.lock();
    let engines = engines();
    for size in SIZES {
        let [literal, made, ..] = &forms("a", size)[..] else { panic!("there are forms") };
        let cost = |taken: &str| {
            let source = format!("{FUNCTIONS}(var literal {literal}) (var made {made}) (tell {taken} \"a\")");
            run_in_all(&engines, &source, &World::default()).expect("engines agree").reductions
        };
        assert_eq!(cost("literal"), cost("made"), "{size} octets");
    }
}

/// Programs that make large things and let them go.
const PROGRAMS: [&str; 5] = [
    "(var kept []) (for (var i 0) (< i 40) (++ i) (var t (String.repeat (str i) 3000)) \
     (if (== 0 (% i 3)) (push kept t)) (if (> (len kept) 5) (remove kept 0))) (map hash kept)",
    "(var t \"\") (for (var i 0) (< i 400) (++ i) (set t (+ t \"eleven char\"))) (var u (+ t \"x\")) (var v (+ t \"y\")) \
     [(len u) (hash u) (hash v) (hash (+ u v))]",
    "(var m {}) (for (var i 0) (< i 20) (++ i) (set (get m (String.to-bytes (String.repeat (str (% i 7)) 2500))) i)) \
     (map hash (entries m))",
    "(var t (String.repeat \"abc\" 2000)) (var b (String.to-bytes t)) (set t (+ t \"d\")) (var c (Bytes.to-string b)) \
     [(len b) (hash (+ c \"d\")) (== t (+ c \"d\")) (hash (String.split t \"c\"))]",
    "(def echo (parent t b) (send parent #[(+ t \"!\") (concat b b)]))
     (var t (String.repeat \"aé\" 2000)) (var b (String.to-bytes t)) (var grown (+ t t)) (set grown (+ grown \"x\"))
     (spawn echo (self) grown b) (var u null)
     (receive (#[x y] (set u #[(== x (+ grown \"!\")) (== y (+ b b)) (get x 3001) (get y 5999) (hash x) (hash y)]))) u",
];

#[test]
fn large_things_are_consistent_under_stress() {
    let _alone = ALONE.lock();
    let engines = engines();
    let before = live_blobs();
    for source in PROGRAMS {
        let outcome = run_in_all(&engines, source, &World::default()).expect("engines agree");
        assert!(outcome.result.is_ok() && outcome.reductions < 5_000, "{source}: {}", outcome.message);
        under_stress("here", &engines, source, &World::default(), &outcome).expect("stress changes nothing");
    }
    assert_eq!(live_blobs(), before);
}

#[test]
fn each_allocation_of_large_things_may_fail() {
    let _alone = ALONE.lock();
    let before = live_blobs();
    for source in &PROGRAMS[..4] {
        for (name, engine) in engines() {
            let expected = run(&engine, source, &World::default());
            assert!(expected.result.is_ok(), "{}", expected.message);
            for lasting in [false, true] {
                let mut after = 0;
                loop {
                    let mut failed = false;
                    let fail = |execution: &mut iridium::Execution| execution.fail_allocation(after, lasting);
                    let outcome = run_watched(&engine, source, &World::default(), fail, |execution| {
                        failed = execution.allocation_failed();
                    });
                    let place = format!("{source} ({name}), lasting {lasting}, after {after}");
                    assert_ne!(outcome.result, Err(":internal".to_owned()), "{place}: {}", outcome.message);
                    if !failed || !lasting {
                        let no_stack = outcome.message.contains("fill the process's stack");
                        assert!(outcome == expected || no_stack, "{place}: {outcome:#?}\nexpected {expected:#?}");
                    }
                    if !failed {
                        break;
                    }
                    after += 1 + after / 40;
                }
                assert!(after > 20, "{source}: {after} allocations");
            }
        }
    }
    assert_eq!(live_blobs(), before);
}

/// An engine whose processes may have so many MiB.
fn limited(kind: EngineKind, mib: u64) -> Engine {
    Engine::new(Config::new().engine(kind).seed(SEED).max_heap(mib << 20))
}

/// Outcome, and the figures in MiB: largest, live.
fn measured(engine: &Engine, source: &str) -> (Outcome, u64, u64) {
    let (mut peak, mut live) = (0, 0);
    let outcome = run_watched(
        engine,
        source,
        &World::default(),
        |_| {},
        |execution| {
            let stats = execution.stats();
            (peak, live) = (stats.heap_peak >> 20, stats.heap_live >> 20);
        },
    );
    (outcome, peak, live)
}

#[test]
fn blobs_count_towards_the_limit_and_the_next_collection() {
    let _alone = ALONE.lock();
    let megabyte = 1_000_000;
    for kind in EngineKind::available() {
        // Garbage of a gigabyte.
        let churn =
            format!("(var n 0) (for (var i 0) (< i 1000) (++ i) (+= n (len (String.repeat \"x\" {megabyte})))) n");
        let (outcome, peak, _) = measured(&limited(*kind, 16), &churn);
        assert_eq!(outcome.result, Ok("1000000000".to_owned()), "{}", outcome.message);
        assert!(peak < 16, "{peak} MiB");
        // As much as there is room for, and more.
        let keep = |count: usize| {
            format!(
                "(var kept []) (for (var i 0) (< i {count}) (++ i) (push kept (String.repeat \"x\" {megabyte}))) (len kept)"
            )
        };
        let (outcome, peak, live) = measured(&limited(*kind, 16), &keep(14));
        assert_eq!(outcome.result, Ok("14".to_owned()), "{}", outcome.message);
        assert!((13..16).contains(&peak) && live >= 6, "{peak} MiB, {live} live");
        let (outcome, peak, _) = measured(&limited(*kind, 16), &keep(20));
        assert_eq!(outcome.result, Err("limit :heap".to_owned()));
        assert!(peak <= 16, "{peak} MiB");
        // Room that the region does not need is the blobs', and the other way round.
        let both = "(def fill () (var xs []) (for (var i 0) (< i 300_000) (++ i) (push xs [])) (len xs)) \
                    (def text () (len (String.repeat \"x\" 11_000_000))) [(fill) (text) (fill) (text)]";
        let (outcome, ..) = measured(&limited(*kind, 24), both);
        assert_eq!(outcome.result, Ok("[300000 11000000 300000 11000000]".to_owned()), "{}", outcome.message);
    }
}
