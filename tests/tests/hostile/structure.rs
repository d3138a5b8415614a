//! Structural damage: instructions swapped, doubled, deleted and changed, labels, handlers, arities, captures, frames
//! and constants changed, pieces of one program put into another.
//!
//! 5,000 programs are damaged in a usual run, ten times as many under `IRIDIUM_LONG`, as many as `IRIDIUM_MUTATIONS`
//! says if it is set; `IRIDIUM_SEED` repeats a run.

use crate::trial::{Tally, in_parallel};
use iridium::Engine;
use iridium_bytecode::{Constant, Function, Handler, Module, Pooled, PositionTable, RegisterCode, RegisterHandler};
use iridium_isa::register::{self, RegisterOp as R, Word};
use iridium_isa::stack::{self, Flag, Operand, StackOp as S};
use iridium_tests::random::{self, Random};
use iridium_tests::specimens::specimens;

/// Damaged programs of a usual run.
const PROGRAMS: usize = 5_000;

/// Programs that one thread damages at a time.
const BATCH: usize = 250;

/// An instruction of either form.
#[derive(Clone)]
struct Instruction<C> {
    code: C,
    /// The number of the instruction that it jumps to.
    target: Option<usize>,
}

/// A region, as numbers of instructions: start, end, target; the register of register code; whether exits go there too.
type Region = ([usize; 3], u8, bool);

/// Code whose instructions can be moved: labels are numbers of instructions.
#[derive(Clone)]
struct Movable<C> {
    instructions: Vec<Instruction<C>>,
    regions: Vec<Region>,
}

impl<C: Clone> Movable<C> {
    fn insert(&mut self, at: usize, instruction: Instruction<C>) {
        self.instructions.insert(at, instruction);
        self.renumber(|number| if number > at { number + 1 } else { number });
    }

    fn remove(&mut self, at: usize) {
        self.instructions.remove(at);
        self.renumber(|number| if number > at { number - 1 } else { number });
    }

    fn renumber(&mut self, new: impl Fn(usize) -> usize) {
        let targets = self.instructions.iter_mut().filter_map(|instruction| instruction.target.as_mut());
        for number in targets.chain(self.regions.iter_mut().flat_map(|(numbers, ..)| numbers)) {
            *number = new(*number);
        }
    }

    /// Damage that is the same in both forms; `other` is code of the same form that pieces are taken from.
    fn damage(&mut self, random: &mut Random, other: &Movable<C>) {
        let length = self.instructions.len();
        if length == 0 {
            return;
        }
        let mut any = |length: usize| random.below(length.max(1) as u64) as usize;
        let (at, place) = (any(length), any(length));
        match any(9) {
            0 => self.instructions.swap(at, place),
            1 => self.instructions.swap(at, (at + 1) % length),
            2 => {
                let twice = self.instructions[at].clone();
                self.insert(at, twice);
            }
            3 => {
                let moved = self.instructions[at].clone();
                self.insert(place, moved);
            }
            4 => self.remove(at),
            5 => {
                if let Some(target) = self.instructions.iter_mut().filter_map(|one| one.target.as_mut()).nth(at % 4) {
                    *target = if any(4) == 0 { place } else { (*target + any(5)).saturating_sub(2) };
                }
            }
            6 if !self.regions.is_empty() => {
                let region = any(self.regions.len());
                match any(4) {
                    0 => drop(self.regions.remove(region)),
                    1 => self.regions.push(self.regions[region]),
                    2 => self.regions[region].1 = self.regions[region].1.wrapping_add(any(3) as u8).wrapping_sub(1),
                    _ => {
                        let edge = any(3);
                        let number = &mut self.regions[region].0[edge];
                        *number = if any(3) == 0 { place } else { (*number + any(5)).saturating_sub(2) };
                    }
                }
            }
            7 => {
                let mut edges = [at, place, any(length)];
                edges.sort_unstable();
                self.regions.insert(any(self.regions.len() + 1), (edges, any(8) as u8, any(2) == 0));
            }
            _ => {
                let from = any(other.instructions.len());
                let piece: Vec<_> = other.instructions.iter().skip(from).take(1 + any(6)).cloned().collect();
                for instruction in piece.into_iter().rev() {
                    self.insert(at, instruction);
                }
            }
        }
    }
}

/// Operands that are worth a try in the place of another one.
fn operand(random: &mut Random, old: u32) -> u32 {
    match random.below(8) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => *random.of(&[0x7f, 0xff, 0xffff, 0x7fff_ffff, u32::MAX]),
        _ => random.below(8) as u32,
    }
}

