//! Portable code: the stack machine's instructions, from one table.
//!
//! An instruction is its opcode byte followed by its operands. Counts and indices are unsigned LEB128 of at most 32
//! bits, integers are zigzag LEB128, labels are four bytes, little-endian, signed, relative to the end of the
//! instruction. A **backward jump is a loop's back-edge** and costs one reduction; a forward jump costs nothing.

/// Calls `$then!` with every row of the table.
///
/// A row is `number Name "mnemonic" (operands) pops + pops-per-count -> pushes [flags] "meaning"`.
/// In the meanings the top of the stack is on the right.
#[macro_export]
macro_rules! for_each_stack_op {
    ($then:path) => {
        $then! {
            // Constants and the operand stack
            1  Push         "push"          (Int)          0 + 0 -> 1 [] "… -> … n. Pushes a small integer."
            2  PushConst    "push-const"    (Const)        0 + 0 -> 1 [] "… -> … k. Pushes a constant of the module."
            3  PushNull     "push-null"     ()             0 + 0 -> 1 [] "… -> … null."
            4  PushTrue     "push-true"     ()             0 + 0 -> 1 [] "… -> … true."
            5  PushFalse    "push-false"    ()             0 + 0 -> 1 [] "… -> … false."
            6  Pop          "pop"           ()             1 + 0 -> 0 [] "… v -> …. Drops a value, or a finished iterator."
            7  Dup          "dup"           ()             1 + 0 -> 2 [] "… v -> … v v."
            8  PushFunc     "push-func"     (Func)         0 + 0 -> 1 [] "… -> … f. A function of the module that captures nothing."
            9  PushSelf     "push-self"     ()             0 + 0 -> 1 [] "… -> … f. The function that is running, with its captures."

            // Locals, cells, captures, globals
            12 LocalGet     "local-get"     (Local)        0 + 0 -> 1 [] "… -> … v. Reads a local."
            13 LocalSet     "local-set"     (Local)        1 + 0 -> 0 [] "… v -> …. Writes a local."
            14 LocalTee     "local-tee"     (Local)        1 + 0 -> 1 [] "… v -> … v. Writes a local and keeps the value."
            15 CellNew      "cell-new"      (Local)        1 + 0 -> 0 [ALLOCATES] "… v -> …. Makes a cell that holds v; the local is now that cell."
            16 CellNewEmpty "cell-new-empty" (Local)       0 + 0 -> 0 [ALLOCATES] "… -> …. Makes a cell that is not initialised yet; the local is now that cell."
            17 CellGet      "cell-get"      (Local)        0 + 0 -> 1 [THROWS] "… -> … v. Reads the cell in a local; an empty one is a :reference-error."
            18 CellSet      "cell-set"      (Local)        1 + 0 -> 0 [THROWS] "… v -> …. Writes the cell in a local; an empty one is a :reference-error."
            19 CellInit     "cell-init"     (Local)        1 + 0 -> 0 [] "… v -> …. Initialises the cell in a local."
            20 CellLoad     "cell-load"     (Local)        0 + 0 -> 1 [] "… -> … cell. Pushes the cell itself, to be captured by `closure` and by nothing else."
            21 CaptureGet   "capture-get"   (Capture)      0 + 0 -> 1 [] "… -> … v. Reads a value that the running function captured."
            22 CaptureCellGet "capture-cell-get" (Capture) 0 + 0 -> 1 [THROWS] "… -> … v. Reads a captured cell; an empty one is a :reference-error."
            23 CaptureCellSet "capture-cell-set" (Capture) 1 + 0 -> 0 [THROWS] "… v -> …. Writes a captured cell; an empty one is a :reference-error."
            24 CaptureLoad  "capture-load"  (Capture)      0 + 0 -> 1 [] "… -> … cell. Pushes a captured cell itself, to be captured by `closure` and by nothing else."
            25 GlobalGet    "global-get"    (Global)       0 + 0 -> 1 [THROWS] "… -> … v. Reads a global; before its initialiser ran that is a :reference-error."
            26 GlobalSet    "global-set"    (Global)       1 + 0 -> 0 [THROWS] "… v -> …. Writes a global; before its initialiser ran that is a :reference-error."
            27 GlobalInit   "global-init"   (Global)       1 + 0 -> 0 [] "… v -> …. Initialises or replaces a global."
            28 Closure      "closure"       (Func Count)   0 + 1 -> 1 [ALLOCATES] "… c1 … cn -> … f. Makes a function that captures n values or cells."
            29 ArgMissing   "arg-missing"   (Local)        0 + 0 -> 1 [] "… -> … bool. Whether an optional parameter got no argument. Only before the parameter is written."

            // Arithmetic and comparison: forms, no calls, so they cost no reduction
            32 Add          "add"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a+b. Numbers, or concatenation of strings, bytes, lists, tuples."
            33 Sub          "sub"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a-b."
            34 Mul          "mul"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a*b."
            35 Div          "div"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a/b. An int when exact."
            36 IntDiv       "int-div"       ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … floor(a/b)."
            37 Mod          "mod"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a mod b, with the sign of b."
            38 Pow          "pow"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a**b."
            39 BitAnd       "bit-and"       ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a&b."
            40 BitOr        "bit-or"        ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a|b."
            41 BitXor       "bit-xor"       ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a^b."
            42 Shl          "shl"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a<<b."
            43 Shr          "shr"           ()             2 + 0 -> 1 [THROWS ALLOCATES] "… a b -> … a>>b."
            44 Neg          "neg"           ()             1 + 0 -> 1 [THROWS ALLOCATES] "… a -> … -a."
            45 BitNot       "bit-not"       ()             1 + 0 -> 1 [THROWS ALLOCATES] "… a -> … ~a."
            46 Eq           "eq"            ()             2 + 0 -> 1 [THROWS] "… a b -> … a==b."
            47 Ne           "ne"            ()             2 + 0 -> 1 [THROWS] "… a b -> … a!=b."
            48 Lt           "lt"            ()             2 + 0 -> 1 [THROWS] "… a b -> … a<b."
            49 Le           "le"            ()             2 + 0 -> 1 [THROWS] "… a b -> … a<=b."
            50 Gt           "gt"            ()             2 + 0 -> 1 [THROWS] "… a b -> … a>b."
            51 Ge           "ge"            ()             2 + 0 -> 1 [THROWS] "… a b -> … a>=b."
            52 Not          "not"           ()             1 + 0 -> 1 [] "… v -> … bool. true for null and false."

            // Control
            56 Jump         "jump"          (Label)        0 + 0 -> 0 [JUMPS ENDS] "Jumps."
            57 JumpIf       "jump-if"       (Label)        1 + 0 -> 0 [JUMPS] "… v -> …. Jumps if v is truthy."
            58 JumpIfNot    "jump-if-not"   (Label)        1 + 0 -> 0 [JUMPS] "… v -> …. Jumps if v is null or false."
            59 JumpIfKeep   "jump-if-keep"  (Label)        1 + 0 -> 0 [JUMPS KEEPS] "… v -> …. If v is truthy, jumps and keeps v on the stack. Forward only."
            60 JumpIfNotKeep "jump-if-not-keep" (Label)    1 + 0 -> 0 [JUMPS KEEPS] "… v -> …. If v is null or false, jumps and keeps v on the stack. Forward only."
            61 Call         "call"          (Count)        1 + 1 -> 1 [THROWS CALLS] "… f a1 … an -> … r. Calls f. Costs a reduction."
            62 TailCall     "tail-call"     (Count)        1 + 1 -> 0 [THROWS CALLS ENDS] "… f a1 … an ->. Calls f and returns its value; the frame is reused."
            63 CallList     "call-list"     ()             2 + 0 -> 1 [THROWS CALLS] "… f list -> … r. Calls f with the elements of a list that nobody else holds."
            64 TailCallList "tail-call-list" ()            2 + 0 -> 0 [THROWS CALLS ENDS] "… f list ->. The same in tail position."
            65 Return       "return"        ()             1 + 0 -> 0 [ENDS] "… v ->. Returns v to the caller."
            66 Halt         "halt"          ()             1 + 0 -> 0 [ENDS] "… v ->. Ends the process with v."
            67 Throw        "throw"         ()             1 + 0 -> 0 [THROWS ENDS] "… v ->. Throws v."
            68 Unready      "unready"       (Const)        0 + 0 -> 0 [THROWS ENDS] "Throws the :reference-error for a local, named by the constant, that is read before its initialiser ran."

            // Collections
            72 List         "list"          (Count)        0 + 1 -> 1 [ALLOCATES] "… v1 … vn -> … list."
            73 Tuple        "tuple"         (Count)        0 + 1 -> 1 [ALLOCATES] "… v1 … vn -> … tuple."
            74 Map          "map"           (Count)        0 + 2 -> 1 [THROWS ALLOCATES] "… k1 v1 … kn vn -> … map."
            75 ListAppend   "list-append"   (Count)        1 + 1 -> 1 [ALLOCATES] "… list v1 … vn -> … list. Appends to a list under construction."
            76 ListExtend   "list-extend"   ()             2 + 0 -> 1 [THROWS ALLOCATES] "… list xs -> … list. Appends the elements of a list, tuple, string, bytes, range or map."
            77 ListToTuple  "list-to-tuple" ()             1 + 0 -> 1 [ALLOCATES] "… list -> … tuple."
            78 MapPut       "map-put"       ()             3 + 0 -> 1 [THROWS ALLOCATES] "… map k v -> … map. Adds to a map under construction."
            79 IndexSet     "index-set"     ()             3 + 0 -> 1 [THROWS ALLOCATES] "… c k v -> … v. The form `(set (get c k) v)`."
            80 IndexGet     "index-get"     ()             2 + 0 -> 1 [THROWS] "… c k -> … v. Reads a place that is being updated; no call, so no reduction."
            81 IndexGetOr   "index-get-or"  ()             3 + 0 -> 1 [THROWS] "… c k d -> … v. The same with a default."
            82 PropGet      "prop-get"      (Const)        1 + 0 -> 1 [THROWS] "… o -> … v. The form `(prop o name)`; the constant is the name's atom."
            83 PropSet      "prop-set"      (Const)        2 + 0 -> 1 [THROWS ALLOCATES] "… o v -> … v. The form `(set (prop o name) v)`."
            84 Unpack       "unpack"        (Count)        1 + 0 -> 0 [THROWS UNPACKS] "… list -> … v1 … vn. The target of `(set [a b] e)`: another shape is a :match-error."
            85 UnpackTuple  "unpack-tuple"  (Count)        1 + 0 -> 0 [THROWS UNPACKS] "… tuple -> … v1 … vn."

            // Iteration
            88 Iterate      "iterate"       ()             1 + 0 -> 1 [THROWS ALLOCATES] "… xs -> … iterator."
            89 Next         "next"          (Label)        0 + 0 -> 0 [JUMPS THROWS ALLOCATES ITERATES] "… it -> … it, or … it v at the label. If another element is there, jumps with it pushed."
            90 NextPair     "next-pair"     (Label)        0 + 0 -> 0 [JUMPS THROWS ALLOCATES ITERATES] "… it -> … it, or … it k v at the label: key and value, or index and element."

            // Calls of prelude functions that have an instruction; each costs a reduction, as the call would
            96 CallLen      "call-len"      ()             1 + 0 -> 1 [THROWS CALLS] "… c -> … n. `(len c)`."
            97 CallGet      "call-get"      ()             2 + 0 -> 1 [THROWS CALLS] "… c k -> … v. `(get c k)`."
            98 CallGetOr    "call-get-or"   ()             3 + 0 -> 1 [THROWS CALLS] "… c k d -> … v. `(get c k d)`."
            99 CallPush     "call-push"     ()             2 + 0 -> 1 [THROWS CALLS ALLOCATES] "… xs v -> … r. `(push xs v)`."
            100 CallPut     "call-put"      ()             3 + 0 -> 1 [THROWS CALLS ALLOCATES] "… c k v -> … r. `(put c k v)`."

            // Classes, instances, methods
            104 Class       "class"         (Class Count)  1 + 1 -> 1 [THROWS ALLOCATES] "… parent f1 … fn -> … class. Makes a class with the template's n methods; the parent is a class or null."
            105 ClassConst  "class-const"   (Const)        2 + 0 -> 1 [THROWS ALLOCATES] "… class v -> … class. Gives a class that is being made a constant; the operand is the name's atom."
            106 Instance    "instance"      ()             1 + 0 -> 3 [THROWS ALLOCATES] "… class -> … i f i. Makes an instance, and pushes it, its constructor, and it again as first argument."
            107 Method      "method"        (Const)        1 + 0 -> 2 [THROWS RECEIVES] "… o -> … f receiver. Looks up `o.name` to be called: the receiver is o for a method of its class, else nothing."
            108 CallMethod  "call-method"   (Count)        2 + 1 -> 1 [THROWS CALLS] "… f receiver a1 … an -> … r. Calls f, with the receiver first if there is one."
            109 TailCallMethod "tail-call-method" (Count)  2 + 1 -> 0 [THROWS CALLS ENDS] "… f receiver a1 … an ->. The same in tail position."
            110 CallMethodList "call-method-list" ()       3 + 0 -> 1 [THROWS CALLS] "… f receiver list -> … r. The same with the arguments in a list."
            111 TailCallMethodList "tail-call-method-list" () 3 + 0 -> 0 [THROWS CALLS ENDS] "… f receiver list ->. The same in tail position."
            112 SuperGet    "super-get"     (Const)        1 + 0 -> 1 [THROWS] "… class -> … f. The method that the class's parent has or inherits."
            113 Parent      "parent"        ()             1 + 0 -> 1 [THROWS] "… class -> … parent. The form `(super C)`."

            // Patterns: tests that cost no reduction
            116 IsType      "is-type"       (Type)         1 + 0 -> 1 [] "… v -> … bool. Whether v is of a built-in type."
            117 IsA         "is-a"          ()             2 + 0 -> 1 [THROWS] "… v c -> … bool. Whether v is an instance of class c or of the type that atom c names."
            118 HasLength   "has-length"    (Count)        1 + 0 -> 1 [] "… v -> … bool. Whether a list or tuple has exactly n elements. The count pops nothing."
            119 HasAtLeast  "has-at-least"  (Count)        1 + 0 -> 1 [] "… v -> … bool. Whether a list or tuple has n elements or more."
            120 Element     "element"       (Count)        1 + 0 -> 1 [] "… v -> … e. Element n of a list or tuple that is known to have it, else null."
            121 Rest        "rest"          (Count)        1 + 0 -> 1 [ALLOCATES] "… v -> … r. The elements of a list or tuple from n on, as its like."
            122 HasKey      "has-key"       ()             2 + 0 -> 1 [THROWS] "… m k -> … bool. Whether a map has a key; false for what is no map."
            124 Length      "length"        ()             1 + 0 -> 1 [] "… v -> … n. The number of elements of a list or tuple, 0 of anything else."
            125 ClassList   "class-list"    (Class)        2 + 0 -> 1 [THROWS ALLOCATES] "… parent list -> … class. The same as `class`, with the methods in a list."
            126 PackIterator "pack-iterator" ()            1 + 0 -> 1 [] "… it -> … v. The iterator as a value, so that it can be put aside."
            127 UnpackIterator "unpack-iterator" ()        1 + 0 -> 1 [THROWS] "… v -> … it. The value as the iterator that it is."
            123 NoMatch     "no-match"      ()             1 + 0 -> 0 [THROWS ENDS] "… v ->. Throws the :match-error for v."
        }
    };
}

