//! An engine: compiles sources against the prelude, and starts programs, each in a node of its own.

use crate::config::{Config, EngineKind};
use crate::documentation::{self, Documentation};
use crate::driver::Execution;
use crate::files::NoFiles;
use crate::functions::{Function, Functions, NameError};
use crate::host::MemoryHost;
use crate::library::{Library, LinkedLibrary};
use crate::report::Ending;
use iridium_bytecode::{Module, Rule, VerifiedModule};
use iridium_lang::Loader;
use iridium_lang::diagnostic::{Diagnostic, render};
use iridium_lang::environment::{Environment, Mode};
use iridium_lang::source::Source;
use iridium_vm::LinkError;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Code of the message about a fault of Iridium itself.
const INTERNAL: &str = "internal";

/// Compiles and runs programs with one configuration. Programs share nothing but the engine.
#[derive(Clone)]
pub struct Engine {
    config: Config,
    /// What the hashes of all its programs depend on. That of the configuration, if it has one, fixes more than hashes.
    hash_seed: u64,
    library: Arc<Library>,
    functions: Arc<Functions>,
}

impl Engine {
    /// An engine built from a configuration.
    pub fn new(config: Config) -> Engine {
        // The standard library has no other source of random numbers than the keys of its hashes.
        let hash_seed = config.seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        Engine { config, hash_seed, library: Library::shared(), functions: Arc::default() }
    }

    /// The engine's configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn hash_seed(&self) -> u64 {
        self.hash_seed
    }

    /// What the prelude or the library says of one of its names, such as `map`, `String.split`, or `String` itself.
    pub fn documentation(&self, name: &str) -> Option<Documentation> {
        documentation::of_library(name)
    }

    /// Gives the programs that are compiled and started from now on a function of the host, by a name such as `now` or
    /// `Shop.price`. It is a closure with up to eight parameters; the types of [`FromValue`](crate::FromValue) say what
    /// the program may give it, those of [`IntoValue`](crate::IntoValue) what it may return. Clones of the engine made
    /// before do not have it.
    ///
    /// ```
    /// use iridium::{Engine, HostError};
    ///
    /// let mut engine = Engine::default();
    /// engine.register("Shop.price", |item: String, count: i64| match item.as_str() {
    ///     "tea" => Ok(count as f64 * 3.5),
    ///     _ => Err(HostError::new("no-such-item", format!("the shop has no {item}"))),
    /// })?;
    /// assert_eq!(engine.eval("(Shop.price \"tea\" 2)").as_deref(), Ok("7.0"));
    /// assert_eq!(engine.eval("(try (Shop.price \"ink\" 1) (catch e e.kind))").as_deref(), Ok(":no-such-item"));
    /// # Ok::<(), iridium::NameError>(())
    /// ```
    ///
    /// The call cannot be interrupted, cannot call the program back, and runs on the thread that runs the program; if
    /// it panics, that ends the program with `:internal`.
    ///
    /// # Errors
    /// The name is none, or taken.
    pub fn register<Parameters>(
        &mut self,
        name: &str,
        function: impl Function<Parameters>,
    ) -> Result<&mut Engine, NameError> {
        Arc::make_mut(&mut self.functions).add(self.library.environment(), name, function)?;
        Ok(self)
    }

    /// What is in scope of a program.
    pub(crate) fn environment(&self) -> &Environment {
        self.functions.environment().unwrap_or_else(|| self.library.environment())
    }

    pub(crate) fn functions(&self) -> &Arc<Functions> {
        &self.functions
    }

    pub(crate) fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// Compiles and verifies a source that imports no files.
    ///
    /// # Errors
    /// What is wrong with the source.
    pub fn compile(&self, source: Source) -> Result<Program, Rejection> {
        self.compile_with(source, &mut NoFiles)
    }

    /// Compiles and verifies a source and the files that it imports.
    ///
    /// # Errors
    /// What is wrong with one of the sources.
    pub fn compile_with(&self, source: Source, loader: &mut dyn Loader) -> Result<Program, Rejection> {
        compile(source, self.environment(), Mode::File, loader)
    }

    /// Compiles and verifies as [`compile_with`](Engine::compile_with) does, and warns also of what is right but odd in
    /// the source: names that nothing uses, code that is never reached, values that nothing takes.
    ///
    /// # Errors
    /// What is wrong with one of the sources.
    pub fn check_with(&self, source: Source, loader: &mut dyn Loader) -> Result<Program, Rejection> {
        verify(iridium_lang::check_program(source, self.environment(), loader))
    }

    /// Verifies a module that was made by other means than [`compile`](Engine::compile).
    ///
    /// # Errors
    /// The rule that the module breaks.
    pub fn load(&self, module: Module) -> Result<Program, iridium_bytecode::Rejection> {
        let source = Source::new(module.source.clone(), "");
        let id = module.source.clone();
        let verified = VerifiedModule::new(module)?;
        Ok(Program { sources: vec![source], modules: vec![(id, verified)], warnings: Vec::new() })
    }

    /// Starts a program in a node of its own; nothing runs before [`Execution::run`].
    ///
    /// # Errors
    /// A table of the node that the program does not fit into.
    pub fn start(&self, program: &Program) -> Result<Execution, LinkError> {
        if self.config.engine == EngineKind::Stack {
            for (_, module) in &program.modules {
                let registers = module.functions().iter().find(|function| function.registers.is_some());
                if let Some(function) = registers {
                    return Err(LinkError::NoPortableCode(function.name.clone()));
                }
            }
        }
        let (mut linked, mut execution) = LinkedLibrary::new(self);
        let modules = program.modules.iter().map(|(id, module)| linked.link(id, module, None, &mut execution));
        let modules = modules.collect::<Result<_, _>>()?;
        execution.start(modules);
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
            ending => Err(ending.render(&program.sources, false)),
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
    /// The main one first.
    pub(crate) sources: Vec<Source>,
    /// By identity, each after those that it imports, the main one last.
    pub(crate) modules: Vec<(String, VerifiedModule)>,
    /// With the number of their source.
    pub(crate) warnings: Vec<(usize, Diagnostic)>,
}

