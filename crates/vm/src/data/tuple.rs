//! Tuples: fixed and immutable.

use crate::heap::{Heap, Kind};
use crate::trap::Trap;
use crate::value::Value;

/// Makes a tuple.
pub(crate) fn new(heap: &mut Heap, elements: &[Value]) -> Result<Value, Trap> {
    let at = heap.alloc(Kind::Tuple, elements.len())?;
    for (word, element) in heap.payload_mut(at).iter_mut().zip(elements) {
        *word = element.bits();
    }
    Ok(Value::heap(at))
}
