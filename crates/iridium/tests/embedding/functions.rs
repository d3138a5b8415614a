//! Functions of the host, as a program meets them.

use crate::{engines, engines_with, fresh, started, thrown};
use iridium::{
    CallError, Config, Ending, Engine, FileLoader, Handle, HostError, MemoryHost, NameError, Session, Source, Value,
};
use std::collections::HashMap;
use std::num::ParseIntError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An engine with a shop.
fn with_shop(mut engine: Engine) -> Engine {
    engine
        .register("Shop.price", |item: String, count: i64| match item.as_str() {
            "tea" => Ok(count as f64 * 3.5),
            _ => Err(HostError::new("no-such-item", format!("the shop has no {item}"))),
        })
        .and_then(|engine| {
            engine.register("Shop.greet", |name: String, title: Option<String>| {
                format!("hello {}{name}", title.map_or(String::new(), |title| title + " "))
            })
        })
        .and_then(|engine| engine.register("parse", |text: String| -> Result<i64, ParseIntError> { text.parse() }))
        .and_then(|engine| engine.register("total", |numbers: Vec<i64>| numbers.into_iter().sum::<i64>()))
        .and_then(|engine| engine.register("nothing", || ()))
        .expect("the names are free");
    engine
}

#[test]
fn programs_call_functions_of_the_host() {
    for engine in engines().map(with_shop) {
        for (text, value) in [
            ("(Shop.price \"tea\" 2)", "7.0"),
            ("(Shop.greet \"Ada\")", "\"hello Ada\""),
            ("(Shop.greet \"Ada\" \"Lady\")", "\"hello Lady Ada\""),
            ("(map parse [\"1\" \"-20\"])", "[1 -20]"),
            ("(apply total [[1 2 3]])", "6"),
            ("(var f Shop.price) (f ...[\"tea\" 1])", "3.5"),
            ("(sort [\"3\" \"1\" \"2\"] (lambda (a b) (< (parse a) (parse b))))", "[\"1\" \"2\" \"3\"]"),
            ("(def f (n) (if (> n 0) (f (- n 1)) (parse \"7\"))) (f 100)", "7"),
            ("(import (price) Shop) (price \"tea\" 4)", "14.0"),
            ("[(nothing) (== nothing nothing) (type total)]", "[null true :function]"),
            ("(str Shop.price)", "\"<function Shop.price>\""),
            ("(try (Shop.price \"ink\" 1) (catch e #[e.kind e.message]))", "#[:no-such-item \"the shop has no ink\"]"),
            ("(try (parse \"x\") (catch e #[e.kind e.message]))", "#[:host-error \"invalid digit found in string\"]"),
        ] {
            assert_eq!(engine.eval(text).as_deref(), Ok(value), "{text}");
        }
    }
}

#[test]
fn what_a_function_does_not_take_is_an_error_of_the_program() {
    for engine in engines().map(with_shop) {
        for (text, kind, message) in [
            ("(Shop.price 1 2)", "type-error", "`Shop.price` takes a string as argument 1, not an int"),
            ("(Shop.price \"tea\" 1.5)", "type-error", "`Shop.price` takes an int as argument 2, not a float"),
            (
                "(Shop.price \"tea\" (** 2 63))",
                "type-error",
                "`Shop.price` takes an int from -9223372036854775808 to 9223372036854775807 as argument 2, not \
                 9223372036854775808",
            ),
            ("(total [1 :a])", "type-error", "`total` takes an int as element 1 of argument 1, not an atom"),
            ("(apply Shop.price [\"tea\"])", "arity-error", "`Shop.price` takes 2 arguments, but got 1"),
            ("(apply Shop.greet [])", "arity-error", "`Shop.greet` takes 1 to 2 arguments, but got 0"),
            ("(apply nothing [1])", "arity-error", "`nothing` takes 0 arguments, but got 1"),
            (
                "(var xs [1]) (push xs xs) (total xs)",
                "value-error",
                "argument 1 of `total` contains itself, so it cannot be copied to the host",
            ),
        ] {
            let mut execution = fresh(&engine, text);
            let error = thrown(execution.run(&mut MemoryHost::new()));
            assert_eq!((error.0.as_str(), error.1.as_str()), (kind, message), "{text}");
        }
    }
}

