//! Calls and returns: frames, arguments, natives, `apply`. One logic for all engines.

use super::embedding::host_call;
use super::frame::{After, Frame, Place, Purpose};
use super::{Pending, Process};
use crate::code::{Body, FunctionCode};
use crate::data::{self, iterate, list};
use crate::heap::Kind;
use crate::natives::Native;
use crate::node::{HostFunction, well_known};
use crate::trap::{Call, ErrorKind, Then, Trap, TrapKind};
use crate::value::Value;
use iridium_isa::FRAME_REGISTERS;
use iridium_isa::register::Word;
use std::sync::Arc;

/// How [`Process::call`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    /// The process stands at the start of the callee, or where a tail-called native returned to.
    Moved,
    /// A native has returned; its value is where the function stood.
    Returned,
}

/// Where a call goes on when it has returned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Return {
    /// The caller's next instruction.
    pub(crate) pc: u32,
    /// Whether the caller's frame is given up.
    pub(crate) tail: bool,
    /// What the value is for.
    pub(crate) after: After,
}

impl Return {
    /// The value is stored where the function stood.
    pub(crate) fn plain(pc: u32) -> Return {
        Return { pc, tail: false, after: After::NOTHING }
    }

    /// The value is the caller's own.
    pub(crate) fn tail(pc: u32) -> Return {
        Return { pc, tail: true, after: After::NOTHING }
    }
}

impl Process {
    /// Calls the function at `stack[window]` with the `count` arguments above it.
    pub(crate) fn call(&mut self, window: usize, count: usize, then: Return) -> Result<Called, Trap> {
        let callee = self.stack[window];
        let index = self.callable(callee)?;
        let entry = &self.entries[index as usize];
        if usize::from(entry.arity) == count {
            return self.enter(window, callee, index, entry.frame, count, then);
        }
        if let Body::Native(native) = entry.body {
            check_native_arity(native, count)?;
            let result = (native.run)(&mut self.heap, &self.stack[window + 1..window + 1 + count]);
            if !result.as_ref().is_err_and(Trap::is_asks) {
                return self.finish_native(window, result, then);
            }
            let arguments = self.stack[window + 1..window + 1 + count].to_vec();
            return self.call_with(window, self.instead_of(native.name)?, arguments, then);
        }
        if let Body::Host(number, function) = &entry.body {
            check_host_arity(function, count)?;
            let asked = host_call(
                &self.heap,
                &mut self.interlude.get_or_insert_default().handles,
                self.limits.max_heap,
                (*number, &function.name),
                &self.stack[window + 1..window + 1 + count],
            );
            return self.finish_native(window, Err(asked), then);
        }
        let arguments = self.stack[window + 1..window + 1 + count].to_vec();
        self.call_with(window, callee, arguments, then)
    }

    /// Calls the function at `stack[window]` with the elements of the list above it.
    pub(crate) fn call_list(&mut self, window: usize, then: Return) -> Result<Called, Trap> {
        let arguments = self.spread(self.stack[window + 1])?;
        self.call_with(window, self.stack[window], arguments, then)
    }

