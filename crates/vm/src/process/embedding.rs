//! What a host does with a process beside running it: calls of the program's functions and of its own, values in and out.

use super::{END, Process};
use crate::heap::Heap;
use crate::owned::conversion::{foreign, put_in, take_out};
use crate::owned::handles::Handles;
use crate::owned::{Handle, OwnedValue};
use crate::trap::{HostCall, Request, Trap};
use crate::value::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Arguments that a call may have in registers; more are passed as those of `apply` are.
pub(super) const MAX_IN_REGISTERS: usize = 250;

/// What a host calls.
#[derive(Clone, Copy, Debug)]
pub enum Callee<'a> {
    /// What is reached from the global with this node-wide index by the names of a path.
    Global(u32, &'a [&'a str]),
    /// What a handle stands for.
    Handle(&'a Handle),
}

impl Process {
    /// Sets the process to a call. What it ran before is forgotten, its globals are not. What is wrong with the
    /// arguments shows when it runs. False, and nothing done, if there is no such global.
    pub fn start_call(&mut self, callee: Callee, arguments: &[OwnedValue]) -> bool {
        let callee = match callee {
            Callee::Global(global, path) => match self.reach(global, path) {
                Some(value) => Ok(value),
                None => return false,
            },
            Callee::Handle(handle) => self.interlude().handles.get(handle).ok_or_else(|| foreign(handle)),
        };
        self.finish_collection();
        if !self.frames.is_empty() {
            // What was abandoned left its values where the registers of the next frames will be.
            self.stack.fill(Value::NULL);
        }
        self.forget();
        self.result = Value::NULL;
        (self.function, self.base, self.pc, self.top) = (END, 0, 0, 0);
        let called = catch_unwind(AssertUnwindSafe(|| self.enter_call(callee?, arguments)));
        match called {
            Ok(called) => self.thrown_by_answer = called.err(),
            Err(panic) => drop(self.after_panic(&*panic)),
        }
        true
    }

    fn enter_call(&mut self, callee: Value, arguments: &[OwnedValue]) -> Result<(), Trap> {
        if self.heap.wants_collection() {
            self.collect();
        }
        let mut entered = self.try_enter_call(callee, arguments);
        if entered.as_ref().is_err_and(Trap::is_no_memory) {
            self.collect();
            entered = self.try_enter_call(callee, arguments);
        }
        entered
    }

    fn try_enter_call(&mut self, callee: Value, arguments: &[OwnedValue]) -> Result<(), Trap> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(put_in(&mut self.heap, &self.interlude.get_or_insert_default().handles, argument)?);
        }
        // What the host passes costs the program nothing.
        self.heap.take_spent();
        self.call_with_values(callee, &values)
    }

    /// The value that the program or call ended with.
    ///
    /// # Errors
    /// Why it cannot be copied.
    pub fn take_result(&mut self) -> Result<OwnedValue, String> {
        self.take_out(self.result)
    }

    /// What is reached from a global by the names of a path, if there is such a value.
    ///
    /// # Errors
    /// Why it cannot be copied.
    pub fn take_global(&mut self, global: u32, path: &[&str]) -> Option<Result<OwnedValue, String>> {
        self.reach(global, path).map(|value| self.take_out(value))
    }

    fn take_out(&mut self, value: Value) -> Result<OwnedValue, String> {
        let mut room = self.limits.max_heap;
        let taken = take_out(&self.heap, &mut self.interlude.get_or_insert_default().handles, value, &mut room);
        // What the host asks for costs the program nothing.
        self.heap.take_spent();
        taken.map_err(|why| format!("the value {}", why.says()))
    }
}

/// Asks for a call of the host's function with this number. `room` is how many bytes all arguments may have.
pub(super) fn host_call(
    heap: &Heap,
    handles: &mut Handles,
    mut room: usize,
    (function, name): (usize, &str),
    arguments: &[Value],
) -> Trap {
    let mut taken = Vec::with_capacity(arguments.len());
    for &value in arguments {
        match take_out(heap, handles, value, &mut room) {
            Ok(argument) => taken.push(argument),
            Err(why) => {
                let message = format!("argument {} of `{name}` {}", taken.len() + 1, why.says());
                return Trap::error(why.kind(), message);
            }
        }
    }
    Trap::request(Request::Host(HostCall { function, arguments: taken }))
}
