//! Patterns, and the forms whose clauses begin with one: `match`, `receive` and `try`.

use super::coverage::Coverage;
use super::modules::Top;
use super::{Resolver, State};
use crate::diagnostic::Diagnostic;
use crate::hir::{After, DestructureGlobals, Expr, ExprId, Pattern, PatternClause, Receive, Try, VarId};
use crate::source::Span;
use crate::syntax::{Node, NodeId, Sym, Tree};
use iridium_isa::stack::TYPES;
use rustc_hash::{FxHashMap, FxHashSet};

/// A clause: its pattern, its body, its place.
type Parts<'a> = (NodeId, &'a [NodeId], Span);

/// The names of a pattern that is being resolved.
#[derive(Default)]
pub(super) struct PatternNames {
    constant: bool,
    /// Those that are bound on every way to here, in order.
    pub(super) bound: Vec<(Sym, VarId)>,
    /// The same, to be found.
    known: FxHashSet<Sym>,
    /// The variables of all names, also of those of other alternatives, which are the same variables.
    vars: FxHashMap<Sym, VarId>,
}

impl PatternNames {
    pub(super) fn new(constant: bool) -> Self {
        PatternNames { constant, ..Self::default() }
    }

    fn add(&mut self, sym: Sym, var: VarId) {
        self.bound.push((sym, var));
        self.known.insert(sym);
        self.vars.insert(sym, var);
    }

    /// Takes back what was bound since there were `count` names.
    fn take_from(&mut self, count: usize) -> Vec<(Sym, VarId)> {
        let taken = self.bound.split_off(count);
        for (sym, _) in &taken {
            self.known.remove(sym);
        }
        taken
    }
}

/// Whether the symbol of this text stands for a value in a pattern.
fn is_literal_name(text: &str) -> bool {
    matches!(text, "null" | "true" | "false" | "inf" | "-inf" | "nan")
}

/// The nodes of the names that a pattern binds, each name once.
pub(super) fn names_of(tree: &Tree, pattern: NodeId) -> Vec<NodeId> {
    let mut names: Vec<NodeId> = Vec::new();
    let mut todo = vec![pattern];
    while let Some(node) = todo.pop() {
        match tree.node(node) {
            Node::Symbol(sym) => {
                let text = &**tree.names.text(*sym);
                if text != "_" && !is_literal_name(text) {
                    names.push(node);
                }
            }
            Node::Spread(inner) => todo.push(*inner),
            Node::Vector(children) | Node::Tuple(children) => todo.extend(tree.children(*children).iter().rev()),
            Node::Map(children) => todo.extend(tree.children(*children).iter().skip(1).step_by(2).rev()),
            Node::List(children) => match (tree.head(node), tree.children(*children)) {
                (Some("is"), [_, _, inner]) | (Some("or" | "when"), [_, inner, ..]) => todo.push(*inner),
                (Some("as"), [_, inner, name]) => todo.extend([name, inner]),
                _ => {}
            },
            _ => {}
        }
    }
    let mut known = FxHashSet::default();
    names.retain(|name| tree.symbol(*name).is_some_and(|sym| known.insert(sym)));
    names
}

impl<'a> Resolver<'a> {
    /// A pattern. Its names are bound in the innermost scope.
    pub(super) fn pattern(&mut self, node: NodeId, names: &mut PatternNames) -> Pattern {
        stacker::maybe_grow(96 << 10, 1 << 20, || self.pattern_here(node, names))
    }

