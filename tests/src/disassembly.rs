//! Reading what `objdump -d` prints: functions by name, and the calls in each.

use std::collections::BTreeMap;

/// A call instruction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// To a function by name.
    Direct(String),
    /// Through a register or memory; the operand.
    Indirect(String),
}

/// Functions by name, each with its calls in order. Where a name stands several times, as generic functions do, their
/// calls are kept apart.
pub type Functions = BTreeMap<String, Vec<Vec<Call>>>;

/// Reads the output of `objdump -d -C --no-show-raw-insn`.
pub fn parse(text: &str) -> Functions {
    let mut functions = Functions::new();
    let mut current: Option<(String, Vec<Call>)> = None;
    for line in text.lines() {
        if let Some(name) = heading(line) {
            if let Some((name, calls)) = current.take() {
                functions.entry(name).or_default().push(calls);
            }
            current = Some((name, Vec::new()));
        } else if let (Some((_, calls)), Some(call)) = (current.as_mut(), call(line)) {
            calls.push(call);
        }
    }
    if let Some((name, calls)) = current {
        functions.entry(name).or_default().push(calls);
    }
    functions
}

/// The name in a line `0000000000012340 <name>:`.
fn heading(line: &str) -> Option<String> {
    let (address, rest) = line.split_once(" <")?;
    let is_address = !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(rest.strip_suffix(">:").filter(|_| is_address)?.to_owned())
}

/// The call in a line of an instruction, on x86-64 (`call`) or AArch64 (`bl`, `blr`).
fn call(line: &str) -> Option<Call> {
    let (_, instruction) = line.split_once(":\t")?;
    let mut words = instruction.split_whitespace();
    let mut mnemonic = words.next()?;
    // A prefix of the instruction, such as the one for control flow enforcement.
    if matches!(mnemonic, "notrack" | "bnd" | "addr32" | "data16" | "rex.W") {
        mnemonic = words.next()?;
    }
    if !matches!(mnemonic, "call" | "callq" | "bl" | "blr") {
        return None;
    }
    let operand = instruction.split_once(mnemonic).map_or("", |(_, operand)| operand).trim();
    let target = operand.split_once(" <").and_then(|(_, name)| name.strip_suffix('>'));
    match target {
        // `call *0x1234(%rip) # 5678 <name>` reads its target from a table of the loader: indirect, whatever the name.
        Some(name) if !operand.starts_with('*') => Some(Call::Direct(name.to_owned())),
        _ => Some(Call::Indirect(operand.to_owned())),
    }
}

/// What is wrong with the calls of some functions: every indirect one, and every direct one to a name that is not
/// allowed. A name that ends in `*` allows all that begin like it.
pub fn violations(functions: &Functions, allowed: &[&str]) -> Vec<String> {
    let is_allowed = |name: &str| {
        // A call into the middle of a function is shown as `name+0x10`.
        let name = name.split_once("+0x").map_or(name, |(name, _)| name);
        allowed
            .iter()
            .any(|allowed| allowed.strip_suffix('*').map_or(*allowed == name, |start| name.starts_with(start)))
    };
    let mut found = Vec::new();
    for (function, copies) in functions {
        for call in copies.iter().flatten() {
            match call {
                Call::Direct(name) if is_allowed(name) => {}
                Call::Direct(name) => found.push(format!("{function} calls {name}, which is not on the list")),
                Call::Indirect(operand) => found.push(format!("{function} has an indirect call: {operand}")),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "
iridium:     file format elf64-x86-64

Disassembly of section .text:

0000000000001000 <vm::handler::add>:
    1000:\tmov    %rdi,%rax
    1003:\tcall   2000 <vm::slow::add>
    1008:\tjmp    *%rax

0000000000001010 <vm::handler::call>:
    1010:\tcall   *%rax
    1012:\tcall   *0x2f3a(%rip)        # 4000 <memcpy@GLIBC_2.14>
    1018:\tnotrack jmp *%rcx

0000000000001020 <vm::handler::call>:
    1020:\tret

0000000000002000 <vm::slow::add>:
    2000:\tcall   3000 <core::panicking::panic>
    2005:\tbnd call 3010 <vm::slow::grow+0x10>
";

    #[test]
    fn functions_and_calls_are_found() {
        let functions = parse(LISTING);
        assert_eq!(functions.keys().collect::<Vec<_>>(), ["vm::handler::add", "vm::handler::call", "vm::slow::add"]);
        assert_eq!(functions["vm::handler::add"], [[Call::Direct("vm::slow::add".to_owned())]]);
        assert_eq!(functions["vm::handler::call"].len(), 2, "two functions of one name are kept apart");
        assert!(matches!(&functions["vm::handler::call"][0][..], [Call::Indirect(_), Call::Indirect(_)]));
    }

    #[test]
    fn an_indirect_call_and_one_that_is_not_listed_are_reported() {
        let mut handlers = parse(LISTING);
        handlers.retain(|name, _| name.starts_with("vm::handler::"));
        let found = violations(&handlers, &["vm::slow::*"]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|line| line.starts_with("vm::handler::call has an indirect call")), "{found:?}");
        let found = violations(&handlers, &["vm::slow::subtract"]);
        assert_eq!(found[0], "vm::handler::add calls vm::slow::add, which is not on the list");
    }

    #[test]
    fn a_call_into_the_middle_of_an_allowed_function_is_allowed() {
        let mut functions = parse(LISTING);
        functions.retain(|name, _| name == "vm::slow::add");
        assert_eq!(violations(&functions, &["core::panicking::panic", "vm::slow::grow"]), Vec::<String>::new());
    }
}
