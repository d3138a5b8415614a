//! Makes what fails smaller, as long as it fails: tapes of choices by leaving out and lowering octets, sources by leaving
//! out forms and by putting a form in the place of the one around it.

use iridium::{TokenKind, tokens};
use std::ops::Range;

/// Attempts after which a minimiser is content with what it has.
const MAX_ATTEMPTS: usize = 5_000;

/// The smallest tape found for which `fails` holds, starting from one for which it does.
pub fn tape(mut tape: Vec<u8>, mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut attempts = 0;
    let mut size = tape.len() / 2;
    while size > 0 && attempts < MAX_ATTEMPTS {
        let mut start = 0;
        while start < tape.len() && attempts < MAX_ATTEMPTS {
            attempts += 1;
            let end = (start + size).min(tape.len());
            let shorter = [&tape[..start], &tape[end..]].concat();
            if fails(&shorter) { tape = shorter } else { start = end }
        }
        size /= 2;
    }
    for index in 0..tape.len() {
        loop {
            let octet = tape[index];
            let lower = [0, octet / 2, octet - octet / 4, octet.saturating_sub(1)].into_iter().find(|&lower| {
                attempts += 1;
                tape[index] = lower;
                lower < octet && attempts <= MAX_ATTEMPTS && fails(&tape)
            });
            tape[index] = lower.unwrap_or(octet);
            if lower.is_none() {
                break;
            }
        }
    }
    tape
}

/// The smallest source found for which `fails` holds, starting from one for which it does.
pub fn source(mut text: String, mut fails: impl FnMut(&str) -> bool) -> String {
    let mut attempts = 0;
    loop {
        let before = text.len();
        // Large forms first: what goes with them needs no attempt.
        let mut index = 0;
        loop {
            let forms = forms(&text);
            let Some(form) = forms.get(index) else { break };
            let smaller = candidates(&text, form).into_iter().find(|candidate| {
                attempts += 1;
                attempts <= MAX_ATTEMPTS && fails(candidate)
            });
            match smaller {
                Some(smaller) => text = smaller,
                None => index += 1,
            }
            if attempts > MAX_ATTEMPTS {
                return text;
            }
        }
        if text.len() == before {
            // Blanks last: they are many, and mean little.
            let short = text.split_whitespace().collect::<Vec<_>>().join(" ");
            return if short.len() < text.len() && fails(&short) { short } else { text };
        }
    }
}

/// A form of a source: where it is, and where the forms directly inside of it are.
#[derive(Clone, Debug)]
struct Form {
    span: Range<usize>,
    inner: Vec<Range<usize>>,
}

/// What a source is without one of its forms, or with something simpler in its place: the simplest first.
fn candidates(text: &str, form: &Form) -> Vec<String> {
    let with = |what: &str| format!("{}{what}{}", &text[..form.span.start], &text[form.span.end..]);
    let mut made = vec![with("")];
    for simple in ["null", "1", "0"] {
        if form.span.len() > simple.len() {
            made.push(with(simple));
        }
    }
    made.extend(form.inner.iter().map(|inner| with(&text[inner.clone()])));
    made
}

/// All forms, those that take most room first.
fn forms(text: &str) -> Vec<Form> {
    let mut all: Vec<Form> = Vec::new();
    let mut open: Vec<Form> = Vec::new();
    for token in tokens(text) {
        let span = token.span.start as usize..token.span.end as usize;
        let written = &text[span.clone()];
        if token.kind == TokenKind::Comment {
            all.push(Form { span, inner: Vec::new() });
            continue;
        }
        if written.ends_with(['(', '[', '{']) && !written.starts_with('"') {
            open.push(Form { span, inner: Vec::new() });
            continue;
        }
        let form = if matches!(written, ")" | "]" | "}") {
            let Some(mut form) = open.pop() else { continue };
            form.span.end = span.end;
            form
        } else {
            Form { span, inner: Vec::new() }
        };
        if let Some(outer) = open.last_mut() {
            outer.inner.push(form.span.clone());
        }
        all.push(form);
    }
    all.sort_by_key(|form| (std::cmp::Reverse(form.span.len()), form.span.start));
    all
}

#[cfg(test)]
mod tests {
    use super::{source, tape};

    #[test]
    fn a_source_keeps_only_what_fails() {
        let text = "(var a 1) // one\n(def f (x) (begin (print x) (+ [1 (div x 0) {:a 2}] a)))\n(f (g \"(div\" 3))";
        let small = source(text.to_owned(), |text| text.contains("(div"));
        assert!(small.len() <= "(div)".len() + 2, "{small}");
        let small = source(text.to_owned(), |text| text.contains("(div x 0)"));
        assert_eq!(small.trim(), "(div x 0)");
    }

    #[test]
    fn a_tape_keeps_only_what_fails() {
        let long: Vec<u8> = (0..200).collect();
        assert_eq!(tape(long.clone(), |octets| octets.iter().any(|octet| *octet >= 100)), [100]);
        assert_eq!(tape(long, |octets| octets.len() >= 3), [0, 0, 0]);
    }
}
