//! Every fault of a module file: two files that have it, each with the octet at which it is found, and one that barely does
//! not. They are a good file with some octets changed, and its length and checksum set right where that is not the point.

use iridium_bytecode::file::{Fault, FileError, MAGIC, MAX_FILE, VERSION, read, write};
use iridium_bytecode::{Constant, Function, Module, RegisterCode};
use iridium_isa::register::{RegisterOp, Word};
use iridium_isa::stack::StackOp;
use std::mem::{Discriminant, discriminant};

/// Octets before the body.
const HEADER: usize = 16;

/// A file with one module: an int, a float, a text, and a function of each form.
fn file() -> Vec<u8> {
    let portable = Function { code: vec![StackOp::PushNull as u8, StackOp::Return as u8], ..Function::default() };
    let words = vec![Word::abc(RegisterOp::LoadNull, 0, 0, 0).0, Word::long(RegisterOp::Hlt, 0).0];
    let register = Function {
        registers: Some(RegisterCode { words, frame: 1, ..RegisterCode::default() }),
        ..Function::default()
    };
    let module = Module {
        source: "src".to_owned(),
        constants: vec![Constant::Int(5.into()), Constant::Float(1.5), Constant::Str("text".to_owned())],
        functions: vec![portable, register],
        ..Module::default()
    };
    write(&[("id".to_owned(), module)], false).expect("it is small")
}

/// Where some octets first stand in the file.
fn place(octets: &[u8]) -> usize {
    file().windows(octets.len()).position(|window| window == octets).expect("they stand there")
}

/// The file after a change, with the length and checksum that it then should have.
fn sealed(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut file = file();
    change(&mut file);
    let length = (file.len() - HEADER) as u32;
    file[8..12].copy_from_slice(&length.to_be_bytes());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&file[..12]);
    hasher.update(&file[HEADER..]);
    file[12..16].copy_from_slice(&hasher.finalize().to_be_bytes());
    file
}

fn changed(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut file = file();
    change(&mut file);
    file
}

fn set(at: usize, octets: &[u8]) -> impl Fn(&mut Vec<u8>) + '_ {
    move |file| file[at..at + octets.len()].copy_from_slice(octets)
}

/// Files with a fault, and where it is.
fn faulty() -> Vec<(Fault, usize, Vec<u8>)> {
    let end = file().len();
    // Constants: their section's number and length, how many, the int's tag, sign, length and octet.
    let constants = place(&[1, 20, 3, 0, 0, 1, 5]);
    let float = constants + 7;
    let text = place(b"\x04text");
    let source = place(b"\x03src");
    let globals = text + 5;
    let registers = place(&[5, 14, 0, 1]);
    let nan = |bits: u64| sealed(move |file| file[float + 1..float + 9].copy_from_slice(&bits.to_be_bytes()));
    let too_large = |length: usize| (length as u32).to_be_bytes();
    vec![
        (Fault::NotAModuleFile, 0, vec![]),
        (Fault::NotAModuleFile, 0, changed(set(3, b"Y"))),
        (Fault::Version(VERSION + 1), 4, sealed(set(5, &[VERSION as u8 + 1]))),
        (Fault::Version(0), 4, sealed(set(4, &[0, 0]))),
        (Fault::StackVersion(0x101), 6, sealed(set(6, &[1, 1]))),
        (Fault::StackVersion(0), 6, sealed(set(6, &[0, 0]))),
        (Fault::RegisterVersion(0), registers + 2, sealed(set(registers + 2, &[0, 0]))),
        (Fault::RegisterVersion(0x101), registers + 2, sealed(set(registers + 2, &[1, 1]))),
        (Fault::TooLarge, 8, changed(set(8, &too_large(MAX_FILE - HEADER + 1)))),
        (Fault::TooLarge, 8, changed(set(8, &[255; 4]))),
        (Fault::Truncated, end - 1, changed(|file| file.truncate(end - 1))),
        (Fault::Truncated, 12, changed(|file| file.truncate(14))),
        (Fault::Truncated, source, sealed(set(source, &[127]))),
        (Fault::TrailingOctets, end, changed(|file| file.push(0))),
        (Fault::TrailingOctets, end, sealed(|file| file.push(0))),
        (
            Fault::TrailingOctets,
            text + 5,
            sealed(|file| {
                file[constants + 1] += 1;
                file.insert(text + 5, 0)
            }),
        ),
        (Fault::Checksum, 12, changed(set(15, &[file()[15] ^ 1]))),
        (Fault::Checksum, 12, changed(set(end - 1, &[file()[end - 1] ^ 128]))),
        (Fault::BadNumber, constants + 5, sealed(set(constants + 6, &[0]))),
        (
            Fault::BadNumber,
            source,
            sealed(|file| {
                file[source] = 0x83;
                file.insert(source + 1, 0)
            }),
        ),
        (Fault::BadText, text, sealed(set(text + 4, &[0x80]))),
        (Fault::BadText, source, sealed(set(source + 1, &[0xff]))),
        (Fault::BadTag(2), HEADER, sealed(set(HEADER, &[2]))),
        (Fault::BadTag(8), constants + 3, sealed(set(constants + 3, &[8]))),
        (Fault::BadSection(1), constants, sealed(set(constants, &[2]))),
        (Fault::BadSection(2), globals, sealed(set(globals, &[1]))),
        (Fault::BadFloat, float + 1, nan(f64::NAN.to_bits() | 1)),
        (Fault::BadFloat, float + 1, nan(f64::NAN.to_bits() | 1 << 63)),
        (
            Fault::NoModule,
            HEADER + 2,
            sealed(|file| {
                file.truncate(HEADER);
                file.extend([1, 0])
            }),
        ),
        (
            Fault::NoModule,
            HEADER + 2,
            sealed(|file| {
                file.truncate(HEADER);
                file.extend([0, 0])
            }),
        ),
    ]
}

