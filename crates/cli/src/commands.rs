//! The commands that do one thing and end: `run`, `eval`, `check`.

use crate::Exit;
use crate::arguments::{Deny, Dispatch, EngineChoice, Format, RunOptions};
use crate::inputs;
use crate::messages;
use crate::schedules;
use crate::terminal::{Terminal, catch_interrupts};
use iridium::{Config, Ending, Engine, EngineKind, FileLoader, Program, Source};
use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;

/// `iridium run FILE [ARG…]`: the file comes first in `program`.
pub(crate) fn run(options: &RunOptions, seeds: Option<u64>, program: Vec<OsString>) -> Exit {
    let Some(config) = config(options) else { return Exit::Usage };
    let mut words = program.into_iter();
    let file = PathBuf::from(words.next().unwrap_or_default());
    let Some(arguments) = words.map(|word| word.into_string().ok()).collect::<Option<Vec<String>>>() else {
        messages::error("an argument of the program is not UTF-8 text", options.format);
        return Exit::Usage;
    };
    let engine = Engine::new(config.clone());
    let program = match inputs::program(&engine, &file, options.sandbox.loader(Some(&file)), options.format) {
        Ok(program) => program,
        Err(exit) => return exit,
    };
    match seeds {
        Some(count) => schedules::execute(&config, count, &program, options, &arguments),
        None => execute(&engine, &program, options, arguments, false),
    }
}

/// `iridium eval EXPR`
pub(crate) fn eval(options: &RunOptions, expression: &str) -> Exit {
    let Some(config) = config(options) else { return Exit::Usage };
    let engine = Engine::new(config);
    let source = Source::new("eval", expression);
    match inputs::compile(&engine, source, options.sandbox.loader(None), options.format) {
        Ok(program) => execute(&engine, &program, options, Vec::new(), true),
        Err(exit) => exit,
    }
}

/// `iridium check FILE…`
pub(crate) fn check(files: &[PathBuf], deny: Option<Deny>, format: Format) -> Exit {
    let engine = Engine::default();
    let mut exit = Exit::Fine;
    let mut all = Vec::new();
    for file in files {
        let (found, unread) = inputs::sources(file, format);
        all.extend(found);
        exit = exit.max(unread.unwrap_or(Exit::Fine));
    }
    for file in &all {
        let compiled = |source| engine.check_with(source, &mut FileLoader::new());
        match inputs::read(file, format).and_then(|source| inputs::tell(compiled(source), format)) {
            Ok(program) if deny == Some(Deny::Warnings) && program.warnings().next().is_some() => {
                exit = exit.max(Exit::Rejected);
            }
            Ok(_) => {}
            Err(rejected) => exit = exit.max(rejected),
        }
    }
    exit
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
    let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut config = Config::new().engine(kind).schedulers(options.schedulers.unwrap_or_else(cores));
    if let Some(octets) = options.max_heap {
        config = config.max_heap(octets);
    }
    if let Some(reductions) = options.fuel {
        config = config.fuel(reductions);
    }
    if let Some(time) = options.deadline {
        config = config.deadline(time);
    }
    if let Some(count) = options.max_processes {
        config = config.max_processes(count);
    }
    if let Some(octets) = options.max_memory {
        config = config.max_memory(octets);
    }
    if let Some(seed) = options.seed {
        config = config.seed(seed);
    }
    Some(config)
}

fn execute(engine: &Engine, program: &Program, options: &RunOptions, arguments: Vec<String>, show: bool) -> Exit {
    let mut execution = match engine.start(program) {
        Ok(execution) => execution,
        Err(error) => {
            messages::error(&error.to_string(), options.format);
            return Exit::Rejected;
        }
    };
    catch_interrupts();
    let mut host = Terminal::new(arguments, options.sandbox.permissions());
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
pub(crate) fn exit(ending: &Ending) -> Exit {
    match ending {
        Ending::Done => Exit::Fine,
        Ending::Interrupted => Exit::Interrupted,
        ending if ending.is_internal() => Exit::Internal,
        Ending::Failed(_) | Ending::Limit(_) | Ending::Exited(_) | Ending::Deadlock(_) => Exit::Failed,
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
