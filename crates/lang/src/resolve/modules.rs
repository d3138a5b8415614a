//! Names at the top of a file and of the modules inside it; `module`, `import`, `export`.
//!
//! A module inside a file is a part of the file's names: its variables are globals of the file, called `M.name`. Which
//! global `M.name` is, is known here, so that a use of it costs no more than that of any global.

use super::Resolver;
use crate::diagnostic::Diagnostic;
use crate::environment::{LIBRARY, Mode};
use crate::hir::{Expr, ExprId, GlobalVar, Literal, ModuleValue};
use crate::import::{self, Binds, Bound, Imported, Member};
use crate::names;
use crate::source::Span;
use crate::syntax::{Node, NodeId, Sym, Tree};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// Modules in each other.
pub const MAX_MODULE_NESTING: usize = 100;

/// What a name at the top of a file or module stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Top {
    Global(u32),
    /// A module inside the file, by number.
    Module(usize),
    /// What an `import` bound, by number.
    Bound(usize),
}

/// The top-level names of the file, which is number 0, or of a module inside it.
#[derive(Debug, Default)]
pub(super) struct Namespace {
    /// Its name, with those of the modules around it.
    path: Rc<str>,
    outer: Option<usize>,
    names: FxHashMap<Sym, Top>,
    /// The names, in order.
    order: Vec<Sym>,
    /// Where modules and imports are declared.
    places: FxHashMap<Sym, Span>,
    /// What it shows, if it says so.
    exports: Option<FxHashSet<Sym>>,
    /// The global that holds the module as a value.
    global: u32,
    /// That value, when somebody asked for it.
    value: Option<Rc<ModuleValue>>,
}

/// What stands before the dot of a member that is known now.
pub(super) enum Space {
    Inner(usize),
    Foreign(Rc<str>, Rc<str>, Rc<[Member]>),
    Broken,
}

/// The body of a module: without its documentation, and without a `begin` around all of it.
fn body_of<'t>(tree: &'t Tree, body: &'t [NodeId]) -> &'t [NodeId] {
    let body = match body {
        [text, rest @ ..] if !rest.is_empty() && matches!(tree.node(*text), Node::Str(_)) => rest,
        all => all,
    };
    match body {
        [only] if tree.head(*only) == Some("begin") => tree.list(*only).map_or(body, |list| &list[1..]),
        _ => body,
    }
}

impl<'a> Resolver<'a> {
    // Names

    /// What a name stands for at the top of the file or module that the place is in.
    pub(super) fn own_top(&self, sym: Sym) -> Option<Top> {
        self.namespaces[self.inside].names.get(&sym).copied()
    }

    /// The global that a declaration at this place initialises.
    pub(super) fn own_global(&self, sym: Sym) -> Option<u32> {
        match self.own_top(sym) {
            Some(Top::Global(global)) => Some(global),
            _ => None,
        }
    }

    /// What a name that is no local stands for, in the modules around the place and in the file.
    pub(super) fn top(&self, sym: Sym) -> Option<Top> {
        let mut at = Some(self.inside);
        while let Some(number) = at {
            let namespace = &self.namespaces[number];
            if let Some(top) = namespace.names.get(&sym) {
                return Some(*top);
            }
            at = namespace.outer;
        }
        None
    }

    fn put(&mut self, namespace: usize, sym: Sym, top: Top) {
        let namespace = &mut self.namespaces[namespace];
        if namespace.names.insert(sym, top).is_none() {
            namespace.order.push(sym);
        }
    }

    /// The name of a global of the module that the place is in.
    fn full_name(&self, sym: Sym) -> Rc<str> {
        let path = &self.namespaces[self.inside].path;
        if path.is_empty() { self.text(sym).clone() } else { format!("{path}.{}", self.text(sym)).into() }
    }

    fn new_global(&mut self, name: Rc<str>, constant: bool, span: Option<Span>, import: Option<Rc<str>>) -> u32 {
        self.hir.globals.push(GlobalVar {
            name,
            constant,
            span,
            declarations: 0,
            assigned: false,
            lambda: None,
            import,
        });
        self.hir.globals.len() as u32 - 1
    }

