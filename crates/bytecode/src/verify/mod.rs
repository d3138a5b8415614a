//! Verify and lower: the one pass from portable code to register code.
//!
//! It walks each function once, in order, with an abstract operand stack. What it proves on the way (every jump,
//! index, depth and operand kind) is what lets it give every stack slot its register: local *i* lives in register
//! *i*, the operand at depth *d* in register *locals + d*. Reads of locals and constants are forwarded to their use
//! instead of moved; comparisons fuse with the jump behind them, small constants with arithmetic.
//!
//! Only this pass makes a [`VerifiedModule`], and engines accept nothing else.

mod lower;
pub mod reference;
mod registers;
mod state;

use crate::module::{ClassTemplate, Constant, Function, Global, Module, Pooled, PositionTable, RegisterHandler};
use iridium_isa::register::{RegisterOp, Word};
use iridium_isa::stack::StackOp;
use iridium_isa::{MAX_FRAME, MAX_INT_BITS};
use std::fmt;
use std::sync::Arc;

/// Constants, functions, or globals of a module, and constants of a function with its inline caches.
pub const MAX_TABLE: usize = 1 << 24;

/// Captures of a function.
pub const MAX_CAPTURES: usize = 1 << 16;

/// Octets of a function's portable code.
pub const MAX_CODE: usize = (1 << 31) - 1;

/// Kinds of registers that are known at labels of a function, at the same time.
pub const MAX_KNOWN: usize = 1 << 26;

/// Looks at each word of a module of register code, until it is known what registers hold.
pub const LOOKS_PER_WORD: usize = 16;

/// Looks that a module gets more.
pub const MORE_LOOKS: usize = 1 << 22;

/// A module that was verified, with its register code.
#[derive(Clone, Debug)]
pub struct VerifiedModule {
    module: Arc<Module>,
    lowered: Arc<[Lowered]>,
}

impl VerifiedModule {
    /// Verifies and lowers a module.
    ///
    /// # Errors
    /// The first rule that the module breaks, with function and offset.
    pub fn new(module: Module) -> Result<VerifiedModule, Rejection> {
        check_module(&module)?;
        let mut lowered = Vec::with_capacity(module.functions.len());
        let mut effort = registers::Effort::new(&module);
        let mut lowering = lower::Lowering::new(&module);
        for index in 0..module.functions.len() {
            lowered.push(match &module.functions[index].registers {
                None => lowering.function(index)?,
                Some(code) => registers::verify(&module, index, code, &mut effort)?,
            });
        }
        Ok(VerifiedModule { module: Arc::new(module), lowered: lowered.into() })
    }

    /// What a program returns to: a function that only halts, with what was returned in its first register. It is the
    /// one that is not verified: no code could put the value there.
    pub fn end() -> VerifiedModule {
        let halt = Function { code: vec![StackOp::Halt as u8], ..Function::default() };
        let module = Module { functions: vec![halt], ..Module::default() };
        let lowered = Lowered { code: vec![Word::abc(RegisterOp::Hlt, 0, 0, 0).0], frame: 1, ..Lowered::default() };
        VerifiedModule { module: Arc::new(module), lowered: Arc::new([lowered]) }
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

impl Lowered {
    /// Forgets everything but the memory.
    fn clear(&mut self) {
        self.code.clear();
        self.pool.clear();
        self.positions.clear();
        self.handlers.clear();
        (self.caches, self.frame) = (0, 0);
    }
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

/// In what a rule can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The tables of a module, or sizes.
    Module,
    /// Portable code.
    Portable,
    /// Register code.
    Register,
    /// Code of either form.
    Both,
}

macro_rules! rules {
    ($($Name:ident $Scope:ident $what:literal $why:literal)*) => {
        /// The rules that a module must keep.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule {
            $(#[doc = $what] #[doc = ""] #[doc = $why] $Name,)*
        }

        impl Rule {
            /// All rules.
            pub const ALL: &[Rule] = &[$(Rule::$Name),*];

            /// What the rule says, in a sentence.
            pub const fn explain(self) -> &'static str {
                match self {
                    $(Rule::$Name => $what,)*
                }
            }

            /// What would go wrong without it.
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Rule::$Name => $why,)*
                }
            }

            /// In what it can be broken.
            pub const fn scope(self) -> Scope {
                match self {
                    $(Rule::$Name => Scope::$Scope,)*
                }
            }
        }
    };
}

