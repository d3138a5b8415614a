//! Lists: growable, mutable.

use crate::data::build::{Source, build};
use crate::data::room::{self, MoreList};
use crate::data::{iterate, range};
use crate::heap::{Heap, Kind, NoMemory};
use crate::trap::Trap;
use crate::value::{Ref, Value};

/// Places that the first element of a list makes room for.
const FIRST_ROOM: usize = 4;

/// Makes a list.
pub(crate) fn new(heap: &mut Heap, elements: &[Value]) -> Result<Value, Trap> {
    if elements.is_empty() {
        let list = heap.alloc(Kind::List, 2)?;
        heap.set_value(list, 1, Value::NULL);
        return Ok(Value::heap(list));
    }
    let list = with_len(heap, elements.len())?;
    if let Some(slots) = slots(heap, list) {
        for (word, element) in heap.payload_mut(slots).iter_mut().zip(elements) {
            *word = element.bits();
        }
    }
    Ok(Value::heap(list))
}

/// Makes a list of this length, at least one, whose elements are still to be written.
pub(crate) fn with_len(heap: &mut Heap, len: usize) -> Result<Ref, NoMemory> {
    let slots = heap.alloc(Kind::Slots, len)?;
    of_slots(heap, slots, len)
}

/// Makes a list of the object that has, or will have, its elements.
pub(crate) fn of_slots(heap: &mut Heap, slots: Ref, len: usize) -> Result<Ref, NoMemory> {
    let list = heap.alloc(Kind::List, 2)?;
    heap.set_word(list, 0, len as u64);
    heap.set_value(list, 1, Value::heap(slots));
    Ok(list)
}

/// The object with the elements, if there are any.
#[inline]
pub(crate) fn slots(heap: &Heap, list: Ref) -> Option<Ref> {
    heap.value(list, 1).as_heap()
}

/// Makes a list of elements that are there already, or are small ints of a range; `None` for any other iterable.
pub(crate) fn from_known(heap: &mut Heap, source: Value) -> Option<Result<Value, Trap>> {
    if let Some(elements) = super::elements(heap, source) {
        let all = elements.len();
        return Some(build(heap, Kind::List, Source::parts([(source, 0, all)])));
    }
    range::ints(heap, source).map(|ints| build(heap, Kind::List, ints))
}

/// The list's elements, as the bits of values.
#[inline]
pub(crate) fn words(heap: &Heap, list: Ref) -> &[u64] {
    match heap.value(list, 1).as_heap() {
        Some(slots) => &heap.payload(slots)[..heap.word(list, 0) as usize],
        None => &[],
    }
}

/// Number of elements.
#[inline]
pub(crate) fn len(heap: &Heap, list: Ref) -> usize {
    heap.word(list, 0) as usize
}

/// The element at a place, if there is one.
#[inline]
pub(crate) fn get(heap: &Heap, list: Ref, index: usize) -> Option<Value> {
    if index >= len(heap, list) {
        return None;
    }
    Some(heap.value(heap.value(list, 1).as_heap()?, index))
}

/// Replaces the element at a place; false if there is none.
#[inline]
pub(crate) fn set(heap: &mut Heap, list: Ref, index: usize, value: Value) -> bool {
    if index >= len(heap, list) {
        return false;
    }
    let Some(slots) = heap.value(list, 1).as_heap() else { return false };
    heap.set_value(slots, index, value);
    true
}

/// Adds an element at the end.
#[inline]
pub(crate) fn push(heap: &mut Heap, list: Ref, value: Value) -> Result<(), Trap> {
    let len = len(heap, list);
    let slots = match heap.value(list, 1).as_heap() {
        Some(slots) if len < heap.payload(slots).len() => slots,
        _ => grow(heap, list, len + 1)?,
    };
    heap.set_value(slots, len, value);
    heap.set_word(list, 0, len as u64 + 1);
    Ok(())
}

/// Makes room for at least `wanted` elements, and gives the slots.
///
/// # Errors
/// No memory; long work, after which it is to be tried again.
#[cold]
#[inline(never)]
pub(crate) fn grow(heap: &mut Heap, list: Ref, wanted: usize) -> Result<Ref, Trap> {
    let len = len(heap, list);
    let old = heap.value(list, 1).as_heap();
    let room = old.map_or(0, |slots| heap.payload(slots).len());
    if let Some(slots) = old.filter(|_| room >= wanted) {
        return Ok(slots);
    }
    // Twice the room as long as it is small, half as much more from then on.
    let more = if room < 1 << 20 { room * 2 } else { room + room / 2 };
    let more = more.max(wanted).max(FIRST_ROOM);
    if more > room::AT_ONCE {
        heap.could_hold(more)?;
        return Err(Trap::long(MoreList::new(list, more)));
    }
    let slots = heap.alloc(Kind::Slots, more)?;
    if let Some(old) = old {
        heap.copy_words(old, 0, slots, 0, len);
    }
    heap.set_value(list, 1, Value::heap(slots));
    Ok(slots)
}

