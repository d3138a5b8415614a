//! Text: UTF-8 with its number of code points, so that ASCII is seen at a glance.
//!
//! A `Text` holds its bytes. What is built by appending is a `TextView` onto the start of a `TextBuffer` with room:
//! the view that ends where the buffer's used part ends may append in place, and the older views never notice. What is
//! large is a view onto the start of a blob, which grows likewise as long as nobody else has it.

use crate::data::copying::{self, Part};
use crate::data::digits::decimal;
use crate::data::writing::Target;
use crate::data::{bytes, places};
use crate::heap::{Heap, Kind, NoMemory, is_large};
use crate::node::Literal;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use memchr::memmem;

/// Bytes that a text may have.
pub const MAX_BYTES: usize = (1 << 31) - 1;

/// The first literals of a node: the strings of one ASCII character, in order.
const ASCII: u32 = 128;
/// The literal after them: the empty string.
pub(crate) const EMPTY: Value = Value::literal(ASCII);

/// Results of at least this many bytes get a buffer with room.
const BUFFER_FROM: usize = 64;

/// Texts of up to so many bytes are put together in machine registers.
pub(super) const SHORT: usize = 16;

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
        str(self.bytes)
    }
}

const fn pack(bytes: usize, chars: usize) -> u64 {
    (chars as u64) << 32 | bytes as u64
}

pub(crate) const fn unpack(word: u64) -> (usize, usize) {
    (word as u32 as usize, (word >> 32) as usize)
}

/// Where the bytes of a text are.
#[derive(Clone, Copy)]
enum Place {
    /// In this `Text`, from its second payload word on, whose value is here too.
    Text(Ref, u64),
    /// At the start of this `TextBuffer`, from its second payload word on, or of this `Blob`.
    Buffer(Ref),
    /// In the node's table; if they are at most [`SHORT`], they are here too, as [`gather`] gives them.
    Literal(u32, u128),
}

/// A text, located: place, bytes and code points.
#[derive(Clone, Copy)]
struct Located {
    place: Place,
    len: usize,
    chars: usize,
}

/// Finds a text.
#[inline(always)]
fn locate(heap: &Heap, value: Value) -> Option<Located> {
    if value.is_frozen() {
        let (text, at) = (crate::frozen::text(heap, value)?, value.as_slots());
        return Some(Located { place: Place::Text(at, heap.word(at, 1)), len: text.bytes.len(), chars: text.chars });
    }
    locate_own(heap, value)
}

/// Finds a text that is not frozen.
#[inline(always)]
fn locate_own(heap: &Heap, value: Value) -> Option<Located> {
    if let Some(at) = value.as_heap() {
        // A `Text` has at least two bytes, so at least two words.
        let (is_view, [lengths, second]) = heap.either(at, Kind::Text, Kind::TextView)?;
        let (len, chars) = unpack(lengths);
        let place = if is_view { Place::Buffer(Value::from_bits(second).as_slots()) } else { Place::Text(at, second) };
        return Some(Located { place, len, chars });
    }
    let index = value.as_literal()?;
    if index < ASCII {
        return Some(Located { place: Place::Literal(index, u128::from(index)), len: 1, chars: 1 });
    }
    match heap.node().literal(index) {
        Literal::Text(text, chars) => {
            let bits = if text.len() <= SHORT { gather(text.as_bytes()) } else { 0 };
            Some(Located { place: Place::Literal(index, bits), len: text.len(), chars: *chars as usize })
        }
        _ => None,
    }
}

/// The bytes of a text of at most [`SHORT`] bytes in one number, the first lowest; `None` if they are not to be had so.
#[inline(always)]
fn bits(heap: &Heap, text: Located) -> Option<u128> {
    match text.place {
        Place::Text(_, first) if text.len <= 8 => Some(u128::from(u64::from_le(first))),
        Place::Text(at, first) => {
            Some(u128::from(u64::from_le(first)) | u128::from(u64::from_le(heap.word(at, 2))) << 64)
        }
        // What is in a buffer is never short.
        Place::Buffer(_) => None,
        Place::Literal(_, bits) => Some(bits),
    }
}

