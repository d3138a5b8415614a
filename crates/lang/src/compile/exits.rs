//! Code for the ways out: `break`, `continue` and `return`, and `try`, which some of them have to pass.
//!
//! A `finally` is there once. Every way into it says in a local where to go on afterwards, and keeps the value that it
//! carries in another:
//!
//! ```text
//!            body      ─┐ region 1 ─┐ region 2
//!            why = 0   ─┘           │
//!            jump finally           │
//! thrown 1:  clauses of `catch`     │
//!            why = 0               ─┘
//!            jump finally
//! thrown 2:  why = 1
//! finally:   …
//!            why: 0 goes on, 1 throws, others leave further
//! ```

use super::asm::Label;
use super::pattern::Otherwise;
use super::place::Temp;
use super::{Dest, Generator};
use crate::hir::{ExprId, Literal, Try};
use crate::source::Span;
use iridium_isa::stack::StackOp;

/// What `break`, `continue` and `return` have to leave.
#[derive(Clone, Debug)]
pub(super) enum Exit {
    Loop(LoopExit),
    Region(Region),
}

/// A loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoopExit {
    /// Operands on the stack inside the body, the iterator included.
    pub(super) base: usize,
    /// What the floor was before the loop.
    pub(super) outer_floor: usize,
    /// Whether the topmost of them is an iterator.
    pub(super) iterates: bool,
    /// Whether the loop's value is wanted.
    pub(super) wanted: bool,
    pub(super) next: Label,
    pub(super) end: Label,
}

/// Code whose throws are caught. While it runs, the operands that were there before must stay where they are.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// What runs on every way out.
    finally: Option<Finally>,
}

#[derive(Clone, Debug)]
struct Finally {
    /// Operands on the stack where it begins.
    base: usize,
    /// What says where to go on.
    why: Temp,
    /// The value that is on its way.
    value: Temp,
    label: Label,
    /// Where ways out want to go on; the first is number [`FIRST_JUMP`].
    jumps: Vec<Jump>,
}

/// Where control goes. Loops are meant by their place in the list of exits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Jump {
    Return,
    Break(usize),
    Continue(usize),
}

/// Why a `finally` runs: its body and clauses are complete.
const COMPLETE: u32 = 0;

/// A throw passes.
const THROWN: u32 = 1;

/// A jump passes.
const FIRST_JUMP: u32 = 2;

