//! How a program ended, and how that is told to people.

use iridium_bytecode::Position;
use iridium_lang::diagnostic::{Diagnostic, render};
use iridium_lang::source::{Source, Span};
use iridium_vm::{Failure, TraceFrame};

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With a value.
    Done,
    /// With a throw that nothing caught.
    Failed(Failure),
    /// By passing a limit, by name: `heap`, `fuel` or `deadline`.
    Limit(&'static str),
    /// Because the host wanted it to stop.
    Interrupted,
    /// By `exit` or an exit signal, for a reason as `repr` prints it.
    Exited(String),
    /// All its processes waited, and nothing could wake one: a line for each.
    Deadlock(Vec<String>),
}

impl Ending {
    /// Whether a fault of Iridium itself ended the program.
    pub fn is_internal(&self) -> bool {
        matches!(self, Ending::Failed(failure) if failure.is_internal())
    }

    /// The headline: `error: :kind: message` and the like. None for a program that is done.
    pub fn title(&self) -> Option<String> {
        match self {
            Ending::Done => None,
            Ending::Failed(Failure { kind: Some(kind), text, .. }) if text.is_empty() => Some(format!(":{kind}")),
            Ending::Failed(Failure { kind: Some(kind), text, .. }) => Some(format!(":{kind}: {text}")),
            Ending::Failed(Failure { kind: None, text, .. }) => Some(format!("uncaught throw: {text}")),
            Ending::Limit(name) => {
                let flag = match *name {
                    "heap" => "max-heap",
                    "memory" => "max-memory",
                    name => name,
                };
                Some(format!("{}; `--{flag}` sets it", passed(name)))
            }
            Ending::Interrupted => Some("interrupted".to_owned()),
            Ending::Exited(reason) => Some(format!("the program ended with the reason {reason}")),
            Ending::Deadlock(_) => Some("deadlock: all processes wait, and nothing can wake one".to_owned()),
        }
    }

    /// Where it happened: the innermost place in one of the user's sources.
    pub fn place<'a>(&self, sources: &'a [Source]) -> Option<(&'a Source, Position)> {
        let Ending::Failed(failure) = self else { return None };
        failure.trace.iter().find_map(|frame| {
            let position = frame.position?;
            // Forms of one input may share a line.
            let mut of_that_name = sources.iter().rev().filter(|source| source.name() == frame.source);
            Some((of_that_name.find(|source| source.has_text_at(position))?, position))
        })
    }

    /// What to show a person: headline, excerpt with carets, calls that led there. Empty for a program that is done.
    pub fn render(&self, sources: &[Source], color: bool) -> String {
        let Some(title) = self.title() else { return String::new() };
        let mut text = match self.place(sources) {
            Some((source, position)) => {
                let diagnostic = Diagnostic::error("", span(source, position), title);
                render(&[diagnostic], source, color)
            }
            None => format!("error: {title}\n"),
        };
        if let Ending::Deadlock(waiting) = self {
            waiting.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        if let Ending::Failed(failure) = self {
            let trimmed = text.trim_end().len();
            text.truncate(trimmed);
            text.push('\n');
            text.push_str(&trace(failure));
        }
        text
    }
}

/// What a program did that passed a limit.
pub(crate) fn passed(limit: &str) -> String {
    let on = match limit {
        "heap" => "memory",
        "fuel" => "reductions",
        "deadline" => "time",
        "mailbox" => "waiting messages",
        "memory" => "the memory of all processes",
        other => other,
    };
    format!("the program passed its limit on {on}, :{limit}")
}

/// The calls under way, innermost first, a line each. One alone says no more than the excerpt.
fn trace(failure: &Failure) -> String {
    if failure.trace.len() < 2 {
        return String::new();
    }
    let names: Vec<String> = failure.trace.iter().map(name).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let after = failure.trace.len().min(INNERMOST);
    let mut text = String::new();
    let mut repeated = 0;
    for (index, (frame, name)) in failure.trace.iter().zip(&names).enumerate() {
        if index == after && failure.omitted > 0 {
            repeats(&mut text, &mut repeated);
            text.push_str(&format!("  … {} more calls …\n", failure.omitted));
        } else if index > 0 && failure.trace[index - 1] == *frame {
            repeated += 1;
            continue;
        }
        repeats(&mut text, &mut repeated);
        let place = frame
            .position
            .map_or(frame.source.clone(), |Position { line, column, .. }| format!("{}:{line}:{column}", frame.source));
        let tail = if frame.tail_called { "  (after tail calls)" } else { "" };
        text.push_str(&format!("  in {name:<width$}  {place}{tail}\n"));
    }
    repeats(&mut text, &mut repeated);
    text
}

