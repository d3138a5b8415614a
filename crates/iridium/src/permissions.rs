//! What a program may do in the world: a list of what is allowed, and the question whether a path is on it.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::{env, error, fmt, io};

/// Links that are followed on the way to a file; as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Octets of a path that is looked at; no system has longer ones.
const MAX_PATH: usize = 1 << 15;

/// Characters of a path that a message shows.
const MAX_SHOWN: usize = 200;

/// Folders whose files are no files: by them a process reaches its own memory and environment, and devices. They have to
/// be allowed by name.
const SPECIAL: [&str; 3] = ["/proc", "/sys", "/dev"];

/// What a program may do in the world. What is not allowed is a `:permission-error` of the program.
///
/// ```
/// use iridium::Permissions;
///
/// let permissions = Permissions::none().allow_read_of("/usr/share/dict").allow_write_of("/tmp/results");
/// assert!(permissions.check_read("/usr/share/dict/../../../etc/passwd").is_err());
/// let denied = permissions.check_write("/usr/share/dict/words").unwrap_err();
/// assert_eq!(
///     denied.to_string(),
///     "writing `/usr/share/dict/words` is not allowed; `--allow-write=/usr/share/dict/words` allows it"
/// );
/// ```
///
/// Paths are compared by where they lead. `..` is taken off by name, then links are followed; what is not there yet is
/// judged by the folder in which it would be. The same place is then read or written, so that a link cannot lead
/// elsewhere. What is allowed is looked up when it is allowed: a link that is changed later allows nothing else.
///
/// A file of `/proc`, `/sys` or `/dev` has to be allowed by a path in there: by such files a process changes its own memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    read: Scope,
    write: Scope,
}

/// What may be done to files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// The files to which something may be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Scope {
    /// All, and nobody asks.
    unguarded: bool,
    /// All but the special ones.
    everything: bool,
    /// What lies there or below, each without links.
    paths: Vec<PathBuf>,
}

impl Permissions {
    /// Nothing is allowed.
    pub fn none() -> Permissions {
        Permissions::default()
    }

    /// Everything is allowed that the user may do who runs the host.
    pub fn all() -> Permissions {
        let all = Scope { unguarded: true, ..Scope::default() };
        Permissions { read: all.clone(), write: all }
    }

    /// The same, and all files may be read.
    pub fn allow_read(mut self) -> Permissions {
        self.read.everything = true;
        self
    }

    /// The same, and a file, or what is below a folder, may be read. A path that leads in a circle allows nothing.
    pub fn allow_read_of(mut self, path: impl AsRef<Path>) -> Permissions {
        self.read.paths.extend(destination(path.as_ref(), true));
        self
    }

    /// The same, and all files may be written, made and deleted.
    pub fn allow_write(mut self) -> Permissions {
        self.write.everything = true;
        self
    }

    /// The same, and a file, or what is below a folder, may be written, made and deleted. A path that leads in a circle
    /// allows nothing.
    pub fn allow_write_of(mut self, path: impl AsRef<Path>) -> Permissions {
        self.write.paths.extend(destination(path.as_ref(), true));
        self
    }

    /// Where to read what a program calls by a path; also to be asked before its existence is told.
    ///
    /// # Errors
    /// That it is not allowed.
    pub fn check_read(&self, path: impl AsRef<Path>) -> Result<PathBuf, Denied> {
        self.read.check(Access::Read, path.as_ref(), true)
    }

    /// Where to write what a program calls by a path.
    ///
    /// # Errors
    /// That it is not allowed.
    pub fn check_write(&self, path: impl AsRef<Path>) -> Result<PathBuf, Denied> {
        self.write.check(Access::Write, path.as_ref(), true)
    }

    /// What to delete where a program gives a path: a link itself, not what it leads to.
    ///
    /// # Errors
    /// That it is not allowed.
    pub fn check_delete(&self, path: impl AsRef<Path>) -> Result<PathBuf, Denied> {
        self.write.check(Access::Write, path.as_ref(), false)
    }
}

impl Scope {
    fn check(&self, access: Access, path: &Path, follow_last: bool) -> Result<PathBuf, Denied> {
        if self.unguarded {
            return Ok(path.to_path_buf());
        }
        let found = destination(path, follow_last).filter(|found| self.covers(found));
        found.ok_or_else(|| Denied { access, path: path.to_path_buf() })
    }

    fn covers(&self, path: &Path) -> bool {
        let special = SPECIAL.iter().find(|special| path.starts_with(special));
        let by_name =
            |allowed: &PathBuf| path.starts_with(allowed) && special.is_none_or(|special| allowed.starts_with(special));
        (self.everything && special.is_none()) || self.paths.iter().any(by_name)
    }
}

