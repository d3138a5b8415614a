//! Verifies register code that was written as such.
//!
//! Abstract interpretation (as in the JVM's type-inferring verifier): at each place every register has a kind, and
//! where ways meet, registers of different kinds are unset. Passes over the code, in order, are repeated until a pass
//! changes nothing; a kind only ever falls to unset, and [`Effort`] bounds what twisted jumps can cost.

use super::{Lowered, Rejection, Rule};
use crate::module::{Constant, Function, Module, Pooled, RegisterCode, RegisterHandler};
use iridium_isa::MAX_FRAME;
use iridium_isa::register::{self, Flag, Operand as Field, RegisterOp as R, Row, Word};
use iridium_isa::stack::TYPES;
use std::collections::BTreeMap;

/// How many more instructions may be looked at, for all functions of a module.
pub(super) struct Effort(usize);

impl Effort {
    /// What a module gets: some looks at each word, and more for small functions of many loops.
    pub(super) fn new(module: &Module) -> Effort {
        let words = |function: &Function| function.registers.as_ref().map_or(0, |code| code.words.len());
        let all = module.functions.iter().map(words).sum::<usize>();
        Effort(all.saturating_mul(super::LOOKS_PER_WORD).saturating_add(super::MORE_LOOKS))
    }
}

/// What a register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing yet, or different things on different ways here.
    Unset,
    Value,
    Cell,
    /// An iterator, which is a value where one is wanted: it can be put aside.
    Iterator,
    /// What may be the receiver of a call.
    Receiver,
    /// An optional parameter that nobody asked for yet.
    Optional,
}

type Step<T = ()> = Result<T, Rule>;

/// Verifies the register code of function `index`.
pub(super) fn verify(
    module: &Module,
    index: usize,
    code: &RegisterCode,
    effort: &mut Effort,
) -> Result<Lowered, Rejection> {
    let mut pass = Verifier::new(module, &module.functions[index], code);
    match pass.run(effort) {
        Ok(()) => Ok(Lowered {
            code: code.words.clone(),
            pool: code.pool.clone(),
            positions: module.functions[index].positions.clone(),
            handlers: code.handlers.clone(),
            caches: pass.caches,
            frame: code.frame,
        }),
        Err(rule) => Err(Rejection { rule, function: Some(index as u32), offset: pass.at as u32 }),
    }
}

/// A word with which an instruction starts that control may jump to. Others are `EXT` words, and the `JMP` words of tests.
const START: u8 = 1;
/// A word that a jump or a handler names.
const LABEL: u8 = 2;
/// A word at which a region starts or ends.
const EDGE: u8 = 4;

/// The operands in a word, and the count among them.
fn numbers(word: Word, row: &Row) -> ([i64; 3], usize) {
    let mut numbers = [0; 3];
    for (number, (_, value)) in numbers.iter_mut().zip(register::operands(word, row)) {
        *number = value;
    }
    (numbers, row.count(&numbers))
}

struct Verifier<'a> {
    module: &'a Module,
    function: &'a Function,
    code: &'a RegisterCode,
    /// What each word is: a sum of [`START`], [`LABEL`] and [`EDGE`].
    marks: Vec<u8>,
    /// What is known at the places that jumps and handlers name; nothing before a way there was seen.
    labels: Vec<Option<Vec<Kind>>>,
    /// By word, which of them it is, if it is one.
    label_at: Vec<u32>,
    /// Words of the inline caches.
    caches: u32,
    /// The innermost handler of each run of words, by its first word.
    regions: BTreeMap<usize, Option<usize>>,
    /// Handlers by the start of their region.
    entries: BTreeMap<usize, Vec<usize>>,
    /// The word that is being looked at.
    at: usize,
    /// What the registers hold before it; nothing where control does not come.
    state: Option<Vec<Kind>>,
    changed: bool,
    /// The first instruction that this pass found no way to.
    skipped: Option<usize>,
}

