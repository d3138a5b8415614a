//! The reference page of the verifier's rules, made from their table.

use super::{Rule, Scope};
use std::fmt::Write;

/// What the page says before the table.
const HEAD: &str = "\
# The verifier

The table is made from that in `crates/bytecode/src/verify`, this text from `reference.rs` beside it; `cargo xtask
bless` writes the page anew.

Nothing runs that the verifier has not seen, from whatever source it comes: only it makes a `VerifiedModule`, and the
engines take nothing else. A rejection names the rule, the function, and the offset of an octet of portable code or of
a word of register code.

## What it proves

Of every function, whatever path control takes:

- Control only ever is at the start of an instruction of that function, and never leaves its code but by an instruction
  that ends it.
- Every constant, global, function, class, capture, local and register that an instruction names is there.
- Every register that is read was written on each way there, with what the instruction needs: a value, a cell, an
  iterator, what may be the receiver of a call.
- That holds also where a throw goes on. A throw goes forward only, so that every loop has a back-edge, which costs a
  reduction.
- The frame is large enough for all operands and windows.

It does not prove types of values: an addition of a string and an int is a `:type-error` when it runs. Nor does it prove
that lists, tuples and maps are what instructions for collections under construction get; engines ask.

## What it costs

For portable code, verifying and lowering are one walk, after one that finds the places that jumps name. A place costs at
most a look at each of the frame's 250 registers. For register code, the walk is repeated until it finds nothing new.
Both take time in proportion to the code (places and regions are sorted, so it is *n* log *n* in their number) and
memory in proportion to it; what is known of registers at labels takes at most 64 MiB (`TooManyLabels`), and twisted
jumps end in `TooTangled`. Nothing recurses.

## The rules

Each has at least two files that break it and one that barely does not, for each form of code in which it can be broken:
`crates/bytecode/tests/rejections`.

| rule | in | what holds | what would go wrong |
| :--- | :--- | :--- | :--- |
";

/// What it says behind the table.
const TAIL: &str = "
## What mutations survive

That the tests notice mistakes is tested by making some: `cargo mutants -p iridium-bytecode -f
'crates/bytecode/src/verify/**/*.rs' -- --lib --test lowering --test rejections` changes one place of the verifier at a
time, and a test must fail. Wrong lowering on demand is left out (`.cargo/mutants.toml`): the tests of `fuzz` ask for it.
Of 847 changes 190 do not compile; of the other 657 the tests catch 645 (98.2 %), four of them by not ending. These twelve
survive, since no module, or none of a usual size, tells them from what stands there:

| place | change | why nothing shows it |
| :--- | :--- | :--- |
| `check_nesting` | `index > outer` becomes `>=` | each region has an index of its own |
| `Pass::find_targets` | an edge is marked by `&=` | then the offset is no start; what is asked later is whether it is a start and nothing else |
| `Pass::start`, `Pass::find_targets` | memory is used again, or not, at another `capacity` | that takes longer, or more memory |
| `Pass::write_local` | `or` becomes `exclusive or` | the bits were cleared before |
| `Verifier::flow` | `known == state` is never taken | what is merged with its like stays as it is, but that takes longer |
| `Verifier::missing` | `LABEL` or `EDGE` becomes `exclusive or` | they are different bits |
| `MORE_LOOKS` | `1 << 22` becomes 0 | 16 looks at each word are enough for all but code of millions of words that was made up for it |
";

/// The page, as Markdown.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for rule in Rule::ALL {
        let scope = match rule.scope() {
            Scope::Module => "modules",
            Scope::Portable => "portable code",
            Scope::Register => "register code",
            Scope::Both => "both forms",
        };
        let _ = writeln!(page, "| `{rule:?}` | {scope} | {} | {} |", rule.explain(), rule.reason());
    }
    page.push_str(TAIL);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_a_row() {
        let page = page();
        assert!(page.starts_with(HEAD));
        for rule in Rule::ALL {
            let start = format!("| `{rule:?}` | ");
            let rows: Vec<&str> = page.lines().filter(|line| line.starts_with(&start)).collect();
            let [row] = rows[..] else { panic!("{rule:?}: {rows:?}") };
            assert!(row.contains(rule.explain()) && row.contains(rule.reason()), "{row}");
        }
    }
}
