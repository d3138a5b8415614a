//! The heap of one process: a growable region of 64-bit words, collected by mark and sweep.
//!
//! Objects do not move but when a heap is compacted; a reference is a 32-bit word offset, so the region itself may. Allocation bumps through holes
//! that a lazy sweep finds. The region can always be walked: free runs carry headers too.
//!
//! **Nothing is collected during an operation.** An allocation that passes the trigger only sets
//! `Heap::wants_collection`; the engine collects at the next safepoint, when every live value is in a root. An
//! allocation that would pass the limit fails with [`NoMemory`] and has done nothing; the engine collects and runs
//! the instruction again, and ends the process if that fails too. So operations may hold values in Rust variables,
//! but must not change anything before their last allocation.

mod allocation;
mod aside;
mod blobs;
mod collection;
mod compaction;
pub(crate) mod parcel;
#[cfg(test)]
mod tests;

pub(crate) use blobs::is_large;
pub use blobs::live_blobs;
pub(crate) use collection::Work;

use crate::frozen;
use crate::mailbox::Mailbox;
use crate::node::{Literal, Node};
use crate::requests::Sent;
use crate::value::{Ref, Value};
use aside::Aside;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a heap object is. Its payload is `raw` plain words followed by values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A run of free words.
    Free = 0,
    /// An int beyond 32 bits: one word, an `i64`.
    Int64 = 1,
    /// An int beyond 64 bits: one word sign (0 or 1), then the magnitude, least significant word first.
    BigInt = 2,
    /// Text: one word with byte length (low half) and code points (high half), then the bytes, zero-padded.
    Text = 3,
    /// Text at the start of a text buffer: the same first word, then the buffer.
    TextView = 4,
    /// Bytes that grow at their end: one word with the bytes in use, then room. Only views refer to it, or to a `Blob`.
    TextBuffer = 5,
    /// Octets: one word with the length in bytes, then the bytes, zero-padded.
    Bytes = 6,
    /// A list: one word with the length, then its `Slots` (or null while it has none).
    List = 7,
    /// Room for the elements of a list or map; those not in use are null.
    Slots = 8,
    /// A tuple: its elements.
    Tuple = 9,
    /// A map: see `map`.
    Map = 10,
    /// A map's index: plain words.
    MapIndex = 11,
    /// A range: start, end, step.
    Range = 12,
    /// A function with captures: one word with the function's index, then captured values and cells.
    Closure = 13,
    /// A variable that is shared by closures: its value.
    Cell = 14,
    /// The state of an `each`: see `iterate`.
    Iterator = 15,
    /// A class: see `data::class`.
    Class = 16,
    /// The lines of a file, read as they are asked for: one word, the number of the driver's port.
    Lines = 17,
    /// An instance of a class: see `data::class`.
    Instance = 18,
    /// The calls that were under way at a throw: see `data::error`.
    Trace = 19,
    /// A reference: one word, its number.
    Reference = 20,
    /// A `receive` that has begun: see `mailbox`.
    Receive = 21,
    /// Octets beside the region: one word, the number of their slot. As a value they are bytes; see `blobs`.
    Blob = 22,
}

impl Kind {
    const ALL: [Kind; 23] = [
        Kind::Free,
        Kind::Int64,
        Kind::BigInt,
        Kind::Text,
        Kind::TextView,
        Kind::TextBuffer,
        Kind::Bytes,
        Kind::List,
        Kind::Slots,
        Kind::Tuple,
        Kind::Map,
        Kind::MapIndex,
        Kind::Range,
        Kind::Closure,
        Kind::Cell,
        Kind::Iterator,
        Kind::Class,
        Kind::Lines,
        Kind::Instance,
        Kind::Trace,
        Kind::Reference,
        Kind::Receive,
        Kind::Blob,
    ];

    /// Number of payload words before the values; `None` if the payload holds no values.
    const fn raw_words(self) -> Option<usize> {
        match self {
            Kind::Slots | Kind::Tuple | Kind::Range | Kind::Cell | Kind::Instance => Some(0),
            Kind::TextView | Kind::List | Kind::Closure => Some(1),
            Kind::Map | Kind::Iterator | Kind::Class => Some(2),
            _ => None,
        }
    }
}

/// The region cannot grow by what an allocation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

