//! What the pass knows at a point of the code: the kinds of locals, and where each operand is.

use super::Rule;

/// What a local holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Local {
    /// Nothing yet, or different things on different ways here.
    Unset,
    /// A value.
    Value,
    /// A cell.
    Cell,
    /// An optional parameter that nobody asked for yet.
    Optional,
}

impl Local {
    /// A bit of its own.
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// An operand, and where it is. Anything but `Slot`, `Cell` and `Iterator` is forwarded: its own register, the slot of
/// its depth, does not hold it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// A value in its own register.
    Slot,
    /// A cell in its own register.
    Cell,
    /// An iterator in its own register.
    Iterator,
    /// In its own register, what may be the receiver of a call.
    Receiver,
    /// The value of a local.
    Local(u8),
    /// The cell in a local.
    LocalCell(u8),
    /// A small int.
    Int(i32),
    /// A constant of the function's pool.
    Pool(u32),
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The running function.
    Callee,
}

impl Operand {
    /// Whether it is a value, not a cell or an iterator.
    pub(super) fn is_value(self) -> bool {
        !matches!(self, Operand::Cell | Operand::LocalCell(_) | Operand::Iterator | Operand::Receiver)
    }

    /// What it is once it is in its own register.
    pub(super) fn settled(self) -> Settled {
        match self {
            Operand::Cell | Operand::LocalCell(_) => Settled::Cell,
            Operand::Iterator => Settled::Iterator,
            Operand::Receiver => Settled::Receiver,
            _ => Settled::Value,
        }
    }
}

/// What an operand is that is in its own register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// A value.
    Value,
    /// A cell.
    Cell,
    /// An iterator.
    Iterator,
    /// What may be the receiver of a call.
    Receiver,
}

impl From<Settled> for Operand {
    fn from(settled: Settled) -> Operand {
        match settled {
            Settled::Value => Operand::Slot,
            Settled::Cell => Operand::Cell,
            Settled::Iterator => Operand::Iterator,
            Settled::Receiver => Operand::Receiver,
        }
    }
}

/// What is known at a label: every operand is in its own register there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) locals: Vec<Local>,
    pub(super) stack: Vec<Settled>,
}

impl State {
    /// How many kinds it holds.
    pub(super) fn size(&self) -> usize {
        self.locals.len() + self.stack.len()
    }

    /// Takes in another way to the same place. Locals that differ are unset from here on.
    pub(super) fn merge(&mut self, other: &State) -> Result<(), Rule> {
        self.check_stack(other)?;
        for (mine, theirs) in self.locals.iter_mut().zip(&other.locals) {
            if mine != theirs {
                *mine = Local::Unset;
            }
        }
        Ok(())
    }

    /// Checks a way back to a place whose code was lowered already: it must bring at least what was assumed there.
    pub(super) fn check_back_edge(&self, other: &State) -> Result<(), Rule> {
        self.check_stack(other)?;
        for (mine, theirs) in self.locals.iter().zip(&other.locals) {
            if *mine != Local::Unset && mine != theirs {
                return Err(Rule::KindDiffers);
            }
        }
        Ok(())
    }

    fn check_stack(&self, other: &State) -> Result<(), Rule> {
        if self.stack.len() != other.stack.len() {
            return Err(Rule::DepthDiffers);
        }
        if self.stack == other.stack { Ok(()) } else { Err(Rule::KindDiffers) }
    }
}
