//! A process: its memory, its place in the program, and how it runs, stops and is asked to go on.

mod birth;
mod calls;
mod collect;
mod embedding;
mod failure;
mod frame;
pub(crate) mod globals;
mod inspect;
mod interlude;
mod stack;
mod tasks;

pub use birth::Birth;
pub(crate) use calls::{Called, Return};
pub use embedding::Callee;
pub use failure::{Failure, INNERMOST_CALLS, OUTERMOST_CALLS, TraceFrame};
pub(crate) use frame::{Frame, Place};
pub use inspect::Glance;
use interlude::Interlude;
pub use stack::HANDLER_STACK;
use tasks::UnderWay;

use crate::code::{Entry, ModuleHandle};
use crate::data::iterate;
use crate::dispatch;
use crate::format;
use crate::heap::Heap;
use crate::heap::parcel::Parcel;
use crate::mailbox;
use crate::natives;
use crate::node::{Literal, Node};
use crate::ops;
use crate::stack_engine;
use crate::trap::{ErrorKind, Request, Response, Trap, TrapKind};
use crate::value::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Which engine runs the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// The reference: portable code, small and plain.
    Stack,
    /// Register code by handlers that jump to each other.
    #[cfg(not(feature = "safe-dispatch"))]
    RegisterTail,
    /// Register code by a checked loop.
    RegisterLoop,
}

impl EngineKind {
    /// The fastest engine of this build.
    pub const FASTEST: EngineKind = {
        #[cfg(not(feature = "safe-dispatch"))]
        {
            EngineKind::RegisterTail
        }
        #[cfg(feature = "safe-dispatch")]
        {
            EngineKind::RegisterLoop
        }
    };
}

/// What a process may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of heap and stack together; the stack may take half.
    pub max_heap: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_heap: 1 << 30 }
    }
}

/// Why [`Process::run`] came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The program has ended; see [`Process::result_repr`].
    Done,
    /// An uncaught throw ended it; see [`Process::failure`].
    Failed,
    /// It passed a limit, by name: `heap`.
    Limit(&'static str),
    /// The budget is used up; run it again.
    Yielded,
    /// It waits for an answer; see [`Process::resume`].
    Request(Request),
    /// Its heap is being collected: run it again, of the same budget.
    Collecting,
    /// It ended itself for this reason.
    Exited(Parcel),
}

/// How a slice ended.
pub(crate) enum Exit {
    Done,
    Failed,
    Limit(&'static str),
    Yielded,
    Request(Box<Request>),
    Collecting,
    Exited(Box<Parcel>),
}

/// What the process waits for: what a request's answer is for, or long work.
enum Pending {
    /// The value of a call whose function stands at `window`.
    Call { window: usize, then: Return },
    /// The next line of an iterator.
    Iterator(Value),
    /// No request: long work of the present instruction is under way.
    Task(Box<UnderWay>),
}

/// Figures of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Reductions paid.
    pub reductions: u64,
    /// Instructions run, of the engine's own form; not counted by the tail dispatcher.
    pub instructions: u64,
    /// Calls of functions and natives; counted where instructions are.
    pub calls: u64,
    /// Collections of the heap.
    pub collections: u64,
    /// A step of a collection that half of all steps did not exceed, in nanoseconds and at most a quarter too long; 0
    /// without a clock.
    pub pause_p50_ns: u64,
    /// The same for 99 of 100 steps.
    pub pause_p99_ns: u64,
    /// The longest step, exactly.
    pub pause_max_ns: u64,
    /// The longest collection, all its steps together, in nanoseconds.
    pub stall_max_ns: u64,
    /// Largest size of the heap's region with its blobs, in bytes.
    pub heap_peak: u64,
    /// About how many bytes were allocated.
    pub allocated: u64,
    /// Bytes in live objects and blobs at the last collection.
    pub heap_live: u64,
    /// Bytes of blobs, and of the region up to the end of the last live object, at the last collection: what is not live
    /// of them is in holes.
    pub heap_used: u64,
}

impl Stats {
    /// The part of the heap's used bytes that is in holes, at the last collection.
    pub fn fragmentation(&self) -> f64 {
        if self.heap_used == 0 { 0.0 } else { 1.0 - self.heap_live as f64 / self.heap_used as f64 }
    }
}

/// The function that every process returns to; see `code::end_stub`.
const END: u32 = 0;

