//! What `each` and the natives walk over.
//!
//! An iterator is an object: two plain words of position, the source, and one value more. A list's length is read at
//! each step; map entries that were added meanwhile are not visited, removed ones are skipped.

use crate::data::{class, int, list, map, range, text, tuple};
use crate::format;
use crate::heap::{Heap, Kind};
use crate::mailbox;
use crate::node::{Literal, well_known};
use crate::ops;
use crate::trap::{ErrorKind, Request, Then, Trap};
use crate::value::{Ref, Value};

/// Plain words: for a list, tuple or bytes the index; for text the byte and the index; for a range the next int and
/// how many are left; for a map the place and where to end.
const POSITION: usize = 0;
const EXTRA: usize = 1;
/// What is walked over.
const SOURCE: usize = 2;
/// For a map a tuple of its slots and its epoch at the start; for lines the line that the driver delivered.
const AUX: usize = 3;

/// Starts to walk over a value.
///
/// # Errors
/// `:type-error` if that cannot be walked over.
pub(crate) fn start(heap: &mut Heap, source: Value) -> Result<Value, Trap> {
    let (position, extra, aux) = match source.as_heap() {
        Some(at) => match heap.kind(at) {
            Kind::List | Kind::Tuple | Kind::Bytes | Kind::Blob | Kind::Text | Kind::TextView => (0, 0, Value::NULL),
            Kind::Lines => (0, 0, Value::HOLE),
            Kind::Receive => (0, 0, Value::NULL),
            Kind::Range => {
                let range = range::read(heap, at);
                (range.start as u64, range.len(), heap.value(at, 2))
            }
            Kind::Map => match map::slots(heap, at) {
                None => (0, 0, Value::NULL),
                Some(slots) => {
                    let epoch = int::from_i64(heap, map::epoch(heap, at) as i64)?;
                    (0, map::used(heap, at) as u64, tuple::new(heap, &[Value::heap(slots), epoch])?)
                }
            },
            Kind::Instance => match class::instance_method(heap, source, well_known::ITERATE) {
                Some(method) => return Err(Trap::call(method, vec![source], Then::Iterate)),
                None => return Err(not_iterable(heap, source)),
            },
            _ => return Err(not_iterable(heap, source)),
        },
        None => match heap.literal(source) {
            Some(Literal::Text(..) | Literal::Bytes(_)) => (0, 0, Value::NULL),
            _ => return Err(not_iterable(heap, source)),
        },
    };
    let it = heap.alloc(Kind::Iterator, 4)?;
    heap.set_word(it, POSITION, position);
    heap.set_word(it, EXTRA, extra);
    heap.set_value(it, SOURCE, source);
    heap.set_value(it, AUX, aux);
    Ok(Value::heap(it))
}

/// Starts to walk over what an `iterate` method gave: something that can be walked over, or a function that is called
/// until it gives `:done`.
///
/// # Errors
/// As [`start`]; the call of another `iterate` method.
pub(crate) fn start_result(heap: &mut Heap, source: Value) -> Result<Value, Trap> {
    let is_function = source.as_function().is_some() || heap.is(source, Kind::Closure).is_some();
    if !is_function {
        return start(heap, source);
    }
    let it = heap.alloc(Kind::Iterator, 4)?;
    heap.set_value(it, SOURCE, source);
    heap.set_value(it, AUX, Value::NULL);
    Ok(Value::heap(it))
}

/// The call that gives the next element, if the source is a function.
#[cold]
fn next_call(heap: &Heap, source: Value) -> Option<Trap> {
    let is_function = source.as_function().is_some() || heap.is(source, Kind::Closure).is_some();
    is_function.then(|| Trap::call(source, Vec::new(), Then::Next))
}

/// The index of the element that a function has given.
pub(crate) fn count(heap: &mut Heap, it: Value) -> Result<Value, Trap> {
    let Some(it) = heap.is(it, Kind::Iterator) else { return Err(no_iterator()) };
    let index = heap.word(it, POSITION);
    let shown = int::from_i64(heap, index as i64)?;
    heap.set_word(it, POSITION, index + 1);
    Ok(shown)
}

#[cold]
fn not_iterable(heap: &Heap, source: Value) -> Trap {
    let message = match class::name_of(heap, source).filter(|_| heap.is(source, Kind::Instance).is_some()) {
        Some(who) => format!("cannot walk over {who}: its class does not define `iterate`"),
        None => {
            let what = ops::describe(heap, source);
            format!("cannot walk over {what}; a list, tuple, string, bytes, range or map can be walked over")
        }
    };
    Trap::error(ErrorKind::Type, message)
}

