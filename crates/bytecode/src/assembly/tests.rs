//! Texts that are assembled, and what is said about those that cannot be.

use super::*;
use crate::module::{Constant, Module, Pooled};
use iridium_isa::register::{self, RegisterOp, Word};
use iridium_isa::stack;

fn module(text: &str) -> Module {
    let assembled = assemble(text, "test").unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"));
    let [(id, module)] = <[_; 1]>::try_from(assembled.program).expect("one module");
    assert_eq!(id, "test");
    module
}

fn errors(text: &str) -> Vec<String> {
    let errors = assemble(text, "test").expect_err(text);
    let show = |error: &AssemblyError| match &error.help {
        Some(help) => format!("{}: {} ({help})", &text[error.span.clone()], error.message),
        None => format!("{}: {}", &text[error.span.clone()], error.message),
    };
    errors.iter().map(show).collect()
}

fn words(text: &str) -> Vec<u32> {
    module(text).functions.remove(0).registers.expect("register code").words
}

#[test]
fn the_smallest_programs() {
    let module = module(".func main stack\npush 2, \n PUSH #3 ; three\nadd\nhalt");
    assert_eq!(module.functions[0].code, [1, 4, 1, 6, 32, 66]);
    assert_eq!(words("LOAD $0 #500\nHLT"), [0x0100_01F4, 0x0600_0000]);
}

#[test]
fn what_an_instruction_cannot_hold_becomes_a_constant() {
    let text = "load $0 #100000\nload $1 1.5\nload $2 \"a;b\"\nload $0 null\nload $1 true\nload $3 #100000\nhlt";
    let module = module(text);
    let code = module.functions[0].registers.as_ref().unwrap();
    assert_eq!(code.pool, [Pooled::Int(100_000), Pooled::Const(0), Pooled::Const(1)]);
    assert_eq!(module.constants, [Constant::Float(1.5), Constant::Str("a;b".into())]);
    assert_eq!(code.words[5], Word::wide(RegisterOp::LoadK, 3, 0).0);
    assert_eq!(code.frame, 4);
    let module = self::module(".func main stack\npush 5000000000\npush :a\npush null\nhalt");
    assert_eq!(module.constants, [Constant::Int(5_000_000_000_i64.into()), Constant::Atom("a".into())]);
}

#[test]
fn labels_are_distances() {
    assert_eq!(words("here: jmp @here\njmp @there\nthere: hlt")[..2], [0x07ff_ffff, 0x0700_0000]);
    assert_eq!(words("a: jlti $0 #1 #1 @a\nhlt")[1], 0x07ff_fffe);
    let module = module(".func main stack\nx: jump @x");
    assert_eq!(module.functions[0].code, [56, 0xfb, 0xff, 0xff, 0xff]);
}

/// Every instruction of both sets can be written, with every operand at its edges.
#[test]
fn every_row_is_written_and_read() {
    let head = ".const :a\n.const \"s\"\n.global g\n.class C m\n";
    for row in stack::ROWS {
        for edge in [0_i64, 1, 2] {
            let operands = row.operands.iter().map(|operand| match operand {
                stack::Operand::Int => [i64::from(i32::MIN), -1, i64::from(i32::MAX)][edge as usize].to_string(),
                stack::Operand::Const => [0, 1, u32::MAX][edge as usize].to_string(),
                stack::Operand::Global | stack::Operand::Func | stack::Operand::Class => "0".to_owned(),
                stack::Operand::Label => "@here".to_owned(),
                _ => [0, 127, 200][edge as usize].to_string(),
            });
            let text =
                format!("{head}.func f stack\nhere: {} {}", row.mnemonic, operands.collect::<Vec<_>>().join(" "));
            let module = module(&text);
            let decoded = stack::decode(&module.functions[0].code, 0).expect(&text);
            assert_eq!((decoded.op, decoded.end), (row.op, module.functions[0].code.len()), "{text}");
            let written: Vec<String> = row
                .operands
                .iter()
                .zip(decoded.operands)
                .map(|(operand, value)| match operand {
                    stack::Operand::Int => (value as i32).to_string(),
                    stack::Operand::Label => format!("@{}", if decoded.target() == Some(0) { "here" } else { "?" }),
                    _ => value.to_string(),
                })
                .collect();
            assert!(text.ends_with(&format!("{} {}", row.mnemonic, written.join(" "))), "{text} {written:?}");
        }
    }
    for row in register::ROWS.iter().filter(|row| row.op != RegisterOp::Ext) {
        for edge in 0..2 {
            let value = |operand: &register::Operand| {
                let range = register::range(*operand);
                [*range.start(), *range.end()][edge]
            };
            let written = row.operands.iter().chain(row.extensions).filter_map(|operand| match operand {
                register::Operand::G16 => None,
                register::Operand::Off24 => Some("@here".to_owned()),
                register::Operand::C24 | register::Operand::G24 => Some("0".to_owned()),
                operand if operand.is_register() => Some(format!("${}", value(operand))),
                operand => Some(format!("#{}", value(operand))),
            });
            let text = format!("{head}.func f\nhere: {} {}", row.mnemonic, written.collect::<Vec<_>>().join(" "));
            let code = module(&text).functions.remove(0).registers.unwrap().words;
            assert_eq!(code.len(), row.words(), "{text}");
            let expected: Vec<i64> = row
                .operands
                .iter()
                .map(|operand| match operand {
                    register::Operand::G16 => 0,
                    register::Operand::Off24 => -1,
                    operand => value(operand),
                })
                .collect();
            let read: Vec<i64> = register::operands(Word(code[0]), row).map(|(_, value)| value).collect();
            assert_eq!((Word(code[0]).opcode(), read), (row.op as u8, expected), "{text}");
        }
    }
}

