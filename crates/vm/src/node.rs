//! What all processes of a node share: atoms, literals, functions.

use crate::code::{Body, Entry, constant_functions, end_stub};
use crate::frozen::Frozen;
use crate::heap::MAX_SHAPE;
use crate::heap::parcel::Parcel;
use crate::natives;
use crate::process::globals::Image;
use crate::reach::Kept;
use crate::value::Value;
use foldhash::fast::FixedState;
use num_bigint::BigInt;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

/// A constant that all processes share.
#[derive(Debug)]
pub enum Literal {
    /// Text and its number of code points.
    Text(Box<str>, u32),
    /// Octets.
    Bytes(Box<[u8]>),
    /// An int beyond 32 bits.
    Int(BigInt),
    /// A module: its name, and its members with the globals that they are.
    Module(Box<str>, Vec<(u32, u32)>),
}

/// What classes are made from: their identity in the code.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) name: Box<str>,
    /// Atoms of the methods' names.
    pub(crate) methods: Vec<u32>,
}

/// The names of an instance's fields, in the order in which it got them.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The shape without fields that this one started from.
    root: u32,
    fields: Vec<u32>,
    /// Fields that an instance has room for in itself.
    room: usize,
}

impl Shape {
    /// The slot of a field.
    pub(crate) fn slot(&self, name: u32) -> Option<usize> {
        self.fields.iter().position(|&field| field == name)
    }

    /// The fields by slot.
    pub(crate) fn fields(&self) -> &[u32] {
        &self.fields
    }

    /// Number of fields.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Fields that an instance has room for in itself; the others are beside it.
    pub(crate) fn room(&self) -> usize {
        self.room
    }
}

/// Methods that make operations ask classes. While no class of the node defines one, nobody has to look.
pub(crate) struct Asked;

impl Asked {
    /// `equals?`.
    pub(crate) const EQUALS: u8 = 1;
    /// `str`.
    pub(crate) const STR: u8 = 2;
    /// `hash`.
    pub(crate) const HASH: u8 = 4;
}

/// The template of the class that errors are made of before the prelude has defined its own.
pub(crate) const ERROR_TEMPLATE: u32 = 0;

/// Shapes that a class may have; beyond, an instance becomes a dictionary.
pub const MAX_SHAPES: u32 = 64;

/// Fields that a shape may have; beyond, an instance becomes a dictionary.
pub const MAX_FIELDS: usize = 256;

/// What makes two classes' instances alike: caches take from a shape which methods there are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Root {
    /// The template.
    pub(crate) template: u32,
    /// The root shape of the parent.
    pub(crate) parent: Option<u32>,
    /// What says which functions the methods are.
    pub(crate) functions: Box<[u64]>,
    /// Fields that instances have room for in themselves.
    pub(crate) room: usize,
}

/// How shapes lead to each other.
#[derive(Default)]
struct Transitions {
    roots: FxHashMap<Root, u32>,
    with_field: FxHashMap<(u32, u32), u32>,
    shapes_of_root: FxHashMap<u32, u32>,
}

