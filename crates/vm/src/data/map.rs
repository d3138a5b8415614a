//! Maps: hash maps that keep the order of insertion.
//!
//! Payload: one word with the live entries (low half) and the used places (high half), one word that counts
//! compactions, then the places (`Slots`: key, value, key, value …; null while there are none) and the index (null
//! while the map is small enough to be scanned). A removed entry leaves [`Value::HOLE`] as its key, so places stay;
//! only compaction moves them, into new slots, and counts itself for the iterators.
//!
//! A word of the index is zero, or the upper half of a key's hash with the number of its place plus one.
//!
//! A key that its class compares and hashes (`data::hash`) is called *own*. Natives cannot tell whether two of them are
//! equal, so what is asked about one ends in [`Trap::asks`]; the prelude then finds the key of the map that equals it, and
//! uses the functions of the last part, which go by identity. A map with such a key always has an index, which alone knows
//! the key's hash.

use crate::data::hash;
use crate::data::room::{self, MapCopy, MoreMap};
use crate::heap::{Heap, Kind, NoMemory};
use crate::node::Asked;
use crate::ops::{self, Answer};
use crate::task::begin;
use crate::trap::Trap;
use crate::value::{Ref, Value};

/// Places of a map without an index.
pub(crate) const SCANNED: usize = 8;
/// What stands in the index for a place whose entry was removed.
const REMOVED: u64 = u32::MAX as u64;

/// Makes an empty map.
pub(crate) fn new(heap: &mut Heap) -> Result<Value, Trap> {
    let map = heap.alloc(Kind::Map, 4)?;
    heap.set_value(map, 2, Value::NULL);
    heap.set_value(map, 3, Value::NULL);
    Ok(Value::heap(map))
}

/// Makes a map of entries; a repeated key keeps its first place and its last value.
pub(crate) fn from_entries(heap: &mut Heap, entries: &[(Value, Value)]) -> Result<Value, Trap> {
    let value = new(heap)?;
    let Some(map) = value.as_heap() else { return Ok(value) };
    if !entries.is_empty() {
        rebuild(heap, map, room_for(entries.len()), false)?;
    }
    for &(key, value) in entries {
        put(heap, map, key, value)?;
    }
    Ok(value)
}

/// Number of entries.
#[inline]
pub(crate) fn len(heap: &Heap, map: Ref) -> usize {
    heap.word(map, 0) as u32 as usize
}

/// Number of places in use, removed entries included.
#[inline]
pub(crate) fn used(heap: &Heap, map: Ref) -> usize {
    (heap.word(map, 0) >> 32) as usize
}

/// How often places have moved.
#[inline]
pub(crate) fn epoch(heap: &Heap, map: Ref) -> u64 {
    heap.word(map, 1)
}

/// The object with the places, if there are any.
#[inline]
pub(crate) fn slots(heap: &Heap, map: Ref) -> Option<Ref> {
    heap.value(map, 2).as_heap()
}

/// The index, if there is one.
#[inline]
pub(super) fn index(heap: &Heap, map: Ref) -> Option<Ref> {
    heap.value(map, 3).as_heap()
}

/// The upper half of the hash that a word of the index has, and the place, unless that entry was removed; `None` where no
/// entry is.
#[inline]
pub(super) fn indexed(heap: &Heap, index: Ref, at: usize) -> Option<(u64, Option<usize>)> {
    let word = heap.word(index, at);
    let place = u64::from(word as u32);
    (word != 0).then(|| (word >> 32, (place != REMOVED).then(|| place as usize - 1)))
}

/// The places in use: keys and values in turn.
#[inline]
fn places(heap: &Heap, map: Ref) -> &[u64] {
    match slots(heap, map) {
        Some(slots) => &heap.payload(slots)[..used(heap, map) * 2],
        None => &[],
    }
}

/// The entries in order.
pub(crate) fn entries(heap: &Heap, map: Ref) -> impl Iterator<Item = (Value, Value)> + '_ {
    places(heap, map)
        .chunks_exact(2)
        .map(|entry| (Value::from_bits(entry[0]), Value::from_bits(entry[1])))
        .filter(|entry| entry.0 != Value::HOLE)
}

