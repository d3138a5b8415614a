//! Modules of portable code made up by their structure: instructions with a model of the operand stack, so that most of
//! them pass the verifier, in branches, loops, handlers and iterations, with calls, closures, cells and methods.

use crate::choices::Choices;
use iridium_bytecode::{ClassTemplate, CodeBuilder, Constant, Function, Global, Handler, Module, Position};
use iridium_isa::stack::{Flag, Operand, ROWS, StackOp as S, TYPES};

/// Structures within each other, at most.
const MAX_DEPTH: u32 = 4;

/// Instructions of a function, about.
const MAX_SIZE: usize = 120;

/// Operands that wait, at most.
const MAX_OPERANDS: usize = 20;

/// What takes operands that are no values, or makes them, or leaves: made only where it fits.
const STRUCTURED: &[S] = &[
    S::CellNew,
    S::CellNewEmpty,
    S::CellGet,
    S::CellSet,
    S::CellInit,
    S::CellLoad,
    S::CaptureGet,
    S::CaptureCellGet,
    S::CaptureCellSet,
    S::CaptureLoad,
    S::Closure,
    S::ArgMissing,
    S::Iterate,
    S::PackIterator,
    S::UnpackIterator,
    S::Class,
    S::PushFunc,
    S::LocalSet,
    S::LocalTee,
    S::CallMethod,
    S::CallMethodList,
];

/// What a function is known by before its code is made.
struct Shape {
    required: u32,
    optional: u32,
    rest: bool,
    captures: Vec<bool>,
}

/// The module that a tape of choices makes.
pub fn module(choices: &mut Choices) -> Module {
    let constants = vec![
        Constant::Atom("a".to_owned()),
        Constant::Atom("x".to_owned()),
        Constant::Str("text".to_owned()),
        Constant::Float(0.5),
        Constant::Int((1u64 << 60).into()),
        Constant::Int((-3).into()),
        Constant::Native("print".to_owned()),
        Constant::Native("len".to_owned()),
        Constant::Bytes(vec![0, 255]),
    ];
    let global = |name: &str| Global { name: name.to_owned(), constant: false, import: None };
    let mut shapes = vec![Shape { required: 0, optional: 0, rest: false, captures: Vec::new() }];
    for _ in 0..choices.below(4) {
        let captures = (0..choices.below(3)).map(|_| choices.below(2) == 1).collect();
        let (required, optional) = (choices.below(3) as u32, choices.below(2) as u32);
        shapes.push(Shape { required, optional, rest: choices.below(4) == 3, captures });
    }
    let functions = (0..shapes.len()).map(|index| function(choices, &shapes, index)).collect();
    Module {
        source: "made.eva".to_owned(),
        constants,
        globals: vec![global("g"), global("h")],
        functions,
        classes: vec![ClassTemplate { name: "C".to_owned(), methods: vec!["constructor".to_owned(), "a".to_owned()] }],
    }
}

fn function(choices: &mut Choices, shapes: &[Shape], index: usize) -> Function {
    let shape = &shapes[index];
    let parameters = (shape.required + shape.optional + u32::from(shape.rest)) as usize;
    let mut maker = Maker {
        choices,
        shapes,
        index,
        code: CodeBuilder::new(),
        handlers: Vec::new(),
        cells: vec![false; parameters],
        fixed: Vec::new(),
        hidden: Vec::new(),
        depth: 0,
        floor: 0,
        size: 0,
        line: 0,
    };
    maker.prologue(shape);
    let steps = 3 + maker.choices.below(20);
    maker.block(steps, 0);
    maker.finish();
    let Maker { mut code, handlers, cells, .. } = maker;
    let (code, positions) = code.finish();
    Function {
        name: format!("f{index}"),
        required: shape.required,
        optional: shape.optional,
        rest: shape.rest,
        locals: cells.len() as u8,
        captures: shape.captures.clone(),
        code,
        handlers,
        positions,
        capture_names: shape.captures.iter().map(|_| "c".to_owned()).collect(),
        ..Function::default()
    }
}

struct Maker<'a, 'c> {
    choices: &'a mut Choices<'c>,
    shapes: &'a [Shape],
    index: usize,
    code: CodeBuilder,
    handlers: Vec<Handler>,
    /// For each local whether it holds a cell.
    cells: Vec<bool>,
    /// Locals that count a loop.
    fixed: Vec<u32>,
    /// Those of loops that are over: on some ways they were never written.
    hidden: Vec<u32>,
    /// Operands on the stack.
    depth: usize,
    /// How many of them the present structure must leave alone.
    floor: usize,
    size: usize,
    line: u32,
}