/// At most [`SHORT`] bytes in one number, the first lowest. Two reads that may overlap, whatever the number of bytes.
#[inline(always)]
fn gather(bytes: &[u8]) -> u128 {
    let len = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << ((len - 8) * 8)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        u128::from(u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << ((len - 4) * 8))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        u128::from(u32::from(u16::from_le_bytes(*first)) | u32::from(u16::from_le_bytes(*last)) << ((len - 2) * 8))
    } else {
        bytes.first().map_or(0, |&byte| u128::from(byte))
    }
}

/// Reads a text; `None` if the value is none.
#[inline]
pub(crate) fn view(heap: &Heap, value: Value) -> Option<Text<'_>> {
    match locate_own(heap, value) {
        Some(text) => Some(Text { bytes: read(heap, value, text), chars: text.chars }),
        None => crate::frozen::text(heap, value),
    }
}

/// The bytes of a text that was located.
#[inline]
fn read(heap: &Heap, value: Value, Located { place, len, .. }: Located) -> &[u8] {
    match place {
        Place::Buffer(at) if is_blob(heap, at) => &heap.octets(at)[..len],
        Place::Text(at, _) | Place::Buffer(at) => &bytemuck::cast_slice::<u64, u8>(&heap.payload(at)[1..])[..len],
        Place::Literal(..) => match heap.literal(value) {
            Some(Literal::Text(text, _)) => text.as_bytes(),
            _ => &[],
        },
    }
}

/// Whether the value is a text.
#[inline]
pub(crate) fn is_text(heap: &Heap, value: Value) -> bool {
    match value.as_heap() {
        Some(at) => matches!(heap.kind(at), Kind::Text | Kind::TextView),
        None => matches!(heap.literal(value), Some(Literal::Text(..))),
    }
}

/// The character at an index of an ASCII `Text`, or of one that is a blob; nothing of any other, or beyond its end.
#[inline(always)]
pub(crate) fn ascii_at(heap: &Heap, text: Ref, index: usize) -> Option<Value> {
    let (is_view, [lengths, second]) = heap.either(text, Kind::Text, Kind::TextView)?;
    let (len, chars) = unpack(lengths);
    if len != chars || index >= len {
        return None;
    }
    if is_view {
        let octet = heap.try_octet(Value::from_bits(second).as_slots(), index)?;
        return Some(Value::literal(u32::from(octet)));
    }
    let word = u64::from_le(heap.try_word(text, 1 + index / 8)?);
    Some(Value::literal(u32::from((word >> (index % 8 * 8)) as u8)))
}

/// The byte of a text of one ASCII character.
#[inline(always)]
pub(crate) fn ascii_char(value: Value) -> Option<u32> {
    value.as_literal().filter(|&index| index < ASCII)
}

/// The value that every node has for a text of at most one ASCII character.
pub(crate) fn well_known(text: &str) -> Option<Value> {
    match text.as_bytes() {
        [] => Some(EMPTY),
        &[byte] if byte.is_ascii() => Some(Value::literal(u32::from(byte))),
        _ => None,
    }
}

/// Number of code points, if the value is a text.
#[inline]
pub(crate) fn len(heap: &Heap, value: Value) -> Option<usize> {
    locate(heap, value).map(|text| text.chars)
}

/// Number of code points of UTF-8.
pub(crate) fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte as i8 >= -64).count()
}

/// Makes a text.
pub(crate) fn make(heap: &mut Heap, text: &str) -> Result<Value, Trap> {
    from_utf8(heap, text.as_bytes(), count(text.as_bytes()))
}

