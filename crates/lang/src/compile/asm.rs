//! The code of one function while it is being written: instructions with labels, and the pass that threads jumps and
//! drops what cannot be reached before it becomes bytes.
//!
//! The generator may therefore write code after a jump or a `return` without a thought: nothing unreachable is left.

use crate::source::{Source, Span};
use iridium_bytecode::{CodeBuilder, Handler, LocalName, Position, PositionTable};
use iridium_isa::stack::{Flag, Operand, StackOp};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(u32);

#[derive(Clone, Copy, Debug)]
struct Ins {
    op: StackOp,
    operands: [u32; 2],
    label: Option<Label>,
    span: Span,
    /// Whether it is the jump to a loop's test, with the loop's body right behind it.
    enters: bool,
}

/// A local's name while control is between two instructions.
#[derive(Clone, Debug)]
pub(super) struct NameRange {
    pub(super) slot: u32,
    pub(super) name: Rc<str>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Code whose throws go on at a place behind it.
#[derive(Clone, Copy, Debug)]
struct Region {
    start: Label,
    end: Label,
    target: Label,
    /// Whether it is there for exits, too.
    finally: bool,
}

/// Instructions of a function.
#[derive(Debug, Default)]
pub(super) struct Asm {
    code: Vec<Ins>,
    /// Inner ones first.
    regions: Vec<Region>,
    /// The number of the instruction that each label stands before.
    labels: Vec<Option<u32>>,
    pub(super) names: Vec<NameRange>,
}

/// The finished code of a function.
pub(super) struct Code {
    pub(super) bytes: Vec<u8>,
    pub(super) positions: PositionTable,
    pub(super) names: Vec<LocalName>,
    pub(super) handlers: Vec<Handler>,
    /// Operands on the stack where there are most.
    pub(super) depth: usize,
}

impl Asm {
    /// Number of the next instruction.
    pub(super) fn here(&self) -> usize {
        self.code.len()
    }

    pub(super) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    pub(super) fn bind(&mut self, label: Label) {
        self.labels[label.0 as usize] = Some(self.code.len() as u32);
    }

    pub(super) fn emit(&mut self, op: StackOp, operands: [u32; 2], span: Span) {
        self.code.push(Ins { op, operands, label: None, span, enters: false });
    }

    pub(super) fn jump(&mut self, op: StackOp, label: Label, span: Span) {
        self.code.push(Ins { op, operands: [0; 2], label: Some(label), span, enters: false });
    }

    /// The jump from before a loop to its test. The verifier knows the body by what held here, so it stays in its place.
    pub(super) fn enter_loop(&mut self, label: Label, span: Span) {
        self.code.push(Ins { op: StackOp::Jump, operands: [0; 2], label: Some(label), span, enters: true });
    }

    /// Says that throws between two bound labels go on at a third, which is bound later. Inner regions come first. With `finally` so do exits.
    pub(super) fn catch(&mut self, start: Label, end: Label, target: Label, finally: bool) {
        self.regions.push(Region { start, end, target, finally });
    }

    fn place(&self, label: Label) -> usize {
        self.labels[label.0 as usize].map_or(self.code.len(), |place| place as usize)
    }

    /// Puts instructions without labels before everything else.
    pub(super) fn prepend(&mut self, before: &[(StackOp, u32)]) {
        let shift = before.len();
        let ins = |(op, operand): &(StackOp, u32)| Ins {
            op: *op,
            operands: [*operand, 0],
            label: None,
            span: Span::default(),
            enters: false,
        };
        self.code.splice(..0, before.iter().map(ins));
        for place in self.labels.iter_mut().flatten() {
            *place += shift as u32;
        }
        for name in &mut self.names {
            name.start += shift;
            name.end += shift;
        }
    }

    fn target(&self, number: usize) -> Option<u32> {
        self.code[number].label.and_then(|label| self.labels[label.0 as usize])
    }

