//! House rules that a machine can check: files, their first lines and lengths, words that must not be committed,
//! where `unsafe` may stand, which crate may know which.

use iridium_tests::{folder, read, root};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Lines that a file may have; more need an entry in `tests/tidy/long-files.txt`.
const MAX_LINES: usize = 800;

/// Crates by path, and which of the project's others each may depend on, tests of a crate included.
const LAYERS: &[(&str, &[&str])] = &[
    ("crates/isa", &[]),
    ("crates/bytecode", &["iridium-isa"]),
    ("crates/lang", &["iridium-isa", "iridium-bytecode"]),
    ("crates/vm", &["iridium-isa", "iridium-bytecode"]),
    ("crates/runtime", &["iridium-vm"]),
    ("crates/iridium", &["iridium-isa", "iridium-bytecode", "iridium-lang", "iridium-vm", "iridium-runtime"]),
    ("crates/cli", &["iridium"]),
    ("tests", &["iridium", "iridium-bytecode", "iridium-isa", "iridium-fuzz"]),
    ("tests/interleavings", &["iridium-bytecode", "iridium-lang", "iridium-vm"]),
    ("fuzz", &["iridium", "iridium-bytecode", "iridium-isa", "iridium-tests"]),
    ("benches", &["iridium"]),
    ("xtask", &[]),
];

/// The only places where `unsafe` may stand.
const UNSAFE: &[&str] = &["crates/vm/src/regs.rs", "crates/vm/src/dispatch/", "crates/runtime/src/memory.rs"];

/// The crates that have such a place. With the feature `safe-dispatch` they have none.
const UNSAFE_CRATES: [&str; 2] = ["crates/vm", "crates/runtime"];

/// All files with an extension below the folders of the project, as paths from the root.
fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask", "tests", "benches", "fuzz", "std", "examples", "docs"] {
        collect(&root().join(folder), extension, &mut found);
    }
    assert!(!found.is_empty(), "no .{extension} files: is the list of folders right?");
    found.sort();
    found.iter().map(|path| path.strip_prefix(root()).expect("a file of the repository").to_path_buf()).collect()
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

/// Names on a list of exceptions, each with a reason after it.
fn exceptions(name: &str) -> BTreeMap<String, String> {
    let text = read(folder().join("tidy").join(name));
    let entries = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = |line: &str| {
        let (file, reason) = line.split_once(": ").unwrap_or_else(|| panic!("{name}: no reason in `{line}`"));
        (file.to_owned(), reason.to_owned())
    };
    entries.map(split).collect()
}

/// Fails with all lines, if there are any.
fn none(found: Vec<String>) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn files_are_not_too_long() {
    let mut allowed = exceptions("long-files.txt");
    let mut found = Vec::new();
    for file in files("rs").into_iter().chain(files("eva")) {
        let lines = read(root().join(&file)).lines().count();
        let excepted = allowed.remove(&file.display().to_string()).is_some();
        if lines > MAX_LINES && !excepted {
            found.push(format!("{}: {lines} lines, more than {MAX_LINES}: does it have one subject?", file.display()));
        } else if lines <= MAX_LINES && excepted {
            found.push(format!("{}: {lines} lines need no entry in long-files.txt", file.display()));
        }
    }
    found.extend(allowed.keys().map(|file| format!("{file}: on long-files.txt, but there is no such file")));
    none(found);
}

#[test]
fn every_file_says_first_what_it_is() {
    let bare = |file: &PathBuf| !read(root().join(file)).starts_with("//! ");
    none(
        files("rs").iter().filter(|file| bare(file)).map(|file| format!("{}: no `//!` line", file.display())).collect(),
    );
}

/// Paths in the documents. A part in capitals stands for any name.
#[test]
fn documents_name_paths_that_exist() {
    let mut found = Vec::new();
    let mut documents = files("md");
    documents.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(PathBuf::from));
    for document in documents {
        let text = read(root().join(&document));
        // Every second piece stands between backticks.
        for path in text.split('`').skip(1).step_by(2) {
            let folders = ["crates/", "docs/", "tests/", "benches/", "xtask/", "fuzz/", "std/", "examples/"];
            let is_path = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            if !is_path || !folders.iter().any(|folder| path.starts_with(folder)) {
                continue;
            }
            let stands_for_any = |part: &&str| part.chars().take_while(|c| *c != '.').all(|c| c.is_ascii_uppercase());
            let known: PathBuf = path.split('/').take_while(|part| part.is_empty() || !stands_for_any(part)).collect();
            if !root().join(&known).exists() {
                found.push(format!("{}: there is no {path}", document.display()));
            }
        }
    }
    none(found);
}