/// Makes a text of one that is needed no more.
pub(crate) fn take(heap: &mut Heap, text: String) -> Result<Value, Trap> {
    if !is_large(text.len()) {
        return make(heap, &text);
    }
    check(text.len())?;
    let lengths = pack(text.len(), count(text.as_bytes()));
    let blob = heap.adopt(text.into_bytes())?;
    Ok(Value::heap(new_view(heap, [lengths, Value::heap(blob).bits()])?))
}

/// Makes a text of UTF-8 that has been checked.
pub(crate) fn from_utf8(heap: &mut Heap, bytes: &[u8], chars: usize) -> Result<Value, Trap> {
    if bytes.len() <= SHORT {
        return from_bits(heap, gather(bytes), bytes.len(), chars);
    }
    if is_large(bytes.len()) {
        return make_large(heap, bytes.len(), bytes.len(), chars, |_, octets| octets.extend_from_slice(bytes));
    }
    let at = room(heap, bytes.len(), chars)?;
    bytemuck::cast_slice_mut::<u64, u8>(&mut heap.payload_mut(at)[1..])[..bytes.len()].copy_from_slice(bytes);
    Ok(Value::heap(at))
}

/// Makes a text of at most [`SHORT`] bytes, the first lowest in `bits`; the bits above them must be zero.
fn from_bits(heap: &mut Heap, bits: u128, bytes: usize, chars: usize) -> Result<Value, Trap> {
    if let Some(text) = try_from_bits(heap, bits, bytes, chars) {
        return Ok(text);
    }
    let at = room(heap, bytes, chars)?;
    heap.put_bytes(at, 8, bits, bytes);
    Ok(Value::heap(at))
}

/// [`from_bits`] if it takes no search for free words: then it calls nothing.
#[inline(always)]
fn try_from_bits(heap: &mut Heap, bits: u128, bytes: usize, chars: usize) -> Option<Value> {
    if bytes < 2 {
        return Some(if bytes == 0 { EMPTY } else { Value::literal(bits as u32) });
    }
    try_alloc_bits(heap, pack(bytes, chars), bits)
}

/// Makes a `Text` of 2 to [`SHORT`] bytes whose first word is `lengths`, if that takes no search for free words.
#[inline(always)]
fn try_alloc_bits(heap: &mut Heap, lengths: u64, bits: u128) -> Option<Value> {
    let (low, high) = ((bits as u64).to_le(), ((bits >> 64) as u64).to_le());
    let size = 2 + usize::from(unpack(lengths).0 > 8);
    heap.try_alloc_first(Kind::Text, [lengths, low, high], size).map(Value::heap)
}

/// Makes the text of an int in decimal digits; `None` if that takes more than [`SHORT`] bytes.
#[inline]
pub(crate) fn of_int(heap: &mut Heap, int: i64) -> Option<Result<Value, Trap>> {
    let (bits, len) = decimal(int)?;
    match try_from_bits(heap, bits, len, len) {
        Some(text) => Some(Ok(text)),
        None => Some(from_bits(heap, bits, len, len)),
    }
}

/// Makes a text that is a blob, with room for so many bytes; if they are more than it has, it grows.
fn make_large(
    heap: &mut Heap,
    room: usize,
    len: usize,
    chars: usize,
    write: impl FnOnce(&Heap, &mut Vec<u8>),
) -> Result<Value, Trap> {
    check(len)?;
    let blob = heap.alloc_blob(room, room > len)?;
    let view = heap.alloc_with(Kind::TextView, [pack(len, chars), Value::heap(blob).bits()])?;
    heap.extend_blob(blob, write);
    Ok(Value::heap(view))
}

/// The text that a blob begins with, of so many octets and code points.
pub(crate) fn of_blob(heap: &mut Heap, blob: Ref, len: usize, chars: usize) -> Result<Value, Trap> {
    check(len)?;
    if !is_large(len) {
        let octets = heap.octets(blob)[..len].to_vec();
        return from_utf8(heap, &octets, chars);
    }
    Ok(Value::heap(new_view(heap, [pack(len, chars), Value::heap(blob).bits()])?))
}

