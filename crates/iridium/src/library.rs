//! The prelude and the standard library: which names are in scope, and their parts that are written in Eva.
//!
//! A module of the library is compiled, verified and linked when the first program uses a name of it. What it defines
//! stands at the start of a line of its source, so that its names are known without compiling it.

use crate::driver::Execution;
use crate::engine::Engine;
use iridium_bytecode::{Constant, Module, VerifiedModule};
use iridium_lang::environment::{Environment, LIBRARY, Mode};
use iridium_lang::source::Source;
use iridium_vm::natives::{APPLY, TABLE};
use iridium_vm::{Export, Exports, Limits, LinkError, ModuleHandle, Node, Process, SharedGlobals, Value};
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

/// What every program has.
const ALWAYS: &str = "error";

/// What a program has whose classes define a method of [`ASKED`].
const WITH_CLASSES: &str = "classes";

/// The methods that natives must ask classes for.
const ASKED: [&str; 11] = ["equals?", "hash", "str", "iterate", "<", "<=", ">", ">=", "+", "-", "*"];

/// The module whose functions give what natives cannot walk over: they must ask, as for an instance.
const WITH_FILES: &str = "File";

/// The parts of the library by name. The names in those that begin with a small letter are in scope as they are, those
/// of the others behind the module's name.
pub(crate) const SOURCES: &[(&str, &str)] = &[
    (ALWAYS, include_str!("../../../std/error.eva")),
    ("prelude", include_str!("../../../std/prelude.eva")),
    (WITH_CLASSES, include_str!("../../../std/classes.eva")),
    ("processes", include_str!("../../../std/processes.eva")),
    ("Bytes", include_str!("../../../std/Bytes.eva")),
    ("File", include_str!("../../../std/File.eva")),
    ("List", include_str!("../../../std/List.eva")),
    ("Map", include_str!("../../../std/Map.eva")),
    ("Math", include_str!("../../../std/Math.eva")),
    ("Node", include_str!("../../../std/Node.eva")),
    ("Os", include_str!("../../../std/Os.eva")),
    ("Server", include_str!("../../../std/Server.eva")),
    ("String", include_str!("../../../std/String.eva")),
    ("Supervisor", include_str!("../../../std/Supervisor.eva")),
    ("Task", include_str!("../../../std/Task.eva")),
    ("Time", include_str!("../../../std/Time.eva")),
];

/// The modules of the library, as far as they were needed so far. They are the same in all engines of a host.
pub(crate) struct Library {
    environment: Environment,
    /// What the library's own modules have in scope.
    inside: OnceLock<Environment>,
    /// By the number of their source.
    modules: Vec<OnceLock<LibraryModule>>,
}

struct LibraryModule {
    module: VerifiedModule,
    /// Numbers of the modules that have to be there before it.
    needs: Vec<usize>,
}

impl Library {
    /// The library.
    pub(crate) fn shared() -> Arc<Library> {
        static SHARED: OnceLock<Arc<Library>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| {
            let modules = SOURCES.iter().map(|_| OnceLock::new()).collect();
            Arc::new(Library { environment: environment(|name| !is_private(name)), inside: OnceLock::new(), modules })
        }))
    }

    /// The module that defines a name in Eva, dotted or not, its text, and the name in it.
    pub(crate) fn defining<'n>(&self, name: &'n str) -> Option<(&VerifiedModule, &'static str, &'n str)> {
        let number = |module: &str| {
            SOURCES.iter().position(|(known, text)| {
                let shown = if module.is_empty() { is_in_scope(known) } else { *known == module };
                let local = name.rsplit_once('.').map_or(name, |(_, local)| local);
                shown && definitions(text).any(|(form, defined)| defined == local && form != "const")
            })
        };
        let (module, local) = name.rsplit_once('.').unwrap_or(("", name));
        let number = number(module)?;
        Some((&self.module(number).module, SOURCES[number].1, local))
    }

    /// What is in scope of a program.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The module with a number; the first call compiles it.
    fn module(&self, number: usize) -> &LibraryModule {
        self.modules[number].get_or_init(|| {
            let (name, text) = SOURCES[number];
            let source = Source::new(format!("std/{name}.eva"), text);
            let compiled = if name == ALWAYS {
                // It needs nothing else, and no program waits until it has more.
                iridium_lang::compile(&source, &private_natives(), Mode::File)
            } else {
                iridium_lang::compile(&source, self.inside.get_or_init(|| environment(|_| true)), Mode::File)
            };
            let module = compiled.module.unwrap_or_else(|| {
                panic!("{}", iridium_lang::diagnostic::render(&compiled.diagnostics, &source, false));
            });
            let needs = needs(&module);
            LibraryModule { module: VerifiedModule::new(module).expect("the compiler's code is verified"), needs }
        })
    }
}

