//! What all processes of a node share: atoms, literals, functions.

use crate::code::{Body, Entry, end_stub};
use crate::natives;
use num_bigint::BigInt;
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, RwLock};

/// A constant that all processes share.
#[derive(Debug)]
pub enum Literal {
    /// Text and its number of code points.
    Text(Box<str>, u32),
    /// Octets.
    Bytes(Box<[u8]>),
    /// An int beyond 32 bits.
    Int(BigInt),
}

/// Atoms that a node may have: 2^20.
pub const MAX_ATOMS: usize = 1 << 20;

/// The tables that all processes share. They only grow.
pub struct Node {
    /// Replaced as a whole when a module is linked; processes hold the one of their slice.
    pub(crate) functions: RwLock<Arc<[Entry]>>,
    native_index: FxHashMap<&'static str, u32>,
    pub(crate) global_names: boxcar::Vec<Box<str>>,
    literals: boxcar::Vec<Literal>,
    atoms: boxcar::Vec<Box<str>>,
    atom_index: Mutex<FxHashMap<Box<str>, u32>>,
}

impl Node {
    /// A node without modules.
    pub fn new() -> Arc<Node> {
        let mut functions = vec![end_stub()];
        let mut native_index = FxHashMap::default();
        for native in natives::TABLE {
            native_index.insert(native.name, functions.len() as u32);
            functions.push(Entry::native(Body::Native(native)));
        }
        native_index.insert("apply", functions.len() as u32);
        functions.push(Entry::native(Body::Apply));
        let node = Node {
            functions: RwLock::new(functions.into()),
            native_index,
            global_names: boxcar::Vec::new(),
            literals: boxcar::Vec::new(),
            atoms: boxcar::Vec::new(),
            atom_index: Mutex::default(),
        };
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

    /// Number of globals of all modules.
    pub(crate) fn global_count(&self) -> usize {
        self.global_names.count()
    }

    /// Name of the global with this index.
    pub(crate) fn global_name(&self, index: usize) -> &str {
        self.global_names.get(index).map_or("?", |name| name)
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

    /// The atom of this name, made if need be; `None` when the node has as many atoms as it may.
    pub fn atom(&self, name: &str) -> Option<u32> {
        let mut index = self.atom_index.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(&known) = index.get(name) {
            return Some(known);
        }
        if index.len() >= MAX_ATOMS {
            return None;
        }
        let new = self.atoms.push(name.into()) as u32;
        index.insert(name.into(), new);
        Some(new)
    }

    /// The name of an atom, without the colon.
    ///
    /// # Panics
    /// If there is no such atom: atom values are only made by [`atom`](Self::atom).
    pub fn atom_name(&self, index: u32) -> &str {
        &self.atoms[index as usize]
    }
}
