//! Assembly: each instruction of both sets has programs that show its meaning, and what the tutorial machine of 2018 got
//! wrong is right.

use iridium::Program;
use iridium_bytecode::VerifiedModule;
use iridium_bytecode::assembly::DIRECTIVES;
use iridium_isa::register::{self, RegisterOp, Word};
use iridium_isa::stack;
use iridium_tests::assembly::check;
use iridium_tests::run::engines;
use iridium_tests::{folder, read, root};
use std::collections::BTreeSet;

/// The instructions that portable code of a program has.
fn portable_instructions(program: &Program, found: &mut BTreeSet<u8>) {
    for function in program.modules().iter().flat_map(|(_, module)| module.functions()) {
        let mut offset = 0;
        while offset < function.code.len() {
            let instruction = stack::decode(&function.code, offset).expect("it is verified");
            found.insert(instruction.op as u8);
            offset = instruction.end;
        }
    }
}

/// The instructions that register code of a program has: as it runs, written or lowered.
fn register_instructions(program: &Program, found: &mut BTreeSet<u8>) {
    let words = |module: &VerifiedModule| {
        let functions = 0..module.functions().len();
        functions.flat_map(|function| module.lowered(function).code.clone()).collect::<Vec<u32>>()
    };
    for word in program.modules().iter().flat_map(|(_, module)| words(module)) {
        found.insert(Word(word).opcode());
    }
}

