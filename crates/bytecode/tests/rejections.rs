//! Every rule of the verifier: files that break it, rejected by its name at the right place, beside one that barely keeps
//! it. They are in `rejections/`, by rule; what assembly cannot say is built, below.
//!
//! The first line of a file says what becomes of it: `; rejects: RULE, function N, offset N` (without a function where
//! the rule is about the module), or `; passes`. Where a line ends in `; <-`, the offset is that of its instruction.

use iridium_bytecode::assembly::{Assembled, assemble};
use iridium_bytecode::verify::Scope;
use iridium_bytecode::{Constant, Handler, Module, Pooled, Position, Rejection, Rule, VerifiedModule};
use iridium_isa::MAX_INT_BITS;
use iridium_isa::register::{RegisterOp, Word};
use iridium_isa::stack::StackOp;
use num_bigint::BigInt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Rules about tables of 2^24 entries, which would take a gigabyte; `verify` holds them against numbers alone.
const TOO_LARGE: [Rule; 2] = [Rule::TooManyFunctions, Rule::TooManyGlobals];

/// A form of code, and whether what was tested was rejected.
type Tested = BTreeMap<(String, &'static str, bool), usize>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rejections")
}

/// A rule's name as that of its folder.
fn kebab(rule: Rule) -> String {
    let mut name = String::new();
    for char in format!("{rule:?}").chars() {
        if char.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(char.to_lowercase());
    }
    name
}

/// The forms of code in which a rule can be broken.
fn forms(rule: Rule) -> &'static [&'static str] {
    match rule.scope() {
        Scope::Module => &["module"],
        Scope::Portable => &["portable"],
        Scope::Register => &["register"],
        Scope::Both => &["portable", "register"],
    }
}

/// What the verifier says, in the words of a first line.
fn verdict(module: Module) -> String {
    match VerifiedModule::new(module) {
        Ok(_) => "; passes".to_owned(),
        Err(Rejection { rule, function: Some(function), offset }) => {
            format!("; rejects: {rule:?}, function {function}, offset {offset}")
        }
        Err(Rejection { rule, .. }) => format!("; rejects: {rule:?}"),
    }
}

/// The offset of the instruction whose line ends in `; <-`.
fn marked(text: &str, assembled: &Assembled) -> Option<u32> {
    let line = text.find("; <-")?;
    let function = assembled.origins[0].iter().flatten().filter(|(_, span)| span.end <= line);
    function.max_by_key(|(_, span)| span.end).map(|(offset, _)| *offset)
}

/// Runs the files of a rule; gives what is wrong, and counts what is not.
fn run_files(rule: Rule, tested: &mut Tested) -> Vec<String> {
    let name = kebab(rule);
    let mut wrong = Vec::new();
    let Ok(files) = std::fs::read_dir(folder().join(&name)) else { return wrong };
    for file in files {
        let path = file.expect("the folder can be read").path();
        let title = format!("{name}/{}", path.file_stem().unwrap_or_default().display());
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let expected = text.lines().next().unwrap_or_default();
        let assembled = match assemble(&text, &title) {
            Ok(assembled) => assembled,
            Err(errors) => {
                wrong.push(format!("{title}: {errors:?}"));
                continue;
            }
        };
        let module = assembled.program[0].1.clone();
        let is_register = module.functions.last().is_some_and(|function| function.registers.is_some());
        let form = match rule.scope() {
            Scope::Module => "module",
            _ if is_register => "register",
            _ => "portable",
        };
        let actual = verdict(module);
        if actual != expected {
            wrong.push(format!("{title}\t{actual}\t(expected {expected})"));
        }
        if let Some(offset) = marked(&text, &assembled)
            && !expected.ends_with(&format!("offset {offset}"))
        {
            wrong.push(format!("{title}: the marked line is at offset {offset}"));
        }
        let passes = expected == "; passes";
        if !passes && !expected.starts_with(&format!("; rejects: {rule:?}")) {
            wrong.push(format!("{title}: its first line is about another rule"));
        }
        *tested.entry((name.clone(), form, passes)).or_default() += 1;
    }
    wrong
}

