//! Natives about processes: what they refuse, what they ask of the node, and what a message becomes on its way.

use super::eval::{Eval, check};
use crate::heap::parcel::{Parcel, Part, pack};
use crate::mailbox;
use crate::requests::{Address, Priority, ProcessRequest, Sent};
use crate::trap::{Request, Trap, TrapKind};
use crate::value::Value;

#[test]
fn what_natives_of_processes_refuse() {
    check(&[
        ("(self)", "<pid 0>"),
        ("(spawn 1)", ":type-error `spawn` takes a function to call in the new process, not an int"),
        ("(spawn-link :f)", ":type-error `spawn-link` takes a function to call in the new process, not an atom"),
        (
            "(spawn-monitor \"f\")",
            ":type-error `spawn-monitor` takes a function to call in the new process, not a string",
        ),
        ("(spawn-opt 1 2 {})", ":type-error `spawn-opt` takes a list of the function's arguments, not an int"),
        ("(spawn-opt 1 [] [])", ":type-error `spawn-opt` takes a map of options, not a list"),
        ("(spawn-opt 1 [] {1 2})", ":type-error `spawn-opt` takes atoms as the names of options, not an int"),
        (
            "(spawn-opt 1 [] {:max-heap -1})",
            ":type-error `spawn-opt` takes an int from 0 on as `:max-heap`, not an int",
        ),
        (
            "(spawn-opt 1 [] {:priority :low})",
            ":type-error `spawn-opt` takes `:normal` or `:high` as `:priority`, not an atom",
        ),
        (
            "(spawn-opt 1 [] {:size 1})",
            ":value-error `spawn-opt` has no option `:size`; it has :link :monitor :name :node :max-heap :max-mailbox :priority",
        ),
        ("(send 1 2)", ":type-error `send` takes a pid, the atom of a name or `#[name node]`, not an int"),
        ("(send :a [1 2])", "[1 2]"),
        ("(Node.self)", ":nonode@nohost"),
        ("(freeze #[1 [2 \"x\"]])", "#[1 [2 \"x\"]]"),
        ("(push (freeze [1]) 2)", ":type-error a frozen list cannot be changed; `copy` makes one that can"),
        ("(send-after :a (self) 1)", ":type-error `send-after` takes milliseconds, a number, not an atom"),
        ("(send-after -1 (self) 1)", ":value-error `send-after` takes 0 to 281474976710656 milliseconds, not -1"),
        ("(send-after nan (self) 1)", ":value-error `send-after` takes 0 to 281474976710656 milliseconds, not NaN"),
        ("(cancel-timer 1)", ":type-error `cancel-timer` takes a ref, not an int"),
        ("(link :a)", ":type-error `link` takes a pid, not an atom"),
        ("(unlink :a)", ":type-error `unlink` takes a pid, not an atom"),
        ("(monitor 1)", ":type-error `monitor` takes a pid, the atom of a name or `#[name node]`, not an int"),
        ("(demonitor 1)", ":type-error `demonitor` takes a ref, not an int"),
        ("(exit :a :b)", ":type-error `exit` takes a pid, not an atom"),
        ("(register 1 (self))", ":type-error `register` takes an atom, not an int"),
        ("(register :a 1)", ":type-error `register` takes a pid, not an int"),
        ("(unregister 1)", ":type-error `unregister` takes an atom, not an int"),
        ("(whereis 1)", ":type-error `whereis` takes an atom, not an int"),
        ("(process-info 1)", ":type-error `process-info` takes a pid, not an int"),
        ("(%mailbox :a)", ":type-error `after` takes milliseconds, a number, not an atom"),
        ("(%mailbox -1)", ":value-error `after` takes 0 to 281474976710656 milliseconds, not -1"),
        ("(%take 1)", ":type-error `%take` takes what `%mailbox` gave, not an int"),
        ("(%reply 1 2 3)", ":type-error `%reply` takes a pid, not an int"),
        ("(%reply (self) 2 3)", ":type-error `%reply` takes a ref, not an int"),
        ("(%exit-reason)", "null"),
        ("(%add-trace 1 2)", ":type-error `%add-trace` takes two errors, not an int"),
        ("(%add-trace (error :a) (error :b))", "null"),
        ("(%take (%mailbox null))", "null"),
        ("(%take (%mailbox 1.5))", "null"),
    ]);
}

