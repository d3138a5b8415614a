//! What a fuzzer calls with octets. A panic is a finding, and so is one that the machine would catch.
//!
//! With the feature `canary` each target has a bug that was planted behind it, to show that it would find one.

use crate::choices::Choices;
use crate::oracle::Engines;
use crate::{eva, portable};
use iridium::{Program, Source, TokenKind, tokens};
use iridium_bytecode::Module;

/// What takes octets, by name.
pub type Target = (&'static str, fn(&[u8]));

/// The targets.
pub const TARGETS: &[Target] = &[
    ("reader", reader),
    ("loader", loader),
    ("assembler", assembler),
    ("load-and-run", load_and_run),
    ("differential", differential),
];

/// Whether the bugs are there that were planted.
const CANARY: bool = cfg!(feature = "canary");

/// Reductions of a module that nobody wrote.
const FUEL: u64 = 2_000;

/// Octets as a source: read, compiled, formatted.
pub fn reader(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let found = tokens(text);
    let engines = Engines::default();
    match engines.reference().compile(Source::new("main.eva", text)) {
        Ok(_) => {
            engines.formatting(text).unwrap_or_else(|message| panic!("{message}\n{text}"));
            let openings = found.windows(2).filter(|pair| pair.iter().all(|token| token.kind == TokenKind::Open));
            assert!(!CANARY || openings.count() != 7, "canary of reader");
        }
        Err(rejection) => assert!(!rejection.is_internal(), "{}\n{text}", rejection.render(false)),
    }
}

/// Octets as a module file: what is read is written again as it was.
pub fn loader(octets: &[u8]) {
    let Some((how, octets)) = octets.split_first() else { return };
    let file = if how % 4 == 0 { octets.to_vec() } else { sealed(octets) };
    let Ok(modules) = iridium_bytecode::file::read(&file) else { return };
    let stripped = modules.iter().all(|(_, module)| has_no_tables(module));
    let again = iridium_bytecode::file::write(&modules, false);
    let bare = iridium_bytecode::file::write(&modules, true);
    assert!(
        again.as_ref() == Some(&file) || (stripped && bare.as_ref() == Some(&file)),
        "it is written in another way"
    );
    let mut functions = modules.iter().flat_map(|(_, module)| &module.functions);
    assert!(!CANARY || !functions.any(|function| function.rest && function.packed), "canary of loader");
    // What verification says does not matter here, but it must not fall over.
    let _ = Engines::new(FUEL).reference().load_file(&file);
}

/// Octets as assembly: what is assembled and written again is the same program.
pub fn assembler(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let engines = Engines::new(FUEL);
    let Ok(program) = engines.reference().assemble(Source::new("text.iasm", text), true) else { return };
    let functions = program.module().functions();
    assert!(
        !CANARY || !functions.iter().any(|function| (function.required, function.optional) == (2, 1)),
        "canary of assembler"
    );
    if functions.iter().all(|function| function.registers.is_none()) {
        engines.forms(&program).unwrap_or_else(|message| panic!("{message}\n{text}"));
    }
}

/// A module made by its structure, or one that was read, in all engines.
pub fn load_and_run(octets: &[u8]) {
    let engines = Engines::new(FUEL);
    let mut choices = Choices::new(octets);
    let module = if choices.below(4) == 3 {
        let read = iridium_bytecode::file::read(&sealed(choices.rest()));
        match read.ok().and_then(|mut modules| modules.pop()) {
            Some((_, module)) if module.functions.iter().all(|function| function.registers.is_none()) => module,
            _ => return,
        }
    } else {
        portable::module(&mut choices)
    };
    let Ok(program) = load(&engines, module) else { return };
    let what = if CANARY { "canary of load-and-run: " } else { "" };
    engines.agree(&program).unwrap_or_else(|message| panic!("{what}{message}\n{}", program.portable_code()));
}

/// A program of Eva made by the grammar, in all engines and forms.
pub fn differential(octets: &[u8]) {
    let engines = Engines::default();
    let text = program(octets);
    if CANARY {
        let Ok(program) = engines.compile(&text) else { return };
        let Ok(wrong) = load(&engines, program.module().module().clone()) else { return };
        engines.agree(&wrong).unwrap_or_else(|message| panic!("canary of differential: {message}\n{text}"));
    } else {
        engines.check(&text).unwrap_or_else(|message| panic!("{message}\n{text}"));
    }
}

/// The program that the target `differential` makes of octets.
pub fn program(octets: &[u8]) -> String {
    eva::program(&mut Choices::new(octets))
}

/// Verifies a module; with a planted bug of lowering, if there are such.
fn load(engines: &Engines, module: Module) -> Result<Program, iridium_bytecode::Rejection> {
    #[cfg(feature = "canary")]
    return iridium_bytecode::faults::with(iridium_bytecode::faults::Fault::LabelTooEarly, || {
        engines.reference().load(module)
    });
    #[cfg(not(feature = "canary"))]
    engines.reference().load(module)
}

fn has_no_tables(module: &Module) -> bool {
    let bare = |function: &iridium_bytecode::Function| {
        function.positions.entries().is_empty()
            && function.local_names.is_empty()
            && function.capture_names.iter().all(String::is_empty)
    };
    module.functions.iter().all(bare)
}

/// A body as a module file, with the header that belongs to it: mutations seldom hit a checksum.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut file = iridium_bytecode::file::MAGIC.to_vec();
    file.extend(iridium_bytecode::file::VERSION.to_be_bytes());
    file.extend(iridium_isa::STACK_VERSION.to_be_bytes());
    file.extend((body.len() as u32).to_be_bytes());
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&file);
    checksum.update(body);
    file.extend(checksum.finalize().to_be_bytes());
    file.extend(body);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_body_is_a_module_file() {
        let engines = Engines::default();
        let file = engines.compile("(print 1)").expect("it compiles").file(false).expect("it is small");
        assert_eq!(sealed(&file[16..]), file);
    }
}