    /// Calls a function with arguments that are not in its window yet. Changes nothing before it cannot fail.
    pub(super) fn call_with(
        &mut self,
        window: usize,
        callee: Value,
        mut arguments: Vec<Value>,
        then: Return,
    ) -> Result<Called, Trap> {
        let mut callee = callee;
        // Code that nobody compiled may have named a native that asks as the one to do it.
        let mut asked = false;
        let mut ask = |process: &Process, name: &str| {
            let again = std::mem::replace(&mut asked, true);
            if again { Err(cannot_ask(name)) } else { process.instead_of(name) }
        };
        loop {
            let index = self.callable(callee)?;
            let entry = &self.entries[index as usize];
            match &entry.body {
                Body::Apply => {
                    let (Some(&last), 2..) = (arguments.last(), arguments.len()) else {
                        return Err(arity_error("apply", "at least 2 arguments", arguments.len()));
                    };
                    match iterate::collect(&mut self.heap, last) {
                        Ok(elements) => {
                            arguments.pop();
                            callee = arguments.remove(0);
                            arguments.extend(elements);
                        }
                        Err(trap) if trap.is_asks() => callee = ask(self, "apply")?,
                        Err(trap) => return Err(trap),
                    }
                }
                Body::Native(native) => {
                    check_native_arity(native, arguments.len())?;
                    let result = (native.run)(&mut self.heap, &arguments);
                    if result.as_ref().is_err_and(Trap::is_asks) {
                        callee = ask(self, native.name)?;
                        continue;
                    }
                    return self.finish_native(window, result, then);
                }
                Body::Host(number, function) => {
                    check_host_arity(function, arguments.len())?;
                    let named = (*number, function.name.as_str());
                    let handles = &mut self.interlude.get_or_insert_default().handles;
                    let asked = host_call(&self.heap, handles, self.limits.max_heap, named, &arguments);
                    return self.finish_native(window, Err(asked), then);
                }
                Body::Eva(code) => {
                    let (code, frame) = (Arc::clone(code), entry.frame);
                    self.bind(&code, &mut arguments)?;
                    let count = arguments.len();
                    self.reserve_stack(window + 1 + count.max(usize::from(frame)))?;
                    self.stack[window] = callee;
                    self.stack[window + 1..window + 1 + count].copy_from_slice(&arguments);
                    return self.enter(window, callee, index, frame, count, then);
                }
            }
        }
    }

    /// Calls the function at `stack[window]` with its receiver above it, if there is one, and `count` arguments.
    pub(crate) fn call_method(&mut self, window: usize, count: usize, then: Return) -> Result<Called, Trap> {
        if self.stack[window + 1] != Value::HOLE {
            return self.call(window, count + 1, then);
        }
        let arguments = self.stack[window + 2..window + 2 + count].to_vec();
        self.call_with(window, self.stack[window], arguments, then)
    }

    /// Calls the function at `stack[window]` with its receiver above it, if there is one, and the elements of a list.
    pub(crate) fn call_method_list(&mut self, window: usize, then: Return) -> Result<Called, Trap> {
        let mut arguments = self.spread(self.stack[window + 2])?;
        if self.stack[window + 1] != Value::HOLE {
            arguments.insert(0, self.stack[window + 1]);
        }
        self.call_with(window, self.stack[window], arguments, then)
    }

    /// Makes the call that an operation needs. The process goes on at `pc` when it has returned.
    pub(crate) fn call_operation(&mut self, window: usize, call: Call, pc: u32, place: Place) -> Result<Called, Trap> {
        let after = After::operation(call.then, place);
        self.reserve_stack(window + 1)?;
        self.call_with(window, call.function, call.arguments, Return { pc, tail: false, after })
    }

    /// Takes over the long work of an operation. The process goes on at `pc` when it is done.
    #[cold]
    pub(crate) fn begin_operation(&mut self, window: usize, trap: Trap, pc: u32, place: Place, calls: bool) -> Trap {
        let after = After::operation(Then::Value, place);
        match self.reserve_stack(window + 1) {
            Ok(()) => self.begin_task(trap, window, Return { pc, tail: false, after }, calls),
            Err(trap) => trap,
        }
    }

    /// The prelude's function that does what a native, or `apply`, cannot do without calling Eva.
    #[cold]
    fn instead_of(&self, name: &str) -> Result<Value, Trap> {
        self.node.instead(name).ok_or_else(|| cannot_ask(name))
    }

    /// Checks the number of arguments, and completes them: marks for optional ones, a list for the rest.
    fn bind(&mut self, code: &FunctionCode, arguments: &mut Vec<Value>) -> Result<(), Trap> {
        let function = code.function();
        let (required, optional) = (function.required as usize, function.optional as usize);
        let given = arguments.len();
        if given < required || given > required + optional && !function.rest {
            let wanted = match (optional, function.rest) {
                (_, true) => format!("at least {}", plural(required)),
                (0, false) => plural(required),
                _ => format!("{} to {}", required, plural(required + optional)),
            };
            return Err(arity_error(&function.name, &wanted, given));
        }
        if function.packed {
            let kept = given.min(required + optional);
            // How many a function says it has is not how many a source had room for.
            self.heap.could_hold(required + optional)?;
            let mut single = arguments[..kept].to_vec();
            single.resize(required + optional, Value::NULL);
            let single = list::new(&mut self.heap, &single)?;
            let rest = if function.rest { Some(list::new(&mut self.heap, &arguments[kept..])?) } else { None };
            // Arguments come from registers and lists: fewer than an int of 32 bits can count.
            *arguments = [single, Value::int(kept as i32)].into_iter().chain(rest).collect();
        } else if function.rest {
            let rest = arguments.get(required + optional..).unwrap_or_default();
            let rest = list::new(&mut self.heap, rest)?;
            arguments.resize(required + optional, Value::HOLE);
            arguments.push(rest);
        } else {
            arguments.resize(required + optional, Value::HOLE);
        }
        Ok(())
    }

