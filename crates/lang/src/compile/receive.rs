//! Code for `receive`: a loop over the messages of the mailbox, which tries the clauses as `match` does.
//!
//! ```text
//!            mailbox = %mailbox(timeout)
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

use super::asm::Label;
use super::pattern::Otherwise;
use super::place::Temp;
use super::{Dest, Generator};
use crate::hir::{Literal, Receive};
use crate::names::{MAILBOX, TAKE};
use crate::source::Span;
use iridium_isa::stack::StackOp;

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
        match &parts.after {
            Some(after) => {
                self.value(after.timeout);
                self.emit(StackOp::Call, [1, 0], self.hir.span(after.timeout));
            }
            None => {
                self.push(&Literal::Null, span);
                self.emit(StackOp::Call, [1, 0], span);
            }
        }
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

    /// Removes the message that a clause takes.
    pub(super) fn take_message(&mut self, messages: &Messages, span: Span) {
        self.push(&Literal::Native(TAKE.into()), span);
        self.read_temp(messages.temps[0], span);
        self.emit(StackOp::Call, [1, 0], span);
        self.emit(StackOp::Pop, [0, 0], span);
    }
}
