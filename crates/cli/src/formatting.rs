//! The command `fmt`: sources in the canonical style, in place or from standard input to standard output.

use crate::arguments::Format;
use crate::{Exit, difference, inputs, messages};
use iridium::Source;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// `iridium fmt FILE…`
pub(crate) fn fmt(files: &[PathBuf], check: bool, format: Format) -> Exit {
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() { &standard_input } else { files };
    let mut exit = Exit::Fine;
    let mut note = |one: Exit| exit = exit.max(one);
    for file in files {
        if file.as_os_str() == "-" {
            note(stream(check, format));
        } else {
            let (found, unread) = inputs::sources(file, format);
            unread.into_iter().for_each(&mut note);
            found.iter().for_each(|file| note(one(file, check, format)));
        }
    }
    exit
}

fn stream(check: bool, format: Format) -> Exit {
    let source = match inputs::read(Path::new("-"), format) {
        Ok(source) => source,
        Err(exit) => return exit,
    };
    match formatted(&source, format) {
        Ok(text) if check => compare(&source, &text, format),
        Ok(text) => match io::stdout().write_all(text.as_bytes()) {
            Ok(()) => Exit::Fine,
            Err(error) => cannot_write("standard output", &error, format),
        },
        Err(exit) => exit,
    }
}

fn one(file: &Path, check: bool, format: Format) -> Exit {
    let source = match inputs::read(file, format) {
        Ok(source) => source,
        Err(exit) => return exit,
    };
    match formatted(&source, format) {
        Ok(text) if check => compare(&source, &text, format),
        Ok(text) if text == source.text() => Exit::Fine,
        Ok(text) => match replace(file, &text) {
            Ok(()) => Exit::Fine,
            Err(error) => cannot_write(source.name(), &error, format),
        },
        Err(exit) => exit,
    }
}

fn formatted(source: &Source, format: Format) -> Result<String, Exit> {
    iridium::format(source).map_err(|diagnostics| {
        messages::diagnostics(diagnostics.iter().map(|diagnostic| (source, diagnostic)), format);
        Exit::Rejected
    })
}

/// Tells where a source differs from its formatted text.
fn compare(source: &Source, text: &str, format: Format) -> Exit {
    match difference::first(source.text(), text) {
        None => Exit::Fine,
        Some(difference) => {
            messages::not_formatted(source.name(), &difference, format);
            Exit::Failed
        }
    }
}

fn cannot_write(name: &str, error: &io::Error, format: Format) -> Exit {
    messages::error(&format!("cannot write {name}: {error}"), format);
    Exit::Failed
}

/// Puts a text in the place of a file's: wholly or not at all, with the file's permissions.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    // A link stays one; what it leads to is replaced.
    let file = fs::canonicalize(file)?;
    let permissions = fs::metadata(&file)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(file.file_name().unwrap_or_default());
    name.push(format!(".{}", std::process::id()));
    let beside = file.with_file_name(name);
    let written = write_new(&beside, text, permissions).and_then(|()| fs::rename(&beside, &file));
    if written.is_err() {
        drop(fs::remove_file(&beside));
    }
    written
}

fn write_new(path: &Path, text: &str, permissions: fs::Permissions) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.set_permissions(permissions)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
