//! Text: UTF-8 with its number of code points, so that ASCII is seen at a glance.
//!
//! A `Text` holds its bytes. What is built by appending is a `TextView` onto the start of a `TextBuffer` with room:
//! the view that ends where the buffer's used part ends may append in place, and the older views never notice.

use crate::heap::{Heap, Kind};
use crate::node::Literal;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use std::sync::Arc;

/// Bytes that a text may have.
pub(crate) const MAX_BYTES: usize = (1 << 31) - 1;

/// The first literals of a node: the strings of one ASCII character, in order.
const ASCII: u32 = 128;
/// The literal after them: the empty string.
pub(crate) const EMPTY: Value = Value::literal(ASCII);

/// Results of at least this many bytes get a buffer with room.
const BUFFER_FROM: usize = 64;

/// A text, read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'h> {
    /// Its UTF-8.
    pub(crate) bytes: &'h [u8],
    /// Its number of code points.
    pub(crate) chars: usize,
}

impl<'h> Text<'h> {
    /// Whether all code points are ASCII.
    #[inline]
    pub(crate) fn is_ascii(&self) -> bool {
        self.bytes.len() == self.chars
    }

    /// As a `str`; checks the bytes.
    ///
    /// # Panics
    /// If they are not UTF-8, which would be a fault of this module.
    pub(crate) fn as_str(&self) -> &'h str {
        std::str::from_utf8(self.bytes).expect("text is UTF-8")
    }
}

const fn pack(bytes: usize, chars: usize) -> u64 {
    (chars as u64) << 32 | bytes as u64
}

const fn unpack(word: u64) -> (usize, usize) {
    (word as u32 as usize, (word >> 32) as usize)
}

/// Where the bytes of a text are.
#[derive(Clone, Copy)]
enum Place {
    /// In this object's payload, from its second word on.
    Heap(Ref),
    /// In the node's table.
    Literal(u32),
}

/// Place, bytes and code points of a text.
#[inline]
fn locate(heap: &Heap, value: Value) -> Option<(Place, usize, usize)> {
    if let Some(at) = value.as_heap() {
        return match heap.kind(at) {
            Kind::Text => {
                let (bytes, chars) = unpack(heap.word(at, 0));
                Some((Place::Heap(at), bytes, chars))
            }
            Kind::TextView => {
                let (bytes, chars) = unpack(heap.word(at, 0));
                Some((Place::Heap(heap.value(at, 1).as_heap()?), bytes, chars))
            }
            _ => None,
        };
    }
    let index = value.as_literal()?;
    if index < ASCII {
        return Some((Place::Literal(index), 1, 1));
    }
    match heap.node().literal(index) {
        Literal::Text(text, chars) => Some((Place::Literal(index), text.len(), *chars as usize)),
        _ => None,
    }
}

/// Reads a text; `None` if the value is none.
#[inline]
pub(crate) fn view(heap: &Heap, value: Value) -> Option<Text<'_>> {
    let (place, len, chars) = locate(heap, value)?;
    let bytes = match place {
        Place::Heap(at) => &bytemuck::cast_slice::<u64, u8>(&heap.payload(at)[1..])[..len],
        Place::Literal(_) => match heap.literal(value)? {
            Literal::Text(text, _) => text.as_bytes(),
            _ => return None,
        },
    };
    Some(Text { bytes, chars })
}

/// Whether the value is a text.
#[inline]
pub(crate) fn is_text(heap: &Heap, value: Value) -> bool {
    match value.as_heap() {
        Some(at) => matches!(heap.kind(at), Kind::Text | Kind::TextView),
        None => matches!(heap.literal(value), Some(Literal::Text(..))),
    }
}

/// Number of code points, if the value is a text.
#[inline]
pub(crate) fn len(heap: &Heap, value: Value) -> Option<usize> {
    locate(heap, value).map(|(_, _, chars)| chars)
}

/// Number of code points of UTF-8.
pub(crate) fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte as i8 >= -64).count()
}

/// Makes a text.
pub(crate) fn make(heap: &mut Heap, text: &str) -> Result<Value, Trap> {
    from_utf8(heap, text.as_bytes(), count(text.as_bytes()))
}

/// Makes a text of UTF-8 that has been checked.
fn from_utf8(heap: &mut Heap, bytes: &[u8], chars: usize) -> Result<Value, Trap> {
    match bytes {
        [] => return Ok(EMPTY),
        [byte] => return Ok(Value::literal(*byte as u32)),
        _ => {}
    }
    let at = room(heap, bytes.len(), chars)?;
    bytemuck::cast_slice_mut::<u64, u8>(&mut heap.payload_mut(at)[1..])[..bytes.len()].copy_from_slice(bytes);
    Ok(Value::heap(at))
}

