//! Code for `receive`: a loop over the messages of the mailbox, which tries the clauses as `match` does.
//!
//! ```text
//!            mailbox = %mailbox(timeout, what all clauses demand)
//!            its iterator
//!            jump test
//! top:       iterator and message go to locals of their own
//!            clauses; the one that takes the message: %take(mailbox), its body, jump done
//! next:      the iterator
//! test:      top with the next message, if one comes in time
//!            body of `after`
//! done:
//! ```
//!
//! Nothing of the loop is on the stack while a guard or a body runs: so a body is in tail position where the form is, and
//! a jump out of a guard has nothing to leave.
//!
//! If every clause demands the value of a variable, as `(pin ref)` does, the mailbox is told their values: it may know
//! that no message can hold them that came before some other.

use super::asm::Label;
use super::pattern::Otherwise;
use super::place::Temp;
use super::{Dest, Generator};
use crate::hir::{Expr, ExprId, Literal, Pattern, PatternClause, Receive, VarId};
use crate::names::{MAILBOX, TAKE};
use crate::source::Span;
use iridium_isa::stack::StackOp;
use smallvec::SmallVec;

/// Variables that the mailbox is told of.
const MAX_DEMANDED: usize = 4;

/// The messages that clauses are tried with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages {
    /// The mailbox, its iterator and the message. No body needs them.
    pub(super) temps: [Temp; 3],
    /// Where the next message is asked for.
    pub(super) next: Label,
}

impl Generator<'_> {
    pub(super) fn receive(&mut self, parts: &Receive, dest: Dest, span: Span) {
        let base = self.depth;
        let mut mark = self.next_spilled;
        if let Some(after) = &parts.after {
            mark = self.enter_scope(after.scope, span);
        }
        let native = |name: &str| Literal::Native(name.into());
        self.push(&native(MAILBOX), span);
        let call = match &parts.after {
            Some(after) => {
                self.value(after.timeout);
                self.hir.span(after.timeout)
            }
            None => {
                self.push(&Literal::Null, span);
                span
            }
        };
        let demanded = self.demanded(&parts.clauses);
        demanded.iter().for_each(|&var| self.read_var(var, span));
        self.emit(StackOp::Call, [1 + demanded.len() as u32, 0], call);
        let [mailbox, iterator, message] = [self.temp(), self.temp(), self.temp()];
        self.tee_temp(mailbox, span);
        self.emit(StackOp::Iterate, [0, 0], span);
        let [top, next, test, done] = [(); 4].map(|()| self.asm.label());
        self.asm.enter_loop(test, span);
        self.asm.bind(top);
        self.depth += 1;
        self.write_temp(message, span);
        self.emit(StackOp::PackIterator, [0, 0], span);
        self.write_temp(iterator, span);
        let messages = Messages { temps: [mailbox, iterator, message], next };
        self.clauses(&parts.clauses, Some(message), Otherwise::Next(&messages), dest, span);
        self.jump(StackOp::Jump, done, span);
        self.depth = base;
        self.asm.bind(next);
        // The clauses have given back its local, but nothing has used that since.
        self.read_temp(iterator, span);
        self.emit(StackOp::UnpackIterator, [0, 0], span);
        self.asm.bind(test);
        self.jump(StackOp::Next, top, span);
        self.emit(StackOp::Pop, [0, 0], span);
        match &parts.after {
            Some(after) => {
                self.body(after.body, dest, span);
                self.leave_scope(after.scope, mark);
            }
            // Without a timeout the time is never up.
            None => self.literal(&Literal::Null, dest, span),
        }
        self.next_spilled = mark;
        self.asm.bind(done);
    }

    /// Variables of which every message that a clause takes holds one; none if there may be others.
    fn demanded(&self, clauses: &[PatternClause]) -> SmallVec<[VarId; MAX_DEMANDED]> {
        let mut each: Vec<SmallVec<[VarId; MAX_DEMANDED]>> = Vec::new();
        for clause in clauses {
            // The guard of the whole pattern is evaluated when that has matched.
            let pattern = match &clause.pattern {
                Pattern::When(pattern, _) => pattern,
                pattern => pattern,
            };
            let mut vars = SmallVec::new();
            if !self.find_demanded(pattern, &mut vars) || vars.is_empty() {
                return SmallVec::new();
            }
            each.push(vars);
        }
        let in_all = |var: &&VarId| each.iter().all(|vars| vars.contains(var));
        if let Some(&common) = each.first().and_then(|vars| vars.iter().find(in_all)) {
            return SmallVec::from_slice(&[common]);
        }
        let mut demanded = SmallVec::new();
        for vars in &each {
            if !demanded.contains(&vars[0]) {
                demanded.push(vars[0]);
            }
        }
        if demanded.len() > MAX_DEMANDED { SmallVec::new() } else { demanded }
    }

    /// Adds the variables whose values a pattern demands. False if to try it can have any effect: then no message may
    /// be left out, even if it can't match.
    fn find_demanded(&self, pattern: &Pattern, vars: &mut SmallVec<[VarId; MAX_DEMANDED]>) -> bool {
        stacker::maybe_grow(96 << 10, 1 << 20, || self.find_demanded_here(pattern, vars))
    }

    fn find_demanded_here(&self, pattern: &Pattern, vars: &mut SmallVec<[VarId; MAX_DEMANDED]>) -> bool {
        let is_known = |id: ExprId| matches!(self.hir.expr(id), Expr::Const(_));
        match pattern {
            Pattern::Any | Pattern::Bind(_) => true,
            Pattern::Equal(id) => match *self.hir.expr(*id) {
                Expr::Const(_) => true,
                Expr::Local(var) => {
                    let known = self.hir.var(var);
                    // It is there, and stays the same.
                    let is_fixed = !known.assigned && !known.is_cell();
                    vars.extend(is_fixed.then_some(var));
                    is_fixed
                }
                _ => false,
            },
            Pattern::Sequence(_, elements, rest) => {
                elements.iter().chain(rest.as_deref()).all(|element| self.find_demanded(element, vars))
            }
            Pattern::Map(entries) => {
                entries.iter().all(|(key, value)| is_known(*key) && self.find_demanded(value, vars))
            }
            Pattern::Type(_, inner) => self.find_demanded(inner, vars),
            Pattern::Both(first, second) => self.find_demanded(first, vars) && self.find_demanded(second, vars),
            // What only one of them demands need not be there.
            Pattern::Or(patterns) => {
                let mut of_one = SmallVec::new();
                patterns.iter().all(|pattern| self.find_demanded(pattern, &mut of_one))
            }
            Pattern::Instance(..) | Pattern::When(..) => false,
        }
    }

    /// Removes the message that a clause takes.
    pub(super) fn take_message(&mut self, messages: &Messages, span: Span) {
        self.push(&Literal::Native(TAKE.into()), span);
        self.read_temp(messages.temps[0], span);
        self.emit(StackOp::Call, [1, 0], span);
        self.emit(StackOp::Pop, [0, 0], span);
    }
}
