//! Collection of a heap, in steps: what is left to sweep, then marking what is reachable. The next sweep is lazy, and
//! done where words are asked for.
//!
//! The program stands still from the first step to the last, so marking needs no barrier; a step is short, so others
//! can run in between.
//!
//! Objects that are marked, but whose parts are not, wait in a list that has a bound. One that finds no room is
//! dropped; when the list is empty, the region is walked from the lowest one that was dropped, and every marked object
//! is looked at again. A list is in proportion to the region, so the walks are few. Objects of many words wait in a list
//! of their own and are looked at piece by piece.

use super::{CHUNK, Header, Heap, MARK, MAX_SURVIVORS, MIN_TRIGGER};
use crate::value::Value;

/// What a step may still do: the objects and references that it looks at. One that is not in a cache of the processor
/// takes a tenth of a microsecond or two.
pub(crate) struct Work(i64);

impl Work {
    pub(crate) fn new(units: i64) -> Work {
        Work(units)
    }

    pub(crate) fn unlimited() -> Work {
        Work(i64::MAX)
    }

    #[inline(always)]
    pub(crate) fn spend(&mut self, units: usize) {
        self.0 -= units as i64;
    }

    #[inline(always)]
    pub(crate) fn is_done(&self) -> bool {
        self.0 <= 0
    }
}

/// Objects of more words are looked at in pieces of so many.
const PIECE: usize = 256;
/// Words without a reference that are looked at as fast as one reference.
const WORDS_PER_UNIT: usize = 16;
/// Words that are given back to the system at once.
pub(super) const GIVEN_BACK_AT_ONCE: usize = 1 << 19;
/// Objects that may wait in the smallest region.
const LEAST_ROOM: usize = 64;
/// Room for them that is kept from one collection to the next.
const ROOM_KEPT: usize = 1 << 12;

/// What a collection has still to look at.
#[derive(Default)]
pub(super) struct Marking {
    /// Marked objects whose parts are not.
    waiting: Vec<u32>,
    /// The same, of many words, with the first of them that was not looked at.
    pieces: Vec<(u32, u32)>,
    /// The lowest object that found no room.
    dropped: Option<usize>,
    /// Where the walk over the region is that looks for what was dropped.
    walk: Option<usize>,
    /// Bytes that its lists had at most.
    #[cfg(test)]
    most: usize,
}

impl Marking {
    /// Notes that the parts of an object are to be looked at; `room` is how many may wait.
    #[inline]
    fn wait(&mut self, at: u32, size: usize, room: usize) {
        if size > PIECE && self.pieces.try_reserve(1).is_ok() {
            self.pieces.push((at, 0));
        } else if size <= PIECE && (self.waiting.len() < self.waiting.capacity() || self.make_room(room)) {
            self.waiting.push(at);
        } else if self.walk.is_none_or(|walk| (at as usize) < walk) {
            // A walk that is still below finds it.
            let lowest = self.dropped.unwrap_or(usize::MAX);
            self.dropped = Some(lowest.min(at as usize));
        }
    }

    #[cold]
    fn make_room(&mut self, room: usize) -> bool {
        let wanted = (self.waiting.capacity() * 2).clamp(LEAST_ROOM, room.max(LEAST_ROOM));
        wanted > self.waiting.len() && self.waiting.try_reserve_exact(wanted - self.waiting.len()).is_ok()
    }

    /// Bytes that its lists had at most so far.
    #[cfg(test)]
    pub(super) fn most_bytes(&self) -> usize {
        self.most
    }
}

impl Heap {
    /// Sweeps what the last collection left. True when it is done.
    pub(crate) fn finish_sweep(&mut self, work: &mut Work) -> bool {
        self.sweep_for_hole(usize::MAX - CHUNK, work);
        self.is_swept()
    }

    /// Starts to mark: no object is marked after this but what the heap itself refers to.
    pub(crate) fn begin_marking(&mut self) {
        debug_assert!(self.is_swept(), "marks of the last collection are gone");
        self.seal_hole();
        let aside = self.aside();
        (aside.live, aside.live_end) = (0, 0);
        aside.survivors.clear();
        self.mark(self.error);
    }

    /// Marks what a root refers to.
    #[inline]
    pub(crate) fn mark(&mut self, value: Value) {
        if let Some(at) = value.as_heap() {
            self.mark_object(at.0);
        }
    }

