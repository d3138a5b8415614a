//! The table of limits: each has a test that passes it and reads what is said then. Most are here.

use iridium::{Config, Ending, Engine, EngineKind, FileLoader, LIMITS, Limit, Source};
use iridium_tests::binary;
use iridium_tests::run::{World, engines, run};
use iridium_tests::{read, root};
use std::io;
use std::time::Duration;

/// The row of the table with a name.
fn limit(name: &str) -> &'static Limit {
    let found = LIMITS.iter().flat_map(|part| part.limits).find(|limit| limit.name == name);
    found.unwrap_or_else(|| panic!("the table has no limit `{name}`"))
}

/// A program that passes a limit.
struct Passing {
    limit: &'static str,
    config: fn(Config) -> Config,
    text: &'static str,
    result: &'static str,
    /// What the message says, beside the option that sets the limit.
    says: &'static str,
}

const PROGRAMS: &[Passing] = &[
    Passing {
        limit: "heap of a process: all that it holds",
        config: |config| config.max_heap(8 << 20),
        text: "(var xs []) (while true (push xs [1]))",
        result: "limit :heap",
        says: "the program passed its limit on memory, :heap",
    },
    Passing {
        limit: "stack of a process",
        config: |config| config.max_heap(8 << 20),
        text: "(def f () (+ 1 (f))) (f)",
        result: ":stack-overflow",
        says: "the calls under way fill the process's stack (4 MiB",
    },
    Passing {
        limit: "stack of a process",
        config: |config| config.max_heap(100 << 10),
        text: "(def f () (+ 1 (f))) (f)",
        result: ":stack-overflow",
        says: "the calls under way fill the process's stack (50 KiB",
    },
    Passing {
        limit: "reductions: calls and turns of loops",
        config: |config| config.fuel(1_000),
        text: "(while true 1)",
        result: "limit :fuel",
        says: "the program passed its limit on reductions, :fuel",
    },
    Passing {
        limit: "time",
        config: |config| config.deadline(Duration::from_millis(10)),
        text: "(while true 1)",
        result: "limit :deadline",
        says: "the program passed its limit on time, :deadline",
    },
    Passing {
        limit: "bits of an int",
        config: |config| config,
        text: "(** 2 262_144)",
        result: ":limit-error",
        says: "the int would have more than 262144 bits",
    },
    Passing {
        limit: "bits of an int",
        config: |config| config,
        text: "(var n (- (** 2 262_143) 1)) (+ n n 1 1)",
        result: ":limit-error",
        says: "the int would have more than 262144 bits",
    },
    Passing {
        limit: "octets of a string, or of bytes",
        config: |config| config,
        text: "(String.repeat \"ab\" (** 2 30))",
        result: ":limit-error",
        says: "the string would have more than 2147483647 bytes",
    },
    Passing {
        limit: "octets of the text of a value that is printed or made into a string",
        config: |config| config,
        text: "(str (fill 300 (String.repeat \"a\" 1_000_000)))",
        result: ":limit-error",
        says: "the text would have more than 268435456 bytes",
    },
    Passing {
        limit: "bits of the bounds of a range, with the sign",
        config: |config| config,
        text: "(range (** 2 63))",
        result: ":limit-error",
        says: "the bounds of a range have at most 64 bits",
    },
    Passing {
        limit: "characters that `String.format` fills a value up to",
        config: |config| config,
        text: "(String.format \"{:1048577}\" 1)",
        result: ":value-error",
        says: "width at most 1048576",
    },
    Passing {
        limit: "decimals that `String.format` writes",
        config: |config| config,
        text: "(String.format \"{:.1001}\" 1.5)",
        result: ":value-error",
        says: "precision at most 1000",
    },
    Passing {
        limit: "processes at a time",
        config: |config| config.max_processes(10),
        text: "(def wait () (receive (:never 1))) (each (i (range 10)) (spawn wait))",
        result: ":limit-error",
        says: "there are as many processes as may be, 10",
    },
    Passing {
        limit: "octets that all processes hold together",
        config: |config| config.max_memory(4 << 20),
        text: "(def wait () (receive (:never 1))) (while true (spawn wait))",
        result: ":limit-error",
        says: "the processes hold nine tenths of the memory that they may",
    },
    Passing {
        limit: "octets that all processes hold together",
        config: |config| config.max_memory(4 << 20),
        text: "(def fill (n) (var xs []) (while (< (len xs) n) (push xs n)) (receive (:never xs))) \
               (spawn fill 100000) (spawn fill 100000) (fill 200000)",
        result: "limit :memory",
        says: "the program passed its limit on the memory of all processes, :memory",
    },
    Passing {
        limit: "messages that wait for a process; `:max-mailbox` of `spawn-opt` sets it",
        config: |config| config,
        text: "(def wait () (receive (:never 1))) (var p (spawn-opt wait [] {:max-mailbox 5 :link true})) \
               (each (i (range 6)) (send p i)) (receive (after 10 0))",
        result: "exit #[:limit :mailbox]",
        says: "#[:limit :mailbox]",
    },
    Passing {
        limit: "heap of a process: all that it holds",
        config: |config| config.max_heap(4 << 20),
        text: "(while true (send (self) 1))",
        result: "limit :heap",
        says: "the program passed its limit on memory, :heap",
    },
    Passing {
        limit: "octets of a message",
        config: |config| config,
        text: "(var text (String.repeat \"a\" 1_000_000)) (send (self) (map (lambda (i) (String.repeat \"a\" 1_000_000)) (range 270)))",
        result: ":limit-error",
        says: "a message has at most 268435456 octets",
    },
    Passing {
        limit: "octets of frozen data",
        config: |config| config,
        text: "(var text [(String.repeat \"a\" 200_000_000)]) (while true (freeze text))",
        result: ":limit-error",
        says: "there is too much frozen data: all of it together has at most 536870912 octets",
    },
    Passing {
        limit: "messages that are to be sent later",
        config: |config| config,
        text: "(for (var i 0) (< i 1048577) (++ i) (send-after 1_000_000_000 (self) i))",
        result: ":limit-error",
        says: "there are as many timers as may be, 1048576",
    },
    Passing {
        limit: "octets of the messages that are to be sent later",
        config: |config| config.max_heap(8 << 20),
        text: "(var text (String.repeat \"a\" 1_000_000)) (while true (send-after 1_000_000_000 (self) text))",
        result: ":limit-error",
        says: "the messages that are to be sent later have as many octets as a process may hold",
    },
    Passing {
        limit: "milliseconds of a `receive` or timer",
        config: |config| config,
        text: "(receive (after (** 2 49) 1))",
        result: ":value-error",
        says: "`after` takes 0 to 281474976710656 milliseconds",
    },
    Passing {
        limit: "files open at once",
        config: |config| config,
        text: "(var files []) (each (i (range 1025)) (push files (File.open \"small\")))",
        result: ":limit-error",
        says: "small: a program may have 1024 files open at once; `File.close` closes one",
    },
    Passing {
        limit: "octets of a file or line that is read at once",
        config: |config| config.max_heap(1 << 20),
        text: "(File.read \"large\")",
        result: ":limit-error",
        says: "large is longer than the heap limit",
    },
    Passing {
        limit: "octets of a file or line that is read at once",
        config: |config| config.max_heap(1 << 20),
        text: "(each (line (File.lines \"large\")) line)",
        result: ":limit-error",
        says: "a line of a file is longer than the heap limit",
    },
];

