//! A program in its forms: what is written as a module file or as assembly, and read again, is the same program, octet
//! by octet, and does the same.

use iridium::{Engine, FileLoader, Program, Source};
use iridium_tests::run::{Outcome, World, engines, run_program};
use iridium_tests::{folder, read, root};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;

#[derive(Deserialize)]
struct Case {
    name: String,
    src: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    stdin: String,
}

/// The programs of the conformance suite and the examples that compile, with what surrounds them.
fn programs(engine: &Engine) -> Vec<(String, Program, World)> {
    let mut programs = Vec::new();
    for file in ["conformance.json", "conformance-extended.json", "conformance-amended.json"] {
        let cases: Vec<Case> = serde_json::from_str(&read(folder().join("conformance").join(file))).expect(file);
        for case in cases {
            let files = case.files.clone();
            let mut loader = FileLoader::reading(move |path| {
                let file = path.to_str().and_then(|path| files.get(path));
                file.map(|text| text.clone().into_bytes()).ok_or_else(|| io::ErrorKind::NotFound.into())
            });
            if let Ok(program) = engine.compile_with(Source::new("main.eva", case.src.as_str()), &mut loader) {
                let world = World { files: case.files, stdin: case.stdin, arguments: Vec::new() };
                programs.push((case.name, program, world));
            }
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
            let expected = brief(run_program(engine, &program, &world, |_| {}));
            assert_eq!(brief(run_program(engine, &back, &world, |_| {})), expected, "{name}");
        }
        let stripped = program.file(true).expect("it is small");
        let bare = engines[0].1.load_file(&stripped).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(bare.file(true), Some(stripped), "{name}");
        let outcome = run_program(&engines[0].1, &bare, &world, |_| {});
        assert_eq!(outcome.reductions, run_program(&engines[0].1, &program, &world, |_| {}).reductions, "{name}");
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
            let expected = brief(run_program(engine, &program, &world, |_| {}));
            assert_eq!(brief(run_program(engine, &back, &world, |_| {})), expected, "{name} {kind}\n{text}");
        }
        let file = back.file(false).expect("it is small");
        assert_eq!(engines[0].1.load_file(&file).expect(&name).file(false), Some(file));
    }
}
