//! The programs that are measured, each in `benches/programs` in Eva and other languages, and their sizes.

use std::path::PathBuf;

/// One program.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its name, that of its files.
    pub name: &'static str,
    /// The argument for measuring time: the fastest language takes half a second or more.
    pub size: u64,
    /// The argument for counting instructions, which under callgrind takes some fifty times as long.
    pub counted_size: u64,
}

/// Programs that are measured together.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// What it is called on the command line.
    pub name: &'static str,
    /// The heading of its results.
    pub title: &'static str,
    /// The file of its results, in `benches`.
    pub results: &'static str,
    /// The programs.
    pub programs: &'static [Program],
    /// The names of the runners beside Iridium's.
    pub others: &'static [&'static str],
}

/// All suites.
pub const SUITES: [Suite; 2] = [
    Suite {
        name: "speed",
        title: "Results",
        results: "RESULTS.md",
        programs: &PROGRAMS,
        others: &["loop dispatch", "lua5.4", "luajit -joff", "python3"],
    },
    Suite {
        name: "allocation",
        title: "Results of programs that allocate",
        results: "ALLOCATION.md",
        programs: &ALLOCATING,
        others: &["node", "luajit", "lua5.4", "python3"],
    },
];

/// Programs that do nothing but make data; they are not counted, since how often is collected decides. They are in
/// JavaScript too.
pub const ALLOCATING: [Program; 6] = [
    Program { name: "trees", size: 17, counted_size: 8 },
    Program { name: "building", size: 250, counted_size: 1 },
    Program { name: "int-keys", size: 300_000, counted_size: 1000 },
    Program { name: "string-keys", size: 300_000, counted_size: 1000 },
    Program { name: "sorting", size: 500_000, counted_size: 1000 },
    Program { name: "nesting", size: 500, counted_size: 1 },
];

/// The programs of the first suite, whose instructions are counted too.
pub const PROGRAMS: [Program; 12] = [
    Program { name: "fib", size: 37, counted_size: 27 },
    Program { name: "int-loop", size: 60_000_000, counted_size: 1_000_000 },
    Program { name: "float-loop", size: 1000, counted_size: 80 },
    Program { name: "sieve", size: 30, counted_size: 1 },
    Program { name: "strings", size: 100_000, counted_size: 300 },
    Program { name: "closures", size: 10_000_000, counted_size: 100_000 },
    Program { name: "methods", size: 6_000_000, counted_size: 60_000 },
    Program { name: "properties", size: 200_000, counted_size: 2000 },
    Program { name: "exceptions", size: 5_000_000, counted_size: 50_000 },
    Program { name: "patterns", size: 60_000, counted_size: 600 },
    Program { name: "maps", size: 120, counted_size: 1 },
    Program { name: "text", size: 800, counted_size: 8 },
];

/// Programs of many processes, in Eva and in Erlang, and their sizes: the faster one takes half a second where it can. The first does nothing.
pub const PROCESSES: [(&str, u64); 10] = [
    ("empty", 0),
    ("spawn", 500_000),
    ("idle", 1_000_000),
    ("pingpong", 1_000_000),
    ("ring", 1_500),
    ("fanin", 1_000_000),
    ("selective", 200_000),
    ("hogs", 1_500),
    ("payload", 500),
    ("parallel", 31),
];

impl Program {
    /// The program's file in the language with the given extension.
    pub fn file(&self, extension: &str) -> PathBuf {
        folder().join("programs").join(format!("{}.{extension}", self.name))
    }
}

/// The folder `benches`.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The release build of the command line: beside the running program, which cargo puts into the same folder, or into
/// `deps` below it.
pub fn iridium() -> Result<PathBuf, String> {
    let this = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let folders = this.ancestors().skip(1).take(2);
    let mut candidates = folders.map(|folder| folder.join("iridium"));
    candidates
        .find(|path| path.is_file())
        .ok_or_else(|| "no release build of `iridium`: cargo build --release -p iridium-cli".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_there_in_every_language() {
        for (programs, extensions) in
            [(&PROGRAMS[..], &["eva", "lua", "py"][..]), (&ALLOCATING, &["eva", "lua", "py", "js"])]
        {
            for program in programs {
                for extension in extensions {
                    assert!(program.file(extension).is_file(), "{} has no .{extension}", program.name);
                }
            }
        }
    }

    #[test]
    fn every_program_of_processes_is_there_in_both_languages() {
        for (name, _) in PROCESSES {
            for extension in ["eva", "erl"] {
                let file = folder().join("processes").join(format!("{name}.{extension}"));
                assert!(file.is_file(), "there is no {}", file.display());
            }
        }
    }
}
