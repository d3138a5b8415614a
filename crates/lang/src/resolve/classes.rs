//! Classes, instances, `super`.

use super::{Meaning, Resolver, State};
use crate::diagnostic::Diagnostic;
use crate::hir::{Arg, Binding, Class, Expr, ExprId, FuncId, Var, VarId};
use crate::source::Span;
use crate::syntax::{Node, NodeId};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The method that the place belongs to; functions inside belong to it too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    /// The variable that holds the class.
    class: VarId,
    func: FuncId,
}

/// A method or constant, as it is written.
enum Member<'a> {
    Method(NodeId, &'a [NodeId]),
    Constant(NodeId),
}

impl<'a> Resolver<'a> {
    pub(super) fn class_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let tree = self.tree;
        let [name_node, parent, body @ ..] = rest else {
            return self.malformed(span, "class", "(class Name Parent members…)` or `(class Name null members…)");
        };
        let (name_node, parent) = (*name_node, *parent);
        let Some(sym) = tree.symbol(name_node) else {
            return self.malformed(span, "class", "(class Name Parent members…)");
        };
        let name = self.text(sym).clone();
        let parent = self.expr(parent);
        let binding = self.class_binding(name_node);
        let scope = self.open_scope();
        let own = self.class_variable(scope, name_node);
        let members = self.members(body);