use crate::leb::{self, LebError};

/// What an operand of a portable instruction means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A signed 32-bit integer, zigzag LEB128.
    Int,
    /// Index into the module's constant pool.
    Const,
    /// Number of a local; parameters come first.
    Local,
    /// Index of a value or cell that the running function captured.
    Capture,
    /// Index into the module's list of globals.
    Global,
    /// Index into the module's list of functions.
    Func,
    /// Index into the module's list of class templates.
    Class,
    /// A built-in type; see [`TYPES`].
    Type,
    /// A number of operands.
    Count,
    /// Four bytes, little-endian, signed, relative to the end of the instruction.
    Label,
}

/// What else holds for a portable instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
#[allow(clippy::upper_case_acronyms)]
pub enum Flag {
    /// Has a label operand.
    JUMPS = 1,
    /// Control does not go on to the next instruction.
    ENDS = 2,
    /// May throw.
    THROWS = 4,
    /// May allocate.
    ALLOCATES = 8,
    /// Is a call of the source: costs one reduction and is a safepoint.
    CALLS = 16,
    /// Pushes its popped value again when it jumps.
    KEEPS = 32,
    /// Needs an iterator on top; pushes elements when it jumps.
    ITERATES = 64,
    /// Pushes as many values as its count says.
    UNPACKS = 128,
    /// Pushes a function and what may be the receiver of its call.
    RECEIVES = 256,
}

