//! Octets.

use crate::data::copying::{self, Part};
use crate::data::{object, text};
use crate::heap::{Heap, Kind, is_large};
use crate::node::Literal;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;

/// Octets that a value of bytes may have.
pub(crate) const MAX_BYTES: usize = (1 << 31) - 1;

/// Reads bytes; `None` if the value is none.
pub(crate) fn view(heap: &Heap, value: Value) -> Option<&[u8]> {
    if let Some((kind, at)) = object(heap, value) {
        return match kind {
            Kind::Bytes => {
                let words = heap.payload(at);
                Some(&bytemuck::cast_slice::<u64, u8>(&words[1..])[..words[0] as usize])
            }
            Kind::Blob => Some(heap.octets(at)),
            _ => None,
        };
    }
    match heap.literal(value)? {
        Literal::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// Makes bytes.
pub(crate) fn make(heap: &mut Heap, bytes: &[u8]) -> Result<Value, Trap> {
    check(bytes.len())?;
    if is_large(bytes.len()) {
        let blob = heap.alloc_blob(bytes.len(), false)?;
        heap.extend_blob(blob, |_, octets| octets.extend_from_slice(bytes));
        return Ok(Value::heap(blob));
    }
    let at = heap.alloc(Kind::Bytes, 1 + bytes.len().div_ceil(8))?;
    let payload = heap.payload_mut(at);
    payload[0] = bytes.len() as u64;
    bytemuck::cast_slice_mut::<u64, u8>(&mut payload[1..])[..bytes.len()].copy_from_slice(bytes);
    Ok(Value::heap(at))
}

/// Whether a value may have so many octets.
///
/// # Errors
/// `:limit-error` if not.
pub(crate) fn check(octets: usize) -> Result<(), Trap> {
    if octets > MAX_BYTES {
        return Err(Trap::error(ErrorKind::Limit, format!("the bytes would be more than {MAX_BYTES}")));
    }
    Ok(())
}

/// Makes bytes of octets that are needed no more.
pub(crate) fn take(heap: &mut Heap, bytes: Vec<u8>) -> Result<Value, Trap> {
    if !is_large(bytes.len()) || bytes.len() > MAX_BYTES {
        return make(heap, &bytes);
    }
    Ok(Value::heap(heap.adopt(bytes)?))
}

/// The bytes of a text, in UTF-8. If the text is a blob as a whole they are the same one.
pub(crate) fn of_text(heap: &mut Heap, value: Value) -> Result<Value, Trap> {
    let len = text::view(heap, value).map_or(0, |text| text.bytes.len());
    if let Some(blob) = text::whole_blob(heap, value)
        && let Some(octets) = heap.share_blob(blob)
    {
        heap.spend(copying::cost(len));
        return Ok(Value::heap(heap.alloc_shared(octets)?));
    }
    copying::bytes_of(heap, &mut [value], [Part::new(0, 0, len)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    #[test]
    fn bytes_read_back() {
        let mut heap = Heap::new(Node::new(), 1 << 20);
        for sample in [&b""[..], b"a", b"12345678", b"\0\xff\x7f and more than a word", &[0xfe; 5_000]] {
            let value = make(&mut heap, sample).unwrap();
            assert_eq!(view(&heap, value), Some(sample));
            let literal = Value::literal(heap.node().add_literal(Literal::Bytes(sample.into())));
            assert_eq!(view(&heap, literal), Some(sample));
        }
        assert_eq!(view(&heap, Value::NULL), None);
    }
}
