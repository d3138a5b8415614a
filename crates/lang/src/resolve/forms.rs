//! The special forms.

use super::{Resolver, State};
use crate::diagnostic::Diagnostic;
use crate::hir::{Clause, Each, Expr, ExprId, Exprs, For, Func, FuncId, Literal, Param, VarId};
use crate::source::Span;
use crate::syntax::{Node, NodeId};
use iridium_isa::stack::StackOp;
use rustc_hash::FxHashMap;
use std::rc::Rc;

impl Resolver<'_> {
    /// A `(…)` form.
    pub(super) fn list(&mut self, nodes: &[NodeId], span: Span) -> ExprId {
        let tree = self.tree;
        let Some((&first, rest)) = nodes.split_first() else {
            return self.fail(
                Diagnostic::error("empty-form", span, "`()` is no expression")
                    .help("write `null` for nothing, `[]` for an empty list, `(f)` for a call without arguments"),
            );
        };
        let Some(sym) = tree.symbol(first) else { return self.call(first, rest, span) };
        let head = self.text(sym).clone();
        match &*head {
            "var" | "const" => self.declaration(rest, &head, span),
            "set" => self.set(rest, span),
            "++" => self.step(rest, "++", StackOp::Add, span),
            "--" => self.step(rest, "--", StackOp::Sub, span),
            "+=" => self.update(rest, "+=", StackOp::Add, span),
            "-=" => self.update(rest, "-=", StackOp::Sub, span),
            "*=" => self.update(rest, "*=", StackOp::Mul, span),
            "/=" => self.update(rest, "/=", StackOp::Div, span),
            "begin" => {
                let (scope, body) = self.scoped(rest);
                self.hir.add(Expr::Scope(scope, body), span)
            }
            "when" | "unless" => self.when(rest, &head, span),
            "if" => self.if_form(rest, span),
            "switch" | "cond" => self.switch(rest, &head, span),
            "while" => self.while_form(rest, span),
            "for" => self.for_form(rest, span),
            "each" => self.each(rest, span),
            "and" | "or" => {
                let operands = self.operands_maybe(rest);
                let operands = self.hir.add_list(operands);
                let expr = if &*head == "and" { Expr::And(operands) } else { Expr::Or(operands) };
                self.hir.add(expr, span)
            }
            "not" => self.not(first, rest, span),
            "def" => self.def(rest, span),
            "lambda" => self.lambda(rest, span),
            "return" => self.return_form(rest, span),
            "break" => self.break_form(rest, span),
            "continue" => self.continue_form(rest, span),
            "throw" => match rest {
                [value] => {
                    let value = self.expr(*value);
                    self.hir.add(Expr::Throw(value), span)
                }
                _ => self.malformed(span, "throw", "(throw value)"),
            },
            "prop" => match rest {
                [object, name] => match self.member_name(*name) {
                    Some(name) => self.prop(*object, name, span),
                    None => self.malformed(span, "prop", "(prop object name)"),
                },
                _ => self.malformed(span, "prop", "(prop object name)"),
            },
            "." => self.dot(rest, span),
            "try" => self.try_form(rest, span),
            "match" => self.match_form(rest, span),
            "class" => self.class_form(rest, span),
            "new" => self.new_form(rest, span),
            "super" => match rest {
                [class] => {
                    let class = self.expr(*class);
                    let class = self.hir.add_list(vec![class]);
                    self.hir.add(Expr::Op(StackOp::Parent, class), span)
                }
                _ => self.malformed(span, "super", "(super Class)` or, in a method, `(super.name argument…)"),
            },
            "module" | "import" | "export" => self.misplaced_top(&head, span),
            "receive" => self.receive_form(rest, span),
            "null" | "true" | "false" | "inf" | "-inf" | "nan" => self.call(first, rest, span),
            "else" | "catch" | "finally" | "after" => {
                let place = match &*head {
                    "else" => "as the last clause of a `switch`",
                    "after" => "as the last clause of a `receive`",
                    _ => "at the end of a `try`",
                };
                self.fail(Diagnostic::error("misplaced-clause", span, format!("`{head}` only stands {place}")))
            }
            _ => self.named_call(sym, first, rest, span),
        }
    }

    /// The error about a form of the wrong shape.
    pub(super) fn malformed(&mut self, span: Span, form: &str, shape: &str) -> ExprId {
        let form = if form.contains('`') { form.to_owned() } else { format!("`{form}`") };
        self.fail(
            Diagnostic::error("malformed-form", span, format!("this {form} does not have the shape of one"))
                .help(format!("it is written `{shape}`")),
        )
    }

    pub(super) fn null(&mut self, span: Span) -> ExprId {
        self.hir.add(Expr::Const(Literal::Null), span)
    }

    // Declarations

    fn declaration(&mut self, rest: &[NodeId], form: &str, span: Span) -> ExprId {
        let tree = self.tree;
        let (target, value) = match *rest {
            [target] if form == "var" => (target, None),
            [target, value] => (target, Some(value)),
            _ => {
                return self.malformed(
                    span,
                    form,
                    if form == "var" { "(var name value)" } else { "(const name value)" },
                );
            }
        };
        let name_span = tree.span(target);
        let Some(sym) = tree.symbol(target) else {
            return match tree.node(target) {
                Node::Vector(_) | Node::Tuple(_) | Node::Map(_) | Node::List(_) => match value {
                    Some(value) => self.destructuring(target, value, form == "const", span),
                    None => self.malformed(span, form, "(var pattern value)"),
                },
                Node::Prop(..) => self.fail(
                    Diagnostic::error("malformed-form", name_span, format!("`{form}` declares a name, not a field"))
                        .help(format!("to change a field write `(set {} …)`", self.shown(target))),
                ),
                Node::Error => self.hir.add(Expr::Poison, span),
                _ => self.malformed(span, form, &format!("({form} name value)")),
            };
        };
        if &**self.text(sym) == "_" {
            return match value {
                Some(value) => self.expr(value),
                None => self.null(span),
            };
        }
        let name = self.text(sym).clone();
        let lambda = value.filter(|value| tree.head(*value) == Some("lambda"));
        if self.at_top() {
            return self.declare_global(target, value, lambda.is_some(), span);
        }
        if let Some(var) = self.hoisted.get(&target).copied() {
            return self.declare_hoisted(var, span, |this, var| match value {
                Some(value) => this.function_of(value, &name, Some(var)),
                None => this.null(span),
            });
        }
        if !self.check_name(&name, name_span) {
            // Its value may have mistakes of its own.
            if let Some(value) = value {
                self.expr(value);
            }
            return self.hir.add(Expr::Poison, span);
        }
        let value = value.map(|value| match lambda {
            Some(_) => self.function_of(value, &name, None),
            None => self.expr(value),
        });
        let var = self.bind(sym, name_span, form == "const", State::Done);
        self.hir.add(Expr::DeclareLocal(var, value), span)
    }

    /// The declaration that a hoisted variable was waiting for. `value` makes its initialiser.
    fn declare_hoisted(&mut self, var: VarId, span: Span, value: impl FnOnce(&mut Self, VarId) -> ExprId) -> ExprId {
        self.states[var.0 as usize] = State::Initialising;
        self.hir.vars[var.0 as usize].conditional = self.context.conditional > 0;
        let value = value(self, var);
        self.states[var.0 as usize] = State::Done;
        self.hir.add(Expr::DeclareLocal(var, Some(value)), span)
    }

    fn declare_global(&mut self, target: NodeId, value: Option<NodeId>, lambda: bool, span: Span) -> ExprId {
        let Some(sym) = self.tree.symbol(target) else { return self.hir.add(Expr::Poison, span) };
        let name = self.text(sym).clone();
        let value = value.map(|value| if lambda { self.function_of(value, &name, None) } else { self.expr(value) });
        let Some(global) = self.own_global(sym) else {
            // Its name is reserved, which was reported.
            return self.hir.add(Expr::Poison, span);
        };
        if let Some(Expr::Lambda(func)) = value.map(|value| self.hir.expr(value)) {
            self.hir.globals[global as usize].lambda = Some(*func);
        }
        self.hir.add(Expr::DeclareGlobal(global, value), span)
    }

    fn def(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        const SHAPE: &str = "(def name (parameter…) body…)";
        let tree = self.tree;
        let (name_node, sym, params, body) = match rest {
            [name, params, body @ ..] => match (tree.symbol(*name), tree.list(*params)) {
                (Some(sym), Some(_)) => (*name, sym, *params, body),
                (Some(_), None) if matches!(tree.node(*params), Node::Vector(_)) => {
                    let place = tree.span(*params);
                    return self.fail(
                        Diagnostic::error("malformed-form", place, "parameters stand in round brackets")
                            .help(format!("it is written `{SHAPE}`")),
                    );
                }
                _ => return self.malformed(span, "def", SHAPE),
            },
            _ => return self.malformed(span, "def", SHAPE),
        };
        let name = self.text(sym).clone();
        if self.at_top() {
            let func = self.function(&name, params, body, span, None);
            let value = self.hir.add(Expr::Lambda(func), span);
            let Some(global) = self.own_global(sym) else { return value };
            self.hir.globals[global as usize].lambda = Some(func);
            return self.hir.add(Expr::DeclareGlobal(global, Some(value)), span);
        }
        match self.hoisted.get(&name_node).copied() {
            Some(var) => self.declare_hoisted(var, span, |this, var| {
                let func = this.function(&name, params, body, span, Some(var));
                this.hir.add(Expr::Lambda(func), span)
            }),
            None => {
                // In the default of a parameter: not hoisted. Or its name is reserved, which `bind` must not see.
                let func = self.function(&name, params, body, span, None);
                let value = self.hir.add(Expr::Lambda(func), span);
                if crate::names::is_reserved(&name) {
                    return value;
                }
                let var = self.bind(sym, tree.span(name_node), false, State::Done);
                self.hir.add(Expr::DeclareLocal(var, Some(value)), span)
            }
        }
    }

    // Functions

    fn lambda(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        self.lambda_named(rest, &"".into(), None, span)
    }

    fn lambda_named(&mut self, rest: &[NodeId], name: &Rc<str>, var: Option<VarId>, span: Span) -> ExprId {
        match rest {
            [params, body @ ..] if self.tree.list(*params).is_some() => {
                let func = self.function(name, *params, body, span, var);
                self.hir.add(Expr::Lambda(func), span)
            }
            _ => self.malformed(span, "lambda", "(lambda (parameter…) body…)"),
        }
    }

    /// The value of a declaration that is a `lambda` form: the function gets the variable's name.
    pub(super) fn function_of(&mut self, node: NodeId, name: &Rc<str>, var: Option<VarId>) -> ExprId {
        let span = self.tree.span(node);
        match self.tree.list(node) {
            Some([_, rest @ ..]) => stacker::maybe_grow(96 << 10, 1 << 20, || self.lambda_named(rest, name, var, span)),
            _ => self.expr(node),
        }
    }

    /// A function; `var` is the variable that it initialises.
    pub(super) fn function(
        &mut self,
        name: &Rc<str>,
        params: NodeId,
        body: &[NodeId],
        span: Span,
        var: Option<VarId>,
    ) -> FuncId {
        let id = FuncId(self.hir.funcs.len() as u32);
        if let Some(var) = var {
            self.hir.vars[var.0 as usize].lambda = Some(id);
        }
        let outer_context = std::mem::take(&mut self.context);
        let outer_function = std::mem::replace(&mut self.function, id);
        let scope = self.open_scope();
        self.hir.funcs.push(Func {
            name: name.clone(),
            span,
            parent: Some(outer_function),
            scope,
            params: Vec::new(),
            required: 0,
            optional: 0,
            rest: false,
            body: Exprs::default(),
            captures: Vec::new(),
            capture_numbers: FxHashMap::default(),
            capture_is_cell: Vec::new(),
        });
        self.parameters(id, params);
        self.hoist_locals(body);
        let body = self.exprs(body);
        self.hir.funcs[id.0 as usize].body = body;
        self.close_scope();
        self.function = outer_function;
        self.context = outer_context;
        id
    }

    fn parameters(&mut self, id: FuncId, params: NodeId) {
        let tree = self.tree;
        let nodes = tree.list(params).unwrap_or(&[]);
        for (number, node) in nodes.iter().enumerate() {
            let span = tree.span(*node);
            let last = number + 1 == nodes.len();
            let (name, default, rest) = match tree.node(*node) {
                Node::Symbol(_) => (*node, None, false),
                Node::Spread(inner) if last => (*inner, None, true),
                Node::Spread(_) => {
                    self.report(Diagnostic::error("bad-parameter", span, "the rest parameter is the last one"));
                    continue;
                }
                Node::List(children) => match tree.children(*children) {
                    [name, default] => (*name, Some(*default), false),
                    _ => {
                        self.bad_parameter(span);
                        continue;
                    }
                },
                Node::Error => continue,
                _ => {
                    self.bad_parameter(span);
                    continue;
                }
            };
            let Some(sym) = tree.symbol(name) else {
                self.bad_parameter(span);
                continue;
            };
            let func = &mut self.hir.funcs[id.0 as usize];
            func.rest = rest;
            if default.is_some() {
                func.optional += 1;
            } else if !rest {
                func.required += 1;
                if func.optional > 0 {
                    self.report(
                        Diagnostic::error(
                            "bad-parameter",
                            span,
                            "a parameter without a default cannot follow one with a default",
                        )
                        .help("put the required parameters first"),
                    );
                }
            }
            // Before the name is bound: a default sees the parameters before it.
            let default = default.map(|default| self.conditionally(|this| this.expr(default)));
            let text = self.text(sym).clone();
            let name_span = tree.span(name);
            let var = if &*text == "_" || !self.check_name(&text, name_span) {
                None
            } else {
                Some(self.bind(sym, name_span, false, State::Done))
            };
            self.hir.funcs[id.0 as usize].params.push(Param { var, default });
        }
    }

    fn bad_parameter(&mut self, span: Span) {
        self.report(
            Diagnostic::error("bad-parameter", span, "this is no parameter")
                .help("a parameter is a name, `(name default)`, or `...name` as the last one"),
        );
    }

    fn return_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let exits = self.loop_exits;
        let value = match rest {
            [] => None,
            [value] => Some(self.expr(*value)),
            _ => return self.malformed(span, "return", "(return value)` or `(return)"),
        };
        if self.function == FuncId(0) {
            return self.fail(Diagnostic::error("misplaced-exit", span, "`return` only stands inside a function"));
        }
        let direct = exits == self.loop_exits;
        self.hir.add(Expr::Return(value, direct), span)
    }

    // Branches

    fn if_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let (condition, then, otherwise) = match *rest {
            [condition, then] => (condition, then, None),
            [condition, then, otherwise] => (condition, then, Some(otherwise)),
            [_, _, _, extra, ..] => {
                let place = self.tree.span(extra).to(self.tree.span(rest[rest.len() - 1]));
                return self.fail(
                    Diagnostic::error("malformed-form", place, "this is too much for an `if`")
                        .help("it is written `(if condition then else)`; several expressions go into a `(begin …)`"),
                );
            }
            _ => return self.malformed(span, "if", "(if condition then else)` or `(if condition then)"),
        };
        let condition = self.expr(condition);
        let (then, otherwise) =
            self.conditionally(|this| (this.expr(then), otherwise.map(|otherwise| this.expr(otherwise))));
        self.hir.add(Expr::If(condition, then, otherwise), span)
    }

    fn when(&mut self, rest: &[NodeId], form: &str, span: Span) -> ExprId {
        let Some((condition, body)) = rest.split_first() else {
            return self.malformed(span, form, &format!("({form} condition body…)"));
        };
        let mut condition = self.expr(*condition);
        if form == "unless" {
            let place = self.hir.span(condition);
            condition = self.hir.add(Expr::Not(condition), place);
        }
        let (scope, body) = self.scoped(body);
        let body = self.hir.add(Expr::Scope(scope, body), span);
        self.hir.add(Expr::If(condition, body, None), span)
    }

    fn switch(&mut self, rest: &[NodeId], form: &str, span: Span) -> ExprId {
        let tree = self.tree;
        let mut clauses = Vec::new();
        for (number, node) in rest.iter().enumerate() {
            let Some([first, body @ ..]) = tree.list(*node) else {
                let place = tree.span(*node);
                self.malformed(place, &format!("clause of a `{form}`"), "(condition body…)` or `(else body…)");
                continue;
            };
            let is_else = tree.head(*node) == Some("else");
            if is_else && number + 1 < rest.len() {
                let place = tree.span(rest[number + 1]);
                self.report(
                    Diagnostic::error("unreachable-clause", place, "this clause can never be reached")
                        .label(tree.span(*first), "`else` takes everything")
                        .help("put the `else` clause last"),
                );
            }
            let scope = self.open_scope();
            self.hoist_locals(if is_else { body } else { tree.list(*node).unwrap_or(&[]) });
            let condition = if is_else { None } else { Some(self.expr(*first)) };
            let body = self.exprs(body);
            self.close_scope();
            clauses.push(Clause { scope, condition, body });
        }
        self.hir.add(Expr::Switch(clauses), span)
    }

    /// Operands of which only the first is certain to be evaluated.
    fn operands_maybe(&mut self, nodes: &[NodeId]) -> Vec<ExprId> {
        let Some((first, rest)) = nodes.split_first() else { return Vec::new() };
        let mut operands = vec![self.expr(*first)];
        self.conditionally(|this| operands.extend(rest.iter().map(|node| this.expr(*node))));
        operands
    }

    fn not(&mut self, head: NodeId, rest: &[NodeId], span: Span) -> ExprId {
        match rest {
            [operand] if !self.is_spread(*operand) => {
                let value = self.expr(*operand);
                let folded = self.hir.literal(value).map(|literal| !literal.is_truthy());
                self.hir.add(folded.map_or(Expr::Not(value), |truth| Expr::Const(Literal::Bool(truth))), span)
            }
            _ if rest.iter().any(|node| self.is_spread(*node)) => self.call(head, rest, span),
            _ => self.malformed(span, "not", "(not value)"),
        }
    }

    // Loops

    fn while_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let Some((condition, body)) = rest.split_first() else {
            return self.malformed(span, "while", "(while condition body…)");
        };
        let condition = self.repeatedly(|this| this.expr(*condition));
        let (scope, body) = self.in_loop(|this| this.scoped(body));
        self.hir.add(Expr::While(condition, scope, body), span)
    }

    fn for_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let [init, condition, step, body @ ..] = rest else {
            return self.malformed(span, "for", "(for init condition step body…)");
        };
        let scope = self.open_scope();
        self.hoist_locals(&rest[..3]);
        let before = self.hir.scope(scope).len();
        let init = self.expr(*init);
        // What `init` declared: hoisted names among those that were there before, and the others since.
        let declared = self.hir.scope(scope).iter().enumerate();
        let copied = declared
            .filter(|(number, var)| *number >= before || self.states[var.0 as usize] == State::Done)
            .map(|(_, var)| *var)
            .collect();
        let condition = self.repeatedly(|this| this.expr(*condition));
        let step = self.repeatedly(|this| this.expr(*step));
        let (body_scope, body) = self.in_loop(|this| this.scoped(body));
        self.close_scope();
        let parts = For { scope, init, copied, condition, step, body_scope, body };
        self.hir.add(Expr::For(Box::new(parts)), span)
    }

    fn each(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        const SHAPE: &str = "(each (element collection) body…)` or `(each (key value collection) body…)";
        let tree = self.tree;
        let Some((binding, body)) = rest.split_first() else { return self.malformed(span, "each", SHAPE) };
        let Some([targets @ .., collection]) = tree.list(*binding) else {
            return self.malformed(span, "each", SHAPE);
        };
        if targets.is_empty() || targets.len() > 2 {
            return self.malformed(span, "each", SHAPE);
        }
        let collection = self.expr(*collection);
        let scope = self.open_scope();
        let targets = self.each_targets(targets);
        self.hoist_locals(body);
        let body = self.in_loop(|this| this.exprs(body));
        self.close_scope();
        self.hir.add(Expr::Each(Box::new(Each { collection, scope, targets, body })), span)
    }

    fn break_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let value = match rest {
            [] => None,
            [value] => Some(self.expr(*value)),
            _ => return self.malformed(span, "break", "(break value)` or `(break)"),
        };
        self.loop_exit("break", Expr::Break(value), span)
    }

    fn continue_form(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        if !rest.is_empty() {
            return self.malformed(span, "continue", "(continue)");
        }
        self.loop_exit("continue", Expr::Continue, span)
    }

    fn loop_exit(&mut self, form: &str, expr: Expr, span: Span) -> ExprId {
        if self.context.loops > 0 {
            self.loop_exits += 1;
            return self.hir.add(expr, span);
        }
        let diagnostic = Diagnostic::error("misplaced-exit", span, format!("`{form}` only stands inside a loop"));
        self.fail(match self.function {
            FuncId(0) => diagnostic,
            _ => diagnostic.help("a loop around the function does not count; `(return)` leaves the function"),
        })
    }
}
