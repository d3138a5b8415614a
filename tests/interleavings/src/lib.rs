//! Tests of what scheduler threads share. The sources of `iridium-runtime` are taken in as they are, but for the module
//! `sync`: in its place are primitives that try interleavings.
//!
//! - `tests/primitives.rs`: each primitive alone, under all interleavings of a few threads, with loom.
//! - `tests/schedulers.rs`: the whole scheduler with programs of processes, under random interleavings, with shuttle.

#![forbid(unsafe_code)]