#[test]
fn the_compiler_knows_the_functions() {
    let engine = with_shop(Engine::default());
    let says = |text: &str| match engine.compile(Source::new("test.eva", text)) {
        Err(rejection) => rejection.render(false),
        Ok(program) => program.warnings().map(|(_, warning)| warning.message.clone()).collect(),
    };
    assert!(says("(Shop.prise \"tea\" 1)").contains("`Shop.price`"), "{}", says("(Shop.prise \"tea\" 1)"));
    assert!(says("(parze \"1\")").contains("`parse`"), "{}", says("(parze \"1\")"));
    assert!(says("(Shop.price)").contains("2 arguments"), "{}", says("(Shop.price)"));
    let checked = engine.check_with(Source::new("test.eva", "(parse \"1\" 2)"), &mut FileLoader::new());
    assert_eq!(checked.map(|program| program.warnings().count()).map_err(|no| no.to_string()), Ok(1));
    let mut session = Session::new(&engine);
    let input = session.input("(Shop.price \"tea\" 2)");
    let answer = session.run(input, &mut MemoryHost::new());
    assert_eq!(answer.map(|answer| answer.value.map(|value| value.start)).ok(), Some(Some("7.0".to_owned())));
    assert!(Engine::default().compile(Source::new("test.eva", "(parse \"1\")")).is_err(), "engines share no functions");
    let mut more = engine.clone();
    more.register("later", || 1).expect("it is free");
    assert!(engine.compile(Source::new("test.eva", "(later)")).is_err(), "a clone's functions are its own");
}

#[test]
fn names_that_no_program_can_use_are_refused() {
    let mut engine = with_shop(Engine::default());
    for name in ["", "a b", "1", "(f)", "a.b.c", "Shop.", ".f", "\"f\"", ":f", "'f", "f;"] {
        let refused = engine.register(name, || 1).map(drop);
        assert_eq!(refused, Err(NameError::NotAName(name.to_owned())), "{name}");
    }
    for name in ["print", "sum", "if", "String", "String.shout", "Shop", "Shop.price", "parse", "parse.f", "Error", "+"]
    {
        let refused = engine.register(name, || 1).map(drop);
        assert_eq!(refused, Err(NameError::Taken(name.to_owned())), "{name}");
    }
    assert_eq!(engine.eval("(Shop.price \"tea\" 2)").as_deref(), Ok("7.0"));
}

#[test]
fn a_panic_ends_the_program_and_not_the_host() {
    for mut engine in engines() {
        engine.register("break!", |text: String| -> i64 { panic!("no {text}") }).expect("it is free");
        let (mut execution, mut host) = started(&engine, "(def f () (try (break! \"luck\") (catch e 1))) (def g () 2)");
        let error = crate::thrown_by_call(execution.call::<i64>(&mut host, "f", ()));
        assert_eq!(error, ("internal".to_owned(), "the host's function `break!` panicked: no luck".to_owned()));
        assert_eq!(crate::thrown_by_call(execution.call::<i64>(&mut host, "g", ())).0, "internal", "it has ended");
        let (mut other, _) = started(&engine, "(def g () 2)");
        assert_eq!(other.call::<i64>(&mut host, "g", ()), Ok(2));
    }
}

