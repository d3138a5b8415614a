//! Programs that try to pass a limit: `tests/hostile-programs/*.eva`, each in every engine, with small limits.
//!
//! A file says in comments what it tries and how it ends:
//!
//! - `; ends: limit :heap`, `; ends: limit :fuel`: the limit that ends it, which the message to people names;
//! - `; ends: error :limit-error: more than`: the kind of an uncaught error, and a part of its message;
//! - `; ends: throw 1`: the start of another value that was thrown;
//! - `; ends: value 42`: its value as `repr` prints it;
//! - `; ends: compile: nested`: a part of the compiler's message.
//!
//! Other lines of that kind change a setting: `; fuel: 500_000`, `; memory: 64M` (more for the host, with the reason
//! behind it), `; compiling: 64M`, `; slices: 5` (so many times the time that a slice may take, with the reason).
//! In the text `@{1000:text}@` stands for the text so many times, with the number of the repetition for each `#N`; it
//! may hold others, up to three deep with `@@{…}@@` and `@@@{…}@@@` around the inner ones.
//!
//! Of each program in each engine: it ends as said; what the host takes meanwhile beyond what it had is at most
//! [`PER_OCTET`] times the heap limit and a constant; no slice takes long, so that a deadline is kept; and engines agree
//! on the outcome, and on reductions unless heap or stack is the limit. One test in a program of its own, since its
//! allocator counts for all threads.

use iridium::{Config, Ending, Engine, EngineKind, Execution, Host, MemoryHost, Program, Source};
use iridium_tests::{folder, read, shown};
use peak_alloc::PeakAlloc;
use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Programs that there are at least.
const PROGRAMS: usize = 80;
/// What a process may hold.
const HEAP: usize = 8 << 20;
/// Reductions, unless a program says otherwise.
const FUEL: u64 = 200_000;
/// Octets of the host for each of the heap limit: heap and stack grow by copying, and natives gather what they make.
const PER_OCTET: usize = 4;
/// Octets of the host besides.
const BASE: usize = 4 << 20;
/// Octets that compiling a text takes, for each of it, and besides.
const PER_OCTET_OF_SOURCE: usize = 1_024;
const BASE_OF_SOURCE: usize = 8 << 20;
/// Time of the processor for a slice, after which limits are looked at, on a machine that does nothing else. Debug builds
/// are slow.
const SLICE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 400 } else { 200 });
/// The same is so many times as long in the usual run: a busy machine is slow too, and a program that is let loose takes
/// minutes. `IRIDIUM_LONG` holds the time itself.
const BUSY: u32 = 5;
/// The deadline that each program is run with, and how much later it may end, in time of the processor.
const DEADLINE: Duration = Duration::from_millis(100);

/// How a program is said to end.
#[derive(Clone, Debug, PartialEq)]
enum Expected {
    Limit(String),
    Error(String, String),
    Value(String),
    Throw(String),
    Compile(String),
}

/// A program of the suite.
struct Case {
    name: String,
    text: String,
    ends: Expected,
    fuel: u64,
    memory: usize,
    compiling: usize,
    slice: Duration,
}

/// What a run came to.
struct Run {
    outcome: String,
    message: String,
    reductions: u64,
    /// Octets that the host took at most, beyond what it had.
    peak: usize,
    /// Time of the processor, of the longest slice and of all.
    longest: Duration,
    took: Duration,
}

fn setting<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix("; ")?.strip_prefix(name)?.strip_prefix(": ").map(str::trim))
}

fn octets(text: &str) -> usize {
    let number = text.split([' ', 'M']).next().unwrap_or_default();
    number.parse::<usize>().unwrap_or_else(|_| panic!("{text}: no number of megabytes")) << 20
}

fn expected(text: &str) -> Option<Expected> {
    let ends = setting(text, "ends")?;
    if let Some(limit) = ends.strip_prefix("limit :") {
        return Some(Expected::Limit(limit.to_owned()));
    }
    if let Some(value) = ends.strip_prefix("value ") {
        return Some(Expected::Value(value.to_owned()));
    }
    if let Some(start) = ends.strip_prefix("throw ") {
        return Some(Expected::Throw(start.to_owned()));
    }
    if let Some(part) = ends.strip_prefix("compile: ") {
        return Some(Expected::Compile(part.to_owned()));
    }
    let (kind, part) = ends.strip_prefix("error ")?.split_once(": ")?;
    Some(Expected::Error(kind.to_owned(), part.to_owned()))
}

