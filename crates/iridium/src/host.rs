//! What surrounds a program: where its output goes, and what it may read.
//!
//! The virtual machine does no input or output of its own. It asks, and a [`Host`] answers. The command line's host is
//! the terminal and a [`SystemHost`](crate::SystemHost); [`MemoryHost`] keeps everything in memory, for tests and embedders.

use iridium_vm::{FileAnswer, FileRequest};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Cursor, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard};

/// What a program reaches of the world outside.
pub trait Host {
    /// Where `print` and `write` write to.
    fn output(&mut self) -> &mut dyn Write;

    /// Where `read-line` reads from.
    fn input(&mut self) -> &mut dyn BufRead;

    /// Opens a file for reading.
    ///
    /// # Errors
    /// Why it can't be read; the program sees it as an `:io-error`, and [`Denied`](crate::Denied) as a
    /// `:permission-error`; so for the functions below.
    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>>;

    /// Opens a file for writing, at its end if `append` is set. A host that does not say how refuses.
    ///
    /// # Errors
    /// Why it can't be written; the program sees it as an `:io-error`.
    fn create(&mut self, path: &str, append: bool) -> io::Result<Box<dyn Write + Send>> {
        let _ = (path, append);
        Err(io::ErrorKind::PermissionDenied.into())
    }

    /// Does something else with files. A host that does not say how refuses.
    ///
    /// # Errors
    /// Why it can't be done; the program sees it as an `:io-error`.
    fn file(&mut self, request: &FileRequest) -> io::Result<FileAnswer> {
        let _ = request;
        Err(io::ErrorKind::PermissionDenied.into())
    }

    /// Tells people of a process, not the first one, that ended with an uncaught throw, or of what a supervisor did: a
    /// line or a few.
    fn report(&mut self, text: &str) {
        let _ = text;
    }

    /// What `(Os.args)` gives.
    fn arguments(&self) -> Vec<String>;

    /// Whether the program is to stop. Asked between slices of a few thousand reductions.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Files by path.
type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A host in memory: output is collected, input and files are given beforehand. Its folders are those of its files.
#[derive(Debug, Default)]
pub struct MemoryHost {
    output: Vec<u8>,
    input: Cursor<Vec<u8>>,
    files: Files,
    arguments: Vec<String>,
    reports: Vec<String>,
}

impl MemoryHost {
    /// A host without input, files or arguments.
    pub fn new() -> MemoryHost {
        MemoryHost::default()
    }

    /// The same with standard input.
    pub fn with_input(mut self, text: impl Into<Vec<u8>>) -> MemoryHost {
        self.input = Cursor::new(text.into());
        self
    }

    /// The same with a file.
    pub fn with_file(self, path: impl Into<String>, content: impl Into<Vec<u8>>) -> MemoryHost {
        lock(&self.files).insert(path.into(), content.into());
        self
    }

    /// The content of a file, as the program left it.
    pub fn file_bytes(&self, path: &str) -> Option<Vec<u8>> {
        lock(&self.files).get(relative(path)).cloned()
    }

    /// The same with arguments.
    pub fn with_arguments(mut self, arguments: impl IntoIterator<Item = String>) -> MemoryHost {
        self.arguments = arguments.into_iter().collect();
        self
    }

    /// What was written so far.
    pub fn output_bytes(&self) -> &[u8] {
        &self.output
    }

    /// What was told of processes that ended with an uncaught throw, in order.
    pub fn reports(&self) -> &[String] {
        &self.reports
    }

    /// What was written so far, as text; octets that are no UTF-8 are replaced.
    pub fn output_text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

impl Host for MemoryHost {
    fn report(&mut self, text: &str) {
        self.reports.push(text.to_owned());
    }

    fn output(&mut self) -> &mut dyn Write {
        &mut self.output
    }

    fn input(&mut self) -> &mut dyn BufRead {
        &mut self.input
    }

    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead + Send>> {
        let content = lock(&self.files).get(relative(path)).cloned();
        let content = content.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Box::new(Cursor::new(content)))
    }

    fn create(&mut self, path: &str, append: bool) -> io::Result<Box<dyn Write + Send>> {
        let path = relative(path).to_owned();
        let mut files = lock(&self.files);
        let content = files.entry(path.clone()).or_default();
        if !append {
            content.clear();
        }
        Ok(Box::new(MemoryFile { path, files: Arc::clone(&self.files) }))
    }

