//! Lowers the portable code of one function, verifying as it goes.

use super::state::{Local, Operand, State};
use super::{Lowered, Pooled, Rejection, Rule};
use crate::module::{Constant, Function, Module, Position};
use iridium_isa::MAX_FRAME;
use iridium_isa::register::{OFFSET_RANGE, RegisterOp, RegisterOp as R, Word};
use iridium_isa::stack::{self, DecodeError, Flag, Instruction, Operand as Field, StackOp as S};
use std::collections::HashMap;

/// Lowers function `index` of a module whose tables were checked.
pub(super) fn lower(module: &Module, index: usize) -> Result<Lowered, Rejection> {
    let mut pass = Pass::new(module, &module.functions[index]);
    match pass.run() {
        Ok(()) => Ok(pass.out),
        Err(rule) => Err(Rejection { rule, function: Some(index as u32), offset: pass.at as u32 }),
    }
}

/// What is known of a place that jumps name.
#[derive(Default)]
struct Target {
    /// What the jumps seen so far bring there.
    state: Option<State>,
    /// The word that stands there, once it is known.
    word: Option<usize>,
    /// Values that the jumps there push: an iteration's element, or key and value.
    pushed: usize,
}

/// The last instruction, if its result is in an operand's own register and may as well go elsewhere.
#[derive(Clone, Copy)]
struct Definition {
    word: usize,
    register: u8,
}

struct Pass<'a> {
    module: &'a Module,
    function: &'a Function,
    out: Lowered,
    pool_index: HashMap<Pooled, u32>,
    /// Places that jumps name, by offset.
    targets: HashMap<usize, Target>,
    /// `JMP` words whose distance is not known yet, and the offsets that they name.
    fixups: Vec<(usize, usize)>,
    /// The offset of the instruction that is being lowered.
    at: usize,
    position: Option<Position>,
    locals: Vec<Local>,
    stack: Vec<Operand>,
    reachable: bool,
    /// What held at the jump just before this instruction.
    before_end: Option<State>,
    max_depth: usize,
    definition: Option<Definition>,
    /// Regions that hold at the present instruction, as indices into the function's handlers.
    active: Vec<usize>,
    /// Word at which each handler's region starts and ends, and the register of what it catches.
    regions: Vec<(usize, usize, u8)>,
}

type Step<T = ()> = Result<T, Rule>;

impl<'a> Pass<'a> {
    fn new(module: &'a Module, function: &'a Function) -> Self {
        let mut locals = vec![Local::Unset; usize::from(function.locals)];
        let (required, optional) = (usize::from(function.required), usize::from(function.optional));
        locals[..required].fill(Local::Value);
        locals[required..required + optional].fill(Local::Optional);
        locals[required + optional..function.parameters()].fill(Local::Value);
        Pass {
            module,
            function,
            out: Lowered::default(),
            pool_index: HashMap::new(),
            targets: HashMap::new(),
            fixups: Vec::new(),
            at: 0,
            position: None,
            locals,
            stack: Vec::new(),
            reachable: true,
            before_end: None,
            max_depth: 0,
            definition: None,
            active: Vec::new(),
            regions: vec![(usize::MAX, usize::MAX, 0); function.handlers.len()],
        }
    }

    fn run(&mut self) -> Step {
        self.find_targets()?;
        let function = self.function;
        let mut positions = function.positions.entries().iter().peekable();
        while self.at < function.code.len() {
            while let Some((_, position)) = positions.next_if(|(offset, _)| *offset as usize <= self.at) {
                self.position = Some(*position);
            }
            let instruction = self.decode(self.at)?;
            self.arrive()?;
            self.enter_regions()?;
            self.before_end = None;
            self.at = self.instruction(&instruction)?;
        }
        if self.reachable {
            return Err(Rule::FallsOff);
        }
        self.patch_jumps()?;
        self.lower_handlers()?;
        self.out.frame = u8::try_from(self.locals.len() + self.max_depth).map_err(|_| Rule::FrameTooLarge)?;
        Ok(())
    }

    fn decode(&self, offset: usize) -> Step<Instruction> {
        stack::decode(&self.function.code, offset).map_err(|error| match error {
            DecodeError::UnknownOpcode(_) => Rule::UnknownOpcode,
            DecodeError::Truncated => Rule::Truncated,
            DecodeError::BadOperand => Rule::BadOperand,
        })
    }

    /// Finds the places that jumps name, and checks that they are starts of instructions.
    fn find_targets(&mut self) -> Step {
        let length = self.function.code.len();
        let mut starts = vec![false; length];
        let mut jumps = Vec::new();
        while self.at < length {
            starts[self.at] = true;
            let instruction = self.decode(self.at)?;
            if instruction.op.row().has(Flag::JUMPS) {
                let target = instruction.target().filter(|&target| target < length).ok_or(Rule::JumpOutside)?;
                jumps.push((self.at, target));
                let place = self.targets.entry(target).or_default();
                place.pushed = match instruction.op {
                    S::Next => 1,
                    S::NextPair => 2,
                    _ => place.pushed,
                };
            }
            self.at = instruction.end;
        }
        for handler in &self.function.handlers {
            let is_start = |offset: u32| starts.get(offset as usize).copied().unwrap_or(false);
            let ends = is_start(handler.end) || handler.end as usize == length;
            if !is_start(handler.start) || !ends || !is_start(handler.target) {
                self.at = handler.start as usize;
                return Err(Rule::BadHandler);
            }
            self.targets.entry(handler.target as usize).or_default();
        }
        for (from, target) in jumps {
            if !starts[target] {
                self.at = from;
                return Err(Rule::JumpIntoInstruction);
            }
        }
        self.at = 0;
        Ok(())
    }