impl<'a> Verifier<'a> {
    fn new(module: &'a Module, function: &'a Function, code: &'a RegisterCode) -> Verifier<'a> {
        Verifier {
            module,
            function,
            code,
            marks: Vec::new(),
            labels: Vec::new(),
            label_at: Vec::new(),
            caches: 0,
            regions: BTreeMap::new(),
            entries: BTreeMap::new(),
            at: 0,
            state: None,
            changed: true,
            skipped: None,
        }
    }

    fn run(&mut self, effort: &mut Effort) -> Step {
        let frame = usize::from(self.code.frame);
        if frame > MAX_FRAME {
            return Err(Rule::FrameTooLarge);
        }
        if frame < self.function.parameters() {
            return Err(Rule::BadParameters);
        }
        for pooled in &self.code.pool {
            match *pooled {
                Pooled::Const(index) => drop(self.module.constants.get(index as usize).ok_or(Rule::NoSuchConstant)?),
                Pooled::Func(index) => drop(self.module.functions.get(index as usize).ok_or(Rule::NoSuchFunction)?),
                _ => {}
            }
        }
        self.shape()?;
        self.handlers()?;
        let is_place = |at: u32| self.is(at as usize, START);
        super::check_debug(self.function, is_place, self.marks.len(), frame).map_err(|offset| {
            self.at = offset as usize;
            Rule::BadDebugTable
        })?;
        if self.labels.len().saturating_mul(frame) > super::MAX_KNOWN {
            return Err(Rule::TooManyLabels);
        }
        loop {
            self.pass(effort)?;
            if !self.changed {
                self.at = self.skipped.unwrap_or(self.at);
                return if self.skipped.is_some() { Err(Rule::Unreachable) } else { Ok(()) };
            }
        }
    }

    /// Whether a word has one of these marks.
    fn is(&self, at: usize, marks: u8) -> bool {
        self.marks.get(at).is_some_and(|found| found & marks != 0)
    }

    /// A jump or a handler names this word.
    fn name_label(&mut self, target: usize) {
        if !self.is(target, LABEL) {
            self.marks[target] |= LABEL;
            self.label_at[target] = self.labels.len() as u32;
            self.labels.push(None);
        }
    }

    // ---- Shape: what can be said of each instruction alone ----

    fn shape(&mut self) -> Step {
        let words = &self.code.words;
        self.marks.reserve_exact(words.len());
        let mut jumps = Vec::new();
        let mut cached = Vec::new();
        while self.at < words.len() {
            let row = self.row(self.at)?;
            if row.has(Flag::DATA) {
                return Err(Rule::LooseExtension);
            }
            let end = self.at + row.words();
            self.marks.push(START);
            for inner in self.at + 1..end {
                let word = words.get(inner).ok_or(Rule::Truncated)?;
                if Word(*word).opcode() != R::Ext as u8 {
                    return Err(Rule::MissingExtension);
                }
                self.marks.push(0);
            }
            self.fields(row, &mut cached)?;
            if row.has(Flag::JUMPS) {
                jumps.push((self.at, self.target(self.at)));
            }
            let mut next = end;
            if row.has(Flag::TESTS) {
                let jump = words.get(end).filter(|word| Word(**word).opcode() == R::Jmp as u8);
                jump.ok_or(Rule::TestWithoutJump)?;
                self.marks.push(0);
                jumps.push((self.at, self.target(end)));
                next = end + 1;
                if row.has(Flag::LOOPS) && !self.is_loop_end(Word(words[self.at]), next) {
                    return Err(Rule::LoopEndDiffers);
                }
            }
            self.at = next;
        }
        self.label_at = vec![0; words.len()];
        for (from, target) in jumps {
            self.at = from;
            let target = usize::try_from(target).map_err(|_| Rule::JumpOutside)?;
            match self.marks.get(target) {
                None => return Err(Rule::JumpOutside),
                Some(0) => return Err(Rule::JumpIntoInstruction),
                Some(_) => self.name_label(target),
            }
        }
        let mut seen = vec![false; cached.len()];
        for (at, cache) in cached {
            self.at = at;
            match seen.get_mut((cache / register::CACHE_WORDS) as usize) {
                Some(seen) if !*seen && cache.is_multiple_of(register::CACHE_WORDS) => *seen = true,
                _ => return Err(Rule::BadCache),
            }
        }
        self.at = 0;
        super::check_pool(self.code.pool.len(), seen.len() * register::CACHE_WORDS as usize)?;
        self.caches = seen.len() as u32 * register::CACHE_WORDS;
        Ok(())
    }

    fn row(&self, at: usize) -> Step<&'static Row> {
        R::from_byte(Word(self.code.words[at]).opcode()).map(R::row).ok_or(Rule::UnknownOpcode)
    }

