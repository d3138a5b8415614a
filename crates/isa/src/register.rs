//! Register code: 32-bit words of a register machine, from one table.
//!
//! A word is an 8-bit opcode in the highest byte and 24 bits of operands behind it: nothing, one operand of 24 bits,
//! one of 8 and one of 16, or up to three of 8. Destination first. Words that need more are followed by `EXT` words,
//! whose 24 bits belong to them. A fused compare or test is followed by the `JMP` word that it executes when its
//! condition holds and skips when not. A **backward jump is a loop's back-edge** and costs one reduction.

/// Calls `$then!` with every row of the table.
///
/// A row is `number Name "mnemonic" (operands; extension words) [flags] "meaning"`.
#[macro_export]
macro_rules! for_each_register_op {
    ($then:path) => {
        $then! {
            // Loads and moves
            1  Load      "load"      (Dst Imm16;)      [] "$a = n."
            2  LoadK     "loadk"     (Dst K16;)        [] "$a = constant k."
            3  LoadKWide "loadkw"    (Dst; K24)        [] "$a = constant k, for an index beyond 16 bits."
            4  LoadNull  "loadnull"  (Dst;)            [] "$a = null."
            5  LoadBool  "loadbool"  (Dst U8;)         [] "$a = true if b is 1, false if it is 0."
            6  Hlt       "hlt"       (;)               [ENDS] "Ends the process with the value of $0."
            7  Jmp       "jmp"       (Off24;)          [JUMPS ENDS] "Jumps by n words, from the next one."
            8  Ext       "ext"       (U24;)            [DATA] "24 more bits of the instruction before. Never executed."
            9  Move      "move"      (Dst Src;)        [] "$a = $b."
            10 Callee    "callee"    (Dst;)            [] "$a = the function that is running."

            // Globals, cells, captures, parameters
            12 GetG      "getg"      (Dst G16; G24)    [THROWS] "$a = global g; before its initialiser ran a :reference-error. The index is 40 bits: 16 high ones in the word."
            13 SetG      "setg"      (Src G16; G24)    [THROWS] "Global g = $a; before its initialiser ran a :reference-error."
            14 InitG     "initg"     (Src G16; G24)    [] "Global g = $a, for the first time."
            15 Cell      "cell"      (DstCell Src;)    [ALLOCATES] "$a = a new cell that holds $b."
            16 CellEmpty "celle"     (DstCell;)        [ALLOCATES] "$a = a new cell that is not initialised yet."
            17 GetCell   "getcell"   (Dst SrcCell;)    [THROWS] "$a = what cell $b holds; an empty one is a :reference-error."
            18 SetCell   "setcell"   (SrcCell Src;)    [THROWS] "Cell $a holds $b; an empty one is a :reference-error."
            19 InitCell  "initcell"  (SrcCell Src;)    [] "Cell $a holds $b, for the first time."
            20 GetCap    "getcap"    (Dst U16;)        [] "$a = captured value n."
            21 GetCapC   "getcapc"   (Dst U16;)        [THROWS] "$a = what captured cell n holds; an empty one is a :reference-error."
            22 SetCapC   "setcapc"   (Src U16;)        [THROWS] "Captured cell n holds $a; an empty one is a :reference-error."
            23 CapCell   "capcell"   (DstCell U16;)    [] "$a = captured cell n itself."
            24 Closure   "closure"   (Dst Captures U8; K24) [ALLOCATES] "$a = the function in constant k with captures $b to $b+c-1."
            25 Missing   "missing"   (Dst Param;)      [] "$a = whether parameter $b got no argument."

            // Arithmetic
            32 Add       "add"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b + $c."
            33 Sub       "sub"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b - $c."
            34 Mul       "mul"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b * $c."
            35 Div       "div"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b / $c."
            36 IntDiv    "idiv"      (Dst Src Src;)    [THROWS ALLOCATES] "$a = floor($b / $c)."
            37 Mod       "mod"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b mod $c."
            38 Pow       "pow"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b ** $c."
            39 BitAnd    "and"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b & $c."
            40 BitOr     "or"        (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b | $c."
            41 BitXor    "xor"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b ^ $c."
            42 Shl       "shl"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b << $c."
            43 Shr       "shr"       (Dst Src Src;)    [THROWS ALLOCATES] "$a = $b >> $c."
            44 Neg       "neg"       (Dst Src;)        [THROWS ALLOCATES] "$a = -$b."
            45 BitNot    "bitnot"    (Dst Src;)        [THROWS ALLOCATES] "$a = ~$b."
            46 Not       "not"       (Dst Src;)        [] "$a = true if $b is null or false, else false."
            48 AddI      "addi"      (Dst Src Imm8;)   [THROWS ALLOCATES] "$a = $b + n."
            49 SubI      "subi"      (Dst Src Imm8;)   [THROWS ALLOCATES] "$a = $b - n."
            50 MulI      "muli"      (Dst Src Imm8;)   [THROWS ALLOCATES] "$a = $b * n."
            51 IntDivI   "idivi"     (Dst Src Imm8;)   [THROWS ALLOCATES] "$a = floor($b / n)."
            52 ModI      "modi"      (Dst Src Imm8;)   [THROWS ALLOCATES] "$a = $b mod n."
            53 AddK      "addk"      (Dst Src K8;)     [THROWS ALLOCATES] "$a = $b + constant k."
            54 SubK      "subk"      (Dst Src K8;)     [THROWS ALLOCATES] "$a = $b - constant k."
            55 MulK      "mulk"      (Dst Src K8;)     [THROWS ALLOCATES] "$a = $b * constant k."
            56 DivK      "divk"      (Dst Src K8;)     [THROWS ALLOCATES] "$a = $b / constant k."
            57 IntDivK   "idivk"     (Dst Src K8;)     [THROWS ALLOCATES] "$a = floor($b / constant k)."
            58 ModK      "modk"      (Dst Src K8;)     [THROWS ALLOCATES] "$a = $b mod constant k."

            // Comparison: to a value, and fused with the jump behind it
            64 Eq        "eq"        (Dst Src Src;)    [THROWS] "$a = $b == $c."
            65 Ne        "ne"        (Dst Src Src;)    [THROWS] "$a = $b != $c."
            66 Lt        "lt"        (Dst Src Src;)    [THROWS] "$a = $b < $c."
            67 Le        "le"        (Dst Src Src;)    [THROWS] "$a = $b <= $c."
            68 Gt        "gt"        (Dst Src Src;)    [THROWS] "$a = $b > $c."
            69 Ge        "ge"        (Dst Src Src;)    [THROWS] "$a = $b >= $c."
            72 JEq       "jeq"       (Src Src U8;)     [THROWS TESTS] "Jumps if ($a == $b) is c (1 or 0)."
            73 JLt       "jlt"       (Src Src U8;)     [THROWS TESTS] "Jumps if ($a < $b) is c."
            74 JLe       "jle"       (Src Src U8;)     [THROWS TESTS] "Jumps if ($a <= $b) is c."
            75 JGt       "jgt"       (Src Src U8;)     [THROWS TESTS] "Jumps if ($a > $b) is c."
            76 JGe       "jge"       (Src Src U8;)     [THROWS TESTS] "Jumps if ($a >= $b) is c."
            77 JEqI      "jeqi"      (Src Imm8 U8;)    [THROWS TESTS] "Jumps if ($a == n) is c."
            78 JLtI      "jlti"      (Src Imm8 U8;)    [THROWS TESTS] "Jumps if ($a < n) is c."
            79 JLeI      "jlei"      (Src Imm8 U8;)    [THROWS TESTS] "Jumps if ($a <= n) is c."
            80 JGtI      "jgti"      (Src Imm8 U8;)    [THROWS TESTS] "Jumps if ($a > n) is c."
            81 JGeI      "jgei"      (Src Imm8 U8;)    [THROWS TESTS] "Jumps if ($a >= n) is c."
            82 JIf       "jif"       (Src U8;)         [TESTS] "Jumps if the truth of $a is b (1 or 0)."

            // Calls
            88 Call      "call"      (Window U8;)      [THROWS CALLS] "$a = $a($a+1 … $a+b)."
            89 TailCall  "tailcall"  (Window U8;)      [THROWS CALLS ENDS] "Returns $a($a+1 … $a+b), in this frame."
            90 CallList  "calll"     (Window;)         [THROWS CALLS] "$a = $a called with the elements of list $a+1."
            91 TailCallList "taill"  (Window;)         [THROWS CALLS ENDS] "Returns $a called with the elements of list $a+1, in this frame."
            92 Ret       "ret"       (Src;)            [ENDS] "Returns $a."
            93 Throw     "throw"     (Src;)            [THROWS ENDS] "Throws $a."
            94 Unready   "unready"   (; K24)           [THROWS ENDS] "Throws the :reference-error for the local that constant k names."

            // Collections
            100 List     "list"      (Dst Values U8;)  [ALLOCATES] "$a = [$b … $b+c-1]."
            101 Tuple    "tuple"     (Dst Values U8;)  [ALLOCATES] "$a = #[$b … $b+c-1]."
            102 Map      "map"       (Dst Pairs U8;)   [THROWS ALLOCATES] "$a = {$b $b+1 …}, c entries."
            103 Append   "append"    (Src Values U8;)  [ALLOCATES] "Appends $b … $b+c-1 to list $a."
            104 Extend   "extend"    (Src Src;)        [THROWS ALLOCATES] "Appends the elements of $b to list $a."
            105 ToTuple  "totuple"   (Dst Src;)        [ALLOCATES] "$a = the tuple of list $b's elements."
            106 MapPut   "mapput"    (Src Src Src;)    [THROWS ALLOCATES] "Puts key $b with value $c into map $a."
            107 SetIndex "setx"      (Src Src Src;)    [THROWS ALLOCATES] "Place $b of $a = $c."
            108 GetIndex "getx"      (Dst Src Src;)    [THROWS] "$a = place $c of $b, as part of an update."
            109 GetIndexOr "getxor"  (Dst Window3;)    [THROWS] "$a = place $b+1 of $b, or $b+2 where it has none."
            110 GetProp  "getp"      (Dst Src; K24 U24) [THROWS] "$a = $b.k. The second extension word says where its inline cache is."
            111 SetProp  "setp"      (Src Src; K24 U24) [THROWS ALLOCATES] "$a.k = $b. The second extension word says where its inline cache is."
            112 Unpack   "unpack"    (Unpacked Src U8;) [THROWS] "$a … $a+c-1 = the elements of list $b, which has c of them."
            113 UnpackTuple "unpackt" (Unpacked Src U8;) [THROWS] "$a … $a+c-1 = the elements of tuple $b, which has c of them."

            // Iteration
            116 Iterate  "iter"      (DstIter Src;)    [THROWS ALLOCATES] "$a = an iterator over $b."
            117 Next     "next"      (Dst SrcIter;)    [THROWS ALLOCATES TESTS] "Jumps with $a = the next element of $b, if there is one."
            118 NextPair "next2"     (DstPair SrcIter;) [THROWS ALLOCATES TESTS] "Jumps with $a and $a+1 = the next key and value of $b, if there is one."

            // Prelude functions that have an instruction; each costs a reduction, as the call would
            124 Len      "len"       (Dst Src;)        [THROWS CALLS] "$a = len($b)."
            125 Get      "get"       (Dst Src Src;)    [THROWS CALLS] "$a = get($b, $c)."
            126 GetOr    "getor"     (Dst Window3;)    [THROWS CALLS] "$a = get($b, $b+1, $b+2)."
            127 Push     "push"      (Dst Src Src;)    [THROWS CALLS ALLOCATES] "$a = push($b, $c)."
            128 Put      "put"       (Dst Window3;)    [THROWS CALLS ALLOCATES] "$a = put($b, $b+1, $b+2)."

            // Ends of counting loops. Step, test and jump in one, in front of the plain step and test that do the same:
            // where the operands are no small ints or the step overflows, these are run instead.
            130 LoopLt   "looplt"    (Update Src Imm8;) [TESTS LOOPS] "$a = $a + n, then jumps if $a < $b, else skips the plain step and test behind it."
            131 LoopLe   "loople"    (Update Src Imm8;) [TESTS LOOPS] "$a = $a + n, then jumps if $a <= $b, else skips the plain step and test."
            132 LoopGt   "loopgt"    (Update Src Imm8;) [TESTS LOOPS] "$a = $a + n, then jumps if $a > $b, else skips the plain step and test."
            133 LoopGe   "loopge"    (Update Src Imm8;) [TESTS LOOPS] "$a = $a + n, then jumps if $a >= $b, else skips the plain step and test."
            134 LoopLtR  "loopltr"   (Update Src Src;) [TESTS LOOPS] "$a = $a + $c, then jumps if $a < $b, else skips the plain step and test."
            135 LoopLeR  "loopler"   (Update Src Src;) [TESTS LOOPS] "$a = $a + $c, then jumps if $a <= $b, else skips the plain step and test."

            // Classes, instances, methods. The second extension word of a property says where its inline cache is.
            140 Class    "class"     (Dst ClassParts U8; C24) [THROWS ALLOCATES] "$a = a class from template c with parent $b and methods $b+1 … $b+n."
            141 ClassConst "classk"  (Src Src; K24)    [THROWS ALLOCATES] "Class $a gets the constant named k, $b."
            142 Instance "instance"  (DstTriple Src;)  [THROWS ALLOCATES] "$a = $a+2 = a new instance of class $b, $a+1 = its constructor."
            143 Method   "method"    (DstReceiver Src; K24 U24) [THROWS] "$a = $b.k to be called, $a+1 = $b if that is a method of its class."
            144 CallMethod "callm"   (MethodWindow U8;) [THROWS CALLS] "$a = $a called with its receiver $a+1, if there is one, and $a+2 … $a+1+b."
            145 TailCallMethod "tailm" (MethodWindow U8;) [THROWS CALLS ENDS] "Returns that, in this frame."
            146 CallMethodList "callml" (MethodWindow;) [THROWS CALLS] "$a = $a called with its receiver $a+1, if there is one, and the elements of list $a+2."
            147 TailCallMethodList "tailml" (MethodWindow;) [THROWS CALLS ENDS] "Returns that, in this frame."
            148 SuperGet "getsuper"  (Dst Src; K24 U24) [THROWS] "$a = the method k that the parent of class $b has or inherits."
            149 Parent   "parent"    (Dst Src;)        [THROWS] "$a = the parent of class $b."

            // Patterns
            150 IsType   "istype"    (Dst Src U8;)     [] "$a = whether $b is of built-in type c."
            151 IsA      "isa"       (Dst Src Src;)    [THROWS] "$a = whether $b is an instance of class $c, or of the type that atom $c names."
            152 HasLength "haslen"   (Dst Src U8;)     [] "$a = whether list or tuple $b has exactly c elements."
            153 HasAtLeast "hasmin"  (Dst Src U8;)     [] "$a = whether list or tuple $b has c elements or more."
            154 Element  "element"   (Dst Src U8;)     [] "$a = element c of list or tuple $b."
            155 Rest     "rest"      (Dst Src U8;)     [ALLOCATES] "$a = the elements of list or tuple $b from c on, as its like."
            156 HasKey   "haskey"    (Dst Src Src;)    [THROWS] "$a = whether map $b has key $c."
            157 NoMatch  "nomatch"   (Src;)            [THROWS ENDS] "Throws the :match-error for $a."
            158 Length   "length"    (Dst Src;)        [] "$a = the number of elements of list or tuple $b, 0 of anything else."
            159 ClassList "classl"   (Dst Src Src; C24) [THROWS ALLOCATES] "$a = a class from template c with parent $b and the methods in list $c."
            160 UnpackIterator "unpackit" (DstIter Src;) [THROWS] "$a = value $b, which is an iterator."

            136 SetIndexK "setxk"    (Src Src K8;)     [THROWS ALLOCATES] "Place $b of $a = constant k."
        }
    };
}

/// What an operand of a register instruction means, and by that how many bits it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A register that is written with a value.
    Dst,
    /// A register that is read as a value.
    Src,
    /// A register that is read and then written.
    Update,
    /// A register that is written with a cell.
    DstCell,
    /// A register that is read as a cell.
    SrcCell,
    /// A register that is written with an iterator.
    DstIter,
    /// A register that is read as an iterator.
    SrcIter,
    /// A register that is written, and the one behind it.
    DstPair,
    /// A register that is written, and the two behind it.
    DstTriple,
    /// A register that is written with a function, and the one behind it with what may be the receiver of its call.
    DstReceiver,
    /// First of 2 + count registers: a function, what may be its receiver, its arguments; written with the result.
    MethodWindow,
    /// First of 1 + count registers: a parent and methods.
    ClassParts,
    /// A parameter that may not have got an argument.
    Param,
    /// First of 1 + count registers: a function and its arguments; written with the result.
    Window,
    /// First of three registers that are read.
    Window3,
    /// First of count registers that are read.
    Values,
    /// First of twice count registers that are read.
    Pairs,
    /// First of count registers that hold values or cells, as the function's captures say.
    Captures,
    /// First of count registers that are written.
    Unpacked,
    /// A count, or a truth.
    U8,
    /// An index.
    U16,
    /// Bits of the instruction before.
    U24,
    /// A small signed int.
    Imm8,
    /// A signed int.
    Imm16,
    /// Index of a constant of the function.
    K8,
    /// Index of a constant of the function.
    K16,
    /// Index of a constant of the function.
    K24,
    /// Index of a class template of the module.
    C24,
    /// High 16 bits of a global's index.
    G16,
    /// Low 24 bits of a global's index.
    G24,
    /// Signed distance in words from the word behind this one.
    Off24,
}

