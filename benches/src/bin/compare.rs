//! Measures suites of programs in Iridium and other languages, and writes tables.
//!
//! All runners take turns within a round, so that a busy moment of the machine meets them all alike; a ratio is
//! between runs of one round, and the table shows the median ratio with the least and greatest beside it.

#![forbid(unsafe_code)]
// A tool of the developers, started by hand.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use iridium_benches::about::{date, first_line, machine};
use iridium_benches::measure::{Run, Runner, Spread, pin};
use iridium_benches::programs::{self, Program, SUITES, Suite};
use iridium_benches::table::markdown;
use std::process::ExitCode;

/// The runner that the others are compared with.
const OURS: &str = "iridium";
/// The dispatcher that is not the default. It is slow, and its time decides nothing: it has fewer rounds.
const LOOP: &str = "loop dispatch";
const LOOP_ROUNDS: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let named = |argument: &&String| SUITES.iter().find(|suite| suite.name == argument.as_str());
    let wanted: Vec<&Suite> = arguments.iter().filter_map(|argument| named(&argument)).collect();
    if wanted.len() + usize::from(quick) < arguments.len() {
        let names = SUITES.map(|suite| suite.name).join("|");
        eprintln!("usage: compare [--quick] [{names}]");
        return ExitCode::from(2);
    }
    let core = pin();
    let chosen = SUITES.iter().filter(|suite| wanted.is_empty() || wanted.iter().any(|one| one.name == suite.name));
    for suite in chosen {
        if let Err(message) = compare(suite, quick, core) {
            eprintln!("compare: {message}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn compare(suite: &Suite, quick: bool, core: Option<usize>) -> Result<(), String> {
    let rounds = if quick { 3 } else { 5 };
    let runners = runners(suite, quick)?;
    let mut measured = Vec::new();
    for program in suite.programs {
        eprintln!("{} {}", program.name, program.size);
        measured.push(measure(program, &runners, rounds)?);
    }
    let report = report(suite, &runners, &measured, rounds, core);
    println!("{report}");
    if !quick {
        let path = programs::folder().join(suite.results);
        std::fs::write(&path, report).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Everything that runs programs here. Another language that is missing is left out, with a word about it.
fn runners(suite: &Suite, quick: bool) -> Result<Vec<Runner>, String> {
    let iridium = programs::iridium()?;
    let version = first_line(&iridium.to_string_lossy(), &["--version"]).ok_or("iridium --version fails")?;
    let engine = |name: &str, options: &[&str]| Runner {
        name: name.to_owned(),
        version: version.clone(),
        executable: iridium.clone().into(),
        options: ["run", "--stats", "--format", "json"]
            .iter()
            .chain(options)
            .map(|option| (*option).to_owned())
            .collect(),
        extension: "eva",
    };
    let mut all = vec![engine(OURS, &["--dispatch", "tail"])];
    if !quick && suite.others.contains(&LOOP) {
        all.push(engine(LOOP, &["--dispatch", "loop"]));
    }
    // The name in PATH may be a script that looks for the real one at each start: ask it where that is.
    let python =
        first_line("python3", &["-c", "import sys; print(sys.executable)"]).unwrap_or_else(|| "python3".to_owned());
    let others = [
        Other { name: "lua5.4", executable: "lua5.4", probe: "-v", options: &[], extension: "lua" },
        Other { name: "luajit -joff", executable: "luajit", probe: "-v", options: &["-joff"], extension: "lua" },
        Other { name: "luajit", executable: "luajit", probe: "-v", options: &[], extension: "lua" },
        Other { name: "node", executable: "node", probe: "--version", options: &[], extension: "js" },
        Other { name: "python3", executable: &python, probe: "--version", options: &[], extension: "py" },
    ];
    for other in others.iter().filter(|other| suite.others.contains(&other.name)) {
        match first_line(other.executable, &[other.probe]) {
            Some(version) => all.push(Runner {
                name: other.name.to_owned(),
                version,
                executable: other.executable.into(),
                options: other.options.iter().map(|option| (*option).to_owned()).collect(),
                extension: other.extension,
            }),
            None => println!("SKIPPED: no `{}` (cargo xtask setup installs it)", other.executable),
        }
    }
    Ok(all)
}

/// Another language.
struct Other<'a> {
    name: &'static str,
    executable: &'a str,
    probe: &'static str,
    options: &'static [&'static str],
    extension: &'static str,
}

/// One program: seconds and octets by runner and round, and what the engine counted.
struct Measured {
    program: Program,
    seconds: Vec<Vec<f64>>,
    memory: Vec<Vec<f64>>,
    stats: serde_json::Value,
}

fn measure(program: &Program, runners: &[Runner], rounds: usize) -> Result<Measured, String> {
    let mut seconds = vec![Vec::new(); runners.len()];
    let mut memory = vec![Vec::new(); runners.len()];
    let mut stats = serde_json::Value::Null;
    let mut expected: Option<String> = None;
    for round in 0..rounds {
        for (index, runner) in runners.iter().enumerate() {
            if runner.name == LOOP && round >= LOOP_ROUNDS {
                continue;
            }
            let Run { seconds: time, memory: octets, output, errors } =
                runner.run(&program.file(runner.extension), program.size)?;
            let first = expected.get_or_insert_with(|| output.clone());
            if *first != output {
                return Err(format!("{} of {}: {output:?}, others {first:?}", program.name, runner.name));
            }
            // The loop dispatcher comes after the tail dispatcher: it counts instructions and calls too.
            if runner.extension == "eva" {
                let line = errors.lines().last().unwrap_or_default();
                stats = serde_json::from_str(line).map_err(|error| format!("statistics {line:?}: {error}"))?;
            }
            seconds[index].push(time);
            memory[index].push(octets as f64);
        }
    }
    Ok(Measured { program: *program, seconds, memory, stats })
}

fn report(suite: &Suite, runners: &[Runner], measured: &[Measured], rounds: usize, core: Option<usize>) -> String {
    let mut text = format!("# {}\n\n", suite.title);
    text.push_str("Written by `cargo xtask bench`; what is measured and how stands in [README.md](README.md).\n\n");
    let pinned = core.map_or("not pinned".to_owned(), |core| format!("pinned to core {core}"));
    text.push_str(&format!("- {}\n- {}, {pinned}\n", date(), machine()));
    let fewer = if suite.others.contains(&LOOP) { format!(" ({LOOP_ROUNDS} of {LOOP})") } else { String::new() };
    text.push_str(&format!("- {rounds} rounds{fewer}, all runners taking turns within a round\n"));
    let mut versions: Vec<String> = runners.iter().map(|runner| runner.version.clone()).collect();
    versions.dedup();
    text.push_str(&format!("- {}\n", versions.join(" · ")));

    text.push_str("\nCPU seconds of the whole process, median:\n\n");
    text.push_str(&medians(runners, measured, |one| &one.seconds, |seconds| format!("{seconds:.2}")));
    text.push_str("\nTime of `iridium` as a ratio to the others', median (least–greatest); below 1 is faster:\n\n");
    text.push_str(&ratios(runners, measured, |one| &one.seconds));
    text.push_str("\nThe most memory that was resident, in MiB, median:\n\n");
    text.push_str(&medians(runners, measured, |one| &one.memory, |octets| format!("{:.1}", octets / 1_048_576.0)));
    text.push_str("\nMemory of `iridium` as a ratio to the others', median (least–greatest); below 1 is less:\n\n");
    text.push_str(&ratios(runners, measured, |one| &one.memory));

    text.push_str("\nWhat was counted meanwhile (instructions and calls by the loop dispatcher, where it runs):\n\n");
    let columns = ["reductions", "instructions", "calls", "collections", "pause_max_ns", "heap_peak"];
    let heading = std::iter::once("program").chain(columns).map(str::to_owned);
    let rows = measured.iter().map(|one| {
        std::iter::once(one.program.name.to_owned())
            .chain(columns.iter().map(|column| one.stats[column].to_string()))
            .collect()
    });
    text.push_str(&markdown(&heading.collect::<Vec<_>>(), &rows.collect::<Vec<Vec<_>>>()));
    text
}

/// A table of what was measured, by program and runner.
fn medians(
    runners: &[Runner],
    measured: &[Measured],
    figures: impl Fn(&Measured) -> &Vec<Vec<f64>>,
    shown: impl Fn(f64) -> String,
) -> String {
    let names = runners.iter().map(|runner| runner.name.clone());
    let heading: Vec<String> = ["program".to_owned(), "size".to_owned()].into_iter().chain(names).collect();
    let rows = measured.iter().map(|one| {
        let medians = figures(one)
            .iter()
            .map(|all| Spread::of(all.iter().copied()).map_or(String::new(), |spread| shown(spread.median)));
        [one.program.name.to_owned(), one.program.size.to_string()].into_iter().chain(medians).collect()
    });
    markdown(&heading, &rows.collect::<Vec<Vec<_>>>())
}

/// A table of our figures as a ratio to the others', by program; and the geometric mean of the medians.
fn ratios(runners: &[Runner], measured: &[Measured], figures: impl Fn(&Measured) -> &Vec<Vec<f64>>) -> String {
    let others: Vec<usize> = (0..runners.len()).filter(|&index| runners[index].name != OURS).collect();
    let ours = runners.iter().position(|runner| runner.name == OURS).unwrap_or(0);
    let spread = |one: &Measured, other: usize| {
        let all = figures(one);
        Spread::of(all[ours].iter().zip(&all[other]).map(|(own, other)| own / other))
    };
    let heading: Vec<String> =
        std::iter::once("program".to_owned()).chain(others.iter().map(|&other| runners[other].name.clone())).collect();
    let mut rows: Vec<Vec<String>> = measured
        .iter()
        .map(|one| {
            let ratio = |&other: &usize| {
                spread(one, other).map_or(String::new(), |spread| {
                    format!("{:.2} ({:.2}–{:.2})", spread.median, spread.least, spread.greatest)
                })
            };
            std::iter::once(one.program.name.to_owned()).chain(others.iter().map(ratio)).collect()
        })
        .collect();
    let mean = |&other: &usize| {
        let logarithms: Vec<f64> = measured.iter().filter_map(|one| Some(spread(one, other)?.median.ln())).collect();
        format!("{:.2}", (logarithms.iter().sum::<f64>() / logarithms.len().max(1) as f64).exp())
    };
    rows.push(std::iter::once("geometric mean".to_owned()).chain(others.iter().map(mean)).collect());
    markdown(&heading, &rows)
}
