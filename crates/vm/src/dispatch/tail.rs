//! The tail-threaded dispatcher: one small handler per instruction, each of which jumps to the next.
//!
//! On the stable toolchain a call in tail position compiles to a jump at every optimisation level from 1, if both
//! functions have the same signature, all arguments travel in machine registers, and no local lives across it. Nothing
//! guarantees that, so a test disassembles the release build: no handler may contain an indirect call, and direct
//! calls only to a short list of functions.

use super::{slow, with_bodies};
use crate::machine::{Flow, Op};
use crate::process::{Exit, Process};
use crate::register::*;
use crate::regs::Regs;
use crate::value::Value;
use iridium_isa::register::{RegisterOp, Word};
use std::sync::atomic::AtomicU64;

/// A handler: next word, first register, process, present word, reductions, constants.
///
/// The `-unwind` calling conventions let a panic pass to the slice's boundary. On x86-64 the System V convention is
/// named, since it has six argument registers on every host.
#[cfg(target_arch = "x86_64")]
type Handler = unsafe extern "sysv64-unwind" fn(*const u32, *mut Value, *mut Process, u32, i64, *const AtomicU64);
#[cfg(not(target_arch = "x86_64"))]
type Handler = unsafe extern "C-unwind" fn(*const u32, *mut Value, *mut Process, u32, i64, *const AtomicU64);

/// Gives functions the signature of handlers, on this host.
macro_rules! handlers {
    ($($(#[$attr:meta])* $vis:vis unsafe fn $name:ident$(<$O:ident: Op>)?($pc:ident, $base:ident, $process:ident, $word:ident, $reductions:ident, $pool:ident) $body:block)*) => {
        $(
            #[cfg(target_arch = "x86_64")]
            $(#[$attr])*
            $vis unsafe extern "sysv64-unwind" fn $name$(<$O: Op>)?($pc: *const u32, $base: *mut Value, $process: *mut Process, $word: u32, $reductions: i64, $pool: *const AtomicU64) $body
            #[cfg(not(target_arch = "x86_64"))]
            $(#[$attr])*
            $vis unsafe extern "C-unwind" fn $name$(<$O: Op>)?($pc: *const u32, $base: *mut Value, $process: *mut Process, $word: u32, $reductions: i64, $pool: *const AtomicU64) $body
        )*
    };
}

/// Jumps to the handler of the word at the machine's pc.
macro_rules! dispatch {
    ($regs:ident) => {{
        // SAFETY: the pc stands at an instruction of verified code, and every opcode of the table has its handler.
        unsafe {
            let word = *$regs.pc;
            let next = *TABLE.get_unchecked((word >> 24) as usize);
            return next($regs.pc.add(1), $regs.base, $regs.process, word, $regs.reductions, $regs.pool);
        }
    }};
}

handlers! {
    /// What every handler does, inlined into each.
    #[inline(always)]
    unsafe fn handle<O: Op>(pc, base, process, word, reductions, pool) {
        let mut regs = Regs { pc, base, process, reductions, pool };
        match O::fast(&mut regs, Word(word)) {
            Flow::Next => dispatch!(regs),
            // SAFETY: nothing was done: the same state goes to a function of the same signature.
            Flow::Rare => unsafe { rare_handler::<O>(pc, base, process, word, reductions, pool) },
            // SAFETY: as above.
            Flow::Slow => unsafe { slow_handler::<O>(pc, base, process, word, reductions, pool) },
            // SAFETY: the pointers are those of the frame that runs now.
            Flow::Yield => unsafe { yielded(regs.pc, regs.base, regs.process, word, regs.reductions, regs.pool) },
        }
    }

    #[inline(never)]
    unsafe fn rare_handler<O: Op>(pc, base, process, word, reductions, pool) {
        let mut regs = Regs { pc, base, process, reductions, pool };
        match O::rare(&mut regs, Word(word)) {
            Flow::Next => dispatch!(regs),
            // SAFETY: nothing was done: the same state goes to a function of the same signature.
            Flow::Rare | Flow::Slow => unsafe { slow_handler::<O>(pc, base, process, word, reductions, pool) },
            // SAFETY: the pointers are those of the frame that runs now.
            Flow::Yield => unsafe { yielded(regs.pc, regs.base, regs.process, word, regs.reductions, regs.pool) },
        }
    }

    #[cold]
    #[inline(never)]
    unsafe fn slow_handler<O: Op>(pc, base, process, word, reductions, pool) {
        let regs = Regs { pc, base, process, reductions, pool };
        // SAFETY: the pointers are those of the running frame, `pc` one word behind the instruction.
        let go_on = unsafe {
            regs.save(pc.sub(1));
            continue_after::<O>(&mut *process, word)
        };
        if go_on {
            // SAFETY: the slow path left the process at an instruction of a function whose frame is on the stack.
            let regs = unsafe { Regs::load(process) };
            dispatch!(regs)
        }
    }

    #[cold]
    #[inline(never)]
    unsafe fn yielded(pc, base, process, _word, reductions, pool) {
        // SAFETY: the state is that of the running frame.
        unsafe {
            Regs { pc, base, process, reductions, pool }.save(pc);
            (*process).exit = Some(Exit::Yielded);
        }
    }
}

/// Runs a slow path; says whether the process goes on, and if not, notes why.
#[inline(never)]
fn continue_after<O: Op>(process: &mut Process, word: u32) -> bool {
    match slow::<O>(process, Word(word)) {
        None => true,
        exit => {
            process.exit = exit;
            false
        }
    }
}

macro_rules! define_handlers {
    ($($module:ident: $($Name:ident)*;)*) => {
        /// The handlers, each named as its opcode: the names that the disassembly check looks for.
        #[allow(non_snake_case)]
        mod handlers {
            use super::*;

            handlers! {
                $($(pub(super) unsafe fn $Name(pc, base, process, word, reductions, pool) {
                    // SAFETY: the state is the caller's.
                    unsafe { handle::<$module::$Name>(pc, base, process, word, reductions, pool) }
                })*)*
            }
        }

        /// Handlers by opcode.
        static TABLE: [Handler; 256] = {
            // Verified code holds no opcode that is not in the table; the rest is filled so that the array is whole.
            let mut table: [Handler; 256] = [handlers::Ext; 256];
            $($(table[RegisterOp::$Name as usize] = handlers::$Name;)*)*
            table
        };
    };
}

with_bodies!(define_handlers);

/// Runs the process until it exits.
pub(crate) fn run(process: &mut Process) -> Exit {
    process.exit = None;
    start(process);
    process.exit.take().expect("the handlers return only after they noted why")
}

/// Jumps to the first handler.
fn start(process: &mut Process) {
    // SAFETY: the process stands at an instruction of a verified function whose frame is on its stack, and is ours.
    let regs = unsafe { Regs::load(process) };
    dispatch!(regs)
}
