//! Places: what `set` and the update forms change.

use super::{Meaning, Resolver};
use crate::diagnostic::Diagnostic;
use crate::hir::{Expr, ExprId, Literal, Place};
use crate::import::Bound;
use crate::source::Span;
use crate::syntax::{Node, NodeId, Sym};
use iridium_isa::stack::StackOp;

impl Resolver<'_> {
    pub(super) fn set(&mut self, rest: &[NodeId], span: Span) -> ExprId {
        let [target, value] = *rest else { return self.malformed(span, "set", "(set place value)") };
        let place = self.place(target, false);
        let value = self.expr(value);
        self.hir.add(Expr::Set(place, value), span)
    }

    /// `(++ place)`, `(-- place)`
    pub(super) fn step(&mut self, rest: &[NodeId], form: &str, op: StackOp, span: Span) -> ExprId {
        let [target] = *rest else { return self.malformed(span, form, &format!("({form} place)")) };
        let place = self.place(target, true);
        let one = self.hir.add(Expr::Const(Literal::Int(1)), span);
        self.hir.add(Expr::Update(op, place, one), span)
    }

    /// `(+= place value)` and its like.
    pub(super) fn update(&mut self, rest: &[NodeId], form: &str, op: StackOp, span: Span) -> ExprId {
        let [target, value] = *rest else { return self.malformed(span, form, &format!("({form} place value)")) };
        let place = self.place(target, true);
        let value = self.expr(value);
        self.hir.add(Expr::Update(op, place, value), span)
    }

    fn place(&mut self, node: NodeId, update: bool) -> Place {
        let tree = self.tree;
        let span = tree.span(node);
        match tree.node(node) {
            Node::Symbol(sym) => self.variable(*sym, span),
            Node::Prop(object, name) => {
                let name = self.text(*name).clone();
                self.member(*object, name, span)
            }
            Node::Vector(children) | Node::Tuple(children) if !update => {
                let tuple = matches!(tree.node(node), Node::Tuple(_));
                let children = tree.children(*children);
                let place = |child: &NodeId| stacker::maybe_grow(96 << 10, 1 << 20, || self.place(*child, false));
                Place::Many(tuple, children.iter().map(place).collect())
            }
            Node::List(children) => match (tree.head(node), tree.children(*children)) {
                (Some("prop"), [_, object, name]) => match self.member_name(*name) {
                    Some(name) => self.member(*object, name, span),
                    None => self.no_place(node),
                },
                (Some("get"), [_, collection, key]) => Place::Index(self.expr(*collection), self.expr(*key), None),
                (Some("get"), [_, collection, key, default]) if update => {
                    Place::Index(self.expr(*collection), self.expr(*key), Some(self.expr(*default)))
                }
                (Some("get"), [_, _, _, default]) => {
                    let place = tree.span(*default);
                    self.report(
                        Diagnostic::error("not-a-place", place, "a place that is set needs no default")
                            .help("write `(set (get collection key) value)`"),
                    );
                    Place::Poison
                }
                _ => self.no_place(node),
            },
            Node::Error => Place::Poison,
            _ => self.no_place(node),
        }
    }

    fn no_place(&mut self, node: NodeId) -> Place {
        let span = self.tree.span(node);
        self.report(
            Diagnostic::error("not-a-place", span, "this is nothing that can be assigned")
                .help("a place is a name, `object.name`, `(get collection key)`, or a list of places"),
        );
        // Its parts may have mistakes of their own.
        self.expr(node);
        Place::Poison
    }

    fn member(&mut self, object: NodeId, name: std::rc::Rc<str>, span: Span) -> Place {
        let value = self.prop(object, name.clone(), span);
        match self.hir.expr(value) {
            Expr::Prop(object, _) => Place::Prop(*object, name),
            Expr::Poison => Place::Poison,
            Expr::SuperGet(..) => {
                self.report(
                    Diagnostic::error("not-a-place", span, "a method of the parent cannot be changed")
                        .help(format!("to change a field write `(set self.{name} …)`")),
                );
                Place::Poison
            }
            Expr::Global(_) | Expr::Const(Literal::Module(_)) => {
                self.report(
                    Diagnostic::error("not-a-place", span, "a member of a module cannot be changed from outside").help(
                        format!("inside the module `{name}` is a plain variable; give it a function that sets it"),
                    ),
                );
                Place::Poison
            }
            _ => {
                self.report(Diagnostic::error("not-a-place", span, "a member of the library cannot be changed"));
                Place::Poison
            }
        }
    }

    fn variable(&mut self, sym: Sym, span: Span) -> Place {
        let text = self.text(sym).clone();
        if crate::names::is_reserved(&text) {
            self.report(Diagnostic::error("not-a-place", span, format!("`{text}` is reserved and cannot be assigned")));
            return Place::Poison;
        }
        let Some(meaning) = self.known_meaning(sym, span) else { return Place::Poison };
        let (constant, declared, place) = match meaning {
            Meaning::Local(id) | Meaning::Unready(id) => {
                let var = &mut self.hir.vars[id.0 as usize];
                var.assigned = true;
                let place = if matches!(meaning, Meaning::Local(_)) { Place::Local(id) } else { Place::Unready(id) };
                (var.constant, Some(var.span), place)
            }
            Meaning::Global(number) if self.hir.globals[number as usize].import.is_some() => {
                self.report(
                    Diagnostic::error("not-a-place", span, format!("`{text}` belongs to another module"))
                        .help(format!("declare a variable of your own with `(var {text} …)`")),
                );
                return Place::Poison;
            }
            Meaning::Global(number) => {
                let global = &mut self.hir.globals[number as usize];
                global.assigned = true;
                (global.constant, global.span, Place::Global(number))
            }
            Meaning::Bound(Bound::Broken) => return Place::Poison,
            Meaning::Module(_) | Meaning::Bound(_) => {
                let message = format!("`{text}` is a module and cannot be assigned");
                self.report(Diagnostic::error("not-a-place", span, message));
                return Place::Poison;
            }
            Meaning::Known(_) | Meaning::Library | Meaning::Unknown => {
                self.report(
                    Diagnostic::error(
                        "not-a-place",
                        span,
                        format!("`{text}` belongs to the language and cannot be assigned"),
                    )
                    .help(format!("declare a variable of your own with `(var {text} …)`")),
                );
                return Place::Poison;
            }
        };
        if !constant {
            return place;
        }
        let diagnostic =
            Diagnostic::error("assigned-const", span, format!("`{text}` is a const and cannot be assigned"));
        self.report(match declared {
            Some(declared) => {
                diagnostic.label(declared, "declared here").help("declare it with `var` if it has to change")
            }
            None => diagnostic,
        });
        Place::Poison
    }
}