/// A running program.
pub struct Process {
    pub(crate) node: Arc<Node>,
    /// The node's functions as of the start of the slice.
    pub(crate) entries: Arc<[Entry]>,
    pub(crate) heap: Heap,
    pub(crate) stack: Vec<Value>,
    /// The address behind the stack while a handler of the tail dispatcher runs; nothing else reads it.
    #[cfg(not(feature = "safe-dispatch"))]
    pub(crate) stack_end: usize,
    pub(crate) frames: Vec<Frame>,
    /// Values of globals by node-wide index.
    pub(crate) globals: Vec<Value>,
    /// The running function, its first register, and where it stands.
    pub(crate) function: u32,
    pub(crate) base: usize,
    pub(crate) pc: u32,
    /// One above the last operand; the stack engine's alone.
    pub(crate) top: usize,
    /// Reductions left in the slice.
    pub(crate) reductions: i64,
    /// Reductions that the slice began with.
    budget: i64,
    /// What is rare.
    interlude: Option<Box<Interlude>>,
    pub(crate) engine: EngineKind,
    limits: Limits,
    /// Whether what handlers of a stack overflow have in reserve may be used.
    overflowed: bool,
    clock: Option<fn() -> u64>,
    /// A reduction that a finished request owes.
    owes: bool,
    /// What an answer threw, or the value of a call that an operation needed.
    pub(crate) thrown_by_answer: Option<Trap>,
    pub(crate) result: Value,
    /// Why the tail dispatcher's handlers returned.
    #[cfg(not(feature = "safe-dispatch"))]
    pub(crate) exit: Option<Exit>,
    /// Whether another process has started it.
    was_spawned: bool,
    pub(crate) counts: Counts,
}

/// What a process counts itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Reductions paid.
    pub(crate) reductions: u64,
    /// Instructions run, of the engine's own form; not counted by the tail dispatcher.
    pub(crate) instructions: u64,
    /// Calls of functions and natives; counted where instructions are.
    pub(crate) calls: u64,
}

impl Process {
    /// A process without a program.
    pub fn new(node: Arc<Node>, limits: Limits, engine: EngineKind) -> Process {
        Process {
            entries: node.functions(),
            heap: Heap::new(Arc::clone(&node), limits.max_heap),
            stack: Vec::new(),
            #[cfg(not(feature = "safe-dispatch"))]
            stack_end: 0,
            frames: Vec::new(),
            globals: Vec::new(),
            function: END,
            base: 0,
            pc: 0,
            top: 0,
            reductions: 0,
            budget: 0,
            interlude: None,
            engine,
            limits,
            overflowed: false,
            clock: None,
            owes: false,
            thrown_by_answer: None,
            result: Value::NULL,
            #[cfg(not(feature = "safe-dispatch"))]
            exit: None,
            was_spawned: false,
            counts: Counts::default(),
            node,
        }
    }

    /// The node that it belongs to.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Gives the process a clock in nanoseconds, to measure its pauses by.
    pub fn set_clock(&mut self, clock: fn() -> u64) {
        self.clock = Some(clock);
    }