// ---- Portable code ----

type Portable = Movable<(S, [u32; 2])>;

fn movable(function: &Function) -> Portable {
    let mut starts = Vec::new();
    let mut decoded = Vec::new();
    let mut at = 0;
    while let Ok(instruction) = stack::decode(&function.code, at) {
        starts.push(at);
        at = instruction.end;
        decoded.push(instruction);
    }
    let number = |offset: usize| starts.binary_search(&offset).unwrap_or(starts.len());
    let instructions = decoded.iter().map(|instruction| Instruction {
        code: (instruction.op, instruction.operands),
        target: instruction.target().map(number),
    });
    let region = |handler: &Handler| {
        ([handler.start, handler.end, handler.target].map(|at| number(at as usize)), 0, handler.finally)
    };
    Movable { instructions: instructions.collect(), regions: function.handlers.iter().map(region).collect() }
}

fn write(code: &Portable, function: &mut Function) {
    let mut out = Vec::new();
    let mut starts = Vec::new();
    let mut jumps = Vec::new();
    for instruction in &code.instructions {
        let (op, operands) = instruction.code;
        starts.push(out.len());
        stack::encode(&mut out, op, &operands[..op.row().operands.len()]);
        if op.row().has(Flag::JUMPS) {
            jumps.push((out.len(), instruction.target.unwrap_or(0)));
        }
    }
    let offset = |number: usize| starts.get(number).copied().unwrap_or(out.len()) as u32;
    function.handlers = (code.regions.iter())
        .map(|(numbers, _, finally)| (numbers.map(offset), *finally))
        .map(|([start, end, target], finally)| Handler { start, end, target, finally })
        .collect();
    let labels: Vec<(usize, u32)> = jumps.into_iter().map(|(end, target)| (end, offset(target))).collect();
    for (end, target) in labels {
        out[end - 4..end].copy_from_slice(&target.wrapping_sub(end as u32).to_le_bytes());
    }
    function.code = out;
}

fn damage_portable(function: &mut Function, random: &mut Random, other: &Function) {
    let mut code = movable(function);
    let at = random.below(code.instructions.len().max(1) as u64) as usize;
    match random.below(4) {
        0 if at < code.instructions.len() => {
            let (op, operands) = &mut code.instructions[at].code;
            let count = op.row().operands.iter().filter(|kind| **kind != Operand::Label).count();
            if count > 0 {
                let index = random.below(count as u64) as usize;
                operands[index] = operand(random, operands[index]);
            }
        }
        1 if at < code.instructions.len() => {
            let (op, _) = &mut code.instructions[at].code;
            let alike: Vec<S> =
                stack::ROWS.iter().filter(|row| row.operands == op.row().operands).map(|row| row.op).collect();
            *op = *random.of(&alike);
        }
        2 if random.once_in(3) => {
            let row = random.of(stack::ROWS);
            let target = row.has(Flag::JUMPS).then(|| random.below(code.instructions.len() as u64 + 1) as usize);
            let operands = [operand(random, 0), operand(random, 0)];
            code.insert(at, Instruction { code: (row.op, operands), target });
        }
        _ => code.damage(random, &movable(other)),
    }
    write(&code, function);
}

// ---- Register code ----

type Registers = Movable<Vec<u32>>;

/// The place in an instruction's words of the one that jumps, if there is one.
fn jump_word(words: &[u32]) -> Option<usize> {
    let last = words.len().checked_sub(1)?;
    let row = R::from_byte(Word(words[0]).opcode())?.row();
    if row.has(register::Flag::JUMPS) {
        Some(0)
    } else if row.has(register::Flag::TESTS) {
        Some(last)
    } else {
        None
    }
}

fn movable_words(code: &RegisterCode) -> Registers {
    let mut starts = Vec::new();
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut at = 0;
    while let Some(&word) = code.words.get(at) {
        let row = R::from_byte(Word(word).opcode()).map(R::row);
        let size = row.map_or(1, |row| row.words() + usize::from(row.has(register::Flag::TESTS)));
        let end = (at + size).min(code.words.len());
        starts.push(at);
        groups.push(code.words[at..end].to_vec());
        at = end;
    }
    let number = |at: usize| starts.binary_search(&at).unwrap_or(starts.len());
    let instructions = groups.into_iter().zip(&starts).map(|(words, &start)| {
        let target = jump_word(&words).map(|index| {
            let distance = i64::from(Word(words[index]).offset());
            number((start as i64 + index as i64 + 1 + distance).max(0) as usize)
        });
        Instruction { code: words, target }
    });
    let region = |handler: &RegisterHandler| {
        ([handler.start, handler.end, handler.target].map(|at| number(at as usize)), handler.register, handler.finally)
    };
    Movable { instructions: instructions.collect(), regions: code.handlers.iter().map(region).collect() }
}