impl Maker<'_, '_> {
    /// Gives optional parameters and further locals what they begin with.
    fn prologue(&mut self, shape: &Shape) {
        for local in shape.required..shape.required + shape.optional {
            self.code.emit(S::ArgMissing, &[local]);
            let given = self.code.label();
            self.code.jump(S::JumpIfNot, given);
            self.code.emit(S::Push, &[local]);
            self.code.emit(S::LocalSet, &[local]);
            self.code.bind(given);
        }
        for _ in 0..1 + self.choices.below(4) {
            let local = self.cells.len() as u32;
            let cell = self.choices.below(3) == 2;
            self.push();
            self.code.emit(if cell { S::CellNew } else { S::LocalSet }, &[local]);
            self.depth -= 1;
            self.cells.push(cell);
        }
        if self.index == 0 {
            for global in 0..2 {
                self.push();
                self.code.emit(S::GlobalInit, &[global]);
                self.depth -= 1;
            }
        }
    }

    fn mark(&mut self) {
        self.size += 1;
        self.line += 1;
        self.code.mark(Position { line: self.line, column: 1, length: 1 });
    }

    /// Operands that may be taken.
    fn free(&self) -> usize {
        self.depth - self.floor
    }

    /// A local that is, or is not, a cell, if there is one.
    fn local(&mut self, cell: bool, to_set: bool) -> Option<u32> {
        let fits = |(number, is_cell): (usize, &bool)| {
            let number = number as u32;
            let counts = to_set && self.fixed.contains(&number);
            (*is_cell == cell && !counts && !self.hidden.contains(&number)).then_some(number)
        };
        let found: Vec<u32> = self.cells.iter().enumerate().filter_map(fits).collect();
        if found.is_empty() { None } else { Some(*self.choices.of(&found)) }
    }

    /// Pushes some value.
    fn push(&mut self) {
        self.mark();
        match self.choices.below(10) {
            0 => self.code.emit(S::PushNull, &[]),
            1 => self.code.emit(S::PushTrue, &[]),
            2 => {
                let constant = self.choices.below(9) as u32;
                self.code.emit(S::PushConst, &[constant]);
            }
            3 | 4 if self.local(false, false).is_some() => {
                let local = self.local(false, false).unwrap_or_default();
                self.code.emit(S::LocalGet, &[local]);
            }
            5 if self.local(true, false).is_some() => {
                let local = self.local(true, false).unwrap_or_default();
                self.code.emit(S::CellGet, &[local]);
            }
            6 => self.code.emit(S::List, &[0]),
            7 => self.code.emit(S::PushFalse, &[]),
            _ => {
                let number = *self.choices.of(&[0, 1, 2, 127, 128, -1, -128, -129, 40_000]);
                self.code.emit(S::Push, &[number as u32]);
            }
        }
        self.depth += 1;
    }

    /// Brings the stack to a depth.
    fn balance(&mut self, depth: usize) {
        while self.depth > depth {
            self.code.emit(S::Pop, &[]);
            self.depth -= 1;
        }
        while self.depth < depth {
            self.push();
        }
    }

    fn need(&mut self, operands: usize) {
        while self.free() < operands {
            self.push();
        }
    }

    fn block(&mut self, steps: usize, level: u32) {
        for _ in 0..steps {
            if self.size > MAX_SIZE {
                return;
            }
            if self.depth > MAX_OPERANDS {
                self.balance(self.floor);
            }
            self.step(level);
        }
    }

    /// A structure inside of this one: leaves the stack as deep as it was.
    fn inner(&mut self, level: u32) {
        let depth = self.depth;
        let steps = self.choices.below(6);
        self.block(steps, level + 1);
        self.balance(depth);
    }

    fn step(&mut self, level: u32) {
        self.mark();
        let choice = self.choices.below(if level < MAX_DEPTH { 24 } else { 12 });
        match choice {
            0..=6 => self.plain(),
            7 => self.write(),
            8 | 9 => self.call(),
            10 => self.capture(),
            11 => self.method(),
            12..=14 => self.branch(level),
            15 => self.keep(level),
            16..=18 => self.count(level),
            19 | 20 => self.handler(level),
            21 | 22 => self.iterate(level),
            _ => self.leave(),
        }
    }