    /// Changes what the process may use from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        self.heap.set_process_limit(limits.max_heap);
        self.share_limit();
    }

    /// Sets the figures that it counts itself: what ran since they were taken is forgotten.
    pub fn set_stats(&mut self, stats: Stats) {
        let Stats { reductions, instructions, calls, stall_max_ns, .. } = stats;
        self.counts = Counts { reductions, instructions, calls };
        if stall_max_ns > 0 || self.interlude.is_some() {
            self.interlude().stall_max_ns = stall_max_ns;
        }
    }

    /// Collects at every safepoint from now on: the strictest test of the collector's roots.
    pub fn set_stress(&mut self, stress: bool) {
        self.heap.stress = stress;
    }

    /// Makes an allocation fail, after so many that don't, and all later ones if that is `lasting`: a test of what
    /// happens without memory.
    pub fn fail_allocation(&mut self, after: u64, lasting: bool) {
        self.heap.fail_after(after, lasting);
    }

    /// Whether an allocation was made to fail.
    pub fn allocation_failed(&self) -> bool {
        self.heap.has_struck()
    }

    /// Makes the process run a module's top level. What it ran before is forgotten, its globals are not.
    pub fn start(&mut self, module: &ModuleHandle) {
        self.finish_collection();
        self.forget();
        self.heap.take_spent();
        self.entries = self.node.functions();
        self.result = Value::NULL;
        let main = module.module.first_function;
        let needed = 2 + usize::from(self.entries[main as usize].frame);
        if self.stack.len() < needed {
            self.stack.resize(needed.max(64), Value::NULL);
        }
        // A program has room for its first calls; processes begin with less.
        self.frames.reserve(16);
        self.stack[0] = Value::function(main);
        self.frames.push(Frame::new(END, 0, 1));
        self.base = 1;
        self.move_to(main);
        self.globals.resize(self.node.global_count(), Value::HOLE);
    }

    /// Forgets where the program stands: it can't be run on. Globals and the result are still there.
    fn forget(&mut self) {
        self.frames.clear();
        if let Some(interlude) = &mut self.interlude {
            let Interlude { left, pending, answer, retried, failure, .. } = &mut **interlude;
            (*left, *pending, *answer, *retried, *failure) = Default::default();
        }
        self.owes = false;
        self.thrown_by_answer = None;
        self.heap.set_exiting(None);
    }

    /// Runs for at most `budget` reductions, or goes on with the budget that a collection interrupted. A panic inside
    /// ends the process with `:internal`.
    pub fn run(&mut self, budget: u32) -> Outcome {
        self.restore_reserve();
        let left = self.interlude.as_mut().and_then(|interlude| interlude.left.take());
        self.budget = left.unwrap_or_else(|| i64::from(budget.max(1)));
        self.reductions = self.budget;
        let exit =
            catch_unwind(AssertUnwindSafe(|| self.run_slice())).unwrap_or_else(|panic| self.after_panic(&*panic));
        self.counts.reductions = self.paid();
        self.budget = self.reductions;
        match exit {
            Exit::Collecting => {
                self.interlude().left = Some(self.reductions);
                Outcome::Collecting
            }
            Exit::Done => Outcome::Done,
            Exit::Failed => Outcome::Failed,
            Exit::Limit(name) => Outcome::Limit(name),
            Exit::Yielded => Outcome::Yielded,
            Exit::Request(request) => {
                match &*request {
                    Request::Receive { .. } => self.settle(),
                    Request::Process(_) => self.heap.mailbox.asks(),
                    _ => {}
                }
                Outcome::Request(*request)
            }
            Exit::Exited(reason) => Outcome::Exited(*reason),
        }
    }

    /// Reductions so far.
    fn paid(&self) -> u64 {
        self.counts.reductions + (self.budget - self.reductions) as u64
    }

    fn run_slice(&mut self) -> Exit {
        if let Some(interlude) = &mut self.interlude {
            // A call may have met a fault of the machine before it began to run.
            if interlude.failure.is_some() {
                return Exit::Failed;
            }
            if let Some(birth) = interlude.birth.take()
                && let Err(exit) = self.begin(&birth)
            {
                return exit;
            }
            if self.is_collecting()
                && let Some(exit) = self.collecting()
            {
                return exit;
            }
            if matches!(self.pending(), Some(Pending::Task(_)))
                && let Some(exit) = self.go_on_with_task()
            {
                return exit;
            }
            if let Some(response) = self.take_answer()
                && let Some(exit) = self.deliver(response)
            {
                return exit;
            }
        }
        if std::mem::take(&mut self.owes) && !self.charge() {
            return Exit::Yielded;
        }
        if let Some(trap) = self.thrown_by_answer.take() {
            // No instruction can be run again: it is over, or it is the host that calls.
            let exit = if trap.is_no_memory() { Some(Exit::Limit("heap")) } else { self.trapped(trap, true) };
            if let Some(exit) = exit {
                return exit;
            }
        }
        match self.engine {
            EngineKind::Stack => stack_engine::run(self),
            #[cfg(not(feature = "safe-dispatch"))]
            EngineKind::RegisterTail => dispatch::tail::run(self),
            EngineKind::RegisterLoop => dispatch::checked::run(self),
        }
    }

    /// Answers the request that [`run`](Self::run) came back with. Run the process again after this.
    pub fn resume(&mut self, response: Response) {
        self.interlude().answer = Some(response);
    }

    fn take_answer(&mut self) -> Option<Response> {
        self.interlude.as_mut()?.answer.take()
    }

    /// Goes on with the answer to a request.
    fn deliver(&mut self, response: Response) -> Option<Exit> {
        let value = {
            let interlude = self.interlude.get_or_insert_default();
            natives::respond(&mut self.heap, &interlude.handles, &response)
        };
        let spent = self.heap.take_spent();
        let value = match value {
            Err(trap) if trap.is_no_memory() => {
                // The world has done its part: it is not asked again.
                if !self.retry() {
                    return Some(Exit::Limit("heap"));
                }
                self.interlude().answer = Some(response);
                return self.collecting().or_else(|| {
                    let response = self.take_answer()?;
                    self.deliver(response)
                });
            }
            value => value,
        };
        self.reductions -= spent;
        match (self.interlude().pending.take(), value) {
            (_, Err(trap)) => self.thrown_by_answer = Some(trap),
            (Some(Pending::Call { window, then }), Ok(value)) => {
                mailbox::note_answer(&mut self.heap, value);
                self.owes = true;
                if self.finish_call(window, value, then) == Called::Returned {
                    self.top = window + 1;
                    self.pc = then.pc;
                }
            }
            (Some(Pending::Iterator(iterator)), Ok(line)) => {
                let line = (response != Response::Done).then_some(line);
                self.thrown_by_answer = iterate::resume(&mut self.heap, iterator, line).err();
            }
            (None | Some(Pending::Task(_)), Ok(_)) => {}
        }
        None
    }

    /// Whether what had no memory may be tried once more, after a collection: not if it was tried here before.
    fn retry(&mut self) -> bool {
        let here = Some((self.paid(), self.frames.len(), self.pc));
        std::mem::replace(&mut self.interlude().retried, here) != here
    }

    /// Pays a reduction; false when the slice is used up by it.
    #[inline]
    pub(crate) fn charge(&mut self) -> bool {
        self.reductions -= 1;
        self.reductions > 0
    }

    /// Deals with a trap of the instruction at the present pc. `None` means: go on running.
    #[cold]
    pub(crate) fn trapped(&mut self, trap: Trap, calls: bool) -> Option<Exit> {
        if trap.is_begun() {
            return self.go_on_with_task();
        }
        let spent = self.heap.take_spent();
        if !trap.is_no_memory() {
            self.reductions -= spent;
        }
        match trap.into_kind() {
            TrapKind::NoMemory => {
                if self.retry() {
                    self.collecting()
                } else {
                    Some(Exit::Limit("heap"))
                }
            }
            TrapKind::Request(request) => Some(Exit::Request(Box::new(request))),
            TrapKind::Exit(reason) => {
                self.reductions -= i64::from(calls);
                self.heap.set_exiting(Some(reason));
                self.throw(Value::EXIT)
            }
            TrapKind::Error(kind, message) => {
                self.reductions -= i64::from(calls);
                match self.make_error(kind, &message) {
                    Ok(error) => self.throw(error),
                    Err(_) => Some(Exit::Limit("heap")),
                }
            }
            TrapKind::Throw(value) => {
                self.reductions -= i64::from(calls);
                self.throw(value)
            }
            // Operations of instructions are called by their engines, those of natives where natives are called.
            TrapKind::Call(_) | TrapKind::Asks | TrapKind::Spawn(..) | TrapKind::Long(_) | TrapKind::Begun => {
                let error = self.make_error(ErrorKind::Internal, "an operation asked for a call that nobody makes");
                error.map_or(Some(Exit::Limit("heap")), |error| self.throw(error))
            }
        }
    }

    /// Notes which iterator waits, if the trap of one is a request: the instruction is run again with the answer.
    #[cold]
    pub(crate) fn iterator_waits(&mut self, trap: Trap, iterator: Value) -> Trap {
        // Who waits for a message finds it in the mailbox.
        if matches!(trap.kind(), TrapKind::Request(request) if !matches!(request, Request::Receive { .. })) {
            self.interlude().pending = Some(Pending::Iterator(iterator));
        }
        trap
    }

    /// The value that the program ended with, as `repr` prints it.
    ///
    /// # Errors
    /// The thrown error's message, when the text would be too long.
    pub fn result_repr(&self) -> Result<String, String> {
        self.repr_of(self.result)
    }

    /// Whether the program ended with `null`.
    pub fn result_is_null(&self) -> bool {
        self.result == Value::NULL
    }

    fn repr_of(&self, value: Value) -> Result<String, String> {
        format::repr(&self.heap, value).map_err(|trap| match trap.into_kind() {
            TrapKind::Error(_, message) => message,
            _ => "the value cannot be printed".to_string(),
        })
    }

    /// What an uncaught throw left, after [`Outcome::Failed`].
    pub fn failure(&self) -> Option<&Failure> {
        self.interlude.as_ref()?.failure.as_deref()
    }

    /// The value of a global by node-wide index, if other modules may have it: a function without captures.
    pub fn exported_function(&self, global: u32) -> Option<Value> {
        self.globals.get(global as usize).copied().filter(|value| value.as_function().is_some())
    }

    /// Reductions that were paid in the slices so far: one of the figures, which is had without making all.
    pub fn reductions(&self) -> u64 {
        self.counts.reductions
    }

    /// Figures so far.
    pub fn stats(&self) -> Stats {
        let heap = self.heap.stats();
        let allocated = self.heap.allocated_bytes();
        let Counts { reductions, instructions, calls } = self.counts;
        let pauses = self.interlude.as_ref().and_then(|interlude| interlude.pauses.as_ref());
        Stats {
            reductions,
            instructions,
            calls,
            collections: heap.collections,
            heap_peak: heap.peak_bytes,
            allocated,
            heap_live: heap.live_words * 8,
            heap_used: heap.used_words * 8,
            pause_p50_ns: pauses.map_or(0, |pauses| pauses.quantile(0.5)),
            pause_p99_ns: pauses.map_or(0, |pauses| pauses.quantile(0.99)),
            pause_max_ns: pauses.map_or(0, |pauses| pauses.longest()),
            stall_max_ns: self.interlude.as_ref().map_or(0, |interlude| interlude.stall_max_ns),
        }
    }

    // ---- What the slow paths of instructions use ----

    /// A register of the running frame.
    #[inline]
    pub(crate) fn reg(&self, register: u8) -> Value {
        self.stack[self.base + usize::from(register)]
    }

    /// Writes a register of the running frame.
    #[inline]
    pub(crate) fn set_reg(&mut self, register: u8, value: Value) {
        self.stack[self.base + usize::from(register)] = value;
    }

    /// Consecutive registers of the running frame.
    #[inline]
    pub(crate) fn regs(&self, first: u8, count: usize) -> &[Value] {
        let start = self.base + usize::from(first);
        &self.stack[start..start + count]
    }

    /// A constant of the running function.
    #[inline]
    pub(crate) fn constant(&self, index: usize) -> Value {
        Value::from_bits(self.entries[self.function as usize].pool[index].load(Ordering::Relaxed))
    }

    /// A word of the running function's register code, counted from the present instruction.
    #[inline]
    pub(crate) fn word_after(&self, distance: u32) -> iridium_isa::register::Word {
        let code = &self.entries[self.function as usize].code;
        iridium_isa::register::Word(code[(self.pc + distance) as usize])
    }

    /// Notes in the two words of an inline cache what a site saw: they hold the two newest, the newest first.
    pub(crate) fn set_cache(&self, index: u32, word: u64) {
        let pool = &self.entries[self.function as usize].pool;
        let (first, second) = (&pool[index as usize], &pool[index as usize + 1]);
        second.store(first.load(Ordering::Relaxed), Ordering::Relaxed);
        first.store(word, Ordering::Relaxed);
    }

    /// The node-wide index of a class template of the running function's module.
    pub(crate) fn template(&self, index: u32) -> Result<u32, Trap> {
        let code = self.entries[self.function as usize].eva();
        let template = code.and_then(|code| code.module.templates.get(index as usize));
        template.copied().ok_or_else(|| Trap::error(ErrorKind::Internal, "no such class template"))
    }

    /// `o.name`, and whether it is a method of an instance's class. A module's members are its globals.
    pub(crate) fn property(&mut self, object: Value, name: u32) -> Result<(Value, bool), Trap> {
        if let Some(Literal::Module(module, members)) = self.heap.literal(object) {
            return match members.iter().find(|(member, _)| *member == name) {
                Some((_, global)) => {
                    let index = *global as usize;
                    match self.globals.get(index) {
                        Some(&value) if value != Value::HOLE => Ok((value, false)),
                        _ => Ok((self.untouched_global(index)?, false)),
                    }
                }
                None => {
                    let member = self.node.atom_name(name);
                    let message = format!("module `{module}` has no member `{member}`");
                    Err(Trap::error(ErrorKind::Property, message))
                }
            };
        }
        ops::prop_find(&mut self.heap, object, name)
    }

    /// The running function itself.
    #[inline]
    pub(crate) fn callee(&self) -> Value {
        self.stack[self.base - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_are_many_of_is_small() {
        assert_eq!((size_of::<Value>(), size_of::<Option<Trap>>()), (8, 8));
        assert_eq!(size_of::<Frame>(), 16);
        assert!(size_of::<Process>() <= 464, "{}", size_of::<Process>());
    }
}
