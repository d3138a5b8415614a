//! Classes and instances.
//!
//! A class is an object: its template (code, shared by all processes), an id that copies keep, its parent, its methods
//! with the inherited ones first, and its constants. An instance refers to its class and has a *shape*: the names of
//! its fields in the order in which it got them. Shapes belong to the node; one that starts from another class's root
//! is another shape, so a shape also says which methods there are, where, and which functions they are. Inline caches
//! rest on that. Shapes stand in the header: that of a class is the one that its new instances start with.
//!
//! An instance has room for some fields in itself, as many as its shape says; more are beside it. A class whose
//! instances get more gives its next ones more room.

use crate::data::{list, map};
use crate::heap::{Heap, Kind, MAX_SHAPE, NoMemory};
use crate::node::{Node, Root, well_known};
use crate::task::at_once;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use rustc_hash::FxHashMap;

/// Words of a class's payload: template, id, then values.
const TEMPLATE: usize = 0;
const ID: usize = 1;
const PARENT: usize = 2;
/// Slots of names and functions in turn, or null.
const METHODS: usize = 3;
/// A list of names and values in turn, or null.
const CONSTANTS: usize = 4;

/// Words of an instance's payload: class, then a slots object with the fields that it has no room for (in a dictionary
/// a map of all; null if there are none), then the fields.
const CLASS: usize = 0;
const MORE: usize = 1;
const FIELDS: usize = 2;

/// The shape of instances that are dictionaries.
pub(crate) const DICTIONARY: u32 = MAX_SHAPE;

/// Fields that the instances of a class have room for until one needs more.
const ROOM: usize = 4;

/// Where a property of an instance was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A field that the instance has room for, by its word.
    Field(usize),
    /// A field beside the instance, by its place there.
    Beside(usize),
    /// A method without captures: its function.
    Function(u32),
    /// A method, by its place among those of the class.
    Method(usize),
}

impl Found {
    /// Whether it is a method.
    #[inline(always)]
    pub(crate) fn is_method(self) -> bool {
        matches!(self, Found::Function(_) | Found::Method(_))
    }
}

/// What a write of a field that an instance did not have would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Added {
    /// The field's word.
    pub(crate) word: usize,
    /// The shape that the instance gets.
    pub(crate) shape: u32,
}

/// Makes a class. `parts` are the parent and the functions of the template's methods.
///
/// # Errors
/// `:type-error` when the parent is neither a class nor null; no memory.
pub(crate) fn new(heap: &mut Heap, template: u32, parts: &[Value]) -> Result<Value, Trap> {
    let parent = match parts[0] {
        Value::NULL => None,
        value => Some(heap.is(value, Kind::Class).ok_or_else(|| {
            let what = crate::ops::describe(heap, value);
            Trap::error(ErrorKind::Type, format!("the parent of a class is a class or null, not {what}"))
        })?),
    };
    let mut methods: Vec<Value> = parent.map_or_else(Vec::new, |parent| method_words(heap, parent));
    let node = std::sync::Arc::clone(heap.node());
    // A name stands once in a template, so only what is inherited is looked through.
    let inherited = methods.chunks_exact(2).enumerate().map(|(place, pair)| (pair[0].bits(), place));
    let inherited: FxHashMap<u64, usize> = inherited.collect();
    for (&name, &function) in node.template(template).methods.iter().zip(&parts[1..]) {
        match inherited.get(&Value::atom(name).bits()) {
            Some(place) => methods[2 * place + 1] = function,
            None => methods.extend([Value::atom(name), function]),
        }
    }
    let parent_root = parent.map(|parent| heap.shape(parent));
    let functions = parts[1..].iter().map(|&function| function_identity(heap, function)).collect();
    let room = parent_root.filter(|&root| root != DICTIONARY).map_or(ROOM, |root| node.shape(root).room());
    let root = node.root_shape(Root { template, parent: parent_root, functions, room });
    let class = heap.alloc(Kind::Class, 5)?;
    let slots = if methods.is_empty() { Value::NULL } else { Value::heap(heap.alloc(Kind::Slots, methods.len())?) };
    if let Some(slots) = slots.as_heap() {
        for (index, &value) in methods.iter().enumerate() {
            heap.set_value(slots, index, value);
        }
    }
    heap.set_shape(class, root);
    heap.set_word(class, TEMPLATE, u64::from(template));
    heap.set_word(class, ID, node.new_class_id());
    heap.set_value(class, PARENT, parts[0]);
    heap.set_value(class, METHODS, slots);
    heap.set_value(class, CONSTANTS, Value::NULL);
    Ok(Value::heap(class))
}