    /// An instruction that only takes and gives values.
    fn plain(&mut self) {
        let special = Flag::JUMPS as u16 | Flag::ENDS as u16 | Flag::ITERATES as u16 | Flag::RECEIVES as u16;
        let rows: Vec<_> =
            ROWS.iter().filter(|row| row.flags & special == 0 && !STRUCTURED.contains(&row.op)).collect();
        let row = *self.choices.of(&rows);
        let is_local = row.operands.contains(&Operand::Local);
        let local = self.local(false, false);
        if is_local && local.is_none() {
            return self.push();
        }
        let mut count = 0;
        let mut operands = Vec::new();
        for operand in row.operands {
            operands.push(match operand {
                Operand::Int => self.choices.below(300) as u32,
                // The first two are atoms, as names must be.
                Operand::Const if matches!(row.op, S::PushConst) => self.choices.below(9) as u32,
                Operand::Const => self.choices.below(2) as u32,
                Operand::Local => local.unwrap_or_default(),
                Operand::Global => self.choices.below(2) as u32,
                Operand::Func | Operand::Class | Operand::Label => 0,
                Operand::Capture => return self.push(),
                Operand::Type => self.choices.below(TYPES.len()) as u32,
                Operand::Count => {
                    count = self.choices.below(4);
                    count as u32
                }
            });
        }
        let pops = row.pops + row.pops_per_count * count;
        self.need(pops);
        self.mark();
        self.code.emit(row.op, &operands);
        self.depth = self.depth - pops + row.pushes + if row.has(Flag::UNPACKS) { count } else { 0 };
    }

    fn write(&mut self) {
        self.need(1);
        match (self.choices.below(3), self.local(false, true), self.local(true, true)) {
            (0, Some(local), _) => self.code.emit(S::LocalTee, &[local]),
            (1, Some(local), _) | (_, Some(local), None) => {
                self.code.emit(S::LocalSet, &[local]);
                self.depth -= 1;
            }
            (_, _, Some(local)) => {
                self.code.emit(S::CellSet, &[local]);
                self.depth -= 1;
            }
            _ => {}
        }
    }

    /// Pushes a function of the module that comes later, so that calls end.
    fn callee(&mut self) -> usize {
        let later = self.shapes.len() - self.index - 1;
        if later == 0 {
            let native = 6 + self.choices.below(2) as u32;
            self.code.emit(S::PushConst, &[native]);
            self.depth += 1;
            return 1;
        }
        let index = self.index + 1 + self.choices.below(later);
        let shape = &self.shapes[index];
        let cell = self.local(true, false);
        if shape.captures.is_empty() {
            self.code.emit(S::PushFunc, &[index as u32]);
            self.depth += 1;
        } else if shape.captures.contains(&true) && cell.is_none() {
            self.push();
        } else {
            let depth = self.depth;
            for is_cell in &shape.captures {
                match cell.filter(|_| *is_cell) {
                    Some(cell) => {
                        self.code.emit(S::CellLoad, &[cell]);
                        self.depth += 1;
                    }
                    None => self.push(),
                }
            }
            self.code.emit(S::Closure, &[index as u32, shape.captures.len() as u32]);
            self.depth = depth + 1;
        }
        shape.required as usize
    }

    fn call(&mut self) {
        let mut arguments = self.callee();
        if self.choices.below(4) == 3 {
            arguments = self.choices.below(4);
        }
        for _ in 0..arguments {
            self.push();
        }
        self.mark();
        self.code.emit(S::Call, &[arguments as u32]);
        self.depth -= arguments;
    }

    /// Reads or writes what the function captured.
    fn capture(&mut self) {
        let captures = &self.shapes[self.index].captures;
        if captures.is_empty() {
            return self.plain();
        }
        let index = self.choices.below(captures.len());
        match (captures[index], self.choices.below(2)) {
            (true, 0) => {
                self.need(1);
                self.code.emit(S::CaptureCellSet, &[index as u32]);
                self.depth -= 1;
            }
            (true, _) => {
                self.code.emit(S::CaptureCellGet, &[index as u32]);
                self.depth += 1;
            }
            (false, _) => {
                self.code.emit(S::CaptureGet, &[index as u32]);
                self.depth += 1;
            }
        }
    }

    fn method(&mut self) {
        if self.choices.below(3) == 0 {
            let depth = self.depth;
            self.code.emit(S::PushNull, &[]);
            self.depth += 1;
            for _ in 0..2 {
                self.callee();
            }
            self.code.emit(S::Class, &[0, 2]);
            self.code.emit(S::Instance, &[]);
            self.code.emit(S::Call, &[1]);
            self.code.emit(S::Pop, &[]);
            self.depth = depth + 1;
        }
        self.need(1);
        let name = self.choices.below(2) as u32;
        self.code.emit(S::Method, &[name]);
        let arguments = self.choices.below(3);
        let depth = self.depth;
        // Neither the receiver nor the function is a value that anything else takes.
        self.depth += 1;
        for _ in 0..arguments {
            self.push();
        }
        self.code.emit(S::CallMethod, &[arguments as u32]);
        self.depth = depth;
    }

