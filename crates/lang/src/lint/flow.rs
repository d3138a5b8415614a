//! What is never reached, and conditions that are always the same.

use super::{Subject, sequences};
use crate::diagnostic::Diagnostic;
use crate::hir::{Args, Expr, ExprId, Hir, Literal};
use crate::source::Span;
use rustc_hash::FxHashSet;

/// Adds the warnings of this file.
pub(super) fn lint(subject: &Subject<'_>, ends: &[bool], found: &mut Vec<Diagnostic>) {
    let hir = subject.hir;
    for func in &hir.funcs {
        unreachable(subject, hir.list(func.body), ends, found);
    }
    for (_, expr) in hir.exprs() {
        for body in sequences(hir, expr) {
            unreachable(subject, body, ends, found);
        }
        conditions(subject, expr, found);
    }
}

fn unreachable(subject: &Subject<'_>, body: &[ExprId], ends: &[bool], found: &mut Vec<Diagnostic>) {
    let hir = subject.hir;
    if let Some(pair) = body.windows(2).find(|pair| ends[pair[0].0 as usize])
        && hir.span(pair[0]) != hir.span(pair[1])
    {
        let why = match hir.expr(pair[0]) {
            Expr::Return(..) => "this returns",
            Expr::Throw(_) => "this throws",
            Expr::Break(_) | Expr::Continue => "this goes on elsewhere",
            Expr::While(..) | Expr::For(_) => "this loop never ends: there is no `break` in it",
            _ => "every way through this leaves it for good",
        };
        found.push(
            Diagnostic::warning("unreachable-code", hir.span(pair[1]), "this can never run")
                .label(hir.span(pair[0]), why)
                .help("remove it, or put it before"),
        );
    }
}

/// The conditions that a form tests, and what is known of them.
fn conditions(subject: &Subject<'_>, expr: &Expr, found: &mut Vec<Diagnostic>) {
    let hir = subject.hir;
    match expr {
        Expr::If(condition, ..) => {
            // Of an `unless`, the negation was put before the condition.
            let (inner, negated) = match hir.expr(*condition) {
                Expr::Not(inner) if hir.span(*inner) == hir.span(*condition) => (*inner, true),
                _ => (*condition, false),
            };
            if let Some(literal) = hir.literal(inner) {
                let help = match literal.is_truthy() != negated {
                    true => "what follows it always runs: the form around it is not needed",
                    false => "what depends on it never runs: remove it",
                };
                always(subject, inner, literal, found, help);
            }
        }
        Expr::While(condition, ..) => {
            if let Some(literal) = hir.literal(*condition).filter(|literal| !literal.is_truthy()) {
                always(subject, *condition, literal, found, "the loop never runs: remove it");
            }
        }
        Expr::For(parts) => {
            if let Some(literal) = hir.literal(parts.condition).filter(|literal| !literal.is_truthy()) {
                always(subject, parts.condition, literal, found, "the loop never runs: remove it");
            }
        }
        Expr::Switch(clauses) => {
            for (number, clause) in clauses.iter().enumerate() {
                let Some(condition) = clause.condition else { continue };
                let Some(literal) = hir.literal(condition) else { continue };
                let is_last = number + 1 == clauses.len();
                match literal.is_truthy() {
                    // As good as `else`.
                    true if is_last => {}
                    true => always(subject, condition, literal, found, "the clauses after it are never reached"),
                    false => always(subject, condition, literal, found, "the clause is never reached: remove it"),
                }
            }
        }
        Expr::And(operands) | Expr::Or(operands) => {
            let before = hir.list(*operands).split_last().map_or(&[][..], |(_, before)| before);
            for operand in before {
                let Some(literal) = hir.literal(*operand) else { continue };
                let help = match (matches!(expr, Expr::And(_)), literal.is_truthy()) {
                    (true, true) | (false, false) => "it decides nothing here: remove it",
                    (true, false) | (false, true) => "the operands after it are never evaluated",
                };
                always(subject, *operand, literal, found, help);
            }
        }
        _ => {}
    }
}

fn always(subject: &Subject<'_>, condition: ExprId, literal: &Literal, found: &mut Vec<Diagnostic>, help: &str) {
    let truth = if literal.is_truthy() { "true" } else { "false" };
    let message = format!("this condition is always {truth}");
    found.push(Diagnostic::warning("constant-condition", subject.hir.span(condition), message).help(help));
}

