//! Small programs that tests damage: `tests/hostile/*.eva`, as portable code and as register code.

use crate::{folder, read};
use iridium::{Engine, Program, Source};
use iridium_bytecode::Module;

/// A program that is to be damaged.
#[derive(Debug)]
pub struct Specimen {
    /// Its name, and which code it is.
    pub name: String,
    /// Whether it is portable code, which all engines run; else it is register code.
    pub portable: bool,
    /// Its modules, the main one last.
    pub modules: Vec<(String, Module)>,
    /// The module file without debug tables.
    pub stripped: Vec<u8>,
    /// The module file.
    pub whole: Vec<u8>,
}

impl Specimen {
    fn new(name: String, portable: bool, program: &Program) -> Specimen {
        let file = |strip| program.file(strip).expect("a small program fits into a file");
        let modules = program.modules().iter().map(|(id, module)| (id.clone(), module.module().clone())).collect();
        Specimen { name, portable, modules, stripped: file(true), whole: file(false) }
    }
}

/// All of them, by name, each in both forms.
///
/// # Panics
/// If one does not compile, or its register code does not assemble.
pub fn specimens(engine: &Engine) -> Vec<Specimen> {
    let entries = std::fs::read_dir(folder().join("hostile")).expect("tests/hostile is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry of a folder").path()).collect();
    paths.sort();
    let mut specimens = Vec::new();
    for path in paths {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let program = engine.compile(Source::new(name.clone(), read(&path)));
        let program = program.unwrap_or_else(|rejection| panic!("{name}: {}", rejection.render(false)));
        let assembled = engine.assemble(Source::new(format!("{name}.iasm"), program.register_code()), true);
        let assembled = assembled.unwrap_or_else(|rejection| panic!("{name}: {}", rejection.render(false)));
        specimens.push(Specimen::new(format!("{name}, portable"), true, &program));
        specimens.push(Specimen::new(format!("{name}, registers"), false, &assembled));
    }
    specimens
}

/// Gives a damaged module file the length and checksum that go with its contents.
pub fn repair(file: &mut [u8]) {
    const HEADER: usize = 16;
    let Some(length) = file.len().checked_sub(HEADER) else { return };
    file[8..12].copy_from_slice(&(length as u32).to_be_bytes());
    let sum = file[..12].iter().chain(&file[HEADER..]).fold(!0, |sum: u32, &octet| {
        (0..8).fold(sum ^ u32::from(octet), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    });
    file[12..16].copy_from_slice(&(!sum).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undamaged_file_needs_no_repair() {
        let all = specimens(&Engine::default());
        assert_eq!(all.len(), 40);
        for specimen in all {
            for file in [&specimen.stripped, &specimen.whole] {
                let mut repaired = file.clone();
                repaired[8..16].fill(0);
                repair(&mut repaired);
                assert_eq!(&repaired, file, "{}", specimen.name);
            }
        }
    }
}