    /// A global of the module that the place is in.
    pub(super) fn add_own_global(&mut self, sym: Sym, constant: bool, span: Option<Span>) -> u32 {
        let name = self.full_name(sym);
        let number = self.new_global(name, constant, span, None);
        self.put(self.inside, sym, Top::Global(number));
        number
    }

    /// A global of the file.
    pub(super) fn add_global(&mut self, sym: Sym, constant: bool, span: Option<Span>) -> u32 {
        let number = self.new_global(self.text(sym).clone(), constant, span, None);
        self.put(0, sym, Top::Global(number));
        number
    }

    /// A global of another module.
    pub(super) fn imported_global(&mut self, module: &Rc<str>, name: &Rc<str>, constant: bool) -> u32 {
        let key = (module.clone(), name.clone());
        if let Some(number) = self.imported.get(&key) {
            return *number;
        }
        let number = self.new_global(name.clone(), constant, None, Some(module.clone()));
        self.imported.insert(key, number);
        number
    }

    // Declarations, found in advance

    /// Declares a module, and what is in it.
    pub(super) fn hoist_module(&mut self, node: NodeId, depth: usize) {
        let tree = self.tree;
        let Some([_, name_node, body @ ..]) = tree.list(node) else { return };
        let Some(sym) = tree.symbol(*name_node) else { return };
        let span = tree.span(*name_node);
        if depth > MAX_MODULE_NESTING {
            let message = format!("modules stand in each other at most {MAX_MODULE_NESTING} deep");
            self.report(Diagnostic::error("nesting-too-deep", span, message));
            return;
        }
        if !self.check_name(&self.text(sym).clone(), span) || !self.check_free(sym, span) {
            return;
        }
        let path = self.full_name(sym);
        let global = self.new_global(path.clone(), true, Some(span), None);
        self.hir.globals[global as usize].declarations = 1;
        let number = self.namespaces.len();
        self.namespaces.push(Namespace { path, outer: Some(self.inside), global, ..Namespace::default() });
        self.put(self.inside, sym, Top::Module(number));
        self.namespaces[self.inside].places.insert(sym, span);
        self.modules.insert(node, number);
        let outer = std::mem::replace(&mut self.inside, number);
        self.hoist_globals(body_of(tree, body), depth + 1);
        self.inside = outer;
    }

    /// Whether a name is free at the top of this file or module; reports it if not.
    pub(super) fn check_free(&mut self, sym: Sym, span: Span) -> bool {
        let first = match self.own_top(sym) {
            None => return true,
            _ if !matches!(self.mode, Mode::File) => return true,
            Some(Top::Global(global)) => self.hir.globals[global as usize].span,
            Some(_) => self.namespaces[self.inside].places.get(&sym).copied(),
        };
        let message = format!("`{}` is declared already", self.text(sym));
        let diagnostic = Diagnostic::error("redeclared", span, message).help("choose another name");
        self.report(match first {
            Some(first) => diagnostic.label(first, "declared here first"),
            None => diagnostic,
        });
        false
    }

    pub(super) fn hoist_export(&mut self, node: NodeId) {
        let tree = self.tree;
        let names = tree.list(node).map_or(&[][..], |list| &list[1..]);
        let named = names.iter().filter_map(|name| tree.symbol(*name));
        self.namespaces[self.inside].exports.get_or_insert_default().extend(named);
    }