    fn pattern_here(&mut self, node: NodeId, names: &mut PatternNames) -> Pattern {
        let tree = self.tree;
        let span = tree.span(node);
        match tree.node(node) {
            Node::Error => Pattern::Any,
            Node::Symbol(sym) => self.pattern_name(*sym, span, names),
            Node::Int(_) | Node::Big(_) | Node::Float(_) | Node::Str(_) | Node::Bytes(_) | Node::Atom(_) => {
                Pattern::Equal(self.expr(node))
            }
            Node::Vector(children) => self.sequence(false, tree.children(*children), names),
            Node::Tuple(children) => self.sequence(true, tree.children(*children), names),
            Node::Map(children) => {
                let entries = tree.children(*children).chunks_exact(2);
                Pattern::Map(entries.filter_map(|entry| self.entry(entry[0], entry[1], names)).collect())
            }
            Node::List(children) => self.pattern_form(node, tree.children(*children), names),
            Node::Prop(..) => {
                let text = self.shown(node);
                self.report(
                    Diagnostic::error("bad-pattern", span, format!("`{text}` is no pattern"))
                        .help(format!("to compare with its value, write `(pin {text})`")),
                );
                Pattern::Any
            }
            Node::Spread(_) => {
                self.report(
                    Diagnostic::error("bad-pattern", span, "`...` only stands before the last name of a list or tuple")
                        .help("for example `[first ...others]`"),
                );
                Pattern::Any
            }
        }
    }

    fn pattern_name(&mut self, sym: Sym, span: Span, names: &mut PatternNames) -> Pattern {
        let text = self.text(sym).clone();
        if is_literal_name(&text) {
            return Pattern::Equal(self.name(sym, span));
        }
        if &*text == "_" {
            return Pattern::Any;
        }
        if &*text == "else" {
            self.report(
                Diagnostic::error("bad-pattern", span, "`else` is no pattern").help("`_` takes whatever is left"),
            );
            return Pattern::Any;
        }
        if !self.check_name(&text, span) {
            return Pattern::Any;
        }
        if names.known.contains(&sym) {
            let first = names.vars.get(&sym).map_or(span, |first| self.hir.var(*first).span);
            self.report(
                Diagnostic::error("redeclared", span, format!("`{text}` is bound twice in the same pattern"))
                    .label(first, "bound here first")
                    .help(format!("to compare with an earlier value, write `(pin {text})` or a guard")),
            );
            return Pattern::Any;
        }
        let var = match names.vars.get(&sym) {
            Some(var) => *var,
            None => self.bind(sym, span, names.constant, State::Done),
        };
        names.add(sym, var);
        Pattern::Bind(var)
    }

    fn sequence(&mut self, tuple: bool, nodes: &[NodeId], names: &mut PatternNames) -> Pattern {
        let tree = self.tree;
        let mut items = Vec::new();
        let mut rest = None;
        for (number, node) in nodes.iter().enumerate() {
            match tree.node(*node) {
                Node::Spread(inner) if number + 1 == nodes.len() && tree.symbol(*inner).is_some() => {
                    rest = Some(Box::new(self.pattern(*inner, names)));
                }
                _ => items.push(self.pattern(*node, names)),
            }
        }
        Pattern::Sequence(tuple, items, rest)
    }

    fn entry(&mut self, key: NodeId, value: NodeId, names: &mut PatternNames) -> Option<(ExprId, Pattern)> {
        let tree = self.tree;
        let is_key = match tree.node(key) {
            Node::Int(_) | Node::Big(_) | Node::Float(_) | Node::Str(_) | Node::Bytes(_) | Node::Atom(_) => true,
            Node::Symbol(sym) => is_literal_name(self.text(*sym)),
            _ => false,
        };
        if !is_key {
            self.report(
                Diagnostic::error("bad-pattern", tree.span(key), "a key in a pattern is a literal or an atom")
                    .help("for a key that is computed, bind the map and use `(get map key)` in a guard"),
            );
            self.pattern(value, names);
            return None;
        }
        let key = self.expr(key);
        Some((key, self.pattern(value, names)))
    }

