//! An engine: compiles sources against the prelude, and starts programs, each in a node of its own.

use crate::config::Config;
use crate::driver::Execution;
use crate::host::MemoryHost;
use crate::library::{Library, LinkedLibrary};
use crate::report::Ending;
use iridium_bytecode::{Module, VerifiedModule, disassembly};
use iridium_lang::diagnostic::{Diagnostic, render};
use iridium_lang::environment::Mode;
use iridium_lang::source::Source;
use iridium_vm::LinkError;
use std::fmt;
use std::sync::Arc;

/// Code of the message about a fault of Iridium itself.
const INTERNAL: &str = "internal";

/// Compiles and runs programs with one configuration. Programs share nothing but the engine.
#[derive(Clone)]
pub struct Engine {
    config: Config,
    library: Arc<Library>,
}

impl Engine {
    /// An engine built from a configuration.
    pub fn new(config: Config) -> Engine {
        Engine { config, library: Library::shared() }
    }

    /// The engine's configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn library(&self) -> Arc<Library> {
        Arc::clone(&self.library)
    }

    /// Compiles and verifies a source.
    ///
    /// # Errors
    /// What is wrong with the source.
    pub fn compile(&self, source: Source) -> Result<Program, Rejection> {
        let (module, warnings) = compile(&source, &self.library, Mode::File)?;
        Ok(Program { source, module, warnings })
    }

    /// Verifies a module that was made by other means than [`compile`](Engine::compile).
    ///
    /// # Errors
    /// The rule that the module breaks.
    pub fn load(&self, module: Module) -> Result<Program, iridium_bytecode::Rejection> {
        let source = Source::new(module.source.clone(), "");
        VerifiedModule::new(module).map(|module| Program { source, module, warnings: Vec::new() })
    }

    /// Starts a program in a node of its own; nothing runs before [`Execution::run`].
    ///
    /// # Errors
    /// A table of the node that the program does not fit into.
    pub fn start(&self, program: &Program) -> Result<Execution, LinkError> {
        let (linked, mut execution) = LinkedLibrary::new(&self.library, &self.config);
        execution.start(&linked.link(&program.module, None)?);
        Ok(execution)
    }

    /// Runs a text without input, files or arguments and gives its value as `repr` prints it.
    ///
    /// # Errors
    /// The messages of the compiler, or of the error that ended the program.
    pub fn eval(&self, text: &str) -> Result<String, String> {
        let program = self.compile(Source::new("eval", text)).map_err(|rejection| rejection.render(false))?;
        let mut execution = self.start(&program).map_err(|error| error.to_string())?;
        match execution.run(&mut MemoryHost::new()) {
            Ending::Done => execution.value(),
            ending => Err(ending.render(&[program.source], false)),
        }
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new(Config::new())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("config", &self.config).finish_non_exhaustive()
    }
}

/// A verified program that any number of executions can run.
pub struct Program {
    source: Source,
    module: VerifiedModule,
    warnings: Vec<Diagnostic>,
}

impl Program {
    /// What it was compiled from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Its code, in both forms.
    pub fn module(&self) -> &VerifiedModule {
        &self.module
    }

    /// Its portable code as text.
    pub fn portable_code(&self) -> String {
        disassembly::portable(&self.module, Some(self.source.text()))
    }

    /// Its register code as text.
    pub fn register_code(&self) -> String {
        disassembly::registers(&self.module, Some(self.source.text()))
    }

    /// What the compiler found odd about it.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// Why a source is no program.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The source.
    pub source: Source,
    /// What is wrong with it; at least one is an error.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rejection {
    /// Whether a fault of Iridium itself is the reason.
    pub fn is_internal(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.code == INTERNAL)
    }

    /// The messages as text for people.
    pub fn render(&self, color: bool) -> String {
        render(&self.diagnostics, &self.source, color)
    }
}

/// Compiles and verifies; gives the warnings too.
pub(crate) fn compile(
    source: &Source,
    library: &Library,
    mode: Mode<'_>,
) -> Result<(VerifiedModule, Vec<Diagnostic>), Rejection> {
    let compiled = iridium_lang::compile(source, library.environment(), mode);
    let reject = |diagnostics| Rejection { source: source.clone(), diagnostics };
    let Some(module) = compiled.module else { return Err(reject(compiled.diagnostics)) };
    VerifiedModule::new(module).map(|module| (module, compiled.diagnostics)).map_err(|rejection| {
        // What the compiler makes and the verifier rejects is a fault of ours, but no reason to stop the host.
        let message =
            format!("the compiler made code that the verifier rejects, a fault of Iridium itself: {rejection}");
        reject(vec![Diagnostic::error(INTERNAL, Default::default(), message)])
    })
}