/// The blob that a text is, if it is as a whole.
pub(crate) fn whole_blob(heap: &Heap, value: Value) -> Option<Ref> {
    match locate(heap, value)? {
        Located { place: Place::Buffer(at), len, .. } if is_blob(heap, at) => {
            (heap.octets(at).len() == len).then_some(at)
        }
        _ => None,
    }
}

#[inline]
fn is_blob(heap: &Heap, buffer: Ref) -> bool {
    heap.kind(buffer) == Kind::Blob
}

/// The text of bytes that are UTF-8 of so many code points. If they are a blob it is the same one.
pub(crate) fn of_bytes(heap: &mut Heap, value: Value, chars: usize) -> Result<Value, Trap> {
    if let Some(blob) = heap.is(value, Kind::Blob)
        && let Some(octets) = heap.share_blob(blob)
    {
        let blob = heap.alloc_shared(octets)?;
        let lengths = pack(heap.octets(blob).len(), chars);
        return Ok(Value::heap(heap.alloc_with(Kind::TextView, [lengths, Value::heap(blob).bits()])?));
    }
    let octets = bytes::view(heap, value).map_or_else(Vec::new, <[u8]>::to_vec);
    from_utf8(heap, &octets, chars)
}

/// A `Text` whose bytes are still to be written.
fn room(heap: &mut Heap, bytes: usize, chars: usize) -> Result<Ref, Trap> {
    check(bytes)?;
    Ok(heap.alloc_bytes(Kind::Text, pack(bytes, chars), bytes)?)
}

/// Whether a text may have so many bytes.
///
/// # Errors
/// `:limit-error` if not.
#[inline]
pub(crate) fn check(bytes: usize) -> Result<(), Trap> {
    if bytes > MAX_BYTES { Err(too_long()) } else { Ok(()) }
}

#[cold]
fn too_long() -> Trap {
    Trap::error(ErrorKind::Limit, format!("the string would have more than {MAX_BYTES} bytes"))
}

/// Copies bytes of a text to a place in an object's payload.
#[inline]
fn copy(heap: &mut Heap, from: Place, from_byte: usize, to: Ref, to_byte: usize, count: usize) {
    match from {
        Place::Buffer(at) if is_blob(heap, at) => heap.copy_octets(at, from_byte, to, to_byte, count),
        Place::Text(at, _) | Place::Buffer(at) => heap.copy_bytes(at, 8 + from_byte, to, to_byte, count),
        Place::Literal(index, _) => heap.copy_literal(index, from_byte, to, to_byte, count),
    }
}

/// Concatenates two texts; `None` if one is none. Appending to the result of an append is cheap.
///
/// For one caller, which has nothing else to do: what is long or rare are functions of their own, and nothing that is
/// inlined calls one and goes on, so that all is done in the registers of the host that need no saving.
#[inline(always)]
pub(crate) fn concat(heap: &mut Heap, left: Value, right: Value) -> Option<Result<Value, Trap>> {
    if let Some([lengths, buffer]) = heap.first_words(left, Kind::TextView) {
        return append(heap, left, lengths, Value::from_bits(buffer).as_slots(), right);
    }
    if let (Some((first_lengths, first)), Some((second_lengths, second))) = (short(heap, left), short(heap, right)) {
        // Neither half passes into the other.
        let lengths = first_lengths + second_lengths;
        if unpack(lengths).0 <= SHORT {
            let bits = first | second << (unpack(first_lengths).0 * 8);
            if let Some(text) = try_alloc_bits(heap, lengths, bits) {
                return Some(Ok(text));
            }
        }
    }
    concat_long(heap, left, right)
}