/// A `Text` whose bytes are still to be written.
fn room(heap: &mut Heap, bytes: usize, chars: usize) -> Result<Ref, Trap> {
    check(bytes)?;
    let at = heap.alloc(Kind::Text, 1 + bytes.div_ceil(8))?;
    heap.set_word(at, 0, pack(bytes, chars));
    Ok(at)
}

/// Whether a text may have so many bytes.
///
/// # Errors
/// `:limit-error` if not.
pub(crate) fn check(bytes: usize) -> Result<(), Trap> {
    if bytes > MAX_BYTES {
        return Err(Trap::error(ErrorKind::Limit, format!("the string would have more than {MAX_BYTES} bytes")));
    }
    Ok(())
}

/// Copies bytes of a text to a place in an object's payload.
#[inline]
fn copy(heap: &mut Heap, from: Place, from_byte: usize, to: Ref, to_byte: usize, count: usize) {
    match from {
        Place::Heap(at) => heap.copy_bytes(at, 8 + from_byte, to, to_byte, count),
        Place::Literal(index) if index < ASCII => {
            // All of the one byte, or none of it.
            if count > from_byte {
                bytemuck::cast_slice_mut::<u64, u8>(heap.payload_mut(to))[to_byte] = index as u8;
            }
        }
        Place::Literal(index) => copy_literal(heap, index, from_byte, to, to_byte, count),
    }
}

#[inline(never)]
fn copy_literal(heap: &mut Heap, index: u32, from_byte: usize, to: Ref, to_byte: usize, count: usize) {
    const SHORT: usize = 32;
    let mut short = [0; SHORT];
    let write = |heap: &mut Heap, bytes: &[u8]| {
        bytemuck::cast_slice_mut::<u64, u8>(heap.payload_mut(to))[to_byte..to_byte + count].copy_from_slice(bytes);
    };
    if count <= SHORT {
        if let Literal::Text(text, _) = heap.node().literal(index) {
            short[..count].copy_from_slice(&text.as_bytes()[from_byte..from_byte + count]);
        }
        write(heap, &short[..count]);
    } else {
        let node = Arc::clone(heap.node());
        if let Literal::Text(text, _) = node.literal(index) {
            write(heap, &text.as_bytes()[from_byte..from_byte + count]);
        }
    }
}

/// Concatenates two texts; `None` if one is none. Appending to the result of an append is cheap.
#[inline]
pub(crate) fn concat(heap: &mut Heap, left: Value, right: Value) -> Option<Result<Value, Trap>> {
    let (from, right_len, right_chars) = locate(heap, right)?;
    // The common case first: append in place.
    if let Some(view) = heap.is(left, Kind::TextView) {
        let buffer = heap.value(view, 1).as_heap()?;
        let (len, chars) = unpack(heap.word(view, 0));
        let used = heap.word(buffer, 0) as usize;
        if used == len && (heap.payload(buffer).len() - 1) * 8 - used >= right_len {
            return Some(append(heap, buffer, (len, chars), (from, right_len, right_chars)));
        }
    }
    Some(concat_slow(heap, left, locate(heap, left)?, right, (from, right_len, right_chars)))
}

#[inline]
fn append(
    heap: &mut Heap,
    buffer: Ref,
    (len, chars): (usize, usize),
    (from, right_len, right_chars): (Place, usize, usize),
) -> Result<Value, Trap> {
    check(len + right_len)?;
    let view = heap.alloc(Kind::TextView, 2)?;
    copy(heap, from, 0, buffer, 8 + len, right_len);
    heap.set_word(buffer, 0, (len + right_len) as u64);
    heap.set_word(view, 0, pack(len + right_len, chars + right_chars));
    heap.set_value(view, 1, Value::heap(buffer));
    Ok(Value::heap(view))
}

#[inline(never)]
fn concat_slow(
    heap: &mut Heap,
    left: Value,
    (left_place, left_len, left_chars): (Place, usize, usize),
    right: Value,
    (right_place, right_len, right_chars): (Place, usize, usize),
) -> Result<Value, Trap> {
    if right_len == 0 {
        return Ok(left);
    }
    if left_len == 0 {
        return Ok(right);
    }
    let len = left_len + right_len;
    check(len)?;
    let chars = left_chars + right_chars;
    let (at, result) = if len < BUFFER_FROM {
        let at = room(heap, len, chars)?;
        (at, at)
    } else {
        // What was appended to before will be again.
        let room = if heap.is(left, Kind::TextView).is_some() { len } else { len / 4 };
        let buffer = heap.alloc(Kind::TextBuffer, 1 + (len + room).div_ceil(8))?;
        let view = heap.alloc(Kind::TextView, 2)?;
        heap.set_word(buffer, 0, len as u64);
        heap.set_word(view, 0, pack(len, chars));
        heap.set_value(view, 1, Value::heap(buffer));
        (buffer, view)
    };
    copy(heap, left_place, 0, at, 8, left_len);
    copy(heap, right_place, 0, at, 8 + left_len, right_len);
    Ok(Value::heap(result))
}

