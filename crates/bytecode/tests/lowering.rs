//! What portable code becomes: each file of `lowering/` beside the register code that was looked at, in `.registers`
//! (`IRIDIUM_BLESS=1` writes it anew). And whatever lowering makes, the verifier of register code accepts: two that were
//! written apart say the same of it.

use iridium_bytecode::assembly::assemble;
use iridium_bytecode::{VerifiedModule, disassembly};
use iridium_isa::register::{RegisterOp, Word};
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "iasm") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The verified module of a text, or what is said against it.
fn verified(text: &str) -> Result<VerifiedModule, String> {
    let assembled = assemble(text, "test").map_err(|errors| format!("{errors:?}"))?;
    VerifiedModule::new(assembled.program[0].1.clone()).map_err(|rejection| rejection.to_string())
}

#[test]
fn portable_code_becomes_this_register_code() {
    for path in files("lowering") {
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let module = verified(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let actual = disassembly::registers("test", &module, None);
        let golden = path.with_extension("registers");
        if std::env::var_os("IRIDIUM_BLESS").is_some() {
            std::fs::write(&golden, &actual).expect("the file can be written");
        }
        let expected = std::fs::read_to_string(&golden).expect("the file can be read");
        assert_eq!(actual, expected, "{}", path.display());
        // One word came from one instruction each.
        for function in 0..module.functions().len() {
            let origins = module.origins(function);
            let code = &module.functions()[function].code;
            assert_eq!(origins.len(), module.lowered(function).code.len(), "{}", path.display());
            let starts = |offset: &u32| iridium_isa::stack::decode(code, *offset as usize).is_ok();
            assert!(origins.iter().all(starts) && origins.is_sorted(), "{}: {origins:?}", path.display());
        }
    }
}

#[test]
fn what_was_lowered_is_verified_as_register_code() {
    let mut count = 0;
    for path in files("lowering").into_iter().chain(files("rejections")) {
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let Ok(module) = verified(&text) else { continue };
        let lowered = disassembly::registers("test", &module, None);
        let again = verified(&lowered).unwrap_or_else(|error| panic!("{}: {error}\n{lowered}", path.display()));
        for function in 0..module.functions().len() {
            let (before, after) = (module.lowered(function), again.lowered(function));
            assert_eq!((&before.code, &before.handlers), (&after.code, &after.handlers), "{}", path.display());
            assert_eq!((before.frame, before.caches), (after.frame, after.caches), "{}", path.display());
        }
        count += 1;
    }
    assert!(count > 50, "{count} files are accepted");
}

/// As many lines as this has no file.
#[test]
fn a_capture_beyond_255_keeps_its_index() {
    let mut text = ".func main stack\npush-null\nhalt\n.func f stack\n".to_owned();
    for index in 0..=0x1234 {
        text.push_str(&format!(".capture c{index}{}\n", if index == 0x1234 { " cell" } else { "" }));
    }
    text.push_str("capture-get c513\npop\ncapture-load c4660\npop\ncapture-cell-get c4660\nreturn\n");
    let code = verified(&text).expect("it keeps all rules").lowered(1).code.clone();
    let words = [
        Word::wide(RegisterOp::GetCap, 0, 513),
        Word::wide(RegisterOp::CapCell, 0, 4660),
        Word::wide(RegisterOp::GetCapC, 0, 4660),
        Word::abc(RegisterOp::Ret, 0, 0, 0),
    ];
    assert_eq!(code, words.map(|word| word.0));
}