/// The text with what is to be repeated; `marks` is how many `@` begin and end it.
fn repeated(text: &str, marks: usize) -> String {
    let (begin, end) = match marks {
        1 => ("@{", "}@"),
        2 => ("@@{", "}@@"),
        _ => ("@@@{", "}@@@"),
    };
    let text = if marks < 3 { repeated(text, marks + 1) } else { text.to_owned() };
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(begin) {
        let (inside, after) = after.split_once(end).unwrap_or_else(|| panic!("`{begin}` without `{end}`"));
        let (count, part) = inside.split_once(':').unwrap_or_else(|| panic!("`{begin}` without a count"));
        out.push_str(before);
        for number in 0..count.parse::<usize>().unwrap_or_else(|_| panic!("{count}: no count")) {
            out.push_str(&part.replace("#N", &number.to_string()));
        }
        rest = after;
    }
    out + rest
}

fn cases() -> Vec<Case> {
    let folder = folder().join("hostile-programs");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("tests/hostile-programs is there")
        .map(|entry| entry.expect("it can be read").file_name().into_string().expect("names are text"))
        .collect();
    names.sort();
    let only = std::env::var("HOSTILE").unwrap_or_default();
    names
        .into_iter()
        .filter(|name| name.contains(&only))
        .map(|name| {
            let text = read(folder.join(&name));
            let name = name.strip_suffix(".eva").unwrap_or_else(|| panic!("{name}: no .eva")).to_owned();
            assert!(text.starts_with("; "), "{name}: its first line says what it tries");
            Case {
                ends: expected(&text).unwrap_or_else(|| panic!("{name}: how is it to end?")),
                fuel: setting(&text, "fuel").map_or(FUEL, |fuel| fuel.replace('_', "").parse().expect("a number")),
                memory: setting(&text, "memory").map_or(BASE + PER_OCTET * HEAP, octets),
                slice: SLICE
                    * if std::env::var_os("IRIDIUM_LONG").is_some() { 1 } else { BUSY }
                    * setting(&text, "slices")
                        .map_or(1, |count| count.split(' ').next().unwrap_or_default().parse().expect("a number")),
                compiling: setting(&text, "compiling").map_or(0, octets),
                text: repeated(&text, 1),
                name,
            }
        })
        .collect()
}

/// A host that keeps nothing of what is printed.
struct Sink {
    world: MemoryHost,
    output: io::Sink,
}

