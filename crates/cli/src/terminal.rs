//! The host of a program that a user runs: standard input and output, Ctrl-C, and the system's files.

use crate::messages;
use iridium::{FileAnswer, FileRequest, Host, Permissions, SystemHost};
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Stdin, Stdout, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Octets that are collected before they are written, unless a person is watching.
const BUFFER: usize = 64 * 1024;

/// Exit code after Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;

/// Set by Ctrl-C, cleared by whoever has reacted.
static INTERRUPT: AtomicBool = AtomicBool::new(false);

/// Set while the program waits for input, where it can't look at [`INTERRUPT`].
static WAITING: AtomicBool = AtomicBool::new(false);

/// Set where Ctrl-C ends a program's waiting for input, but not the whole process.
static KEEP_GOING: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C stop the running program between two slices. While it waits for input, and at the second time, the
/// whole process ends at once.
pub(crate) fn catch_interrupts() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let handler = || {
            let waits = WAITING.load(Ordering::Relaxed) && !KEEP_GOING.load(Ordering::Relaxed);
            let again = INTERRUPT.swap(true, Ordering::Relaxed);
            if again && KEEP_GOING.load(Ordering::Relaxed) {
                messages::tell("interrupted twice: leaving");
            }
            if again || waits {
                std::process::exit(i32::from(INTERRUPTED));
            }
        };
        // Without a handler Ctrl-C still ends the process, if less gently.
        drop(ctrlc::set_handler(handler));
    });
}

/// Makes Ctrl-C end the program's waiting for input, rather than the whole process, where the platform lets it.
pub(crate) fn keep_going_when_interrupted() {
    KEEP_GOING.store(cfg!(unix), Ordering::Relaxed);
}

/// Forgets an earlier Ctrl-C.
pub(crate) fn clear_interrupt() {
    INTERRUPT.store(false, Ordering::Relaxed);
}

/// The user's terminal and files.
pub(crate) struct Terminal {
    output: Output,
    input: Input,
    system: SystemHost,
}

impl Terminal {
    /// A host with these arguments for the program, which may do so much.
    pub(crate) fn new(arguments: Vec<String>, permissions: Permissions) -> Terminal {
        let live = io::stdout().is_terminal();
        let output = Output { to: BufWriter::with_capacity(BUFFER, io::stdout()), live, inside_line: false };
        let system = SystemHost::new().with_permissions(permissions).with_arguments(arguments);
        Terminal { output, input: Input(BufReader::new(io::stdin())), system }
    }

    /// Writes a line of the command's own.
    pub(crate) fn print(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.output, "{text}")
    }

    /// Ends the line that the program has begun, and says whether it has.
    pub(crate) fn end_line(&mut self) -> bool {
        let inside = self.output.inside_line;
        if inside {
            drop(self.print(""));
        }
        drop(self.flush());
        inside
    }

    /// Writes what was collected.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Host for Terminal {
    fn output(&mut self) -> &mut dyn Write {
        &mut self.output
    }

    fn input(&mut self) -> &mut dyn BufRead {
        // A question that the program wrote must be seen before it waits for the answer.
        drop(self.output.flush());
        &mut self.input
    }

    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>> {
        self.system.open(path)
    }

    fn create(&mut self, path: &str, append: bool) -> io::Result<Box<dyn Write + Send>> {
        self.system.create(path, append)
    }

    fn file(&mut self, request: &FileRequest) -> io::Result<FileAnswer> {
        self.system.file(request)
    }

    fn report(&mut self, line: &str) {
        self.system.report(line);
    }

    fn arguments(&self) -> Vec<String> {
        self.system.arguments()
    }

    fn interrupted(&self) -> bool {
        INTERRUPT.load(Ordering::Relaxed)
    }
}

/// Standard output; at a terminal each line appears at once.
struct Output {
    to: BufWriter<Stdout>,
    live: bool,
    /// Whether what was written ends without a line end.
    inside_line: bool,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        if let Some(last) = bytes[..written].last() {
            self.inside_line = *last != b'\n';
        }
        if self.live {
            self.to.flush()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Waits until there is input, or Ctrl-C.
#[cfg(unix)]
fn wait(input: &Stdin) -> io::Result<()> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    const STEP: u8 = 50;
    loop {
        if INTERRUPT.load(Ordering::Relaxed) {
            // Not the kind that means to try again.
            return Err(io::Error::other("interrupted"));
        }
        let mut inputs = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        match poll(&mut inputs, PollTimeout::from(STEP)) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => {}
            // An end or a fault is found by reading.
            _ => return Ok(()),
        }
    }
}

#[cfg(not(unix))]
fn wait(_: &Stdin) -> io::Result<()> {
    Ok(())
}

/// Standard input, which notes when it waits.
struct Input(BufReader<Stdin>);

impl Read for Input {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(bytes.len());
        bytes[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        WAITING.store(true, Ordering::Relaxed);
        if self.0.buffer().is_empty() && KEEP_GOING.load(Ordering::Relaxed) {
            wait(self.0.get_ref())?;
        }
        let filled = self.0.fill_buf();
        WAITING.store(false, Ordering::Relaxed);
        filled
    }

    fn consume(&mut self, count: usize) {
        self.0.consume(count);
    }
}