/// A line for calls that are the same as the one before them: a recursion shall not hide where it began.
fn repeats(text: &mut String, repeated: &mut usize) {
    match std::mem::take(repeated) {
        0 => {}
        1 => text.push_str("  … and once more\n"),
        times => text.push_str(&format!("  … and {times} times more\n")),
    }
}

/// Innermost calls that a trace keeps before it leaves some out.
const INNERMOST: usize = 64;

fn name(frame: &TraceFrame) -> String {
    match frame.function.as_deref() {
        None => "top level".to_owned(),
        Some("") => "lambda".to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// The octets of a position, which counts code points.
fn span(source: &Source, position: Position) -> Span {
    let line = source.line_at(position).unwrap_or(0);
    let bounds = source.line_span(line);
    let text = source.slice(bounds);
    let offset = |points: u32| text.char_indices().nth(points as usize).map_or(text.len(), |(offset, _)| offset);
    let first = position.column.saturating_sub(1);
    let start = bounds.start as usize;
    Span::new(start + offset(first), start + offset(first.saturating_add(position.length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: Option<&str>, line: u32, column: u32, length: u32) -> TraceFrame {
        TraceFrame {
            function: function.map(str::to_owned),
            source: "a.eva".to_owned(),
            position: Some(Position { line, column, length }),
            tail_called: false,
        }
    }

    fn failed(kind: Option<&str>, text: &str, trace: Vec<TraceFrame>) -> Ending {
        Ending::Failed(Failure { kind: kind.map(str::to_owned), text: text.to_owned(), trace, omitted: 0 })
    }

    #[test]
    fn an_error_has_headline_excerpt_and_calls() {
        let source = Source::new("a.eva", "(def f (é) (+ é \"x\"))\n(f 1)\n");
        let ending = failed(Some("type-error"), "odd", vec![frame(Some("f"), 1, 12, 9), frame(None, 2, 1, 5)]);
        let text = ending.render(&[source], false);
        assert!(text.starts_with("error: :type-error: odd\n"), "{text}");
        assert!(text.contains("a.eva:1:12"), "{text}");
        assert!(text.contains("^^^^^^^^^"), "{text}");
        assert!(text.ends_with("  in f          a.eva:1:12\n  in top level  a.eva:2:1\n"), "{text}");
    }

    #[test]
    fn calls_that_repeat_are_counted() {
        let calls = |count| vec![frame(Some("f"), 1, 12, 9); count];
        let shown = |trace, omitted| super::trace(&Failure { kind: None, text: String::new(), trace, omitted });
        let mut trace = calls(4);
        trace.push(frame(None, 2, 1, 5));
        assert_eq!(
            shown(trace.clone(), 0),
            "  in f          a.eva:1:12\n  … and 3 times more\n  in top level  a.eva:2:1\n"
        );
        trace.remove(0);
        trace.remove(0);
        assert_eq!(shown(trace, 0), "  in f          a.eva:1:12\n  … and once more\n  in top level  a.eva:2:1\n");
        assert_eq!(
            shown(calls(80), 7),
            "  in f  a.eva:1:12\n  … and 63 times more\n  … 7 more calls …\n  in f  a.eva:1:12\n  … and 15 times more\n"
        );
    }

    #[test]
    fn a_thrown_value_is_shown_as_such() {
        let ending = failed(None, "#[:no 1]", Vec::new());
        assert_eq!(ending.render(&[], false), "error: uncaught throw: #[:no 1]\n");
        assert_eq!(failed(Some("mine"), "", Vec::new()).render(&[], false), "error: :mine\n");
    }

    #[test]
    fn positions_become_octets() {
        let source = Source::new("a.eva", "é\nxéy z\n");
        let at = |line, column, length| source.slice(span(&source, Position { line, column, length })).to_owned();
        assert_eq!(at(2, 2, 2), "éy");
        assert_eq!(at(2, 5, 99), "z");
        assert_eq!(at(9, 9, 9), "");
    }
}