/// The next element of a list, if the iterator walks over one and it has another; else nothing is done.
#[inline(always)]
pub(crate) fn next_of_list(heap: &mut Heap, it: Value) -> Option<Value> {
    let [position, _, source] = heap.first_words::<3>(it, Kind::Iterator)?;
    let [length, slots] = heap.first_words::<2>(Value::from_bits(source), Kind::List)?;
    if position >= length {
        return None;
    }
    let element = heap.try_value(Value::from_bits(slots).as_slots(), position as usize)?;
    heap.try_set_word(it.as_heap()?, POSITION, position + 1).then_some(element)
}

/// The next key and value of a map whose places have not moved, if the iterator walks over one and the next place has an
/// entry; else nothing is done.
#[inline(always)]
pub(crate) fn next_of_map(heap: &mut Heap, it: Value) -> Option<(Value, Value)> {
    let [place, end, source, aux] = heap.first_words::<4>(it, Kind::Iterator)?;
    let [_, epoch, slots, _] = heap.first_words::<4>(Value::from_bits(source), Kind::Map)?;
    let [_, started] = heap.first_words::<2>(Value::from_bits(aux), Kind::Tuple)?;
    if place >= end || Value::from_bits(started).as_int().map(i64::from) != Some(epoch as i64) {
        return None;
    }
    let slots = Value::from_bits(slots).as_heap()?;
    let key = heap.try_value(slots, place as usize * 2).filter(|&key| key != Value::HOLE)?;
    let value = heap.try_value(slots, place as usize * 2 + 1)?;
    heap.try_set_word(it.as_heap()?, POSITION, place + 1).then_some((key, value))
}

/// The next element of a range of small ints or an ASCII text, if the iterator walks over one and it has another; else
/// nothing is done.
#[inline(always)]
pub(crate) fn next_of_simple(heap: &mut Heap, it: Value) -> Option<Value> {
    let [position, extra, source, aux] = heap.first_words::<4>(it, Kind::Iterator)?;
    let (source, step, it) = (Value::from_bits(source), Value::from_bits(aux), it.as_heap()?);
    if heap.own(source, Kind::Range).is_some() {
        let next = i32::try_from(position as i64).ok().filter(|_| step.is_int() && extra > 0)?;
        let after = i64::from(next) + i64::from(step.int_bits());
        let done = heap.try_set_word(it, POSITION, after as u64) && heap.try_set_word(it, EXTRA, extra - 1);
        return done.then_some(Value::int(next));
    }
    let char = text::ascii_at(heap, source.as_heap()?, position as usize)?;
    let done = heap.try_set_word(it, POSITION, position + 1) && heap.try_set_word(it, EXTRA, extra + 1);
    done.then_some(char)
}

#[cold]
fn no_iterator() -> Trap {
    Trap::error(ErrorKind::Internal, "no iterator")
}

/// A value that is to be an iterator: code that was written by hand may give another one.
pub(crate) fn known(heap: &mut Heap, value: Value) -> Result<Value, Trap> {
    let wrong = |heap: &Heap| ops::type_error(format!("{} is no iterator", format::brief(heap, value)));
    heap.is(value, Kind::Iterator).map(|_| value).ok_or_else(|| wrong(heap))
}

/// The next element; of a map an entry, a tuple of key and value.
#[inline]
pub(crate) fn next(heap: &mut Heap, it: Value) -> Result<Option<Value>, Trap> {
    let Some(it) = heap.is(it, Kind::Iterator) else { return Err(no_iterator()) };
    let source = heap.value(it, SOURCE);
    if let Some(at) = source.as_heap() {
        match heap.kind(at) {
            Kind::List => {
                let index = heap.word(it, POSITION) as usize;
                let element = list::get(heap, at, index);
                heap.set_word(it, POSITION, index as u64 + element.is_some() as u64);
                return Ok(element);
            }
            Kind::Range => return next_int(heap, it),
            Kind::Map => {
                let Some((place, key, value)) = next_entry(heap, it, at)? else { return Ok(None) };
                let entry = tuple::new(heap, &[key, value])?;
                heap.set_word(it, POSITION, place as u64 + 1);
                return Ok(Some(entry));
            }
            _ => {}
        }
    }
    Ok(next_indexed(heap, it, source)?.map(|(_, element)| element))
}

