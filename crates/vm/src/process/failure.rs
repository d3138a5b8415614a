//! Throws: errors as values, and what an uncaught one leaves to be shown.

use super::{EngineKind, Exit, Process};
use crate::data::error::{self, Call};
use crate::data::text;
use crate::format;
use crate::frozen;
use crate::node::well_known;
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

impl Failure {
    /// A fault of the host, which no program can catch.
    pub fn internal(text: String) -> Failure {
        Failure { kind: Some(ErrorKind::Internal.name().to_owned()), text, trace: Vec::new(), omitted: 0 }
    }

    /// Whether it is a fault of the host.
    pub fn is_internal(&self) -> bool {
        self.kind.as_deref() == Some(ErrorKind::Internal.name()) && self.trace.is_empty()
    }
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

/// The innermost calls of a trace, which are kept.
pub const INNERMOST_CALLS: usize = 64;

/// The outermost calls of a trace, which are kept.
pub const OUTERMOST_CALLS: usize = 16;

impl Process {
    /// Makes an error of the machine's own.
    pub(super) fn make_error(&mut self, kind: ErrorKind, message: &str) -> Result<Value, Trap> {
        match self.try_make_error(kind, message) {
            Err(trap) if trap.is_no_memory() => {
                self.collect();
                self.try_make_error(kind, message)
            }
            result => result,
        }
    }

    fn try_make_error(&mut self, kind: ErrorKind, message: &str) -> Result<Value, Trap> {
        let message = text::make(&mut self.heap, message)?;
        let kind = Value::atom(self.node.own_atom(kind.name()));
        error::new(&mut self.heap, kind, message, Value::NULL)
    }

    /// Throws a value from the present instruction: goes on at the innermost handler, or ends the process.
    pub(super) fn throw(&mut self, value: Value) -> Option<Exit> {
        let error = error::view(&self.heap, value);
        if let Some(at) = error.filter(|&at| at.0 < frozen::FIRST && !error::has_trace(&self.heap, at)) {
            let (calls, omitted) = self.calls_under_way();
            let portable = self.engine == EngineKind::Stack;
            // A collection in between must find the value, and the registers as they are.
            self.result = value;
            let mut kept = error::set_trace(&mut self.heap, at, &calls, omitted, portable);
            if kept.as_ref().is_err_and(Trap::is_no_memory) {
                self.collect();
                kept = error::set_trace(&mut self.heap, at, &calls, omitted, portable);
            }
            if kept.is_err() {
                return Some(Exit::Limit("heap"));
            }
            self.result = Value::NULL;
        }
        if self.unwind(value) {
            return (self.reductions <= 0).then_some(Exit::Yielded);
        }
        if value == Value::EXIT {
            return Some(Exit::Exited(Box::new(self.heap.take_exiting().unwrap_or_default())));
        }
        let first_thrown = error.and_then(|at| error::trace(&self.heap, at));
        let (calls, omitted) = first_thrown.unwrap_or_else(|| self.calls_under_way());
        let (kind, text) = self.describe(value);
        // What is told of it costs the program nothing.
        self.heap.take_spent();
        let trace = calls.iter().filter_map(|call| self.trace_frame(call)).collect();
        // Those who are told of the end get to know the value, too.
        self.result = value;
        self.interlude().failure = Some(Box::new(Failure { kind, text, trace, omitted }));
        Some(Exit::Failed)
    }

    /// Leaves frames up to the innermost one with a handler, and stands there; false if there is none.
    fn unwind(&mut self, value: Value) -> bool {
        let depth = self.frames.len();
        let (mut function, mut pc, mut base) = (self.function, self.pc, self.base);
        for level in 0..depth {
            if let Some((target, register)) = self.handler(function, pc, value == Value::EXIT) {
                self.frames.truncate(depth - level);
                self.function = function;
                self.base = base;
                self.pc = target;
                self.stack[base + register] = value;
                self.top = base + register + 1;
                self.restore_reserve();
                return true;
            }
            let frame = self.frames[depth - 1 - level];
            base -= frame.delta as usize;
            function = frame.function;
            pc = frame.pc.saturating_sub(1);
        }
        false
    }

