//! Name resolution: syntax to [`Hir`]. Recognises the special forms, and knows for each name what it stands for.
//!
//! Scopes follow section 3 of the language's contract. Names made by `def`, or by `var` or `const` with a `lambda`, are
//! *hoisted*: they exist in their whole scope, before their declaration as something that must not be read yet. Other
//! names exist from the end of their initialiser on.

mod calls;
mod classes;
mod coverage;
mod forms;
mod hoist;
mod modules;
mod patterns;
mod places;

use crate::diagnostic::Diagnostic;
use crate::environment::{Entry, Environment, Mode};
use crate::hir::{Expr, ExprId, Exprs, Func, FuncId, Hir, Literal, ModuleValue, ScopeId, Var, VarId};
use crate::import::{Bound, Imports, Member};
use crate::names;
use crate::source::{Source, Span};
use crate::syntax::{Node, NodeId, Sym, Tree};
pub use modules::MAX_MODULE_NESTING;
use modules::{Namespace, Top};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::rc::Rc;

/// Messages after which further ones are dropped.
pub(crate) const MAX_DIAGNOSTICS: usize = 200;

/// Unknown names for which a similar one is searched.
const MAX_SUGGESTIONS: u32 = 20;

/// Resolves a tree. The result is only fit for code generation if no diagnostic is an error.
pub(crate) fn resolve(
    source: &Source,
    tree: &Tree,
    environment: &Environment,
    mode: Mode<'_>,
    imports: &Imports,
) -> Resolved {
    let mut resolver = Resolver {
        source,
        tree,
        environment,
        mode,
        hir: Hir::default(),
        diagnostics: Vec::new(),
        bindings: vec![SmallVec::new(); tree.names.len()],
        imports,
        namespaces: vec![Namespace::default()],
        inside: 0,
        modules: FxHashMap::default(),
        bound: Vec::new(),
        file_values: FxHashMap::default(),
        repl_imports: Vec::new(),
        imported: FxHashMap::default(),
        states: Vec::new(),
        scopes: Vec::new(),
        hoisted: FxHashMap::default(),
        function: FuncId(0),
        context: Context::default(),
        suggestions: MAX_SUGGESTIONS,
        loop_exits: 0,
        method: None,
        calls: Vec::new(),
        predefined: FxHashMap::default(),
    };
    resolver.program();
    resolver.check_calls();
    resolver.settle_captures();
    let interface = resolver.interface(0);
    Resolved { hir: resolver.hir, interface, diagnostics: resolver.diagnostics }
}

/// What resolving gave.
pub(crate) struct Resolved {
    pub(crate) hir: Hir,
    /// What the source shows to those that import it.
    pub(crate) interface: Rc<[Member]>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// How far the declaration of a variable has come at this place of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ahead,
    Initialising,
    Done,
}

/// What is to be known about the place in the current function.
#[derive(Clone, Copy, Debug, Default)]
struct Context {
    /// Loops around it.
    loops: u32,
    /// Whether control may go past it within its scope.
    conditional: u32,
    /// Whether it is in a condition or step of a loop, and so runs again after what follows it in the text.
    repeated: u32,
}

struct OpenScope {
    id: ScopeId,
    /// The names it bound, to be unbound at its end.
    names: SmallVec<[Sym; 4]>,
    /// Conditions around it are of no interest inside.
    outer_conditional: u32,
}

/// What a name stands for.
enum Meaning {
    Local(VarId),
    /// A local whose initialiser has not run here.
    Unready(VarId),
    Global(u32),
    /// A value of the environment, or an operator.
    Known(Literal),
    /// A module of the library.
    Library,
    /// A module inside the file, by number.
    Module(usize),
    /// What an import bound.
    Bound(Bound),
    Unknown,
}

