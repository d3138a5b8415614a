//! What programs do with the user's files, beside reading.

use iridium::{FileAnswer, FileRequest};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::time::UNIX_EPOCH;

/// Opens a file for writing.
pub(crate) fn create(path: &str, append: bool) -> io::Result<File> {
    let mut how = OpenOptions::new();
    if append {
        how.append(true)
    } else {
        how.write(true).truncate(true)
    };
    how.create(true).open(path)
}

/// Does what a program asks for.
pub(crate) fn act(request: &FileRequest) -> io::Result<FileAnswer> {
    match request {
        FileRequest::Write { path, bytes, append } => create(path, *append)?.write_all(bytes)?,
        FileRequest::Exists(path) => return Ok(FileAnswer::Truth(fs::exists(path).unwrap_or(false))),
        FileRequest::Delete(path) => {
            // A link is deleted itself, whatever it leads to.
            if fs::symlink_metadata(path)?.is_dir() { fs::remove_dir(path)? } else { fs::remove_file(path)? }
        }
        FileRequest::List(path) => {
            let names = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
            return Ok(FileAnswer::Names(names.collect::<io::Result<_>>()?));
        }
        FileRequest::MakeFolder(path) => fs::create_dir_all(path)?,
        FileRequest::Stat(path) => {
            let about = fs::metadata(path)?;
            let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let modified = modified.map(|time| time.as_secs_f64());
            return Ok(FileAnswer::Stat { size: about.len(), folder: about.is_dir(), modified });
        }
    }
    Ok(FileAnswer::Done)
}
