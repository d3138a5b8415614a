//! Running register code: which handler runs next.
//!
//! * [`tail`] — one small function per instruction, each of which jumps to the next.
//! * [`checked`] — a loop over the same bodies, without unsafe code.

pub(crate) mod checked;
#[cfg(not(feature = "safe-dispatch"))]
pub(crate) mod tail;

use crate::machine::{Op, Step};
use crate::process::{Exit, Process};
use crate::trap::TrapKind;
use iridium_isa::register::Word;

/// Calls `$then!` with each opcode's name and the type of its body.
macro_rules! with_bodies {
    ($then:ident) => {
        $then! {
            moves: Load LoadK LoadKWide LoadNull LoadBool Hlt Jmp Ext Move Callee GetG SetG InitG Cell CellEmpty GetCell
                SetCell InitCell GetCap GetCapC SetCapC CapCell Closure Missing;
            arithmetic: Add Sub Mul Div IntDiv Mod Pow BitAnd BitOr BitXor Shl Shr Neg BitNot AddI SubI MulI IntDivI ModI
                AddK SubK MulK DivK;
            compare: Not Eq Ne Lt Le Gt Ge JEq JLt JLe JGt JGe JEqI JLtI JLeI JGtI JGeI JIf;
            calls: Call TailCall CallList TailCallList Ret Throw Unready;
            collections: List Tuple Map Append Extend ToTuple MapPut SetIndex GetIndex GetIndexOr GetProp SetProp Unpack
                UnpackTuple Iterate Next NextPair Len Get GetOr Push Put SetIndexK;
            loops: LoopLt LoopLe LoopGt LoopGe LoopLtR LoopLeR;
        }
    };
}
pub(crate) use with_bodies;

/// Runs the slow path of the instruction that the process stands at, and what follows from it.
/// `None` means: go on at the process's pc.
fn slow<O: Op>(process: &mut Process, word: Word) -> Option<Exit> {
    let mut exit = None;
    match O::slow(process, word) {
        Ok(step) => {
            let mut paid = true;
            match step {
                Step::Next => process.pc += O::WORDS,
                Step::Moved => {}
                Step::Halt => return Some(Exit::Done),
                Step::Test(holds) => {
                    let distance = process.word_after(O::WORDS).offset();
                    process.pc += O::WORDS + 1;
                    if holds {
                        process.pc = process.pc.wrapping_add_signed(distance);
                        if distance < 0 {
                            paid = process.charge();
                        }
                    }
                }
            }
            if O::CALLS {
                paid = process.charge();
            }
            if !paid {
                exit = Some(Exit::Yielded);
            }
        }
        Err(trap) => {
            let again = matches!(trap.kind(), TrapKind::NoMemory);
            exit = process.trapped(trap, O::CALLS);
            if again {
                return exit;
            }
        }
    }
    if process.heap.wants_collection() {
        process.collect();
    }
    exit
}
