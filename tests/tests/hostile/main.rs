//! Programs that no compiler made: damaged code, damaged files, damaged structure. All are rejected, or run within their
//! limits alike in all engines.

mod code;
mod files;
mod structure;
mod trial;