    /// Joins the ways to the instruction at `self.at`.
    fn arrive(&mut self) -> Step {
        if self.targets.contains_key(&self.at) {
            if self.reachable {
                self.settle_all();
                self.flow_to(self.at)?;
            }
            let word = self.out.code.len();
            let target = self.targets.get_mut(&self.at).expect("just looked up");
            target.word = Some(word);
            if target.state.is_none() {
                // The body of a loop whose test comes last: the jump before it goes to the test, which jumps back
                // here. Assume what held at the jump; the way back is checked against that when it is found.
                let mut assumed = self.before_end.take().ok_or(Rule::Unreachable)?;
                assumed.stack.extend(std::iter::repeat_n(Operand::Slot, target.pushed));
                self.max_depth = self.max_depth.max(assumed.stack.len());
                if assumed.locals.len() + assumed.stack.len() > MAX_FRAME {
                    return Err(Rule::FrameTooLarge);
                }
                target.state = Some(assumed);
            }
            let state = target.state.as_ref().expect("just filled");
            self.locals.clone_from(&state.locals);
            self.stack.clone_from(&state.stack);
            self.reachable = true;
            self.definition = None;
        }
        if self.reachable { Ok(()) } else { Err(Rule::Unreachable) }
    }

    /// Notes that control goes from here to `target` with the present, settled state.
    fn flow_to(&mut self, target: usize) -> Step {
        let state = State { locals: self.locals.clone(), stack: self.stack.clone() };
        let place = self.targets.get_mut(&target).expect("all targets were found before");
        match (&mut place.state, place.word) {
            (Some(known), Some(_)) => known.check_back_edge(&state),
            (Some(known), None) => known.merge(&state),
            (none, _) => {
                *none = Some(state);
                Ok(())
            }
        }
    }

    /// Notes the regions that start or end here.
    fn enter_regions(&mut self) -> Step {
        let function = self.function;
        let (at, word) = (self.at as u32, self.out.code.len());
        for index in (0..function.handlers.len()).rev() {
            let handler = function.handlers[index];
            if handler.end == at {
                self.active.retain(|&active| active != index);
                self.regions[index].1 = word;
            }
            if handler.start != at {
                continue;
            }
            // A throw brings what is on the stack now, with the thrown value on top; so all of it must be in place.
            self.settle_all();
            self.definition = None;
            self.regions[index] = (self.out.code.len(), usize::MAX, self.next_register()?);
            self.active.push(index);
            self.push(Operand::Slot)?;
            self.flow_to(handler.target as usize)?;
            self.pop()?;
        }
        Ok(())
    }

    /// Says what a local holds from now on: also where a throw of this region would go on.
    fn set_local(&mut self, local: u8, kind: Local) {
        let local = usize::from(local);
        self.locals[local] = kind;
        for &index in &self.active {
            let target = self.function.handlers[index].target as usize;
            if let Some(state) = self.targets.get_mut(&target).and_then(|place| place.state.as_mut())
                && state.locals[local] != kind
            {
                state.locals[local] = Local::Unset;
            }
        }
    }

    fn lower_handlers(&mut self) -> Step {
        for (handler, &(start, end, register)) in self.function.handlers.iter().zip(&self.regions) {
            let end = if end == usize::MAX { self.out.code.len() } else { end };
            let target = self.targets[&(handler.target as usize)].word.ok_or(Rule::Unreachable)?;
            if start == usize::MAX {
                return Err(Rule::Unreachable);
            }
            let (start, end, target) = (start as u32, end as u32, target as u32);
            self.out.handlers.push(super::LoweredHandler { start, end, target, register });
        }
        Ok(())
    }

    fn patch_jumps(&mut self) -> Step {
        for &(word, offset) in &self.fixups {
            let target = self.targets[&offset].word.ok_or(Rule::Unreachable)?;
            let distance = target as i64 - (word as i64 + 1);
            if !OFFSET_RANGE.contains(&distance) {
                return Err(Rule::JumpTooFar);
            }
            self.out.code[word] = Word::long(R::Jmp, distance as u32).0;
        }
        Ok(())
    }

    // ---- Writing words ----

    fn emit(&mut self, word: Word) -> usize {
        let at = self.out.code.len();
        if let Some(position) = self.position {
            self.out.positions.push(at as u32, position);
        }
        self.out.code.push(word.0);
        self.definition = None;
        at
    }

    fn emit_ext(&mut self, bits: u32) {
        self.emit(Word::long(R::Ext, bits));
    }

    /// Emits an instruction whose result goes to the register of the next operand, and pushes that.
    fn define(&mut self, op: R, b: u8, c: u8) -> Step {
        let register = self.next_register()?;
        let word = self.emit(Word::abc(op, register, b, c));
        self.push(Operand::Slot)?;
        self.definition = Some(Definition { word, register });
        Ok(())
    }

    /// The same with an operand of 16 bits.
    fn define_wide(&mut self, op: R, wide: u16) -> Step {
        self.define(op, (wide >> 8) as u8, wide as u8)
    }

    /// Emits the index of a new inline cache.
    fn emit_cache(&mut self) {
        self.emit_ext(self.out.caches);
        self.out.caches += 1;
    }

    fn emit_jump(&mut self, target: usize) {
        let word = self.emit(Word::long(R::Jmp, 0));
        self.fixups.push((word, target));
    }

    fn pooled(&mut self, constant: Pooled) -> u32 {
        let pool = &mut self.out.pool;
        *self.pool_index.entry(constant).or_insert_with(|| {
            pool.push(constant);
            pool.len() as u32 - 1
        })
    }

