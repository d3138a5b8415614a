//! A program of several files: what a file imports is compiled before it, each file once.

use crate::Lints;
use crate::diagnostic::{Diagnostic, render};
use crate::environment::{Environment, LIBRARY, Mode};
use crate::import::{self, Import, Imported, Imports, Member};
use crate::reader;
use crate::source::Source;
use crate::syntax::NodeId;
use iridium_bytecode::Module;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Files of the largest program.
pub const MAX_FILES: usize = 10_000;

/// Files on the longest way from one that imports to one that is imported.
pub const MAX_CHAIN: usize = 500;

/// Finds the files that a program imports.
pub trait Loader {
    /// The file that `wanted` means in the file with the identity `importer`.
    ///
    /// A name is searched as the language says: beside the importing file, then on the module path. What is not found
    /// and names a module of the environment's library is that one; the loader need not know it.
    ///
    /// # Errors
    /// A sentence without a full stop that says why there is none.
    fn load(&mut self, importer: &str, wanted: &Import) -> Result<Loaded, String>;
}

/// A file that was found.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its identity, the same for all ways to name it, such as the resolved path.
    pub id: String,
    /// Its text.
    pub source: Source,
}

/// What compiling a program gave.
#[derive(Debug, Default)]
pub struct Program {
    /// The modules by identity, each after those that it imports, the main one last. Without an error all are there;
    /// else there is none.
    pub modules: Vec<(String, Module)>,
    /// The sources of all files, the main one first.
    pub sources: Vec<Source>,
    /// Errors and warnings, each with the number of its source; those of an imported file before those of its importer.
    pub diagnostics: Vec<(usize, Diagnostic)>,
}

impl Program {
    /// Whether it can run.
    pub fn is_right(&self) -> bool {
        !self.diagnostics.iter().any(|(_, diagnostic)| diagnostic.is_error())
    }

    /// The messages as text for people, each with the excerpt of its file.
    pub fn render(&self, color: bool) -> String {
        let mut out = String::new();
        let mut at = 0;
        while let Some((file, _)) = self.diagnostics.get(at) {
            let same = self.diagnostics[at..].iter().take_while(|(other, _)| other == file);
            let together: Vec<Diagnostic> = same.map(|(_, diagnostic)| diagnostic.clone()).collect();
            at += together.len();
            out.push_str(&render(&together, &self.sources[*file], color));
        }
        out
    }
}

/// Compiles a file and all that it imports. The main file's identity is its source's name.
///
/// At run time an import does nothing: whoever runs the program runs function 0 of each module once, in their order.
pub fn compile_program(main: Source, environment: &Environment, loader: &mut dyn Loader) -> Program {
    compile_program_as(main, environment, Mode::File, loader)
}

/// The same for a main source that may be an input of a REPL. What it imports are files; those that an earlier input
/// imported are compiled again, and need not be run again.
pub fn compile_program_as(main: Source, environment: &Environment, mode: Mode<'_>, loader: &mut dyn Loader) -> Program {
    drive(main, environment, mode, loader, Lints::Off)
}

/// Compiles a file and all that it imports, and warns also of what is right but odd in the main file.
pub fn check_program(main: Source, environment: &Environment, loader: &mut dyn Loader) -> Program {
    drive(main, environment, Mode::File, loader, Lints::On)
}

fn drive(main: Source, environment: &Environment, mode: Mode<'_>, loader: &mut dyn Loader, lints: Lints) -> Program {
    let mut driver = Driver {
        environment,
        loader,
        program: Program::default(),
        files: Vec::new(),
        by_id: FxHashMap::default(),
        open: Vec::new(),
    };
    let id: Rc<str> = main.name().into();
    driver.file(id, main, mode, lints);
    let mut program = driver.program;
    if !program.is_right() {
        program.modules.clear();
    }
    program
}

/// A file that was met.
struct File {
    id: Rc<str>,
    /// What it shows, when it is compiled without an error.
    interface: Option<Rc<[Member]>>,
    complete: bool,
}

struct Driver<'a> {
    environment: &'a Environment,
    loader: &'a mut dyn Loader,
    program: Program,
    /// By the number of their source.
    files: Vec<File>,
    by_id: FxHashMap<Rc<str>, usize>,
    /// Those whose imports are being compiled, outermost first.
    open: Vec<usize>,
}