impl Generator<'_> {
    /// Drops operands until `depth` are left.
    fn drop_to(&mut self, depth: usize, span: Span) {
        while self.depth > depth {
            self.emit(StackOp::Pop, [0, 0], span);
        }
    }

    /// Drops operands below the topmost until `depth` and that one are left.
    fn drop_below(&mut self, depth: usize, span: Span) {
        if self.depth > depth + 1 {
            let slot = self.temporary();
            self.emit(StackOp::LocalSet, [slot, 0], span);
            self.drop_to(depth, span);
            self.emit(StackOp::LocalGet, [slot, 0], span);
            self.release(slot);
        }
    }

    /// The innermost loop: its place in the list of exits, itself, and whether a region lies between.
    fn innermost_loop(&self) -> Option<(usize, LoopExit, bool)> {
        let find = |(place, exit): (usize, &Exit)| match exit {
            Exit::Loop(exit) => Some((place, *exit, place + 1 < self.exits.len())),
            Exit::Region(_) => None,
        };
        self.exits.iter().enumerate().rev().find_map(find)
    }

    pub(super) fn gen_continue(&mut self, span: Span) {
        let Some((place, _, _)) = self.innermost_loop() else { return };
        let before = self.depth;
        self.leave(Jump::Continue(place), false, span);
        self.depth = before;
    }

    pub(super) fn gen_break(&mut self, value: Option<ExprId>, span: Span) {
        let Some((place, exit, inside)) = self.innermost_loop() else { return };
        let before = (self.depth, self.floor);
        if inside {
            self.value_to_carry(value, exit.wanted, span);
            self.leave(Jump::Break(place), exit.wanted, span);
            (self.depth, self.floor) = before;
            return;
        }
        self.drop_to(exit.base, span);
        self.floor = exit.base;
        match value {
            Some(value) if exit.wanted => {
                if exit.iterates && !self.is_leaf(value) {
                    // The iterator lies below the value, and a `continue` in it may still want it.
                    self.value(value);
                    self.drop_below(exit.base - 1, span);
                } else {
                    if exit.iterates {
                        self.emit(StackOp::Pop, [0, 0], span);
                    }
                    self.value(value);
                }
            }
            _ => {
                if let Some(value) = value {
                    self.gen_expr(value, Dest::Effect);
                }
                if exit.iterates {
                    self.emit(StackOp::Pop, [0, 0], span);
                }
                if exit.wanted {
                    self.push(&Literal::Null, span);
                }
            }
        }
        self.jump(StackOp::Jump, exit.end, span);
        (self.depth, self.floor) = before;
    }

    /// `direct` says that no loop outside of the value is left or continued by the value.
    pub(super) fn gen_return(&mut self, value: Option<ExprId>, direct: bool, span: Span) {
        let before = (self.depth, self.floor);
        let inside = self.exits.iter().any(|exit| matches!(exit, Exit::Region(_)));
        if inside || (value.is_some() && !direct && self.depth > 0) {
            // Regions and loops want their operands in place while the value is made.
            self.value_to_carry(value, true, span);
            self.leave(Jump::Return, true, span);
        } else {
            // What waits is dropped first: then the value is in tail position.
            self.drop_to(0, span);
            self.floor = 0;
            match value {
                Some(value) => self.gen_expr(value, Dest::Tail),
                None => self.literal(&Literal::Null, Dest::Tail, span),
            }
        }
        (self.depth, self.floor) = before;
    }

    fn value_to_carry(&mut self, value: Option<ExprId>, wanted: bool, span: Span) {
        match value {
            Some(value) if wanted => self.value(value),
            Some(value) => self.gen_expr(value, Dest::Effect),
            None if wanted => self.push(&Literal::Null, span),
            None => {}
        }
    }

    /// Goes where the jump says, or to the innermost `finally` on the way. With `carries`, a value is on the stack.
    fn leave(&mut self, jump: Jump, carries: bool, span: Span) {
        let limit = match jump {
            Jump::Return => 0,
            Jump::Break(place) | Jump::Continue(place) => place,
        };
        let finally = self.exits[limit..].iter_mut().rev().find_map(|exit| match exit {
            Exit::Region(region) => region.finally.as_mut(),
            Exit::Loop(_) => None,
        });
        if let Some(finally) = finally {
            let known = finally.jumps.iter().position(|other| *other == jump);
            let number = known.unwrap_or_else(|| {
                finally.jumps.push(jump);
                finally.jumps.len() - 1
            });
            let (base, why, value, label) = (finally.base, finally.why, finally.value, finally.label);
            self.go_finally((why, value, label), FIRST_JUMP + number as u32, carries, Some(base), span);
            return;
        }
        match (jump, self.exits.get(limit)) {
            (Jump::Break(_), Some(Exit::Loop(exit))) => {
                let exit = *exit;
                let below = exit.base - usize::from(exit.iterates);
                if carries {
                    self.drop_below(below, span);
                } else {
                    self.drop_to(below, span);
                }
                self.jump(StackOp::Jump, exit.end, span);
            }
            (Jump::Continue(_), Some(Exit::Loop(exit))) => {
                let exit = *exit;
                self.drop_to(exit.base, span);
                self.jump(StackOp::Jump, exit.next, span);
            }
            _ => {
                self.drop_below(0, span);
                self.emit(StackOp::Return, [0, 0], span);
            }
        }
    }

    /// Goes to a `finally`: its locals, why it runs, whether a value is on the stack.
    fn go_finally(
        &mut self,
        (why, value, label): (Temp, Temp, Label),
        reason: u32,
        carries: bool,
        base: Option<usize>,
        span: Span,
    ) {
        if !carries {
            // On all ways the local holds something: the verifier wants that of what is read later.
            self.push(&Literal::Null, span);
        }
        self.write_temp(value, span);
        if let Some(base) = base {
            self.drop_to(base, span);
        }
        self.emit(StackOp::Push, [reason, 0], span);
        self.write_temp(why, span);
        self.jump(StackOp::Jump, label, span);
    }

    pub(super) fn gen_try(&mut self, parts: &Try, dest: Dest, span: Span) {
        let base = self.depth;
        let outer_floor = std::mem::replace(&mut self.floor, base);
        // Nothing in here is a tail position.
        let inner = if dest == Dest::Effect { Dest::Effect } else { Dest::Value };
        match &parts.finally {
            Some((scope, body)) => {
                let mark = self.next_spilled;
                let (why, value) = (self.temp(), self.temp());
                let label = self.asm.label();
                let finally = Finally { base, why, value, label, jumps: Vec::new() };
                let (start, end, thrown) = (self.asm.label(), self.asm.label(), self.asm.label());
                self.exits.push(Exit::Region(Region { finally: Some(finally) }));
                self.asm.bind(start);
                self.gen_catches(parts, inner, span);
                self.asm.bind(end);
                self.asm.catch(start, end, thrown, true);
                self.go_finally((why, value, label), COMPLETE, inner == Dest::Value, None, span);
                self.depth = base + 1;
                self.asm.bind(thrown);
                self.go_finally((why, value, label), THROWN, true, None, span);
                self.asm.bind(label);
                let Some(Exit::Region(Region { finally: Some(finally) })) = self.exits.pop() else { return };
                // Its jumps take the place of what is pending, but it is no tail position either.
                self.exits.push(Exit::Region(Region { finally: None }));
                self.scope(*scope, *body, Dest::Effect, span);
                self.exits.pop();
                self.after_finally(&finally, inner == Dest::Value, span);
                self.release_temp(why);
                self.release_temp(value);
                self.next_spilled = mark;
            }
            None => {
                self.exits.push(Exit::Region(Region { finally: None }));
                self.gen_catches(parts, inner, span);
                self.exits.pop();
            }
        }
        self.floor = outer_floor;
        if dest == Dest::Tail {
            self.deliver(dest, span);
        }
    }

    /// Body and `catch` clauses of a `try`.
    fn gen_catches(&mut self, parts: &Try, dest: Dest, span: Span) {
        let base = self.depth;
        if parts.catches.is_empty() {
            self.scope(parts.scope, parts.body, dest, span);
            return;
        }
        let (start, end, thrown) = (self.asm.label(), self.asm.label(), self.asm.label());
        let done = self.asm.label();
        self.asm.bind(start);
        self.scope(parts.scope, parts.body, dest, span);
        self.asm.bind(end);
        self.asm.catch(start, end, thrown, false);
        self.jump(StackOp::Jump, done, span);
        self.asm.bind(thrown);
        self.depth = base + 1;
        self.clauses(&parts.catches, None, Otherwise::Ends(StackOp::Throw), dest, span);
        self.asm.bind(done);
    }

    /// Goes on where the ways into a `finally` wanted to go.
    fn after_finally(&mut self, finally: &Finally, wanted: bool, span: Span) {
        let base = self.depth;
        let is = |this: &mut Self, reason: u32| {
            let other = this.asm.label();
            this.read_temp(finally.why, span);
            this.emit(StackOp::Push, [reason, 0], span);
            this.emit(StackOp::Eq, [0, 0], span);
            this.jump(StackOp::JumpIfNot, other, span);
            other
        };
        let other = is(self, THROWN);
        self.read_temp(finally.value, span);
        self.emit(StackOp::Throw, [0, 0], span);
        self.asm.bind(other);
        for (number, jump) in finally.jumps.iter().enumerate() {
            let carries = match *jump {
                Jump::Return => true,
                Jump::Break(place) => matches!(&self.exits[place], Exit::Loop(exit) if exit.wanted),
                Jump::Continue(_) => false,
            };
            self.depth = base;
            let other = is(self, FIRST_JUMP + number as u32);
            if carries {
                self.read_temp(finally.value, span);
            }
            self.leave(*jump, carries, span);
            self.asm.bind(other);
        }
        self.depth = base;
        if wanted {
            self.read_temp(finally.value, span);
        }
    }
}