struct Resolver<'a> {
    source: &'a Source,
    tree: &'a Tree,
    environment: &'a Environment,
    mode: Mode<'a>,
    hir: Hir,
    diagnostics: Vec<Diagnostic>,
    /// The local variables of each name, innermost last.
    bindings: Vec<SmallVec<[VarId; 4]>>,
    imports: &'a Imports,
    /// The names at the top of the file and of the modules inside it.
    namespaces: Vec<Namespace>,
    /// The module that the place is in, by number.
    inside: usize,
    /// The modules, by their form.
    modules: FxHashMap<NodeId, usize>,
    /// What imports bound that is no global.
    bound: Vec<Bound>,
    /// Imported files as values, by identity.
    file_values: FxHashMap<Rc<str>, Rc<ModuleValue>>,
    /// The variables that the imports of a REPL declare, each with its form.
    repl_imports: Vec<(NodeId, u32, Bound)>,
    /// Globals of other modules, by module and name.
    imported: FxHashMap<(Rc<str>, Rc<str>), u32>,
    /// By variable.
    states: Vec<State>,
    scopes: Vec<OpenScope>,
    /// Variables of hoisted declarations, by the node of the name.
    hoisted: FxHashMap<NodeId, VarId>,
    function: FuncId,
    context: Context,
    suggestions: u32,
    /// How many `break`s and `continue`s there were.
    loop_exits: u32,
    /// The method around the place.
    method: Option<classes::Method>,
    /// Calls of names with a known number of arguments, to be checked when all declarations are known.
    calls: Vec<(Callee, usize, Span)>,
    /// What the program uses of the environment, by name.
    predefined: FxHashMap<Rc<str>, Literal>,
}

#[derive(Clone, Copy)]
enum Callee {
    Local(VarId),
    Global(u32),
}