/// Whether two keys are the same: as `==`, and `nan` is itself.
#[inline]
pub(super) fn same_key(heap: &Heap, a: Value, b: Value) -> Answer {
    if a == b {
        return Answer::Yes;
    }
    // What differs in its bits and is neither a float nor an object is different.
    let plain = |v: Value| v.as_heap().is_none() && v.as_literal().is_none() && !v.is_float();
    if plain(a) && plain(b) {
        return Answer::No;
    }
    ops::equal(heap, a, b, true)
}

fn set_counts(heap: &mut Heap, map: Ref, live: usize, used: usize) {
    heap.set_word(map, 0, (used as u64) << 32 | live as u64);
}

/// The place of a key.
///
/// # Errors
/// `:type-error` when it cannot be a key; [`Trap::asks`] when classes have to be asked.
#[inline]
pub(crate) fn find(heap: &Heap, map: Ref, key: Value) -> Result<Option<usize>, Trap> {
    match heap.value(map, 3).as_heap() {
        Some(index) => {
            let hash = hash::of_key(heap, key)?;
            Ok(find_indexed(heap, map, index, hash, key)?.map(|(place, _)| place))
        }
        None => {
            hash::check_key(heap, key)?;
            Ok(find_scanning(heap, map, key))
        }
    }
}

#[inline]
fn find_scanning(heap: &Heap, map: Ref, key: Value) -> Option<usize> {
    let places = places(heap, map).as_chunks::<2>().0;
    for (place, entry) in places.iter().enumerate() {
        if entry[0] == key.bits() {
            return Some(place);
        }
    }
    if key.as_atom().is_some() {
        return None;
    }
    places.iter().position(|entry| same_key(heap, Value::from_bits(entry[0]), key) == Answer::Yes)
}

/// The place of a key and where the index has it.
#[inline]
fn find_indexed(heap: &Heap, map: Ref, index: Ref, hash: u64, key: Value) -> Result<Option<(usize, usize)>, Trap> {
    let Some(slots) = slots(heap, map) else { return Ok(None) };
    for (place, at) in with_hash(heap, index, hash) {
        match same_key(heap, heap.value(slots, place * 2), key) {
            Answer::Yes => return Ok(Some((place, at))),
            Answer::No => {}
            Answer::Asks => return Err(Trap::asks()),
        }
    }
    Ok(None)
}

/// The places whose keys have a hash, and where the index has them.
#[inline]
fn with_hash(heap: &Heap, index: Ref, hash: u64) -> impl Iterator<Item = (usize, usize)> + '_ {
    let table = heap.payload(index);
    let mask = table.len() - 1;
    let tag = hash >> 32;
    let mut at = tag as usize & mask;
    std::iter::from_fn(move || {
        loop {
            let (word, here) = (table[at], at);
            if word == 0 {
                return None;
            }
            at = (at + 1) & mask;
            if word >> 32 == tag && word as u32 as u64 != REMOVED {
                return Some((word as u32 as usize - 1, here));
            }
        }
    })
}

/// The slots and the place in them of the value of a small int or atom that is a key, if that is easily found. For fast
/// paths: it calls nothing.
#[inline(always)]
pub(crate) fn find_plain(heap: &Heap, map: Value, key: Value) -> Option<(Ref, usize)> {
    let [counts, _, slots, index] = heap.first_words::<4>(map, Kind::Map)?;
    let slots = Value::from_bits(slots).as_heap()?;
    let hash = hash::of_plain(heap, key)?;
    let Some(index) = Value::from_bits(index).as_heap() else {
        let used = (counts >> 32) as usize;
        let place = (0..used).find(|place| heap.try_value(slots, place * 2) == Some(key))?;
        return Some((slots, place * 2 + 1));
    };
    let mask = heap.try_size(index)? - 1;
    let mut at = hash as usize & mask;
    loop {
        let word = heap.try_word(index, at)?;
        if word >> 32 == hash >> 32 {
            let place = (word as u32 as usize).checked_sub(1)?;
            // Anything else with this hash is left to others.
            return (heap.try_value(slots, place * 2)? == key).then_some((slots, place * 2 + 1));
        }
        if word == 0 {
            return None;
        }
        at = (at + 1) & mask;
    }
}

/// The value of a key.
///
/// # Errors
/// `:type-error` when it cannot be a key.
#[inline]
pub(crate) fn get(heap: &Heap, map: Ref, key: Value) -> Result<Option<Value>, Trap> {
    let place = find(heap, map, key)?;
    Ok(place.and_then(|place| slots(heap, map).map(|slots| heap.value(slots, place * 2 + 1))))
}

