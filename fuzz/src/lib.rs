//! Programs made up, and what must hold of each: for random tests, and for fuzzing that is guided by coverage.
//!
//! * [`choices`] — a string of octets as a tape of choices: the only source of chance.
//! * [`eva`] — programs of Eva by a grammar.
//! * [`portable`] — modules of portable code by their structure.
//! * [`oracle`] — runs a program in all engines, and through all its forms, and compares.
//! * [`keep`] — writes what was found as a test file.
//! * [`minimise`] — makes a program that fails smaller, as long as it fails.
//! * [`targets`] — what a fuzzer calls with octets.

#![forbid(unsafe_code)]

pub mod choices;
pub mod eva;
pub mod keep;
pub mod minimise;
pub mod oracle;
pub mod portable;
pub mod targets;
