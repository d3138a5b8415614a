//! Octets.

use crate::heap::{Heap, Kind};
use crate::node::Literal;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;

/// Octets that a value of bytes may have.
pub(crate) const MAX_BYTES: usize = (1 << 31) - 1;

/// Reads bytes; `None` if the value is none.
pub(crate) fn view(heap: &Heap, value: Value) -> Option<&[u8]> {
    if let Some(at) = heap.is(value, Kind::Bytes) {
        let words = heap.payload(at);
        return Some(&bytemuck::cast_slice::<u64, u8>(&words[1..])[..words[0] as usize]);
    }
    match heap.literal(value)? {
        Literal::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// Makes bytes.
pub(crate) fn make(heap: &mut Heap, bytes: &[u8]) -> Result<Value, Trap> {
    if bytes.len() > MAX_BYTES {
        return Err(Trap::error(ErrorKind::Limit, format!("the bytes would be more than {MAX_BYTES}")));
    }
    let at = heap.alloc(Kind::Bytes, 1 + bytes.len().div_ceil(8))?;
    let payload = heap.payload_mut(at);
    payload[0] = bytes.len() as u64;
    bytemuck::cast_slice_mut::<u64, u8>(&mut payload[1..])[..bytes.len()].copy_from_slice(bytes);
    Ok(Value::heap(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    #[test]
    fn bytes_read_back() {
        let mut heap = Heap::new(Node::new(), 1 << 20);
        for sample in [&b""[..], b"a", b"12345678", b"\0\xff\x7f and more than a word"] {
            let value = make(&mut heap, sample).unwrap();
            assert_eq!(view(&heap, value), Some(sample));
            let literal = Value::literal(heap.node().add_literal(Literal::Bytes(sample.into())));
            assert_eq!(view(&heap, literal), Some(sample));
        }
        assert_eq!(view(&heap, Value::NULL), None);
    }
}
