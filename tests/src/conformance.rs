//! The cases of `tests/conformance`: programs and what they give.

use crate::run::World;
use crate::{folder, read};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A program, what surrounds it, and what it gives: a value, an error, or only an output.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case is called, and no other is.
    pub name: String,
    /// The program.
    pub src: String,
    /// Its value as `repr` prints it.
    pub value: Option<String>,
    /// The kind of the error that it ends with.
    pub error: Option<String>,
    /// What it prints.
    pub stdout: Option<String>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    stdin: String,
}

impl Case {
    /// What surrounds the program.
    pub fn world(&self) -> World {
        World { files: self.files.clone(), stdin: self.stdin.clone(), arguments: Vec::new() }
    }
}

/// The cases of files of the folder, in their order.
///
/// # Panics
/// If a file can't be read as such cases.
pub fn cases(files: &[&str]) -> Vec<Case> {
    let parse = |file: &&str| -> Vec<Case> {
        serde_json::from_str(&read(folder().join("conformance").join(file))).expect(file)
    };
    files.iter().flat_map(parse).collect()
}
