//! What the measurements share: the programs, how a run is timed, how counts are compared, how a table is written.
//!
//! `compare` measures time against other languages, `processes` against Erlang; `instruction-counts` counts
//! instructions and fails when a count has moved. None of them is part of `cargo test`, which checks no time.

#![forbid(unsafe_code)]

pub mod about;
pub mod counts;
pub mod measure;
pub mod programs;
pub mod table;