/// What barely passes no limit.
const NEAR_MISSES: &[(&str, &str)] = &[
    ("(var n (- (** 2 262_143) 1)) (> (+ n n 1) n)", "true"),
    ("(len (range (- (** 2 63) 1)))", "9223372036854775807"),
    ("(len (String.format \"{:1048576}\" 1))", "1048576"),
    ("(len (String.format \"{:.1000}\" 1.5))", "1002"),
    ("(var files []) (each (i (range 1024)) (push files (File.open \"small\"))) (len files)", "1024"),
    ("(each (i (range 3000)) (File.close (File.open \"small\"))) :done", ":done"),
    ("(len (str (fill 268 (String.repeat \"a\" 1_000_000))))", "268000805"),
];

/// Files of the programs: a short one, and one of one line that is longer than some heaps.
fn world() -> World {
    let mut world = World::default();
    world.files.insert("small".to_owned(), "one\n".to_owned());
    world.files.insert("large".to_owned(), "a".repeat(2 << 20));
    world
}

#[test]
fn programs_that_pass_a_limit() {
    for case in PROGRAMS {
        let limit = limit(case.limit);
        for &kind in EngineKind::available() {
            let engine = Engine::new((case.config)(Config::new().engine(kind)));
            let outcome = run(&engine, case.text, &world());
            assert_eq!(outcome.result, Err(case.result.to_owned()), "{kind}: {}: {}", case.text, outcome.message);
            assert!(outcome.message.contains(case.says), "{kind}: {}: {}", case.text, outcome.message);
            if let Some((option, _)) = limit.set_by {
                assert!(outcome.message.contains(option), "{kind}: {}: no {option}: {}", case.text, outcome.message);
            }
        }
        let told = case.result.trim_start_matches("limit ").trim_start_matches("exit ");
        assert!(limit.beyond.contains(told), "{}", limit.name);
    }
    for (text, expected) in NEAR_MISSES {
        for (name, engine) in engines() {
            let outcome = run(&engine, text, &world());
            assert_eq!(outcome.result, Ok((*expected).to_owned()), "{name}: {text}: {}", outcome.message);
        }
    }
}

