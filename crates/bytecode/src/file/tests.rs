//! Files that are written and read again, and files that are not what they should be.

use super::*;
use crate::module::*;
use iridium_isa::register::{RegisterOp, Word};
use iridium_isa::stack::{self, StackOp};

/// A program with something in every table.
fn program() -> Vec<Identified> {
    let mut code = Vec::new();
    stack::encode(&mut code, StackOp::Push, &[2]);
    stack::encode(&mut code, StackOp::Halt, &[]);
    let mut positions = PositionTable::default();
    positions.push(0, Position { line: 1, column: 1, length: 4 });
    positions.push(2, Position { line: 300, column: 7, length: 1 });
    let main = Function {
        name: "main".into(),
        locals: 1,
        code,
        handlers: vec![Handler { start: 0, end: 2, target: 2, finally: true }],
        positions,
        local_names: vec![LocalName { local: 0, name: "x".into(), start: 0, end: 3 }],
        ..Function::default()
    };
    let inner = Function {
        required: 1,
        optional: 2,
        rest: true,
        locals: 4,
        captures: vec![true, false],
        capture_names: vec!["a".into(), "b".into()],
        registers: Some(RegisterCode {
            words: vec![Word::wide(RegisterOp::Load, 0, 500).0, Word::abc(RegisterOp::Ret, 0, 0, 0).0],
            pool: vec![
                Pooled::Const(3),
                Pooled::Func(1),
                Pooled::Int(i32::MIN),
                Pooled::Null,
                Pooled::Bool(false),
                Pooled::Bool(true),
            ],
            handlers: vec![RegisterHandler { start: 0, end: 1, target: 1, register: 3, finally: true }],
            frame: 5,
        }),
        ..Function::default()
    };
    let module = Module {
        source: "dir/é.eva".into(),
        constants: vec![
            Constant::Int("-123456789012345678901234567890".parse().unwrap()),
            Constant::Int(0.into()),
            Constant::Float(-0.0),
            Constant::Float(f64::NAN),
            Constant::Str("text \u{1F600}".into()),
            Constant::Bytes(vec![0, 255]),
            Constant::Atom("ok".into()),
            Constant::Native("print".into()),
            Constant::Import { module: "prelude".into(), name: "map".into() },
            Constant::Module { name: "M".into(), members: vec![("a".into(), 1)] },
        ],
        globals: vec![
            Global { name: "g".into(), constant: true, import: None },
            Global { name: "h".into(), constant: false, import: Some("other".into()) },
        ],
        functions: vec![main, inner],
        classes: vec![ClassTemplate { name: "C".into(), methods: vec!["m".into(), "n".into()] }],
    };
    let plain = Module { functions: vec![Function::default()], ..Module::default() };
    vec![("plain".into(), plain), ("main".into(), module)]
}

/// Two programs are the same if their files are; `Module`'s equality would not take a NaN for itself.
fn same(left: &[Identified], right: &[Identified]) -> bool {
    format!("{left:?}") == format!("{right:?}")
}

/// Puts the right length and checksum into a changed file.
fn seal(file: &mut [u8]) {
    if let Some(body) = file.get(HEADER..) {
        let length = body.len() as u32;
        file[8..12].copy_from_slice(&length.to_be_bytes());
        let sum = checksum(&file[..12], &file[HEADER..]);
        file[12..16].copy_from_slice(&sum.to_be_bytes());
    }
}

#[test]
fn what_is_written_is_read() {
    let program = program();
    let file = write(&program, false).unwrap();
    let back = read(&file).unwrap();
    assert!(same(&program, &back), "{back:#?}");
    assert_eq!(write(&back, false).unwrap(), file);
}

#[test]
fn a_stripped_file_has_no_names_of_locals_and_no_positions() {
    let program = program();
    let stripped = write(&program, true).unwrap();
    let back = read(&stripped).unwrap();
    assert!(stripped.len() < write(&program, false).unwrap().len());
    for (_, module) in &back {
        for function in &module.functions {
            assert!(function.positions.entries().is_empty() && function.local_names.is_empty());
            assert_eq!(function.capture_names.len(), function.captures.len());
        }
    }
    assert_eq!(write(&back, true).unwrap(), stripped);
}

#[test]
fn the_header_is_checked_in_order() {
    let file = write(&program(), false).unwrap();
    let fault = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = file.clone();
        change(&mut changed);
        read(&changed).unwrap_err()
    };
    assert_eq!(fault(&|file| file[0] = 0), FileError { fault: Fault::NotAModuleFile, offset: 0 });
    assert_eq!(fault(&|file| file.truncate(3)), FileError { fault: Fault::NotAModuleFile, offset: 0 });
    assert_eq!(fault(&|file| file[5] = 9), FileError { fault: Fault::Version(9), offset: 4 });
    assert_eq!(fault(&|file| file[7] = 9), FileError { fault: Fault::StackVersion(9), offset: 6 });
    assert_eq!(fault(&|file| file[8] = 0xff), FileError { fault: Fault::TooLarge, offset: 8 });
    assert_eq!(fault(&|file| file[15] ^= 1), FileError { fault: Fault::Checksum, offset: 12 });
    assert_eq!(fault(&|file| file.push(0)).fault, Fault::TrailingOctets);
    assert_eq!(fault(&|file| file.truncate(file.len() - 1)).fault, Fault::Truncated);
    assert_eq!(fault(&|file| file.truncate(10)).fault, Fault::Truncated);
    assert_eq!(read(&[]).unwrap_err().fault, Fault::NotAModuleFile);
}

#[test]
fn register_code_of_another_version_is_refused() {
    let file = write(&program(), false).unwrap();
    // Section 5 begins with its number, its length, and the version.
    let start = (HEADER..file.len())
        .find(|&at| {
            let mut changed = file.clone();
            changed[at] = changed[at].wrapping_add(1);
            seal(&mut changed);
            matches!(read(&changed), Err(FileError { fault: Fault::RegisterVersion(_), offset }) if offset <= at)
        })
        .expect("one of the octets is the version's");
    assert!(start > HEADER);
}

/// A damaged file is refused, or is another file in its only form. It is never a panic.
#[test]
fn every_truncation_and_every_flipped_bit_with_a_right_checksum() {
    let file = write(&program(), false).unwrap();
    for length in 0..file.len() {
        let mut cut = file[..length].to_vec();
        assert!(read(&cut).is_err());
        seal(&mut cut);
        assert!(read(&cut).is_err(), "cut at {length}");
    }
    let mut accepted = 0;
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(read(&flipped).is_err(), "a flipped bit passes the checksum: {bit}");
        if bit >= HEADER * 8 {
            seal(&mut flipped);
            if let Ok(program) = read(&flipped) {
                accepted += 1;
                assert_eq!(write(&program, flipped[HEADER] == 0).unwrap(), flipped, "bit {bit}");
            }
        }
    }
    assert!(accepted > 100, "{accepted}");
}

/// A count that the file cannot hold takes no memory.
#[test]
fn counts_are_held_against_the_file() {
    let mut file =
        write(&[("m".into(), Module { functions: vec![Function::default()], ..Module::default() })], true).unwrap();
    file.truncate(HEADER + 1);
    leb_list(&mut file, u32::MAX);
    seal(&mut file);
    assert_eq!(read(&file).unwrap_err().fault, Fault::Truncated);
}

fn leb_list(file: &mut Vec<u8>, count: u32) {
    iridium_isa::leb::write(file, count);
    file.extend([0; 100]);
}
