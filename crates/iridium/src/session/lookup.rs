//! What a session knows: names, members, documentation, code. Nothing here runs anything.

use super::{Defined, ImportedFile, Session};
use crate::documentation::{Documentation, of_form, of_library};
use crate::engine::{Program, Rejection};
use iridium_bytecode::{VerifiedModule, disassembly};
use iridium_lang::diagnostic::Diagnostic;
use iridium_lang::reader;
use iridium_lang::source::Source;
use iridium_lang::{FORMS, OPERATORS, definitions::Definition, nearest};
use iridium_vm::Glance;

/// Classes between one and the ancestor that defines a method.
const MAX_ANCESTORS: usize = 100;

/// What a name stands for at the top of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKind {
    /// A special form.
    Form,
    /// What an earlier input defined.
    Own,
    /// A function or value of the prelude, or an operator.
    Library,
    /// A module of the library.
    Module,
}

/// The code of something in both forms.
#[derive(Clone, Debug)]
pub struct Code {
    /// A stack machine's, which module files carry.
    pub portable: String,
    /// A register machine's, which runs.
    pub register: String,
    /// What the compiler found odd about it.
    pub warnings: Vec<(Source, Diagnostic)>,
}

impl Code {
    /// The code of those functions of a module that have a name, if there are any.
    fn of(module: &VerifiedModule, text: Option<&str>, name: &str) -> Option<Code> {
        let [portable, register] = disassembly::functions(module, text, |other| other == name)?;
        Some(Code { portable, register, warnings: Vec::new() })
    }

    fn of_program(program: &Program) -> Code {
        let warnings = program.warnings().map(|(source, warning)| (source.clone(), warning.clone())).collect();
        let text = program.text_of(program.module());
        let [portable, register] =
            disassembly::functions(program.module(), text.as_deref(), |_| true).unwrap_or_default();
        Code { portable, register, warnings }
    }
}

impl Session {
    /// What a name without a dot stands for.
    pub fn name_kind(&self, name: &str) -> Option<NameKind> {
        let environment = self.engine.environment();
        if self.live.scope.get(name).is_some() {
            Some(NameKind::Own)
        } else if FORMS.contains(&name) {
            Some(NameKind::Form)
        } else if environment.get(name).is_some() || OPERATORS.contains(&name) {
            Some(NameKind::Library)
        } else {
            environment.members(name).map(|_| NameKind::Module)
        }
    }

    /// All names without a dot that stand for something, in alphabetical order.
    pub fn names(&self) -> Vec<String> {
        let environment = self.engine.environment();
        let known = environment.names().filter(|name| !name.contains('.'));
        let words = FORMS.iter().chain(OPERATORS).chain(&["null", "true", "false"]);
        let all = self.live.scope.names().chain(known).chain(environment.module_names()).chain(words.copied());
        sorted(all.map(str::to_owned).collect())
    }