fn write_words(code: &Registers, out: &mut RegisterCode) {
    let mut starts = Vec::new();
    let mut words: Vec<u32> = Vec::new();
    for instruction in &code.instructions {
        starts.push(words.len());
        words.extend(&instruction.code);
    }
    let place = |number: usize| starts.get(number).copied().unwrap_or(words.len()) as u32;
    let mut jumps = Vec::new();
    for (instruction, &start) in code.instructions.iter().zip(&starts) {
        if let (Some(index), Some(target)) = (jump_word(&instruction.code), instruction.target) {
            let distance = place(target).wrapping_sub((start + index) as u32 + 1);
            jumps.push((start + index, distance & 0xff_ffff));
        }
    }
    out.handlers = (code.regions.iter())
        .map(|(numbers, register, finally)| (numbers.map(place), *register, *finally))
        .map(|([start, end, target], register, finally)| RegisterHandler { start, end, target, register, finally })
        .collect();
    for (at, distance) in jumps {
        words[at] = words[at] & 0xff00_0000 | distance;
    }
    out.words = words;
}

fn damage_registers(code: &mut RegisterCode, random: &mut Random, other: Option<&RegisterCode>) {
    let mut all = movable_words(code);
    let at = random.below(all.instructions.len().max(1) as u64) as usize;
    match random.below(7) {
        0 | 1 if at < all.instructions.len() => {
            // One of the operands, which are whole octets: registers, counts, constants, caches.
            let words = &mut all.instructions[at].code;
            let word = random.below(words.len() as u64) as usize;
            let shift = 8 * random.below(3);
            let new = operand(random, words[word] >> shift) & 0xff;
            words[word] = words[word] & !(0xff << shift) | new << shift;
        }
        2 if at < all.instructions.len() => {
            let word = &mut all.instructions[at].code[0];
            if let Some(row) = R::from_byte(Word(*word).opcode()).map(R::row) {
                let alike: Vec<R> = (register::ROWS.iter())
                    .filter(|other| {
                        other.operands.len() == row.operands.len()
                            && other.words() == row.words()
                            && other.has(register::Flag::TESTS) == row.has(register::Flag::TESTS)
                    })
                    .map(|row| row.op)
                    .collect();
                *word = *word & 0xff_ffff | (*random.of(&alike) as u32) << 24;
            }
        }
        3 if !code.pool.is_empty() => {
            let pooled = random.below(code.pool.len() as u64) as usize;
            let index = random.below(8) as u32;
            code.pool[pooled] = *random.of(&[
                Pooled::Const(index),
                Pooled::Func(index),
                Pooled::Int(index as i32),
                Pooled::Null,
                Pooled::Bool(true),
            ]);
        }
        4 if random.once_in(3) => code.frame = code.frame.wrapping_add(*random.of(&[1, 255, 2, 254])),
        _ => all.damage(random, &other.map_or_else(|| all.clone(), movable_words)),
    }
    write_words(&all, code);
}

// ---- Functions and modules ----

/// Natives that only the library uses, which code that nobody compiled can name.
const OWN_NATIVES: [&str; 12] = [
    "%instead",
    "%error-class",
    "%method",
    "%hash-of",
    "%candidates",
    "%map-get",
    "%map-put",
    "%differences",
    "%str-of",
    "%list",
    "%template",
    "%constructor",
];

