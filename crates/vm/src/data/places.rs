//! Where the code points of texts begin that are not ASCII.
//!
//! Of the texts that were asked about last, the last place is remembered, so that going through one is cheap; one that
//! is read here and there gets a list of where each 256th code point begins.

use super::text::{view, width};
use crate::heap::Heap;
use crate::task::{Piece, Stage, Task};
use crate::trap::Trap;
use crate::value::Value;

/// Texts that are remembered.
const TEXTS: usize = 4;
/// Octets of which a list is made at once.
const AT_ONCE: usize = 1 << 14;
/// Code points from one entry of a list to the next.
const STRIDE: usize = 256;

/// What is known about the texts that were asked about last. Which texts these are depends on nothing but the order in
/// which they were asked about, so that what a list costs is the same in all engines.
#[derive(Debug, Default)]
pub(crate) struct Places {
    texts: [Text; TEXTS],
    next: usize,
}

#[derive(Debug, Default)]
struct Text {
    /// The bits of the value; 0 is none.
    bits: u64,
    /// The code point that was asked for last, and its byte.
    index: usize,
    byte: usize,
    /// The bytes of code points 0, 256, 512 and so on; empty until they are worth it.
    marks: Vec<u32>,
}

impl Places {
    /// Forgets texts that a collection frees: others may come to be where they were.
    pub(crate) fn keep(&mut self, is_alive: impl Fn(Value) -> bool) {
        for text in &mut self.texts {
            if !is_alive(Value::from_bits(text.bits)) {
                *text = Text::default();
            }
        }
    }

    /// Notes where texts are that have moved.
    pub(crate) fn follow(&mut self, moved: impl Fn(Value) -> Value) {
        for text in &mut self.texts {
            text.bits = moved(Value::from_bits(text.bits)).bits();
        }
    }
}

/// The list of a long text, which is being made.
struct Marking {
    text: [Value; 1],
    marks: Vec<u32>,
    /// Octets that were gone through, and code points that begin there.
    done: usize,
    chars: usize,
}

impl Task for Marking {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let piece = Piece::begin(heap);
        let octets = view(heap, self.text[0]).map_or(&[][..], |text| text.bytes);
        while self.done < octets.len() {
            if piece.is_done(heap) {
                return Ok(Stage::More);
            }
            let end = octets.len().min(self.done + AT_ONCE);
            heap.spend((end - self.done) * 2);
            for (at, octet) in octets[self.done..end].iter().enumerate() {
                if octet & 0xC0 != 0x80 {
                    if self.chars.is_multiple_of(STRIDE) {
                        self.marks.push((self.done + at) as u32);
                    }
                    self.chars += 1;
                }
            }
            self.done = end;
        }
        let mut places = heap.take_places();
        if let Some(place) = places.texts.iter_mut().find(|place| place.bits == self.text[0].bits()) {
            place.marks = std::mem::take(&mut self.marks);
        }
        heap.put_places(places);
        Ok(Stage::Again)
    }

    fn holds(&self) -> &[Value] {
        &self.text
    }
}

/// The byte where the code point with this index begins; the index may be one past the last.
///
/// # Errors
/// Long work, after which it is to be asked again.
pub(crate) fn byte_of(heap: &mut Heap, value: Value, index: usize) -> Result<usize, Trap> {
    let Some(text) = view(heap, value) else { return Ok(0) };
    if text.is_ascii() {
        return Ok(index);
    }
    let mut places = heap.take_places();
    let Some(text) = view(heap, value) else { return Ok(0) };
    let known = places.texts.iter().position(|place| place.bits == value.bits()).unwrap_or_else(|| {
        places.next = (places.next + 1) % TEXTS;
        places.texts[places.next] = Text { bits: value.bits(), ..Text::default() };
        places.next
    });
    let place = &mut places.texts[known];
    let far = |at: usize| at.abs_diff(index) > STRIDE;
    if place.marks.is_empty() && far(0) && far(place.index) && far(text.chars) {
        if text.bytes.len() > AT_ONCE {
            heap.put_places(places);
            return Err(Trap::long(Marking { text: [value], marks: Vec::new(), done: 0, chars: 0 }));
        }
        heap.spend(text.bytes.len() / 4);
        let begins = text.bytes.iter().enumerate().filter(|(_, byte)| **byte & 0xC0 != 0x80);
        place.marks = begins.step_by(STRIDE).map(|(at, _)| at as u32).collect();
    }
    // From the nearest place that is known.
    let mark = place.marks.get(index / STRIDE).map(|&byte| (index - index % STRIDE, byte as usize));
    let candidates = [(0, 0), (text.chars, text.bytes.len()), (place.index, place.byte)];
    let nearest = candidates.into_iter().chain(mark).min_by_key(|(at, _)| at.abs_diff(index));
    let (mut at, mut byte) = nearest.unwrap_or((0, 0));
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
    (place.index, place.byte) = (index, byte);
    heap.put_places(places);
    Ok(byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::text;
    use crate::node::Node;
    use crate::task::at_once;

    #[test]
    fn any_order_of_reading_gives_the_same_bytes() {
        let mut heap = Heap::new(Node::new(), 1 << 24);
        let texts: Vec<String> = [1, 300, 5_000]
            .iter()
            .flat_map(|&length| {
                ["é", "a日", "aaaaaaaaé", "😀b"].map(|part| part.chars().cycle().take(length).collect::<String>() + "ß")
            })
            .collect();
        let values: Vec<Value> = texts.iter().map(|text| text::make(&mut heap, text).expect("there is room")).collect();
        let mut seed = 1_u64;
        for turn in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (text, value) = (&texts[turn / 7 % texts.len()], values[turn / 7 % texts.len()]);
            let index = (seed >> 33) as usize % (text.chars().count() + 1);
            let byte = text.char_indices().nth(index).map_or(text.len(), |(byte, _)| byte);
            let found = at_once(&mut heap, |heap| byte_of(heap, value, index).map(|byte| Value::int(byte as i32)));
            assert_eq!(
                found.expect("it is there"),
                Value::int(byte as i32),
                "{index} of a text of {} octets",
                text.len()
            );
        }
    }
}
