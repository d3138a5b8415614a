//! Decisions: clauses as one list of tests, and where a test goes on that fails.
//!
//! Clauses are tried in order, each from its first test on, so that guards and `==` are asked as they are written: a
//! backtracking automaton (Augustsson, "Compiling Pattern Matching", 1985). What a way to a test has found out is
//! carried along ([`facts`]), and a jump goes past every test that it answers already (after Le Fessant and Maranget,
//! "Optimizing Pattern Matching", 2001). Nothing is copied: there is never more code than there are patterns.
//!
//! What is taken out of a value, to be tested, stays in a local of its own for all clauses. Names are bound when all
//! tests before the first guard or computed value have passed; what comes before is the part of a clause that a jump
//! may enter anywhere.

pub(super) mod facts;

use super::Pool;
use crate::hir::{Expr, ExprId, Hir, Literal, Pattern, VarId};
use crate::source::Span;
use facts::{Facts, Known, Question, State};
use iridium_isa::stack::TYPES;
use rustc_hash::{FxHashMap, FxHashSet};

/// Number of a value that is tested: the subject, or something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlaceId(pub(super) u32);

/// The subject.
pub(super) const SUBJECT: PlaceId = PlaceId(0);

/// How to get at a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path {
    Subject,
    /// Element of a list or tuple.
    Element(PlaceId, u32),
    /// The elements from a number on.
    Rest(PlaceId, u32),
    /// What a map has under a key.
    Value(PlaceId, ExprId),
}

/// A value that is tested or bound.
#[derive(Debug)]
struct Place {
    path: Path,
    /// Whether no code that runs meanwhile can put another value there: all around it are tuples.
    steady: bool,
    tests: u32,
    binds: u32,
}

/// Number of a place in the list of steps, once that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal(u32);

/// A test.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    /// Of a built-in type.
    Type(u32),
    /// A list or tuple of this many elements.
    Length(u32),
    /// A list or tuple of this many elements or more.
    AtLeast(u32),
    /// Equal to the value of an expression.
    Equal(ExprId),
    /// A map that has a key.
    HasKey(ExprId),
    /// An instance of the class that an expression gives.
    IsA(ExprId),
}

/// A step of the list. Control goes on with the next one unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Goes on if the test holds. The question is what the test asks, if that is known now.
    Test { place: PlaceId, test: Test, question: Option<Question>, span: Span, fail: Goal },
    /// Goes on if the guard holds. The flag says that it may change something.
    Guard(ExprId, bool, Goal),
    /// Gets a value into its local.
    Load(PlaceId),
    /// The part of a clause that belongs to it alone begins: its variables have their places from here on.
    Enter(usize),
    /// Gives a name to a value, and says whether the local has it.
    Bind(VarId, PlaceId, bool),
    /// Goes on elsewhere.
    Goto(Goal),
    /// The clause takes the value.
    Take(usize),
    /// No clause takes it.
    Fail,
}

/// The steps of some clauses.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    pub(super) steps: Vec<Step>,
    /// The step that each goal stands before.
    goals: Vec<usize>,
    places: Vec<Place>,
    by_path: FxHashMap<(u8, PlaceId, u32), PlaceId>,
    facts: Facts,
    /// Steps that jumps may still look at.
    budget: usize,
}

/// What is being written.
struct Writer<'a> {
    hir: &'a Hir,
    pool: &'a mut Pool,
    out: Decisions,
    clause: usize,
    entered: bool,
    /// Names that wait for their clause to be entered.
    waiting: Vec<(VarId, PlaceId)>,
    loaded: FxHashSet<PlaceId>,
    /// What was added to `loaded`, in order.
    order: Vec<PlaceId>,
}

