//! The table of all limits, and the reference page that is made from it. The amounts are the constants by which they are
//! enforced.

use crate::config::Config;
use crate::driver::SLICE;
use crate::files::MAX_PROGRAM;
use crate::world::MAX_OPEN_FILES;
use iridium_bytecode::assembly::MAX_TEXT;
use iridium_bytecode::file::MAX_FILE;
use iridium_bytecode::verify::{LOOKS_PER_WORD, MAX_CAPTURES, MAX_CODE, MAX_KNOWN, MAX_TABLE, MORE_LOOKS};
use iridium_isa::MAX_FRAME;
use iridium_isa::register::OFFSET_RANGE;
use iridium_lang::limits as lang;
use iridium_vm::limits as vm;
use std::fmt::{self, Write};

/// How much there may be of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// As much as one likes, unless it is set.
    Unlimited,
    /// So many.
    Count(u64),
    /// So many octets.
    Octets(u64),
    /// What another limit makes of it.
    Words(&'static str),
}

/// A limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Of what.
    pub name: &'static str,
    /// How much there may be, unless it is set.
    pub default: Amount,
    /// The option of the command line and the method of [`Config`] that set it, if something does.
    pub set_by: Option<(&'static str, &'static str)>,
    /// What becomes of who passes it.
    pub beyond: &'static str,
    /// The test that passes it, as file and function.
    pub test: (&'static str, &'static str),
}

/// Limits that belong together.
#[derive(Clone, Copy, Debug)]
pub struct LimitPart {
    /// What they are about.
    pub title: &'static str,
    /// The limits.
    pub limits: &'static [Limit],
}

const LIMITS_TEST: &str = "tests/tests/limits.rs";
const PROGRAMS: (&str, &str) = (LIMITS_TEST, "programs_that_pass_a_limit");
const SOURCES: (&str, &str) = (LIMITS_TEST, "sources_that_pass_a_limit");
const HOSTILE: (&str, &str) = ("tests/tests/hostile_programs.rs", "programs_stay_within_their_limits");
const REJECTIONS: &str = "crates/bytecode/tests/rejections.rs";

/// A limit that nothing sets.
const fn fixed(name: &'static str, default: Amount, beyond: &'static str, test: (&'static str, &'static str)) -> Limit {
    Limit { name, default, set_by: None, beyond, test }
}

