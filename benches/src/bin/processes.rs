//! Measures programs of many processes in Iridium and in Erlang, and writes `PROCESSES.md`.
//!
//! Both take turns within a round, and a ratio is between runs of one round. Nothing is bound to a core: who has several
//! may use them. A program prints what it measured itself as lines `figure NAME NUMBER` (times in nanoseconds, without
//! the start of the system), and after that what it came to, which must be the same in both languages.

#![forbid(unsafe_code)]
// A tool of the developers, started by hand.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use iridium_benches::about::{date, first_line, machine};
use iridium_benches::measure::{Runner, Spread};
use iridium_benches::programs::{self, PROCESSES};
use iridium_benches::table::markdown;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const ROUNDS: usize = 7;

/// What is compiled and started: the module named as the file, with the size.
const ERLANG: &str = "[File, Size] = init:get_plain_arguments(), \
    (list_to_atom(filename:basename(File, \".erl\"))):main(list_to_integer(Size)), halt().";

/// Erlang allows 2^18 processes unless it is told otherwise.
const MANY_PROCESSES: [&str; 2] = ["+P", "2000000"];

/// What was measured in a run: the figures that it printed, with `size`, `cpu` in seconds, the most that was resident in
/// octets as `peak`, and the `peak` of the program that does nothing as `nothing`.
type Figures = BTreeMap<String, f64>;

/// A figure of a run by its name.
type Lookup<'a> = &'a dyn Fn(&str) -> f64;

/// A row of a table.
struct Row {
    program: &'static str,
    what: &'static str,
    value: fn(Lookup) -> f64,
}

struct Table {
    title: &'static str,
    rows: &'static [Row],
}

