//! Texts in upper and lower case.

use super::{arity, wants};
use crate::data::text::{self, boundary};
use crate::data::writing::{OCTETS, Target, Writer, write};
use crate::heap::Heap;
use crate::trap::Trap;
use crate::value::Value;

type Result<T = Value> = std::result::Result<T, Trap>;

/// The one letter whose lower case depends on what is around it.
const SIGMA: char = 'Σ';

/// Octets that are looked at for sigmas at a time.
const LOWERED: usize = 1 << 11;

/// Words that could be touched while a code point is looked at that may be between letters.
const WORDS_A_LOOK: usize = 128;

/// Words that could be touched for each octet of a text: what is not ASCII is looked up in tables.
fn cost(piece: &str) -> usize {
    if piece.is_ascii() { piece.len() / 2 } else { piece.len() * 6 }
}

fn octets(heap: &Heap, value: Value) -> &[u8] {
    text::view(heap, value).map_or(&[], |text| text.bytes)
}

/// Upper case, of which each code point has its own.
struct Upper {
    at: usize,
}

impl Writer for Upper {
    type Out = String;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut String, _: usize) -> Result<bool> {
        let octets = octets(heap, held[0]);
        let end = boundary(octets, self.at + OCTETS);
        let piece = text::str(&octets[self.at..end]);
        heap.spend(cost(piece));
        out.push_str(&piece.to_uppercase());
        self.at = end;
        Ok(end == octets.len())
    }
}

/// Lower case. A sigma at the end of a word has another one than elsewhere: what counts is the nearest code point on either
/// side that is not passed over, as an apostrophe is.
struct Lower<const AT_A_TIME: usize> {
    at: usize,
    /// The last code point before that place which is not passed over.
    before: Option<char>,
    /// Behind a piece that has a sigma, how far the next one was looked for.
    looked: Option<usize>,
}

/// Whether a code point is passed over where it stands between a sigma and another letter. Nothing but the lower case of a
/// sigma tells.
fn is_passed_over(heap: &Heap, char: char) -> bool {
    if char.is_ascii() {
        heap.spend(1);
        return matches!(char, '\'' | '.' | ':' | '^' | '`');
    }
    heap.spend(WORDS_A_LOOK);
    looks_passed_over(char)
}

fn looks_passed_over(char: char) -> bool {
    let is_final = |text: &str| text.to_lowercase().chars().nth(1) == Some('ς');
    let (alone, with_letter) = (format!("a{SIGMA}{char}"), format!("a{SIGMA}{char}a"));
    is_final(&alone) && !is_final(&with_letter)
}

impl<const AT_A_TIME: usize> Writer for Lower<AT_A_TIME> {
    type Out = String;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut String, _: usize) -> Result<bool> {
        let octets = octets(heap, held[0]);
        let end = boundary(octets, self.at + AT_A_TIME);
        let piece = text::str(&octets[self.at..end]);
        if !piece.contains(SIGMA) {
            out.push_str(&piece.to_lowercase());
        } else {
            // The next code point behind the piece which is not passed over.
            let mut looked = self.looked.unwrap_or(end);
            let ahead = text::str(&octets[looked..boundary(octets, looked + 4.max(AT_A_TIME / 8))]);
            let after = ahead.chars().find(|&char| {
                looked += char.len_utf8();
                !is_passed_over(heap, char)
            });
            if after.is_none() && looked < octets.len() {
                self.looked = Some(looked);
                return Ok(false);
            }
            self.looked = None;
            let lowered =
                [self.before.as_slice(), after.as_slice()].map(|around| String::from_iter(around).to_lowercase());
            let mut whole = String::from_iter(self.before);
            whole.push_str(piece);
            whole.extend(after);
            let whole = whole.to_lowercase();
            out.push_str(&whole[lowered[0].len()..whole.len() - lowered[1].len()]);
        }
        heap.spend(cost(piece));
        let last = piece.chars().rev().find(|&char| !is_passed_over(heap, char));
        self.before = last.or(self.before);
        self.at = end;
        Ok(end == octets.len())
    }
}

fn string(heap: &Heap, name: &str, value: Value) -> Result<Target> {
    match text::view(heap, value) {
        Some(text) => Ok(Target::Value(Some(text.bytes.len()))),
        None => Err(wants(heap, name, "a string", value)),
    }
}

pub(super) fn upper(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let target = string(heap, "String.upper", value)?;
    write(heap, &mut [value], Upper { at: 0 }, target)
}

pub(super) fn lower(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let target = string(heap, "String.lower", value)?;
    write(heap, &mut [value], Lower::<LOWERED> { at: 0, before: None, looked: None }, target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    #[test]
    fn it_is_known_what_is_passed_over() {
        let heap = Heap::new(Node::new(), 1 << 20);
        for char in (0..128).map(char::from) {
            assert_eq!(is_passed_over(&heap, char), looks_passed_over(char), "{char:?}");
        }
    }

    #[test]
    fn pieces_have_the_lower_case_of_the_whole() {
        let mut heap = Heap::new(Node::new(), 1 << 24);
        let parts = ["Σ", "Σ", "'", "a", "É", " ", "\u{301}", "ʰ", "İ", ".", "1", "日"];
        let mut seed = 7_u64;
        for turn in 0..4_000 {
            let mut source = String::new();
            for _ in 0..turn % 23 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                source.push_str(parts[(seed >> 33) as usize % if turn % 2 == 0 { parts.len() } else { 4 }]);
            }
            let mut held = [text::make(&mut heap, &source).expect("there is room")];
            let mut writer = Lower::<8> { at: 0, before: None, looked: None };
            let mut out = String::new();
            while !writer.write(&mut heap, &mut held, &mut out, 0).expect("it is a text") {}
            assert_eq!(out, source.to_lowercase(), "{source:?}");
        }
    }
}
