//! Lowers the portable code of one function, verifying as it goes: the walk, jumps, operands and their registers. What
//! each instruction becomes is in [`instructions`].

mod instructions;

use super::state::{Local, Operand, Settled, State};
use super::{Lowered, Rejection, Rule};
use crate::faults::Fault;
use crate::module::{Constant, Function, Module, Pooled, Position, RegisterHandler};
use iridium_isa::MAX_FRAME;
use iridium_isa::register::{CACHE_WORDS, OFFSET_RANGE, RegisterOp as R, Word};
use iridium_isa::stack::{self, DecodeError, Flag, Instruction, StackOp as S};
use std::collections::HashMap;

/// Lowers the functions of a module whose tables were checked.
pub(super) struct Lowering<'a>(Pass<'a>);

impl<'a> Lowering<'a> {
    pub(super) fn new(module: &'a Module) -> Lowering<'a> {
        Lowering(Pass::new(module))
    }

    /// Lowers a function.
    pub(super) fn function(&mut self, index: usize) -> Result<Lowered, Rejection> {
        let pass = &mut self.0;
        pass.start(index);
        match pass.run() {
            // A copy takes no more memory than it needs, and the next function finds room for its own.
            Ok(()) => Ok(pass.out.clone()),
            Err(rule) => Err(Rejection { rule, function: Some(index as u32), offset: pass.at as u32 }),
        }
    }
}

/// The offset of the portable instruction that each word of a function's register code came from.
pub(super) fn origins(module: &Module, index: usize) -> Vec<u32> {
    let mut pass = Pass::new(module);
    pass.start(index);
    pass.origins = Some(Vec::new());
    pass.run().expect("what was lowered once can be lowered again");
    pass.origins.unwrap_or_default()
}

/// Constants of a function whose table is kept for those of the next one.
const MAX_REUSED: usize = 1000;

/// An offset at which an instruction starts.
const START: u8 = 1;
/// An offset that a jump or a handler names.
const TARGET: u8 = 2;
/// An offset at which a region starts or ends.
const EDGE: u8 = 4;

/// What is known of a place that jumps or handlers name.
struct Place {
    /// Its offset.
    offset: usize,
    /// What the ways seen so far bring there. Kept as long as more of them may come.
    state: Option<State>,
    /// Jumps and handlers that name it and were not seen yet.
    awaited: usize,
    /// The word that stands there, once it is known.
    word: Option<usize>,
    /// Values that the jumps there push: an iteration's element, or key and value.
    pushed: usize,
}

/// A region that holds at the present instruction.
struct Open {
    /// Index of its handler.
    handler: usize,
    /// Operands that were there when it began, and are still there wherever it throws.
    floor: usize,
    /// By local, the kinds that it has had at some place of the region, as bits.
    held: Vec<u8>,
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
    /// What is at each offset: a sum of [`START`], [`TARGET`] and [`EDGE`].
    marks: Vec<u8>,
    /// Places that jumps and handlers name, by offset.
    places: Vec<Place>,
    /// How many of them lie before the present instruction.
    passed: usize,
    /// Kinds that are kept in the states of places and in open regions.
    known: usize,
    /// `JMP` words whose distance is not known yet, with the offsets that they come from and that they name.
    fixups: Vec<(usize, usize, usize)>,
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
    /// Handlers by the start of their region, outer ones first.
    entries: Vec<usize>,
    /// How many of them were entered.
    entered: usize,
    /// Regions that hold at the present instruction, inner ones last.
    open: Vec<Open>,
    /// Whether the present instruction may throw.
    throws: bool,
    /// The least depth below the innermost region's operands since the last place that jumps name: code that leaves the
    /// region takes away what it found, and does not throw from there on.
    dug: usize,
    /// Offsets of the instructions that the words came from, if somebody wants to know.
    origins: Option<Vec<u32>>,
    /// Word at which each handler's region starts and ends, and the register of what it catches.
    regions: Vec<(Option<usize>, Option<usize>, u8)>,
}

type Step<T = ()> = Result<T, Rule>;

impl<'a> Pass<'a> {
    /// A pass that [`start`](Self::start) has to put before a function.
    fn new(module: &'a Module) -> Self {
        Pass {
            module,
            function: &module.functions[0],
            out: Lowered::default(),
            pool_index: HashMap::new(),
            marks: Vec::new(),
            places: Vec::new(),
            passed: 0,
            known: 0,
            fixups: Vec::new(),
            at: 0,
            position: None,
            locals: Vec::new(),
            stack: Vec::new(),
            reachable: true,
            before_end: None,
            max_depth: 0,
            definition: None,
            entries: Vec::new(),
            entered: 0,
            open: Vec::new(),
            throws: false,
            dug: usize::MAX,
            origins: None,
            regions: Vec::new(),
        }
    }

