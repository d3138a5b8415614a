//! The loop dispatcher: register code in a `loop` and a `match`, every access checked.
//!
//! For hosts and builds that want no unsafe code in dispatch, and the one that counts instructions.

use super::{slow, with_bodies};
use crate::code::Entry;
use crate::machine::{Flow, Machine, Op};
use crate::process::{Exit, Frame, Process};
use crate::register::*;
use crate::value::Value;
use iridium_isa::register::{RegisterOp, Word};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The running frame by indices.
struct Checked<'p> {
    process: &'p mut Process,
    entries: Arc<[Entry]>,
    pc: usize,
    base: usize,
    function: u32,
}

impl Checked<'_> {
    fn save(&mut self, pc: usize) {
        self.process.pc = pc as u32;
        self.process.base = self.base;
        self.process.function = self.function;
    }

    fn load(&mut self) {
        self.pc = self.process.pc as usize;
        self.base = self.process.base;
        self.function = self.process.function;
    }
}

impl Machine for Checked<'_> {
    #[inline(always)]
    fn reg(&self, register: u8) -> Value {
        self.process.stack[self.base + usize::from(register)]
    }

    #[inline(always)]
    fn set(&mut self, register: u8, value: Value) {
        self.process.stack[self.base + usize::from(register)] = value;
    }

    #[inline(always)]
    fn constant(&self, index: usize) -> Value {
        Value::from_bits(self.cache(index as u32))
    }

    #[inline(always)]
    fn cache(&self, index: u32) -> u64 {
        self.entries[self.function as usize].pool[index as usize].load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn callee(&self) -> Value {
        self.process.stack[self.base - 1]
    }

    #[inline(always)]
    fn take_word(&mut self) -> Word {
        let word = Word(self.entries[self.function as usize].code[self.pc]);
        self.pc += 1;
        word
    }

    #[inline(always)]
    fn jump(&mut self, distance: i32) -> Flow {
        self.pc = self.pc.wrapping_add_signed(distance as isize);
        if distance < 0 { self.charge() } else { Flow::Next }
    }

    #[inline(always)]
    fn charge(&mut self) -> Flow {
        if self.process.charge() { Flow::Next } else { Flow::Yield }
    }

    #[inline(always)]
    fn process(&self) -> &Process {
        self.process
    }

    #[inline(always)]
    fn process_mut(&mut self) -> &mut Process {
        self.process
    }

    #[inline(always)]
    fn enter(&mut self, window: u8, function: u32, arguments: u8) -> bool {
        let entry = &self.entries[function as usize];
        let base = self.base + usize::from(window) + 1;
        let frames = &mut self.process.frames;
        let room = base + usize::from(entry.frame) <= self.process.stack.len() && frames.len() < frames.capacity();
        if entry.arity != u16::from(arguments) || !room {
            return false;
        }
        frames.push(Frame::new(self.function, self.pc as u32, u32::from(window) + 1));
        self.base = base;
        self.function = function;
        self.pc = 0;
        true
    }

    #[inline(always)]
    fn enter_tail(&mut self, window: u8, function: u32, arguments: u8) -> bool {
        let entry = &self.entries[function as usize];
        let room = self.base + usize::from(entry.frame) <= self.process.stack.len();
        if entry.arity != u16::from(arguments) || !room {
            return false;
        }
        let from = self.base + usize::from(window);
        self.process.stack.copy_within(from..=from + usize::from(arguments), self.base - 1);
        if let Some(frame) = self.process.frames.last_mut() {
            frame.set_tail_called();
        }
        self.function = function;
        self.pc = 0;
        true
    }

    #[inline(always)]
    fn leave(&mut self, value: Value) -> bool {
        if !self.process.frames.last().is_some_and(|frame| frame.is_plain()) {
            return false;
        }
        self.save(self.pc);
        self.process.leave(value);
        self.load();
        true
    }
}

/// Runs the process until it exits.
pub(crate) fn run(process: &mut Process) -> Exit {
    let entries = Arc::clone(&process.entries);
    let mut machine = Checked { process, entries, pc: 0, base: 0, function: 0 };
    machine.load();
    loop {
        let at = machine.pc;
        let word = machine.take_word();
        machine.process.counts.instructions += 1;
        if let Some(exit) = execute(&mut machine, at, word) {
            return exit;
        }
    }
}

macro_rules! define_execute {
    ($($module:ident: $($Name:ident)*;)*) => {
        /// Runs the instruction `word`, which stands at `at`.
        fn execute(machine: &mut Checked, at: usize, word: Word) -> Option<Exit> {
            match RegisterOp::from_byte(word.opcode()) {
                $($(Some(RegisterOp::$Name) => step::<$module::$Name>(machine, at, word),)*)*
                None => unreachable!("verified code holds no unknown opcode"),
            }
        }
    };
}

with_bodies!(define_execute);

#[inline(always)]
fn step<O: Op>(machine: &mut Checked, at: usize, word: Word) -> Option<Exit> {
    if O::CALLS {
        machine.process.counts.calls += 1;
    }
    let flow = match O::fast(machine, word) {
        Flow::Rare => {
            machine.pc = at + 1;
            O::rare(machine, word)
        }
        flow => flow,
    };
    match flow {
        Flow::Next => None,
        Flow::Yield => {
            machine.save(machine.pc);
            Some(Exit::Yielded)
        }
        Flow::Rare | Flow::Slow => {
            machine.save(at);
            let exit = slow::<O>(machine.process, word);
            machine.load();
            exit
        }
    }
}