/// Header word: kind in bits 0–7, the shape of instances and classes in bits 8–31, payload size in words in bits 32–62,
/// mark in bit 63.
#[derive(Clone, Copy)]
struct Header(u64);

const MARK: u64 = 1 << 63;
const SHAPE_BIT: u32 = 8;
/// Words that a region may have: what fits into a header.
const MAX_WORDS: usize = i32::MAX as usize;

/// Words that so many octets are, as far as a heap may have them.
fn words_of(bytes: usize) -> u32 {
    (bytes / 8).min(MAX_WORDS) as u32
}

const SHAPE: u32 = u32::MAX << SHAPE_BIT;

/// Shapes are below this.
pub(crate) const MAX_SHAPE: u32 = SHAPE >> SHAPE_BIT;

/// Kind and shape of an object in one number: what inline caches compare. It is never 0, and the bit of
/// [`RARE`](Self::RARE) is never set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shaped(pub(crate) u32);

impl Shaped {
    /// A bit with which a cache can tell what it has to look at more closely.
    pub(crate) const RARE: u32 = 1 << 7;

    /// The shape.
    #[inline(always)]
    pub(crate) const fn shape(self) -> u32 {
        self.0 >> SHAPE_BIT
    }
}

impl Header {
    const fn new(kind: Kind, size: usize) -> Header {
        Header((size as u64) << 32 | kind as u64)
    }
    const fn kind(self) -> Kind {
        Kind::ALL[(self.0 & 0xff) as usize]
    }
    const fn is_marked(self) -> bool {
        self.0 & MARK != 0
    }
    const fn size(self) -> usize {
        (self.0 << 1 >> 33) as usize
    }
}

/// Words that a small allocation takes from the untouched end of the region at once.
const CHUNK: usize = 512;
/// Words that are touched in the time of a reduction; less than that costs nothing beyond the call itself.
const WORDS_PER_REDUCTION: u64 = 512;
/// Allocations of more words than this go to the end of the region rather than through the holes.
const LARGE: usize = 256;
/// Free runs of fewer words are left to the next sweep when an allocation passes them by.
const WORTH_REUSING: usize = 8;
/// Free runs that are remembered for later.
const MAX_SKIPPED: usize = 1 << 12;
/// Marked objects that are remembered, so that the sweep need not look for them among the dead.
const MAX_SURVIVORS: usize = 64;
/// Least number of words between two collections.
const MIN_TRIGGER: usize = 16 * 1024;

/// Counters of a heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapStats {
    /// Collections so far.
    pub collections: u64,
    /// Largest size of region and blobs so far, in bytes.
    pub peak_bytes: u64,
    /// Words in live objects and blobs at the last collection, headers included.
    pub live_words: u64,
    /// Words of blobs, and of the region up to the end of the last live object.
    pub used_words: u64,
    /// Words handed out before the last collection.
    allocated_words: u64,
}

/// Regions that are alive in this host process.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// How many heaps are alive in this host process: to see whether any is left behind.
pub fn live_heaps() -> usize {
    LIVE.load(Ordering::Relaxed)
}

impl Drop for Heap {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The heap of one process. There may be a million of them: what few need lies in a box of its own, and what cannot be
/// more than `MAX_WORDS` is a number of 32 bits.
pub struct Heap {
    words: Vec<u64>,
    /// Free words of the hole in use: `bump..hole_end`.
    bump: usize,
    hole_end: usize,
    /// Everything from here on was never used.
    tail: u32,
    /// Words handed out since the last collection, and how many of them ask for the next.
    since: u32,
    trigger: u32,
    max_words: u32,
    max_text: u32,
    /// Words of region and blobs at most so far.
    peak: u32,
    wants_collection: bool,
    /// Collect whenever the engine asks: the strictest test of roots.
    pub(crate) stress: bool,
    /// Whether what some object goes by in a hash was ever asked for; else nobody needs to know.
    identities_asked: Cell<bool>,
    /// What the present instruction did in proportion to the size of data, in words.
    spent: Cell<u64>,
    blobs: blobs::Blobs,
    /// What a process has that was collected, or does something else that few do.
    aside: Option<Box<Aside>>,
    /// The class `Error`, a root; null until the process needs it.
    pub(crate) error: Value,
    /// The serial number of the process.
    pub(crate) pid: u64,
    /// What the process was sent.
    pub(crate) mailbox: Mailbox,
    /// What it has sent, and its node has not delivered yet.
    pub(crate) sent: Vec<Sent>,
    node: Arc<Node>,
}

impl Heap {
    /// An empty heap that may grow to `max_bytes`.
    pub fn new(node: Arc<Node>, max_bytes: usize) -> Heap {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Heap {
            words: Vec::new(),
            bump: 0,
            hole_end: 0,
            tail: 0,
            since: 0,
            trigger: MIN_TRIGGER as u32,
            max_words: words_of(max_bytes),
            max_text: crate::format::MAX_BYTES.min(max_bytes) as u32,
            peak: 0,
            wants_collection: false,
            stress: false,
            identities_asked: Cell::new(false),
            spent: Cell::new(0),
            blobs: Default::default(),
            aside: None,
            error: Value::NULL,
            pid: 0,
            mailbox: Mailbox::default(),
            sent: Vec::new(),
            node,
        }
    }

