//! The tail-threaded dispatcher in the release build, as a disassembler sees it: each handler ends in a jump to the
//! next one.
//!
//! Nothing in Rust promises that a call in tail position becomes a jump. If one does not, every instruction takes host
//! stack; so the machine code is looked at. (`torture.rs` runs long loops on a small stack besides.)

#![cfg(all(target_arch = "x86_64", not(feature = "safe-dispatch")))]

use iridium_isa::register::ROWS;
use iridium_tests::binary::iridium_release;
use iridium_tests::disassembly::{Functions, parse, violations};
use iridium_tests::{folder, read, tools};
use std::process::Command;

/// Where the handlers are, each named as its opcode.
const HANDLERS: &str = "iridium_vm::dispatch::tail::handlers::";

/// What handlers jump to for the less common cases; it goes on to the next handler as they do.
const RARE_HANDLERS: &str = "iridium_vm::dispatch::tail::rare_handler";

/// What handlers jump to when the fast path does not do; it goes on to the next handler too.
const SLOW_HANDLERS: &str = "iridium_vm::dispatch::tail::slow_handler";

/// The functions of the release build whose names begin like this.
fn functions(start: &str) -> Option<Functions> {
    let objdump = tools::tool("objdump", &["--version"])?;
    let output = Command::new(objdump)
        .args(["--disassemble", "--demangle", "--no-show-raw-insn"])
        .arg(iridium_release())
        .output()
        .expect("objdump starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut functions = parse(&String::from_utf8_lossy(&output.stdout));
    functions.retain(|name, _| name.starts_with(start));
    Some(functions)
}

fn check(functions: &Functions) {
    let list = read(folder().join("handlers/allowed-calls.txt"));
    let allowed: Vec<&str> = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let found = violations(functions, &allowed);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn handlers_end_in_jumps() {
    let Some(handlers) = functions(HANDLERS) else { return };
    let mut names: Vec<String> = handlers.keys().map(|name| name.replace(HANDLERS, "")).collect();
    let mut rows: Vec<String> = ROWS.iter().map(|row| format!("{:?}", row.op)).collect();
    names.sort();
    rows.sort();
    assert_eq!(names, rows, "there is a handler for each row of the instruction table");
    let calls = handlers.values().flatten().flatten().count();
    assert_eq!(calls, 0, "handlers call nothing; {handlers:#?}");
}

#[test]
fn rare_paths_end_in_jumps_too() {
    let Some(rare) = functions(RARE_HANDLERS) else { return };
    let copies: usize = rare.values().map(Vec::len).sum();
    assert!(copies > 5, "{copies} rare handlers: are they still called {RARE_HANDLERS}?");
    let calls = rare.values().flatten().flatten().count();
    assert_eq!(calls, 0, "rare handlers call nothing; {rare:#?}");
}

#[test]
fn slow_paths_end_in_jumps_too() {
    let Some(slow) = functions(SLOW_HANDLERS) else { return };
    let copies: usize = slow.values().map(Vec::len).sum();
    assert!(copies > 10, "{copies} slow handlers: are they still called {SLOW_HANDLERS}?");
    let calls = slow.values().flatten().flatten().count();
    assert!(calls > 0, "a slow handler calls its slow path: is the disassembly read rightly?");
    check(&slow);
}