/// Names of the built-in types by the number that `is-type` has for them: what `type` gives, and `number` for both
/// kinds of numbers.
pub const TYPES: [&str; 18] = [
    "null", "bool", "int", "float", "number", "string", "bytes", "atom", "list", "tuple", "map", "range", "function",
    "class", "instance", "module", "pid", "ref",
];

/// The row of an instruction, as data.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The opcode.
    pub op: StackOp,
    /// Name in assembly.
    pub mnemonic: &'static str,
    /// Operands, in order.
    pub operands: &'static [Operand],
    /// Values popped, without those that the count adds.
    pub pops: usize,
    /// Further values popped per unit of the count operand.
    pub pops_per_count: usize,
    /// Values pushed when control goes on to the next instruction.
    pub pushes: usize,
    /// Sum of the [`Flag`]s.
    pub flags: u16,
    /// What it does, with the top of the stack on the right.
    pub doc: &'static str,
}

impl Row {
    /// Whether the row carries a flag.
    pub const fn has(&self, flag: Flag) -> bool {
        self.flags & flag as u16 != 0
    }
}

macro_rules! define_stack_ops {
    ($($num:literal $Name:ident $mnem:literal ($($operand:ident)*) $pops:literal + $per:literal -> $pushes:literal [$($flag:ident)*] $doc:literal)*) => {
        /// Opcode of a portable instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum StackOp {
            $(#[doc = $doc] $Name = $num,)*
        }

        /// All rows, in the order of the table.
        pub const ROWS: &[Row] = &[
            $(Row {
                op: StackOp::$Name,
                mnemonic: $mnem,
                operands: &[$(Operand::$operand),*],
                pops: $pops,
                pops_per_count: $per,
                pushes: $pushes,
                flags: 0 $(| Flag::$flag as u16)*,
                doc: $doc,
            },)*
        ];

        impl StackOp {
            /// The opcode with this number, if there is one.
            pub const fn from_byte(byte: u8) -> Option<StackOp> {
                match byte {
                    $($num => Some(StackOp::$Name),)*
                    _ => None,
                }
            }
        }
    };
}