rules! {
    NoMain Module
        "a module has a function 0 that takes no arguments and captures nothing"
        "The program starts there, and nobody gives it arguments or captures."
    TooManyConstants Module
        "a module has at most 2^24 constants, and a function no more together with its inline caches"
        "An extension word has 24 bits: a larger index would wrap to another constant."
    TooManyFunctions Module
        "a module has at most 2^24 functions"
        "The same bound for the third table that code names, so that memory per module is bounded."
    TooManyGlobals Module
        "a module has at most 2^24 globals"
        "A larger index would wrap to another global."
    IntTooLarge Module
        "an int among the constants has at most 2^18 bits"
        "So has every int at run time: what takes time by the square of its size, such as printing it, is bounded by that."
    BadParameters Both
        "a function's locals include its parameters"
        "A call writes the arguments there: beyond the frame they would overwrite what is not the callee's."
    BadCaptureNames Module
        "a function names as many captures as it has, at most 2^16"
        "Messages look names up by index, and an instruction has 16 bits for one."
    FrameTooLarge Both
        "locals and operands of a function fit into 250 registers"
        "A register is named by 8 bits, and the frame checks of a call rely on the size."
    CodeTooLong Module
        "code is shorter than 2^31 bytes"
        "Distances of jumps have 32 bits with a sign."
    UnknownOpcode Both
        "every opcode is in the table"
        "The engines have no meaning for another number."
    Truncated Both
        "no instruction is cut off by the end of the code"
        "Its operands would be read from behind the code."
    BadOperand Portable
        "an operand has at most 32 bits and is written in its shortest form"
        "Else one program had many files, and a decoder's limits would be what it means."
    CountTooLarge Both
        "a count is at most the number of operands that a frame can hold, and a truth is 0 or 1"
        "More operands cannot be there, and 8 bits would wrap."
    NoSuchConstant Both
        "a constant's index is within the pool"
        "Engines read the pool without asking."
    NoSuchGlobal Both
        "a global's index is within the module's globals"
        "Engines read globals without asking."
    NoSuchFunction Both
        "a function's index is within the module's functions"
        "A closure of it could not be made."
    NoSuchLocal Portable
        "a local's number is within the function's locals"
        "It would be the register of an operand, or of another frame."
    NoSuchCapture Both
        "a capture's index is within the function's captures"
        "It would be read from behind the closure."
    NotAnAtom Both
        "a property's name is an atom"
        "Shapes and inline caches know names by their atoms."
    NotAName Both
        "the name of a local that is not ready is a string"
        "The message shows it."
    JumpOutside Both
        "a jump stays within the function's code"
        "What lies outside is no code, or not verified with this frame."
    JumpIntoInstruction Both
        "a jump lands on the start of an instruction"
        "Operands would be run as instructions that nobody verified."
    JumpTooFar Portable
        "a jump is at most 2^23 words of register code long"
        "The distance has 24 bits with a sign and would wrap."
    KeepBackward Portable
        "a jump that keeps its value goes forward"
        "What a loop brings to its start was fixed when its body was lowered; a value more would not be there the first time."
    DepthDiffers Portable
        "all ways to an instruction have the same operand depth"
        "An operand has the register of its depth: with two depths it would have two."
    KindDiffers Portable
        "all ways to an instruction have the same kinds of operands, and a loop does not change the kind of a local"
        "What is a cell on one way and a value on the other would be used as the wrong one."
    Unreachable Both
        "every instruction can be reached from the start, in order"
        "Nothing is known of what it works on, so nothing can be proved of it."
    FallsOff Both
        "the code does not end without an instruction that ends it"
        "Control would go on behind the code."
    StackUnderflow Portable
        "no instruction pops more than there is"
        "It would take a local, or a register of the caller, as an operand."
    NotAValue Portable
        "an operand that must be a value is no cell and no iterator"
        "A cell that is taken for a value could be sent, printed or compared."
    NotAnIterator Portable
        "`next`, `next-pair` and `pack-iterator` need an iterator on top"
        "They change its state in place without asking what it is."
    IteratorMisplaced Portable
        "an iterator is only iterated, packed or popped"
        "A program that held one as a value could advance it behind the loop's back."
    UnsetLocal Portable
        "a local is written before it is read"
        "The register still holds what an earlier call left there."
    LocalIsNoCell Portable
        "cell instructions need a local that holds a cell"
        "They would follow a value as if it were a cell."
    LocalIsCell Portable
        "a local that holds a cell is only used by cell instructions"
        "The cell itself would become a value of the program."
    CaptureKind Both
        "a captured cell is used as a cell and a captured value as a value"
        "Engines do not ask which one a capture is."
    CapturesDiffer Both
        "`closure` gives a function as many captures as it has, each of its kind"
        "The function's own code was verified for those."
    NeedsCaptures Both
        "a function that is a constant captures nothing"
        "It would run without the captures that its code reads."
    NoSuchClass Both
        "a class template's index is within the module's, and `class` gives it as many methods as it names"
        "A method without a function, or a function without a name, would be left."
    NoSuchType Both
        "a built-in type's number is in the table of types"
        "It would be looked up behind that table."
    NotAReceiver Both
        "a method is called with what `method` pushed, and with nothing else"
        "Whether there is a receiver decides how many arguments the callee gets; a value does not say that."
    BadHandler Both
        "a handler's region starts and ends at instructions, in order, its target comes after it, and each two regions are apart or the earlier one is inside"
        "With a target inside its own region a throw could go round for ever without a reduction."
    BadModuleConstant Module
        "the members of a module constant are globals of the module"
        "Linking reads them."
    TwoForms Module
        "a function has portable code or register code, not both"
        "One of them would run unverified."
    BadDebugTable Both
        "positions and names of locals hold from instruction to instruction"
        "Traces and debuggers look up what stands there."
    NoSuchRegister Register
        "an instruction's registers, its windows included, are within the frame"
        "It would read or write another frame."
    UnsetRegister Register
        "a register is written before it is read, also after a call, which may change all registers from its window on"
        "It still holds what an earlier call left there."
    WrongKind Register
        "a register holds a value, a cell or an iterator as the instruction says"
        "Engines do not ask; see `NotAValue`."
    LooseExtension Register
        "an `ext` word belongs to the instruction before it"
        "It has no meaning of its own."
    MissingExtension Register
        "an instruction is followed by the `ext` words that it has"
        "Another instruction would be read as its operand."
    TestWithoutJump Register
        "a test is followed by the `jmp` word that it executes"
        "It would take another instruction's operands for a distance."
    LoopEndDiffers Register
        "behind a fused loop end stand the step, test and jump that do the same"
        "They run where the fused one cannot; the program would depend on which of them ran."
    UnusedBits Register
        "bits of a word that have no meaning are 0"
        "A later version may give them one, and one program would have many files."
    BadCache Register
        "the inline caches of a function are numbered from 0, one for each instruction that has one"
        "Two instructions would believe what the other one found."
    TooManyLabels Module
        "what is kept of the registers at labels is at most 2^26 at a time, in a function"
        "Memory for verifying would not be bounded by a small multiple of the file."
    TooTangled Register
        "what registers hold is known after 16 looks at each word of the module, and 2^22 more"
        "Jumps that are twisted enough make each pass find one more thing; time would not be linear."
    RegionOperands Portable
        "a region leaves the operands that it found where they are as long as it may throw, and all ways into it bring them"
        "A throw goes on with them: another kind could be there by then."
    NotOptional Both
        "`arg-missing` asks for an optional parameter that was not written, and a `jump-if-not` follows"
        "Whether a parameter was given is known only at the start, and the register is unset where it was not."
}