#[test]
fn nothing_unfinished_is_committed() {
    // Put together here, so that this file does not hold them.
    let banned = [["to", "do!"], ["unimple", "mented!"], ["db", "g!"], ["FIX", "ME"], ["XX", "X"], ["#[ig", "nore"]];
    let banned: Vec<String> = banned.iter().map(|halves| halves.concat()).collect();
    let mut found = Vec::new();
    for file in files("rs") {
        for (index, line) in read(root().join(&file)).lines().enumerate() {
            if let Some(word) = banned.iter().find(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {word}", file.display(), index + 1));
            }
        }
    }
    none(found);
}

#[test]
fn lines_end_without_blanks_and_files_with_one_newline() {
    let mut found = Vec::new();
    for file in ["rs", "eva", "md", "toml"].iter().flat_map(|extension| files(extension)) {
        let text = read(root().join(&file));
        let blank = text.lines().position(|line| line.ends_with([' ', '\t', '\r']));
        found.extend(blank.map(|index| format!("{}:{}: blanks at the end", file.display(), index + 1)));
        if !text.ends_with('\n') || text.ends_with("\n\n") {
            found.push(format!("{}: must end with one newline", file.display()));
        }
    }
    // Mistakes are the subject there.
    found.retain(|line| !line.starts_with("tests/diagnostics/"));
    none(found);
}

#[test]
fn unsafe_stands_only_where_it_may() {
    let keyword = ["uns", "afe "].concat();
    let mut found = Vec::new();
    for file in files("rs") {
        let name = file.display().to_string();
        let allowed = UNSAFE.iter().any(|place| name.starts_with(place));
        let code = read(root().join(&file));
        let uses = code
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.starts_with("//"))
            .any(|line| line.contains(&keyword));
        if uses && !allowed {
            found.push(format!("{name}: has code that is not safe"));
        }
    }
    none(found);
}

#[test]
fn crates_forbid_unsafe_code() {
    let forbid = "#![forbid(unsafe_code)]";
    let mut found = Vec::new();
    for (path, _) in LAYERS.iter().filter(|(path, _)| !UNSAFE_CRATES.contains(path)) {
        let source = root().join(path).join("src");
        let main = ["lib.rs", "main.rs"].iter().map(|name| source.join(name)).find(|file| file.is_file());
        if main.is_none_or(|file| !read(file).contains(forbid)) {
            found.push(format!("{path}: its root file lacks {forbid}"));
        }
    }
    for path in UNSAFE_CRATES {
        let main = read(root().join(path).join("src/lib.rs"));
        if !main.contains("#![cfg_attr(feature = \"safe-dispatch\", forbid(unsafe_code))]") {
            found.push(format!("{path}: lacks that, with the feature safe-dispatch"));
        }
    }
    none(found);
}

#[test]
fn crates_depend_on_lower_ones_only() {
    let members = files("toml").into_iter().filter(|file| file.file_name().is_some_and(|name| name == "Cargo.toml"));
    let mut found = Vec::new();
    for manifest in members {
        let path = manifest.parent().expect("a manifest lies in a folder").display().to_string();
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == path) else {
            found.push(format!("{path}: a crate that the list of layers does not know"));
            continue;
        };
        found.extend(dependencies(&read(root().join(&manifest))).into_iter().filter_map(|name| {
            let ours = name == "iridium" || name.starts_with("iridium-");
            (ours && !allowed.contains(&name.as_str())).then(|| format!("{path}: must not depend on {name}"))
        }));
    }
    none(found);
}

/// The names in all tables of dependencies of a manifest.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            inside = table.trim_end_matches(']').ends_with("dependencies");
        } else if inside && let Some(end) = line.find(['.', ' ', '=']) {
            names.push(line[..end].to_owned());
        }
    }
    names
}

#[test]
fn dependencies_are_found_in_every_table_and_form() {
    let manifest = "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\nc = \"1\"\n[lints]\nd = 1\n\
                    [dev-dependencies]\ne = { path = \"e\" }\n[target.'cfg(unix)'.dependencies]\nf = \"1\"\n";
    assert_eq!(dependencies(manifest), ["b", "c", "e", "f"]);
}
