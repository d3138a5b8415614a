//! What the compiler has to say about a source, and how that is shown.

use crate::source::{Source, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// Errors that [`render`] shows before it only counts.
pub const MAX_SHOWN: usize = 20;

/// Bytes of a line that are shown around the place that a message is about.
const MAX_EXCERPT: usize = 120;

/// Lines between two places that are still shown in one excerpt.
const MAX_GAP: usize = 12;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// There is no module.
    Error,
    /// There is a module, but a part of it will not do what it seems to.
    Warning,
}

/// A message about a place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A short, stable name for the kind of problem, such as `unknown-name`. Empty for an error at run time, whose
    /// message begins with its kind.
    pub code: &'static str,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Other places that matter, each with a text.
    pub labels: Vec<(Span, String)>,
    /// What to do about it, if that is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        let message = message.into();
        Diagnostic { severity: Severity::Error, code, message, span, labels: Vec::new(), help: None }
    }

    /// A warning.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message) }
    }

    /// The same with a text at another place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push((span, text.into()));
        self
    }

    /// The same with advice.
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The messages as text for people: file, line, column, excerpt with carets, advice.
pub fn render(diagnostics: &[Diagnostic], source: &Source, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MAX_SHOWN) {
        out.push_str(&renderer.render(&[group(diagnostic, source)]));
        out.push_str("\n\n");
    }
    if diagnostics.len() > MAX_SHOWN {
        out.push_str(&format!("... and {} more\n", diagnostics.len() - MAX_SHOWN));
    }
    out
}

fn group<'a>(diagnostic: &'a Diagnostic, source: &'a Source) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(visible(&diagnostic.message));
    let mut group = Group::with_title(if diagnostic.code.is_empty() { title } else { title.id(diagnostic.code) });

    // The renderer never sees more text than is shown, however large the file.
    let main_line = source.line_of(diagnostic.span.start);
    let mut lines = vec![main_line];
    lines.extend(diagnostic.labels.iter().map(|(span, _)| source.line_of(span.start)));
    lines.sort_unstable();
    lines.dedup();
    let cut = lines.iter().any(|line| is_cut(source, *line));
    if cut {
        // A shortened line has columns of its own, so the place is said apart.
        let position = source.position(diagnostic.span);
        let origin = Origin::path(source.name()).line(position.line as usize);
        group = group.element(origin.char_column(position.column as usize));
    }
    let mut at = 0;
    while at < lines.len() {
        let first = lines[at];
        while at + 1 < lines.len() && lines[at + 1] - lines[at] <= MAX_GAP && !cut {
            at += 1;
        }
        let mut text = String::new();
        let mut annotations = Vec::new();
        for line in first..=lines[at] {
            let mut places = Vec::new();
            if line == main_line {
                places.push((AnnotationKind::Primary, diagnostic.span, ""));
            }
            for (span, label) in &diagnostic.labels {
                if source.line_of(span.start) == line {
                    places.push((AnnotationKind::Context, *span, label.as_str()));
                }
            }
            let (shown, ranges) = excerpt(source, line, &places);
            for ((kind, _, label), range) in places.into_iter().zip(ranges) {
                let annotation = kind.span(range.start + text.len()..range.end + text.len());
                annotations.push(if label.is_empty() { annotation } else { annotation.label(visible(label)) });
            }
            text.push_str(&shown);
            text.push('\n');
        }
        let snippet =
            Snippet::source(text).line_start(source.lines_before() as usize + first + 1).annotations(annotations);
        group = group.element(if cut { snippet } else { snippet.path(source.name()) });
        at += 1;
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(visible(help))),
        None => group,
    }
}

fn is_cut(source: &Source, line: usize) -> bool {
    let bounds = source.line_span(line);
    (bounds.end - bounds.start) as usize > MAX_EXCERPT
}

/// The part of a line that matters, and the places as ranges of that part.
fn excerpt(source: &Source, line: usize, places: &[(AnnotationKind, Span, &str)]) -> (String, Vec<Range<usize>>) {
    let bounds = source.line_span(line);
    let whole = source.slice(bounds);
    let main = places.first().map_or(0, |place| (place.1.start - bounds.start) as usize).min(whole.len());
    let mut from = 0;
    let mut to = whole.len();
    if whole.len() > MAX_EXCERPT {
        from = whole.floor_char_boundary(main.saturating_sub(MAX_EXCERPT / 3));
        to = whole.floor_char_boundary((from + MAX_EXCERPT).min(whole.len()));
    }
    let mut text = String::new();
    let mut offsets = Vec::new();
    if from > 0 {
        text.push_str("… ");
    }
    let lead = text.len();
    // One character for each character, so that carets stay under what they mean.
    for character in whole[from..to].chars() {
        offsets.resize(offsets.len() + character.len_utf8(), text.len());
        text.push(visible_character(character));
    }
    offsets.push(text.len());
    if to < whole.len() {
        text.push_str(" …");
    }
    let place = |offset: u32| {
        let inside = (offset.max(bounds.start) - bounds.start) as usize;
        if inside <= from { lead } else { offsets[inside.min(to) - from] }
    };
    let ranges = places.iter().map(|(_, span, _)| {
        let start = place(span.start);
        let end = place(span.end.max(span.start));
        // Something must be underlined, but never half a character.
        let next = text[start..].chars().next().map_or(start, |character| start + character.len_utf8());
        start..end.max(next).min(text.len())
    });
    let ranges = ranges.collect();
    (text, ranges)
}

fn visible_character(character: char) -> char {
    match character {
        '\t' => ' ',
        control if control.is_control() => '\u{fffd}',
        // Marks that reorder text would let a source lie about itself.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => '\u{fffd}',
        other => other,
    }
}

fn visible(text: &str) -> String {
    text.chars().map(|character| if character == '\n' { character } else { visible_character(character) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_any_text_and_any_place() {
        let texts = ["", "\n", "\t\t\u{7}x", "日本\r\nx", &"é".repeat(2000), "a\n\n\nb"];
        for text in texts {
            let source = Source::new("f.eva", text);
            for start in 0..=text.len().min(300) {
                for length in [0, 1, 7, 5000] {
                    let span = Span::new(start, (start + length).min(text.len()));
                    let diagnostic = Diagnostic::error("x", span, "odd").label(Span::new(0, start), "here").help("try");
                    let shown = render(&[diagnostic], &source, length == 7);
                    assert!(shown.contains("odd") && shown.len() < 4000, "{shown}");
                }
            }
        }
    }

    #[test]
    fn counts_what_it_does_not_show() {
        let source = Source::new("f.eva", "x");
        let many = vec![Diagnostic::error("x", Span::new(0, 1), "odd"); 23];
        let shown = render(&many, &source, false);
        assert!(shown.contains("... and 3 more"));
        assert_eq!(shown.matches("odd").count(), 20);
    }
}