    /// The place that a `JMP` word names.
    fn target(&self, at: usize) -> i64 {
        at as i64 + 1 + i64::from(Word(self.code.words[at]).offset())
    }

    /// The plain step and test that a fused loop end stands for follow it.
    fn is_loop_end(&self, fused: Word, at: usize) -> bool {
        let Some(&[step, test, jump]) = self.code.words.get(at..at + 3) else { return false };
        let (step, test) = (Word(step), Word(test));
        let [local, bound, by] = [fused.a(), fused.b(), fused.c()];
        let op = R::from_byte(fused.opcode());
        let steps = match op {
            Some(R::LoopLtR | R::LoopLeR) => step == Word::abc(R::Add, local, local, by),
            _ => {
                let down = (by as i8).checked_neg().map(|by| Word::abc(R::SubI, local, local, by as u8));
                step == Word::abc(R::AddI, local, local, by) || down == Some(step)
            }
        };
        let plain = match op {
            Some(R::LoopLt | R::LoopLtR) => R::JLt,
            Some(R::LoopLe | R::LoopLeR) => R::JLe,
            Some(R::LoopGt) => R::JGt,
            _ => R::JGe,
        };
        let same_place = Word(jump).opcode() == R::Jmp as u8 && self.target(at + 2) == self.target(at - 1);
        steps && test == Word::abc(plain, local, bound, 1) && same_place && local != bound
    }

    /// Indices and numbers in an instruction's words.
    fn fields(&self, row: &Row, cached: &mut Vec<(usize, u32)>) -> Step {
        let word = Word(self.code.words[self.at]);
        let (numbers, count) = numbers(word, row);
        let used: u32 = row.operands.iter().map(|operand| operand.bits()).sum();
        if word.long_operand() & ((1u64 << (24 - used)) - 1) as u32 != 0 {
            return Err(Rule::UnusedBits);
        }
        for (&kind, value) in row.operands.iter().zip(numbers) {
            match kind {
                kind if kind.is_register() && value as usize + kind.width(count) > usize::from(self.code.frame) => {
                    return Err(Rule::NoSuchRegister);
                }
                Field::U8 => Self::small(row.op, value)?,
                Field::U16 => self.capture(row.op, value as usize)?,
                Field::K8 | Field::K16 => self.pooled(row.op, value as u32)?,
                Field::G16 if value != 0 => return Err(Rule::NoSuchGlobal),
                _ => {}
            }
        }
        for (index, kind) in row.extensions.iter().enumerate() {
            let value = Word(self.code.words[self.at + 1 + index]).long_operand();
            match kind {
                Field::K24 => self.pooled(row.op, value)?,
                Field::U24 => cached.push((self.at, value)),
                Field::G24 if value as usize >= self.module.globals.len() => return Err(Rule::NoSuchGlobal),
                Field::C24 => {
                    let template = self.module.classes.get(value as usize).ok_or(Rule::NoSuchClass)?;
                    if row.op == R::Class && template.methods.len() != count {
                        return Err(Rule::NoSuchClass);
                    }
                }
                _ => {}
            }
        }
        if row.op == R::Hlt && self.code.frame == 0 {
            return Err(Rule::NoSuchRegister);
        }
        Ok(())
    }

    fn small(op: R, value: i64) -> Step {
        let most = match op {
            R::LoadBool | R::JEq | R::JLt | R::JLe | R::JGt | R::JGe => 1,
            R::JEqI | R::JLtI | R::JLeI | R::JGtI | R::JGeI | R::JIf => 1,
            R::IsType => return if (value as usize) < TYPES.len() { Ok(()) } else { Err(Rule::NoSuchType) },
            R::HasLength | R::HasAtLeast | R::Element | R::Rest => MAX_FRAME as i64,
            // The width of a window, which was held against the frame.
            _ => return Ok(()),
        };
        if value <= most { Ok(()) } else { Err(Rule::CountTooLarge) }
    }

