//! Verify and lower: the one pass from portable code to register code.
//!
//! It walks each function once, in order, with an abstract operand stack. What it proves on the way (every jump,
//! index, depth and operand kind) is what lets it give every stack slot its register: local *i* lives in register
//! *i*, the operand at depth *d* in register *locals + d*. Reads of locals and constants are forwarded to their use
//! instead of moved; comparisons fuse with the jump behind them, small constants with arithmetic.
//!
//! Only this pass makes a [`VerifiedModule`], and engines accept nothing else.

mod lower;
mod registers;
mod state;

use crate::module::{ClassTemplate, Constant, Function, Global, Module, Pooled, PositionTable, RegisterHandler};
use iridium_isa::MAX_FRAME;
use std::fmt;

/// A module that was verified, with its register code.
#[derive(Clone, Debug)]
pub struct VerifiedModule {
    module: Module,
    lowered: Vec<Lowered>,
}

impl VerifiedModule {
    /// Verifies and lowers a module.
    ///
    /// # Errors
    /// The first rule that the module breaks, with function and offset.
    pub fn new(module: Module) -> Result<VerifiedModule, Rejection> {
        check_module(&module)?;
        let mut lowered = Vec::with_capacity(module.functions.len());
        for index in 0..module.functions.len() {
            lowered.push(match &module.functions[index].registers {
                None => lower::lower(&module, index)?,
                Some(code) => registers::verify(&module, index, code)?,
            });
        }
        Ok(VerifiedModule { module, lowered })
    }

    /// The module as it was before it was verified.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Path of the source.
    pub fn source(&self) -> &str {
        &self.module.source
    }

    /// The constant pool.
    pub fn constants(&self) -> &[Constant] {
        &self.module.constants
    }

    /// What the classes are made from.
    pub fn classes(&self) -> &[ClassTemplate] {
        &self.module.classes
    }

    /// The globals.
    pub fn globals(&self) -> &[Global] {
        &self.module.globals
    }

    /// The functions, as portable code. Function 0 runs the top level.
    pub fn functions(&self) -> &[Function] {
        &self.module.functions
    }

    /// For each word of a function's register code, the offset of the portable instruction that it came from; nothing
    /// for a function that has no portable code.
    pub fn origins(&self, function: usize) -> Vec<u32> {
        match &self.module.functions[function].registers {
            None => lower::origins(&self.module, function),
            Some(_) => Vec::new(),
        }
    }

    /// The register code of a function.
    pub fn lowered(&self, function: usize) -> &Lowered {
        &self.lowered[function]
    }
}

/// Register code of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lowered {
    /// The words.
    pub code: Vec<u32>,
    /// What the `K` operands index.
    pub pool: Vec<Pooled>,
    /// Where the words stand in the source.
    pub positions: PositionTable,
    /// Where throws are caught, inner regions before those around them.
    pub handlers: Vec<RegisterHandler>,
    /// Words of the inline caches that the code names.
    pub caches: u32,
    /// Registers of a frame: locals, then operands. At most [`MAX_FRAME`]. The stack engine uses the same layout.
    pub frame: u8,
}

/// Why a module was rejected, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The rule.
    pub rule: Rule,
    /// Index of the function, or of nothing when the rule is about the module.
    pub function: Option<u32>,
    /// Offset of the instruction in the function's code.
    pub offset: u32,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.rule.explain())?;
        match self.function {
            Some(function) => write!(f, " (function {function}, offset {})", self.offset),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Rejection {}

macro_rules! rules {
    ($($Name:ident $why:literal)*) => {
        /// The rules that a module must keep.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $(#[doc = $why] $Name,)*
        }

        impl Rule {
            /// All rules.
            pub const ALL: &[Rule] = &[$(Rule::$Name),*];

            /// What the rule says, in a sentence.
            pub const fn explain(self) -> &'static str {
                match self {
                    $(Rule::$Name => $why,)*
                }
            }
        }
    };
}