fn method_words(heap: &Heap, class: Ref) -> Vec<Value> {
    match heap.value(class, METHODS).as_heap() {
        Some(slots) => heap.payload(slots).iter().map(|&word| Value::from_bits(word)).collect(),
        None => Vec::new(),
    }
}

/// What says which function a method is, whatever it captured.
fn function_identity(heap: &Heap, method: Value) -> u64 {
    heap.is(method, Kind::Closure).map_or(method.bits(), |closure| !heap.word(closure, 0))
}

/// Words that could be touched while a class of a chain is looked at.
const WORDS_AN_ANCESTOR: usize = 4;

/// The class's name.
pub(crate) fn name(heap: &Heap, class: Ref) -> &str {
    &heap.node().template(heap.word(class, TEMPLATE) as u32).name
}

/// The parent, or null.
pub(crate) fn parent(heap: &Heap, class: Ref) -> Value {
    heap.value(class, PARENT)
}

/// Gives a class a constant.
pub(crate) fn add_constant(heap: &mut Heap, class: Value, name: u32, value: Value) -> Result<(), Trap> {
    let class = heap.own(class, Kind::Class).ok_or_else(|| {
        let what = crate::ops::describe(heap, class);
        Trap::error(ErrorKind::Type, format!("constants are given to a class, not to {what}"))
    })?;
    let constants = match heap.value(class, CONSTANTS).as_heap() {
        Some(constants) => constants,
        None => {
            let constants = list::new(heap, &[])?;
            heap.set_value(class, CONSTANTS, constants);
            constants.as_heap().ok_or(NoMemory)?
        }
    };
    let wanted = list::len(heap, constants) + 2;
    list::grow(heap, constants, wanted)?;
    list::push(heap, constants, Value::atom(name))?;
    list::push(heap, constants, value)?;
    Ok(())
}

/// How many constants a class and its ancestors have, if nothing in all of them can change: functions that captured
/// nothing, and values that cannot be changed.
pub(crate) fn fixed_constants(heap: &Heap, class: Ref) -> Option<usize> {
    let (mut count, mut at) = (0, Some(class));
    while let Some(class) = at {
        if let Some(methods) = heap.value(class, METHODS).as_heap() {
            let mut methods = heap.payload(methods).iter().map(|&word| Value::from_bits(word));
            if methods.any(|method| method.as_heap().is_some()) {
                return None;
            }
        }
        if let Some(constants) = heap.value(class, CONSTANTS).as_heap() {
            let words = list::words(heap, constants);
            count += words.len() / 2;
            let fixed = |kind| matches!(kind, Kind::Text | Kind::Bytes | Kind::Int64 | Kind::BigInt | Kind::Range);
            let mut values = words.iter().filter_map(|&word| Value::from_bits(word).as_heap());
            if !values.all(|value| fixed(heap.kind(value))) {
                return None;
            }
        }
        at = parent(heap, class).as_heap();
    }
    Some(count)
}

/// The place and function of a method that the class has or inherits.
pub(crate) fn method(heap: &Heap, class: Ref, name: u32) -> Option<(usize, Value)> {
    let slots = heap.value(class, METHODS).as_heap()?;
    let pairs = heap.payload(slots).chunks_exact(2);
    let wanted = Value::atom(name).bits();
    pairs.enumerate().find(|(_, pair)| pair[0] == wanted).map(|(place, pair)| (place, Value::from_bits(pair[1])))
}

/// A method or constant of a class, own or inherited.
pub(crate) fn member(heap: &Heap, class: Ref, name: u32) -> Option<Value> {
    if let Some((_, function)) = method(heap, class, name) {
        return Some(function);
    }
    let wanted = Value::atom(name).bits();
    let mut at = Some(class);
    while let Some(class) = at {
        heap.spend(WORDS_AN_ANCESTOR);
        if let Some(constants) = heap.value(class, CONSTANTS).as_heap() {
            let pairs = list::words(heap, constants).chunks_exact(2);
            if let Some(pair) = pairs.rev().find(|pair| pair[0] == wanted) {
                return Some(Value::from_bits(pair[1]));
            }
        }
        at = parent(heap, class).as_heap();
    }
    (name == well_known::CONSTRUCTOR).then(|| no_constructor(heap))
}