impl Decisions {
    /// The steps for patterns, each with its place in the source.
    pub(super) fn new<'p>(
        hir: &Hir,
        pool: &mut Pool,
        patterns: impl Iterator<Item = &'p Pattern>,
        span: Span,
    ) -> Decisions {
        let mut out = Decisions::default();
        out.places.push(Place { path: Path::Subject, steady: true, tests: 2, binds: 0 });
        let mut writer = Writer {
            hir,
            pool,
            out,
            clause: 0,
            entered: false,
            waiting: Vec::new(),
            loaded: FxHashSet::default(),
            order: Vec::new(),
        };
        for (number, pattern) in patterns.enumerate() {
            let fail = writer.goal();
            (writer.clause, writer.entered) = (number, false);
            writer.pattern(pattern, SUBJECT, fail, span);
            writer.enter();
            writer.step(Step::Take(number));
            writer.reach(fail);
            writer.forget_from(0);
        }
        writer.step(Step::Fail);
        let mut out = writer.out;
        out.budget = 4096 + 64 * out.steps.len();
        out
    }

    /// The values that have a local: those that are looked at more than once.
    pub(super) fn kept(&self) -> impl Iterator<Item = PlaceId> {
        (1..self.places.len() as u32).map(PlaceId).filter(|place| self.is_kept(*place))
    }

    fn is_kept(&self, place: PlaceId) -> bool {
        let place = &self.places[place.0 as usize];
        place.tests >= 1 && place.tests + place.binds >= 2
    }

    /// Whether a step does something: a value that is looked at once stays where it is.
    pub(super) fn is_needed(&self, step: Step) -> bool {
        !matches!(step, Step::Load(place) if !self.is_kept(place))
    }

    pub(super) fn path(&self, place: PlaceId) -> Path {
        self.places[place.0 as usize].path
    }

    /// Whether a value is in its local, by what is known.
    pub(super) fn is_loaded(&mut self, place: PlaceId, state: State) -> bool {
        let steady = self.places[place.0 as usize].steady;
        place == SUBJECT || self.facts.has(state, place, steady, &mut self.budget)
    }

    /// What is known when two ways meet.
    pub(super) fn join(&self, left: State, right: State) -> State {
        self.facts.join(left, right)
    }

    /// What is known after a step with this outcome.
    pub(super) fn after(&mut self, step: Step, holds: bool, state: State) -> State {
        let (place, known) = match step {
            Step::Test { place, question: Some(question), .. } => (place, Known::Answer(question, holds)),
            Step::Load(place) => (place, Known::Loaded),
            Step::Test { .. } | Step::Guard(_, true, _) => (SUBJECT, Known::Effects),
            _ => return state,
        };
        self.facts.add(state, place, known)
    }

    /// The outcome of a step, if it is known.
    pub(super) fn answer(&mut self, step: Step, state: State) -> Option<bool> {
        let Step::Test { place, question: Some(question), .. } = step else { return None };
        let steady = self.places[place.0 as usize].steady;
        self.facts.answer(state, place, steady, question, &mut self.budget)
    }

    /// Where control goes on that goes to a goal with this knowledge: past what is known and done.
    pub(super) fn destination(&mut self, goal: Goal, state: State) -> usize {
        let mut at = self.goals[goal.0 as usize];
        while self.budget > 0 {
            self.budget -= 1;
            let step = self.steps[at];
            at = match step {
                Step::Load(place) if !self.is_kept(place) || self.is_loaded(place, state) => at + 1,
                Step::Goto(goal) => self.goals[goal.0 as usize],
                Step::Test { fail, .. } => match self.answer(step, state) {
                    Some(true) => at + 1,
                    Some(false) => self.goals[fail.0 as usize],
                    None => break,
                },
                _ => break,
            };
        }
        at
    }
}

