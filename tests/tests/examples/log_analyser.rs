//! The log analyser: its figures against those of the generator that wrote the log, and memory that does not grow.

use super::{data, example, prints};
use iridium_tests::binary::{Scratch, iridium};
use iridium_tests::random::Random;
use iridium_tests::{golden, root, tools};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Lines that are no requests.
const BAD_LINES: &[&str] = &[
    "",
    "nonsense",
    "2026-03-01T24:00:00Z 192.0.2.1 GET / 200 1 1",
    "2026-03-01T10:00:00Z 192.0.2.1 GET / 200 1",
    "2026-03-01T10:00:00Z 192.0.2.1 GET / 200 1 1 1",
    "2026-03-01T10:00:00Z 192.0.2.1 GET / OK 1 1",
    "2026-03-01T10:00:00Z 192.0.2.1 GET / 200 -1 1",
    "2026-03-01T10:00:00Z 192.0.2.1 GET / 200 1 1.5",
    "10:00 192.0.2.1 GET / 200 1 1",
];

/// What was written into a log.
#[derive(Default)]
struct Figures {
    bytes: u64,
    bad_lines: u64,
    first_bad_line: Option<u64>,
    statuses: BTreeMap<u64, u64>,
    paths: BTreeMap<String, u64>,
    latencies: Vec<u64>,
    hours: BTreeMap<u64, Hour>,
}

#[derive(Default)]
struct Hour {
    requests: u64,
    errors: u64,
    latency: u64,
}

/// A number of microseconds as milliseconds, rounded to two digits.
fn milliseconds(microseconds: f64) -> String {
    format!("{:.2}", (microseconds / 10.0).round_ties_even() / 100.0)
}

impl Figures {
    /// Writes a log of about so many bytes.
    fn generate(path: &str, size: u64, seed: u64) -> Figures {
        let mut random = Random::new(seed);
        let mut figures = Figures::default();
        let mut out = std::io::BufWriter::new(std::fs::File::create(path).expect("the log can be made"));
        let (mut written, mut line) = (0, 0);
        let mut text = String::new();
        while written < size {
            text.clear();
            line += 1;
            if random.once_in(1000) {
                text.push_str(random.of::<&str>(BAD_LINES));
                figures.bad_lines += 1;
                figures.first_bad_line.get_or_insert(line);
            } else {
                // The log covers a day, whatever its size.
                figures.request(&mut random, written * 24 / size, &mut text);
            }
            text.push('\n');
            out.write_all(text.as_bytes()).expect("the log can be written");
            written += text.len() as u64;
        }
        out.flush().expect("the log can be written");
        figures.latencies.sort_unstable();
        figures
    }

    fn request(&mut self, random: &mut Random, hour: u64, text: &mut String) {
        // Small numbers are more frequent, so that ranks differ.
        let page = random.below(400).min(random.below(400));
        let path = if page == 0 { "/".to_owned() } else { format!("/books/{page}") };
        let query = if random.once_in(3) { format!("?page={}", random.below(100)) } else { String::new() };
        let status = *random.of(&[200, 200, 200, 200, 200, 304, 404, 500, 503]);
        let bytes = random.below(100_000);
        let magnitude = random.below(22);
        let latency = random.below(1 << magnitude);
        let (minute, second, client) = (random.below(60), random.below(60), random.below(256));
        write!(
            text,
            "2026-03-01T{hour:02}:{minute:02}:{second:02}Z 192.0.2.{client} GET {path}{query} {status} {bytes} {latency}"
        )
        .expect("a string takes everything");
        self.bytes += bytes;
        *self.statuses.entry(status).or_default() += 1;
        *self.paths.entry(path).or_default() += 1;
        self.latencies.push(latency);
        let row = self.hours.entry(hour).or_default();
        row.requests += 1;
        row.latency += latency;
        row.errors += u64::from(status >= 500);
    }

    /// Checks what the program prints.
    fn check(&self, printed: &str) {
        let sections: Vec<Vec<&str>> = printed.trim_end().split("\n\n").map(|part| part.lines().collect()).collect();
        let [totals, statuses, paths, latency, hours] = sections.as_slice() else { panic!("{printed}") };
        let first = self.first_bad_line.map_or(String::new(), |line| format!(", the first is line {line}"));
        let expected = [
            format!("requests  {}", self.latencies.len()),
            format!("bytes     {}", self.bytes),
            format!("bad lines {}{first}", self.bad_lines),
        ];
        assert_eq!(*totals, expected);

        let expected: Vec<String> = self.statuses.iter().map(|(status, n)| format!("{status:6} {n:9}")).collect();
        assert_eq!(statuses[1..], expected);

        let mut ranks: Vec<(&String, &u64)> = self.paths.iter().collect();
        ranks.sort_by_key(|&(path, n)| (std::cmp::Reverse(n), path));
        let expected: Vec<String> = ranks.iter().take(10).map(|(path, n)| format!("{n:8}  {path}")).collect();
        assert_eq!(paths[1..], expected);

        self.check_latency(&latency[1..]);
        assert_eq!(hours[1..], self.hour_rows());
    }