/// The names of a class's methods, and of its constants unless only those that instances have are wanted.
pub(crate) fn member_names(heap: &Heap, class: Ref, constants: bool) -> Vec<u32> {
    let mut names: Vec<u32> = method_words(heap, class).chunks_exact(2).filter_map(|pair| pair[0].as_atom()).collect();
    let mut at = Some(class).filter(|_| constants);
    while let Some(class) = at {
        if let Some(constants) = heap.value(class, CONSTANTS).as_heap() {
            let pairs = list::words(heap, constants).chunks_exact(2);
            names.extend(pairs.filter_map(|pair| Value::from_bits(pair[0]).as_atom()));
        }
        at = parent(heap, class).as_heap();
    }
    names
}

/// The names of an instance's fields.
pub(crate) fn field_names(heap: &Heap, instance: Ref) -> Vec<u32> {
    let shape = heap.shape(instance);
    if shape != DICTIONARY {
        return heap.node().shape(shape).fields().to_vec();
    }
    heap.value(instance, MORE).as_heap().map_or_else(Vec::new, |fields| map::atom_keys(heap, fields, usize::MAX))
}

/// Name of the native that is the constructor of last resort.
pub(crate) const NO_CONSTRUCTOR: &str = "%constructor";

/// The constructor of last resort: it takes the instance and does nothing.
pub(crate) fn no_constructor(heap: &Heap) -> Value {
    heap.node().native(NO_CONSTRUCTOR).map_or(Value::NULL, Value::function)
}

/// Whether `class` is the one with this id or descends from it. Classes are the same when their ids are.
pub(crate) fn descends(heap: &Heap, class: Ref, ancestor: u64) -> bool {
    let mut at = Some(class);
    while let Some(class) = at {
        heap.spend(WORDS_AN_ANCESTOR);
        if heap.word(class, ID) == ancestor {
            return true;
        }
        at = parent(heap, class).as_heap();
    }
    false
}

/// Whether two classes are one: copies of a class keep its id.
pub(crate) fn same(heap: &Heap, a: Ref, b: Ref) -> bool {
    heap.word(a, ID) == heap.word(b, ID)
}

/// What the hash of a class is made from.
pub(crate) fn id(heap: &Heap, class: Ref) -> u64 {
    heap.word(class, ID)
}

/// Where a method of a class is.
pub(crate) fn find_method(heap: &Heap, class: Ref, name: u32) -> Option<Found> {
    let (place, function) = method(heap, class, name)?;
    Some(function.as_function().map_or(Found::Method(place), Found::Function))
}

/// Makes an instance without fields.
pub(crate) fn instance(heap: &mut Heap, class: Ref) -> Result<Value, Trap> {
    let shape = heap.shape(class);
    let more = if shape == DICTIONARY { map::new(heap)? } else { Value::NULL };
    let room = if shape == DICTIONARY { 0 } else { heap.node().shape(shape).room() };
    let instance = heap.alloc(Kind::Instance, FIELDS + room)?;
    heap.payload_mut(instance).fill(Value::NULL.bits());
    heap.set_shape(instance, shape);
    heap.set_value(instance, CLASS, Value::heap(class));
    heap.set_value(instance, MORE, more);
    Ok(Value::heap(instance))
}

/// The class of an instance.
pub(crate) fn class_of(heap: &Heap, instance: Ref) -> Option<Ref> {
    heap.value(instance, CLASS).as_heap()
}

/// Where a field or method of an instance is; nothing for a dictionary's field, which has no fixed place.
pub(crate) fn find(heap: &Heap, instance: Ref, name: u32) -> Option<Found> {
    let shape = heap.shape(instance);
    if shape != DICTIONARY {
        let shape = heap.node().shape(shape);
        match shape.slot(name) {
            Some(slot) if slot < shape.room() => return Some(Found::Field(FIELDS + slot)),
            Some(slot) => return Some(Found::Beside(slot - shape.room())),
            None => {}
        }
    }
    find_method(heap, class_of(heap, instance)?, name)
}