impl<'a> Resolver<'a> {
    fn program(&mut self) {
        let tree = self.tree;
        let scope = self.new_scope();
        self.hir.funcs.push(Func {
            name: "".into(),
            span: Span::default(),
            parent: None,
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
        self.hoist_globals(&tree.top, 0);
        let body = self.top_forms(&tree.top);
        self.hir.funcs[0].body = self.hir.add_list(body);
    }

    // Messages

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports an error and stands for the expression that could not be made.
    fn fail(&mut self, diagnostic: Diagnostic) -> ExprId {
        let span = diagnostic.span;
        self.report(diagnostic);
        self.hir.add(Expr::Poison, span)
    }

    fn text(&self, sym: Sym) -> &'a Rc<str> {
        self.tree.names.text(sym)
    }

    // Expressions

    fn exprs(&mut self, nodes: &[NodeId]) -> Exprs {
        let exprs = nodes.iter().map(|node| self.expr(*node)).collect();
        self.hir.add_list(exprs)
    }

    fn expr(&mut self, node: NodeId) -> ExprId {
        let tree = self.tree;
        let span = tree.span(node);
        let literal = match tree.node(node) {
            Node::Error => return self.hir.add(Expr::Poison, span),
            Node::Int(value) => Literal::Int(*value),
            Node::Big(value) => Literal::Big(value.clone()),
            Node::Float(value) => Literal::Float(*value),
            Node::Str(text) => Literal::Str(text.clone()),
            Node::Bytes(bytes) => Literal::Bytes(bytes.clone()),
            Node::Atom(name) => Literal::Atom(name.clone()),
            Node::Symbol(sym) => return self.name(*sym, span),
            // Everything that can hold further expressions may be nested deeply.
            _ => return stacker::maybe_grow(96 << 10, 1 << 20, || self.compound(node, span)),
        };
        self.hir.add(Expr::Const(literal), span)
    }

    fn compound(&mut self, node: NodeId, span: Span) -> ExprId {
        let tree = self.tree;
        match tree.node(node) {
            Node::List(children) => self.list(tree.children(*children), span),
            Node::Prop(object, name) => self.prop(*object, self.text(*name).clone(), span),
            Node::Vector(children) => {
                let args = self.args(tree.children(*children));
                self.hir.add(Expr::List(args), span)
            }
            Node::Tuple(children) => {
                let args = self.args(tree.children(*children));
                self.hir.add(Expr::Tuple(args), span)
            }
            Node::Map(children) => {
                let children = tree.children(*children);
                if let Some(spread) = children.iter().find(|child| matches!(tree.node(**child), Node::Spread(_))) {
                    return self.fail(
                        Diagnostic::error("bad-spread", tree.span(*spread), "a map literal cannot spread")
                            .help("use `(Map.merge a b)`"),
                    );
                }
                let pair = |pair: &[NodeId]| (self.expr(pair[0]), self.expr(pair[1]));
                let pairs = children.chunks_exact(2).map(pair).collect();
                self.hir.add(Expr::Map(pairs), span)
            }
            _ => self.fail(
                Diagnostic::error("bad-spread", span, "there is nothing to spread into here")
                    .help("`...` works in calls, lists, tuples, and as the last parameter"),
            ),
        }
    }

    fn name(&mut self, sym: Sym, span: Span) -> ExprId {
        let text = self.text(sym).clone();
        let literal = match &*text {
            "null" => Some(Literal::Null),
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            "inf" => Some(Literal::Float(f64::INFINITY)),
            "-inf" => Some(Literal::Float(f64::NEG_INFINITY)),
            "nan" => Some(Literal::Float(f64::NAN)),
            "not" => Some(Literal::Native(text.clone())),
            _ => None,
        };
        if let Some(literal) = literal {
            return self.hir.add(Expr::Const(literal), span);
        }
        if names::is_reserved(&text) {
            let diagnostic = Diagnostic::error("form-as-value", span, format!("`{text}` is a form, not a value"));
            return self.fail(match &*text {
                "break" | "continue" | "return" => diagnostic.help(format!("write `({text})`")),
                "and" | "or" => diagnostic.help(format!("wrap it: `(lambda (a b) ({text} a b))`")),
                _ => diagnostic,
            });
        }
        match self.meaning(sym) {
            Meaning::Local(var) => self.hir.add(Expr::Local(var), span),
            Meaning::Unready(var) => self.hir.add(Expr::Unready(var), span),
            Meaning::Global(global) => self.hir.add(Expr::Global(global), span),
            Meaning::Known(literal) => self.hir.add(Expr::Const(literal), span),
            Meaning::Library => self.bound_value(&Bound::Library(text), span),
            Meaning::Module(number) => self.module_value(number, span),
            Meaning::Bound(bound) => self.bound_value(&bound, span),
            Meaning::Unknown => match self.late_global(sym, span) {
                Some(global) => self.hir.add(Expr::Global(global), span),
                None => self.hir.add(Expr::Poison, span),
            },
        }
    }

    /// Reports a name that stands for nothing. In a REPL a later input may define it, so there it is a global.
    fn late_global(&mut self, sym: Sym, span: Span) -> Option<u32> {
        let mut diagnostic = self.unknown_name(sym, span);
        if matches!(self.mode, Mode::File) {
            self.report(diagnostic);
            return None;
        }
        diagnostic.severity = crate::diagnostic::Severity::Warning;
        diagnostic.message.push_str(" yet");
        self.report(diagnostic);
        Some(self.add_global(sym, false, None))
    }

    // Names

    /// What the environment has under a name, dotted or not.
    fn predefined(&mut self, name: &str) -> Option<(&'a Entry, Literal)> {
        let entry = self.environment.get(name)?;
        if let Some(literal) = self.predefined.get(name) {
            return Some((entry, literal.clone()));
        }
        let literal = literal_of(&entry.constant);
        self.predefined.insert(name.into(), literal.clone());
        Some((entry, literal))
    }

    /// What a name stands for here. A use of a local of another function makes it a capture.
    fn meaning(&mut self, sym: Sym) -> Meaning {
        if let Some(var) = self.bindings[sym.index()].last().copied() {
            return self.use_local(var);
        }
        match self.top(sym) {
            Some(Top::Global(global)) => return Meaning::Global(global),
            Some(Top::Module(number)) => return Meaning::Module(number),
            Some(Top::Bound(number)) => return Meaning::Bound(self.bound[number].clone()),
            None => {}
        }
        let text = self.text(sym);
        if let Mode::Repl(known) = self.mode
            && let Some(constant) = known.get(text)
        {
            return Meaning::Global(self.add_global(sym, constant, None));
        }
        if let Some((entry, literal)) = self.predefined(text) {
            return match &literal {
                Literal::Import(import) if entry.global => {
                    Meaning::Global(self.imported_global(&import.0, &import.1, true))
                }
                _ => Meaning::Known(literal),
            };
        }
        if names::operator(text).is_some() {
            return Meaning::Known(Literal::Native(text.clone()));
        }
        if self.environment.has_module(text) {
            return Meaning::Library;
        }
        Meaning::Unknown
    }

    /// Whether the name is the prelude's or the language's, not an own one.
    fn is_shadowed(&self, sym: Sym) -> bool {
        !self.bindings[sym.index()].is_empty()
            || self.top(sym).is_some()
            || matches!(self.mode, Mode::Repl(known) if known.get(self.text(sym)).is_some())
    }

    fn use_local(&mut self, id: VarId) -> Meaning {
        let state = self.states[id.0 as usize];
        let owner = self.hir.var(id).func;
        if owner == self.function {
            if state == State::Done {
                return Meaning::Local(id);
            }
            if self.context.repeated > 0 {
                // The second time around the declaration may have been reached: only a cell can tell.
                self.hir.vars[id.0 as usize].captured_early = true;
                return Meaning::Local(id);
            }
            return Meaning::Unready(id);
        }
        let var = &mut self.hir.vars[id.0 as usize];
        match state {
            State::Done => var.captured = true,
            State::Initialising => var.self_captured = true,
            State::Ahead => var.captured_early = true,
        }
        let mut function = self.function;
        while function != owner {
            let func = &mut self.hir.funcs[function.0 as usize];
            if func.capture_numbers.contains_key(&id) {
                break;
            }
            func.capture_numbers.insert(id, func.captures.len() as u32);
            func.captures.push(id);
            match func.parent {
                Some(parent) => function = parent,
                None => break,
            }
        }
        Meaning::Local(id)
    }

    fn unknown_name(&mut self, sym: Sym, span: Span) -> Diagnostic {
        let text = self.text(sym).clone();
        let mut diagnostic = Diagnostic::error("unknown-name", span, format!("there is no name `{text}` here"));
        if self.suggestions > 0 {
            self.suggestions -= 1;
            let locals = (0..self.bindings.len()).filter(|number| !self.bindings[*number].is_empty());
            let locals = locals.filter_map(|number| self.bindings[number].last());
            let locals = locals.map(|var| &*self.hir.var(*var).name);
            let globals = self.top_names();
            let repl = match self.mode {
                Mode::Repl(known) => Some(known.names()),
                Mode::File => None,
            };
            let known = locals
                .chain(globals)
                .chain(repl.into_iter().flatten())
                .chain(self.environment.names().filter(|name| !name.contains('.')))
                .chain(self.environment.module_names())
                .chain(names::FORMS.iter().copied());
            if let Some(full) = self.module_with(sym) {
                diagnostic = diagnostic.help(format!("`{text}` is in a module: `{full}`"));
            } else if let Some((member, full)) = self.library_member(&text) {
                diagnostic = diagnostic.help(format!("`{member}` is in the library: `{full}`"));
            } else if let Some(here) = names::elsewhere(&text) {
                diagnostic = diagnostic.help(format!("in Eva it is `{here}`"));
            } else if &*text == "this" {
                let help = "a method names its instance as its first parameter: `(def method (self parameter…) body…)`";
                diagnostic = diagnostic.help(help);
            } else if text.starts_with('#') {
                diagnostic = diagnostic.help("a comment begins with `;` or `//`");
            } else if text.contains(['“', '”', '„', '«', '»']) {
                diagnostic = diagnostic.help("strings are written with straight quotes, `\"…\"`");
            } else if let Some(near) = names::nearest(&text, known) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
        }
        diagnostic
    }

    /// A library function of this name, for users who know it from elsewhere.
    fn library_member(&self, text: &str) -> Option<(String, String)> {
        let mut found: Vec<&str> = self
            .environment
            .names()
            .filter(|name| name.split_once('.').is_some_and(|(_, member)| member == text))
            .collect();
        found.sort_unstable();
        found.first().map(|full| (text.to_string(), (*full).to_string()))
    }

    // Scopes

    fn new_scope(&mut self) -> ScopeId {
        self.hir.scopes.push(SmallVec::new());
        ScopeId(self.hir.scopes.len() as u32 - 1)
    }

    /// Opens a scope; what is declared from here on belongs to it.
    fn open_scope(&mut self) -> ScopeId {
        let id = self.new_scope();
        let outer_conditional = std::mem::take(&mut self.context.conditional);
        self.scopes.push(OpenScope { id, names: SmallVec::new(), outer_conditional });
        id
    }

    fn close_scope(&mut self) {
        let Some(scope) = self.scopes.pop() else { return };
        self.context.conditional = scope.outer_conditional;
        for sym in scope.names {
            self.bindings[sym.index()].pop();
        }
    }

    /// Expressions in a scope of their own.
    fn scoped(&mut self, nodes: &[NodeId]) -> (ScopeId, Exprs) {
        let scope = self.open_scope();
        self.hoist_locals(nodes);
        let body = self.exprs(nodes);
        self.close_scope();
        (scope, body)
    }

    /// Runs part of the resolution where control may not come by.
    fn conditionally<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.context.conditional += 1;
        let result = run(self);
        self.context.conditional -= 1;
        result
    }