    /// Makes bytes. `constant` and `function` give the operands their final numbers; only what is reached is asked for.
    pub(super) fn finish(
        mut self,
        source: &Source,
        builder: &mut CodeBuilder,
        mut constant: impl FnMut(u32) -> u32,
        mut function: impl FnMut(u32) -> u32,
        mut class: impl FnMut(u32) -> u32,
        mut shared: impl FnMut(&Rc<str>) -> Arc<str>,
    ) -> Code {
        let mut targets: Vec<Option<u32>> = (0..self.code.len()).map(|number| self.target(number)).collect();
        let catches = self.catches();
        self.thread(&mut targets, &catches);
        let depths = self.depths(&targets, &catches);
        self.drop_jumps_to_next(&mut targets, &depths, &catches);

        let mut labels = vec![None; self.code.len() + 1];
        for (number, target) in targets.iter().enumerate() {
            if let (Some(target), true) = (target, depths[number].is_some()) {
                labels[*target as usize].get_or_insert_with(|| builder.label());
            }
        }
        let mut offsets = vec![0u32; self.code.len() + 1];
        let mut position = (Span::default(), Position::default());
        let mut deepest = 0;
        for (number, ins) in self.code.iter().enumerate() {
            offsets[number] = builder.offset() as u32;
            let Some(depth) = depths[number].map(|depth| depth as usize) else { continue };
            if let Some(label) = labels[number] {
                builder.bind(label);
            }
            if ins.op == StackOp::Jump && targets[number].is_none() {
                continue;
            }
            let row = ins.op.row();
            if row.has(Flag::THROWS) || row.has(Flag::CALLS) || row.has(Flag::JUMPS) || row.has(Flag::ALLOCATES) {
                if position.0 != ins.span || position.1.line == 0 {
                    position = (ins.span, source.position(ins.span));
                }
                builder.mark(position.1);
            }
            deepest = deepest.max(depth).max(after(ins, depth)).max(after_jump(ins, depth));
            match targets[number].and_then(|target| labels[target as usize]) {
                Some(label) => builder.jump(ins.op, label),
                None => {
                    let mut operands = ins.operands;
                    for (operand, kind) in operands.iter_mut().zip(row.operands) {
                        match kind {
                            Operand::Const => *operand = constant(*operand),
                            Operand::Func => *operand = function(*operand),
                            Operand::Class => *operand = class(*operand),
                            _ => {}
                        }
                    }
                    builder.emit(ins.op, &operands[..row.operands.len()]);
                }
            }
        }
        offsets[self.code.len()] = builder.offset() as u32;
        let (bytes, positions) = builder.finish();
        let name = |range: NameRange| LocalName {
            local: range.slot as u8,
            name: shared(&range.name),
            start: offsets[range.start],
            end: offsets[range.end],
        };
        let names = self.names.drain(..).map(name).filter(|name| name.start < name.end).collect();
        let offset = |label| offsets[self.place(label)];
        let handler = |region: &Region| Handler {
            start: offset(region.start),
            end: offset(region.end),
            target: offset(region.target),
            finally: region.finally,
        };
        // A region without code catches nothing.
        let handlers = self.regions.iter().map(handler).filter(|handler| handler.start < handler.end).collect();
        Code { bytes, positions, names, handlers, depth: deepest }
    }

    /// Where throws go on, by the first instruction of a region. Control enters a region nowhere else, so that the
    /// region is reached if that instruction is: it stays where it is, even if it is a jump that does nothing.
    fn catches(&self) -> FxHashMap<usize, Vec<usize>> {
        let mut catches: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for region in &self.regions {
            let (start, end) = (self.place(region.start), self.place(region.end));
            if start < end {
                catches.entry(start).or_default().push(self.place(region.target));
            }
        }
        catches
    }

