//! The programs under callgrind, as gungraun runs it; `instruction-counts` starts this and judges what it counts.

#![allow(missing_docs, reason = "gungraun's macros make public items")]

use gungraun::{BinaryBenchmarkConfig, Callgrind, Command, binary_benchmark, binary_benchmark_group, main};
use iridium_benches::programs::{PROGRAMS, Program, iridium};

#[binary_benchmark]
#[bench::fib("fib")]
#[bench::int_loop("int-loop")]
#[bench::float_loop("float-loop")]
#[bench::sieve("sieve")]
#[bench::strings("strings")]
#[bench::closures("closures")]
#[bench::methods("methods")]
#[bench::properties("properties")]
#[bench::exceptions("exceptions")]
#[bench::patterns("patterns")]
#[bench::maps("maps")]
#[bench::text("text")]
fn run(name: &str) -> Command {
    let program: Program = *PROGRAMS.iter().find(|program| program.name == name).expect("a program of the list");
    Command::new(iridium().expect("a release build"))
        // With the same hashes in each run.
        .args(["run", "--seed", "1"])
        .args([program.file("eva").into_os_string(), program.counted_size.to_string().into()])
        .build()
}

binary_benchmark_group!(name = programs; benchmarks = run);

main!(
    config = BinaryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"]));
    binary_benchmark_groups = programs
);