/// The first word and the bytes of a text that is no view and has from 1 to [`SHORT`] bytes, as [`gather`] gives them.
#[inline(always)]
fn short(heap: &Heap, value: Value) -> Option<(u64, u128)> {
    const LIMIT: usize = SHORT + 1;
    if let Some([lengths, first]) = heap.first_words(value, Kind::Text) {
        let first = u128::from(u64::from_le(first));
        return match unpack(lengths).0 {
            0..=8 => Some((lengths, first)),
            9..LIMIT => Some((lengths, first | u128::from(u64::from_le(heap.try_word(value.as_slots(), 2)?)) << 64)),
            _ => None,
        };
    }
    let index = value.as_literal()?;
    if index < ASCII {
        return Some((pack(1, 1), u128::from(index)));
    }
    match heap.node().literal(index) {
        Literal::Text(text, chars) if matches!(text.len(), 1..LIMIT) => {
            Some((pack(text.len(), *chars as usize), gather(text.as_bytes())))
        }
        _ => None,
    }
}

/// Appends in place, if the view `left` ends where its buffer's used part ends.
#[inline(never)]
fn append(heap: &mut Heap, left: Value, lengths: u64, buffer: Ref, right: Value) -> Option<Result<Value, Trap>> {
    let from = locate(heap, right)?;
    let (used, chars) = unpack(lengths);
    let len = used + from.len;
    if heap.word(buffer, 0) as usize != used || !heap.room_for(buffer, used, from.len) || len > MAX_BYTES {
        return append_to_blob(heap, left, buffer, right);
    }
    let view = match new_view(heap, [pack(len, chars + from.chars), Value::heap(buffer).bits()]) {
        Ok(view) => view,
        Err(none) => return Some(Err(none.into())),
    };
    heap.set_word(buffer, 0, len as u64);
    match if from.len <= SHORT { bits(heap, from) } else { None } {
        Some(bits) => heap.put_bytes(buffer, 8 + used, bits, from.len),
        None => copy(heap, from.place, 0, buffer, 8 + used, from.len),
    }
    Some(Ok(Value::heap(view)))
}

#[inline(always)]
fn new_view(heap: &mut Heap, payload: [u64; 2]) -> Result<Ref, NoMemory> {
    match heap.try_alloc_first(Kind::TextView, payload, 2) {
        Some(view) => Ok(view),
        None => heap.alloc_with(Kind::TextView, payload),
    }
}

/// The same as [`append`] for a view onto a blob, and what to do where nothing can be appended in place.
#[inline(never)]
fn append_to_blob(heap: &mut Heap, left: Value, buffer: Ref, right: Value) -> Option<Result<Value, Trap>> {
    let (onto, from) = (locate(heap, left)?, locate(heap, right)?);
    let len = onto.len + from.len;
    let Some(spare) = heap.spare_octets(buffer, onto.len) else { return concat_long(heap, left, right) };
    if len > MAX_BYTES || from.len == 0 {
        return concat_long(heap, left, right);
    }
    if from.len > copying::AT_ONCE {
        let room = if spare < from.len { growing(heap, onto, len) } else { 0 };
        let target = Target::Behind(buffer, onto.chars, room);
        return Some(copying::text_of(heap, &mut [right], [Part::new(0, 0, from.len)], Some(target)));
    }
    let view = match new_view(heap, [pack(len, onto.chars + from.chars), Value::heap(buffer).bits()]) {
        Ok(view) => view,
        Err(none) => return Some(Err(none.into())),
    };
    // The last: room that was made would cost nothing when the instruction is run again.
    if spare < from.len
        && let Err(none) = heap.grow_blob(buffer, growing(heap, onto, len))
    {
        return Some(Err(none.into()));
    }
    match if from.len <= SHORT { bits(heap, from) } else { None } {
        Some(bits) => heap.push_octets(buffer, bits, from.len),
        None => heap.extend_blob(buffer, |heap, octets| match from.place {
            Place::Buffer(at) if at == buffer => octets.extend_from_within(..from.len),
            _ => octets.extend_from_slice(read(heap, right, from)),
        }),
    }
    Some(Ok(Value::heap(view)))
}

/// Bytes that a text of `len` bytes gets room for which is the result of an append to `onto`: what was appended to before
/// will be again.
fn growing(heap: &Heap, onto: Located, len: usize) -> usize {
    match onto.place {
        Place::Buffer(at) if !is_blob(heap, at) || heap.grows(at) => len * 2,
        _ => len + len / 4,
    }
}

