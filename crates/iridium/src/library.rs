//! The prelude and the standard library: which names are in scope, and the part of them that is written in Eva.

use crate::config::Config;
use crate::driver::Execution;
use iridium_bytecode::{Module, VerifiedModule};
use iridium_lang::environment::{Environment, Mode};
use iridium_lang::source::Source;
use iridium_vm::{Export, Exports, Limits, LinkError, ModuleHandle, Node, Outcome, Process, SharedGlobals};
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

/// Name of the module of the prelude's functions that are written in Eva.
const PRELUDE: &str = "prelude";

/// Its text.
pub(crate) const PRELUDE_SOURCE: &str = include_str!("../../../std/prelude.eva");

/// Reductions that the prelude's top level may take.
const PRELUDE_BUDGET: u32 = 1_000;

/// The library, compiled. It is the same in all engines of a host.
pub(crate) struct Library {
    environment: Environment,
    prelude: VerifiedModule,
}

impl Library {
    /// The library; the first call compiles it.
    pub(crate) fn shared() -> Arc<Library> {
        static SHARED: OnceLock<Arc<Library>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Library::compile())))
    }

    /// The module that defines a name in Eva, and its text.
    pub(crate) fn defining(&self, name: &str) -> Option<(&VerifiedModule, &'static str)> {
        let defines = self.prelude.globals().iter().any(|global| global.name == name);
        defines.then_some((&self.prelude, PRELUDE_SOURCE))
    }

    /// What is in scope of a program.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    fn compile() -> Library {
        let source = Source::new(PRELUDE, PRELUDE_SOURCE);
        let compiled = iridium_lang::compile(&source, &natives(|_| true), Mode::File);
        let module = compiled.module.unwrap_or_else(|| {
            panic!("{}", iridium_lang::diagnostic::render(&compiled.diagnostics, &source, false));
        });
        let mut environment = natives(|name| !is_private(name));
        for global in module.globals.iter().filter(|global| !is_private(&global.name)) {
            // A class is a value of each process; a function without captures is the same in all.
            if module.classes.iter().any(|class| class.name == global.name) {
                environment.add_imported_global(&global.name, PRELUDE);
            } else if let Some((least, most)) = arity(&module, &global.name) {
                environment.add_imported_function(&global.name, PRELUDE, least, most);
            } else {
                environment.add_import(&global.name, PRELUDE);
            }
        }
        let prelude = VerifiedModule::new(module).expect("the compiler's code is verified");
        Library { environment, prelude }
    }
}

/// How many arguments a function of a module takes, if its name is no other function's.
fn arity(module: &Module, name: &str) -> Option<(u8, Option<u8>)> {
    let mut named = module.functions.iter().filter(|function| function.name == name);
    let (function, None) = (named.next()?, named.next()) else { return None };
    let least = u8::try_from(function.required).ok()?;
    let most = u8::try_from(function.required + function.optional).ok()?;
    Some((least, (!function.rest).then_some(most)))
}

/// An environment of the native functions whose names pass.
fn natives(pass: impl Fn(&str) -> bool) -> Environment {
    let mut environment = Environment::new();
    // Not in the table: it calls, which no native does, so the machine itself knows it.
    environment.add_native("apply", 2, None);
    for native in iridium_vm::natives::TABLE.iter().filter(|native| pass(native.name)) {
        environment.add_native(native.name, native.min, native.max);
    }
    environment
}

/// Whether a name is the library's own: `%sort`, but not the operator `%`.
fn is_private(name: &str) -> bool {
    name.len() > 1 && name.starts_with('%')
}

/// A node with the library in it.
pub(crate) struct LinkedLibrary {
    node: Arc<Node>,
    exports: Exports,
    /// Identities of the modules.
    modules: HashSet<String>,
}

impl LinkedLibrary {
    /// Links the library into a new node, with a process that has run the library's top level and can run a program.
    pub(crate) fn new(library: &Library, config: &Config) -> (LinkedLibrary, Execution) {
        let node = Node::new();
        let prelude =
            node.link(&library.prelude, &Exports::default(), None).expect("a new node has room for the prelude");
        let max_heap = usize::try_from(config.max_heap).unwrap_or(usize::MAX);
        let mut process = Process::new(Arc::clone(&node), Limits::default(), config.engine.to_vm());
        process.start(&prelude);
        let outcome = process.run(PRELUDE_BUDGET);
        assert_eq!(outcome, Outcome::Done, "the library's top level only defines things");
        // The program's own limits and figures begin with the program.
        process.set_limits(Limits { max_heap });
        process.reset_stats();
        let mut linked = LinkedLibrary { node, exports: Exports::default(), modules: HashSet::new() };
        linked.export(PRELUDE, &prelude);
        for (name, global) in prelude.globals() {
            let function = process.exported_function(global);
            let key = (PRELUDE.to_owned(), name.to_owned());
            linked.exports.extend(function.map(|function| (key, Export::Function(function))));
        }
        (linked, Execution::new(process, config))
    }

    /// Makes a module part of the node, and what it defines something that later modules can import; with `shared`, its
    /// globals are those of that table.
    pub(crate) fn link(
        &mut self,
        id: &str,
        module: &VerifiedModule,
        shared: Option<&mut SharedGlobals>,
    ) -> Result<ModuleHandle, LinkError> {
        let handle = self.node.link(module, &self.exports, shared)?;
        self.export(id, &handle);
        Ok(handle)
    }

    /// The global that a name of the prelude is, if it is one and no function.
    pub(crate) fn prelude_global(&self, name: &str) -> Option<u32> {
        match self.exports.get(&(PRELUDE.to_owned(), name.to_owned())) {
            Some(Export::Global(global)) => Some(*global),
            _ => None,
        }
    }

    /// Whether a module with this identity was linked before.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.modules.contains(id)
    }

    fn export(&mut self, id: &str, module: &ModuleHandle) {
        self.modules.insert(id.to_owned());
        let export = |(name, global): (&str, u32)| ((id.to_owned(), name.to_owned()), Export::Global(global));
        self.exports.extend(module.globals().map(export));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_the_prelude_can_be_imported() {
        let library = Library::shared();
        let (linked, execution) = LinkedLibrary::new(&library, &Config::new());
        assert_eq!(execution.stats().reductions, 0);
        for global in library.prelude.globals() {
            assert!(linked.exports.contains_key(&(PRELUDE.to_owned(), global.name.clone())), "{}", global.name);
        }
        let names: Vec<&str> = library.environment.names().collect();
        assert!(
            names.contains(&"map") && names.contains(&"%") && !names.iter().any(|name| is_private(name)),
            "{names:?}"
        );
    }

    #[test]
    fn there_is_nothing_to_warn_of_in_the_prelude() {
        let checked = iridium_lang::check_program(
            Source::new(PRELUDE, PRELUDE_SOURCE),
            &natives(|_| true),
            &mut crate::files::NoFiles,
        );
        assert!(checked.diagnostics.is_empty(), "{}", checked.render(false));
    }

    #[test]
    fn the_library_fits_into_the_smallest_heap() {
        let (_, execution) = LinkedLibrary::new(&Library::shared(), &Config::new().max_heap(0));
        assert!(execution.stats().heap_peak < 1 << 16, "{:?}", execution.stats());
    }
}
