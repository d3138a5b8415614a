//! Code for patterns. A value that is tested more than once lies in a local, so that a test that fails leaves nothing
//! on the stack.

use super::asm::Label;
use super::place::Access;
use super::{Dest, Generator};
use crate::hir::{Expr, ExprId, Pattern, PatternClause, VarId};
use crate::source::Span;
use iridium_isa::stack::{StackOp, TYPES};

/// Where the value is that a pattern is held against.
#[derive(Clone, Copy, Debug)]
enum Subject {
    Slot(u32),
    /// Element of the list or tuple in a local.
    Element(u32, u32),
    /// The same, and nobody needs the local's value any more: what is in it may take its place.
    LastElement(u32, u32),
    /// The elements from a number on.
    Rest(u32, u32),
    /// What the map in a local has under a key.
    Value(u32, ExprId),
}

/// The number of a built-in type.
fn number_of(name: &str) -> u32 {
    TYPES.iter().position(|other| *other == name).unwrap_or(0) as u32
}

impl Generator<'_> {
    pub(super) fn gen_match(&mut self, subject: ExprId, clauses: &[PatternClause], dest: Dest, span: Span) {
        let slot = match self.hir.expr(subject) {
            // What nothing assigns can be read again.
            Expr::Local(var) if !self.hir.var(*var).assigned => match self.access(*var) {
                Access::Slot(slot) => Some(slot),
                _ => None,
            },
            _ => None,
        };
        if slot.is_none() {
            self.value(subject);
        }
        self.clauses(clauses, slot, StackOp::NoMatch, dest, span);
    }

    /// Clauses for the value in a local, or else on the stack. If none takes it, it goes to `otherwise`, which ends.
    pub(super) fn clauses(
        &mut self,
        clauses: &[PatternClause],
        slot: Option<u32>,
        otherwise: StackOp,
        dest: Dest,
        span: Span,
    ) {
        let end = self.asm.label();
        if let ([clause, ..], None) = (clauses, slot)
            && let Pattern::Any | Pattern::Bind(_) = clause.pattern
        {
            let mark = self.enter_scope(clause.scope, span);
            self.destructure(&clause.pattern, false, span);
            self.body(&clause.body, dest, span);
            self.leave_scope(clause.scope, mark);
            return;
        }
        let subject = slot.unwrap_or_else(|| {
            let slot = self.temporary();
            self.emit(StackOp::LocalSet, [slot, 0], span);
            slot
        });
        let before = self.depth;
        let mut complete = false;
        for clause in clauses {
            let next = self.asm.label();
            let mark = self.enter_scope(clause.scope, span);
            self.pattern(&clause.pattern, Subject::Slot(subject), next, span);
            // No body needs the value, so others may use its local meanwhile.
            if slot.is_none() {
                self.release(subject);
            }
            self.body(&clause.body, dest, span);
            self.leave_scope(clause.scope, mark);
            if slot.is_none() {
                self.slots[subject as usize].used = true;
            }
            self.jump(StackOp::Jump, end, span);
            self.depth = before;
            self.asm.bind(next);
            complete = clause.pattern.takes_all();
        }
        if !complete {
            self.emit(StackOp::LocalGet, [subject, 0], span);
            self.emit(otherwise, [0, 0], span);
        }
        self.asm.bind(end);
        self.depth = before + usize::from(dest == Dest::Value);
        if slot.is_none() {
            self.release(subject);
        }
    }

    /// Declares variables by a pattern from the value on the stack; leaves it there if it is to be kept.
    pub(super) fn destructure(&mut self, pattern: &Pattern, keep: bool, span: Span) {
        match pattern {
            Pattern::Any if keep => {}
            Pattern::Any => self.emit(StackOp::Pop, [0, 0], span),
            Pattern::Bind(var) => self.init_var(*var, keep, span),
            _ => {
                let slot = self.temporary();
                let (fail, done) = (self.asm.label(), self.asm.label());
                self.emit(if keep { StackOp::LocalTee } else { StackOp::LocalSet }, [slot, 0], span);
                let before = self.depth;
                self.pattern(pattern, Subject::Slot(slot), fail, span);
                self.jump(StackOp::Jump, done, span);
                self.asm.bind(fail);
                self.emit(StackOp::LocalGet, [slot, 0], span);
                self.emit(StackOp::NoMatch, [0, 0], span);
                self.asm.bind(done);
                self.depth = before;
                self.release(slot);
            }
        }
    }

    fn subject(&mut self, subject: Subject, span: Span) {
        match subject {
            Subject::Slot(slot) => self.emit(StackOp::LocalGet, [slot, 0], span),
            Subject::Element(slot, number) | Subject::LastElement(slot, number) => {
                self.emit(StackOp::LocalGet, [slot, 0], span);
                self.emit(StackOp::Element, [number, 0], span);
            }
            Subject::Rest(slot, number) => {
                self.emit(StackOp::LocalGet, [slot, 0], span);
                self.emit(StackOp::Rest, [number, 0], span);
            }
            Subject::Value(slot, key) => {
                self.emit(StackOp::LocalGet, [slot, 0], span);
                self.value(key);
                self.emit(StackOp::IndexGet, [0, 0], span);
            }
        }
    }

    /// Runs part of a pattern with the subject in a local, and says whether nobody else needs that.
    fn in_local(&mut self, subject: Subject, span: Span, run: impl FnOnce(&mut Self, u32, bool)) {
        let slot = match subject {
            Subject::Slot(slot) => return run(self, slot, false),
            Subject::LastElement(slot, _) => Some(slot),
            _ => None,
        };
        self.subject(subject, span);
        let local = slot.unwrap_or_else(|| self.temporary());
        self.emit(StackOp::LocalSet, [local, 0], span);
        run(self, local, true);
        if slot.is_none() {
            self.release(local);
        }
    }

    fn test(&mut self, op: StackOp, operand: u32, slot: u32, fail: Label, span: Span) {
        self.emit(StackOp::LocalGet, [slot, 0], span);
        self.emit(op, [operand, 0], span);
        self.jump(StackOp::JumpIfNot, fail, span);
    }

    /// Goes on if the pattern takes the subject, and jumps to `fail` if not. Its names are bound as they are found.
    fn pattern(&mut self, pattern: &Pattern, subject: Subject, fail: Label, span: Span) {
        stacker::maybe_grow(96 << 10, 1 << 20, || self.pattern_here(pattern, subject, fail, span));
    }

    fn pattern_here(&mut self, pattern: &Pattern, subject: Subject, fail: Label, span: Span) {
        match pattern {
            Pattern::Any => {}
            Pattern::Bind(var) => self.bind_to(*var, subject, span),
            Pattern::Equal(value) => {
                let span = self.hir.span(*value);
                self.subject(subject, span);
                self.value(*value);
                self.emit(StackOp::Eq, [0, 0], span);
                self.jump(StackOp::JumpIfNot, fail, span);
            }
            Pattern::Sequence(tuple, items, rest) => self.in_local(subject, span, |this, slot, own| {
                let length = items.len() as u32;
                let of_type = number_of(if *tuple { "tuple" } else { "list" });
                this.test(StackOp::IsType, of_type, slot, fail, span);
                match rest {
                    Some(_) if length == 0 => {}
                    Some(_) => this.test(StackOp::HasAtLeast, length, slot, fail, span),
                    None => this.test(StackOp::HasLength, length, slot, fail, span),
                }
                for (number, item) in items.iter().enumerate() {
                    let last = own && rest.is_none() && number + 1 == items.len();
                    let element = if last { Subject::LastElement } else { Subject::Element };
                    this.pattern(item, element(slot, number as u32), fail, span);
                }
                if let Some(rest) = rest {
                    this.pattern(rest, Subject::Rest(slot, length), fail, span);
                }
            }),
            Pattern::Map(entries) => self.in_local(subject, span, |this, slot, _| {
                this.test(StackOp::IsType, number_of("map"), slot, fail, span);
                for (key, pattern) in entries {
                    this.emit(StackOp::LocalGet, [slot, 0], span);
                    this.value(*key);
                    this.emit(StackOp::HasKey, [0, 0], span);
                    this.jump(StackOp::JumpIfNot, fail, span);
                    this.pattern(pattern, Subject::Value(slot, *key), fail, span);
                }
            }),
            Pattern::Type(number, inner) => self.in_local(subject, span, |this, slot, _| {
                this.test(StackOp::IsType, *number, slot, fail, span);
                this.pattern(inner, Subject::Slot(slot), fail, span);
            }),
            Pattern::Instance(class, inner) => self.in_local(subject, span, |this, slot, _| {
                let place = this.hir.span(*class);
                this.emit(StackOp::LocalGet, [slot, 0], span);
                this.value(*class);
                this.emit(StackOp::IsA, [0, 0], place);
                this.jump(StackOp::JumpIfNot, fail, span);
                this.pattern(inner, Subject::Slot(slot), fail, span);
            }),
            Pattern::Or(patterns) => self.in_local(subject, span, |this, slot, _| {
                let done = this.asm.label();
                let Some((last, before)) = patterns.split_last() else { return };
                for pattern in before {
                    let next = this.asm.label();
                    this.pattern(pattern, Subject::Slot(slot), next, span);
                    this.jump(StackOp::Jump, done, span);
                    this.asm.bind(next);
                }
                this.pattern(last, Subject::Slot(slot), fail, span);
                this.asm.bind(done);
            }),
            Pattern::Both(first, second) => self.in_local(subject, span, |this, slot, _| {
                this.pattern(first, Subject::Slot(slot), fail, span);
                this.pattern(second, Subject::Slot(slot), fail, span);
            }),
            Pattern::When(inner, guard) => {
                self.pattern(inner, subject, fail, span);
                self.branch(*guard, fail, false);
            }
        }
    }

    fn bind_to(&mut self, var: VarId, subject: Subject, span: Span) {
        self.subject(subject, span);
        self.init_var(var, false, span);
    }
}
