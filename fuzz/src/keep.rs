//! Writes what was found as a test file: `tests/differential/NAME.eva`, made small, with what the reference engine says
//! beside it.

use crate::minimise;
use crate::oracle::{Engines, observe};
use iridium::Ending;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What stands between a program and what it gives.
const EXPECTED: &str = " ; => ";

/// Makes a source smaller that fails, and writes it into a folder; gives the path.
///
/// # Errors
/// Why the file can't be written.
pub fn keep(folder: &Path, engines: &Engines, text: &str, fails: impl FnMut(&str) -> bool) -> io::Result<PathBuf> {
    let small = minimise::source(text.to_owned(), fails);
    let path = folder.join(format!("found-{:08x}.eva", crc32fast::hash(small.as_bytes())));
    fs::create_dir_all(folder)?;
    fs::write(&path, with_expectation(engines, &small))?;
    Ok(path)
}

/// A program with what the reference engine says of it beside its last line, and its output, in the form in which golden
/// files have them.
pub fn with_expectation(engines: &Engines, text: &str) -> String {
    let text = text.trim_end();
    let Ok(observed) = engines.compile(text).and_then(|program| observe(engines.reference(), &program)) else {
        return format!("{text}{EXPECTED}compile error\n");
    };
    let expected = match observed.ending {
        Ending::Done => observed.value.unwrap_or_default(),
        Ending::Failed(failure) => match failure.kind {
            Some(kind) => format!("error :{kind}"),
            None => format!("throw {}", failure.text),
        },
        Ending::Limit(name) => format!("limit :{name}"),
        Ending::Exited(reason) => format!("exit {reason}"),
        Ending::Deadlock(_) => "deadlock".to_owned(),
        Ending::Interrupted => String::new(),
    };
    let mut out = format!("{text}{EXPECTED}{expected}\n");
    for line in observed.output.lines() {
        out.push_str(&format!("; prints: {line}\n"));
    }
    out
}

/// Checks that a file that was kept gives what stands in it.
///
/// # Errors
/// What does not hold.
pub fn holds(engines: &Engines, file: &str) -> Result<(), String> {
    let program = file.rsplit_once(EXPECTED).map_or(file, |(program, _)| program);
    engines.check(program)?;
    let expected = with_expectation(engines, program);
    if expected == file { Ok(()) } else { Err(format!("it has\n{file}\nbut gives\n{expected}")) }
}