    /// Binds the names of an `import`.
    pub(super) fn hoist_import(&mut self, node: NodeId) {
        let tree = self.tree;
        let Some(form) = import::parse(tree, node) else { return };
        let place = tree.span(form.place);
        if self.inside != 0 {
            return self.misplaced_import(tree.span(node));
        }
        let found = match self.imports.get(&node) {
            Some(found) => found.clone(),
            None => {
                self.report(
                    Diagnostic::error("import-unavailable", tree.span(node), "there are no files to import from here")
                        .help("put the program into a file"),
                );
                Imported::Broken
            }
        };
        match form.binds {
            Binds::Nameless => {
                let message = format!("the file `{}` needs a name here", form.wanted);
                self.report(
                    Diagnostic::error("malformed-form", place, message)
                        .help(format!("write `(import \"{}\" as name)`", form.wanted)),
                );
            }
            Binds::Whole(name) => {
                let bound = match found {
                    Imported::File(id, members) => Bound::File(id, name.as_str().into(), members),
                    // It is in scope already, unless an earlier input took the name.
                    Imported::Library(library)
                        if library == name && matches!(self.mode, Mode::Repl(known) if known.get(&name).is_none()) =>
                    {
                        return;
                    }
                    Imported::Library(library) => Bound::Library(library.as_str().into()),
                    Imported::Broken => Bound::Broken,
                };
                if !self.check_name(&name, place) {
                    return;
                }
                self.bind_import(node, &name, bound, place);
            }
            Binds::Members(names) => {
                for name in names {
                    let Some(sym) = tree.symbol(name) else { continue };
                    let span = tree.span(name);
                    let text = self.text(sym).clone();
                    if !self.check_name(&text, span) {
                        continue;
                    }
                    let wanted = form.wanted.to_string();
                    let bound = match &found {
                        Imported::File(id, members) => match members.iter().find(|member| member.name == text) {
                            Some(member) => self.bound_member(id, member),
                            None => {
                                self.unknown_member(&wanted, &text, "", members.iter().map(|m| &*m.name), span);
                                Bound::Broken
                            }
                        },
                        Imported::Library(library) => match self.bound_library_member(library, &text) {
                            Some(bound) => bound,
                            None => {
                                let members = self.environment.members(library).unwrap_or(&[]);
                                self.unknown_member(library, &text, "", members.iter().map(String::as_str), span);
                                Bound::Broken
                            }
                        },
                        Imported::Broken => Bound::Broken,
                    };
                    self.bind_import(node, &text, bound, span);
                }
            }
        }
    }

    fn bound_member(&mut self, id: &Rc<str>, member: &Member) -> Bound {
        let module = member.module.as_ref().unwrap_or(id);
        match &member.members {
            Some(members) => Bound::Inner(module.clone(), member.global.clone(), members.clone()),
            None => Bound::Global(self.imported_global(module, &member.global, member.constant)),
        }
    }

    /// A member of a module of the library.
    pub(super) fn bound_library_member(&mut self, module: &str, name: &str) -> Option<Bound> {
        let (entry, literal) = self.predefined(&format!("{module}.{name}"))?;
        Some(match literal {
            Literal::Import(import) if entry.global => Bound::Global(self.imported_global(&import.0, &import.1, true)),
            literal => Bound::Known(literal),
        })
    }

    /// Binds a name by the import form `node`.
    fn bind_import(&mut self, node: NodeId, name: &str, bound: Bound, span: Span) {
        let sym = self.tree.names.find(name);
        if sym.is_some_and(|sym| !self.check_free(sym, span)) {
            return;
        }
        if matches!(self.mode, Mode::Repl(_)) && !matches!(bound, Bound::Broken) {
            // Later inputs know it as a variable.
            let global = self.new_global(name.into(), true, Some(span), None);
            self.repl_imports.push((node, global, bound));
            if let Some(sym) = sym {
                self.put(0, sym, Top::Global(global));
            }
            return;
        }
        // A name that never occurs needs no meaning.
        let Some(sym) = sym else { return };
        let top = match bound {
            Bound::Global(global) => Top::Global(global),
            bound => {
                self.bound.push(bound);
                Top::Bound(self.bound.len() - 1)
            }
        };
        self.put(0, sym, top);
        self.namespaces[0].places.insert(sym, span);
    }

    fn misplaced_import(&mut self, span: Span) {
        self.report(Diagnostic::error("misplaced-import", span, "an `import` stands at the top level of a file"));
    }

    // Forms

    /// The forms of a file or of a module's body.
    pub(super) fn top_forms(&mut self, nodes: &[NodeId]) -> Vec<ExprId> {
        let form = |this: &mut Self, node: NodeId| match this.tree.head(node) {
            Some("module") => this.module_form(node),
            Some("import") => this.import_form(node),
            Some("export") => this.export_form(node),
            _ => this.expr(node),
        };
        nodes.iter().map(|node| stacker::maybe_grow(96 << 10, 1 << 20, || form(self, *node))).collect()
    }

