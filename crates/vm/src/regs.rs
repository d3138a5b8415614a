//! Registers without checks: the frame of a running function as raw pointers.
//!
//! The tail-threaded dispatcher keeps the instruction pointer, the frame's first register, the reductions and the
//! constants in machine registers. [`Regs`] is their safe-looking face for the bodies of instructions; its proofs
//! rest on what verification and [`Process`] guarantee:
//!
//! * *Code*: `pc` points into the register code of the running function, which the process's `entries` keep alive;
//!   every jump lands on an instruction, the code ends in an instruction that does not go on, and a test is followed
//!   by its `JMP` word. (Verified.)
//! * *Registers*: a frame has `Entry::frame` registers, every operand of its code is below that, and one slot below
//!   the base holds the callee. `stack` holds at least `base + frame` values whenever the function runs: checked at
//!   each entry.
//! * *Constants*: every `K` operand is below the number of the function's constants (verified), and every cache's place
//!   is below the length of the pool, which holds the caches behind the constants: linking adds the one to the other.
//! * *The stack's end*: `stack_end` is the address behind the stack, since [`Regs::load`] noted it; what moves or resizes
//!   the stack is a slow path, after which registers are loaded again.
//! * Nothing else touches the process while [`Regs`] exist; they are not used across a call that may move the stack.

use crate::code::Entry;
use crate::machine::{Flow, Machine};
use crate::process::{Frame, Process};
use crate::value::Value;
use iridium_isa::register::Word;
use std::sync::atomic::{AtomicU64, Ordering};

/// The state of the running frame in machine registers.
pub(crate) struct Regs {
    /// The next word.
    pub(crate) pc: *const u32,
    /// Register `$0`.
    pub(crate) base: *mut Value,
    /// The process; exclusively ours while this exists.
    pub(crate) process: *mut Process,
    /// Reductions left.
    pub(crate) reductions: i64,
    /// The function's constants and caches.
    pub(crate) pool: *const AtomicU64,
}

impl Regs {
    /// The state that a process was left in.
    ///
    /// # Safety
    /// The process must stand at an instruction of a verified function whose frame is on its stack.
    #[inline(always)]
    pub(crate) unsafe fn load(process: *mut Process) -> Regs {
        // SAFETY: the caller gives us the process alone, and it stands at an instruction of `function`.
        unsafe {
            let p = &mut *process;
            let entry = p.entries.as_ptr().add(p.function as usize);
            p.stack_end = p.stack.as_ptr().add(p.stack.len()).addr();
            Regs {
                pc: (*entry).code.as_ptr().add(p.pc as usize),
                base: p.stack.as_mut_ptr().add(p.base),
                process,
                reductions: p.reductions,
                pool: (*entry).pool.as_ptr(),
            }
        }
    }

    /// Writes the state back. `pc` is the word to stand at.
    ///
    /// # Safety
    /// As for [`load`](Self::load), with the pointers that come from there.
    #[inline(always)]
    pub(crate) unsafe fn save(&self, pc: *const u32) {
        // SAFETY: `base` points into the stack, `pc` into the code of the running function.
        unsafe {
            let p = &mut *self.process;
            p.base = self.base.offset_from_unsigned(p.stack.as_ptr());
            p.pc = pc.offset_from_unsigned(self.entry(p.function).code.as_ptr()) as u32;
            p.reductions = self.reductions;
        }
    }

    #[inline(always)]
    fn entry(&self, function: u32) -> &Entry {
        // SAFETY: function values are only made by linking, with indices of the node's table; `entries` is that table
        // as of the start of the slice, and a slice links nothing.
        unsafe {
            let entries: &[Entry] = &(*self.process).entries;
            entries.get_unchecked(function as usize)
        }
    }

    #[inline(always)]
    fn go(&mut self, function: u32, pc: u32) {
        let entry = self.entry(function);
        let (code, pool) = (entry.code.as_ptr(), entry.pool.as_ptr());
        // SAFETY: `pc` is an instruction of that function: its start, or a return address that a call noted.
        unsafe {
            (*self.process).function = function;
            self.pc = code.add(pc as usize);
        }
        self.pool = pool;
    }
}

impl Machine for Regs {
    #[inline(always)]
    fn reg(&self, register: u8) -> Value {
        // SAFETY: the operand is below the frame's size (verified), and the frame is on the stack.
        unsafe { *self.base.add(usize::from(register)) }
    }

    #[inline(always)]
    fn set(&mut self, register: u8, value: Value) {
        // SAFETY: as for `reg`.
        unsafe { *self.base.add(usize::from(register)) = value }
    }