    fn pattern_form(&mut self, node: NodeId, nodes: &[NodeId], names: &mut PatternNames) -> Pattern {
        let tree = self.tree;
        match (tree.head(node), nodes) {
            (Some("is"), [_, class]) => self.is_pattern(*class, None, names),
            (Some("is"), [_, class, inner]) => self.is_pattern(*class, Some(*inner), names),
            (Some("or"), [_, first, others @ ..]) => self.or_pattern(*first, others, names),
            (Some("as"), [_, inner, name]) if tree.symbol(*name).is_some() => {
                let inner = self.pattern(*inner, names);
                let name = self.pattern(*name, names);
                Pattern::Both(Box::new(inner), Box::new(name))
            }
            (Some("pin"), [_, value]) => Pattern::Equal(self.expr(*value)),
            (Some("when"), [_, inner, guard]) => {
                let inner = self.pattern(*inner, names);
                let guard = self.conditionally(|this| this.expr(*guard));
                Pattern::When(Box::new(inner), guard)
            }
            (head, _) => {
                let shape = match head {
                    Some("is") => "it is written `(is Class)` or `(is Class pattern)`",
                    Some("or") => "it is written `(or pattern pattern…)`",
                    Some("as") => "it is written `(as pattern name)`",
                    Some("pin") => "it is written `(pin value)`",
                    Some("when") => "it is written `(when pattern guard)`",
                    _ => "the forms of a pattern are `is`, `or`, `as`, `pin` and `when`",
                };
                let message = format!("`{}` is no pattern", self.shown(node));
                self.report(Diagnostic::error("bad-pattern", tree.span(node), message).help(shape));
                Pattern::Any
            }
        }
    }

    fn is_pattern(&mut self, class: NodeId, inner: Option<NodeId>, names: &mut PatternNames) -> Pattern {
        let number = match self.tree.node(class) {
            Node::Atom(name) => TYPES.iter().position(|other| *other == &**name),
            _ => None,
        };
        // The class is asked for first, so its expression must not see the names.
        let class = if number.is_none() { Some(self.conditionally(|this| this.expr(class))) } else { None };
        let inner = Box::new(inner.map_or(Pattern::Any, |inner| self.pattern(inner, names)));
        match (number, class) {
            (Some(number), _) => Pattern::Type(number as u32, inner),
            (None, Some(class)) => Pattern::Instance(class, inner),
            (None, None) => Pattern::Any,
        }
    }

    fn or_pattern(&mut self, first: NodeId, others: &[NodeId], names: &mut PatternNames) -> Pattern {
        let before = names.bound.len();
        let mut alternatives = vec![self.pattern(first, names)];
        let bound = names.take_from(before);
        let in_bound: FxHashSet<Sym> = bound.iter().map(|(sym, _)| *sym).collect();
        for node in others {
            let span = self.tree.span(*node);
            if alternatives.last().is_some_and(Pattern::takes_all) {
                self.report(
                    Diagnostic::error("unreachable-clause", span, "this alternative can never be reached")
                        .label(self.tree.span(first), "this takes everything"),
                );
            }
            alternatives.push(self.pattern(*node, names));
            let here = names.take_from(before);
            let in_here: FxHashSet<Sym> = here.iter().map(|(sym, _)| *sym).collect();
            let missing = bound.iter().find(|(sym, _)| !in_here.contains(sym));
            let extra = here.iter().find(|(sym, _)| !in_bound.contains(sym));
            let (name, lacking) = match (missing, extra) {
                (Some((sym, _)), _) => (self.text(*sym), span),
                (None, Some((sym, _))) => (self.text(*sym), self.tree.span(first)),
                (None, None) => continue,
            };
            let message = format!("this alternative does not bind `{name}`, but another one does");
            self.report(
                Diagnostic::error("bad-pattern", lacking, message)
                    .help("all alternatives of an `or` bind the same names"),
            );
        }
        for (sym, var) in bound {
            names.add(sym, var);
        }
        Pattern::Or(alternatives)
    }

    // Clauses

