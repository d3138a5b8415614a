//! A program in its other forms: a module file, and assembly of both kinds.

use crate::engine::{Engine, Program, Rejection};
use iridium_bytecode::assembly::{self, Assembled};
use iridium_bytecode::file::{self, FileError};
use iridium_bytecode::{Constant, Module, Rule, VerifiedModule, disassembly};
use iridium_isa::register::CACHE_WORDS;
use iridium_lang::diagnostic::Diagnostic;
use iridium_lang::source::{Source, Span};
use std::fmt::{self, Write};

/// Why a module file holds no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// Its octets are no module file.
    File(FileError),
    /// It breaks a rule of the verifier, in the module with this identity.
    Rejected(String, iridium_bytecode::Rejection),
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileFault::File(error) => error.fmt(f),
            FileFault::Rejected(module, rejection) => write!(f, "module `{module}`: {rejection}"),
        }
    }
}

impl std::error::Error for FileFault {}

impl Engine {
    /// Reads and verifies a module file.
    ///
    /// # Errors
    /// Why the octets are none, or the rule that they break.
    pub fn load_file(&self, octets: &[u8]) -> Result<Program, FileFault> {
        let mut modules = Vec::new();
        for (id, module) in file::read(octets).map_err(FileFault::File)? {
            match VerifiedModule::new(module) {
                Ok(module) => modules.push((id, module)),
                Err(rejection) => return Err(FileFault::Rejected(id, rejection)),
            }
        }
        let main = modules.last().map_or("", |(_, module)| module.source());
        Ok(Program { sources: vec![Source::new(main, "")], modules, warnings: Vec::new() })
    }

    /// Assembles and verifies a text. Where it says nothing of lines, errors show the text's own: but not with `exact`,
    /// when the program has just what is written.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn assemble(&self, source: Source, exact: bool) -> Result<Program, Rejection> {
        let reject = |source: Source, diagnostics: Vec<Diagnostic>| Rejection {
            sources: vec![source],
            diagnostics: diagnostics.into_iter().map(|diagnostic| (0, diagnostic)).collect(),
        };
        let Assembled { program, origins } = match assembly::assemble(source.text(), source.name()) {
            Ok(assembled) => assembled,
            Err(errors) => {
                let diagnostics = errors.into_iter().map(|error| {
                    let diagnostic = Diagnostic::error("assembly", span(&error.span), error.message);
                    match error.help {
                        Some(help) => diagnostic.help(help),
                        None => diagnostic,
                    }
                });
                let diagnostics = diagnostics.collect();
                return Err(reject(source, diagnostics));
            }
        };
        let mut modules = Vec::with_capacity(program.len());
        for ((id, mut module), origins) in program.into_iter().zip(origins) {
            for (function, origins) in module.functions.iter_mut().zip(&origins) {
                if function.positions.entries().is_empty() && !exact {
                    for (offset, place) in origins {
                        function.positions.push(*offset, source.position(span(place)));
                    }
                }
            }
            match VerifiedModule::new(module) {
                Ok(module) => modules.push((id, module)),
                Err(rejection) => {
                    let function = rejection.function.and_then(|function| origins.get(function as usize));
                    let place = function.and_then(|origins| {
                        let after = origins.partition_point(|(offset, _)| *offset <= rejection.offset);
                        origins.get(after.saturating_sub(1))
                    });
                    let message = format!("the verifier rejects this: {rejection}");
                    let place = place.map_or_else(Default::default, |(_, place)| span(place));
                    let mut diagnostic = Diagnostic::error("verifier", place, message);
                    if rejection.rule == Rule::NoMain {
                        diagnostic =
                            diagnostic.help("a program begins with its first function: put `main` before the others");
                    }
                    return Err(reject(source, vec![diagnostic]));
                }
            }
        }
        Ok(Program { sources: vec![source], modules, warnings: Vec::new() })
    }
}

impl Program {
    /// The program as a module file; with `strip` without lines, names of locals, and the paths of its files, which
    /// numbers stand for. `None` if it is too large for one.
    pub fn file(&self, strip: bool) -> Option<Vec<u8>> {
        let mut modules: Vec<_> =
            self.modules().iter().map(|(id, module)| (id.clone(), module.module().clone())).collect();
        if strip {
            without_paths(&mut modules);
        }
        file::write(&modules, strip)
    }

    /// The program as assembly of portable code.
    pub fn portable_code(&self) -> String {
        self.code(disassembly::portable)
    }

    /// The program as assembly of register code.
    pub fn register_code(&self) -> String {
        self.code(disassembly::registers)
    }

    /// What was checked of the program before it may run, as text for people.
    pub fn verification(&self, name: &str) -> String {
        let mut out = String::new();
        for (id, module) in self.modules() {
            let functions = module.functions();
            let written = functions.iter().filter(|function| function.registers.is_some()).count();
            let octets: usize = functions.iter().map(|function| function.code.len()).sum();
            let (mut words, mut registers, mut caches) = (0, 0, 0);
            for index in 0..functions.len() {
                let lowered = module.lowered(index);
                words += lowered.code.len();
                registers = registers.max(usize::from(lowered.frame));
                caches += lowered.caches / CACHE_WORDS;
            }
            let _ = writeln!(out, "module {id}");
            let row = |out: &mut String, what: &str, count: usize, more: &str| {
                let _ = writeln!(out, "  {what:<28}{count:>10}{more}");
            };
            row(&mut out, "constants", module.constants().len(), "");
            row(&mut out, "globals", module.globals().len(), "");
            row(&mut out, "class templates", module.classes().len(), "");
            let portable = functions.len() - written;
            row(
                &mut out,
                "functions of portable code",
                portable,
                &format!(
                    ", {octets} octets: each instruction decoded, each jump, index, operand depth and kind proved"
                ),
            );
            row(
                &mut out,
                "functions of register code",
                written,
                ": each word decoded, each register's kind known on every way to it",
            );
            row(
                &mut out,
                "words of register code",
                words,
                &format!(", in frames of at most {registers} registers, with {caches} inline caches"),
            );
        }
        let rules = iridium_bytecode::Rule::ALL.len();
        let _ = writeln!(out, "{name}: all {rules} rules hold");
        out
    }

    /// The text that a module's positions refer to, if it is at hand, with as many lines as they count.
    pub(crate) fn text_of(&self, module: &VerifiedModule) -> Option<String> {
        let source = self.sources().iter().find(|source| source.name() == module.source())?;
        Some("\n".repeat(source.lines_before() as usize) + source.text())
    }

    fn code(&self, print: fn(&str, &VerifiedModule, Option<&str>) -> String) -> String {
        let texts = self.modules().iter().map(|(id, module)| print(id, module, self.text_of(module).as_deref()));
        texts.collect::<Vec<_>>().join("\n")
    }
}

/// Names the modules of a program by their numbers, also where they name each other.
fn without_paths(modules: &mut [(String, Module)]) {
    let ids: Vec<String> = modules.iter().map(|(id, _)| id.clone()).collect();
    let number = |id: &mut String| {
        if let Some(number) = ids.iter().position(|other| other == id) {
            *id = number.to_string();
        }
    };
    for (id, module) in modules {
        number(id);
        module.source.clone_from(id);
        module.globals.iter_mut().filter_map(|global| global.import.as_mut()).for_each(number);
        for constant in &mut module.constants {
            if let Constant::Import { module, .. } = constant {
                number(module);
            }
        }
    }
}

fn span(octets: &std::ops::Range<usize>) -> Span {
    Span { start: octets.start as u32, end: octets.end as u32 }
}
