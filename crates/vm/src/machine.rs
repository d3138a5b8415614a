//! What the body of a register instruction sees of its engine.
//!
//! The bodies in [`register`](crate::register) are written once, against [`Machine`]. Two engines run them:
//! tail-threaded handlers over raw registers ([`dispatch::tail`](crate::dispatch)) and a loop over checked ones
//! ([`dispatch::checked`](crate::dispatch)).

use crate::process::Process;
use crate::trap::Trap;
use crate::value::Value;
use iridium_isa::register::Word;

/// How a body's fast path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Done; the machine stands at the next instruction.
    Next,
    /// Nothing was done: take the path of the less common cases.
    Rare,
    /// Nothing was done: take the slow path.
    Slow,
    /// Done, and the reductions are used up.
    Yield,
}

/// How a body's slow path ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Done: on to the next instruction.
    Next,
    /// A test was decided: execute the jump behind it, or skip it.
    Test(bool),
    /// Done, and the process's function, base and pc say where to go on.
    Moved,
    /// The process has ended.
    Halt,
}

/// A register instruction: its fast path, inlined into each engine, and its slow path, shared by them.
pub(crate) trait Op {
    /// The row's properties: words of the instruction, `JMP` word not included.
    const WORDS: u32;
    /// Whether it is a call of the source.
    const CALLS: bool;

    /// The common cases, without leaving registers. Says [`Flow::Slow`] or [`Flow::Rare`] before any effect.
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow;

    /// The less common cases that need not leave registers either, but would burden the handler of the common ones:
    /// what it saves and restores, it does so for all.
    #[inline(always)]
    fn rare<M: Machine>(_machine: &mut M, _word: Word) -> Flow {
        Flow::Slow
    }

    /// All cases. The process's pc stands at the instruction.
    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap>;
}

/// Registers, constants and control of the running frame.
pub(crate) trait Machine {
    /// Reads a register.
    fn reg(&self, register: u8) -> Value;
    /// Writes a register.
    fn set(&mut self, register: u8, value: Value);
    /// A constant of the running function.
    fn constant(&self, index: usize) -> Value;
    /// A word of an inline cache of the running function: its place is behind the constants.
    fn cache(&self, index: u32) -> u64;
    /// The running function.
    fn callee(&self) -> Value;
    /// Takes the word behind the instruction: an `EXT` or the `JMP` of a test.
    fn take_word(&mut self) -> Word;
    /// Jumps by a distance from the next word; a backward jump costs a reduction.
    fn jump(&mut self, distance: i32) -> Flow;
    /// Pays a reduction.
    fn charge(&mut self) -> Flow;
    /// The process.
    fn process(&self) -> &Process;
    /// The process, to be changed; not its stack of values or frames.
    fn process_mut(&mut self) -> &mut Process;
    /// Enters a function whose frame is `window` above the present one, if its argument count is simply `arguments`
    /// and there is room. Says false, and does nothing, if not.
    fn enter(&mut self, window: u8, function: u32, arguments: u8) -> bool;
    /// Enters a function in place of the running one, its arguments moved down from above `window`. As `enter`.
    fn enter_tail(&mut self, window: u8, function: u32, arguments: u8) -> bool;
    /// Leaves the running function with a value. Says false, and does nothing, if more is to be done than to store it.
    fn leave(&mut self, value: Value) -> bool;

    /// Decides a test: jumps by the `JMP` word behind it, or skips that.
    #[inline(always)]
    fn test(&mut self, holds: bool) -> Flow {
        if holds {
            let jump = self.take_word();
            self.jump(jump.offset())
        } else {
            self.jump(1)
        }
    }
}