impl Host for Sink {
    fn output(&mut self) -> &mut dyn Write {
        &mut self.output
    }
    fn input(&mut self) -> &mut dyn BufRead {
        self.world.input()
    }
    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>> {
        match path {
            // A file as large as one likes.
            "endless" => Ok(Box::new(io::BufReader::new(io::repeat(b'a')))),
            "lines" => Ok(Box::new(io::BufReader::new(io::repeat(b'\n')))),
            _ => self.world.open(path),
        }
    }
    fn arguments(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Time of the processor that this thread has had; the time of the clock where the system does not tell.
fn processor_time() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    match told.and_then(|text| text.split(' ').next()?.parse().ok()) {
        Some(nanoseconds) => Duration::from_nanos(nanoseconds),
        None => {
            static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
            START.get_or_init(Instant::now).elapsed()
        }
    }
}

/// Runs a program to its end, slice by slice.
fn run(engine: &Engine, program: &Program) -> Run {
    let mut host = Sink { world: MemoryHost::new().with_file("small", "one\ntwo\n"), output: io::sink() };
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let mut execution = engine.start(program).expect("it fits into a node");
    let mut longest = Duration::ZERO;
    let start = processor_time();
    let (mut last, mut looked) = (start, Instant::now());
    let ending = loop {
        let ending = execution.step(iridium::SLICE, &mut host);
        // To look at the processor's time takes some itself: short slices are looked at together.
        if ending.is_some() || looked.elapsed() > Duration::from_millis(5) {
            let now = processor_time();
            longest = longest.max(now - last);
            (last, looked) = (now, Instant::now());
        }
        if let Some(ending) = ending {
            break ending;
        }
    };
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    let outcome = outcome(&ending, &execution);
    let message = ending.render(program.sources(), false);
    Run { outcome, message, reductions: execution.stats().reductions, peak, longest, took: last - start }
}

fn outcome(ending: &Ending, execution: &Execution) -> String {
    match ending {
        Ending::Done => format!("value {}", execution.value().unwrap_or_else(|why| why)),
        Ending::Failed(failure) => match &failure.kind {
            Some(kind) => format!("error :{kind}: {}", failure.text),
            None => format!("throw {}", failure.text),
        },
        Ending::Limit(limit) => format!("limit :{limit}"),
        Ending::Interrupted => "interrupted".to_owned(),
        Ending::Exited(reason) => format!("exit {reason}"),
        Ending::Deadlock(_) => "deadlock".to_owned(),
    }
}

/// What is wrong with how a run ended.
fn wrong(ends: &Expected, run: &Run) -> Option<String> {
    let right = match ends {
        Expected::Limit(limit) => {
            run.outcome == format!("limit :{limit}") && run.message.contains(&format!(":{limit}"))
        }
        Expected::Error(kind, part) => {
            run.outcome.strip_prefix(&format!("error {kind}: ")).is_some_and(|message| message.contains(part))
                && run.message.contains(part)
        }
        Expected::Throw(start) => run.outcome.starts_with(&format!("throw {start}")),
        Expected::Value(value) => run.outcome == format!("value {value}"),
        Expected::Compile(_) => false,
    };
    (!right).then(|| format!("it ended with {}, not with {ends:?}", run.outcome.chars().take(300).collect::<String>()))
}

/// Compiles and runs a case in all engines; gives a line of the table, and what is wrong.
fn check(number: usize, case: &Case) -> (String, Vec<String>) {
    let mut failures = Vec::new();
    let (before, start) = (ALLOCATOR.current_usage(), processor_time());
    ALLOCATOR.reset_peak_usage();
    let compiled = Engine::default().compile(Source::new("main.eva", case.text.as_str()));
    let (peak, took) = (ALLOCATOR.peak_usage().saturating_sub(before), processor_time() - start);
    let most = (BASE_OF_SOURCE + PER_OCTET_OF_SOURCE * case.text.len()).min(1 << 30).max(case.compiling);
    if peak > most {
        failures.push(format!("compiling took {} of {}", megabytes(peak), megabytes(most)));
    }
    if took > SLICE * 20 {
        failures.push(format!("compiling took {took:?}"));
    }
    let program = match (compiled, &case.ends) {
        (Ok(program), _) => program,
        (Err(rejection), ends) => {
            let message = rejection.render(false);
            if !matches!(ends, Expected::Compile(part) if message.contains(part)) || rejection.is_internal() {
                failures.push(format!("it was rejected: {}", message.chars().take(500).collect::<String>()));
            }
            if message.len() > 1 << 20 {
                failures.push(format!("a message of {}", megabytes(message.len())));
            }
            return (format!("{:44} compile {:>33} {:>23.0?}", case.name, megabytes(peak), took), failures);
        }
    };
    let mut first: Option<Run> = None;
    let mut lines = String::new();
    let kinds = EngineKind::available();
    for kind in kinds {
        let config = Config::new().engine(*kind).seed(1).max_heap(HEAP as u64);
        let limited = run(&Engine::new(config.clone().fuel(case.fuel)), &program);
        // Against the clock in one of the engines in turn, since it takes the time that it is given.
        let hurried = kinds[number % kinds.len()] == *kind;
        let hurried = hurried.then(|| run(&Engine::new(config.deadline(DEADLINE)), &program));
        if let Some(wrong) = wrong(&case.ends, &limited) {
            failures.push(format!("{kind}: {wrong}"));
        }
        for run in [Some(&limited), hurried.as_ref()].into_iter().flatten() {
            if run.peak > case.memory {
                failures.push(format!("{kind}: the host took {} of {}", megabytes(run.peak), megabytes(case.memory)));
            }
            if run.longest > case.slice {
                failures.push(format!("{kind}: a slice took {:.0?}", run.longest));
            }
        }
        if let Some(run) = hurried.as_ref().filter(|run| run.took > DEADLINE + case.slice) {
            failures.push(format!("{kind}: it ended {:.0?} after the deadline", run.took - DEADLINE));
        }
        let summary = limited.outcome.chars().take(28).collect::<String>().replace('\n', " ");
        if first.is_none() {
            lines = format!(
                "{:44} {summary:28} {:>12} {:>10.1?} {:>10.0?}",
                case.name,
                megabytes(limited.peak),
                limited.longest,
                limited.took
            );
        }
        match &first {
            None => first = Some(limited),
            Some(other) => {
                if other.outcome != limited.outcome {
                    failures.push(format!("{kind}: engines disagree: {} and {}", other.outcome, limited.outcome));
                }
                // How deep a recursion may be depends on the size of frames, as the instant of the heap's limit does.
                let by_size =
                    ["limit :heap", "error :stack-overflow"].iter().any(|end| limited.outcome.starts_with(end));
                if !by_size && other.reductions != limited.reductions {
                    failures.push(format!(
                        "{kind}: engines disagree: {} and {} reductions",
                        other.reductions, limited.reductions
                    ));
                }
            }
        }
    }
    (lines, failures)
}

fn megabytes(octets: usize) -> String {
    format!("{:.1} MiB", octets as f64 / f64::from(1 << 20))
}

#[test]
fn programs_stay_within_their_limits() {
    let cases = cases();
    let mut failures = Vec::new();
    // What engines share is made once, outside of any budget.
    Engine::default().eval("(map square [1])").expect("it runs");
    shown(&format!("{:44} {:28} {:>12} {:>10} {:>10}", "program", "ends with", "host memory", "slice", "time"));
    for (number, case) in cases.iter().enumerate() {
        let (line, wrong) = check(number, case);
        shown(&line);
        for why in wrong {
            shown(&format!("    {why}"));
            failures.push(format!("{}: {why}", case.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases.len() >= PROGRAMS, "there are only {} programs", cases.len());
}