    fn file(&mut self, request: &FileRequest) -> io::Result<FileAnswer> {
        let path = relative(request.path());
        let inside = |name: &str| name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')).map(str::to_owned);
        let inside = |name: &String| if path == "." { Some(name.clone()) } else { inside(name) };
        if let FileRequest::Write { bytes, append, .. } = request {
            self.create(path, *append)?.write_all(bytes)?;
            return Ok(FileAnswer::Done);
        }
        let mut files = lock(&self.files);
        let is_file = files.contains_key(path);
        let is_folder = files.keys().any(|name| inside(name).is_some());
        let found = if is_file || is_folder { Ok(()) } else { Err(io::Error::from(io::ErrorKind::NotFound)) };
        Ok(match request {
            FileRequest::Exists(_) => FileAnswer::Truth(is_file || is_folder),
            FileRequest::Delete(_) => {
                found?;
                if is_folder {
                    return Err(io::ErrorKind::DirectoryNotEmpty.into());
                }
                files.remove(path);
                FileAnswer::Done
            }
            FileRequest::List(_) => {
                found?;
                let names = files.keys().filter_map(inside).filter_map(|rest| Some(rest.split('/').next()?.to_owned()));
                FileAnswer::Names(names.collect::<BTreeSet<String>>().into_iter().collect())
            }
            FileRequest::Stat(_) => {
                found?;
                let size = files.get(path).map_or(0, |content| content.len() as u64);
                FileAnswer::Stat { size, folder: !is_file, modified: None }
            }
            // A folder is there as soon as a file is in it.
            FileRequest::MakeFolder(_) | FileRequest::Write { .. } => FileAnswer::Done,
        })
    }

    fn arguments(&self) -> Vec<String> {
        self.arguments.clone()
    }
}

/// A file of a [`MemoryHost`] that is written to.
struct MemoryFile {
    path: String,
    files: Files,
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        lock(&self.files).entry(self.path.clone()).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lock(files: &Files) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
    files.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A path without what it may begin or end with and mean nothing by.
fn relative(path: &str) -> &str {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}

/// Why text could not be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// It would be longer than allowed.
    TooLong,
    /// It is not UTF-8.
    NotText,
    /// The world said no.
    Io(io::Error),
}

/// Reads everything as text, at most `limit` octets.
pub(crate) fn read_text(from: &mut dyn BufRead, limit: u64) -> Result<String, ReadError> {
    text(read_bytes(from, limit)?, limit)
}

/// Reads everything, at most `limit` octets.
pub(crate) fn read_bytes(from: &mut dyn BufRead, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLong);
    }
    Ok(bytes)
}

/// Reads a line without its end, at most `limit` octets; `None` at the end of the input.
pub(crate) fn read_line(from: &mut dyn BufRead, limit: u64) -> Result<Option<String>, ReadError> {
    let mut bytes = Vec::new();
    if from.take(limit.saturating_add(1)).read_until(b'\n', &mut bytes).map_err(ReadError::Io)? == 0 {
        return Ok(None);
    }
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    text(bytes, limit).map(Some)
}

fn text(bytes: Vec<u8>, limit: u64) -> Result<String, ReadError> {
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLong);
    }
    String::from_utf8(bytes).map_err(|_| ReadError::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_without_their_ends() {
        let mut from = Cursor::new("one\r\n\ntwo");
        let mut next = || read_line(&mut from, 10).expect("a line");
        assert_eq!(
            [next(), next(), next(), next()],
            [Some("one".to_owned()), Some(String::new()), Some("two".to_owned()), None]
        );
    }

    #[test]
    fn nothing_longer_than_the_limit_is_read() {
        let endless = || io::BufReader::new(io::repeat(b'a'));
        assert!(matches!(read_text(&mut endless(), 1000), Err(ReadError::TooLong)));
        assert!(matches!(read_line(&mut endless(), 1000), Err(ReadError::TooLong)));
        assert_eq!(read_text(&mut Cursor::new("a".repeat(1000)), 1000).expect("fits").len(), 1000);
    }

    #[test]
    fn octets_that_are_no_text_are_refused() {
        assert!(matches!(read_text(&mut Cursor::new([b'a', 0xFF]), 10), Err(ReadError::NotText)));
    }

    #[test]
    fn a_memory_host_has_the_files_that_it_was_given() {
        let mut host = MemoryHost::new().with_file("a.txt", "hello");
        let mut text = String::new();
        host.open("./a.txt").and_then(|mut file| file.read_to_string(&mut text)).expect("it is there");
        assert_eq!(text, "hello");
        assert_eq!(host.open("b.txt").map(|_| ()).map_err(|error| error.kind()), Err(io::ErrorKind::NotFound));
    }
}