/// Puts an element before the one at `index`, which is at most the length.
pub(crate) fn insert(heap: &mut Heap, list: Ref, index: usize, value: Value) -> Result<(), Trap> {
    let len = len(heap, list);
    let slots = grow(heap, list, len + 1)?;
    heap.spend(len - index);
    heap.copy_words(slots, index, slots, index + 1, len - index);
    heap.set_value(slots, index, value);
    heap.set_word(list, 0, len as u64 + 1);
    Ok(())
}

/// Takes out the element at a place, if there is one.
pub(crate) fn remove(heap: &mut Heap, list: Ref, index: usize) -> Option<Value> {
    let len = len(heap, list);
    let value = get(heap, list, index)?;
    let slots = heap.value(list, 1).as_heap()?;
    heap.spend(len - index);
    heap.copy_words(slots, index + 1, slots, index, len - index - 1);
    heap.set_value(slots, len - 1, Value::NULL);
    heap.set_word(list, 0, len as u64 - 1);
    Some(value)
}

/// Adds all elements of an iterable at the end, or none.
pub(crate) fn extend_from(heap: &mut Heap, list: Ref, iterable: Value) -> Result<(), Trap> {
    let elements = iterate::collect(heap, iterable)?;
    let len = len(heap, list);
    if elements.is_empty() {
        return Ok(());
    }
    let slots = grow(heap, list, len + elements.len())?;
    let end = len + elements.len();
    for (word, element) in heap.payload_mut(slots)[len..end].iter_mut().zip(&elements) {
        *word = element.bits();
    }
    heap.set_word(list, 0, end as u64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    fn ints(heap: &Heap, list: Ref) -> Vec<i32> {
        words(heap, list).iter().map(|&bits| Value::from_bits(bits).as_int().unwrap()).collect()
    }

    #[test]
    fn lists_grow_and_shrink() {
        let mut heap = Heap::new(Node::new(), 1 << 24);
        let list = new(&mut heap, &[]).unwrap().as_heap().unwrap();
        for i in 0..1000 {
            push(&mut heap, list, Value::int(i)).unwrap();
        }
        assert_eq!(ints(&heap, list), (0..1000).collect::<Vec<_>>());
        assert_eq!(remove(&mut heap, list, 0), Some(Value::int(0)));
        assert_eq!(remove(&mut heap, list, 998), Some(Value::int(999)));
        assert_eq!(remove(&mut heap, list, 998), None);
        insert(&mut heap, list, 0, Value::int(-1)).unwrap();
        insert(&mut heap, list, 999, Value::int(-2)).unwrap();
        let mut expected: Vec<i32> = (0..1000).collect();
        (expected[0], expected[999]) = (-1, -2);
        assert_eq!(ints(&heap, list), expected);
        heap.check();
    }

    #[test]
    fn a_push_without_memory_changes_nothing() {
        let mut heap = Heap::new(Node::new(), 8 * 1024);
        let list = new(&mut heap, &[]).unwrap().as_heap().unwrap();
        let mut count = 0;
        while push(&mut heap, list, Value::int(count)).is_ok() {
            count += 1;
        }
        assert!(count > 100);
        assert_eq!(ints(&heap, list), (0..count).collect::<Vec<_>>());
        assert!(insert(&mut heap, list, 0, Value::NULL).is_err());
        let range = crate::data::range::new(&mut heap, 0, 1 << 40, 1);
        if let Ok(range) = range {
            assert!(extend_from(&mut heap, list, range).is_err());
        }
        assert_eq!(ints(&heap, list), (0..count).collect::<Vec<_>>());
        heap.check();
    }

    #[test]
    fn a_list_can_be_extended_by_itself() {
        let mut heap = Heap::new(Node::new(), 1 << 20);
        let value = new(&mut heap, &[Value::int(1), Value::int(2)]).unwrap();
        let list = value.as_heap().unwrap();
        extend_from(&mut heap, list, value).unwrap();
        assert_eq!(ints(&heap, list), [1, 2, 1, 2]);
    }
}