/// The value of an atom. No class is asked whether an instance of it equals the atom.
#[inline]
pub(crate) fn get_atom(heap: &Heap, map: Ref, atom: Value) -> Result<Option<Value>, Trap> {
    match get(heap, map, atom) {
        Err(trap) if trap.is_asks() => Ok(get_same(heap, map, atom, hash::of(heap, atom))),
        result => result,
    }
}

/// The key and value at a place; `None` where the entry was removed.
#[inline]
pub(crate) fn entry_at(heap: &Heap, slots: Ref, place: usize) -> Option<(Value, Value)> {
    let key = heap.value(slots, place * 2);
    if key == Value::HOLE { None } else { Some((key, heap.value(slots, place * 2 + 1))) }
}

/// The first keys that are atoms.
pub(crate) fn atom_keys(heap: &Heap, map: Ref, limit: usize) -> Vec<u32> {
    let Some(slots) = slots(heap, map) else { return Vec::new() };
    let keys = (0..used(heap, map)).filter_map(|place| entry_at(heap, slots, place)?.0.as_atom());
    keys.take(limit).collect()
}

/// Gives a key a value.
///
/// # Errors
/// `:type-error` when it cannot be a key; no memory, and then the map is as it was; long work, after which it is to be
/// tried again.
#[inline]
pub(crate) fn put(heap: &mut Heap, map: Ref, key: Value, value: Value) -> Result<(), Trap> {
    let Some(index) = heap.value(map, 3).as_heap() else {
        hash::check_key(heap, key)?;
        return put_scanning(heap, map, key, value);
    };
    let hash = hash::of_key(heap, key)?;
    if let Some((place, _)) = find_indexed(heap, map, index, hash, key)?
        && let Some(slots) = slots(heap, map)
    {
        heap.set_value(slots, place * 2 + 1, value);
        return Ok(());
    }
    add(heap, map, hash, key, value)?;
    Ok(())
}

/// Gives an atom a value. No class is asked whether an instance of it equals the atom.
#[inline]
pub(crate) fn put_atom(heap: &mut Heap, map: Ref, atom: Value, value: Value) -> Result<(), Trap> {
    match put(heap, map, atom, value) {
        Err(trap) if trap.is_asks() => put_same(heap, map, atom, hash::of(heap, atom), value),
        result => result,
    }
}

fn put_scanning(heap: &mut Heap, map: Ref, key: Value, value: Value) -> Result<(), Trap> {
    if let Some(place) = find_scanning(heap, map, key)
        && let Some(slots) = slots(heap, map)
    {
        heap.set_value(slots, place * 2 + 1, value);
        return Ok(());
    }
    let hash = if used(heap, map) < SCANNED { 0 } else { hash::of_key(heap, key)? };
    add(heap, map, hash, key, value)?;
    Ok(())
}

/// Appends an entry whose key the map does not have.
#[inline]
fn add(heap: &mut Heap, map: Ref, hash: u64, key: Value, value: Value) -> Result<(), Trap> {
    let mut used_places = used(heap, map);
    let room = slots(heap, map).map_or(0, |slots| heap.payload(slots).len() / 2);
    if used_places == room {
        make_room(heap, map, false)?;
        used_places = used(heap, map);
    }
    let Some(slots) = slots(heap, map) else { return Err(NoMemory.into()) };
    heap.set_value(slots, used_places * 2, key);
    heap.set_value(slots, used_places * 2 + 1, value);
    if let Some(index) = heap.value(map, 3).as_heap() {
        insert_index(heap.payload_mut(index), hash, used_places);
    }
    let live = len(heap, map);
    set_counts(heap, map, live + 1, used_places + 1);
    Ok(())
}

#[inline]
pub(super) fn insert_index(table: &mut [u64], hash: u64, place: usize) {
    let mask = table.len() - 1;
    let mut at = (hash >> 32) as usize & mask;
    while table[at] != 0 {
        at = (at + 1) & mask;
    }
    table[at] = hash >> 32 << 32 | (place as u64 + 1);
}

/// Removes an entry and gives its value.
///
/// # Errors
/// `:type-error` when it cannot be a key.
pub(crate) fn remove(heap: &mut Heap, map: Ref, key: Value) -> Result<Option<Value>, Trap> {
    let place = match heap.value(map, 3).as_heap() {
        Some(index) => {
            let hash = hash::of_key(heap, key)?;
            let Some((place, at)) = find_indexed(heap, map, index, hash, key)? else { return Ok(None) };
            heap.set_word(index, at, REMOVED);
            place
        }
        None => match find(heap, map, key)? {
            Some(place) => place,
            None => return Ok(None),
        },
    };
    Ok(remove_place(heap, map, place))
}

