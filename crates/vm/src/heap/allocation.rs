//! Where words come from when the hole in use is too small: holes that a sweep finds, and the untouched end.

use super::aside::Aside;
use super::collection::Work;
use super::{CHUNK, Header, Heap, Kind, LARGE, MARK, MAX_SKIPPED, MAX_SURVIVORS, NoMemory, WORTH_REUSING};
use crate::value::{Ref, Value};

/// Words that the region becomes longer by at least: a process that does little takes little.
const FIRST: usize = 8;
/// A region of fewer words does not become twice as long at once.
const SMALL: usize = 256;
/// Words that the region becomes longer at once: to fill them with zeros takes a fraction of a millisecond.
const GROWTH: usize = 1 << 15;
/// Objects that a sweep visits at most for one allocation, if there is another way to get its words.
const SWEPT_AT_ONCE: i64 = 1 << 14;
/// One word in so many is kept for the lists of what a collection has still to look at.
const MARKING_SHARE: usize = 64;
/// What freed words hold under stress: a reference that is none, so that who follows it falls over.
pub(super) const POISON: u64 = Value::heap(Ref(u32::MAX)).bits();

/// Allocations that fail on purpose, to test what happens then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    /// Allocations until then.
    left: u64,
    /// Whether all that follow fail too.
    lasting: bool,
    /// Whether one has failed.
    struck: bool,
}

impl Faults {
    /// Counts an allocation; whether it is to fail.
    pub(crate) fn strikes(&mut self) -> bool {
        let strikes = self.left == 0 && (self.lasting || !self.struck);
        self.struck |= strikes;
        self.left = self.left.saturating_sub(1);
        strikes
    }
}

impl Heap {
    /// Makes an allocation fail, after so many that don't, and all later ones if that is lasting. What makes the stack
    /// longer counts as one too. Each allocation is counted from now on, which is slow.
    pub(crate) fn fail_after(&mut self, allocations: u64, lasting: bool) {
        self.seal_hole();
        self.aside().faults = Some(Box::new(Faults { left: allocations, lasting, struck: false }));
    }

    /// Counts an allocation outside of the region, if such are counted; whether it is to fail.
    pub(crate) fn strikes(&mut self) -> bool {
        self.aside.as_mut().and_then(|aside| aside.faults.as_mut()).is_some_and(|faults| faults.strikes())
    }

    /// Whether an allocation was made to fail.
    pub(crate) fn has_struck(&self) -> bool {
        self.faults().is_some_and(|faults| faults.struck)
    }

    fn faults(&self) -> Option<&Faults> {
        self.aside.as_ref()?.faults.as_deref()
    }

    /// Makes the hole hold at least `total` words.
    #[cold]
    #[inline(never)]
    pub(super) fn find_hole(&mut self, total: usize) -> Result<(), NoMemory> {
        if self.strikes() {
            return Err(NoMemory);
        }
        if self.reuse_skipped(total) || self.sweep_for_hole(total, &mut Work::new(SWEPT_AT_ONCE)) {
            self.cut_for_faults(total);
            return Ok(());
        }
        // The hole in use continues where the untouched end begins: no need to give its rest up.
        let tail = self.tail as usize;
        let start = if self.hole_end == tail { self.bump } else { tail };
        let needed = start + total;
        if needed > self.words.len()
            && let Err(none) = self.grow(needed)
        {
            // What is left to sweep is all that there is.
            return if self.sweep_for_hole(total, &mut Work::unlimited()) { Ok(()) } else { Err(none) };
        }
        if start == tail {
            self.seal_hole();
            self.bump = start;
        }
        let end = (start + total.max(CHUNK)).min(self.words.len());
        self.account(end - tail.min(end));
        self.tail = tail.max(end) as u32;
        self.hole_end = end;
        self.cut_for_faults(total);
        Ok(())
    }

    /// Sees to it that an object of so many words needs no more than a moment to be made: true when that is so, else the
    /// region is longer by a piece. Where there is no room, that is for the allocation to say.
    pub(crate) fn make_way(&mut self, words: usize) -> bool {
        let total = words + 1;
        if self.hole_end - self.bump >= total || self.sweep_for_hole(total, &mut Work::new(SWEPT_AT_ONCE)) {
            return true;
        }
        let tail = self.tail as usize;
        let start = if self.hole_end == tail { self.bump } else { tail };
        let needed = start + total;
        if needed <= self.words.len() {
            return true;
        }
        let next = needed.min(self.words.len() + GROWTH);
        // All of it is reserved at once: to move the region may take the system a while.
        let more = needed - self.words.len();
        if needed > self.max_region() || needed > self.words.capacity() && self.words.try_reserve_exact(more).is_err() {
            return true;
        }
        self.words.resize(next, 0);
        self.note_peak();
        false
    }

    /// Makes an object of `size` plain words, whatever is in them: it takes no time, and is to [`become_kind`] something.
    ///
    /// [`become_kind`]: Self::become_kind
    pub(crate) fn alloc_plain(&mut self, size: usize) -> Result<Ref, NoMemory> {
        if self.hole_end - self.bump < size + 1 {
            self.find_hole(size + 1)?;
        }
        let at = self.bump;
        self.bump += size + 1;
        self.words[at] = Header::new(Kind::MapIndex, size).0;
        Ok(Ref(at as u32))
    }

    /// Makes an object of plain words, all of which were written, one of another kind.
    pub(crate) fn become_kind(&mut self, at: Ref, kind: Kind) {
        let header = &mut self.words[at.0 as usize];
        *header = *header & !0xff | kind as u64;
    }

