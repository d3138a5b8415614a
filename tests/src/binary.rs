//! The real `iridium` binary: built once in the profile of the running tests, then started like a user would.

use crate::root;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its exit code.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// The binary, built in the same profile as the running tests.
///
/// # Panics
/// If it can't be built.
pub fn iridium() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| build(!cfg!(debug_assertions)))
}

/// The binary of the release build, whatever the profile of the running tests.
///
/// # Panics
/// If it can't be built.
pub fn iridium_release() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| build(true))
}

fn build(release: bool) -> PathBuf {
    build_one("iridium-cli", &[], "iridium", release)
}

/// An example of the crate `iridium`, built in the same profile as the running tests.
///
/// # Panics
/// If it can't be built.
pub fn example(name: &str) -> PathBuf {
    build_one("iridium", &["--example", name], &format!("examples/{name}"), !cfg!(debug_assertions))
}

/// Builds something of a package, and gives its path, which in the folder of the profile is `place`.
fn build_one(package: &str, what: &[&str], place: &str, release: bool) -> PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "-p", package]).args(what).current_dir(root()).stdin(Stdio::null());
    if release {
        cargo.arg("--release");
    }
    if cfg!(feature = "safe-dispatch") {
        cargo.args(["--features", &format!("{package}/safe-dispatch")]);
    }
    let output = cargo.output().expect("cargo starts");
    assert!(output.status.success(), "building {place}: {}", String::from_utf8_lossy(&output.stderr));
    // Tests run from TARGET/PROFILE/deps.
    let this = std::env::current_exe().expect("this test has a path");
    let target = this.ancestors().nth(3).expect("a test lies in the target folder");
    let path = target.join(if release { "release" } else { "debug" }).join(place);
    assert!(path.is_file(), "{} was not built", path.display());
    path
}

/// Runs the binary in a folder with arguments and standard input.
///
/// # Panics
/// If it can't be started.
pub fn run_in(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Done {
    use std::io::Write;
    let mut child = Command::new(iridium())
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("iridium starts");
    let mut input = child.stdin.take().expect("standard input is piped");
    let bytes = stdin.to_vec();
    // From a thread of its own, so that neither side waits for the other; a program need not read its input.
    let writer = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().expect("iridium ends");
    writer.join().expect("the writer ends");
    Done {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs the binary in the repository's top folder without input.
///
/// # Panics
/// If it can't be started.
pub fn run(arguments: &[&str]) -> Done {
    run_in(&root(), arguments, b"")
}

/// A folder of its own for a test, removed when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder whose name holds `name`.
    ///
    /// # Panics
    /// If it can't be made.
    pub fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("iridium-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a temporary folder can be made");
        Scratch(path)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into it and gives the path.
    ///
    /// # Panics
    /// If it can't be written.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("a temporary file can be written");
        path.to_str().expect("temporary paths are text").to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
