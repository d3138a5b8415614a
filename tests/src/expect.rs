//! Expectations beside the lines of a program, as documents and the golden files of the language have them.
//!
//! A line that ends an expression says what the program up to there gives:
//!
//! * `; => VALUE`: the value, as `repr` prints it;
//! * `; => error :KIND` or `; => error :KIND: PART`: it ends in an error of this kind, whose message holds the part;
//! * `; => throw VALUE`, `; => limit :LIMIT`: it ends in this way;
//! * `; => compile error` or `; => compile error: PART`: it is rejected, with a message that holds the part; of
//!   assembly one says `rejected`.
//!
//! What fails stands in a form that begins at the beginning of a line; the rest of the program runs without that form.
//! `; prints: LINE` is a line of the output of the whole program, in order.

use crate::run::{Outcome, World, run_in_all, run_prepared};
use iridium::Engine;

/// Reductions of the longest program that runs once more with a collection at each allocation.
const STRESSED: u64 = 5_000;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Value(String),
    /// How it ends, as [`Outcome::result`] has it, and a part of the message.
    Failure(String, String),
}

impl Expected {
    pub(crate) fn of(line: &str) -> Option<Expected> {
        let (_, text) = line.split_once("; => ")?;
        let text = text.trim();
        let failure = |result: &str, part: &str| Expected::Failure(result.to_owned(), part.to_owned());
        Some(if let Some(rest) = text.strip_prefix("compile error").or_else(|| text.strip_prefix("rejected")) {
            failure("compile", rest.trim_start_matches(':').trim())
        } else if let Some(rest) = text.strip_prefix("error ") {
            let (kind, part) = rest.split_once(": ").unwrap_or((rest, ""));
            failure(kind, part)
        } else if text.starts_with("throw ") || text.starts_with("limit ") {
            failure(text, "")
        } else {
            Expected::Value(text.to_owned())
        })
    }

    pub(crate) fn is_met(&self, outcome: &Outcome) -> bool {
        match self {
            Expected::Value(value) => outcome.result.as_ref() == Ok(value),
            Expected::Failure(how, part) => outcome.result.as_ref() == Err(how) && outcome.message.contains(part),
        }
    }
}

/// How an outcome would be written beside a line.
pub(crate) fn shown(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(value) => value.clone(),
        Err(result) if result == "compile" => format!("compile error\n{}", outcome.message),
        Err(result) if result.starts_with(':') => format!("error {result}\n{}", outcome.message),
        Err(result) => format!("{result}\n{}", outcome.message),
    }
}

/// Whether a form may begin with this line.
fn begins_form(line: &str) -> bool {
    !line.is_empty() && !line.starts_with([' ', '\t', ')', ']', '}', ';'])
}

/// A line without what it expects: messages show lines, and would hold any part that is expected of them.
fn code_of(line: &str) -> &str {
    let end = line.find("; => ").or_else(|| line.find("; prints:")).unwrap_or(line.len());
    line[..end].trim_end()
}

/// How many expectations a program has.
pub fn count(text: &str) -> usize {
    text.lines().filter(|line| Expected::of(line).is_some() || line.contains("; prints:")).count()
}

/// Runs a program in all engines: once for each expectation, up to the line that it stands beside, and once as a whole;
/// the latter, and what fails, also with a collection at each allocation. `place` and `line` say where it stands.
///
/// # Errors
/// A message with the place, what is expected, and what it gives.
pub fn check(place: &str, line: usize, text: &str, engines: &[(String, Engine)], world: &World) -> Result<(), String> {
    let mut kept: Vec<&str> = Vec::new();
    let mut printed = String::new();
    for (number, here) in text.lines().enumerate() {
        kept.push(code_of(here));
        if let Some((_, output)) = here.split_once("; prints:") {
            printed.push_str(output.strip_prefix(' ').unwrap_or(output));
            printed.push('\n');
        }
        let Some(expected) = Expected::of(here) else { continue };
        let at = format!("{place}:{}", line + number);
        let program = kept.join("\n");
        let outcome = run_in_all(engines, &program, world).map_err(|message| format!("{at}: {message}"))?;
        if !expected.is_met(&outcome) {
            return Err(format!("{at}: {}\nexpected: {expected:?}\ngot: {}", here.trim(), shown(&outcome)));
        }
        if matches!(expected, Expected::Failure(..)) {
            under_stress(&at, engines, &program, world, &outcome)?;
            let start = kept.iter().rposition(|line| begins_form(line)).unwrap_or(0);
            kept[start..].fill("");
        }
    }
    let program = kept.join("\n") + "\n";
    let outcome = run_in_all(engines, &program, world).map_err(|message| format!("{place}:{line}: {message}"))?;
    if outcome.result.is_err() {
        return Err(format!("{place}:{line}: as a whole it should run, but gives: {}", shown(&outcome)));
    }
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    if lines(&outcome.stdout) != lines(&printed) {
        return Err(format!("{place}:{line}: expected the output\n{printed}got\n{}", outcome.stdout));
    }
    under_stress(&format!("{place}:{line}"), engines, &program, world, &outcome)
}

/// Whether a program does the same while every allocation collects. What takes long is left out: that would take longer.
///
/// # Errors
/// A message that shows both outcomes.
pub fn under_stress(
    place: &str,
    engines: &[(String, Engine)],
    source: &str,
    world: &World,
    expected: &Outcome,
) -> Result<(), String> {
    if expected.reductions > STRESSED {
        return Ok(());
    }
    for (name, engine) in engines {
        let outcome = run_prepared(engine, source, world, |execution| execution.set_stress(true));
        if outcome != *expected {
            return Err(format!("{place}: {name}, collecting always: {outcome:#?}\nexpected: {expected:#?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::engines;

    fn checked(text: &str) -> Result<(), String> {
        check("here", 1, text, &engines(), &World::default())
    }

    #[test]
    fn what_holds_passes() {
        let text = "(var x 1) ; => 1\n(get [] x) ; => error :index-error: is out of range\n(var x\n  y) ; => compile error: `y`\n\
                    (throw :a) ; => throw :a\n(print x) ; prints: 1\n(+ x 1) ; => 2\n";
        assert_eq!(checked(text), Ok(()));
        assert_eq!(count(text), 6);
    }

    #[test]
    fn what_does_not_hold_is_found_with_its_line() {
        for wrong in [
            "1 ; => 2",
            "(get [] 0) ; => error :key-error",
            "(get [] 0) ; => error :index-error: no such words",
            "y ; => compile error: no such words",
            "1 ; => compile error",
            "(throw :a) ; => throw :b",
        ] {
            let message = checked(&format!("0\n{wrong}\n")).expect_err(wrong);
            assert!(message.starts_with("here:2: "), "{message}");
        }
        for wrong in ["(print 1)", "1 ; prints: 1", "(print 1) ; prints: 2", "(throw 1)", "(+ 1"] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
