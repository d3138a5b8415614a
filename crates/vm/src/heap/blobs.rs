//! Blobs: the octets of large strings and bytes, which lie beside the region.
//!
//! An object of the kind `Blob` has a slot of the process's table, and the slot knows which object that is. A collection
//! drops the slots whose objects it did not mark, before the program runs on. What blobs take counts towards the limit and
//! the next collection as the words of the region do.
//!
//! Octets become a blob when they would be an object that goes to the end of the region rather than through its holes
//! ([`LARGE`]): those are what a region that does not move its objects serves badly, since it becomes longer for each of
//! them, and leaves holes that nothing else of their size comes to fill. Smaller ones cost less in the region than the
//! host's allocator and a slot would.
//!
//! A text that was appended to has room to grow at its end, as long as nobody else has it. Octets that several share never
//! change.

use super::collection::{GIVEN_BACK_AT_ONCE, Work};
use super::compaction::Moves;
use super::{Header, Heap, Kind, LARGE, NoMemory};
use crate::value::Ref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More octets than these are a blob.
const MAX_IN_REGION: usize = LARGE * 8;
/// Octets that are freed in the time in which a reference is looked at.
const FREED_PER_UNIT: usize = 1 << 12;
/// The end of the list of free slots.
const NONE: u32 = u32::MAX;

/// Blobs that are alive in this host process.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// How many blobs are alive in this host process, each counted once however many processes share it: to see whether
/// any is left behind.
pub fn live_blobs() -> usize {
    LIVE.load(Ordering::Relaxed)
}

/// Octets outside of every region.
#[derive(Debug)]
pub(crate) struct Blob(Vec<u8>);