    /// Leaves no more of the hole than was asked for, if allocations are to be counted: each then comes here.
    fn cut_for_faults(&mut self, total: usize) {
        if self.faults().is_none() || self.hole_end - self.bump <= total {
            return;
        }
        let (start, end) = (self.bump + total, self.hole_end);
        self.words[start] = Header::new(Kind::Free, end - start - 1).0;
        self.hole_end = start;
    }

    /// Continues in a run that an allocation too large for it passed by.
    fn reuse_skipped(&mut self, total: usize) -> bool {
        if total > LARGE {
            return false;
        }
        while let Some((start, end)) = self.aside.as_mut().and_then(|aside| aside.skipped.pop()) {
            if end - start >= total {
                self.seal_hole();
                self.bump = start;
                self.hole_end = end;
                self.account(end - start);
                return true;
            }
        }
        false
    }

    pub(super) fn account(&mut self, words: usize) {
        self.since = self.since.saturating_add(words as u32);
        if self.since >= self.trigger {
            self.wants_collection = true;
        }
    }

    /// Words that the region may have beside the blobs.
    pub(super) fn max_region(&self) -> usize {
        let most = self.max_words as usize;
        (most - most / MARKING_SHARE).saturating_sub(self.blobs.words())
    }

    /// Makes the region hold at least `needed` words. The system only promises them; they are touched chunk by chunk.
    fn grow(&mut self, needed: usize) -> Result<(), NoMemory> {
        let most = self.max_region();
        if needed > most {
            return Err(NoMemory);
        }
        let length = self.words.len();
        let step = if length < SMALL { length / 2 } else { length }.clamp(FIRST, GROWTH);
        let wanted = (self.words.len() + step).max(needed).min(most);
        if wanted > self.words.capacity() {
            let doubled = if length < SMALL { wanted } else { self.words.capacity() * 2 };
            let capacity = doubled.max(wanted).min(most);
            let more = capacity - self.words.len();
            self.words.try_reserve_exact(more).map_err(|_| NoMemory)?;
        }
        self.words.resize(wanted, 0);
        self.note_peak();
        Ok(())
    }

    /// Gives back what lies behind the last object.
    pub(crate) fn give_back_rest(&mut self) {
        if self.hole_end == self.tail as usize {
            self.since = self.since.saturating_sub((self.hole_end - self.bump) as u32);
            (self.hole_end, self.tail) = (self.bump, self.bump as u32);
        }
        self.words.truncate(self.tail as usize);
        self.words.shrink_to_fit();
    }

    /// Objects that may wait at a time while marking: half of the share, four octets each. The other half has room for
    /// all objects that are marked piece by piece.
    pub(super) fn marking_room(&self) -> usize {
        self.words.len() / MARKING_SHARE
    }

    /// Gives the rest of the hole a header, so that the region can be walked.
    pub(super) fn seal_hole(&mut self) {
        if self.bump < self.hole_end {
            self.words[self.bump] = Header::new(Kind::Free, self.hole_end - self.bump - 1).0;
        }
        self.bump = self.hole_end;
    }

    /// Sweeps on, as far as the work goes, until a hole of at least `total` words is found.
    pub(super) fn sweep_for_hole(&mut self, total: usize, work: &mut Work) -> bool {
        if self.is_swept() {
            return false;
        }
        self.seal_hole();
        let Some(mut aside) = self.aside.take() else { return false };
        let found = self.sweep_on(&mut aside, total, work);
        self.aside = Some(aside);
        if let Some((start, end)) = found {
            self.bump = start;
            self.hole_end = end;
            self.account(end - start);
        }
        found.is_some()
    }

    /// Whether there is nothing left to sweep.
    #[inline]
    pub(super) fn is_swept(&self) -> bool {
        self.aside.as_ref().is_none_or(|aside| aside.sweep >= aside.sweep_end)
    }

    fn sweep_on(&mut self, aside: &mut Aside, total: usize, work: &mut Work) -> Option<(usize, usize)> {
        while aside.sweep < aside.sweep_end && !work.is_done() {
            let start = aside.sweep;
            let end = self.free_run(aside, start, work);
            if end == start {
                let header = Header(self.words[start]);
                self.words[start] &= !MARK;
                if aside.survivors.len() < MAX_SURVIVORS {
                    aside.survivors.pop();
                }
                aside.sweep = start + 1 + header.size();
                work.spend(1);
                continue;
            }
            if self.stress {
                self.words[start..end].fill(POISON);
            }
            if end - start >= total {
                // A part of a long run: what is taken is what counts towards the next collection.
                let taken = (start + total.max(CHUNK)).min(end);
                if taken < end {
                    self.words[taken] = Header::new(Kind::Free, end - taken - 1).0;
                }
                aside.sweep = taken;
                return Some((start, taken));
            }
            aside.sweep = end;
            self.words[start] = Header::new(Kind::Free, end - start - 1).0;
            if end - start >= WORTH_REUSING && aside.skipped.len() < MAX_SKIPPED {
                aside.skipped.push((start, end));
            }
        }
        None
    }

    /// End of the run of dead words that starts at `start`, or as much of it as the work goes.
    fn free_run(&self, aside: &Aside, start: usize, work: &mut Work) -> usize {
        if aside.survivors.len() < MAX_SURVIVORS {
            return aside.survivors.last().map_or(aside.sweep_end, |&at| at as usize);
        }
        let mut end = start;
        while end < aside.sweep_end && !work.is_done() {
            let header = Header(self.words[end]);
            if header.is_marked() {
                break;
            }
            end += 1 + header.size();
            work.spend(1);
        }
        end
    }
}
