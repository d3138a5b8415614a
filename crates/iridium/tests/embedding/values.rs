//! Values both ways, at the edges of their types.

use crate::{engines, started};
use iridium::{Atom, BigInt, Bytes, CallError, Config, Engine, FromValue, Handle, IntoValue, List, Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

/// Passes a value to a program and takes it back.
fn there_and_back<T: FromValue + IntoValue + Clone + PartialEq + Debug>(value: T) {
    for engine in engines() {
        let (mut execution, mut host) = started(&engine, "(def same (x) x)");
        let back: T = execution.call(&mut host, "same", (value.clone(),)).expect("it comes back");
        assert_eq!(back, value);
    }
}

#[test]
fn values_come_back_as_they_were() {
    there_and_back([i64::MIN, i64::MIN + 1, -1, 0, i64::from(i32::MAX), i64::from(i32::MAX) + 1, i64::MAX].to_vec());
    there_and_back((u64::MAX, i128::MIN, u128::MAX, i8::MIN, u8::MAX, usize::MAX));
    there_and_back(BigInt::from(u128::MAX) * BigInt::from(u128::MAX));
    there_and_back(vec![0.0, -1.5, 9_007_199_254_740_992.0, f64::MAX, f64::MIN_POSITIVE, f64::INFINITY]);
    there_and_back((true, false, 'é', String::new(), "a\0b\u{10FFFF}".to_owned()));
    there_and_back((Bytes(Vec::new()), Bytes(vec![0, 255]), Atom::new("an atom"), Some(1), None::<i64>));
    there_and_back((Vec::<i64>::new(), vec![vec![1], Vec::new()], vec![(1, "one".to_owned())]));
    there_and_back(BTreeMap::from([("a".to_owned(), vec![1]), (String::new(), Vec::new())]));
    there_and_back(HashMap::<String, i64>::new());
    there_and_back(HashMap::from([((1, Atom::new("x")), Some('c')), ((2, Atom::new("y")), None)]));
}

#[test]
fn floats_keep_their_sign_and_nan_stays_nan() {
    let (mut execution, mut host) = started(&Engine::default(), "(def same (x) x)");
    let mut same = |value: f64| execution.call::<f64>(&mut host, "same", (value,)).expect("it comes back");
    assert!(same(f64::NAN).is_nan());
    assert!(same(f64::from_bits(0xFFFF_0000_0000_0001)).is_nan(), "no bits from outside become another value");
    assert!(same(-0.0).is_sign_negative());
}

#[test]
fn values_are_printed_as_eva_prints_them() {
    let text = "(var all [1 -2.5 0.1 nan \"a\\n\\\"\" :b :\"odd one\" null true #[] #[1] [] {} {:k [1] \"s\" {}}
                          (** 2 70) (Bytes.from-list [0 65 255])])
                (var shown (repr all))";
    for engine in engines() {
        let (mut execution, _) = started(&engine, text);
        let all: Value = execution.global("all").expect("it is data");
        let shown: String = execution.global("shown").expect("it is text");
        assert_eq!(all.to_string(), shown);
    }
}