macro_rules! well_known_atoms {
    ($($NAME:ident $text:literal)*) => {
        /// Atoms that the machine itself uses. Every node has them, with the same indices.
        pub(crate) mod well_known {
            #[allow(clippy::upper_case_acronyms)]
            enum Index { $($NAME),* }
            $(#[doc = concat!("`:", $text, "`")] pub(crate) const $NAME: u32 = Index::$NAME as u32;)*
            /// Their names, by index.
            pub(crate) const NAMES: &[&str] = &[$($text),*];
        }
    };
}

well_known_atoms! {
    CONSTRUCTOR "constructor" KIND "kind" MESSAGE "message" DATA "data" STACK "stack" TRACE "%stack"
    FUNCTION "function" FILE "file" LINE "line" COLUMN "column" TAIL "tail-called"
    EQUALS "equals?" STR "str" HASH "hash" ITERATE "iterate" DONE "done"
}

/// Atoms that a node may have: 2^20.
pub const MAX_ATOMS: usize = 1 << 20;
/// Octets that the names of a node's atoms may have together: 2^26.
pub const MAX_ATOM_OCTETS: usize = 1 << 26;

/// Globals of programs that come before those of the library.
const PROGRAM_GLOBALS: u32 = 64;

/// The seed of hashes where nobody says another.
const DEFAULT_SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// Atoms by their names.
struct AtomIndex {
    by_name: HashMap<Arc<str>, u32, FixedState>,
    /// Octets of all names.
    octets: usize,
}

/// Members of a module: atoms with the globals that they are.
type Members = Vec<(u32, u32)>;

/// A function of the host. What it does the node does not know: a call of it is a request to the driver.
#[derive(Clone, Debug)]
pub struct HostFunction {
    /// Its name in Eva: `f`, or `Module.f`.
    pub name: String,
    /// Least number of arguments.
    pub min: u8,
    /// Greatest number of arguments, if there is one.
    pub max: Option<u8>,
}

/// What is known of a global.
#[derive(Default)]
struct Global {
    name: OnceLock<Box<str>>,
    /// The function that it is whatever happens.
    constant: OnceLock<Value>,
}

/// The tables that all processes share. They only grow.
pub struct Node {
    /// Replaced as a whole when a module is linked; processes hold the one of their slice.
    pub(crate) functions: RwLock<Arc<[Entry]>>,
    native_index: FxHashMap<Cow<'static, str>, u32>,
    /// What is known of globals. The first few places are for those of programs, so that the globals of a process that
    /// only has such are few words.
    globals: boxcar::Vec<Global>,
    /// How many of these places are in use.
    of_programs: AtomicU32,
    /// What globals are for processes that never got them.
    images: RwLock<FxHashMap<u32, Image>>,
    pub(crate) reach_kept: Kept,
    /// What `freeze` made.
    pub(crate) frozen: Frozen,
    /// Functions of modules whose constants are still to be found: a program without processes never needs them.
    unexamined: Mutex<Vec<Range<usize>>>,
    literals: boxcar::Vec<Literal>,
    /// Literals that are modules, by their globals: a module is one value in all files.
    module_index: Mutex<FxHashMap<Members, Vec<u32>>>,
    atoms: boxcar::Vec<Arc<str>>,
    atom_index: Mutex<AtomIndex>,
    templates: boxcar::Vec<Template>,
    shapes: boxcar::Vec<Shape>,
    transitions: Mutex<Transitions>,
    class_ids: AtomicU64,
    /// Sum of the [`Asked`] methods that some class defines.
    asked: AtomicU8,
    /// The seed of its processes' hashes.
    seed: u64,
    /// The class `Error` as the prelude made it, for processes to come.
    error_class: OnceLock<ErrorClass>,
    /// Functions of the prelude that do what a native or instruction does, by its name, where classes have to be asked.
    /// They capture nothing.
    instead: RwLock<FxHashMap<&'static str, Value>>,
}

/// The class `Error`: its id, and a copy of it.
pub(crate) struct ErrorClass {
    pub(crate) id: u64,
    pub(crate) parcel: Parcel,
}

impl Node {
    /// A node without modules, whose hashes are the same each time.
    pub fn new() -> Arc<Node> {
        Node::with_functions(&[], None)
    }

    /// A node without modules whose code can call functions of the host, and the seed of its hashes: where that is not
    /// known, nobody can say beforehand which keys have the same.
    pub fn with_functions(host: &[HostFunction], seed: Option<u64>) -> Arc<Node> {
        let seed = seed.unwrap_or(DEFAULT_SEED);
        let mut functions = vec![end_stub()];
        let mut native_index = FxHashMap::default();
        for native in natives::TABLE {
            native_index.insert(Cow::Borrowed(native.name), functions.len() as u32);
            functions.push(Entry::native(Body::Native(native)));
        }
        native_index.insert(Cow::Borrowed("apply"), functions.len() as u32);
        functions.push(Entry::native(Body::Apply));
        for (number, function) in host.iter().enumerate() {
            native_index.insert(Cow::Owned(function.name.clone()), functions.len() as u32);
            functions.push(Entry::native(Body::Host(number, Arc::new(function.clone()))));
        }
        let node = Node {
            functions: RwLock::new(functions.into()),
            native_index,
            globals: (0..PROGRAM_GLOBALS).map(|_| Global::default()).collect(),
            of_programs: AtomicU32::new(0),
            images: RwLock::default(),
            reach_kept: Kept::default(),
            frozen: Frozen::default(),
            unexamined: Mutex::default(),
            literals: boxcar::Vec::new(),
            module_index: Mutex::default(),
            atoms: boxcar::Vec::new(),
            atom_index: Mutex::new(AtomIndex { by_name: HashMap::with_hasher(FixedState::with_seed(seed)), octets: 0 }),
            templates: boxcar::Vec::new(),
            shapes: boxcar::Vec::new(),
            transitions: Mutex::default(),
            class_ids: AtomicU64::new(0),
            asked: AtomicU8::new(0),
            seed,
            error_class: OnceLock::new(),
            instead: RwLock::default(),
        };
        for name in well_known::NAMES {
            node.own_atom(name);
        }
        node.templates.push(Template { name: "Error".into(), methods: Vec::new() });
        // The first literals are the ASCII strings of one character and the empty one, so that those never allocate.
        for byte in 0..128u8 {
            node.literals.push(Literal::Text(char::from(byte).to_string().into(), 1));
        }
        node.literals.push(Literal::Text("".into(), 0));
        Arc::new(node)
    }

    /// The functions as of now.
    pub(crate) fn functions(&self) -> Arc<[Entry]> {
        Arc::clone(&self.functions.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Index of the native function with this name.
    pub(crate) fn native(&self, name: &str) -> Option<u32> {
        self.native_index.get(name).copied()
    }

    /// Name of the function with this index; empty for a `lambda`.
    pub(crate) fn function_name(&self, index: u32) -> String {
        self.functions().get(index as usize).map_or_else(String::new, |entry| entry.name().to_string())
    }

    /// Adds a class template and gives its index.
    pub(crate) fn add_template(&self, template: Template) -> u32 {
        for &method in &template.methods {
            let asked = match method {
                well_known::EQUALS => Asked::EQUALS,
                well_known::STR => Asked::STR,
                well_known::HASH => Asked::HASH,
                _ => 0,
            };
            self.asked.fetch_or(asked, Ordering::Relaxed);
        }
        self.templates.push(template) as u32
    }

    /// Whether some class defines a method of [`Asked`].
    #[inline]
    pub(crate) fn classes_define(&self, asked: u8) -> bool {
        self.asked.load(Ordering::Relaxed) & asked != 0
    }

    /// The class template with this index.
    pub(crate) fn template(&self, index: u32) -> &Template {
        &self.templates[index as usize]
    }

    /// An id that no class has yet.
    pub(crate) fn new_class_id(&self) -> u64 {
        self.class_ids.fetch_add(1, Ordering::Relaxed)
    }

    /// The shape with this index.
    pub(crate) fn shape(&self, index: u32) -> &Shape {
        &self.shapes[index as usize]
    }

    /// The shape of new instances of such classes; [`MAX_SHAPE`], which means none, when the node has too many.
    pub(crate) fn root_shape(&self, root: Root) -> u32 {
        let mut transitions = self.transitions.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(&known) = transitions.roots.get(&root) {
            return known;
        }
        let index = self.shapes.count() as u32;
        if index >= MAX_SHAPE {
            return MAX_SHAPE;
        }
        let shape = self.shapes.push(Shape { root: index, fields: Vec::new(), room: root.room }) as u32;
        transitions.roots.insert(root, shape);
        shape
    }

    /// The shape of a class's new instances when they are to have room for as many fields as `room` says, given the
    /// one until now.
    pub(crate) fn with_room(&self, shape: u32, room: usize) -> u32 {
        let known = {
            let transitions = self.transitions.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            transitions.roots.iter().find(|(_, known)| **known == shape).map(|(root, _)| root.clone())
        };
        known.map_or(shape, |root| self.root_shape(Root { room, ..root }))
    }

    /// The shape that `shape` becomes by a new field; `None` when it is one field or shape too many.
    pub(crate) fn shape_with(&self, shape: u32, field: u32) -> Option<u32> {
        let mut transitions = self.transitions.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(&next) = transitions.with_field.get(&(shape, field)) {
            return Some(next);
        }
        let Shape { root, fields, room } = self.shape(shape);
        let count = transitions.shapes_of_root.entry(*root).or_default();
        if *count >= MAX_SHAPES || fields.len() >= MAX_FIELDS || self.shapes.count() as u32 >= MAX_SHAPE {
            return None;
        }
        *count += 1;
        let fields = fields.iter().copied().chain([field]).collect();
        let next = self.shapes.push(Shape { root: *root, fields, room: *room }) as u32;
        transitions.with_field.insert((shape, field), next);
        Some(next)
    }

    /// Number of globals of all modules.
    pub(crate) fn global_count(&self) -> usize {
        self.globals.count()
    }

    /// Says that the functions of a module were linked, which are these of the node.
    pub(crate) fn examine_later(&self, functions: Range<usize>) {
        self.unexamined.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(functions);
    }

    /// What a global is for a process that never got it, if that is known.
    pub(crate) fn image(&self, global: u32) -> Option<Image> {
        self.images.read().unwrap_or_else(|poisoned| poisoned.into_inner()).get(&global).cloned()
    }

    /// The function that a global is whatever happens, as far as modules were [examined](Self::examine).
    pub(crate) fn constant(&self, global: u32) -> Option<Value> {
        self.globals.get(global as usize)?.constant.get().copied()
    }

    /// Finds the constants of the modules that were linked since this was last done.
    pub(crate) fn examine(&self) {
        // The lock is held until all are found: nobody is to look before.
        let mut unexamined = self.unexamined.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for functions in unexamined.drain(..) {
            for (constant, function) in constant_functions(&self.functions()[functions]) {
                if let Some(global) = self.globals.get(constant as usize) {
                    global.constant.get_or_init(|| function);
                }
            }
        }
    }

    /// Says what a global is for processes that never got it.
    pub(crate) fn set_image(&self, global: u32, image: Image) {
        self.images.write().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(global, image);
    }

    /// Adds a global and gives its index.
    pub(crate) fn add_global(&self, name: &str, of_library: bool) -> usize {
        let free = |used: u32| (used < PROGRAM_GLOBALS).then_some(used + 1);
        let place =
            if of_library { Err(0) } else { self.of_programs.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free) };
        match place.ok().and_then(|place| Some((place, self.globals.get(place as usize)?))) {
            Some((place, global)) => {
                global.name.get_or_init(|| name.into());
                place as usize
            }
            None => self.globals.push(Global { name: OnceLock::from(Box::from(name)), constant: OnceLock::new() }),
        }
    }

    /// Name of the global with this index.
    pub(crate) fn global_name(&self, index: usize) -> &str {
        self.globals.get(index).and_then(|global| global.name.get()).map_or("?", |name| name)
    }

    /// The literal with this index.
    ///
    /// # Panics
    /// If there is none: literal values are only made by [`add_literal`](Self::add_literal).
    #[inline]
    pub(crate) fn literal(&self, index: u32) -> &Literal {
        &self.literals[index as usize]
    }

    /// Adds a literal and gives its index.
    pub(crate) fn add_literal(&self, literal: Literal) -> u32 {
        self.literals.push(literal) as u32
    }

    /// The literal of a module with this name and these members, made if need be.
    pub(crate) fn module_literal(&self, name: &str, members: Vec<(u32, u32)>) -> u32 {
        let mut index = self.module_index.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let of_these = index.entry(members.clone()).or_default();
        let is_it = |literal: &&u32| matches!(self.literals.get(**literal as usize), Some(Literal::Module(known, _)) if **known == *name);
        if let Some(&known) = of_these.iter().find(is_it) {
            return known;
        }
        let new = self.add_literal(Literal::Module(name.into(), members));
        of_these.push(new);
        new
    }

    /// The class `Error` of the prelude, if it was made.
    pub(crate) fn error_class(&self) -> Option<&ErrorClass> {
        self.error_class.get()
    }

    /// Says which class `Error` is, if nobody has.
    pub(crate) fn set_error_class(&self, class: ErrorClass) {
        // The first one is the prelude's.
        let _ = self.error_class.set(class);
    }

    /// The prelude's function that does what the native or instruction of this name does, asking classes.
    pub(crate) fn instead(&self, native: &str) -> Option<Value> {
        self.instead.read().unwrap_or_else(|poisoned| poisoned.into_inner()).get(native).copied()
    }

    /// Says which function does what a native or instruction does, asking classes.
    pub(crate) fn set_instead(&self, native: &'static str, function: Value) {
        self.instead.write().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(native, function);
    }

    /// The seed of hashes.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// The atom of this name, made if need be; `None` when the node has as many atoms, or octets of their names, as it
    /// may.
    pub fn atom(&self, name: &str) -> Option<u32> {
        self.atom_within(name, MAX_ATOMS, MAX_ATOM_OCTETS)
    }

    /// The atom of one of the names that the machine itself has, such as that of a type or of a kind of errors: they are
    /// few, and never one too many.
    pub fn own_atom(&self, name: &'static str) -> u32 {
        self.atom_within(name, usize::MAX, usize::MAX).expect("there is no limit")
    }

    fn atom_within(&self, name: &str, most: usize, most_octets: usize) -> Option<u32> {
        let mut index = self.atom_index.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(&known) = index.by_name.get(name) {
            return Some(known);
        }
        if index.by_name.len() >= most || index.octets.saturating_add(name.len()) > most_octets {
            return None;
        }
        index.octets += name.len();
        let name: Arc<str> = name.into();
        let new = self.atoms.push(Arc::clone(&name)) as u32;
        index.by_name.insert(name, new);
        Some(new)
    }

    /// The atom of this name, if there is one.
    pub(crate) fn known_atom(&self, name: &str) -> Option<u32> {
        let index = self.atom_index.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        index.by_name.get(name).copied()
    }

    /// The name of an atom, without the colon.
    ///
    /// # Panics
    /// If there is no such atom: atom values are only made by [`atom`](Self::atom).
    pub fn atom_name(&self, index: u32) -> &str {
        &self.atoms[index as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_atoms_have_a_limit_that_the_machine_has_not() {
        let node = Node::new();
        let half = "a".repeat(MAX_ATOM_OCTETS / 2);
        let known = node.atom(&half).expect("there is room for one");
        assert_eq!(node.atom(&format!("{half}b")), None);
        assert_eq!(node.atom(&half), Some(known));
        assert!(node.atom("b").is_some());
        let own = node.own_atom("limit-error");
        assert_eq!(node.atom("limit-error"), Some(own));
        while node.atom(&format!("{}", node.atoms.count())).is_some() {}
        assert_eq!(node.atoms.count(), MAX_ATOMS);
        let own = node.own_atom("type-error");
        assert_eq!((node.atom_name(own), node.atom("type-error")), ("type-error", Some(own)));
    }
}