/// The module that a text is.
fn assembled(text: &str) -> Module {
    let mut program = assemble(text, "built").unwrap_or_else(|errors| panic!("{text}: {errors:?}")).program;
    program.remove(0).1
}

/// A way to make a module that is changed after it was assembled.
fn changed(text: &str, change: impl Fn(&mut Module) + 'static) -> Box<dyn Fn() -> Module> {
    let module = assembled(text);
    Box::new(move || {
        let mut module = module.clone();
        change(&mut module);
        module
    })
}

/// A rule, what is special, what becomes of it, and how it is made.
type Built = (Rule, &'static str, String, Box<dyn Fn() -> Module>);

const MAIN: &str = ".func main stack\npush-null\nhalt\n";
const REGISTERS: &str = ".func main\nloadnull $0\nhlt\n";
const CAPTURES: &str = ".func main stack\npush-null\nhalt\n.func f stack\n.capture a\npush-null\nreturn\n";

/// The first line of a file that is rejected for a rule in a function.
fn rejects(rule: Rule, function: u32, offset: usize) -> String {
    format!("; rejects: {rule:?}, function {function}, offset {offset}")
}

fn passes() -> String {
    "; passes".to_owned()
}

/// Modules that the assembler does not make of any text.
fn unwritable() -> Vec<Built> {
    let captures = |names: usize, count: usize| {
        changed(CAPTURES, move |module| {
            module.functions[1].capture_names = vec![String::new(); names];
            module.functions[1].captures = vec![false; count];
        })
    };
    let members = |global: u32| {
        let linked = Constant::Module { name: "M".to_owned(), members: vec![("m".to_owned(), global)] };
        changed(&format!(".global g\n{MAIN}"), move |module| module.constants.push(linked.clone()))
    };
    let int = |value: BigInt| changed(MAIN, move |module| module.constants.push(Constant::Int(value.clone())));
    let pooled = |pooled: Pooled| {
        changed(REGISTERS, move |module| {
            module.functions[0].registers.as_mut().expect("register code").pool.push(pooled);
        })
    };
    let position = |text: &str, offset: u32| {
        changed(text, move |module| {
            module.functions[0].positions.push(offset, Position { line: 1, column: 1, length: 1 });
        })
    };
    let pushes = ".func main stack\npush 1\nhalt\n";
    let global = ".global g\n.func main\ngetg $0 g\nhlt\n";
    vec![
        // The assembler names a capture for each that it makes, and holds members against the globals.
        (Rule::BadCaptureNames, "one", rejects(Rule::BadCaptureNames, 1, 0), captures(0, 1)),
        (Rule::BadCaptureNames, "two", rejects(Rule::BadCaptureNames, 1, 0), captures(65537, 65537)),
        (Rule::BadCaptureNames, "near miss", passes(), captures(65536, 65536)),
        (Rule::IntTooLarge, "one", "; rejects: IntTooLarge".to_owned(), int(BigInt::from(1) << MAX_INT_BITS)),
        (Rule::IntTooLarge, "two", "; rejects: IntTooLarge".to_owned(), int(-(BigInt::from(1) << (8 * MAX_INT_BITS)))),
        (Rule::IntTooLarge, "near miss", passes(), int((BigInt::from(1) << MAX_INT_BITS) - 1)),
        (Rule::BadModuleConstant, "one", "; rejects: BadModuleConstant".to_owned(), members(1)),
        (Rule::BadModuleConstant, "two", "; rejects: BadModuleConstant".to_owned(), members(u32::MAX)),
        (Rule::BadModuleConstant, "near miss", passes(), members(0)),
        // A function of the assembler has one form.
        (
            Rule::TwoForms,
            "code",
            rejects(Rule::TwoForms, 0, 0),
            changed(REGISTERS, |module| module.functions[0].code.push(StackOp::Halt as u8)),
        ),
        (
            Rule::TwoForms,
            "handlers",
            rejects(Rule::TwoForms, 0, 0),
            changed(REGISTERS, |module| {
                module.functions[0].handlers.push(Handler { start: 0, end: 1, target: 1, finally: false })
            }),
        ),
        (Rule::TwoForms, "near miss", passes(), changed(REGISTERS, |_| {})),
        // It names functions and constants that are there.
        (Rule::NoSuchFunction, "pool", rejects(Rule::NoSuchFunction, 0, 0), pooled(Pooled::Func(1))),
        (Rule::NoSuchFunction, "pool near miss", passes(), pooled(Pooled::Func(0))),
        (Rule::NoSuchConstant, "pool", rejects(Rule::NoSuchConstant, 0, 0), pooled(Pooled::Const(0))),
        // Its positions are those of instructions.
        (Rule::BadDebugTable, "position", rejects(Rule::BadDebugTable, 0, 1), position(pushes, 1)),
        (Rule::BadDebugTable, "position at the end", rejects(Rule::BadDebugTable, 0, 3), position(pushes, 3)),
        (Rule::BadDebugTable, "position near miss", passes(), position(pushes, 2)),
        (Rule::BadDebugTable, "position of a word", rejects(Rule::BadDebugTable, 0, 1), position(global, 1)),
        (Rule::BadDebugTable, "position of a word, near miss", passes(), position(global, 2)),
    ]
}

/// Modules of register code whose jumps are in the wrong order: each pass over them finds the way to one more.
fn tangled() -> Vec<Built> {
    let twisted = |functions: usize, blocks: usize| {
        changed(REGISTERS, move |module| {
            let back = Word::long(RegisterOp::Jmp, -2i32 as u32).0;
            let mut words = vec![Word::long(RegisterOp::Jmp, blocks as u32).0];
            words.extend([Word::abc(RegisterOp::LoadNull, 0, 0, 0).0, Word::abc(RegisterOp::Ret, 0, 0, 0).0]);
            words.extend(std::iter::repeat_n(back, blocks - 1));
            // The first of them goes to `loadnull`.
            words[3] = Word::long(RegisterOp::Jmp, -3i32 as u32).0;
            let mut function = module.functions[0].clone();
            function.registers.as_mut().expect("register code").words = words;
            module.functions.resize(1 + functions, function);
        })
    };
    // As many looks as the rule allows; where they end, when each pass takes as many as there are words.
    let looks = |words: usize| (1 << 22) + 16 * words;
    // Four functions take 1001 passes each.
    let left = looks(9 * 1002 + 2) - 2 - 4 * 1001 * 1002;
    vec![
        (Rule::TooTangled, "one", rejects(Rule::TooTangled, 1, (looks(3002 + 2) - 2) % 3002), twisted(1, 3000)),
        (Rule::TooTangled, "functions", rejects(Rule::TooTangled, 5, left % 1002), twisted(9, 1000)),
        (Rule::TooTangled, "near miss", passes(), twisted(3, 1000)),
    ]
}

/// Modules with large tables.
fn large() -> Vec<Built> {
    let pool = |constants: usize, text: &str| {
        changed(text, move |module| {
            module.functions[0].registers.as_mut().expect("register code").pool.resize(constants, Pooled::Null);
        })
    };
    let cached = ".func main\n.pool :a\nloadnull $0\ngetp $0 $0 #0\nhlt\n";
    vec![
        (Rule::TooManyConstants, "pool", rejects(Rule::TooManyConstants, 0, 0), pool((1 << 24) + 1, REGISTERS)),
        (Rule::TooManyConstants, "cache", rejects(Rule::TooManyConstants, 0, 0), pool((1 << 24) - 1, cached)),
        (Rule::TooManyConstants, "near miss", passes(), pool((1 << 24) - 2, cached)),
        (
            Rule::CodeTooLong,
            "one",
            rejects(Rule::CodeTooLong, 0, 0),
            changed(MAIN, |module| module.functions[0].code = vec![0; 1 << 31]),
        ),
        (
            Rule::CodeTooLong,
            "two",
            rejects(Rule::CodeTooLong, 1, 0),
            changed(CAPTURES, |module| module.functions[1].code = vec![0; (1 << 31) + 1]),
        ),
        // Its first octet is no instruction, so that the others need not be looked at.
        (
            Rule::CodeTooLong,
            "near miss",
            rejects(Rule::UnknownOpcode, 0, 0),
            changed(MAIN, |module| module.functions[0].code = vec![0; (1 << 31) - 1]),
        ),
    ]
}

/// Modules with so much portable code that its jumps are as long as words of register code allow, and longer, or its
/// inline caches too many.
fn long() -> Vec<Built> {
    // Two constants, and an inline cache of two words for each property.
    let properties = |count: usize| {
        changed(".func main stack\npush-null\nprop-get :a\nprop-get :b\nhalt\n", move |module| {
            let code = &mut module.functions[0].code;
            let halt = code.len() - 1;
            code.splice(halt..halt, [StackOp::PropGet as u8, 1].repeat(count - 2));
        })
    };
    // `push-null; jump-if @test; push-null; not…; pop; l: push-null; not…; pop; test: push-null; jump-if @l`, where a
    // `push-null`, a `not` and a `jmp` are a word each, and so is the test before a `jmp`. The jump forward is as long as
    // all `not` and two words more, the one back as those behind `l` and four.
    let far = |before: usize, behind: usize| {
        changed(MAIN, move |module| {
            let mut code = Vec::new();
            let jump_if = |code: &mut Vec<u8>, distance: i64| {
                code.extend([StackOp::PushNull as u8, StackOp::JumpIf as u8]);
                code.extend((distance as i32).to_le_bytes());
            };
            jump_if(&mut code, (before + behind + 4) as i64);
            for count in [before, behind] {
                code.push(StackOp::PushNull as u8);
                code.resize(code.len() + count, StackOp::Not as u8);
                code.push(StackOp::Pop as u8);
            }
            jump_if(&mut code, -(behind as i64 + 8));
            code.extend([StackOp::PushNull as u8, StackOp::Halt as u8]);
            module.functions[0].code = code;
        })
    };
    let back = (1 << 23) - 4;
    vec![
        (Rule::JumpTooFar, "forward", rejects(Rule::JumpTooFar, 0, 1), far(2, back)),
        (Rule::JumpTooFar, "back", rejects(Rule::JumpTooFar, 0, 11 + back + 1), far(0, back + 1)),
        (Rule::JumpTooFar, "near miss", passes(), far(1, back)),
        (
            Rule::TooManyConstants,
            "properties",
            rejects(Rule::TooManyConstants, 0, 2 + 2 * (1 << 23)),
            properties(1 << 23),
        ),
    ]
}

/// Modules with as many labels as may be known at the same time, and with more.
fn labelled() -> Vec<Built> {
    // With so many registers, or locals, so many labels are the most.
    const WIDTH: u8 = 128;
    const MOST: usize = (1 << 26) / WIDTH as usize;
    let labels = |count: usize| {
        changed(".func main\njmp @l\nl: loadnull $0\nhlt\n", move |module| {
            let code = module.functions[0].registers.as_mut().expect("register code");
            code.words.splice(1..1, std::iter::repeat_n(Word::long(RegisterOp::Jmp, 0).0, count - 1));
            code.frame = WIDTH;
        })
    };
    // Places that are known of before control comes there: each jump of a round's first half names one of its second.
    let awaited = |count: usize, rounds: usize| {
        changed(MAIN, move |module| {
            let function = &mut module.functions[0];
            function.code.clear();
            for _ in 0..rounds {
                for index in 0..count {
                    function.code.extend([StackOp::PushNull as u8, StackOp::JumpIf as u8]);
                    function.code.extend((((count - index - 1) * 6 + index * 2) as u32).to_le_bytes());
                }
                function.code.extend([StackOp::PushNull as u8, StackOp::Pop as u8].repeat(count));
            }
            function.code.extend([StackOp::PushNull as u8, StackOp::Halt as u8]);
            function.locals = WIDTH;
        })
    };
    // Regions of two instructions each, one behind the other, or all around the last one.
    let regions = |count: usize, nested: bool| {
        changed(MAIN, move |module| {
            let function = &mut module.functions[0];
            function.code = [StackOp::PushNull as u8, StackOp::Pop as u8].repeat(count);
            let target = function.code.len() as u32 + 1;
            function.code.extend([StackOp::PushNull as u8, StackOp::Halt as u8]);
            let region = |index: usize| {
                let start = 2 * index as u32;
                Handler { start, end: if nested { target - 1 } else { start + 2 }, target, finally: false }
            };
            function.handlers = (0..count).rev().map(region).collect();
            function.locals = WIDTH;
        })
    };
    let too_many = |offset: usize| rejects(Rule::TooManyLabels, 0, offset);
    vec![
        (Rule::TooManyLabels, "register", too_many(0), labels(MOST + 1)),
        (Rule::TooManyLabels, "register near miss", passes(), labels(MOST)),
        (Rule::TooManyLabels, "awaited", too_many(6 * MOST + 1), awaited(MOST + 1, 1)),
        // What is known of the first ones is forgotten when control came there.
        (Rule::TooManyLabels, "awaited near miss", passes(), awaited(MOST, 2)),
        // At the regions' target there is one operand, besides.
        (Rule::TooManyLabels, "nested regions", too_many(2 * (MOST - 2)), regions(MOST, true)),
        (Rule::TooManyLabels, "regions near miss", passes(), regions(MOST, false)),
    ]
}

/// Holds what the verifier says of modules against what is expected.
fn judge(built: Vec<Built>) {
    let mut wrong = Vec::new();
    for (rule, what, expected, module) in built {
        let actual = verdict(module());
        if actual != expected {
            wrong.push(format!("{rule:?}, {what}: {actual} (expected {expected})"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_the_assembler_does_not_make_is_judged() {
    judge(unwritable());
}

#[test]
fn what_has_large_tables_is_judged() {
    judge(large());
}

#[test]
fn what_is_built_of_tangled_jumps_is_judged() {
    judge(tangled());
}

#[test]
fn what_is_built_of_long_code_is_judged() {
    judge(long());
}

#[test]
fn what_is_built_of_many_labels_is_judged() {
    judge(labelled());
}

#[test]
fn every_rule_rejects_by_its_name() {
    let mut tested = Tested::new();
    let mut wrong: Vec<String> = Rule::ALL.iter().flat_map(|&rule| run_files(rule, &mut tested)).collect();
    let built = [unwritable(), large(), tangled(), long(), labelled()];
    for (rule, _, expected, _) in built.into_iter().flatten() {
        let passes = !expected.starts_with(&format!("; rejects: {rule:?}"));
        *tested.entry((kebab(rule), forms(rule)[0], passes)).or_default() += 1;
    }
    for &rule in Rule::ALL.iter().filter(|rule| !TOO_LARGE.contains(rule)) {
        for &form in forms(rule) {
            let count = |passes| tested.get(&(kebab(rule), form, passes)).copied().unwrap_or_default();
            if count(false) < 2 || count(true) < 1 {
                wrong.push(format!(
                    "{rule:?}: two files of {form} code that break it, and one that does not, are missing"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_a_rules() {
    let names: Vec<String> = Rule::ALL.iter().map(|&rule| kebab(rule)).collect();
    for folder in std::fs::read_dir(folder()).expect("the folder can be read") {
        let name = folder.expect("the folder can be read").file_name();
        assert!(names.iter().any(|known| name == known.as_str()), "there is no rule {}", name.display());
    }
}

#[test]
fn a_rejection_says_where() {
    let text = ".func main stack\npush-null\npop\npop\npush-null\nreturn\n";
    let rejection = VerifiedModule::new(assembled(text)).expect_err("it underflows");
    assert_eq!((rejection.rule, rejection.function, rejection.offset), (Rule::StackUnderflow, Some(0), 2));
    let text = rejection.to_string();
    assert!(text.contains("StackUnderflow") && text.contains("function 0, offset 2"), "{text}");
}
