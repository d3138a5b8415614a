//! Every rule of the verifier: a module that breaks it and is rejected by that name, beside one that keeps it.

use iridium_bytecode::{
    ClassTemplate, CodeBuilder, Constant, Function, Global, Handler, Label, Module, Rule, VerifiedModule,
};
use iridium_isa::stack::{Operand, StackOp};
use std::collections::{HashMap, HashSet};

/// Rules that only a module of gigabytes could break.
const TOO_LARGE_TO_BREAK: [Rule; 5] =
    [Rule::TooManyConstants, Rule::TooManyFunctions, Rule::TooManyGlobals, Rule::CodeTooLong, Rule::JumpTooFar];

/// Code that gives an optional parameter its default.
const OPTIONAL: &str = "arg-missing 0; jump-if-not @given; push 7; local-set 0; given: ; local-get 0; return";

/// Code from text: instructions apart by `;`, labels as `name:` and `@name`, octets as they are after `bytes`.
fn code(text: &str) -> Vec<u8> {
    let mut builder = CodeBuilder::new();
    let mut labels: HashMap<&str, Label> = HashMap::new();
    let mut raw = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        if let Some(name) = part.strip_suffix(':') {
            let label = *labels.entry(name).or_insert_with(|| builder.label());
            builder.bind(label);
            continue;
        }
        let mut words = part.split_whitespace();
        let mnemonic = words.next().expect("a part has words");
        if mnemonic == "bytes" {
            raw = words.map(|octet| u8::from_str_radix(octet, 16).expect("octets are hexadecimal")).collect();
            continue;
        }
        let op = StackOp::from_mnemonic(mnemonic).unwrap_or_else(|| panic!("no instruction {mnemonic}"));
        if op.row().operands == [Operand::Label] {
            let name = words.next().and_then(|word| word.strip_prefix('@')).expect("a jump names a label");
            let label = *labels.entry(name).or_insert_with(|| builder.label());
            builder.jump(op, label);
        } else {
            let operands: Vec<u32> = words.map(|word| word.parse::<i64>().expect("a number") as u32).collect();
            builder.emit(op, &operands);
        }
    }
    let mut code = builder.finish().0;
    code.extend(raw);
    code
}

/// A module with some constants, a global, `main` with this code and two locals, and functions to refer to: 1 captures
/// nothing, 2 a value and a cell, 3 has an optional parameter.
fn module(main: &str) -> Module {
    let function = |name: &str, text: &str| Function { name: name.to_owned(), code: code(text), ..Function::default() };
    let captures = |kinds: &[bool]| (kinds.to_vec(), vec![String::from("x"); kinds.len()]);
    let (kinds, names) = captures(&[false, true]);
    Module {
        source: "test".to_owned(),
        constants: vec![Constant::Atom("a".to_owned()), Constant::Str("s".to_owned()), Constant::Float(0.5)],
        globals: vec![Global { name: "g".to_owned(), constant: false, import: None }],
        classes: vec![ClassTemplate { name: "C".to_owned(), methods: vec!["m".to_owned()] }],
        functions: vec![
            Function { locals: 2, ..function("main", main) },
            function("plain", "push-null; return"),
            Function { captures: kinds, capture_names: names, ..function("closure", "capture-get 0; return") },
            Function { optional: 1, locals: 1, ..function("optional", OPTIONAL) },
        ],
    }
}

/// A module whose function `index` has this code.
fn with_code(index: usize, text: &str) -> Module {
    let mut module = module("push-null; return");
    module.functions[index].code = code(text);
    module
}

/// A module that was changed.
fn changed(change: impl FnOnce(&mut Module)) -> Module {
    let mut module = module("push-null; return");
    change(&mut module);
    module
}

/// A module constant whose member is a global.
fn members(global: u32) -> Constant {
    Constant::Module { name: "M".to_owned(), members: vec![("m".to_owned(), global)] }
}

/// A module whose `main` throws in a region: `push 1` at 0, `throw` at 2, and `return` at 3, where the thrown value is.
fn caught(handler: Handler) -> Module {
    let mut module = module("push 1; throw; return");
    module.functions[0].handlers = vec![handler];
    module
}