#[inline(never)]
fn concat_long(heap: &mut Heap, left: Value, right: Value) -> Option<Result<Value, Trap>> {
    let (onto, from) = (locate(heap, left)?, locate(heap, right)?);
    Some(match (onto.len, from.len) {
        (_, 0) => Ok(left),
        (0, _) => Ok(right),
        _ => concat_located(heap, (left, right), onto, from),
    })
}

#[inline(always)]
fn concat_located(heap: &mut Heap, values: (Value, Value), left: Located, right: Located) -> Result<Value, Trap> {
    let len = left.len + right.len;
    check(len)?;
    let chars = left.chars + right.chars;
    let (at, result) = if len < BUFFER_FROM {
        let at = room(heap, len, chars)?;
        (at, at)
    } else {
        let room = growing(heap, left, len);
        if len > copying::AT_ONCE {
            let parts = [Part::new(0, 0, left.len), Part::new(1, 0, right.len)];
            return copying::text_of(heap, &mut [values.0, values.1], parts, Some(Target::Growing(room)));
        }
        if is_large(room) {
            return make_large(heap, room, len, chars, |heap, octets| {
                octets.extend_from_slice(read(heap, values.0, left));
                octets.extend_from_slice(read(heap, values.1, right));
            });
        }
        let buffer = heap.alloc_bytes(Kind::TextBuffer, len as u64, room)?;
        let view = heap.alloc_with(Kind::TextView, [pack(len, chars), Value::heap(buffer).bits()])?;
        (buffer, view)
    };
    copy(heap, left.place, 0, at, 8, left.len);
    copy(heap, right.place, 0, at, 8 + left.len, right.len);
    Ok(Value::heap(result))
}

/// Concatenates many texts; all values must be texts.
pub(crate) fn join(heap: &mut Heap, parts: &[Value]) -> Result<Value, Trap> {
    let (mut len, mut chars) = (0, 0);
    for &part in parts {
        let text = locate(heap, part).expect("only texts are joined");
        len += text.len;
        chars += text.chars;
    }
    match len {
        0 => return Ok(EMPTY),
        // All parts but one are empty, and a `Text` of one byte is never made.
        1 => return Ok(parts.iter().copied().find(|&part| self::len(heap, part) == Some(1)).unwrap_or(EMPTY)),
        _ => {}
    }
    if len > copying::AT_ONCE {
        check(len)?;
        heap.could_hold(len / 8)?;
        let copied: Vec<Part> = (0..)
            .zip(parts)
            .filter_map(|(source, &part)| Some(Part::new(source, 0, locate(heap, part)?.len)))
            .collect();
        return copying::text_of(heap, &mut parts.to_vec(), copied, None);
    }
    if is_large(len) {
        return make_large(heap, len, len, chars, |heap, octets| {
            let views = parts.iter().filter_map(|&part| view(heap, part));
            views.for_each(|text| octets.extend_from_slice(text.bytes));
        });
    }
    let at = room(heap, len, chars)?;
    let mut end = 8;
    for &part in parts {
        if let Some(Located { place, len, .. }) = locate(heap, part) {
            copy(heap, place, 0, at, end, len);
            end += len;
        }
    }
    Ok(Value::heap(at))
}