/// Numbers of the modules of the library that a module imports from, or must have because of its classes.
fn needs(module: &Module) -> Vec<usize> {
    let constants = module.constants.iter().filter_map(|constant| match constant {
        Constant::Import { module, .. } => Some(module),
        _ => None,
    });
    let globals = module.globals.iter().filter_map(|global| global.import.as_ref());
    let imported = constants.chain(globals).filter_map(|id| id.strip_prefix(LIBRARY));
    let asked = module.classes.iter().flat_map(|class| &class.methods).any(|method| ASKED.contains(&method.as_str()))
        || module.constants.iter().any(|constant| {
            matches!(constant, Constant::Native(name) if name.split_once('.').is_some_and(|(of, _)| of == WITH_FILES))
        });
    let mut needs: Vec<usize> = imported.chain(asked.then_some(WITH_CLASSES)).filter_map(number).collect();
    needs.sort_unstable();
    needs.dedup();
    needs
}

/// The number of the source with this name.
fn number(name: &str) -> Option<usize> {
    SOURCES.iter().position(|(known, _)| *known == name)
}

/// An environment of the names that pass: native functions, what the sources define, the modules.
fn environment(pass: impl Fn(&str) -> bool) -> Environment {
    let mut environment = Environment::new();
    environment.add_native(APPLY.0, 2, None);
    for native in TABLE.iter().filter(|native| pass(native.name) && !native.name.contains('.')) {
        environment.add_native(native.name, native.min, native.max);
    }
    for (module, text) in SOURCES {
        if is_in_scope(module) {
            for definition in definition_lines(text).filter(|(_, name, _)| pass(name)) {
                add(&mut environment, definition, definition.1, module);
            }
        } else {
            environment.add_module(module, members);
            // The value of such a module's name is its class.
            if let Some(class) = definition_lines(text).find(|(form, name, _)| is_class_of_module(form, name, module)) {
                add(&mut environment, class, module, module);
            }
        }
    }
    environment
}

/// Whether a module of the library defines a class of its own name: programs inherit from that, and its members are the
/// module's.
pub(crate) fn is_class_of_module(form: &str, name: &str, module: &str) -> bool {
    form == "class" && name == module
}

/// An environment of the natives that are the library's own, and the two others that [`ALWAYS`] uses.
fn private_natives() -> Environment {
    let mut environment = Environment::new();
    for native in TABLE.iter().filter(|native| is_private(native.name) || matches!(native.name, "is?" | "error")) {
        environment.add_native(native.name, native.min, native.max);
    }
    environment
}

/// What a module shows: its natives, and what its source defines.
fn members(module: &str) -> Environment {
    let mut environment = Environment::new();
    let prefix = format!("{module}.");
    for native in TABLE.iter().filter(|native| native.name.starts_with(&prefix)) {
        environment.add_native(native.name, native.min, native.max);
    }
    let text = number(module).map_or("", |number| SOURCES[number].1);
    let shown = |(form, name, _): &(&str, &str, &str)| !is_private(name) && !is_class_of_module(form, name, module);
    for definition in definition_lines(text).filter(shown) {
        let name = format!("{prefix}{}", definition.1);
        // A native needs no module to be linked.
        if environment.get(&name).is_none() {
            add(&mut environment, definition, &name, module);
        }
    }
    environment
}

/// Adds what a line of a module of the library defines.
fn add(environment: &mut Environment, (form, _, rest): (&str, &str, &str), name: &str, module: &str) {
    let id = format!("{LIBRARY}{module}");
    match (form, arity(rest)) {
        // A function without captures is the same value everywhere; else it is one of each process.
        ("def", Some((least, most))) => environment.add_imported_function(name, &id, least, most),
        ("def", None) => environment.add_import(name, &id),
        _ => environment.add_imported_global(name, &id),
    }
}

