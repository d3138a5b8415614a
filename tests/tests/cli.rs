//! The command line as a user's shell sees it: exit codes, streams, help, options, and the piped REPL.

use iridium_tests::binary::{Done, Scratch, iridium, run, run_in};
use iridium_tests::{folder, golden, read, root};

fn done(code: i32, stdout: &str, stderr: &str) -> Done {
    Done { code: Some(code), stdout: stdout.to_owned(), stderr: stderr.to_owned() }
}

#[test]
fn what_is_fine_ends_with_0_and_prints_what_the_program_prints() {
    let scratch = Scratch::new("fine");
    let file = scratch.file("a.eva", "(print \"hello\" (Os.args)) (var x 5) x");
    let expected = done(0, "hello [\"--fuel\" \"1\" \"-h\"]\n", "");
    assert_eq!(run(&["run", &file, "--fuel", "1", "-h"]), expected);
    assert_eq!(run(&[&file, "--fuel", "1", "-h"]), expected);
    assert_eq!(run(&["--fuel", "99", &file, "--fuel", "1", "-h"]), expected);
    assert_eq!(run(&["-f", &file]), done(0, "hello []\n", ""));
    assert_eq!(run(&["eval", "(+ 1 2)"]), done(0, "3\n", ""));
    assert_eq!(run(&["-e", "\"a\\n\""]), done(0, "\"a\\n\"\n", ""));
    assert_eq!(run(&["eval", "null"]), done(0, "null\n", ""), "eval prints the value, whatever it is");
    assert_eq!(run(&["eval", "-7"]), done(0, "-7\n", ""));
    assert_eq!(run(&["check", &file]), done(0, "", ""));
}

#[test]
fn an_uncaught_error_ends_with_1() {
    for expression in ["(+ 1 \"a\")", "(throw 1)", "(error :mine \"text\" 1) (throw (error :mine))"] {
        let done = run(&["eval", expression]);
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""), "{expression}");
        assert!(done.stderr.starts_with("error: "), "{}", done.stderr);
    }
    let done = run(&["eval", "(print 1) (throw #[:no 2])"]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(1), "1\n"));
    assert!(done.stderr.starts_with("error: uncaught throw: #[:no 2]\n"), "{}", done.stderr);
}

#[test]
fn a_limit_ends_with_1_and_its_name() {
    for (option, amount, name) in
        [("--fuel", "1000", ":fuel"), ("--max-heap", "64K", ":heap"), ("--deadline", "20", ":deadline")]
    {
        let done = run(&["eval", option, amount, "(var xs []) (while true (push xs [1]))"]);
        assert_eq!(done.code, Some(1), "{option}: {}", done.stderr);
        assert!(done.stderr.contains(name), "{option}: {}", done.stderr);
    }
}

#[test]
fn bad_usage_ends_with_2() {
    let bad: [&[&str]; 11] = [
        &["--no-such-option", "a.eva"],
        &["run"],
        &["run", "--engine", "jit", "a.eva"],
        &["run", "--engine", "warp", "a.eva"],
        &["run", "--dispatch", "goto", "a.eva"],
        &["run", "--engine", "stack", "--dispatch", "loop", "a.eva"],
        &["run", "--max-heap", "much", "a.eva"],
        &["run", "--no-such-option", "a.eva"],
        &["dis", "--form", "clif", "a.eva"],
        &["eval"],
        &["-e", "1", "-f", "a.eva"],
    ];
    for arguments in bad {
        let done = run(arguments);
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", done.stderr);
        assert!(done.stderr.starts_with("error: "), "{arguments:?}: {}", done.stderr);
    }
}

#[test]
fn a_source_that_is_rejected_or_unreadable_ends_with_65() {
    let scratch = Scratch::new("rejected");
    let bad = scratch.file("bad.eva", "(print \"never\")\n(if)\n");
    let good = scratch.file("good.eva", "1");
    for arguments in
        [&["run", &bad][..], &["check", &good, &bad], &["check", &bad, &good], &["dis", &bad], &["eval", "(if"]]
    {
        let done = run(arguments);
        assert_eq!((done.code, done.stdout.as_str()), (Some(65), ""), "{arguments:?}: {}", done.stderr);
    }
    let missing = run_in(scratch.path(), &["run", "none.eva"], b"");
    assert_eq!(missing, done(65, "", "error: cannot read none.eva: there is no such file\n"));
    assert_eq!(run_in(scratch.path(), &["run", "."], b"").code, Some(65));
}

