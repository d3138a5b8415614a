//! Parcels: values on their way from one heap into another.
//!
//! A parcel is a piece of a heap with references that count from its start, so it can be moved into any region in one
//! linear pass. Objects that are shared within it, or refer to each other in a circle, do so at the other end too.
//! Literals, functions and atoms belong to the node and go by their index. It holds no reference into any heap.

use super::{Header, Heap, Kind, MARK, NoMemory, words_of};
use crate::data::text;
use crate::frozen;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Octets that the values of one parcel may have together: 2^28.
pub const MAX_PARCEL: usize = 1 << 28;

/// Words of an object that stands for a part, other than a parcel.
const MOST_OF_A_PART: usize = 2;

/// Values on their way from one heap into another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parcel {
    /// The values themselves.
    roots: SmallVec<[Value; 1]>,
    /// The objects that they refer to, with their headers.
    words: Vec<u64>,
    /// What objects go by in hashes, by their places in ascending order: maps come with theirs.
    identities: Vec<(u32, u32)>,
}

/// A part of a value that is put together outside of any heap.
#[derive(Clone, Copy, Debug)]
pub enum Part<'p> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An int.
    Int(i64),
    /// The atom with this index; see [`Node::atom`](crate::Node::atom).
    Atom(u32),
    /// The process with this serial number.
    Pid(u64),
    /// The reference with this number.
    Reference(u64),
    /// The first value of a parcel.
    Of(&'p Parcel),
}

impl Parcel {
    /// Octets that it has.
    pub fn bytes(&self) -> usize {
        size_of::<Parcel>() + (self.words.len() + self.identities.len()) * 8
    }

    /// A parcel of this one value.
    pub fn of(part: Part) -> Parcel {
        let mut parcel = Parcel::default();
        let value = parcel.add(part);
        parcel.roots.push(value);
        parcel
    }

    /// A parcel of a tuple of these values.
    pub fn tuple(parts: &[Part]) -> Parcel {
        Parcel::object(Kind::Tuple, parts)
    }

    /// A parcel of a list of these values.
    pub fn list(parts: &[Part]) -> Parcel {
        if parts.is_empty() {
            let mut parcel = Parcel::default();
            let at = parcel.begin(Kind::List, &[0, Value::NULL.bits()]);
            parcel.roots.push(at);
            return parcel;
        }
        let mut parcel = Parcel::object(Kind::Slots, parts);
        let slots = parcel.roots[0].bits();
        parcel.roots[0] = parcel.begin(Kind::List, &[parts.len() as u64, slots]);
        parcel
    }

    /// A parcel of a map of at most eight of these different atoms with values.
    pub fn small_map(entries: &[(Part, Part)]) -> Parcel {
        debug_assert!(entries.len() <= crate::data::map::SCANNED, "a larger map has an index");
        let parts: Vec<Part> = entries.iter().flat_map(|&(key, value)| [key, value]).collect();
        let mut parcel = Parcel::object(Kind::Slots, &parts);
        let (count, slots) = (entries.len() as u64, parcel.roots[0].bits());
        parcel.roots[0] = parcel.begin(Kind::Map, &[count << 32 | count, 0, slots, Value::NULL.bits()]);
        parcel
    }

    fn object(kind: Kind, parts: &[Part]) -> Parcel {
        let mut parcel = Parcel::default();
        let of_parts = parts.iter().map(|part| match part {
            Part::Of(parcel) => parcel.words.len(),
            _ => MOST_OF_A_PART,
        });
        parcel.words.reserve_exact(1 + parts.len() + of_parts.sum::<usize>());
        let values: SmallVec<[u64; 8]> = parts.iter().map(|&part| parcel.add(part).bits()).collect();
        let object = parcel.begin(kind, &values);
        parcel.roots.push(object);
        parcel
    }

