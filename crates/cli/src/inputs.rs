//! Files that commands take: sources, assembly, and module files.

use crate::Exit;
use crate::arguments::Format;
use crate::messages;
use iridium::{Engine, FileLoader, MODULE_FILE_MAGIC, Program, Rejection, Source, read_program};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Reads a program of any form: a module file by its first octets, assembly by its ending, else a source.
pub(crate) fn program(engine: &Engine, file: &Path, loader: FileLoader, format: Format) -> Result<Program, Exit> {
    let (name, read) = name_and_octets(file);
    let octets = octets(&name, read, format)?;
    if octets.starts_with(&MODULE_FILE_MAGIC) || has_ending(file, "irx") {
        return engine.load_file(&octets).map_err(|fault| {
            messages::error(&format!("{name}: {fault}"), format);
            Exit::Rejected
        });
    }
    let source = source(name, Ok(octets), format)?;
    if has_ending(file, "iasm") {
        assemble(engine, source, false, format)
    } else {
        compile(engine, source, loader, format)
    }
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
pub(crate) fn compile(
    engine: &Engine,
    source: Source,
    mut loader: FileLoader,
    format: Format,
) -> Result<Program, Exit> {
    tell(engine.compile_with(source, &mut loader), format)
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

/// The sources that a path of the command line means: a folder stands for what is below it, and what cannot be read
/// is told.
pub(crate) fn sources(path: &Path, format: Format) -> (Vec<PathBuf>, Option<Exit>) {
    if !path.is_dir() {
        return (vec![path.to_path_buf()], None);
    }
    let mut found = Vec::new();
    let unread = collect(path, &mut found).err().map(|error| {
        messages::error(&format!("cannot read {}: {error}", path.display()), format);
        Exit::Rejected
    });
    found.sort();
    (found, unread)
}

/// The `.eva` files below a folder. What begins with a dot is not looked at, and links are not followed.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "eva") {
                found.push(path);
            }
        }
    }
    Ok(())
}

/// Reads a source, `-` being standard input, or tells why it cannot be read.
pub(crate) fn read(file: &Path, format: Format) -> Result<Source, Exit> {
    let (name, read) = name_and_octets(file);
    source(name, read, format)
}

/// What messages call a file, and what is in it; `-` is standard input.
fn name_and_octets(file: &Path) -> (String, io::Result<Vec<u8>>) {
    if file.as_os_str() == "-" {
        return ("standard input".to_owned(), read_program(io::stdin().lock()));
    }
    (file.display().to_string(), fs::File::open(file).and_then(read_program))
}

/// A source of what was read, or tells why it is none.
fn source(name: String, read: io::Result<Vec<u8>>, format: Format) -> Result<Source, Exit> {
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
