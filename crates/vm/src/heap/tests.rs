//! Tests of collection: what is reachable stays, whatever its shape, however small the steps; all else goes.

use super::{Heap, Kind, Work};
use crate::node::Node;
use crate::value::Value;

/// A heap of at most 64 MiB.
fn heap() -> Heap {
    Heap::new(Node::new(), 64 << 20)
}

fn tuple(heap: &mut Heap, parts: &[Value]) -> Value {
    let at = heap.alloc(Kind::Tuple, parts.len()).expect("there is room");
    parts.iter().enumerate().for_each(|(index, part)| heap.set_value(at, index, *part));
    Value::heap(at)
}

/// Collects in steps of so many units; gives the words that live objects take, and the steps that it took.
fn collect(heap: &mut Heap, root: Value, units: i64) -> (u64, usize) {
    let mut steps = 0;
    let mut step = |heap: &mut Heap, part: fn(&mut Heap, &mut Work) -> bool| {
        loop {
            steps += 1;
            if part(heap, &mut Work::new(units)) {
                break;
            }
            assert!(steps < 10_000_000, "it gets on");
        }
    };
    step(heap, Heap::finish_sweep);
    heap.begin_marking();
    heap.mark(root);
    step(heap, Heap::mark_reachable);
    heap.end_marking();
    heap.check();
    (heap.stats().live_words, steps)
}

