//! Globals as a process has them: its own variables, and what it has not touched yet.
//!
//! Functions, classes and what else cannot change are part of their module and the same in every process. The node
//! keeps them as the module's *image*, with what its variables were when it was loaded; a process that never got a
//! global takes it from there when it first needs it.

use super::Process;
use crate::code::ModuleHandle;
use crate::data::class;
use crate::heap::Kind;
use crate::heap::parcel::{Packer, Parcel};
use crate::reach::Reaches;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use std::sync::{Arc, OnceLock};

/// What a global is for processes that never got it.
#[derive(Clone, Debug)]
pub(crate) enum Image {
    /// This value, which is no object.
    Value(Value),
    /// A copy of this one.
    Parcel(Arc<Parcel>),
    /// A copy of this class.
    Class(Arc<ClassImage>),
}

/// A class that is the same in every process: nothing in it can change, and its methods captured nothing.
#[derive(Debug)]
pub(crate) struct ClassImage {
    id: u64,
    /// Its constants and those of its ancestors; while it is made it has not all of them.
    constants: usize,
    parcel: Parcel,
    /// The functions that it and its ancestors have.
    functions: Vec<u32>,
    /// The variables that these can touch.
    reach: OnceLock<Arc<[u32]>>,
}

impl ClassImage {
    /// The variables that the functions of the class can touch.
    pub(super) fn reach(&self, reaches: &Reaches) -> &[u32] {
        self.reach.get_or_init(|| reaches.whole(&self.functions))
    }
}

impl Process {
    /// Writes a global that the process may not have room for yet.
    pub(super) fn set_global(&mut self, index: usize, value: Value) {
        if index >= self.globals.len() {
            self.globals.resize(index + 1, Value::HOLE);
        }
        self.globals[index] = value;
    }

    /// Gives a global its first value.
    pub(crate) fn init_global(&mut self, index: usize, value: Value) {
        self.set_global(index, value);
        if self.heap.is(value, Kind::Class).is_some() {
            self.keep_image(index as u32, value);
        }
    }

    /// The value of a global that the process has not touched, which is its own from now on.
    ///
    /// # Errors
    /// `:reference-error` when its initialiser did not run, or it is a variable that the process was not given.
    #[cold]
    pub(crate) fn untouched_global(&mut self, index: usize) -> Result<Value, Trap> {
        // The first process runs the initialisers itself.
        let image = if self.was_spawned { self.image(index as u32) } else { None };
        let Some(image) = image else {
            let name = self.node.global_name(index);
            let message = if self.was_spawned {
                format!(
                    "`{name}` is a variable that this process was not given: what it was spawned with does not name it; \
                     pass its value as an argument"
                )
            } else {
                format!("`{name}` is used before its initialiser ran")
            };
            return Err(Trap::error(ErrorKind::Reference, message));
        };
        let value = match image {
            Image::Value(value) => value,
            Image::Parcel(parcel) => self.heap.unpack(&parcel)?.first().copied().unwrap_or(Value::NULL),
            Image::Class(class) => self.heap.unpack(&class.parcel)?.first().copied().unwrap_or(Value::NULL),
        };
        self.set_global(index, value);
        Ok(value)
    }

    fn image(&self, global: u32) -> Option<Image> {
        if let Some(constant) = self.node.constant(global) {
            return Some(Image::Value(constant));
        }
        // The module may have been linked since somebody looked.
        self.node.examine();
        self.node.constant(global).map(Image::Value).or_else(|| self.node.image(global))
    }

    /// What a new process need not be given, since it gets the same where it touches the global: a class.
    pub(super) fn class_image(&self, global: u32, value: Value) -> Option<Arc<ClassImage>> {
        // What the process would find itself if it touched it, those can that it starts.
        if value == Value::HOLE && self.was_spawned {
            return self.known_class(global);
        }
        let class = self.heap.is(value, Kind::Class)?;
        let known = self.known_class(global)?;
        // Where processes have different ones, they give each to theirs.
        if known.id != class::id(&self.heap, class) {
            return None;
        }
        if known.constants == class::fixed_constants(&self.heap, class)? {
            return Some(known);
        }
        self.keep_image(global, value);
        self.known_class(global)
    }

    fn known_class(&self, global: u32) -> Option<Arc<ClassImage>> {
        match self.node.image(global) {
            Some(Image::Class(known)) => Some(known),
            _ => None,
        }
    }

    /// Keeps what the globals of a module are, which has been loaded, for processes to come.
    /// Functions that nothing changes need not be kept: those of the library, for which `functions` is false.
    pub fn keep_images(&mut self, module: &ModuleHandle, functions: bool) {
        for (_, global) in module.globals() {
            let value = self.globals.get(global as usize).copied().filter(|&value| value != Value::HOLE);
            if let Some(value) = value.filter(|value| functions || value.as_function().is_none()) {
                self.keep_image(global, value);
            }
        }
        // It costs the program nothing.
        self.heap.take_spent();
    }

    fn keep_image(&self, global: u32, value: Value) {
        let image = match value.as_heap() {
            None => Some(Image::Value(value)),
            Some(at) => {
                let fixed =
                    self.heap.is(value, Kind::Class).and_then(|class| class::fixed_constants(&self.heap, class));
                let mut packer = Packer::new(&self.heap, true);
                // What is too large for a message, other processes do not get.
                packer.add(value).ok().map(|()| {
                    let functions = packer.take_functions();
                    let parcel = packer.finish();
                    match fixed {
                        Some(constants) => {
                            let id = class::id(&self.heap, at);
                            let reach = OnceLock::new();
                            Image::Class(Arc::new(ClassImage { id, constants, parcel, functions, reach }))
                        }
                        None => Image::Parcel(Arc::new(parcel)),
                    }
                })
            }
        };
        if let Some(image) = image {
            self.node.set_image(global, image);
        }
    }
}