    /// Enters an Eva function whose `count` parameters stand above `window`.
    fn enter(
        &mut self,
        window: usize,
        callee: Value,
        index: u32,
        frame: u16,
        count: usize,
        then: Return,
    ) -> Result<Called, Trap> {
        let frame = usize::from(frame);
        if then.tail {
            self.reserve_stack(self.base + frame.max(count))?;
            self.stack[self.base - 1] = callee;
            self.stack.copy_within(window + 1..window + 1 + count, self.base);
            if let Some(last) = self.frames.last_mut() {
                last.set_tail_called();
            }
        } else {
            self.reserve_stack(window + 1 + frame)?;
            self.reserve_frame(window + 1 + frame.max(count))?;
            let delta = (window + 1 - self.base) as u32;
            self.frames.push(Frame::with(self.function, then.pc, delta, then.after));
            self.base = window + 1;
        }
        self.move_to(index);
        Ok(Called::Moved)
    }

    /// Stands at the start of a function, whose frame begins at the present base.
    pub(crate) fn move_to(&mut self, function: u32) {
        self.function = function;
        self.pc = 0;
        self.top = self.base + self.entries[function as usize].eva().map_or(0, |code| usize::from(code.locals));
    }

    #[inline(always)]
    pub(super) fn finish_native(
        &mut self,
        window: usize,
        result: Result<Value, Trap>,
        then: Return,
    ) -> Result<Called, Trap> {
        match result {
            Ok(value) => Ok(self.finish_call(window, value, then)),
            Err(trap) => self.native_trapped(window, trap, then),
        }
    }

    /// Does what a native wants done in its place, or notes what it waits for.
    fn native_trapped(&mut self, window: usize, trap: Trap, then: Return) -> Result<Called, Trap> {
        let call = match trap.kind() {
            TrapKind::Call(_) | TrapKind::Spawn(..) => match trap.into_kind() {
                TrapKind::Call(call) => call,
                TrapKind::Spawn(options, function, arguments) => {
                    let asked = self.spawning(options, function, &arguments);
                    return self.native_trapped(window, asked, then);
                }
                _ => unreachable!("just seen"),
            },
            TrapKind::Request(_) => {
                self.interlude().pending = Some(Pending::Call { window, then });
                return Err(trap);
            }
            TrapKind::Long(_) => return Err(self.begin_task(trap, window, then, true)),
            _ => return Err(trap),
        };
        match call.then {
            Then::Value => self.call_with(window, call.function, call.arguments, then),
            // What the truth is for, the value of the whole call is for too; so the call gets a frame of its own.
            other => {
                let before = (self.base, self.frames.last().copied());
                self.wait_for(window, then)?;
                let last = self.frames.len() - 1;
                let place = self.frames[last].after().purpose().map_or(Place::Window, |purpose| purpose.place);
                self.frames[last] = self.frames[last].with_after(After::operation(other, place));
                let called = self.call_with(window, call.function, call.arguments, Return::tail(0));
                if called.as_ref().is_err_and(|trap| !trap.is_begun()) {
                    // Nothing was done: the instruction may be run again.
                    if !then.tail {
                        self.frames.pop();
                    } else if let (Some(frame), Some(old)) = (self.frames.last_mut(), before.1) {
                        *frame = old;
                    }
                    self.base = before.0;
                }
                called
            }
        }
    }

    /// Pushes the frame of a callee that is to be replaced by a tail call.
    fn wait_for(&mut self, window: usize, then: Return) -> Result<(), Trap> {
        if then.tail {
            return Ok(());
        }
        self.reserve_frame(window + 1 + FRAME_REGISTERS)?;
        let delta = (window + 1 - self.base) as u32;
        self.frames.push(Frame::with(self.function, then.pc, delta, then.after));
        self.base = window + 1;
        Ok(())
    }

