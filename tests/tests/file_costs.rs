//! What reading and verifying a module file takes: memory in proportion to its size, and time that does not explode,
//! whatever is in it.
//!
//! The files are the specimens, damaged ones among them, and some that make the most of each table that the reader or the
//! verifier keeps. One test in a program of its own, since its allocator counts for all threads.

use iridium::Engine;
use iridium_bytecode::{
    ClassTemplate, Constant, Function, Global, Handler, LocalName, Module, Pooled, Position, RegisterCode,
    RegisterHandler, file,
};
use iridium_isa::register::{RegisterOp as R, Word};
use iridium_isa::stack::{self, StackOp as S};
use iridium_tests::random::Random;
use iridium_tests::shown;
use iridium_tests::specimens::{repair, specimens};
use peak_alloc::PeakAlloc;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Octets that may be taken for each octet of a file, at most.
const PER_OCTET: usize = 128;

/// Octets that may be taken whatever the size.
const BASE: usize = 64 << 10;

/// Things of a kind in a file that is full of them.
const MANY: usize = 100_000;

/// How long one file may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads and verifies a file; gives whether it was accepted, the memory that this took at its peak, and the time.
fn cost(engine: &Engine, octets: &[u8]) -> (bool, usize, Duration) {
    let start = Instant::now();
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let loaded = engine.load_file(octets);
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    (loaded.is_ok(), peak, start.elapsed())
}

fn code(instructions: &[(S, &[u32])]) -> Vec<u8> {
    let mut code = Vec::new();
    for (op, operands) in instructions {
        stack::encode(&mut code, *op, operands);
    }
    code
}

fn main_of(code: Vec<u8>) -> Module {
    Module { functions: vec![Function { code, ..Function::default() }], ..Module::default() }
}

fn small() -> Module {
    main_of(code(&[(S::PushNull, &[]), (S::Return, &[])]))
}

fn registers(code: RegisterCode) -> Module {
    let function = Function { registers: Some(code), ..Function::default() };
    Module { functions: vec![function], ..Module::default() }
}

