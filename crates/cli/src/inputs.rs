//! Files that commands take: sources, assembly, and module files.

use crate::Exit;
use crate::arguments::Format;
use crate::messages;
use iridium::{Engine, FileLoader, MODULE_FILE_MAGIC, Program, Rejection, Source};
use std::path::Path;

/// Reads a program of any form: a module file by its first octets, assembly by its ending, else a source.
pub(crate) fn program(engine: &Engine, file: &Path, format: Format) -> Result<Program, Exit> {
    let name = file.display().to_string();
    let octets = octets(file, format)?;
    if octets.starts_with(&MODULE_FILE_MAGIC) || has_ending(file, "irx") {
        return engine.load_file(&octets).map_err(|fault| {
            messages::error(&format!("{name}: {fault}"), format);
            Exit::Rejected
        });
    }
    let source = source(name, octets, format)?;
    if has_ending(file, "iasm") { assemble(engine, source, false, format) } else { compile(engine, source, format) }
}

/// Assembles a file; with `exact` the program has no lines but those that the text gives it.
pub(crate) fn assembly(engine: &Engine, file: &Path, exact: bool, format: Format) -> Result<Program, Exit> {
    let source = source(file.display().to_string(), octets(file, format)?, format)?;
    assemble(engine, source, exact, format)
}

fn assemble(engine: &Engine, source: Source, exact: bool, format: Format) -> Result<Program, Exit> {
    engine.assemble(source, exact).map_err(|rejection| tell(&rejection, format))
}

/// Compiles and tells what the compiler says.
pub(crate) fn compile(engine: &Engine, source: Source, format: Format) -> Result<Program, Exit> {
    match engine.compile_with(source, &mut FileLoader::new()) {
        Ok(program) => {
            messages::diagnostics(program.warnings(), format);
            Ok(program)
        }
        Err(rejection) => Err(tell(&rejection, format)),
    }
}

fn tell(rejection: &Rejection, format: Format) -> Exit {
    messages::diagnostics(rejection.diagnostics(), format);
    if rejection.is_internal() { Exit::Internal } else { Exit::Rejected }
}

/// Reads a source.
pub(crate) fn read(file: &Path, format: Format) -> Result<Source, Exit> {
    source(file.display().to_string(), octets(file, format)?, format)
}

fn source(name: String, octets: Vec<u8>, format: Format) -> Result<Source, Exit> {
    match String::from_utf8(octets) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            messages::error(&format!("cannot read {name}: is not UTF-8 text (octet {at})"), format);
            Err(Exit::Rejected)
        }
    }
}

/// Reads a file's octets.
pub(crate) fn octets(file: &Path, format: Format) -> Result<Vec<u8>, Exit> {
    std::fs::read(file).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        };
        messages::error(&format!("cannot read {}: {reason}", file.display()), format);
        Exit::Rejected
    })
}

fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}