/// All limits.
pub const LIMITS: &[LimitPart] = &[
    LimitPart {
        title: "A program that runs",
        limits: &[
            Limit {
                name: "heap of a process: all that it holds",
                default: Amount::Octets(Config::DEFAULT_MAX_HEAP),
                set_by: Some(("--max-heap", "max_heap")),
                beyond: "the process ends with the limit `:heap`",
                test: PROGRAMS,
            },
            Limit {
                name: "stack of a process",
                default: Amount::Words("half of its heap"),
                set_by: Some(("--max-heap", "max_heap")),
                beyond: "`:stack-overflow`",
                test: PROGRAMS,
            },
            fixed(
                "part of the stack that only handlers of `:stack-overflow` get; a quarter of it if that is less",
                Amount::Octets(vm::HANDLER_STACK as u64),
                "`:stack-overflow` again",
                (LIMITS_TEST, "handlers_of_a_stack_overflow_have_room"),
            ),
            Limit {
                name: "reductions: calls and turns of loops",
                default: Amount::Unlimited,
                set_by: Some(("--fuel", "fuel")),
                beyond: "the program ends with the limit `:fuel`",
                test: PROGRAMS,
            },
            Limit {
                name: "time",
                default: Amount::Unlimited,
                set_by: Some(("--deadline", "deadline")),
                beyond: "the program ends with the limit `:deadline`, at the end of its slice",
                test: PROGRAMS,
            },
            fixed(
                "reductions of a slice, after which time and interruption are looked at",
                Amount::Count(SLICE as u64),
                "the next slice begins",
                ("crates/iridium/src/driver.rs", "a_host_can_stop_a_program"),
            ),
            fixed(
                "bits of an int",
                Amount::Count(vm::MAX_INT_BITS),
                "`:limit-error` before it is computed; a mistake in a source; a rejection of a module",
                PROGRAMS,
            ),
            fixed("octets of a string, or of bytes", Amount::Count(vm::MAX_STRING as u64), "`:limit-error`", PROGRAMS),
            fixed(
                "octets of the text of a value that is printed or made into a string",
                Amount::Octets(vm::MAX_PRINTED as u64),
                "`:limit-error`",
                PROGRAMS,
            ),
            fixed(
                "bits of the bounds of a range, with the sign",
                Amount::Count(i64::BITS as u64),
                "`:limit-error`",
                PROGRAMS,
            ),
            fixed(
                "characters that `String.format` fills a value up to",
                Amount::Count(vm::MAX_WIDTH as u64),
                "`:value-error`",
                PROGRAMS,
            ),
            fixed(
                "decimals that `String.format` writes",
                Amount::Count(vm::MAX_PRECISION as u64),
                "`:value-error`",
                PROGRAMS,
            ),
            fixed(
                "atoms of a program and all that it loads",
                Amount::Count(vm::MAX_ATOMS as u64),
                "`:limit-error`; a program that has more itself is refused",
                (LIMITS_TEST, "atoms_are_bounded_in_programs_and_while_they_run"),
            ),
            fixed(
                "octets of the names of these atoms",
                Amount::Octets(vm::MAX_ATOM_OCTETS as u64),
                "`:limit-error`; a program that has more itself is refused",
                HOSTILE,
            ),
            fixed(
                "shapes of a class",
                Amount::Count(vm::MAX_SHAPES as u64),
                "further instances are dictionaries: the same, but slower",
                (LIMITS_TEST, "instances_of_many_shapes_are_as_others_are"),
            ),
            fixed(
                "fields of a shape",
                Amount::Count(vm::MAX_FIELDS as u64),
                "the instance is a dictionary: the same, but slower",
                (LIMITS_TEST, "instances_of_many_shapes_are_as_others_are"),
            ),
            Limit {
                name: "processes at a time",
                default: Amount::Count(Config::DEFAULT_MAX_PROCESSES),
                set_by: Some(("--max-processes", "max_processes")),
                beyond: "`:limit-error`",
                test: PROGRAMS,
            },
            Limit {
                name: "octets that all processes hold together",
                default: Amount::Words("four fifths of what the machine has"),
                set_by: Some(("--max-memory", "max_memory")),
                beyond: "from nine tenths on `spawn` is a `:limit-error`; the largest ends with the limit `:memory`",
                test: PROGRAMS,
            },
            fixed(
                "messages that wait for a process; `:max-mailbox` of `spawn-opt` sets it",
                Amount::Unlimited,
                "the process ends with the reason `#[:limit :mailbox]`",
                PROGRAMS,
            ),
            fixed("octets of a message", Amount::Octets(vm::MAX_PARCEL as u64), "`:limit-error`", PROGRAMS),
            fixed("octets of frozen data", Amount::Octets(vm::MAX_FROZEN as u64), "`:limit-error`", PROGRAMS),
            fixed(
                "messages that are to be sent later",
                Amount::Count(iridium_runtime::MAX_TIMERS as u64),
                "`:limit-error`",
                PROGRAMS,
            ),
            Limit {
                name: "octets of the messages that are to be sent later",
                default: Amount::Words("the limit of the heap"),
                set_by: Some(("--max-heap", "max_heap")),
                beyond: "`:limit-error`",
                test: PROGRAMS,
            },
            fixed(
                "milliseconds of a `receive` or timer",
                Amount::Count(vm::MAX_MILLISECONDS),
                "`:value-error`",
                PROGRAMS,
            ),
            fixed("files open at once", Amount::Count(MAX_OPEN_FILES as u64), "`:limit-error`", PROGRAMS),
            Limit {
                name: "octets of a file or line that is read at once",
                default: Amount::Words("the limit of the heap"),
                set_by: Some(("--max-heap", "max_heap")),
                beyond: "`:limit-error`",
                test: PROGRAMS,
            },
            Limit {
                name: "octets of host memory that a value copied to the host takes",
                default: Amount::Words("the limit of the heap"),
                set_by: Some(("--max-heap", "max_heap")),
                beyond: "`:limit-error`, or `CallError::NotCopied`",
                test: ("crates/iridium/tests/embedding/values.rs", "what_contains_itself_is_not_copied"),
            },
            fixed(
                "innermost calls of a trace",
                Amount::Count(vm::INNERMOST_CALLS as u64),
                "those further out are counted",
                (LIMITS_TEST, "traces_are_bounded"),
            ),
            fixed(
                "outermost calls of a trace",
                Amount::Count(vm::OUTERMOST_CALLS as u64),
                "those further in are counted",
                (LIMITS_TEST, "traces_are_bounded"),
            ),
        ],
    },
    LimitPart {
        title: "A source",
        limits: &[
            fixed("octets", Amount::Octets(lang::MAX_SOURCE as u64), "a mistake", SOURCES),
            fixed("forms in each other", Amount::Count(lang::MAX_NESTING as u64), "a mistake", SOURCES),
            fixed("modules in each other", Amount::Count(lang::MAX_MODULE_NESTING as u64), "a mistake", SOURCES),
            fixed(
                "digits of an int that is written out",
                Amount::Count(lang::MAX_INT_DIGITS as u64),
                "a mistake",
                SOURCES,
            ),
            fixed("files of a program", Amount::Count(lang::MAX_FILES as u64), "a mistake", SOURCES),
            fixed("files that import each other in turn", Amount::Count(lang::MAX_CHAIN as u64), "a mistake", SOURCES),
            fixed("mistakes that are shown", Amount::Count(lang::MAX_MESSAGES as u64), "the rest is counted", SOURCES),
        ],
    },
    LimitPart {
        title: "A module, in whatever form it comes",
        limits: &[
            fixed(
                "octets of a file that is read as a program",
                Amount::Octets(MAX_PROGRAM as u64),
                "it is not read",
                ("crates/iridium/src/files.rs", "what_never_ends_is_not_read"),
            ),
            fixed(
                "octets of a module file",
                Amount::Octets(MAX_FILE as u64),
                "it is rejected, or not written",
                ("crates/bytecode/tests/faults.rs", "every_fault_is_found_at_its_place"),
            ),
            fixed(
                "octets of assembly",
                Amount::Octets(MAX_TEXT as u64),
                "a mistake",
                (LIMITS_TEST, "assembly_is_bounded"),
            ),
            fixed(
                "constants, functions, or globals; constants of a function with its inline caches",
                Amount::Count(MAX_TABLE as u64),
                "rejected: `TooManyConstants`, `TooManyFunctions`, `TooManyGlobals`",
                ("crates/bytecode/src/verify/mod.rs", "tables_have_at_most_2_to_the_24_entries"),
            ),
            fixed(
                "registers of a function, which the compiler spares by making it in pieces",
                Amount::Count(MAX_FRAME as u64),
                "rejected: `FrameTooLarge`",
                (REJECTIONS, "every_rule_rejects_by_its_name"),
            ),
            fixed(
                "captures of a function",
                Amount::Count(MAX_CAPTURES as u64),
                "rejected: `BadCaptureNames`",
                (REJECTIONS, "what_the_assembler_does_not_make_is_judged"),
            ),
            fixed(
                "octets of a function's code",
                Amount::Count(MAX_CODE as u64),
                "rejected: `CodeTooLong`",
                (REJECTIONS, "what_has_large_tables_is_judged"),
            ),
            fixed(
                "words of register code that a jump passes",
                Amount::Count(*OFFSET_RANGE.end() as u64 + 1),
                "rejected: `JumpTooFar`",
                (REJECTIONS, "what_is_built_of_long_code_is_judged"),
            ),
            fixed(
                "registers that are known at labels of a function, at the same time",
                Amount::Count(MAX_KNOWN as u64),
                "rejected: `TooManyLabels`",
                (REJECTIONS, "what_is_built_of_many_labels_is_judged"),
            ),
            fixed(
                "looks at each word of register code until it is known what registers hold, on the average",
                Amount::Count(LOOKS_PER_WORD as u64),
                "rejected, when as many more as the next row says are used up too: `TooTangled`",
                (REJECTIONS, "what_is_built_of_tangled_jumps_is_judged"),
            ),
            fixed(
                "further looks for all words of a module together",
                Amount::Count(MORE_LOOKS as u64),
                "rejected: `TooTangled`",
                (REJECTIONS, "what_is_built_of_tangled_jumps_is_judged"),
            ),
        ],
    },
];