    /// Marks the messages that are in the heap, from the one at `from` on, as far as the work goes. Gives where to go on.
    pub(crate) fn mark_mailbox(&mut self, from: usize, work: &mut Work) -> usize {
        let mut at = from;
        let end = self.mailbox.looked_at();
        while at < end && !work.is_done() {
            if let Some(value) = self.mailbox.value(at) {
                self.mark(value);
            }
            work.spend(1);
            at += 1;
        }
        at
    }

    /// Marks what roots refer to, from the one at `from` on, as far as the work goes. Gives where to go on.
    pub(crate) fn mark_roots(&mut self, roots: &[Value], from: usize, work: &mut Work) -> usize {
        let mut at = from;
        while at < roots.len() && !work.is_done() {
            let end = (at + PIECE).min(roots.len());
            let before = self.live();
            roots[at..end].iter().for_each(|&root| self.mark(root));
            work.spend((end - at) / WORDS_PER_UNIT + (self.live() != before) as usize * (end - at));
            at = end;
        }
        at
    }

    /// Words that were marked so far.
    fn live(&self) -> usize {
        self.aside.as_ref().map_or(0, |aside| aside.live)
    }

    fn mark_object(&mut self, at: u32) {
        // What is beyond the region is frozen, and nobody's.
        let Some(word) = self.words.get_mut(at as usize) else { return };
        let header = Header(*word);
        if header.is_marked() {
            return;
        }
        *word |= MARK;
        let room = self.marking_room();
        let aside = self.aside();
        aside.live += 1 + header.size();
        aside.live_end = aside.live_end.max(at as usize + 1 + header.size());
        if aside.survivors.len() < MAX_SURVIVORS {
            aside.survivors.push(at);
        }
        if header.kind().raw_words().is_some() {
            aside.marking.wait(at, header.size(), room);
        }
    }

    /// Marks what is reachable from what is marked, as far as the work goes. True when all of it is.
    pub(crate) fn mark_reachable(&mut self, work: &mut Work) -> bool {
        loop {
            while let Some(at) = self.aside().marking.waiting.pop() {
                let header = Header(self.words[at as usize]);
                let first = header.kind().raw_words().unwrap_or(header.size());
                self.mark_parts(at as usize + 1 + first..at as usize + 1 + header.size(), work);
                if work.is_done() {
                    return false;
                }
            }
            if let Some((at, done)) = self.aside().marking.pieces.pop() {
                self.mark_piece(at, done as usize, work);
            } else if !self.walk_on(work) {
                return true;
            }
            if work.is_done() {
                return false;
            }
        }
    }

    #[inline]
    fn mark_parts(&mut self, parts: std::ops::Range<usize>, work: &mut Work) {
        work.spend(1 + parts.len() / WORDS_PER_UNIT);
        for index in parts {
            if let Some(at) = Value::from_bits(self.words[index]).as_heap() {
                work.spend(1);
                self.mark_object(at.0);
            }
        }
    }

    /// Looks at a piece of an object, of whose words `done` were looked at.
    fn mark_piece(&mut self, at: u32, done: usize, work: &mut Work) {
        let header = Header(self.words[at as usize]);
        let start = done.max(header.kind().raw_words().unwrap_or(header.size()));
        let end = (start + PIECE).min(header.size());
        if end < header.size() {
            // There is room: it was in the list before.
            self.aside().marking.pieces.push((at, end as u32));
        }
        self.mark_parts(at as usize + 1 + start..at as usize + 1 + end, work);
    }

    /// Goes on with the walk for dropped objects, up to the next that is marked. False when there is none left.
    fn walk_on(&mut self, work: &mut Work) -> bool {
        let tail = self.tail as usize;
        let marking = &mut self.aside().marking;
        let Some(mut at) = marking.walk.or_else(|| marking.dropped.take()) else { return false };
        while at < tail && !work.is_done() {
            let header = Header(self.words[at]);
            let start = at;
            at += 1 + header.size();
            work.spend(1);
            if header.is_marked()
                && let Some(first) = header.kind().raw_words()
            {
                let marking = &mut self.aside().marking;
                marking.walk = Some(at);
                if header.size() > PIECE && marking.pieces.try_reserve(1).is_ok() {
                    marking.pieces.push((start as u32, 0));
                } else {
                    // At once, so that a walk gets on even where there is room for nothing.
                    self.mark_parts(start + 1 + first..at, work);
                }
                return true;
            }
        }
        let marking = &mut self.aside().marking;
        marking.walk = (at < tail).then_some(at);
        marking.walk.is_some() || marking.dropped.is_some()
    }