/// Removes the entry at a place, of which the index knows no more, and gives its value.
fn remove_place(heap: &mut Heap, map: Ref, place: usize) -> Option<Value> {
    let slots = slots(heap, map)?;
    let value = heap.value(slots, place * 2 + 1);
    heap.set_value(slots, place * 2, Value::HOLE);
    heap.set_value(slots, place * 2 + 1, Value::NULL);
    let (live, used) = (len(heap, map), used(heap, map));
    set_counts(heap, map, live - 1, used);
    Some(value)
}

/// Places for at least this many entries, with an index that is at most three quarters full.
fn room_for(entries: usize) -> usize {
    if entries <= SCANNED / 2 {
        SCANNED / 2
    } else if entries <= SCANNED {
        SCANNED
    } else {
        index_size(entries) / 4 * 3
    }
}

/// Words of the index for this many places.
fn index_size(places: usize) -> usize {
    (places * 4).div_ceil(3).next_power_of_two()
}

#[cold]
#[inline(never)]
fn make_room(heap: &mut Heap, map: Ref, indexed: bool) -> Result<(), Trap> {
    let (live, used) = (len(heap, map), used(heap, map));
    // Half or less alive: room is made by leaving the removed entries out.
    let wanted = if live <= used / 2 { used.max(SCANNED / 2) } else { (used * 2).max(SCANNED / 2) };
    let room = room_for(wanted);
    if room * 2 > room::AT_ONCE {
        return Err(Trap::long(MoreMap::new(map, [room * 2, index_size(room)], known_hashes(heap, map))));
    }
    Ok(rebuild(heap, map, room, indexed)?)
}

/// Moves the entries into new slots with this much room, without the removed ones.
fn rebuild(heap: &mut Heap, map: Ref, room: usize, indexed: bool) -> Result<(), NoMemory> {
    let (live, used) = (len(heap, map), used(heap, map));
    let hashes = known_hashes(heap, map);
    let new_slots = heap.alloc(Kind::Slots, room * 2)?;
    let indexed = indexed || room > SCANNED || hashes.is_some();
    let new_index = if indexed { Some(heap.alloc(Kind::MapIndex, index_size(room))?) } else { None };
    let mut place = 0;
    if let Some(old) = slots(heap, map) {
        if live == used {
            heap.copy_words(old, 0, new_slots, 0, live * 2);
        } else {
            for from in 0..used {
                if let Some((key, value)) = entry_at(heap, old, from) {
                    heap.set_value(new_slots, place * 2, key);
                    heap.set_value(new_slots, place * 2 + 1, value);
                    place += 1;
                }
            }
        }
    }
    if let Some(index) = new_index {
        for place in 0..live {
            let hash = match &hashes {
                Some(hashes) => hashes[place],
                None => hash::of(heap, heap.value(new_slots, place * 2)),
            };
            insert_index(heap.payload_mut(index), hash, place);
        }
    }
    install(heap, map, new_slots, new_index);
    Ok(())
}

/// Gives a map slots with all of its entries and nothing else, and their index.
pub(super) fn install(heap: &mut Heap, map: Ref, slots: Ref, index: Option<Ref>) {
    let (live, used) = (len(heap, map), used(heap, map));
    if live != used {
        let epoch = epoch(heap, map);
        heap.set_word(map, 1, epoch + 1);
    }
    set_counts(heap, map, live, live);
    heap.set_value(map, 2, Value::heap(slots));
    heap.set_value(map, 3, index.map_or(Value::NULL, Value::heap));
}

/// The hashes of the keys in order, if only the index can tell them: where there may be own keys.
fn known_hashes(heap: &Heap, map: Ref) -> Option<Vec<u64>> {
    if heap.node().classes_define(Asked::HASH) { hashes(heap, map) } else { None }
}