fn asked(source: &str) -> ProcessRequest {
    match Eval::new().value(source).map_err(Trap::into_kind) {
        Err(TrapKind::Request(Request::Process(request))) => request,
        other => panic!("{source}: {other:?}"),
    }
}

#[test]
fn what_natives_of_processes_ask() {
    use ProcessRequest as R;
    assert_eq!(asked("(link (self))"), R::Link(0));
    assert_eq!(asked("(unlink (self))"), R::Unlink(0));
    assert_eq!(asked("(monitor (self))"), R::Monitor(Address::Pid(0)));
    assert!(matches!(asked("(monitor :print)"), R::Monitor(Address::Name(_))));
    assert!(matches!(asked("(monitor #[:print (Node.self)])"), R::Monitor(Address::Name(_))));
    assert_eq!(asked("(monitor #[:print :other@host])"), R::Monitor(Address::Unreachable));
    assert!(matches!(asked("(exit (self) 1)"), R::Exit(0, _)));
    assert_eq!((asked("(trap-exit 1)"), asked("(trap-exit null)")), (R::TrapExit(true), R::TrapExit(false)));
    assert!(matches!(asked("(register :a (self))"), R::Register(_, 0)));
    assert!(matches!((asked("(unregister :a)"), asked("(whereis :a)")), (R::Unregister(_), R::Whereis(_))));
    assert_eq!((asked("(registered)"), asked("(processes)")), (R::Registered, R::Processes));
    assert_eq!((asked("(process-info (self))"), asked("(%now)")), (R::Info(0), R::Now));
    assert!(matches!(asked("(send-after 1.5 (self) 1)"), R::SendAfter(2, Sent { to: Address::Pid(0), .. })));
}

#[test]
fn a_reply_is_for_who_watches() {
    let mut eval = Eval::new();
    let reference = eval.heap.unpack(&Parcel::of(Part::Reference(9))).expect("it is small")[0];
    let replied = super::super::processes::reply(&mut eval.heap, &[Value::pid(3), reference, Value::TRUE]);
    assert!(matches!(replied, Ok(Value::NULL)));
    let expected = Sent { to: Address::Watcher(3, 9), message: Parcel::of(Part::Bool(true)) };
    assert_eq!(eval.heap.sent, [expected]);
}