#[test]
fn what_is_of_another_type_is_said() {
    let text = "(var half 0.5) (var many 300) (var text \"x\") (var large (+ (** 2 53) 1)) (var huge (** 10 50))
                (var mixed [1 \"a\"]) (var pairs {:a #[1 null]}) (var f (lambda (x) x)) (class Point null) (var p (new Point))";
    let (mut execution, _) = started(&Engine::default(), text);
    fn said<T: FromValue + Debug>(execution: &mut iridium::Execution, name: &str) -> String {
        match execution.global::<T>(name) {
            Err(CallError::Conversion(error)) => error.to_string(),
            other => panic!("{name}: {other:?}"),
        }
    }
    let execution = &mut execution;
    assert_eq!(said::<i64>(execution, "half"), "an int is wanted, not a float");
    assert_eq!(said::<u8>(execution, "many"), "an int from 0 to 255 is wanted, not 300");
    assert_eq!(said::<u8>(execution, "huge"), "an int from 0 to 255 is wanted, not an int of 51 digits");
    assert_eq!(said::<f64>(execution, "large"), "a number that a float holds exactly is wanted, not 9007199254740993");
    assert_eq!(said::<f64>(execution, "text"), "a number is wanted, not a string");
    assert_eq!(said::<bool>(execution, "many"), "a bool is wanted, not an int");
    assert_eq!(said::<Vec<i64>>(execution, "mixed"), "an int is wanted as element 1, not a string");
    assert_eq!(
        said::<HashMap<Atom, (i64, i64)>>(execution, "pairs"),
        "an int is wanted as element 1 of value 0, not null"
    );
    assert_eq!(said::<(i64,)>(execution, "mixed"), "a tuple of 1 is wanted, not a list");
    assert_eq!(said::<String>(execution, "f"), "a string is wanted, not a function");
    assert_eq!(said::<String>(execution, "p"), "a string is wanted, not an instance of Point");
    assert_eq!(said::<Handle>(execution, "half"), "a function, an instance or the like is wanted, not a float");
}

#[test]
fn maps_keep_their_order_and_forget_what_was_removed() {
    let (mut execution, _) = started(&Engine::default(), "(var m {:c 1 :a 2 :b 3 :d 4}) (remove m :a) (put m :e 5)");
    let map: Map = execution.global("m").expect("it is a map");
    assert_eq!(Value::Map(map.clone()).to_string(), "{:c 1 :b 3 :d 4 :e 5}");
    assert_eq!(map.get(&Value::Atom(Atom::new("d"))), Some(&Value::Int(4)));
}

#[test]
fn data_may_be_nested_a_million_times() {
    let work = || {
        for engine in engines() {
            let text = "(var deep []) (each (i (range 1000000)) (set deep [deep]))
                        (def depth (x) (var n 0) (while (> (len x) 0) (set x (get x 0)) (++ n)) n)";
            let (mut execution, mut host) = started(&engine, text);
            let deep: Value = execution.global("deep").expect("it is data");
            assert_eq!(deep.to_string().len(), 2_000_002);
            let clone = deep.clone();
            let again: Value = execution.global("deep").expect("it is data");
            assert!(deep == again, "they are compared");
            assert_eq!(execution.call::<i64>(&mut host, "depth", (clone,)), Ok(1_000_000));
            let maps = (0..1_000_000).fold(Value::Null, |inner, key| {
                Value::Map(Map::from(vec![(Value::Int(key), Value::Tuple(List::from(vec![inner])))]))
            });
            drop(maps);
        }
    };
    let small = std::thread::Builder::new().stack_size(256 << 10).spawn(work).expect("a thread");
    small.join().expect("nothing overflows");
}

#[test]
fn what_contains_itself_is_not_copied() {
    let text = "(var own [1]) (push own [own]) (var of-map {}) (put of-map :self of-map) (var twice [1]) (var both [twice twice])
                (var bomb [0]) (each (i (range 60)) (set bomb [bomb bomb]))
                (var far []) (var at far) (each (i (range 100)) (var next []) (push at next) (set at next)) (push at far)";
    let (mut execution, _) = started(&Engine::new(Config::new().max_heap(4 << 20)), text);
    let mut why = |name| match execution.global::<Value>(name) {
        Err(CallError::NotCopied(why)) => why,
        other => panic!("{name}: {other:?}"),
    };
    for name in ["own", "of-map", "far"] {
        assert_eq!(why(name), "the value contains itself, so it cannot be copied to the host", "{name}");
    }
    assert_eq!(why("bomb"), "the value is too large to be copied to the host");
    assert_eq!(execution.global::<Vec<Vec<i64>>>("both"), Ok(vec![vec![1], vec![1]]), "occurring twice is no cycle");
}

const POINTS: &str = "(class Point null (def constructor (self x) (set self.x x)) (def get-x (self) self.x))
                      (def make (x) (new Point x)) (def x-of (p) p.x) (def large () (list (range 100000)))
                      (def len-of (xs) (len xs)) (def wrap (x) (lambda () x))";

#[test]
fn handles_keep_what_they_stand_for() {
    for engine in engines() {
        let (mut execution, mut host) = started(&engine, POINTS);
        execution.set_stress(true);
        let points: Vec<Handle> =
            (0..20).map(|x| execution.call(&mut host, "make", (x,)).expect("an instance")).collect();
        assert_eq!(points[0].what(), "an instance of Point");
        for (x, point) in points.iter().enumerate() {
            assert_eq!(execution.call::<usize>(&mut host, "x-of", (point,)), Ok(x));
        }
        let function: Handle = execution.call(&mut host, "wrap", ("kept",)).expect("a function");
        assert_eq!(function.what(), "a function");
        drop(points);
        assert_eq!(execution.call::<String>(&mut host, &function, ()), Ok("kept".to_owned()));
    }
}

#[test]
fn what_handles_held_is_free_when_they_are_dropped() {
    let engine = Engine::new(Config::new().max_heap(8 << 20));
    let (mut execution, mut host) =
        started(&engine, "(def make () (range 5)) (def large () (var xs (list (range 50000))) (lambda () xs))");
    for _ in 0..5 {
        // Each holds 400,000 octets.
        let held: Vec<Handle> =
            (0..10).map(|_| execution.call(&mut host, "large", ()).expect("there is room")).collect();
        assert_eq!(held.len(), 10);
    }
    let mut held: Vec<Handle> = Vec::new();
    let full = loop {
        match execution.call(&mut host, "large", ()) {
            Ok(handle) => held.push(handle),
            Err(error) => break error,
        }
    };
    assert_eq!(full, CallError::Ended(iridium::Ending::Limit("heap")), "after {} handles", held.len());
    assert!((10..=20).contains(&held.len()), "{} handles", held.len());
    held.clear();
    assert!(execution.call::<Handle>(&mut host, "large", ()).is_ok(), "there is room again");
}

#[test]
fn a_handle_means_nothing_to_another_execution() {
    let (mut one, mut host) = started(&Engine::default(), POINTS);
    let (mut other, _) = started(&Engine::default(), POINTS);
    let of_one: Handle = one.call(&mut host, "make", (1,)).expect("an instance");
    let of_other: Handle = other.call(&mut host, "make", (2,)).expect("an instance");
    let (kind, text) = crate::thrown_by_call(other.call::<Value>(&mut host, "x-of", (&of_one,)));
    assert_eq!(
        (kind.as_str(), text.as_str()),
        ("value-error", "the host passed an instance of Point of another execution, or of one that has ended")
    );
    let (kind, _) = crate::thrown_by_call(other.call::<Value>(&mut host, &of_one, ()));
    assert_eq!(kind, "value-error");
    assert_eq!(other.call::<i64>(&mut host, "x-of", (of_other,)), Ok(2), "it goes on");
}

#[test]
fn keys_that_cannot_be_keys_are_refused() {
    let text =
        "(class Odd null (def hash (self) 1) (def equals? (self o) true)) (def make () (new Odd)) (def take (m) m)";
    let (mut execution, mut host) = started(&Engine::default(), text);
    let odd: Handle = execution.call(&mut host, "make", ()).expect("an instance");
    let of_key = |key: Value| Value::Map(Map::from(vec![(key, Value::Null)]));
    let (kind, text) = crate::thrown_by_call(execution.call::<Value>(&mut host, "take", (of_key(Value::Handle(odd)),)));
    assert_eq!(kind, "type-error", "{text}");
    let list = of_key(Value::List(List::default()));
    let (kind, text) = crate::thrown_by_call(execution.call::<Value>(&mut host, "take", (list,)));
    assert_eq!(kind, "type-error", "{text}");
}