/// What the page says before the tables.
const HEAD: &str = "\
# Limits

Made from the table in `crates/iridium/src/limits.rs`; `cargo xtask bless` writes it anew.

Whatever there can be much of has a bound, and no more is taken or done than that. Each has a test that passes it and
reads what is said then.

`:limit-error`, `:stack-overflow` and `:value-error` can be caught; nothing was done. Who passes a limit on memory, work
or time ends, and cannot catch that. Work and time are looked at between the pieces of what takes long: comparing,
searching and adding up large data, making and growing lists, tuples and maps. What makes texts and bytes, and what is left
besides, is not interrupted: one such call is bounded by the heap, to about a second at the default, less with less.
";

/// The page of all limits, as Markdown.
pub fn limits_reference() -> String {
    let mut page = HEAD.to_owned();
    for part in LIMITS {
        let _ = write!(page, "\n## {}\n\n", part.title);
        page.push_str("| limit | default | set by | beyond it |\n| :--- | :--- | :--- | :--- |\n");
        for limit in part.limits {
            let set_by = limit.set_by.map(|(option, method)| format!("`{option}`, `Config::{method}`"));
            let set_by = set_by.unwrap_or_else(|| "–".to_owned());
            let _ = writeln!(page, "| {} | {} | {set_by} | {} |", limit.name, limit.default, limit.beyond);
        }
    }
    page
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Amount::Unlimited => f.write_str("none"),
            Amount::Words(words) => f.write_str(words),
            Amount::Octets(octets) => match octets.trailing_zeros() {
                30.. => write!(f, "{} GiB", octets >> 30),
                20.. => write!(f, "{} MiB", octets >> 20),
                10.. => write!(f, "{} KiB", octets >> 10),
                _ => write!(f, "{octets} octets"),
            },
            Amount::Count(count) if count >= 1 << 16 && count.is_power_of_two() => {
                write!(f, "2^{}", count.trailing_zeros())
            }
            Amount::Count(count) if count >= 1 << 16 && (count + 1).is_power_of_two() => {
                write!(f, "2^{} − 1", (count + 1).trailing_zeros())
            }
            Amount::Count(count) if count >= 1_000_000 => {
                write!(f, "{},{:03},{:03}", count / 1_000_000, count / 1_000 % 1_000, count % 1_000)
            }
            Amount::Count(count) if count >= 1_000 => write!(f, "{},{:03}", count / 1_000, count % 1_000),
            Amount::Count(count) => write!(f, "{count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_write_them() {
        for (amount, expected) in [
            (Amount::Octets(1 << 30), "1 GiB"),
            (Amount::Octets(3 << 20), "3 MiB"),
            (Amount::Octets(64 << 10), "64 KiB"),
            (Amount::Octets(1_001), "1001 octets"),
            (Amount::Count(64), "64"),
            (Amount::Count(1_024), "1,024"),
            (Amount::Count(80_000), "80,000"),
            (Amount::Count(1 << 18), "2^18"),
            (Amount::Count((1 << 31) - 1), "2^31 − 1"),
            (Amount::Count(12_003_045), "12,003,045"),
            (Amount::Unlimited, "none"),
        ] {
            assert_eq!(amount.to_string(), expected);
        }
    }
}
