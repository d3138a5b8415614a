//! Reading, compiling, verifying and lowering take time in proportion to the source, whatever it consists of.

use iridium::{Engine, Source};
use iridium_tests::binary::{Scratch, run_in};
use iridium_tests::sources::{degenerate, realistic};
use std::time::{Duration, Instant};

/// Processor time of this thread where the system tells it, which others cannot disturb; else the time of day.
fn clock(start: Instant) -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|number| number.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The time for a source, the least of some attempts. What it says is shown, too: messages cost time.
fn time(engine: &Engine, source: &str, attempts: usize) -> Duration {
    let start = Instant::now();
    let attempt = |_| {
        let before = clock(start);
        if let Err(rejection) = engine.compile(Source::new("long.eva", source)) {
            assert!(!rejection.is_internal(), "{}", rejection.render(false));
            let shown = rejection.render(false).len();
            assert!(shown < 100_000 || shown < source.len() / 4, "{shown} octets of messages");
        }
        clock(start) - before
    };
    (0..attempts).map(attempt).min().unwrap_or_default()
}

/// Four times the source takes less than eight times the time: what no longer fits into a processor's caches takes longer,
/// what is square takes sixteen times. The times are printed, too.
#[allow(clippy::print_stderr, reason = "benches/README.md says how to see the figures")]
fn grows_with_the_source(name: &str, small: &str, large: &str) {
    let engine = Engine::new(iridium::Config::new());
    let ratio = large.len() as f64 / small.len() as f64;
    let mut seen = Vec::new();
    // A machine that does something else meanwhile gets further chances.
    for attempts in [1, 2, 3] {
        let (short, long) = (time(&engine, small, attempts), time(&engine, large, attempts));
        eprintln!("{name}: {} octets {short:?}, {} octets {long:?}", small.len(), large.len());
        if long.as_secs_f64() < short.as_secs_f64() * ratio * 2.0 + 0.05 {
            return;
        }
        seen.push((short, long));
    }
    panic!("{name}: {} and {} octets took {seen:?}", small.len(), large.len());
}

#[test]
fn a_large_program_takes_time_as_it_is_long() {
    let (small, large) = (realistic(1 << 18), realistic(1 << 20));
    let engine = Engine::new(iridium::Config::new());
    assert!(engine.compile(Source::new("long.eva", small.as_str())).is_ok(), "it is a program");
    grows_with_the_source("a large program", &small, &large);
}

/// What the processor was busy with children of this process; the time of day where the system does not tell.
fn clock_of_children(start: Instant) -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may have blanks: user and system time of children are the 14th and 15th field, in ticks.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: Vec<u64> = fields.skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks[..] {
        [user, system] => Duration::from_millis((user + system) * 10),
        _ => start.elapsed(),
    }
}

/// 1 MB is read, compiled, verified and lowered in less than a second, 10 MB in less than 11 times that; as somebody
/// sees it who starts `iridium verify`: a process that compiles again has warm memory. A machine that is busy with other
/// things takes longer for memory that no cache holds: only long runs hold it to 11, others to 16. What is square would
/// take a hundred times.
#[test]
#[cfg_attr(debug_assertions, ignore = "a claim about release builds")]
#[allow(clippy::print_stderr, reason = "benches/README.md says how to see the figures")]
fn ten_megabytes_take_not_much_more_than_ten_times_one() {
    let scratch = Scratch::new("compile-time");
    let small = scratch.file("small.eva", realistic(1_000_000));
    let large = scratch.file("large.eva", realistic(10_000_000));
    let start = Instant::now();
    let verify = |file: &str, times: u32| {
        let before = clock_of_children(start);
        for _ in 0..times {
            let done = run_in(scratch.path(), &["verify", file], b"");
            assert_eq!(done.code, Some(0), "{}", done.stderr);
        }
        (clock_of_children(start) - before) / times
    };
    let mut seen = Vec::new();
    let most = if std::env::var_os("IRIDIUM_LONG").is_some() { 11.0 } else { 16.0 };
    // A machine that does something else meanwhile gets further chances.
    for _ in 0..5 {
        let (one, ten) = (verify(&small, 10), verify(&large, 2));
        let times = ten.as_secs_f64() / one.as_secs_f64();
        eprintln!("1 MB {one:?}, 10 MB {ten:?}, which is {times:.2} times that");
        if one < Duration::from_secs(1) && times < most {
            return;
        }
        seen.push((one, ten));
    }
    panic!("1 MB and 10 MB took {seen:?}");
}

#[test]
fn a_source_of_one_kind_takes_time_as_it_is_long() {
    for ((name, small), (_, large)) in degenerate(1 << 17).into_iter().zip(degenerate(1 << 19)) {
        grows_with_the_source(name, &small, &large);
    }
}
