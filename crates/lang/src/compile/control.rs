//! Code for conditions, branches and loops.
//!
//! Loops are inverted: control enters at the test below the body, which jumps backward while it holds. A backward jump
//! is what a loop pays for, so a turn costs one reduction.

use super::asm::Label;
use super::exits::{Exit, LoopExit};
use super::place::Temp;
use super::{DEEP, Dest, Generator};
use crate::hir::{Clause, Each, Expr, ExprId, Exprs, For, Literal, ScopeId};
use crate::source::Span;
use iridium_isa::stack::StackOp;

impl Generator<'_> {
    /// Whether a condition is known to hold or not to hold.
    fn truth(&self, id: ExprId) -> Option<bool> {
        match self.hir.expr(id) {
            Expr::Const(literal) => Some(literal.is_truthy()),
            Expr::Lambda(_) => Some(true),
            _ => None,
        }
    }

    /// Jumps to the label if the truth of the condition is `wanted`; goes on otherwise.
    pub(super) fn branch(&mut self, id: ExprId, target: Label, wanted: bool) {
        let before = self.depth;
        stacker::maybe_grow(96 << 10, 1 << 20, || self.branch_here(id, target, wanted));
        self.depth = before;
    }

    fn branch_here(&mut self, id: ExprId, target: Label, wanted: bool) {
        let hir = self.hir;
        let span = hir.span(id);
        if let Some(truth) = self.truth(id) {
            if truth == wanted {
                self.jump(StackOp::Jump, target, span);
            }
            return;
        }
        match hir.expr(id) {
            Expr::Not(operand) => self.branch(*operand, target, !wanted),
            Expr::And(operands) => self.branch_junction(hir.list(*operands), target, wanted, false, span),
            Expr::Or(operands) => self.branch_junction(hir.list(*operands), target, wanted, true, span),
            Expr::If(condition, then, Some(otherwise)) => {
                let (no, end) = (self.asm.label(), self.asm.label());
                self.branch(*condition, no, false);
                self.branch(*then, target, wanted);
                self.jump(StackOp::Jump, end, span);
                self.asm.bind(no);
                self.branch(*otherwise, target, wanted);
                self.asm.bind(end);
            }
            Expr::Scope(scope, body) if body.len() > 0 => {
                let mark = self.enter_scope(*scope, span);
                if let Some((last, before)) = hir.list(*body).split_last() {
                    for expr in before {
                        self.gen_expr(*expr, Dest::Effect);
                    }
                    self.branch(*last, target, wanted);
                }
                self.leave_scope(*scope, mark);
            }
            _ => {
                self.value(id);
                self.jump(if wanted { StackOp::JumpIf } else { StackOp::JumpIfNot }, target, span);
            }
        }
    }

    /// `and` decides at a falsy operand, `or` at a truthy one.
    fn branch_junction(&mut self, operands: &[ExprId], target: Label, wanted: bool, decides: bool, span: Span) {
        let Some((last, before)) = operands.split_last() else {
            if wanted != decides {
                self.jump(StackOp::Jump, target, span);
            }
            return;
        };
        let end = self.asm.label();
        for operand in before {
            self.branch(*operand, if wanted == decides { target } else { end }, decides);
        }
        self.branch(*last, target, wanted);
        self.asm.bind(end);
    }

    /// `and` and `or` as values.
    pub(super) fn junction(&mut self, operands: &[ExprId], decides: bool, dest: Dest, span: Span) {
        let Some((last, before)) = operands.split_last() else {
            // `(and)` is true, `(or)` is null, as in Clojure.
            let empty = if decides { Literal::Null } else { Literal::Bool(true) };
            self.literal(&empty, dest, span);
            return;
        };
        let end = self.asm.label();
        if dest == Dest::Effect {
            for operand in before {
                self.branch(*operand, end, decides);
            }
            self.gen_expr(*last, Dest::Effect);
            self.asm.bind(end);
            return;
        }
        let op = if decides { StackOp::JumpIfKeep } else { StackOp::JumpIfNotKeep };
        for operand in before {
            match self.truth(*operand) {
                Some(truth) if truth == decides => {
                    self.value(*operand);
                    self.jump(StackOp::Jump, end, span);
                    self.depth -= 1;
                    break;
                }
                Some(_) => {}
                None => {
                    self.value(*operand);
                    self.jump(op, end, span);
                }
            }
        }
        self.gen_expr(*last, dest);
        self.asm.bind(end);
        if dest == Dest::Tail {
            self.depth += 1;
            self.deliver(dest, span);
        }
    }

    pub(super) fn gen_if(
        &mut self,
        condition: ExprId,
        then: ExprId,
        otherwise: Option<ExprId>,
        dest: Dest,
        span: Span,
    ) {
        let before = self.depth;
        match (self.truth(condition), otherwise) {
            (Some(true), _) => return self.gen_expr(then, dest),
            (Some(false), Some(otherwise)) => return self.gen_expr(otherwise, dest),
            (Some(false), None) => return self.literal(&Literal::Null, dest, span),
            (None, _) => {}
        }
        let (no, end) = (self.asm.label(), self.asm.label());
        self.branch(condition, no, false);
        self.gen_expr(then, dest);
        self.jump(StackOp::Jump, end, span);
        self.depth = before;
        self.asm.bind(no);
        match otherwise {
            Some(otherwise) => self.gen_expr(otherwise, dest),
            None => self.literal(&Literal::Null, dest, span),
        }
        self.asm.bind(end);
    }

    pub(super) fn switch(&mut self, clauses: &[Clause], dest: Dest, span: Span) {
        let before = self.depth;
        let end = self.asm.label();
        let mut always = false;
        for clause in clauses {
            let truth = clause.condition.map_or(Some(true), |condition| self.truth(condition));
            if truth == Some(false) {
                continue;
            }
            let next = self.asm.label();
            let mark = self.enter_scope(clause.scope, span);
            if let (Some(condition), None) = (clause.condition, truth) {
                self.branch(condition, next, false);
            }
            self.body(clause.body, dest, span);
            self.leave_scope(clause.scope, mark);
            self.jump(StackOp::Jump, end, span);
            self.depth = before;
            self.asm.bind(next);
            if truth == Some(true) {
                always = true;
                break;
            }
        }
        if !always {
            self.literal(&Literal::Null, dest, span);
        }
        self.asm.bind(end);
    }

    // Loops

    /// What a loop's body may leave for. The result of the loop is pushed only if it is wanted. What is on the stack
    /// must stay there until [`close_loop`](Self::close_loop).
    fn open_loop(&mut self, dest: Dest, iterates: bool) -> LoopExit {
        let exit = LoopExit {
            base: self.depth,
            outer_floor: std::mem::replace(&mut self.floor, self.depth),
            iterates,
            wanted: dest != Dest::Effect,
            next: self.asm.label(),
            end: self.asm.label(),
        };
        self.exits.push(Exit::Loop(exit));
        exit
    }

    /// After the test failed: the loop's value is null, unless a `break` says otherwise.
    fn close_loop(&mut self, exit: LoopExit, dest: Dest, span: Span) {
        self.exits.pop();
        self.floor = exit.outer_floor;
        if exit.wanted {
            self.push(&Literal::Null, span);
        }
        self.asm.bind(exit.end);
        if dest == Dest::Tail {
            self.deliver(dest, span);
        }
    }

    pub(super) fn gen_while(&mut self, condition: ExprId, scope: ScopeId, body: Exprs, dest: Dest, span: Span) {
        let exit = self.open_loop(dest, false);
        let top = self.asm.label();
        self.asm.enter_loop(exit.next, span);
        self.asm.bind(top);
        self.scope(scope, body, Dest::Effect, span);
        self.asm.bind(exit.next);
        self.branch(condition, top, true);
        self.close_loop(exit, dest, span);
    }

    pub(super) fn gen_for(&mut self, parts: &For, dest: Dest, span: Span) {
        let mark = self.enter_scope(parts.scope, span);
        self.gen_expr(parts.init, Dest::Effect);
        let exit = self.open_loop(dest, false);
        let (top, test) = (self.asm.label(), self.asm.label());
        self.asm.enter_loop(test, span);
        self.asm.bind(top);
        self.scope(parts.body_scope, parts.body, Dest::Effect, span);
        self.asm.bind(exit.next);
        for var in &parts.copied {
            self.renew(*var, span);
        }
        self.gen_expr(parts.step, Dest::Effect);
        self.asm.bind(test);
        self.branch(parts.condition, top, true);
        self.close_loop(exit, dest, span);
        self.leave_scope(parts.scope, mark);
    }

    /// Gives the next iteration its own copy of a variable. Only closures can tell, so only cells are copied.
    fn renew(&mut self, var: crate::hir::VarId, span: Span) {
        if !self.hir.var(var).is_cell() {
            return;
        }
        self.read_var(var, span);
        match self.storage[var.0 as usize] {
            super::Storage::Slot(slot) => self.emit(StackOp::CellNew, [slot, 0], span),
            _ => {
                self.emit(StackOp::List, [1, 0], span);
                self.store_spilled(var, false, span);
            }
        }
    }

    pub(super) fn each(&mut self, parts: &Each, dest: Dest, span: Span) {
        self.value(parts.collection);
        self.emit(StackOp::Iterate, [0, 0], span);
        if self.depth > DEEP {
            return self.each_deep(parts, dest, span);
        }
        let exit = self.open_loop(dest, true);
        let top = self.asm.label();
        self.asm.enter_loop(exit.next, span);
        self.asm.bind(top);
        let mark = self.enter_scope(parts.scope, span);
        self.depth += parts.targets.len();
        for target in parts.targets.iter().rev() {
            self.destructure(target, false, span);
        }
        self.body(parts.body, Dest::Effect, span);
        self.leave_scope(parts.scope, mark);
        self.asm.bind(exit.next);
        self.jump(next_op(parts), top, span);
        self.emit(StackOp::Pop, [0, 0], span);
        self.close_loop(exit, dest, span);
    }

    /// An `each` among many others: its iterator, on the stack, is put aside while the body runs.
    fn each_deep(&mut self, parts: &Each, dest: Dest, span: Span) {
        let spilled = self.next_spilled;
        let iterator = self.temp();
        let elements: Vec<Temp> = parts.targets.iter().map(|_| self.temp()).collect();
        self.depth -= 1;
        let exit = self.open_loop(dest, false);
        self.depth += 1;
        let (top, test) = (self.asm.label(), self.asm.label());
        self.asm.enter_loop(test, span);
        self.asm.bind(top);
        self.depth += parts.targets.len();
        for element in elements.iter().rev() {
            self.write_temp(*element, span);
        }
        self.emit(StackOp::PackIterator, [0, 0], span);
        self.write_temp(iterator, span);
        let mark = self.enter_scope(parts.scope, span);
        for (target, element) in parts.targets.iter().zip(&elements).rev() {
            self.read_temp(*element, span);
            self.destructure(target, false, span);
        }
        self.body(parts.body, Dest::Effect, span);
        self.leave_scope(parts.scope, mark);
        self.asm.bind(exit.next);
        self.read_temp(iterator, span);
        self.emit(StackOp::UnpackIterator, [0, 0], span);
        self.asm.bind(test);
        self.jump(next_op(parts), top, span);
        self.emit(StackOp::Pop, [0, 0], span);
        self.close_loop(exit, dest, span);
        for temp in elements.into_iter().chain([iterator]) {
            self.release_temp(temp);
        }
        self.next_spilled = spilled;
    }
}

/// The instruction that gives an `each` what it has names for.
fn next_op(parts: &Each) -> StackOp {
    if parts.targets.len() == 2 { StackOp::NextPair } else { StackOp::Next }
}