    fn clause(&mut self, pattern: NodeId, body: &[NodeId]) -> PatternClause {
        let scope = self.open_scope();
        let pattern = self.pattern(pattern, &mut PatternNames::default());
        self.hoist_locals(body);
        let body = self.exprs(body);
        self.close_scope();
        PatternClause { scope, pattern, body }
    }

    /// Clauses, in order.
    fn clauses(&mut self, parts: &[Parts<'_>]) -> Vec<PatternClause> {
        let mut clauses = Vec::new();
        let mut all: Option<(NodeId, Option<Sym>)> = None;
        let mut coverage = Coverage::new();
        for (pattern, body, span) in parts {
            if let Some((taker, constant)) = all {
                let diagnostic = Diagnostic::error("unreachable-clause", *span, "this clause can never be reached")
                    .label(self.tree.span(taker), "this takes everything");
                self.report(match constant {
                    Some(sym) => {
                        let name = self.text(sym);
                        diagnostic.help(format!("a name in a pattern is a new variable; did you mean `(pin {name})`?"))
                    }
                    None => diagnostic.help("put the clause that takes everything last"),
                });
            }
            let constant = self.tree.symbol(*pattern).filter(|sym| self.is_constant(*sym));
            let clause = self.clause(*pattern, body);
            if all.is_none() && clause.pattern.takes_all() {
                all = Some((*pattern, constant));
            }
            clauses.push(clause);
            if let Some(earlier) = coverage.add(&self.hir, &clauses)
                && all.is_none_or(|(taker, _)| taker == *pattern)
            {
                let span = self.tree.span(*pattern);
                self.report(
                    Diagnostic::warning("covered-clause", span, "this clause is never taken")
                        .label(self.tree.span(parts[earlier].0), "this one takes all that it would")
                        .help("put the more special pattern first, or remove the clause"),
                );
            }
        }
        clauses
    }

    /// Whether a name stands for a `const` here.
    fn is_constant(&self, sym: Sym) -> bool {
        if let Some(var) = self.bindings[sym.index()].last() {
            return self.hir.var(*var).constant;
        }
        match self.top(sym) {
            Some(Top::Global(global)) => self.hir.globals[global as usize].constant,
            _ => false,
        }
    }

    pub(super) fn match_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let Some((subject, nodes)) = rest.split_first() else {
            return self.malformed(span, "match", "(match value (pattern body…)…)");
        };
        let subject = self.expr(*subject);
        let parts: Vec<_> = nodes.iter().filter_map(|node| self.clause_parts(*node, "match")).collect();
        let clauses = self.clauses(&parts);
        self.hir.add(Expr::Match(subject, clauses), span)
    }

