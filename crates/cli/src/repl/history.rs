//! The inputs of earlier sessions: a file with each input once, the latest last. A REPL that can't have it does without.

use rustyline::history::{DefaultHistory, History as _, SearchDirection};
use std::path::{Path, PathBuf};

/// Inputs that are kept.
pub(super) const MAX_ENTRIES: usize = 1_000;

/// Bytes of an input that is kept.
const MAX_BYTES: usize = 1 << 16;

/// Where the history is kept, if it is.
pub(super) struct History {
    file: Option<PathBuf>,
}

impl History {
    /// The history of the user: the file that `IRIDIUM_HISTORY` names, none if that is empty, else one in the folder for
    /// a user's state.
    pub(super) fn of_user() -> History {
        let file = match std::env::var_os("IRIDIUM_HISTORY") {
            Some(name) => Some(PathBuf::from(name)).filter(|name| !name.as_os_str().is_empty()),
            None => state_folder().map(|folder| folder.join("iridium").join("history")),
        };
        History { file }
    }

    /// The inputs of earlier sessions. If they can't be read, nothing is kept from now on, so that nothing is lost; the
    /// reason is given.
    pub(super) fn load(&mut self) -> (Vec<String>, Option<String>) {
        let Some(file) = &self.file else { return (Vec::new(), None) };
        match read(file) {
            Ok(entries) => (entries, None),
            Err(error) => {
                let why = format!("the history {} can't be read and is not kept: {error}", file.display());
                self.file = None;
                (Vec::new(), Some(why))
            }
        }
    }

    /// Keeps an input, after those that other sessions have added meanwhile. What can't be written is not kept.
    pub(super) fn keep(&self, entry: &str) {
        let Some(file) = self.file.as_ref().filter(|_| entry.len() <= MAX_BYTES) else { return };
        let Ok(mut entries) = read(file) else { return };
        add(&mut entries, entry);
        let Ok(mut history) = empty() else { return };
        if let Some(folder) = file.parent() {
            drop(std::fs::create_dir_all(folder));
        }
        for entry in entries {
            drop(history.add_owned(entry));
        }
        drop(history.save(file));
    }
}

/// Adds an input, once.
pub(super) fn add(entries: &mut Vec<String>, entry: &str) {
    entries.retain(|known| known != entry);
    entries.push(entry.to_owned());
}

/// A history without entries.
fn empty() -> rustyline::Result<DefaultHistory> {
    let mut history = DefaultHistory::new();
    history.set_max_len(MAX_ENTRIES)?;
    history.ignore_dups(false)?;
    history.ignore_space(false);
    Ok(history)
}

/// The entries of a file, each once; none if there is no file.
fn read(file: &Path) -> rustyline::Result<Vec<String>> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let mut history = empty()?;
    history.load(file)?;
    let mut entries = Vec::new();
    for index in 0..history.len() {
        if let Some(found) = history.get(index, SearchDirection::Forward)? {
            add(&mut entries, &found.entry);
        }
    }
    Ok(entries)
}

/// The platform's folder for what programs remember.
fn state_folder() -> Option<PathBuf> {
    let folder = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        // A relative path is invalid there, by the specification.
        let state = folder("XDG_STATE_HOME").filter(|path| path.is_absolute());
        state.or_else(|| folder("HOME").map(|home| home.join(".local/state")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of its own for a test.
    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("iridium-history-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        folder.join("deep").join("history")
    }

    #[test]
    fn inputs_are_kept_once_with_their_lines() {
        let file = scratch("once");
        let mut history = History { file: Some(file.clone()) };
        assert_eq!(history.load(), (Vec::new(), None), "there is no file at first");
        for entry in ["(a)", "(def f (x)\n    \"\\\\ #V2\"\n    x)", " b", "(a)"] {
            history.keep(entry);
        }
        let other = History { file: Some(file.clone()) };
        other.keep("(c)");
        history.keep("(d)");
        let (entries, why) = history.load();
        assert_eq!(entries, ["(def f (x)\n    \"\\\\ #V2\"\n    x)", " b", "(a)", "(c)", "(d)"]);
        assert_eq!(why, None);
        for number in 0..MAX_ENTRIES / 100 {
            history.keep(&number.to_string());
        }
        assert!(history.load().0.len() <= MAX_ENTRIES);
        history.keep(&"x".repeat(MAX_BYTES + 1));
        assert!(history.load().0.iter().all(|entry| entry.len() <= MAX_BYTES));
        drop(std::fs::remove_dir_all(file.parent().and_then(|folder| folder.parent()).expect("it has folders")));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_left_alone() {
        let file = scratch("broken");
        let folder = file.parent().expect("it has a folder");
        std::fs::create_dir_all(folder).expect("a temporary folder can be made");
        for content in [&b"\xFF\xFE bad"[..], b"#V2\n\xFF\n"] {
            std::fs::write(&file, content).expect("a temporary file can be written");
            let mut history = History { file: Some(file.clone()) };
            let (entries, why) = history.load();
            assert_eq!((entries.len(), why.is_some()), (0, true), "{why:?}");
            history.keep("(a)");
            assert_eq!(std::fs::read(&file).expect("it is still there"), content);
        }
        let mut history = History { file: Some(folder.to_path_buf()) };
        assert!(history.load().1.is_some(), "a folder is no file");
        history.keep("(a)");
        let nowhere = History { file: Some(PathBuf::from("/proc/no/such/history")) };
        nowhere.keep("(a)");
        drop(std::fs::remove_dir_all(folder.parent().expect("it has a folder")));
    }
}