/// The next key and value, or index and element.
#[inline]
pub(crate) fn next_pair(heap: &mut Heap, it: Value) -> Result<Option<(Value, Value)>, Trap> {
    let Some(it) = heap.is(it, Kind::Iterator) else { return Err(no_iterator()) };
    let source = heap.value(it, SOURCE);
    if let Some(at) = source.as_heap() {
        match heap.kind(at) {
            Kind::Map => {
                let Some((place, key, value)) = next_entry(heap, it, at)? else { return Ok(None) };
                heap.set_word(it, POSITION, place as u64 + 1);
                return Ok(Some((key, value)));
            }
            Kind::Range => {
                let range = range::read(heap, at);
                let index = int::from_i64(heap, (range.len() - heap.word(it, EXTRA)) as i64)?;
                return Ok(next_int(heap, it)?.map(|element| (index, element)));
            }
            _ => {}
        }
    }
    let before = (heap.word(it, POSITION), heap.word(it, EXTRA));
    match next_indexed(heap, it, source).map_err(|trap| trap.with_then(Then::NextPair))? {
        None => Ok(None),
        Some((index, element)) => match int::from_i64(heap, index as i64) {
            Ok(index) => Ok(Some((index, element))),
            Err(trap) => {
                heap.set_word(it, POSITION, before.0);
                heap.set_word(it, EXTRA, before.1);
                Err(trap)
            }
        },
    }
}

#[inline]
fn next_int(heap: &mut Heap, it: Ref) -> Result<Option<Value>, Trap> {
    let left = heap.word(it, EXTRA);
    if left == 0 {
        return Ok(None);
    }
    let next = heap.word(it, POSITION) as i64;
    let step = match heap.value(it, AUX) {
        step if step.is_int() => step.int_bits() as i64,
        step => int::as_i64(heap, step).unwrap_or(1),
    };
    let value = int::from_i64(heap, next)?;
    heap.set_word(it, EXTRA, left - 1);
    heap.set_word(it, POSITION, next.wrapping_add(step) as u64);
    Ok(Some(value))
}

/// The place, key and value of the next entry of a map; the position is moved past removed entries only.
#[inline]
fn next_entry(heap: &mut Heap, it: Ref, map: Ref) -> Result<Option<(usize, Value, Value)>, Trap> {
    let end = heap.word(it, EXTRA) as usize;
    let mut place = heap.word(it, POSITION) as usize;
    if place >= end {
        return Ok(None);
    }
    let Some(aux) = heap.value(it, AUX).as_heap() else { return Ok(None) };
    let moved = int::as_i64(heap, heap.value(aux, 1)) != Some(map::epoch(heap, map) as i64);
    let slots = if moved { heap.value(aux, 0).as_heap() } else { map::slots(heap, map) };
    let Some(slots) = slots else { return Ok(None) };
    while place < end {
        if let Some((key, value)) = map::entry_at(heap, slots, place) {
            // After a compaction the old slots say which keys there were, and the map which of them are left.
            let value = if moved { still_there(heap, map, key)? } else { Some(value) };
            if let Some(value) = value {
                return Ok(Some((place, key, value)));
            }
        }
        place += 1;
        heap.set_word(it, POSITION, place as u64);
    }
    Ok(None)
}

/// The value of a key that a map had, if it still has it.
#[cold]
fn still_there(heap: &Heap, map: Ref, key: Value) -> Result<Option<Value>, Trap> {
    match map::get(heap, map, key) {
        Err(trap) if trap.is_asks() => Ok(map::get_anywhere(heap, map, key)),
        result => result,
    }
}