#[test]
fn every_engine_can_be_asked_for() {
    let engines: [&[&str]; 5] = [
        &["--engine", "auto"],
        &["--engine", "register"],
        &["--engine", "register", "--dispatch", "loop"],
        &["--dispatch", "loop"],
        &["--engine", "stack"],
    ];
    for options in engines {
        let arguments = [&["eval"], options, &["(map square [1 2 3])"]].concat();
        assert_eq!(run(&arguments), done(0, "[1 4 9]\n", ""), "{options:?}");
    }
}

#[test]
fn counts_are_told_on_standard_error() {
    let source = "(var i 0) (while (< i 1000) (++ i)) i";
    let told = run(&["eval", "--stats", source]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(0), "1000\n"));
    assert!(told.stderr.lines().any(|line| line.split_whitespace().eq(["reductions", "1000"])), "{}", told.stderr);
    for engine in [&["--engine", "stack"][..], &["--dispatch", "loop"], &[]] {
        let told = run(&[&["eval", "--stats", "--format", "json"], engine, &[source]].concat());
        let counts: serde_json::Value = serde_json::from_str(&told.stderr).expect("one object");
        let names: Vec<&str> = counts.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, ["reductions", "instructions", "calls", "collections", "pause_max_ns", "heap_peak"]);
        assert_eq!(counts["reductions"], 1000, "{engine:?}");
        assert!(counts["heap_peak"].as_u64().is_some(), "{engine:?}: {counts}");
    }
}

#[test]
fn messages_can_be_had_as_json() {
    let scratch = Scratch::new("json");
    let bad = scratch.file("bad.eva", "(var x 1)\n  (pritn x)\n(if)\n");
    let told = run_in(scratch.path(), &["check", "--format", "json", "bad.eva"], b"");
    assert_eq!((told.code, bad.ends_with("bad.eva")), (Some(65), true));
    let objects: Vec<serde_json::Value> =
        told.stderr.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    assert_eq!(objects.len(), 2, "{}", told.stderr);
    assert_eq!(objects[0]["severity"], "error");
    assert_eq!(objects[0]["file"], "bad.eva");
    assert_eq!((&objects[0]["line"], &objects[0]["column"], &objects[0]["length"]), (&2.into(), &4.into(), &5.into()));
    assert_eq!(objects[1]["line"], 3);

    let failed = run(&["eval", "--format", "json", "(def f (x) (+ x 1)) (print (f \"a\"))"]);
    let object: serde_json::Value = serde_json::from_str(&failed.stderr).expect("one object");
    assert_eq!((failed.code, &object["code"], &object["column"]), (Some(1), &"type-error".into(), &12.into()));
    assert_eq!(object["trace"].as_array().map(Vec::len), Some(2), "{object}");
    assert_eq!(object["trace"][0]["function"], "f");
}

/// The fields that docs/command-line.md lists, with their types.
fn check_schema(object: &serde_json::Value, text: &str) {
    let names: Vec<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    let place = ["file", "line", "column", "end_line", "end_column", "length", "start", "end"];
    assert_eq!(names, [&["severity", "code", "message"], &place[..], &["help", "related"]].concat());
    assert!(["error", "warning"].contains(&object["severity"].as_str().expect("a string")), "{object}");
    assert!(object["help"].is_string() || object["help"].is_null(), "{object}");
    let check_place = |object: &serde_json::Value| {
        let number = |name: &str| object[name].as_u64().expect("a number") as usize;
        // Offsets and lines say the same.
        for (offset, line, column) in [("start", "line", "column"), ("end", "end_line", "end_column")] {
            let before = &text[..number(offset)];
            let (lines, last) = (before.matches('\n').count(), before.rsplit('\n').next().unwrap_or(""));
            assert_eq!((number(line), number(column)), (lines + 1, last.chars().count() + 1), "{object}");
        }
        assert!(object["message"].is_string() && object["file"].is_string() && number("length") > 0, "{object}");
    };
    check_place(object);
    for related in object["related"].as_array().expect("a list") {
        let names: Vec<&str> = related.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, [&place[..], &["message"]].concat());
        check_place(related);
    }
}

