//! Code for classes, instances, and calls of methods.

use super::{DEEP, Dest, FUNCTIONS, Generator, PIECE};
use crate::hir::{Arg, Binding, Class, ExprId, Link, Literal};
use crate::source::Span;
use iridium_bytecode::ClassTemplate;
use iridium_isa::stack::StackOp;
use std::rc::Rc;

/// Operands on the stack beyond which no function and receiver may lie there while arguments are made: they cannot be
/// put aside.
const DEEP_CALL: usize = DEEP / 2;

/// The templates of a module's classes. As with constants, numbers are given out in two steps.
#[derive(Debug, Default)]
pub(super) struct Classes {
    wanted: Vec<ClassTemplate>,
    numbers: Vec<Option<u32>>,
    pub(super) templates: Vec<ClassTemplate>,
}

impl Classes {
    fn add(&mut self, template: ClassTemplate) -> u32 {
        self.wanted.push(template);
        self.numbers.push(None);
        self.wanted.len() as u32 - 1
    }

    pub(super) fn number(&mut self, wanted: u32) -> u32 {
        let wanted = wanted as usize;
        if let Some(number) = self.numbers[wanted] {
            return number;
        }
        let number = self.templates.len() as u32;
        self.numbers[wanted] = Some(number);
        self.templates.push(self.wanted[wanted].clone());
        number
    }
}

impl Generator<'_> {
    pub(super) fn atom(&mut self, name: &Rc<str>) -> u32 {
        self.pool.intern(&Literal::Atom(name.clone()))
    }

    pub(super) fn class(&mut self, parts: &Class, dest: Dest, span: Span) {
        let mark = self.enter_scope(parts.scope, span);
        self.value(parts.parent);
        let many = parts.methods.len() > FUNCTIONS;
        if many {
            self.emit(StackOp::List, [0, 0], span);
        }
        for piece in parts.methods.chunks(FUNCTIONS) {
            for (_, func) in piece {
                self.closure(*func, span);
            }
            if many {
                self.emit(StackOp::ListAppend, [piece.len() as u32, 0], span);
            }
        }
        let methods = parts.methods.iter().map(|(name, _)| name.to_string()).collect();
        let template = self.classes.add(ClassTemplate { name: parts.name.to_string(), methods });
        if many {
            self.emit(StackOp::ClassList, [template, 0], span);
        } else {
            self.emit(StackOp::Class, [template, parts.methods.len() as u32], span);
        }
        if let Some(own) = parts.own {
            self.init_var(own, true, span);
        }
        // The constants may use the class by its name.
        match parts.binding {
            Binding::None => {}
            Binding::Local(var) => self.init_var(var, true, span),
            Binding::Global(global) => {
                self.emit(StackOp::Dup, [0, 0], span);
                self.emit(StackOp::GlobalInit, [global, 0], span);
            }
        }
        for (name, value) in &parts.constants {
            self.value(*value);
            let name = self.atom(name);
            self.emit(StackOp::ClassConst, [name, 0], self.hir.span(*value));
        }
        self.leave_scope(parts.scope, mark);
        self.deliver(dest, span);
    }

    pub(super) fn new_instance(&mut self, class: ExprId, args: &[Arg], dest: Dest, span: Span) {
        self.value(class);
        self.emit(StackOp::Instance, [0, 0], span);
        if args.len() < PIECE && args.iter().all(|arg| !arg.spread) {
            for arg in args {
                self.value(arg.value);
            }
            self.emit(StackOp::Call, [args.len() as u32 + 1, 0], span);
        } else {
            self.emit(StackOp::List, [1, 0], span);
            self.append(args, span);
            self.emit(StackOp::CallList, [0, 0], span);
        }
        self.emit(StackOp::Pop, [0, 0], span);
        self.deliver(dest, span);
    }

    pub(super) fn call_prop(&mut self, object: ExprId, links: &[Link], dest: Dest) {
        self.value(object);
        for (number, link) in links.iter().enumerate() {
            let dest = if number + 1 == links.len() { dest } else { Dest::Value };
            self.call_method(link, dest);
            if dest != Dest::Tail {
                self.deliver(dest, link.span);
            }
        }
    }

    /// Calls a member of the object on the stack.
    fn call_method(&mut self, link: &Link, dest: Dest) {
        let (span, args) = (link.span, self.hir.args(link.args));
        let name = self.atom(&link.name);
        let tail = dest == Dest::Tail;
        let spread = args.len() > PIECE || args.iter().any(|arg| arg.spread);
        let simple = args.iter().all(|arg| self.is_leaf(arg.value));
        if self.depth > DEEP_CALL && !simple {
            // A receiver cannot be put aside while further operands are made, so it is looked up again after them.
            // The first time is for the error, if it is one: that comes before the arguments.
            self.emit(StackOp::Dup, [0, 0], span);
            self.emit(StackOp::Method, [name, 0], span);
            self.emit(StackOp::Pop, [0, 0], span);
            self.emit(StackOp::Pop, [0, 0], span);
            self.list(args, span);
            let list = self.temporary();
            self.emit(StackOp::LocalSet, [list, 0], span);
            self.emit(StackOp::Method, [name, 0], span);
            self.emit(StackOp::LocalGet, [list, 0], span);
            self.release(list);
            self.emit(if tail { StackOp::TailCallMethodList } else { StackOp::CallMethodList }, [0, 0], span);
            return;
        }
        self.emit(StackOp::Method, [name, 0], span);
        let outer_floor = std::mem::replace(&mut self.floor, self.depth);
        if spread {
            self.list(args, span);
            self.emit(if tail { StackOp::TailCallMethodList } else { StackOp::CallMethodList }, [0, 0], span);
        } else {
            for arg in args {
                self.value(arg.value);
            }
            let op = if tail { StackOp::TailCallMethod } else { StackOp::CallMethod };
            self.emit(op, [args.len() as u32, 0], span);
        }
        self.floor = outer_floor;
    }
}