fn rejected() -> Vec<(Rule, Module)> {
    let deep = "push-null; ".repeat(260) + &"pop; ".repeat(260) + "push-null; return";
    vec![
        (Rule::NoMain, Module::default()),
        (Rule::NoMain, changed(|module| (module.functions[0].required, module.functions[0].locals) = (1, 1))),
        (Rule::NoMain, changed(|module| module.functions.swap(0, 2))),
        (Rule::BadParameters, changed(|module| module.functions[3].locals = 0)),
        (Rule::BadParameters, changed(|module| module.functions[1].rest = true)),
        (Rule::BadCaptureNames, changed(|module| module.functions[2].capture_names.clear())),
        (Rule::FrameTooLarge, changed(|module| module.functions[0].locals = 251)),
        (Rule::FrameTooLarge, module(&deep)),
        (Rule::UnknownOpcode, module("bytes 00")),
        (Rule::UnknownOpcode, module("push-null; return; bytes ff")),
        (Rule::Truncated, module("bytes 01")),
        (Rule::Truncated, module("push-null; bytes 38 00 00")),
        (Rule::BadOperand, module("bytes 01 80 00 41")),
        (Rule::BadOperand, module("bytes 01 ff ff ff ff 7f 41")),
        (Rule::CountTooLarge, module("push-null; list 251; return")),
        (Rule::CountTooLarge, module("push-null; call 4000000000; return")),
        (Rule::NoSuchConstant, module("push-const 3; return")),
        (Rule::NoSuchConstant, module("push-null; prop-get 3; return")),
        (Rule::NoSuchGlobal, module("global-get 1; return")),
        (Rule::NoSuchGlobal, module("push-null; global-init 99; push-null; return")),
        (Rule::NoSuchFunction, module("push-func 4; return")),
        (Rule::NoSuchFunction, module("closure 4 0; return")),
        (Rule::NoSuchLocal, module("local-get 2; return")),
        (Rule::NoSuchLocal, module("push-null; cell-new 2; push-null; return")),
        (Rule::NoSuchCapture, module("capture-get 0; return")),
        (Rule::NoSuchCapture, with_code(2, "capture-get 2; return")),
        (Rule::NotAnAtom, module("push-null; prop-get 1; return")),
        (Rule::NotAnAtom, module("push-null; push-null; prop-set 2; return")),
        (Rule::NotAName, module("unready 0")),
        (Rule::JumpOutside, module("bytes 38 7f 00 00 00")),
        (Rule::JumpOutside, module("push-null; return; bytes 38 00 00 00 80")),
        (Rule::JumpIntoInstruction, module("bytes 38 01 00 00 00 01 04 41")),
        (Rule::KeepBackward, module("push-null; start: ; jump-if-keep @start; push-null; return")),
        (Rule::DepthDiffers, module("push-true; jump-if @end; push-null; end: ; push-null; return")),
        (Rule::DepthDiffers, module("start: ; push-null; jump @start")),
        (
            Rule::KindDiffers,
            module(
                "push-true; jump-if @a; push-null; iterate; jump @end; a: ; push-null; end: ; pop; push-null; return",
            ),
        ),
        (Rule::KindDiffers, module("push-null; local-set 0; start: ; push-null; cell-new 0; jump @start")),
        (Rule::Unreachable, module("push-null; return; push-null; return")),
        (Rule::FallsOff, module("push-null")),
        (Rule::FallsOff, module("")),
        (Rule::StackUnderflow, module("pop; push-null; return")),
        (Rule::StackUnderflow, module("push-null; add; return")),
        (Rule::StackUnderflow, module("push-null; call 1; return")),
        (Rule::StackUnderflow, module("return")),
        (Rule::NotAValue, module("push-null; cell-new 0; cell-load 0; return")),
        (Rule::NotAValue, module("push-null; cell-new 0; cell-load 0; push 1; add; return")),
        (Rule::NotAValue, module("push-null; iterate; dup; pop; pop; push-null; return")),
        (Rule::NotAnIterator, module("push-null; next @a; pop; push-null; return; a: ; pop; pop; push-null; return")),
        (Rule::IteratorMisplaced, module("push-null; iterate; return")),
        (Rule::IteratorMisplaced, module("push-null; iterate; local-set 0; push-null; return")),
        (Rule::UnsetLocal, module("local-get 0; return")),
        (Rule::UnsetLocal, module("push-true; jump-if @end; push-null; local-set 0; end: ; local-get 0; return")),
        (Rule::NoSuchClass, module("push-null; push-func 1; class 1 1; return")),
        (Rule::NoSuchClass, module("push-null; class 0 0; return")),
        (Rule::NoSuchType, module("push-null; is-type 18; return")),
        (Rule::NoSuchType, module("push-null; is-type 4000000; return")),
        (Rule::NotAReceiver, module("push-null; push-null; call-method 0; return")),
        (Rule::NotAReceiver, module("push-null; method 0; return")),
        (Rule::BadHandler, caught(Handler { start: 0, end: 0, target: 3 })),
        (Rule::BadHandler, caught(Handler { start: 0, end: 3, target: 1 })),
        (Rule::BadHandler, caught(Handler { start: 0, end: 2, target: 99 })),
        (Rule::BadHandler, caught(Handler { start: 1, end: 2, target: 3 })),
        (Rule::BadModuleConstant, changed(|module| module.constants.push(members(1)))),
        (Rule::BadModuleConstant, changed(|module| module.constants.push(members(u32::MAX)))),
        (Rule::LocalIsNoCell, module("push-null; local-set 0; cell-get 0; return")),
        (Rule::LocalIsCell, module("push-null; cell-new 0; local-get 0; return")),
        (Rule::CaptureKind, with_code(2, "capture-get 1; return")),
        (Rule::CaptureKind, with_code(2, "capture-cell-get 0; return")),
        (Rule::CapturesDiffer, module("push-null; closure 2 1; return")),
        (Rule::CapturesDiffer, module("push-null; push-null; closure 2 2; return")),
        (Rule::NeedsCaptures, module("push-func 2; return")),
        (Rule::NotOptional, module("arg-missing 0; return")),
        (Rule::NotOptional, with_code(3, "arg-missing 0; pop; push-null; return")),
        (Rule::NotOptional, module("arg-missing 0; jump-if-not @a; push-null; return; a: ; push-null; return")),
    ]
}

