//! Values that nothing takes, keys that a map has twice, assignments to oneself.

use super::{Subject, sequences};
use crate::diagnostic::Diagnostic;
use crate::hir::{Expr, ExprId, Literal, Place};
use crate::source::Span;
use crate::syntax::Node;
use iridium_isa::stack::StackOp;
use rustc_hash::{FxHashMap, FxHashSet};

/// What becomes of the value of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Something takes it, as far as is known.
    Taken,
    /// Nothing takes it, but something must stand there: it ends a branch, a clause or the body of a loop.
    Filler,
    /// Nothing takes it.
    Discarded,
}

/// What becomes of the values, by expression.
pub(super) fn fates(subject: &Subject<'_>) -> Vec<Fate> {
    let hir = subject.hir;
    let mut fates = vec![Fate::Taken; subject.flags().len()];
    let discard = |fates: &mut Vec<Fate>, body: &[ExprId], last: Fate| {
        if let Some((end, others)) = body.split_last() {
            others.iter().for_each(|id| fates[id.0 as usize] = Fate::Discarded);
            fates[end.0 as usize] = last;
        }
    };
    for func in &hir.funcs {
        discard(&mut fates, hir.list(func.body), Fate::Taken);
    }
    // From the outside in.
    for (id, expr) in hir.exprs().rev() {
        let last = if fates[id.0 as usize] == Fate::Taken { Fate::Taken } else { Fate::Filler };
        match expr {
            Expr::While(..) | Expr::For(_) | Expr::Each(_) => {
                sequences(hir, expr).into_iter().for_each(|body| discard(&mut fates, body, Fate::Filler));
            }
            Expr::If(_, then, otherwise) => {
                fates[then.0 as usize] = last;
                discard(&mut fates, otherwise.as_slice(), last);
            }
            Expr::Try(parts) => {
                sequences(hir, expr).into_iter().for_each(|body| discard(&mut fates, body, last));
                if let Some((_, body)) = &parts.finally {
                    discard(&mut fates, hir.list(*body), Fate::Filler);
                }
            }
            _ => sequences(hir, expr).into_iter().for_each(|body| discard(&mut fates, body, last)),
        }
    }
    fates
}

/// Adds the warnings of this file.
pub(super) fn lint(subject: &Subject<'_>, fates: &[Fate], ends: &[bool], found: &mut Vec<Diagnostic>) {
    let hir = subject.hir;
    let deliberate = deliberate(subject);
    for (id, expr) in hir.exprs() {
        let span = hir.span(id);
        let number = id.0 as usize;
        if fates[number] != Fate::Taken && !ends[number] && !deliberate.contains(&span) {
            unused(subject, expr, span, fates[number], found);
        }
        match expr {
            Expr::Map(pairs) => duplicates(subject, pairs, found),
            Expr::Set(place, value) => {
                let own = match (place, hir.expr(*value)) {
                    (Place::Local(place), Expr::Local(value)) => place == value,
                    (Place::Global(place), Expr::Global(value)) => place == value,
                    _ => false,
                };
                if own {
                    let name = subject.source.slice(hir.span(*value));
                    let message = format!("`{name}` is set to the value that it has");
                    found.push(
                        Diagnostic::warning("self-assignment", span, message)
                            .help(format!("was a field meant? `(set self.{name} {name})`")),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Where values stand that the program says it does not want: those of `(var _ value)`, and documentation.
fn deliberate(subject: &Subject<'_>) -> FxHashSet<Span> {
    let tree = subject.tree;
    let hir = subject.hir;
    let mut found = FxHashSet::default();
    for (node, _) in tree.nodes() {
        let Node::List(children) = node else { continue };
        if let [head, name, value] = tree.children(*children)
            && ["var", "const"].iter().any(|form| subject.is_symbol(tree.node(*head), form))
            && subject.is_symbol(tree.node(*name), "_")
        {
            found.insert(tree.span(*value));
        }
    }
    for func in &hir.funcs {
        if let Some(first) = hir.list(func.body).first()
            && matches!(hir.literal(*first), Some(Literal::Str(_)))
        {
            found.insert(hir.span(*first));
        }
    }
    found
}

fn unused(subject: &Subject<'_>, expr: &Expr, span: Span, fate: Fate, found: &mut Vec<Diagnostic>) {
    let text = subject.source.slice(span);
    let call = format!("to call it, write it in brackets: `({text})`");
    let (what, help) = match expr {
        Expr::Const(_) | Expr::Local(_) | Expr::Global(_) if fate == Fate::Filler => return,
        // What stands where something must stand.
        Expr::Const(Literal::Null) => return,
        Expr::Op(StackOp::Eq, operands) if operands.len() == 2 => {
            ("the result of this comparison", "to assign, write `(set place value)`; to insist on it, `(assert …)`")
        }
        Expr::Op(StackOp::Ne | StackOp::Lt | StackOp::Le | StackOp::Gt | StackOp::Ge, _) => {
            ("the result of this comparison", "remove it, or insist on it: `(assert …)`")
        }
        Expr::Not(_) => ("the result of this `not`", "remove it, or insist on it: `(assert …)`"),
        Expr::Op(
            StackOp::Add
            | StackOp::Sub
            | StackOp::Mul
            | StackOp::Div
            | StackOp::IntDiv
            | StackOp::Mod
            | StackOp::Pow
            | StackOp::BitAnd
            | StackOp::BitOr
            | StackOp::BitXor
            | StackOp::BitNot
            | StackOp::Shl
            | StackOp::Shr
            | StackOp::Neg,
            _,
        ) => ("the result of this operation", "operators change nothing: assign the result, or remove it"),
        Expr::Const(Literal::Native(_) | Literal::Import(..)) | Expr::Local(_) | Expr::Global(_) => {
            ("this value", call.as_str())
        }
        Expr::Const(Literal::Module(_)) => return,
        Expr::Const(_) | Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => ("this value", "remove it"),
        Expr::Lambda(_) => ("this function", "a `lambda` runs only when it is called: `((lambda () …))`"),
        _ => return,
    };
    found.push(Diagnostic::warning("unused-value", span, format!("{what} is not used")).help(help));
}

fn duplicates(subject: &Subject<'_>, pairs: &[(ExprId, ExprId)], found: &mut Vec<Diagnostic>) {
    let hir = subject.hir;
    let mut known: FxHashMap<String, Span> = FxHashMap::default();
    for (key, _) in pairs {
        let Some(literal) = hir.literal(*key) else { continue };
        let text = match literal {
            Literal::Native(_) | Literal::Import(..) | Literal::Module(_) => continue,
            // 1 and 1.0 are one key.
            Literal::Int(value) => format!("number {value}"),
            Literal::Float(value) => format!("number {value}"),
            other => format!("{other:?}"),
        };
        let span = hir.span(*key);
        if let Some(first) = known.insert(text, span) {
            let shown = crate::literal::short(subject.source.slice(span));
            found.push(
                Diagnostic::warning("duplicate-key", span, format!("this map has the key `{shown}` twice"))
                    .label(first, "its value here is lost")
                    .help("remove one of them"),
            );
        }
    }
}