/// The hashes of the keys in order, of which the upper half counts, if the map has an index.
pub(crate) fn hashes(heap: &Heap, map: Ref) -> Option<Vec<u64>> {
    let index = heap.value(map, 3).as_heap()?;
    let mut by_place = vec![0; used(heap, map)];
    for &word in heap.payload(index) {
        if word != 0 && word as u32 as u64 != REMOVED {
            by_place[word as u32 as usize - 1] = word >> 32 << 32;
        }
    }
    let slots = slots(heap, map)?;
    let mut place = 0..;
    by_place.retain(|_| place.next().is_some_and(|place| entry_at(heap, slots, place).is_some()));
    Some(by_place)
}

/// A copy with the same keys and values.
///
/// # Errors
/// No memory; long work.
pub(crate) fn copy(heap: &mut Heap, map: Ref) -> Result<Value, Trap> {
    begin(heap, MapCopy::new(map))
}

/// A map like another, with a copy of its slots and index.
pub(super) fn like(heap: &mut Heap, map: Ref, parts: [Value; 2]) -> Result<Value, NoMemory> {
    let copy = heap.alloc(Kind::Map, 4)?;
    let counts = heap.word(map, 0);
    heap.set_word(copy, 0, counts);
    heap.set_value(copy, 2, parts[0]);
    heap.set_value(copy, 3, parts[1]);
    Ok(Value::heap(copy))
}

// ---- For the prelude, where classes are asked: keys by identity, with their hash ----

/// The keys of a map that have a hash.
pub(crate) fn candidates(heap: &Heap, map: Ref, hash: u64) -> Vec<Value> {
    match (heap.value(map, 3).as_heap(), slots(heap, map)) {
        (Some(index), Some(slots)) => {
            with_hash(heap, index, hash).map(|(place, _)| heap.value(slots, place * 2)).collect()
        }
        // Without an index there are few keys, and all of them natives can hash.
        _ => entries(heap, map).map(|entry| entry.0).filter(|&key| hash::of(heap, key) >> 32 == hash >> 32).collect(),
    }
}

/// The place of this very key, and where the index has it if there is one.
fn find_same(heap: &Heap, map: Ref, key: Value, hash: u64) -> Option<(usize, Option<usize>)> {
    let slots = slots(heap, map)?;
    let is_key = |place: usize| heap.value(slots, place * 2) == key;
    match heap.value(map, 3).as_heap() {
        Some(index) => {
            with_hash(heap, index, hash).find(|&(place, _)| is_key(place)).map(|(place, at)| (place, Some(at)))
        }
        None => (0..used(heap, map)).find(|&place| is_key(place)).map(|place| (place, None)),
    }
}

/// The value of this very key, which has this hash.
pub(crate) fn get_same(heap: &Heap, map: Ref, key: Value, hash: u64) -> Option<Value> {
    let (place, _) = find_same(heap, map, key, hash)?;
    slots(heap, map).map(|slots| heap.value(slots, place * 2 + 1))
}

/// Gives this very key, which has this hash, a value.
pub(crate) fn put_same(heap: &mut Heap, map: Ref, key: Value, hash: u64, value: Value) -> Result<(), Trap> {
    if let Some((place, _)) = find_same(heap, map, key, hash)
        && let Some(slots) = slots(heap, map)
    {
        heap.set_value(slots, place * 2 + 1, value);
        return Ok(());
    }
    if heap.value(map, 3).as_heap().is_none() {
        make_room(heap, map, true)?;
    }
    add(heap, map, hash, key, value)
}

/// Removes the entry of this very key, which has this hash, and gives its value.
pub(crate) fn remove_same(heap: &mut Heap, map: Ref, key: Value, hash: u64) -> Option<Value> {
    let (place, at) = find_same(heap, map, key, hash)?;
    if let (Some(at), Some(index)) = (at, heap.value(map, 3).as_heap()) {
        heap.set_word(index, at, REMOVED);
    }
    remove_place(heap, map, place)
}

