//! Errors: instances of the prelude's class `Error`, and the traces that they are thrown with.

use crate::data::{class, list, map, text};
use crate::heap::{Heap, Kind, NoMemory};
use crate::node::{ERROR_TEMPLATE, well_known};
use crate::trap::Trap;
use crate::value::{Ref, Value};

/// Makes an error of the class `Error`.
pub(crate) fn new(heap: &mut Heap, kind: Value, message: Value, data: Value) -> Result<Value, Trap> {
    let class = class_error(heap)?;
    let error = class::instance(heap, class)?;
    if let Some(at) = error.as_heap() {
        class::set(heap, at, well_known::KIND, kind)?;
        class::set(heap, at, well_known::MESSAGE, message)?;
        class::set(heap, at, well_known::DATA, data)?;
    }
    Ok(error)
}

/// The class `Error`, of which a process gets its copy when it first makes an error.
fn class_error(heap: &mut Heap) -> Result<Ref, Trap> {
    if heap.error == Value::NULL {
        let node = std::sync::Arc::clone(heap.node());
        heap.error = match node.error_class() {
            Some(class) => heap.unpack_unpaid(&class.parcel)?.first().copied().unwrap_or(Value::NULL),
            // Only until the prelude has said which class it is.
            None => class::new(heap, ERROR_TEMPLATE, &[Value::NULL])?,
        };
    }
    Ok(heap.error.as_heap().ok_or(NoMemory)?)
}

/// The place of an instance of `Error` or of a class that descends from it.
pub(crate) fn view(heap: &Heap, value: Value) -> Option<Ref> {
    let instance = heap.is(value, Kind::Instance)?;
    let error = match heap.error.as_heap() {
        Some(error) => class::id(heap, error),
        None => heap.node().error_class()?.id,
    };
    class::descends(heap, class::class_of(heap, instance)?, error).then_some(instance)
}

/// A field of an error, or null.
pub(crate) fn field(heap: &Heap, error: Ref, name: u32) -> Value {
    match class::get(heap, error, name) {
        Ok(Some((value, false))) => value,
        _ => Value::NULL,
    }
}

/// A call in a trace: function, place in its code, whether tail calls led there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) function: u32,
    pub(crate) pc: u32,
    pub(crate) tail_called: bool,
}

/// Bit of a packed call that says that tail calls led there.
const TAIL_CALLED: u64 = 1 << 63;

/// Whether an error was thrown before.
pub(crate) fn has_trace(heap: &Heap, error: Ref) -> bool {
    field(heap, error, well_known::TRACE) != Value::NULL
}

/// Keeps the trace of an error's first throw with it. `portable` says whose places the calls have.
pub(crate) fn set_trace(
    heap: &mut Heap,
    error: Ref,
    calls: &[Call],
    omitted: usize,
    portable: bool,
) -> Result<(), Trap> {
    crate::frozen::check(heap, error)?;
    let trace = heap.alloc(Kind::Trace, 1 + calls.len())?;
    heap.set_word(trace, 0, (omitted as u64) << 1 | u64::from(portable));
    for (index, call) in calls.iter().enumerate() {
        let packed = u64::from(call.function) << 32 | u64::from(call.pc);
        heap.set_word(trace, 1 + index, packed | if call.tail_called { TAIL_CALLED } else { 0 });
    }
    class::set(heap, error, well_known::TRACE, Value::heap(trace)).map(|_| ())
}

/// The trace that an error was first thrown with, and the number of calls that it leaves out.
pub(crate) fn trace(heap: &Heap, error: Ref) -> Option<(Vec<Call>, usize)> {
    let trace = heap.is(field(heap, error, well_known::TRACE), Kind::Trace)?;
    let (first, words) = heap.payload(trace).split_first()?;
    let unpack = |&word: &u64| Call {
        function: ((word & !TAIL_CALLED) >> 32) as u32,
        pc: word as u32,
        tail_called: word & TAIL_CALLED != 0,
    };
    Some((words.iter().map(unpack).collect(), (first >> 1) as usize))
}

/// Calls of a trace that gets no more of them.
const LONG_TRACE: usize = 128;

/// Adds to an error that came from another process the calls that led to where it is thrown on, but for the innermost,
/// which is the library's: those in the trace of another error.
pub(crate) fn add_trace(heap: &mut Heap, error: Ref, here: Ref) -> Result<(), Trap> {
    let Some(at) = heap.is(field(heap, error, well_known::TRACE), Kind::Trace) else { return Ok(()) };
    let portable = heap.word(at, 0) & 1 != 0;
    let (mut calls, omitted) = trace(heap, error).unwrap_or_default();
    let (more, left_out) = trace(heap, here).unwrap_or_default();
    if calls.len() < LONG_TRACE {
        calls.extend(more.into_iter().skip(1));
        set_trace(heap, error, &calls, omitted + left_out, portable)?;
    }
    Ok(())
}

/// `e.stack`: a list of maps, made when it is asked for; null for an error that was never thrown.
pub(crate) fn stack(heap: &mut Heap, error: Ref) -> Result<Value, Trap> {
    let Some(at) = heap.is(field(heap, error, well_known::TRACE), Kind::Trace) else { return Ok(Value::NULL) };
    let portable = heap.word(at, 0) & 1 != 0;
    let (calls, _) = trace(heap, error).unwrap_or_default();
    let functions = heap.node().functions();
    let mut frames = Vec::with_capacity(calls.len());
    for Call { function, pc, tail_called } in calls {
        let Some(code) = functions.get(function as usize).and_then(|entry| entry.eva()) else { continue };
        let position = if portable { code.portable_position(pc) } else { code.register_position(pc) };
        let is_main = function == code.module.first_function;
        let name = if is_main { "main" } else { &code.function().name };
        let mut entries = vec![
            (Value::atom(well_known::FUNCTION), text::make(heap, name)?),
            (Value::atom(well_known::FILE), text::make(heap, code.module.source())?),
        ];
        if let Some(position) = position {
            entries.push((Value::atom(well_known::LINE), Value::int(position.line as i32)));
            entries.push((Value::atom(well_known::COLUMN), Value::int(position.column as i32)));
        }
        if tail_called {
            entries.push((Value::atom(well_known::TAIL), Value::TRUE));
        }
        frames.push(map::from_entries(heap, &entries)?);
    }
    list::new(heap, &frames)
}
