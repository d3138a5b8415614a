//! What is in scope beside the source itself.

use iridium_bytecode::Constant;
use rustc_hash::FxHashMap;

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
        self.entries.get(name)
    }

    /// The members of a library module, if there is one of that name.
    pub fn members(&self, module: &str) -> Option<&[String]> {
        self.modules.get(module).map(Vec::as_slice)
    }

    /// All names, dotted ones included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The names of the library's modules.
    pub fn module_names(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
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
