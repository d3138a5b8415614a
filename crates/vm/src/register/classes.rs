//! Classes, instances, properties, methods.
//!
//! A property site has an inline cache: two words, each with a shape that it saw and where the property was, the two
//! newest. Shapes are node-wide, so processes share caches.

use super::calls::{always_slow, step};
use crate::data;
use crate::data::class::{self, Added, Found};
use crate::heap::{Heap, Kind, Shaped};
use crate::machine::{Flow, Machine, Op, Step};
use crate::ops;
use crate::process::{Process, Return};
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use iridium_isa::register::Word;

/// What a site noted of the shape of an object, and where that is, if the instruction's handler has not found it to be
/// the common case of its first word.
///
/// A cache word is kind and shape in the low half and a note in the high one. The plain note is a field's word in a
/// `getp` or `setp`, a function in a `method` or `getsuper`. All others have the bit [`Shaped::RARE`] in the low half,
/// so that the handler only compares.
#[inline(always)]
fn noted<M: Machine>(machine: &M, cache: u32, object: Value) -> Option<(Ref, Noted)> {
    let (at, shaped) = machine.process().heap.shaped(object)?;
    [machine.cache(cache), machine.cache(cache + 1)].into_iter().find_map(|word| {
        let (kind, note) = (word as u32, (word >> 32) as u32);
        (kind & !Shaped::RARE == shaped.0).then_some((at, Noted { plain: kind == shaped.0, note }))
    })
}

/// The high half of a cache word, and whether it is plain.
#[derive(Clone, Copy)]
struct Noted {
    plain: bool,
    note: u32,
}

/// Kinds of notes that are not plain, in their low two bits. The rest is a word, place, function; or, where a write
/// adds a field, the shape that the instance gets and the field's word.
const FIELD: u32 = 0;
const BESIDE: u32 = 1;
const FUNCTION: u32 = 2;
const METHOD: u32 = 3;
const ADDS: u32 = FUNCTION;
const ADDED_WORD: u32 = 2;
const ADDED_SHAPE: u32 = 8;

/// Whether something found is what the plain notes of an instruction name.
type Plain = fn(Found) -> Option<u32>;

fn plain_field(found: Found) -> Option<u32> {
    if let Found::Field(word) = found { u32::try_from(word).ok() } else { None }
}

fn plain_function(found: Found) -> Option<u32> {
    if let Found::Function(function) = found { Some(function) } else { None }
}

/// The note of where a property was found, if it can be noted.
fn note(found: Found, plain: Plain) -> Option<Noted> {
    if let Some(note) = plain(found) {
        return Some(Noted { plain: true, note });
    }
    let (place, kind) = match found {
        Found::Field(word) => (word, FIELD),
        Found::Beside(place) => (place, BESIDE),
        Found::Function(function) => (function as usize, FUNCTION),
        Found::Method(place) => (place, METHOD),
    };
    let place = u32::try_from(place).ok().filter(|&place| place < 1 << 30)?;
    Some(Noted { plain: false, note: place << 2 | kind })
}

/// What a note that is not plain says.
#[inline(always)]
fn found(note: u32) -> Found {
    let place = note >> 2;
    match note & 3 {
        FIELD => Found::Field(place as usize),
        BESIDE => Found::Beside(place as usize),
        FUNCTION => Found::Function(place),
        _ => Found::Method(place as usize),
    }
}

/// The note of a write that adds a field, if it can be noted.
fn note_added(added: Added) -> Option<Noted> {
    let note = added.shape << ADDED_SHAPE | (added.word as u32) << ADDED_WORD | ADDS;
    (added.word < 1 << (ADDED_SHAPE - ADDED_WORD)).then_some(Noted { plain: false, note })
}

fn added(note: u32) -> Added {
    let word = note >> ADDED_WORD & ((1 << (ADDED_SHAPE - ADDED_WORD)) - 1);
    Added { word: word as usize, shape: note >> ADDED_SHAPE }
}

/// Notes in a site's cache what it saw of an object that had this shape.
fn remember(process: &Process, shaped: Shaped, cache: u32, noted: Option<Noted>) {
    if let Some(Noted { plain, note }) = noted.filter(|_| shaped.shape() != class::DICTIONARY) {
        let kind = if plain { shaped.0 } else { shaped.0 | Shaped::RARE };
        process.set_cache(cache, u64::from(note) << 32 | u64::from(kind));
    }
}

