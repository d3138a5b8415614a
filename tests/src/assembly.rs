//! Programs of assembly with what they give: files of instructions, examples, and blocks of documents.
//!
//! A line that begins with `; => ` ends a program and says what it gives, as beside the lines of a program of Eva (see
//! [`expect`](crate::expect)). `; prints: LINE` before it is a line of its output. What follows is the next program.

use crate::expect::{Expected, shown};
use crate::run::{Outcome, World, run_program};
use iridium::{Engine, Program, Source};

/// A program of assembly, and what it gives.
struct Case {
    /// Line of the text on which it begins, from 0.
    line: usize,
    text: String,
    expected: Expected,
    printed: String,
}

/// The programs of a text.
///
/// # Errors
/// What stands behind the last expectation.
fn cases(text: &str) -> Result<Vec<Case>, String> {
    let mut found = Vec::new();
    let (mut start, mut kept, mut printed) = (0, String::new(), String::new());
    for (number, line) in text.lines().enumerate() {
        if let Some(output) = line.strip_prefix("; prints:") {
            printed.push_str(output.strip_prefix(' ').unwrap_or(output));
            printed.push('\n');
        }
        match Expected::of(line).filter(|_| line.starts_with("; => ")) {
            Some(expected) => {
                let (text, printed) = (std::mem::take(&mut kept), std::mem::take(&mut printed));
                found.push(Case { line: start, text, expected, printed });
                start = number + 1;
            }
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    match kept.trim() {
        "" if !found.is_empty() => Ok(found),
        _ => Err(format!("a program without `; => `:\n{kept}")),
    }
}

/// Whether a program has functions that were written in register code, which the stack engine does not run.
fn has_register_code(program: &Program) -> bool {
    let mut functions = program.modules().iter().flat_map(|(_, module)| module.functions());
    functions.any(|function| function.registers.is_some())
}

/// Runs the programs of a text in all engines that run their form, once as they are and once with a collection at each
/// allocation, and gives those that are not rejected. `place` and `line` say where the text stands.
///
/// # Errors
/// A message with the place, what is expected, and what it gives.
pub fn check(place: &str, line: usize, text: &str, engines: &[(String, Engine)]) -> Result<Vec<Program>, String> {
    let mut programs = Vec::new();
    for case in cases(text).map_err(|message| format!("{place}:{line}: {message}"))? {
        let at = format!("{place}:{}", line + case.line);
        let wrong = |outcome: &Outcome, engine: &str| {
            let (expected, got) = (&case.expected, shown(outcome));
            format!(
                "{at}: {engine}\n{}\nexpected: {expected:?} {:?}\ngot: {got} {:?}",
                case.text.trim(),
                case.printed,
                outcome.stdout
            )
        };
        let program = match engines[0].1.assemble(Source::new("text.iasm", case.text.as_str()), false) {
            Ok(program) => program,
            Err(rejection) => {
                let message = rejection.render(false);
                let outcome = Outcome { result: Err("compile".into()), stdout: String::new(), reductions: 0, message };
                if case.expected.is_met(&outcome) {
                    continue;
                }
                return Err(wrong(&outcome, "assembler"));
            }
        };
        let by_registers = has_register_code(&program);
        let mut first: Option<Outcome> = None;
        for (name, engine) in engines.iter().filter(|(name, _)| !(by_registers && name == "stack")) {
            for stress in [false, true] {
                let world = World::default();
                // What takes long would take longer.
                if stress && first.as_ref().is_some_and(|outcome| outcome.reductions > 5_000) {
                    continue;
                }
                let outcome = run_program(engine, &program, &world, |execution| execution.set_stress(stress), |_| {});
                if !case.expected.is_met(&outcome) || outcome.stdout != case.printed {
                    return Err(wrong(&outcome, name));
                }
                let expected = first.get_or_insert_with(|| outcome.clone());
                if *expected != outcome {
                    return Err(format!("{at}: engines disagree\n{expected:#?}\n{name}: {outcome:#?}"));
                }
            }
        }
        programs.push(program);
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::engines;

    #[test]
    fn what_holds_passes_and_what_does_not_is_found() {
        let engines = engines();
        let checked = |text: &str| check("here", 1, text, &engines).map(|programs| programs.len());
        assert_eq!(checked("load $0 #1\nhlt\n; => 1\nload $0 #2\nlod\n; => rejected: lod\n"), Ok(1));
        for wrong in
            ["load $0 #1\nhlt\n; => 2", "lod\n; => 1", "load $0 #1\nhlt", "load $0 #1\nhlt\n; prints: 1\n; => 1"]
        {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }
}