    #[inline(always)]
    fn constant(&self, index: usize) -> Value {
        // SAFETY: the index is below the pool's length (verified).
        Value::from_bits(unsafe { (*self.pool.add(index)).load(Ordering::Relaxed) })
    }

    #[inline(always)]
    fn cache(&self, index: u32) -> u64 {
        // SAFETY: the place is below the pool's length: linking saw to that.
        unsafe { (*self.pool.add(index as usize)).load(Ordering::Relaxed) }
    }

    #[inline(always)]
    fn callee(&self) -> Value {
        // SAFETY: the slot below a frame's base holds its function: every entry writes it.
        unsafe { *self.base.sub(1) }
    }

    #[inline(always)]
    fn take_word(&mut self) -> Word {
        // SAFETY: only instructions whose row has a further word ask for it (verified).
        unsafe {
            let word = Word(*self.pc);
            self.pc = self.pc.add(1);
            word
        }
    }

    #[inline(always)]
    fn jump(&mut self, distance: i32) -> Flow {
        // SAFETY: jumps land on instructions of the function (verified).
        self.pc = unsafe { self.pc.offset(distance as isize) };
        if distance >= 0 {
            return Flow::Next;
        }
        self.charge()
    }

    #[inline(always)]
    fn charge(&mut self) -> Flow {
        // Nobody goes on at 0, so this is the same as a comparison, and one instruction less.
        self.reductions -= 1;
        if self.reductions != 0 { Flow::Next } else { Flow::Yield }
    }

    #[inline(always)]
    fn process(&self) -> &Process {
        // SAFETY: the process is ours alone; the borrow ends before anything changes it.
        unsafe { &*self.process }
    }

    #[inline(always)]
    fn process_mut(&mut self) -> &mut Process {
        // SAFETY: as for `process`.
        unsafe { &mut *self.process }
    }

    #[inline(always)]
    fn enter(&mut self, window: u8, function: u32, arguments: u8) -> bool {
        let entry: *const Entry = self.entry(function);
        // SAFETY: the entry is in the table, which stays as it is for the slice; the window is within the caller's
        // frame (verified); what is compared stays within the stack.
        unsafe {
            let p = &mut *self.process;
            let used = p.frames.len();
            if (*entry).arity != u16::from(arguments) || used == p.frames.capacity() {
                return false;
            }
            let base = self.base.add(usize::from(window) + 1);
            if base.wrapping_add(usize::from((*entry).frame)).addr() > p.stack_end {
                return false;
            }
            let caller = p.function;
            let pc = self.pc.offset_from_unsigned(self.entry(caller).code.as_ptr()) as u32;
            p.frames.as_mut_ptr().add(used).write(Frame::new(caller, pc, u32::from(window) + 1));
            p.frames.set_len(used + 1);
            p.function = function;
            self.base = base;
            self.pc = (*entry).code.as_ptr();
            self.pool = (*entry).pool.as_ptr();
        }
        true
    }

    #[inline(always)]
    fn enter_tail(&mut self, window: u8, function: u32, arguments: u8) -> bool {
        let entry = self.entry(function);
        let (arity, frame) = (entry.arity, usize::from(entry.frame));
        // SAFETY: the window and its arguments are within the frame (verified), the slot below the base is ours.
        unsafe {
            let p = &mut *self.process;
            if arity != u16::from(arguments) || self.base.wrapping_add(frame).addr() > p.stack_end {
                return false;
            }
            let from = self.base.add(usize::from(window));
            for index in 0..=usize::from(arguments) {
                *self.base.sub(1).add(index) = *from.add(index);
            }
            let used = p.frames.len();
            if used > 0 {
                (*p.frames.as_mut_ptr().add(used - 1)).set_tail_called();
            }
        }
        self.go(function, 0);
        true
    }

    #[inline(always)]
    fn leave(&mut self, value: Value) -> bool {
        // SAFETY: a running function has a frame: the outermost one returns to the end stub, which only halts.
        let frame = unsafe {
            let p = &mut *self.process;
            let used = p.frames.len() - 1;
            let frame = *p.frames.as_ptr().add(used);
            if !frame.is_plain() {
                return false;
            }
            p.frames.set_len(used);
            frame
        };
        // SAFETY: the slot below the base is the caller's window, `delta` above the caller's base.
        unsafe {
            *self.base.sub(1) = value;
            self.base = self.base.sub(frame.delta as usize);
        }
        self.go(frame.function, frame.pc);
        true
    }
}
