//! The process's stack: how much it may take, and what handlers of an overflow have in reserve.

use super::Process;
use super::frame::Frame;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;
use iridium_isa::FRAME_REGISTERS;

/// Bytes of the stack that only handlers of its overflow get; a quarter of it if that is less.
pub const HANDLER_STACK: usize = 64 << 10;

/// Values that the stack is made larger by at least, if there is room.
const STEP: usize = 4;

/// Frames that the stack is made larger by at least, if there is room.
const FRAME_STEP: usize = 2;

/// Bytes that a stack has at least to become twice as large at once.
const SMALL: usize = 512;

/// A process that waits gives back what its stack has beyond so many times what is in use.
const SHRINK_BELOW: usize = 4;

impl Process {
    /// Bytes that values and frames may take at most: half of the heap's limit.
    fn whole_stack(&self) -> usize {
        self.limits.max_heap / 2
    }

    /// Bytes that are kept back for handlers.
    fn handler_stack(&self) -> usize {
        HANDLER_STACK.min(self.whole_stack() / 4)
    }

    /// Bytes that values and frames may take now.
    fn stack_limit(&self) -> usize {
        if self.overflowed { self.whole_stack() } else { self.whole_stack() - self.handler_stack() }
    }

    pub(super) fn stack_bytes(&self) -> usize {
        self.stack.len() * size_of::<Value>() + self.frames.capacity() * size_of::<Frame>()
    }

    /// Makes the stack hold at least `needed` values.
    pub(crate) fn reserve_stack(&mut self, needed: usize) -> Result<(), Trap> {
        if needed <= self.stack.len() {
            return Ok(());
        }
        self.grow(needed, self.frames.len())
    }

    /// Makes room for one more frame; of the stack, `used` values are kept.
    pub(super) fn reserve_frame(&mut self, used: usize) -> Result<(), Trap> {
        if self.frames.len() < self.frames.capacity() {
            return Ok(());
        }
        self.grow(used, self.frames.len() + 1)
    }

    /// Makes room for values and frames, and as much again for what comes, as far as the limit allows: there is an
    /// overflow only where both together have no room.
    #[cold]
    fn grow(&mut self, values: usize, frames: usize) -> Result<(), Trap> {
        let limit = self.stack_limit();
        let bytes = |values: usize, frames: usize| values * size_of::<Value>() + frames * size_of::<Frame>();
        let (mut values, mut frames) = (values, frames);
        if bytes(values, frames) > limit {
            return Err(self.stack_overflow());
        }
        if bytes(values + STEP, frames + FRAME_STEP) <= limit {
            (values, frames) = (values + STEP, frames + FRAME_STEP);
        }
        let needed = bytes(values, frames);
        let wanted = if needed < SMALL { needed } else { (needed * 2).min(limit) };
        let share = |count: usize| (count as u128 * wanted as u128 / needed as u128) as usize;
        (values, frames) = (share(values), share(frames));
        if bytes(values.max(self.stack.len()), frames.max(self.frames.capacity())) > limit {
            self.shrink(values, frames);
        }
        let more = (values.saturating_sub(self.stack.len()), frames.saturating_sub(self.frames.len()));
        let no_memory = self.heap.strikes()
            || self.stack.try_reserve_exact(more.0).is_err()
            || self.frames.try_reserve_exact(more.1).is_err();
        if no_memory {
            return Err(self.stack_overflow());
        }
        self.stack.resize(values.max(self.stack.len()), Value::NULL);
        self.share_limit();
        Ok(())
    }

    /// Values of the stack that are in use.
    pub(super) fn used_stack(&self) -> usize {
        let frame = usize::from(self.entries[self.function as usize].frame);
        (self.base + frame).max(self.top).min(self.stack.len())
    }

    /// Gives back what a process that begins to wait for a message does not use: the first time all of it, since that may
    /// be for long, and later what would be out of proportion.
    pub(super) fn shrink_to_wait(&mut self) {
        let is_first = self.heap.mailbox.receives() <= 1 && self.was_spawned;
        let (used, frames) = (self.used_stack(), self.frames.len());
        let is_large = |capacity: usize, used: usize| capacity > (used + STEP) * SHRINK_BELOW;
        let shrinks = is_large(self.stack.capacity(), used) || is_large(self.frames.capacity(), frames);
        if is_first || shrinks {
            self.stack.truncate(used);
            self.stack.shrink_to_fit();
            self.frames.shrink_to_fit();
            self.share_limit();
        }
        if is_first {
            self.heap.give_back_rest();
            self.globals.shrink_to_fit();
        }
    }

    /// Gives back what is beyond so many values and frames and not in use.
    fn shrink(&mut self, values: usize, frames: usize) {
        // The running frame, and that of a call that is being made.
        let used = self.base + 2 * (FRAME_REGISTERS + 1);
        self.stack.truncate(values.max(used));
        self.stack.shrink_to_fit();
        self.frames.shrink_to(frames);
    }

    /// What the stack and the mailbox take, the heap may not.
    pub(super) fn share_limit(&mut self) {
        let rest = self.limits.max_heap.saturating_sub(self.stack_bytes() + self.heap.mailbox.bytes());
        self.heap.set_limit(rest);
    }

    /// Takes back what handlers had in reserve, if the running function has as much again without it. That is looked at
    /// where an error is caught and where a slice begins: a second overflow before that has only what is left of it.
    pub(super) fn restore_reserve(&mut self) {
        // A collection has counted what is in use.
        if !self.overflowed || self.is_collecting() {
            return;
        }
        let ordinary = self.whole_stack() - self.handler_stack();
        let used = self.base + FRAME_REGISTERS;
        let bytes = used * size_of::<Value>() + self.frames.len() * size_of::<Frame>();
        if bytes + self.handler_stack() > ordinary {
            return;
        }
        self.overflowed = false;
        if self.stack_bytes() > ordinary {
            self.shrink(used, self.frames.len() + FRAME_STEP);
            self.share_limit();
        }
    }

    /// The error for a call that has no room; handlers of it have some more.
    #[cold]
    fn stack_overflow(&mut self) -> Trap {
        self.overflowed = true;
        let bytes = self.whole_stack();
        let size = if bytes < 1 << 20 { format!("{} KiB", bytes >> 10) } else { format!("{} MiB", bytes >> 20) };
        let message = format!(
            "the calls under way fill the process's stack ({size}, half of `--max-heap`): is a recursion missing its end?"
        );
        Trap::error(ErrorKind::StackOverflow, message)
    }
}