/// The value of what was found.
#[inline(always)]
pub(crate) fn value_of(heap: &Heap, instance: Ref, found: Found) -> Option<Value> {
    match found {
        Found::Field(word) => heap.try_value(instance, word),
        Found::Beside(place) => heap.try_value(heap.try_value(instance, MORE)?.as_heap()?, place),
        Found::Function(function) => Some(Value::function(function)),
        Found::Method(place) => method_at(heap, heap.try_value(instance, CLASS)?.as_heap()?, place),
    }
}

/// The same where the instance or its class may be frozen.
fn read(heap: &Heap, instance: Ref, found: Found) -> Option<Value> {
    match found {
        Found::Field(word) => Some(heap.value(instance, word)),
        Found::Beside(place) => Some(heap.value(heap.value(instance, MORE).as_heap()?, place)),
        Found::Function(function) => Some(Value::function(function)),
        Found::Method(place) => {
            let methods = heap.value(class_of(heap, instance)?, METHODS).as_heap()?;
            Some(heap.value(methods, 2 * place + 1))
        }
    }
}

/// The method at a place of a class.
#[inline(always)]
pub(crate) fn method_at(heap: &Heap, class: Ref, place: usize) -> Option<Value> {
    heap.try_value(heap.try_value(class, METHODS)?.as_heap()?, 2 * place + 1)
}

/// The parent of a class, or nothing beyond the region.
#[inline(always)]
pub(crate) fn try_parent(heap: &Heap, class: Ref) -> Option<Ref> {
    heap.try_value(class, PARENT)?.as_heap()
}

/// A field or method of an instance, and whether it is a method.
pub(crate) fn get(heap: &Heap, instance: Ref, name: u32) -> Result<Option<(Value, bool)>, Trap> {
    if heap.shape(instance) == DICTIONARY
        && let Some(fields) = heap.value(instance, MORE).as_heap()
        && let Some(value) = map::get(heap, fields, Value::atom(name))?
    {
        return Ok(Some((value, false)));
    }
    let found = find(heap, instance, name);
    Ok(found.and_then(|found| read(heap, instance, found).map(|value| (value, found.is_method()))))
}

/// Writes a field where it was found; false where there is none.
#[inline(always)]
pub(crate) fn write_field(heap: &mut Heap, instance: Ref, found: Found, value: Value) -> bool {
    match found {
        Found::Field(word) => heap.try_set_value(instance, word, value),
        Found::Beside(place) => match heap.try_value(instance, MORE).and_then(Value::as_heap) {
            Some(fields) => heap.try_set_value(fields, place, value),
            None => false,
        },
        _ => false,
    }
}

/// Writes a field that an instance did not have, by what that did before to one of the same shape.
#[inline(always)]
pub(crate) fn write_added(heap: &mut Heap, instance: Ref, added: Added, value: Value) -> bool {
    heap.try_set_value(instance, added.word, value) && heap.set_shape(instance, added.shape)
}

/// The method of an instance's class with this name; its fields are not asked.
pub(crate) fn instance_method(heap: &Heap, value: Value, name: u32) -> Option<Value> {
    let instance = heap.is(value, Kind::Instance)?;
    method(heap, class_of(heap, instance)?, name).map(|(_, function)| function)
}

/// Sets a field; a new one gives the instance another shape. Says what that did, if the instance had room for it.
pub(crate) fn set(heap: &mut Heap, instance: Ref, name: u32, value: Value) -> Result<Option<Added>, Trap> {
    let shape = heap.shape(instance);
    if shape == DICTIONARY {
        let fields = heap.value(instance, MORE).as_heap().ok_or(NoMemory)?;
        map::put(heap, fields, Value::atom(name), value)?;
        return Ok(None);
    }
    if let Some(found @ (Found::Field(_) | Found::Beside(_))) = find(heap, instance, name) {
        write_field(heap, instance, found, value);
        return Ok(None);
    }
    let node = std::sync::Arc::clone(heap.node());
    let Some(next) = node.shape_with(shape, name) else {
        become_dictionary(heap, instance, shape, name, value, &node)?;
        return Ok(None);
    };
    let (count, room) = (node.shape(shape).len(), node.shape(shape).room());
    if count < room {
        let added = Added { word: FIELDS + count, shape: next };
        write_added(heap, instance, added, value);
        return Ok(Some(added));
    }
    add_beside(heap, instance, count - room, value)?;
    heap.set_shape(instance, next);
    if let Some(class) = class_of(heap, instance) {
        let root = heap.shape(class);
        if root != DICTIONARY && node.shape(root).room() == room {
            heap.set_shape(class, node.with_room(root, room * 2));
        }
    }
    Ok(None)
}

