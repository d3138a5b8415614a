//! The REPL: at a terminal with prompt, editing and history; piped, line by line and in silence but for values.

use crate::Exit;
use crate::arguments::{Format, RunOptions};
use crate::commands::config;
use crate::messages;
use crate::terminal::{Terminal, catch_interrupts, clear_interrupt};
use iridium::{Answer, Ending, Engine, Host, Session, is_incomplete};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Editor, Helper};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Instant;

/// Inputs that the history keeps.
const HISTORY: usize = 1_000;

const HELP: &str = "\
A form is run when its brackets are closed; until then it goes on on the next line.

  ,help       this text
  ,dis FORM   the register code of a form, which is not run
  ,time FORM  run a form and say how long it took
  ,quit       leave, as Ctrl-D does

Ctrl-C drops the line, or stops a form that runs.";

/// `iridium repl`
pub(crate) fn repl(options: &RunOptions) -> Exit {
    let Some(config) = config(options) else { return Exit::Usage };
    let mut repl =
        Repl { session: Session::new(&Engine::new(config)), host: Terminal::new(Vec::new()), format: options.format };
    catch_interrupts();
    if io::stdin().is_terminal() {
        repl.interactive()
    } else {
        repl.piped()
    }
    if options.stats {
        messages::stats(&repl.session.stats(), options.format);
    }
    Exit::Fine
}

struct Repl {
    session: Session,
    host: Terminal,
    format: Format,
}

impl Repl {
    fn interactive(&mut self) {
        self.say(&format!("Iridium {}. Type ,help for help.", env!("CARGO_PKG_VERSION")));
        let settings = rustyline::Config::builder().max_history_size(HISTORY).map(|builder| builder.build());
        let editor = settings.and_then(Editor::<Brackets, DefaultHistory>::with_config);
        let mut editor = match editor {
            Ok(editor) => editor,
            Err(error) => return messages::error(&format!("the terminal can't be used: {error}"), self.format),
        };
        editor.set_helper(Some(Brackets));
        let history = history_file();
        // There is none at the first time; and a REPL without its history is still one.
        history.iter().for_each(|file| drop(editor.load_history(file)));
        loop {
            match editor.readline("> ") {
                Ok(text) => {
                    drop(editor.add_history_entry(text.as_str()));
                    if !self.line(&text) {
                        break;
                    }
                }
                Err(ReadlineError::Interrupted) => self.say("(Ctrl-D or ,quit leaves)"),
                Err(ReadlineError::Eof) => break,
                Err(error) => return messages::error(&error.to_string(), self.format),
            }
        }
        if let Some(file) = history {
            if let Some(folder) = file.parent() {
                drop(std::fs::create_dir_all(folder));
            }
            drop(editor.save_history(&file));
        }
    }

    fn piped(&mut self) {
        let mut text = String::new();
        loop {
            let mut bytes = Vec::new();
            match self.host.input().read_until(b'\n', &mut bytes) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return messages::error(&format!("standard input: {error}"), self.format),
            }
            match String::from_utf8(bytes) {
                Ok(line) => text.push_str(&line),
                Err(_) => {
                    messages::error("a line of standard input is not UTF-8 text", self.format);
                    text.clear();
                    continue;
                }
            }
            if !is_incomplete(&text) && !self.line(&std::mem::take(&mut text)) {
                return;
            }
        }
        if !text.is_empty() {
            self.line(&text);
        }
    }

    /// Prints a line of the REPL's own, at once.
    fn say(&mut self, text: &str) {
        drop(self.host.print(text));
        drop(self.host.flush());
    }

    /// Does what an input asks; false if it asks to leave.
    fn line(&mut self, text: &str) -> bool {
        let text = text.trim();
        // A comma is white space to the language: no form begins with one.
        let Some(command) = text.strip_prefix(',') else {
            self.run(text);
            return true;
        };
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        match name {
            "help" => self.say(HELP),
            "quit" => return false,
            "dis" => match self.session.register_code(rest) {
                Ok(code) => self.say(code.trim_end()),
                Err(rejection) => messages::diagnostics(rejection.diagnostics(), self.format),
            },
            "time" => {
                let start = Instant::now();
                self.run(rest);
                self.say(&format!("{:.3} ms", start.elapsed().as_secs_f64() * 1e3));
            }
            _ => messages::error(&format!("there is no `,{name}`; `,help` lists what there is"), self.format),
        }
        true
    }

    /// Runs the forms of an input, one after the other; the first error leaves the others undone.
    fn run(&mut self, text: &str) {
        for form in self.session.forms(text) {
            clear_interrupt();
            let answer = self.session.run(&form, &mut self.host);
            // What the program printed comes before what is said about it.
            drop(self.host.flush());
            match answer {
                Ok(answer) => {
                    let done = answer.ending == Ending::Done;
                    self.show(&answer);
                    if !done {
                        return;
                    }
                }
                Err(rejection) => {
                    return messages::diagnostics(rejection.diagnostics(), self.format);
                }
            }
        }
    }

    fn show(&mut self, answer: &Answer) {
        let warnings = answer.warnings.iter().map(|warning| (&answer.source, warning));
        messages::diagnostics(warnings, self.format);
        messages::ending(&answer.ending, self.session.sources(), self.format);
        if answer.started_afresh {
            messages::error("the session starts afresh: what it had defined is gone", self.format);
        }
        match &answer.value {
            Some(Ok(value)) => self.say(value),
            Some(Err(reason)) => messages::error(&format!(":limit-error: {reason}"), self.format),
            None => {}
        }
    }
}

/// Where the history is kept: the platform's folder for a user's data.
fn history_file() -> Option<PathBuf> {
    let folder = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = if cfg!(windows) {
        folder("APPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    data.map(|folder| folder.join("iridium").join("history"))
}

/// Tells the line editor when an input is complete.
struct Brackets;

impl Validator for Brackets {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let goes_on = !text.trim_start().starts_with(',') && is_incomplete(text);
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Brackets {
    type Candidate = String;
}

impl Hinter for Brackets {
    type Hint = String;
}

impl Highlighter for Brackets {}

impl Helper for Brackets {}
