//! Calls of a program's functions: what stays between them, and what ends them.

use crate::{engines, engines_with, fresh, started, thrown_by_call};
use iridium::{CallError, Config, Ending, Engine, Execution, Handle, Host, MemoryHost, Stats, Value};
use std::thread;
use std::time::Duration;

const COUNTER: &str = "(var count 0) (def add (n) (+= count n)) (def spin () (while true 1)) (def fail (x) (throw x))
                       (def fill () (var xs []) (while true (push xs [1 2 3]))) (def dive (n) (+ 1 (dive (+ n 1))))
                       (def greet (name (greeting \"hello\") ...rest) (print greeting name rest) name)
                       (def turns (n) (var i 0) (while (< i n) (++ i)) i) (const limit 10) (var say print)
                       (module Rules (def price (n) (* n 2)) (const rate 3))";

#[test]
fn what_calls_leave_in_variables_stays() {
    for engine in engines() {
        let (mut execution, mut host) = started(&engine, COUNTER);
        assert_eq!(execution.call::<i64>(&mut host, "add", (5,)), Ok(5));
        assert_eq!(execution.call::<i64>(&mut host, "add", (6,)), Ok(11));
        assert_eq!(execution.global::<i64>("count"), Ok(11));
        assert_eq!(execution.global::<i64>("limit"), Ok(10));
        assert_eq!(execution.call::<i64>(&mut host, "Rules.price", (4,)), Ok(8));
        assert_eq!(execution.global::<i64>("Rules.rate"), Ok(3));
    }
}

#[test]
fn arguments_are_those_of_a_call_in_the_program() {
    for engine in engines() {
        let (mut execution, mut host) = started(&engine, COUNTER);
        assert_eq!(execution.call::<String>(&mut host, "greet", ("Ada",)), Ok("Ada".to_owned()));
        execution.call::<()>(&mut host, "greet", ("Bob", "bye", 1, 2)).expect("it takes any number");
        execution.call::<()>(&mut host, "say", ("a native", 1.5)).expect("it can be called");
        assert_eq!(host.output_text(), "hello Ada []\nbye Bob [1 2]\na native 1.5\n");
        let (kind, text) = thrown_by_call(execution.call::<()>(&mut host, "greet", ()));
        assert_eq!((kind.as_str(), text.as_str()), ("arity-error", "`greet` takes at least 1 argument, but got 0"));
        let (kind, text) = thrown_by_call(execution.call::<()>(&mut host, "limit", ()));
        assert_eq!((kind.as_str(), text.as_str()), ("type-error", "10 is not a function, so it cannot be called"));
    }
}

#[test]
fn any_number_of_arguments_is_that_number() {
    let text = "(def all (...xs) (len xs)) (def two (a b) a) (def most (a (b 2) ...c) (len c)) (var greatest max)";
    for engine in engines() {
        let (mut execution, mut host) = started(&engine, text);
        // 65,535 is a mark of the machine's own.
        for count in [0, 1, 249, 250, 251, 255, 256, 65_534, 65_535, 65_536, 100_000] {
            let arguments: Vec<Value> = (0..count).map(Value::Int).collect();
            assert_eq!(execution.call::<i64>(&mut host, "all", arguments.clone()), Ok(count));
            let (kind, text) = thrown_by_call(execution.call::<i64>(&mut host, "two", arguments.clone()));
            let wanted = format!("`two` takes 2 arguments, but got {count}");
            assert_eq!((kind.as_str(), text.as_str()), ("arity-error", wanted.as_str()));
            if count > 1 {
                assert_eq!(execution.call::<i64>(&mut host, "most", arguments.clone()), Ok(count - 2));
                assert_eq!(execution.call::<i64>(&mut host, "greatest", arguments), Ok(count - 1));
            }
        }
    }
}

#[test]
fn an_error_has_kind_message_and_trace_and_harms_nothing() {
    for engine in engines() {
        let (mut execution, mut host) =
            started(&engine, "(def inner (x)\n  (get [] x))\n(def outer (x)\n  (+ 1 (inner x)))\n(def fine () 1)");
        let error = execution.call::<i64>(&mut host, "outer", (3,)).expect_err("it throws");
        let failure = error.failure().expect("it was an error of Eva");
        assert_eq!(failure.kind.as_deref(), Some("index-error"));
        let trace: Vec<_> = failure
            .trace
            .iter()
            .map(|frame| (frame.function.as_deref(), frame.position.map(|place| (place.line, place.column))))
            .collect();
        assert_eq!(trace, [(Some("inner"), Some((2, 3))), (Some("outer"), Some((4, 8)))]);
        assert_eq!(error.to_string(), format!(":index-error: {}", failure.text));
        assert_eq!(execution.call::<i64>(&mut host, "fine", ()), Ok(1));
    }
}

#[test]
fn each_call_has_limits_of_its_own() {
    for engine in engines_with(Config::new().fuel(10_000).max_heap(4 << 20)) {
        let (mut execution, mut host) = started(&engine, COUNTER);
        for _ in 0..3 {
            let spun = execution.call::<()>(&mut host, "spin", ());
            assert_eq!(spun, Err(CallError::Ended(Ending::Limit("fuel"))));
            assert_eq!(execution.call::<i64>(&mut host, "turns", (9_000,)), Ok(9_000));
        }
    }
    for engine in engines_with(Config::new().deadline(Duration::from_millis(20)).max_heap(4 << 20)) {
        let (mut execution, mut host) = started(&engine, COUNTER);
        assert_eq!(execution.call::<()>(&mut host, "spin", ()), Err(CallError::Ended(Ending::Limit("deadline"))));
        assert_eq!(execution.call::<i64>(&mut host, "add", (1,)), Ok(1));
    }
    for engine in engines_with(Config::new().max_heap(2 << 20)) {
        let (mut execution, mut host) = started(&engine, COUNTER);
        for _ in 0..3 {
            assert_eq!(execution.call::<()>(&mut host, "fill", ()), Err(CallError::Ended(Ending::Limit("heap"))));
            assert_eq!(thrown_by_call(execution.call::<i64>(&mut host, "dive", (0,))).0, "stack-overflow");
            assert_eq!(execution.call::<i64>(&mut host, "turns", (10,)), Ok(10));
        }
        let large = "x".repeat(3 << 20);
        let passed = execution.call::<()>(&mut host, "greet", (large,));
        assert_eq!(passed, Err(CallError::Ended(Ending::Limit("heap"))), "an argument must fit");
    }
}

#[test]
fn a_call_can_be_run_in_steps() {
    for engine in engines() {
        let (mut execution, mut host) = started(&engine, COUNTER);
        execution.start_call("turns", (1_000,)).expect("it is defined");
        let mut steps = 0;
        while execution.step(100, &mut host).is_none() {
            assert_eq!(execution.result::<i64>(), Err(CallError::Unfinished));
            assert_eq!(execution.start_call("add", (1,)), Err(CallError::Unfinished));
            steps += 1;
        }
        assert!((9..=10).contains(&steps), "{steps} steps");
        assert_eq!(execution.result::<i64>(), Ok(1_000));
        execution.start_call("spin", ()).expect("it is defined");
        assert_eq!(execution.step(100, &mut host), None);
        execution.stop();
        assert_eq!(execution.result::<i64>(), Err(CallError::Ended(Ending::Interrupted)));
        assert_eq!(execution.call::<i64>(&mut host, "add", (1,)), Ok(1));
    }
}

#[test]
fn what_is_not_there_cannot_be_called() {
    let (mut execution, mut host) = started(&Engine::default(), COUNTER);
    for name in ["nothing", "", "Rules.none", "count.x", "print", "Rules.price.x"] {
        assert_eq!(execution.call::<()>(&mut host, name, ()), Err(CallError::Undefined(name.to_owned())), "{name}");
        assert_eq!(execution.global::<Value>(name), Err(CallError::Undefined(name.to_owned())), "{name}");
    }
    assert_eq!(CallError::Undefined("f".to_owned()).to_string(), "the program does not define `f`");
    let mut early = fresh(&Engine::default(), COUNTER);
    assert_eq!(early.call::<()>(&mut host, "add", (1,)), Err(CallError::Unfinished));
}

#[test]
fn a_program_that_failed_half_way_has_what_it_defined() {
    let mut execution = fresh(&Engine::default(), "(def f () 1) (var x 2) (throw :no) (var y 3)");
    let mut host = MemoryHost::new();
    assert!(matches!(execution.run(&mut host), Ending::Failed(_)));
    assert_eq!(execution.call::<i64>(&mut host, "f", ()), Ok(1));
    assert_eq!(execution.global::<i64>("x"), Ok(2));
    assert_eq!(execution.global::<i64>("y"), Err(CallError::Undefined("y".to_owned())));
}

#[test]
fn many_calls_take_no_more_memory_than_few() {
    for engine in engines() {
        let text = "(def rule (order) (if (> (get order :total) 100) [:discount (len (get order :name))] [:none 0]))
                    (def make (x) (lambda () x))";
        let (mut execution, mut host) = started(&engine, text);
        for total in 0..12_000 {
            let order = std::collections::BTreeMap::from([
                (iridium::Atom::new("total"), Value::Int(total)),
                (iridium::Atom::new("name"), Value::String("an order".to_owned())),
            ]);
            execution.call::<Vec<Value>>(&mut host, "rule", (order,)).expect("it has a value");
            execution.call::<Handle>(&mut host, "make", (total,)).expect("it has a value");
        }
        // A handle or a map of each call that stayed would take more.
        let Stats { allocated, heap_peak, .. } = execution.stats();
        assert!(allocated > 2 << 20, "{allocated} octets");
        assert!(heap_peak <= 512 << 10, "{heap_peak} octets");
    }
}

#[test]
fn threads_share_an_engine_or_have_their_own() {
    let mut shared = Engine::default();
    shared.register("twice", |n: i64| n * 2).expect("it is free");
    let program = shared
        .compile(iridium::Source::new("test.eva", "(def f (n) (print n) (twice n))"))
        .unwrap_or_else(|no| panic!("{}", no.render(false)));
    thread::scope(|scope| {
        for number in 0..4_i64 {
            let (shared, program) = (&shared, &program);
            scope.spawn(move || {
                let mut execution = shared.start(program).expect("it fits");
                let mut host = MemoryHost::new();
                execution.run(&mut host);
                for turn in 0..100 {
                    assert_eq!(execution.call::<i64>(&mut host, "f", (number * turn,)), Ok(number * turn * 2));
                }
                assert_eq!(host.output_text().lines().count(), 100);
                assert_eq!(host.output_text().lines().last(), Some((number * 99).to_string().as_str()));
                let own = Engine::new(Config::new().fuel(1_000));
                assert_eq!(own.eval("(+ 1 2)").as_deref(), Ok("3"));
                assert!(own.eval("(twice 1)").is_err(), "that is the other engine's");
            });
        }
    });
}

#[test]
fn an_execution_moves_between_threads() {
    let (mut execution, mut host) = started(&Engine::default(), COUNTER);
    execution.start_call("turns", (100_000,)).expect("it is defined");
    assert_eq!(execution.step(100, &mut host), None);
    let moved = thread::spawn(move || {
        execution.run(&mut host);
        execution.result::<i64>()
    });
    assert_eq!(moved.join().expect("no panic"), Ok(100_000));
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Engine>();
    shared::<iridium::Program>();
    shared::<Value>();
    sent::<Execution>();
    sent::<MemoryHost>();
}

#[test]
fn a_module_file_is_a_program_too() {
    let mut engine = Engine::default();
    engine.register("twice", |n: i64| n * 2).expect("it is free");
    let source = iridium::Source::new("test.eva", "(def f (n) (twice n))");
    let program = engine.compile(source).unwrap_or_else(|no| panic!("{}", no.render(false)));
    let octets = program.file(false).expect("it fits into a file");
    let load =
        |engine: &Engine| engine.load_file(&octets).map(|program| engine.start(&program)).map_err(|no| no.to_string());
    let mut host = MemoryHost::new();
    let mut execution = load(&engine).expect("it is sound").expect("its functions are there");
    assert_eq!(execution.run(&mut host), Ending::Done);
    assert_eq!(execution.call::<i64>(&mut host, "f", (4,)), Ok(8));
    let elsewhere = load(&Engine::default()).expect("it is sound").map(drop).expect_err("the function is not there");
    assert_eq!(elsewhere.to_string(), "this build has no native function `twice`");
    assert!(host.output().flush().is_ok());
}