    /// One of these forms in a place where it must not stand.
    pub(super) fn misplaced_top(&mut self, form: &str, span: Span) -> ExprId {
        match form {
            "module" => {
                self.report(
                    Diagnostic::error("misplaced-module", span, "a module is defined at the top level of a file")
                        .help("or directly inside another module"),
                );
            }
            "import" => self.misplaced_import(span),
            _ => {
                let message = "an `export` stands at the top level of a file or module";
                self.report(Diagnostic::error("misplaced-export", span, message));
            }
        }
        self.hir.add(Expr::Poison, span)
    }

    fn module_form(&mut self, node: NodeId) -> ExprId {
        let tree = self.tree;
        let span = tree.span(node);
        let body = match tree.list(node) {
            Some([_, name, body @ ..]) if tree.symbol(*name).is_some() => body,
            _ => return self.malformed(span, "module", "(module Name body…)"),
        };
        let Some(number) = self.modules.get(&node).copied() else {
            // Its name was reported.
            return self.hir.add(Expr::Poison, span);
        };
        let outer = std::mem::replace(&mut self.inside, number);
        let mut exprs = self.top_forms(body_of(tree, body));
        self.inside = outer;
        let value = self.module_value(number, span);
        let global = self.namespaces[number].global;
        exprs.push(self.hir.add(Expr::DeclareGlobal(global, Some(value)), span));
        let scope = self.new_scope();
        let exprs = self.hir.add_list(exprs);
        self.hir.add(Expr::Scope(scope, exprs), span)
    }

    fn import_form(&mut self, node: NodeId) -> ExprId {
        let span = self.tree.span(node);
        if import::parse(self.tree, node).is_none() {
            let shape = "(import M)`, `(import \"./path.eva\" as m)` or `(import (name…) M)";
            return self.malformed(span, "import", shape);
        }
        let here = self.repl_imports.iter().filter(|(form, ..)| *form == node);
        let declared: Vec<(u32, Bound)> = here.map(|(_, global, bound)| (*global, bound.clone())).collect();
        let mut exprs = Vec::new();
        for (global, bound) in declared {
            let value = self.bound_value(&bound, span);
            exprs.push(self.hir.add(Expr::DeclareGlobal(global, Some(value)), span));
        }
        exprs.push(self.null(span));
        let scope = self.new_scope();
        let exprs = self.hir.add_list(exprs);
        self.hir.add(Expr::Scope(scope, exprs), span)
    }

    fn export_form(&mut self, node: NodeId) -> ExprId {
        let tree = self.tree;
        let span = tree.span(node);
        let names = tree.list(node).map_or(&[][..], |list| &list[1..]);
        for name in names {
            let place = tree.span(*name);
            let Some(sym) = tree.symbol(*name) else {
                return self.malformed(place, "export", "(export name…)");
            };
            let bound = match self.own_top(sym) {
                Some(Top::Bound(number)) => &self.bound[number],
                Some(_) => continue,
                None => {
                    let names = self.namespaces[self.inside].order.iter().map(|sym| &**self.text(*sym));
                    let message = format!("there is no top-level name `{}` to export", self.text(sym));
                    let near = names::nearest(self.text(sym), names).map(ToString::to_string);
                    let diagnostic = Diagnostic::error("unknown-name", place, message);
                    self.report(match near {
                        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                        None => diagnostic,
                    });
                    continue;
                }
            };
            if !matches!(bound, Bound::Broken) {
                let message = format!("`{}` is not this file's own and cannot be exported", self.text(sym));
                self.report(
                    Diagnostic::error("not-exportable", place, message)
                        .help("export its members, imported by name, or import it where it is used"),
                );
            }
        }
        self.null(span)
    }

    // Members