    fn branch(&mut self, level: u32) {
        self.need(1);
        if self.choices.below(2) == 0 {
            self.need(2);
            let test = *self.choices.of(&[S::Eq, S::Ne, S::Lt, S::Le, S::Gt, S::Ge]);
            self.mark();
            self.code.emit(test, &[]);
            self.depth -= 1;
        }
        let (other, end) = (self.code.label(), self.code.label());
        let jump = *self.choices.of(&[S::JumpIf, S::JumpIfNot]);
        self.code.jump(jump, other);
        self.depth -= 1;
        let depth = self.depth;
        self.inner(level);
        self.push();
        self.code.jump(S::Jump, end);
        self.code.bind(other);
        self.depth = depth;
        self.inner(level);
        self.push();
        self.code.bind(end);
    }

    fn keep(&mut self, level: u32) {
        self.need(1);
        let end = self.code.label();
        let jump = *self.choices.of(&[S::JumpIfKeep, S::JumpIfNotKeep]);
        self.code.jump(jump, end);
        self.depth -= 1;
        self.inner(level);
        self.push();
        self.code.bind(end);
    }

    /// A loop that ends: in a form that is fused, or in another.
    fn count(&mut self, level: u32) {
        if self.cells.len() > 200 {
            return self.plain();
        }
        let (counter, bound) = (self.cells.len() as u32, self.cells.len() as u32 + 1);
        self.cells.extend([false, false]);
        self.fixed.extend([counter, bound]);
        let turns = self.choices.below(5) as u32;
        for (local, value) in [(counter, 0), (bound, turns)] {
            self.code.emit(S::Push, &[value]);
            self.code.emit(S::LocalSet, &[local]);
        }
        let (body, test) = (self.code.label(), self.code.label());
        self.code.jump(S::Jump, test);
        self.code.bind(body);
        self.inner(level);
        self.mark();
        self.code.emit(S::LocalGet, &[counter]);
        self.code.emit(S::Push, &[1]);
        self.code.emit(S::Add, &[]);
        self.code.emit(S::LocalSet, &[counter]);
        self.code.bind(test);
        self.code.emit(S::LocalGet, &[counter]);
        self.code.emit(S::LocalGet, &[bound]);
        self.code.emit(if self.choices.below(2) == 0 { S::Lt } else { S::Le }, &[]);
        self.code.jump(S::JumpIf, body);
        self.hidden.extend([counter, bound]);
    }

    fn handler(&mut self, level: u32) {
        let (end, depth) = (self.code.label(), self.depth);
        // What was there before is mostly left alone, so that the handler finds it again. Whether code that takes some of
        // it may do so is for the verifier to say.
        let floor = self.floor;
        if self.choices.below(16) != 15 {
            self.floor = depth;
        }
        let start = self.code.offset() as u32;
        self.push();
        self.inner(level);
        self.plain();
        self.balance(depth + 1);
        self.code.jump(S::Jump, end);
        let region_end = self.code.offset() as u32;
        self.floor = floor;
        self.depth = depth + 1;
        // Those inside of it are there already: inner regions stand before those around them.
        self.handlers.push(Handler { start, end: region_end, target: region_end, finally: false });
        self.inner(level);
        self.code.bind(end);
    }

    fn iterate(&mut self, level: u32) {
        self.need(1);
        if self.choices.below(3) != 0 {
            let count = self.choices.below(4);
            self.need(count);
            self.code.emit(S::List, &[count as u32]);
            self.depth = self.depth - count + 1;
        }
        self.mark();
        self.code.emit(S::Iterate, &[]);
        let depth = self.depth;
        let floor = std::mem::replace(&mut self.floor, depth);
        let pair = self.choices.below(3) == 0;
        let (body, test) = (self.code.label(), self.code.label());
        self.code.jump(S::Jump, test);
        self.code.bind(body);
        self.depth += if pair { 2 } else { 1 };
        let steps = self.choices.below(6);
        self.block(steps, level + 1);
        self.balance(depth);
        self.code.bind(test);
        self.code.jump(if pair { S::NextPair } else { S::Next }, body);
        self.code.emit(S::Pop, &[]);
        self.floor = floor;
        self.depth = depth - 1;
    }

    /// Returns, throws or calls in tail position, on some condition.
    fn leave(&mut self) {
        self.need(1);
        let on = self.code.label();
        self.code.jump(S::JumpIf, on);
        self.depth -= 1;
        let depth = self.depth;
        match self.choices.below(3) {
            0 => {
                self.push();
                self.code.emit(S::Throw, &[]);
            }
            1 => {
                self.push();
                self.code.emit(S::Return, &[]);
            }
            _ => {
                let arguments = self.callee();
                for _ in 0..arguments {
                    self.push();
                }
                self.code.emit(S::TailCall, &[arguments as u32]);
            }
        }
        self.depth = depth;
        self.code.bind(on);
    }

    fn finish(&mut self) {
        let all = self.depth.max(1);
        self.balance(all);
        self.code.emit(S::List, &[all as u32]);
        self.code.emit(S::Return, &[]);
    }
}
