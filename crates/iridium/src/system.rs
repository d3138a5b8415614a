//! The host of a program that reaches the files of the system, as far as its permissions go.

use crate::host::Host;
use crate::permissions::Permissions;
use iridium_vm::{FileAnswer, FileRequest};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Octets that are read from a file, or collected before they are written, at once.
const BUFFER: usize = 64 * 1024;

/// A host with the system's files. Nothing is allowed unless [`with_permissions`](SystemHost::with_permissions) says
/// so; input is empty and output goes nowhere unless they are given.
///
/// ```
/// use iridium::{Engine, Permissions, Source, SystemHost};
///
/// let engine = Engine::default();
/// let text = "(try (File.read \"/etc/passwd\") (catch e e.kind))";
/// let mut execution = engine.start(&engine.compile(Source::new("a.eva", text))?).expect("a small program fits");
/// execution.run(&mut SystemHost::new().with_permissions(Permissions::none().allow_read_of("/usr/share")));
/// assert_eq!(execution.value().as_deref(), Ok(":permission-error"));
/// # Ok::<(), iridium::Rejection>(())
/// ```
pub struct SystemHost {
    permissions: Permissions,
    input: Box<dyn BufRead + Send>,
    output: Box<dyn Write + Send>,
    arguments: Vec<String>,
}

impl SystemHost {
    /// A host without permissions, input or arguments, whose output goes nowhere.
    pub fn new() -> SystemHost {
        SystemHost {
            permissions: Permissions::none(),
            input: Box::new(io::empty()),
            output: Box::new(io::sink()),
            arguments: Vec::new(),
        }
    }

    /// The same with permissions.
    pub fn with_permissions(mut self, permissions: Permissions) -> SystemHost {
        self.permissions = permissions;
        self
    }

    /// The same with standard input.
    pub fn with_input(mut self, input: impl BufRead + Send + 'static) -> SystemHost {
        self.input = Box::new(input);
        self
    }

    /// The same with a place for standard output.
    pub fn with_output(mut self, output: impl Write + Send + 'static) -> SystemHost {
        self.output = Box::new(output);
        self
    }

    /// The same with arguments.
    pub fn with_arguments(mut self, arguments: impl IntoIterator<Item = String>) -> SystemHost {
        self.arguments = arguments.into_iter().collect();
        self
    }
}

impl Default for SystemHost {
    fn default() -> SystemHost {
        SystemHost::new()
    }
}

impl std::fmt::Debug for SystemHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SystemHost { permissions, arguments, .. } = self;
        f.debug_struct("SystemHost")
            .field("permissions", permissions)
            .field("arguments", arguments)
            .finish_non_exhaustive()
    }
}

impl Host for SystemHost {
    fn output(&mut self) -> &mut dyn Write {
        &mut self.output
    }

    fn input(&mut self) -> &mut dyn BufRead {
        &mut self.input
    }

    fn report(&mut self, line: &str) {
        // What the program printed before comes before it.
        drop(self.output.flush());
        drop(writeln!(io::stderr(), "{line}"));
    }

    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>> {
        let path = self.permissions.check_read(path)?;
        if fs::metadata(&path)?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Box::new(BufReader::with_capacity(BUFFER, File::open(path)?)))
    }

    fn create(&mut self, path: &str, append: bool) -> io::Result<Box<dyn Write + Send>> {
        let file = create(&self.permissions.check_write(path)?, append)?;
        Ok(Box::new(BufWriter::with_capacity(BUFFER, file)))
    }

    fn file(&mut self, request: &FileRequest) -> io::Result<FileAnswer> {
        let may = &self.permissions;
        match request {
            FileRequest::Write { path, bytes, append } => create(&may.check_write(path)?, *append)?.write_all(bytes)?,
            FileRequest::Exists(path) => {
                return Ok(FileAnswer::Truth(fs::exists(may.check_read(path)?).unwrap_or(false)));
            }
            FileRequest::Delete(path) => {
                let path = may.check_delete(path)?;
                if fs::symlink_metadata(&path)?.is_dir() { fs::remove_dir(path)? } else { fs::remove_file(path)? }
            }
            FileRequest::List(path) => {
                let entries = fs::read_dir(may.check_read(path)?)?;
                let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
                return Ok(FileAnswer::Names(names.collect::<io::Result<_>>()?));
            }
            FileRequest::MakeFolder(path) => fs::create_dir_all(may.check_write(path)?)?,
            FileRequest::Stat(path) => {
                let about = fs::metadata(may.check_read(path)?)?;
                let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                let modified = modified.map(|time| time.as_secs_f64());
                return Ok(FileAnswer::Stat { size: about.len(), folder: about.is_dir(), modified });
            }
        }
        Ok(FileAnswer::Done)
    }

    fn arguments(&self) -> Vec<String> {
        self.arguments.clone()
    }
}

/// Opens a file for writing.
fn create(path: &Path, append: bool) -> io::Result<File> {
    let mut how = OpenOptions::new();
    if append {
        how.append(true)
    } else {
        how.write(true).truncate(true)
    };
    how.create(true).open(path)
}
