//! How long operations take: `cargo test --release -p iridium-vm timing -- --ignored --nocapture`.

use crate::data::{int, iterate, list, map, range, text};
use crate::heap::Heap;
use crate::node::Node;
use crate::ops;
use crate::value::Value;
use std::hint::black_box;
use std::time::Instant;

#[allow(clippy::print_stdout, reason = "a measurement is for people")]
fn time(name: &str, count: u32, mut step: impl FnMut(&mut Heap, i32) -> Value) {
    let best = (0..3)
        .map(|_| {
            let mut heap = Heap::new(Node::new(), 1 << 30);
            let start = Instant::now();
            for round in 0..count as i32 {
                let root = step(&mut heap, round);
                if heap.wants_collection() {
                    heap.begin_collection();
                    heap.mark(root);
                    heap.mark_reachable();
                    heap.end_collection();
                }
            }
            start.elapsed().as_nanos() as f64 / f64::from(count)
        })
        .fold(f64::INFINITY, f64::min);
    println!("{name:<28} {best:>8.1} ns");
}

#[test]
#[ignore = "a measurement"]
fn timing() {
    const N: u32 = 1_000_000;
    time("int32 add", N, |heap, round| {
        black_box(ops::add(heap, black_box(Value::int(round)), Value::int(3)).unwrap());
        Value::NULL
    });
    let mut sum = Value::NULL;
    time("int64 add", N, |heap, round| {
        if round == 0 {
            sum = int::from_i64(heap, 1 << 40).unwrap();
        }
        sum = ops::add(heap, sum, Value::int(3)).unwrap();
        sum
    });
    let mut big = Value::NULL;
    time("big int add", N, |heap, round| {
        if round == 0 {
            big = int::from_i128(heap, 1 << 100).unwrap();
        }
        black_box(ops::add(heap, big, Value::int(3)).unwrap());
        big
    });
    let mut string = Value::NULL;
    time("string append", N, |heap, round| {
        let x = Value::literal(u32::from(b'x'));
        if round == 0 {
            string = x;
        }
        string = ops::add(heap, string, x).unwrap();
        string
    });
    let mut short = (Value::NULL, Value::NULL);
    let mut pair = Value::NULL;
    time("short strings added", N, |heap, round| {
        if round == 0 {
            short = (text::make(heap, "hello ").unwrap(), text::make(heap, "world").unwrap());
            pair = list::new(heap, &[short.0, short.1]).unwrap();
        }
        black_box(ops::add(heap, short.0, short.1).unwrap());
        pair
    });
    let mut xs = Value::NULL;
    time("list push", N, |heap, round| {
        if round == 0 {
            xs = list::new(heap, &[]).unwrap();
        }
        ops::push(heap, xs, Value::int(round)).unwrap();
        xs
    });
    time("list get", N, |heap, round| {
        if round == 0 {
            xs = list::new(heap, &[Value::int(1); 1000]).unwrap();
        }
        black_box(ops::index_get(heap, xs, Value::int(round % 1000)).unwrap());
        xs
    });
    time("list set", N, |heap, round| {
        if round == 0 {
            xs = list::new(heap, &[Value::int(1); 1000]).unwrap();
        }
        ops::index_set(heap, xs, Value::int(round % 1000), Value::int(round)).unwrap();
        xs
    });
    let mut entries = Value::NULL;
    time("map put, a million ints", N, |heap, round| {
        if round == 0 {
            entries = map::new(heap).unwrap();
        }
        ops::put(heap, entries, Value::int(round), Value::int(round)).unwrap();
        entries
    });
    time("map get int, of 1000", N, |heap, round| {
        if round == 0 {
            entries = map::new(heap).unwrap();
            for key in 0..1000 {
                ops::put(heap, entries, Value::int(key), Value::int(key)).unwrap();
            }
        }
        black_box(ops::index_get(heap, entries, Value::int(round % 1000)).unwrap());
        entries
    });
    time("map put int, of 1000", N, |heap, round| {
        if round == 0 {
            entries = map::new(heap).unwrap();
        }
        ops::put(heap, entries, Value::int(round % 1000), Value::int(round)).unwrap();
        entries
    });
    let mut keys = Vec::new();
    time("map get string, of 1000", N, |heap, round| {
        if round == 0 {
            entries = map::new(heap).unwrap();
            keys.clear();
            for key in 0..1000 {
                let key = text::make(heap, &format!("word{key}")).unwrap();
                keys.push(key);
                ops::put(heap, entries, key, Value::NULL).unwrap();
            }
        }
        black_box(ops::index_get(heap, entries, keys[round as usize % 1000]).unwrap());
        entries
    });
    let mut atom = Value::NULL;
    time("map get atom, of 4", N, |heap, round| {
        if round == 0 {
            entries = map::new(heap).unwrap();
            for name in ["a", "b", "c", "d"] {
                atom = Value::atom(heap.node().atom(name).unwrap());
                ops::put(heap, entries, atom, Value::NULL).unwrap();
            }
        }
        black_box(ops::index_get(heap, entries, atom).unwrap());
        entries
    });
    let mut it = Value::NULL;
    time("each over a range", N, |heap, round| {
        if round == 0 {
            let range = range::new(heap, 0, i64::MAX, 1).unwrap();
            it = iterate::start(heap, range).unwrap();
        }
        black_box(iterate::next(heap, it).unwrap());
        it
    });
    time("each over a list", N, |heap, round| {
        if round % 1000 == 0 {
            xs = list::new(heap, &[Value::int(1); 1000]).unwrap();
            it = iterate::start(heap, xs).unwrap();
        }
        black_box(iterate::next(heap, it).unwrap());
        it
    });
    let mut line = Value::NULL;
    time("each over a string", N, |heap, round| {
        if round % 1000 == 0 {
            line = text::make(heap, &"x".repeat(1000)).unwrap();
            it = iterate::start(heap, line).unwrap();
        }
        black_box(iterate::next(heap, it).unwrap());
        it
    });
}