    /// What stands in it that only the process which made it can use, if anything does.
    pub(crate) fn unshareable(&self) -> Option<&'static str> {
        let mut at = 0;
        while let Some(&word) = self.words.get(at) {
            match Header(word).kind() {
                Kind::Iterator => return Some("an iterator"),
                Kind::Lines => return Some("a file that is read"),
                Kind::Receive => return Some("a `receive`"),
                _ => at += 1 + Header(word).size(),
            }
        }
        None
    }

    /// Its value, objects and identities, where the objects begin at `base`.
    pub(crate) fn settle(mut self, base: u32) -> (Value, Vec<u64>, Vec<(u32, u32)>) {
        rebase(&mut self.words, base);
        self.identities.iter_mut().for_each(|identity| identity.0 += base);
        let value = self.roots.first().map_or(Value::NULL, |&root| moved(root, base));
        (value, self.words, self.identities)
    }

    /// The atom that it is, if it is one.
    pub fn as_atom(&self) -> Option<u32> {
        self.roots.first().and_then(|value| value.as_atom())
    }

    fn begin(&mut self, kind: Kind, payload: &[u64]) -> Value {
        let at = self.words.len() as u32;
        self.words.push(Header::new(kind, payload.len()).0);
        self.words.extend_from_slice(payload);
        Value::heap(Ref(at))
    }

    fn add(&mut self, part: Part) -> Value {
        match part {
            Part::Null => Value::NULL,
            Part::Bool(value) => Value::bool(value),
            Part::Int(value) => match i32::try_from(value) {
                Ok(small) => Value::int(small),
                Err(_) => self.begin(Kind::Int64, &[value as u64]),
            },
            Part::Atom(index) => Value::atom(index),
            Part::Pid(serial) => Value::pid(serial),
            Part::Reference(number) => self.begin(Kind::Reference, &[number]),
            Part::Of(parcel) => {
                let base = self.words.len() as u32;
                self.words.extend_from_slice(&parcel.words);
                rebase(&mut self.words[base as usize..], base);
                self.identities.extend(parcel.identities.iter().map(|&(at, identity)| (base + at, identity)));
                parcel.roots.first().map_or(Value::NULL, |&root| moved(root, base))
            }
        }
    }
}

/// A value of a parcel whose objects begin at `base`.
fn moved(value: Value, base: u32) -> Value {
    value.as_heap().filter(|at| at.0 < frozen::FIRST).map_or(value, |at| Value::heap(Ref(at.0 + base)))
}

/// Makes the references of objects, which count from their start, count from where they begin at `base`.
fn rebase(words: &mut [u64], base: u32) {
    if base == 0 {
        return;
    }
    let mut at = 0;
    while at < words.len() {
        let header = Header(words[at]);
        let end = at + 1 + header.size();
        if let Some(raw) = header.kind().raw_words() {
            for word in &mut words[at + 1 + raw..end] {
                *word = moved(Value::from_bits(*word), base).bits();
            }
        }
        at = end;
    }
}

/// Makes a parcel, value by value.
pub(crate) struct Packer<'h> {
    heap: &'h Heap,
    parcel: Parcel,
    /// Where objects of the heap are in the parcel.
    places: FxHashMap<u32, u32>,
    /// The parcel's objects up to here have references that count from its start.
    done: usize,
    /// Functions that were met, if somebody wants to know.
    functions: Option<Vec<u32>>,
}

/// Packs one value.
///
/// # Errors
/// `:limit-error` when it is larger than a message may be.
pub(crate) fn pack(heap: &Heap, value: Value) -> Result<Parcel, Trap> {
    let mut packer = Packer::new(heap, false);
    packer.add(value)?;
    Ok(packer.finish())
}