        let mut methods = Vec::new();
        let outer_method = self.method;
        for (name, span, member) in &members {
            let Member::Method(params, body) = member else { continue };
            self.method = Some(Method { class: own, func: FuncId(self.hir.funcs.len() as u32) });
            let func = self.function(name, *params, body, *span, None);
            methods.push((name.clone(), func));
        }
        self.method = outer_method;
        // From here on the class exists.
        if let Binding::Local(var) = binding {
            self.states[var.0 as usize] = State::Done;
        }
        let mut constants = Vec::new();
        for (name, _, member) in members {
            let Member::Constant(value) = member else { continue };
            self.hoist_locals(&[value]);
            let value = if tree.head(value) == Some("lambda") {
                self.function_of(value, &name, None)
            } else {
                self.expr(value)
            };
            constants.push((name, value));
        }
        self.close_scope();
        let is_asked = self.hir.var(own).captured_early;
        if is_asked {
            self.hir.scopes[scope.0 as usize].push(own);
        }
        let own = is_asked.then_some(own);
        let class = Class { name, scope, parent, methods, constants, binding, own };
        self.hir.add(Expr::Class(Box::new(class)), span)
    }

    /// What the class is bound to. While its methods are resolved a local is not initialised yet.
    fn class_binding(&mut self, name_node: NodeId) -> Binding {
        let Some(sym) = self.tree.symbol(name_node) else { return Binding::None };
        if self.at_top() {
            return self.own_global(sym).map_or(Binding::None, Binding::Global);
        }
        if let Some(var) = self.hoisted.get(&name_node) {
            self.hir.vars[var.0 as usize].conditional = self.context.conditional > 0;
            return Binding::Local(*var);
        }
        // In the default of a parameter: not hoisted. Or its name is reserved, which was reported.
        if crate::names::is_reserved(self.text(sym)) {
            return Binding::None;
        }
        let var = self.bind(sym, self.tree.span(name_node), false, State::Ahead);
        self.hir.vars[var.0 as usize].conditional = self.context.conditional > 0;
        Binding::Local(var)
    }

    /// A variable without a name in the program, by which methods know their class.
    fn class_variable(&mut self, scope: crate::hir::ScopeId, name_node: NodeId) -> VarId {
        let id = VarId(self.hir.vars.len() as u32);
        self.hir.vars.push(Var {
            name: "super".into(),
            span: self.tree.span(name_node),
            func: self.function,
            scope,
            constant: true,
            lambda: None,
            assigned: false,
            captured: false,
            captured_early: false,
            self_captured: false,
            conditional: false,
        });
        self.states.push(State::Ahead);
        id
    }

    /// The members of a class, each name once.
    fn members(&mut self, body: &[NodeId]) -> Vec<(Rc<str>, Span, Member<'a>)> {
        let tree = self.tree;
        let body = match body {
            [text, rest @ ..] if matches!(tree.node(*text), Node::Str(_)) => rest,
            all => all,
        };
        let mut nodes = body.to_vec();
        if let [only] = body
            && tree.head(*only) == Some("begin")
        {
            nodes = tree.list(*only).map_or(Vec::new(), |list| list[1..].to_vec());
        }
        let mut members = Vec::new();
        let mut known: FxHashMap<Rc<str>, Span> = FxHashMap::default();
        for node in nodes {
            let span = tree.span(node);
            let (name_node, member) = match (tree.head(node), tree.list(node)) {
                (Some("def"), Some([_, name, params, body @ ..])) if tree.list(*params).is_some() => {
                    (*name, Member::Method(*params, body))
                }
                (Some("const"), Some([_, name, value])) => (*name, Member::Constant(*value)),
                (Some("def"), _) => {
                    self.malformed(span, "def", "(def name (self parameter…) body…)");
                    continue;
                }
                (Some("const"), _) => {
                    self.malformed(span, "const", "(const NAME value)");
                    continue;
                }
                _ if *tree.node(node) == Node::Error => continue,
                _ => {
                    self.report(
                        Diagnostic::error("bad-member", span, "a class consists of `def`s and `const`s")
                            .help("fields are set in the constructor: `(def constructor (self) (set self.x 1))`"),
                    );
                    continue;
                }
            };
            let Some(name) = self.member_name(name_node) else {
                let place = tree.span(name_node);
                self.report(Diagnostic::error("bad-member", place, "the name of a member is a plain name"));
                continue;
            };
            let place = tree.span(name_node);
            if let Some(first) = known.insert(name.clone(), place) {
                self.report(
                    Diagnostic::error("redeclared", place, format!("the class has two members called `{name}`"))
                        .label(first, "declared here first"),
                );
                continue;
            }
            members.push((name, span, member));
        }
        members
    }

    pub(super) fn new_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let Some((class, args)) = rest.split_first() else {
            return self.malformed(span, "new", "(new Class argument…)");
        };
        let class = self.expr(*class);
        let args = self.args(args);
        self.hir.add(Expr::New(class, args), span)
    }

    /// Whether the node is the `super` of `super.name`.
    pub(super) fn is_super(&self, node: NodeId) -> bool {
        self.tree.symbol(node).is_some_and(|sym| &**self.text(sym) == "super")
    }

    /// `super.name`
    pub(super) fn super_member(&mut self, name: Rc<str>, span: Span) -> ExprId {
        let Some(method) = self.method else {
            return self.fail(
                Diagnostic::error("misplaced-super", span, "`super` only stands inside a method")
                    .help("elsewhere name the class: `(prop (super Class) name)`"),
            );
        };
        let class = self.use_variable(method.class, span);
        self.hir.add(Expr::SuperGet(class, name), span)
    }

    /// `(super.name argument…)`
    pub(super) fn super_call(&mut self, name: Rc<str>, args: &[NodeId], span: Span) -> ExprId {
        let callee = self.super_member(name, span);
        let Some(method) = self.method else { return callee };
        let func = self.hir.func(method.func);
        let first = func.params.first().filter(|_| func.required > 0).and_then(|param| param.var);
        let Some(first) = first else {
            return self.fail(
                Diagnostic::error("misplaced-super", span, "this method has no first parameter to pass on")
                    .help("a method begins like `(def name (self …) …)`"),
            );
        };
        let mut all = vec![Arg { value: self.use_variable(first, span), spread: false }];
        all.extend(self.args_of(args));
        let all = self.hir.add_args(all);
        self.hir.add(Expr::Call(callee, all), span)
    }

    fn use_variable(&mut self, var: VarId, span: Span) -> ExprId {
        let expr = match self.use_local(var) {
            Meaning::Local(var) => Expr::Local(var),
            _ => Expr::Unready(var),
        };
        self.hir.add(expr, span)
    }
}