#[test]
fn messages_as_json_have_the_documented_fields() {
    let scratch = Scratch::new("schema");
    let documented = read(root().join("docs/command-line.md"));
    let texts = [
        "(def f (é)\n  (var ü 1)\n  (print \"日本語\" {:é 1 :é\n 2})\n  é)\n(f 1 2)\n",
        "(print \"日\"\n(if)\n(set",
        "(const a 1)\n(set a (pritn\n 2))",
        "\"é\n",
    ];
    let mut related = 0;
    for text in texts {
        scratch.file("a.eva", text);
        for command in ["check", "run"] {
            let told = run_in(scratch.path(), &[command, "--format", "json", "a.eva"], b"");
            for line in told.stderr.lines() {
                let object: serde_json::Value = serde_json::from_str(line).expect("an object a line");
                // An error at run time has a trace instead.
                if object.get("trace").is_none() {
                    check_schema(&object, text);
                    related += object["related"].as_array().map_or(0, Vec::len);
                    let names = object.as_object().expect("an object").keys();
                    names.for_each(|name| assert!(documented.contains(&format!("`{name}`")), "{name}"));
                }
            }
        }
    }
    assert!(related >= 4, "{related} related places");
}

#[test]
fn there_is_nothing_to_warn_of_in_the_programs_of_the_repository() {
    let folders = ["examples", "benches/programs", "tests/chaos"];
    assert_eq!(run(&[&["check", "--deny", "warnings"], &folders[..]].concat()), done(0, "", ""));
}

#[test]
fn check_looks_through_folders_and_at_standard_input() {
    let scratch = Scratch::new("check-folder");
    std::fs::create_dir(scratch.path().join("in")).expect("a folder can be made");
    for (name, text) in [("b.eva", "(if)"), ("in/a.eva", "(nope)"), ("in/.c.eva", "(if)"), ("in/d.txt", "(if)")] {
        scratch.file(name, text);
    }
    let told = run_in(scratch.path(), &["check", "."], b"");
    let places: Vec<&str> = told.stderr.lines().filter_map(|line| line.strip_prefix(" --> ")).collect();
    assert_eq!((told.code, places), (Some(65), vec!["./b.eva:1:1", "./in/a.eva:1:2"]));
    let told = run_in(scratch.path(), &["check", "-"], b"(if)");
    assert_eq!(told.code, Some(65));
    assert!(told.stderr.contains("standard input:1:1"), "{}", told.stderr);
    assert_eq!(run_in(scratch.path(), &["run", "-", "x"], b"(print (Os.args))"), done(0, "[\"x\"]\n", ""));
}

#[test]
fn a_program_that_runs_is_not_linted() {
    let scratch = Scratch::new("lints");
    let file = scratch.file("a.eva", "(def f () (var unused 1) 2) (print (f))");
    assert_eq!(run(&["run", &file]), done(0, "2\n", ""));
    let warned = run(&["check", &file]);
    assert_eq!(warned.code, Some(0));
    assert!(warned.stderr.starts_with("warning[unused-variable]: "), "{}", warned.stderr);
    assert_eq!(run(&["check", "--deny", "warnings", &file]).code, Some(65));
    assert_eq!(run(&["check", "--deny", "errors", &file]).code, Some(2));
}