const TABLES: [Table; 5] = [
    Table {
        title: "Microseconds of wall time, as the program measures them:",
        rows: &[
            Row {
                program: "spawn",
                what: "a process that says one thing and ends",
                value: |f| f("time") / f("size") / 1e3,
            },
            Row {
                program: "idle",
                what: "a process that will wait, until all do",
                value: |f| f("start") / f("size") / 1e3,
            },
            Row {
                program: "idle",
                what: "its end, after a message to it and one of it",
                value: |f| f("end") / f("size") / 1e3,
            },
            Row { program: "pingpong", what: "a round trip", value: |f| f("time") / f("size") / 1e3 },
            Row { program: "ring", what: "a hop", value: |f| f("time") / f("size") / 1e6 },
            Row {
                program: "fanin",
                what: "a message of 100 senders to one receiver",
                value: |f| f("time") / f("size") / 1e3,
            },
            Row {
                program: "selective",
                what: "a call while 10,000 messages wait",
                value: |f| f("time") / f("size") / 1e3,
            },
            Row { program: "payload", what: "a round trip with 1 MB of bytes", value: |f| f("bytes") / 1e3 },
            Row { program: "payload", what: "a round trip with 131,072 ints in a list", value: |f| f("list") / 1e3 },
        ],
    },
    Table {
        title: "A round trip beside 100 processes that only compute, in microseconds:",
        rows: &[
            Row { program: "hogs", what: "half of them take at most", value: |f| f("median") / 1e3 },
            Row { program: "hogs", what: "99 % of them", value: |f| f("p99") / 1e3 },
            Row { program: "hogs", what: "the longest", value: |f| f("longest") / 1e3 },
            Row {
                program: "hogs",
                what: "what those that compute do meanwhile, to what they do alone",
                value: |f| f("beside") / f("alone"),
            },
        ],
    },
    Table {
        title: "The same function of 16 elements, in seconds, and how much faster it is with a process for each:",
        rows: &[
            Row { program: "parallel", what: "in one process", value: |f| f("sequential") / 1e9 },
            Row { program: "parallel", what: "each in a process", value: |f| f("parallel") / 1e9 },
            Row { program: "parallel", what: "times as fast", value: |f| f("sequential") / f("parallel") },
        ],
    },
    Table {
        title: "Resident octets for each of a million processes, more than a program that does nothing has:",
        rows: &[
            Row { program: "idle", what: "at most", value: |f| (f("peak") - f("nothing")) / f("size") },
            Row { program: "idle", what: "while all wait", value: |f| (f("waiting") - f("nothing")) / f("size") },
            Row {
                program: "idle",
                what: "200 ms after all have ended",
                value: |f| (f("afterwards") - f("nothing")) / f("size"),
            },
        ],
    },
    Table {
        title: "CPU seconds of the whole run, the start of the system with it:",
        rows: &[
            Row { program: "empty", what: "nothing", value: |f| f("cpu") },
            Row { program: "spawn", what: "", value: |f| f("cpu") },
            Row { program: "idle", what: "", value: |f| f("cpu") },
            Row { program: "pingpong", what: "", value: |f| f("cpu") },
            Row { program: "ring", what: "", value: |f| f("cpu") },
            Row { program: "fanin", what: "", value: |f| f("cpu") },
            Row { program: "selective", what: "", value: |f| f("cpu") },
            Row { program: "payload", what: "", value: |f| f("cpu") },
            Row { program: "parallel", what: "", value: |f| f("cpu") },
        ],
    },
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("processes: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = only.iter().find(|name| PROCESSES.iter().all(|(known, _)| known != name)) {
        let names = PROCESSES.map(|(name, _)| name).join("|");
        return Err(format!("there is no program `{unknown}`; usage: processes [{names}]…"));
    }
    let load = load();
    let folder = programs::folder().join("processes");
    let runners = [iridium()?, erlang(&folder)?];
    let wanted = |name: &str| name == "empty" || only.is_empty() || only.iter().any(|one| one == name);
    let mut measured: BTreeMap<&str, [Vec<Figures>; 2]> = BTreeMap::new();
    for (name, size) in PROCESSES.into_iter().filter(|(name, _)| wanted(name)) {
        eprintln!("{name} {size}");
        let mut all: [Vec<Figures>; 2] = Default::default();
        for round in 0..ROUNDS {
            let mut results = Vec::new();
            for (index, runner) in runners.iter().enumerate() {
                let (mut figures, result) = figures(runner, &folder, name, size)?;
                let nothing = measured.get("empty").map_or(&figures, |empty| &empty[index][round])["peak"];
                figures.insert("nothing".to_owned(), nothing);
                all[index].push(figures);
                results.push(result);
            }
            if results[0] != results[1] {
                return Err(format!("{name}: Iridium comes to {:?}, Erlang to {:?}", results[0], results[1]));
            }
        }
        measured.insert(name, all);
    }
    let report = report(&runners, &measured, load)?;
    println!("{report}");
    if only.is_empty() {
        let path = programs::folder().join("PROCESSES.md");
        std::fs::write(&path, report).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// The release build of the command line, with its defaults.
fn iridium() -> Result<Runner, String> {
    let executable = programs::iridium()?;
    let version = first_line(&executable.to_string_lossy(), &["--version"]).ok_or("iridium --version fails")?;
    Ok(Runner {
        name: "iridium".to_owned(),
        version,
        executable: executable.into(),
        options: vec!["run".to_owned()],
        extension: "eva",
    })
}

/// Erlang, after it has compiled the programs.
fn erlang(folder: &Path) -> Result<Runner, String> {
    let asked = "io:format(\"Erlang/OTP ~s, ~w, ~w schedulers~n\", [erlang:system_info(K) || \
        K <- [otp_release, emu_flavor, schedulers_online]]), halt().";
    let version = first_line("erl", &["-noshell", "-eval", asked]).ok_or("no `erl` (cargo xtask setup installs it)")?;
    let compiled = std::env::temp_dir().join("iridium-benches-erlang");
    std::fs::create_dir_all(&compiled).map_err(|error| format!("{}: {error}", compiled.display()))?;
    let sources = PROCESSES.map(|(name, _)| folder.join(format!("{name}.erl")));
    let status = Command::new("erlc").arg("-o").arg(&compiled).args(&sources).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err("erlc cannot compile the programs".to_owned());
    }
    let compiled = compiled.to_string_lossy().into_owned();
    let options = ["-noshell", "-pa", &compiled, "-eval", ERLANG, "-extra"].map(str::to_owned).to_vec();
    Ok(Runner { name: "erlang".to_owned(), version, executable: "erl".into(), options, extension: "erl" })
}

/// What a run measured, and what it came to.
fn figures(runner: &Runner, folder: &Path, name: &str, size: u64) -> Result<(Figures, String), String> {
    let file: PathBuf = folder.join(format!("{name}.{}", runner.extension));
    let mut runner = runner.clone();
    if runner.name == "erlang" && name == "idle" {
        runner.options.splice(0..0, MANY_PROCESSES.map(str::to_owned));
    }
    let run = runner.run(&file, size)?;
    let (lines, rest): (Vec<&str>, Vec<&str>) = run.output.lines().partition(|line| line.starts_with("figure "));
    let mut figures = Figures::new();
    for line in lines {
        let (name, number) =
            line["figure ".len()..].split_once(' ').ok_or_else(|| format!("{line:?} has no number"))?;
        let number = number.parse().map_err(|error| format!("{line:?}: {error}"))?;
        figures.insert(name.to_owned(), number);
    }
    figures.insert("size".to_owned(), size as f64);
    figures.insert("cpu".to_owned(), run.seconds);
    figures.insert("peak".to_owned(), run.memory as f64);
    Ok((figures, rest.join("\n")))
}

/// Processes of the machine that ran or wanted to in the last five minutes.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').nth(1)?.parse().ok()
}

