//! Assembly: each instruction of both sets has programs that show its meaning, and what the tutorial machine of 2018 got
//! wrong is right.

use iridium::{Engine, FileLoader, Program, Source};
use iridium_bytecode::VerifiedModule;
use iridium_isa::register::{self, RegisterOp, Word};
use iridium_isa::stack;
use iridium_tests::assembly::check;
use iridium_tests::run::engines;
use iridium_tests::{folder, read, root};
use std::collections::BTreeSet;
use std::path::Path;

/// The instructions that portable code of a program has.
fn portable_instructions(program: &Program, found: &mut BTreeSet<u8>) {
    for function in program.modules().iter().flat_map(|(_, module)| module.functions()) {
        let mut offset = 0;
        while offset < function.code.len() {
            let instruction = stack::decode(&function.code, offset).expect("it is verified");
            found.insert(instruction.op as u8);
            offset = instruction.end;
        }
    }
}

/// The instructions that register code of a program has: as it runs, written or lowered.
fn register_instructions(program: &Program, found: &mut BTreeSet<u8>) {
    let words = |module: &VerifiedModule| {
        let functions = 0..module.functions().len();
        functions.flat_map(|function| module.lowered(function).code.clone()).collect::<Vec<u32>>()
    };
    for word in program.modules().iter().flat_map(|(_, module)| words(module)) {
        found.insert(Word(word).opcode());
    }
}

/// Runs the files of a form, one for each of its instructions, and gives their programs.
fn run_files(form: &str, rows: &[(u8, &'static str)], instructions: fn(&Program, &mut BTreeSet<u8>)) -> Vec<Program> {
    let engines = engines();
    let files = folder().join("instructions").join(form);
    let (mut wrong, mut programs) = (Vec::new(), Vec::new());
    for &(number, mnemonic) in rows {
        let file = files.join(mnemonic).with_extension("iasm");
        let place = format!("instructions/{form}/{mnemonic}.iasm");
        let Ok(text) = std::fs::read_to_string(&file) else {
            wrong.push(format!("{place} is missing: what does `{mnemonic}` do?"));
            continue;
        };
        match check(&place, 1, &text, &engines) {
            Ok(found) => {
                let mut used = BTreeSet::new();
                found.iter().for_each(|program| instructions(program, &mut used));
                if !used.contains(&number) {
                    wrong.push(format!("{place} does not use `{mnemonic}`"));
                }
                programs.extend(found);
            }
            Err(message) => wrong.push(message),
        }
    }
    for entry in std::fs::read_dir(&files).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if !rows.iter().any(|(_, mnemonic)| *mnemonic == name) {
            wrong.push(format!("{} is of no instruction", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n\n"));
    programs
}

fn portable_files() -> Vec<Program> {
    let rows: Vec<(u8, &str)> = stack::ROWS.iter().map(|row| (row.op as u8, row.mnemonic)).collect();
    run_files("portable", &rows, portable_instructions)
}

/// Every portable instruction does what its row says; and every register instruction is one that lowering makes of them.
#[test]
fn portable_instructions_mean_what_they_should() {
    let mut found = BTreeSet::new();
    portable_files().iter().for_each(|program| register_instructions(program, &mut found));
    // Only a function with more than 2^16 constants has it; `long_code.rs` compiles one.
    found.insert(RegisterOp::LoadKWide as u8);
    let never = register::ROWS.iter().filter(|row| !found.contains(&(row.op as u8)));
    let never: Vec<&str> = never.map(|row| row.mnemonic).collect();
    assert_eq!(never, [""; 0], "no file in instructions/portable is lowered to these");
}

#[test]
fn register_instructions_mean_what_they_should() {
    let rows: Vec<(u8, &str)> = register::ROWS.iter().map(|row| (row.op as u8, row.mnemonic)).collect();
    run_files("register", &rows, register_instructions);
}