    /// The node whose atoms, literals and functions the values name.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// The literal that a value names.
    pub(crate) fn literal(&self, value: Value) -> Option<&Literal> {
        value.as_literal().map(|index| self.node.literal(index))
    }

    /// Changes what the heap may grow to, as the rest of the process's memory changes.
    pub(crate) fn set_limit(&mut self, max_bytes: usize) {
        self.max_words = words_of(max_bytes);
    }

    /// Bytes of the region.
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }

    /// Counters.
    pub fn stats(&self) -> HeapStats {
        let stats = self.aside.as_ref().map_or_else(HeapStats::default, |aside| aside.stats);
        HeapStats { peak_bytes: u64::from(self.peak) * 8, ..stats }
    }

    /// About how many bytes were allocated so far: holes that were too small for what was wanted are counted in.
    pub fn allocated_bytes(&self) -> u64 {
        let before = self.aside.as_ref().map_or(0, |aside| aside.stats.allocated_words);
        (before + (self.since as usize).saturating_sub(self.hole_end - self.bump) as u64) * 8
    }

    /// Whether the engine should collect at its next safepoint.
    #[inline(always)]
    pub(crate) fn wants_collection(&self) -> bool {
        self.wants_collection | self.stress
    }

    /// Whether so much was allocated that a collection should not wait for the end of long work.
    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        self.wants_collection
    }

    /// Notes work of the present instruction that grows with the size of data, as the number of words that could be
    /// touched in that time. All engines must note the same.
    #[inline]
    pub(crate) fn spend(&self, words: usize) {
        self.spent.set(self.spent.get().saturating_add(words as u64));
    }

    /// The work of the present instruction until now, in words.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.get()
    }

    /// The reductions that the work of the present instruction costs, which is over.
    #[inline]
    pub(crate) fn take_spent(&self) -> i64 {
        i64::try_from(self.spent.take() / WORDS_PER_REDUCTION).unwrap_or(i64::MAX / 4)
    }

    /// Makes an object of `size` payload words, all zero (which as a value is the float 0.0).
    ///
    /// # Errors
    /// [`NoMemory`] when the limit would be passed; nothing has changed then.
    #[inline]
    pub(crate) fn alloc(&mut self, kind: Kind, size: usize) -> Result<Ref, NoMemory> {
        let total = size + 1;
        if self.hole_end - self.bump < total {
            self.find_hole(total)?;
        }
        let at = self.bump;
        self.bump += total;
        if size > LARGE {
            self.spend(size);
        }
        self.words[at] = Header::new(kind, size).0;
        self.words[at + 1..at + total].fill(0);
        Ok(Ref(at as u32))
    }

    /// Makes an object of these payload words: each is written once.
    ///
    /// # Errors
    /// [`NoMemory`] as for [`alloc`](Self::alloc).
    #[inline]
    pub(crate) fn alloc_with<const N: usize>(&mut self, kind: Kind, payload: [u64; N]) -> Result<Ref, NoMemory> {
        if self.hole_end - self.bump < N + 1 {
            self.find_hole(N + 1)?;
        }
        self.try_alloc_first(kind, payload, N).ok_or(NoMemory)
    }

    /// Makes an object of the first `size` of these payload words, or says `None` if the hole in use is too small: it
    /// searches for none. All words are written, so that nothing depends on the size: what is behind the object is free.
    #[inline(always)]
    pub(crate) fn try_alloc_first<const N: usize>(
        &mut self,
        kind: Kind,
        payload: [u64; N],
        size: usize,
    ) -> Option<Ref> {
        debug_assert!(size <= N);
        let at = self.bump;
        if self.hole_end - at < N + 1 {
            return None;
        }
        let (header, words) = self.words.get_mut(at..at + N + 1)?.split_first_mut()?;
        *header = Header::new(kind, size).0;
        words.copy_from_slice(&payload);
        self.bump = at + size + 1;
        Some(Ref(at as u32))
    }

    /// Makes an object without values, with this first word and room for so many bytes behind it. The bytes are whatever
    /// was there before, but those that pad the last word are zero.
    ///
    /// # Errors
    /// [`NoMemory`] as for [`alloc`](Self::alloc).
    #[inline]
    pub(crate) fn alloc_bytes(&mut self, kind: Kind, first: u64, bytes: usize) -> Result<Ref, NoMemory> {
        debug_assert!(kind.raw_words().is_none(), "old words must not be taken for values");
        let size = 1 + bytes.div_ceil(8);
        if self.hole_end - self.bump < size + 1 {
            self.find_hole(size + 1)?;
        }
        if size > LARGE {
            self.spend(size);
        }
        let at = self.bump;
        self.bump += size + 1;
        let words = &mut self.words[at..at + size + 1];
        // The last word before the first: of an object without bytes they are the same.
        words[size] = 0;
        words[0] = Header::new(kind, size).0;
        words[1] = first;
        Ok(Ref(at as u32))
    }

    /// An object's kind and shape.
    #[inline(always)]
    pub(crate) fn shaped(&self, value: Value) -> Option<(Ref, Shaped)> {
        let at = value.as_heap()?;
        let header = self.words.get(at.0 as usize)?;
        Some((at, Shaped(*header as u32)))
    }

    /// Whether an object has the kind and shape of a cache word's low half, and where it is.
    #[inline(always)]
    pub(crate) fn is_noted(&self, value: Value, cache: u64) -> Option<usize> {
        let at = value.place();
        let header = self.words.get(at)?;
        (*header as u32 == cache as u32).then_some(at)
    }

    /// The word of such an object's payload that the high half names.
    #[inline(always)]
    pub(crate) fn noted(&self, value: Value, cache: u64) -> Option<Value> {
        let at = self.is_noted(value, cache)?;
        self.words.get(at + 1 + (cache >> 32) as usize).map(|&word| Value::from_bits(word))
    }

    /// The same word, to be written.
    #[inline(always)]
    pub(crate) fn noted_mut(&mut self, value: Value, cache: u64) -> Option<&mut u64> {
        let at = self.is_noted(value, cache)?;
        self.words.get_mut(at + 1 + (cache >> 32) as usize)
    }

    /// The shape of an instance or class.
    #[inline(always)]
    pub(crate) fn shape(&self, at: Ref) -> u32 {
        Shaped(self.header(at).0 as u32).shape()
    }

    /// Gives an instance or class another shape; false beyond the region.
    #[inline(always)]
    pub(crate) fn set_shape(&mut self, at: Ref, shape: u32) -> bool {
        debug_assert!(shape <= MAX_SHAPE);
        match self.words.get_mut(at.0 as usize) {
            Some(word) => {
                *word = *word & !u64::from(SHAPE) | u64::from(shape << SHAPE_BIT);
                true
            }
            None => false,
        }
    }

    /// What an object is.
    #[inline(always)]
    pub(crate) fn kind(&self, at: Ref) -> Kind {
        self.header(at).kind()
    }

    /// Whether a value is a heap object of this kind, and where.
    #[inline(always)]
    pub(crate) fn is(&self, value: Value, kind: Kind) -> Option<Ref> {
        let at = value.as_heap()?;
        let header = self.header(at).0;
        (header & 0xff == kind as u64).then_some(at)
    }

    /// The same for quick paths: what is frozen they do not see.
    #[inline(always)]
    pub(crate) fn own(&self, value: Value, kind: Kind) -> Option<Ref> {
        let at = value.as_heap()?;
        let header = self.words.get(at.0 as usize)?;
        (header & 0xff == kind as u64).then_some(at)
    }

    /// The header of an object, which may be frozen.
    #[inline(always)]
    fn header(&self, at: Ref) -> Header {
        Header(self.any_word(at.0 as usize))
    }

    /// A word of an object, which may be frozen.
    #[inline(always)]
    fn any_word(&self, at: usize) -> u64 {
        match self.words.get(at) {
            Some(&word) => word,
            None => self.node.frozen.word(at),
        }
    }

    /// Payload words of an object.
    #[inline(always)]
    pub(crate) fn payload(&self, at: Ref) -> &[u64] {
        let start = at.0 as usize;
        match self.words.get(start) {
            Some(&header) => &self.words[start + 1..start + 1 + Header(header).size()],
            None => self.node.frozen.words(start + 1, Header(self.node.frozen.word(start)).size()),
        }
    }

    /// Payload words of an object, to be written.
    #[inline(always)]
    pub(crate) fn payload_mut(&mut self, at: Ref) -> &mut [u64] {
        let start = at.0 as usize;
        let size = Header(self.words[start]).size();
        &mut self.words[start + 1..start + 1 + size]
    }

    /// One payload word.
    #[inline(always)]
    pub(crate) fn word(&self, at: Ref, index: usize) -> u64 {
        self.any_word(at.0 as usize + 1 + index)
    }

    /// Writes one payload word.
    #[inline(always)]
    pub(crate) fn set_word(&mut self, at: Ref, index: usize, word: u64) {
        self.words[at.0 as usize + 1 + index] = word;
    }

    /// One payload word that is a value.
    #[inline(always)]
    pub(crate) fn value(&self, at: Ref, index: usize) -> Value {
        Value::from_bits(self.word(at, index))
    }

    /// Writes one payload word that is a value.
    #[inline(always)]
    pub(crate) fn set_value(&mut self, at: Ref, index: usize, value: Value) {
        self.set_word(at, index, value.bits());
    }

    /// Copies payload words from one object to another, or within one.
    #[inline]
    pub(crate) fn copy_words(&mut self, from: Ref, from_index: usize, to: Ref, to_index: usize, count: usize) {
        let (source, target) = (from.0 as usize + 1 + from_index, to.0 as usize + 1 + to_index);
        if from.0 >= frozen::FIRST {
            let Heap { words, node, .. } = self;
            words[target..target + count].copy_from_slice(node.frozen.words(source, count));
            return;
        }
        self.words.copy_within(source..source + count, target);
    }

    /// Copies bytes from one object's payload to another's; places count from the start of the payloads.
    #[inline]
    pub(crate) fn copy_bytes(&mut self, from: Ref, from_byte: usize, to: Ref, to_byte: usize, count: usize) {
        let target = (to.0 as usize + 1) * 8 + to_byte;
        if from.0 >= frozen::FIRST {
            let Heap { words, node, .. } = self;
            let source = node.frozen.words(from.0 as usize + 1, (from_byte + count).div_ceil(8));
            let source = &bytemuck::cast_slice::<u64, u8>(source)[from_byte..from_byte + count];
            bytemuck::cast_slice_mut::<u64, u8>(words)[target..target + count].copy_from_slice(source);
            return;
        }
        let source = (from.0 as usize + 1) * 8 + from_byte;
        bytemuck::cast_slice_mut::<u64, u8>(&mut self.words).copy_within(source..source + count, target);
    }

    /// Whether an object has room for so many bytes behind its first payload word and the `used` ones after it.
    #[inline(always)]
    pub(crate) fn room_for(&self, at: Ref, used: usize, bytes: usize) -> bool {
        Header(self.words[at.0 as usize]).size() * 8 >= 8 + used + bytes
    }

    /// Copies bytes of a literal text to a place in an object's payload; of other literals nothing.
    #[inline]
    pub(crate) fn copy_literal(&mut self, literal: u32, from_byte: usize, to: Ref, to_byte: usize, count: usize) {
        if let Literal::Text(text, _) = self.node.literal(literal) {
            let target = (to.0 as usize + 1) * 8 + to_byte;
            bytemuck::cast_slice_mut::<u64, u8>(&mut self.words)[target..target + count]
                .copy_from_slice(&text.as_bytes()[from_byte..from_byte + count]);
        }
    }

    /// Writes up to 16 bytes, the first of them lowest in `bits`, to a place in an object's payload. The bytes behind
    /// them, up to the end of their last word, become zero.
    #[inline(always)]
    pub(crate) fn put_bytes(&mut self, to: Ref, to_byte: usize, bits: u128, count: usize) {
        let first = to.0 as usize + 1 + to_byte / 8;
        let shift = to_byte % 8 * 8;
        let words = &mut self.words[first..first + (to_byte % 8 + count).div_ceil(8)];
        let Some((first, rest)) = words.split_first_mut() else { return };
        let kept = u64::from_le(*first) & ((1 << shift) - 1);
        *first = (kept | (bits as u64) << shift).to_le();
        let bits = bits >> (64 - shift);
        if let Some((second, rest)) = rest.split_first_mut() {
            *second = (bits as u64).to_le();
            if let [third] = rest {
                *third = ((bits >> 64) as u64).to_le();
            }
        }
    }

    /// Bytes that a text may have which is made outside of the heap, to be copied into it or to be written.
    pub(crate) fn max_text(&self) -> usize {
        self.max_text as usize
    }

    /// Changes what the process, of which the heap is a part, may hold.
    pub(crate) fn set_process_limit(&mut self, max_bytes: usize) {
        self.max_text = crate::format::MAX_BYTES.min(max_bytes) as u32;
    }

    /// Whether this many words could ever be held; asked before work that would gather them outside the heap.
    ///
    /// # Errors
    /// [`NoMemory`] when they are more than the limit.
    pub(crate) fn could_hold(&self, words: usize) -> Result<(), NoMemory> {
        if words > self.max_words as usize { Err(NoMemory) } else { Ok(()) }
    }

    /// One payload word, or nothing beyond the region: for fast paths that must hold no panic.
    #[inline(always)]
    pub(crate) fn try_word(&self, at: Ref, index: usize) -> Option<u64> {
        self.words.get(at.0 as usize + 1 + index).copied()
    }

    /// Number of payload words of an object, or nothing beyond the region.
    #[inline(always)]
    pub(crate) fn try_size(&self, at: Ref) -> Option<usize> {
        self.words.get(at.0 as usize).map(|&word| Header(word).size())
    }

    /// One payload word that is a value, or nothing beyond the region.
    #[inline(always)]
    pub(crate) fn try_value(&self, at: Ref, index: usize) -> Option<Value> {
        self.try_word(at, index).map(Value::from_bits)
    }

    /// Writes one payload word; false beyond the region.
    #[inline(always)]
    pub(crate) fn try_set_word(&mut self, at: Ref, index: usize, new: u64) -> bool {
        match self.words.get_mut(at.0 as usize + 1 + index) {
            Some(word) => {
                *word = new;
                true
            }
            None => false,
        }
    }

    /// Writes one payload word that is a value; false beyond the region.
    #[inline(always)]
    pub(crate) fn try_set_value(&mut self, at: Ref, index: usize, value: Value) -> bool {
        self.try_set_word(at, index, value.bits())
    }

    /// The first payload words of an object that must be of a kind which has as many. One check for all of them.
    #[inline(always)]
    pub(crate) fn first_words<const N: usize>(&self, value: Value, kind: Kind) -> Option<[u64; N]> {
        let at = value.as_heap()?.0 as usize;
        let (header, payload) = self.words.get(at..at + 1 + N)?.split_first()?;
        if header & 0xff != kind as u64 {
            return None;
        }
        payload.try_into().ok()
    }

    /// Whether an object is of the second of two kinds, and its first two payload words; `None` if it is of neither.
    /// Objects of both kinds must have as many words: there is one check for all of it.
    #[inline(always)]
    pub(crate) fn either(&self, at: Ref, kind: Kind, other: Kind) -> Option<(bool, [u64; 2])> {
        let at = at.0 as usize;
        let &[header, first, second] = self.words.get(at..at + 3)? else { return None };
        let is_other = header & 0xff == other as u64;
        (is_other || header & 0xff == kind as u64).then_some((is_other, [first, second]))
    }
}