    /// Gives a finished native's value to where it is for.
    pub(super) fn finish_call(&mut self, window: usize, value: Value, then: Return) -> Called {
        if then.tail {
            self.leave(value);
            return Called::Moved;
        }
        let Some(purpose) = then.after.purpose() else {
            self.stack[window] = value;
            return Called::Returned;
        };
        // The caller goes on as if a frame of the native had been left.
        self.pc = then.pc;
        self.top = window + 1;
        self.finish_operation(window, value, purpose);
        Called::Moved
    }

    /// Leaves the running function with a value.
    pub(crate) fn leave(&mut self, value: Value) {
        let frame = self.frames.pop().expect("the last function returns to the end stub, which halts");
        let window = self.base - 1;
        self.base -= frame.delta as usize;
        self.function = frame.function;
        self.pc = frame.pc;
        self.top = window + 1;
        match frame.after().purpose() {
            None => self.stack[window] = value,
            Some(purpose) => self.finish_operation(window, value, purpose),
        }
    }

    /// Uses the value of a call that an operation needed.
    fn finish_operation(&mut self, window: usize, value: Value, purpose: Purpose) {
        let value = match purpose.then {
            Then::Value => value,
            Then::Truth => Value::bool(value.is_truthy()),
            Then::NotTruth => Value::bool(!value.is_truthy()),
            Then::Iterate => match self.iterate_result(window, value, purpose.place) {
                Some(iterator) => iterator,
                None => return,
            },
            Then::Next | Then::NextPair => {
                return self.finish_next(window, value, purpose.place, purpose.then == Then::NextPair);
            }
        };
        match purpose.place {
            Place::Window => self.stack[window] = value,
            Place::Register(register) => self.set_reg(register, value),
            Place::Test(expected) => self.decide(value.is_truthy() == expected),
        }
    }

    /// The iterator of what an `iterate` method gave. `None` while another `iterate` method is asked, or if it threw.
    fn iterate_result(&mut self, window: usize, value: Value, place: Place) -> Option<Value> {
        let mut started = self.start_result(window, value, place);
        if started.as_ref().is_err_and(Trap::is_no_memory) {
            // A collection must find the value. There is no instruction to run again.
            self.result = value;
            self.collect();
            self.result = Value::NULL;
            started = self.start_result(window, value, place);
        }
        started.unwrap_or_else(|trap| {
            self.throw_after(trap);
            None
        })
    }

    fn start_result(&mut self, window: usize, value: Value, place: Place) -> Result<Option<Value>, Trap> {
        let trap = match iterate::start_result(&mut self.heap, value) {
            Ok(iterator) => return Ok(Some(iterator)),
            Err(trap) => trap,
        };
        match trap.into_kind() {
            TrapKind::Call(call) => {
                self.call_operation(window, call, self.pc, place)?;
                self.reductions -= 1;
                Ok(None)
            }
            other => Err(Trap::from(other)),
        }
    }

    /// Executes or skips the `JMP` word at the pc.
    fn decide(&mut self, holds: bool) {
        let distance = self.word_after(0).offset();
        self.pc += 1;
        if holds {
            self.pc = self.pc.wrapping_add_signed(distance);
            self.reductions -= i64::from(distance < 0);
        }
    }

    /// The next element of an iteration came from a function; `:done` ends it. With `pair` its index is wanted too.
    fn finish_next(&mut self, window: usize, value: Value, place: Place, pair: bool) {
        let done = value == Value::atom(well_known::DONE);
        // Where the iterator is, and where the element goes.
        let (iterator, target) = match place {
            Place::Register(register) => {
                let word = Word(self.entries[self.function as usize].code[self.pc as usize - 1]);
                (self.base + usize::from(word.b()), self.base + usize::from(register))
            }
            _ => (window - 1, window),
        };
        // Read before the element is written: hand-written code may want it in the iterator's register.
        let iterator = self.stack[iterator];
        if !done {
            self.stack[target + usize::from(pair)] = value;
            if pair {
                match iterate::count(&mut self.heap, iterator) {
                    Ok(index) => self.stack[target] = index,
                    Err(trap) => return self.throw_after(trap),
                }
            }
        }
        match place {
            Place::Window => {
                self.top = window;
                if done {
                    return;
                }
                self.top = window + 1 + usize::from(pair);
                // The portable instruction's label is what stands before the return address.
                let end = self.pc as usize;
                let code =
                    Arc::clone(self.entries[self.function as usize].eva().expect("only Eva functions have frames"));
                let label = code.function().code[end - 4..end].try_into().map_or(0, i32::from_le_bytes);
                self.pc = self.pc.wrapping_add_signed(label);
                self.reductions -= i64::from(label < 0);
            }
            _ => self.decide(!done),
        }
    }

