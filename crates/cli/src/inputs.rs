//! Files that commands take: sources, assembly, and module files.

use crate::Exit;
use crate::arguments::Format;
use crate::messages;
use iridium::{Engine, FileLoader, MODULE_FILE_MAGIC, Program, Rejection, Source};
use std::io;
use std::path::Path;

/// Reads a program of any form: a module file by its first octets, assembly by its ending, else a source.
pub(crate) fn program(engine: &Engine, file: &Path, format: Format) -> Result<Program, Exit> {
    let name = file.display().to_string();
    let octets = octets(&name, std::fs::read(file), format)?;
    if octets.starts_with(&MODULE_FILE_MAGIC) || has_ending(file, "irx") {
        return engine.load_file(&octets).map_err(|fault| {
            messages::error(&format!("{name}: {fault}"), format);
            Exit::Rejected
        });
    }
    let source = source(name, Ok(octets), format)?;
    if has_ending(file, "iasm") { assemble(engine, source, false, format) } else { compile(engine, source, format) }
}

/// Assembles a file; with `exact` the program has no lines but those that the text gives it.
pub(crate) fn assembly(engine: &Engine, file: &Path, exact: bool, format: Format) -> Result<Program, Exit> {
    let source = read(file, format)?;
    assemble(engine, source, exact, format)
}

fn assemble(engine: &Engine, source: Source, exact: bool, format: Format) -> Result<Program, Exit> {
    tell(engine.assemble(source, exact), format)
}

/// Compiles a source to be run, and tells what the compiler says.
pub(crate) fn compile(engine: &Engine, source: Source, format: Format) -> Result<Program, Exit> {
    tell(engine.compile_with(source, &mut FileLoader::new()), format)
}

/// Tells what the compiler said.
pub(crate) fn tell(compiled: Result<Program, Rejection>, format: Format) -> Result<Program, Exit> {
    match compiled {
        Ok(program) => {
            messages::diagnostics(program.warnings(), format);
            Ok(program)
        }
        Err(rejection) => {
            messages::diagnostics(rejection.diagnostics(), format);
            Err(if rejection.is_internal() { Exit::Internal } else { Exit::Rejected })
        }
    }
}

/// Reads a source, or tells why it cannot be read.
pub(crate) fn read(file: &Path, format: Format) -> Result<Source, Exit> {
    source(file.display().to_string(), std::fs::read(file), format)
}

/// A source of what was read, or tells why it is none.
pub(crate) fn source(name: String, read: io::Result<Vec<u8>>, format: Format) -> Result<Source, Exit> {
    let octets = octets(&name, read, format)?;
    String::from_utf8(octets).map(|text| Source::new(name.clone(), text)).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        messages::error(&format!("cannot read {name}: is not UTF-8 text (octet {at})"), format);
        Exit::Rejected
    })
}

/// What was read, or tells why there is nothing.
fn octets(name: &str, read: io::Result<Vec<u8>>, format: Format) -> Result<Vec<u8>, Exit> {
    read.map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => error.to_string(),
        };
        messages::error(&format!("cannot read {name}: {reason}"), format);
        Exit::Rejected
    })
}

fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}
