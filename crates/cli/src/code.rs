//! The commands about a program's forms: `build`, `asm`, `dis`, `verify`.

use crate::Exit;
use crate::arguments::{Emit, Form, Format};
use crate::{inputs, messages};
use iridium::{Engine, FileLoader, Program};
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

/// `iridium build FILE -o OUT`
pub(crate) fn build(file: &Path, out: Option<&Path>, emit: Emit, strip: bool, format: Format) -> Exit {
    match inputs::program(&Engine::default(), file, FileLoader::new(), format) {
        Ok(program) => emit_to(&program, file, out, emit, strip, format),
        Err(exit) => exit,
    }
}

/// `iridium asm FILE -o OUT`
pub(crate) fn asm(file: &Path, out: Option<&Path>, strip: bool, format: Format) -> Exit {
    match inputs::assembly(&Engine::default(), file, true, format) {
        Ok(program) => emit_to(&program, file, out, Emit::Irx, strip, format),
        Err(exit) => exit,
    }
}

/// `iridium dis FILE`
pub(crate) fn dis(file: &Path, form: Form, html: bool, format: Format) -> Exit {
    let program = match inputs::program(&Engine::default(), file, FileLoader::new(), format) {
        Ok(program) => program,
        Err(exit) => return exit,
    };
    let text = match form {
        _ if html => program.listing_page(),
        Form::Portable => program.portable_code(),
        Form::Register => program.register_code(),
        Form::All => program.listing(),
    };
    print(&text)
}

/// `iridium verify FILE`: what the file is, and what was checked.
pub(crate) fn verify(file: &Path, format: Format) -> Exit {
    match inputs::program(&Engine::default(), file, FileLoader::new(), format) {
        Ok(program) => print(&program.verification(&file.display().to_string())),
        Err(exit) => exit,
    }
}

/// Writes on standard output. Whoever closed the pipe has seen enough.
fn print(text: &str) -> Exit {
    drop(std::io::stdout().write_all(text.as_bytes()));
    Exit::Fine
}

/// Writes a form of a program beside its source, to a file, or to standard output (`-`).
fn emit_to(program: &Program, file: &Path, out: Option<&Path>, emit: Emit, strip: bool, format: Format) -> Exit {
    let octets = match emit {
        Emit::Irx => program.file(strip),
        Emit::Iasm => Some(program.portable_code().into_bytes()),
    };
    let Some(octets) = octets else {
        messages::error("the program is too large for a module file", format);
        return Exit::Rejected;
    };
    if out.is_some_and(|out| out.as_os_str() == OsStr::new("-")) {
        drop(std::io::stdout().write_all(&octets));
        return Exit::Fine;
    }
    let beside = file.with_extension(match emit {
        Emit::Irx => "irx",
        Emit::Iasm => "iasm",
    });
    let out = out.unwrap_or(&beside);
    if out == file {
        messages::error(&format!("{} would be overwritten: say where to write with `-o`", out.display()), format);
        return Exit::Usage;
    }
    match std::fs::write(out, octets) {
        Ok(()) => Exit::Fine,
        Err(error) => {
            messages::error(&format!("cannot write {}: {error}", out.display()), format);
            Exit::Failed
        }
    }
}