/// A source that passes a limit, with what imports find, and what is said.
type BadSource = (&'static str, String, fn(usize) -> String, &'static str);

fn sources() -> Vec<BadSource> {
    let nothing: fn(usize) -> String = |_| String::new();
    let modules: String = (0..=101).map(|depth| format!("(module M{depth} ")).collect();
    let imports: String = (0..10_000).map(|number| format!("(import \"./{number}.eva\" as f{number})\n")).collect();
    let unknown: String = (0..30).map(|number| format!("(nothing-{number})\n")).collect();
    vec![
        ("octets", " ".repeat((64 << 20) + 1), nothing, "at most 67108864 are read"),
        ("forms in each other", "[".repeat(2_001) + &"]".repeat(2_001), nothing, "more than 2000 deep"),
        ("modules in each other", modules + &")".repeat(102), nothing, "at most 100 deep"),
        ("digits of an int that is written out", "9".repeat(80_001), nothing, "a literal may have 80000"),
        ("bits of an int", format!("0x1{}", "0".repeat(65_536)), nothing, "an int may have 262144"),
        ("files of a program", imports, nothing, "a program has at most 10000 files"),
        (
            "files that import each other in turn",
            "(import \"./0.eva\" as f)".to_owned(),
            |number| format!("(import \"./{}.eva\" as f)", number + 1),
            "at most 500 files import each other in turn",
        ),
        ("mistakes that are shown", unknown, nothing, "10 more"),
    ]
}

