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

#[cfg(test)]
impl Marking {
    /// Bytes that its lists had at most so far.
    pub(super) fn most_bytes(&self) -> usize {
        self.most
    }
}

impl Heap {
    /// Sweeps what the last collection left. True when it is done.
    pub(crate) fn finish_sweep(&mut self, work: &mut Work) -> bool {
        self.sweep_for_hole(usize::MAX - CHUNK, work);
        self.sweep >= self.sweep_end
    }

    /// Starts to mark: no object is marked after this but what the heap itself refers to.
    pub(crate) fn begin_marking(&mut self) {
        debug_assert!(self.sweep >= self.sweep_end, "marks of the last collection are gone");
        self.seal_hole();
        self.live = 0;
        self.live_end = 0;
        self.survivors.clear();
        if let Some(error) = self.hooks.error {
            self.mark(error);
        }
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
            let before = self.live;
            roots[at..end].iter().for_each(|&root| self.mark(root));
            work.spend((end - at) / WORDS_PER_UNIT + (self.live != before) as usize * (end - at));
            at = end;
        }
        at
    }

    fn mark_object(&mut self, at: u32) {
        let header = Header(self.words[at as usize]);
        if header.is_marked() {
            return;
        }
        self.words[at as usize] |= MARK;
        self.live += 1 + header.size();
        self.live_end = self.live_end.max(at as usize + 1 + header.size());
        if self.survivors.len() < MAX_SURVIVORS {
            self.survivors.push(at);
        }
        if header.kind().raw_words().is_some() {
            self.wait(at, header.size());
        }
    }

    /// Notes that the parts of an object are to be looked at.
    #[inline]
    fn wait(&mut self, at: u32, size: usize) {
        let marking = &mut self.marking;
        if size > PIECE && marking.pieces.try_reserve(1).is_ok() {
            marking.pieces.push((at, 0));
        } else if size <= PIECE && (marking.waiting.len() < marking.waiting.capacity() || self.make_room()) {
            self.marking.waiting.push(at);
        } else if self.marking.walk.is_none_or(|walk| (at as usize) < walk) {
            // A walk that is still below finds it.
            let lowest = self.marking.dropped.unwrap_or(usize::MAX);
            self.marking.dropped = Some(lowest.min(at as usize));
        }
    }

    #[cold]
    fn make_room(&mut self) -> bool {
        let most = self.marking_room().max(LEAST_ROOM);
        let waiting = &mut self.marking.waiting;
        let wanted = (waiting.capacity() * 2).clamp(LEAST_ROOM, most);
        wanted > waiting.len() && waiting.try_reserve_exact(wanted - waiting.len()).is_ok()
    }

    /// Marks what is reachable from what is marked, as far as the work goes. True when all of it is.
    pub(crate) fn mark_reachable(&mut self, work: &mut Work) -> bool {
        loop {
            while let Some(at) = self.marking.waiting.pop() {
                let header = Header(self.words[at as usize]);
                let first = header.kind().raw_words().unwrap_or(header.size());
                self.mark_parts(at as usize + 1 + first..at as usize + 1 + header.size(), work);
                if work.is_done() {
                    return false;
                }
            }
            if let Some((at, done)) = self.marking.pieces.pop() {
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
            self.marking.pieces.push((at, end as u32));
        }
        self.mark_parts(at as usize + 1 + start..at as usize + 1 + end, work);
    }

    /// Goes on with the walk for dropped objects, up to the next that is marked. False when there is none left.
    fn walk_on(&mut self, work: &mut Work) -> bool {
        let Some(mut at) = self.marking.walk.or_else(|| self.marking.dropped.take()) else { return false };
        while at < self.tail && !work.is_done() {
            let header = Header(self.words[at]);
            let start = at;
            at += 1 + header.size();
            work.spend(1);
            if header.is_marked()
                && let Some(first) = header.kind().raw_words()
            {
                self.marking.walk = Some(at);
                if header.size() > PIECE && self.marking.pieces.try_reserve(1).is_ok() {
                    self.marking.pieces.push((start as u32, 0));
                } else {
                    // At once, so that a walk gets on even where there is room for nothing.
                    self.mark_parts(start + 1 + first..at, work);
                }
                return true;
            }
        }
        self.marking.walk = (at < self.tail).then_some(at);
        self.marking.walk.is_some() || self.marking.dropped.is_some()
    }

    /// Ends marking, after the blobs of what is not marked were dropped: what is not marked is free.
    pub(crate) fn end_marking(&mut self) {
        self.sweep = 0;
        if self.survivors.len() < MAX_SURVIVORS {
            self.survivors.sort_unstable_by(|a, b| b.cmp(a));
        }
        #[cfg(test)]
        {
            let bytes = self.marking.waiting.capacity() * 4 + self.marking.pieces.capacity() * 8;
            self.marking.most = self.marking.most.max(bytes);
        }
        if self.marking.waiting.capacity().max(self.marking.pieces.capacity()) > ROOM_KEPT {
            (self.marking.waiting, self.marking.pieces) = Default::default();
        }
        if self.stress {
            self.words[self.live_end..self.tail].fill(super::allocation::POISON);
        }
        // Behind the last live object everything is as good as never used.
        self.tail = self.live_end;
        self.sweep_end = self.tail;
        self.skipped.clear();
        self.stats.allocated_words = self.allocated_bytes() / 8;
        self.bump = 0;
        self.hole_end = 0;
        self.since = 0;
        self.trigger = ((self.live + self.blobs.words()) * 2).max(MIN_TRIGGER);
        self.wants_collection = false;
        if let Some(places) = &mut self.places {
            let words = &self.words;
            places.keep(|text| text.as_heap().is_none_or(|at| Header(words[at.0 as usize]).is_marked()));
        }
        self.stats.collections += 1;
        self.stats.live_words = (self.live + self.blobs.words()) as u64;
        self.stats.used_words = (self.live_end + self.blobs.words()) as u64;
    }

    /// Gives a piece of memory back when the region is much larger than what it needs until the next collection. True
    /// when there is no more to give.
    pub(crate) fn shrink(&mut self, goal: &mut Option<usize>) -> bool {
        let needed = self.tail + (self.live * 2).max(MIN_TRIGGER);
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
        while at < self.tail {
            starts.insert(at);
            at += 1 + Header(self.words[at]).size();
        }
        assert_eq!(at, self.tail, "the walk ends where the region's used part ends");
        for &start in &starts {
            let header = Header(self.words[start]);
            let unswept_garbage = start >= self.sweep && start < self.sweep_end && !header.is_marked();
            if unswept_garbage {
                continue;
            }
            if header.kind() == Kind::Blob {
                blobs.insert(start);
            }
            let Some(raw) = header.kind().raw_words() else { continue };
            for index in start + 1 + raw..start + 1 + header.size() {
                if let Some(to) = Value::from_bits(self.words[index]).as_heap() {
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