/// The value of this very key, wherever it is.
pub(crate) fn get_anywhere(heap: &Heap, map: Ref, key: Value) -> Option<Value> {
    entries(heap, map).find(|entry| entry.0 == key).map(|entry| entry.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{int, text, tuple};
    use crate::node::Node;

    fn heap() -> Heap {
        Heap::new(Node::new(), 1 << 28)
    }

    fn map_of(heap: &mut Heap) -> Ref {
        new(heap).unwrap().as_heap().unwrap()
    }

    #[test]
    fn a_map_agrees_with_a_model() {
        let mut heap = heap();
        let map = map_of(&mut heap);
        let mut model: Vec<(i32, i32)> = Vec::new();
        let mut random = 12345u32;
        for round in 0..60_000 {
            random = random.wrapping_mul(1664525).wrapping_add(1013904223);
            let key = (random >> 16) as i32 % if round % 20_000 < 10_000 { 2000 } else { 7 };
            let found = model.iter().position(|entry| entry.0 == key);
            if random >> 8 & 3 == 0 {
                let removed = remove(&mut heap, map, Value::int(key)).unwrap();
                assert_eq!(removed, found.map(|at| Value::int(model.remove(at).1)));
            } else {
                put(&mut heap, map, Value::int(key), Value::int(round)).unwrap();
                match found {
                    Some(at) => model[at].1 = round,
                    None => model.push((key, round)),
                }
            }
            assert_eq!(len(&heap, map), model.len());
        }
        let found: Vec<_> = entries(&heap, map).map(|(k, v)| (k.as_int().unwrap(), v.as_int().unwrap())).collect();
        assert_eq!(found, model);
        for key in 0..2000 {
            let expected = model.iter().find(|entry| entry.0 == key).map(|entry| Value::int(entry.1));
            assert_eq!(get(&heap, map, Value::int(key)).unwrap(), expected);
        }
        heap.check();
    }

    #[test]
    fn keys_compare_by_value() {
        for filler in [0, 20] {
            let mut heap = heap();
            let map = map_of(&mut heap);
            for i in 0..filler {
                put(&mut heap, map, Value::int(1000 + i), Value::NULL).unwrap();
            }
            let a = text::make(&mut heap, "key").unwrap();
            let b = text::make(&mut heap, "key").unwrap();
            let big = int::from_i128(&mut heap, 1 << 70).unwrap();
            let ta = tuple::new(&mut heap, &[a, Value::float(2.0)]).unwrap();
            let tb = tuple::new(&mut heap, &[b, Value::int(2)]).unwrap();
            let far = int::from_i64(&mut heap, 1 << 40).unwrap();
            let nan = Value::float_result(f64::from_bits(0xFFF8 << 48));
            for (key, other) in [
                (Value::int(1), Value::float(1.0)),
                (Value::float(0.0), Value::float(-0.0)),
                (Value::float(f64::NAN), nan),
                (a, b),
                (big, Value::float(2f64.powi(70))),
                (far, Value::float(2f64.powi(40))),
                (ta, tb),
            ] {
                put(&mut heap, map, key, Value::int(7)).unwrap();
                assert_eq!(get(&heap, map, other).unwrap(), Some(Value::int(7)));
                let before = len(&heap, map);
                put(&mut heap, map, other, Value::int(8)).unwrap();
                assert_eq!(len(&heap, map), before);
                assert_eq!(remove(&mut heap, map, key).unwrap(), Some(Value::int(8)));
                assert_eq!(get(&heap, map, other).unwrap(), None);
            }
        }
    }

    #[test]
    fn what_can_change_is_no_key() {
        let mut heap = heap();
        let map = map_of(&mut heap);
        let list = crate::data::list::new(&mut heap, &[]).unwrap();
        let tuple = tuple::new(&mut heap, &[Value::int(1), list]).unwrap();
        for key in [list, Value::heap(map), tuple] {
            assert!(put(&mut heap, map, key, Value::NULL).is_err());
            assert!(get(&heap, map, key).is_err());
            assert!(remove(&mut heap, map, key).is_err());
        }
        // Tuples that share their parts are checked and hashed in linear time.
        let mut shared = crate::data::tuple::new(&mut heap, &[]).unwrap();
        for _ in 0..100 {
            shared = crate::data::tuple::new(&mut heap, &[shared, shared]).unwrap();
        }
        put(&mut heap, map, shared, Value::TRUE).unwrap();
        assert_eq!(get(&heap, map, shared).unwrap(), Some(Value::TRUE));
    }

    #[test]
    fn a_put_without_memory_changes_nothing() {
        let mut heap = Heap::new(Node::new(), 16 * 1024);
        let map = map_of(&mut heap);
        let mut count = 0;
        while put(&mut heap, map, Value::int(count), Value::int(-count)).is_ok() {
            count += 1;
        }
        assert!(count > 50);
        assert_eq!(len(&heap, map), count as usize);
        for key in 0..count {
            assert_eq!(get(&heap, map, Value::int(key)).unwrap(), Some(Value::int(-key)));
        }
        assert_eq!(get(&heap, map, Value::int(count)).unwrap(), None);
        heap.check();
    }
}