    // ---- The operand stack ----

    fn register_of(&self, depth: usize) -> u8 {
        (self.locals.len() + depth) as u8
    }

    fn next_register(&self) -> Step<u8> {
        if self.locals.len() + self.stack.len() >= MAX_FRAME {
            return Err(Rule::FrameTooLarge);
        }
        Ok(self.register_of(self.stack.len()))
    }

    fn push(&mut self, operand: Operand) -> Step {
        self.next_register()?;
        self.stack.push(operand);
        self.max_depth = self.max_depth.max(self.stack.len());
        Ok(())
    }

    fn pop(&mut self) -> Step<Operand> {
        self.stack.pop().ok_or(Rule::StackUnderflow)
    }

    /// Pops a value and gives a register that holds it.
    fn pop_value(&mut self) -> Step<u8> {
        let operand = self.pop()?;
        match operand {
            Operand::Iterator => Err(Rule::IteratorMisplaced),
            Operand::Receiver => Err(Rule::NotAReceiver),
            operand if !operand.is_value() => Err(Rule::NotAValue),
            Operand::Local(local) => Ok(local),
            operand => {
                let register = self.register_of(self.stack.len());
                self.settle(operand, register);
                Ok(register)
            }
        }
    }

    /// Puts an operand into its own register.
    fn settle(&mut self, operand: Operand, register: u8) {
        match operand {
            Operand::Slot | Operand::Cell | Operand::Iterator | Operand::Receiver => {}
            Operand::Local(local) | Operand::LocalCell(local) => {
                self.emit(Word::abc(R::Move, register, local, 0));
            }
            Operand::Null => {
                self.emit(Word::abc(R::LoadNull, register, 0, 0));
            }
            Operand::Bool(value) => {
                self.emit(Word::abc(R::LoadBool, register, u8::from(value), 0));
            }
            Operand::Callee => {
                self.emit(Word::abc(R::Callee, register, 0, 0));
            }
            Operand::Int(value) => match i16::try_from(value) {
                Ok(small) => {
                    self.emit(Word::wide(R::Load, register, small as u16));
                }
                Err(_) => {
                    let index = self.pooled(Pooled::Int(value));
                    self.load_pooled(register, index);
                }
            },
            Operand::Pool(index) => self.load_pooled(register, index),
        }
    }

    fn load_pooled(&mut self, register: u8, index: u32) {
        match u16::try_from(index) {
            Ok(small) => {
                self.emit(Word::wide(R::LoadK, register, small));
            }
            Err(_) => {
                self.emit(Word::abc(R::LoadKWide, register, 0, 0));
                self.emit_ext(index);
            }
        }
    }

    /// Puts all operands from a depth on into their own registers.
    fn settle_from(&mut self, depth: usize) {
        for index in depth..self.stack.len() {
            let operand = self.stack[index];
            let register = self.register_of(index);
            self.settle(operand, register);
            self.stack[index] = operand.settled();
        }
    }

    fn settle_all(&mut self) {
        self.settle_from(0);
    }

    /// Pops `count` values into consecutive registers, of which the first is given.
    fn pop_window(&mut self, count: usize) -> Step<u8> {
        let depth = self.stack.len().checked_sub(count).ok_or(Rule::StackUnderflow)?;
        if self.stack[depth..].contains(&Operand::Iterator) {
            return Err(Rule::IteratorMisplaced);
        }
        if !self.stack[depth..].iter().all(|operand| operand.is_value()) {
            return Err(Rule::NotAValue);
        }
        self.settle_from(depth);
        self.stack.truncate(depth);
        Ok(self.register_of(depth))
    }

    /// Copies out the operands that are forwarded reads of a local which is about to be written.
    fn release_local(&mut self, local: u8) -> bool {
        let mut copied = false;
        for index in 0..self.stack.len() {
            let operand = self.stack[index];
            if operand == Operand::Local(local) || operand == Operand::LocalCell(local) {
                let register = self.register_of(index);
                self.settle(operand, register);
                self.stack[index] = operand.settled();
                copied = true;
            }
        }
        copied
    }

    // ---- Operand fields ----

