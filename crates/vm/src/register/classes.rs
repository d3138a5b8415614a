//! Classes, instances, properties, methods.
//!
//! A property site has an inline cache: one word with the shape it saw and where the property was. Shapes are
//! node-wide, so processes share caches. A site that has missed often keeps what it has: it is not written again.

use super::calls::{always_slow, step};
use crate::data;
use crate::data::class::{self, Found};
use crate::heap::{Heap, Kind};
use crate::machine::{Flow, Machine, Op, Step};
use crate::ops;
use crate::process::{Process, Return};
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use iridium_isa::register::Word;

/// A cache word: shape in the high half, then the slot or place, doubled, plus 1 for a method. 0 is empty: no shape of
/// an instance leads to it, since the place of shape 0's first method would be 1.
const METHOD: u64 = 1;

/// What a cache says of an instance's property, if it saw its shape.
#[inline(always)]
fn cached(heap: &Heap, cache: u64, object: Value) -> Option<(Ref, Found)> {
    let at = object.as_heap()?;
    let [shape] = heap.first_words::<1>(object, Kind::Instance)?;
    if shape >> 32 != cache >> 32 || cache as u32 == 0 {
        return None;
    }
    let place = (cache as u32 >> 1) as usize - 1;
    Some((at, if cache & METHOD != 0 { Found::Method(place) } else { Found::Field(place) }))
}

/// The cache word for what was found at an instance's shape.
fn cache_word(shape: u32, found: Found) -> u64 {
    let (place, kind) = match found {
        Found::Field(slot) => (slot, 0),
        Found::Method(place) => (place, METHOD),
    };
    u64::from(shape) << 32 | (place as u64 + 1) << 1 | kind
}

/// Notes what a site saw.
fn remember(process: &mut Process, object: Value, name: u32, cache: u32) {
    let Some(instance) = process.heap.is(object, Kind::Instance) else { return };
    let shape = class::shape_of(&process.heap, instance);
    if shape != class::DICTIONARY
        && let Some(found) = class::find(&process.heap, instance, name)
    {
        process.set_cache(cache, cache_word(shape, found));
    }
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
        machine.take_word();
        let index = machine.take_word().long_operand();
        let cache = machine.cache(index);
        let heap = &machine.process().heap;
        let found = cached(heap, cache, machine.reg(word.b()));
        match found.and_then(|(at, found)| class::value_of(heap, at, found)) {
            Some(value) => {
                machine.set(word.a(), value);
                Flow::Next
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (name, cache) = site(process)?;
        let object = process.reg(word.b());
        let (value, _) = process.property(object, name)?;
        remember(process, object, name, cache);
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
        machine.take_word();
        let index = machine.take_word().long_operand();
        let cache = machine.cache(index);
        let value = machine.reg(word.b());
        let object = machine.reg(word.a());
        match cached(&machine.process().heap, cache, object) {
            Some((at, Found::Field(slot))) if class::write_field(&mut machine.process_mut().heap, at, slot, value) => {
                Flow::Next
            }
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (name, cache) = site(process)?;
        let (object, value) = (process.reg(word.a()), process.reg(word.b()));
        ops::prop_set(&mut process.heap, object, name, value)?;
        remember(process, object, name, cache);
        Ok(Step::Next)
    }
}

/// `method`.
pub(crate) struct Method;
impl Op for Method {
    const WORDS: u32 = 3;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        machine.take_word();
        let index = machine.take_word().long_operand();
        let cache = machine.cache(index);
        let object = machine.reg(word.b());
        let heap = &machine.process().heap;
        let found = cached(heap, cache, object);
        match found.and_then(|(at, found)| class::value_of(heap, at, found).map(|value| (value, found))) {
            Some((value, found)) => {
                let receiver = if matches!(found, Found::Method(_)) { object } else { Value::HOLE };
                machine.set(word.a(), value);
                machine.set(word.a() + 1, receiver);
                Flow::Next
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (name, cache) = site(process)?;
        let object = process.reg(word.b());
        let (value, is_method) = process.property(object, name)?;
        remember(process, object, name, cache);
        process.set_reg(word.a(), value);
        process.set_reg(word.a() + 1, if is_method { object } else { Value::HOLE });
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
    /// `getsuper`.
    SuperGet(2, false) |process, word| {
        let name = super::collections::property(process.constant(process.word_after(1).long_operand() as usize))?;
        let class = process.reg(word.b());
        let value = super_member(&process.heap, class, name)?;
        process.set_reg(word.a(), value);
        Ok(Step::Next)
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
    parts.extend(data::elements(heap, methods).unwrap_or_default().iter().map(|&word| Value::from_bits(word)));
    if parts.len() != heap.node().template(template).methods.len() + 1 {
        return Err(Trap::error(ErrorKind::Internal, "a class has as many methods as its template names"));
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
