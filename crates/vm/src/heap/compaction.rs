//! Compaction of a heap: its live objects move together to the start of its region, in their order, and what lies behind
//! them is given back. It is done at once, where a process is to stand still for long; nothing else moves objects.
//!
//! A map finds what hashes by identity by its hash, and a program may have kept one. So a hash that was asked for stays
//! what it is when the object moves, and that of a copy in another heap is the same.

use super::{Header, Heap, Kind, NoMemory, Work};
use crate::value::{Ref, Value};
use rustc_hash::FxHashMap;

/// What objects whose hash is by identity go by, other than their places.
#[derive(Default)]
pub(super) struct Moved {
    /// The identities of objects that have moved or are copies, by their places, in ascending order.
    identities: Vec<(u32, u32)>,
    /// Compactions so far: what is made after one has other identities than what was made at the same places before.
    era: u32,
}

impl Moved {
    fn identity(&self, at: u32) -> u32 {
        match self.identities.binary_search_by_key(&at, |moved| moved.0) {
            Ok(known) => self.identities[known].1,
            // An odd number, so that eras are far from each other.
            Err(_) => at.wrapping_add(self.era.wrapping_mul(0x9E37_79B9)),
        }
    }
}

impl Kind {
    /// Whether objects of this kind hash by their identity.
    const fn has_identity(self) -> bool {
        matches!(self, Kind::Closure | Kind::Instance | Kind::Lines | Kind::Iterator)
    }
}

/// Where objects go.
pub(crate) struct Moves {
    /// A bit for each word of the region: whether it is of a live object.
    live: Vec<u64>,
    /// For each word of `live`, how many bits are set before it.
    before: Vec<u32>,
    /// Identities by places after the moves.
    identities: Vec<(u32, u32)>,
}

impl Moves {
    /// Where the object at a place goes.
    pub(super) fn place(&self, at: u32) -> u32 {
        let (word, bit) = (at as usize / 64, at % 64);
        self.before[word] + (self.live[word] & ((1 << bit) - 1)).count_ones()
    }

    /// What a value is after the moves.
    pub(crate) fn moved(&self, value: Value) -> Value {
        let own = value.as_heap().filter(|at| at.0 < crate::frozen::FIRST);
        own.map_or(value, |at| Value::heap(Ref(self.place(at.0))))
    }
}

impl Heap {
    /// What stands for an object in its hash.
    pub(crate) fn identity(&self, at: Ref) -> Value {
        debug_assert!(self.kind(at).has_identity(), "{:?} has no identity", self.kind(at));
        self.identities_asked.set(true);
        Value::heap(Ref(self.identity_of(at.0)))
    }

    fn identity_of(&self, at: u32) -> u32 {
        if at >= crate::frozen::FIRST {
            return self.node().frozen.identity(at);
        }
        self.aside.as_ref().map_or(at, |aside| aside.moved.identity(at))
    }

    /// What copies of objects in another heap go by, in which they keep their hashes: from the places of the objects to
    /// those of the copies.
    pub(super) fn identities_of(&self, copies: &FxHashMap<u32, u32>) -> Vec<(u32, u32)> {
        if !self.identities_asked.get() {
            return Vec::new();
        }
        let with_identity = copies.iter().filter(|(at, _)| self.kind(Ref(**at)).has_identity());
        let mut identities: Vec<_> = with_identity.map(|(&at, &copy)| (copy, self.identity_of(at))).collect();
        identities.sort_unstable();
        identities
    }

    /// Makes room for so many more identities.
    pub(super) fn reserve_identities(&mut self, more: usize) -> Result<(), NoMemory> {
        if more == 0 {
            return Ok(());
        }
        self.aside().moved.identities.try_reserve(more).map_err(|_| NoMemory)
    }

    /// Notes what objects go by that are new, all of them from `base` on.
    pub(super) fn give_identities(&mut self, base: u32, identities: &[(u32, u32)]) {
        if identities.is_empty() {
            return;
        }
        self.identities_asked.set(true);
        let moved = &mut self.aside().moved.identities;
        let place = moved.partition_point(|known| known.0 < base);
        moved.splice(place..place, identities.iter().map(|&(at, identity)| (base + at, identity)));
    }