/// A part of a text, by bytes. Both ends must be where code points begin.
pub(crate) fn part(heap: &mut Heap, value: Value, start: usize, end: usize) -> Result<Value, Trap> {
    let Located { place, len, chars } = locate(heap, value).expect("a part of a text");
    if start == 0 && end == len {
        return Ok(value);
    }
    if start == end {
        return Ok(EMPTY);
    }
    if end - start > copying::AT_ONCE {
        return copying::text_of(heap, &mut [value], [Part::new(0, start, end - start)], None);
    }
    let part_chars =
        if len == chars { end - start } else { count(&view(heap, value).expect("a part of a text").bytes[start..end]) };
    if end - start == 1 {
        let byte = view(heap, value).expect("a part of a text").bytes[start];
        return Ok(Value::literal(byte as u32));
    }
    if is_large(end - start) {
        return make_large(heap, end - start, end - start, part_chars, |heap, octets| {
            octets.extend_from_slice(&view(heap, value).expect("a part of a text").bytes[start..end]);
        });
    }
    let at = room(heap, end - start, part_chars)?;
    copy(heap, place, start, at, 8, end - start);
    Ok(Value::heap(at))
}

/// Where the code point begins that lies at this byte of UTF-8, or its end.
#[inline]
pub(crate) fn boundary(bytes: &[u8], at: usize) -> usize {
    let mut at = at.min(bytes.len());
    while at > 0 && bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
        at -= 1;
    }
    at
}

/// A part of a text as a `str`; checks the bytes.
///
/// # Panics
/// If they are not UTF-8, which would be a fault of who found the part.
#[inline]
pub(crate) fn str(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text is UTF-8")
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

/// The code point with this index, as a text. The index must be valid.
pub(crate) fn char_at(heap: &mut Heap, value: Value, index: usize) -> Result<Value, Trap> {
    if let Some(char) = value.as_heap().and_then(|at| ascii_at(heap, at, index)) {
        return Ok(char);
    }
    let byte = places::byte_of(heap, value, index)?;
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
    let first = places::byte_of(heap, value, start)?;
    let last = places::byte_of(heap, value, end)?;
    part(heap, value, first, last)
}

/// The first byte from `from` on where the second text, or octets, begin in the first; in linear time.
pub(crate) fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memmem::find(bytes.get(from..)?, needle).map(|at| at + from)
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
    fn texts_of_all_short_lengths_are_put_together() {
        let mut heap = heap();
        let source = "abcdefghijklmnopqrstuvwxyz";
        let source = source.repeat(4);
        for left in 0..40 {
            for right in 0..40 {
                let (first, second) = (&source[..left], &source[left..left + right]);
                let whole = &source[..left + right];
                let made = [make(&mut heap, first).unwrap(), make(&mut heap, second).unwrap()];
                let literal = |heap: &Heap, text: &str| {
                    Value::literal(heap.node().add_literal(Literal::Text(text.into(), text.len() as u32)))
                };
                let literals = [literal(&heap, first), literal(&heap, second)];
                for (a, b) in [(made[0], made[1]), (literals[0], made[1]), (made[0], literals[1])] {
                    let joined = concat(&mut heap, a, b).unwrap().unwrap();
                    assert_eq!(string(&heap, joined), whole);
                    let joined = join(&mut heap, &[a, b]).unwrap();
                    assert_eq!(string(&heap, joined), whole);
                }
                // Appended in place, at every place in a word.
                let long = make(&mut heap, &source[..64]).unwrap();
                let grown = concat(&mut heap, long, made[0]).unwrap().unwrap();
                for piece in [made[1], literals[1]] {
                    let grown = concat(&mut heap, grown, piece).unwrap().unwrap();
                    assert_eq!(string(&heap, grown), source[..64].to_owned() + whole);
                }
            }
        }
        heap.check();
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
        // All parts of up to four octets in all of seven, of two different ones.
        let all =
            |length: u32| (0..1u32 << length).map(move |bits| (0..length).map(|at| (bits >> at & 1) as u8).collect());
        for whole in all(7).collect::<Vec<Vec<u8>>>() {
            for part in (1..5).flat_map(|length| all(length).collect::<Vec<Vec<u8>>>()) {
                for from in 0..8 {
                    let places = whole.windows(part.len()).enumerate();
                    let expected = places.skip(from).find(|(_, window)| *window == part).map(|(at, _)| at);
                    assert_eq!(find(&whole, &part, from), expected, "{part:?} in {whole:?} from {from}");
                }
            }
        }
    }
}
