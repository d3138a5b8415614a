//! Variables, functions and imports that nothing uses, and names that hide others.

use super::Subject;
use super::values::Fate;
use crate::diagnostic::Diagnostic;
use crate::hir::{Binding, Expr, Hir, Pattern, Place, VarId};
use crate::import::{self, Binds};
use crate::source::Span;
use crate::syntax::Node;
use rustc_hash::{FxHashMap, FxHashSet};

/// How a variable came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// As something that need not be used: a parameter, an element of an `each`, what the compiler made.
    Given,
    Variable,
    Function,
    Class,
    Pattern,
}

/// What happens to variables and globals.
struct Uses {
    origins: Vec<Origin>,
    read: Vec<bool>,
    written: Vec<bool>,
    globals_read: Vec<bool>,
    /// Where each variable is read.
    places: FxHashMap<VarId, Vec<Span>>,
    /// The declaration of a variable, with its initialiser.
    declarations: FxHashMap<VarId, Span>,
}

/// Adds the warnings of this file.
pub(super) fn lint(subject: &Subject<'_>, fates: &[Fate], found: &mut Vec<Diagnostic>) {
    let uses = uses(subject.hir, fates);
    unused_locals(subject, &uses, found);
    unused_globals(subject, &uses, found);
    unused_imports(subject, found);
    hidden(subject, &uses, found);
}

fn uses(hir: &Hir, fates: &[Fate]) -> Uses {
    let variables = hir.vars.len();
    let mut uses = Uses {
        origins: vec![Origin::Given; variables],
        read: vec![false; variables],
        written: vec![false; variables],
        globals_read: vec![false; hir.globals.len()],
        places: FxHashMap::default(),
        declarations: FxHashMap::default(),
    };
    for (id, expr) in hir.exprs() {
        let taken = fates[id.0 as usize] == Fate::Taken;
        match expr {
            Expr::Local(var) | Expr::Unready(var) => {
                uses.read[var.0 as usize] = true;
                uses.places.entry(*var).or_default().push(hir.span(id));
            }
            Expr::Global(global) => uses.globals_read[*global as usize] = true,
            Expr::Set(place, _) => uses.place(place, false),
            // What an update gives is the new value, so one that is taken reads the variable.
            Expr::Update(_, place, _) => uses.place(place, taken),
            Expr::DeclareLocal(var, value) => {
                let is_function = value.is_some_and(|value| matches!(hir.expr(value), Expr::Lambda(_)));
                uses.origins[var.0 as usize] = if is_function { Origin::Function } else { Origin::Variable };
                uses.declarations.insert(*var, hir.span(id));
                // The value of a function that ends in a `def` is that function.
                uses.read[var.0 as usize] |= taken;
            }
            Expr::Destructure(pattern, _) => uses.pattern(pattern),
            Expr::Match(_, clauses) => clauses.iter().for_each(|clause| uses.pattern(&clause.pattern)),
            Expr::Receive(parts) => parts.clauses.iter().for_each(|clause| uses.pattern(&clause.pattern)),
            Expr::Try(parts) => parts.catches.iter().for_each(|clause| uses.pattern(&clause.pattern)),
            Expr::Class(class) => {
                if let Binding::Local(var) = class.binding {
                    uses.origins[var.0 as usize] = Origin::Class;
                    uses.read[var.0 as usize] |= taken;
                }
            }
            _ => {}
        }
    }
    uses
}