impl Program {
    /// What it was compiled from: the main file first.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The code of the main file, in both forms.
    pub fn module(&self) -> &VerifiedModule {
        let (_, main) = self.modules.last().expect("a program has a main module");
        main
    }

    /// All its modules, by identity: each after those that it imports, the main one last.
    pub fn modules(&self) -> &[(String, VerifiedModule)] {
        &self.modules
    }

    /// What the compiler found odd about it, by source.
    pub fn warnings(&self) -> impl Iterator<Item = (&Source, &Diagnostic)> {
        self.warnings.iter().map(|(file, warning)| (&self.sources[*file], warning))
    }
}

/// Why a source is no program.
#[derive(Clone)]
pub struct Rejection {
    /// The sources, the main one first.
    pub sources: Vec<Source>,
    /// What is wrong, each with the number of its source; at least one is an error.
    pub diagnostics: Vec<(usize, Diagnostic)>,
}

impl Rejection {
    /// Whether a fault of Iridium itself is the reason.
    pub fn is_internal(&self) -> bool {
        self.diagnostics.iter().any(|(_, diagnostic)| diagnostic.code == INTERNAL)
    }

    /// What is wrong, by source.
    pub fn diagnostics(&self) -> impl Iterator<Item = (&Source, &Diagnostic)> {
        self.diagnostics.iter().map(|(file, diagnostic)| (&self.sources[*file], diagnostic))
    }

    /// The messages as text for people.
    pub fn render(&self, color: bool) -> String {
        render_all(self.diagnostics(), color)
    }
}

impl fmt::Display for Rejection {
    /// The messages as [`render`](Rejection::render) gives them, without colour.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl fmt::Debug for Rejection {
    /// The same: it is what a `main` that returns the error shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Rejection {}

/// Messages about several sources as text for people: each source's together.
pub fn render_all<'a>(messages: impl Iterator<Item = (&'a Source, &'a Diagnostic)>, color: bool) -> String {
    let mut out = String::new();
    let mut together: Vec<Diagnostic> = Vec::new();
    let mut messages = messages.peekable();
    while let Some((source, message)) = messages.next() {
        together.push(message.clone());
        if messages.peek().is_none_or(|(next, _)| !std::ptr::eq(*next, source)) {
            out.push_str(&render(&together, source, color));
            together.clear();
        }
    }
    out
}

/// Compiles and verifies a source and what it imports.
pub(crate) fn compile(
    source: Source,
    environment: &Environment,
    mode: Mode<'_>,
    loader: &mut dyn Loader,
) -> Result<Program, Rejection> {
    verify(iridium_lang::compile_program_as(source, environment, mode, loader))
}

/// Verifies what was compiled.
fn verify(compiled: iridium_lang::Program) -> Result<Program, Rejection> {
    let sources = compiled.sources;
    if compiled.modules.is_empty() {
        return Err(Rejection { sources, diagnostics: compiled.diagnostics });
    }
    let mut modules = Vec::with_capacity(compiled.modules.len());
    for (id, module) in compiled.modules {
        match VerifiedModule::new(module) {
            Ok(module) => modules.push((id, module)),
            Err(rejection) if passes_limit(rejection.rule) => {
                let message = format!("`{id}` is too large: {}", rejection.rule.explain());
                let diagnostic = Diagnostic::error("code-too-long", Default::default(), message)
                    .help("split the longest function into several, or the file into several modules");
                return Err(Rejection { sources, diagnostics: vec![(0, diagnostic)] });
            }
            Err(rejection) => {
                // What the compiler makes and the verifier rejects is a fault of ours, but no reason to stop the host.
                let message =
                    format!("the compiler made code that the verifier rejects, a fault of Iridium itself: {rejection}");
                let diagnostic = Diagnostic::error(INTERNAL, Default::default(), message);
                return Err(Rejection { sources, diagnostics: vec![(0, diagnostic)] });
            }
        }
    }
    Ok(Program { sources, modules, warnings: compiled.diagnostics })
}

/// Whether a rule is about how much there may be of something, which only a program of many megabytes passes.
fn passes_limit(rule: Rule) -> bool {
    use Rule::{CodeTooLong, JumpTooFar, TooManyConstants, TooManyFunctions, TooManyGlobals, TooManyLabels};
    matches!(rule, CodeTooLong | JumpTooFar | TooManyConstants | TooManyFunctions | TooManyGlobals | TooManyLabels)
}