    fn capture(&self, op: R, index: usize) -> Step {
        let cell = *self.function.captures.get(index).ok_or(Rule::NoSuchCapture)?;
        if cell == (op != R::GetCap) { Ok(()) } else { Err(Rule::CaptureKind) }
    }

    fn pooled(&self, op: R, index: u32) -> Step {
        let pooled = *self.code.pool.get(index as usize).ok_or(Rule::NoSuchConstant)?;
        let constant = match pooled {
            Pooled::Const(index) => Some(&self.module.constants[index as usize]),
            _ => None,
        };
        match (op, constant, pooled) {
            (R::GetProp | R::SetProp | R::ClassConst | R::Method | R::SuperGet, Some(Constant::Atom(_)), _) => Ok(()),
            (R::GetProp | R::SetProp | R::ClassConst | R::Method | R::SuperGet, ..) => Err(Rule::NotAnAtom),
            (R::Unready, Some(Constant::Str(_)), _) => Ok(()),
            (R::Unready, ..) => Err(Rule::NotAName),
            // Its captures are read where it stands, and if it is a function at all.
            (R::Closure, ..) => Ok(()),
            (_, _, Pooled::Func(index)) if !self.module.functions[index as usize].captures.is_empty() => {
                Err(Rule::NeedsCaptures)
            }
            _ => Ok(()),
        }
    }

    // ---- Handlers ----

    /// Checks the regions, and finds the innermost one of each run of words.
    fn handlers(&mut self) -> Step {
        let handlers = &self.code.handlers;
        for handler in handlers {
            let RegisterHandler { start, end, target, register, finally: _ } = *handler;
            self.at = start as usize;
            let is_start = |at: u32| self.is(at as usize, START);
            if start > end || !is_start(start) || !is_start(end) || !is_start(target) || target < end {
                return Err(Rule::BadHandler);
            }
            if register >= self.code.frame {
                return Err(Rule::NoSuchRegister);
            }
            self.name_label(target as usize);
        }
        super::check_nesting(handlers.iter().map(|handler| (handler.start, handler.end))).map_err(|start| {
            self.at = start as usize;
            Rule::BadHandler
        })?;
        // Outer regions come later in the table; at equal starts the outer one must be entered first.
        let mut order: Vec<usize> = (0..handlers.len()).collect();
        order.sort_by_key(|&index| (handlers[index].start, std::cmp::Reverse(index)));
        let mut open: Vec<usize> = Vec::new();
        for index in order {
            let start = handlers[index].start;
            self.leave_until(start, &mut open);
            self.entries.entry(start as usize).or_default().push(index);
            self.marks[start as usize] |= EDGE;
            open.push(index);
            self.regions.insert(start as usize, Some(index));
        }
        self.leave_until(u32::MAX, &mut open);
        self.at = 0;
        Ok(())
    }

    /// Ends the open regions that end at a place or before it: one without words as soon as another one starts.
    fn leave_until(&mut self, place: u32, open: &mut Vec<usize>) {
        let handlers = &self.code.handlers;
        while let Some(index) = open.pop_if(|index| handlers[*index].end <= place) {
            let end = handlers[index].end as usize;
            self.regions.insert(end, open.last().copied());
            if let Some(mark) = self.marks.get_mut(end) {
                *mark |= EDGE;
            }
        }
    }

    // ---- Kinds ----