for_each_stack_op!(define_stack_ops);

/// Index into [`ROWS`] by opcode number; 255 where there is no such opcode.
const ROW_OF: [u8; 256] = {
    let mut table = [255u8; 256];
    let mut i = 0;
    while i < ROWS.len() {
        table[ROWS[i].op as usize] = i as u8;
        i += 1;
    }
    table
};

impl StackOp {
    /// The instruction's row.
    pub const fn row(self) -> &'static Row {
        &ROWS[ROW_OF[self as usize] as usize]
    }

    /// The opcode with this mnemonic, in any letter case.
    pub fn from_mnemonic(name: &str) -> Option<StackOp> {
        ROWS.iter().find(|row| row.mnemonic.eq_ignore_ascii_case(name)).map(|row| row.op)
    }
}

/// A decoded portable instruction. Operands that the row does not have are 0; signed ones (`Int`, `Label`) are kept
/// in two's complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The opcode.
    pub op: StackOp,
    /// Operands, in the row's order.
    pub operands: [u32; 2],
    /// Offset of the byte after the instruction.
    pub end: usize,
}

impl Instruction {
    /// The operand that is a count, or 0.
    pub fn count(&self) -> usize {
        let position = self.op.row().operands.iter().position(|operand| *operand == Operand::Count);
        position.map_or(0, |index| self.operands[index] as usize)
    }

