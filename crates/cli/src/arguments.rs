//! What can be said on the command line. Help texts are made from this.

use crate::sandbox::Sandbox;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Runs Eva programs.
#[derive(Debug, Parser)]
#[command(
    name = "iridium",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Without a command: iridium FILE runs a file, iridium alone starts the REPL.\n\
                  `iridium COMMAND --help` shows examples.",
    after_long_help = "\
Without a command, FILE is run; without anything, the REPL starts.

Examples:
  iridium hello.eva                     run a file
  iridium -e '(reduce + 0 (range 10))'  print the value of an expression
  iridium check *.eva                   look for mistakes without running
  iridium                               start the REPL

Exit codes:
  0    fine
  1    the program ended in an error that nothing caught, or passed a limit
  2    bad usage
  65   the source was rejected, or could not be read
  70   a bug of Iridium's own
  130  interrupted"
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Print the value of an expression
    #[arg(short = 'e', value_name = "EXPR", conflicts_with_all = ["file", "program"])]
    pub(crate) expression: Option<String>,

    /// Run a file
    #[arg(short = 'f', value_name = "FILE", conflicts_with = "program")]
    pub(crate) file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) options: RunOptions,

    /// File to run, and what `(Os.args)` gives it
    #[arg(value_names = ["FILE", "ARG"], num_args = 0.., trailing_var_arg = true)]
    pub(crate) program: Vec<OsString>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a program; prints only what the program prints
    #[command(after_long_help = "\
Examples:
  iridium run hello.eva
  iridium run examples/word-count.eva README.md
  iridium run --sandbox --fuel 1000000 --max-heap 64M untrusted.eva
  iridium run --allow-read=data,notes.txt --allow-write=out report.eva
  iridium run --seeds 100 chat.eva
  iridium run --stats hello.eva")]
    Run {
        #[command(flatten)]
        options: RunOptions,
        /// Run under so many schedules, with the seeds from --seed or 1 on, until one makes it fail
        #[arg(long, value_name = "N")]
        seeds: Option<u64>,
        /// File to run, and what `(Os.args)` gives it
        // One list: options end where it begins, so that what follows FILE belongs to the program.
        #[arg(required = true, value_names = ["FILE", "ARG"], num_args = 1.., trailing_var_arg = true)]
        program: Vec<OsString>,
    },
    /// Print the value of an expression, as `repr` does
    #[command(after_long_help = "\
Examples:
  iridium eval '(+ 1 2)'
  iridium eval --engine stack '(map square [1 2 3])'")]
    Eval {
        #[command(flatten)]
        options: RunOptions,
        /// Expression, or several of them
        #[arg(value_name = "EXPR", allow_hyphen_values = true)]
        expression: String,
    },
    /// Look for mistakes without running
    #[command(after_long_help = "\