    fn pass(&mut self, effort: &mut Effort) -> Step {
        self.changed = false;
        self.skipped = None;
        let function = self.function;
        let mut entry = vec![Kind::Unset; usize::from(self.code.frame)];
        entry[..function.parameters()].fill(Kind::Value);
        if !function.packed {
            let required = function.required as usize;
            entry[required..required + function.optional as usize].fill(Kind::Optional);
        }
        self.state = Some(entry);
        self.at = 0;
        let mut handler = None;
        while self.at < self.marks.len() {
            effort.0 = effort.0.checked_sub(1).ok_or(Rule::TooTangled)?;
            let is_edge = self.is(self.at, EDGE);
            if is_edge && let Some(&innermost) = self.regions.get(&self.at) {
                handler = innermost;
            }
            if self.is(self.at, LABEL) {
                self.arrive();
            }
            if self.state.is_some() {
                if is_edge {
                    self.enter_regions();
                }
                self.instruction(handler)?;
            } else {
                // Perhaps the body of a loop whose test comes last: then a jump back to here comes, and the next pass
                // knows of it.
                self.skipped.get_or_insert(self.at);
                self.at += 1;
                while self.marks.get(self.at) == Some(&0) {
                    self.at += 1;
                }
            }
        }
        if self.state.is_some() { Err(Rule::FallsOff) } else { Ok(()) }
    }

    /// Joins what comes from above with what is known of the jumps to this place.
    fn arrive(&mut self) {
        if let Some(state) = self.state.take() {
            self.flow(self.at, &state);
        }
        self.state.clone_from(&self.labels[self.label_at[self.at] as usize]);
    }

    /// Notes that control may go to `target` with these kinds.
    fn flow(&mut self, target: usize, state: &[Kind]) {
        if !self.is(target, LABEL) {
            return;
        }
        match &mut self.labels[self.label_at[target] as usize] {
            known @ None => {
                *known = Some(state.to_vec());
                self.changed = true;
            }
            Some(known) if known == state => {}
            Some(known) => {
                for (mine, theirs) in known.iter_mut().zip(state) {
                    let both = match (*mine, *theirs) {
                        (mine, theirs) if mine == theirs => mine,
                        (Kind::Value, Kind::Iterator) | (Kind::Iterator, Kind::Value) => Kind::Value,
                        _ => Kind::Unset,
                    };
                    self.changed |= *mine != both;
                    *mine = both;
                }
            }
        }
    }

    /// A region has a way to its target even if no word in it throws, or lowering needed none for what stands in it.
    fn enter_regions(&mut self) {
        let Some(entries) = self.entries.remove(&self.at) else { return };
        let Some(mut state) = self.state.take() else { return };
        for &index in &entries {
            let handler = self.code.handlers[index];
            let kind = std::mem::replace(&mut state[usize::from(handler.register)], Kind::Value);
            self.flow(handler.target as usize, &state);
            state[usize::from(handler.register)] = kind;
        }
        self.entries.insert(self.at, entries);
        self.state = Some(state);
    }

    fn instruction(&mut self, handler: Option<usize>) -> Step {
        let row = self.row(self.at)?;
        let word = Word(self.code.words[self.at]);
        let mut state = self.state.take().ok_or(Rule::Unreachable)?;
        let (numbers, count) = numbers(word, row);
        let values = || row.operands.iter().zip(numbers).map(|(&kind, value)| (kind, value as usize));
        for (kind, at) in values() {
            self.read(row, kind, at, count, &state)?;
        }
        if row.op == R::Hlt && !matches!(state[0], Kind::Value | Kind::Iterator) {
            return Err(Rule::UnsetRegister);
        }
        // A call's callee has its frame above the window.
        let window = values().find(|(kind, _)| matches!(kind, Field::Window | Field::MethodWindow));
        if let Some((_, from)) = window {
            state[from..].fill(Kind::Unset);
        }
        if row.has(Flag::THROWS)
            && let Some(handler) = handler.map(|index| self.code.handlers[index])
        {
            let kind = std::mem::replace(&mut state[usize::from(handler.register)], Kind::Value);
            self.flow(handler.target as usize, &state);
            state[usize::from(handler.register)] = kind;
        }
        if row.op == R::Missing {
            return self.missing(word, state);
        }
        let moved = if row.op == R::Move { state[usize::from(word.b())] } else { Kind::Value };
        let mut jumping = row.has(Flag::TESTS).then(|| state.clone());
        for (kind, at) in values() {
            let written: &[Kind] = match kind {
                Field::Dst | Field::Window | Field::MethodWindow => &[moved],
                Field::DstCell => &[Kind::Cell],
                Field::DstIter => &[Kind::Iterator],
                Field::DstPair => &[Kind::Value; 2],
                Field::DstTriple => &[Kind::Value; 3],
                Field::DstReceiver => &[Kind::Value, Kind::Receiver],
                Field::Unpacked => &[Kind::Value; 256][..count],
                _ => continue,
            };
            let taken = jumping.as_mut().unwrap_or(&mut state);
            taken[at..at + written.len()].copy_from_slice(written);
            if jumping.is_some() {
                // An iteration that ended leaves nothing in the registers of its element.
                state[at..at + written.len()].fill(Kind::Unset);
            }
        }
        let mut next = self.at + row.words();
        if let Some(jumping) = jumping {
            self.flow(self.target(next) as usize, &jumping);
            next += 1;
        }
        if row.has(Flag::JUMPS) {
            self.flow(self.target(self.at) as usize, &state);
        }
        // Where a fused loop end goes past the plain step and test behind it, it brings what these bring: they change no kind.
        self.at = next;
        self.state = (!row.has(Flag::ENDS)).then_some(state);
        Ok(())
    }