rules! {
    NoMain "a module has a function 0 that takes no arguments and captures nothing"
    TooManyConstants "a module has at most 2^24 constants, and a function no more together with its inline caches"
    TooManyFunctions "a module has at most 2^24 functions"
    TooManyGlobals "a module has at most 2^24 globals"
    BadParameters "a function's locals include its parameters"
    BadCaptureNames "a function names as many captures as it has"
    FrameTooLarge "locals and operands of a function fit into 250 registers"
    CodeTooLong "code is shorter than 2^31 bytes"
    UnknownOpcode "every opcode is in the table"
    Truncated "no instruction is cut off by the end of the code"
    BadOperand "an operand has at most 32 bits and is written in its shortest form"
    CountTooLarge "a count is at most the number of operands that a frame can hold"
    NoSuchConstant "a constant's index is within the pool"
    NoSuchGlobal "a global's index is within the module's globals"
    NoSuchFunction "a function's index is within the module's functions"
    NoSuchLocal "a local's number is within the function's locals"
    NoSuchCapture "a capture's index is within the function's captures"
    NotAnAtom "a property's name is an atom"
    NotAName "the name of a local that is not ready is a string"
    JumpOutside "a jump stays within the function's code"
    JumpIntoInstruction "a jump lands on the start of an instruction"
    JumpTooFar "a jump is at most 2^23 words of register code long"
    KeepBackward "a jump that keeps its value goes forward"
    DepthDiffers "all ways to an instruction have the same operand depth"
    KindDiffers "all ways to an instruction have the same kinds of operands, and a loop does not change the kind of a local"
    Unreachable "every instruction can be reached from the start, in order"
    FallsOff "the code does not end without an instruction that ends it"
    StackUnderflow "no instruction pops more than there is"
    NotAValue "an operand that must be a value is no cell and no iterator"
    NotAnIterator "`next` and `next-pair` need an iterator on top"
    IteratorMisplaced "an iterator is only iterated or popped"
    UnsetLocal "a local is written before it is read"
    LocalIsNoCell "cell instructions need a local that holds a cell"
    LocalIsCell "a local that holds a cell is only used by cell instructions"
    CaptureKind "a captured cell is used as a cell and a captured value as a value"
    CapturesDiffer "`closure` gives a function as many captures as it has, each of its kind"
    NeedsCaptures "`push-func` names a function that captures nothing"
    NoSuchClass "a class template's index is within the module's, and `class` gives it as many methods as it names"
    NoSuchType "a built-in type's number is in the table of types"
    NotAReceiver "a method is called with what `method` pushed, and with nothing else"
    BadHandler "a handler's region starts and ends at instructions, in order, is entered at its start only and leaves alone the operands that are there then, and its target comes after it"
    BadModuleConstant "the members of a module constant are globals of the module"
    TwoForms "a function has portable code or register code, not both"
    BadDebugTable "positions and names of locals hold from instruction to instruction"
    NoSuchRegister "an instruction's registers, its windows included, are within the frame"
    UnsetRegister "a register is written before it is read, also after a call, which may change all registers from its window on"
    WrongKind "a register holds a value, a cell or an iterator as the instruction says"
    LooseExtension "an `ext` word belongs to the instruction before it"
    MissingExtension "an instruction is followed by the `ext` words that it has"
    TestWithoutJump "a test is followed by the `jmp` word that it executes"
    LoopEndDiffers "behind a fused loop end stand the step, test and jump that do the same"
    UnusedBits "bits of a word that have no meaning are 0"
    BadCache "the inline caches of a function are numbered from 0, one for each instruction that has one"
    TooManyLabels "what is known of locals, operands or registers at all labels of a function is at most 2^26"
    TooTangled "what registers hold is known after 64 passes over a function"
    NotOptional "`arg-missing` asks for an optional parameter that was not written, and a `jump-if-not` follows"
}

/// What may be known at the labels of a function at the same time: locals, operands, registers.
const MAX_KNOWN: usize = 1 << 26;

fn check_module(module: &Module) -> Result<(), Rejection> {
    let reject = |rule| Err(Rejection { rule, function: None, offset: 0 });
    match module.functions.first() {
        Some(main) if main.parameters() == 0 && main.captures.is_empty() => {}
        _ => return reject(Rule::NoMain),
    }
    if module.constants.len() > 1 << 24 {
        return reject(Rule::TooManyConstants);
    }
    if module.functions.len() > 1 << 24 {
        return reject(Rule::TooManyFunctions);
    }
    if module.globals.len() > 1 << 24 {
        return reject(Rule::TooManyGlobals);
    }
    for constant in &module.constants {
        if let Constant::Module { members, .. } = constant
            && members.iter().any(|(_, global)| *global as usize >= module.globals.len())
        {
            return reject(Rule::BadModuleConstant);
        }
    }
    for (index, function) in module.functions.iter().enumerate() {
        let reject = |rule| Err(Rejection { rule, function: Some(index as u32), offset: 0 });
        if function.parameters() > usize::from(function.locals) {
            return reject(Rule::BadParameters);
        }
        if usize::from(function.locals) > MAX_FRAME {
            return reject(Rule::FrameTooLarge);
        }
        if function.capture_names.len() != function.captures.len() || function.captures.len() > 1 << 16 {
            return reject(Rule::BadCaptureNames);
        }
        if function.registers.is_some() && !(function.code.is_empty() && function.handlers.is_empty()) {
            return reject(Rule::TwoForms);
        }
        for handler in &function.handlers {
            let length = function.code.len() as u64;
            if handler.start >= handler.end || u64::from(handler.target) >= length || handler.target < handler.end {
                return reject(Rule::BadHandler);
            }
        }
        if function.code.len() >= 1 << 31 {
            return reject(Rule::CodeTooLong);
        }
    }
    Ok(())
}

/// Checks that the debug tables name places of the code: `is_place` says where an instruction starts.
fn check_debug(function: &Function, is_place: impl Fn(u32) -> bool, length: usize, locals: usize) -> Result<(), u32> {
    if let Some((offset, _)) = function.positions.entries().iter().find(|(offset, _)| !is_place(*offset)) {
        return Err(*offset);
    }
    let is_right =
        |start: u32, end: u32| start <= end && [start, end].into_iter().all(|at| is_place(at) || at as usize == length);
    let wrong =
        function.local_names.iter().find(|name| !is_right(name.start, name.end) || usize::from(name.local) >= locals);
    wrong.map_or(Ok(()), |name| Err(name.start))
}

/// Checks that each two regions are apart, or the one that comes first in the table is inside the other. Else gives the
/// start of one that is not.
fn check_nesting(regions: impl Iterator<Item = (u32, u32)>) -> Result<(), u32> {
    let mut sorted: Vec<(u32, u32, usize)> =
        regions.enumerate().map(|(index, (start, end))| (start, end, index)).collect();
    sorted.sort_by_key(|&(start, end, index)| (start, std::cmp::Reverse(end), std::cmp::Reverse(index)));
    let mut open: Vec<(u32, usize)> = Vec::new();
    for (start, end, index) in sorted {
        while open.last().is_some_and(|&(outer_end, _)| outer_end <= start) {
            open.pop();
        }
        if open.last().is_some_and(|&(outer_end, outer)| end > outer_end || index > outer) {
            return Err(start);
        }
        open.push((end, index));
    }
    Ok(())
}
