//! Comparing counts of instructions with the committed ones: a program may take at most 2 % more or fewer.
//!
//! Fewer is a failure too, so that the baseline follows what the code does and a later loss can't hide in an earlier
//! gain. A new baseline (`cargo xtask bless`) needs its reason in CHANGELOG.md.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// By how much a count may differ from the baseline.
pub const TOLERANCE: f64 = 0.02;

/// Counts by program.
pub type Counts = BTreeMap<String, u64>;

/// What is wrong with counts, line by line; nothing if they are within the tolerance.
pub fn differences(baseline: &Counts, measured: &Counts) -> Vec<String> {
    let mut lines = Vec::new();
    for (program, &before) in baseline {
        match measured.get(program) {
            None => lines.push(format!("{program}: not measured")),
            Some(&now) => {
                let change = (now as f64 - before as f64) / before as f64;
                if change.abs() > TOLERANCE {
                    lines
                        .push(format!("{program}: {before} instructions before, {now} now ({:+.2} %)", change * 100.0));
                }
            }
        }
    }
    lines.extend(
        measured
            .keys()
            .filter(|program| !baseline.contains_key(*program))
            .map(|program| format!("{program}: not in the baseline")),
    );
    lines
}

/// Reads counts from JSON: an object of numbers.
///
/// # Errors
/// A message that names the file if it can't be read or is of another shape.
pub fn read(path: &Path) -> Result<Counts, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str::<BTreeMap<String, u64>>(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes counts as JSON.
///
/// # Errors
/// A message that names the file if it can't be written.
pub fn write(path: &Path, counts: &Counts) -> Result<(), String> {
    let text = serde_json::to_string_pretty(counts).map_err(|error| error.to_string())? + "\n";
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The program's name and its instructions in one of the summaries that gungraun writes (its version 7).
///
/// # Errors
/// What the summary lacks.
pub fn from_summary(summary: &Value) -> Result<(String, u64), String> {
    let id = summary["id"].as_str().ok_or("a summary without `id`")?;
    let count = summary.pointer("/profiles/0/data/total/metrics/Ir/values/new").and_then(Value::as_u64);
    let count = count.ok_or_else(|| format!("no count of instructions in the summary of {id}"))?;
    Ok((id.replace('_', "-"), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(rows: &[(&str, u64)]) -> Counts {
        rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn two_percent_either_way_is_let_through() {
        let baseline = counts(&[("fib", 100_000), ("sieve", 100_000)]);
        assert!(differences(&baseline, &counts(&[("fib", 102_000), ("sieve", 98_000)])).is_empty());
    }

    #[test]
    fn more_than_two_percent_either_way_is_reported() {
        let baseline = counts(&[("fib", 100_000), ("sieve", 100_000)]);
        let found = differences(&baseline, &counts(&[("fib", 102_001), ("sieve", 97_999)]));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("fib: 100000 instructions before, 102001 now (+2.00 %)"), "{found:?}");
    }

    #[test]
    fn a_program_that_only_one_side_has_is_reported() {
        let found = differences(&counts(&[("fib", 1)]), &counts(&[("sieve", 1)]));
        assert_eq!(found, ["fib: not measured", "sieve: not in the baseline"]);
    }

    #[test]
    fn a_summary_gives_name_and_count() {
        let metrics = serde_json::json!({"total": {"metrics": {"Ir": {"values": {"new": 122_346}}}}});
        let summary = serde_json::json!({"id": "int_loop", "profiles": [{"data": metrics}]});
        assert_eq!(from_summary(&summary), Ok(("int-loop".to_owned(), 122_346)));
        let empty = serde_json::json!({"id": "fib", "profiles": []});
        assert!(from_summary(&empty).is_err_and(|message| message.contains("fib")));
    }
}