    /// A jump to a jump goes where that goes. Only forward jumps: a backward one costs a reduction, and there must
    /// stay exactly one for each iteration.
    fn thread(&self, targets: &mut [Option<u32>], catches: &FxHashMap<usize, Vec<usize>>) {
        for number in (0..self.code.len()).rev() {
            let keeps = self.code[number].op.row().has(Flag::KEEPS);
            if !matches!(self.code[number].op, StackOp::Jump | StackOp::JumpIf | StackOp::JumpIfNot) && !keeps {
                continue;
            }
            // From the end on: the targets of forward jumps are final already, so one step is enough.
            let Some(target) = targets[number].filter(|target| *target as usize > number) else { continue };
            if let Some(Ins { op: StackOp::Jump, enters: false, .. }) = self.code.get(target as usize)
                && let Some(next) = targets[target as usize]
                && (!keeps || next as usize > number)
                && !catches.contains_key(&(target as usize))
            {
                targets[number] = Some(next);
            }
        }
    }

    /// Operands on the stack before each instruction that can be reached.
    fn depths(&self, targets: &[Option<u32>], catches: &FxHashMap<usize, Vec<usize>>) -> Vec<Option<u32>> {
        let mut depths = vec![None; self.code.len()];
        let mut todo = vec![(0, 0)];
        while let Some((mut number, mut depth)) = todo.pop() {
            while let Some(ins) = self.code.get(number) {
                if let Some(known) = depths[number] {
                    debug_assert_eq!(known as usize, depth, "depths meet at {number}: {ins:?}");
                    break;
                }
                depths[number] = Some(depth as u32);
                for target in catches.get(&number).into_iter().flatten() {
                    todo.push((*target, depth + 1));
                }
                if let Some(target) = targets[number] {
                    todo.push((target as usize, after_jump(ins, depth)));
                }
                if ins.op.row().has(Flag::ENDS) {
                    break;
                }
                depth = after(ins, depth);
                number += 1;
            }
        }
        depths
    }

    /// A jump to the instruction that follows does nothing; a conditional one only drops its condition.
    fn drop_jumps_to_next(
        &mut self,
        targets: &mut [Option<u32>],
        depths: &[Option<u32>],
        catches: &FxHashMap<usize, Vec<usize>>,
    ) {
        let mut next = self.code.len();
        for number in (0..self.code.len()).rev() {
            if depths[number].is_none() {
                continue;
            }
            // `next` is the first that stays: nothing that counts lies between.
            let same = targets[number].is_some_and(|target| (number + 1..=next).contains(&(target as usize)));
            match self.code[number].op {
                StackOp::Jump if same && !catches.contains_key(&number) => {
                    targets[number] = None;
                    continue;
                }
                StackOp::JumpIf | StackOp::JumpIfNot if same => {
                    targets[number] = None;
                    self.code[number].op = StackOp::Pop;
                    self.code[number].label = None;
                }
                _ => {}
            }
            next = number;
        }
    }
}

/// Operands after an instruction when control goes on to the next.
fn after(ins: &Ins, depth: usize) -> usize {
    let row = ins.op.row();
    let count_at = row.operands.iter().position(|operand| *operand == Operand::Count);
    let count = count_at.map_or(0, |index| ins.operands[index] as usize);
    let pops = row.pops + row.pops_per_count * count;
    let pushes = row.pushes + if row.has(Flag::UNPACKS) { count } else { 0 };
    debug_assert!(depth >= pops, "{ins:?} at depth {depth}");
    depth.saturating_sub(pops) + pushes
}

/// Operands at the target of a jump.
fn after_jump(ins: &Ins, depth: usize) -> usize {
    match ins.op {
        StackOp::Next => depth + 1,
        StackOp::NextPair => depth + 2,
        StackOp::JumpIfKeep | StackOp::JumpIfNotKeep => depth,
        _ => after(ins, depth),
    }
}

/// What an instruction does to the number of operands, for the generator.
pub(super) fn effect(op: StackOp, count: u32, depth: usize) -> usize {
    let row = op.row();
    let pops = row.pops + row.pops_per_count * count as usize;
    let pushes = row.pushes + if row.has(Flag::UNPACKS) { count as usize } else { 0 };
    // In code that is never reached the number may be anything.
    depth.saturating_sub(pops) + pushes
}
