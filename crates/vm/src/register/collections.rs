//! Collections, properties, iteration, and the prelude functions that have an instruction.

use super::calls::always_slow;
use crate::data::{iterate, list, map, tuple};
use crate::heap::{Heap, Kind};
use crate::machine::{Flow, Machine, Op, Step};
use crate::ops;
use crate::process::Process;
use crate::trap::{ErrorKind, Then, Trap};
use crate::value::{Ref, Value};
use iridium_isa::register::Word;

/// Where the element of a list at an index from its start is, as a slots object and a place in it.
#[inline(always)]
fn list_place(heap: &Heap, collection: Value, index: Value) -> Option<(Ref, usize)> {
    let [length, slots] = heap.first_words::<2>(collection, Kind::List)?;
    let index = index.as_int()?;
    // A negative index is a large one here, and no list has as many elements as there are words.
    if u64::from(index as u32) >= length { None } else { Some((Value::from_bits(slots).as_slots(), index as usize)) }
}

/// The element of a list at an index from its start.
#[inline(always)]
fn list_element(heap: &Heap, collection: Value, index: Value) -> Option<Value> {
    let (slots, index) = list_place(heap, collection, index)?;
    heap.try_value(slots, index)
}

/// Writes the element of a list at an index from its start; false if that is not what it is.
#[inline(always)]
fn set_list_element(heap: &mut Heap, collection: Value, index: Value, value: Value) -> bool {
    match list_place(heap, collection, index) {
        Some((slots, index)) => heap.try_set_value(slots, index, value),
        None => false,
    }
}

/// The list that a literal is made in. The compiler makes sure that it is one; code that was written by hand may not.
fn own_list(heap: &Heap, value: Value) -> Result<Ref, Trap> {
    heap.own(value, Kind::List).ok_or_else(|| {
        ops::type_error(format!("a literal is put together in a list, not in {}", ops::describe(heap, value)))
    })
}

/// Appends values to a list under construction: all of them, or none.
pub(crate) fn append(heap: &mut Heap, target: Value, values: &[Value]) -> Result<(), Trap> {
    let at = own_list(heap, target)?;
    let wanted = list::len(heap, at) + values.len();
    list::grow(heap, at, wanted)?;
    for &value in values {
        list::push(heap, at, value)?;
    }
    Ok(())
}

/// Appends the elements of an iterable to a list under construction.
pub(crate) fn extend(heap: &mut Heap, target: Value, from: Value) -> Result<(), Trap> {
    let at = own_list(heap, target)?;
    list::extend_from(heap, at, from).map_err(|trap| ops::instead(heap, trap, "%extend", &[target, from], Then::Value))
}

/// The tuple of a list's elements.
pub(crate) fn to_tuple(heap: &mut Heap, from: Value) -> Result<Value, Trap> {
    let at = own_list(heap, from)?;
    let elements: Vec<Value> = list::words(heap, at).iter().map(|&word| Value::from_bits(word)).collect();
    tuple::new(heap, &elements)
}

/// Adds to a map under construction.
pub(crate) fn map_put(heap: &mut Heap, map: Value, key: Value, value: Value) -> Result<(), Trap> {
    if heap.is(map, Kind::Map).is_none() {
        let what = ops::describe(heap, map);
        return Err(ops::type_error(format!("a literal's entries are put together in a map, not in {what}")));
    }
    ops::put(heap, map, key, value).map(|_| ())
}

/// A map of keys and values in turn.
pub(crate) fn new_map(heap: &mut Heap, entries: &[Value]) -> Result<Value, Trap> {
    let pairs: Vec<(Value, Value)> = entries.chunks_exact(2).map(|entry| (entry[0], entry[1])).collect();
    map::from_entries(heap, &pairs).map_err(|trap| ops::instead(heap, trap, "%map", entries, Then::Value))
}

/// The index of a property's atom.
pub(crate) fn property(atom: Value) -> Result<u32, Trap> {
    atom.as_atom().ok_or_else(|| Trap::error(ErrorKind::Internal, "a property's name is no atom"))
}

fn values(process: &Process, first: u8, count: usize) -> Vec<Value> {
    process.regs(first, count).to_vec()
}

fn done(process: &mut Process, register: u8, value: Value) -> Result<Step, Trap> {
    process.set_reg(register, value);
    Ok(Step::Next)
}