/// Concatenates many texts; all values must be texts.
pub(crate) fn join(heap: &mut Heap, parts: &[Value]) -> Result<Value, Trap> {
    let (mut len, mut chars) = (0, 0);
    for &part in parts {
        let (_, bytes, count) = locate(heap, part).expect("only texts are joined");
        len += bytes;
        chars += count;
    }
    if len == 0 {
        return Ok(EMPTY);
    }
    let at = room(heap, len, chars)?;
    let mut end = 8;
    for &part in parts {
        if let Some((place, bytes, _)) = locate(heap, part) {
            copy(heap, place, 0, at, end, bytes);
            end += bytes;
        }
    }
    Ok(Value::heap(at))
}

/// A part of a text, by bytes. Both ends must be where code points begin.
pub(crate) fn part(heap: &mut Heap, value: Value, start: usize, end: usize) -> Result<Value, Trap> {
    let (place, len, chars) = locate(heap, value).expect("a part of a text");
    if start == 0 && end == len {
        return Ok(value);
    }
    if start == end {
        return Ok(EMPTY);
    }
    let part_chars =
        if len == chars { end - start } else { count(&view(heap, value).expect("a part of a text").bytes[start..end]) };
    if end - start == 1 {
        let byte = view(heap, value).expect("a part of a text").bytes[start];
        return Ok(Value::literal(byte as u32));
    }
    let at = room(heap, end - start, part_chars)?;
    copy(heap, place, start, at, 8, end - start);
    Ok(Value::heap(at))
}

/// Bytes of the UTF-8 sequence that this byte starts.
#[inline]
pub(crate) const fn width(first: u8) -> usize {
    match first {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    }
}

/// A place in a text that was read: the text's bits, a code point's index and its byte.
#[derive(Clone, Copy, Debug, Default)]
struct Cursor {
    text: u64,
    index: usize,
    byte: usize,
}

/// The places where texts that are not ASCII were read last.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursors {
    places: [Cursor; 4],
    next: u8,
}

/// The byte where the code point with this index begins; the index may be one past the last.
pub(crate) fn byte_of(heap: &mut Heap, value: Value, index: usize) -> usize {
    let Some(text) = view(heap, value) else { return 0 };
    if text.is_ascii() {
        return index;
    }
    let known = heap.text_cursors.places.iter().position(|cursor| cursor.text == value.bits());
    let cursor = known.map_or(Cursor::default(), |slot| heap.text_cursors.places[slot]);
    // From the nearest of start, last place and end.
    let from_end = text.chars - index;
    let (mut at, mut byte) = if index <= cursor.index.abs_diff(index) {
        (0, 0)
    } else if from_end < cursor.index.abs_diff(index) {
        (text.chars, text.bytes.len())
    } else {
        (cursor.index, cursor.byte)
    };
    while at < index {
        byte += width(text.bytes[byte]);
        at += 1;
    }
    while at > index {
        byte -= 1;
        while text.bytes[byte] & 0xC0 == 0x80 {
            byte -= 1;
        }
        at -= 1;
    }
    let cursors = &mut heap.text_cursors;
    let slot = known.unwrap_or_else(|| {
        cursors.next = (cursors.next + 1) % 4;
        cursors.next as usize
    });
    cursors.places[slot] = Cursor { text: value.bits(), index, byte };
    byte
}

/// The code point with this index, as a text. The index must be valid.
pub(crate) fn char_at(heap: &mut Heap, value: Value, index: usize) -> Result<Value, Trap> {
    let byte = byte_of(heap, value, index);
    char_at_byte(heap, value, byte).map(|(char, _)| char)
}

/// The code point that begins at this byte, as a text, and where the next one begins.
pub(crate) fn char_at_byte(heap: &mut Heap, value: Value, byte: usize) -> Result<(Value, usize), Trap> {
    let bytes = view(heap, value).expect("a text").bytes;
    let first = bytes[byte];
    if first < 0x80 {
        return Ok((Value::literal(first as u32), byte + 1));
    }
    let width = width(first);
    let mut char = [0; 4];
    char[..width].copy_from_slice(&bytes[byte..byte + width]);
    Ok((from_utf8(heap, &char[..width], 1)?, byte + width))
}