    /// Stands before a function. Memory that was used for another one is used again, unless it is so much that to clear
    /// it would take long.
    fn start(&mut self, index: usize) {
        let function = &self.module.functions[index];
        self.function = function;
        self.out.clear();
        if self.pool_index.capacity() > MAX_REUSED {
            self.pool_index = HashMap::new();
        }
        self.pool_index.clear();
        self.places.clear();
        (self.passed, self.known) = (0, 0);
        self.fixups.clear();
        (self.at, self.position) = (0, None);
        self.locals.clear();
        self.locals.resize(usize::from(function.locals), Local::Unset);
        self.locals[..function.parameters()].fill(Local::Value);
        if !function.packed {
            let (required, optional) = (function.required as usize, function.optional as usize);
            self.locals[required..required + optional].fill(Local::Optional);
        }
        self.stack.clear();
        (self.reachable, self.before_end) = (true, None);
        (self.max_depth, self.definition) = (0, None);
        self.entered = 0;
        self.open.clear();
        (self.throws, self.dug) = (false, usize::MAX);
        self.regions.clear();
        self.regions.resize(function.handlers.len(), (None, None, 0));
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
        super::check_pool(self.out.pool.len(), self.out.caches as usize)?;
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

    /// Finds the places that jumps and handlers name, and checks that they are starts of instructions.
    fn find_targets(&mut self) -> Step {
        let length = self.function.code.len();
        if self.marks.capacity() < length {
            // Memory that is new is zero already.
            self.marks = vec![0; length];
        } else {
            self.marks.clear();
            self.marks.resize(length, 0);
        }
        let mut jumps = Vec::new();
        while self.at < length {
            self.marks[self.at] = START;
            let instruction = self.decode(self.at)?;
            if instruction.op.row().has(Flag::JUMPS) {
                let target = instruction.target().filter(|&target| target < length).ok_or(Rule::JumpOutside)?;
                let pushed = match instruction.op {
                    S::Next => 1,
                    S::NextPair => 2,
                    _ => 0,
                };
                jumps.push((target, self.at, pushed));
            }
            self.at = instruction.end;
        }
        let handlers = &self.function.handlers;
        for handler in handlers {
            let is_start = |offset: u32| self.is(offset as usize, START);
            if !is_start(handler.start) || !is_start(handler.end) || !is_start(handler.target) {
                self.at = handler.start as usize;
                return Err(Rule::BadHandler);
            }
        }
        super::check_nesting(handlers.iter().map(|handler| (handler.start, handler.end))).map_err(|start| {
            self.at = start as usize;
            Rule::BadHandler
        })?;
        let is_place = |at: u32| self.is(at as usize, START);
        super::check_debug(self.function, is_place, length, self.locals.len()).map_err(|offset| {
            self.at = offset as usize;
            Rule::BadDebugTable
        })?;
        if let Some(&(_, from, _)) = jumps.iter().find(|(target, ..)| !self.is(*target, START)) {
            self.at = from;
            return Err(Rule::JumpIntoInstruction);
        }
        for handler in handlers {
            jumps.push((handler.target as usize, 0, 0));
            for edge in [handler.start, handler.end] {
                if let Some(mark) = self.marks.get_mut(edge as usize) {
                    *mark |= EDGE;
                }
            }
        }
        self.entries.clear();
        self.entries.extend(0..handlers.len());
        self.entries.sort_by_key(|&index| (handlers[index].start, std::cmp::Reverse(index)));
        jumps.sort_unstable();
        for (offset, _, pushed) in jumps {
            match self.places.last_mut().filter(|last| last.offset == offset) {
                Some(last) => (last.awaited, last.pushed) = (last.awaited + 1, last.pushed.max(pushed)),
                None => {
                    self.marks[offset] |= TARGET;
                    self.places.push(Place { offset, state: None, awaited: 1, word: None, pushed });
                }
            }
        }
        self.at = 0;
        Ok(())
    }

    /// Whether an offset has one of these marks.
    fn is(&self, offset: usize, marks: u8) -> bool {
        self.marks.get(offset).is_some_and(|found| found & marks != 0)
    }

    /// Whether an instruction at this offset belongs to the one before, with which it may fuse: nothing else leads
    /// there, and no region starts or ends between them.
    fn follows(&self, offset: usize) -> bool {
        self.marks.get(offset) == Some(&START)
    }

    /// The index of the place that jumps name by this offset.
    fn place(&self, offset: usize) -> usize {
        self.places.binary_search_by_key(&offset, |place| place.offset).expect("all places were found before")
    }

    /// Joins the ways to the instruction at `self.at`.
    fn arrive(&mut self) -> Step {
        let is_target = self.is(self.at, TARGET);
        let before = self.out.code.len();
        if is_target && self.reachable {
            self.settle_all();
            self.merge_into(self.passed)?;
        }
        self.leave_regions();
        if is_target {
            let word = if Fault::LabelTooEarly.is_on() { before } else { self.out.code.len() };
            let place = &mut self.places[self.passed];
            place.word = Some(word);
            if place.state.is_none() {
                // The body of a loop whose test comes last: the jump before it goes to the test, which jumps back
                // here. Assume what held at the jump; the way back is checked against that when it is found.
                let mut assumed = self.before_end.take().ok_or(Rule::Unreachable)?;
                assumed.stack.extend(std::iter::repeat_n(Settled::Value, place.pushed));
                self.max_depth = self.max_depth.max(assumed.stack.len());
                if assumed.locals.len() + assumed.stack.len() > MAX_FRAME {
                    return Err(Rule::FrameTooLarge);
                }
                let size = assumed.size();
                place.state = Some(assumed);
                self.keep(size)?;
            }
            let state = self.places[self.passed].state.as_ref().expect("just filled");
            self.locals.clone_from(&state.locals);
            self.stack.clear();
            self.stack.extend(state.stack.iter().map(|&kind| Operand::from(kind)));
            self.drop_if_done(self.passed);
            self.passed += 1;
            self.reachable = true;
            self.dug = usize::MAX;
            if !Fault::ResultAcrossLabel.is_on() {
                self.definition = None;
            }
            self.hold_in_region()?;
        }
        if self.reachable { Ok(()) } else { Err(Rule::Unreachable) }
    }

    /// Control comes to a place inside a region, perhaps from outside: a throw may bring what holds here.
    fn hold_in_region(&mut self) -> Step {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        for (held, kind) in open.held.iter_mut().zip(&self.locals) {
            *held |= kind.bit();
        }
        let (handler, floor) = (open.handler, open.floor);
        if self.stack.len() < floor {
            return Err(Rule::RegionOperands);
        }
        // The thrown value goes on top of what the region found.
        let place = &self.places[self.place(self.function.handlers[handler].target as usize)];
        let found = &place.state.as_ref().expect("it was entered").stack[..floor];
        let same = self.stack.iter().zip(found).all(|(here, &there)| here.settled() == there);
        if same { Ok(()) } else { Err(Rule::RegionOperands) }
    }

    /// What holds here, with every operand in its own register.
    fn state(&self) -> State {
        State { locals: self.locals.clone(), stack: self.stack.iter().map(|operand| operand.settled()).collect() }
    }

    /// Notes that control goes from here to `target` with the present, settled state.
    fn flow_to(&mut self, target: usize) -> Step {
        let index = self.place(target);
        self.merge_into(index)?;
        self.places[index].awaited -= 1;
        self.drop_if_done(index);
        Ok(())
    }

    fn merge_into(&mut self, index: usize) -> Step {
        self.check_way(self.places[index].offset)?;
        let state = self.state();
        let place = &mut self.places[index];
        match (&mut place.state, place.word) {
            (Some(known), Some(_)) => known.check_back_edge(&state),
            (Some(known), None) => known.merge(&state),
            (none, _) => {
                let size = state.size();
                *none = Some(state);
                self.keep(size)
            }
        }
    }

    /// Counts kinds that are kept from now on.
    fn keep(&mut self, kinds: usize) -> Step {
        self.known += kinds;
        if self.known > super::MAX_KNOWN { Err(Rule::TooManyLabels) } else { Ok(()) }
    }

    /// Forgets what is known of a place that control has come to, once no more ways to it are awaited.
    fn drop_if_done(&mut self, index: usize) {
        let place = &mut self.places[index];
        if place.word.is_some() && place.awaited == 0 {
            self.known -= place.state.take().map_or(0, |state| state.size());
        }
    }

    /// Ends the regions that end here. What locals held in one was held in those around it, too.
    fn leave_regions(&mut self) {
        let function = self.function;
        while let Some(open) = self.open.pop_if(|open| function.handlers[open.handler].end as usize == self.at) {
            self.regions[open.handler].1 = Some(self.out.code.len());
            // What was computed in the region stays in it.
            self.definition = None;
            self.known -= open.held.len();
            let target = self.place(function.handlers[open.handler].target as usize);
            if let Some(state) = &mut self.places[target].state {
                for (kind, held) in state.locals.iter_mut().zip(&open.held) {
                    if held & !kind.bit() != 0 {
                        *kind = Local::Unset;
                    }
                }
            }
            if let Some(around) = self.open.last_mut() {
                around.held.iter_mut().zip(&open.held).for_each(|(around, held)| *around |= held);
            }
        }
    }

    /// Begins the regions that start here.
    fn enter_regions(&mut self) -> Step {
        let function = self.function;
        while let Some(&index) = self.entries.get(self.entered)
            && function.handlers[index].start as usize == self.at
        {
            self.entered += 1;
            if self.has_dug() {
                return Err(Rule::RegionOperands);
            }
            // A throw brings what is on the stack now, with the thrown value on top; so all of it must be in place.
            self.settle_all();
            self.definition = None;
            self.regions[index] = (Some(self.out.code.len()), None, self.next_register()?);
            self.push(Operand::Slot)?;
            self.flow_to(function.handlers[index].target as usize)?;
            self.stack.pop();
            self.keep(self.locals.len())?;
            let held = vec![0; self.locals.len()];
            self.open.push(Open { handler: index, floor: self.stack.len(), held });
        }
        Ok(())
    }

    /// Says what a local holds from now on: also where a throw of this region would go on.
    fn set_local(&mut self, local: u8, kind: Local) {
        let local = usize::from(local);
        self.locals[local] = kind;
        if let Some(open) = self.open.last_mut() {
            open.held[local] |= kind.bit();
        }
    }

    fn lower_handlers(&mut self) -> Step {
        for (handler, &(start, end, register)) in self.function.handlers.iter().zip(&self.regions) {
            self.at = handler.start as usize;
            let target = self.places[self.place(handler.target as usize)].word.ok_or(Rule::Unreachable)?;
            let (Some(start), Some(end)) = (start, end) else { return Err(Rule::Unreachable) };
            let end = if Fault::HandlerEnd.is_on() && end > start + 1 { end - 1 } else { end };
            let register = if Fault::HandlerRegister.is_on() { self.register_of(0) } else { register };
            let (start, end, target) = (start as u32, end as u32, target as u32);
            let finally = handler.finally;
            self.out.handlers.push(RegisterHandler { start, end, target, register, finally });
        }
        Ok(())
    }

    fn patch_jumps(&mut self) -> Step {
        for (word, from, offset) in std::mem::take(&mut self.fixups) {
            self.at = from;
            let target = self.places[self.place(offset)].word.ok_or(Rule::Unreachable)?;
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
        let is_call = || matches!(R::from_byte(word.opcode()), Some(R::Call | R::CallMethod));
        if let Some(position) = self.position
            && !(Fault::LostPosition.is_on() && is_call())
        {
            self.out.positions.push(at as u32, position);
        }
        self.out.code.push(word.0);
        if let Some(origins) = &mut self.origins {
            // Fusing takes words back.
            origins.truncate(at);
            origins.push(self.at as u32);
        }
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

    /// Emits the index of the first word of a new inline cache.
    fn emit_cache(&mut self) {
        self.emit_ext(if Fault::CacheShared.is_on() { 0 } else { self.out.caches });
        self.out.caches += CACHE_WORDS;
    }

    fn emit_jump(&mut self, target: usize) {
        let word = self.emit(Word::long(R::Jmp, 0));
        self.fixups.push((word, self.at, target));
    }

    fn pooled(&mut self, constant: Pooled) -> u32 {
        let constant = match constant {
            Pooled::Bool(value) if Fault::PoolConfused.is_on() => Pooled::Int(i32::from(value)),
            other => other,
        };
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
        self.check_depth(1)?;
        self.stack.pop().ok_or(Rule::StackUnderflow)
    }

    /// The depth below some operands, which exist. Those that a region found may be taken away only where nothing throws.
    fn check_depth(&mut self, operands: usize) -> Step<usize> {
        let depth = self.stack.len().checked_sub(operands).ok_or(Rule::StackUnderflow)?;
        if self.open.last().is_some_and(|open| depth < open.floor) {
            if self.throws {
                return Err(Rule::RegionOperands);
            }
            self.dug = self.dug.min(depth);
        }
        Ok(depth)
    }

    /// Whether operands that the innermost region found were taken away.
    fn has_dug(&self) -> bool {
        self.open.last().is_some_and(|open| self.dug < open.floor)
    }

    /// Checks that control which took away what a region found goes to a place outside of it.
    fn check_way(&self, target: usize) -> Step {
        if !self.has_dug() {
            return Ok(());
        }
        let holds = |open: &&Open| {
            let handler = self.function.handlers[open.handler];
            (handler.start as usize..handler.end as usize).contains(&target)
        };
        match self.open.iter().rev().find(holds) {
            Some(open) if self.dug < open.floor => Err(Rule::RegionOperands),
            _ => Ok(()),
        }
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
            self.stack[index] = operand.settled().into();
        }
    }

    fn settle_all(&mut self) {
        self.settle_from(0);
    }

    /// Pops `count` values into consecutive registers, of which the first is given.
    fn pop_window(&mut self, count: usize) -> Step<u8> {
        let depth = self.check_depth(count)?;
        if !self.stack[depth..].iter().all(|operand| operand.is_value()) {
            let iterates = self.stack[depth..].contains(&Operand::Iterator);
            return Err(if iterates { Rule::IteratorMisplaced } else { Rule::NotAValue });
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
            let is_read = operand == Operand::Local(local) && !Fault::ReadPastWrite.is_on();
            if is_read || operand == Operand::LocalCell(local) {
                let register = self.register_of(index);
                self.settle(operand, register);
                self.stack[index] = operand.settled().into();
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
}
