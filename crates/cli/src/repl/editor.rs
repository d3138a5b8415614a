//! The line editor of the REPL: what Enter, Tab and each key do, put together for `rustyline`.

use super::complete::{Completion, Hint, complete, hint};
use super::highlight::{faint, highlight, new_line};
use iridium::{Session, is_incomplete};
use rustyline::completion::Completer;
use rustyline::config::{BellStyle, ColorMode, CompletionType};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    Cmd, ConditionalEventHandler, Context, Editor, Event, EventContext, EventHandler, Helper, KeyCode, KeyEvent,
    Modifiers, RepeatCount,
};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// An editor for a session.
pub(super) fn editor(
    session: &Rc<RefCell<Session>>,
    colour: bool,
) -> rustyline::Result<Editor<Assistant, DefaultHistory>> {
    let config = rustyline::Config::builder()
        .max_history_size(super::history::MAX_ENTRIES)?
        .history_ignore_dups(true)?
        .completion_type(CompletionType::List)
        .bell_style(BellStyle::None)
        // Whether there are colours is decided here, not by the editor: marks are shown without them too.
        .color_mode(ColorMode::Forced)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Assistant { session: Rc::clone(session), colour, at_end: Cell::new(true) }));
    for code in [KeyCode::Enter, KeyCode::Char('\r'), KeyCode::Char('\n')] {
        editor.bind_sequence(KeyEvent(code, Modifiers::NONE), EventHandler::Conditional(Box::new(Enter)));
    }
    Ok(editor)
}

/// Whether an input goes on on the next line.
pub(super) fn goes_on(text: &str) -> bool {
    // A command may be followed by a form.
    let form = text
        .trim_start()
        .strip_prefix(',')
        .map_or(text, |command| command.find(char::is_whitespace).map_or("", |end| &command[end..]));
    is_incomplete(form)
}

/// Enter in an unfinished input begins a line, indented.
struct Enter;

impl ConditionalEventHandler for Enter {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        let before = context.line().get(..context.pos())?;
        goes_on(context.line()).then(|| Cmd::Insert(1, new_line(before)))
    }
}

/// What the editor asks about an input.
pub(super) struct Assistant {
    session: Rc<RefCell<Session>>,
    colour: bool,
    /// Whether brackets are not to be marked: the input is done.
    at_end: Cell<bool>,
}

impl Helper for Assistant {}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let goes_on = goes_on(context.input());
        Ok(if goes_on { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..cursor).unwrap_or(line);
        let Completion { start, candidates } = complete(before, &*self.session.borrow());
        // Behind nothing but white space Tab indents.
        if before.rsplit('\n').next().unwrap_or("").trim().is_empty() {
            return Ok((cursor, vec!["  ".to_owned()]));
        }
        Ok((start, candidates))
    }
}

/// What is shown in grey; only the rest of a name can be taken over.
pub(super) struct Grey {
    text: String,
    taken: bool,
}

impl rustyline::hint::Hint for Grey {
    fn display(&self) -> &str {
        &self.text
    }
    fn completion(&self) -> Option<&str> {
        self.taken.then_some(self.text.as_str())
    }
}

impl Hinter for Assistant {
    type Hint = Grey;

    fn hint(&self, line: &str, cursor: usize, _: &Context<'_>) -> Option<Grey> {
        // Without colours a hint could not be told from what was typed.
        if cursor < line.len() || !self.colour {
            return None;
        }
        Some(match hint(line, &*self.session.borrow())? {
            Hint::Rest(text) => Grey { text, taken: true },
            Hint::Parameters(text) => Grey { text, taken: false },
        })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        let cursor = Some(cursor).filter(|_| !self.at_end.get());
        Cow::Owned(highlight(line, cursor, &*self.session.borrow(), self.colour))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Borrowed(prompt)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(faint(hint, self.colour))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.at_end.set(kind == CmdKind::ForcedRefresh);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::goes_on;

    #[test]
    fn forms_and_those_behind_commands_may_go_on() {
        for (text, expected) in [
            ("(+ 1", true),
            ("(+ 1)", false),
            ("", false),
            ("\"a", true),
            (",time (+ 1", true),
            (",time (+ 1)", false),
            (",help", false),
            ("(1abc", false),
            (")", false),
        ] {
            assert_eq!(goes_on(text), expected, "{text}");
        }
    }
}
