//! Wrong lowering on demand, for the tests of the tests: what compares engines must find each of these. Without the
//! feature `faults`, which nothing that is shipped has, none can be asked for.
//!
//! A fault never makes code unsafe: jumps still land on instructions, registers are still within the frame.

/// A mistake that lowering makes while `with` runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A forwarded read of a local is not copied out before the local is written.
    ReadPastWrite,
    /// The words of calls of methods and functions have the position of what comes before them.
    LostPosition,
    /// A label that control also falls into stands before the words that bring operands into place for it.
    LabelTooEarly,
    /// The int 128 counts as one that fits into eight bits.
    ImmediateTooLarge,
    /// `!=` and the jump behind it become the test of `==`.
    TestNotInverted,
    /// The last word of one way to a label is changed as if it were the only way.
    ResultAcrossLabel,
    /// The value that a jump keeps is not brought into its register.
    KeptValueMissing,
    /// What a handler catches goes to the register of the first operand.
    HandlerRegister,
    /// A handler's region ends a word too early.
    HandlerEnd,
    /// The fused end of a loop `<` turns once more.
    LoopEnd,
    /// Truths in a function's pool are taken for ints.
    PoolConfused,
    /// All property sites of a function have the inline cache of the first.
    CacheShared,
    /// `set` of an element takes its value for the key.
    OperandsSwapped,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 13] = [
        Fault::ReadPastWrite,
        Fault::LostPosition,
        Fault::LabelTooEarly,
        Fault::ImmediateTooLarge,
        Fault::TestNotInverted,
        Fault::ResultAcrossLabel,
        Fault::KeptValueMissing,
        Fault::HandlerRegister,
        Fault::HandlerEnd,
        Fault::LoopEnd,
        Fault::PoolConfused,
        Fault::CacheShared,
        Fault::OperandsSwapped,
    ];

    /// Whether lowering is to make this mistake now.
    #[cfg(feature = "faults")]
    pub(crate) fn is_on(self) -> bool {
        ON.get() == Some(self)
    }

    /// Whether lowering is to make this mistake now: never in this build.
    #[cfg(not(feature = "faults"))]
    pub(crate) const fn is_on(self) -> bool {
        false
    }
}

#[cfg(feature = "faults")]
thread_local! {
    static ON: std::cell::Cell<Option<Fault>> = const { std::cell::Cell::new(None) };
}

/// Does something, such as verifying a module, while lowering makes a mistake in this thread.
#[cfg(feature = "faults")]
pub fn with<T>(fault: Fault, make: impl FnOnce() -> T) -> T {
    /// Takes the fault back, also after a panic.
    struct Off;
    impl Drop for Off {
        fn drop(&mut self) {
            ON.set(None);
        }
    }
    let _off = Off;
    ON.set(Some(fault));
    make()
}