impl Operand {
    /// Width in bits: 8, 16 or 24.
    pub const fn bits(self) -> u32 {
        match self {
            Operand::U16 | Operand::Imm16 | Operand::K16 | Operand::G16 => 16,
            Operand::U24 | Operand::C24 | Operand::K24 | Operand::G24 | Operand::Off24 => 24,
            _ => 8,
        }
    }

    /// Registers that it names, from the one in the word on, where the instruction's [`count`](Row::count) is this.
    pub const fn width(self, count: usize) -> usize {
        match self {
            Operand::DstPair | Operand::DstReceiver => 2,
            Operand::DstTriple | Operand::Window3 => 3,
            Operand::Window | Operand::ClassParts => 1 + count,
            Operand::MethodWindow => 2 + count,
            Operand::Values | Operand::Captures | Operand::Unpacked => count,
            Operand::Pairs => 2 * count,
            _ => 1,
        }
    }

    /// Whether it names a register.
    pub const fn is_register(self) -> bool {
        use Operand::*;
        matches!(
            self,
            Dst | Src
                | Update
                | DstCell
                | SrcCell
                | DstIter
                | SrcIter
                | DstPair
                | DstTriple
                | DstReceiver
                | MethodWindow
                | ClassParts
                | Param
                | Window
                | Window3
                | Values
                | Pairs
                | Captures
                | Unpacked
        )
    }
}