#[test]
fn errors_say_where_and_what_to_do() {
    for (text, expected) in [
        (
            "",
            ": there is no instruction in this text (a program of register code ends in `hlt`, one of portable code in `halt`)",
        ),
        ("lod $0 #1", "lod: there is no instruction `lod` in register code (did you mean `load`?)"),
        (
            "local-get 0",
            "local-get: there is no instruction `local-get` in register code (`local-get` is portable code: begin it with `.func main stack`)",
        ),
        (
            ".func f stack\nloadk $0 #1",
            "loadk: there is no instruction `loadk` in portable code (`loadk` is register code: leave the `stack` of `.func` away)",
        ),
        ("load $256 #1", "$256: there is no register $256: they are `$0` to `$255`"),
        ("load 0 #1", "0: a register stands here, `$0` to `$255`"),
        (
            "addi $0 $0 #128",
            "#128: this operand is from -128 to 127 (`load` the number into a register, and use the instruction for registers)",
        ),
        ("add $0 $1", "add $0 $1: `add` does not have 2 operands (it is written `add $REGISTER $REGISTER $REGISTER`)"),
        ("hlt $0", "hlt $0: `hlt` does not have 1 operand (it is written `hlt`)"),
        ("jmp @lop\nloop: hlt", "@lop: there is no label `lop` in this function (did you mean `@loop`?)"),
        (
            "a: hlt\na: hlt",
            "a:: the label `a` stands here twice (labels belong to their function; another function may use the same ones)",
        ),
        (
            "load $0 \"abc",
            "\"abc: a quoted text ends on its line (close it with `\"`; a line break inside it is written `\\n`)",
        ),
        ("load $0 \"\\q\"", "\\q: there is no such escape (the escapes are \\n \\t \\r \\0 \\\\ \\\" \\u{…})"),
        (
            ".locals 3\nhlt",
            ".locals 3: a function of register code has no locals (`.registers N` says how many registers it has; `.func NAME stack` begins portable code)",
        ),
        (".fnc main", ".fnc: there is no directive `.fnc` (did you mean `.func`?)"),
        (
            ".data\nhlt",
            ".data: there are no sections: `.data` (constants are written with `.const`, or stand in the instructions that use them)",
        ),
        ("getg $0 cout\n.global count", "cout: there is no global `cout` (did you mean `count`?)"),
        (
            ".global a\n.global a\ngetg $0 a",
            "a: several globals have the name `a` (write the index of the one that you mean)",
        ),
        (".func f stack\nis-type in", "in: there is no built-in type `in` (did you mean `int`?)"),
        (
            "load $0 what",
            "what: a constant stands here (its index, or the constant: `\"text\"`, `#b\"octets\"`, `:atom`, `1.5`, `int:5`, `native:print`, `import:prelude.map`)",
        ),
        (
            "ext #1",
            "ext: `ext` is a part of the instruction before (write all operands of that instruction on its line)",
        ),
        (
            ".const",
            ".const: `.const` is written `.const CONSTANT` (a constant is an int, a float, `\"text\"`, `#b\"octets\"`, `:atom`, `native:print`, `import:prelude.map`)",
        ),
    ] {
        assert_eq!(errors(text), [expected], "{text}");
    }
}

#[test]
fn several_errors_are_told_in_one_run_and_not_too_many() {
    assert_eq!(errors("a\nb\nc d").len(), 3);
    assert_eq!(errors(&"a\n".repeat(10_000)).len(), MAX_ERRORS);
}

#[test]
fn a_word_of_any_length_is_told_in_few() {
    let message = errors(&"é".repeat(1_000_000)).remove(0);
    let (_, message) = message.rsplit_once("é: ").expect("the place comes first");
    assert!(
        message.starts_with("there is no instruction `ééé") && message.ends_with("` in register code"),
        "{message}"
    );
    assert!(message.len() < 300, "{message}");
}

/// Whatever stands in a text, an answer comes.
#[test]
fn any_line_has_an_answer() {
    let pieces = [
        "load", "$0", "#1", "@x", "x:", ".func", "f", "stack", "\"", "\\", ":", "::", "#b\"", ";", "é", "native:",
        "int:", ".const", "module", "1e", "-", ".params", "rest", ".handler",
    ];
    let mut state = 1u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..6 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            text.push(if state >> 60 == 0 { '\n' } else { ' ' });
        }
        drop(assemble(&text, "test"));
    }
}
