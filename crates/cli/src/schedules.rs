//! `--seeds N`: a program under as many schedules, until one makes it fail.

use crate::arguments::RunOptions;
use crate::commands::exit;
use crate::terminal::Terminal;
use crate::{Exit, messages};
use iridium::{Config, Ending, Engine, FileAnswer, FileRequest, Host, Program};
use std::io::{self, BufRead, Write};

/// A host whose output is shown later, or not at all. There is no input: only one of the runs could have it.
struct Collecting {
    terminal: Terminal,
    input: io::Empty,
    output: Vec<u8>,
    reports: Vec<String>,
}

impl Host for Collecting {
    fn output(&mut self) -> &mut dyn Write {
        &mut self.output
    }

    fn input(&mut self) -> &mut dyn BufRead {
        &mut self.input
    }

    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>> {
        self.terminal.open(path)
    }

    fn create(&mut self, path: &str, append: bool) -> io::Result<Box<dyn Write + Send>> {
        self.terminal.create(path, append)
    }

    fn file(&mut self, request: &FileRequest) -> io::Result<FileAnswer> {
        self.terminal.file(request)
    }

    fn report(&mut self, line: &str) {
        self.reports.push(line.to_owned());
    }

    fn arguments(&self) -> Vec<String> {
        self.terminal.arguments()
    }

    fn interrupted(&self) -> bool {
        self.terminal.interrupted()
    }
}

/// Runs a program under `count` schedules, with the seeds from the given one on. What the first run printed is shown, or
/// what the first one did that failed, with its seed.
pub(crate) fn execute(
    config: &Config,
    count: u64,
    program: &Program,
    options: &RunOptions,
    arguments: &[String],
) -> Exit {
    let first = options.seed.unwrap_or(1);
    let mut shown = None;
    for seed in (0..count).map(|number| first.wrapping_add(number)) {
        let engine = Engine::new(config.clone().seed(seed));
        let mut execution = match engine.start(program) {
            Ok(execution) => execution,
            Err(error) => {
                messages::error(&error.to_string(), options.format);
                return Exit::Rejected;
            }
        };
        let mut host = Collecting {
            terminal: Terminal::new(arguments.to_vec(), options.sandbox.permissions()),
            input: io::empty(),
            output: Vec::new(),
            reports: Vec::new(),
        };
        let ending = execution.run(&mut host);
        if ending == Ending::Done {
            shown.get_or_insert(host);
            continue;
        }
        show(&mut host);
        messages::ending(&ending, program.sources(), options.format);
        messages::tell(format_args!("this was seed {seed}: `--seed {seed}` runs it again"));
        return exit(&ending);
    }
    shown.iter_mut().for_each(show);
    messages::tell(format_args!("{count} schedules, from seed {first} on: no run failed"));
    Exit::Fine
}

fn show(host: &mut Collecting) {
    drop(host.terminal.output().write_all(&host.output));
    drop(host.terminal.flush());
    host.reports.iter().for_each(messages::tell);
}
