//! Proves of emitted code what the verifier will ask: jumps land on instructions, depths meet, nothing is unreachable,
//! the frame is large enough. It is written apart from the generator and from the verifier.

use iridium_bytecode::{Function, Module};
use iridium_isa::MAX_FRAME;
use iridium_isa::stack::{self, Flag, Instruction, Operand, StackOp};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Checks every function of a module.
pub(super) fn check(module: &Module) -> Result<(), String> {
    for (number, function) in module.functions.iter().enumerate() {
        check_function(module, function).map_err(|error| {
            format!("function {number} `{}`: {error}\n{}", function.name, disassemble(module, function))
        })?;
    }
    Ok(())
}

fn check_function(module: &Module, function: &Function) -> Result<(), String> {
    let code = decode_all(function)?;
    let mut depths: BTreeMap<usize, usize> = BTreeMap::new();
    let mut todo = vec![(0, 0)];
    let mut deepest = 0;
    while let Some((at, depth)) = todo.pop() {
        let Some(instruction) = code.get(&at) else { return Err(format!("control comes to {at}, no instruction")) };
        match depths.insert(at, depth) {
            Some(known) if known != depth => return Err(format!("depths {known} and {depth} meet at {at}")),
            Some(_) => continue,
            None => {}
        }
        for handler in function.handlers.iter().filter(|handler| handler.start as usize == at) {
            if handler.end <= handler.start || handler.target < handler.end {
                return Err(format!("bad handler {handler:?}"));
            }
            deepest = deepest.max(depth + 1);
            todo.push((handler.target as usize, depth + 1));
        }
        let row = instruction.op.row();
        check_operands(module, function, instruction)?;
        let pops = row.pops + row.pops_per_count * instruction.count();
        if pops > depth {
            return Err(format!("{} at {at} pops {pops} of {depth}", row.mnemonic));
        }
        let unpacked = if row.has(Flag::UNPACKS) { instruction.count() } else { 0 };
        let after = depth - pops + row.pushes + unpacked;
        deepest = deepest.max(depth).max(after);
        if row.has(Flag::JUMPS) {
            let target = instruction.target().ok_or("a jump leaves the code")?;
            let extra = match instruction.op {
                StackOp::Next | StackOp::JumpIfKeep | StackOp::JumpIfNotKeep => 1,
                StackOp::NextPair => 2,
                _ => 0,
            };
            if row.has(Flag::KEEPS) && target <= at {
                return Err(format!("{} at {at} jumps backward", row.mnemonic));
            }
            deepest = deepest.max(after + extra);
            todo.push((target, after + extra));
        }
        if instruction.op == StackOp::Return && depth != 1 {
            return Err(format!("return at {at} leaves {depth} operands"));
        }
        if !row.has(Flag::ENDS) {
            todo.push((instruction.end, after));
        }
    }
    if let Some(at) = code.keys().find(|at| !depths.contains_key(at)) {
        return Err(format!("{at} is never reached"));
    }
    if usize::from(function.locals) + deepest > MAX_FRAME {
        return Err(format!("{} locals and {deepest} operands", function.locals));
    }
    if function.parameters() > usize::from(function.locals) {
        return Err("parameters are no locals".to_string());
    }
    if function.captures.len() != function.capture_names.len() {
        return Err("captures without names".to_string());
    }
    for name in &function.local_names {
        if name.local >= function.locals || name.start >= name.end || name.end as usize > function.code.len() {
            return Err(format!("bad range of a name: {name:?}"));
        }
    }
    Ok(())
}

fn decode_all(function: &Function) -> Result<BTreeMap<usize, Instruction>, String> {
    let mut code = BTreeMap::new();
    let mut at = 0;
    while at < function.code.len() {
        let instruction = stack::decode(&function.code, at).map_err(|error| format!("{error:?} at {at}"))?;
        code.insert(at, instruction);
        at = instruction.end;
    }
    Ok(code)
}

fn check_operands(module: &Module, function: &Function, instruction: &Instruction) -> Result<(), String> {
    for (kind, value) in instruction.op.row().operands.iter().zip(instruction.operands) {
        let value = value as usize;
        let limit = match kind {
            Operand::Const => module.constants.len(),
            Operand::Local => usize::from(function.locals),
            Operand::Capture => function.captures.len(),
            Operand::Global => module.globals.len(),
            Operand::Func => module.functions.len(),
            Operand::Class => module.classes.len(),
            Operand::Type => stack::TYPES.len(),
            Operand::Count | Operand::Int | Operand::Label => continue,
        };
        if value >= limit {
            return Err(format!("{}: operand {value} of {limit}", instruction.op.row().mnemonic));
        }
    }
    if instruction.op == StackOp::Class {
        let wanted = module.classes[instruction.operands[0] as usize].methods.len();
        if wanted != instruction.count() {
            return Err(format!("class takes {} methods of {wanted}", instruction.count()));
        }
    }
    if instruction.op == StackOp::Closure {
        let wanted = module.functions[instruction.operands[0] as usize].captures.len();
        if wanted != instruction.count() {
            return Err(format!("closure captures {} of {wanted}", instruction.count()));
        }
    }
    Ok(())
}

/// The code of a function, one instruction a line: `offset mnemonic operands`, jumps as `->target`.
pub(super) fn disassemble(module: &Module, function: &Function) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Ok(instruction) = stack::decode(&function.code, at) {
        let row = instruction.op.row();
        let _ = write!(out, "{at} {}", row.mnemonic);
        for (kind, value) in row.operands.iter().zip(instruction.operands) {
            let _ = match kind {
                Operand::Label => write!(out, " ->{}", instruction.target().unwrap_or(usize::MAX)),
                Operand::Const => write!(out, " {:?}", module.constants.get(value as usize)),
                Operand::Int => write!(out, " {}", value as i32),
                _ => write!(out, " {value}"),
            };
        }
        out.push('\n');
        at = instruction.end;
    }
    out
}

/// The mnemonics of a function with small operands, joined by `; `. Jumps show only whether they go back.
pub(super) fn brief(function: &Function) -> String {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Ok(instruction) = stack::decode(&function.code, at) {
        let row = instruction.op.row();
        let mut part = row.mnemonic.to_string();
        for (kind, value) in row.operands.iter().zip(instruction.operands) {
            match kind {
                Operand::Label => part.push_str(if instruction.target() <= Some(at) { " back" } else { " on" }),
                Operand::Const => {}
                Operand::Int => part.push_str(&format!(" {}", value as i32)),
                _ => part.push_str(&format!(" {value}")),
            }
        }
        parts.push(part);
        at = instruction.end;
    }
    parts.join("; ")
}
