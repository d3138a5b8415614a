//! What surrounds a program: where its output goes, and what it may read.
//!
//! The virtual machine does no input or output of its own. It asks, and a [`Host`] answers. The command line's host is
//! the terminal and the file system; [`MemoryHost`] keeps everything in memory, for tests and embedders.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor, Read, Write};

/// What a program reaches of the world outside.
pub trait Host {
    /// Where `print` and `write` write to.
    fn output(&mut self) -> &mut dyn Write;

    /// Where `read-line` reads from.
    fn input(&mut self) -> &mut dyn BufRead;

    /// Opens a file for reading.
    ///
    /// # Errors
    /// Why it can't be read; the program sees it as an `:io-error`.
    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead>>;

    /// What `(Os.args)` gives.
    fn arguments(&self) -> Vec<String>;

    /// Whether the program is to stop. Asked between slices of a few thousand reductions.
    fn interrupted(&self) -> bool {
        false
    }
}

/// A host in memory: output is collected, input and files are given beforehand.
#[derive(Clone, Debug, Default)]
pub struct MemoryHost {
    output: Vec<u8>,
    input: Cursor<Vec<u8>>,
    files: BTreeMap<String, Vec<u8>>,
    arguments: Vec<String>,
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
    pub fn with_file(mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) -> MemoryHost {
        self.files.insert(path.into(), content.into());
        self
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

    /// What was written so far, as text; octets that are no UTF-8 are replaced.
    pub fn output_text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

impl Host for MemoryHost {
    fn output(&mut self) -> &mut dyn Write {
        &mut self.output
    }

    fn input(&mut self) -> &mut dyn BufRead {
        &mut self.input
    }

    fn open(&mut self, path: &str) -> io::Result<Box<dyn BufRead>> {
        let content = self.files.get(path.strip_prefix("./").unwrap_or(path));
        let content = content.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Box::new(Cursor::new(content.clone())))
    }

    fn arguments(&self) -> Vec<String> {
        self.arguments.clone()
    }
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
    let mut bytes = Vec::new();
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    text(bytes, limit)
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
