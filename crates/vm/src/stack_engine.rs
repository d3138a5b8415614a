//! The stack engine: runs portable code as it stands. Small, plain, never optimised: the reference that lowering and
//! the register engine are checked against.
//!
//! It shares frames, heap, natives and the meaning of operations with the register engine. A frame has the same
//! layout: locals first, then operands, and `Process::top` is one above the last operand.

use crate::code::{Entry, FunctionCode};
use crate::data::{class, iterate, list, tuple};
use crate::ops;
use crate::process::{Called, Exit, Place, Process, Return};
use crate::register::calls::local_not_ready;
use crate::register::moves::{cell_not_ready, cell_not_written, new_cell, new_closure};
use crate::register::{classes, collections as parts, patterns};
use crate::trap::{Trap, TrapKind};
use crate::value::Value;
use iridium_isa::stack::{self, Flag, Instruction, StackOp as S};
use std::sync::Arc;

/// How an instruction ended.
enum Step {
    /// On to the next instruction.
    Next,
    /// Go on at this offset.
    Jump(usize),
    /// Function, base and pc are set.
    Moved,
    /// The process has ended.
    Halt,
}

/// Runs the process until it exits.
pub(crate) fn run(process: &mut Process) -> Exit {
    let entries: Arc<[Entry]> = Arc::clone(&process.entries);
    loop {
        let code = entries[process.function as usize].eva().expect("only Eva functions have frames");
        let instruction = stack::decode(&code.function().code, process.pc as usize).expect("the code was verified");
        let calls = instruction.op.row().has(Flag::CALLS);
        let top = process.top;
        process.counts.instructions += 1;
        process.counts.calls += u64::from(calls);
        match step(process, code, &instruction) {
            Ok(Step::Halt) => return Exit::Done,
            Ok(step) => {
                let at = process.pc as usize;
                match step {
                    Step::Jump(target) => {
                        process.pc = target as u32;
                        process.reductions -= i64::from(target <= at);
                    }
                    Step::Next => process.pc = instruction.end as u32,
                    Step::Moved | Step::Halt => {}
                }
                process.reductions -= i64::from(calls) + process.heap.take_spent();
            }
            Err(trap) => {
                // The operands are still there: the instruction may be run again.
                process.top = top;
                let (again, long) = (trap.is_no_memory(), trap.is_long() || trap.is_begun());
                let exit = trapped(process, &instruction, trap, calls);
                if !again && !long {
                    process.reductions -= process.heap.take_spent();
                }
                if let Some(exit) = exit {
                    return exit;
                }
                if again {
                    continue;
                }
            }
        }
        if let Some(trap) = process.thrown_by_answer.take()
            && let Some(exit) = process.trapped(trap, false)
        {
            return exit;
        }
        let collecting = if process.heap.wants_collection() { process.collecting() } else { None };
        if process.reductions <= 0 {
            return Exit::Yielded;
        }
        if let Some(exit) = collecting {
            return exit;
        }
    }
}

/// Deals with a trap: makes the call that an operation needs, or what the process does with any other.
fn trapped(process: &mut Process, instruction: &Instruction, trap: Trap, calls: bool) -> Option<Exit> {
    if !matches!(trap.kind(), TrapKind::Call(_) | TrapKind::Long(_)) {
        return process.trapped(trap, calls);
    }
    let row = instruction.op.row();
    // The call stands where the operands are, and leaves its value there.
    let window = process.top - row.pops - row.pops_per_count * instruction.count();
    let next = instruction.end as u32;
    let call = match trap.into_kind() {
        TrapKind::Call(call) => call,
        long => {
            let begun = process.begin_operation(window, Trap::from(long), next, Place::Window, calls);
            return process.trapped(begun, calls);
        }
    };
    match process.call_operation(window, call, next, Place::Window) {
        Ok(_) => {
            process.reductions -= 1;
            None
        }
        Err(trap) => process.trapped(trap, true),
    }
}