fn report(
    runners: &[Runner; 2],
    measured: &BTreeMap<&str, [Vec<Figures>; 2]>,
    load: Option<f64>,
) -> Result<String, String> {
    let mut text = String::from("# Processes, beside Erlang\n\n");
    text.push_str(
        "Written by `cargo xtask bench processes`; what is measured and how stands in [README.md](README.md).\n\n",
    );
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    text.push_str(&format!("- {}\n- {}, {cores} cores, none of them reserved\n", date(), machine()));
    if let Some(load) = load.filter(|load| *load > 0.5) {
        text.push_str(&format!("- beside other work (a load of {load} before it began): a direction, no findings\n"));
    }
    text.push_str(&format!(
        "- {ROUNDS} rounds, both taking turns; medians, and the least and greatest ratio of a round\n"
    ));
    text.push_str(&format!("- {} · {}\n", runners[0].version, runners[1].version));
    text.push_str(&format!(
        "- `iridium run` and `erl -noshell` with their defaults, compiled with `erlc`; `{}` for the million of them\n",
        MANY_PROCESSES.join(" ")
    ));
    for table in &TABLES {
        let mut rows = Vec::new();
        for row in table.rows.iter().filter(|row| measured.contains_key(row.program)) {
            let mut values: [Vec<f64>; 2] = Default::default();
            for (values, all) in values.iter_mut().zip(&measured[row.program]) {
                for figures in all {
                    if let Some(missing) = missing(row, figures) {
                        return Err(format!("{} printed no figure `{missing}`", row.program));
                    }
                    values.push((row.value)(&|name| figures[name]));
                }
            }
            let ratio = Spread::of(values[0].iter().zip(&values[1]).map(|(ours, theirs)| ours / theirs));
            let ratio = ratio.map_or(String::new(), |ratio| {
                format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.least, ratio.greatest)
            });
            let median = |values: &Vec<f64>| {
                Spread::of(values.iter().copied()).map_or(String::new(), |spread| shown(spread.median))
            };
            let what = [row.program, row.what].join(if row.what.is_empty() { "" } else { ": " });
            rows.push(vec![what, median(&values[0]), median(&values[1]), ratio]);
        }
        if !rows.is_empty() {
            let heading = ["program", "iridium", "erlang", "ratio"].map(str::to_owned);
            text.push_str(&format!("\n{}\n\n{}", table.title, markdown(&heading, &rows)));
        }
    }
    Ok(text)
}

/// A figure that a row needs, and that a run did not print.
fn missing(row: &Row, figures: &Figures) -> Option<String> {
    let missing = std::cell::RefCell::new(None);
    (row.value)(&|name| {
        figures.get(name).copied().unwrap_or_else(|| {
            missing.replace(Some(name.to_owned()));
            f64::NAN
        })
    });
    missing.into_inner()
}

/// A number with three digits that count.
fn shown(number: f64) -> String {
    match number.abs() {
        0.0..10.0 => format!("{number:.2}"),
        10.0..100.0 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}