/// Modules that are full of one thing.
fn full() -> Vec<(&'static str, Module)> {
    let mut all = Vec::new();
    let mut with = |name, fill: &dyn Fn(&mut Module)| {
        let mut module = small();
        fill(&mut module);
        all.push((name, module));
    };
    with("constants", &|module| module.constants = vec![Constant::Str(String::new()); MANY]);
    with("globals", &|module| {
        module.globals = vec![Global { name: String::new(), constant: false, import: None }; MANY];
    });
    with("classes", &|module| module.classes = vec![ClassTemplate::default(); MANY]);
    with("methods", &|module| {
        module.classes = vec![ClassTemplate { name: String::new(), methods: vec![String::new(); MANY] }];
    });
    with("functions", &|module| module.functions = vec![module.functions[0].clone(); MANY]);
    with("captures", &|module| {
        let mut function = module.functions[0].clone();
        function.captures = vec![false; 1 << 16];
        function.capture_names = vec![String::new(); 1 << 16];
        module.functions.extend(vec![function; MANY >> 16]);
    });
    with("members", &|module| {
        module.globals = vec![Global { name: String::new(), constant: false, import: None }];
        module.constants = vec![Constant::Module { name: String::new(), members: vec![(String::new(), 0); MANY] }];
    });
    with("local names", &|module| {
        let function = &mut module.functions[0];
        function.locals = 1;
        function.local_names = vec![LocalName { local: 0, name: "".into(), start: 0, end: 0 }; MANY];
    });
    with("one region many times", &|module| {
        module.functions[0].handlers = vec![Handler { start: 0, end: 1, target: 1, finally: false }; MANY];
    });
    let mut body = vec![S::PushNull as u8; 248];
    for _ in 0..MANY {
        stack::encode(&mut body, S::PushTrue, &[]);
        stack::encode(&mut body, S::JumpIf, &[0]);
    }
    stack::encode(&mut body, S::Return, &[]);
    all.push(("labels with deep stacks", main_of(body)));
    let mut body = Vec::new();
    let mut handlers = Vec::new();
    for _ in 0..MANY as u32 {
        let start = body.len() as u32;
        body.extend(code(&[(S::PushNull, &[]), (S::Pop, &[])]));
        handlers.push(Handler { start, end: start + 1, target: 2 * MANY as u32 + 1, finally: false });
    }
    body.extend(code(&[(S::PushNull, &[]), (S::Return, &[])]));
    let mut apart = main_of(body);
    apart.functions[0].handlers = handlers;
    all.push(("regions apart", apart));
    let mut body = Vec::new();
    let mut handlers = Vec::new();
    for start in 0..MANY as u32 {
        body.extend(code(&[(S::PushNull, &[]), (S::LocalSet, &[0])]));
        handlers.push(Handler { start: 3 * start, end: 3 * MANY as u32, target: 3 * MANY as u32 + 1, finally: true });
    }
    body.extend(code(&[(S::PushNull, &[]), (S::Return, &[])]));
    handlers.reverse();
    let mut nested = main_of(body);
    nested.functions[0].locals = 1;
    nested.functions[0].handlers = handlers;
    all.push(("nested regions", nested));
    let mut module = small();
    let function = &mut module.functions[0];
    function.code.clear();
    for line in 0..MANY as u32 {
        function.positions.push(function.code.len() as u32, Position { line: line % 2, column: 1, length: 1 });
        function.code.extend(code(&[(S::PushNull, &[]), (S::Pop, &[])]));
    }
    function.code.extend(code(&[(S::PushNull, &[]), (S::Return, &[])]));
    all.push(("positions", module));

    let end = [Word::abc(R::LoadNull, 0, 0, 0).0, Word::abc(R::Ret, 0, 0, 0).0];
    let pool = vec![Pooled::Null; MANY];
    all.push(("pool", registers(RegisterCode { words: end.to_vec(), pool, handlers: Vec::new(), frame: 1 })));
    let mut words = vec![Word::long(R::Jmp, 0).0; MANY];
    words.extend(end);
    all.push(("labels of register code", registers(RegisterCode { words, frame: 250, ..RegisterCode::default() })));
    let handlers = vec![RegisterHandler { start: 0, end: 1, target: 1, register: 0, finally: false }; MANY];
    all.push((
        "one region of register code many times",
        registers(RegisterCode { words: end.to_vec(), handlers, frame: 1, pool: Vec::new() }),
    ));
    let handlers = |start: usize| RegisterHandler {
        start: start as u32,
        end: MANY as u32,
        target: MANY as u32 + 1,
        register: 0,
        finally: true,
    };
    let mut words = vec![end[0]; MANY + 1];
    words.push(end[1]);
    all.push((
        "nested regions of register code",
        registers(RegisterCode {
            words,
            handlers: (0..MANY).rev().map(handlers).collect(),
            frame: 1,
            pool: Vec::new(),
        }),
    ));
    // Each jump goes back to the one before, so that what a pass finds out moves one place.
    let mut words = vec![Word::long(R::Jmp, MANY as u32 / 8).0];
    for register in 0..MANY as u32 / 8 {
        words.push(Word::abc(R::LoadNull, (register % 250) as u8, 0, 0).0);
        words.push(Word::wide(R::JIf, 0, 0).0);
        words.push(Word::long(R::Jmp, (-4i32) as u32).0);
    }
    words.extend(end);
    all.push(("jumps back", registers(RegisterCode { words, frame: 250, ..RegisterCode::default() })));
    all
}

#[test]
fn a_file_takes_memory_in_proportion_to_its_size() {
    let engine = Engine::default();
    let mut random = Random::new(1);
    let mut failures = Vec::new();
    let mut check = |name: &str, octets: &[u8]| {
        let (accepted, peak, took) = cost(&engine, octets);
        if peak > BASE + PER_OCTET * octets.len() || took > PATIENCE {
            failures.push(format!("{name}: {} octets took {peak} octets and {took:?}", octets.len()));
        }
        (accepted, peak, took)
    };
    for (name, module) in full() {
        let octets = file::write(&[(String::new(), module)], false).expect("it fits into a file");
        let (accepted, peak, took) = check(name, &octets);
        shown(&format!(
            "{name}: {} octets, {} for each, {took:?}, accepted: {accepted}",
            octets.len(),
            peak / octets.len()
        ));
    }
    for specimen in specimens(&engine) {
        check(&specimen.name, &specimen.whole);
        // Counts are made larger by damage too.
        for _ in 0..500 {
            let mut damaged = specimen.stripped.clone();
            let at = random.below(damaged.len() as u64 - 17) as usize + 17;
            let end = (at + random.between(1, 4) as usize).min(damaged.len());
            damaged[at..end].fill(*random.of(&[0xff, 0x7f, 0x80]));
            repair(&mut damaged);
            check(&specimen.name, &damaged);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
