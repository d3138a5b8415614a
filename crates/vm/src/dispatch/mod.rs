//! Running register code: which handler runs next.
//!
//! * [`tail`] — one small function per instruction, each of which jumps to the next.
//! * [`checked`] — a loop over the same bodies, without unsafe code.

pub(crate) mod checked;
#[cfg(not(feature = "safe-dispatch"))]
pub(crate) mod tail;

use crate::machine::{Op, Step};
use crate::process::{Exit, Place, Process};
use crate::trap::{Trap, TrapKind};
use iridium_isa::register::{Flag, Operand, RegisterOp, Word};

/// Calls `$then!` with each opcode's name and the type of its body.
macro_rules! with_bodies {
    ($then:ident) => {
        $then! {
            moves: Load LoadK LoadKWide LoadNull LoadBool Hlt Jmp Ext Move Callee GetG SetG InitG Cell CellEmpty GetCell
                SetCell InitCell GetCap GetCapC SetCapC CapCell Closure Missing;
            arithmetic: Add Sub Mul Div IntDiv Mod Pow BitAnd BitOr BitXor Shl Shr Neg BitNot AddI SubI MulI IntDivI ModI
                AddK SubK MulK DivK IntDivK ModK;
            compare: Not Eq Ne Lt Le Gt Ge JEq JLt JLe JGt JGe JEqI JLtI JLeI JGtI JGeI JIf;
            calls: Call TailCall CallList TailCallList Ret Throw Unready;
            collections: List Tuple Map Append Extend ToTuple MapPut SetIndex GetIndex GetIndexOr  Unpack
                UnpackTuple Iterate Next NextPair UnpackIterator Len Get GetOr Push Put SetIndexK;
            classes: GetProp SetProp Method Class ClassList ClassConst Instance CallMethod TailCallMethod CallMethodList
                TailCallMethodList SuperGet Parent;
            patterns: IsType IsA HasLength HasAtLeast Length Element Rest HasKey NoMatch;
            loops: LoopLt LoopLe LoopGt LoopGe LoopLtR LoopLeR;
        }
    };
}
pub(crate) use with_bodies;

/// Deals with a trap: makes the call that an operation needs, takes over its long work, or does what the process does with
/// any other.
#[cold]
fn operation<O: Op>(process: &mut Process, word: Word, trap: Trap) -> Option<Exit> {
    if !matches!(trap.kind(), TrapKind::Call(_) | TrapKind::Long(_)) {
        return process.trapped(trap, O::CALLS);
    }
    let row = RegisterOp::from_byte(word.opcode())?.row();
    let place = match row.operands.first() {
        Some(Operand::Dst | Operand::DstIter | Operand::DstPair) => Place::Register(word.a()),
        _ if row.has(Flag::TESTS) => Place::Test(word.c() != 0),
        _ => Place::Window,
    };
    // Behind the frame, where no register of it is.
    let window = process.base + usize::from(process.entries[process.function as usize].frame);
    let next = process.pc + O::WORDS;
    let call = match trap.into_kind() {
        TrapKind::Call(call) => call,
        long => {
            let begun = process.begin_operation(window, Trap::from(long), next, place, O::CALLS);
            return process.trapped(begun, O::CALLS);
        }
    };
    match process.call_operation(window, call, next, place) {
        Ok(_) => {
            process.reductions -= 1;
            None
        }
        Err(trap) => process.trapped(trap, true),
    }
}

/// Runs the slow path of the instruction that the process stands at, and what follows from it.
/// `None` means: go on at the process's pc.
#[inline(always)]
fn slow<O: Op>(process: &mut Process, word: Word) -> Option<Exit> {
    let mut exit = None;
    match O::slow(process, word) {
        Ok(step) => {
            match step {
                Step::Next => process.pc += O::WORDS,
                Step::Moved => {}
                Step::Halt => return Some(Exit::Done),
                Step::Test(holds) => {
                    let distance = process.word_after(O::WORDS).offset();
                    process.pc += O::WORDS + 1;
                    if holds {
                        process.pc = process.pc.wrapping_add_signed(distance);
                        process.reductions -= i64::from(distance < 0);
                    }
                }
            }
            process.reductions -= i64::from(O::CALLS) + process.heap.take_spent();
        }
        Err(trap) => {
            let (again, long) = (trap.is_no_memory(), trap.is_long() || trap.is_begun());
            exit = operation::<O>(process, word, trap);
            if again {
                return exit;
            }
            if !long {
                process.reductions -= process.heap.take_spent();
            }
        }
    }
    if let Some(trap) = process.thrown_by_answer.take() {
        exit = process.trapped(trap, false);
    } else if exit.is_none() && process.reductions <= 0 {
        exit = Some(Exit::Yielded);
    }
    if process.heap.wants_collection() {
        let collecting = process.collecting();
        exit = exit.or(collecting);
    }
    exit
}