#[test]
fn every_rule_rejects_by_its_name() {
    let mut broken = HashSet::new();
    for (rule, module) in rejected() {
        let text: Vec<_> = module.functions.iter().map(|function| &function.code).collect();
        match VerifiedModule::new(module.clone()) {
            Ok(_) => panic!("{rule:?}: accepted {text:02x?}"),
            Err(rejection) => assert_eq!(rejection.rule, rule, "{rejection}: {text:02x?}"),
        }
        broken.insert(rule);
    }
    let untested: Vec<&Rule> =
        Rule::ALL.iter().filter(|rule| !broken.contains(rule) && !TOO_LARGE_TO_BREAK.contains(rule)).collect();
    assert!(untested.is_empty(), "rules without a module that breaks them: {untested:?}");
}

#[test]
fn modules_that_keep_the_rules_are_accepted() {
    let accepted = [
        module("push 2; push 3; add; halt"),
        module(
            "push-null; local-set 0; start: ; local-get 0; jump-if-not @end; push-true; local-set 0; jump @start; end: ; push-null; return",
        ),
        module("push-null; iterate; jump @test; body: ; pop; test: ; next @body; pop; push-null; return"),
        module("push 1; cell-new 0; push-null; cell-load 0; closure 2 2; return"),
        module("push-true; jump-if-keep @end; push-null; end: ; return"),
        module("push-null; prop-get 0; return"),
        module("unready 1"),
        module("push-null; push-func 1; class 0 1; instance; call 1; pop; method 0; call-method 0; return"),
        module("push-null; is-type 17; pop; push-null; method 0; push 1; call-method 1; return"),
        caught(Handler { start: 0, end: 3, target: 3 }),
        changed(|module| module.constants.push(members(0))),
        with_code(2, "capture-cell-get 1; return"),
        with_code(3, OPTIONAL),
    ];
    for module in accepted {
        let text: Vec<_> = module.functions.iter().map(|function| function.code.clone()).collect();
        let verified = VerifiedModule::new(module);
        assert!(verified.is_ok(), "{}: {text:02x?}", verified.expect_err("it was rejected"));
    }
}

#[test]
fn a_rejection_says_where() {
    let rejection =
        VerifiedModule::new(with_code(1, "push-null; pop; pop; push-null; return")).expect_err("it underflows");
    assert_eq!((rejection.rule, rejection.function, rejection.offset), (Rule::StackUnderflow, Some(1), 2));
    let text = rejection.to_string();
    assert!(text.contains("StackUnderflow") && text.contains("function 1, offset 2"), "{text}");
}
