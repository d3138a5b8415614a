//! A process as seen from outside, between two programs: its result, its globals and what they hold, its heap.
//! Nothing here runs the program's code or changes a value.

use super::{END, Process};
use crate::data::{class, map};
use crate::format;
use crate::heap::Kind;
use crate::node::Literal;
use crate::ops;
use crate::value::Value;

/// Keys of a map that are looked at.
const MAX_KEYS: usize = 1_000;

/// Part of its heap limit, in per cent, that a process may hold to be fit for another program after passing it.
const FIT: u64 = 75;

/// A value at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// What it is: `a list`, `an instance of Point`.
    pub what: String,
    /// How `repr` of it begins.
    pub start: String,
    /// Whether that is all of it.
    pub whole: bool,
    /// Number of its elements, characters, bytes or entries, if it has such.
    pub length: Option<u64>,
}

impl Process {
    /// The value that the program ended with; at most `limit` bytes of it are made into text.
    pub fn result_glance(&self, limit: usize) -> Glance {
        self.glance(self.result, limit)
    }

    /// A global by node-wide index, or what is reached from it by the names of a path, if there is such a value.
    pub fn global_glance(&self, global: u32, path: &[&str], limit: usize) -> Option<Glance> {
        self.reach(global, path).map(|value| self.glance(value, limit))
    }

    /// What can stand after a dot behind a global or what is reached from it: fields and methods of an instance,
    /// methods and constants of a class, members of a module, atom keys of a map.
    pub fn member_names(&self, global: u32, path: &[&str]) -> Vec<String> {
        let heap = &self.heap;
        let atoms = match self.reach(global, path) {
            None => return Vec::new(),
            Some(value) => {
                if let Some(Literal::Module(_, members)) = heap.literal(value) {
                    members.iter().map(|(name, _)| *name).collect()
                } else if let Some(instance) = heap.is(value, Kind::Instance) {
                    let mut names = class::field_names(heap, instance);
                    names.extend(
                        class::class_of(heap, instance)
                            .into_iter()
                            .flat_map(|class| class::member_names(heap, class, false)),
                    );
                    names
                } else if let Some(class) = heap.is(value, Kind::Class) {
                    class::member_names(heap, class, true)
                } else if let Some(map) = heap.is(value, Kind::Map) {
                    map::atom_keys(heap, map, MAX_KEYS)
                } else {
                    Vec::new()
                }
            }
        };
        // Names with % are the machine's own.
        let names = atoms.into_iter().map(|atom| self.node.atom_name(atom)).filter(|name| !name.starts_with('%'));
        names.map(str::to_owned).collect()
    }

    /// The source and the name of the function that a global, or what is reached from it, is.
    pub fn function_origin(&self, global: u32, path: &[&str]) -> Option<(String, String)> {
        let value = self.reach(global, path)?;
        let index = match value.as_heap() {
            Some(at) if self.heap.kind(at) == Kind::Closure => self.heap.word(at, 0) as u32,
            _ => value.as_function()?,
        };
        let functions = self.node.functions();
        let code = functions.get(index as usize)?.eva()?;
        Some((code.module.source().to_string(), code.function().name.clone()))
    }

    /// Collects the heap now, and gives the bytes that live objects take.
    pub fn collect_now(&mut self) -> u64 {
        self.finish_collection();
        self.put_aside();
        self.collect();
        self.heap.stats().live_words * 8
    }

    /// After a program that passed the heap limit: drops all that only it held. Whether there is room for another one.
    pub fn recover(&mut self) -> bool {
        self.result = Value::NULL;
        let live = self.collect_now();
        live.saturating_mul(100) <= (self.limits.max_heap as u64).saturating_mul(FIT)
    }

    /// Leaves whatever was being run.
    fn put_aside(&mut self) {
        self.forget();
        (self.function, self.base, self.pc, self.top) = (END, 0, 0, 0);
        self.stack.fill(Value::NULL);
    }

    fn glance(&self, value: Value, limit: usize) -> Glance {
        let (start, whole) = format::repr_start(&self.heap, value, limit);
        let what = class::name_of(&self.heap, value).unwrap_or_else(|| ops::describe(&self.heap, value).to_owned());
        Glance { what, start, whole, length: ops::length(&self.heap, value) }
    }

    pub(super) fn reach(&self, global: u32, path: &[&str]) -> Option<Value> {
        let ready = |value: &Value| *value != Value::HOLE;
        let mut value = self.globals.get(global as usize).copied().filter(ready)?;
        for name in path {
            let atom = self.node.known_atom(name)?;
            let heap = &self.heap;
            value = if let Some(Literal::Module(_, members)) = heap.literal(value) {
                let (_, global) = members.iter().find(|(member, _)| *member == atom)?;
                self.globals.get(*global as usize).copied().filter(ready)?
            } else if let Some(instance) = heap.is(value, Kind::Instance) {
                class::get(heap, instance, atom).ok()??.0
            } else if let Some(class) = heap.is(value, Kind::Class) {
                class::member(heap, class, atom)?
            } else {
                map::get(heap, heap.is(value, Kind::Map)?, Value::atom(atom)).ok()??
            };
        }
        Some(value)
    }
}
