//! Octets as text and text as octets: hexadecimal digits, base 64, UTF-8.

use super::general::value_error;
use super::{arity, wants};
use crate::data::writing::{OCTETS, Target, Writer, write};
use crate::data::{bytes, text};
use crate::heap::Heap;
use crate::task::{Piece, Stage, Task, begin};
use crate::trap::Trap;
use crate::value::Value;

type Result<T = Value> = std::result::Result<T, Trap>;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// For each octet its value as a digit in base 64; [`NO_DIGIT`] for what is none.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < BASE64.len() {
        digits[BASE64[value] as usize] = value as u8;
        value += 1;
    }
    digits
};
const NO_DIGIT: u8 = 64;

fn octets<'h>(heap: &'h Heap, name: &str, value: Value) -> Result<&'h [u8]> {
    bytes::view(heap, value).ok_or_else(|| wants(heap, name, "bytes", value))
}

fn string<'h>(heap: &'h Heap, name: &str, value: Value) -> Result<&'h [u8]> {
    text::view(heap, value).map(|text| text.bytes).ok_or_else(|| wants(heap, name, "a string", value))
}

/// A coding of octets, from this place on, by a function for a piece of them.
struct Encoding {
    at: usize,
    /// Octets that belong together.
    group: usize,
    encode: fn(&[u8], &mut String),
}

impl Writer for Encoding {
    type Out = String;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut String, _: usize) -> Result<bool> {
        let octets = bytes::view(heap, held[0]).unwrap_or_default();
        let end = octets.len().min(self.at + OCTETS / self.group * self.group);
        heap.spend((end - self.at) * 2);
        (self.encode)(&octets[self.at..end], out);
        self.at = end;
        Ok(end == octets.len())
    }
}

/// The same back. The function says no to what is no such text.
struct Decoding {
    at: usize,
    group: usize,
    /// Whether the last group of all is among those that it gets.
    decode: fn(&[u8], &mut Vec<u8>, bool) -> Option<()>,
    refused: &'static str,
}

impl Writer for Decoding {
    type Out = Vec<u8>;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut Vec<u8>, _: usize) -> Result<bool> {
        let text = text::view(heap, held[0]).map_or(&[][..], |text| text.bytes);
        let end = text.len().min(self.at + OCTETS / self.group * self.group);
        heap.spend((end - self.at) * 2);
        let is_last = end == text.len();
        (self.decode)(&text[self.at..end], out, is_last).ok_or_else(|| value_error(self.refused))?;
        self.at = end;
        Ok(is_last)
    }
}

fn to_hex(octets: &[u8], out: &mut String) {
    let digit = |octet: u8| char::from(b"0123456789abcdef"[usize::from(octet)]);
    out.extend(octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]));
}

pub(super) fn hex(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let room = octets(heap, "Bytes.hex", value)?.len() * 2;
    write(heap, &mut [value], Encoding { at: 0, group: 1, encode: to_hex }, Target::Value(Some(room)))
}

fn from_hex_digits(text: &[u8], out: &mut Vec<u8>, _: bool) -> Option<()> {
    for pair in text.chunks(2) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        out.push((digit(0)? << 4 | digit(1)?) as u8);
    }
    Some(())
}

pub(super) fn from_hex(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let room = string(heap, "Bytes.from-hex", value)?.len() / 2;
    let refused = "`Bytes.from-hex` takes pairs of hexadecimal digits";
    let decoding = Decoding { at: 0, group: 2, decode: from_hex_digits, refused };
    write(heap, &mut [value], decoding, Target::Value(Some(room)))
}

fn to_base64(octets: &[u8], out: &mut String) {
    for group in octets.chunks(3) {
        let octet = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for place in 0..4 {
            let digit = BASE64[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > group.len() { '=' } else { char::from(digit) });
        }
    }
}

pub(super) fn base64(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let room = octets(heap, "Bytes.base64", value)?.len().div_ceil(3) * 4;
    write(heap, &mut [value], Encoding { at: 0, group: 3, encode: to_base64 }, Target::Value(Some(room)))
}

/// The octets of groups of four digits, the last of which may be padded.
fn from_base64_digits(text: &[u8], out: &mut Vec<u8>, is_last: bool) -> Option<()> {
    let digits = match text {
        [digits @ .., b'=', b'='] | [digits @ .., b'='] if is_last => digits,
        _ => text,
    };
    if !text.len().is_multiple_of(4) {
        return None;
    }
    for group in digits.chunks(4) {
        let mut bits = 0u32;
        for &digit in group {
            let value = DIGITS[usize::from(digit)];
            if value == NO_DIGIT {
                return None;
            }
            bits = bits << 6 | u32::from(value);
        }
        let unused = 6 * (4 - group.len() as u32);
        let kept = group.len() - 1;
        let all = (bits << unused).to_be_bytes();
        // What the padding cuts off is zero, so that there is one text for one value.
        if all[1 + kept..].iter().any(|octet| *octet != 0) || kept == 0 {
            return None;
        }
        out.extend_from_slice(&all[1..1 + kept]);
    }
    Some(())
}

pub(super) fn from_base64(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let text = string(heap, "Bytes.from-base64", value)?;
    let padding = text.iter().rev().take(2).take_while(|&&octet| octet == b'=').count();
    let room = (text.len() / 4 * 3).saturating_sub(padding);
    let refused = "`Bytes.from-base64` takes groups of four of A-Z a-z 0-9 + /, padded with =";
    let decoding = Decoding { at: 0, group: 4, decode: from_base64_digits, refused };
    write(heap, &mut [value], decoding, Target::Value(Some(room)))
}

/// Bytes that are looked at whether they are UTF-8.
struct Checking {
    held: [Value; 1],
    at: usize,
    /// Code points before that place.
    chars: usize,
}

impl Task for Checking {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage> {
        let piece = Piece::begin(heap);
        loop {
            let octets = bytes::view(heap, self.held[0]).unwrap_or_default();
            let end = octets.len().min(self.at + OCTETS);
            let valid = match std::str::from_utf8(&octets[self.at..end]) {
                Ok(text) => text.len(),
                // The piece ends within a code point.
                Err(error) if error.error_len().is_none() && end < octets.len() => error.valid_up_to(),
                Err(error) => {
                    let at = self.at + error.valid_up_to();
                    return Err(value_error(format!("these bytes are not UTF-8 text from octet {at} on")));
                }
            };
            heap.spend(1 + valid / 2);
            self.chars += text::count(&octets[self.at..self.at + valid]);
            self.at += valid;
            if self.at == octets.len() {
                return text::of_bytes(heap, self.held[0], self.chars).map(Stage::Done);
            }
            if piece.is_done(heap) {
                return Ok(Stage::More);
            }
        }
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}

pub(super) fn to_string(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    octets(heap, "Bytes.to-string", value)?;
    begin(heap, Checking { held: [value], at: 0, chars: 0 })
}