fn damage_function(module: &mut Module, random: &mut Random, other: &Module) {
    let constants = module.constants.len() as u64;
    let index = random.below(module.functions.len() as u64) as usize;
    let functions = module.functions.len() as u64;
    let function = &mut module.functions[index];
    match random.below(10) {
        0 => function.required = function.required.wrapping_add(*random.of(&[1, u32::MAX])),
        1 => function.optional = function.optional.wrapping_add(*random.of(&[1, u32::MAX])),
        2 => function.rest = !function.rest,
        3 => function.packed = !function.packed,
        4 => function.locals = function.locals.wrapping_add(*random.of(&[1, 2, 255, 200])),
        5 => {
            if function.captures.is_empty() || random.once_in(2) {
                function.captures.push(random.once_in(2));
            } else if random.once_in(2) {
                function.captures.pop();
            } else {
                let capture = random.below(function.captures.len() as u64) as usize;
                function.captures[capture] = !function.captures[capture];
            }
            function.capture_names.resize(function.captures.len(), String::new());
        }
        6 => {
            let swapped = random.below(functions) as usize;
            module.functions.swap(index, swapped);
        }
        7 => *function = random.of(&other.functions).clone(),
        8 if constants > 0 => {
            let constant = random.below(constants) as usize;
            module.constants[constant] = match random.below(6) {
                0 if !other.constants.is_empty() => random.of(&other.constants).clone(),
                1 => Constant::Native((*random.of(&OWN_NATIVES)).to_owned()),
                2 => Constant::Atom("n".to_owned()),
                3 => Constant::Str("get".to_owned()),
                4 => Constant::Int((random.bits() as i64).into()),
                _ => module.constants[random.below(constants) as usize].clone(),
            };
        }
        _ => match random.below(4) {
            0 if !module.globals.is_empty() => {
                let global = random.below(module.globals.len() as u64) as usize;
                module.globals[global].constant = !module.globals[global].constant;
            }
            1 if !module.classes.is_empty() => {
                let class = random.below(module.classes.len() as u64) as usize;
                let methods = &mut module.classes[class].methods;
                match methods.first().cloned() {
                    Some(name) if random.once_in(2) => methods.push(name),
                    _ => drop(methods.pop()),
                }
            }
            2 => {
                module.globals.pop();
            }
            // The whole of another program behind this one.
            _ => {
                module.functions.extend(other.functions.iter().cloned());
                module.constants.extend(other.constants.iter().cloned());
                module.globals.extend(other.globals.iter().cloned());
                module.classes.extend(other.classes.iter().cloned());
            }
        },
    }
}

fn damage(module: &mut Module, random: &mut Random, other: &Module) {
    if random.once_in(4) {
        damage_function(module, random, other);
        return;
    }
    let index = random.below(module.functions.len() as u64) as usize;
    let function = &mut module.functions[index];
    let other = random.of(&other.functions);
    match &mut function.registers {
        None => damage_portable(function, random, other),
        Some(code) => damage_registers(code, random, other.registers.as_ref()),
    }
}

/// The main modules of the specimens, without debug tables, which would no longer fit.
fn modules() -> Vec<(String, Module)> {
    let strip = |module: &Module| {
        let mut module = module.clone();
        for function in &mut module.functions {
            function.positions = PositionTable::default();
            function.local_names.clear();
        }
        module
    };
    let all = specimens(&Engine::default());
    let named = all.iter().filter_map(|one| Some((one.name.clone(), strip(&one.modules.last()?.1))));
    named.collect()
}

fn programs() -> usize {
    match std::env::var("IRIDIUM_MUTATIONS") {
        Ok(text) => text.trim().parse().expect("IRIDIUM_MUTATIONS is a number"),
        Err(_) => random::cases(PROGRAMS),
    }
}

#[test]
fn programs_of_damaged_structure_are_rejected_or_run_alike_in_all_engines() {
    let seed = Random::seed_of_this_run();
    let modules = modules();
    let batches: Vec<u64> = (0..programs().div_ceil(BATCH) as u64).collect();
    let tally: Tally = in_parallel(&batches, |trials, &batch| {
        let mut random = Random::part(seed, batch);
        for number in 0..BATCH {
            let (name, module) = random.of(&modules);
            let mut module = module.clone();
            for _ in 0..=random.below(3) {
                let (_, other) = random.of(&modules);
                damage(&mut module, &mut random, other);
            }
            let shown = module.clone();
            trials.module(module, &|| {
                format!("IRIDIUM_SEED={seed}, program {number} of batch {batch}, from {name}: {shown:#?}")
            });
        }
    });
    tally.show(&format!("{} programs of damaged structure", batches.len() * BATCH));
    let all = batches.len() * BATCH;
    assert!(tally.total("rule ") > all / 5 && tally.total("ran ") > all / 20, "{tally:?}");
}

#[test]
fn code_that_is_only_taken_apart_and_put_together_is_the_same() {
    for (name, module) in modules() {
        for mut function in module.functions {
            let before = function.clone();
            match &mut function.registers {
                None => write(&movable(&before), &mut function),
                Some(code) => {
                    let all = movable_words(code);
                    write_words(&all, code);
                }
            }
            assert_eq!(function, before, "{name}");
        }
    }
}
