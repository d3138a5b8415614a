//! What was typed in a session: each of its lines has a number of its own, and is kept for the excerpts of messages.

use iridium_lang::source::Source;

/// What the inputs of a session are called in messages, and their modules.
pub(super) const NAME: &str = "repl";

/// Inputs of a session whose text is kept at least, to show errors in.
const MAX_SOURCES: usize = 1_000;

/// The inputs of a session so far.
#[derive(Default)]
pub(super) struct Transcript {
    sources: Vec<Source>,
    lines: u32,
}

impl Transcript {
    /// The next input. Its lines are counted on from those before.
    pub(super) fn input(&mut self, text: &str) -> Source {
        let source = Source::new(NAME, text).after_lines(self.lines);
        let lines = source.line_count() - usize::from(text.ends_with('\n'));
        self.lines = self.lines.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        source
    }

    /// Keeps a text to show errors in.
    pub(super) fn remember(&mut self, source: &Source) {
        if self.sources.len() >= 2 * MAX_SOURCES {
            self.sources.drain(..MAX_SOURCES);
        }
        self.sources.push(source.clone());
    }

    /// The texts that are kept.
    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }
}
