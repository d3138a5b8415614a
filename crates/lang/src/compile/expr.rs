//! Code for expressions.

use super::{DEEP, Dest, FUNCTIONS, Generator, PIECE};
use crate::hir::{Arg, Expr, ExprId, FuncId, Literal};
use crate::source::Span;
use iridium_isa::stack::StackOp;

impl Generator<'_> {
    /// Code for an expression. Afterwards one more operand is on the stack if the value was wanted.
    pub(super) fn gen_expr(&mut self, id: ExprId, dest: Dest) {
        if self.is_leaf(id) {
            self.gen_here(id, dest);
            return;
        }
        stacker::maybe_grow(96 << 10, 1 << 20, || {
            let before = self.depth;
            self.gen_here(id, dest);
            // After a jump away the count would be off for the code that follows, though nothing reaches it.
            self.depth = before + usize::from(dest == Dest::Value);
        });
    }

    /// Whether an expression needs no operands beside its value.
    pub(super) fn is_leaf(&self, id: ExprId) -> bool {
        matches!(self.hir.expr(id), Expr::Const(_) | Expr::Local(_) | Expr::Global(_))
    }

    /// Pushes the value of an expression.
    pub(super) fn value(&mut self, id: ExprId) {
        let waiting = self.depth.saturating_sub(self.floor);
        if self.depth < DEEP || waiting == 0 || self.is_leaf(id) {
            self.gen_expr(id, Dest::Value);
            return;
        }
        // Too many operands wait: they go into a list meanwhile.
        let span = self.hir.span(id);
        let mark = self.next_spilled;
        self.emit(StackOp::List, [waiting as u32, 0], span);
        let list = self.keep_in_temp(span);
        self.gen_expr(id, Dest::Value);
        let value = self.keep_in_temp(span);
        self.read_temp(list, span);
        self.emit(StackOp::Unpack, [waiting as u32, 0], span);
        self.read_temp(value, span);
        self.release_temp(list);
        self.release_temp(value);
        self.next_spilled = mark;
    }

    /// Does with the value on top of the stack what is wanted.
    pub(super) fn deliver(&mut self, dest: Dest, span: Span) {
        match dest {
            Dest::Value => {}
            Dest::Effect => self.emit(StackOp::Pop, [0, 0], span),
            Dest::Tail => self.emit(StackOp::Return, [0, 0], span),
        }
    }

    pub(super) fn literal(&mut self, literal: &Literal, dest: Dest, span: Span) {
        if dest != Dest::Effect {
            self.push(literal, span);
            self.deliver(dest, span);
        }
    }

    fn gen_here(&mut self, id: ExprId, dest: Dest) {
        let hir = self.hir;
        let span = hir.span(id);
        match hir.expr(id) {
            Expr::Poison => self.literal(&Literal::Null, dest, span),
            Expr::Const(literal) => self.literal(literal, dest, span),
            Expr::Local(var) => {
                if dest != Dest::Effect || hir.var(*var).is_cell() {
                    self.read_var(*var, span);
                    self.deliver(dest, span);
                }
            }
            Expr::Unready(var) => self.unready(*var, span),
            Expr::Global(global) => {
                self.emit(StackOp::GlobalGet, [*global, 0], span);
                self.deliver(dest, span);
            }
            Expr::DeclareLocal(var, value) => self.declare_local(*var, *value, dest, span),
            Expr::DeclareGlobal(global, value) => {
                match value {
                    Some(value) => self.value(*value),
                    None => self.push(&Literal::Null, span),
                }
                if dest != Dest::Effect {
                    self.emit(StackOp::Dup, [0, 0], span);
                }
                self.emit(StackOp::GlobalInit, [*global, 0], span);
                if dest == Dest::Tail {
                    self.deliver(dest, span);
                }
            }
            Expr::Set(place, value) => self.set(place, *value, dest, span),
            Expr::Update(op, place, value) => self.update(*op, place, *value, dest, span),
            Expr::Scope(scope, body) => self.scope(*scope, *body, dest, span),
            Expr::If(condition, then, otherwise) => self.gen_if(*condition, *then, *otherwise, dest, span),
            Expr::Switch(clauses) => self.switch(clauses, dest, span),
            Expr::While(condition, scope, body) => self.gen_while(*condition, *scope, *body, dest, span),
            Expr::For(parts) => self.gen_for(parts, dest, span),
            Expr::Each(parts) => self.each(parts, dest, span),
            Expr::And(operands) => self.junction(hir.list(*operands), false, dest, span),
            Expr::Or(operands) => self.junction(hir.list(*operands), true, dest, span),
            Expr::Not(operand) => match dest {
                Dest::Effect => self.gen_expr(*operand, Dest::Effect),
                _ => {
                    self.value(*operand);
                    self.emit(StackOp::Not, [0, 0], span);
                    self.deliver(dest, span);
                }
            },
            Expr::Lambda(func) => {
                if dest != Dest::Effect {
                    self.closure(*func, span);
                    self.deliver(dest, span);
                }
            }
            Expr::Op(op, operands) => {
                self.operation(*op, hir.list(*operands), span);
                self.deliver(dest, span);
            }
            Expr::Call(callee, args) => {
                self.value(*callee);
                self.call(hir.args(*args), dest, span);
            }
            Expr::CallProp(object, links) => self.call_prop(*object, links, dest),
            Expr::Prop(object, name) => {
                self.value(*object);
                let name = self.atom(name);
                self.emit(StackOp::PropGet, [name, 0], span);
                self.deliver(dest, span);
            }
            Expr::List(elements) => {
                self.list(hir.args(*elements), span);
                self.deliver(dest, span);
            }
            Expr::Tuple(elements) => {
                let elements = hir.args(*elements);
                if elements.len() <= PIECE && elements.iter().all(|element| !element.spread) {
                    for element in elements {
                        self.value(element.value);
                    }
                    self.emit(StackOp::Tuple, [elements.len() as u32, 0], span);
                } else {
                    self.list(elements, span);
                    self.emit(StackOp::ListToTuple, [0, 0], span);
                }
                self.deliver(dest, span);
            }
            Expr::Map(pairs) => {
                self.map(pairs, span);
                self.deliver(dest, span);
            }
            Expr::Return(value, direct) => self.gen_return(*value, *direct, span),
            Expr::Break(value) => self.gen_break(*value, span),
            Expr::Continue => self.gen_continue(span),
            Expr::Throw(value) => {
                self.value(*value);
                self.emit(StackOp::Throw, [0, 0], span);
            }
            Expr::Try(parts) => self.gen_try(parts, dest, span),
            Expr::Match(subject, clauses) => self.gen_match(*subject, clauses, dest, span),
            Expr::Receive(parts) => self.receive(parts, dest, span),
            Expr::Destructure(pattern, value) => {
                self.value(*value);
                self.destructure(pattern, dest != Dest::Effect, hir.span(*value));
                if dest == Dest::Tail {
                    self.deliver(dest, span);
                }
            }
            Expr::DestructureGlobals(parts) => {
                self.value(parts.value);
                let mark = self.enter_scope(parts.scope, span);
                self.destructure(&parts.pattern, true, hir.span(parts.value));
                // Only when all of it fits do the globals change.
                for (var, global) in &parts.globals {
                    self.read_var(*var, span);
                    self.emit(StackOp::GlobalInit, [*global, 0], span);
                }
                self.leave_scope(parts.scope, mark);
                self.deliver(dest, span);
            }
            Expr::Class(parts) => self.class(parts, dest, span),
            Expr::New(class, args) => self.new_instance(*class, hir.args(*args), dest, span),
            Expr::SuperGet(class, name) => {
                self.value(*class);
                let name = self.atom(name);
                self.emit(StackOp::SuperGet, [name, 0], span);
                self.deliver(dest, span);
            }
        }
    }

    fn operation(&mut self, op: StackOp, operands: &[ExprId], span: Span) {
        let chains = matches!(op, StackOp::Add | StackOp::Sub | StackOp::Mul) && operands.len() > 2;
        for (number, operand) in operands.iter().enumerate() {
            self.value(*operand);
            if chains && number > 0 {
                self.emit(op, [0, 0], span);
            }
        }
        if !chains {
            self.emit(op, [0, 0], span);
        }
    }

    /// Calls what is on the stack.
    fn call(&mut self, args: &[Arg], dest: Dest, span: Span) {
        let tail = dest == Dest::Tail;
        if args.len() <= PIECE && args.iter().all(|arg| !arg.spread) {
            for arg in args {
                self.value(arg.value);
            }
            let op = if tail { StackOp::TailCall } else { StackOp::Call };
            self.emit(op, [args.len() as u32, 0], span);
        } else {
            self.list(args, span);
            self.emit(if tail { StackOp::TailCallList } else { StackOp::CallList }, [0, 0], span);
        }
        if !tail {
            self.deliver(dest, span);
        }
    }

    /// Makes a list, in pieces if it is long or something is spread into it.
    pub(super) fn list(&mut self, elements: &[Arg], span: Span) {
        self.pieces(elements, false, span);
    }

    /// Appends to the list on the stack.
    pub(super) fn append(&mut self, elements: &[Arg], span: Span) {
        self.pieces(elements, true, span);
    }

    fn pieces(&mut self, elements: &[Arg], mut made: bool, span: Span) {
        let mut waiting = 0;
        for element in elements {
            if element.spread || waiting == PIECE as u32 {
                self.piece(&mut made, &mut waiting, span);
            }
            self.value(element.value);
            if element.spread {
                self.emit(StackOp::ListExtend, [0, 0], span);
            } else {
                waiting += 1;
            }
        }
        if waiting > 0 || !made {
            self.piece(&mut made, &mut waiting, span);
        }
    }

    fn piece(&mut self, made: &mut bool, waiting: &mut u32, span: Span) {
        match (*made, *waiting) {
            (true, 0) => {}
            (true, count) => self.emit(StackOp::ListAppend, [count, 0], span),
            (false, count) => self.emit(StackOp::List, [count, 0], span),
        }
        *made = true;
        *waiting = 0;
    }

    fn map(&mut self, pairs: &[(ExprId, ExprId)], span: Span) {
        let (first, rest) = pairs.split_at(pairs.len().min(PIECE / 2));
        for (key, value) in first {
            self.value(*key);
            self.value(*value);
        }
        self.emit(StackOp::Map, [first.len() as u32, 0], span);
        for (key, value) in rest {
            self.value(*key);
            self.value(*value);
            self.emit(StackOp::MapPut, [0, 0], span);
        }
    }

    pub(super) fn closure(&mut self, id: FuncId, span: Span) {
        let func = self.hir.func(id);
        if func.captures.is_empty() {
            self.emit(StackOp::PushFunc, [id.0, 0], span);
            return;
        }
        let own = super::own_captures(func);
        for var in own {
            let cell = super::capture_is_cell(self.hir, id, *var, self.storage);
            self.load_capture(*var, cell, span);
        }
        let shared = &func.captures[own.len()..];
        if !shared.is_empty() {
            self.emit(StackOp::List, [0, 0], span);
            for piece in shared.chunks(FUNCTIONS / 2) {
                for var in piece {
                    self.load_capture(*var, true, span);
                }
                self.emit(StackOp::ListAppend, [piece.len() as u32, 0], span);
            }
        }
        self.emit(StackOp::Closure, [id.0, (own.len() + usize::from(!shared.is_empty())) as u32], span);
    }
}
