//! What the command line tells on standard error: messages about sources and programs, and counts, for people or as
//! JSON, one object a line.

use crate::arguments::Format;
use crate::difference::Difference;
use iridium::{Diagnostic, Ending, Severity, Source, Span, Stats, render_all};
use serde_json::{Map, Value, json};
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether messages are coloured: only for a person who has not asked for none.
pub(crate) fn color() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes a line on standard error. Where nobody can read it, there is nobody to tell.
pub(crate) fn tell(line: impl Display) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// Whether a message stands apart from what is before it: not the first one.
static LATER: AtomicBool = AtomicBool::new(false);

/// Set where something else stands between messages.
static CLOSE: AtomicBool = AtomicBool::new(false);

/// Writes messages without a line between them from now on: for a terminal, where inputs stand between.
pub(crate) fn without_gaps() {
    CLOSE.store(true, Ordering::Relaxed);
}

/// Writes a message for people, apart from the one before it.
fn paragraph(text: &str) {
    if !text.is_empty() {
        let apart = LATER.swap(true, Ordering::Relaxed) && !CLOSE.load(Ordering::Relaxed);
        let gap = if apart { "\n" } else { "" };
        tell(format_args!("{gap}{}", text.trim_end()));
    }
}

/// Tells what the compiler says, each message about its source.
pub(crate) fn diagnostics<'a>(messages: impl Iterator<Item = (&'a Source, &'a Diagnostic)>, format: Format) {
    match format {
        Format::Text => paragraph(&render_all(messages, color())),
        Format::Json => messages.for_each(|(source, diagnostic)| tell(object(diagnostic, source))),
    }
}

/// A message about a source, as docs/command-line.md says.
fn object(diagnostic: &Diagnostic, source: &Source) -> Value {
    let related = |(span, text): &(Span, String)| {
        let mut object = place(*span, source);
        object.insert("message".to_owned(), json!(text));
        Value::Object(object)
    };
    let mut object = Map::new();
    object.insert(
        "severity".to_owned(),
        match diagnostic.severity {
            Severity::Error => json!("error"),
            Severity::Warning => json!("warning"),
        },
    );
    object.insert("code".to_owned(), json!(diagnostic.code));
    object.insert("message".to_owned(), json!(diagnostic.message));
    object.append(&mut place(diagnostic.span, source));
    object.insert("help".to_owned(), json!(diagnostic.help));
    object.insert("related".to_owned(), diagnostic.labels.iter().map(related).collect());
    Value::Object(object)
}

/// Where something stands: lines and columns from 1, in code points, and offsets in bytes; the end is behind it.
fn place(span: Span, source: &Source) -> Map<String, Value> {
    let (start, end) = (source.position(span), source.position(Span { start: span.end, end: span.end }));
    let fields = [
        ("file", json!(source.name())),
        ("line", json!(start.line)),
        ("column", json!(start.column)),
        ("end_line", json!(end.line)),
        ("end_column", json!(end.column)),
        ("length", json!(start.length)),
        ("start", json!(span.start)),
        ("end", json!(span.end)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Tells how a program ended, unless it is simply done.
pub(crate) fn ending(ending: &Ending, sources: &[Source], format: Format) {
    let Some(title) = ending.title() else { return };
    match format {
        Format::Text => paragraph(&ending.render(sources, color())),
        Format::Json => {
            let place = ending.place(sources);
            let trace = match ending {
                Ending::Failed(failure) => failure.trace.as_slice(),
                _ => &[],
            };
            let call = |frame: &iridium::TraceFrame| {
                let position = frame.position.unwrap_or_default();
                json!({
                    "function": frame.function,
                    "file": frame.source,
                    "line": position.line,
                    "column": position.column,
                })
            };
            let object = json!({
                "severity": "error",
                "code": match ending {
                    Ending::Failed(failure) => failure.kind.clone().unwrap_or_else(|| "uncaught-throw".to_owned()),
                    Ending::Limit(name) => format!("limit-{name}"),
                    Ending::Done | Ending::Interrupted => "interrupted".to_owned(),
                    Ending::Exited(_) => "exit".to_owned(),
                    Ending::Deadlock(_) => "deadlock".to_owned(),
                },
                "message": title,
                "file": place.map(|(source, _)| source.name()),
                "line": place.map(|(_, position)| position.line),
                "column": place.map(|(_, position)| position.column),
                "length": place.map(|(_, position)| position.length),
                "trace": trace.iter().map(call).collect::<Vec<_>>(),
            });
            tell(object);
        }
    }
}

/// Tells that something could not be done at all.
pub(crate) fn error(message: &str, format: Format) {
    match format {
        Format::Text => paragraph(&format!("error: {message}")),
        Format::Json => tell(json!({"severity": "error", "code": "command-line", "message": message})),
    }
}

/// Tells that a file is not laid out as it should be.
pub(crate) fn not_formatted(name: &str, difference: &Difference, format: Format) {
    let line = difference.line;
    let message = format!("{name} is not formatted: it differs from line {line} on");
    match format {
        Format::Text => paragraph(&format!("error: {message}\n{}", difference.text)),
        Format::Json => tell(json!({
            "severity": "error",
            "code": "not-formatted",
            "message": message,
            "file": name,
            "line": line,
            "difference": difference.text,
        })),
    }
}

/// Tells what was counted. Programs get the counts that they may rely on, people all.
pub(crate) fn stats(stats: &Stats, format: Format) {
    let counts = [
        ("reductions", stats.reductions),
        ("instructions", stats.instructions),
        ("calls", stats.calls),
        ("collections", stats.collections),
        ("pause_max_ns", stats.pause_max_ns),
        ("heap_peak", stats.heap_peak),
    ];
    let more = [
        ("pause_p50_ns", stats.pause_p50_ns),
        ("pause_p99_ns", stats.pause_p99_ns),
        ("stall_max_ns", stats.stall_max_ns),
        ("heap_live", stats.heap_live),
        ("allocated", stats.allocated),
    ];
    match format {
        Format::Text => {
            counts.iter().chain(&more).for_each(|(name, count)| tell(format_args!("{name:<13}{count:>15}")));
            tell(format_args!("{:<13}{:>14.1}%", "in_holes", stats.fragmentation() * 100.0));
        }
        Format::Json => {
            let fields = counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count)));
            tell(Value::Object(fields.collect()));
        }
    }
}