/// What else holds for a register instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
#[allow(clippy::upper_case_acronyms)]
pub enum Flag {
    /// Has an `Off24` operand.
    JUMPS = 1,
    /// Control does not go on to the next instruction.
    ENDS = 2,
    /// May throw.
    THROWS = 4,
    /// May allocate.
    ALLOCATES = 8,
    /// Is a call of the source: costs one reduction and is a safepoint.
    CALLS = 16,
    /// Is followed by the `JMP` word that it executes.
    TESTS = 32,
    /// Is no instruction of its own.
    DATA = 64,
    /// Stands in front of a plain step, test and `JMP` word that it makes unnecessary.
    LOOPS = 128,
}

/// The row of an instruction, as data.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The opcode.
    pub op: RegisterOp,
    /// Name in assembly.
    pub mnemonic: &'static str,
    /// Operands in the word, from its high end.
    pub operands: &'static [Operand],
    /// Operands in `EXT` words behind it.
    pub extensions: &'static [Operand],
    /// Sum of the [`Flag`]s.
    pub flags: u16,
    /// What it does.
    pub doc: &'static str,
}

impl Row {
    /// Whether the row carries a flag.
    pub const fn has(&self, flag: Flag) -> bool {
        self.flags & flag as u16 != 0
    }

    /// The count among an instruction's operands: how many registers its windows have. An instruction that calls with a
    /// list has none; its list counts as one argument.
    pub fn count(&self, values: &[i64]) -> usize {
        let position = self.operands.iter().position(|operand| *operand == Operand::U8);
        position.map_or(1, |index| values[index] as usize)
    }