    /// Ends marking, after the blobs of what is not marked were dropped: what is not marked is free.
    pub(crate) fn end_marking(&mut self) {
        let (allocated_words, blobs) = (self.allocated_bytes() / 8, self.blobs.words());
        let Heap { words, aside, .. } = self;
        let aside = aside.get_or_insert_default();
        let live_end = aside.live_end;
        if aside.survivors.len() < MAX_SURVIVORS {
            aside.survivors.sort_unstable_by(|a, b| b.cmp(a));
        }
        let marking = &mut aside.marking;
        #[cfg(test)]
        {
            let bytes = marking.waiting.capacity() * 4 + marking.pieces.capacity() * 8;
            marking.most = marking.most.max(bytes);
        }
        if marking.waiting.capacity().max(marking.pieces.capacity()) > ROOM_KEPT {
            (marking.waiting, marking.pieces) = Default::default();
        }
        if self.stress {
            words[live_end..self.tail as usize].fill(super::allocation::POISON);
        }
        if let Some(places) = &mut aside.places {
            places.keep(|text| {
                text.as_heap().and_then(|at| words.get(at.0 as usize)).is_none_or(|&word| Header(word).is_marked())
            });
        }
        (aside.sweep, aside.sweep_end) = (0, live_end);
        aside.skipped.clear();
        aside.stats.allocated_words = allocated_words;
        aside.stats.collections += 1;
        aside.stats.live_words = (aside.live + blobs) as u64;
        aside.stats.used_words = (live_end + blobs) as u64;
        self.trigger = u32::try_from((aside.live + blobs) * 2).unwrap_or(u32::MAX).max(MIN_TRIGGER as u32);
        // Behind the last live object everything is as good as never used.
        self.tail = live_end as u32;
        (self.bump, self.hole_end, self.since) = (0, 0, 0);
        self.wants_collection = false;
    }

    /// Gives a piece of memory back when the region is much larger than what it needs until the next collection. True
    /// when there is no more to give.
    pub(crate) fn shrink(&mut self, goal: &mut Option<usize>) -> bool {
        let needed = self.tail as usize + (self.live() * 2).max(MIN_TRIGGER);
        if goal.is_none() && self.words.len() > needed * 4 {
            *goal = Some(needed * 2);
        }
        let Some(goal) = *goal else { return true };
        let next = goal.max(self.words.len().saturating_sub(GIVEN_BACK_AT_ONCE));
        self.words.truncate(next);
        self.words.shrink_to(next);
        next == goal
    }

    /// Walks the region and panics where it is inconsistent: a reference to something that is no object, a blob without
    /// octets.
    #[cfg(any(test, debug_assertions))]
    pub(crate) fn check(&mut self) {
        use super::Kind;
        self.seal_hole();
        let mut starts = std::collections::HashSet::new();
        let mut blobs = std::collections::HashSet::new();
        let mut at = 0;
        while at < self.tail as usize {
            starts.insert(at);
            at += 1 + Header(self.words[at]).size();
        }
        let (sweep, sweep_end) = self.aside.as_ref().map_or((0, 0), |aside| (aside.sweep, aside.sweep_end));
        assert_eq!(at, self.tail as usize, "the walk ends where the region's used part ends");
        for &start in &starts {
            let header = Header(self.words[start]);
            let unswept_garbage = start >= sweep && start < sweep_end && !header.is_marked();
            if unswept_garbage {
                continue;
            }
            if header.kind() == Kind::Blob {
                blobs.insert(start);
            }
            let Some(raw) = header.kind().raw_words() else { continue };
            for index in start + 1 + raw..start + 1 + header.size() {
                if let Some(to) = Value::from_bits(self.words[index]).as_heap() {
                    if to.0 >= crate::frozen::FIRST && to.0 != u32::MAX {
                        continue;
                    }
                    let to = to.0 as usize;
                    assert!(starts.contains(&to), "{:?} at {start} refers to {to}", header.kind());
                    assert_ne!(
                        Header(self.words[to]).kind(),
                        Kind::Free,
                        "{:?} at {start} refers to free words",
                        header.kind()
                    );
                }
            }
        }
        self.check_blobs(&blobs);
    }
}