    pub(super) fn receive_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        const SHAPE: &str = "it is written `(receive (pattern body…)… (after ms body…))`";
        let tree = self.tree;
        if rest.is_empty() {
            let diagnostic = Diagnostic::error("malformed-form", span, "a `receive` has at least one clause");
            return self.fail(diagnostic.help(SHAPE));
        }
        let (mut parts, mut last) = (Vec::new(), None);
        for (number, node) in rest.iter().enumerate() {
            if tree.head(*node) != Some("after") {
                parts.extend(self.clause_parts(*node, "receive"));
                continue;
            }
            if let Some(next) = rest.get(number + 1) {
                let problem = "`after` is the last clause of a `receive`";
                self.report(
                    Diagnostic::error("malformed-form", tree.span(*node), problem)
                        .label(tree.span(*next), "this stands behind it")
                        .help(SHAPE),
                );
            }
            last = Some(*node);
        }
        let clauses = self.clauses(&parts);
        let after = last.and_then(|node| self.after(node));
        self.hir.add(Expr::Receive(Box::new(Receive { clauses, after })), span)
    }

    /// The clause `(after ms body…)`.
    fn after(&mut self, node: NodeId) -> Option<After> {
        let tree = self.tree;
        let Some([_, all @ ..]) = tree.list(node) else { return None };
        let Some((timeout, body)) = all.split_first() else {
            self.malformed(tree.span(node), "`after` clause", "(after ms body…)");
            return None;
        };
        let scope = self.open_scope();
        self.hoist_locals(all);
        let timeout = self.expr(*timeout);
        let body = self.exprs(body);
        self.close_scope();
        Some(After { scope, timeout, body })
    }

    /// Pattern, body and place of a clause.
    fn clause_parts(&mut self, node: NodeId, form: &str) -> Option<Parts<'a>> {
        let tree = self.tree;
        let place = tree.span(node);
        if let Some([pattern, body @ ..]) = tree.list(node) {
            return Some((*pattern, body, place));
        }
        self.malformed(place, &format!("clause of a `{form}`"), "(pattern body…)");
        None
    }

    pub(super) fn try_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let tree = self.tree;
        let is_clause = |node: &NodeId| matches!(tree.head(*node), Some("catch" | "finally"));
        let body_end = rest.iter().position(is_clause).unwrap_or(rest.len());
        let (body, nodes) = rest.split_at(body_end);
        let (scope, body) = self.scoped(body);
        let mut catches = Vec::new();
        let mut finally: Option<(NodeId, &[NodeId])> = None;
        for node in nodes {
            let place = tree.span(*node);
            let problem = match (tree.head(*node), tree.list(*node)) {
                (Some("finally"), Some([_, body @ ..])) => match finally {
                    None => {
                        finally = Some((*node, body));
                        continue;
                    }
                    Some(_) => "a `try` has one `finally`",
                },
                (Some("catch"), _) if finally.is_some() => "`catch` stands before `finally`",
                (Some("catch"), Some([_, pattern, body @ ..])) => {
                    catches.push((*pattern, body, place));
                    continue;
                }
                (Some("catch"), _) => {
                    self.malformed(place, "catch", "(catch pattern body…)");
                    continue;
                }
                _ => "this stands behind a clause of the `try`",
            };
            self.report(
                Diagnostic::error("malformed-form", place, problem)
                    .help("it is written `(try body… (catch pattern body…)… (finally body…))`"),
            );
        }
        let catches = self.clauses(&catches);
        let finally = finally.map(|(_, body)| self.scoped(body));
        self.hir.add(Expr::Try(Box::new(Try { scope, body, catches, finally })), span)
    }

    // Declarations

    /// `(var pattern value)`; names are globals at the top of a file.
    pub(super) fn destructuring(&mut self, target: NodeId, value: NodeId, constant: bool, span: Span) -> ExprId {
        let at_top = self.at_top();
        let value = self.expr(value);
        let mut names = PatternNames::new(constant);
        if !at_top {
            let pattern = self.pattern(target, &mut names);
            return self.hir.add(Expr::Destructure(Box::new(pattern), value), span);
        }
        // Guards see the new values, so while it is taken apart the names are variables of a scope of its own.
        let scope = self.open_scope();
        let pattern = self.pattern(target, &mut names);
        self.close_scope();
        let mut globals = Vec::new();
        for (sym, var) in &names.bound {
            if let Some(global) = self.own_global(*sym) {
                globals.push((*var, global));
            }
        }
        let parts = DestructureGlobals { scope, pattern, value, globals };
        self.hir.add(Expr::DestructureGlobals(Box::new(parts)), span)
    }

    /// What `each` declares: mostly a name.
    pub(super) fn each_targets(&mut self, targets: &[NodeId]) -> Vec<Pattern> {
        let tree = self.tree;
        let mut names = PatternNames::default();
        let mut target = |node: &NodeId| {
            // A literal alone takes nothing apart: who writes `null` here means a name.
            let name = tree.symbol(*node).map(|sym| self.text(sym).clone());
            if name.is_some_and(|name| !self.check_name(&name, tree.span(*node))) {
                return Pattern::Any;
            }
            self.pattern(*node, &mut names)
        };
        targets.iter().map(&mut target).collect()
    }
}
