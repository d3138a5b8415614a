//! What is in scope beside the source itself.

use iridium_bytecode::Constant;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What the identities of the library's own modules begin with. No file's does: see `program`.
pub const LIBRARY: &str = "std:";

/// What a name of the environment stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What its uses compile to.
    pub constant: Constant,
    /// Whether it is a global of the module that the constant names, read when it is used.
    pub global: bool,
    /// Least and greatest number of arguments, if it is a function that says so.
    pub arity: Option<(u8, Option<u8>)>,
}

/// The prelude and the standard library, as the embedder provides them.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    entries: FxHashMap<String, Entry>,
    /// Members by the name before the dot.
    modules: FxHashMap<String, Vec<String>>,
    /// Modules whose members are found when the first of them is asked for.
    later: FxHashMap<String, Later>,
}

/// A module whose members are not known yet.
#[derive(Clone, Debug)]
struct Later {
    find: fn(&str) -> Environment,
    found: OnceLock<Box<Environment>>,
}

impl Environment {
    /// An environment with nothing but the operators, which belong to the language.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function of the host: a prelude function such as `print`, or a library function such as
    /// `String.split`. `max_args` is `None` if it takes any number.
    pub fn add_native(&mut self, name: &str, min_args: u8, max_args: Option<u8>) {
        self.add(
            name,
            Entry { constant: Constant::Native(name.to_string()), arity: Some((min_args, max_args)), global: false },
        );
    }

    /// Adds a value of the host that is no function, such as `Math.pi`.
    pub fn add_value(&mut self, name: &str) {
        self.add(name, Entry { constant: Constant::Native(name.to_string()), arity: None, global: false });
    }

    /// Adds a prelude name that the module `module` exports, because it is written in Eva. A dotted name is a library
    /// member; the exported name is then the part after the dot.
    pub fn add_import(&mut self, name: &str, module: &str) {
        self.add_from(name, module, false);
    }

    /// The same for a function whose number of arguments is known.
    pub fn add_imported_function(&mut self, name: &str, module: &str, min_args: u8, max_args: Option<u8>) {
        self.add_from(name, module, false);
        if let Some(entry) = self.entries.get_mut(name) {
            entry.arity = Some((min_args, max_args));
        }
    }

    /// Adds a prelude name that is a global of the module `module` and no function, such as a class. Its uses read that
    /// global. A dotted name is a library member, as for [`add_import`](Self::add_import).
    pub fn add_imported_global(&mut self, name: &str, module: &str) {
        self.add_from(name, module, true);
    }

    /// Adds a module of the library whose members are found when somebody asks for them: `find` gives an environment of
    /// just those, each with the module's name and a dot before it.
    pub fn add_module(&mut self, name: &str, find: fn(&str) -> Environment) {
        self.later.insert(name.to_string(), Later { find, found: OnceLock::new() });
    }

    /// The environment of a module that was added so.
    fn later(&self, module: &str) -> Option<&Environment> {
        self.later.get(module).map(|later| &**later.found.get_or_init(|| Box::new((later.find)(module))))
    }

    fn add_from(&mut self, name: &str, module: &str, global: bool) {
        let member = name.rsplit_once('.').map_or(name, |(_, member)| member);
        let constant = Constant::Import { module: module.to_string(), name: member.to_string() };
        self.add(name, Entry { constant, global, arity: None });
    }

    fn add(&mut self, name: &str, entry: Entry) {
        if let Some((module, member)) = name.split_once('.')
            && !module.is_empty()
            && !self.entries.contains_key(name)
        {
            self.modules.entry(module.to_string()).or_default().push(member.to_string());
        }
        self.entries.insert(name.to_string(), entry);
    }

    /// What a name stands for, dotted or not.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name).or_else(|| {
            let (module, _) = name.split_once('.')?;
            self.later(module)?.get(name)
        })
    }

    /// The members of a library module, if there is one of that name.
    pub fn members(&self, module: &str) -> Option<&[String]> {
        match self.modules.get(module) {
            Some(members) => Some(members),
            None => self.later(module)?.members(module),
        }
    }

    /// Whether there is a library module of that name.
    pub fn has_module(&self, module: &str) -> bool {
        self.modules.contains_key(module) || self.later.contains_key(module)
    }

    /// All names, dotted ones included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let later = self.later.keys().filter_map(|module| self.later(module));
        self.entries.keys().chain(later.flat_map(|module| module.entries.keys())).map(String::as_str)
    }

    /// The names of the library's modules.
    pub fn module_names(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().chain(self.later.keys()).map(String::as_str)
    }
}

/// The names that earlier inputs of a REPL defined.
#[derive(Clone, Debug, Default)]
pub struct ReplScope {
    names: FxHashMap<String, bool>,
}

impl ReplScope {
    /// A scope in which nothing is defined yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name, or replaces it.
    pub fn define(&mut self, name: &str, constant: bool) {
        self.names.insert(name.to_string(), constant);
    }

    /// Whether the name is a `const`, if it is defined.
    pub fn get(&self, name: &str) -> Option<bool> {
        self.names.get(name).copied()
    }

    /// The names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }
}

/// What the source is.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'a> {
    /// A file: a name that nobody defines is an error.
    File,
    /// An input of a REPL: its top-level names are globals of one live module. A name that nobody defined yet is a
    /// warning, and looked up when it is used; a name that is declared again replaces the former.
    Repl(&'a ReplScope),
}