    /// Words of the instruction, its `EXT` words included, the `JMP` word of a test not.
    pub const fn words(&self) -> usize {
        1 + self.extensions.len()
    }
}

macro_rules! define_register_ops {
    ($($num:literal $Name:ident $mnem:literal ($($operand:ident)*; $($extension:ident)*) [$($flag:ident)*] $doc:literal)*) => {
        /// Opcode of a register instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum RegisterOp {
            $(#[doc = $doc] $Name = $num,)*
        }

        /// All rows, in the order of the table.
        pub const ROWS: &[Row] = &[
            $(Row {
                op: RegisterOp::$Name,
                mnemonic: $mnem,
                operands: &[$(Operand::$operand),*],
                extensions: &[$(Operand::$extension),*],
                flags: 0 $(| Flag::$flag as u16)*,
                doc: $doc,
            },)*
        ];

        impl RegisterOp {
            /// The opcode with this number, if there is one.
            pub const fn from_byte(byte: u8) -> Option<RegisterOp> {
                match byte {
                    $($num => Some(RegisterOp::$Name),)*
                    _ => None,
                }
            }
        }
    };
}

for_each_register_op!(define_register_ops);

const ROW_OF: [u8; 256] = {
    let mut table = [255u8; 256];
    let mut i = 0;
    while i < ROWS.len() {
        table[ROWS[i].op as usize] = i as u8;
        i += 1;
    }
    table
};