impl Driver<'_> {
    /// Compiles a file that was not met before; gives its number.
    fn file(&mut self, id: Rc<str>, source: Source, mode: Mode<'_>, lints: Lints) -> usize {
        let number = self.files.len();
        self.by_id.insert(id.clone(), number);
        self.files.push(File { id: id.clone(), interface: None, complete: false });
        self.program.sources.push(source.clone());
        self.open.push(number);
        let reading = reader::read(&source);
        let mut imports = Imports::default();
        let mut problems = Vec::new();
        if crate::is_whole(&reading.diagnostics) {
            for node in &reading.tree.top {
                if reading.tree.head(*node) == Some("import") {
                    self.import(number, &reading, *node, &mut imports, &mut problems);
                }
            }
        }
        self.open.pop();
        let (compiled, interface) = crate::compile_tree(&source, reading, self.environment, mode, &imports, lints);
        let mut diagnostics = compiled.diagnostics;
        let broken = !problems.is_empty();
        diagnostics.extend(problems);
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
        self.program.diagnostics.extend(diagnostics.into_iter().map(|diagnostic| (number, diagnostic)));
        self.files[number].complete = true;
        if let (Some(mut module), false) = (compiled.module, broken) {
            module.source = id.to_string();
            self.program.modules.push((id.to_string(), module));
            self.files[number].interface = interface;
        }
        number
    }

    /// Finds and compiles what an `import` form asks for.
    fn import(
        &mut self,
        importer: usize,
        reading: &reader::Reading,
        node: NodeId,
        imports: &mut Imports,
        problems: &mut Vec<Diagnostic>,
    ) {
        let Some(form) = import::parse(&reading.tree, node) else { return };
        let span = reading.tree.span(form.place);
        let wanted = &form.wanted;
        let mut fail = |diagnostic: Diagnostic| {
            problems.push(diagnostic);
            Imported::Broken
        };
        let importer_id = self.files[importer].id.clone();
        let found = match self.loader.load(&importer_id, wanted) {
            Err(why) => match wanted {
                Import::Name(names) if names.len() == 1 && self.environment.has_module(&names[0]) => {
                    Imported::Library(names[0].clone())
                }
                Import::Name(names) if self.environment.get(&names.join(".")).is_some() => {
                    let (module, member) = (names[..names.len() - 1].join("."), &names[names.len() - 1]);
                    let message = format!("`{member}` is no module, but a member of the library's `{module}`");
                    fail(Diagnostic::error("import-not-found", span, message).help(format!(
                        "import it by `(import ({member}) {module})`, or use `{wanted}` without an import"
                    )))
                }
                _ => fail(
                    Diagnostic::error("import-not-found", span, format!("`{wanted}` cannot be imported: {why}")).help(
                        match wanted {
                            Import::Path(_) => "a path is relative to the file that imports it",
                            Import::Name(_) => "`M` is searched as `M.eva`, `M.N` as `M/N.eva`",
                        },
                    ),
                ),
            },
            Ok(loaded) => {
                // A file that is called like a module of the library is another.
                let own = loaded.id.starts_with(LIBRARY);
                let id: Rc<str> = if own { format!("./{}", loaded.id).into() } else { loaded.id.into() };
                let number = match self.by_id.get(&id) {
                    Some(number) => *number,
                    None if self.files.len() >= MAX_FILES || self.open.len() >= MAX_CHAIN => {
                        let why = match self.files.len() >= MAX_FILES {
                            true => format!("a program has at most {MAX_FILES} files"),
                            false => format!("at most {MAX_CHAIN} files import each other in turn"),
                        };
                        let message = format!("`{wanted}` cannot be imported: {why}");
                        imports.insert(node, fail(Diagnostic::error("too-many-files", span, message)));
                        return;
                    }
                    None => {
                        let source = loaded.source;
                        stacker::maybe_grow(96 << 10, 1 << 20, || self.file(id.clone(), source, Mode::File, Lints::Off))
                    }
                };
                match &self.files[number] {
                    File { interface: Some(interface), .. } => Imported::File(id, interface.clone()),
                    File { complete: true, .. } => {
                        let message = format!("`{wanted}` cannot be imported, because it has errors of its own");
                        fail(Diagnostic::error("broken-import", span, message))
                    }
                    File { complete: false, .. } => fail(
                        Diagnostic::error(
                            "import-cycle",
                            span,
                            format!("files import each other: {}", self.cycle(number)),
                        )
                        .help("move what both need into a third file"),
                    ),
                }
            }
        };
        imports.insert(node, found);
    }

    /// The names on the way from an open file to itself.
    fn cycle(&self, number: usize) -> String {
        let from = self.open.iter().position(|open| *open == number).unwrap_or(0);
        let names = self.open[from..].iter().chain([&number]).map(|open| self.program.sources[*open].name());
        names.collect::<Vec<_>>().join(" -> ")
    }
}
