//! Texts and bytes back to front.

use crate::data::writing::{OCTETS, Target, Writer, write};
use crate::data::{bytes as octets, text as texts};
use crate::heap::Heap;
use crate::trap::Trap;
use crate::value::Value;

type Result<T = Value> = std::result::Result<T, Trap>;

/// Words that could be touched while a code point is put in its place.
const WORDS_A_CHAR: usize = 2;

/// The code points, or octets, before this octet are still to be written.
struct Reversing {
    before: usize,
}

/// The same for octets.
struct Octets(Reversing);

impl Writer for Reversing {
    type Out = String;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut String, _: usize) -> Result<bool> {
        let Some(text) = texts::view(heap, held[0]) else { return Ok(true) };
        let start = texts::boundary(text.bytes, self.before.saturating_sub(OCTETS));
        let piece = texts::str(&text.bytes[start..self.before]);
        heap.spend(piece.len() * WORDS_A_CHAR);
        out.extend(piece.chars().rev());
        self.before = start;
        Ok(start == 0)
    }
}

impl Writer for Octets {
    type Out = Vec<u8>;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut Vec<u8>, _: usize) -> Result<bool> {
        let Some(octets) = octets::view(heap, held[0]) else { return Ok(true) };
        let start = self.0.before.saturating_sub(OCTETS);
        heap.spend((self.0.before - start) / 4);
        out.extend(octets[start..self.0.before].iter().rev());
        self.0.before = start;
        Ok(start == 0)
    }
}

/// A text's code points back to front.
pub(super) fn text(heap: &mut Heap, value: Value) -> Result {
    let before = texts::view(heap, value).map_or(0, |text| text.bytes.len());
    write(heap, &mut [value], Reversing { before }, Target::Value(Some(before)))
}

/// Octets back to front.
pub(super) fn bytes(heap: &mut Heap, value: Value) -> Result {
    let before = octets::view(heap, value).map_or(0, <[u8]>::len);
    write(heap, &mut [value], Octets(Reversing { before }), Target::Value(Some(before)))
}
