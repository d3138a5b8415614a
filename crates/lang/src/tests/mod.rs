//! Tests of the whole crate: source in, code or messages out.

mod checker;
mod code;
mod machine;
mod messages;
mod modules;
mod reading;
mod receive;
mod robust;
mod scopes;

use crate::{Compiled, Environment, Mode, Source, compile};
use iridium_bytecode::Module;

/// An environment like the real one, for what the tests use.
fn environment() -> Environment {
    let mut environment = Environment::new();
    let natives: &[(&str, u8, Option<u8>)] = &[
        ("print", 0, None),
        ("str", 0, None),
        ("repr", 1, Some(1)),
        ("type", 1, Some(1)),
        ("len", 1, Some(1)),
        ("get", 2, Some(3)),
        ("put", 3, Some(3)),
        ("push", 2, Some(2)),
        ("square", 1, Some(1)),
        ("error", 1, Some(3)),
        ("range", 1, Some(3)),
        ("list", 1, Some(1)),
        ("not", 1, Some(1)),
        ("String.split", 1, Some(2)),
        ("String.join", 2, Some(2)),
        ("String.upper", 1, Some(1)),
    ];
    for (name, least, most) in natives {
        environment.add_native(name, *least, *most);
    }
    for name in crate::OPERATORS {
        environment.add_native(name, 0, None);
    }
    environment.add_value("Math.pi");
    let prelude = [
        "write",
        "read-line",
        "is?",
        "int",
        "float",
        "parse-number",
        "has?",
        "remove",
        "pop",
        "insert",
        "slice",
        "concat",
        "reverse",
        "sort",
        "keys",
        "values",
        "entries",
        "tuple",
        "copy",
        "contains?",
        "index-of",
        "fill",
        "map",
        "filter",
        "reduce",
        "any?",
        "all?",
        "find",
        "zip",
        "enumerate",
        "apply",
        "abs",
        "min",
        "max",
        "sum",
        "round",
        "floor",
        "ceil",
        "sqrt",
        "assert",
        "same?",
        "hash",
        "spawn",
        "self",
        "send",
        "send-after",
        "register",
        "unregister",
        "cancel-timer",
        "trap-exit",
        "freeze",
        "exit",
        "Server",
        "Task",
        "spawn-link",
        "spawn-monitor",
        "link",
        "monitor",
        "whereis",
        "processes",
    ];
    for name in prelude {
        environment.add_import(name, "prelude");
    }
    environment.add_imported_global("Error", "prelude");
    environment
}

fn compile_text(text: &str) -> Compiled {
    let compiled = compile(&Source::new("t.eva", text), &environment(), Mode::File);
    if let Some(module) = &compiled.module {
        if let Err(error) = checker::check(module) {
            panic!("{text}\n{error}");
        }
        if let Err(rejection) = iridium_bytecode::VerifiedModule::new(module.clone()) {
            panic!("{text}\nrejected: {rejection:?}\n{}", disassemble_all(module));
        }
    }
    compiled
}

fn disassemble_all(module: &Module) -> String {
    module
        .functions
        .iter()
        .map(|function| format!("fn {}\n{}", function.name, checker::disassemble(module, function)))
        .collect()
}

/// The module of a text that is right.
fn module(text: &str) -> Module {
    let compiled = compile_text(text);
    match compiled.module {
        Some(module) => module,
        None => panic!("{:.400}\n{}", text, crate::render(&compiled.diagnostics, &Source::new("t.eva", text), false)),
    }
}

/// The codes of the messages about a text.
fn codes(text: &str) -> Vec<&'static str> {
    compile_text(text).diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}
