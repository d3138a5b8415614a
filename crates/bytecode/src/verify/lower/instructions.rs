//! What each portable instruction becomes: the register instructions, alone or fused with a neighbour.

use super::{Definition, Pass, Step, TARGET};
use crate::faults::Fault;
use crate::module::Constant;
use crate::module::Pooled;
use crate::verify::Rule;
use crate::verify::state::{Local, Operand, Settled};
use iridium_isa::MAX_FRAME;
use iridium_isa::register::{RegisterOp as R, Word};
use iridium_isa::stack::{self, Flag, Instruction, Operand as Field, StackOp as S};

impl Pass<'_> {
    /// Lowers one instruction, or two that fuse, and gives the offset after it.
    pub(super) fn instruction(&mut self, instruction: &Instruction) -> Step<usize> {
        use StackArithmetic as A;
        let op = instruction.op;
        let [first, _] = instruction.operands;
        let mut end = instruction.end;
        self.throws = op.row().has(Flag::THROWS);
        if self.throws && self.has_dug() {
            return Err(Rule::RegionOperands);
        }
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
                if self.write_local(local)? {
                    self.fuse_loop_end(local, end)?;
                }
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
            S::IntDiv => self.arithmetic(A::new(R::IntDiv).immediate(R::IntDivI).constant(R::IntDivK))?,
            S::Mod => self.arithmetic(A::new(R::Mod).immediate(R::ModI).constant(R::ModK))?,
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
                if self.is(end, TARGET) {
                    self.before_end = Some(self.state());
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
                if value != register && !Fault::KeptValueMissing.is_on() {
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
                self.emit(Word::long(R::Unready, 0));
                self.emit_ext(index);
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
                let depth = self.stack.len() + usize::from(count);
                if self.locals.len() + depth > MAX_FRAME {
                    return Err(Rule::FrameTooLarge);
                }
                self.stack.resize(depth, Operand::Slot);
                self.max_depth = self.max_depth.max(depth);
                let op = if op == S::Unpack { R::Unpack } else { R::UnpackTuple };
                self.emit(Word::abc(op, register, from, count));
            }
            S::Iterate => {
                let from = self.pop_value()?;
                let register = self.next_register()?;
                self.emit(Word::abc(R::Iterate, register, from, 0));
                self.push(Operand::Iterator)?;
            }
            S::PackIterator => {
                // It is a value in its register already.
                if self.stack.last() != Some(&Operand::Iterator) {
                    return Err(Rule::NotAnIterator);
                }
                self.pop()?;
                self.push(Operand::Slot)?;
            }
            S::UnpackIterator => {
                let from = self.pop_value()?;
                let register = self.next_register()?;
                self.emit(Word::abc(R::UnpackIterator, register, from, 0));
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
            S::Class | S::ClassList | S::ClassConst | S::Instance | S::Method | S::SuperGet | S::Parent => {
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
            S::Length => self.unary(R::Length)?,
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
        if self.follows(end) && self.decode(end)?.op == S::Pop {
            // The stack engine has the value there for a moment.
            self.next_register()?;
            return self.decode(end).map(|pop| pop.end);
        }
        self.push_kept(register)?;
        Ok(end)
    }

    /// Pops a function, its receiver and arguments; gives the first register.
    fn pop_method_window(&mut self, arguments: usize) -> Step<u8> {
        let receiver = self.check_depth(arguments + 2)? + 1;
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
            S::ClassList => {
                self.module.classes.get(first as usize).ok_or(Rule::NoSuchClass)?;
                let methods = self.pop_value()?;
                let parent = self.pop_value()?;
                let register = self.next_register()?;
                self.emit(Word::abc(R::ClassList, register, parent, methods));
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
                self.emit_cache();
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

    /// Pops a value into a local. The instruction that made it writes the local itself where that is the same; says
    /// whether it does.
    fn write_local(&mut self, local: u8) -> Step<bool> {
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
        let place = self.register_of(self.stack.len());
        let made_by = made_by.filter(|definition| !copied && definition.register == place);
        match made_by {
            Some(definition) => {
                let word = &mut self.out.code[definition.word];
                *word = *word & 0xff00_ffff | u32::from(local) << 16;
                self.definition = None;
            }
            _ => match operand {
                Operand::Slot => {
                    self.emit(Word::abc(R::Move, local, place, 0));
                }
                Operand::Local(same) if same == local => {}
                forwarded => self.settle(forwarded, local),
            },
        }
        self.set_local(local, Local::Value);
        Ok(made_by.is_some())
    }

    /// Where the word just written steps a local, and the loop's test of that local and a jump back come next, puts
    /// the fused end of a counting loop in front of it.
    fn fuse_loop_end(&mut self, local: u8, end: usize) -> Step {
        let settled = self.stack.iter().all(|&operand| Operand::from(operand.settled()) == operand);
        let Some(step) = self.out.code.last().map(|&word| Word(word)).filter(|_| settled) else { return Ok(()) };
        if step.a() != local || step.b() != local {
            return Ok(());
        }
        let Some((bound, test, target)) = self.loop_test(local, end) else { return Ok(()) };
        let fused = match (R::from_byte(step.opcode()), test) {
            (Some(R::AddI | R::SubI), _) => {
                let small = step.c() as i8;
                let down = step.opcode() == R::SubI as u8;
                let Some(distance) = (if down { small.checked_neg() } else { Some(small) }) else { return Ok(()) };
                let op = match test {
                    S::Lt if Fault::LoopEnd.is_on() => R::LoopLe,
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
        let straight = [left.end, right.end, test.end].iter().all(|&inner| self.follows(inner));
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
        let follows = self.follows(end) && self.decode(end)?.op == S::Pop;
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
        let key = if Fault::OperandsSwapped.is_on() { value } else { key };
        self.emit(Word::abc(R::SetIndex, collection, key, value));
        self.push_unless_popped(value, end)
    }

    fn unary(&mut self, op: R) -> Step {
        let value = self.pop_value()?;
        self.define(op, value, 0)
    }

    fn arithmetic(&mut self, ops: StackArithmetic) -> Step {
        let small = match self.stack.last() {
            Some(Operand::Int(128)) if Fault::ImmediateTooLarge.is_on() => Some(-128),
            Some(Operand::Int(value)) => i8::try_from(*value).ok(),
            _ => None,
        };
        if let (Some(op), Some(small)) = (ops.immediate, small) {
            self.pop()?;
            let left = self.pop_value()?;
            return self.define(op, left, small as u8);
        }
        let constant = match self.stack.last() {
            Some(&Operand::Pool(index)) => u8::try_from(index).ok(),
            Some(&Operand::Int(value)) if ops.constant.is_some() => u8::try_from(self.pooled(Pooled::Int(value))).ok(),
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
        let follower = if self.follows(end) { Some(self.decode(end)?) } else { None };
        let jump = follower.filter(|next| matches!(next.op, S::JumpIf | S::JumpIfNot));
        let Some(jump) = jump else {
            let right = self.pop_value()?;
            let left = self.pop_value()?;
            self.define(value_op, left, right)?;
            return Ok(end);
        };
        let expected = expected || Fault::TestNotInverted.is_on();
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
        let depth = self.check_depth(count)?;
        if function.captures.len() != count {
            return Err(Rule::CapturesDiffer);
        }
        for (&is_cell, operand) in function.captures.iter().zip(&self.stack[depth..]) {
            let matches = if is_cell { operand.settled() == Settled::Cell } else { operand.is_value() };
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
        if self.locals[usize::from(local)] != Local::Optional || !self.follows(end) {
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
