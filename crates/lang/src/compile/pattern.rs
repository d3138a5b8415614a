//! Code for patterns: what [`Decisions`] say, as instructions. A value that is tested lies in a local, so that a test
//! that fails leaves nothing on the stack.

use super::decision::{Decisions, Path, PlaceId, SUBJECT, Step, Test};
use super::place::{Access, Temp};
use super::receive::Messages;
use super::{Dest, Generator};
use crate::hir::{Expr, ExprId, Pattern, PatternClause};
use crate::source::Span;
use iridium_isa::MAX_FRAME;
use iridium_isa::stack::StackOp;
use rustc_hash::FxHashMap;

/// Locals for what is taken out of a value; what is beyond goes into the list of what has no register.
const MAX_KEPT: usize = 32;

/// What happens when no clause takes the value.
#[derive(Clone, Copy)]
pub(super) enum Otherwise<'a> {
    /// It goes to an instruction, which ends.
    Ends(StackOp),
    /// It is a message, which stays where it is; the next one is looked at.
    Next(&'a Messages),
}

/// What happens when a clause takes the value.
enum Taken<'a> {
    /// The body of the clause runs.
    Clauses(&'a [PatternClause], Dest),
    /// The names are bound.
    Bound,
}

impl Generator<'_> {
    pub(super) fn gen_match(&mut self, subject: ExprId, clauses: &[PatternClause], dest: Dest, span: Span) {
        let held = match self.hir.expr(subject) {
            // What nothing assigns can be read again.
            Expr::Local(var) if !self.hir.var(*var).assigned => match self.access(*var) {
                Access::Slot(slot) => Some(Temp::Slot(slot)),
                _ => None,
            },
            _ => None,
        };
        if held.is_none() {
            self.value(subject);
        }
        self.clauses(clauses, held, Otherwise::Ends(StackOp::NoMatch), dest, span);
    }

    /// Clauses for the value that is held in a place, or else on the stack.
    pub(super) fn clauses(
        &mut self,
        clauses: &[PatternClause],
        held: Option<Temp>,
        otherwise: Otherwise,
        dest: Dest,
        span: Span,
    ) {
        if let ([clause, ..], None) = (clauses, held)
            && let Pattern::Any | Pattern::Bind(_) = clause.pattern
        {
            let mark = self.enter_scope(clause.scope, span);
            self.destructure(&clause.pattern, false, span);
            self.body(clause.body, dest, span);
            self.leave_scope(clause.scope, mark);
            return;
        }
        let mark = self.next_spilled;
        let subject = held.unwrap_or_else(|| self.keep_in_temp(span));
        let before = self.depth;
        let patterns = clauses.iter().map(|clause| &clause.pattern);
        let decisions = Decisions::new(self.hir, self.pool, patterns, span);
        let own = match (otherwise, held) {
            (Otherwise::Next(messages), _) => &messages.temps[..],
            (_, None) => &[subject],
            (_, Some(_)) => &[],
        };
        self.decide(decisions, (subject, own), &Taken::Clauses(clauses, dest), otherwise, span);
        self.depth = before + usize::from(dest == Dest::Value);
        self.next_spilled = mark;
    }

    /// Declares variables by a pattern from the value on the stack; leaves it there if it is to be kept.
    pub(super) fn destructure(&mut self, pattern: &Pattern, keep: bool, span: Span) {
        match pattern {
            Pattern::Any if keep => {}
            Pattern::Any => self.emit(StackOp::Pop, [0, 0], span),
            Pattern::Bind(var) => self.init_var(*var, keep, span),
            _ => {
                let mark = self.next_spilled;
                let subject = self.temp();
                match keep {
                    true => self.tee_temp(subject, span),
                    false => self.write_temp(subject, span),
                }
                let before = self.depth;
                let decisions = Decisions::new(self.hir, self.pool, std::iter::once(pattern), span);
                self.decide(decisions, (subject, &[subject]), &Taken::Bound, Otherwise::Ends(StackOp::NoMatch), span);
                self.depth = before;
                self.next_spilled = mark;
            }
        }
    }

    /// Writes the code of the steps. Afterwards control is behind all of it. What no body needs, the subject mostly, is
    /// given back.
    fn decide(
        &mut self,
        mut decisions: Decisions,
        (subject, own): (Temp, &[Temp]),
        taken: &Taken,
        otherwise: Otherwise,
        span: Span,
    ) {
        let before = self.depth;
        let end = self.asm.label();
        let mut temps: FxHashMap<PlaceId, Temp> = FxHashMap::default();
        let kept: Vec<PlaceId> = decisions.kept().collect();
        for (number, place) in kept.into_iter().enumerate() {
            let temp = if number < MAX_KEPT { self.temp() } else { self.spilled_temp() };
            temps.insert(place, temp);
        }
        temps.insert(SUBJECT, subject);
        // No body needs what was tested, so others may use its locals meanwhile.
        let mut free: Vec<Temp> = temps.iter().filter(|(place, _)| **place != SUBJECT).map(|(_, temp)| *temp).collect();
        free.extend(own);
        let steps = decisions.steps.clone();
        // What is known on the jumps to a step, and their label.
        let mut arrivals = vec![None; steps.len()];
        let mut flow = Some(super::decision::facts::State::default());
        let mut entered = None;
        for (number, step) in steps.into_iter().enumerate() {
            if let Some((state, label)) = arrivals[number] {
                self.asm.bind(label);
                flow = Some(flow.map_or(state, |here| decisions.join(here, state)));
            }
            if let Step::Take(clause) = step {
                if flow.take().is_some() {
                    self.take(clause, taken, otherwise, &free, span);
                    self.jump(StackOp::Jump, end, span);
                }
                if let (Some(mark), Taken::Clauses(clauses, _)) = (entered.take(), taken) {
                    self.leave_scope(clauses[clause].scope, mark);
                }
                self.depth = before;
                continue;
            }
            let Some(state) = flow else { continue };
            let mut jump = |this: &mut Self, decisions: &mut Decisions, goal, state| {
                let to = decisions.destination(goal, state);
                match &mut arrivals[to] {
                    Some((known, label)) => {
                        *known = decisions.join(*known, state);
                        *label
                    }
                    none => none.insert((state, this.asm.label())).1,
                }
            };
            flow = Some(state);
            match step {
                Step::Test { place, test, span, fail, .. } => match decisions.answer(step, state) {
                    Some(true) => {}
                    Some(false) => {
                        let label = jump(self, &mut decisions, fail, state);
                        self.jump(StackOp::Jump, label, span);
                        flow = None;
                    }
                    None => {
                        let fails = decisions.after(step, false, state);
                        let label = jump(self, &mut decisions, fail, fails);
                        self.read_place(&decisions, &temps, place, span);
                        self.test(test, span);
                        self.jump(StackOp::JumpIfNot, label, span);
                        flow = Some(decisions.after(step, true, state));
                    }
                },
                Step::Guard(guard, _, fail) => {
                    let state = decisions.after(step, true, state);
                    let label = jump(self, &mut decisions, fail, state);
                    self.branch(guard, label, false);
                    flow = Some(state);
                }
                Step::Load(place) => {
                    if decisions.is_needed(step) && !decisions.is_loaded(place, state) {
                        self.read_path(&decisions, &temps, place, span);
                        self.write_temp(temps[&place], span);
                        flow = Some(decisions.after(step, true, state));
                    }
                }
                Step::Enter(clause) => {
                    if let Taken::Clauses(clauses, _) = taken {
                        entered = Some(self.enter_scope(clauses[clause].scope, span));
                    }
                }
                Step::Bind(var, place, loaded) => {
                    if loaded || decisions.is_loaded(place, state) {
                        self.read_place(&decisions, &temps, place, span);
                    } else {
                        self.read_path(&decisions, &temps, place, span);
                    }
                    self.init_var(var, false, span);
                }
                Step::Goto(goal) => {
                    let label = jump(self, &mut decisions, goal, state);
                    self.jump(StackOp::Jump, label, span);
                    flow = None;
                }
                Step::Fail => match otherwise {
                    Otherwise::Ends(op) => {
                        self.read_temp(subject, span);
                        self.emit(op, [0, 0], span);
                    }
                    Otherwise::Next(messages) => self.jump(StackOp::Jump, messages.next, span),
                },
                Step::Take(_) => {}
            }
        }
        self.asm.bind(end);
        for temp in free {
            self.release_temp(temp);
        }
    }

    /// Code for a clause that takes the value.
    fn take(&mut self, clause: usize, taken: &Taken, otherwise: Otherwise, free: &[Temp], span: Span) {
        if let Taken::Clauses(clauses, dest) = taken {
            if let Otherwise::Next(messages) = otherwise {
                self.take_message(messages, span);
            }
            for temp in free {
                self.release_temp(*temp);
            }
            self.body(clauses[clause].body, *dest, span);
            for temp in free {
                self.reserve_temp(*temp);
            }
        }
    }

    /// Pushes a value: from its local, if it has one.
    fn read_place(&mut self, decisions: &Decisions, temps: &FxHashMap<PlaceId, Temp>, place: PlaceId, span: Span) {
        match temps.get(&place) {
            Some(temp) => self.read_temp(*temp, span),
            None => self.read_path(decisions, temps, place, span),
        }
    }

    /// Gets a value out of the one that it is in, and pushes it.
    fn read_path(&mut self, decisions: &Decisions, temps: &FxHashMap<PlaceId, Temp>, place: PlaceId, span: Span) {
        match decisions.path(place) {
            Path::Subject => self.read_temp(temps[&SUBJECT], span),
            Path::Element(parent, number) => {
                self.read_place(decisions, temps, parent, span);
                self.element(number, span);
            }
            Path::Rest(parent, mut number) => {
                self.read_place(decisions, temps, parent, span);
                while number > MAX_FRAME as u32 {
                    self.emit(StackOp::Rest, [MAX_FRAME as u32, 0], span);
                    number -= MAX_FRAME as u32;
                }
                self.emit(StackOp::Rest, [number, 0], span);
            }
            Path::Value(parent, key) => {
                self.read_place(decisions, temps, parent, span);
                self.value(key);
                self.emit(StackOp::IndexGet, [0, 0], span);
            }
        }
    }

    /// An element of the list or tuple on the stack, which has it.
    pub(super) fn element(&mut self, number: u32, span: Span) {
        if number <= MAX_FRAME as u32 {
            self.emit(StackOp::Element, [number, 0], span);
        } else {
            self.emit(StackOp::Push, [number, 0], span);
            self.emit(StackOp::IndexGet, [0, 0], span);
        }
    }

    /// The outcome of a test of the value on the stack.
    fn test(&mut self, test: Test, span: Span) {
        match test {
            Test::Type(number) => self.emit(StackOp::IsType, [number, 0], span),
            Test::Length(count) => self.has_length(count, true, span),
            Test::AtLeast(count) => self.has_length(count, false, span),
            Test::Equal(value) => {
                self.value(value);
                self.emit(StackOp::Eq, [0, 0], span);
            }
            Test::HasKey(key) => {
                self.value(key);
                self.emit(StackOp::HasKey, [0, 0], span);
            }
            Test::IsA(class) => {
                self.value(class);
                self.emit(StackOp::IsA, [0, 0], span);
            }
        }
    }

    /// Whether the list or tuple on the stack has so many elements, or that many at least.
    pub(super) fn has_length(&mut self, count: u32, exactly: bool, span: Span) {
        if count <= MAX_FRAME as u32 {
            self.emit(if exactly { StackOp::HasLength } else { StackOp::HasAtLeast }, [count, 0], span);
        } else {
            self.emit(StackOp::Length, [0, 0], span);
            self.emit(StackOp::Push, [count, 0], span);
            self.emit(if exactly { StackOp::Eq } else { StackOp::Ge }, [0, 0], span);
        }
    }
}