/// How programs of several processes end, and what is said of it.
#[test]
fn programs_of_processes_end_and_say_how() {
    let scratch = Scratch::new("processes");
    let run_text = |text: &str, more: &[&str]| {
        let file = scratch.file("a.eva", text);
        run(&[&["run"], more, &[&file]].concat())
    };
    let ended = run_text("(print 1) (exit :why)", &[]);
    assert_eq!(ended, done(1, "1\n", "error: the program ended with the reason :why\n"));
    assert_eq!(run_text("(exit :normal)", &[]), done(0, "", ""));
    let stuck = run_text("(register :main (self)) (send (self) 1) (receive (:a 1))", &[]);
    let told = "error: deadlock: all processes wait, and nothing can wake one\n  \
                <pid 1> :main waits for a message: none of the 1 in its mailbox matches\n";
    assert_eq!(stuck, done(1, "", told));
    let crashed = run_text("(print 1)\n(spawn (lambda () (+ 1 :a)))\n(receive (after 1 (print 2)))", &["--seed", "1"]);
    assert_eq!((crashed.code, crashed.stdout.as_str()), (Some(0), "1\n2\n"));
    let line = "a.eva:2:19: :type-error: `+` cannot add an int and an atom\n";
    assert!(crashed.stderr.starts_with("process <pid 2> ended at ") && crashed.stderr.ends_with(line), "{crashed:?}");
    let linked = run_text("(spawn-link (lambda () (exit :broken))) (receive (after 10 1))", &[]);
    assert_eq!(linked, done(1, "", "error: the program ended with the reason :broken\n"));
    assert_eq!(run_text("(spawn (lambda () (while true 1))) (print 1)", &[]), done(0, "1\n", ""));
}

/// A program that depends on who runs first is found out, and the seed that is told shows it again.
#[test]
fn many_schedules_find_a_race() {
    let scratch = Scratch::new("schedules");
    let file = scratch.file(
        "race.eva",
        "(var me (self)) (def work (n) (each (i (range 100)) i) (send me n)) (spawn work 1) (spawn work 2)\n\
         (receive (x (assert (== x 1))))",
    );
    let found = run(&["run", "--seeds", "100", &file]);
    assert_eq!(found.code, Some(1));
    let seed = found.stderr.lines().last().and_then(|line| line.strip_prefix("this was seed ")?.split(':').next());
    let again = run(&["run", "--seed", seed.expect(&found.stderr), &file]);
    assert!(again.code == Some(1) && found.stderr.starts_with(&again.stderr), "{found:?} {again:?}");
    let fine = run(&["run", "--seeds", "20", &scratch.file("fine.eva", "(print 1)")]);
    assert_eq!(fine, done(0, "1\n", "20 schedules, from seed 1 on: no run failed\n"));
}

#[test]
fn help_and_version_go_to_standard_output() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("short-help", &["-h"]),
        ("run-help", &["run", "--help"]),
        ("repl-help", &["repl", "--help"]),
        ("fmt-help", &["fmt", "--help"]),
        ("check-help", &["check", "--help"]),
    ] {
        let told = run(arguments);
        assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        // A build without tail dispatch has one option value less; its help is not pinned.
        if cfg!(not(feature = "safe-dispatch")) {
            golden::check(&folder().join("help").join(name).with_extension("txt"), &told.stdout)
                .unwrap_or_else(|message| panic!("{message}"));
        }
    }
    assert_eq!(run(&["--version"]).stdout, format!("iridium {}\n", env!("CARGO_PKG_VERSION")));
    assert!(!run(&["--help"]).stdout.contains("jit"), "what the build lacks is not in its help");
}

#[test]
fn both_forms_of_code_are_shown() {
    let scratch = Scratch::new("dis");
    scratch.file("a.eva", "(def f (x) (+ x 41)) (print (f 1))");
    for form in ["portable", "register"] {
        let shown = run_in(scratch.path(), &["dis", "--form", form, "a.eva"], b"");
        assert_eq!((shown.code, shown.stderr.as_str()), (Some(0), ""), "{form}");
        assert!(shown.stdout.contains('f') && shown.stdout.lines().count() > 5, "{form}: {}", shown.stdout);
    }
    let default = run_in(scratch.path(), &["dis", "a.eva"], b"");
    assert_eq!(default, run_in(scratch.path(), &["dis", "--form", "portable", "a.eva"], b""));
}

#[test]
fn a_program_reads_its_input_line_by_line() {
    let scratch = Scratch::new("input");
    let file = scratch.file("a.eva", "(var line (read-line)) (while line (print (len line)) (set line (read-line)))");
    assert_eq!(run_in(&root(), &["run", &file], "one\n\nthr\u{e9}e".as_bytes()), done(0, "3\n0\n5\n", ""));
}

