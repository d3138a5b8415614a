//! Texts and bytes that are put together from parts of others.

use super::writing::{Buffer, Target, Utf8, Writer, write};
use super::{bytes, text};
use crate::heap::Heap;
use crate::trap::Trap;
use crate::value::Value;
use smallvec::SmallVec;
use std::marker::PhantomData;

/// Octets that are copied for a word that is paid: as much as if they were written in the region.
const WORDS_SHARE: usize = 8;

/// Octets that are copied at a time.
const AT_A_TIME: usize = 1 << 16;

/// Octets of which copies are made at once.
pub(crate) const AT_ONCE: usize = 1 << 18;

/// A part of a value's octets, so many times.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// Which of the values that are held.
    source: usize,
    start: usize,
    len: usize,
    times: usize,
}

impl Part {
    /// Octets of the value with this number.
    pub(crate) fn new(source: usize, start: usize, len: usize) -> Part {
        Part { source, start, len, times: 1 }
    }

    /// The same again and again.
    pub(crate) fn repeated(self, times: usize) -> Part {
        Part { times, ..self }
    }

    fn total(&self) -> usize {
        self.len * self.times
    }
}

/// What a copy is written to.
pub(crate) trait Copied: Buffer {
    fn to(&mut self) -> &mut Vec<u8>;
}

impl Copied for Utf8 {
    fn to(&mut self) -> &mut Vec<u8> {
        self.octets_mut()
    }
}

impl Copied for Vec<u8> {
    fn to(&mut self) -> &mut Vec<u8> {
        self
    }
}

/// Writes parts of texts, or of bytes, one after the other.
struct Copying<B> {
    parts: SmallVec<[Part; 3]>,
    /// The part that is being copied, and its octets that were.
    part: usize,
    done: usize,
    out: PhantomData<fn() -> B>,
}

/// The octets of a text or of bytes.
fn octets(heap: &Heap, value: Value) -> &[u8] {
    match text::view(heap, value) {
        Some(text) => text.bytes,
        None => bytes::view(heap, value).unwrap_or_default(),
    }
}

impl<B: Copied> Writer for Copying<B> {
    type Out = B;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut B, _: usize) -> Result<bool, Trap> {
        let out = out.to();
        let most = out.len() + AT_A_TIME;
        while let Some(part) = self.parts.get(self.part) {
            let wanted = (part.total() - self.done).min(most - out.len());
            let unit = &octets(heap, held[part.source])[part.start..part.start + part.len];
            heap.spend(1 + wanted / WORDS_SHARE);
            let start = out.len();
            let mut phase = self.done % part.len.max(1);
            while out.len() - start < wanted {
                let written = out.len() - start;
                if written < part.len {
                    let end = part.len.min(phase + wanted - written);
                    out.extend_from_slice(&unit[phase..end]);
                    phase = end % part.len;
                } else {
                    // What was written is as good a source, from where the same octets follow.
                    let skipped = written % part.len;
                    let count = (written - skipped).min(wanted - written);
                    out.extend_from_within(start + skipped..start + skipped + count);
                }
            }
            self.done += wanted;
            if self.done < part.total() {
                return Ok(false);
            }
            self.part += 1;
            self.done = 0;
        }
        Ok(true)
    }
}

/// Words that a copy of so many octets stands for; so what could be shared costs the same as what has to be copied.
pub(crate) fn cost(octets: usize) -> usize {
    // What is copied at once is then moved into a blob, which costs as much again.
    let moved = if octets <= AT_A_TIME { 1 + octets.div_ceil(8) } else { 0 };
    octets.div_ceil(AT_A_TIME) + octets / WORDS_SHARE + moved
}

/// The text of parts of texts.
///
/// # Errors
/// No memory; long work.
pub(crate) fn text_of(
    heap: &mut Heap,
    held: &mut [Value],
    parts: impl IntoIterator<Item = Part>,
    target: Option<Target>,
) -> Result<Value, Trap> {
    copied::<Utf8>(heap, held, parts, target)
}

/// The bytes of parts of bytes or texts.
///
/// # Errors
/// `:limit-error` if they would be too many; no memory; long work.
pub(crate) fn bytes_of(
    heap: &mut Heap,
    held: &mut [Value],
    parts: impl IntoIterator<Item = Part>,
) -> Result<Value, Trap> {
    copied::<Vec<u8>>(heap, held, parts, None)
}

fn copied<B: Copied>(
    heap: &mut Heap,
    held: &mut [Value],
    parts: impl IntoIterator<Item = Part>,
    target: Option<Target>,
) -> Result<Value, Trap> {
    let parts: SmallVec<[Part; 3]> = parts.into_iter().filter(|part| part.total() > 0).collect();
    let room = parts.iter().map(Part::total).fold(0, usize::saturating_add);
    let target = target.unwrap_or(Target::Value(Some(room)));
    write(heap, held, Copying::<B> { parts, part: 0, done: 0, out: PhantomData }, target)
}
