//! How processes begin and end: what a new one has of its parent, messages in and out, and why it is over.
//!
//! A new process gets copies of the function that it calls, of the arguments, and of those globals that the function can
//! reach. What a function can reach are the variables that its code names (see `reach`), and whatever the functions,
//! closures and classes can reach that are met on the way. Functions and classes that nothing changes it finds itself,
//! when it needs them.

use super::{Exit, Limits, Process, Return};
use crate::data::error;
use crate::format;
use crate::heap::Heap;
use crate::heap::parcel::{Packer, Parcel, pack};
use crate::node::Node;
use crate::process::EngineKind;
use crate::process::globals::ClassImage;
use crate::reach::Reaches;
use crate::requests::{Sent, Spawn};
use crate::trap::{Request, Trap};
use crate::value::Value;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What a process begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Birth {
    /// The function, the arguments, and the globals.
    parcel: Parcel,
    /// Number of the arguments.
    arguments: usize,
    /// Which globals they are.
    globals: Vec<u32>,
}

/// What was met that can touch variables.
enum Reached {
    /// A function, which touches these.
    Function(Arc<[u32]>),
    /// A class that the new process finds itself.
    Class(Arc<ClassImage>),
}

impl Reached {
    fn variables(&self, reaches: &Reaches) -> &[u32] {
        match self {
            Reached::Function(variables) => variables,
            Reached::Class(class) => class.reach(reaches),
        }
    }
}

impl Process {
    /// A process that is to begin. What it has of its parent is moved in when it first runs: if that is too much for it,
    /// it ends with the limit `:heap`.
    pub fn born(node: Arc<Node>, limits: Limits, engine: EngineKind, birth: Birth) -> Process {
        let mut process = Process::new(node, limits, engine);
        process.set_limits(limits);
        process.entries = process.node.functions();
        process.was_spawned = true;
        process.interlude().birth = Some(birth);
        process
    }

    /// Moves in what the process begins with, and stands at the start of its function.
    pub(super) fn begin(&mut self, birth: &Birth) -> Result<(), Exit> {
        // What failed once may succeed a moment later, as where there is something to collect.
        let values = (self.heap.unpack(&birth.parcel))
            .or_else(|_| self.heap.unpack(&birth.parcel))
            .map_err(|_| Exit::Limit("heap"))?;
        // It was paid for by the parent.
        self.heap.take_spent();
        let (&function, rest) = values.split_first().expect("a birth begins with a function");
        let (arguments, globals) = rest.split_at(birth.arguments);
        for (&global, &value) in birth.globals.iter().zip(globals) {
            self.set_global(global as usize, value);
        }
        let called = self.call_with_values(function, arguments);
        self.thrown_by_answer = called.err();
        Ok(())
    }

    /// Calls a function with values, as the first call of the process.
    pub(super) fn call_with_values(&mut self, callee: Value, values: &[Value]) -> Result<(), Trap> {
        loop {
            let called = if values.len() > super::embedding::MAX_IN_REGISTERS {
                self.call_with(0, callee, values.to_vec(), Return::plain(0))
            } else {
                self.reserve_stack(1 + values.len())?;
                self.stack[0] = callee;
                self.stack[1..=values.len()].copy_from_slice(values);
                self.call(0, values.len(), Return::plain(0))
            };
            // A native that takes long has no instruction to be interrupted in.
            match called {
                Err(trap) if trap.is_begun() && self.end_task()? => {}
                Err(trap) if trap.is_begun() => break,
                called => {
                    called?;
                    break;
                }
            }
        }
        self.top = self.top.max(1);
        Ok(())
    }

    /// The request to start a process that calls a function.
    pub(super) fn spawning(&self, mut spawn: Box<Spawn>, function: Value, arguments: &[Value]) -> Trap {
        match self.birth_of(function, arguments) {
            Ok(birth) => {
                spawn.birth = birth;
                Trap::request(Request::Process(crate::requests::ProcessRequest::Spawn(spawn)))
            }
            Err(trap) => trap,
        }
    }

    fn birth_of(&self, function: Value, arguments: &[Value]) -> Result<Birth, Trap> {
        let mut packer = Packer::new(&self.heap, true);
        packer.add(function)?;
        for &argument in arguments {
            packer.add(argument)?;
        }
        let (mut globals, mut reached) = (Vec::new(), FxHashSet::default());
        let mut reaches = Reaches::new(&self.node, &self.entries);
        let mut functions = packer.take_functions();
        while let Some(function) = functions.pop() {
            let mut waiting: Vec<Reached> = vec![Reached::Function(reaches.of(function))];
            while let Some(next) = waiting.pop() {
                for &global in next.variables(&reaches) {
                    if !reached.insert(global) {
                        continue;
                    }
                    let value = self.globals.get(global as usize).copied().unwrap_or(Value::HOLE);
                    if let Some(class) = self.class_image(global, value) {
                        waiting.push(Reached::Class(class));
                        continue;
                    }
                    if value == Value::HOLE {
                        continue;
                    }
                    globals.push(global);
                    packer.add(value)?;
                    functions.append(&mut packer.take_functions());
                }
            }
        }
        Ok(Birth { parcel: packer.finish(), arguments: arguments.len(), globals })
    }

    /// The serial number of the process.
    pub fn pid(&self) -> u64 {
        self.heap.pid
    }

    /// Gives the process its serial number.
    pub fn set_pid(&mut self, pid: u64) {
        self.heap.pid = pid;
    }

    /// What the process has sent since this was last asked, in order.
    pub fn take_sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.heap.sent)
    }

    /// Puts a message into the mailbox. False when the process cannot hold it: it is to be ended with the limit `:heap`.
    pub fn receive(&mut self, message: Parcel) -> bool {
        self.heap.mailbox.push(message);
        self.share_limit();
        self.heap.mailbox.bytes() <= self.limits.max_heap
    }

    /// Messages that wait.
    pub fn mailbox_len(&self) -> usize {
        self.heap.mailbox.len()
    }

    /// Tells the process that the time of a `receive` is up, for which it waits.
    pub fn expire(&mut self, receive: u64) {
        self.heap.mailbox.expire(receive);
    }

    /// Octets that the process holds.
    pub fn memory(&self) -> usize {
        self.heap.bytes() + self.stack_bytes() + self.heap.mailbox.bytes()
    }

    /// The value of a parcel as `repr` prints it.
    pub fn repr_of_parcel(&self, parcel: &Parcel) -> String {
        let mut heap = Heap::new(Arc::clone(&self.node), parcel.bytes() * 2 + 4_096);
        let value = heap.unpack(parcel).ok().and_then(|values| values.first().copied());
        value.and_then(|value| format::repr(&heap, value).ok()).unwrap_or_else(|| "a large value".to_owned())
    }

    /// What an uncaught throw ended the process with: the value and, of an error, its stack; after
    /// [`Outcome::Failed`](super::Outcome::Failed).
    pub fn thrown(&mut self) -> Option<(Parcel, Parcel)> {
        let value = self.result;
        let stack =
            error::view(&self.heap, value).and_then(|at| error::stack(&mut self.heap, at).ok()).unwrap_or(Value::NULL);
        let packed = |value| pack(&self.heap, value).ok();
        Some((packed(value)?, packed(stack)?))
    }
}