    /// Forgets the identities of objects that are not marked, as far as the work goes: takes and gives how many were looked
    /// at, and how many of these are kept. `None` at the end.
    pub(crate) fn keep_identities(
        &mut self,
        (mut seen, mut kept): (usize, usize),
        work: &mut Work,
    ) -> Option<(usize, usize)> {
        let Heap { words, aside: Some(aside), .. } = self else { return None };
        let moved = &mut aside.moved.identities;
        while seen < moved.len() {
            if work.is_done() {
                return Some((seen, kept));
            }
            if Header(words[moved[seen].0 as usize]).is_marked() {
                moved[kept] = moved[seen];
                kept += 1;
            }
            seen += 1;
            work.spend(1);
        }
        moved.truncate(kept);
        None
    }

    /// Says where live objects would go, after a collection. `None` if the host has no memory for that.
    pub(crate) fn plan_compaction(&mut self) -> Option<Moves> {
        self.finish_sweep(&mut Work::unlimited());
        self.seal_hole();
        let words = self.tail.div_ceil(64) as usize;
        let mut moves = Moves { live: Vec::new(), before: Vec::new(), identities: Vec::new() };
        moves.live.try_reserve_exact(words).ok()?;
        moves.before.try_reserve_exact(words).ok()?;
        moves.live.resize(words, 0);
        for (start, end, _) in self.live_objects() {
            set_bits(&mut moves.live, start, end);
        }
        let mut set = 0;
        for word in &moves.live {
            moves.before.push(set);
            set += word.count_ones();
        }
        if self.identities_asked.get() {
            let with_identity = || self.live_objects().filter(|(.., kind)| kind.has_identity());
            moves.identities.try_reserve_exact(with_identity().count()).ok()?;
            for (start, ..) in with_identity() {
                moves.identities.push((moves.place(start as u32), self.identity_of(start as u32)));
            }
        }
        Some(moves)
    }

    /// Start, end and kind of all objects, where all that is not live was swept.
    fn live_objects(&self) -> impl Iterator<Item = (usize, usize, Kind)> {
        let mut at = 0;
        let all = std::iter::from_fn(move || {
            let start = at;
            let header = Header(*self.words[..self.tail as usize].get(start)?);
            at += 1 + header.size();
            Some((start, at, header.kind()))
        });
        all.filter(|(.., kind)| *kind != Kind::Free)
    }

    /// Moves the live objects as planned and gives back what lies behind them. Each reference that is not in the heap has
    /// to become [`Moves::moved`] of it.
    pub(crate) fn compact(&mut self, moves: Moves) {
        let (mut at, mut end_of_moved) = (0, 0);
        while at < self.tail as usize {
            let header = Header(self.words[at]);
            let end = at + 1 + header.size();
            if header.kind() != Kind::Free {
                if let Some(first) = header.kind().raw_words() {
                    for word in &mut self.words[at + 1 + first..end] {
                        *word = moves.moved(Value::from_bits(*word)).bits();
                    }
                }
                self.words.copy_within(at..end, end_of_moved);
                end_of_moved += end - at;
            }
            at = end;
        }
        self.words.truncate(end_of_moved);
        self.words.shrink_to_fit();
        (self.bump, self.hole_end, self.tail) = (end_of_moved, end_of_moved, end_of_moved as u32);
        self.move_blobs(&moves);
        self.error = moves.moved(self.error);
        self.mailbox.values().for_each(|message| *message = moves.moved(*message));
        let aside = self.aside();
        (aside.sweep, aside.sweep_end, aside.live_end) = (end_of_moved, end_of_moved, end_of_moved);
        (aside.survivors, aside.skipped, aside.marking) = Default::default();
        aside.stats.used_words = aside.stats.live_words;
        if let Some(places) = &mut aside.places {
            places.follow(|text| moves.moved(text));
        }
        aside.moved.identities = moves.identities;
        aside.moved.era = aside.moved.era.wrapping_add(1);
    }
}

/// Sets the bits from `start` to before `end`.
fn set_bits(bits: &mut [u64], start: usize, end: usize) {
    let (first, last) = (start / 64, (end - 1) / 64);
    let (from, up_to) = (u64::MAX << (start % 64), u64::MAX >> (63 - (end - 1) % 64));
    if first == last {
        bits[first] |= from & up_to;
        return;
    }
    bits[first] |= from;
    bits[first + 1..last].fill(u64::MAX);
    bits[last] |= up_to;
}