Examples:
  iridium check hello.eva
  iridium check --deny warnings src
  iridium check --format json src/*.eva")]
    Check {
        /// Files, and folders whose .eva files are meant; `-` is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Reject what would only be warned of: exit code 65
        #[arg(long, value_enum, value_name = "WHAT")]
        deny: Option<Deny>,
        /// How to write messages
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Lay out sources in the canonical style
    #[command(after_long_help = "\
Files are rewritten in place, and only if that changes them. A file with syntax errors is left as it is.

Examples:
  iridium fmt hello.eva           one file
  iridium fmt .                   all .eva files below a folder
  iridium fmt --check src         1 if a file is not formatted; nothing is written
  iridium fmt < a.eva > b.eva     standard input to standard output")]
    Fmt {
        /// Files, and folders whose .eva files are meant; `-` or nothing is standard input
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Only say which files are not formatted, with their first difference
        #[arg(long)]
        check: bool,
        /// How to write messages
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Compile a program to a module file, or to assembly
    #[command(after_long_help = "\
Examples:
  iridium build hello.eva -o hello.irx   a module file, for `iridium run hello.irx`
  iridium build --strip hello.eva        the same without lines, paths and names of locals
  iridium build --emit iasm hello.eva    assembly of portable code, as hello.iasm")]
    Build {
        /// Program to compile; the files that it imports come with it
        file: PathBuf,
        /// File to write; `-` is standard output [default: FILE with another ending]
        #[arg(short, long, value_name = "OUT")]
        out: Option<PathBuf>,
        /// What to write
        #[arg(long, value_enum, default_value_t)]
        emit: Emit,
        /// Leave out lines, paths and names of locals
        #[arg(long)]
        strip: bool,
        /// How to write messages
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Assemble a text to a module file
    #[command(after_long_help = "\
Examples:
  iridium asm loop.iasm -o loop.irx
  iridium run loop.iasm                 run assembly without writing a file
  iridium dis hello.eva > hello.iasm    what `dis` shows is assembly")]
    Asm {
        /// Assembly to read
        file: PathBuf,
        /// File to write; `-` is standard output [default: FILE with the ending .irx]
        #[arg(short, long, value_name = "OUT")]
        out: Option<PathBuf>,
        /// Leave out lines, paths and names of locals
        #[arg(long)]
        strip: bool,
        /// How to write messages
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Check a program's code, and say what was checked
    #[command(after_long_help = "\
Examples:
  iridium verify hello.irx
  iridium verify loop.iasm")]
    Verify {
        /// File to verify
        file: PathBuf,
        /// How to write messages
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Show the code of a program
    #[command(after_long_help = "\
Examples:
  iridium dis hello.eva                  portable code
  iridium dis --form register hello.eva  what the register engine runs
  iridium dis --form all hello.eva       source and both forms side by side
  iridium dis --html hello.eva > hello.html")]
    Dis {
        /// File to show
        file: PathBuf,
        /// Which form of code
        #[arg(long, value_enum, default_value_t)]
        form: Form,
        /// All forms side by side, as a web page
        #[arg(long, conflicts_with = "form")]
        html: bool,
        /// How to write messages
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Read, run and print, line by line
    #[command(after_long_help = "\
At the prompt, `,help` lists what can be asked. A form may take several lines. Tab completes names.
The history is kept in the folder for a user's state, or in the file that IRIDIUM_HISTORY names; if
that is empty, it is not kept.
Piped, it shows no prompt, prints each value on a line, and goes on after errors:

  printf '(var x 20)\\n(+ x 1)\\n' | iridium repl")]
    Repl {
        /// Take instructions of register code, and show the registers that they change
        #[arg(long)]
        asm: bool,
        #[command(flatten)]
        options: RunOptions,
    },
}

/// Options of every command that runs code.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunOptions {
    /// What runs the code
    #[arg(long, value_enum, default_value_t)]
    pub(crate) engine: EngineChoice,
    /// How the register engine goes from one instruction to the next [default: the fastest that the build has]
    #[arg(long, value_enum)]
    pub(crate) dispatch: Option<Dispatch>,
    /// Memory that the process may hold; K, M and G multiply by 1024 [default: 1G]
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) max_heap: Option<u64>,
    /// Processes that there may be at a time [default: 1048576]
    #[arg(long, value_name = "N")]
    pub(crate) max_processes: Option<u64>,
    /// Scheduler threads, on which processes run at the same time [default: one for each core; with a seed 1]
    #[arg(long, value_name = "N", value_parser = schedulers)]
    pub(crate) schedulers: Option<usize>,
    /// Memory that all processes may hold together [default: 80 % of the machine's]
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) max_memory: Option<u64>,
    /// Reductions (calls and turns of loops) after which the program ends [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) fuel: Option<u64>,
    /// Milliseconds after which the program ends [default: no limit]
    #[arg(long, value_name = "MS", value_parser = milliseconds)]
    pub(crate) deadline: Option<Duration>,
    /// Seed of `hash` and of who runs next; time then passes with the work that is done [default: a random one]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Print counts on standard error at the end
    #[arg(long)]
    pub(crate) stats: bool,
    /// How to write messages and counts
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) sandbox: Sandbox,
}

/// The engines that can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineChoice {
    /// The fastest that the build has
    #[default]
    Auto,
    /// The plain reference engine, which runs portable code
    Stack,
    /// The register engine
    Register,
}

/// The register engine's dispatchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dispatch {
    /// Each instruction jumps to the next
    #[cfg(not(feature = "safe-dispatch"))]
    Tail,
    /// A loop over all instructions
    Loop,
}

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// What `build` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Emit {
    /// A module file
    #[default]
    Irx,
    /// Assembly of portable code
    Iasm,
}

/// What `check` can be asked to reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Sources with warnings
    Warnings,
}

/// The forms of code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A stack machine's, which module files carry
    #[default]
    Portable,
    /// A register machine's, which runs
    Register,
    /// The source beside both
    All,
}

/// A number of octets: `65536`, `64K`, `1G`.
fn bytes(text: &str) -> Result<u64, String> {
    let (digits, factor) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 1 << 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 1 << 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1_u64),
    };
    let number: u64 =
        digits.parse().map_err(|_| "a number is expected, perhaps with K, M or G behind it".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "that is more than 2^64".to_owned())
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_millis).map_err(|_| "a number of milliseconds is expected".to_owned())
}

fn schedulers(text: &str) -> Result<usize, String> {
    let most = iridium::MAX_SCHEDULERS;
    let wanted = text.parse().ok().filter(|count| (1..=most).contains(count));
    wanted.ok_or_else(|| format!("a number from 1 to {most} is expected"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!(bytes("65536"), Ok(65536));
        assert_eq!(bytes("64K"), Ok(65536));
        assert_eq!(bytes("2g"), Ok(2 << 30));
        assert!(bytes("").is_err() && bytes("M").is_err() && bytes("1T").is_err() && bytes("-1").is_err());
        assert!(bytes("99999999999G").is_err());
    }

    #[test]
    fn what_follows_the_file_belongs_to_the_program() {
        let parsed =
            Arguments::try_parse_from(["iridium", "run", "--fuel", "5", "a.eva", "--fuel", "-x"]).expect("it parses");
        let Some(Command::Run { options, program, .. }) = parsed.command else { panic!("run is run") };
        assert_eq!((options.fuel, program), (Some(5), ["a.eva", "--fuel", "-x"].map(OsString::from).to_vec()));
        let parsed = Arguments::try_parse_from(["iridium", "a.eva", "-e"]).expect("it parses");
        assert_eq!((parsed.program.len(), parsed.expression), (2, None));
    }
}