fn push(process: &mut Process, value: Value) -> Result<Step, Trap> {
    process.stack[process.top] = value;
    process.top += 1;
    Ok(Step::Next)
}

fn pop(process: &mut Process) -> Value {
    process.top -= 1;
    process.stack[process.top]
}

/// The operand `depth` below the top: 0 is the top one.
fn peek(process: &Process, depth: usize) -> Value {
    process.stack[process.top - 1 - depth]
}

/// Replaces `count` operands by a value.
fn replace(process: &mut Process, count: usize, value: Value) -> Result<Step, Trap> {
    process.top -= count;
    push(process, value)
}

fn binary(
    process: &mut Process,
    op: impl FnOnce(&mut crate::heap::Heap, Value, Value) -> Result<Value, Trap>,
) -> Result<Step, Trap> {
    let (a, b) = (peek(process, 1), peek(process, 0));
    let value = op(&mut process.heap, a, b)?;
    replace(process, 2, value)
}

fn compare(
    process: &mut Process,
    op: impl FnOnce(&crate::heap::Heap, Value, Value) -> Result<bool, Trap>,
) -> Result<Step, Trap> {
    let (a, b) = (peek(process, 1), peek(process, 0));
    let truth = op(&process.heap, a, b)?;
    replace(process, 2, Value::bool(truth))
}

fn unary(
    process: &mut Process,
    op: impl FnOnce(&mut crate::heap::Heap, Value) -> Result<Value, Trap>,
) -> Result<Step, Trap> {
    let a = peek(process, 0);
    let value = op(&mut process.heap, a)?;
    replace(process, 1, value)
}

/// Reads a cell that must be initialised.
fn read_cell(process: &Process, cell: Value) -> Result<Value, Trap> {
    let at = cell.as_heap().ok_or_else(cell_not_ready)?;
    match process.heap.value(at, 0) {
        Value::HOLE => Err(cell_not_ready()),
        value => Ok(value),
    }
}

/// Writes a cell. `first` when that initialises it.
fn write_cell(process: &mut Process, cell: Value, value: Value, first: bool) -> Result<(), Trap> {
    let at = cell.as_heap().ok_or_else(cell_not_ready)?;
    if !first && process.heap.value(at, 0) == Value::HOLE {
        return Err(cell_not_ready());
    }
    if cell.is_frozen() {
        return Err(cell_not_written(cell));
    }
    process.heap.set_value(at, 0, value);
    Ok(())
}

/// A captured value or cell of the running function.
fn capture(process: &Process, index: u32) -> Result<Value, Trap> {
    let closure = process.callee().as_heap().ok_or_else(cell_not_ready)?;
    Ok(process.heap.value(closure, 1 + index as usize))
}

fn called(called: Called) -> Step {
    match called {
        Called::Moved => Step::Moved,
        Called::Returned => Step::Next,
    }
}

/// Where a call goes on.
fn returning(end: usize, tail: bool) -> Return {
    if tail { Return::tail(end as u32) } else { Return::plain(end as u32) }
}

/// Calls the function below its receiver and `count` arguments, or a list of arguments.
fn call_method(process: &mut Process, count: Option<usize>, end: usize, tail: bool) -> Result<Step, Trap> {
    let window = process.top - count.unwrap_or(1) - 2;
    let then = returning(end, tail);
    let result = match count {
        Some(count) => process.call_method(window, count, then)?,
        None => process.call_method_list(window, then)?,
    };
    if result == Called::Returned {
        process.top = window + 1;
    }
    Ok(called(result))
}

/// Calls the function below `count` arguments.
fn call(process: &mut Process, count: usize, end: usize, tail: bool) -> Result<Step, Trap> {
    let window = process.top - count - 1;
    let result = process.call(window, count, returning(end, tail))?;
    if result == Called::Returned {
        process.top = window + 1;
    }
    Ok(called(result))
}

