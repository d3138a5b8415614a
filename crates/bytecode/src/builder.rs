//! Writes the portable code of one function.

use crate::module::{Position, PositionTable};
use iridium_isa::stack::{self, Operand, StackOp};

/// A place in the code that jumps can name before it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// Collects instructions, resolves labels, keeps positions.
#[derive(Clone, Debug, Default)]
pub struct CodeBuilder {
    code: Vec<u8>,
    positions: PositionTable,
    labels: Vec<Option<usize>>,
    fixups: Vec<(usize, Label)>,
}

impl CodeBuilder {
    /// A builder without code.
    pub fn new() -> Self {
        Self::default()
    }

    /// The offset at which the next instruction will stand.
    pub fn offset(&self) -> usize {
        self.code.len()
    }

    /// Says where the following instructions stand in the source.
    pub fn mark(&mut self, position: Position) {
        self.positions.push(self.code.len() as u32, position);
    }

    /// Appends an instruction without a label.
    ///
    /// # Panics
    /// If the operands do not fit the instruction's row.
    pub fn emit(&mut self, op: StackOp, operands: &[u32]) {
        assert!(!op.row().operands.contains(&Operand::Label), "{} takes a label", op.row().mnemonic);
        stack::encode(&mut self.code, op, operands);
    }

    /// Makes a label that is not bound yet.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Binds a label to the next instruction.
    pub fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len());
    }

    /// Appends an instruction whose operand is a label.
    pub fn jump(&mut self, op: StackOp, label: Label) {
        stack::encode(&mut self.code, op, &[0]);
        self.fixups.push((self.code.len(), label));
    }

    /// The finished code. The builder is empty then, and keeps its memory for the next function.
    ///
    /// # Panics
    /// If a label that a jump names was never bound.
    pub fn finish(&mut self) -> (Vec<u8>, PositionTable) {
        for (end, label) in self.fixups.drain(..) {
            let target = self.labels[label.0].expect("every label that is jumped to is bound");
            let distance = target as i64 - end as i64;
            self.code[end - 4..end].copy_from_slice(&(distance as i32).to_le_bytes());
        }
        self.labels.clear();
        let finished = (self.code.clone(), self.positions.clone());
        self.code.clear();
        self.positions.clear();
        finished
    }
}