/// How many arguments a function takes, by the parameters that follow its name on the line.
fn arity(rest: &str) -> Option<(u8, Option<u8>)> {
    let (mut required, mut optional, mut depth) = (0, 0, 0);
    for word in rest.trim_start().strip_prefix('(')?.split_inclusive([' ', ')']) {
        if depth == 0 && word.starts_with("...") {
            return Some((required, None));
        }
        match word.as_bytes() {
            [b')'] | [b' '] if depth == 0 => {}
            [b'(', ..] if depth == 0 => optional += 1,
            _ if depth == 0 => required += 1,
            _ => {}
        }
        depth += word.matches('(').count();
        let closed = word.matches(')').count();
        if closed > depth {
            return Some((required, Some(required + optional)));
        }
        depth -= closed;
    }
    None
}

/// Whether what a source defines is in scope without the source's name before it.
pub(crate) fn is_in_scope(source: &str) -> bool {
    source.starts_with(|first: char| first.is_ascii_lowercase())
}

/// What a source of the library defines: the form, and the name.
pub(crate) fn definitions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    definition_lines(text).map(|(form, name, _)| (form, name))
}

/// The definitions of a source, each of which begins a line: the form, the name, and the rest of the line.
fn definition_lines(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    text.lines().filter_map(|line| {
        let (form, rest) = line.strip_prefix('(')?.split_once(' ')?;
        let end = rest.find([' ', ')']).unwrap_or(rest.len());
        matches!(form, "def" | "class" | "const").then_some((form, &rest[..end], &rest[end..]))
    })
}

/// Whether a name is the library's own: `%sort`, but not the operator `%`.
pub(crate) fn is_private(name: &str) -> bool {
    name.len() > 1 && name.starts_with('%')
}

/// A node with those parts of the library in it that its programs need.
pub(crate) struct LinkedLibrary {
    library: Arc<Library>,
    node: Arc<Node>,
    exports: Exports,
    /// Identities of the modules.
    modules: HashSet<String>,
}

impl LinkedLibrary {
    /// A new node, and a process that can run a program in it.
    pub(crate) fn new(engine: &Engine) -> (LinkedLibrary, Execution) {
        let node = Node::with_functions(engine.functions().signatures(), Some(engine.hash_seed()));
        let process = Process::new(Arc::clone(&node), Limits::default(), engine.config().engine.to_vm());
        let library = Arc::clone(engine.library());
        let mut linked = LinkedLibrary { library, node, exports: Exports::default(), modules: HashSet::new() };
        let mut execution = Execution::new(process, engine.config(), engine.functions());
        let always = number(ALWAYS).expect("it is in the table");
        linked.require(always, &mut execution).expect("a new node has room for it");
        (linked, execution)
    }

    /// Links a module of the library and those that it needs, unless they are there, and runs their top levels.
    fn require(&mut self, number: usize, execution: &mut Execution) -> Result<(), LinkError> {
        let id = format!("{LIBRARY}{}", SOURCES[number].0);
        if self.has(&id) {
            return Ok(());
        }
        let library = Arc::clone(&self.library);
        let LibraryModule { module, needs } = library.module(number);
        // They need each other in no circle: each defines things that were compiled after what it uses.
        for need in needs.iter().filter(|need| **need != number) {
            self.require(*need, execution)?;
        }
        let handle = self.node.link_library(module, &self.exports)?;
        execution.define(&handle);
        self.export(&id, &handle, |global| execution.exported_function(global));
        Ok(())
    }

    /// Makes a module part of the node, after what it needs of the library, and what it defines something that later
    /// modules can import; with `shared`, its globals are those of that table.
    pub(crate) fn link(
        &mut self,
        id: &str,
        module: &VerifiedModule,
        shared: Option<&mut SharedGlobals>,
        execution: &mut Execution,
    ) -> Result<ModuleHandle, LinkError> {
        for number in needs(module.module()) {
            self.require(number, execution)?;
        }
        let handle = self.node.link(module, &self.exports, shared)?;
        self.export(id, &handle, |_| None);
        Ok(handle)
    }