/// Where a path leads: absolute and without links, but for its last part unless that is to be followed. None if that
/// can't be told.
///
/// `..` is taken off by name before anything is looked at, so that nothing can be learned of folders on the way.
fn destination(path: &Path, follow_last: bool) -> Option<PathBuf> {
    if path.as_os_str().len() > MAX_PATH {
        return None;
    }
    let mut named = if path.is_absolute() { PathBuf::new() } else { env::current_dir().ok()? };
    for part in path.components() {
        step(&mut named, part);
    }
    let mut ahead = parts(&named);
    let mut at = PathBuf::new();
    let mut links = 0;
    while let Some(part) = ahead.pop() {
        let is_name = matches!(Path::new(&part).components().next(), Some(Component::Normal(_)));
        let here = at.join(&part);
        if is_name && (follow_last || !ahead.is_empty()) && is_link(&here)? {
            links += 1;
            let target = fs::read_link(&here).ok().filter(|_| links <= MAX_LINKS)?;
            ahead.extend(parts(&target));
            continue;
        }
        Path::new(&part).components().for_each(|part| step(&mut at, part));
        if at.as_os_str().len() > MAX_PATH {
            return None;
        }
    }
    Some(at)
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<OsString> {
    let mut parts: Vec<OsString> = path.components().map(|part| part.as_os_str().to_owned()).collect();
    parts.reverse();
    parts
}

/// Goes one part further.
fn step(path: &mut PathBuf, part: Component<'_>) {
    match part {
        Component::CurDir => {}
        Component::ParentDir => drop(path.pop()),
        Component::RootDir | Component::Prefix(_) | Component::Normal(_) => path.push(part),
    }
}

/// Whether a link lies at a path. What is not there, or not to be seen, is none, for the system either; of whatever else
/// goes wrong nothing is known.
fn is_link(path: &Path) -> Option<bool> {
    match fs::symlink_metadata(path) {
        Ok(about) => Some(about.is_symlink()),
        Err(error) => match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput => Some(false),
            _ => None,
        },
    }
}

/// Something that a program may not do. A [`Host`](crate::Host) that answers with it, as an [`io::Error`], gives the
/// program a `:permission-error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    access: Access,
    path: PathBuf,
}

impl Denied {
    /// The refusal that an error is, if it is one.
    pub(crate) fn of(error: &io::Error) -> Option<&Denied> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (doing, flag) = match self.access {
            Access::Read => ("reading", "--allow-read"),
            Access::Write => ("writing", "--allow-write"),
        };
        let shown = shown(&self.path);
        // A comma would end the path: its folder can be allowed.
        let by = self.path.ancestors().find(|path| !path.as_os_str().as_encoded_bytes().contains(&b','));
        let by = by.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
        write!(f, "{doing} `{shown}` is not allowed; `{flag}={}` allows it", self::shown(by))
    }
}

impl error::Error for Denied {}

impl From<Denied> for io::Error {
    fn from(denied: Denied) -> io::Error {
        io::Error::new(ErrorKind::PermissionDenied, denied)
    }
}

/// A path on one line, the end of a long one.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let count = text.chars().count();
    let cut = count.saturating_sub(MAX_SHOWN);
    let end = text.chars().skip(cut).map(|char| if char.is_control() { '\u{FFFD}' } else { char });
    (if cut > 0 { "…" } else { "" }).chars().chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_what_was_done_the_path_and_the_flag() {
        let long = "a".repeat(1_000);
        for (denied, expected) in [
            (
                Permissions::none().check_read("../x"),
                "reading `../x` is not allowed; `--allow-read=../x` allows it".to_owned(),
            ),
            (
                Permissions::none().check_delete("/a/b,c/d"),
                "writing `/a/b,c/d` is not allowed; `--allow-write=/a` allows it".to_owned(),
            ),
            (
                Permissions::none().check_read("a,b\n"),
                "reading `a,b\u{FFFD}` is not allowed; `--allow-read=.` allows it".to_owned(),
            ),
            (
                Permissions::none().check_write(&long),
                format!("writing `…{0}` is not allowed; `--allow-write=…{0}` allows it", &long[..MAX_SHOWN]),
            ),
        ] {
            assert_eq!(denied.unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_path_that_no_system_has_is_refused_without_a_look() {
        let permissions = Permissions::none().allow_read_of("/tmp");
        assert!(permissions.check_read("/tmp/".to_owned() + &"a/".repeat(10_000)).is_ok());
        assert!(permissions.check_read("/tmp/".to_owned() + &"a/".repeat(20_000)).is_err());
        assert_eq!(Permissions::none().allow_read_of("a/".repeat(20_000)), Permissions::none());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_has_to_be_allowed_by_name() {
        for everything in [Permissions::none().allow_read(), Permissions::none().allow_read_of("/")] {
            assert!(everything.check_read("/etc/hostname").is_ok());
            for special in ["/proc/self/mem", "/dev/null", "/sys/kernel", "/tmp/../proc/self/environ"] {
                assert!(everything.check_read(special).is_err(), "{special}");
            }
        }
        let named = Permissions::none().allow_read_of("/dev/null");
        assert!(named.check_read("/dev/null").is_ok() && named.check_read("/dev/zero").is_err());
    }

    #[test]
    fn all_is_all() {
        for path in ["/proc/self/mem", "", "x"] {
            assert_eq!(Permissions::all().check_read(path), Ok(PathBuf::from(path)));
            assert_eq!(Permissions::all().check_delete(path), Ok(PathBuf::from(path)));
        }
    }
}