    fn constant(&self, index: u32) -> Step<&'a Constant> {
        self.module.constants.get(index as usize).ok_or(Rule::NoSuchConstant)
    }

    fn global(&self, index: u32) -> Step<u32> {
        if (index as usize) < self.module.globals.len() { Ok(index) } else { Err(Rule::NoSuchGlobal) }
    }

    fn local(&self, number: u32) -> Step<u8> {
        if (number as usize) < self.locals.len() { Ok(number as u8) } else { Err(Rule::NoSuchLocal) }
    }

    fn cell_local(&self, number: u32) -> Step<u8> {
        let local = self.local(number)?;
        match self.locals[usize::from(local)] {
            Local::Cell => Ok(local),
            Local::Unset => Err(Rule::UnsetLocal),
            _ => Err(Rule::LocalIsNoCell),
        }
    }

    fn capture(&self, index: u32, cell: bool) -> Step<u16> {
        match self.function.captures.get(index as usize) {
            None => Err(Rule::NoSuchCapture),
            Some(&is_cell) if is_cell != cell => Err(Rule::CaptureKind),
            Some(_) => Ok(index as u16),
        }
    }

    fn count(&self, count: u32) -> Step<u8> {
        match u8::try_from(count) {
            Ok(count) if usize::from(count) <= MAX_FRAME => Ok(count),
            _ => Err(Rule::CountTooLarge),
        }
    }

    fn atom(&mut self, index: u32) -> Step<u32> {
        match self.constant(index)? {
            Constant::Atom(_) => Ok(self.pooled(Pooled::Const(index))),
            _ => Err(Rule::NotAnAtom),
        }
    }

    // ---- Instructions ----

    /// Lowers one instruction, or two that fuse, and gives the offset after it.
    fn instruction(&mut self, instruction: &Instruction) -> Step<usize> {
        use StackArithmetic as A;
        let op = instruction.op;
        let [first, _] = instruction.operands;
        let mut end = instruction.end;
        // Count operands come last in their rows.
        let count = if op.row().operands.contains(&Field::Count) { self.count(instruction.count() as u32)? } else { 0 };
        match op {
            S::Push => self.push(Operand::Int(first as i32))?,
            S::PushConst => {
                self.constant(first)?;
                let index = self.pooled(Pooled::Const(first));
                self.push(Operand::Pool(index))?;
            }
            S::PushNull => self.push(Operand::Null)?,
            S::PushTrue => self.push(Operand::Bool(true))?,
            S::PushFalse => self.push(Operand::Bool(false))?,
            S::PushSelf => self.push(Operand::Callee)?,
            S::PushFunc => {
                let function = self.module.functions.get(first as usize).ok_or(Rule::NoSuchFunction)?;
                if !function.captures.is_empty() {
                    return Err(Rule::NeedsCaptures);
                }
                let index = self.pooled(Pooled::Func(first));
                self.push(Operand::Pool(index))?;
            }
            S::Pop => {
                self.pop()?;
            }
            S::Dup => {
                let top = *self.stack.last().ok_or(Rule::StackUnderflow)?;
                if !top.is_value() {
                    return Err(Rule::NotAValue);
                }
                if top == Operand::Slot {
                    let from = self.register_of(self.stack.len() - 1);
                    self.define(R::Move, from, 0)?;
                } else {
                    self.push(top)?;
                }
            }
            S::LocalGet => {
                let local = self.local(first)?;
                match self.locals[usize::from(local)] {
                    Local::Value => self.push(Operand::Local(local))?,
                    Local::Cell => return Err(Rule::LocalIsCell),
                    Local::Unset | Local::Optional => return Err(Rule::UnsetLocal),
                }
            }
            S::LocalSet => {
                let local = self.local(first)?;
                self.write_local(local)?;
                self.fuse_loop_end(local, end)?;
            }
            S::LocalTee => {
                let local = self.local(first)?;
                self.write_local(local)?;
                self.push(Operand::Local(local))?;
            }
            S::CellNew => {
                let local = self.local(first)?;
                let value = self.pop_value()?;
                self.release_local(local);
                self.emit(Word::abc(R::Cell, local, value, 0));
                self.set_local(local, Local::Cell);
            }
            S::CellNewEmpty => {
                let local = self.local(first)?;
                self.release_local(local);
                self.emit(Word::abc(R::CellEmpty, local, 0, 0));
                self.set_local(local, Local::Cell);
            }
            S::CellGet => {
                let local = self.cell_local(first)?;
                self.define(R::GetCell, local, 0)?;
            }
            S::CellSet | S::CellInit => {
                let local = self.cell_local(first)?;
                let value = self.pop_value()?;
                self.emit(Word::abc(if op == S::CellSet { R::SetCell } else { R::InitCell }, local, value, 0));
            }
            S::CellLoad => {
                let local = self.cell_local(first)?;
                self.push(Operand::LocalCell(local))?;
            }
            S::CaptureGet => {
                let capture = self.capture(first, false)?;
                self.define_wide(R::GetCap, capture)?;
            }
            S::CaptureCellGet => {
                let capture = self.capture(first, true)?;
                self.define_wide(R::GetCapC, capture)?;
            }
            S::CaptureCellSet => {
                let capture = self.capture(first, true)?;
                let value = self.pop_value()?;
                self.emit(Word::wide(R::SetCapC, value, capture));
            }
            S::CaptureLoad => {
                let capture = self.capture(first, true)?;
                let register = self.next_register()?;
                self.emit(Word::wide(R::CapCell, register, capture));
                self.push(Operand::Cell)?;
            }
            S::GlobalGet => {
                let global = self.global(first)?;
                let register = self.next_register()?;
                let word = self.emit(Word::wide(R::GetG, register, 0));
                self.emit_ext(global);
                self.push(Operand::Slot)?;
                self.definition = Some(Definition { word, register });
            }
            S::GlobalSet | S::GlobalInit => {
                let global = self.global(first)?;
                let value = self.pop_value()?;
                self.emit(Word::wide(if op == S::GlobalSet { R::SetG } else { R::InitG }, value, 0));
                self.emit_ext(global);
            }
            S::Closure => self.closure(first, usize::from(count))?,
            S::ArgMissing => end = self.arg_missing(first, end)?,
            S::Add => self.arithmetic(A::new(R::Add).immediate(R::AddI).constant(R::AddK))?,
            S::Sub => self.arithmetic(A::new(R::Sub).immediate(R::SubI).constant(R::SubK))?,
            S::Mul => self.arithmetic(A::new(R::Mul).immediate(R::MulI).constant(R::MulK))?,
            S::Div => self.arithmetic(A::new(R::Div).constant(R::DivK))?,
            S::IntDiv => self.arithmetic(A::new(R::IntDiv).immediate(R::IntDivI))?,
            S::Mod => self.arithmetic(A::new(R::Mod).immediate(R::ModI))?,
            S::Pow => self.arithmetic(A::new(R::Pow))?,
            S::BitAnd => self.arithmetic(A::new(R::BitAnd))?,
            S::BitOr => self.arithmetic(A::new(R::BitOr))?,
            S::BitXor => self.arithmetic(A::new(R::BitXor))?,
            S::Shl => self.arithmetic(A::new(R::Shl))?,
            S::Shr => self.arithmetic(A::new(R::Shr))?,
            S::Neg => self.unary(R::Neg)?,
            S::BitNot => self.unary(R::BitNot)?,
            S::Not => self.unary(R::Not)?,
            S::Eq => end = self.comparison(R::Eq, R::JEq, R::JEqI, true, end)?,
            S::Ne => end = self.comparison(R::Ne, R::JEq, R::JEqI, false, end)?,
            S::Lt => end = self.comparison(R::Lt, R::JLt, R::JLtI, true, end)?,
            S::Le => end = self.comparison(R::Le, R::JLe, R::JLeI, true, end)?,
            S::Gt => end = self.comparison(R::Gt, R::JGt, R::JGtI, true, end)?,
            S::Ge => end = self.comparison(R::Ge, R::JGe, R::JGeI, true, end)?,
            S::Jump => {
                self.settle_all();
                let target = instruction.target().ok_or(Rule::JumpOutside)?;
                self.flow_to(target)?;
                self.emit_jump(target);
                if self.targets.contains_key(&end) {
                    self.before_end = Some(State { locals: self.locals.clone(), stack: self.stack.clone() });
                }
            }
            S::JumpIf | S::JumpIfNot => {
                let value = self.pop_value()?;
                let target = instruction.target().ok_or(Rule::JumpOutside)?;
                self.test(Word::abc(R::JIf, value, u8::from(op == S::JumpIf), 0), target)?;
            }
            S::JumpIfKeep | S::JumpIfNotKeep => {
                let target = instruction.target().filter(|&target| target > self.at).ok_or(Rule::KeepBackward)?;
                let value = self.pop_value()?;
                // The value goes to its own register, for the place that the jump names.
                let register = self.register_of(self.stack.len());
                if value != register {
                    self.emit(Word::abc(R::Move, register, value, 0));
                }
                self.push(Operand::Slot)?;
                self.test(Word::abc(R::JIf, register, u8::from(op == S::JumpIfKeep), 0), target)?;
                self.pop()?;
            }
            S::Call => {
                let window = self.pop_window(1 + usize::from(count))?;
                self.emit(Word::abc(R::Call, window, count, 0));
                self.push(Operand::Slot)?;
            }
            S::TailCall => {
                let window = self.pop_window(1 + usize::from(count))?;
                self.emit(Word::abc(R::TailCall, window, count, 0));
            }
            S::CallList => {
                let window = self.pop_window(2)?;
                self.emit(Word::abc(R::CallList, window, 0, 0));
                self.push(Operand::Slot)?;
            }
            S::TailCallList => {
                let window = self.pop_window(2)?;
                self.emit(Word::abc(R::TailCallList, window, 0, 0));
            }
            S::Return => {
                let value = self.pop_value()?;
                self.emit(Word::abc(R::Ret, value, 0, 0));
            }
            S::Halt => {
                let value = self.pop_value()?;
                if value != 0 {
                    self.emit(Word::abc(R::Move, 0, value, 0));
                }
                self.max_depth = self.max_depth.max(1);
                self.emit(Word::long(R::Hlt, 0));
            }
            S::Throw => {
                let value = self.pop_value()?;
                self.emit(Word::abc(R::Throw, value, 0, 0));
            }
            S::Unready => {
                if !matches!(self.constant(first)?, Constant::Str(_)) {
                    return Err(Rule::NotAName);
                }
                let index = self.pooled(Pooled::Const(first));
                let index = u16::try_from(index).map_err(|_| Rule::TooManyConstants)?;
                self.emit(Word::wide(R::Unready, 0, index));
            }
            S::List | S::Tuple => {
                let values = self.pop_window(usize::from(count))?;
                self.define(if op == S::List { R::List } else { R::Tuple }, values, count)?;
            }
            S::Map => {
                let values = self.pop_window(2 * usize::from(count))?;
                self.define(R::Map, values, count)?;
            }
            S::ListAppend => {
                let values = self.pop_window(usize::from(count))?;
                let list = self.pop_value()?;
                self.emit(Word::abc(R::Append, list, values, count));
                self.push_kept(list)?;
            }
            S::ListExtend => {
                let values = self.pop_value()?;
                let list = self.pop_value()?;
                self.emit(Word::abc(R::Extend, list, values, 0));
                self.push_kept(list)?;
            }
            S::ListToTuple => self.unary(R::ToTuple)?,
            S::MapPut => {
                let value = self.pop_value()?;
                let key = self.pop_value()?;
                let map = self.pop_value()?;
                self.emit(Word::abc(R::MapPut, map, key, value));
                self.push_kept(map)?;
            }
            S::IndexSet => {
                end = self.set_index(end)?;
            }
            S::IndexGet => {
                let key = self.pop_value()?;
                let collection = self.pop_value()?;
                self.define(R::GetIndex, collection, key)?;
            }
            S::IndexGetOr => {
                let window = self.pop_window(3)?;
                self.define(R::GetIndexOr, window, 0)?;
            }
            S::PropGet => {
                let name = self.atom(first)?;
                let object = self.pop_value()?;
                let register = self.next_register()?;
                let word = self.emit(Word::abc(R::GetProp, register, object, 0));
                self.emit_ext(name);
                self.emit_cache();
                self.push(Operand::Slot)?;
                self.definition = Some(Definition { word, register });
            }
            S::PropSet => {
                let name = self.atom(first)?;
                let value = self.pop_value()?;
                let object = self.pop_value()?;
                self.emit(Word::abc(R::SetProp, object, value, 0));
                self.emit_ext(name);
                self.emit_cache();
                end = self.push_unless_popped(value, end)?;
            }
            S::Unpack | S::UnpackTuple => {
                let from = self.pop_value()?;
                let register = self.register_of(self.stack.len());
                for _ in 0..count {
                    self.push(Operand::Slot)?;
                }
                let op = if op == S::Unpack { R::Unpack } else { R::UnpackTuple };
                self.emit(Word::abc(op, register, from, count));
            }
            S::Iterate => {
                let from = self.pop_value()?;
                let register = self.next_register()?;
                self.emit(Word::abc(R::Iterate, register, from, 0));
                self.push(Operand::Iterator)?;
            }
            S::Next | S::NextPair => {
                if self.stack.last() != Some(&Operand::Iterator) {
                    return Err(Rule::NotAnIterator);
                }
                let iterator = self.register_of(self.stack.len() - 1);
                let target = instruction.target().ok_or(Rule::JumpOutside)?;
                let pushed = if op == S::Next { 1 } else { 2 };
                let depth = self.stack.len();
                for _ in 0..pushed {
                    self.push(Operand::Slot)?;
                }
                let op = if op == S::Next { R::Next } else { R::NextPair };
                self.test(Word::abc(op, iterator + 1, iterator, 0), target)?;
                self.stack.truncate(depth);
            }
            S::Class | S::ClassConst | S::Instance | S::Method | S::SuperGet | S::Parent => {
                self.class_instruction(instruction)?
            }
            S::CallMethod | S::CallMethodList | S::TailCallMethod | S::TailCallMethodList => {
                let (lowered, arguments) = match op {
                    S::CallMethod => (R::CallMethod, usize::from(count)),
                    S::TailCallMethod => (R::TailCallMethod, usize::from(count)),
                    S::CallMethodList => (R::CallMethodList, 1),
                    _ => (R::TailCallMethodList, 1),
                };
                let window = self.pop_method_window(arguments)?;
                self.emit(Word::abc(lowered, window, count, 0));
                if !op.row().has(Flag::ENDS) {
                    self.push(Operand::Slot)?;
                }
            }
            S::IsType => {
                let number = u8::try_from(first).ok().filter(|&number| usize::from(number) < stack::TYPES.len());
                let number = number.ok_or(Rule::NoSuchType)?;
                let value = self.pop_value()?;
                self.define(R::IsType, value, number)?;
            }
            S::IsA | S::HasKey => {
                let right = self.pop_value()?;
                let left = self.pop_value()?;
                self.define(if op == S::IsA { R::IsA } else { R::HasKey }, left, right)?;
            }
            S::HasLength | S::HasAtLeast | S::Element | S::Rest => {
                let lowered = match op {
                    S::HasLength => R::HasLength,
                    S::HasAtLeast => R::HasAtLeast,
                    S::Element => R::Element,
                    _ => R::Rest,
                };
                let value = self.pop_value()?;
                self.define(lowered, value, count)?;
            }
            S::NoMatch => {
                let value = self.pop_value()?;
                self.emit(Word::abc(R::NoMatch, value, 0, 0));
            }
            S::CallLen => self.unary(R::Len)?,
            S::CallGet => {
                let key = self.pop_value()?;
                let collection = self.pop_value()?;
                self.define(R::Get, collection, key)?;
            }
            S::CallGetOr => {
                let window = self.pop_window(3)?;
                self.define(R::GetOr, window, 0)?;
            }
            S::CallPush => {
                let value = self.pop_value()?;
                let list = self.pop_value()?;
                self.define(R::Push, list, value)?;
            }
            S::CallPut => {
                let window = self.pop_window(3)?;
                self.define(R::Put, window, 0)?;
            }
        }
        self.reachable = !op.row().has(Flag::ENDS);
        if !self.reachable {
            self.stack.clear();
        }
        Ok(end)
    }

    /// As [`push_kept`](Self::push_kept), unless a `pop` follows, which is then done.
    fn push_unless_popped(&mut self, register: u8, end: usize) -> Step<usize> {
        let follows = end < self.function.code.len() && !self.targets.contains_key(&end);
        if follows && self.decode(end)?.op == S::Pop {
            // The stack engine has the value there for a moment.
            self.next_register()?;
            return self.decode(end).map(|pop| pop.end);
        }
        self.push_kept(register)?;
        Ok(end)
    }

    /// Pops a function, its receiver and arguments; gives the first register.
    fn pop_method_window(&mut self, arguments: usize) -> Step<u8> {
        let receiver =
            self.stack.len().checked_sub(arguments + 1).filter(|&depth| depth > 0).ok_or(Rule::StackUnderflow)?;
        if self.stack[receiver] != Operand::Receiver {
            return Err(Rule::NotAReceiver);
        }
        self.pop_window(arguments)?;
        self.stack.pop();
        self.pop_window(1)
    }

    fn class_instruction(&mut self, instruction: &Instruction) -> Step {
        let [first, second] = instruction.operands;
        match instruction.op {
            S::Class => {
                let count = self.count(second)?;
                let template = self.module.classes.get(first as usize).ok_or(Rule::NoSuchClass)?;
                if template.methods.len() != usize::from(count) {
                    return Err(Rule::NoSuchClass);
                }
                let parts = self.pop_window(1 + usize::from(count))?;
                let register = self.next_register()?;
                self.emit(Word::abc(R::Class, register, parts, count));
                self.emit_ext(first);
                self.push(Operand::Slot)?;
            }
            S::ClassConst => {
                let name = self.atom(first)?;
                let value = self.pop_value()?;
                let class = self.pop_value()?;
                self.emit(Word::abc(R::ClassConst, class, value, 0));
                self.emit_ext(name);
                self.push_kept(class)?;
            }
            S::Instance => {
                let class = self.pop_value()?;
                let register = self.register_of(self.stack.len());
                for _ in 0..3 {
                    self.push(Operand::Slot)?;
                }
                self.emit(Word::abc(R::Instance, register, class, 0));
            }
            S::Method => {
                let name = self.atom(first)?;
                let object = self.pop_value()?;
                let register = self.register_of(self.stack.len());
                self.push(Operand::Slot)?;
                self.push(Operand::Receiver)?;
                self.emit(Word::abc(R::Method, register, object, 0));
                self.emit_ext(name);
                self.emit_cache();
            }
            S::SuperGet => {
                let name = self.atom(first)?;
                let class = self.pop_value()?;
                let register = self.next_register()?;
                self.emit(Word::abc(R::SuperGet, register, class, 0));
                self.emit_ext(name);
                self.push(Operand::Slot)?;
            }
            _ => self.unary(R::Parent)?,
        }
        Ok(())
    }

    /// Pushes a value that an instruction read from a register and left there.
    fn push_kept(&mut self, register: u8) -> Step {
        if usize::from(register) < self.locals.len() {
            self.push(Operand::Local(register))
        } else if register == self.next_register()? {
            self.push(Operand::Slot)
        } else {
            self.define(R::Move, register, 0)
        }
    }

    /// Pops a value into a local. The instruction that made it writes the local itself where that is the same.
    fn write_local(&mut self, local: u8) -> Step {
        let top = *self.stack.last().ok_or(Rule::StackUnderflow)?;
        let made_by = self.definition.filter(|_| top == Operand::Slot);
        let operand = self.pop()?;
        if operand == Operand::Iterator {
            return Err(Rule::IteratorMisplaced);
        }
        if !operand.is_value() {
            return Err(Rule::NotAValue);
        }
        let copied = self.release_local(local);
        match made_by {
            Some(definition) if !copied && definition.register == self.register_of(self.stack.len()) => {
                let word = &mut self.out.code[definition.word];
                *word = *word & 0xff00_ffff | u32::from(local) << 16;
                self.definition = None;
            }
            _ => match operand {
                Operand::Slot => {
                    let register = self.register_of(self.stack.len());
                    self.emit(Word::abc(R::Move, local, register, 0));
                }
                Operand::Local(same) if same == local => {}
                forwarded => self.settle(forwarded, local),
            },
        }
        self.set_local(local, Local::Value);
        Ok(())
    }

    /// Where the word just written steps a local, and the loop's test of that local and a jump back come next, puts
    /// the fused end of a counting loop in front of it.
    fn fuse_loop_end(&mut self, local: u8, end: usize) -> Step {
        let settled = self.stack.iter().all(|operand| operand.settled() == *operand);
        let Some(step) = self.out.code.last().map(|&word| Word(word)).filter(|_| settled) else { return Ok(()) };
        if step.a() != local || step.b() != local {
            return Ok(());
        }
        let Some((bound, test, target)) = self.loop_test(local, end) else { return Ok(()) };
        let fused = match (RegisterOp::from_byte(step.opcode()), test) {
            (Some(R::AddI | R::SubI), _) => {
                let small = step.c() as i8;
                let down = step.opcode() == R::SubI as u8;
                let Some(distance) = (if down { small.checked_neg() } else { Some(small) }) else { return Ok(()) };
                let op = match test {
                    S::Lt => R::LoopLt,
                    S::Le => R::LoopLe,
                    S::Gt => R::LoopGt,
                    _ => R::LoopGe,
                };
                Word::abc(op, local, bound, distance as u8)
            }
            (Some(R::Add), S::Lt) => Word::abc(R::LoopLtR, local, bound, step.c()),
            (Some(R::Add), S::Le) => Word::abc(R::LoopLeR, local, bound, step.c()),
            _ => return Ok(()),
        };
        self.out.code.pop();
        self.emit(fused);
        self.emit_jump(target);
        self.emit(step);
        Ok(())
    }

    /// The test `local < bound; jump-if back` at an offset: the bound's local, the comparison, the place.
    fn loop_test(&self, local: u8, offset: usize) -> Option<(u8, S, usize)> {
        let left = self.decode(offset).ok()?;
        let right = self.decode(left.end).ok()?;
        let test = self.decode(right.end).ok()?;
        let jump = self.decode(test.end).ok()?;
        let reads = left.op == S::LocalGet && right.op == S::LocalGet && left.operands[0] == u32::from(local);
        let bound = self.local(right.operands[0]).ok().filter(|&bound| bound != local)?;
        let compares = matches!(test.op, S::Lt | S::Le | S::Gt | S::Ge) && jump.op == S::JumpIf;
        let straight = [left.end, right.end, test.end].iter().all(|inner| !self.targets.contains_key(inner));
        let back = jump.target().filter(|&target| target < offset)?;
        (reads && compares && straight && self.locals[usize::from(bound)] == Local::Value)
            .then_some((bound, test.op, back))
    }

    /// `index-set`: a constant is written from the pool.
    fn set_index(&mut self, end: usize) -> Step<usize> {
        let constant = match self.stack.last() {
            Some(Operand::Int(value)) => Some(Pooled::Int(*value)),
            Some(Operand::Bool(value)) => Some(Pooled::Bool(*value)),
            Some(Operand::Null) => Some(Pooled::Null),
            _ => None,
        };
        let follows =
            end < self.function.code.len() && !self.targets.contains_key(&end) && self.decode(end)?.op == S::Pop;
        if let Some(constant) = constant.filter(|_| follows)
            && let Ok(index) = u8::try_from(self.pooled(constant))
        {
            self.pop()?;
            let key = self.pop_value()?;
            let collection = self.pop_value()?;
            self.emit(Word::abc(R::SetIndexK, collection, key, index));
            return self.decode(end).map(|pop| pop.end);
        }
        let value = self.pop_value()?;
        let key = self.pop_value()?;
        let collection = self.pop_value()?;
        self.emit(Word::abc(R::SetIndex, collection, key, value));
        self.push_unless_popped(value, end)
    }

    fn unary(&mut self, op: R) -> Step {
        let value = self.pop_value()?;
        self.define(op, value, 0)
    }

    fn arithmetic(&mut self, ops: StackArithmetic) -> Step {
        let small = match self.stack.last() {
            Some(Operand::Int(value)) => i8::try_from(*value).ok(),
            _ => None,
        };
        if let (Some(op), Some(small)) = (ops.immediate, small) {
            self.pop()?;
            let left = self.pop_value()?;
            return self.define(op, left, small as u8);
        }
        let constant = match self.stack.last() {
            Some(Operand::Pool(index)) => u8::try_from(*index).ok(),
            _ => None,
        };
        if let (Some(op), Some(constant)) = (ops.constant, constant) {
            self.pop()?;
            let left = self.pop_value()?;
            return self.define(op, left, constant);
        }
        let right = self.pop_value()?;
        let left = self.pop_value()?;
        self.define(ops.registers, left, right)
    }

    /// Lowers a comparison; fuses it with a conditional jump behind it that nothing else jumps to.
    fn comparison(&mut self, value_op: R, test: R, test_immediate: R, expected: bool, end: usize) -> Step<usize> {
        let small = match self.stack.last() {
            Some(Operand::Int(value)) => i8::try_from(*value).ok(),
            _ => None,
        };
        let follower = if end < self.function.code.len() && !self.targets.contains_key(&end) {
            Some(self.decode(end)?)
        } else {
            None
        };
        let jump = follower.filter(|next| matches!(next.op, S::JumpIf | S::JumpIfNot));
        let Some(jump) = jump else {
            let right = self.pop_value()?;
            let left = self.pop_value()?;
            self.define(value_op, left, right)?;
            return Ok(end);
        };
        let condition = u8::from((jump.op == S::JumpIf) == expected);
        let target = jump.target().ok_or(Rule::JumpOutside)?;
        let word = match small {
            Some(small) => {
                self.pop()?;
                let left = self.pop_value()?;
                Word::abc(test_immediate, left, small as u8, condition)
            }
            None => {
                let right = self.pop_value()?;
                let left = self.pop_value()?;
                Word::abc(test, left, right, condition)
            }
        };
        self.test(word, target)?;
        Ok(jump.end)
    }

    /// Emits a test and the jump that it executes.
    fn test(&mut self, word: Word, target: usize) -> Step {
        self.settle_all();
        self.flow_to(target)?;
        self.emit(word);
        self.emit_jump(target);
        Ok(())
    }

    fn closure(&mut self, index: u32, count: usize) -> Step {
        let function = self.module.functions.get(index as usize).ok_or(Rule::NoSuchFunction)?;
        let depth = self.stack.len().checked_sub(count).ok_or(Rule::StackUnderflow)?;
        if function.captures.len() != count {
            return Err(Rule::CapturesDiffer);
        }
        for (&is_cell, operand) in function.captures.iter().zip(&self.stack[depth..]) {
            let matches = if is_cell { operand.settled() == Operand::Cell } else { operand.is_value() };
            if !matches {
                return Err(Rule::CapturesDiffer);
            }
        }
        self.settle_from(depth);
        self.stack.truncate(depth);
        let register = self.next_register()?;
        let constant = self.pooled(Pooled::Func(index));
        let word = self.emit(Word::abc(R::Closure, register, register, count as u8));
        self.emit_ext(constant);
        self.push(Operand::Slot)?;
        self.definition = Some(Definition { word, register });
        Ok(())
    }

    /// `arg-missing` and the `jump-if-not` behind it: where that jumps, the parameter is a value.
    fn arg_missing(&mut self, number: u32, end: usize) -> Step<usize> {
        let local = self.local(number)?;
        if self.locals[usize::from(local)] != Local::Optional || self.targets.contains_key(&end) {
            return Err(Rule::NotOptional);
        }
        let jump = self.decode(end)?;
        if jump.op != S::JumpIfNot {
            return Err(Rule::NotOptional);
        }
        let target = jump.target().filter(|&target| target > self.at).ok_or(Rule::NotOptional)?;
        let register = self.next_register()?;
        self.max_depth = self.max_depth.max(self.stack.len() + 1);
        self.settle_all();
        self.emit(Word::abc(R::Missing, register, local, 0));
        self.locals[usize::from(local)] = Local::Value;
        self.test(Word::abc(R::JIf, register, 0, 0), target)?;
        self.set_local(local, Local::Unset);
        Ok(jump.end)
    }
}

/// The register instructions of an arithmetic operation.
struct StackArithmetic {
    registers: R,
    immediate: Option<R>,
    constant: Option<R>,
}

impl StackArithmetic {
    fn new(registers: R) -> Self {
        StackArithmetic { registers, immediate: None, constant: None }
    }
    fn immediate(self, op: R) -> Self {
        StackArithmetic { immediate: Some(op), ..self }
    }
    fn constant(self, op: R) -> Self {
        StackArithmetic { constant: Some(op), ..self }
    }
}