always_slow! {
    /// `list`.
    List(1, false) |process, word| {
        let start = process.base + usize::from(word.b());
        let elements = &process.stack[start..start + usize::from(word.c())];
        let value = list::new(&mut process.heap, elements)?;
        done(process, word.a(), value)
    };
    /// `tuple`.
    Tuple(1, false) |process, word| {
        let start = process.base + usize::from(word.b());
        let elements = &process.stack[start..start + usize::from(word.c())];
        let value = tuple::new(&mut process.heap, elements)?;
        done(process, word.a(), value)
    };
    /// `map`.
    Map(1, false) |process, word| {
        let entries = values(process, word.b(), 2 * usize::from(word.c()));
        let value = new_map(&mut process.heap, &entries)?;
        done(process, word.a(), value)
    };
    /// `append`.
    Append(1, false) |process, word| {
        let elements = values(process, word.b(), usize::from(word.c()));
        let target = process.reg(word.a());
        append(&mut process.heap, target, &elements)?;
        Ok(Step::Next)
    };
    /// `extend`.
    Extend(1, false) |process, word| {
        let (target, from) = (process.reg(word.a()), process.reg(word.b()));
        extend(&mut process.heap, target, from)?;
        Ok(Step::Next)
    };
    /// `totuple`.
    ToTuple(1, false) |process, word| {
        let from = process.reg(word.b());
        let value = to_tuple(&mut process.heap, from)?;
        done(process, word.a(), value)
    };
    /// `mapput`.
    MapPut(1, false) |process, word| {
        let (map, key, value) = (process.reg(word.a()), process.reg(word.b()), process.reg(word.c()));
        map_put(&mut process.heap, map, key, value)?;
        Ok(Step::Next)
    };
    /// `unpack`.
    Unpack(1, false) |process, word| unpack(process, word, false);
    /// `unpackt`.
    UnpackTuple(1, false) |process, word| unpack(process, word, true);
    /// `iter`.
    Iterate(1, false) |process, word| {
        let from = process.reg(word.b());
        let value = iterate::start(&mut process.heap, from)?;
        done(process, word.a(), value)
    };
    /// `unpackit`.
    UnpackIterator(1, false) |process, word| {
        let from = process.reg(word.b());
        let value = iterate::known(&mut process.heap, from)?;
        done(process, word.a(), value)
    };
    /// `push`.
    Push(1, true) |process, word| {
        let (target, value) = (process.reg(word.b()), process.reg(word.c()));
        let value = ops::push(&mut process.heap, target, value)?;
        done(process, word.a(), value)
    };
    /// `put`.
    Put(1, true) |process, word| {
        let [collection, key, value] = three(process, word.b());
        let value = ops::put(&mut process.heap, collection, key, value)?;
        done(process, word.a(), value)
    };
}