#[test]
fn output_that_nobody_reads_is_an_error_of_the_program() {
    use std::process::{Command, Stdio};
    let scratch = Scratch::new("pipe");
    let file = scratch.file("a.eva", "(each (i (range 1000000)) (print i))");
    let mut child = Command::new(iridium())
        .args(["run", &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("iridium starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("iridium ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(":io-error") && !stderr.contains("panicked"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_130() {
    use std::io::BufRead;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let scratch = Scratch::new("interrupt");
    let pipe = scratch.path().join("pipe").display().to_string();
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts").success());
    // Nobody ever writes to the pipe: the program waits for the system, and only the second interrupt ends it.
    let waits = format!("(File.read {pipe:?})");
    for (options, source, interrupts) in [
        (&[][..], "(while true 1)", 1),
        (&["--engine", "stack"], "(while true 1)", 1),
        (&["--dispatch", "loop"], "(while true 1)", 1),
        (&[], "(def f (n) (f (+ n 1))) (f 0)", 1),
        (&[], "(each (n (range (** 2 62))) n)", 1),
        (&[], "(while true (try (throw 1) (catch e e)))", 1),
        (&["--sandbox"], "(print \"ready\") (read-line)", 1),
        (&[], &waits, 2),
    ] {
        let file = scratch.file("a.eva", source);
        let mut child = Command::new(iridium())
            .arg("run")
            .args(options)
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("iridium starts");
        // Kept open, so that the program does not see the end of its input instead.
        let input = child.stdin.take();
        if source.contains("read-line") {
            // Waiting for input writes what was printed; of the others nothing can be seen, so a moment must do.
            let mut line = String::new();
            let mut output = std::io::BufReader::new(child.stdout.take().expect("standard output is piped"));
            output.read_line(&mut line).expect("it says that it is ready");
            assert_eq!(line, "ready\n");
        }
        let mut sent = Instant::now();
        for number in 1..=interrupts {
            std::thread::sleep(Duration::from_millis(500));
            assert_eq!(child.try_wait().expect("it can be asked"), None, "{source}: ended before interrupt {number}");
            let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill starts");
            sent = Instant::now();
            assert!(killed.success());
        }
        let status = child.wait().expect("iridium ends");
        assert_eq!(status.code(), Some(130), "{options:?} {source}");
        assert!(sent.elapsed() < Duration::from_secs(5), "{options:?} {source}: it took {:?}", sent.elapsed());
        drop(input);
    }
}

/// Each `.eva` file is the input, or each `.iasm` file that of `--asm`; the `.out` file beside it is the output, then the
/// errors.
#[test]
fn the_piped_repl_answers_as_its_transcripts_say() {
    let folder = folder().join("repl");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let command: &[&str] = match path.extension().and_then(|extension| extension.to_str()) {
            Some("eva") => &["repl"],
            Some("iasm") => &["repl", "--asm", "--fuel", "1000000"],
            _ => continue,
        };
        let told = run_in(&root(), command, read(&path).as_bytes());
        let text = format!("{}--- standard error, exit code {:?}\n{}", told.stdout, told.code, told.stderr);
        golden::check(&path.with_extension("out"), &text).unwrap_or_else(|message| panic!("{message}"));
        assert_eq!(told.code, Some(0), "{}", path.display());
        count += 1;
    }
    assert!(count >= 3, "{count} transcripts");
}

#[test]
fn without_a_terminal_or_a_command_the_repl_starts() {
    assert_eq!(run_in(&root(), &[], b"(var x 20)\n(+ x 1)\nnull\n"), done(0, "20\n21\n", ""));
    assert_eq!(run_in(&root(), &[], b""), done(0, "", ""));
    assert_eq!(run_in(&root(), &["repl"], b"(read-line)\nthis line\n(+ 1 1)"), done(0, "\"this line\"\n2\n", ""));
    let told = run_in(&root(), &[], b"1\n\xFF\n2\n(+ 1\n");
    assert_eq!((told.code, told.stdout.as_str()), (Some(0), "1\n2\n"));
    assert_eq!(told.stderr.matches("error").count(), 2, "{}", told.stderr);
}
