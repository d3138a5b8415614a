//! The commands that do one thing and end: `run`, `eval`, `check`, `dis`.

use crate::Exit;
use crate::arguments::{Deny, Dispatch, EngineChoice, Form, Format, RunOptions};
use crate::messages;
use crate::terminal::{Terminal, catch_interrupts};
use iridium::{Config, Ending, Engine, EngineKind, FileLoader, Program, Rejection, Source};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// `iridium run FILE [ARG…]`: the file comes first in `program`.
pub(crate) fn run(options: &RunOptions, program: Vec<OsString>) -> Exit {
    let Some(config) = config(options) else { return Exit::Usage };
    let mut words = program.into_iter();
    let file = PathBuf::from(words.next().unwrap_or_default());
    let source = match read(&file, options.format) {
        Ok(source) => source,
        Err(exit) => return exit,
    };
    let Some(arguments) = words.map(|word| word.into_string().ok()).collect() else {
        messages::error("an argument of the program is not UTF-8 text", options.format);
        return Exit::Usage;
    };
    execute(&Engine::new(config), source, options, arguments, false)
}

/// `iridium eval EXPR`
pub(crate) fn eval(options: &RunOptions, expression: &str) -> Exit {
    let Some(config) = config(options) else { return Exit::Usage };
    execute(&Engine::new(config), Source::new("eval", expression), options, Vec::new(), true)
}

/// `iridium check FILE…`
pub(crate) fn check(files: &[PathBuf], deny: Option<Deny>, format: Format) -> Exit {
    let engine = Engine::default();
    let mut exit = Exit::Fine;
    let mut all = Vec::new();
    for file in files {
        let (found, unread) = sources(file, format);
        all.extend(found);
        exit = exit.max(unread.unwrap_or(Exit::Fine));
    }
    for file in &all {
        let compiled = |source| engine.check_with(source, &mut FileLoader::new());
        match read(file, format).and_then(|source| tell(compiled(source), format)) {
            Ok(program) if deny == Some(Deny::Warnings) && program.warnings().next().is_some() => {
                exit = exit.max(Exit::Rejected);
            }
            Ok(_) => {}
            Err(rejected) => exit = exit.max(rejected),
        }
    }
    exit
}

/// `iridium dis FILE`
pub(crate) fn dis(file: &Path, form: Form, format: Format) -> Exit {
    let program = match read(file, format).and_then(|source| compile(&Engine::default(), source, format)) {
        Ok(program) => program,
        Err(exit) => return exit,
    };
    let text = match form {
        Form::Portable => program.portable_code(),
        Form::Register => program.register_code(),
    };
    // Whoever closed the pipe has seen enough.
    drop(io::stdout().write_all(text.as_bytes()));
    Exit::Fine
}

/// The configuration that the options ask for; none, with a message, if they contradict each other.
pub(crate) fn config(options: &RunOptions) -> Option<Config> {
    let kind = match (options.engine, options.dispatch) {
        (EngineChoice::Stack, None) => EngineKind::Stack,
        (EngineChoice::Stack, Some(_)) => {
            messages::error(
                "--dispatch is of the register engine; the stack engine has one dispatcher",
                options.format,
            );
            return None;
        }
        // Only the loop counts instructions and calls.
        (EngineChoice::Auto | EngineChoice::Register, None) if options.stats => EngineKind::RegisterLoop,
        (EngineChoice::Auto | EngineChoice::Register, None) => EngineKind::default(),
        #[cfg(not(feature = "safe-dispatch"))]
        (EngineChoice::Auto | EngineChoice::Register, Some(Dispatch::Tail)) => EngineKind::RegisterTail,
        (EngineChoice::Auto | EngineChoice::Register, Some(Dispatch::Loop)) => EngineKind::RegisterLoop,
    };
    let mut config = Config::new().engine(kind);
    if let Some(octets) = options.max_heap {
        config = config.max_heap(octets);
    }
    if let Some(reductions) = options.fuel {
        config = config.fuel(reductions);
    }
    if let Some(time) = options.deadline {
        config = config.deadline(time);
    }
    Some(config)
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
    if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes);
        return source("standard input".to_owned(), read, format);
    }
    source(file.display().to_string(), fs::read(file), format)
}

/// A source of what was read, or tells why it is none.
fn source(name: String, read: io::Result<Vec<u8>>, format: Format) -> Result<Source, Exit> {
    let reason = match read {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Ok(Source::new(name, text)),
            Err(error) => format!("is not UTF-8 text (octet {})", error.utf8_error().valid_up_to()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => "there is no such file".to_owned(),
        Err(error) => error.to_string(),
    };
    messages::error(&format!("cannot read {name}: {reason}"), format);
    Err(Exit::Rejected)
}

/// Compiles a source to be run, and tells what the compiler says.
fn compile(engine: &Engine, source: Source, format: Format) -> Result<Program, Exit> {
    tell(engine.compile_with(source, &mut FileLoader::new()), format)
}

/// Tells what the compiler said.
fn tell(compiled: Result<Program, Rejection>, format: Format) -> Result<Program, Exit> {
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

fn execute(engine: &Engine, source: Source, options: &RunOptions, arguments: Vec<String>, show: bool) -> Exit {
    let program = match compile(engine, source, options.format) {
        Ok(program) => program,
        Err(exit) => return exit,
    };
    let mut execution = match engine.start(&program) {
        Ok(execution) => execution,
        Err(error) => {
            messages::error(&error.to_string(), options.format);
            return Exit::Rejected;
        }
    };
    catch_interrupts();
    let mut host = Terminal::new(arguments);
    let ending = execution.run(&mut host);
    let mut exit = exit(&ending);
    if show && ending == Ending::Done {
        match execution.value() {
            Ok(value) => drop(host.print(&value)),
            Err(reason) => {
                messages::error(&format!(":limit-error: {reason}"), options.format);
                exit = Exit::Failed;
            }
        }
    }
    if let Err(error) = host.flush()
        && ending == Ending::Done
    {
        messages::error(&format!(":io-error: standard output: {error}"), options.format);
        exit = Exit::Failed;
    }
    messages::ending(&ending, program.sources(), options.format);
    if options.stats {
        messages::stats(&execution.stats(), options.format);
    }
    exit
}

/// What an ending means for the exit code.
fn exit(ending: &Ending) -> Exit {
    match ending {
        Ending::Done => Exit::Fine,
        Ending::Interrupted => Exit::Interrupted,
        ending if ending.is_internal() => Exit::Internal,
        Ending::Failed(_) | Ending::Limit(_) => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iridium::Failure;

    fn failed(kind: Option<&str>) -> Ending {
        let kind = kind.map(str::to_owned);
        Ending::Failed(Failure { kind, text: String::new(), trace: Vec::new(), omitted: 0 })
    }

    #[test]
    fn a_fault_of_our_own_is_told_from_an_error_of_the_program() {
        assert_eq!(exit(&failed(Some("internal"))), Exit::Internal);
        assert_eq!(exit(&failed(Some("type-error"))), Exit::Failed);
        assert_eq!(exit(&failed(None)), Exit::Failed);
        assert_eq!(exit(&Ending::Limit("fuel")), Exit::Failed);
        assert_eq!(exit(&Ending::Interrupted), Exit::Interrupted);
        assert_eq!(exit(&Ending::Done), Exit::Fine);
    }
}