/// `next`.
pub(crate) struct Next;
impl Op for Next {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let iterator = machine.reg(word.b());
        match iterate::next_of_list(&mut machine.process_mut().heap, iterator) {
            Some(element) => {
                machine.set(word.a(), element);
                machine.test(true)
            }
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let iterator = machine.reg(word.b());
        match iterate::next_of_simple(&mut machine.process_mut().heap, iterator) {
            Some(element) => {
                machine.set(word.a(), element);
                machine.test(true)
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let iterator = process.reg(word.b());
        match next(process, iterator)? {
            Some(element) => {
                process.set_reg(word.a(), element);
                Ok(Step::Test(true))
            }
            None => Ok(Step::Test(false)),
        }
    }
}

/// `next2`.
pub(crate) struct NextPair;
impl Op for NextPair {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let iterator = machine.reg(word.b());
        match iterate::next_of_map(&mut machine.process_mut().heap, iterator) {
            Some((key, value)) => {
                machine.set(word.a(), key);
                machine.set(word.a() + 1, value);
                machine.test(true)
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let iterator = process.reg(word.b());
        match next_pair(process, iterator)? {
            Some((key, value)) => {
                process.set_reg(word.a(), key);
                process.set_reg(word.a() + 1, value);
                Ok(Step::Test(true))
            }
            None => Ok(Step::Test(false)),
        }
    }
}

/// The value of a key of a map, where that is easily found.
#[inline(always)]
fn entry<M: Machine>(machine: &M, collection: Value, key: Value) -> Option<Value> {
    let heap = &machine.process().heap;
    let (slots, place) = map::find_plain(heap, collection, key)?;
    heap.try_value(slots, place)
}

/// Gives a key of a map another value, where that is easily found; false if not.
#[inline(always)]
fn set_entry<M: Machine>(machine: &mut M, collection: Value, key: Value, value: Value) -> Flow {
    let heap = &mut machine.process_mut().heap;
    match map::find_plain(heap, collection, key) {
        Some((slots, place)) if heap.try_set_value(slots, place, value) => Flow::Next,
        _ => Flow::Slow,
    }
}

fn three(process: &Process, first: u8) -> [Value; 3] {
    [process.reg(first), process.reg(first + 1), process.reg(first + 2)]
}

/// The next element of an iterator. Notes the iterator when it waits for the driver.
pub(crate) fn next(process: &mut Process, iterator: Value) -> Result<Option<Value>, Trap> {
    iterate::next(&mut process.heap, iterator).map_err(|trap| process.iterator_waits(trap, iterator))
}

/// The next key and value of an iterator.
pub(crate) fn next_pair(process: &mut Process, iterator: Value) -> Result<Option<(Value, Value)>, Trap> {
    iterate::next_pair(&mut process.heap, iterator).map_err(|trap| process.iterator_waits(trap, iterator))
}

fn unpack(process: &mut Process, word: Word, tuple: bool) -> Result<Step, Trap> {
    let from = process.reg(word.b());
    let first = process.base + usize::from(word.a());
    let elements = ops::unpack(&process.heap, from, usize::from(word.c()), tuple)?;
    for (place, element) in process.stack[first..].iter_mut().zip(elements) {
        *place = element;
    }
    Ok(Step::Next)
}

/// `getxor`.
pub(crate) struct GetIndexOr;
impl Op for GetIndexOr {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match entry(machine, machine.reg(word.b()), machine.reg(word.b() + 1)) {
            Some(value) => {
                machine.set(word.a(), value);
                Flow::Next
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let [collection, key, default] = three(process, word.b());
        let value = ops::index_get_or(&mut process.heap, collection, key, default)?;
        done(process, word.a(), value)
    }
}

/// `getor`.
pub(crate) struct GetOr;
impl Op for GetOr {
    const WORDS: u32 = 1;
    const CALLS: bool = true;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match entry(machine, machine.reg(word.b()), machine.reg(word.b() + 1)) {
            Some(value) => {
                machine.set(word.a(), value);
                machine.charge()
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        GetIndexOr::slow(process, word)
    }
}

/// `setx`.
pub(crate) struct SetIndex;
impl Op for SetIndex {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let (collection, key, value) = (machine.reg(word.a()), machine.reg(word.b()), machine.reg(word.c()));
        if set_list_element(&mut machine.process_mut().heap, collection, key, value) { Flow::Next } else { Flow::Rare }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let (collection, key, value) = (machine.reg(word.a()), machine.reg(word.b()), machine.reg(word.c()));
        set_entry(machine, collection, key, value)
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (collection, key, value) = (process.reg(word.a()), process.reg(word.b()), process.reg(word.c()));
        ops::index_set(&mut process.heap, collection, key, value)?;
        Ok(Step::Next)
    }
}

/// `setxk`.
pub(crate) struct SetIndexK;
impl Op for SetIndexK {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let value = machine.constant(usize::from(word.c()));
        let (collection, key) = (machine.reg(word.a()), machine.reg(word.b()));
        if set_list_element(&mut machine.process_mut().heap, collection, key, value) { Flow::Next } else { Flow::Rare }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let (collection, key) = (machine.reg(word.a()), machine.reg(word.b()));
        set_entry(machine, collection, key, machine.constant(usize::from(word.c())))
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let value = process.constant(usize::from(word.c()));
        let (collection, key) = (process.reg(word.a()), process.reg(word.b()));
        ops::index_set(&mut process.heap, collection, key, value)?;
        Ok(Step::Next)
    }
}

/// `getx`.
pub(crate) struct GetIndex;
impl Op for GetIndex {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match list_element(&machine.process().heap, machine.reg(word.b()), machine.reg(word.c())) {
            Some(value) => {
                machine.set(word.a(), value);
                Flow::Next
            }
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match entry(machine, machine.reg(word.b()), machine.reg(word.c())) {
            Some(value) => {
                machine.set(word.a(), value);
                Flow::Next
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let (collection, key) = (process.reg(word.b()), process.reg(word.c()));
        let value = ops::index_get(&mut process.heap, collection, key)?;
        done(process, word.a(), value)
    }
}

/// `get`.
pub(crate) struct Get;
impl Op for Get {
    const WORDS: u32 = 1;
    const CALLS: bool = true;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match list_element(&machine.process().heap, machine.reg(word.b()), machine.reg(word.c())) {
            Some(value) => {
                machine.set(word.a(), value);
                machine.charge()
            }
            None => Flow::Rare,
        }
    }

    #[inline(always)]
    fn rare<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match entry(machine, machine.reg(word.b()), machine.reg(word.c())) {
            Some(value) => {
                machine.set(word.a(), value);
                machine.charge()
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        GetIndex::slow(process, word)
    }
}

/// `len`.
pub(crate) struct Len;
impl Op for Len {
    const WORDS: u32 = 1;
    const CALLS: bool = true;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        let heap = &machine.process().heap;
        let length = heap.own(machine.reg(word.b()), Kind::List).and_then(|at| heap.try_word(at, 0));
        match length.and_then(|length| i32::try_from(length).ok()) {
            Some(length) => {
                machine.set(word.a(), Value::int(length));
                machine.charge()
            }
            None => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let of = process.reg(word.b());
        let value = ops::len(&mut process.heap, of)?;
        done(process, word.a(), value)
    }
}