/// Calls the function below a list of arguments.
fn call_list(process: &mut Process, end: usize, tail: bool) -> Result<Step, Trap> {
    let window = process.top - 2;
    let result = process.call_list(window, returning(end, tail))?;
    if result == Called::Returned {
        process.top = window + 1;
    }
    Ok(called(result))
}

/// Takes the jump if `condition` holds.
fn jump_if(instruction: &Instruction, condition: bool) -> Step {
    match instruction.target() {
        Some(target) if condition => Step::Jump(target),
        _ => Step::Next,
    }
}

fn step(process: &mut Process, code: &FunctionCode, instruction: &Instruction) -> Result<Step, Trap> {
    let [first, _] = instruction.operands;
    let local = process.base + first as usize;
    let count = instruction.count();
    let end = instruction.end;
    match instruction.op {
        S::Push => push(process, Value::int(first as i32)),
        S::PushConst => push(process, code.module.constants[first as usize]),
        S::PushNull => push(process, Value::NULL),
        S::PushTrue => push(process, Value::TRUE),
        S::PushFalse => push(process, Value::FALSE),
        S::PushFunc => push(process, Value::function(code.module.first_function + first)),
        S::PushSelf => push(process, process.callee()),
        S::Pop => {
            pop(process);
            Ok(Step::Next)
        }
        S::Dup => push(process, peek(process, 0)),

        S::LocalGet | S::CellLoad => push(process, process.stack[local]),
        S::LocalSet => {
            process.stack[local] = pop(process);
            Ok(Step::Next)
        }
        S::LocalTee => {
            process.stack[local] = peek(process, 0);
            Ok(Step::Next)
        }
        S::CellNew => {
            let value = peek(process, 0);
            process.stack[local] = new_cell(&mut process.heap, value)?;
            pop(process);
            Ok(Step::Next)
        }
        S::CellNewEmpty => {
            process.stack[local] = new_cell(&mut process.heap, Value::HOLE)?;
            Ok(Step::Next)
        }
        S::CellGet => push(process, read_cell(process, process.stack[local])?),
        S::CellSet | S::CellInit => {
            let (cell, value) = (process.stack[local], peek(process, 0));
            write_cell(process, cell, value, instruction.op == S::CellInit)?;
            pop(process);
            Ok(Step::Next)
        }
        S::CaptureGet | S::CaptureLoad => push(process, capture(process, first)?),
        S::CaptureCellGet => push(process, read_cell(process, capture(process, first)?)?),
        S::CaptureCellSet => {
            let (cell, value) = (capture(process, first)?, peek(process, 0));
            write_cell(process, cell, value, false)?;
            pop(process);
            Ok(Step::Next)
        }
        S::GlobalGet => {
            let index = code.module.globals[first as usize] as usize;
            let value = match process.globals.get(index) {
                Some(&value) if value != Value::HOLE => value,
                _ => process.untouched_global(index)?,
            };
            push(process, value)
        }
        S::GlobalSet | S::GlobalInit => {
            let index = code.module.globals[first as usize] as usize;
            if instruction.op == S::GlobalInit {
                let value = pop(process);
                process.init_global(index, value);
                return Ok(Step::Next);
            }
            if process.globals.get(index).is_none_or(|&value| value == Value::HOLE) {
                process.untouched_global(index)?;
            }
            process.globals[index] = pop(process);
            Ok(Step::Next)
        }
        S::Closure => {
            let function = code.module.first_function + first;
            let captures = &process.stack[process.top - count..process.top];
            let closure = new_closure(&mut process.heap, function, captures)?;
            replace(process, count, closure)
        }
        S::ArgMissing => push(process, Value::bool(process.stack[local] == Value::HOLE)),

        S::Add => binary(process, ops::add),
        S::Sub => binary(process, ops::sub),
        S::Mul => binary(process, ops::mul),
        S::Div => binary(process, ops::div),
        S::IntDiv => binary(process, ops::int_div),
        S::Mod => binary(process, ops::modulo),
        S::Pow => binary(process, ops::pow),
        S::BitAnd => binary(process, ops::bit_and),
        S::BitOr => binary(process, ops::bit_or),
        S::BitXor => binary(process, ops::bit_xor),
        S::Shl => binary(process, ops::shl),
        S::Shr => binary(process, ops::shr),
        S::Neg => unary(process, ops::neg),
        S::BitNot => unary(process, ops::bit_not),
        S::Eq => compare(process, ops::eq),
        S::Ne => compare(process, ops::ne),
        S::Lt => compare(process, ops::lt),
        S::Le => compare(process, ops::le),
        S::Gt => compare(process, ops::gt),
        S::Ge => compare(process, ops::ge),
        S::Not => unary(process, |_, value| Ok(Value::bool(!value.is_truthy()))),

        S::Jump => Ok(jump_if(instruction, true)),
        S::JumpIf => Ok(jump_if(instruction, pop(process).is_truthy())),
        S::JumpIfNot => Ok(jump_if(instruction, !pop(process).is_truthy())),
        S::JumpIfKeep | S::JumpIfNotKeep => {
            let jumps = peek(process, 0).is_truthy() == (instruction.op == S::JumpIfKeep);
            if !jumps {
                pop(process);
            }
            Ok(jump_if(instruction, jumps))
        }
        S::Call => call(process, count, end, false),
        S::TailCall => call(process, count, end, true),
        S::CallList => call_list(process, end, false),
        S::TailCallList => call_list(process, end, true),
        S::Return => {
            let value = pop(process);
            process.leave(value);
            Ok(Step::Moved)
        }
        S::Halt => {
            process.result = pop(process);
            Ok(Step::Halt)
        }
        S::Throw => Err(Trap::throw(peek(process, 0))),
        S::Unready => Err(local_not_ready(process, code.module.constants[first as usize])),

        S::List => {
            let elements = &process.stack[process.top - count..process.top];
            let value = list::new(&mut process.heap, elements)?;
            replace(process, count, value)
        }
        S::Tuple => {
            let elements = &process.stack[process.top - count..process.top];
            let value = tuple::new(&mut process.heap, elements)?;
            replace(process, count, value)
        }
        S::Map => {
            let entries = process.stack[process.top - 2 * count..process.top].to_vec();
            let value = parts::new_map(&mut process.heap, &entries)?;
            replace(process, 2 * count, value)
        }
        S::ListAppend => {
            let values = process.stack[process.top - count..process.top].to_vec();
            let target = peek(process, count);
            parts::append(&mut process.heap, target, &values)?;
            process.top -= count;
            Ok(Step::Next)
        }
        S::ListExtend => {
            let (target, from) = (peek(process, 1), peek(process, 0));
            parts::extend(&mut process.heap, target, from)?;
            pop(process);
            Ok(Step::Next)
        }
        S::ListToTuple => unary(process, parts::to_tuple),
        S::MapPut => {
            let (map, key, value) = (peek(process, 2), peek(process, 1), peek(process, 0));
            parts::map_put(&mut process.heap, map, key, value)?;
            process.top -= 2;
            Ok(Step::Next)
        }
        S::IndexSet => {
            let (collection, key, value) = (peek(process, 2), peek(process, 1), peek(process, 0));
            ops::index_set(&mut process.heap, collection, key, value)?;
            replace(process, 3, value)
        }
        S::IndexGet | S::CallGet => binary(process, ops::index_get),
        S::IndexGetOr | S::CallGetOr => {
            let (collection, key, default) = (peek(process, 2), peek(process, 1), peek(process, 0));
            let value = ops::index_get_or(&mut process.heap, collection, key, default)?;
            replace(process, 3, value)
        }
        S::PropGet => {
            let name = parts::property(code.module.constants[first as usize])?;
            let (value, _) = process.property(peek(process, 0), name)?;
            replace(process, 1, value)
        }
        S::PropSet => {
            let name = parts::property(code.module.constants[first as usize])?;
            let (object, value) = (peek(process, 1), peek(process, 0));
            ops::prop_set(&mut process.heap, object, name, value)?;
            replace(process, 2, value)
        }
        S::Unpack | S::UnpackTuple => {
            let tuple = instruction.op == S::UnpackTuple;
            let elements: Vec<Value> = ops::unpack(&process.heap, peek(process, 0), count, tuple)?.collect();
            pop(process);
            for element in elements {
                push(process, element)?;
            }
            Ok(Step::Next)
        }
        S::Iterate => unary(process, iterate::start),
        // An iterator is a value already; only the verifier knows the difference.
        S::PackIterator => Ok(Step::Next),
        S::UnpackIterator => unary(process, iterate::known),
        S::Next => {
            let element = parts::next(process, peek(process, 0))?;
            if let Some(element) = element {
                push(process, element)?;
            }
            Ok(jump_if(instruction, element.is_some()))
        }
        S::NextPair => {
            let entry = parts::next_pair(process, peek(process, 0))?;
            if let Some((key, value)) = entry {
                push(process, key)?;
                push(process, value)?;
            }
            Ok(jump_if(instruction, entry.is_some()))
        }
        S::Class => {
            let template = process.template(first)?;
            let parts = process.stack[process.top - count - 1..process.top].to_vec();
            let class = class::new(&mut process.heap, template, &parts)?;
            replace(process, count + 1, class)
        }
        S::ClassList => {
            let template = process.template(first)?;
            binary(process, |heap, parent, methods| classes::class_of_list(heap, template, parent, methods))
        }
        S::ClassConst => {
            let name = parts::property(code.module.constants[first as usize])?;
            let (class, value) = (peek(process, 1), peek(process, 0));
            class::add_constant(&mut process.heap, class, name, value)?;
            pop(process);
            Ok(Step::Next)
        }
        S::Instance => {
            let class = peek(process, 0);
            let (instance, constructor) = classes::new_instance(&mut process.heap, class)?;
            pop(process);
            for value in [instance, constructor, instance] {
                push(process, value)?;
            }
            Ok(Step::Next)
        }
        S::Method => {
            let name = parts::property(code.module.constants[first as usize])?;
            let object = peek(process, 0);
            let (value, is_method) = process.property(object, name)?;
            replace(process, 1, value)?;
            push(process, if is_method { object } else { Value::HOLE })
        }
        S::CallMethod => call_method(process, Some(count), end, false),
        S::TailCallMethod => call_method(process, Some(count), end, true),
        S::CallMethodList => call_method(process, None, end, false),
        S::TailCallMethodList => call_method(process, None, end, true),
        S::SuperGet => {
            let name = parts::property(code.module.constants[first as usize])?;
            unary(process, |heap, class| classes::super_member(heap, class, name))
        }
        S::Parent => unary(process, |heap, class| classes::parent(heap, class)),
        S::IsType => unary(process, |heap, value| Ok(Value::bool(patterns::is_type(heap, value, first as usize)))),
        S::IsA => compare(process, class::is_a),
        S::HasKey => compare(process, patterns::has_key),
        S::HasLength => unary(process, |heap, value| Ok(Value::bool(patterns::has_length(heap, value, count, true)))),
        S::HasAtLeast => unary(process, |heap, value| Ok(Value::bool(patterns::has_length(heap, value, count, false)))),
        S::Element => unary(process, |heap, value| Ok(patterns::element(heap, value, count))),
        S::Length => unary(process, |heap, value| Ok(patterns::length(heap, value))),
        S::Rest => unary(process, |heap, value| patterns::rest(heap, value, count)),
        S::NoMatch => Err(patterns::no_match(&process.heap, peek(process, 0))),
        S::CallLen => unary(process, ops::len),
        S::CallPush => binary(process, ops::push),
        S::CallPut => {
            let (collection, key, value) = (peek(process, 2), peek(process, 1), peek(process, 0));
            let value = ops::put(&mut process.heap, collection, key, value)?;
            replace(process, 3, value)
        }
    }
}