impl RegisterOp {
    /// The instruction's row.
    pub const fn row(self) -> &'static Row {
        &ROWS[ROW_OF[self as usize] as usize]
    }

    /// The opcode with this mnemonic, in any letter case.
    pub fn from_mnemonic(name: &str) -> Option<RegisterOp> {
        ROWS.iter().find(|row| row.mnemonic.eq_ignore_ascii_case(name)).map(|row| row.op)
    }
}

/// A word of register code, in host order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Word(pub u32);

impl Word {
    /// A word with three operands of 8 bits.
    pub const fn abc(op: RegisterOp, a: u8, b: u8, c: u8) -> Word {
        Word((op as u32) << 24 | (a as u32) << 16 | (b as u32) << 8 | c as u32)
    }

    /// A word with one operand of 8 bits and one of 16.
    pub const fn wide(op: RegisterOp, a: u8, wide: u16) -> Word {
        Word((op as u32) << 24 | (a as u32) << 16 | wide as u32)
    }

    /// A word with one operand of 24 bits, of which higher bits are dropped.
    pub const fn long(op: RegisterOp, long: u32) -> Word {
        Word((op as u32) << 24 | long & 0xff_ffff)
    }

    /// Number of the opcode.
    #[inline(always)]
    pub const fn opcode(self) -> u8 {
        (self.0 >> 24) as u8
    }

