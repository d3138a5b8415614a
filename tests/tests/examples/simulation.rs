//! The bank's line: golden output, and queueing theory as the judge.

use super::{check, prints};

/// The simulated mean wait that the program prints.
fn mean_wait(printed: &str) -> f64 {
    let line = printed.lines().find(|line| line.starts_with("mean wait")).expect("a line with the mean wait");
    let figure = line.split_whitespace().nth(2).expect("a figure");
    figure.parse().expect("the figure is a number")
}

/// How far from the theory a result may be: longer runs come nearer.
fn tolerance() -> (u32, f64) {
    if cfg!(debug_assertions) { (20_000, 0.15) } else { (400_000, 0.05) }
}

#[test]
fn a_small_run_gives_the_same_everywhere() {
    check("simulation.eva", &["2", "5000", "7"], b"", "simulation.out");
}

#[test]
fn one_teller_is_as_slow_as_theory_says() {
    let (customers, tolerance) = tolerance();
    // M/M/1: the mean wait is the service time times load / (1 - load).
    let expected = 5.0 * 0.8 / (1.0 - 0.8);
    for seed in ["1", "2", "3"] {
        let printed = prints(&[], "simulation.eva", &["1", &customers.to_string(), seed], b"");
        let off = (mean_wait(&printed) / expected - 1.0).abs();
        assert!(off < tolerance, "seed {seed}: off by {:.1} %\n{printed}", 100.0 * off);
    }
}

#[test]
fn three_tellers_share_a_line_as_erlang_says() {
    let (customers, tolerance) = tolerance();
    // M/M/3 with an offered load of 2.4, by Erlang's sum rather than the recursion that the program uses.
    let offered = 2.4_f64;
    let all_busy = offered.powi(3) / 6.0 / (1.0 - 0.8);
    let chance = all_busy / (1.0 + offered + offered.powi(2) / 2.0 + all_busy);
    let expected = chance * 5.0 / (3.0 * (1.0 - 0.8));
    let printed = prints(&[], "simulation.eva", &["3", &customers.to_string(), "1"], b"");
    let off = (mean_wait(&printed) / expected - 1.0).abs();
    assert!(off < tolerance, "off by {:.1} %\n{printed}", 100.0 * off);
    let in_theory = format!("{expected:.2}");
    assert!(printed.lines().any(|line| line.starts_with("mean wait") && line.ends_with(&in_theory)), "{printed}");
}