    /// Notes what is to be thrown by an instruction that is over: no more can be run again.
    fn throw_after(&mut self, trap: Trap) {
        let full = || Trap::error(ErrorKind::Limit, "the heap is full");
        self.thrown_by_answer = Some(if trap.is_no_memory() { full() } else { trap });
        // A place in it is the one before the return address, as for calls under way.
        self.pc = self.pc.saturating_sub(1);
    }

    /// The function index of something callable.
    pub(crate) fn callable(&self, callee: Value) -> Result<u32, Trap> {
        if let Some(index) = callee.as_function() {
            return Ok(index);
        }
        match self.heap.is(callee, Kind::Closure) {
            Some(at) => Ok(self.heap.word(at, 0) as u32),
            None => {
                let what = crate::format::brief(&self.heap, callee);
                let advice = if self.heap.is(callee, Kind::Class).is_some() { "; `new` makes an instance" } else { "" };
                let message = format!("{what} is not a function, so it cannot be called{advice}");
                Err(Trap::error(ErrorKind::Type, message))
            }
        }
    }

    /// The elements of the last argument of `apply`, or of a list of arguments.
    fn spread(&self, from: Value) -> Result<Vec<Value>, Trap> {
        match data::elements(&self.heap, from) {
            Some(words) => Ok(words.iter().map(|&word| Value::from_bits(word)).collect()),
            None => Err(Trap::error(
                ErrorKind::Type,
                format!("the arguments to spread are no list or tuple but {}", crate::format::brief(&self.heap, from)),
            )),
        }
    }
}

#[inline(always)]
fn check_native_arity(native: &Native, given: usize) -> Result<(), Trap> {
    if given >= usize::from(native.min) && native.max.is_none_or(|most| given <= usize::from(most)) {
        return Ok(());
    }
    Err(native_arity_error(native, given))
}

fn check_host_arity(function: &HostFunction, given: usize) -> Result<(), Trap> {
    if given >= usize::from(function.min) && function.max.is_none_or(|most| given <= usize::from(most)) {
        return Ok(());
    }
    Err(arity_of(&function.name, function.min, function.max, given))
}

#[cold]
fn cannot_ask(name: &str) -> Trap {
    let message = format!("`{name}` cannot walk over an instance or the lines of a file: make a list of it first");
    Trap::error(ErrorKind::Type, message)
}

#[cold]
fn native_arity_error(native: &Native, given: usize) -> Trap {
    if native.name == crate::data::class::NO_CONSTRUCTOR {
        return Trap::error(
            ErrorKind::Arity,
            format!("a class without a `constructor` takes no arguments, but got {}", given.saturating_sub(1)),
        );
    }
    arity_of(native.name, native.min, native.max, given)
}

#[cold]
fn arity_of(name: &str, min: u8, max: Option<u8>, given: usize) -> Trap {
    let least = usize::from(min);
    let most = max.map(usize::from);
    let wanted = match most {
        Some(most) if most == least => plural(least),
        Some(most) => format!("{least} to {}", plural(most)),
        None => format!("at least {}", plural(least)),
    };
    arity_error(name, &wanted, given)
}

#[cold]
fn arity_error(name: &str, wanted: &str, given: usize) -> Trap {
    let who = if name.is_empty() { "this function".to_string() } else { format!("`{name}`") };
    Trap::error(ErrorKind::Arity, format!("{who} takes {wanted}, but got {given}"))
}

fn plural(count: usize) -> String {
    format!("{count} argument{}", if count == 1 { "" } else { "s" })
}