    /// Where a throw or an exit at a place of a function goes on, and the register that the thrown value goes to.
    fn handler(&self, function: u32, pc: u32, exits: bool) -> Option<(u32, usize)> {
        let code = self.entries[function as usize].eva()?;
        if self.engine == EngineKind::Stack {
            // Lowering found the register, which is the same in both forms.
            let handlers = &code.function().handlers;
            let found = if exits {
                handlers.iter().position(|handler| handler.finally && (handler.start..handler.end).contains(&pc))?
            } else {
                code.portable_handlers.find(pc)?
            };
            return Some((handlers[found].target, usize::from(code.lowered().handlers[found].register)));
        }
        let handlers = &code.lowered().handlers;
        let handler = if exits {
            handlers.iter().find(|handler| handler.finally && (handler.start..handler.end).contains(&pc))?
        } else {
            &handlers[code.register_handlers.find(pc)?]
        };
        Some((handler.target, usize::from(handler.register)))
    }

    fn describe(&self, value: Value) -> (Option<String>, String) {
        let repr = |value| self.repr_of(value).unwrap_or_else(|why| format!("<{why}>"));
        let Some(at) = error::view(&self.heap, value) else {
            return (None, repr(value));
        };
        let kind = error::field(&self.heap, at, well_known::KIND);
        let kind = match kind.as_atom() {
            Some(atom) => self.node.atom_name(atom).to_string(),
            None => repr(kind),
        };
        let message = match error::field(&self.heap, at, well_known::MESSAGE) {
            Value::NULL => String::new(),
            message => format::str(&self.heap, message).unwrap_or_default(),
        };
        (Some(kind), message)
    }

    /// The calls under way, innermost first; those in the middle of a long list are only counted.
    fn calls_under_way(&self) -> (Vec<Call>, usize) {
        // The first frame returns to the end stub: it stands for the top level's own call.
        let depth = self.frames.len();
        let omitted = depth.saturating_sub(INNERMOST_CALLS + OUTERMOST_CALLS);
        let mut calls = Vec::with_capacity(depth - omitted);
        // A throw at the end of a deep recursion costs no more than another.
        let outermost = if omitted > 0 { INNERMOST_CALLS + omitted..depth } else { depth..depth };
        for level in (0..depth.min(outermost.start - omitted)).chain(outermost) {
            // Level 0 runs at the present pc; those above it wait just before their return address.
            let (function, pc) = match level {
                0 => (self.function, self.pc),
                _ => {
                    let frame = self.frames[depth - level];
                    (frame.function, frame.pc.saturating_sub(1))
                }
            };
            let tail_called = self.frames[depth - 1 - level].tail_called();
            calls.push(Call { function, pc, tail_called });
        }
        (calls, omitted)
    }

    fn trace_frame(&self, call: &Call) -> Option<TraceFrame> {
        let code = self.entries[call.function as usize].eva()?;
        let position = match self.engine {
            EngineKind::Stack => code.portable_position(call.pc),
            _ => code.register_position(call.pc),
        };
        Some(TraceFrame {
            function: (call.function != code.module.first_function).then(|| code.function().name.clone()),
            source: code.module.source().to_string(),
            position,
            tail_called: call.tail_called,
        })
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
        // What it paused for is still told.
        let before = std::mem::take(self.interlude());
        let interlude = self.interlude();
        (interlude.pauses, interlude.stall_max_ns) = (before.pauses, before.stall_max_ns);
        let text = format!("a fault of Iridium itself ended this process: {message}");
        interlude.failure = Some(Box::new(Failure::internal(text)));
        Exit::Failed
    }
}