    /// The label operand as an offset into the code, if the instruction has one and it does not leave `0..=u32::MAX`.
    pub fn target(&self) -> Option<usize> {
        let index = self.op.row().operands.iter().position(|operand| *operand == Operand::Label)?;
        usize::try_from(self.end as i64 + i64::from(self.operands[index] as i32)).ok()
    }
}

/// Why bytes are no portable instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No opcode has this number.
    UnknownOpcode(u8),
    /// The code ends inside the instruction.
    Truncated,
    /// An operand is longer than 32 bits, or not in its shortest form.
    BadOperand,
}

impl From<LebError> for DecodeError {
    fn from(error: LebError) -> DecodeError {
        match error {
            LebError::Truncated => DecodeError::Truncated,
            LebError::NotShortest => DecodeError::BadOperand,
        }
    }
}

/// Appends an instruction to `code`. A label operand is written as given.
///
/// # Panics
/// If the number of operands is not that of the row: a mistake of the caller, never of its input.
pub fn encode(code: &mut Vec<u8>, op: StackOp, operands: &[u32]) {
    let row = op.row();
    assert_eq!(operands.len(), row.operands.len(), "operands of {}", row.mnemonic);
    code.push(op as u8);
    for (kind, &value) in row.operands.iter().zip(operands) {
        match kind {
            Operand::Label => code.extend_from_slice(&value.to_le_bytes()),
            Operand::Int => leb::write(code, ((value as i32) << 1 ^ (value as i32) >> 31) as u32),
            _ => leb::write(code, value),
        }
    }
}

