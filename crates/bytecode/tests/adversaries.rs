//! Modules of about a megabyte that are made to cost the verifier more than they should: each is verified, or rejected by
//! a rule about size, within a second of a release build.

use iridium_bytecode::{
    Function, Handler, LocalName, Module, Position, RegisterCode, RegisterHandler, Rule, VerifiedModule,
};
use iridium_isa::register::{RegisterOp as R, Word};
use iridium_isa::stack::{self, StackOp as S};
use std::time::{Duration, Instant};

/// Octets of code.
const SIZE: usize = 1 << 20;

/// What one may take.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 1 });

/// A name, a function, and the rule that it breaks if it is not accepted.
type Adversary = (&'static str, Function, Option<Rule>);

fn emit(code: &mut Vec<u8>, op: S, operands: &[u32]) {
    stack::encode(code, op, operands);
}

/// Portable code: a start, then a piece as often as it fits, then `push-null`, `return`.
fn repeated(locals: u8, start: impl Fn(&mut Vec<u8>), piece: impl Fn(&mut Vec<u8>, u32)) -> Function {
    let mut code = Vec::with_capacity(SIZE + 1000);
    start(&mut code);
    let mut number = 0;
    while code.len() < SIZE {
        piece(&mut code, number);
        number += 1;
    }
    emit(&mut code, S::PushNull, &[]);
    emit(&mut code, S::Return, &[]);
    Function { locals, code, ..Function::default() }
}

fn push_pop(code: &mut Vec<u8>) {
    emit(code, S::PushNull, &[]);
    emit(code, S::Pop, &[]);
}

/// The same with handlers: regions that start at each of the first `count` pieces and end together.
fn in_regions(locals: u8, count: u32, apart: u32, piece: impl Fn(&mut Vec<u8>, u32)) -> Function {
    let start = |code: &mut Vec<u8>| (0..count).for_each(|_| push_pop(code));
    let mut function = repeated(locals, start, piece);
    let end = function.code.len() as u32 - 1;
    let region = |index| Handler { start: (count - 1 - index) * apart, end, target: end, finally: false };
    // At the target there is the thrown value, as the `return` wants it.
    function.handlers = (0..count).map(region).collect();
    function
}

fn words(frame: u8, words: Vec<u32>, handlers: Vec<RegisterHandler>) -> Function {
    Function { registers: Some(RegisterCode { words, pool: Vec::new(), handlers, frame }), ..Function::default() }
}

fn loads(registers: u8) -> Vec<u32> {
    (0..registers).map(|register| Word::wide(R::Load, register, 1).0).collect()
}

fn finished(mut code: Vec<u32>) -> Vec<u32> {
    code.push(Word::abc(R::Ret, 0, 0, 0).0);
    code
}

fn portable() -> Vec<Adversary> {
    let nothing = |_: &mut Vec<u8>| {};
    let branch = |code: &mut Vec<u8>, distance: i32| {
        emit(code, S::PushNull, &[]);
        emit(code, S::JumpIf, &[distance as u32]);
    };
    let mut debug = repeated(1, nothing, |code, _| push_pop(code));
    for offset in 0..SIZE as u32 {
        debug.positions.push(offset, Position { line: offset + 1, column: 1, length: 1 });
        debug.local_names.push(LocalName { local: 0, name: "".into(), start: 0, end: offset });
    }
    let set = |code: &mut Vec<u8>, number: u32| {
        emit(code, S::PushNull, &[]);
        emit(code, S::LocalSet, &[number % 240]);
    };
    let cell = |code: &mut Vec<u8>, number: u32| {
        emit(code, S::CellNewEmpty, &[number % 240]);
        set(code, number);
    };
    let deep = |code: &mut Vec<u8>| (0..100).for_each(|_| emit(code, S::PushNull, &[]));
    vec![
        ("labels ahead", repeated(240, nothing, |code, _| branch(code, 0)), None),
        ("labels behind", repeated(240, nothing, |code, _| branch(code, -6)), None),
        ("nested regions", in_regions(240, 100_000, 2, set), None),
        ("regions on regions", in_regions(240, 100_000, 0, set), None),
        ("cells in regions", in_regions(240, 50_000, 2, cell), None),
        ("labels in regions", in_regions(240, 100_000, 2, |code, _| branch(code, 0)), None),
        ("debug tables", debug, None),
        (
            "unpacked",
            repeated(0, nothing, |code, _| {
                emit(code, S::PushNull, &[]);
                emit(code, S::Unpack, &[240]);
                emit(code, S::List, &[240]);
                emit(code, S::Pop, &[]);
            }),
            None,
        ),
        (
            "forwarded",
            repeated(
                100,
                |code| {
                    deep(code);
                    set(code, 0)
                },
                |code, _| {
                    emit(code, S::LocalGet, &[0]);
                    set(code, 0);
                    emit(code, S::Pop, &[]);
                },
            ),
            None,
        ),
        (
            "small ints",
            repeated(0, nothing, |code, number| {
                emit(code, S::Push, &[number + 100_000]);
                emit(code, S::Pop, &[]);
            }),
            None,
        ),
    ]
}

fn register() -> Vec<Adversary> {
    let count = SIZE / 4;
    let jump = |distance: i32| Word::long(R::Jmp, distance as u32).0;
    let mut behind = vec![jump(count as i32 + 1)];
    behind.extend([Word::abc(R::LoadNull, 0, 0, 0).0, Word::abc(R::Ret, 0, 0, 0).0, jump(-3)]);
    behind.extend(std::iter::repeat_n(jump(-2), count - 1));
    let mut tests = loads(250);
    for _ in 0..count / 2 {
        tests.extend([Word::abc(R::JIf, 0, 1, 0).0, jump(0)]);
    }
    let mut throwing = loads(250);
    throwing.extend((0..count).map(|index| Word::abc(R::Add, (index % 250) as u8, 0, 1).0));
    let end = throwing.len() as u32;
    let region = |start| RegisterHandler { start, end, target: end, register: 0, finally: false };
    let nested: Vec<RegisterHandler> = (0..100_000).rev().map(|index| region(250 + index)).collect();
    // Each word in a region of its own, whose target is far behind, and each register's kind falls in turn.
    let mut falling = loads(250);
    for index in 0..count / 2 {
        let register = (index % 249 + 1) as u8;
        falling.extend([Word::abc(R::CellEmpty, register, 0, 0).0, Word::wide(R::Load, register, 1).0]);
    }
    let last = falling.len() as u32;
    let apart = |start| RegisterHandler { start, end: start + 1, target: last, register: 0, finally: false };
    let each: Vec<RegisterHandler> = (250..last).map(apart).collect();
    vec![
        ("jumps behind", words(1, behind, vec![]), Some(Rule::TooTangled)),
        ("tests", words(250, finished(tests), vec![]), None),
        ("nested handlers", words(250, finished(throwing.clone()), nested), None),
        ("throwing", words(250, finished(throwing), vec![region(0)]), None),
        ("handlers of one word", words(250, finished(falling), each), None),
    ]
}

/// What the verifier says, and how long it takes: the best of three, for the host may be busy.
fn timed(module: &Module) -> (Option<Rule>, Duration) {
    let mut best = (None, Duration::MAX);
    for _ in 0..3 {
        let module = module.clone();
        let start = Instant::now();
        let found = VerifiedModule::new(module);
        best = (found.err().map(|rejection| rejection.rule), best.1.min(start.elapsed()));
        if best.1 < LIMIT {
            break;
        }
    }
    best
}

#[test]
fn a_megabyte_takes_at_most_a_second() {
    let small = words(0, vec![Word::long(R::Jmp, 0xff_ffff).0], vec![]);
    let many = Module { functions: vec![small; SIZE / 16], ..Module::default() };
    let mut modules = vec![("many functions", many, None)];
    for (name, function, rule) in portable().into_iter().chain(register()) {
        modules.push((name, Module { functions: vec![function], ..Module::default() }, rule));
    }
    let mut wrong = Vec::new();
    for (name, module, rule) in modules {
        let (found, time) = timed(&module);
        if found != rule || time > LIMIT {
            wrong.push(format!("{name}: {found:?} after {time:?}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