    /// Runs part of the resolution inside a loop, but outside of its body.
    fn repeatedly<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.context.conditional += 1;
        self.context.repeated += 1;
        self.context.loops += 1;
        let result = run(self);
        self.context.loops -= 1;
        self.context.repeated -= 1;
        self.context.conditional -= 1;
        result
    }

    fn in_loop<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.context.loops += 1;
        let result = run(self);
        self.context.loops -= 1;
        result
    }

    // Declarations

    fn at_top(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Checks that a variable may have the name.
    fn check_name(&mut self, text: &str, span: Span) -> bool {
        if !names::is_reserved(text) {
            return true;
        }
        let what = if names::is_form(text) { "the name of a form" } else { "a reserved name" };
        self.report(
            Diagnostic::error("reserved-name", span, format!("`{text}` is {what} and cannot be declared"))
                .help("choose another name; only members and map keys may be called so"),
        );
        false
    }

    /// Makes a variable of the innermost scope, and binds its name.
    fn bind(&mut self, sym: Sym, span: Span, constant: bool, state: State) -> VarId {
        let text = self.text(sym).clone();
        let scope = self.scopes.last().map_or(ScopeId(0), |scope| scope.id);
        let other = self.bindings[sym.index()].last().copied();
        if let Some(other) = other
            && self.hir.var(other).scope == scope
        {
            let known = self.hir.var(other).span;
            let (first, second) = if known < span { (known, span) } else { (span, known) };
            self.report(
                Diagnostic::error("redeclared", second, format!("`{text}` is declared twice in the same scope"))
                    .label(first, "declared here first")
                    .help(format!("to assign it, write `(set {text} …)`; else choose another name")),
            );
        }
        let id = VarId(self.hir.vars.len() as u32);
        if let Some(other) = other.filter(|other| self.hir.var(*other).func == self.function) {
            self.hir.hidden.push((id, other));
        }
        self.hir.vars.push(Var {
            name: text,
            span,
            func: self.function,
            scope,
            constant,
            lambda: None,
            assigned: false,
            captured: false,
            captured_early: false,
            self_captured: false,
            conditional: self.context.conditional > 0 && state == State::Done,
        });
        self.states.push(state);
        self.hir.scopes[scope.0 as usize].push(id);
        self.bindings[sym.index()].push(id);
        if let Some(scope) = self.scopes.last_mut() {
            scope.names.push(sym);
        }
        id
    }

    /// When all uses are known: which captures are cells, and which variables are the running function itself.
    fn settle_captures(&mut self) {
        for number in 1..self.hir.funcs.len() {
            let this = FuncId(number as u32);
            let mut captures = std::mem::take(&mut self.hir.funcs[number].captures);
            captures.retain(|var| self.hir.var(*var).is_self_in() != Some(this));
            let parent = self.hir.funcs[number].parent.unwrap_or(FuncId(0));
            let is_cell = captures.iter().map(|id| {
                let var = self.hir.var(*id);
                if var.func == parent {
                    var.is_cell()
                } else if var.is_self_in() == Some(parent) {
                    false
                } else {
                    let outer = self.hir.func(parent);
                    outer.capture_numbers.get(id).is_some_and(|index| outer.capture_is_cell[*index as usize])
                }
            });
            let is_cell = is_cell.collect();
            let func = &mut self.hir.funcs[number];
            func.capture_numbers = captures.iter().enumerate().map(|(index, var)| (*var, index as u32)).collect();
            func.captures = captures;
            func.capture_is_cell = is_cell;
        }
    }

    /// Warns of calls that cannot succeed: the callee is known and never changes.
    fn check_calls(&mut self) {
        for (callee, given, span) in std::mem::take(&mut self.calls) {
            let (lambda, name, declared) = match callee {
                Callee::Local(id) => {
                    let var = self.hir.var(id);
                    (var.is_self_in(), var.name.clone(), Some(var.span))
                }
                Callee::Global(number) => {
                    let global = &self.hir.globals[number as usize];
                    let known = global.declarations == 1 && !global.assigned;
                    (global.lambda.filter(|_| known), global.name.clone(), global.span)
                }
            };
            let Some(func) = lambda.map(|id| self.hir.func(id)) else { continue };
            let most = if func.rest { None } else { Some(func.required + func.optional) };
            let least = func.required;
            if given < least || most.is_some_and(|most| given > most) {
                let diagnostic = arity_warning(&name, given, least, most, span);
                self.report(match declared {
                    Some(declared) => diagnostic.label(declared, "defined here"),
                    None => diagnostic,
                });
            }
        }
    }
}

