//! Code for variables, declarations and assignments.

use super::decision::type_number;
use super::{Dest, Generator, MAX_TEMPS, NameRange, PIECE, Slot, Storage};
use crate::hir::{Expr, ExprId, Literal, Place, VarId};
use crate::source::Span;
use iridium_isa::stack::StackOp;

/// A place for a value that the program has no name for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temp {
    Slot(u32),
    /// Element of the list of spilled variables, until `next_spilled` is set back.
    Spilled(u32),
}

/// How the running function reaches a variable.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    /// It is the running function.
    Myself,
    Slot(u32),
    Cell(u32),
    /// Element of the list of spilled variables.
    Spilled(u32),
    /// The same, and there a list of one stands for a cell.
    SpilledCell(u32),
    Capture(u32),
    CaptureCell(u32),
    /// A capture that is a list of one, because the variable is spilled in its own function.
    CaptureList(u32),
    /// Element of the list of captures that are not captured one by one.
    Shared(u32),
    /// The same, and there a list of one stands for a cell.
    SharedCell(u32),
}

impl Generator<'_> {
    /// A place for a value, to be given back by [`release_temp`](Self::release_temp).
    pub(super) fn temp(&mut self) -> Temp {
        let is_free = |slot: &Slot| !slot.used && !slot.cell;
        if self.slots.len() < MAX_TEMPS || self.slots.iter().take(MAX_TEMPS).any(is_free) {
            return Temp::Slot(self.temporary());
        }
        self.spilled_temp()
    }

    pub(super) fn spilled_temp(&mut self) -> Temp {
        Temp::Spilled(self.next_spill())
    }

    /// The value on the stack goes to a place of its own.
    pub(super) fn keep_in_temp(&mut self, span: Span) -> Temp {
        let temp = self.temp();
        self.write_temp(temp, span);
        temp
    }

    pub(super) fn release_temp(&mut self, temp: Temp) {
        if let Temp::Slot(slot) = temp {
            self.release(slot);
        }
    }

    /// Takes back a place that was given back.
    pub(super) fn reserve_temp(&mut self, temp: Temp) {
        if let Temp::Slot(slot) = temp {
            self.slots[slot as usize].used = true;
        }
    }

    pub(super) fn read_temp(&mut self, temp: Temp, span: Span) {
        match temp {
            Temp::Slot(slot) => self.emit(StackOp::LocalGet, [slot, 0], span),
            Temp::Spilled(index) => self.read_spilled(index, span),
        }
    }

    /// Pops the value on the stack into its place.
    pub(super) fn write_temp(&mut self, temp: Temp, span: Span) {
        match temp {
            Temp::Slot(slot) => self.emit(StackOp::LocalSet, [slot, 0], span),
            Temp::Spilled(index) => self.write_spilled(index, false, span),
        }
    }

    /// Writes the value on the stack to its place, and leaves it there.
    pub(super) fn tee_temp(&mut self, temp: Temp, span: Span) {
        match temp {
            Temp::Slot(slot) => self.emit(StackOp::LocalTee, [slot, 0], span),
            Temp::Spilled(index) => self.write_spilled(index, true, span),
        }
    }

    pub(super) fn access(&self, id: VarId) -> Access {
        let var = self.hir.var(id);
        let storage = self.storage[id.0 as usize];
        if var.is_self_in() == Some(self.id) {
            return Access::Myself;
        }
        if var.func == self.id {
            return match (storage, var.is_cell()) {
                (Storage::Slot(slot), false) => Access::Slot(slot),
                (Storage::Slot(slot), true) => Access::Cell(slot),
                (Storage::Spilled(index), false) => Access::Spilled(index),
                (Storage::Spilled(index), true) => Access::SpilledCell(index),
                // Only variables of dropped code have no place; nothing of what is made here stays.
                (Storage::None, _) => Access::Slot(0),
            };
        }
        let func = self.hir.func(self.id);
        let index = func.capture_numbers.get(&id).copied().unwrap_or(0);
        let cell = func.capture_is_cell.get(index as usize).copied().unwrap_or(false);
        let own = super::own_captures(func).len() as u32;
        match (cell, storage) {
            (false, _) if index >= own => Access::Shared(index - own),
            (true, _) if index >= own => Access::SharedCell(index - own),
            (false, _) => Access::Capture(index),
            (true, Storage::Spilled(_)) => Access::CaptureList(index),
            (true, _) => Access::CaptureCell(index),
        }
    }

    /// Pushes a variable's value.
    pub(super) fn read_var(&mut self, id: VarId, span: Span) {
        match self.access(id) {
            Access::Myself => self.emit(StackOp::PushSelf, [0, 0], span),
            Access::Slot(slot) => self.emit(StackOp::LocalGet, [slot, 0], span),
            Access::Cell(slot) => self.emit(StackOp::CellGet, [slot, 0], span),
            Access::Capture(index) => self.emit(StackOp::CaptureGet, [index, 0], span),
            Access::CaptureCell(index) => self.emit(StackOp::CaptureCellGet, [index, 0], span),
            Access::Spilled(index) => self.read_spilled(index, span),
            Access::Shared(_) => self.load_capture(id, false, span),
            Access::SpilledCell(_) | Access::CaptureList(_) | Access::SharedCell(_) => {
                self.load_list_cell(id, span);
                self.emit(StackOp::Push, [0, 0], span);
                self.emit(StackOp::IndexGet, [0, 0], span);
            }
        }
    }

    fn read_spilled(&mut self, index: u32, span: Span) {
        self.emit(StackOp::LocalGet, [self.spill.unwrap_or(0), 0], span);
        self.emit(StackOp::Push, [index, 0], span);
        self.emit(StackOp::IndexGet, [0, 0], span);
    }

    /// Pushes the list that stands for a cell, if the variable is initialised.
    fn load_list_cell(&mut self, id: VarId, span: Span) {
        self.load_capture(id, true, span);
        if self.hir.var(id).is_cell_from_start() {
            let ready = self.asm.label();
            self.emit(StackOp::Dup, [0, 0], span);
            self.emit(StackOp::HasLength, [1, 0], span);
            self.jump(StackOp::JumpIf, ready, span);
            self.unready(id, span);
            self.asm.bind(ready);
        }
    }

    /// Pushes what a closure captures: the value, or the cell.
    pub(super) fn load_capture(&mut self, id: VarId, cell: bool, span: Span) {
        match self.access(id) {
            Access::Cell(slot) if cell => self.emit(StackOp::CellLoad, [slot, 0], span),
            Access::CaptureCell(index) if cell => self.emit(StackOp::CaptureLoad, [index, 0], span),
            Access::SpilledCell(index) => self.read_spilled(index, span),
            Access::CaptureList(index) => self.emit(StackOp::CaptureGet, [index, 0], span),
            Access::Shared(index) | Access::SharedCell(index) => {
                self.emit(StackOp::CaptureGet, [super::MAX_CAPTURES as u32 - 1, 0], span);
                self.emit(StackOp::Push, [index, 0], span);
                self.emit(StackOp::IndexGet, [0, 0], span);
            }
            _ => self.read_var(id, span),
        }
    }

    /// Assigns the value on the stack; leaves it there if it is to be kept.
    fn write_var(&mut self, id: VarId, keep: bool, span: Span) {
        match self.access(id) {
            Access::Slot(slot) => {
                self.emit(if keep { StackOp::LocalTee } else { StackOp::LocalSet }, [slot, 0], span);
            }
            Access::Cell(slot) => self.keeping(keep, StackOp::CellSet, slot, span),
            Access::CaptureCell(index) => self.keeping(keep, StackOp::CaptureCellSet, index, span),
            Access::Spilled(_) => self.store_spilled(id, keep, span),
            Access::SpilledCell(_) | Access::CaptureList(_) | Access::SharedCell(_) => {
                let value = self.temporary();
                self.emit(StackOp::LocalSet, [value, 0], span);
                self.load_list_cell(id, span);
                self.emit(StackOp::Push, [0, 0], span);
                self.emit(StackOp::LocalGet, [value, 0], span);
                self.emit(StackOp::IndexSet, [0, 0], span);
                self.drop_unless(keep, span);
                self.release(value);
            }
            // What is assigned is never captured by value, nor the running function.
            Access::Myself | Access::Capture(_) | Access::Shared(_) => self.drop_unless(keep, span),
        }
    }

    fn keeping(&mut self, keep: bool, op: StackOp, operand: u32, span: Span) {
        if keep {
            self.emit(StackOp::Dup, [0, 0], span);
        }
        self.emit(op, [operand, 0], span);
    }

    fn drop_unless(&mut self, keep: bool, span: Span) {
        if !keep {
            self.emit(StackOp::Pop, [0, 0], span);
        }
    }

    /// Puts the value on the stack into the list of spilled variables.
    pub(super) fn store_spilled(&mut self, id: VarId, keep: bool, span: Span) {
        if let Storage::Spilled(index) = self.storage[id.0 as usize] {
            self.write_spilled(index, keep, span);
        }
    }

    fn write_spilled(&mut self, index: u32, keep: bool, span: Span) {
        let value = self.temporary();
        self.emit(StackOp::LocalSet, [value, 0], span);
        self.emit(StackOp::LocalGet, [self.spill.unwrap_or(0), 0], span);
        self.emit(StackOp::Push, [index, 0], span);
        self.emit(StackOp::LocalGet, [value, 0], span);
        self.emit(StackOp::IndexSet, [0, 0], span);
        self.drop_unless(keep, span);
        self.release(value);
    }

    /// Initialises a variable with the value on the stack.
    pub(super) fn init_var(&mut self, id: VarId, keep: bool, span: Span) {
        let from_start = self.hir.var(id).is_cell_from_start();
        match self.access(id) {
            Access::Cell(slot) => {
                self.keeping(keep, if from_start { StackOp::CellInit } else { StackOp::CellNew }, slot, span);
            }
            Access::SpilledCell(_) => {
                let value = self.temporary();
                self.emit(if keep { StackOp::LocalTee } else { StackOp::LocalSet }, [value, 0], span);
                if from_start {
                    // Who captured it early holds the list already.
                    self.load_capture(id, true, span);
                    self.emit(StackOp::LocalGet, [value, 0], span);
                    self.emit(StackOp::ListAppend, [1, 0], span);
                    self.emit(StackOp::Pop, [0, 0], span);
                } else {
                    self.emit(StackOp::LocalGet, [value, 0], span);
                    self.emit(StackOp::List, [1, 0], span);
                    self.store_spilled(id, false, span);
                }
                self.release(value);
            }
            _ => self.write_var(id, keep, span),
        }
        if let Storage::Slot(slot) = self.storage[id.0 as usize]
            // The alternatives of a pattern bind a name more than once.
            && self.open_names.last().is_none_or(|(last, _)| *last != id)
        {
            let here = self.asm.here();
            let name = self.hir.var(id).name.clone();
            self.asm.names.push(NameRange { slot, name, start: here, end: here });
            self.open_names.push((id, self.asm.names.len() - 1));
        }
    }

    pub(super) fn unready(&mut self, id: VarId, span: Span) {
        let name = self.pool.intern(&Literal::Str(self.hir.var(id).name.clone()));
        self.emit(StackOp::Unready, [name, 0], span);
    }

    pub(super) fn declare_local(&mut self, var: VarId, value: Option<ExprId>, dest: Dest, span: Span) {
        match value {
            Some(value) => self.value(value),
            None => self.push(&Literal::Null, span),
        }
        self.init_var(var, dest != Dest::Effect, span);
        if dest == Dest::Tail {
            self.deliver(dest, span);
        }
    }

    // Assignment

    pub(super) fn set(&mut self, place: &Place, value: ExprId, dest: Dest, span: Span) {
        let keep = dest != Dest::Effect;
        match place {
            Place::Poison => self.value(value),
            Place::Local(var) => {
                self.value(value);
                self.write_var(*var, keep, span);
            }
            Place::Unready(var) => {
                self.gen_expr(value, Dest::Effect);
                self.unready(*var, span);
            }
            Place::Global(global) => {
                self.value(value);
                self.keeping(keep, StackOp::GlobalSet, *global, span);
            }
            Place::Prop(object, name) => {
                self.value(*object);
                self.value(value);
                let name = self.pool.intern(&Literal::Atom(name.clone()));
                self.emit(StackOp::PropSet, [name, 0], span);
                self.drop_unless(keep, span);
            }
            Place::Index(collection, key, _) => {
                self.value(*collection);
                self.value(*key);
                self.value(value);
                self.emit(StackOp::IndexSet, [0, 0], span);
                self.drop_unless(keep, span);
            }
            Place::Many(tuple, places) => self.set_many(*tuple, places, value, keep, span),
        }
        if dest == Dest::Tail {
            self.deliver(dest, span);
        }
    }

    fn set_many(&mut self, tuple: bool, places: &[Place], value: ExprId, keep: bool, span: Span) {
        if !keep && self.swap(places, value, span) {
            return;
        }
        let mark = self.next_spilled;
        let mut temps = Vec::new();
        let mut leaves = Vec::new();
        self.evaluate_parts(places, &mut leaves, &mut temps, span);
        self.value(value);
        if keep {
            // The value of the whole stays below what it is taken apart into.
            self.emit(StackOp::Dup, [0, 0], span);
        }
        let mut values = Vec::new();
        self.take_apart(tuple, places, &mut values, &mut temps, span);
        for (leaf, value) in leaves.into_iter().zip(values) {
            match leaf {
                Leaf::Local(var) => {
                    self.read_part(value, span);
                    self.write_var(var, false, span);
                }
                Leaf::Unready(var) => self.unready(var, span),
                Leaf::Global(global) => {
                    self.read_part(value, span);
                    self.emit(StackOp::GlobalSet, [global, 0], span);
                }
                Leaf::Prop(object, name) => {
                    self.read_temp(object, span);
                    self.read_part(value, span);
                    self.emit(StackOp::PropSet, [name, 0], span);
                    self.emit(StackOp::Pop, [0, 0], span);
                }
                Leaf::Index(collection, key) => {
                    self.read_temp(collection, span);
                    self.read_temp(key, span);
                    self.read_part(value, span);
                    self.emit(StackOp::IndexSet, [0, 0], span);
                    self.emit(StackOp::Pop, [0, 0], span);
                }
                Leaf::None => {}
            }
        }
        for temp in temps {
            self.release_temp(temp);
        }
        self.next_spilled = mark;
    }

    /// `(set [a b] [b a])` on plain locals needs no list.
    fn swap(&mut self, places: &[Place], value: ExprId, span: Span) -> bool {
        let Expr::List(elements) = self.hir.expr(value) else { return false };
        let elements = self.hir.args(*elements);
        if elements.len() != places.len() || places.len() > 8 || elements.iter().any(|element| element.spread) {
            return false;
        }
        let mut slots = Vec::new();
        for place in places {
            match place {
                Place::Local(var) => match self.access(*var) {
                    Access::Slot(slot) if !slots.contains(&slot) => slots.push(slot),
                    _ => return false,
                },
                _ => return false,
            }
        }
        for element in elements {
            self.value(element.value);
        }
        for slot in slots.into_iter().rev() {
            self.emit(StackOp::LocalSet, [slot, 0], span);
        }
        true
    }

    /// Evaluates what the places consist of, from left to right, into temporaries.
    fn evaluate_parts(&mut self, places: &[Place], leaves: &mut Vec<Leaf>, temps: &mut Vec<Temp>, span: Span) {
        for place in places {
            let leaf = match place {
                Place::Local(var) => Leaf::Local(*var),
                Place::Unready(var) => Leaf::Unready(*var),
                Place::Global(global) => Leaf::Global(*global),
                Place::Prop(object, name) => {
                    let object = self.in_temp(*object, temps, span);
                    Leaf::Prop(object, self.pool.intern(&Literal::Atom(name.clone())))
                }
                Place::Index(collection, key, _) => {
                    let collection = self.in_temp(*collection, temps, span);
                    Leaf::Index(collection, self.in_temp(*key, temps, span))
                }
                Place::Many(_, places) => {
                    stacker::maybe_grow(96 << 10, 1 << 20, || self.evaluate_parts(places, leaves, temps, span));
                    continue;
                }
                Place::Poison => Leaf::None,
            };
            leaves.push(leaf);
        }
    }

    fn in_temp(&mut self, value: ExprId, temps: &mut Vec<Temp>, span: Span) -> Temp {
        self.value(value);
        let temp = self.keep_in_temp(span);
        temps.push(temp);
        temp
    }

    /// Takes the value on the stack apart, inner collections too, before anything is stored.
    fn take_apart(&mut self, tuple: bool, places: &[Place], values: &mut Vec<Part>, temps: &mut Vec<Temp>, span: Span) {
        let unpack = if tuple { StackOp::UnpackTuple } else { StackOp::Unpack };
        let parts: Vec<Part> = if places.len() <= PIECE {
            self.emit(unpack, [places.len() as u32, 0], span);
            let parts: Vec<Temp> = places.iter().map(|_| self.temp()).collect();
            temps.extend(&parts);
            for temp in parts.iter().rev() {
                self.write_temp(*temp, span);
            }
            parts.into_iter().map(Part::Whole).collect()
        } else {
            let whole = self.keep_in_temp(span);
            temps.push(whole);
            self.check_shape(tuple, places.len() as u32, whole, span);
            if !tuple {
                // What is stored may change the list that the values come from.
                self.read_temp(whole, span);
                self.emit(StackOp::Rest, [0, 0], span);
                self.write_temp(whole, span);
            }
            (0..places.len() as u32).map(|number| Part::Element(whole, number)).collect()
        };
        for (place, part) in places.iter().zip(parts) {
            match place {
                Place::Many(tuple, places) => {
                    self.read_part(part, span);
                    stacker::maybe_grow(96 << 10, 1 << 20, || self.take_apart(*tuple, places, values, temps, span));
                }
                _ => values.push(part),
            }
        }
    }

    /// Throws unless a value is a list or tuple of a length.
    fn check_shape(&mut self, tuple: bool, length: u32, value: Temp, span: Span) {
        let (fits, other) = (self.asm.label(), self.asm.label());
        self.read_temp(value, span);
        self.emit(StackOp::IsType, [type_number(if tuple { "tuple" } else { "list" }), 0], span);
        self.jump(StackOp::JumpIfNot, other, span);
        self.read_temp(value, span);
        self.has_length(length, true, span);
        self.jump(StackOp::JumpIf, fits, span);
        self.asm.bind(other);
        self.read_temp(value, span);
        self.emit(StackOp::NoMatch, [0, 0], span);
        self.asm.bind(fits);
    }

    fn read_part(&mut self, part: Part, span: Span) {
        match part {
            Part::Whole(temp) => self.read_temp(temp, span),
            Part::Element(temp, number) => {
                self.read_temp(temp, span);
                self.element(number, span);
            }
        }
    }

    pub(super) fn update(&mut self, op: StackOp, place: &Place, value: ExprId, dest: Dest, span: Span) {
        let keep = dest != Dest::Effect;
        match place {
            Place::Poison | Place::Many(..) => self.value(value),
            Place::Local(var) => {
                self.read_var(*var, span);
                self.value(value);
                self.emit(op, [0, 0], span);
                self.write_var(*var, keep, span);
            }
            Place::Unready(var) => self.unready(*var, span),
            Place::Global(global) => {
                self.emit(StackOp::GlobalGet, [*global, 0], span);
                self.value(value);
                self.emit(op, [0, 0], span);
                self.keeping(keep, StackOp::GlobalSet, *global, span);
            }
            Place::Prop(object, name) => {
                let name = self.pool.intern(&Literal::Atom(name.clone()));
                self.value(*object);
                self.emit(StackOp::Dup, [0, 0], span);
                self.emit(StackOp::PropGet, [name, 0], span);
                self.value(value);
                self.emit(op, [0, 0], span);
                self.emit(StackOp::PropSet, [name, 0], span);
                self.drop_unless(keep, span);
            }
            Place::Index(collection, key, default) => {
                self.update_index(op, (*collection, *key, *default), value, span);
                self.drop_unless(keep, span);
            }
        }
        if dest == Dest::Tail {
            self.deliver(dest, span);
        }
    }

    fn update_index(
        &mut self,
        op: StackOp,
        (collection, key, default): (ExprId, ExprId, Option<ExprId>),
        value: ExprId,
        span: Span,
    ) {
        let mut temporaries = Vec::new();
        // What cannot change meanwhile is pushed twice, the rest is kept in temporaries.
        let steady =
            self.is_steady(collection) && self.is_steady(key) && default.is_none_or(|default| self.is_steady(default));
        if steady {
            for _ in 0..2 {
                self.value(collection);
                self.value(key);
            }
        } else {
            let mut part = |this: &mut Self, value: ExprId| {
                this.value(value);
                let slot = this.temporary();
                temporaries.push(slot);
                this.emit(StackOp::LocalTee, [slot, 0], span);
                slot
            };
            let (collection, key) = (part(self, collection), part(self, key));
            self.emit(StackOp::LocalGet, [collection, 0], span);
            self.emit(StackOp::LocalGet, [key, 0], span);
        }
        match default {
            Some(default) => {
                self.value(default);
                self.emit(StackOp::IndexGetOr, [0, 0], span);
            }
            None => self.emit(StackOp::IndexGet, [0, 0], span),
        }
        // Both are on the stack too: a value that holds many such updates needs their locals.
        for slot in temporaries {
            self.release(slot);
        }
        self.value(value);
        self.emit(op, [0, 0], span);
        self.emit(StackOp::IndexSet, [0, 0], span);
    }

    /// Whether an expression gives the same value twice in a row, and cheaply.
    fn is_steady(&self, id: ExprId) -> bool {
        match self.hir.expr(id) {
            Expr::Const(_) => true,
            Expr::Local(var) => matches!(self.access(*var), Access::Slot(_) | Access::Capture(_)),
            _ => false,
        }
    }
}

/// A place whose parts are evaluated. A property's name is a constant.
enum Leaf {
    Local(VarId),
    Unready(VarId),
    Global(u32),
    Prop(Temp, u32),
    Index(Temp, Temp),
    None,
}

/// A part of the value that places are set to.
#[derive(Clone, Copy, Debug)]
enum Part {
    Whole(Temp),
    Element(Temp, u32),
}
