//! The REPL: at a terminal with an editor and a history; piped, line by line and in silence but for values.

mod assembly;
mod commands;
mod complete;
mod editor;
mod highlight;
mod history;

use crate::Exit;
use crate::arguments::{Format, RunOptions};
use crate::commands::config;
use crate::messages;
use crate::terminal::{Terminal, catch_interrupts, clear_interrupt, keep_going_when_interrupted};
use editor::{editor, goes_on};
use history::History;
use iridium::{Answer, Ending, Engine, Host, Session, Source};
use rustyline::error::ReadlineError;
use std::cell::RefCell;
use std::io::{self, IsTerminal};
use std::rc::Rc;

/// What stands before an input; as wide as [`highlight::MARGIN`].
const PROMPT: &str = "> ";

/// Bytes of a value that are shown at a terminal.
const MAX_SHOWN: usize = 1_000;

/// `iridium repl`
pub(crate) fn repl(options: &RunOptions, asm: bool) -> Exit {
    let Some(config) = config(options) else { return Exit::Usage };
    if asm {
        return assembly::repl(config, options);
    }
    let mut session = Session::new(&Engine::new(config));
    session.import_from(options.sandbox.loader(None));
    let host = Terminal::new(Vec::new(), options.sandbox.permissions());
    let mut repl = Repl { session: Rc::new(RefCell::new(session)), host, format: options.format, brief: false };
    catch_interrupts();
    if io::stdin().is_terminal() {
        repl.brief = io::stdout().is_terminal();
        repl.interactive();
    } else {
        repl.piped();
    }
    if options.stats {
        messages::stats(&repl.session.borrow().stats(), options.format);
    }
    Exit::Fine
}

/// What the REPLs of the language and of register code have in common.
trait Inputs {
    /// Where inputs come from and answers go to.
    fn host(&mut self) -> &mut Terminal;

    /// How messages are written.
    fn format(&self) -> Format;

    /// Whether an input goes on on the next line.
    fn goes_on(&self, text: &str) -> bool;

    /// Does what an input asks; false if it asks to leave.
    fn input(&mut self, text: &str) -> bool;

    /// Drops what was typed of an input before a line that is no text.
    fn abandon(&mut self, text: String);

    /// Prints a line of the REPL's own, at once.
    fn say(&mut self, text: &str) {
        drop(self.host().print(text));
        drop(self.host().flush());
    }

    /// Takes inputs from standard input, without a prompt.
    fn piped(&mut self) {
        let mut text = String::new();
        loop {
            let mut octets = Vec::new();
            match self.host().input().read_until(b'\n', &mut octets) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => return messages::error(&format!("standard input: {error}"), self.format()),
            }
            match String::from_utf8(octets) {
                Ok(line) => text.push_str(&line),
                Err(_) => {
                    messages::error("a line of standard input is not UTF-8 text", self.format());
                    self.abandon(std::mem::take(&mut text));
                    continue;
                }
            }
            if !self.goes_on(&text) && !self.input(&std::mem::take(&mut text)) {
                return;
            }
        }
        if !text.is_empty() {
            self.input(&text);
        }
    }
}

struct Repl {
    session: Rc<RefCell<Session>>,
    host: Terminal,
    format: Format,
    /// Whether long values are cut short.
    brief: bool,
}

impl Inputs for Repl {
    fn host(&mut self) -> &mut Terminal {
        &mut self.host
    }

    fn format(&self) -> Format {
        self.format
    }

    fn goes_on(&self, text: &str) -> bool {
        goes_on(text)
    }

    fn input(&mut self, text: &str) -> bool {
        let input = self.session.borrow_mut().input(text);
        // A comma is white space to the language: no form begins with one.
        let Some(command) = text.trim_start().strip_prefix(',') else {
            self.run(input);
            return true;
        };
        let name = command.split(char::is_whitespace).next().unwrap_or("");
        commands::run(self, name, commands::blank(&input, text.len() - command.len() + name.len()))
    }

    fn abandon(&mut self, text: String) {
        // Its lines count, and so does the one that is no text.
        self.session.borrow_mut().input(&(text + "\n"));
    }
}

impl Repl {
    fn interactive(&mut self) {
        self.say(&format!("Iridium {}. Type ,help for help, ,quit to leave.", env!("CARGO_PKG_VERSION")));
        if self.brief {
            self.session.borrow_mut().show_at_most(MAX_SHOWN);
        }
        keep_going_when_interrupted();
        messages::without_gaps();
        let mut editor = match editor(&self.session, messages::color()) {
            Ok(editor) => editor,
            Err(error) => return messages::error(&format!("the terminal can't be used: {error}"), self.format),
        };
        let mut history = History::of_user();
        let (mut entries, problem) = history.load();
        problem.iter().for_each(|why| messages::error(why, self.format));
        for entry in &entries {
            drop(editor.add_history_entry(entry));
        }
        let mut asked_to_leave = false;
        loop {
            // The prompt would overwrite it.
            self.host.end_line();
            match editor.readline(PROMPT) {
                Ok(text) => {
                    asked_to_leave = false;
                    if !text.trim().is_empty() {
                        history::add(&mut entries, &text);
                        drop(editor.clear_history());
                        for entry in &entries {
                            drop(editor.add_history_entry(entry));
                        }
                        history.keep(&text);
                    }
                    if !self.input(&text) {
                        break;
                    }
                }
                // Once clears the line; who does it again wants to leave.
                Err(ReadlineError::Interrupted) => {
                    if std::mem::replace(&mut asked_to_leave, true) {
                        self.say("(Ctrl-D or ,quit leaves)");
                    }
                }
                Err(ReadlineError::Eof) => break,
                Err(error) => return messages::error(&error.to_string(), self.format),
            }
        }
    }

    /// Runs the forms of an input, one after the other; the first error leaves the others undone.
    fn run(&mut self, input: Source) {
        let forms = self.session.borrow().forms(input);
        for form in forms {
            clear_interrupt();
            let answer = self.session.borrow_mut().run(form, &mut self.host);
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
        if self.brief {
            let ended = self.host.end_line();
            if answer.ending == Ending::Interrupted && !ended {
                // Behind the terminal's own `^C`.
                self.say("");
            }
        }
        let warnings = answer.warnings.iter().map(|warning| (&answer.source, warning));
        messages::diagnostics(warnings, self.format);
        messages::ending(&answer.ending, self.session.borrow().sources(), self.format);
        if answer.started_afresh {
            messages::error("the session starts afresh: what it had defined is gone", self.format);
        }
        match &answer.value {
            Some(value) if value.whole || self.brief => self.say(&commands::shown(value, ",more shows more")),
            Some(value) => {
                let what = commands::extent(value);
                messages::error(&format!(":limit-error: the text of {what} would be too long"), self.format);
            }
            None => {}
        }
    }
}
