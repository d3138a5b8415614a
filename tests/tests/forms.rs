//! A program in its forms: what is written as a module file or as assembly, and read again, is the same program, octet
//! by octet, and does the same.

use iridium::{Engine, Program, Source};
use iridium_tests::binary::{Scratch, run_in};
use iridium_tests::conformance::cases;
use iridium_tests::run::{Outcome, World, compile, engines, run_program};
use iridium_tests::{read, root};

/// The programs of the conformance suite and the examples that compile, with what surrounds them.
fn programs(engine: &Engine) -> Vec<(String, Program, World)> {
    let mut programs = Vec::new();
    for case in cases(&["conformance.json", "conformance-extended.json", "conformance-amended.json"]) {
        let world = case.world();
        if let Ok(program) = compile(engine, &case.src, &world) {
            programs.push((case.name, program, world));
        }
    }
    for example in ["fibonacci.eva", "word-count.eva"] {
        let text = read(root().join("examples").join(example));
        let program = engine.compile(Source::new(example, text)).expect(example);
        programs.push((example.to_owned(), program, World::default()));
    }
    assert!(programs.len() > 400, "{}", programs.len());
    programs
}

/// What an outcome is without the messages, which show the source where it is at hand.
fn brief(outcome: Outcome) -> Outcome {
    Outcome { message: String::new(), ..outcome }
}

#[test]
fn a_module_file_is_the_program() {
    let engines = engines();
    for (name, program, world) in programs(&engines[0].1) {
        let file = program.file(false).expect("it is small");
        let back = engines[0].1.load_file(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(back.file(false).as_ref(), Some(&file), "{name}");
        for (_, engine) in &engines {
            let expected = brief(run_program(engine, &program, &world, |_| {}, |_| {}));
            assert_eq!(brief(run_program(engine, &back, &world, |_| {}, |_| {})), expected, "{name}");
        }
        let stripped = program.file(true).expect("it is small");
        let bare = engines[0].1.load_file(&stripped).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(bare.file(true), Some(stripped), "{name}");
        let outcome = run_program(&engines[0].1, &bare, &world, |_| {}, |_| {});
        assert_eq!(
            outcome.reductions,
            run_program(&engines[0].1, &program, &world, |_| {}, |_| {}).reductions,
            "{name}"
        );
    }
}

#[test]
fn portable_assembly_is_the_program() {
    let engines = engines();
    for (name, program, _) in programs(&engines[0].1) {
        let text = program.portable_code();
        let back = engines[0].1.assemble(Source::new("text.iasm", text.as_str()), true);
        let back = back.unwrap_or_else(|rejection| panic!("{name}: {}\n{text}", rejection.render(false)));
        assert_eq!(back.file(false), program.file(false), "{name}\n{text}");
    }
}

#[test]
fn register_assembly_is_the_lowered_program() {
    let engines = engines();
    for (name, program, world) in programs(&engines[0].1) {
        let text = program.register_code();
        let back = engines[0].1.assemble(Source::new("text.iasm", text.as_str()), true);
        let back = back.unwrap_or_else(|rejection| panic!("{name}: {}\n{text}", rejection.render(false)));
        for ((id, module), (other, again)) in program.modules().iter().zip(back.modules()) {
            assert_eq!(id, other);
            for function in 0..module.functions().len() {
                assert_eq!(module.lowered(function), again.lowered(function), "{name} {function}\n{text}");
            }
        }
        for (kind, engine) in engines.iter().filter(|(kind, _)| kind != "stack") {
            let expected = brief(run_program(engine, &program, &world, |_| {}, |_| {}));
            assert_eq!(brief(run_program(engine, &back, &world, |_| {}, |_| {})), expected, "{name} {kind}\n{text}");
        }
        let file = back.file(false).expect("it is small");
        assert_eq!(engines[0].1.load_file(&file).expect(&name).file(false), Some(file));
    }
}

/// A program is built to the same octets wherever it lies; only the path that was given is in them.
#[test]
fn a_build_can_be_repeated() {
    let scratch = Scratch::new("builds");
    let mut built = Vec::new();
    for folder in ["one", "another"] {
        let folder = scratch.path().join(folder);
        std::fs::create_dir(&folder).expect("a folder can be made");
        std::fs::write(folder.join("part.eva"), "(def twice (local-name) (* 2 local-name))")
            .expect("it can be written");
        std::fs::write(folder.join("main.eva"), "(import \"./part.eva\")\n(print (part.twice 21))")
            .expect("it can be written");
        for out in ["first.irx", "second.irx", "stripped.irx"] {
            let mut arguments = vec!["build", "main.eva", "-o", out];
            if out == "stripped.irx" {
                arguments.push("--strip");
            }
            let done = run_in(&folder, &arguments, b"");
            assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""));
            assert_eq!(run_in(&folder, &["run", out], b"").stdout, "42\n", "{out}");
        }
        built.push(["first.irx", "second.irx", "stripped.irx"].map(|out| std::fs::read(folder.join(out)).expect(out)));
    }
    let [one, another] = &built[..] else { panic!("two folders") };
    assert_eq!(one[0], one[1]);
    assert_eq!(one, another);
    let holds = |octets: &[u8], text: &str| octets.windows(text.len()).any(|window| window == text.as_bytes());
    for text in ["main.eva", "part.eva", "local-name"] {
        assert!(holds(&one[0], text) && !holds(&one[2], text), "{text}");
    }
}

/// What there is in large texts is told, and their errors are no larger than others.
#[test]
fn large_assembly_is_assembled_or_refused() {
    let scratch = Scratch::new("large");
    let text = format!("load $0 #0\n{}hlt\n", "addi $0 $0 #1\n".repeat(200_000));
    scratch.file("many.iasm", text);
    scratch.file("long.iasm", format!("load $0 \"{}\"\nhlt\n", "y".repeat(1 << 20)));
    scratch.file("word.iasm", "x".repeat(1 << 20));
    let run = |arguments: &[&str]| run_in(scratch.path(), arguments, b"");
    assert_eq!(run(&["run", "many.iasm"]).code, Some(0));
    assert_eq!(run(&["asm", "long.iasm"]).code, Some(0));
    let told = run(&["asm", "word.iasm"]);
    assert_eq!(told.code, Some(65));
    assert!(told.stderr.len() < 2_000, "{} octets", told.stderr.len());
}