impl<'h> Packer<'h> {
    /// An empty parcel; with `functions`, those that the values refer to are noted.
    pub(crate) fn new(heap: &'h Heap, functions: bool) -> Packer<'h> {
        let functions = functions.then(Vec::new);
        Packer { heap, parcel: Parcel::default(), places: FxHashMap::default(), done: 0, functions }
    }

    /// Adds a value and all that it refers to.
    ///
    /// # Errors
    /// `:limit-error` when the parcel would be larger than a message may be.
    pub(crate) fn add(&mut self, value: Value) -> Result<(), Trap> {
        let root = self.forward(value)?;
        self.parcel.roots.push(root);
        while self.done < self.parcel.words.len() {
            let start = self.done + 1;
            let header = Header(self.parcel.words[self.done]);
            let end = start + header.size();
            if header.kind() == Kind::List {
                self.forward_list(start)?;
            } else if let Some(raw) = header.kind().raw_words() {
                for at in start + raw..end {
                    let value = self.forward(Value::from_bits(self.parcel.words[at]))?;
                    self.parcel.words[at] = value.bits();
                }
            }
            self.done = end;
        }
        Ok(())
    }

    /// The functions that were met since this was last asked.
    pub(crate) fn take_functions(&mut self) -> Vec<u32> {
        self.functions.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The parcel. Its size is paid for.
    pub(crate) fn finish(mut self) -> Parcel {
        self.parcel.words.shrink_to_fit();
        self.heap.spend(self.parcel.words.len());
        self.parcel.identities = self.heap.identities_of(&self.places);
        self.parcel
    }

    /// What stands for a value in the parcel.
    fn forward(&mut self, value: Value) -> Result<Value, Trap> {
        let Some(at) = value.as_heap() else {
            if let (Some(functions), Some(function)) = (&mut self.functions, value.as_function()) {
                functions.push(function);
            }
            return Ok(value);
        };
        if at.0 >= frozen::FIRST {
            if let Some(functions) = &mut self.functions {
                functions.extend(self.heap.node().frozen.functions(at.0));
            }
            return Ok(value);
        }
        if let Some(&known) = self.places.get(&at.0) {
            return Ok(Value::heap(Ref(known)));
        }
        let new = match self.heap.kind(at) {
            // Room behind a text that grows is left behind.
            Kind::TextView => {
                let bytes = text::view(self.heap, value).map_or(&[][..], |text| text.bytes);
                self.octets(Kind::Text, self.heap.word(at, 0), bytes)?
            }
            Kind::Blob => {
                let bytes = self.heap.octets(at);
                self.octets(Kind::Bytes, bytes.len() as u64, bytes)?
            }
            _ => {
                if let (Some(functions), Some(closure)) = (&mut self.functions, self.heap.is(value, Kind::Closure)) {
                    functions.push(self.heap.word(closure, 0) as u32);
                }
                self.copy(at, usize::MAX)?
            }
        };
        self.places.insert(at.0, new);
        Ok(Value::heap(Ref(new)))
    }

    /// An object of a word and octets behind it.
    fn octets(&mut self, kind: Kind, first: u64, octets: &[u8]) -> Result<u32, Trap> {
        let new = self.begin(kind, 1 + octets.len().div_ceil(8))?;
        self.parcel.words.push(first);
        let start = self.parcel.words.len();
        self.parcel.words.resize(start + octets.len().div_ceil(8), 0);
        bytemuck::cast_slice_mut::<u64, u8>(&mut self.parcel.words[start..])[..octets.len()].copy_from_slice(octets);
        Ok(new)
    }

    /// A list's slots, without the room for further elements.
    fn forward_list(&mut self, start: usize) -> Result<(), Trap> {
        let length = self.parcel.words[start] as usize;
        let slots = match Value::from_bits(self.parcel.words[start + 1]).as_heap() {
            Some(slots) if length > 0 => Value::heap(Ref(self.copy(slots, length)?)),
            _ => Value::NULL,
        };
        self.parcel.words[start + 1] = slots.bits();
        Ok(())
    }

    /// Copies the first words of an object of the heap, with the references as they are there.
    fn copy(&mut self, at: Ref, most: usize) -> Result<u32, Trap> {
        let payload = self.heap.payload(at);
        let payload = &payload[..payload.len().min(most)];
        let new = self.begin(self.heap.kind(at), payload.len())?;
        let header = new as usize;
        self.parcel.words.extend_from_slice(payload);
        self.parcel.words[header] |= u64::from(self.heap.shape(at)) << super::SHAPE_BIT;
        debug_assert_eq!(self.parcel.words[header] & MARK, 0);
        Ok(new)
    }

    /// Begins an object of so many words, if there may be so many.
    fn begin(&mut self, kind: Kind, size: usize) -> Result<u32, Trap> {
        let at = self.parcel.words.len();
        if (at + size) * 8 > MAX_PARCEL || self.parcel.words.try_reserve(size + 1).is_err() {
            let message = format!("this is too large to be sent: a message has at most {MAX_PARCEL} octets");
            return Err(Trap::error(ErrorKind::Limit, message));
        }
        self.parcel.words.push(Header::new(kind, size).0);
        Ok(at as u32)
    }
}

impl Heap {
    /// Moves the values of a parcel into the heap.
    ///
    /// # Errors
    /// [`NoMemory`] when there is no room for them; nothing has changed then.
    pub(crate) fn unpack(&mut self, parcel: &Parcel) -> Result<SmallVec<[Value; 1]>, NoMemory> {
        let total = parcel.words.len();
        if total == 0 {
            return Ok(parcel.roots.clone());
        }
        self.reserve_identities(parcel.identities.len())?;
        if self.hole_end - self.bump < total {
            self.find_hole(total)?;
        }
        let base = self.bump;
        self.bump += total;
        self.give_identities(base as u32, &parcel.identities);
        self.words[base..base + total].copy_from_slice(&parcel.words);
        rebase(&mut self.words[base..base + total], base as u32);
        self.spend(total);
        Ok(parcel.roots.iter().map(|&root| moved(root, base as u32)).collect())
    }

    /// Moves in what every process may have: it costs the program nothing.
    ///
    /// # Errors
    /// As [`unpack`](Self::unpack).
    pub(crate) fn unpack_unpaid(&mut self, parcel: &Parcel) -> Result<SmallVec<[Value; 1]>, NoMemory> {
        let spent = self.spent.get();
        let values = self.unpack(parcel);
        self.spent.set(spent);
        values
    }

    /// Lets the heap have so many more octets, which the process held elsewhere. Gives what [`restore_limit`](Self::restore_limit)
    /// undoes it with.
    pub(crate) fn raise_limit(&mut self, bytes: usize) -> usize {
        let before = self.max_words;
        self.max_words = words_of(before as usize * 8 + bytes);
        before as usize
    }

    /// Undoes [`raise_limit`](Self::raise_limit).
    pub(crate) fn restore_limit(&mut self, before: usize) {
        self.max_words = before as u32;
    }
}