/// The part between two code points. The bounds must be valid.
pub(crate) fn slice(heap: &mut Heap, value: Value, start: usize, end: usize) -> Result<Value, Trap> {
    if start >= end {
        return Ok(EMPTY);
    }
    let first = byte_of(heap, value, start);
    let last = byte_of(heap, value, end);
    part(heap, value, first, last)
}

/// The first byte from `from` on where the second text begins in the first.
pub(crate) fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let (&first, rest) = match needle.split_first() {
        None => return (from <= bytes.len()).then_some(from),
        Some(parts) => parts,
    };
    // `str::find` is linear in the worst case; UTF-8 that was checked stays so.
    if let (Ok(text), Ok(needle)) = (std::str::from_utf8(bytes.get(from..)?), std::str::from_utf8(needle)) {
        return text.find(needle).map(|at| at + from);
    }
    let mut at = from;
    while at + needle.len() <= bytes.len() {
        at += bytes[at..].iter().position(|&byte| byte == first)?;
        if bytes[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    fn heap() -> Heap {
        Heap::new(Node::new(), 1 << 26)
    }

    fn string(heap: &Heap, value: Value) -> String {
        let text = view(heap, value).unwrap();
        assert_eq!(text.chars, text.as_str().chars().count());
        text.as_str().to_owned()
    }

    #[test]
    fn one_ascii_character_never_allocates() {
        let mut heap = heap();
        let x = make(&mut heap, "x").unwrap();
        assert!(x.as_literal().is_some());
        assert_eq!(string(&heap, x), "x");
        assert_eq!(heap.bytes(), 0);
    }

    #[test]
    fn appending_leaves_the_older_texts_as_they_were() {
        let mut heap = heap();
        let mut text = make(&mut heap, "").unwrap();
        let mut expected = String::new();
        let mut older = Vec::new();
        for round in 0..200 {
            let piece =
                ["a", "é", "日本", "", "long enough to be copied through the other way, more than 32"][round % 5];
            let right = make(&mut heap, piece).unwrap();
            text = concat(&mut heap, text, right).unwrap().unwrap();
            expected.push_str(piece);
            older.push((text, expected.clone()));
        }
        // Branches from the middle do not disturb what grew from there.
        let bang = make(&mut heap, "!").unwrap();
        for at in (0..200).rev().step_by(7) {
            let branch = concat(&mut heap, older[at].0, bang).unwrap().unwrap();
            assert_eq!(string(&heap, branch), older[at].1.clone() + "!");
        }
        for (value, expected) in older {
            assert_eq!(string(&heap, value), expected);
        }
        heap.check();
    }

    #[test]
    fn a_million_appends_stay_linear() {
        let mut heap = Heap::new(Node::new(), 1 << 28);
        let x = make(&mut heap, "x").unwrap();
        let mut text = x;
        for _ in 0..1_000_000 {
            text = concat(&mut heap, text, x).unwrap().unwrap();
        }
        assert_eq!(len(&heap, text), Some(1_000_001));
        assert!(heap.bytes() < 40_000_000, "{} bytes", heap.bytes());
    }

    #[test]
    fn code_points_are_found_from_anywhere() {
        let mut heap = heap();
        let source = "aé日😀".repeat(20);
        let chars: Vec<char> = source.chars().collect();
        let text = make(&mut heap, &source).unwrap();
        for index in (0..80).chain((0..80).rev()).chain((0..80).map(|at| at * 37 % 80)) {
            let char = char_at(&mut heap, text, index).unwrap();
            assert_eq!(string(&heap, char), chars[index].to_string());
        }
        let middle = slice(&mut heap, text, 3, 7).unwrap();
        assert_eq!(string(&heap, middle), "😀aé日");
        let empty = slice(&mut heap, text, 80, 80).unwrap();
        assert_eq!(string(&heap, empty), "");
    }

    #[test]
    fn joining_and_finding() {
        let mut heap = heap();
        let parts: Vec<Value> = ["ab", "é", "", "c"].iter().map(|part| make(&mut heap, part).unwrap()).collect();
        let joined = join(&mut heap, &parts).unwrap();
        assert_eq!(string(&heap, joined), "abéc");
        assert_eq!(find(b"hello", b"l", 0), Some(2));
        assert_eq!(find(b"hello", b"l", 4), None);
        assert_eq!(find(b"hello", b"", 5), Some(5));
        assert_eq!(find(b"\xff\xfe\xff\xfd", b"\xff\xfd", 0), Some(2));
    }
}