/// A fault that a file barely does not have, and the file.
fn near_misses() -> Vec<(Fault, Vec<u8>)> {
    let constants = place(&[1, 20, 3, 0, 0, 1, 5]);
    let float = constants + 7;
    let text = place(b"\x04text");
    let source = place(b"\x03src");
    vec![
        (Fault::NotAModuleFile, changed(set(0, &MAGIC))),
        (Fault::Version(0), sealed(set(4, &VERSION.to_be_bytes()))),
        (Fault::StackVersion(0), sealed(set(6, &iridium_isa::STACK_VERSION.to_be_bytes()))),
        (
            Fault::RegisterVersion(0),
            sealed(set(place(&[5, 14, 0, 1]) + 2, &iridium_isa::REGISTER_VERSION.to_be_bytes())),
        ),
        (
            Fault::Truncated,
            sealed(|file| {
                file[source] = 2;
                file.remove(source + 1);
            }),
        ),
        (
            Fault::TrailingOctets,
            sealed(|file| {
                file[constants + 1] += 1;
                file[text] += 1;
                file.insert(text + 5, 0)
            }),
        ),
        (Fault::Checksum, sealed(set(text + 1, b"T"))),
        (Fault::BadNumber, sealed(set(constants + 6, &[1]))),
        (Fault::BadText, sealed(set(text + 3, "\u{e9}".as_bytes()))),
        (Fault::BadTag(0), sealed(set(constants + 4, &[1]))),
        (Fault::BadSection(1), sealed(set(constants, &[1]))),
        (Fault::BadFloat, sealed(set(float + 1, &f64::NAN.to_bits().to_be_bytes()))),
        (Fault::NoModule, file()),
    ]
}

#[test]
fn every_fault_is_found_at_its_place() {
    let mut kinds: Vec<Discriminant<Fault>> = Vec::new();
    for (index, (fault, offset, file)) in faulty().into_iter().enumerate() {
        assert_eq!(read(&file).err(), Some(FileError { fault, offset }), "file {index}");
        kinds.push(discriminant(&fault));
    }
    for fault in ALL {
        let count = kinds.iter().filter(|kind| **kind == discriminant(&fault)).count();
        assert!(count >= 2, "{fault:?}: {count} files have it");
        // A file of the greatest size is read in `the_largest_file_is_read`.
        let near = near_misses().iter().any(|(near, _)| discriminant(near) == discriminant(&fault));
        assert!(near || fault == Fault::TooLarge, "{fault:?}: no file barely has it not");
    }
}

/// One of each fault. The `match` does not compile when there is another.
const ALL: [Fault; 14] = {
    const fn listed(fault: Fault) -> Fault {
        match fault {
            Fault::NotAModuleFile | Fault::Version(_) | Fault::StackVersion(_) | Fault::RegisterVersion(_) => fault,
            Fault::TooLarge | Fault::Truncated | Fault::TrailingOctets | Fault::Checksum | Fault::BadNumber => fault,
            Fault::BadText | Fault::BadTag(_) | Fault::BadSection(_) | Fault::BadFloat | Fault::NoModule => fault,
        }
    }
    [
        listed(Fault::NotAModuleFile),
        listed(Fault::Version(0)),
        listed(Fault::StackVersion(0)),
        listed(Fault::RegisterVersion(0)),
        listed(Fault::TooLarge),
        listed(Fault::Truncated),
        listed(Fault::TrailingOctets),
        listed(Fault::Checksum),
        listed(Fault::BadNumber),
        listed(Fault::BadText),
        listed(Fault::BadTag(0)),
        listed(Fault::BadSection(0)),
        listed(Fault::BadFloat),
        listed(Fault::NoModule),
    ]
};

#[test]
fn what_barely_has_no_fault_is_read_and_written_again() {
    for (fault, file) in near_misses() {
        let program = read(&file).unwrap_or_else(|error| panic!("near {fault:?}: {error}"));
        assert_eq!(write(&program, file[HEADER] == 0).as_deref(), Some(&file[..]), "near {fault:?}");
    }
}

#[test]
fn the_largest_file_is_read() {
    let program = |length: usize| {
        let text = Constant::Bytes(vec![7; length]);
        vec![("id".to_owned(), Module { constants: vec![text], ..Module::default() })]
    };
    let rest = write(&program(1 << 24), true).expect("it is small").len() - (1 << 24);
    let most = MAX_FILE - rest;
    let file = write(&program(most), true).expect("it has just the size");
    assert_eq!(file.len(), MAX_FILE);
    assert!(read(&file).is_ok());
    assert!(write(&program(most + 1), true).is_none());
}
