//! The command line of Iridium. The only crate that prints, exits and parses arguments; it never panics because nobody
//! reads what it prints, so the macros that print are not used.

#![forbid(unsafe_code)]

mod arguments;
mod code;
mod commands;
mod difference;
mod formatting;
mod inputs;
mod messages;
mod repl;
mod sandbox;
mod schedules;
mod terminal;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

/// How a command ended, as the exit code says it; of several things, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    /// Fine.
    Fine,
    /// The program ended in an uncaught error, or passed a limit.
    Failed,
    /// Bad usage.
    Usage,
    /// The source was rejected, or could not be read.
    Rejected,
    /// A bug of Iridium's own.
    Internal,
    /// Ctrl-C.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Rejected => 65,
            Exit::Internal => 70,
            Exit::Interrupted => terminal::INTERRUPTED,
        })
    }
}

fn main() -> ExitCode {
    // A panic inside a program's slice is caught and reported as that program's error; the report says all there is.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments = Arguments::parse();
    std::panic::catch_unwind(|| run(arguments)).map_or_else(
        |panic| {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown cause");
            messages::tell(format_args!("error: :internal: a fault of Iridium itself: {message}"));
            Exit::Internal.into()
        },
        ExitCode::from,
    )
}

fn run(arguments: Arguments) -> Exit {
    match arguments.command {
        Some(Command::Run { options, seeds, program }) => commands::run(&options, seeds, program),
        Some(Command::Eval { options, expression }) => commands::eval(&options, &expression),
        Some(Command::Build { file, out, emit, strip, format }) => {
            code::build(&file, out.as_deref(), emit, strip, format)
        }
        Some(Command::Asm { file, out, strip, format }) => code::asm(&file, out.as_deref(), strip, format),
        Some(Command::Dis { file, form, html, format }) => code::dis(&file, form, html, format),
        Some(Command::Verify { file, format }) => code::verify(&file, format),
        Some(Command::Check { files, deny, format }) => commands::check(&files, deny, format),
        Some(Command::Fmt { files, check, format }) => formatting::fmt(&files, check, format),
        Some(Command::Repl { asm, options }) => repl::repl(&options, asm),
        None => {
            let options = arguments.options;
            if let Some(expression) = arguments.expression {
                commands::eval(&options, &expression)
            } else if let Some(file) = arguments.file {
                commands::run(&options, None, vec![file.into_os_string()])
            } else if arguments.program.is_empty() {
                repl::repl(&options, false)
            } else {
                commands::run(&options, None, arguments.program)
            }
        }
    }
}
