//! Eva: from source text to diagnostics, or to a module of portable code.
//!
//! ```text
//! text ──reader──▶ syntax tree ──resolve──▶ hir ──compile──▶ iridium_bytecode::Module
//! ```
//!
//! * [`source`] — text, lines, columns
//! * [`reader`], [`literal`], [`syntax`] — text to a tree; recovers, and reports several mistakes in one run
//! * `resolve`, `hir`, `fold`, `names` — forms and scopes: what each name stands for
//! * `program`, `import` — files that import each other
//! * `run` — the many short lists of both trees
//! * `compile` — code
//! * `lint` — warnings about what is right but odd
//! * [`pretty`] — the text in the canonical style
//! * [`diagnostic`] — what there is to say, and how it is shown
//! * [`environment`] — what is in scope beside the source
//! * [`tokens`], [`definitions`], [`forms`] — for tools: what a text consists of and defines, how a form is written
//!
//! This crate knows no values and no heap, and does no I/O.

#![forbid(unsafe_code)]

mod compile;
pub mod definitions;
pub mod diagnostic;
pub mod environment;
mod fold;
pub mod forms;
mod hir;
mod import;
pub mod limits;
mod lint;
pub mod literal;
mod names;
pub mod pretty;
mod program;
pub mod reader;
mod resolve;
mod run;
pub mod source;
pub mod syntax;
pub mod tokens;

#[cfg(test)]
mod tests;

pub use diagnostic::{Diagnostic, Severity, render};
pub use environment::{Environment, Mode, ReplScope};
pub use import::Import;
pub use names::{FORMS, OPERATORS, nearest};
pub use program::{Loaded, Loader, Program, check_program, compile_program, compile_program_as};
pub use reader::is_incomplete;
pub use source::{Source, Span};

use iridium_bytecode::Module;
use std::rc::Rc;

/// What compiling gave.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The module, unless there is an error.
    pub module: Option<Module>,
    /// Errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a source that stands alone: an `import` in it is an error. See [`compile_program`].
pub fn compile(source: &Source, environment: &Environment, mode: Mode<'_>) -> Compiled {
    let reading = reader::read(source);
    compile_tree(source, reading, environment, mode, &import::Imports::default(), Lints::Off).0
}

/// Whether to look for what is right but odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lints {
    Off,
    On,
}

/// Whether what was read makes sense as a whole.
fn is_whole(diagnostics: &[Diagnostic]) -> bool {
    let hopeful = |d: &Diagnostic| {
        matches!(d.code, "bad-number" | "bad-escape" | "bad-atom" | "bad-symbol" | "odd-map" | "bad-spread")
    };
    diagnostics.iter().all(hopeful)
}

/// Compiles what was read, and says what it shows to those that import it.
fn compile_tree(
    source: &Source,
    reading: reader::Reading,
    environment: &Environment,
    mode: Mode<'_>,
    imports: &import::Imports,
    lints: Lints,
) -> (Compiled, Option<Rc<[import::Member]>>) {
    let mut diagnostics = reading.diagnostics;
    // A tree that is cut short or unbalanced would only bring messages about what is not there.
    if !is_whole(&diagnostics) {
        return (Compiled { module: None, diagnostics }, None);
    }
    let resolved = resolve::resolve(source, &reading.tree, environment, mode, imports);
    diagnostics.extend(resolved.diagnostics);
    // Of a large program the tree is large, and code is made without it.
    let tree = (lints == Lints::On).then_some(reading.tree);
    let mut module = None;
    if !diagnostics.iter().any(Diagnostic::is_error) {
        match compile::compile(&resolved.hir, source) {
            Ok(compiled) => {
                module = Some(compiled);
                if let Some(tree) = &tree {
                    let interface = &resolved.interface;
                    let subject = lint::Subject { source, tree, hir: &resolved.hir, interface };
                    diagnostics.extend(lint::lint(&subject));
                }
            }
            Err(errors) => diagnostics.extend(errors),
        }
    }
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
    let interface = module.is_some().then_some(resolved.interface);
    (Compiled { module, diagnostics }, interface)
}