impl Uses {
    fn place(&mut self, place: &Place, reads: bool) {
        let mut todo = vec![place];
        while let Some(place) = todo.pop() {
            match place {
                Place::Local(var) | Place::Unready(var) => {
                    self.written[var.0 as usize] = true;
                    self.read[var.0 as usize] |= reads;
                }
                Place::Global(global) => self.globals_read[*global as usize] |= reads,
                Place::Many(_, places) => todo.extend(places),
                Place::Prop(..) | Place::Index(..) | Place::Poison => {}
            }
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        let mut todo = vec![pattern];
        while let Some(pattern) = todo.pop() {
            match pattern {
                Pattern::Bind(var) => self.origins[var.0 as usize] = Origin::Pattern,
                Pattern::Sequence(_, parts, rest) => {
                    todo.extend(parts);
                    todo.extend(rest.as_deref());
                }
                Pattern::Map(entries) => todo.extend(entries.iter().map(|(_, pattern)| pattern)),
                Pattern::Type(_, inner) | Pattern::Instance(_, inner) | Pattern::When(inner, _) => todo.push(inner),
                Pattern::Or(parts) => todo.extend(parts),
                Pattern::Both(first, second) => todo.extend([&**first, &**second]),
                Pattern::Any | Pattern::Equal(_) => {}
            }
        }
    }
}

fn unused_locals(subject: &Subject<'_>, uses: &Uses, found: &mut Vec<Diagnostic>) {
    for (number, var) in subject.hir.vars.iter().enumerate() {
        if uses.read[number] || Subject::is_exempt(&var.name) {
            continue;
        }
        let name = &var.name;
        let (code, what, help) = match uses.origins[number] {
            Origin::Given => continue,
            Origin::Function => ("unused-function", "function", "remove it".to_owned()),
            Origin::Class => ("unused-class", "class", "remove it".to_owned()),
            Origin::Variable => ("unused-variable", "variable", format!("remove it, or call it `_{name}`")),
            Origin::Pattern => ("unused-variable", "name", format!("write `_` or `_{name}` in its place")),
        };
        let message = match uses.written[number] {
            true => format!("the {what} `{name}` is set, but never read"),
            false => format!("the {what} `{name}` is never used"),
        };
        found.push(Diagnostic::warning(code, var.span, message).help(help));
    }
}

/// Top-level names that the file keeps to itself by an `export`.
fn unused_globals(subject: &Subject<'_>, uses: &Uses, found: &mut Vec<Diagnostic>) {
    let tree = subject.tree;
    if !tree.top.iter().any(|node| tree.head(*node) == Some("export")) {
        return;
    }
    let shown: FxHashSet<&str> = subject.interface.iter().map(|member| &*member.name).collect();
    for (number, global) in subject.hir.globals.iter().enumerate() {
        // Those of a module inside the file have its name and a dot.
        let is_own = global.import.is_none() && !global.name.contains('.');
        let Some(span) = global.span.filter(|_| is_own) else { continue };
        if uses.globals_read[number] || shown.contains(&*global.name) || Subject::is_exempt(&global.name) {
            continue;
        }
        let (code, what) = match global.lambda {
            Some(_) => ("unused-function", "function"),
            None => ("unused-variable", "name"),
        };
        let message = format!("the {what} `{}` is neither used nor exported", global.name);
        found.push(Diagnostic::warning(code, span, message).help("remove it, or add it to the `export`"));
    }
}

/// Names that an import binds and that occur nowhere else in the file.
fn unused_imports(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let tree = subject.tree;
    let forms: Vec<_> = tree.top.iter().filter(|node| tree.head(**node) == Some("import")).copied().collect();
    if forms.is_empty() {
        return;
    }
    let spans: Vec<Span> = forms.iter().map(|form| tree.span(*form)).collect();
    let mut used = FxHashSet::default();
    for (node, span) in tree.nodes() {
        if let Node::Symbol(sym) = node {
            let after = spans.partition_point(|form| form.start <= span.start);
            if after == 0 || spans[after - 1].end <= span.start {
                used.insert(*sym);
            }
        }
    }
    for form in forms {
        let Some(import) = import::parse(tree, form) else { continue };
        let (names, loads): (Vec<(String, Span)>, bool) = match import.binds {
            Binds::Whole(name) => (vec![(name, tree.span(import.place))], true),
            Binds::Members(nodes) => {
                let named = nodes.iter().filter_map(|node| Some((tree.symbol(*node)?, tree.span(*node))));
                (named.map(|(sym, span)| (tree.names.text(sym).to_string(), span)).collect(), false)
            }
            Binds::Nameless => (Vec::new(), true),
        };
        for (name, span) in names {
            let is_used = tree.names.find(&name).is_some_and(|sym| used.contains(&sym));
            if is_used || Subject::is_exempt(&name) {
                continue;
            }
            let diagnostic = Diagnostic::warning("unused-import", span, format!("the import `{name}` is never used"));
            found.push(diagnostic.help(match loads {
                true => format!("remove it; if it is for what the file does when it is loaded, import it `as _{name}`"),
                false => "remove it".to_owned(),
            }));
        }
    }
}

/// Declarations that look like assignments of a variable further out in the same function.
fn hidden(subject: &Subject<'_>, uses: &Uses, found: &mut Vec<Diagnostic>) {
    let hir = subject.hir;
    let mut places = uses.places.clone();
    places.values_mut().for_each(|places| places.sort_unstable());
    for (inner, outer) in &hir.hidden {
        let var = hir.var(*inner);
        let declared = matches!(uses.origins[inner.0 as usize], Origin::Variable | Origin::Function);
        let Some(declaration) = uses.declarations.get(inner).filter(|_| declared) else { continue };
        // `(var x (+ x 1))` says that it makes a new one of the old.
        let made_of = places.get(outer).is_some_and(|places| {
            let first = places.partition_point(|place| place.start < declaration.start);
            places.get(first).is_some_and(|place| place.end <= declaration.end)
        });
        if made_of || Subject::is_exempt(&var.name) {
            continue;
        }
        let name = &var.name;
        found.push(
            Diagnostic::warning(
                "shadowed-name",
                var.span,
                format!("this `{name}` hides the `{name}` of the same function"),
            )
            .label(hir.var(*outer).span, "the other one, which stays as it is")
            .help(format!("to assign that one, write `(set {name} …)`; else choose another name")),
        );
    }
}