/// Notes where a property of an instance is.
fn remember_place(process: &Process, object: Value, name: u32, cache: u32, plain: Plain) {
    if process.heap.is(object, Kind::Instance).is_some()
        && let Some((at, shaped)) = process.heap.shaped(object)
    {
        let found = class::find(&process.heap, at, name);
        remember(process, shaped, cache, found.and_then(|found| note(found, plain)));
    }
}

/// The place of the cache of the instruction that runs: behind the first word's name.
#[inline(always)]
fn take_cache<M: Machine>(machine: &mut M) -> u32 {
    machine.take_word();
    machine.take_word().long_operand()
}

#[inline(always)]
fn set_or_slow<M: Machine>(machine: &mut M, register: u8, value: Option<Value>) -> Flow {
    match value {
        Some(value) => {
            machine.set(register, value);
            Flow::Next
        }
        None => Flow::Slow,
    }
}

/// The value of what was found at an instance, if it was.
#[inline(always)]
fn noted_value<M: Machine>(machine: &M, noted: Option<(Ref, Found)>) -> Option<Value> {
    let (at, found) = noted?;
    class::value_of(&machine.process().heap, at, found)
}

/// Name and cache of the present property instruction.
fn site(process: &Process) -> Result<(u32, u32), Trap> {
    let name = super::collections::property(process.constant(process.word_after(1).long_operand() as usize))?;
    Ok((name, process.word_after(2).long_operand()))
}

/// `getp`.
pub(crate) struct GetProp;
impl Op for GetProp {
    const WORDS: u32 = 3;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        match machine.process().heap.noted(machine.reg(word.b()), machine.cache(cache)) {
            Some(value) => {
                machine.set(word.a(), value);
                Flow::Next
            }
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        let noted = noted(machine, cache, machine.reg(word.b()));
        let found = noted
            .map(|(at, Noted { plain, note })| (at, if plain { Found::Field(note as usize) } else { found(note) }));
        let value = noted_value(machine, found);
        set_or_slow(machine, word.a(), value)
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (name, cache) = site(process)?;
        let object = process.reg(word.b());
        let (value, _) = process.property(object, name)?;
        remember_place(process, object, name, cache, plain_field);
        process.set_reg(word.a(), value);
        Ok(Step::Next)
    }
}

/// `setp`.
pub(crate) struct SetProp;
impl Op for SetProp {
    const WORDS: u32 = 3;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        let (object, cache, value) = (machine.reg(word.a()), machine.cache(cache), machine.reg(word.b()));
        match machine.process_mut().heap.noted_mut(object, cache) {
            Some(place) => {
                *place = value.bits();
                Flow::Next
            }
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        let value = machine.reg(word.b());
        let Some((at, Noted { plain, note })) = noted(machine, cache, machine.reg(word.a())) else {
            return Flow::Slow;
        };
        let heap = &mut machine.process_mut().heap;
        let done = if plain {
            class::write_field(heap, at, Found::Field(note as usize), value)
        } else if note & 3 == ADDS {
            class::write_added(heap, at, added(note), value)
        } else {
            class::write_field(heap, at, found(note), value)
        };
        if done { Flow::Next } else { Flow::Slow }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (name, cache) = site(process)?;
        let (object, value) = (process.reg(word.a()), process.reg(word.b()));
        let shaped = process.heap.shaped(object).filter(|_| process.heap.is(object, Kind::Instance).is_some());
        let Some((at, shaped)) = shaped else {
            ops::prop_set(&mut process.heap, object, name, value)?;
            return Ok(Step::Next);
        };
        let noted = match class::set(&mut process.heap, at, name, value)? {
            Some(added) => note_added(added),
            None if process.heap.shape(at) != shaped.shape() => None,
            None => class::find(&process.heap, at, name).and_then(|found| note(found, plain_field)),
        };
        remember(process, shaped, cache, noted);
        Ok(Step::Next)
    }
}

/// The function of a plain note that an object has the shape of.
#[inline(always)]
fn noted_function<M: Machine>(machine: &M, cache: u64, object: Value) -> Option<Value> {
    machine.process().heap.is_noted(object, cache).map(|_| Value::function((cache >> 32) as u32))
}

