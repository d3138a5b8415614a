//! Calls, operators and members.

use super::modules::Top;
use super::{Callee, Meaning, Mode, Resolver, arity_warning};
use crate::diagnostic::Diagnostic;
use crate::fold;
use crate::hir::{Arg, Args, Expr, ExprId, Link, Literal};
use crate::import::Bound;
use crate::names;
use crate::source::Span;
use crate::syntax::{Node, NodeId, Sym};
use iridium_isa::stack::StackOp;
use std::rc::Rc;

impl Resolver<'_> {
    pub(super) fn is_spread(&self, node: NodeId) -> bool {
        matches!(self.tree.node(node), Node::Spread(_))
    }

    /// Arguments or elements.
    pub(super) fn args(&mut self, nodes: &[NodeId]) -> Args {
        let args = self.args_of(nodes);
        self.hir.add_args(args)
    }

    /// The same, not kept yet.
    pub(super) fn args_of(&mut self, nodes: &[NodeId]) -> Vec<Arg> {
        let tree = self.tree;
        let arg = |node: &NodeId| match tree.node(*node) {
            Node::Spread(inner) => Arg { value: self.expr(*inner), spread: true },
            _ => Arg { value: self.expr(*node), spread: false },
        };
        nodes.iter().map(arg).collect()
    }

    /// A call of an expression.
    pub(super) fn call(&mut self, callee: NodeId, args: &[NodeId], span: Span) -> ExprId {
        if let Node::Prop(object, name) = self.tree.node(callee) {
            let name = self.text(*name).clone();
            if self.is_super(*object) {
                return self.super_call(name, args, span);
            }
            if self.library_of(*object).is_none() && self.space_of(*object).is_none() {
                let object = self.expr(*object);
                let args = self.args(args);
                return self.hir.add(Expr::CallProp(object, vec![Link { name, args, span }]), span);
            }
        }
        match self.tree.node(callee) {
            Node::Symbol(sym) if !names::is_literal(self.text(*sym)) => {}
            Node::Int(_)
            | Node::Big(_)
            | Node::Float(_)
            | Node::Str(_)
            | Node::Bytes(_)
            | Node::Atom(_)
            | Node::Symbol(_) => {
                let place = self.tree.span(callee);
                let message = format!("`{}` is not a function", self.shown(callee));
                self.report(
                    Diagnostic::warning("not-callable", place, message)
                        .help("the first of a `(…)` is what is called; a list is written `[…]`"),
                );
            }
            _ => {}
        }
        let callee = self.expr(callee);
        let given = args.len();
        let spread = args.iter().any(|arg| self.is_spread(*arg));
        let args = self.args(args);
        if !spread {
            match self.hir.expr(callee) {
                Expr::Const(literal) => {
                    let literal = literal.clone();
                    if let Literal::Native(name) = &literal {
                        self.check_known(&literal, name, given, span);
                    } else if let Literal::Import(import) = &literal {
                        self.check_known(&literal, &import.1, given, span);
                    }
                }
                Expr::Local(var) => self.calls.push((Callee::Local(*var), given, span)),
                Expr::Global(global) => self.calls.push((Callee::Global(*global), given, span)),
                _ => {}
            }
        }
        self.hir.add(Expr::Call(callee, args), span)
    }

    fn check_known(&mut self, function: &Literal, name: &str, given: usize, span: Span) {
        // A library module may have a function of the same name.
        let entry = self.predefined(name).filter(|(_, literal)| literal == function);
        let Some((least, most)) = entry.and_then(|(entry, _)| entry.arity) else { return };
        if given < usize::from(least) || most.is_some_and(|most| given > usize::from(most)) {
            let diagnostic = arity_warning(name, given, least.into(), most.map(usize::from), span);
            self.report(diagnostic);
        }
    }

    /// A list that begins with a symbol that is no form: an operator, a prelude function, or any function.
    pub(super) fn named_call(&mut self, sym: Sym, head: NodeId, args: &[NodeId], span: Span) -> ExprId {
        // In a form of another language names mean something else: nothing is said of them.
        if names::elsewhere(self.text(sym)).is_some_and(|here| here.starts_with('('))
            && matches!(self.mode, Mode::File)
            && matches!(self.meaning(sym), Meaning::Unknown)
        {
            return self.expr(head);
        }
        let spread = args.iter().any(|arg| self.is_spread(*arg));
        if !spread && !self.is_shadowed(sym) {
            let name = self.text(sym).clone();
            if let Some(op) = names::operator(&name) {
                return self.operator(&name, op, head, args, span);
            }
            if self.environment.get(&name).is_some()
                && let Some(op) = names::intrinsic(&name, args.len())
            {
                let args = self.exprs(args);
                return self.hir.add(Expr::Op(op, args), span);
            }
        }
        self.call(head, args, span)
    }

    fn operator(&mut self, name: &str, op: StackOp, head: NodeId, args: &[NodeId], span: Span) -> ExprId {
        let op = match (op, args.len()) {
            (StackOp::Add, 0) => return self.hir.add(Expr::Const(Literal::Int(0)), span),
            (StackOp::Mul, 0) => return self.hir.add(Expr::Const(Literal::Int(1)), span),
            (StackOp::Sub, 1) => StackOp::Neg,
            (StackOp::BitNot, 1) => op,
            (StackOp::Add | StackOp::Mul | StackOp::Sub, 2..) => op,
            (StackOp::BitNot, _) => return self.wrong_operands(name, head, args, (1, Some(1)), span),
            (StackOp::Sub, _) => return self.wrong_operands(name, head, args, (1, None), span),
            (StackOp::Add | StackOp::Mul, _) => return self.call(head, args, span),
            (_, 2) => op,
            _ => return self.wrong_operands(name, head, args, (2, Some(2)), span),
        };
        let mut operands: Vec<ExprId> = args.iter().map(|arg| self.expr(*arg)).collect();
        // From the left, as far as the values are known; what follows is added to that.
        let mut known = 0;
        while let [left, right, ..] = operands[known..]
            && let (Some(left), Some(right)) = (self.hir.literal(left), self.hir.literal(right))
            && let Some(value) = fold::binary(op, left, right)
        {
            known += 1;
            operands[known] = self.hir.add(Expr::Const(value), span);
        }
        operands.drain(..known);
        if let [operand] = operands[..] {
            if args.len() > 1 {
                return operand;
            }
            if let Some(value) = self.hir.literal(operand).and_then(|literal| fold::unary(op, literal)) {
                return self.hir.add(Expr::Const(value), span);
            }
        }
        let operands = self.hir.add_list(operands);
        self.hir.add(Expr::Op(op, operands), span)
    }

    /// An operator with a wrong number of operands is a call that throws.
    fn wrong_operands(
        &mut self,
        name: &str,
        head: NodeId,
        args: &[NodeId],
        (least, most): (usize, Option<usize>),
        span: Span,
    ) -> ExprId {
        let before = self.diagnostics.len();
        let call = self.call(head, args, span);
        // The environment may have said it already.
        if !self.diagnostics[before..].iter().any(|diagnostic| diagnostic.span == span) {
            self.report(arity_warning(name, args.len(), least, most, span));
        }
        call
    }

    // Members

    /// The module of the library that the node names.
    fn library_of(&self, node: NodeId) -> Option<Rc<str>> {
        let sym = self.tree.symbol(node)?;
        match self.top(sym) {
            Some(Top::Bound(number)) if self.bindings[sym.index()].is_empty() => match &self.bound[number] {
                Bound::Library(library) => Some(library.clone()),
                _ => None,
            },
            _ if self.is_shadowed(sym) => None,
            _ => self.environment.has_module(self.text(sym)).then(|| self.text(sym).clone()),
        }
    }

    /// `object.name`
    pub(super) fn prop(&mut self, object: NodeId, name: Rc<str>, span: Span) -> ExprId {
        if self.is_super(object) {
            return self.super_member(name, span);
        }
        if let Some(library) = self.library_of(object) {
            return self.library_member_value(&library, &name, span);
        }
        if let Some(space) = self.space_of(object) {
            return self.space_member(space, &name, span);
        }
        let object = self.expr(object);
        self.hir.add(Expr::Prop(object, name), span)
    }

    fn library_member_value(&mut self, module: &str, name: &str, span: Span) -> ExprId {
        if let Some(bound) = self.bound_library_member(module, name) {
            return self.bound_value(&bound, span);
        }
        let members = self.environment.members(module).unwrap_or(&[]).iter().map(String::as_str);
        self.unknown_member(module, name, &format!("{module}."), members, span);
        self.hir.add(Expr::Poison, span)
    }

    /// The name of a member: any symbol, reserved or not.
    pub(super) fn member_name(&self, node: NodeId) -> Option<Rc<str>> {
        self.tree.symbol(node).map(|sym| self.text(sym).clone())
    }

    /// `(. object name arg…)` and `(. object (name arg…)…)`
    pub(super) fn dot(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        const SHAPE: &str = "(. object name argument…)` or `(. object (name argument…)…)";
        let tree = self.tree;
        let Some((&object, rest)) = rest.split_first() else { return self.malformed(span, ".", SHAPE) };
        let mut parts: Vec<(Rc<str>, &[NodeId], Span)> = Vec::new();
        match rest.first().map(|first| tree.node(*first)) {
            Some(Node::Symbol(sym)) => parts.push((self.text(*sym).clone(), &rest[1..], span)),
            Some(Node::List(_)) => {
                for link in rest {
                    match tree.list(*link) {
                        Some([name, args @ ..]) if self.member_name(*name).is_some() => {
                            let end = tree.span(*link);
                            let name = self.member_name(*name).unwrap_or_default();
                            parts.push((name, args, span.upto(end)));
                        }
                        _ => return self.malformed(tree.span(*link), ".", SHAPE),
                    }
                }
            }
            _ => return self.malformed(span, ".", SHAPE),
        }
        let mut parts = parts.into_iter();
        let mut value = None;
        if self.is_super(object)
            && let Some((name, args, place)) = parts.next()
        {
            value = Some(self.super_call(name, args, place));
        } else if (self.library_of(object).is_some() || self.space_of(object).is_some())
            && let Some((name, args, place)) = parts.next()
        {
            let callee = self.prop(object, name, place);
            let args = self.args(args);
            value = Some(self.hir.add(Expr::Call(callee, args), place));
        }
        let value = value.unwrap_or_else(|| self.expr(object));
        let links: Vec<Link> = parts.map(|(name, args, span)| Link { name, args: self.args(args), span }).collect();
        if links.is_empty() {
            return value;
        }
        self.hir.add(Expr::CallProp(value, links), span)
    }

    /// The text of a form, for a message.
    pub(super) fn shown(&self, node: NodeId) -> String {
        crate::literal::short(self.source.slice(self.tree.span(node)))
    }

    /// What a name stands for in a place; reports a name that stands for nothing.
    pub(super) fn known_meaning(&mut self, sym: Sym, span: Span) -> Option<Meaning> {
        match self.meaning(sym) {
            Meaning::Unknown => self.late_global(sym, span).map(Meaning::Global),
            meaning => Some(meaning),
        }
    }
}
