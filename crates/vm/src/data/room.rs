//! More room for lists and maps with many elements, made piece by piece; then the instruction that wanted it is run again.
//! And copies of maps.

use super::{hash, list, map};
use crate::heap::{Heap, Kind, NoMemory};
use crate::task::{PIECE, Piece, Stage, Task};
use crate::trap::Trap;
use crate::value::{Ref, Value};

/// Words up to which room is made at once.
pub(super) const AT_ONCE: usize = 2 * PIECE;

/// Entries that are moved in a piece, unless their keys are long.
const ENTRIES: usize = 2_048;

/// Words that could be touched while an entry is moved: its key's hash leads anywhere.
const WORDS_AN_ENTRY: usize = 16;

/// An object that is plain words until all of them are written.
fn plain(heap: &mut Heap, size: usize, holds: &mut Vec<Value>) -> Result<Stage, NoMemory> {
    if !heap.make_way(size) {
        return Ok(Stage::Grown);
    }
    holds.push(Value::heap(heap.alloc_plain(size)?));
    Ok(Stage::More)
}

/// Fills a piece of an object's words, from `done` on.
fn clear(heap: &mut Heap, at: Ref, done: &mut usize, word: u64) -> bool {
    let words = &mut heap.payload_mut(at)[*done..];
    let count = words.len().min(PIECE);
    words[..count].fill(word);
    *done += count;
    heap.spend(count);
    count > 0
}

/// A list gets more room.
pub(super) struct MoreList {
    list: Ref,
    room: usize,
    /// The list, and its new slots.
    holds: Vec<Value>,
    copied: usize,
    done: usize,
}

impl MoreList {
    pub(super) fn new(list: Ref, room: usize) -> MoreList {
        MoreList { list, room, holds: vec![Value::heap(list)], copied: 0, done: 0 }
    }
}

impl Task for MoreList {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let Some(slots) = self.holds.get(1).and_then(|value| value.as_heap()) else {
            return Ok(plain(heap, self.room, &mut self.holds)?);
        };
        let len = list::len(heap, self.list);
        if let Some(old) = list::slots(heap, self.list).filter(|_| self.copied < len) {
            let count = PIECE.min(len - self.copied);
            heap.copy_words(old, self.copied, slots, self.copied, count);
            heap.spend(count);
            self.copied += count;
            self.done = self.copied;
            return Ok(Stage::More);
        }
        if clear(heap, slots, &mut self.done, Value::NULL.bits()) {
            return Ok(Stage::More);
        }
        heap.become_kind(slots, Kind::Slots);
        heap.set_value(self.list, 1, Value::heap(slots));
        Ok(Stage::Again)
    }

    fn holds(&self) -> &[Value] {
        &self.holds
    }
}

/// A map gets more room, without the entries that were removed.
pub(super) struct MoreMap {
    map: Ref,
    /// Words of the slots and of the index.
    sizes: [usize; 2],
    /// The hashes of the keys in order, if only the map knows them.
    hashes: Option<Vec<u64>>,
    /// The map, its new slots and its new index.
    holds: Vec<Value>,
    /// Words of the one and the other that were cleared.
    cleared: [usize; 2],
    /// The next place of the old slots and of the new ones.
    from: usize,
    to: usize,
}

impl MoreMap {
    pub(super) fn new(map: Ref, sizes: [usize; 2], hashes: Option<Vec<u64>>) -> MoreMap {
        MoreMap { map, sizes, hashes, holds: vec![Value::heap(map)], cleared: [0; 2], from: 0, to: 0 }
    }

    /// Moves some entries; false when there are no more.
    fn move_entries(&mut self, heap: &mut Heap, slots: Ref, index: Ref) -> bool {
        let (used, piece) = (map::used(heap, self.map), Piece::begin(heap));
        let Some(old) = map::slots(heap, self.map).filter(|_| self.from < used) else { return false };
        let end = (self.from + ENTRIES).min(used);
        while self.from < end && !piece.is_done(heap) {
            if let Some((key, value)) = map::entry_at(heap, old, self.from) {
                let hash = self.hashes.as_ref().map_or_else(|| hash::of(heap, key), |hashes| hashes[self.to]);
                heap.set_value(slots, self.to * 2, key);
                heap.set_value(slots, self.to * 2 + 1, value);
                map::insert_index(heap.payload_mut(index), hash, self.to);
                self.to += 1;
            }
            heap.spend(WORDS_AN_ENTRY);
            self.from += 1;
        }
        true
    }
}

impl Task for MoreMap {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let (Some(slots), Some(index)) =
            (self.holds.get(1).and_then(|value| value.as_heap()), self.holds.get(2).and_then(|value| value.as_heap()))
        else {
            return Ok(plain(heap, self.sizes[self.holds.len() - 1], &mut self.holds)?);
        };
        let [slots_cleared, index_cleared] = &mut self.cleared;
        if clear(heap, slots, slots_cleared, Value::NULL.bits())
            || clear(heap, index, index_cleared, 0)
            || self.move_entries(heap, slots, index)
        {
            return Ok(Stage::More);
        }
        heap.become_kind(slots, Kind::Slots);
        map::install(heap, self.map, slots, Some(index));
        Ok(Stage::Again)
    }

    fn holds(&self) -> &[Value] {
        &self.holds
    }
}

/// A map is copied.
pub(super) struct MapCopy {
    map: Ref,
    /// The map, and the copies of its slots and index, or null where it has none.
    holds: Vec<Value>,
    /// Words of the newest that were copied, if it is not complete.
    copied: Option<usize>,
}

impl MapCopy {
    pub(super) fn new(map: Ref) -> MapCopy {
        MapCopy { map, holds: vec![Value::heap(map)], copied: None }
    }
}

impl Task for MapCopy {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let piece = Piece::begin(heap);
        let sources = [map::slots(heap, self.map), map::index(heap, self.map)];
        loop {
            if let Some(done) = self.copied
                && let (Some(source), Some(target)) =
                    (sources[self.holds.len() - 2], self.holds[self.holds.len() - 1].as_heap())
            {
                let count = (heap.payload(source).len() - done).min(PIECE);
                heap.copy_words(source, done, target, done, count);
                heap.spend(count);
                self.copied = Some(done + count);
                if done + count == heap.payload(source).len() {
                    heap.become_kind(target, heap.kind(source));
                    self.copied = None;
                }
            } else if let Some(&part) = sources.get(self.holds.len() - 1) {
                match part {
                    None => self.holds.push(Value::NULL),
                    Some(part) => {
                        let size = heap.payload(part).len();
                        if let Stage::Grown = plain(heap, size, &mut self.holds)? {
                            return Ok(Stage::Grown);
                        }
                        self.copied = Some(0);
                    }
                }
            } else {
                return Ok(Stage::Done(map::like(heap, self.map, [self.holds[1], self.holds[2]])?));
            }
            if piece.is_done(heap) {
                return Ok(Stage::More);
            }
        }
    }

    fn holds(&self) -> &[Value] {
        &self.holds
    }
}