impl Writer<'_> {
    fn step(&mut self, step: Step) {
        self.out.steps.push(step);
    }

    fn goal(&mut self) -> Goal {
        self.out.goals.push(usize::MAX);
        Goal(self.out.goals.len() as u32 - 1)
    }

    fn reach(&mut self, goal: Goal) {
        self.out.goals[goal.0 as usize] = self.out.steps.len();
    }

    /// The value that a path leads to.
    fn place(&mut self, path: Path, in_tuple: bool) -> PlaceId {
        let (kind, parent, number) = match path {
            Path::Subject => return SUBJECT,
            Path::Element(parent, number) => (u8::from(in_tuple), parent, number),
            Path::Rest(parent, number) => (2 + u8::from(in_tuple), parent, number),
            // Only for a literal key can it be the same as another clause's.
            Path::Value(parent, key) => (4, parent, self.literal_key(key).unwrap_or(u32::MAX - key.0)),
        };
        let next = PlaceId(self.out.places.len() as u32);
        let place = *self.out.by_path.entry((kind, parent, number)).or_insert(next);
        if place == next {
            let steady = in_tuple && self.out.places[parent.0 as usize].steady;
            self.out.places.push(Place { path, steady, tests: 0, binds: 0 });
        }
        place
    }

    /// A number for the literal that an expression is.
    fn literal_key(&mut self, value: ExprId) -> Option<u32> {
        Some(match self.hir.literal(value)? {
            Literal::Null => 0,
            Literal::Bool(truth) => 1 + u32::from(*truth),
            literal => 3 + self.pool.intern(literal),
        })
    }

    fn test(&mut self, place: PlaceId, test: Test, span: Span, fail: Goal) {
        let question = match test {
            Test::Type(number) => Some(Question::Type(number)),
            Test::Length(count) => Some(Question::Length(count)),
            Test::AtLeast(count) => Some(Question::AtLeast(count)),
            Test::Equal(value) => self.literal_key(value).map(|key| Question::Equal(key, type_of(self.hir, value))),
            Test::HasKey(key) => self.literal_key(key).map(Question::HasKey),
            Test::IsA(class) => self.class_key(class),
        };
        if question.is_none() {
            // Its value is computed, maybe from names of the pattern.
            self.enter();
        }
        self.load(place);
        self.out.places[place.0 as usize].tests += 1;
        self.step(Step::Test { place, test, question, span, fail });
    }

    /// What identifies a class, if nothing can change it meanwhile.
    fn class_key(&self, class: ExprId) -> Option<Question> {
        match self.hir.expr(class) {
            Expr::Global(global) => {
                let known = &self.hir.globals[*global as usize];
                (!known.assigned && known.declarations <= 1).then_some(Question::IsA(false, *global))
            }
            Expr::Local(var) => {
                let known = self.hir.var(*var);
                (!known.assigned && !known.is_cell()).then_some(Question::IsA(true, var.0))
            }
            _ => None,
        }
    }

    /// Whether a guard changes nothing: it only compares and computes.
    fn is_pure(&self, guard: ExprId) -> bool {
        let (mut todo, mut left) = (vec![guard], 40);
        while let Some(expr) = todo.pop() {
            left -= 1;
            match self.hir.expr(expr) {
                _ if left == 0 => return false,
                Expr::Const(_) | Expr::Local(_) | Expr::Global(_) => {}
                Expr::Op(_, operands) | Expr::And(operands) | Expr::Or(operands) => {
                    todo.extend(self.hir.list(*operands))
                }
                Expr::Not(operand) => todo.push(*operand),
                _ => return false,
            }
        }
        true
    }

    /// Says that a value has to be in its local.
    fn load(&mut self, place: PlaceId) {
        if place != SUBJECT && self.loaded.insert(place) {
            self.order.push(place);
            self.step(Step::Load(place));
        }
    }

    fn forget_from(&mut self, count: usize) {
        for place in self.order.drain(count..) {
            self.loaded.remove(&place);
        }
    }

    /// Names that are bound from here on wait no longer.
    fn enter(&mut self) {
        if !self.entered {
            self.entered = true;
            self.step(Step::Enter(self.clause));
        }
        for (var, place) in std::mem::take(&mut self.waiting) {
            let loaded = place == SUBJECT || self.loaded.contains(&place);
            self.step(Step::Bind(var, place, loaded));
        }
    }

    /// Steps that go on if the pattern takes a value.
    fn pattern(&mut self, pattern: &Pattern, place: PlaceId, fail: Goal, span: Span) {
        stacker::maybe_grow(96 << 10, 1 << 20, || self.pattern_here(pattern, place, fail, span));
    }

    /// The same for something in a value.
    fn part(&mut self, pattern: &Pattern, path: Path, in_tuple: bool, fail: Goal, span: Span) {
        if matches!(pattern, Pattern::Any) {
            return;
        }
        let place = self.place(path, in_tuple);
        if let Path::Element(parent, _) | Path::Rest(parent, _) | Path::Value(parent, _) = path {
            self.out.places[parent.0 as usize].tests += 1;
        }
        self.pattern(pattern, place, fail, span);
    }

    fn pattern_here(&mut self, pattern: &Pattern, place: PlaceId, fail: Goal, span: Span) {
        match pattern {
            Pattern::Any => {}
            Pattern::Bind(var) => {
                self.out.places[place.0 as usize].binds += 1;
                self.waiting.push((*var, place));
            }
            Pattern::Equal(value) => self.test(place, Test::Equal(*value), self.hir.span(*value), fail),
            Pattern::Sequence(tuple, items, rest) => {
                let length = items.len() as u32;
                self.test(place, Test::Type(type_number(if *tuple { "tuple" } else { "list" })), span, fail);
                match rest {
                    Some(_) if length == 0 => {}
                    Some(_) => self.test(place, Test::AtLeast(length), span, fail),
                    None => self.test(place, Test::Length(length), span, fail),
                }
                for (number, item) in items.iter().enumerate() {
                    self.part(item, Path::Element(place, number as u32), *tuple, fail, span);
                }
                if let Some(rest) = rest {
                    self.part(rest, Path::Rest(place, length), *tuple, fail, span);
                }
            }
            Pattern::Map(entries) => {
                self.test(place, Test::Type(type_number("map")), span, fail);
                for (key, pattern) in entries {
                    self.test(place, Test::HasKey(*key), span, fail);
                    self.part(pattern, Path::Value(place, *key), false, fail, span);
                }
            }
            Pattern::Type(number, inner) => {
                self.test(place, Test::Type(*number), span, fail);
                self.pattern(inner, place, fail, span);
            }
            Pattern::Instance(class, inner) => {
                self.test(place, Test::IsA(*class), self.hir.span(*class), fail);
                self.pattern(inner, place, fail, span);
            }
            Pattern::Or(patterns) => self.alternatives(patterns, place, fail, span),
            Pattern::Both(first, second) => {
                self.pattern(first, place, fail, span);
                self.pattern(second, place, fail, span);
            }
            Pattern::When(inner, guard) => {
                self.pattern(inner, place, fail, span);
                self.enter();
                self.step(Step::Guard(*guard, !self.is_pure(*guard), fail));
            }
        }
    }

    fn alternatives(&mut self, patterns: &[Pattern], place: PlaceId, fail: Goal, span: Span) {
        let Some((last, before)) = patterns.split_last() else { return };
        if self.entered || patterns.iter().any(|pattern| self.is_private(pattern)) {
            self.enter();
        }
        let done = self.goal();
        // What one alternative has loaded, another has not.
        self.load(place);
        let count = self.order.len();
        for pattern in before {
            let next = self.goal();
            self.pattern(pattern, place, next, span);
            self.bind_waiting();
            self.step(Step::Goto(done));
            self.reach(next);
            self.forget_from(count);
        }
        self.pattern(last, place, fail, span);
        self.bind_waiting();
        self.forget_from(count);
        self.reach(done);
    }

    /// In an alternative of an entered clause: names are bound where it ends.
    fn bind_waiting(&mut self) {
        if self.entered {
            self.enter();
        }
    }

    /// Whether a pattern binds or computes something.
    fn is_private(&self, pattern: &Pattern) -> bool {
        let mut todo = vec![pattern];
        while let Some(pattern) = todo.pop() {
            match pattern {
                Pattern::Any => {}
                Pattern::Bind(_) | Pattern::When(..) => return true,
                Pattern::Equal(value) if self.hir.literal(*value).is_none() => return true,
                Pattern::Equal(_) => {}
                Pattern::Sequence(_, items, rest) => {
                    todo.extend(items);
                    todo.extend(rest.as_deref());
                }
                Pattern::Map(entries) => todo.extend(entries.iter().map(|(_, pattern)| pattern)),
                Pattern::Type(_, inner) => todo.push(inner),
                Pattern::Instance(class, inner) => {
                    if self.class_key(*class).is_none() {
                        return true;
                    }
                    todo.push(inner);
                }
                Pattern::Or(patterns) => todo.extend(patterns),
                Pattern::Both(first, second) => todo.extend([&**first, &**second]),
            }
        }
        false
    }
}

/// The number of a built-in type.
pub(super) fn type_number(name: &str) -> u32 {
    TYPES.iter().position(|other| *other == name).unwrap_or(0) as u32
}

/// The number of the type of a literal.
fn type_of(hir: &Hir, value: ExprId) -> u32 {
    type_number(match hir.literal(value) {
        Some(Literal::Bool(_)) => "bool",
        Some(Literal::Int(_) | Literal::Big(_) | Literal::Float(_)) => "number",
        Some(Literal::Str(_)) => "string",
        Some(Literal::Bytes(_)) => "bytes",
        Some(Literal::Atom(_)) => "atom",
        _ => "null",
    })
}