    /// Percentiles may be too small by the width of a bucket; mean and maximum are exact.
    fn check_latency(&self, rows: &[&str]) {
        let n = self.latencies.len();
        assert_eq!(rows.len(), 6);
        for (row, per_mille) in rows.iter().zip([500, 900, 990, 999]) {
            let (name, shown) = row.split_once(' ').expect("a name and a figure");
            assert_eq!(name, format!("{}%", f64::from(per_mille) / 10.0));
            let shown: f64 = shown.trim().parse().expect("the figure is a number");
            let exact = self.latencies[(n * per_mille as usize).div_ceil(1000) - 1] as f64 / 1000.0;
            assert!(shown <= exact + 0.005 && exact <= shown * (33.0 / 32.0) + 0.005, "{row}: {exact}");
        }
        let sum: u64 = self.latencies.iter().sum();
        assert_eq!(rows[4], format!("mean    {:>13}", milliseconds(sum as f64 / n as f64)));
        assert_eq!(rows[5], format!("max     {:>13}", milliseconds(self.latencies[n - 1] as f64)));
    }

    fn hour_rows(&self) -> Vec<String> {
        let busiest = self.hours.values().map(|row| row.requests).max().expect("there are requests");
        let row = |(hour, row): (&u64, &Hour)| {
            let mean = milliseconds(row.latency as f64 / row.requests as f64);
            let bar = "#".repeat((20 * row.requests).div_ceil(busiest) as usize);
            format!("{hour:4} {:9} {:7} {mean:>8}  {bar}", row.requests, row.errors)
        };
        self.hours.iter().map(row).collect()
    }
}

/// What the analyser prints, and the largest number of kilobytes that the process was seen to take.
fn analyse(log: &str) -> (String, Option<u64>) {
    let mut child = Command::new(iridium())
        .args(["run", "--max-heap", "2M", "examples/log-analyser.eva", log])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("iridium starts");
    // The kernel keeps the maximum, so a look now and then does; what comes after the last one are the tables.
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait().expect("iridium can be waited for").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let seen = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(seen);
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("iridium has ended");
    assert!(output.status.success(), "{}", output.status);
    (String::from_utf8(output.stdout).expect("text"), peak)
}

#[test]
fn a_small_log_from_a_file_and_from_standard_input() {
    let scratch = Scratch::new("log-small");
    let log = scratch.file("log", "");
    let figures = Figures::generate(&log, 100_000, 1);
    for options in super::ENGINES {
        figures.check(&prints(options, "log-analyser.eva", &[&log], b""));
    }
    let input = std::fs::read(&log).expect("the log can be read");
    figures.check(&prints(&[], "log-analyser.eva", &[], &input));
}

#[test]
fn memory_does_not_grow_with_the_log() {
    let (small, large) = if cfg!(debug_assertions) { (100_000, 2_000_000) } else { (1_000_000, 100_000_000) };
    let scratch = Scratch::new("log-large");
    let logs = [scratch.file("small", ""), scratch.file("large", "")];
    let expected = [Figures::generate(&logs[0], small, 2), Figures::generate(&logs[1], large, 3)];
    let peaks: Vec<Option<u64>> = std::iter::zip(&logs, &expected)
        .map(|(log, figures)| {
            let (printed, peak) = analyse(log);
            figures.check(&printed);
            peak
        })
        .collect();
    match peaks[..] {
        [Some(small), Some(large)] => assert!(large < small + 4096, "{small} and {large} kilobytes"),
        _ => tools::skipped("no /proc, which tells how much memory a process takes"),
    }
}

#[test]
fn many_paths_take_no_more_counters() {
    // `/often` comes every third time; between them are 30,000 paths that come once.
    let mut log = String::new();
    for n in 0..45_000 {
        let path = if n % 3 == 0 { "/often".to_owned() } else { format!("/once/{n}") };
        writeln!(log, "2026-03-01T00:00:00Z 192.0.2.1 GET {path} 200 1 1").expect("a string takes everything");
    }
    let printed = prints(&["--max-heap", "2M"], "log-analyser.eva", &[], log.as_bytes());
    let number =
        |line: &str| -> u64 { line.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect(line) };
    let lines: Vec<&str> = printed.lines().collect();
    let at = lines.iter().position(|line| line.ends_with("  path")).expect("a table of paths");
    let slack = number(lines[at + 1]);
    let counted = number(lines[at + 2]);
    assert!(lines[at + 2].ends_with("  /often"), "{printed}");
    assert!(counted <= 15_000 && 15_000 <= counted + slack && slack <= 45, "{counted}, {slack}");
}

#[test]
fn an_empty_log_has_totals_only() {
    assert_eq!(prints(&[], "log-analyser.eva", &[], b""), "requests  0\nbytes     0\nbad lines 0\n");
    let done = example(&[], "log-analyser.eva", &["tests"], b"");
    assert!(done.stderr.starts_with("error: :io-error: tests"), "{}", done.stderr);
    let input = std::fs::read(data("access.log")).expect("the log can be read");
    let printed = prints(&[], "log-analyser.eva", &[], &input);
    golden::check(&data("access.out"), &printed).unwrap_or_else(|message| panic!("{message}"));
}
