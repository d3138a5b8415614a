//! Warnings about programs that are right but do not do what they seem to. `check` asks for them; a program runs
//! without.
//!
//! The rule for what is here: certain, and worth a change. What may be meant that way is not reported: a parameter that
//! is not used (a method or a callback has the parameters that its caller gives), an element that an `each` does not
//! look at, a local called like a prelude function, a name that a pattern or an inner function takes again.
//!
//! * [`names`] — variables, functions and imports that nothing uses, names that hide others
//! * [`flow`] — what is never reached, conditions that are always the same
//! * [`values`] — values that nothing takes, and literals that contradict themselves
//!
//! Expressions lie in one arena, operands before what they are operands of: each lint is a pass over it, forwards for
//! what comes from the inside, backwards for what comes from the outside. Nothing recurses.

mod flow;
mod names;
mod values;

use crate::diagnostic::Diagnostic;
use crate::hir::{Expr, ExprId, Hir};
use crate::import::Member;
use crate::resolve::MAX_DIAGNOSTICS;
use crate::source::Source;
use crate::syntax::{Node, Tree};

/// What the lints look at.
pub(crate) struct Subject<'a> {
    pub(crate) source: &'a Source,
    pub(crate) tree: &'a Tree,
    pub(crate) hir: &'a Hir,
    /// What the file shows to others.
    pub(crate) interface: &'a [Member],
}

impl Subject<'_> {
    /// The value of a flag for each expression.
    fn flags(&self) -> Vec<bool> {
        vec![false; self.hir.exprs().count()]
    }

    /// Whether a name says that it is not going to be used.
    fn is_exempt(name: &str) -> bool {
        name.starts_with('_') || name.is_empty()
    }

    /// Whether a node is the symbol of this text.
    fn is_symbol(&self, node: &Node, text: &str) -> bool {
        matches!(node, Node::Symbol(sym) if &**self.tree.names.text(*sym) == text)
    }
}

/// The warnings about a program without errors.
pub(crate) fn lint(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let fates = values::fates(subject);
    let ends = flow::ends(subject);
    let mut found = Vec::new();
    names::lint(subject, &fates, &mut found);
    flow::lint(subject, &ends, &mut found);
    values::lint(subject, &fates, &ends, &mut found);
    found.sort_by_key(|diagnostic| diagnostic.span);
    found.truncate(MAX_DIAGNOSTICS);
    found
}

/// The lists of expressions of which each runs after the one before it.
fn sequences<'h>(hir: &'h Hir, expr: &Expr) -> Vec<&'h [ExprId]> {
    let bodies = match expr {
        Expr::Scope(_, body) | Expr::While(_, _, body) => vec![*body],
        Expr::For(parts) => vec![parts.body],
        Expr::Each(parts) => vec![parts.body],
        Expr::Switch(clauses) => clauses.iter().map(|clause| clause.body).collect(),
        Expr::Match(_, clauses) => clauses.iter().map(|clause| clause.body).collect(),
        Expr::Receive(parts) => {
            let after = parts.after.iter().map(|after| after.body);
            parts.clauses.iter().map(|clause| clause.body).chain(after).collect()
        }
        Expr::Try(parts) => {
            let catches = parts.catches.iter().map(|clause| clause.body);
            let finally = parts.finally.iter().map(|(_, body)| *body);
            std::iter::once(parts.body).chain(catches).chain(finally).collect()
        }
        _ => Vec::new(),
    };
    bodies.into_iter().map(|body| hir.list(body)).collect()
}