/// The index and element of the next step over what has indices.
fn next_indexed(heap: &mut Heap, it: Ref, source: Value) -> Result<Option<(u64, Value)>, Trap> {
    let position = heap.word(it, POSITION);
    if text::is_text(heap, source) {
        let index = heap.word(it, EXTRA);
        if text::len(heap, source) == Some(index as usize) {
            return Ok(None);
        }
        let (char, next) = text::char_at_byte(heap, source, position as usize)?;
        heap.set_word(it, POSITION, next as u64);
        heap.set_word(it, EXTRA, index + 1);
        return Ok(Some((index, char)));
    }
    let element = if let Some(receive) = heap.is(source, Kind::Receive) {
        mailbox::next(heap, receive)?
    } else if let Some(elements) = super::elements(heap, source) {
        elements.get(position as usize).map(|&bits| Value::from_bits(bits))
    } else if let Some(bytes) = super::bytes::view(heap, source) {
        bytes.get(position as usize).map(|&byte| Value::int(byte as i32))
    } else if let Some(lines) = heap.is(source, Kind::Lines) {
        match heap.value(it, AUX) {
            Value::HOLE => return Err(Trap::request(Request::NextLine(heap.word(lines, 0)))),
            Value::NULL => None,
            line => {
                heap.set_value(it, AUX, Value::HOLE);
                Some(line)
            }
        }
    } else {
        return Err(next_call(heap, source).unwrap_or_else(no_iterator));
    };
    if element.is_some() {
        heap.set_word(it, POSITION, position + 1);
    }
    Ok(element.map(|element| (position, element)))
}

/// Delivers what the driver answered to [`Request::NextLine`]: a line, or `None` at the end. Then [`next`] is run again.
pub(crate) fn resume(heap: &mut Heap, it: Value, line: Option<Value>) -> Result<(), Trap> {
    let Some(it) = heap.is(it, Kind::Iterator) else { return Err(no_iterator()) };
    heap.set_value(it, AUX, line.unwrap_or(Value::NULL));
    Ok(())
}

/// Starts to walk for a native, which can neither wait for the driver nor call a method.
///
/// # Errors
/// `:type-error` if that cannot be walked over; [`Trap::asks`] if only Eva can.
pub(crate) fn start_here(heap: &mut Heap, source: Value) -> Result<Value, Trap> {
    if heap.is(source, Kind::Lines).is_some() {
        return Err(Trap::asks());
    }
    start(heap, source).map_err(Trap::for_the_whole)
}

/// Words that could be touched while an iterator gives an element.
const WORDS_AN_ELEMENT: usize = 16;

