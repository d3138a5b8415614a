//! Eva: from source text to diagnostics, or to a module of portable code.
//!
//! ```text
//! text ──reader──▶ syntax tree ──resolve──▶ hir ──compile──▶ iridium_bytecode::Module
//! ```
//!
//! * [`source`] — text, lines, columns
//! * [`reader`], [`literal`], [`syntax`] — text to a tree; recovers, and reports several mistakes in one run
//! * `resolve`, `hir`, `fold`, `names` — forms and scopes: what each name stands for
//! * `compile` — code
//! * [`diagnostic`] — what there is to say, and how it is shown
//! * [`environment`] — what is in scope beside the source
//!
//! This crate knows no values and no heap, and does no I/O.

#![forbid(unsafe_code)]

mod compile;
pub mod diagnostic;
pub mod environment;
mod fold;
mod hir;
pub mod literal;
mod names;
pub mod reader;
mod resolve;
pub mod source;
pub mod syntax;

#[cfg(test)]
mod tests;

pub use diagnostic::{Diagnostic, Severity, render};
pub use environment::{Environment, Mode, ReplScope};
pub use names::{FORMS, OPERATORS};
pub use reader::is_incomplete;
pub use source::{Source, Span};

use iridium_bytecode::Module;

/// What compiling gave.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The module, unless there is an error.
    pub module: Option<Module>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a source.
pub fn compile(source: &Source, environment: &Environment, mode: Mode<'_>) -> Compiled {
    let reading = reader::read(source);
    let mut diagnostics = reading.diagnostics;
    // A tree that is cut short or unbalanced would only bring messages about what is not there.
    let hopeless = |d: &Diagnostic| {
        !matches!(d.code, "bad-number" | "bad-escape" | "bad-atom" | "bad-symbol" | "odd-map" | "bad-spread")
    };
    if diagnostics.iter().any(hopeless) {
        return Compiled { module: None, diagnostics };
    }
    let (hir, more) = resolve::resolve(source, &reading.tree, environment, mode);
    diagnostics.extend(more);
    let mut module = None;
    if !diagnostics.iter().any(Diagnostic::is_error) {
        match compile::compile(&hir, source) {
            Ok(compiled) => module = Some(compiled),
            Err(errors) => diagnostics.extend(errors),
        }
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
    Compiled { module, diagnostics }
}