/// The warning about a call with a wrong number of arguments.
fn arity_warning(name: &str, given: usize, least: usize, most: Option<usize>, span: Span) -> Diagnostic {
    let takes = match most {
        None => format!("at least {least}"),
        Some(most) if most == least => format!("{least}"),
        Some(most) if most == least + 1 => format!("{least} or {most}"),
        Some(most) => format!("{least} to {most}"),
    };
    let plural = if takes == "1" || takes == "at least 1" { "" } else { "s" };
    let message =
        format!("`{name}` takes {takes} argument{plural}, but {given} {} given", if given == 1 { "is" } else { "are" });
    Diagnostic::warning("wrong-arity", span, message).help("the call will throw an :arity-error")
}

fn literal_of(constant: &iridium_bytecode::Constant) -> Literal {
    use iridium_bytecode::Constant;
    match constant {
        Constant::Int(value) => Literal::int(value.clone()),
        Constant::Float(value) => Literal::Float(*value),
        Constant::Str(text) => Literal::Str(text.as_str().into()),
        Constant::Bytes(bytes) => Literal::Bytes(bytes.as_slice().into()),
        Constant::Atom(name) => Literal::Atom(name.as_str().into()),
        Constant::Native(name) => Literal::Native(name.as_str().into()),
        Constant::Import { module, name } => Literal::Import(Rc::new((module.as_str().into(), name.as_str().into()))),
        // An environment has none: its modules are names with a dot.
        Constant::Module { .. } => Literal::Null,
    }
}