/// `method`.
pub(crate) struct Method;
impl Op for Method {
    const WORDS: u32 = 3;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        let object = machine.reg(word.b());
        match noted_function(machine, machine.cache(cache), object) {
            Some(function) => {
                machine.set(word.a(), function);
                machine.set(word.a() + 1, object);
                Flow::Next
            }
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        let object = machine.reg(word.b());
        let Some((at, Noted { plain, note })) = noted(machine, cache, object) else { return Flow::Slow };
        let found = if plain { Found::Function(note) } else { found(note) };
        match class::value_of(&machine.process().heap, at, found) {
            Some(value) => {
                machine.set(word.a(), value);
                machine.set(word.a() + 1, if found.is_method() { object } else { Value::HOLE });
                Flow::Next
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (name, cache) = site(process)?;
        let object = process.reg(word.b());
        let (value, is_method) = process.property(object, name)?;
        remember_place(process, object, name, cache, plain_function);
        process.set_reg(word.a(), value);
        process.set_reg(word.a() + 1, if is_method { object } else { Value::HOLE });
        Ok(Step::Next)
    }
}

/// `getsuper`.
pub(crate) struct SuperGet;
impl Op for SuperGet {
    const WORDS: u32 = 3;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        match noted_function(machine, machine.cache(cache), machine.reg(word.b())) {
            Some(function) => {
                machine.set(word.a(), function);
                Flow::Next
            }
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let cache = take_cache(machine);
        let Some((class, Noted { plain, note })) = noted(machine, cache, machine.reg(word.b())) else {
            return Flow::Slow;
        };
        let heap = &machine.process().heap;
        let value = match if plain { Found::Function(note) } else { found(note) } {
            Found::Function(function) => Some(Value::function(function)),
            Found::Method(place) => {
                class::try_parent(heap, class).and_then(|parent| class::method_at(heap, parent, place))
            }
            _ => None,
        };
        set_or_slow(machine, word.a(), value)
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (name, cache) = site(process)?;
        let class = process.reg(word.b());
        let value = super_member(&process.heap, class, name)?;
        // The shape of a class says which parent it has.
        if let Some((at, shaped)) = process.heap.shaped(class)
            && let Some(parent) = class::try_parent(&process.heap, at)
        {
            let found = class::find_method(&process.heap, parent, name);
            remember(process, shaped, cache, found.and_then(|found| note(found, plain_function)));
        }
        process.set_reg(word.a(), value);
        Ok(Step::Next)
    }
}

/// `callm`.
pub(crate) struct CallMethod;
impl Op for CallMethod {
    const WORDS: u32 = 1;
    const CALLS: bool = true;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        if machine.reg(word.a() + 1) == Value::HOLE {
            return Flow::Slow;
        }
        match machine.reg(word.a()).as_function() {
            Some(function) if machine.enter(word.a(), function, word.b() + 1) => machine.charge(),
            Some(_) => Flow::Slow,
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        if machine.reg(word.a() + 1) == Value::HOLE {
            return Flow::Slow;
        }
        match super::calls::function_index(machine, machine.reg(word.a())) {
            Some(function) if machine.enter(word.a(), function, word.b() + 1) => machine.charge(),
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let then = Return::plain(process.pc + 1);
        process.call_method(process.base + usize::from(word.a()), usize::from(word.b()), then).map(step)
    }
}

/// `tailm`.
pub(crate) struct TailCallMethod;
impl Op for TailCallMethod {
    const WORDS: u32 = 1;
    const CALLS: bool = true;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        if machine.reg(word.a() + 1) == Value::HOLE {
            return Flow::Slow;
        }
        match super::calls::function_index(machine, machine.reg(word.a())) {
            Some(function) if machine.enter_tail(word.a(), function, word.b() + 1) => machine.charge(),
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let then = Return::tail(process.pc + 1);
        process.call_method(process.base + usize::from(word.a()), usize::from(word.b()), then).map(step)
    }
}

always_slow! {
    /// `class`.
    Class(2, false) |process, word| {
        let template = process.template(process.word_after(1).long_operand())?;
        let parts = process.regs(word.b(), 1 + usize::from(word.c())).to_vec();
        let class = class::new(&mut process.heap, template, &parts)?;
        process.set_reg(word.a(), class);
        Ok(Step::Next)
    };
    /// `classl`.
    ClassList(2, false) |process, word| {
        let template = process.template(process.word_after(1).long_operand())?;
        let (parent, methods) = (process.reg(word.b()), process.reg(word.c()));
        let class = class_of_list(&mut process.heap, template, parent, methods)?;
        process.set_reg(word.a(), class);
        Ok(Step::Next)
    };
    /// `classk`.
    ClassConst(2, false) |process, word| {
        let name = super::collections::property(process.constant(process.word_after(1).long_operand() as usize))?;
        let (class, value) = (process.reg(word.a()), process.reg(word.b()));
        class::add_constant(&mut process.heap, class, name, value)?;
        Ok(Step::Next)
    };
    /// `instance`.
    Instance(1, false) |process, word| {
        let class = process.reg(word.b());
        let (instance, constructor) = new_instance(&mut process.heap, class)?;
        process.set_reg(word.a(), instance);
        process.set_reg(word.a() + 1, constructor);
        process.set_reg(word.a() + 2, instance);
        Ok(Step::Next)
    };
    /// `callml`.
    CallMethodList(1, true) |process, word| {
        let then = Return::plain(process.pc + 1);
        process.call_method_list(process.base + usize::from(word.a()), then).map(step)
    };
    /// `tailml`.
    TailCallMethodList(1, true) |process, word| {
        let then = Return::tail(process.pc + 1);
        process.call_method_list(process.base + usize::from(word.a()), then).map(step)
    };
    /// `parent`.
    Parent(1, false) |process, word| {
        let class = process.reg(word.b());
        let parent = parent(&process.heap, class)?;
        process.set_reg(word.a(), parent);
        Ok(Step::Next)
    };
}

#[cold]
fn no_class(heap: &Heap, value: Value, wanted: &str) -> Trap {
    let what = crate::format::brief(heap, value);
    Trap::error(ErrorKind::Type, format!("`{wanted}` takes a class, not {what}"))
}

/// A class whose methods are in a list.
pub(crate) fn class_of_list(heap: &mut Heap, template: u32, parent: Value, methods: Value) -> Result<Value, Trap> {
    let mut parts = vec![parent];
    match data::elements(heap, methods) {
        Some(words) => parts.extend(words.iter().map(|&word| Value::from_bits(word))),
        None => {
            return Err(ops::type_error(format!("methods come in a list, not in {}", ops::describe(heap, methods))));
        }
    }
    let (given, wanted) = (parts.len() - 1, heap.node().template(template).methods.len());
    if given != wanted {
        let name = &heap.node().template(template).name;
        return Err(ops::type_error(format!("the class `{name}` has {wanted} methods, but got {given}")));
    }
    class::new(heap, template, &parts)
}

/// A new instance of a class, and the class's constructor.
pub(crate) fn new_instance(heap: &mut Heap, class: Value) -> Result<(Value, Value), Trap> {
    let at = heap.is(class, Kind::Class).ok_or_else(|| no_class(heap, class, "new"))?;
    let constructor = class::constructor(heap, at);
    Ok((class::instance(heap, at)?, constructor))
}

/// The parent of a class.
pub(crate) fn parent(heap: &Heap, class: Value) -> Result<Value, Trap> {
    let at = heap.is(class, Kind::Class).ok_or_else(|| no_class(heap, class, "super"))?;
    Ok(class::parent(heap, at))
}

/// The method or constant that the parent of a class has or inherits.
pub(crate) fn super_member(heap: &Heap, class: Value, name: u32) -> Result<Value, Trap> {
    let found = match heap.is(parent(heap, class)?, Kind::Class) {
        Some(parent) => class::member(heap, parent, name),
        None if name == crate::node::well_known::CONSTRUCTOR => Some(class::no_constructor(heap)),
        None => None,
    };
    found.ok_or_else(|| {
        let who = class::name_of(heap, class).unwrap_or_default();
        let name = heap.node().atom_name(name);
        Trap::error(ErrorKind::Property, format!("the parent of {who} has no method `{name}`"))
    })
}