#[test]
fn a_panic_for_another_process_ends_that_one_alone() {
    for schedulers in [1, 3] {
        for mut engine in engines_with(Config::new().schedulers(schedulers)) {
            engine.register("break!", || -> i64 { panic!("no luck") }).expect("it is free");
            let text = "(def f () (try (break!) (catch e 1) (finally (send :main :never))))
                        (def g () (register :main (self)) (var #[_ ref] (spawn-monitor f))
                          (str (receive (#[:down (pin ref) _ _ reason] reason))))";
            let (mut execution, mut host) = started(&engine, text);
            let told = execution.call::<String>(&mut host, "g", ());
            assert_eq!(told.as_deref(), Ok("#[:error :internal null]"));
            let report = "process <pid 2> ended: :internal: the host's function `break!` panicked: no luck";
            assert_eq!(host.reports(), [report]);
        }
    }
}

#[test]
fn a_function_runs_once_for_each_call_whatever_memory_there_is() {
    for stress in [false, true] {
        for mut engine in engines_with(Config::new().max_heap(1 << 20)) {
            let calls = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&calls);
            engine
                .register("text", move |length: usize| {
                    counter.fetch_add(1, Ordering::Relaxed);
                    vec!["x".repeat(length); 3]
                })
                .expect("it is free");
            // Each answer is a third of the heap, so that many do not fit before something is collected.
            let text = "(def f (n) (var sum 0) (each (i (range n)) (+= sum (len (get (text 100000) 2)))) sum)
                        (def many (n) (var xs []) (each (i (range n)) (push xs (text 1))) (len xs))";
            let (mut execution, mut host) = started(&engine, text);
            execution.set_stress(stress);
            assert_eq!(execution.call::<usize>(&mut host, "f", (40,)), Ok(40 * 100_000));
            assert_eq!(calls.swap(0, Ordering::Relaxed), 40);
            assert_eq!(execution.call::<usize>(&mut host, "many", (300,)), Ok(300));
            assert_eq!(calls.swap(0, Ordering::Relaxed), 300);
            let mut never = fresh(&engine, "(try (text 10000000) (catch e 1))");
            assert_eq!(never.run(&mut host), Ending::Limit("heap"));
            assert_eq!(calls.load(Ordering::Relaxed), 1, "what does not fit at all is not asked for again");
        }
    }
}

#[test]
fn a_function_runs_once_for_each_call_whichever_allocation_fails() {
    for mut engine in engines() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        engine
            .register("pair", move |of: Vec<String>| {
                counter.fetch_add(1, Ordering::Relaxed);
                (of.clone(), HashMap::from([("key".to_owned(), of)]))
            })
            .expect("it is free");
        let text =
            "(def f (n) (var sum 0) (each (i (range n)) (+= sum (len (get (pair [\"a long text\" (str i)]) 0)))) sum)";
        let mut failed = true;
        let mut after = 0;
        while failed {
            let (mut execution, mut host) = started(&engine, text);
            execution.fail_allocation(after, false);
            let sum = execution.call::<i64>(&mut host, "f", (10,));
            failed = execution.allocation_failed();
            let calls = calls.swap(0, Ordering::Relaxed);
            match sum {
                Ok(sum) => assert_eq!((sum, calls), (20, 10), "allocation {after}"),
                // A stack that cannot grow.
                Err(error) => {
                    assert!(error.to_string().starts_with(":stack-overflow"), "allocation {after}: {error}");
                    assert!(calls <= 10);
                }
            }
            after += 1;
        }
        assert!(after > 50, "{after} allocations were made to fail");
    }
}

#[test]
fn engines_agree_on_reductions_and_traces() {
    let text = "(def inner (n)\n  (Shop.price \"ink\" n))\n(def outer (n)\n  (var x (inner n))\n  x)\n\
                (each (i (range 10)) (Shop.price \"tea\" i))\n(total (list (range 10000)))(parse (+ \"0\" (String.repeat \"0\" 100000)))\n(try (outer 1) (catch e (print e.kind)))\n(outer 2)";
    let results: Vec<_> = engines()
        .map(with_shop)
        .map(|engine| {
            let mut execution = fresh(&engine, text);
            let mut host = MemoryHost::new();
            let ending = execution.run(&mut host);
            (ending, execution.stats().reductions, host.output_text())
        })
        .collect();
    let Ending::Failed(failure) = &results[0].0 else { panic!("{:?}", results[0]) };
    let names: Vec<_> = failure.trace.iter().map(|frame| frame.function.as_deref()).collect();
    assert_eq!(names, [Some("inner"), Some("outer"), None], "{failure:?}");
    assert_eq!(failure.trace[0].position.map(|place| (place.line, place.column)), Some((2, 3)));
    assert_eq!(results[0].2, ":no-such-item\n");
    assert!(results.iter().all(|other| *other == results[0]), "{results:#?}");
}

#[test]
fn a_function_may_keep_what_it_was_given() {
    let kept: Arc<Mutex<Vec<Handle>>> = Arc::default();
    let mut engine = Engine::default();
    let keep = Arc::clone(&kept);
    engine
        .register("on-event", move |callback: Handle| keep.lock().expect("no panic").push(callback))
        .expect("it is free");
    let (mut execution, mut host) =
        started(&engine, "(var seen 0) (on-event (lambda (n) (+= seen n))) (on-event (lambda (n) (* n 10)))");
    let callbacks = kept.lock().expect("no panic").clone();
    let values: Vec<i64> =
        callbacks.iter().map(|callback| execution.call(&mut host, callback, (5,)).expect("it is a function")).collect();
    assert_eq!(values, [5, 50]);
    assert_eq!(execution.global::<i64>("seen"), Ok(5));
}

#[test]
fn time_that_a_function_takes_counts() {
    let mut engine = Engine::new(Config::new().deadline(Duration::from_millis(5)));
    engine.register("sleep", || std::thread::sleep(Duration::from_millis(10))).expect("it is free");
    let mut execution = fresh(&engine, "(sleep) (each (i (range 1000)) (sleep))");
    assert_eq!(execution.run(&mut MemoryHost::new()), Ending::Limit("deadline"));
}

#[test]
fn functions_take_and_give_any_value() {
    let mut engine = Engine::default();
    engine
        .register("same", |value: Value| value)
        .and_then(|engine| {
            engine.register("all", |a: i8, b: u16, c: bool, d: char, e: f64, f: (), g: String, h: Value| {
                ((a, b, c), (d, e, f), (g, h))
            })
        })
        .expect("they are free");
    for text in ["null", "[1 #[2 {:a nan}] \"x\"]", "(range 3)", "(** 2 100)"] {
        assert_eq!(engine.eval(&format!("(same {text})")), engine.eval(text), "{text}");
    }
    assert_eq!(
        engine.eval("(all -1 2 true \"x\" 3 :ignored \"y\" [])").as_deref(),
        Ok("#[#[-1 2 true] #[\"x\" 3.0 null] #[\"y\" []]]")
    );
}

#[test]
fn fuel_is_for_all_threads_together_and_no_crash_is_left_untold() {
    let text = "(def spin () (spin))
        (def fail (n) (throw #[:of n]))
        (def main (n)
          (each (i (range n)) (var #[_ ref] (spawn-monitor fail i)) (receive (#[:down (pin ref) _ _ _] null))))
        (def spinners () (each (i (range 20)) (spawn spin)) (spin))";
    for schedulers in [1, 2, 4] {
        let engine = Engine::new(Config::new().schedulers(schedulers).fuel(300_000));
        let (mut execution, mut host) = started(&engine, text);
        assert_eq!(execution.call::<()>(&mut host, "main", (200,)), Ok(()));
        assert_eq!(host.reports().len(), 200, "{schedulers} schedulers");
        let ended = execution.call::<()>(&mut host, "spinners", ());
        assert_eq!(ended, Err(CallError::Ended(Ending::Limit("fuel"))), "{schedulers} schedulers");
    }
}

#[test]
fn a_crash_of_a_server_is_told_with_its_message_and_state_and_what_became_of_it() {
    let text = "(class Counter Server
  (def constructor (self n) (set self.n n))
  (def handle-call (self message from) (match message (:next (++ self.n)) (:boom (get [] 3)))))
(def child () (Server.start Counter 1 {:name :counter}))
(def main ()
  (Supervisor.start {} [{:id :one :start child}])
  (Server.call :counter :next)
  (try (Server.call :counter :boom) (catch e null))
  (while (same? null (whereis :counter)) (receive (after 1 null)))
  (Server.call :counter :next))";
    let (mut execution, mut host) = started(&Engine::default(), text);
    assert_eq!(execution.call::<i64>(&mut host, "main", ()), Ok(2));
    let why = ":index-error: index 3 is out of range for a list of 0 elements";
    let told = [
        format!(
            "server <pid 3> :counter ends: {why}\n  last message: the call :boom from <pid 1>\n  \
             state: <Counter> with n: 2\n  in handle-call, test.eva:3:82"
        ),
        format!("process <pid 3> :counter ended at test.eva:3:82: {why}"),
        format!("supervisor <pid 2>: the child :one, <pid 3>, ended: {why}"),
        "supervisor <pid 2>: the child :one was started again as <pid 4>".to_owned(),
    ];
    assert_eq!(host.reports(), told);
}
