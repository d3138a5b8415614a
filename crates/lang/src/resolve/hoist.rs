//! Finding declarations before the expressions around them are resolved.

use super::modules::Top;
use super::patterns::names_of;
use super::{Resolver, State};
use crate::diagnostic::Diagnostic;
use crate::environment::Mode;
use crate::syntax::{Node, NodeId};

/// A declaration that is found in advance.
struct Found {
    /// The node of the name.
    name: NodeId,
    /// Whether it exists in its whole scope also if that is not the top of the file.
    everywhere: bool,
    constant: bool,
}

impl Resolver<'_> {
    /// Declares the names that exist in the whole of a local scope.
    pub(super) fn hoist_locals(&mut self, nodes: &[NodeId]) {
        for found in self.find(nodes) {
            let Some(sym) = self.tree.symbol(found.name) else { continue };
            let span = self.tree.span(found.name);
            if found.everywhere && self.check_name(&self.text(sym).clone(), span) {
                let var = self.bind(sym, span, found.constant, State::Ahead);
                self.hoisted.insert(found.name, var);
            }
        }
    }

    /// Declares the top-level names of a file or module.
    pub(super) fn hoist_globals(&mut self, nodes: &[NodeId], depth: usize) {
        for node in nodes {
            match self.tree.head(*node) {
                Some("module") => self.hoist_module(*node, depth),
                Some("import") => self.hoist_import(*node),
                Some("export") => self.hoist_export(*node),
                _ => {
                    for found in self.find(&[*node]) {
                        self.hoist_global(&found);
                    }
                }
            }
        }
    }

    fn hoist_global(&mut self, found: &Found) {
        let Some(sym) = self.tree.symbol(found.name) else { return };
        let span = self.tree.span(found.name);
        if !self.check_name(&self.text(sym).clone(), span) {
            return;
        }
        let number = match self.own_top(sym) {
            Some(Top::Global(number)) if self.hir.globals[number as usize].import.is_none() => number,
            top => {
                if top.is_none() || self.check_free(sym, span) {
                    let number = self.add_own_global(sym, found.constant, Some(span));
                    self.hir.globals[number as usize].declarations = 1;
                }
                return;
            }
        };
        let global = &mut self.hir.globals[number as usize];
        global.declarations += 1;
        if (global.constant || found.constant) && matches!(self.mode, Mode::File) {
            let (name, first) = (global.name.clone(), global.span.unwrap_or(span));
            let message = if global.constant {
                format!("`{name}` is a const and cannot be declared again")
            } else {
                format!("`{name}` is declared already, and a const cannot replace it")
            };
            self.report(Diagnostic::error("redeclared", span, message).label(first, "declared here first"));
        } else {
            global.constant = found.constant;
        }
    }

    /// The declarations of a scope: those in its expressions and in their operands, but not in scopes inside.
    fn find(&self, nodes: &[NodeId]) -> Vec<Found> {
        let tree = self.tree;
        let mut found = Vec::new();
        let mut todo: Vec<NodeId> = nodes.iter().rev().copied().collect();
        while let Some(node) = todo.pop() {
            let children = match tree.node(node) {
                Node::Prop(inner, _) | Node::Spread(inner) => {
                    todo.push(*inner);
                    continue;
                }
                Node::List(children) | Node::Vector(children) | Node::Tuple(children) | Node::Map(children) => {
                    tree.children(*children)
                }
                _ => continue,
            };
            let argument = |number: usize| children.get(number).copied();
            match tree.head(node) {
                Some("def") => {
                    if let Some(name) = argument(1) {
                        found.push(Found { name, everywhere: true, constant: false });
                    }
                }
                Some("class") => {
                    if let Some(name) = argument(1) {
                        found.push(Found { name, everywhere: true, constant: false });
                    }
                    todo.extend(argument(2));
                }
                Some(head @ ("var" | "const")) => {
                    let value = argument(2);
                    let everywhere = value.is_some_and(|value| tree.head(value) == Some("lambda"));
                    let constant = head == "const";
                    match argument(1) {
                        // `_` is a pattern without names.
                        Some(name) if tree.symbol(name).is_some_and(|sym| &**tree.names.text(sym) != "_") => {
                            found.push(Found { name, everywhere, constant });
                        }
                        Some(pattern) => {
                            let names = names_of(tree, pattern).into_iter();
                            found.extend(names.map(|name| Found { name, everywhere: false, constant }));
                        }
                        None => {}
                    }
                    todo.extend(value);
                }
                Some(
                    "begin" | "for" | "switch" | "cond" | "lambda" | "try" | "receive" | "module" | "import" | "export",
                ) => {}
                // Only the condition or the subject is outside of the scope that these open.
                Some("when" | "unless" | "while" | "match") => todo.extend(argument(1)),
                Some("each") => {
                    todo.extend(
                        argument(1).and_then(|binding| tree.list(binding)).and_then(|list| list.last()).copied(),
                    );
                }
                _ => todo.extend(children.iter().rev().copied()),
            }
        }
        found
    }
}