    /// The global that a name of the prelude is, if it is one and no function.
    pub(crate) fn prelude_global(&self, name: &str) -> Option<u32> {
        let modules = SOURCES.iter().filter(|(module, _)| is_in_scope(module));
        modules.into_iter().find_map(|(module, _)| {
            let export = self.exports.get(&(format!("{LIBRARY}{module}"), name.to_owned()))?;
            export.function.is_none().then_some(export.global)
        })
    }

    /// Whether a module with this identity was linked before.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.modules.contains(id)
    }

    fn export(&mut self, id: &str, module: &ModuleHandle, function: impl Fn(u32) -> Option<Value>) {
        self.modules.insert(id.to_owned());
        self.exports.extend(
            module.globals().map(|(name, global)| {
                ((id.to_owned(), name.to_owned()), Export { global, function: function(global) })
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_of_the_library_can_be_used() {
        let library = Library::shared();
        let (mut linked, mut execution) = LinkedLibrary::new(&Engine::default());
        for (number, (name, text)) in SOURCES.iter().enumerate() {
            linked.require(number, &mut execution).expect("it fits");
            let defined: HashSet<&str> = definitions(text).map(|(_, name)| name).collect();
            let globals = library.module(number).module.globals().iter().filter(|global| global.import.is_none());
            assert_eq!(
                defined,
                globals.map(|global| global.name.as_str()).collect(),
                "{name}: definitions begin lines"
            );
            for (form, global) in definitions(text) {
                let export = linked.exports.get(&(format!("{LIBRARY}{name}"), global.to_owned()));
                let is_function = export.is_some_and(|export| export.function.is_some());
                assert!(is_function || form != "def", "{name}: {global}");
            }
        }
        assert_eq!(execution.stats().reductions, 0, "the library costs a program nothing");
    }

    #[test]
    fn what_a_program_does_not_use_is_not_there() {
        let names = |text: &str| {
            let engine = crate::Engine::default();
            let program = engine.compile(Source::new("test", text)).expect("it compiles");
            let (mut linked, mut execution) = LinkedLibrary::new(&Engine::default());
            for (id, module) in program.modules() {
                linked.link(id, module, None, &mut execution).expect("it fits");
            }
            let mut names: Vec<String> = linked.modules.into_iter().collect();
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(names("1"), "std:error test");
        assert_eq!(names("(map square [1])"), "std:error std:prelude test");
        assert_eq!(names("(class C null (def f (self) 1))"), "std:error test");
        assert_eq!(names("(class C null (def str (self) 1))"), "std:classes std:error std:prelude test");
    }

    #[test]
    fn what_is_private_is_not_in_scope() {
        let library = Library::shared();
        let names: Vec<&str> = library.environment.names().collect();
        assert!(
            names.contains(&"map") && names.contains(&"%") && !names.iter().any(|name| is_private(name)),
            "{names:?}"
        );
    }

    #[test]
    fn there_is_nothing_to_warn_of_in_the_library() {
        for (name, text) in SOURCES {
            let source = Source::new(format!("std/{name}.eva"), *text);
            let checked = iridium_lang::check_program(source, &environment(|_| true), &mut crate::files::NoFiles);
            assert!(checked.diagnostics.is_empty(), "{}", checked.render(false));
        }
    }

    #[test]
    fn arities_are_those_of_the_compiled_functions() {
        let library = Library::shared();
        for (number, (name, text)) in SOURCES.iter().enumerate() {
            let module = &library.module(number).module;
            for (_, function, rest) in definition_lines(text).filter(|(form, ..)| *form == "def") {
                let compiled = module.functions().iter().find(|compiled| compiled.name == function).expect(function);
                let most = (!compiled.rest).then_some((compiled.required + compiled.optional) as u8);
                assert_eq!(arity(rest), Some((compiled.required as u8, most)), "{name}: {function}");
            }
        }
    }

    #[test]
    fn the_library_fits_into_the_smallest_heap() {
        let (_, execution) = LinkedLibrary::new(&Engine::new(crate::Config::new().max_heap(0)));
        assert!(execution.stats().heap_peak < 1 << 16, "{:?}", execution.stats());
    }
}