impl Blob {
    fn new(octets: Vec<u8>) -> Blob {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Blob(octets)
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a slot holds.
enum Octets {
    /// Nobody else has them; and whether they may grow.
    Own(Blob, bool),
    Shared(Arc<Blob>),
}

impl Octets {
    #[inline(always)]
    fn blob(&self) -> &Blob {
        match self {
            Octets::Own(blob, _) => blob,
            Octets::Shared(blob) => blob,
        }
    }

    /// Words that they count as.
    fn words(&self) -> usize {
        words(self.blob().0.capacity())
    }
}

enum Slot {
    /// With the next one that is free.
    Free(u32),
    /// With the object whose slot it is.
    Used(u32, Octets),
}

/// Words that so many octets with their slot count as.
const fn words(octets: usize) -> usize {
    (octets + size_of::<Slot>()).div_ceil(8)
}

/// Whether octets have much more room than they need.
fn is_worth_shrinking(octets: &Vec<u8>) -> bool {
    octets.capacity() - octets.len() > octets.len() / 4
}

/// Whether so many octets are a blob.
#[inline(always)]
pub(crate) const fn is_large(octets: usize) -> bool {
    octets > MAX_IN_REGION
}

/// The blobs of a process, if it ever had one.
#[derive(Default)]
pub(super) struct Blobs(Option<Box<Table>>);

struct Table {
    slots: Vec<Slot>,
    free: u32,
    /// What all of them count as.
    words: usize,
}

impl Default for Table {
    fn default() -> Table {
        Table { slots: Vec::new(), free: NONE, words: 0 }
    }
}

impl Blobs {
    /// Words that all blobs count as.
    pub(super) fn words(&self) -> usize {
        self.0.as_ref().map_or(0, |table| table.words)
    }

    #[inline(always)]
    fn get(&self, slot: u64) -> Option<&Octets> {
        match self.0.as_ref()?.slots.get(slot as usize)? {
            Slot::Used(_, octets) => Some(octets),
            Slot::Free(_) => None,
        }
    }

    #[inline(always)]
    fn get_mut(&mut self, slot: u64) -> Option<&mut Octets> {
        match self.0.as_mut()?.slots.get_mut(slot as usize)? {
            Slot::Used(_, octets) => Some(octets),
            Slot::Free(_) => None,
        }
    }

    fn table(&mut self) -> &mut Table {
        self.0.get_or_insert_default()
    }
}

impl Table {
    /// The slot that the next blob gets; there is room for it.
    fn next(&mut self) -> Result<u32, NoMemory> {
        if self.free != NONE {
            return Ok(self.free);
        }
        self.slots.try_reserve(1).map_err(|_| NoMemory)?;
        u32::try_from(self.slots.len()).map_err(|_| NoMemory)
    }

    /// Fills the slot that [`next`](Self::next) gave.
    fn fill(&mut self, slot: u32, owner: Ref, octets: Octets) {
        self.words += octets.words();
        let used = Slot::Used(owner.0, octets);
        match self.slots.get_mut(slot as usize) {
            Some(place) => {
                if let Slot::Free(next) = std::mem::replace(place, used) {
                    self.free = next;
                }
            }
            None => self.slots.push(used),
        }
    }
}

impl Heap {
    /// Makes a blob with room for so many octets and none in use; and says whether it may grow when it is written.
    ///
    /// # Errors
    /// [`NoMemory`] as for [`alloc`](Self::alloc).
    pub(crate) fn alloc_blob(&mut self, room: usize, grows: bool) -> Result<Ref, NoMemory> {
        let blob = self.alloc_blob_unpaid(room, grows)?;
        self.spend_on(room);
        Ok(blob)
    }

    /// The same, for who spends what it takes as the octets are written.
    pub(crate) fn alloc_blob_unpaid(&mut self, room: usize, grows: bool) -> Result<Ref, NoMemory> {
        self.check_room(words(room))?;
        let mut octets = Vec::new();
        octets.try_reserve_exact(room).map_err(|_| NoMemory)?;
        self.put_blob(Octets::Own(Blob::new(octets), grows))
    }

    /// As much as if so many octets were written in the region.
    fn spend_on(&self, room: usize) {
        self.spend(1 + room.div_ceil(8));
    }

    /// Makes a blob of octets.
    ///
    /// # Errors
    /// [`NoMemory`] as for [`alloc`](Self::alloc).
    pub(crate) fn adopt(&mut self, mut octets: Vec<u8>) -> Result<Ref, NoMemory> {
        if is_worth_shrinking(&octets) {
            octets.shrink_to_fit();
        }
        self.check_room(words(octets.capacity()))?;
        let room = octets.len();
        let blob = self.put_blob(Octets::Own(Blob::new(octets), false))?;
        self.spend_on(room);
        Ok(blob)
    }

    /// Makes an object for a blob that others may have too.
    ///
    /// # Errors
    /// [`NoMemory`] as for [`alloc`](Self::alloc).
    pub(crate) fn alloc_shared(&mut self, blob: Arc<Blob>) -> Result<Ref, NoMemory> {
        self.check_room(words(blob.0.capacity()))?;
        self.put_blob(Octets::Shared(blob))
    }

    fn put_blob(&mut self, octets: Octets) -> Result<Ref, NoMemory> {
        let slot = self.blobs.table().next()?;
        let at = self.alloc_with(Kind::Blob, [u64::from(slot)])?;
        self.account(octets.words());
        self.blobs.table().fill(slot, at, octets);
        self.note_peak();
        Ok(at)
    }

    /// Whether blobs may take so many more words. What is untouched of the region is given back where that makes room.
    fn check_room(&mut self, words: usize) -> Result<(), NoMemory> {
        if self.strikes() {
            return Err(NoMemory);
        }
        let rest = self.max_region().saturating_sub(words);
        if self.words.len() > rest {
            self.words.truncate(self.tail as usize);
            self.words.shrink_to(self.tail as usize);
        }
        if self.words.len() > rest { Err(NoMemory) } else { Ok(()) }
    }

    /// The octets of a blob.
    #[inline(always)]
    pub(crate) fn octets(&self, blob: Ref) -> &[u8] {
        self.blobs.get(self.word(blob, 0)).map_or(&[], |octets| &octets.blob().0)
    }

    /// An octet of a blob, if this is one and has it: for fast paths that must hold no panic.
    #[inline(always)]
    pub(crate) fn try_octet(&self, at: Ref, index: usize) -> Option<u8> {
        let [slot] = self.first_words::<1>(crate::value::Value::heap(at), Kind::Blob)?;
        self.blobs.get(slot)?.blob().0.get(index).copied()
    }

    /// Whether a blob may grow.
    pub(crate) fn grows(&self, blob: Ref) -> bool {
        matches!(self.blobs.get(self.word(blob, 0)), Some(Octets::Own(_, true)))
    }

    /// How many octets a blob has room for behind its first ones, if these are all that are in use and it may grow.
    #[inline(always)]
    pub(crate) fn spare_octets(&self, at: Ref, used: usize) -> Option<usize> {
        if self.kind(at) != Kind::Blob {
            return None;
        }
        match self.blobs.get(self.word(at, 0))? {
            Octets::Own(Blob(octets), true) if octets.len() == used => Some(octets.capacity() - used),
            _ => None,
        }
    }

    /// Writes up to 16 octets, the first of them lowest in `bits`, behind those of a blob that has room for them.
    #[inline(always)]
    pub(crate) fn push_octets(&mut self, blob: Ref, bits: u128, count: usize) {
        let slot = self.word(blob, 0);
        let Some(Octets::Own(Blob(octets), _)) = self.blobs.get_mut(slot) else { return };
        let new = bits.to_le_bytes();
        if octets.capacity() - octets.len() >= new.len() {
            // Of a known number of them, which is faster.
            let used = octets.len() + count;
            octets.extend_from_slice(&new);
            octets.truncate(used);
        } else {
            octets.extend_from_slice(&new[..count]);
        }
    }

    /// Octets that a blob has room for in all.
    pub(crate) fn blob_room(&self, blob: Ref) -> usize {
        self.blobs.get(self.word(blob, 0)).map_or(0, |octets| octets.blob().0.capacity())
    }

    /// Gives a blob that may grow room for so many octets in all.
    ///
    /// # Errors
    /// [`NoMemory`] as for [`alloc`](Self::alloc).
    pub(crate) fn grow_blob(&mut self, blob: Ref, room: usize) -> Result<(), NoMemory> {
        self.grow_blob_unpaid(blob, room)?;
        self.spend_on(room);
        Ok(())
    }

    /// The same, for who spends what it takes as the octets are written.
    pub(crate) fn grow_blob_unpaid(&mut self, blob: Ref, room: usize) -> Result<(), NoMemory> {
        let before = words(self.blob_room(blob));
        self.check_room(words(room).saturating_sub(before))?;
        let slot = self.word(blob, 0);
        let Some(Octets::Own(Blob(octets), _)) = self.blobs.get_mut(slot) else { return Err(NoMemory) };
        octets.try_reserve_exact(room.saturating_sub(octets.len())).map_err(|_| NoMemory)?;
        let more = words(octets.capacity()) - before;
        self.blobs.table().words += more;
        self.account(more);
        self.note_peak();
        Ok(())
    }

    /// Gives back what room a blob has that nobody else has, if it is much.
    pub(crate) fn shrink_blob(&mut self, blob: Ref) {
        let slot = self.word(blob, 0);
        let Some(Octets::Own(Blob(octets), _)) = self.blobs.get_mut(slot) else { return };
        if is_worth_shrinking(octets) {
            let before = words(octets.capacity());
            octets.shrink_to_fit();
            let after = words(octets.capacity());
            self.blobs.table().words -= before - after;
        }
    }

    /// Writes behind the octets of a blob that may grow, which must have room for it. While it is written to, the rest of
    /// the heap may be read, but not this blob.
    #[inline]
    pub(crate) fn extend_blob(&mut self, blob: Ref, write: impl FnOnce(&Heap, &mut Vec<u8>)) {
        let slot = self.word(blob, 0);
        let Some(Octets::Own(Blob(octets), _)) = self.blobs.get_mut(slot) else { return };
        let mut taken = std::mem::take(octets);
        let room = taken.capacity();
        write(self, &mut taken);
        debug_assert_eq!(taken.capacity(), room, "there was room");
        if let Some(Octets::Own(Blob(octets), _)) = self.blobs.get_mut(slot) {
            *octets = taken;
        }
    }

    /// The octets of a blob, to be given to others too. From now on they do not change.
    pub(crate) fn share_blob(&mut self, blob: Ref) -> Option<Arc<Blob>> {
        let slot = self.word(blob, 0);
        let octets = self.blobs.get_mut(slot)?;
        if let Octets::Own(Blob(own), _) = octets {
            *octets = Octets::Shared(Arc::new(Blob::new(std::mem::take(own))));
        }
        match octets {
            Octets::Shared(shared) => Some(Arc::clone(shared)),
            Octets::Own(..) => None,
        }
    }

    /// Copies octets of a blob to a place in an object's payload.
    pub(crate) fn copy_octets(&mut self, blob: Ref, from: usize, to: Ref, to_byte: usize, count: usize) {
        let slot = self.word(blob, 0);
        let Some(octets) = self.blobs.get(slot) else { return };
        let target = (to.0 as usize + 1) * 8 + to_byte;
        bytemuck::cast_slice_mut::<u64, u8>(&mut self.words)[target..target + count]
            .copy_from_slice(&octets.blob().0[from..from + count]);
    }

    /// Drops the blobs whose objects are not marked, from the one below this slot on downwards, as far as the work goes.
    /// Gives where to go on; 0 is the end.
    pub(crate) fn sweep_blobs(&mut self, below: usize, work: &mut Work) -> usize {
        let Heap { words: region, blobs: Blobs(Some(table)), .. } = self else { return 0 };
        let mut below = below.min(table.slots.len());
        if below == table.slots.len() {
            table.free = NONE;
        }
        while below > 0 && !work.is_done() {
            let at = below - 1;
            work.spend(1);
            if let Slot::Used(owner, octets) = &mut table.slots[at] {
                if Header(region[*owner as usize]).is_marked() {
                    below = at;
                    continue;
                }
                let before = octets.words();
                if let Octets::Own(Blob(octets), _) = octets
                    && octets.capacity() > GIVEN_BACK_AT_ONCE * 8
                {
                    let rest = octets.capacity() - GIVEN_BACK_AT_ONCE * 8;
                    octets.truncate(rest);
                    octets.shrink_to(rest);
                    table.words -= before - words(octets.capacity());
                    work.spend(GIVEN_BACK_AT_ONCE * 8 / FREED_PER_UNIT);
                    continue;
                }
                table.words -= before;
                work.spend(before * 8 / FREED_PER_UNIT);
            }
            below = at;
            if at + 1 == table.slots.len() {
                table.slots.pop();
            } else {
                table.slots[at] = Slot::Free(table.free);
                table.free = at as u32;
            }
        }
        below
    }

    /// Lets slots follow their objects, which have moved, and moves those that are used together.
    pub(super) fn move_blobs(&mut self, moves: &Moves) {
        let Heap { words, blobs: Blobs(Some(table)), .. } = self else { return };
        let slots = &mut table.slots;
        slots.retain(|slot| matches!(slot, Slot::Used(..)));
        slots.shrink_to_fit();
        for (number, slot) in slots.iter_mut().enumerate() {
            if let Slot::Used(owner, _) = slot {
                *owner = moves.place(*owner);
                words[*owner as usize + 1] = number as u64;
            }
        }
        table.free = NONE;
    }

    /// Notes how much the process takes, if it never was as much.
    pub(super) fn note_peak(&mut self) {
        self.peak = self.peak.max((self.words.len() + self.blobs.words()) as u32);
    }

    /// Panics where slots and objects do not agree: each object that is not known to be garbage has a used slot of its
    /// own, and each used slot has an object.
    #[cfg(any(test, debug_assertions))]
    pub(super) fn check_blobs(&self, objects: &std::collections::HashSet<usize>) {
        let Some(table) = &self.blobs.0 else {
            assert!(objects.is_empty(), "a blob without a slot");
            return;
        };
        let mut counted = 0;
        for (slot, entry) in table.slots.iter().enumerate() {
            let Slot::Used(owner, octets) = entry else { continue };
            let owner = *owner as usize;
            assert!(objects.contains(&owner), "slot {slot} belongs to {owner}, which is no blob");
            assert_eq!(self.words[owner + 1], slot as u64, "the blob at {owner} has slot {slot}");
            counted += octets.words();
        }
        let used = |at: &usize| matches!(table.slots.get(self.words[at + 1] as usize), Some(Slot::Used(owner, _)) if *owner as usize == *at);
        assert!(objects.iter().all(used), "a blob without a slot of its own");
        assert_eq!(counted, table.words, "what blobs count as");
        let (mut free, mut steps) = (table.free, 0);
        while free != NONE {
            let Some(Slot::Free(next)) = table.slots.get(free as usize) else {
                panic!("slot {free} is in the list of free ones")
            };
            free = *next;
            steps += 1;
            assert!(steps <= table.slots.len(), "the list of free slots ends");
        }
    }
}
