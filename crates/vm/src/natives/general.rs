//! Output, text of values, types, errors, and what the driver is asked for.

use super::{arity, atom, files, wants};
use crate::data::class;
use crate::data::{bytes, error, hash as hashing, list, map, text};
use crate::heap::{Heap, Kind};
use crate::ops;
use crate::owned::conversion::put_in;
use crate::owned::handles::Handles;
use crate::trap::{ErrorKind, Request, Response, Trap};
use crate::value::Value;

type Result = std::result::Result<Value, Trap>;

pub(super) fn read_line(_heap: &mut Heap, _args: &[Value]) -> Result {
    Err(Trap::request(Request::ReadLine))
}

pub(super) fn type_of(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    Ok(Value::atom(heap.node().own_atom(ops::type_name(heap, value))))
}

pub(super) fn is(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, of] = args else { return Err(arity()) };
    Ok(Value::bool(class::is_a(heap, value, of)?))
}

pub(super) fn error(heap: &mut Heap, args: &[Value]) -> Result {
    let kind = args[0];
    if kind.as_atom().is_none() {
        return Err(wants(heap, "error", "an atom as the error's kind", kind));
    }
    let given = |index: usize| args.get(index).copied().unwrap_or(Value::NULL);
    crate::data::error::new(heap, kind, given(1), given(2))
}

pub(super) fn hash(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    if hashing::asked(heap, value, false)?.is_empty() {
        return Ok(shown_hash(hashing::of(heap, value)));
    }
    Err(Trap::asks())
}

/// The part of a hash that counts, as an int of Eva.
pub(super) fn shown_hash(hash: u64) -> Value {
    Value::int((hash >> 32) as i32)
}

pub(super) fn copy(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let Some(at) = value.as_heap() else { return Ok(value) };
    match heap.kind(at) {
        Kind::List => list::from_known(heap, value).unwrap_or(Ok(value)),
        Kind::Map => map::copy(heap, at),
        Kind::Instance => class::copy(heap, at),
        _ => Ok(value),
    }
}

pub(super) fn os_args(_heap: &mut Heap, _args: &[Value]) -> Result {
    Err(Trap::request(Request::Arguments))
}

/// A list of texts.
pub(super) fn texts<'t>(heap: &mut Heap, texts: impl Iterator<Item = &'t str>) -> Result {
    let mut values = Vec::new();
    for text in texts {
        values.push(text::make(heap, text)?);
    }
    list::new(heap, &values)
}

/// The value that a driver's answer is for the call that asked.
///
/// # Errors
/// What the driver says failed; no memory.
pub(crate) fn respond(heap: &mut Heap, handles: &Handles, response: &Response) -> Result {
    match response {
        Response::Done => Ok(Value::NULL),
        Response::Text(line) => text::make(heap, line),
        Response::Texts(lines) => texts(heap, lines.iter().map(String::as_str)),
        Response::Bytes(octets) => bytes::make(heap, octets),
        Response::File(answer) => files::respond(heap, answer),
        Response::Port(port) => {
            let at = heap.alloc(Kind::Lines, 1)?;
            heap.set_word(at, 0, *port);
            Ok(Value::heap(at))
        }
        Response::Failed(kind, message) => Err(Trap::error(*kind, message.clone())),
        Response::Parcel(parcel) => Ok(heap.unpack(parcel)?.first().copied().unwrap_or(Value::NULL)),
        Response::Value(value) => put_in(heap, handles, value),
        Response::Error { kind, message } => {
            let (kind, message) = (atom(heap, kind)?, text::make(heap, message)?);
            Err(Trap::throw(error::new(heap, kind, message, Value::NULL)?))
        }
    }
}

/// `:value-error`.
#[cold]
pub(super) fn value_error(message: impl Into<String>) -> Trap {
    Trap::error(ErrorKind::Value, message)
}
