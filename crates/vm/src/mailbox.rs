//! The mailbox of a process, and `receive`: messages are walked over in order until one matches, and that one is taken.
//!
//! A message waits as the parcel in which it came, and is moved into the heap when a `receive` first looks at it. What
//! a `receive` has looked at, it does not look at again: the object that stands for it knows how far it came.
//!
//! A message that holds a reference came after that was made. So for the last references that a process made while
//! messages waited it is noted how many messages there had been, and a `receive` all of whose clauses demand one of them
//! begins there: who waits for an answer by a fresh reference does not look at all that waits meanwhile.

use crate::heap::parcel::Parcel;
use crate::heap::{Heap, Kind};
use crate::node::Asked;
use crate::ops;
use crate::trap::{ErrorKind, Request, Trap};
use crate::value::{Ref, Value};
use std::collections::VecDeque;

/// Plain words of the object that stands for a `receive`: its number, the number of the message to look at next, and
/// its milliseconds, or [`FOREVER`].
const NUMBER: usize = 0;
const NEXT: usize = 1;
const MILLISECONDS: usize = 2;
const FOREVER: u64 = u64::MAX;

/// References that a mailbox knows the age of.
const MARKS: usize = 8;

/// Milliseconds that a `receive` or a timer may take at most: 2^48, some 9,000 years.
pub const MAX_MILLISECONDS: u64 = 1 << 48;

/// A message that was not taken yet.
struct Message {
    /// Messages are counted in the order in which they came.
    number: u64,
    content: Content,
}

enum Content {
    Parcel(Parcel),
    Value(Value),
}

/// Messages in the order in which they came.
#[derive(Default)]
pub(crate) struct Mailbox {
    messages: VecDeque<Message>,
    /// The number of the next message.
    next: u64,
    /// Octets of those that are parcels still.
    bytes: usize,
    /// The number after that of the last message that was ever moved into the heap.
    moved: u64,
    /// What is known of references. None while no message waits.
    marks: Option<Box<Marks>>,
    /// How many `receive` there were.
    receives: u64,
    /// The `receive` whose time is up; 0 is none.
    expired: u64,
}

/// References that were made while messages waited.
#[derive(Default)]
struct Marks {
    /// The number of the next message when the process asked its node for something that it has not got yet.
    asked: Option<u64>,
    /// References, and the number of the next message when they were made.
    known: Vec<(u64, u64)>,
}

impl Mailbox {
    /// Adds a message at the end.
    pub(crate) fn push(&mut self, message: Parcel) {
        self.bytes += message.bytes();
        self.messages.push_back(Message { number: self.next, content: Content::Parcel(message) });
        self.next += 1;
    }

    /// How many messages there are.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// How many `receive` there were.
    pub(crate) fn receives(&self) -> u64 {
        self.receives
    }

    /// Octets of those that are not in the heap.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Places at which a message may be in the heap.
    pub(crate) fn looked_at(&self) -> usize {
        self.place(self.moved)
    }

    /// Notes that the process asks its node for something, which may make a reference.
    pub(crate) fn asks(&mut self) {
        if !self.messages.is_empty() {
            self.marks.get_or_insert_default().asked = Some(self.next);
        }
    }

    /// The number of the first message that can hold a value.
    fn first_with(&self, heap: &Heap, value: Value) -> u64 {
        let Some(reference) = heap.is(value, Kind::Reference).map(|at| heap.word(at, 0)) else { return 0 };
        let mut known = self.marks.iter().flat_map(|marks| &marks.known);
        known.find(|(known, _)| *known == reference).map_or(0, |&(_, number)| number)
    }

    /// The message at a place, if it is in the heap: a root of a collection.
    pub(crate) fn value(&self, place: usize) -> Option<Value> {
        match self.messages.get(place)?.content {
            Content::Value(value) => Some(value),
            Content::Parcel(_) => None,
        }
    }

    /// All messages that are in the heap.
    pub(crate) fn values(&mut self) -> impl Iterator<Item = &mut Value> {
        let looked_at = self.looked_at();
        self.messages.range_mut(..looked_at).filter_map(|message| match &mut message.content {
            Content::Value(value) => Some(value),
            Content::Parcel(_) => None,
        })
    }

    /// Notes that the time of a `receive` is up.
    pub(crate) fn expire(&mut self, receive: u64) {
        self.expired = receive;
    }

    /// The place of the first message that has this number or a later one.
    fn place(&self, number: u64) -> usize {
        self.messages.partition_point(|message| message.number < number)
    }
}