#[test]
fn what_is_to_be_spawned() {
    let mut eval = Eval::new();
    let f = Value::function(eval.heap.node().native("print").expect("there is print"));
    let options = eval.value("{:link true :name :db :max-heap 1000 :max-mailbox 5 :priority :high}").expect("a map");
    let arguments = eval.value("[1 2]").expect("a list");
    match super::super::processes::spawn_opt(&mut eval.heap, &[f, arguments, options]).map_err(Trap::into_kind) {
        Err(TrapKind::Spawn(spawn, function, arguments)) => {
            assert_eq!((function, arguments), (f, vec![Value::int(1), Value::int(2)]));
            assert_eq!(
                (spawn.link, spawn.monitor, spawn.max_heap, spawn.max_mailbox),
                (true, false, Some(1000), Some(5))
            );
            assert_eq!((spawn.name, spawn.priority), (eval.heap.node().atom("db"), Priority::High));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_receive_begins_at_the_reference_that_it_demands() {
    let mut eval = Eval::new();
    let message = |number| Parcel::of(Part::Int(number));
    let reference = |eval: &mut Eval, number| {
        eval.heap.mailbox.asks();
        let made = eval.heap.unpack(&Parcel::of(Part::Reference(number))).expect("it is small")[0];
        mailbox::note_answer(&mut eval.heap, made);
        made
    };
    // What a `receive` that demands some values sees first.
    let first = |eval: &mut Eval, demanded: &[Value]| {
        let receive = mailbox::begin(&mut eval.heap, Value::NULL, demanded).expect("it is small");
        mailbox::next(&mut eval.heap, receive.as_heap().expect("an object")).ok().flatten()
    };
    let with_nothing = reference(&mut eval, 1);
    for number in 0..3 {
        eval.heap.mailbox.push(message(number));
    }
    let early = reference(&mut eval, 2);
    eval.heap.mailbox.push(message(3));
    let late = reference(&mut eval, 3);
    eval.heap.mailbox.push(message(4));
    let foreign = eval.heap.unpack(&Parcel::of(Part::Reference(4))).expect("it is small")[0];
    for (demanded, expected) in [
        (&[][..], 0),
        (&[early], 3),
        (&[late], 4),
        (&[late, early], 3),
        (&[with_nothing], 0),
        (&[foreign], 0),
        (&[late, foreign], 0),
        (&[late, Value::TRUE], 0),
    ] {
        assert_eq!(first(&mut eval, demanded), Some(Value::int(expected)), "{demanded:?}");
    }
    assert_eq!(eval.heap.mailbox.looked_at(), 5);
}

#[test]
fn what_ends_the_process() {
    assert!(matches!(Eval::new().value("(exit 1)").map_err(Trap::into_kind), Err(TrapKind::Exit(_))));
}

#[test]
fn a_message_arrives_as_it_was_sent() {
    for source in [
        "null",
        "1",
        "2.5",
        "\"text\"",
        "\"日本\"",
        "#b\"\\xff\\x00\"",
        "99999999999999999999",
        "4000000000",
        ":atom",
        "[]",
        "[1 [2] #[3 {4 5}]]",
        "{:a 1 :b {\"c\" [1]}}",
        "(range 1 10)",
        "(let m {} (let a (put m 1 2) (let b (put m 3 4) (let c (remove m 1) m))))",
        "(let xs [] (let a (push xs 1) (let b (push xs 2) (let c (push xs 3) xs))))",
        "(+ (+ \"a long text that \" \"grows at its end\") \" more than once\")",
        "(zip (range 100) (range 100))",
    ] {
        let mut eval = Eval::new();
        let value = eval.value(source).unwrap_or_else(|trap| panic!("{source}: {trap:?}"));
        let shown = eval.show(Ok(value));
        let parcel = pack(&eval.heap, value).expect(source);
        // Elsewhere in a heap that has something else in it.
        let mut other = Eval::new();
        other.heap = crate::heap::Heap::new(std::sync::Arc::clone(eval.heap.node()), 1 << 20);
        other.value("[1 2 3]").expect("a list");
        let arrived = other.heap.unpack(&parcel).expect(source);
        assert_eq!(other.show(Ok(arrived[0])), shown, "{source}");
        other.heap.check();
        assert_eq!(pack(&other.heap, arrived[0]).expect(source), parcel, "{source}: and back");
    }
}

#[test]
fn what_is_shared_or_circular_stays_so() {
    let mut eval = Eval::new();
    let value = eval.value("(let a [1] (let b [a a] (let c (push b b) b)))").expect("a list");
    let parcel = pack(&eval.heap, value).expect("it is small");
    let arrived = eval.heap.unpack(&parcel).expect("it fits")[0];
    eval.heap.check();
    let list = arrived.as_heap().expect("a list");
    let words: Vec<u64> = crate::data::list::words(&eval.heap, list).to_vec();
    assert_eq!((words[0], words[2]), (words[1], arrived.bits()));
    assert_ne!(arrived, value);
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut eval = Eval::new();
    let value = eval.value("(zip (range 1000) (range 1000))").expect("a list");
    let parcel = pack(&eval.heap, value).expect("it is small");
    let mut small = crate::heap::Heap::new(std::sync::Arc::clone(eval.heap.node()), 4_096);
    assert!(small.unpack(&parcel).is_err());
    small.check();
}