/// All elements of an iterable.
///
/// # Errors
/// As [`start_here`].
pub(crate) fn collect(heap: &mut Heap, source: Value) -> Result<Vec<Value>, Trap> {
    if let Some(elements) = super::elements(heap, source) {
        heap.spend(elements.len());
        return Ok(elements.iter().map(|&bits| Value::from_bits(bits)).collect());
    }
    if let Some(range) = range::view(heap, source) {
        heap.could_hold(usize::try_from(range.len()).unwrap_or(usize::MAX))?;
    }
    let it = start_here(heap, source)?;
    // The characters of a text and octets take nothing of the heap, but what holds them will.
    let text = text::len(heap, source).or_else(|| super::bytes::view(heap, source).map(<[u8]>::len));
    heap.could_hold(text.unwrap_or(0))?;
    let mut elements = Vec::with_capacity(text.unwrap_or(0));
    while let Some(element) = next(heap, it)? {
        elements.push(element);
    }
    heap.spend(elements.len() * WORDS_AN_ELEMENT);
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format;
    use crate::node::Node;

    fn heap() -> Heap {
        Heap::new(Node::new(), 1 << 26)
    }

    fn walk(heap: &mut Heap, source: Value) -> String {
        let elements = collect(heap, source).unwrap();
        let it = start(heap, source).unwrap();
        let mut pairs = Vec::new();
        while let Some((index, element)) = next_pair(heap, it).unwrap() {
            pairs.push(tuple::new(heap, &[index, element]).unwrap());
        }
        assert_eq!(next(heap, it).unwrap(), None, "an iterator stays at its end");
        let shown: Vec<_> = elements.iter().chain(&pairs).map(|&v| format::repr(heap, v).unwrap()).collect();
        shown.join(" ")
    }

    #[test]
    fn every_iterable_is_walked() {
        let mut heap = heap();
        let list = list::new(&mut heap, &[Value::int(5), Value::NULL]).unwrap();
        assert_eq!(walk(&mut heap, list), "5 null #[0 5] #[1 null]");
        let tuple = tuple::new(&mut heap, &[Value::TRUE]).unwrap();
        assert_eq!(walk(&mut heap, tuple), "true #[0 true]");
        let text = text::make(&mut heap, "a日").unwrap();
        assert_eq!(walk(&mut heap, text), "\"a\" \"日\" #[0 \"a\"] #[1 \"日\"]");
        let bytes = crate::data::bytes::make(&mut heap, b"\0\xff").unwrap();
        assert_eq!(walk(&mut heap, bytes), "0 255 #[0 0] #[1 255]");
        let range = range::new(&mut heap, 10, 4, -3).unwrap();
        assert_eq!(walk(&mut heap, range), "10 7 #[0 10] #[1 7]");
        let last = range::new(&mut heap, i64::MAX - 2, i64::MAX, 1).unwrap();
        assert_eq!(collect(&mut heap, last).unwrap().len(), 2);
        let map = map::from_entries(&mut heap, &[(Value::int(1), Value::int(2)), (Value::NULL, list)]).unwrap();
        assert_eq!(walk(&mut heap, map), "#[1 2] #[null [5 null]] #[1 2] #[null [5 null]]");
        for empty in [
            list::new(&mut heap, &[]).unwrap(),
            map::new(&mut heap).unwrap(),
            range::new(&mut heap, 0, 0, 1).unwrap(),
            text::make(&mut heap, "").unwrap(),
        ] {
            assert_eq!(walk(&mut heap, empty), "");
        }
        assert!(start(&mut heap, Value::int(3)).is_err());
        assert!(start(&mut heap, Value::NULL).is_err());
    }

    #[test]
    fn a_list_may_change_meanwhile() {
        let mut heap = heap();
        let list = list::new(&mut heap, &[Value::int(1), Value::int(2), Value::int(3)]).unwrap();
        let it = start(&mut heap, list).unwrap();
        assert_eq!(next(&mut heap, it).unwrap(), Some(Value::int(1)));
        let at = list.as_heap().unwrap();
        list::remove(&mut heap, at, 2);
        assert_eq!(next(&mut heap, it).unwrap(), Some(Value::int(2)));
        assert_eq!(next(&mut heap, it).unwrap(), None);
        list::push(&mut heap, at, Value::int(9)).unwrap();
        assert_eq!(next(&mut heap, it).unwrap(), Some(Value::int(9)));
    }

    #[test]
    fn a_map_may_change_meanwhile() {
        let mut heap = heap();
        let value = map::new(&mut heap).unwrap();
        let map = value.as_heap().unwrap();
        for key in 0..20 {
            map::put(&mut heap, map, Value::int(key), Value::int(0)).unwrap();
        }
        let it = start(&mut heap, value).unwrap();
        assert_eq!(next_pair(&mut heap, it).unwrap(), Some((Value::int(0), Value::int(0))));
        // Enough of both to grow and to compact: 15 removed, a thousand added and removed again, one changed.
        for key in 1..16 {
            map::remove(&mut heap, map, Value::int(key)).unwrap();
        }
        let epoch = map::epoch(&heap, map);
        for key in 100..1100 {
            map::put(&mut heap, map, Value::int(key), Value::int(1)).unwrap();
            map::remove(&mut heap, map, Value::int(key)).unwrap();
        }
        assert!(map::epoch(&heap, map) > epoch, "the map was compacted");
        map::put(&mut heap, map, Value::int(17), Value::int(5)).unwrap();
        map::put(&mut heap, map, Value::int(99), Value::int(1)).unwrap();
        let mut seen = Vec::new();
        while let Some((key, value)) = next_pair(&mut heap, it).unwrap() {
            seen.push((key.as_int().unwrap(), value.as_int().unwrap()));
        }
        assert_eq!(seen, [(16, 0), (17, 5), (18, 0), (19, 0)]);
    }

    #[test]
    fn lines_come_from_the_driver() {
        let mut heap = heap();
        let lines = heap.alloc(Kind::Lines, 1).unwrap();
        heap.set_word(lines, 0, 7);
        let it = start(&mut heap, Value::heap(lines)).unwrap();
        for text in ["one", "two"] {
            let trap = next(&mut heap, it).unwrap_err();
            assert!(matches!(trap.into_kind(), crate::trap::TrapKind::Request(Request::NextLine(7))));
            let line = text::make(&mut heap, text).unwrap();
            resume(&mut heap, it, Some(line)).unwrap();
            assert_eq!(next(&mut heap, it).unwrap(), Some(line));
        }
        assert!(next(&mut heap, it).is_err());
        resume(&mut heap, it, None).unwrap();
        assert_eq!(next(&mut heap, it).unwrap(), None);
        assert_eq!(next(&mut heap, it).unwrap(), None);
        assert!(collect(&mut heap, Value::heap(lines)).is_err());
    }
}
