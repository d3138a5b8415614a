//! The data of Eva: how each type lies in the heap, and what can be done with it.

pub(crate) mod build;
pub(crate) mod bytes;
pub(crate) mod class;
pub(crate) mod copying;
pub(crate) mod digits;
pub(crate) mod error;
pub(crate) mod filling;
pub(crate) mod find;
pub(crate) mod hash;
pub(crate) mod int;
pub(crate) mod iterate;
pub(crate) mod list;
mod long_find;
pub(crate) mod lookup;
pub(crate) mod map;
pub(crate) mod places;
pub(crate) mod range;
mod room;
pub(crate) mod text;
pub(crate) mod tuple;
pub(crate) mod writing;

use crate::heap::{Heap, Kind};
use crate::value::{Ref, Value};

/// The elements of a list or tuple, as the bits of values.
#[inline]
pub(crate) fn elements(heap: &Heap, value: Value) -> Option<&[u64]> {
    let at = value.as_heap()?;
    match heap.kind(at) {
        Kind::List => Some(list::words(heap, at)),
        Kind::Tuple => Some(heap.payload(at)),
        _ => None,
    }
}

/// The object whose payload begins with the elements of a list or tuple, and their number; nothing of a frozen one.
#[inline(always)]
pub(crate) fn try_elements(heap: &Heap, value: Value) -> Option<(Ref, usize)> {
    if let Some([length, slots]) = heap.first_words::<2>(value, Kind::List) {
        return Some((Value::from_bits(slots).as_slots(), length as usize));
    }
    heap.own(value, Kind::Tuple).and_then(|at| Some((at, heap.try_size(at)?)))
}

/// A valid place for an index that may count from the end.
#[inline]
pub(crate) fn place(index: i64, len: usize) -> Option<usize> {
    let at = if index < 0 { index.checked_add(len as i64)? } else { index };
    (at >= 0 && at < len as i64).then_some(at as usize)
}

/// The bounds of a slice as Python means them: negative ones count from the end, all are clamped.
pub(crate) fn bounds(start: i64, end: i64, len: usize) -> (usize, usize) {
    let clamp = |index: i64| {
        let at = if index < 0 { index.saturating_add(len as i64) } else { index };
        at.clamp(0, len as i64) as usize
    };
    let (start, end) = (clamp(start), clamp(end));
    (start, end.max(start))
}

/// The object behind a value, with its kind.
#[inline]
pub(crate) fn object(heap: &Heap, value: Value) -> Option<(Kind, Ref)> {
    value.as_heap().map(|at| (heap.kind(at), at))
}