/// Runs the files of a form, one for each of its instructions, and gives their programs.
fn run_files(form: &str, rows: &[(u8, &'static str)], instructions: fn(&Program, &mut BTreeSet<u8>)) -> Vec<Program> {
    let engines = engines();
    let files = folder().join("instructions").join(form);
    let (mut wrong, mut programs) = (Vec::new(), Vec::new());
    for &(number, mnemonic) in rows {
        let file = files.join(mnemonic).with_extension("iasm");
        let place = format!("instructions/{form}/{mnemonic}.iasm");
        let Ok(text) = std::fs::read_to_string(&file) else {
            wrong.push(format!("{place} is missing: what does `{mnemonic}` do?"));
            continue;
        };
        match check(&place, 1, &text, &engines) {
            Ok(found) => {
                let mut used = BTreeSet::new();
                found.iter().for_each(|program| instructions(program, &mut used));
                if !used.contains(&number) {
                    wrong.push(format!("{place} does not use `{mnemonic}`"));
                }
                programs.extend(found);
            }
            Err(message) => wrong.push(message),
        }
    }
    for entry in std::fs::read_dir(&files).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if !rows.iter().any(|(_, mnemonic)| *mnemonic == name) {
            wrong.push(format!("{} is of no instruction", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n\n"));
    programs
}

fn portable_files() -> Vec<Program> {
    let rows: Vec<(u8, &str)> = stack::ROWS.iter().map(|row| (row.op as u8, row.mnemonic)).collect();
    run_files("portable", &rows, portable_instructions)
}

/// Every portable instruction does what its row says; and every register instruction is one that lowering makes of them.
#[test]
fn portable_instructions_mean_what_they_should() {
    let mut found = BTreeSet::new();
    portable_files().iter().for_each(|program| register_instructions(program, &mut found));
    // Only a function with more than 2^16 constants has it; `long_code.rs` compiles one.
    found.insert(RegisterOp::LoadKWide as u8);
    let never = register::ROWS.iter().filter(|row| !found.contains(&(row.op as u8)));
    let never: Vec<&str> = never.map(|row| row.mnemonic).collect();
    assert_eq!(never, [""; 0], "no file in instructions/portable is lowered to these");
}

#[test]
fn register_instructions_mean_what_they_should() {
    let rows: Vec<(u8, &str)> = register::ROWS.iter().map(|row| (row.op as u8, row.mnemonic)).collect();
    run_files("register", &rows, register_instructions);
}

#[test]
fn the_examples_give_what_they_say() {
    let engines = engines();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("examples/machine")).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let name = path.strip_prefix(root()).expect("it lies in the repository").display().to_string();
        let programs = check(&name, 1, &read(&path), &engines).unwrap_or_else(|message| panic!("{message}"));
        assert_eq!(programs.len(), 1, "{name} is one program, so that it can be run");
        count += 1;
    }
    assert!(count >= 10, "{count} examples");
}

/// What the tutorial machine of 2018 got wrong, and what the same gives here. Where it lost the rest of a text, ran what it
/// had not understood, or fell over, there is an answer or a message that says where.
const FAULTS: &[(&str, &str)] = &[
    (
        "a program with a string constant began in the middle of its code",
        "load $0 native:print\nload $1 \"hello\"\ncall $0 #1\nload $0 #7\nhlt\n; prints: hello\n; => 7",
    ),
    (
        "labels behind data were off by four for each constant",
        ".const \"a\"\n.const \"b\"\nload $0 #1\njeqi $0 #1 #1 @over\nload $0 #2\nover: hlt\n; => 1",
    ),
    (
        "instructions that took fewer octets than they had shifted all that followed",
        "load $1 #5\njeqi $1 #4 #1 @wrong\nlist $0 $1 #1\nhlt\nwrong: hlt\n; => rejected: UnsetRegister",
    ),
    (
        "a jump that was not taken went on inside of itself",
        "load $0 #5\njeqi $0 #4 #1 @four\nload $0 :other\nhlt\nfour: load $0 :four\nhlt\n; => :other",
    ),
    (
        "mnemonics with digits in their names were not known",
        "load $1 \"k\"\nlist $1 $1 #1\niter $1 $1\nnext2 $2 $1 @got\nload $0 null\nhlt\ngot: move $0 $3\nhlt\n; => \"k\"",
    ),
    ("a fraction ended the program", "load $0 #1.5\nload $1 1.5\nadd $0 $0 $1\nhlt\n; => 3.0"),
    (
        "arithmetic of floats could not be written",
        "load $1 0.1\nload $2 0.2\nadd $0 $1 $2\nhlt\n; => 0.30000000000000004",
    ),
    ("floats were equal when they were near", "load $1 1e-17\nload $2 2e-17\neq $0 $1 $2\nhlt\n; => false"),
    ("what stood behind `nop` on the next line was lost", "jmp @next\nnext: load $0 #1\nload $0 #2\nhlt\n; => 2"),
    ("labels could not have an underscore", "load $0 #1\njeqi $0 #1 #1 @the_end\nload $0 #2\nthe_end: hlt\n; => 1"),
    ("a third line of comment ended the text", "; one\n; two\n; three\n\n; four\nload $0 #4 ; five\nhlt\n; => 4"),
    ("the last comment needed a line end", "load $0 #4\nhlt ; the end\n; => 4"),
    ("100000 became 8781984", "load $0 #100000\nhlt\n; => 100000"),
    (
        "the second large number was put together before it was loaded",
        "load $0 #100000\nload $1 #-70000\nadd $0 $0 $1\nhlt\n; => 30000",
    ),
    ("a negative number became 65531", "load $0 #-5\nhlt\n; => -5"),
    ("a shift by 4 was one by 16", "load $0 #1\nload $1 #4\nshl $0 $0 $1\nhlt\n; => 16"),
    ("a shift by 0 was one by 16", "load $0 #1\nload $1 #0\nshl $0 $0 $1\nhlt\n; => 1"),
    ("a label stood for a register", "load $0 #1\nadd $0 @here $0\nhere: hlt\n; => rejected: a register stands here"),
    ("a label that there is not was address 0", "jmp @nowhere\n; => rejected: there is no label `nowhere`"),
    (
        "a mnemonic that there is not was an illegal instruction at run time",
        "load $0 #1\nlaod $0 #2\nhlt\n; => rejected: there is no instruction `laod`",
    ),
    ("a register beyond the last one ended the machine", "load $250 #1\nhlt\n; => rejected: FrameTooLarge"),
    ("`$300` ended the assembler", "load $300 #1\nhlt\n; => rejected: there is no register $300"),
    ("`load $0` ended the assembler", "load $0\nhlt\n; => rejected: `load` does not have 1 operand"),
    ("division by zero ended the machine", "load $1 #1\nload $2 #0\ndiv $0 $1 $2\nhlt\n; => error :arithmetic-error"),
    ("an overflow ended the machine", "load $0 #2147483647\naddi $0 $0 #1\nhlt\n; => 2147483648"),
    ("a text that ended too early was run into what lay behind it", "load $0 #1\n; => rejected: FallsOff"),
    ("memory could not be written", "load $1 #0\nlist $0 $1 #1\nload $2 #7\nsetx $0 $1 $2\nhlt\n; => [7]"),
    (
        "a callee that left something on the stack returned anywhere",
        ".func main stack\npush-func f\ncall 0\nhalt\n.func f stack\npush 1\npush 2\npush 3\nreturn\n; => 3",
    ),
    (
        "taking from an empty stack ended the machine",
        ".func main stack\npop\npush 1\nhalt\n; => rejected: StackUnderflow",
    ),
    (
        "loops could not be nested: there was one counter",
        "load $0 #0\nload $1 #0\na: load $2 #0\nb: addi $0 $0 #1\naddi $2 $2 #1\njlti $2 #3 #1 @b\naddi $1 $1 #1\njlti $1 #4 #1 @a\nhlt\n; => 12",
    ),
    ("a loop ran once more than its count said", "load $0 #0\na: addi $0 $0 #1\njlti $0 #10 #1 @a\nhlt\n; => 10"),
    ("the rest of a division could not be had", "load $1 #17\nmodi $0 $1 #5\nhlt\n; => 2"),
    ("a name that stood twice was taken twice", "a: load $0 #1\na: hlt\n; => rejected: stands here twice"),
    (
        "a directive that there is not was an error without a place",
        ".asciz \"a\"\nhlt\n; => rejected: --> text.iasm:1:1",
    ),
    (
        "recursion was cut short by a stack of fixed size",
        ".func main\nload $0 func:f\nload $1 #100000\ncall $0 #1\nhlt\n.func f\n.params 1\njeqi $0 #0 #1 @done\ncallee $1\nsubi $2 $0 #1\ncall $1 #1\naddi $0 $1 #1\nret $0\ndone: ret $0\n; => 100000",
    ),
];

#[test]
fn the_page_has_a_row_for_each_directive() {
    let page = read(root().join("docs/assembly.md"));
    let rows = page.lines().filter(|line| line.starts_with("| `."));
    let of_row = |row: &str| {
        let cell = row.split('|').nth(1).unwrap_or_default().to_owned();
        cell.split('`')
            .skip(1)
            .step_by(2)
            .filter_map(|code| code.split(' ').next().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let mut documented: Vec<String> = rows.flat_map(of_row).collect();
    let mut known = DIRECTIVES.map(str::to_owned).to_vec();
    documented.sort();
    known.sort();
    assert_eq!(documented, known);
}

#[test]
fn the_faults_of_the_tutorial_machine_are_none_here() {
    let engines = engines();
    let wrong: Vec<String> =
        (FAULTS.iter()).filter_map(|(fault, text)| check(fault, 1, text, &engines).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Code beyond 64 KiB, which its addresses did not reach.
#[test]
fn a_long_program_jumps_over_all_of_it() {
    let mut text = String::from("load $0 #0\njmp @start\nback: hlt\nstart:\n");
    text.push_str(&"addi $0 $0 #1\n".repeat(50_000));
    text.push_str("jmp @back\n; => 50000\n");
    check("long", 1, &text, &engines()).unwrap_or_else(|message| panic!("{message}"));
}