#[test]
fn sources_that_pass_a_limit() {
    for (name, text, import, says) in sources() {
        let limit = limit(name);
        let mut loader = FileLoader::reading(move |path| {
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            number.map(|number| import(number).into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
        });
        match Engine::default().compile_with(Source::new("main.eva", text), &mut loader) {
            Ok(_) => panic!("{}: it compiles", limit.name),
            Err(rejection) => {
                let message = rejection.render(false);
                assert!(message.contains(says), "{}: {}", limit.name, &message[..message.len().min(2_000)]);
                assert!(
                    !rejection.is_internal() && message.len() < 100_000,
                    "{}: {} octets",
                    limit.name,
                    message.len()
                );
            }
        }
    }
}

/// Where a handler runs that has no more room than it is given, at the end of the stack, it calls functions all the same.
#[test]
fn handlers_of_a_stack_overflow_have_room() {
    let text = "(var caught 0)
        (def deep (n) (if (== n 0) 0 (+ 1 (deep (- n 1)))))
        (def down () (try (+ 1 (down)) (catch e (++ caught) (assert (== e.kind :stack-overflow)) (deep 500))))
        (def runaway () (+ 1 (runaway)))
        (var counts [])
        (each (i (range 5))
          (down)
          (push counts caught)
          (try (runaway) (catch e (push counts e.kind))))
        counts";
    for heap in [2 << 20, 8 << 20, 9_999_999] {
        for &kind in EngineKind::available() {
            let engine = Engine::new(Config::new().engine(kind).max_heap(heap));
            let outcome = run(&engine, text, &World::default());
            let rows: Vec<String> = (1..=5).map(|count| format!("{count} :stack-overflow")).collect();
            assert_eq!(outcome.result, Ok(format!("[{}]", rows.join(" "))), "{kind}: {}", outcome.message);
        }
    }
}

#[test]
fn atoms_are_bounded_in_programs_and_while_they_run() {
    let text = "(var n 0) (try (while true (String.to-atom (str \"a\" n)) (++ n)) (catch e #[e.kind e.message (> n 1_000_000) (type e)]))";
    let expected = "#[:limit-error \"this would be one atom too many: a node has at most 1048576, or 67108864 octets of names\" true :instance]";
    let engine = Engine::default();
    assert_eq!(run(&engine, text, &World::default()).result, Ok(expected.to_owned()));
    let atoms: String = (0..1 << 20).map(|number| format!(":a{number}\n")).collect();
    let atoms = format!("[{atoms}]");
    let outcome = run(&engine, &atoms, &World::default());
    assert_eq!(outcome.result, Err("link".to_owned()));
    assert_eq!(outcome.message, "the program has too many atoms: a node has at most 1048576");
}

#[test]
fn instances_of_many_shapes_are_as_others_are() {
    let mut text = "(class C null (def get (self) self.last)) (var all [])\n".to_owned();
    for number in 0..100 {
        text.push_str(&format!(
            "(begin (var o (new C)) (set o.f{number} {number}) (set o.last o.f{number}) (push all o))\n"
        ));
    }
    text.push_str("(var wide (new C))\n");
    for number in 0..300 {
        text.push_str(&format!("(set wide.f{number} {number})\n"));
    }
    text.push_str("(set wide.last (+ wide.f0 wide.f255 wide.f256 wide.f299)) (push all wide)\n");
    text.push_str("(set wide.f299 1)\n[(sum (map (lambda (o) (o.get)) all)) wide.f299 (get all 99).f99]\n");
    let text = text.replace("(get all 99).f99", "(prop (get all 99) f99)");
    for (name, engine) in engines() {
        let outcome = run(&engine, &text, &World::default());
        let sum = (0..100).sum::<u32>() + 255 + 256 + 299;
        assert_eq!(outcome.result, Ok(format!("[{sum} 1 99]")), "{name}: {}", outcome.message);
    }
}

#[test]
fn traces_are_bounded() {
    for depth in [78, 79, 500] {
        let text = format!("(def f (n) (if (== n 0) (throw (error :mine \"\" null)) (+ 1 (f (- n 1)))))\n(f {depth})");
        for (name, engine) in engines() {
            let program = engine.compile(Source::new("main.eva", &text)).expect("it compiles");
            let mut execution = engine.start(&program).expect("it fits");
            match execution.run(&mut iridium::MemoryHost::new()) {
                Ending::Failed(failure) => {
                    // The calls of `f`, and the top level.
                    let calls = depth + 2;
                    assert_eq!(failure.trace.len(), calls.min(64 + 16), "{name}");
                    assert_eq!(failure.trace.len() + failure.omitted, calls, "{name}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn assembly_is_bounded() {
    let text = " ".repeat((256 << 20) + 1);
    match Engine::default().assemble(Source::new("main.iasm", text), true) {
        Ok(_) => panic!("it is assembled"),
        Err(rejection) => {
            let messages: Vec<&str> =
                rejection.diagnostics.iter().map(|(_, message)| message.message.as_str()).collect();
            assert_eq!(messages, ["the text has more than 256 MiB"]);
        }
    }
}

/// An int of more digits than any has takes no time to be read, and no engine sees it.
#[test]
fn ints_of_modules_are_bounded() {
    for text in [
        format!(".func main stack\npush {}\nhalt\n", "9".repeat(10_000_000)),
        format!(".const int:0x1{}\n.func main stack\npush-null\nhalt\n", "0".repeat(65_536)),
    ] {
        let start = std::time::Instant::now();
        match Engine::default().assemble(Source::new("main.iasm", text), true) {
            Ok(_) => panic!("it is a program"),
            Err(rejection) => {
                let message = rejection.render(false);
                assert!(message.contains("IntTooLarge"), "{}", &message[..message.len().min(500)]);
            }
        }
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[test]
fn every_limit_has_a_test() {
    let mut missing = Vec::new();
    for limit in LIMITS.iter().flat_map(|part| part.limits) {
        let (file, function) = limit.test;
        let text = read(root().join(file));
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let is_test = |pair: &[&str]| pair[0] == "#[test]" && pair[1] == format!("fn {function}() {{");
        if !lines.windows(2).any(is_test) {
            missing.push(format!("{}: {file} has no test {function}", limit.name));
        }
        let has_case = match function {
            "programs_that_pass_a_limit" => PROGRAMS.iter().any(|case| case.limit == limit.name),
            "sources_that_pass_a_limit" => sources().iter().any(|(name, ..)| *name == limit.name),
            _ => true,
        };
        if !has_case {
            missing.push(format!("{}: {function} has no case of it", limit.name));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn options_that_set_limits_are_in_the_help() {
    let help = binary::run(&["run", "--help"]).stdout;
    let config = read(root().join("crates/iridium/src/config.rs"));
    for (option, method) in LIMITS.iter().flat_map(|part| part.limits).filter_map(|limit| limit.set_by) {
        assert!(help.contains(&format!("      {option} <")), "{option}");
        assert!(config.contains(&format!("pub fn {method}(mut self")), "{method}");
    }
    let names: Vec<&str> = LIMITS.iter().flat_map(|part| part.limits).map(|limit| limit.name).collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), names.len(), "two limits have one name");
}