/// Reads the instruction at `offset`.
///
/// # Errors
/// When the bytes there are no instruction; see [`DecodeError`].
pub fn decode(code: &[u8], offset: usize) -> Result<Instruction, DecodeError> {
    let byte = *code.get(offset).ok_or(DecodeError::Truncated)?;
    let op = StackOp::from_byte(byte).ok_or(DecodeError::UnknownOpcode(byte))?;
    let mut end = offset + 1;
    let mut operands = [0u32; 2];
    for (slot, kind) in operands.iter_mut().zip(op.row().operands) {
        *slot = match kind {
            Operand::Label => {
                let bytes = code.get(end..end + 4).ok_or(DecodeError::Truncated)?;
                end += 4;
                u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
            }
            Operand::Int => {
                let zigzag = leb::read(code, &mut end)?;
                (zigzag >> 1) ^ (zigzag & 1).wrapping_neg()
            }
            _ => leb::read(code, &mut end)?,
        };
    }
    Ok(Instruction { op, operands, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operand edges: encode and decode are inverse for every instruction.
    #[test]
    fn encode_decode_identity() {
        let edges = [0u32, 1, 0x7f, 0x80, 0xff, 0x3fff, 0x4000, 0x7fff_ffff, 0x8000_0000, u32::MAX];
        for row in ROWS {
            for &a in &edges {
                for &b in &edges {
                    let operands = &[a, b][..row.operands.len()];
                    let mut code = vec![0xEE];
                    encode(&mut code, row.op, operands);
                    let decoded = decode(&code, 1).expect(row.mnemonic);
                    assert_eq!((decoded.op, decoded.end), (row.op, code.len()), "{}", row.mnemonic);
                    assert_eq!(&decoded.operands[..operands.len()], operands, "{}", row.mnemonic);
                    for cut in 1..code.len() {
                        assert_eq!(decode(&code[..cut], 1), Err(DecodeError::Truncated));
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_and_mnemonics_are_unique() {
        for (i, row) in ROWS.iter().enumerate() {
            assert_eq!(StackOp::from_mnemonic(&row.mnemonic.to_uppercase()), Some(row.op));
            for other in &ROWS[..i] {
                assert!(other.op != row.op && other.mnemonic != row.mnemonic);
            }
        }
    }

    #[test]
    fn overlong_operands_are_rejected() {
        let push_const = StackOp::PushConst as u8;
        for bytes in [&[push_const, 0x80, 0x00][..], &[push_const, 0xff, 0xff, 0xff, 0xff, 0x1f]] {
            assert_eq!(decode(bytes, 0), Err(DecodeError::BadOperand));
        }
        assert_eq!(decode(&[0], 0), Err(DecodeError::UnknownOpcode(0)));
    }
}
