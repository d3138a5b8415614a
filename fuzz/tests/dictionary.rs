//! `fuzz/assembler.dict`: the words of assembly, for a fuzzer that would seldom find a whole one.

use iridium_bytecode::assembly::DIRECTIVES;
use iridium_isa::{register, stack};
use iridium_tests::golden;
use std::collections::BTreeSet;

/// Lines that say more than a directive alone.
const LINES: [&str; 9] = [
    ".func f stack\n",
    ".func f\n",
    ".params 2 1\n",
    ".params 1 0 rest\n",
    ".params 3 1 packed\n",
    ".capture c cell\n",
    ".class C constructor a\n",
    ".handler @a @b @c\n",
    ".pool const 0\n",
];

#[test]
fn the_dictionary_has_all_words() {
    let portable = stack::ROWS.iter().map(|row| row.mnemonic);
    let registers = register::ROWS.iter().map(|row| row.mnemonic);
    let words: BTreeSet<String> = portable.chain(registers).chain(DIRECTIVES).map(|word| format!("{word} ")).collect();
    let mut text =
        "# Words of assembly for libFuzzer; `fuzz/tests/dictionary.rs` holds it against the tables.\n".to_owned();
    for word in words.iter().map(String::as_str).chain(LINES) {
        text.push_str(&format!("\"{}\"\n", word.replace('\n', "\\x0a")));
    }
    let path = iridium_tests::root().join("fuzz/assembler.dict");
    golden::check(&path, &text).unwrap_or_else(|message| panic!("{message}"));
}