/// The rule that tables of these lengths break.
fn too_many(constants: usize, functions: usize, globals: usize) -> Option<Rule> {
    let rules =
        [(constants, Rule::TooManyConstants), (functions, Rule::TooManyFunctions), (globals, Rule::TooManyGlobals)];
    rules.into_iter().find(|&(length, _)| length > MAX_TABLE).map(|(_, rule)| rule)
}

fn check_module(module: &Module) -> Result<(), Rejection> {
    let reject = |rule| Err(Rejection { rule, function: None, offset: 0 });
    match module.functions.first() {
        Some(main) if main.parameters() == 0 && main.captures.is_empty() => {}
        _ => return reject(Rule::NoMain),
    }
    if let Some(rule) = too_many(module.constants.len(), module.functions.len(), module.globals.len()) {
        return reject(rule);
    }
    for constant in &module.constants {
        if let Constant::Int(value) = constant
            && value.bits() > MAX_INT_BITS
        {
            return reject(Rule::IntTooLarge);
        }
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
        if function.capture_names.len() != function.captures.len() || function.captures.len() > MAX_CAPTURES {
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
        if function.code.len() > MAX_CODE {
            return reject(Rule::CodeTooLong);
        }
    }
    Ok(())
}

/// Checks that a function's constants and the words of its inline caches, which come behind them, can all be named.
fn check_pool(pool: usize, caches: usize) -> Result<(), Rule> {
    if pool + caches > MAX_TABLE { Err(Rule::TooManyConstants) } else { Ok(()) }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Modules with such tables would take a gigabyte.
    #[test]
    fn tables_have_at_most_2_to_the_24_entries() {
        let (most, more) = (1 << 24, (1 << 24) + 1);
        assert_eq!(too_many(most, most, most), None);
        assert_eq!(too_many(more, 0, 0), Some(Rule::TooManyConstants));
        assert_eq!(too_many(0, more, 0), Some(Rule::TooManyFunctions));
        assert_eq!(too_many(0, usize::MAX, 0), Some(Rule::TooManyFunctions));
        assert_eq!(too_many(0, 0, more), Some(Rule::TooManyGlobals));
        assert_eq!(too_many(0, 0, usize::MAX), Some(Rule::TooManyGlobals));
        for caches in [0, 2, 1 << 24] {
            assert_eq!(check_pool(most - caches, caches), Ok(()));
            assert_eq!(check_pool(more - caches, caches), Err(Rule::TooManyConstants));
        }
    }

    #[test]
    fn the_end_halts_with_its_first_register_in_both_forms() {
        let end = VerifiedModule::end();
        let codes: Vec<&[u8]> = end.functions().iter().map(|function| &function.code[..]).collect();
        assert_eq!(codes, [[StackOp::Halt as u8]]);
        assert_eq!((&end.lowered(0).code[..], end.lowered(0).frame), (&[Word::long(RegisterOp::Hlt, 0).0][..], 1));
    }

    #[test]
    fn what_was_verified_is_what_was_given() {
        let main = Function { code: vec![StackOp::PushNull as u8, StackOp::Halt as u8], ..Function::default() };
        let module = Module { source: "main.eva".to_owned(), functions: vec![main], ..Module::default() };
        let verified = VerifiedModule::new(module.clone()).expect("it keeps all rules");
        assert_eq!(verified.module(), &module);
    }
}
