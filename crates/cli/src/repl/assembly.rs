//! The REPL of register code: instructions are run as they are typed, and the registers that they change are shown.

use super::Inputs;
use super::commands::{shown, unknown};
use crate::Exit;
use crate::arguments::{EngineChoice, Format, RunOptions};
use crate::messages;
use crate::terminal::{Terminal, catch_interrupts, clear_interrupt, keep_going_when_interrupted};
use iridium::{AssemblyAnswer, AssemblySession, Config, Engine, Glance};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::io::{self, IsTerminal};

/// What `,help` says.
const HELP: &str = "\
Type an instruction of register code to have it run. The registers that it changes are shown.

  load $0 #20          addi $1 $0 #22          add $2 $0 $1

An instruction may go to a label of an earlier line: `again: addi $0 $0 #1`, then `jlti $0 #10 #1 @again`.
`.func NAME` begins a function, which an empty line ends: `load $0 func:NAME`, `call $0 #0`.
`.const`, `.global` and `.class` add to the module. A line that fails or halts changes no register.

  ,help                this text
  ,registers           what all registers hold
  ,program             what was typed and did not fail, as a text that can be assembled
  ,clear               forgets everything
  ,quit                leaves, as Ctrl-D does";

/// `iridium repl --asm`
pub(super) fn repl(config: Config, options: &RunOptions) -> Exit {
    if options.engine == EngineChoice::Stack {
        messages::error("--asm takes register code, which the stack engine does not run", options.format);
        return Exit::Usage;
    }
    let session = AssemblySession::new(&Engine::new(config));
    let host = Terminal::new(Vec::new(), options.sandbox.permissions());
    let mut repl = AssemblyRepl { session, host, options };
    catch_interrupts();
    if io::stdin().is_terminal() {
        repl.interactive();
    } else {
        repl.piped();
    }
    Exit::Fine
}

struct AssemblyRepl<'a> {
    session: AssemblySession,
    host: Terminal,
    options: &'a RunOptions,
}

impl Inputs for AssemblyRepl<'_> {
    fn host(&mut self) -> &mut Terminal {
        &mut self.host
    }

    fn format(&self) -> Format {
        self.options.format
    }

    fn goes_on(&self, text: &str) -> bool {
        AssemblySession::goes_on(text)
    }

    fn input(&mut self, text: &str) -> bool {
        match text.trim().strip_prefix(',') {
            None => self.run(text),
            Some("quit") => return false,
            Some("help") => self.say(HELP),
            Some("registers") => {
                let lines: Vec<String> =
                    self.session.registers().map(|(number, value)| register(number, value)).collect();
                let text = if lines.is_empty() { "no register is set".to_owned() } else { lines.join("\n") };
                self.say(&text);
            }
            Some("program") => {
                let program = self.session.program();
                self.say(program.trim_end());
            }
            Some("clear") => self.session.clear(),
            Some(other) => {
                let name = other.split_whitespace().next().unwrap_or_default();
                unknown(name, ["help", "registers", "program", "clear", "quit"].into_iter(), self.options.format);
            }
        }
        true
    }

    fn abandon(&mut self, _: String) {}
}

impl AssemblyRepl<'_> {
    fn interactive(&mut self) {
        self.say(&format!(
            "Iridium {}, register code. Type ,help for help, ,quit to leave.",
            env!("CARGO_PKG_VERSION")
        ));
        keep_going_when_interrupted();
        messages::without_gaps();
        let mut editor = match DefaultEditor::new() {
            Ok(editor) => editor,
            Err(error) => return messages::error(&format!("the terminal can't be used: {error}"), self.options.format),
        };
        let mut text = String::new();
        loop {
            self.host.end_line();
            match editor.readline(if text.is_empty() { "$ " } else { ". " }) {
                Ok(line) => {
                    drop(editor.add_history_entry(&line));
                    text.push_str(&line);
                    text.push('\n');
                    if !AssemblySession::goes_on(&text) && !self.input(&std::mem::take(&mut text)) {
                        return;
                    }
                }
                Err(ReadlineError::Interrupted) => text.clear(),
                Err(ReadlineError::Eof) => return,
                Err(error) => return messages::error(&error.to_string(), self.options.format),
            }
        }
    }

    fn run(&mut self, text: &str) {
        clear_interrupt();
        let answer = self.session.run(text, &mut self.host);
        // What the program printed comes before what is said about it.
        drop(self.host.flush());
        let AssemblyAnswer { ending, halted, changed, started_afresh } = match answer {
            Ok(answer) => answer,
            Err(rejection) => return messages::diagnostics(rejection.diagnostics(), self.options.format),
        };
        messages::ending(&ending, self.session.sources(), self.options.format);
        if started_afresh {
            messages::error(
                "the session starts afresh: registers, functions and globals are gone",
                self.options.format,
            );
        }
        if let Some(value) = &halted {
            self.say(&format!("halted: {}", shown(value, "cut short")));
        }
        for (number, value) in &changed {
            match value {
                Some(value) => self.say(&register(*number, value)),
                None => self.say(&format!("${number} is not set")),
            }
        }
    }
}

/// A register with what it holds.
fn register(number: u8, value: &Glance) -> String {
    format!("${number} = {}", shown(value, "cut short"))
}