    /// First operand of 8 bits.
    #[inline(always)]
    pub const fn a(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// Second operand of 8 bits.
    #[inline(always)]
    pub const fn b(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// Third operand of 8 bits.
    #[inline(always)]
    pub const fn c(self) -> u8 {
        self.0 as u8
    }

    /// The second and third byte as one operand of 16 bits.
    #[inline(always)]
    pub const fn wide_operand(self) -> u16 {
        self.0 as u16
    }

    /// All three bytes as one operand.
    #[inline(always)]
    pub const fn long_operand(self) -> u32 {
        self.0 & 0xff_ffff
    }

    /// All three bytes as one signed operand.
    #[inline(always)]
    pub const fn offset(self) -> i32 {
        (self.0 << 8) as i32 >> 8
    }
}

/// Words of an inline cache: one for each of the two shapes that a site remembers. An instruction names the first one,
/// counted over the function's caches.
pub const CACHE_WORDS: u32 = 2;

/// Distances that a jump can have: 24 signed bits.
pub const OFFSET_RANGE: std::ops::RangeInclusive<i64> = -(1 << 23)..=(1 << 23) - 1;

/// The operands of a word by its row, each as an `i64`: signed kinds by their sign.
pub fn operands(word: Word, row: &Row) -> impl Iterator<Item = (Operand, i64)> + use<> {
    let mut shift = 24u32;
    row.operands.iter().map(move |&operand| {
        shift -= operand.bits();
        let raw = word.0 >> shift & ((1u64 << operand.bits()) - 1) as u32;
        let value = match operand {
            Operand::Imm8 => i64::from(raw as u8 as i8),
            Operand::Imm16 => i64::from(raw as u16 as i16),
            Operand::Off24 => i64::from((raw << 8) as i32 >> 8),
            _ => i64::from(raw),
        };
        (operand, value)
    })
}

/// The values that an operand can have.
pub const fn range(operand: Operand) -> std::ops::RangeInclusive<i64> {
    let bits = operand.bits();
    match operand {
        Operand::Imm8 | Operand::Imm16 | Operand::Off24 => -(1 << (bits - 1))..=(1 << (bits - 1)) - 1,
        _ => 0..=(1 << bits) - 1,
    }
}

/// Whether an operand can have a value.
pub fn fits(operand: Operand, value: i64) -> bool {
    range(operand).contains(&value)
}

/// A word from its opcode and operands; `None` if their number or one's size does not fit the row.
pub fn encode(op: RegisterOp, values: &[i64]) -> Option<Word> {
    let row = op.row();
    if values.len() != row.operands.len() {
        return None;
    }
    let mut word = (op as u32) << 24;
    let mut shift = 24u32;
    for (&operand, &value) in row.operands.iter().zip(values) {
        if !fits(operand, value) {
            return None;
        }
        let bits = operand.bits();
        shift -= bits;
        word |= (value as u32 & ((1u64 << bits) - 1) as u32) << shift;
    }
    Some(Word(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_fit_the_word_and_the_table_is_consistent() {
        for (i, row) in ROWS.iter().enumerate() {
            let bits: u32 = row.operands.iter().map(|operand| operand.bits()).sum();
            assert!(bits <= 24, "{}", row.mnemonic);
            assert!(row.extensions.iter().all(|operand| operand.bits() == 24), "{}", row.mnemonic);
            assert_eq!(row.has(Flag::JUMPS), row.operands.contains(&Operand::Off24), "{}", row.mnemonic);
            assert_eq!(RegisterOp::from_mnemonic(&row.mnemonic.to_uppercase()), Some(row.op));
            for other in &ROWS[..i] {
                assert!(other.op != row.op && other.mnemonic != row.mnemonic, "{}", row.mnemonic);
            }
        }
    }

    /// Operand edges: encode and decode are inverse for every instruction, and one beyond each edge is refused.
    #[test]
    fn encode_decode_identity() {
        for row in ROWS {
            for pick in 0..4usize {
                let values: Vec<i64> = (row.operands.iter())
                    .map(|operand| {
                        let bits = operand.bits();
                        let signed = matches!(operand, Operand::Imm8 | Operand::Imm16 | Operand::Off24);
                        let (low, high) =
                            if signed { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) };
                        [low, low + 1, high - 1, high][pick]
                    })
                    .collect();
                let word = encode(row.op, &values).expect(row.mnemonic);
                assert_eq!(word.opcode(), row.op as u8);
                let back: Vec<i64> = operands(word, row).map(|(_, value)| value).collect();
                assert_eq!(back, values, "{}", row.mnemonic);
                if pick == 3 {
                    for index in 0..values.len() {
                        let mut beyond = values.clone();
                        beyond[index] += 1;
                        assert_eq!(encode(row.op, &beyond), None, "{}", row.mnemonic);
                    }
                }
            }
        }
    }

    /// The bytes that the contract names.
    #[test]
    fn words_of_the_contract() {
        assert_eq!(encode(RegisterOp::Hlt, &[]).unwrap().0.to_be_bytes(), [6, 0, 0, 0]);
        assert_eq!(encode(RegisterOp::Load, &[0, 500]).unwrap().0.to_be_bytes()[1..], [0, 0x01, 0xF4]);
        assert_eq!(Word::long(RegisterOp::Jmp, -2i32 as u32).offset(), -2);
        assert_eq!(Word::wide(RegisterOp::Load, 7, 0xFFFF).a(), 7);
    }
}
