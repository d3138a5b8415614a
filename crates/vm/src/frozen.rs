//! Frozen data: what `freeze` makes, which all processes of a node read where it is.
//!
//! A frozen value is a parcel that nobody unpacks: a piece of a heap that never changes. A reference to an object in it
//! is one like any other, only beyond all places that a heap has ([`FIRST`]), so whoever reads an object reads a frozen
//! one in the same way (the accessors of `heap`), a collection passes it by, and a parcel mentions it without a copy. The
//! quick paths of instructions find no object in their heap and leave it to the slow ones. What would change an
//! object asks first ([`check`]).
//!
//! A node keeps what was frozen until it ends; how much that may be has a limit.

use crate::data::text::{self, Text};
use crate::heap::parcel::{Packer, Parcel};
use crate::heap::{Heap, Kind};
use crate::node::Node;
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use std::sync::{Arc, Mutex};

/// References from here on are to frozen objects: no heap has as many words.
pub(crate) const FIRST: u32 = 1 << 31;

/// Octets that all frozen values of a node may have together: 2^29.
pub const MAX_FROZEN: usize = 1 << 29;

/// Words of a page. A piece begins at the start of one, so that a reference is found by its page.
const PAGE: usize = 256;

/// Frozen values that were made together.
struct Piece {
    /// Objects with their headers, like those of a heap.
    words: Vec<u64>,
    /// What objects go by in hashes, by their places in ascending order.
    identities: Vec<(u32, u32)>,
    /// The functions that they refer to.
    functions: Vec<u32>,
}

/// A page, of this piece, which begins at that word.
struct Page(Arc<Piece>, usize);

/// The frozen values of a node.
#[derive(Default)]
pub(crate) struct Frozen {
    pages: boxcar::Vec<Page>,
    /// Octets of all of them. Who holds the lock may add pages.
    octets: Mutex<usize>,
}

impl Value {
    /// Whether it is a frozen object.
    #[inline(always)]
    pub(crate) fn is_frozen(self) -> bool {
        self.as_heap().is_some_and(|at| at.0 >= FIRST)
    }
}

impl Frozen {
    fn page(&self, at: usize) -> (&Piece, usize) {
        let place = at - FIRST as usize;
        let Page(piece, start) = &self.pages[place / PAGE];
        (piece, place - start)
    }

    /// A word.
    ///
    /// # Panics
    /// If nothing frozen is there: references are only made by [`freeze`].
    #[cold]
    #[inline(never)]
    pub(crate) fn word(&self, at: usize) -> u64 {
        let (piece, place) = self.page(at);
        piece.words[place]
    }

    /// Words of one object.
    #[cold]
    #[inline(never)]
    pub(crate) fn words(&self, at: usize, count: usize) -> &[u64] {
        let (piece, place) = self.page(at);
        &piece.words[place..place + count]
    }

    /// What an object goes by in a hash.
    pub(crate) fn identity(&self, at: u32) -> u32 {
        let (piece, _) = self.page(at as usize);
        piece.identities.binary_search_by_key(&at, |known| known.0).map_or(at, |known| piece.identities[known].1)
    }

    /// The functions that an object and those frozen with it refer to.
    pub(crate) fn functions(&self, at: u32) -> &[u32] {
        &self.page(at as usize).0.functions
    }

    /// Octets of all of them.
    pub(crate) fn octets(&self) -> usize {
        *self.octets.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Keeps a parcel of one value, and gives the value; `None` if there would be too much.
    fn keep(&self, parcel: Parcel, functions: Vec<u32>) -> Option<Value> {
        let mut octets = self.octets.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let start = self.pages.count() * PAGE;
        let end = start + parcel.bytes().div_ceil(8).next_multiple_of(PAGE);
        let more = parcel.bytes() + functions.len() * 4 + (end - start) / PAGE * size_of::<Page>();
        if *octets + more > MAX_FROZEN || end > FIRST as usize {
            return None;
        }
        let (value, words, identities) = parcel.settle(FIRST + start as u32);
        let pages = words.len().div_ceil(PAGE).max(1);
        let piece = Arc::new(Piece { words, identities, functions });
        for _ in 0..pages {
            self.pages.push(Page(Arc::clone(&piece), start));
        }
        *octets += more;
        Some(value)
    }
}

impl Node {
    /// Octets of what was frozen.
    pub fn frozen_octets(&self) -> usize {
        self.frozen.octets()
    }
}

/// `(freeze v)`.
///
/// # Errors
/// `:type-error` for what has a state that cannot be shared, `:limit-error` when the value or all of them are too large.
pub(crate) fn freeze(heap: &Heap, value: Value) -> Result<Value, Trap> {
    if value.as_heap().is_none() || value.is_frozen() {
        return Ok(value);
    }
    let mut packer = Packer::new(heap, true);
    packer.add(value)?;
    let mut functions = packer.take_functions();
    functions.sort_unstable();
    functions.dedup();
    let parcel = packer.finish();
    if let Some(kind) = parcel.unshareable() {
        return Err(ops::type_error(format!("{kind} cannot be frozen: it changes while it is used")));
    }
    let node = Arc::clone(heap.node());
    node.frozen.keep(parcel, functions).ok_or_else(|| {
        let message = format!("there is too much frozen data: all of it together has at most {MAX_FROZEN} octets");
        Trap::error(ErrorKind::Limit, message)
    })
}

/// Reads a frozen text.
#[cold]
#[inline(never)]
pub(crate) fn text(heap: &Heap, value: Value) -> Option<Text<'_>> {
    let at = heap.is(value, Kind::Text).filter(|_| value.is_frozen())?;
    let (bytes, chars) = text::unpack(heap.word(at, 0));
    Some(Text { bytes: &bytemuck::cast_slice::<u64, u8>(&heap.payload(at)[1..])[..bytes], chars })
}

/// Lets only what is not frozen pass, to be changed by the operation of this name.
///
/// # Errors
/// `:type-error` for what is frozen.
#[inline(always)]
pub(crate) fn check(heap: &Heap, at: Ref) -> Result<(), Trap> {
    if at.0 >= FIRST { Err(refuse(heap, at)) } else { Ok(()) }
}

#[cold]
#[inline(never)]
fn refuse(heap: &Heap, at: Ref) -> Trap {
    let what = ops::describe(heap, Value::heap(at));
    let what = what.strip_prefix("an ").or_else(|| what.strip_prefix("a ")).unwrap_or(what);
    ops::type_error(format!("a frozen {what} cannot be changed; `copy` makes one that can"))
}