    /// What can stand after a dot behind a path of names, in alphabetical order: members of library modules, and those
    /// of what the session's names hold now.
    pub fn members(&self, path: &[&str]) -> Vec<String> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        if let Some(global) = self.global(first) {
            return sorted(self.live.execution.process().member_names(global, rest));
        }
        let members = self.engine.environment().members(first).filter(|_| rest.is_empty());
        sorted(members.unwrap_or_default().to_vec())
    }

    /// What there is to say about a name, dotted or not.
    pub fn documentation(&self, name: &str) -> Option<Documentation> {
        if let Some((definition, _)) = self.definition(name) {
            return Some(definition.into());
        }
        if let Some(definition) = self.imported(name) {
            return Some(definition.into());
        }
        let own = self.is_own(name);
        if own { None } else { of_form(name).or_else(|| of_library(name)) }
    }

    /// What a name, dotted or not, holds now; at most `limit` bytes of it are made into text.
    pub fn value_of(&self, name: &str, limit: usize) -> Option<Glance> {
        let path: Vec<&str> = name.split('.').collect();
        self.live.execution.process().global_glance(self.global(path[0])?, &path[1..], limit)
    }

    /// The known name that resembles one most.
    pub fn similar(&self, name: &str) -> Option<String> {
        let names = match name.rsplit_once('.') {
            Some((before, _)) => {
                let path: Vec<&str> = before.split('.').collect();
                self.members(&path).iter().map(|member| format!("{before}.{member}")).collect()
            }
            None => self.names(),
        };
        nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
    }

    /// The code of a function, class or module that an input, an imported file or the prelude defined, by name.
    pub fn code_of(&self, name: &str) -> Option<Code> {
        if let Some((definition, program)) = self.definition(name) {
            // Of a class or module as a whole all functions of the input are shown, methods among them.
            if !definition.members.is_empty() {
                return Some(Code { warnings: Vec::new(), ..Code::of_program(program) });
            }
            return Code::of(program.module(), program.text_of(program.module()).as_deref(), &definition.name);
        }
        if let Some((file, function)) = self.imported_function(name) {
            let (_, module) = file.program.modules().get(file.module)?;
            return Code::of(module, Some(file.source.text()), &function);
        }
        let (module, text, local) = self.engine.library().defining(name).filter(|_| !self.is_own(name))?;
        Code::of(module, Some(text), local)
    }

    /// Whether a name is a function of the host, which has no code.
    pub fn is_native(&self, name: &str) -> bool {
        !self.is_own(name) && self.engine.library().defining(name).is_none() && of_library(name).is_some()
    }

    /// The code of an input, which is not run.
    ///
    /// # Errors
    /// What is wrong with its text.
    pub fn code(&mut self, input: Source) -> Result<Code, Rejection> {
        self.compile(input).map(|program| Code::of_program(&program))
    }

    /// The syntax tree of a text, which need not make sense.
    ///
    /// # Errors
    /// What can't be read.
    pub fn syntax(&self, source: Source) -> Result<String, Rejection> {
        let reading = reader::read(&source);
        if reading.diagnostics.is_empty() {
            return Ok(reading.tree.shown(&source));
        }
        let diagnostics = reading.diagnostics.into_iter().map(|diagnostic| (0, diagnostic)).collect();
        Err(Rejection { sources: vec![source], diagnostics })
    }

    fn is_own(&self, name: &str) -> bool {
        self.live.scope.get(name.split('.').next().unwrap_or(name)).is_some()
    }

    /// The global that a name is: the session's own, or a class of the prelude.
    fn global(&self, name: &str) -> Option<u32> {
        if self.live.scope.get(name).is_some() {
            return self.live.globals.get(name).copied();
        }
        self.live.linked.prelude_global(name)
    }

    /// What an input said of a name when it defined it, and its program. A method is found by its class or by an
    /// instance.
    fn definition(&self, name: &str) -> Option<(&Definition, &Program)> {
        let Some((before, member)) = name.rsplit_once('.') else {
            return self.defined.get(name).map(|defined| (&defined.definition, &*defined.program));
        };
        let held = self.value_of(before, 0);
        let class = held.as_ref().and_then(|held| held.what.strip_prefix("an instance of "));
        let mut class = class.unwrap_or(before);
        for _ in 0..MAX_ANCESTORS {
            let Defined { definition, program } = self.defined.get(class)?;
            if let Some(found) = definition.member(member) {
                return Some((found, program));
            }
            class = definition.signature.strip_suffix(')')?.rsplit(' ').next()?;
        }
        None
    }

    /// The imported file that defines the function that a name holds, and the function's own name.
    fn imported_function(&self, name: &str) -> Option<(&ImportedFile, String)> {
        let path: Vec<&str> = name.split('.').collect();
        let origin = self.live.execution.process().function_origin(self.global(path[0])?, &path[1..]);
        let (source, function) = origin?;
        Some((self.imported.get(&source)?, function))
    }

    /// What an imported file says of the function or class that a name holds.
    fn imported(&self, name: &str) -> Option<&Definition> {
        if let Some((file, function)) = self.imported_function(name) {
            let methods = file.definitions.iter().find_map(|definition| definition.member(&function));
            return file.definitions.iter().rev().find(|definition| definition.name == function).or(methods);
        }
        let value = self.value_of(name, 0)?;
        let class = value.what.strip_prefix("class ")?;
        let definitions = self.imported.values().flat_map(|file| &file.definitions);
        let mut found = definitions.filter(|definition| definition.name == class);
        // Of several classes of one name it can't be told which it is.
        found.next().filter(|_| found.next().is_none())
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}