/// Writes a new field beside an instance, behind the `count` that are there.
fn add_beside(heap: &mut Heap, instance: Ref, count: usize, value: Value) -> Result<(), NoMemory> {
    let old = heap.value(instance, MORE).as_heap();
    let room = old.map_or(0, |fields| heap.payload(fields).len());
    let fields = match old {
        Some(fields) if count < room => fields,
        _ => {
            let new = heap.alloc(Kind::Slots, (room * 2).max(ROOM))?;
            heap.payload_mut(new).fill(Value::NULL.bits());
            if let Some(old) = old {
                heap.copy_words(old, 0, new, 0, count);
            }
            heap.set_value(instance, MORE, Value::heap(new));
            new
        }
    };
    heap.set_value(fields, count, value);
    Ok(())
}

/// An instance of too many shapes or fields keeps its fields in a map from now on.
fn become_dictionary(
    heap: &mut Heap,
    instance: Ref,
    shape: u32,
    name: u32,
    value: Value,
    node: &Node,
) -> Result<(), Trap> {
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for &field in node.shape(shape).fields() {
        let found = find(heap, instance, field).and_then(|found| value_of(heap, instance, found));
        entries.push((Value::atom(field), found.unwrap_or(Value::NULL)));
    }
    entries.push((Value::atom(name), value));
    let map = map::from_entries(heap, &entries)?;
    heap.payload_mut(instance)[FIELDS..].fill(Value::NULL.bits());
    heap.set_value(instance, MORE, map);
    heap.set_shape(instance, DICTIONARY);
    Ok(())
}

/// Whether a value is an instance of a class, or of the type that an atom names.
///
/// # Errors
/// `:type-error` when `of` is neither.
pub(crate) fn is_a(heap: &Heap, value: Value, of: Value) -> Result<bool, Trap> {
    if let Some(ancestor) = heap.is(of, Kind::Class) {
        let class = heap.is(value, Kind::Instance).and_then(|instance| class_of(heap, instance));
        return Ok(class.is_some_and(|class| descends(heap, class, heap.word(ancestor, ID))));
    }
    match of.as_atom() {
        Some(atom) => Ok(is_of_type(heap, value, heap.node().atom_name(atom))),
        None => {
            let what = crate::ops::describe(heap, of);
            Err(Trap::error(ErrorKind::Type, format!("`is?` takes a class or the atom of a type, not {what}")))
        }
    }
}

/// Whether `type` of a value gives this name; `number` is both kinds of numbers.
pub(crate) fn is_of_type(heap: &Heap, value: Value, wanted: &str) -> bool {
    let name = crate::ops::type_name(heap, value);
    wanted == name || wanted == "number" && matches!(name, "int" | "float")
}

/// The constructor of a class.
pub(crate) fn constructor(heap: &Heap, class: Ref) -> Value {
    method(heap, class, well_known::CONSTRUCTOR).map_or_else(|| no_constructor(heap), |(_, function)| function)
}

/// What to call an instance or class in a message.
pub(crate) fn name_of(heap: &Heap, value: Value) -> Option<String> {
    if let Some(instance) = heap.is(value, Kind::Instance) {
        return class_of(heap, instance).map(|class| format!("an instance of {}", name(heap, class)));
    }
    heap.is(value, Kind::Class).map(|class| format!("class {}", name(heap, class)))
}

/// A copy of an instance: the same class, fields of its own.
pub(crate) fn copy(heap: &mut Heap, instance: Ref) -> Result<Value, Trap> {
    let more = match heap.value(instance, MORE).as_heap() {
        None => Value::NULL,
        Some(fields) if heap.kind(fields) == Kind::Map => at_once(heap, |heap| map::copy(heap, fields))?,
        Some(fields) => {
            let size = heap.payload(fields).len();
            let new = heap.alloc(Kind::Slots, size)?;
            heap.copy_words(fields, 0, new, 0, size);
            Value::heap(new)
        }
    };
    let size = heap.payload(instance).len();
    let new = heap.alloc(Kind::Instance, size)?;
    heap.set_shape(new, heap.shape(instance));
    heap.copy_words(instance, 0, new, 0, size);
    heap.set_value(new, MORE, more);
    Ok(Value::heap(new))
}
