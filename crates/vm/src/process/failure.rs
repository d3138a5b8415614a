//! Throws: errors as values, and what an uncaught one leaves to be shown.

use super::{EngineKind, Exit, Process};
use crate::code::Body;
use crate::data::text;
use crate::format;
use crate::heap::Kind;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use iridium_bytecode::Position;
use std::any::Any;

/// An uncaught throw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error's kind without the colon, if an error was thrown.
    pub kind: Option<String>,
    /// The error's message, if it has one; else the thrown value as `repr` prints it.
    pub text: String,
    /// Calls that were under way, innermost first.
    pub trace: Vec<TraceFrame>,
    /// Calls in the middle that `trace` leaves out.
    pub omitted: usize,
}

/// A call in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceFrame {
    /// Name of the function; empty for a `lambda`, `None` for the top level.
    pub function: Option<String>,
    /// Path of its source.
    pub source: String,
    /// Where it was.
    pub position: Option<Position>,
    /// Whether calls in tail position led here, of which no frame is left.
    pub tail_called: bool,
}

/// Frames of a trace that are kept: the innermost and the outermost.
const INNERMOST: usize = 64;
const OUTERMOST: usize = 16;

/// Payload slots of an error.
const KIND: usize = 0;
const MESSAGE: usize = 1;
const DATA: usize = 2;
const STACK: usize = 3;

impl Process {
    /// Makes an error of the machine's own.
    pub(super) fn make_error(&mut self, kind: ErrorKind, message: &str) -> Result<Value, Trap> {
        let message = match text::make(&mut self.heap, message) {
            Ok(text) => text,
            Err(_) => {
                self.collect();
                text::make(&mut self.heap, message)?
            }
        };
        let at = self.heap.alloc(Kind::Error, 4)?;
        let kind = self.node.atom(kind.name()).map_or(Value::NULL, Value::atom);
        for (slot, value) in [(KIND, kind), (MESSAGE, message), (DATA, Value::NULL), (STACK, Value::NULL)] {
            self.heap.set_value(at, slot, value);
        }
        Ok(Value::heap(at))
    }

    /// Throws a value from the present instruction.
    pub(super) fn throw(&mut self, value: Value) -> Exit {
        let (kind, text) = self.describe(value);
        let (trace, omitted) = self.trace();
        self.failure = Some(super::Failure { kind, text, trace, omitted });
        Exit::Failed
    }

    fn describe(&self, value: Value) -> (Option<String>, String) {
        let repr = |value| self.repr_of(value).unwrap_or_else(|why| format!("<{why}>"));
        let Some(at) = self.heap.is(value, Kind::Error) else {
            return (None, repr(value));
        };
        let kind = match self.heap.value(at, KIND) {
            kind if kind.as_atom().is_some() => self.node.atom_name(kind.as_atom().expect("just seen")).to_string(),
            other => repr(other),
        };
        let message = match self.heap.value(at, MESSAGE) {
            Value::NULL => String::new(),
            message => format::str(&self.heap, message).unwrap_or_default(),
        };
        (Some(kind), message)
    }

    /// The calls under way, innermost first; those in the middle of a long list are only counted.
    fn trace(&self) -> (Vec<TraceFrame>, usize) {
        // The first frame returns to the end stub: it stands for the top level's own call.
        let depth = self.frames.len();
        let omitted = depth.saturating_sub(INNERMOST + OUTERMOST);
        let mut trace = Vec::with_capacity(depth - omitted);
        for level in 0..depth {
            if omitted > 0 && (INNERMOST..INNERMOST + omitted).contains(&level) {
                continue;
            }
            // Level 0 runs at the present pc; those above it wait just before their return address.
            let (function, pc) = match level {
                0 => (self.function, self.pc),
                _ => {
                    let frame = self.frames[depth - level];
                    (frame.function, frame.pc.saturating_sub(1))
                }
            };
            let Body::Eva(code) = &self.entries[function as usize].body else { continue };
            let position = match self.engine {
                EngineKind::Stack => code.portable_position(pc),
                _ => code.register_position(pc),
            };
            trace.push(TraceFrame {
                function: (function != code.module.first_function).then(|| code.function.name.clone()),
                source: code.module.source.clone(),
                position,
                tail_called: self.frames[depth - 1 - level].tail_called,
            });
        }
        (trace, omitted)
    }

    /// Ends the process after a panic: a fault of the host. Its memory is not read again.
    pub(super) fn after_panic(&mut self, panic: &(dyn Any + Send)) -> Exit {
        let message = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
            (Some(text), _) => (*text).to_string(),
            (_, Some(text)) => text.clone(),
            _ => "unknown cause".to_string(),
        };
        self.frames.clear();
        self.stack = Vec::new();
        self.globals.clear();
        self.heap = crate::heap::Heap::new(std::sync::Arc::clone(&self.node), 0);
        self.result = Value::NULL;
        self.failure = Some(Failure {
            kind: Some(ErrorKind::Internal.name().to_string()),
            text: format!("a fault of Iridium itself ended this process: {message}"),
            trace: Vec::new(),
            omitted: 0,
        });
        Exit::Failed
    }
}