    /// The module that an expression stands for, if that is known: `M`, `M.N`.
    pub(super) fn space_of(&self, node: NodeId) -> Option<Space> {
        let tree = self.tree;
        let mut path = Vec::new();
        let mut at = node;
        let sym = loop {
            match tree.node(at) {
                Node::Symbol(sym) => break *sym,
                Node::Prop(inner, name) => {
                    path.push(*name);
                    at = *inner;
                }
                _ => return None,
            }
        };
        if !self.bindings[sym.index()].is_empty() {
            return None;
        }
        let mut space = match self.top(sym)? {
            Top::Global(_) => return None,
            Top::Module(number) => Space::Inner(number),
            Top::Bound(number) => match &self.bound[number] {
                Bound::File(id, name, members) | Bound::Inner(id, name, members) => {
                    Space::Foreign(id.clone(), name.clone(), members.clone())
                }
                Bound::Broken => return Some(Space::Broken),
                _ => return None,
            },
        };
        for sym in path.into_iter().rev() {
            space = match space {
                Space::Broken => return Some(Space::Broken),
                Space::Inner(number) => match self.shown_top(number, sym)? {
                    Top::Module(inner) => Space::Inner(inner),
                    _ => return None,
                },
                Space::Foreign(id, _, members) => {
                    let member = members.iter().find(|member| &member.name == self.text(sym))?;
                    let module = member.module.clone().unwrap_or(id);
                    Space::Foreign(module, member.global.clone(), member.members.clone()?)
                }
            };
        }
        Some(space)
    }

    /// Whether a module inside the file shows a name.
    fn shows(&self, number: usize, sym: Sym) -> bool {
        let exports = &self.namespaces[number].exports;
        exports.as_ref().is_none_or(|exports| exports.contains(&sym))
    }

    /// What a name of a module stands for outside of it.
    fn shown_top(&self, number: usize, sym: Sym) -> Option<Top> {
        self.namespaces[number].names.get(&sym).copied().filter(|_| self.shows(number, sym))
    }

    /// `M.name`
    pub(super) fn space_member(&mut self, space: Space, name: &Rc<str>, span: Span) -> ExprId {
        match space {
            Space::Broken => self.hir.add(Expr::Poison, span),
            Space::Inner(number) => {
                let found = self.tree.names.find(name).and_then(|sym| self.shown_top(number, sym));
                match found {
                    Some(Top::Global(global)) => self.hir.add(Expr::Global(global), span),
                    Some(Top::Module(inner)) => self.module_value(inner, span),
                    Some(Top::Bound(_)) | None => {
                        let path = self.namespaces[number].path.clone();
                        let shown = self.shown_names(number);
                        let shown: Vec<Rc<str>> = shown.into_iter().map(|(sym, _)| self.text(sym).clone()).collect();
                        self.unknown_member(&path, name, &format!("{path}."), shown.iter().map(|name| &**name), span);
                        self.hir.add(Expr::Poison, span)
                    }
                }
            }
            Space::Foreign(id, path, members) => match members.iter().find(|member| &member.name == name) {
                Some(member) => {
                    let bound = self.bound_member(&id, member);
                    self.bound_value(&bound, span)
                }
                None => {
                    let names = members.iter().map(|member| &*member.name);
                    self.unknown_member(&path, name, &format!("{path}."), names, span);
                    self.hir.add(Expr::Poison, span)
                }
            },
        }
    }