    /// An operand that is read holds what it must.
    fn read(&self, row: &Row, kind: Field, at: usize, count: usize, state: &[Kind]) -> Step {
        let value = |at: usize| match state[at] {
            Kind::Value | Kind::Iterator => Ok(()),
            Kind::Unset | Kind::Optional => Err(Rule::UnsetRegister),
            Kind::Receiver => Err(Rule::NotAReceiver),
            Kind::Cell => Err(Rule::WrongKind),
        };
        let exactly = |wanted: Kind| match state[at] {
            kind if kind == wanted => Ok(()),
            Kind::Unset => Err(Rule::UnsetRegister),
            _ => Err(Rule::WrongKind),
        };
        match kind {
            // A cell is handed on, too; a receiver stays where it is.
            Field::Src if row.op == R::Move && state[at] == Kind::Cell => Ok(()),
            Field::Src | Field::Update => value(at),
            Field::SrcCell => exactly(Kind::Cell),
            Field::SrcIter => exactly(Kind::Iterator),
            Field::Param => match state[at] {
                Kind::Optional => Ok(()),
                _ => Err(Rule::NotOptional),
            },
            Field::Window | Field::ClassParts | Field::Window3 | Field::Values | Field::Pairs => {
                (at..at + kind.width(count)).try_for_each(value)
            }
            Field::MethodWindow => {
                value(at)?;
                if state[at + 1] != Kind::Receiver {
                    return Err(Rule::NotAReceiver);
                }
                (at + 2..at + kind.width(count)).try_for_each(value)
            }
            Field::Captures => {
                let Pooled::Func(function) = self.code.pool[Word(self.code.words[self.at + 1]).long_operand() as usize]
                else {
                    return Err(Rule::NoSuchFunction);
                };
                let captures = &self.module.functions[function as usize].captures;
                if row.op != R::Closure || captures.len() != count {
                    return Err(Rule::CapturesDiffer);
                }
                let matches =
                    |(index, &cell): (usize, &bool)| state[at + index] == if cell { Kind::Cell } else { Kind::Value };
                if captures.iter().enumerate().all(matches) { Ok(()) } else { Err(Rule::CapturesDiffer) }
            }
            _ => Ok(()),
        }
    }

    /// `missing` and the test behind it: where that jumps, the parameter is a value.
    fn missing(&mut self, word: Word, mut state: Vec<Kind>) -> Step {
        let next = self.at + 1;
        let test = self.code.words.get(next).map(|&word| Word(word));
        let follows = test == Some(Word::abc(R::JIf, word.a(), 0, 0)) && !self.is(next, LABEL | EDGE);
        if !follows || word.a() == word.b() {
            return Err(Rule::NotOptional);
        }
        state[usize::from(word.a())] = Kind::Value;
        state[usize::from(word.b())] = Kind::Value;
        self.flow(self.target(next + 1) as usize, &state);
        state[usize::from(word.b())] = Kind::Unset;
        self.state = Some(state);
        self.at = next + 2;
        Ok(())
    }
}