/// Milliseconds that a program gave, if it may.
///
/// # Errors
/// `:type-error` for what is no number, `:value-error` below zero and beyond [`MAX_MILLISECONDS`].
pub(crate) fn milliseconds(heap: &Heap, what: &str, value: Value) -> Result<u64, Trap> {
    let given = match (value.as_int(), value.as_float()) {
        (Some(int), _) => f64::from(int),
        (_, Some(float)) => float,
        _ => match crate::data::int::as_i64(heap, value) {
            Some(int) => int as f64,
            None => {
                let got = ops::describe(heap, value);
                return Err(ops::type_error(format!("{what} takes milliseconds, a number, not {got}")));
            }
        },
    };
    if given >= 0.0 && given <= MAX_MILLISECONDS as f64 {
        return Ok(given.ceil() as u64);
    }
    Err(Trap::error(ErrorKind::Value, format!("{what} takes 0 to {MAX_MILLISECONDS} milliseconds, not {given}")))
}

/// Notes the reference in an answer of the node: it is that, or a tuple of a pid and it.
pub(crate) fn note_answer(heap: &mut Heap, answer: Value) {
    let Some(number) = heap.mailbox.marks.as_mut().and_then(|marks| marks.asked.take()) else { return };
    let reference = match heap.is(answer, Kind::Tuple).map(|at| heap.payload(at)) {
        Some(&[_, second]) => Value::from_bits(second),
        _ => answer,
    };
    let reference = heap.is(reference, Kind::Reference).map(|at| heap.word(at, 0));
    if let (Some(reference), Some(marks)) = (reference, &mut heap.mailbox.marks) {
        if marks.known.len() == MARKS {
            marks.known.remove(0);
        }
        marks.known.push((reference, number));
    }
}

/// Begins a `receive` with its milliseconds, or null: makes the object that stands for it. A message that it takes is
/// equal to one of the values in some place, if there are any.
pub(crate) fn begin(heap: &mut Heap, timeout: Value, demanded: &[Value]) -> Result<Value, Trap> {
    let time = if timeout == Value::NULL { FOREVER } else { milliseconds(heap, "`after`", timeout)? };
    let receive = heap.alloc(Kind::Receive, 3)?;
    heap.mailbox.receives += 1;
    heap.set_word(receive, NUMBER, heap.mailbox.receives);
    heap.set_word(receive, MILLISECONDS, time);
    // What an instance is equal to, its class says.
    if !heap.node().classes_define(Asked::EQUALS) {
        let first = demanded.iter().map(|&value| heap.mailbox.first_with(heap, value)).min();
        heap.set_word(receive, NEXT, first.unwrap_or(0));
    }
    Ok(Value::heap(receive))
}

/// The next message that a `receive` looks at; `None` when its time is up.
///
/// # Errors
/// The request to wait; no memory for the message.
pub(crate) fn next(heap: &mut Heap, receive: Ref) -> Result<Option<Value>, Trap> {
    let place = heap.mailbox.place(heap.word(receive, NEXT));
    let Some(message) = heap.mailbox.messages.get_mut(place) else {
        let number = heap.word(receive, NUMBER);
        if heap.mailbox.expired == number {
            heap.mailbox.expired = 0;
            return Ok(None);
        }
        let timeout = Some(heap.word(receive, MILLISECONDS)).filter(|&time| time != FOREVER);
        return Err(Trap::request(Request::Receive { receive: number, timeout }));
    };
    let number = message.number;
    let value = match &mut message.content {
        Content::Value(value) => *value,
        Content::Parcel(parcel) => {
            let parcel = std::mem::take(parcel);
            let bytes = parcel.bytes();
            let limit = heap.raise_limit(bytes);
            let moved = heap.unpack(&parcel);
            if moved.is_err() {
                heap.restore_limit(limit);
            }
            let content = match &moved {
                Ok(values) => Content::Value(values.first().copied().unwrap_or(Value::NULL)),
                Err(_) => Content::Parcel(parcel),
            };
            // What is in the heap now is no longer counted here.
            heap.mailbox.bytes -= if moved.is_ok() { bytes } else { 0 };
            heap.mailbox.messages[place].content = content;
            moved?.first().copied().unwrap_or(Value::NULL)
        }
    };
    heap.mailbox.moved = heap.mailbox.moved.max(number + 1);
    heap.set_word(receive, NEXT, number + 1);
    Ok(Some(value))
}

/// Takes the message that a `receive` looked at last out of the mailbox, if it is still there.
pub(crate) fn take(heap: &mut Heap, receive: Ref) {
    let Some(number) = heap.word(receive, NEXT).checked_sub(1) else { return };
    let place = heap.mailbox.place(number);
    if heap.mailbox.messages.get(place).is_some_and(|message| message.number == number) {
        heap.mailbox.messages.remove(place);
    }
    if heap.mailbox.messages.is_empty() {
        // A process that waits holds no more than it needs: room for the next message.
        heap.mailbox.messages.shrink_to(1);
        heap.mailbox.marks = None;
    }
}