/// Which expressions never come to their end, by expression.
pub(super) fn ends(subject: &Subject<'_>) -> Vec<bool> {
    let hir = subject.hir;
    let broken = broken(subject);
    let mut ends = subject.flags();
    for (id, expr) in hir.exprs() {
        let is = |ends: &[bool], id: ExprId| ends[id.0 as usize];
        let one_of = |ends: &[bool], ids: &[ExprId]| ids.iter().any(|id| is(ends, *id));
        let bodies = sequences(hir, expr);
        let endless =
            |condition: ExprId| hir.literal(condition).is_some_and(Literal::is_truthy) && !broken.contains(&id);
        ends[id.0 as usize] = match expr {
            Expr::Return(..) | Expr::Break(_) | Expr::Continue | Expr::Throw(_) => true,
            Expr::While(condition, ..) => is(&ends, *condition) || endless(*condition),
            Expr::For(parts) => is(&ends, parts.init) || is(&ends, parts.condition) || endless(parts.condition),
            Expr::Scope(_, body) => one_of(&ends, hir.list(*body)),
            Expr::If(condition, then, otherwise) => {
                is(&ends, *condition) || (is(&ends, *then) && otherwise.is_some_and(|other| is(&ends, other)))
            }
            Expr::Switch(clauses) => {
                let first = clauses.first().and_then(|clause| clause.condition);
                let complete = clauses.last().is_some_and(|clause| clause.condition.is_none());
                first.is_some_and(|first| is(&ends, first))
                    || (complete && bodies.iter().all(|body| one_of(&ends, body)))
            }
            // What no clause takes is thrown.
            Expr::Match(value, _) => is(&ends, *value) || bodies.iter().all(|body| one_of(&ends, body)),
            // It waits until a clause takes a message.
            Expr::Receive(parts) => {
                let timeout = parts.after.as_ref().map(|after| after.timeout);
                timeout.is_some_and(|timeout| is(&ends, timeout)) || bodies.iter().all(|body| one_of(&ends, body))
            }
            Expr::Try(parts) => {
                let finally = parts.finally.as_ref().is_some_and(|(_, body)| one_of(&ends, hir.list(*body)));
                let catches = parts.catches.iter().all(|clause| one_of(&ends, hir.list(clause.body)));
                finally || (one_of(&ends, hir.list(parts.body)) && catches)
            }
            _ => one_of(&ends, &operands(hir, expr)),
        };
    }
    ends
}

/// The loops that a `break` leaves.
fn broken(subject: &Subject<'_>) -> FxHashSet<ExprId> {
    let hir = subject.hir;
    let mut loops: Vec<(Span, ExprId)> = Vec::new();
    let mut breaks: Vec<Span> = Vec::new();
    for (id, expr) in hir.exprs() {
        let span = hir.span(id);
        match expr {
            Expr::While(..) | Expr::For(_) => loops.push((span, id)),
            // What is iterated over is evaluated outside of the loop.
            Expr::Each(parts) => loops.push((Span { start: hir.span(parts.collection).end, end: span.end }, id)),
            Expr::Break(_) => breaks.push(span),
            _ => {}
        }
    }
    loops.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    breaks.sort_unstable();
    let mut found = FxHashSet::default();
    let mut open: Vec<(Span, ExprId)> = Vec::new();
    let mut loops = loops.into_iter().peekable();
    for place in breaks {
        while let Some(next) = loops.next_if(|(span, _)| span.start <= place.start) {
            while open.pop_if(|(span, _)| span.end <= next.0.start).is_some() {}
            open.push(next);
        }
        while open.pop_if(|(span, _)| span.end <= place.start).is_some() {}
        found.extend(open.last().map(|(_, id)| *id));
    }
    found
}

/// The expressions that are certain to be evaluated with one that is neither a branch nor a loop.
fn operands(hir: &Hir, expr: &Expr) -> Vec<ExprId> {
    let values = |args: &Args| hir.args(*args).iter().map(|arg| arg.value).collect::<Vec<_>>();
    match expr {
        Expr::DeclareLocal(_, value) | Expr::DeclareGlobal(_, value) => value.iter().copied().collect(),
        Expr::Set(_, value)
        | Expr::Update(_, _, value)
        | Expr::Not(value)
        | Expr::Prop(value, _)
        | Expr::Destructure(_, value)
        | Expr::SuperGet(value, _) => vec![*value],
        Expr::DestructureGlobals(parts) => vec![parts.value],
        Expr::And(all) | Expr::Or(all) => hir.list(*all).first().copied().into_iter().collect(),
        Expr::Each(parts) => vec![parts.collection],
        Expr::Op(_, all) => hir.list(*all).to_vec(),
        Expr::Call(callee, args) | Expr::New(callee, args) => [vec![*callee], values(args)].concat(),
        Expr::CallProp(object, links) => {
            let args = links.iter().flat_map(|link| values(&link.args));
            std::iter::once(*object).chain(args).collect()
        }
        Expr::List(args) | Expr::Tuple(args) => values(args),
        Expr::Map(pairs) => pairs.iter().flat_map(|(key, value)| [*key, *value]).collect(),
        _ => Vec::new(),
    }
}
