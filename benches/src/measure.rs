//! Measuring one run of a program: CPU time and memory of the whole process, start to end, with its output.

use std::ffi::OsString;
use std::io::Read;
use std::process::{Command, Stdio};
use wait4::Wait4;

/// Something that runs programs: an engine of ours, or another language.
#[derive(Clone, Debug)]
pub struct Runner {
    /// Heading of its column.
    pub name: String,
    /// What it says its version is.
    pub version: String,
    /// The executable.
    pub executable: OsString,
    /// What comes before the program's file.
    pub options: Vec<String>,
    /// Extension of the files that it runs.
    pub extension: &'static str,
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// User and system time of the process in seconds.
    pub seconds: f64,
    /// The most memory that it held at once, in octets: the resident set.
    pub memory: u64,
    /// What it printed.
    pub output: String,
    /// What it printed on standard error.
    pub errors: String,
}

impl Runner {
    /// Runs a file with one argument.
    ///
    /// # Errors
    /// A message if the process can't be started or does not end well.
    pub fn run(&self, file: &std::path::Path, argument: u64) -> Result<Run, String> {
        let failed = |error: std::io::Error| format!("cannot run {}: {error}", self.name);
        let mut child = Command::new(&self.executable)
            .args(&self.options)
            .arg(file)
            .arg(argument.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        // Little is written to either, so the one is not full before the other is read.
        let (mut output, mut errors) = (String::new(), String::new());
        if let Some(mut pipe) = child.stdout.take() {
            pipe.read_to_string(&mut output).map_err(failed)?;
        }
        if let Some(mut pipe) = child.stderr.take() {
            pipe.read_to_string(&mut errors).map_err(failed)?;
        }
        let used = child.wait4().map_err(failed)?;
        if !used.status.success() {
            return Err(format!("{} {}: {}\n{errors}", self.name, file.display(), used.status));
        }
        let seconds = (used.rusage.utime + used.rusage.stime).as_secs_f64();
        Ok(Run { seconds, memory: used.rusage.maxrss, output, errors })
    }
}

/// Binds this process and its children to the last core, where the system can; says which.
#[cfg(target_os = "linux")]
pub fn pin() -> Option<usize> {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    let this = nix::unistd::Pid::from_raw(0);
    let allowed = sched_getaffinity(this).ok()?;
    let last = (0..CpuSet::count()).rev().find(|core| allowed.is_set(*core).unwrap_or(false))?;
    let mut only = CpuSet::new();
    only.set(last).ok()?;
    sched_setaffinity(this, &only).ok()?;
    Some(last)
}

/// Binds this process to a core, where the system can; this one can't.
#[cfg(not(target_os = "linux"))]
pub fn pin() -> Option<usize> {
    None
}

/// Median, least and greatest of some figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The middle one, or the mean of the two middle ones.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Spread {
    /// The spread of some figures; none of no figures.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (least, greatest) = (*sorted.first()?, *sorted.last()?);
        let upper = sorted[sorted.len() / 2];
        let lower = sorted[(sorted.len() - 1) / 2];
        Some(Spread { median: f64::midpoint(lower, upper), least, greatest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle() {
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]), Some(Spread { median: 2.5, least: 1.0, greatest: 4.0 }));
        assert_eq!(Spread::of([5.0]), Some(Spread { median: 5.0, least: 5.0, greatest: 5.0 }));
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn a_run_has_its_output_and_its_time() {
        let shell = Runner {
            name: "sh".to_owned(),
            version: String::new(),
            executable: "sh".into(),
            options: vec![
                "-c".to_owned(),
                "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $1 >&2; echo $i".to_owned(),
            ],
            extension: "sh",
        };
        let run = shell.run(std::path::Path::new("zero"), 7).expect("sh runs");
        assert_eq!((run.output.as_str(), run.errors.as_str()), ("20000\n", "7\n"));
        assert!(run.memory > 100_000, "a shell holds more than {} octets", run.memory);
        assert!(run.seconds > 0.0, "20,000 turns of a shell's loop take time, not {}", run.seconds);
    }

    #[test]
    fn a_run_that_fails_is_an_error_with_its_message() {
        let shell = Runner {
            name: "sh".to_owned(),
            version: String::new(),
            executable: "sh".into(),
            options: vec!["-c".to_owned(), "echo broken >&2; exit 3".to_owned()],
            extension: "sh",
        };
        let error = shell.run(std::path::Path::new("zero"), 0).expect_err("it exits with 3");
        assert!(error.contains("broken"), "{error}");
    }
}