/// A shape: its name, how so much of it is made, and the words that this takes.
type Shape = (&'static str, fn(&mut Heap, usize) -> Value, fn(usize) -> usize);

/// Shapes, some with garbage between their parts.
fn shapes() -> Vec<Shape> {
    fn chain(heap: &mut Heap, count: usize) -> Value {
        (0..count).fold(Value::NULL, |rest, _| {
            tuple(heap, &[Value::TRUE; 5]);
            tuple(heap, &[Value::int(1), rest])
        })
    }
    /// Each tooth waits while the next is looked at.
    fn comb(heap: &mut Heap, count: usize) -> Value {
        (0..count).fold(Value::NULL, |rest, _| {
            let tooth = tuple(heap, &[Value::NULL]);
            tuple(heap, &[tooth, rest])
        })
    }
    /// The same with the teeth last, and the handle made from the other end.
    fn comb_upwards(heap: &mut Heap, count: usize) -> Value {
        let first = tuple(heap, &[Value::NULL, Value::NULL]);
        let mut last = first;
        for _ in 1..count {
            let tooth = tuple(heap, &[Value::NULL]);
            let next = tuple(heap, &[Value::NULL, Value::NULL]);
            let at = last.as_heap().expect("a tuple");
            heap.set_value(at, 0, next);
            heap.set_value(at, 1, tooth);
            last = next;
        }
        first
    }
    fn wide(heap: &mut Heap, count: usize) -> Value {
        let at = heap.alloc(Kind::Slots, count).expect("there is room");
        for index in 0..count {
            let part = tuple(heap, &[Value::int(index as i32), Value::heap(at)]);
            heap.set_value(at, index, part);
        }
        Value::heap(at)
    }
    fn wide_chain(heap: &mut Heap, count: usize) -> Value {
        (0..count / 300).fold(Value::NULL, |rest, _| {
            let mut parts = vec![Value::NULL; 300];
            (parts[0], parts[299]) = (rest, rest);
            tuple(heap, &parts)
        })
    }
    vec![
        ("chain", chain, |count| 3 * count),
        ("comb", comb, |count| 5 * count),
        ("comb upwards", comb_upwards, |count| 5 * count - 2),
        ("wide", wide, |count| 4 * count + 1),
        ("wide chain", wide_chain, |count| count / 300 * 301),
    ]
}

#[test]
fn what_is_reachable_is_found_in_steps_of_any_size() {
    for (name, make, words) in shapes() {
        for units in [1, 7, 1_000, i64::MAX] {
            let mut heap = heap();
            let root = make(&mut heap, 30_000);
            for round in 0..2 {
                let (live, steps) = collect(&mut heap, root, units);
                assert_eq!(live as usize, words(30_000), "{name}, steps of {units}, round {round}");
                assert!(units > 7 || steps > 30, "{name}: {steps} steps of {units}");
            }
            assert_eq!(collect(&mut heap, Value::NULL, units).0, 0, "{name}: nothing is reachable any more");
        }
    }
}

#[test]
fn what_waits_to_be_marked_has_a_bound() {
    for (name, make, words) in shapes() {
        let mut heap = heap();
        let root = make(&mut heap, 300_000);
        let (live, _) = collect(&mut heap, root, 5_000);
        assert_eq!(live as usize, words(300_000), "{name}");
        let room = heap.aside().marking.most_bytes();
        assert!(room <= heap.bytes() / 64, "{name}: {room} octets for a region of {}", heap.bytes());
    }
}

#[test]
fn a_step_does_no_more_than_it_may() {
    let mut heap = heap();
    let root = shapes()[3].1(&mut heap, 300_000);
    let (_, steps) = collect(&mut heap, root, 1_000);
    assert!(steps > 300, "{steps}");
}

#[test]
fn memory_comes_back_in_pieces() {
    let mut heap = heap();
    let root = shapes()[0].1(&mut heap, 500_000);
    collect(&mut heap, root, i64::MAX);
    let before = heap.bytes();
    collect(&mut heap, Value::NULL, i64::MAX);
    let (mut goal, mut pieces) = (None, 1);
    while !heap.shrink(&mut goal) {
        pieces += 1;
    }
    assert!(before > 20 << 20 && heap.bytes() < 1 << 20 && pieces > 3, "{before}, {}, {pieces}", heap.bytes());
    heap.check();
}

#[test]
fn a_full_heap_sweeps_all_that_is_left() {
    let mut heap = heap();
    let root = shapes()[0].1(&mut heap, 200_000);
    // Then only garbage, until nothing more fits.
    while heap.alloc(Kind::Slots, 3).is_ok() {}
    let (live, _) = collect(&mut heap, root, i64::MAX);
    assert_eq!(live, 600_000);
    let mut made = 0;
    while heap.alloc(Kind::Slots, 3).is_ok() {
        made += 1;
    }
    assert!(made > 1_500_000, "{made}");
}

#[test]
fn a_compacted_heap_is_as_large_as_what_lives_in_it() {
    let mut heap = Heap::new(Node::new(), 1 << 28);
    let mut kept = Value::NULL;
    while heap.bytes() < 100 << 20 {
        kept = tuple(&mut heap, &[Value::int(1), kept]);
        for _ in 0..75 {
            tuple(&mut heap, &[Value::TRUE; 3]);
        }
    }
    let (live, _) = collect(&mut heap, kept, i64::MAX);
    assert!(live * 8 < heap.bytes() as u64 / 99, "{live} words live of {} bytes", heap.bytes());
    while !heap.shrink(&mut None) {}
    assert!(heap.bytes() > 90 << 20, "holes keep it: {} bytes", heap.bytes());
    let moves = heap.plan_compaction().expect("there is memory");
    kept = moves.moved(kept);
    heap.compact(moves);
    heap.check();
    assert_eq!((heap.bytes() as u64, heap.words.capacity() as u64), (live * 8, live));
    // It is as it was, and goes on.
    let mut count = 0;
    let mut rest = kept;
    while let Some(at) = rest.as_heap() {
        assert_eq!(heap.value(at, 0), Value::int(1));
        rest = heap.value(at, 1);
        count += 1;
    }
    assert_eq!(count * 3, live);
    let more = tuple(&mut heap, &[kept]);
    assert_eq!(collect(&mut heap, more, 100).0, live + 2);
}

#[test]
fn identities_outlive_moves_and_differ_between_eras() {
    let mut heap = heap();
    let (mut kept, mut known) = (Value::NULL, Vec::new());
    for era in 0..300 {
        let closure = heap.alloc(Kind::Closure, 2).expect("there is room");
        heap.set_value(closure, 1, kept);
        kept = Value::heap(closure);
        known.push(heap.identity(closure));
        // What dies takes its identity with it.
        let gone = heap.alloc(Kind::Closure, 2).expect("there is room");
        heap.set_value(gone, 1, Value::NULL);
        heap.identity(gone);
        let root = if era % 7 == 6 { tuple(&mut heap, &[kept, Value::heap(gone)]) } else { kept };
        heap.finish_sweep(&mut Work::unlimited());
        heap.begin_marking();
        heap.mark(root);
        heap.mark_reachable(&mut Work::unlimited());
        let mut done = (0, 0);
        while let Some(next) = heap.keep_identities(done, &mut Work::new(3)) {
            done = next;
        }
        heap.end_marking();
        let moves = heap.plan_compaction().expect("there is memory");
        kept = moves.moved(kept);
        heap.compact(moves);
        heap.check();
        let (mut at, mut found) = (kept, Vec::new());
        while let Some(closure) = at.as_heap() {
            found.push(heap.identity(closure));
            at = heap.value(closure, 1);
        }
        found.reverse();
        assert_eq!(found, known);
    }
    known.sort_by_key(|identity| identity.bits());
    known.dedup();
    assert_eq!(known.len(), 300, "each is another");
}