    pub(super) fn unknown_member<'n>(
        &mut self,
        module: &str,
        name: &str,
        prefix: &str,
        names: impl Iterator<Item = &'n str>,
        span: Span,
    ) {
        let message = format!("the module `{module}` has no member `{name}`");
        let diagnostic = Diagnostic::error("unknown-member", span, message);
        self.report(match names::nearest(name, names) {
            Some(near) => diagnostic.help(format!("did you mean `{prefix}{near}`?")),
            None => diagnostic,
        });
    }

    /// The names that a module shows, in order.
    fn shown_names(&self, number: usize) -> Vec<(Sym, Top)> {
        let namespace = &self.namespaces[number];
        let is_shown = |sym: &&Sym| match namespace.names[sym] {
            // What is imported is another's, unless it is exported by name.
            Top::Global(global) if self.hir.globals[global as usize].import.is_some() => {
                namespace.exports.is_some() && self.shows(number, **sym)
            }
            Top::Bound(_) => false,
            _ => self.shows(number, **sym),
        };
        namespace.order.iter().filter(is_shown).map(|sym| (*sym, namespace.names[sym])).collect()
    }

    /// A module inside the file as a value.
    pub(super) fn module_value(&mut self, number: usize, span: Span) -> ExprId {
        let value = self.namespaces[number].value.clone().unwrap_or_else(|| {
            let members = self.shown_names(number).into_iter().map(|(sym, top)| {
                let global = match top {
                    Top::Global(global) => global,
                    Top::Module(inner) => self.namespaces[inner].global,
                    Top::Bound(_) => unreachable!("what an import binds is not shown"),
                };
                (self.text(sym).clone(), global)
            });
            Rc::new(ModuleValue { name: self.namespaces[number].path.clone(), members: members.collect() })
        });
        self.namespaces[number].value = Some(value.clone());
        self.hir.add(Expr::Const(Literal::Module(value)), span)
    }

    /// A module inside the file that shows a name, for those who forgot to name the module.
    pub(super) fn module_with(&self, sym: Sym) -> Option<String> {
        let shows = |number: &usize| matches!(self.shown_top(*number, sym), Some(Top::Global(_) | Top::Module(_)));
        let number = (1..self.namespaces.len()).find(shows)?;
        Some(format!("{}.{}", self.namespaces[number].path, self.text(sym)))
    }

    /// The names of the file, and of the modules around the place.
    pub(super) fn top_names(&self) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut at = Some(self.inside);
        while let Some(number) = at {
            names.extend(self.namespaces[number].order.iter().map(|sym| &**self.text(*sym)));
            at = self.namespaces[number].outer;
        }
        names
    }

    /// What an `import` bound, as a value.
    pub(super) fn bound_value(&mut self, bound: &Bound, span: Span) -> ExprId {
        let expr = match bound {
            Bound::Broken => Expr::Poison,
            Bound::Known(literal) => Expr::Const(literal.clone()),
            Bound::Global(global) => Expr::Global(*global),
            Bound::Library(library) if self.environment.get(library).is_some_and(|entry| entry.global) => {
                let module = format!("{LIBRARY}{library}").into();
                Expr::Global(self.imported_global(&module, library, true))
            }
            Bound::Library(library) => {
                let members = self.environment.members(library).unwrap_or(&[]);
                let module: Rc<str> = format!("{LIBRARY}{library}").into();
                let member = |member: &String| {
                    let member: Rc<str> = member.as_str().into();
                    (member.clone(), self.imported_global(&module, &member, true))
                };
                let members = members.iter().map(member).collect();
                Expr::Const(Literal::Module(Rc::new(ModuleValue { name: library.clone(), members })))
            }
            // Its file has it as a value already.
            Bound::Inner(id, name, _) => Expr::Global(self.imported_global(id, name, true)),
            // Its name is its own, whatever it is called here: it is one value in all files.
            Bound::File(id, _, members) => {
                let known = self.file_values.get(id).cloned();
                let value = known.unwrap_or_else(|| {
                    let global = |member: &Member| {
                        let module = member.module.as_ref().unwrap_or(id);
                        (member.name.clone(), self.imported_global(module, &member.global, member.constant))
                    };
                    let members = members.iter().map(global).collect();
                    Rc::new(ModuleValue { name: import::file_name(id).into(), members })
                });
                self.file_values.insert(id.clone(), value.clone());
                Expr::Const(Literal::Module(value))
            }
        };
        self.hir.add(expr, span)
    }

    /// What the file, or a module inside it, shows to others.
    pub(super) fn interface(&self, number: usize) -> Rc<[Member]> {
        let member = |(sym, top): (Sym, Top)| {
            let (global, members) = match top {
                Top::Global(global) => (global, None),
                Top::Module(inner) => (self.namespaces[inner].global, Some(self.interface(inner))),
                Top::Bound(_) => unreachable!("what an import binds is not shown"),
            };
            let global = &self.hir.globals[global as usize];
            Member {
                name: self.text(sym).clone(),
                global: global.name.clone(),
                module: global.import.clone(),
                constant: global.constant,
                members,
            }
        };
        self.shown_names(number).into_iter().map(member).collect()
    }
}
