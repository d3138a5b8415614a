//! Where imported files come from: the file system, or nowhere.

use crate::permissions::{Denied, Permissions};
use iridium_lang::source::Source;
use iridium_lang::{Import, Loaded, Loader};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::{fmt, io};

/// Octets of the largest file that is read as a program, in whatever form: assembly is the longest.
pub(crate) const MAX_PROGRAM: usize = iridium_bytecode::assembly::MAX_TEXT;

/// Reads a program, in whatever form, to its end.
///
/// # Errors
/// Why not; also that it is larger than any program may be.
pub fn read_program(from: impl Read) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    from.take(MAX_PROGRAM as u64 + 1).read_to_end(&mut octets)?;
    if octets.len() > MAX_PROGRAM {
        return Err(io::Error::other(format!("it has more than {} MiB, which no program may have", MAX_PROGRAM >> 20)));
    }
    Ok(octets)
}

/// Reads a file by its path.
type Reader = Box<dyn FnMut(&Path) -> io::Result<Vec<u8>> + Send>;

/// Finds imports among files: beside the importing file, then in the folders of the module path.
pub struct FileLoader {
    module_path: Vec<PathBuf>,
    reader: Reader,
}

impl FileLoader {
    /// A loader of the file system's files, without a module path.
    pub fn new() -> FileLoader {
        FileLoader::guarded_by(Permissions::all())
    }

    /// A loader of those files of the file system that may be read, without a module path.
    pub fn guarded_by(permissions: Permissions) -> FileLoader {
        FileLoader::reading(move |path| read_program(File::open(permissions.check_read(path)?)?))
    }

    /// A loader of files that a function reads, without a module path.
    pub fn reading(reader: impl FnMut(&Path) -> io::Result<Vec<u8>> + Send + 'static) -> FileLoader {
        FileLoader { module_path: Vec::new(), reader: Box::new(reader) }
    }

    /// Adds a folder in which modules are searched by name, after those that were added before.
    pub fn search(mut self, folder: impl Into<PathBuf>) -> FileLoader {
        self.module_path.push(folder.into());
        self
    }
}

impl Default for FileLoader {
    fn default() -> FileLoader {
        FileLoader::new()
    }
}

impl fmt::Debug for FileLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileLoader").field("module_path", &self.module_path).finish_non_exhaustive()
    }
}

impl Loader for FileLoader {
    fn load(&mut self, importer: &str, wanted: &Import) -> Result<Loaded, String> {
        let beside = Path::new(importer).parent().unwrap_or(Path::new("")).to_path_buf();
        match wanted {
            Import::Path(path) => read(&mut self.reader, &normal(&beside.join(path))).map_err(|why| match why {
                Unread::Missing => no_file(path),
                Unread::Denied(why) | Unread::Broken(why) => why,
            }),
            Import::Name(names) => {
                let file: PathBuf = names.iter().collect::<PathBuf>().with_extension("eva");
                let mut denied = None;
                for folder in std::iter::once(&beside).chain(&self.module_path) {
                    match read(&mut self.reader, &normal(&folder.join(&file))) {
                        Ok(loaded) => return Ok(loaded),
                        Err(Unread::Broken(why)) => return Err(why),
                        Err(Unread::Missing) => {}
                        // It may lie in a later folder, or in the library.
                        Err(Unread::Denied(why)) => drop(denied.get_or_insert(why)),
                    }
                }
                Err(denied.unwrap_or_else(|| no_file(&file.display().to_string())))
            }
        }
    }
}

/// Why a file was not read.
enum Unread {
    Missing,
    Denied(String),
    Broken(String),
}

/// A loader that finds nothing: for programs that may not read files.
pub(crate) struct NoFiles;

impl Loader for NoFiles {
    fn load(&mut self, _: &str, _: &Import) -> Result<Loaded, String> {
        Err("this program has no files to import from".to_owned())
    }
}

fn no_file(path: &str) -> String {
    format!("there is no file {path}")
}

/// A path without `.` and without `..` where a folder's name stands before it: one identity for one file.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        let ends_in_name = matches!(out.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if ends_in_name => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Reads a source.
fn read(reader: &mut Reader, path: &Path) -> Result<Loaded, Unread> {
    let name = path.display().to_string();
    let bytes = reader(path).map_err(|error| match Denied::of(&error) {
        Some(denied) => Unread::Denied(denied.to_string()),
        None if error.kind() == io::ErrorKind::NotFound => Unread::Missing,
        None => Unread::Broken(format!("cannot read {name}: {error}")),
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Loaded { id: name.clone(), source: Source::new(name, text) }),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(Unread::Broken(format!("{name} is not UTF-8 text (octet {at})")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_identity_for_one_file() {
        for (path, id) in
            [("./a.eva", "a.eva"), ("x/./y/../a.eva", "x/a.eva"), ("../a.eva", "../a.eva"), ("/x/../a", "/a")]
        {
            assert_eq!(normal(Path::new(path)), Path::new(id), "{path}");
        }
    }

    #[test]
    fn what_never_ends_is_not_read() {
        let error = read_program(io::repeat(b' ')).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 256 MiB, which no program may have");
        assert_eq!(read_program(io::repeat(b' ').take(1_000)).expect("it is short").len(), 1_000);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let wanted = Import::Name(vec!["No".to_owned(), "Such".to_owned()]);
        let why = FileLoader::new().search("/nowhere").load("main.eva", &wanted).unwrap_err();
        assert_eq!(why, "there is no file No/Such.eva");
        assert!(NoFiles.load("main.eva", &wanted).is_err());
    }
}
