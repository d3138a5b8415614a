//! Permissions: every operation of the library that reaches the world, allowed and not, by every way to a file; imports;
//! the options of the command line.

#![cfg(unix)]

use iridium::{Ending, Engine, Permissions, Source, SystemHost, library_documentation};
use iridium_tests::binary::{Scratch, run, run_in};
use iridium_tests::{folder, read, root};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A line of `tests/permissions/operations.txt`.
struct Operation {
    needs: String,
    target: String,
    name: String,
    text: String,
}

fn operations() -> Vec<Operation> {
    let text = read(folder().join("permissions/operations.txt"));
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let split = |line: &str| {
        let mut rest = line;
        let mut word = || {
            let (word, after) = rest.split_once(char::is_whitespace).expect("a line has four parts");
            rest = after.trim_start();
            word.to_owned()
        };
        let (needs, target, name) = (word(), word(), word());
        Operation { needs, target, name, text: rest.to_owned() }
    };
    lines.map(split).collect()
}

/// Ways to what an operation works on, called `X` here: what is allowed, the path that the program gives, and whether
/// that is to work. `-` is the other permission.
const WAYS: &[(&str, &[&str], &str, bool)] = &[
    ("nothing is allowed", &[], "inside/X", false),
    ("the other permission", &["- *"], "inside/X", false),
    ("another path", &["inside/other"], "inside/X", false),
    ("a path that begins alike", &["in", "inside/"], "inside-not/X", false),
    ("everything", &["*"], "inside/X", true),
    ("the path itself", &["inside/X"], "inside/X", true),
    ("one of several", &["inside/other", "inside/X", "outside/other"], "inside/X", true),
    ("a folder", &["inside"], "inside/X", true),
    ("a folder further up", &["."], "inside/X", true),
    ("a roundabout path", &["inside/../inside/."], "./outside/../inside/X", true),
    ("`..` out of what is allowed", &["inside"], "inside/../outside/X", false),
    ("`..` out of what is not there", &["inside"], "nowhere/../../nowhere/../outside/X", false),
    ("a link out of what is allowed", &["inside"], "inside/out/X", false),
    ("a link to a link", &["inside"], "inside/again/X", false),
    ("a link in a circle", &["inside"], "inside/circle/X", false),
    ("a link in a circle that is allowed", &["inside/circle"], "inside/circle/X", false),
    ("a link to where it is allowed", &["outside"], "inside/out/X", true),
    ("what is allowed by a link", &["inside/out"], "outside/X", true),
    ("a link is not its folder", &["inside/out"], "inside/other", false),
    ("`..` behind a link, which is taken off by name", &["inside"], "inside/out/../X", true),
];

/// A world of its own for each try: the same files in each folder, and links between them.
fn world() -> Scratch {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let scratch = Scratch::new(&format!("permissions-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    for place in ["inside", "outside", "inside-not"] {
        fs::create_dir_all(scratch.path().join(place).join("folder")).expect("a folder can be made");
        scratch.file(&format!("{place}/file"), "text\n");
        scratch.file(&format!("{place}/other"), "text\n");
    }
    for (link, to) in [
        ("inside/out", "../outside"),
        ("inside/again", "out"),
        ("inside/circle", "circle"),
        ("inside/link", "../outside/file"),
        ("inside/absolute", scratch.path().join("outside/file").to_str().expect("paths are text")),
        ("inside/dangling", "../outside/new"),
        ("inside/dangling-up", "missing/../../outside/new"),
    ] {
        symlink(to, scratch.path().join(link)).expect("a link can be made");
    }
    scratch
}

/// All that is in a folder, links not followed.
fn snapshot(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        let about = fs::symlink_metadata(&path).expect("it is there");
        if about.is_dir() {
            into.insert(format!("{}/", path.display()));
            snapshot(&path, into);
        } else {
            into.insert(format!("{} {}", path.display(), if about.is_file() { read(&path) } else { String::new() }));
        }
    }
}

fn files(world: &Scratch) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    snapshot(world.path(), &mut found);
    found
}

/// Runs a program with a path; what it gives, or the kind and message of its error.
fn perform(text: &str, path: &str, permissions: Permissions) -> Result<String, String> {
    let engine = Engine::default();
    let source = Source::new("test", format!("(def go (path) {text})\n(go {path:?})"));
    let program = engine.compile(source).unwrap_or_else(|rejection| panic!("{}", rejection.render(false)));
    let mut execution = engine.start(&program).expect("a small program fits");
    match execution.run(&mut SystemHost::new().with_permissions(permissions)) {
        Ending::Done => execution.value(),
        Ending::Failed(failure) => Err(format!(":{}: {}", failure.kind.unwrap_or_default(), failure.text)),
        other => panic!("{other:?}"),
    }
}

/// The permissions that an operation and what it is allowed mean.
fn permissions(operation: &Operation, allowed: &[&str], world: &Path) -> Permissions {
    allowed.iter().fold(Permissions::none(), |permissions, allowed| {
        let path = world.join(allowed.replace('X', &operation.target));
        match (operation.needs.as_str(), *allowed) {
            ("read", "*") | ("write", "- *") => permissions.allow_read(),
            ("write", "*") | ("read", "- *") => permissions.allow_write(),
            ("read", _) => permissions.allow_read_of(path),
            _ => permissions.allow_write_of(path),
        }
    })
}

/// What the message of a refusal says.
fn refusal(operation: &Operation, path: &str) -> String {
    let needs = &operation.needs;
    let doing = if needs == "read" { "reading" } else { "writing" };
    format!(":permission-error: {doing} `{path}` is not allowed; `--allow-{needs}={path}` allows it")
}

#[test]
fn every_operation_is_allowed_where_it_is_and_refused_elsewhere() {
    let operations: Vec<Operation> =
        operations().into_iter().filter(|operation| operation.needs != "nothing").collect();
    for operation in &operations {
        for (way, allowed, path, works) in WAYS {
            let world = world();
            let before = files(&world);
            let path = world.path().join(path.replace('X', &operation.target)).display().to_string();
            let permissions = permissions(operation, allowed, world.path());
            let given = perform(&operation.text, &path, permissions);
            let title = format!("{way}: {} of {path}", operation.text);
            if *works {
                assert!(given.is_ok(), "{title}: {given:?}");
            } else {
                assert_eq!(given, Err(refusal(operation, &path)), "{title}");
                assert_eq!(files(&world), before, "{title}: something was done");
            }
        }
    }
    assert!(operations.len() >= 20);
}

#[test]
fn links_at_the_end_lead_nowhere_else_and_are_deleted_themselves() {
    for operation in operations().iter().filter(|operation| operation.needs != "nothing") {
        for link in ["link", "absolute", "dangling", "dangling-up", "circle"] {
            let world = world();
            let before = files(&world);
            let path = world.path().join("inside").join(link).display().to_string();
            let given = perform(&operation.text, &path, permissions(operation, &["inside"], world.path()));
            if operation.name == "File.delete" {
                assert_eq!(given, Ok("null".to_owned()), "{link}");
                let left: Vec<String> = before.difference(&files(&world)).cloned().collect();
                assert_eq!(left, [format!("{path} ")], "the link alone is gone");
            } else if link == "dangling-up" {
                // Where it leads is nowhere for the system; here it is out of what is allowed before that.
                assert!(given.is_err(), "{}: {given:?}", operation.text);
                assert_eq!(files(&world), before);
            } else {
                assert_eq!(given, Err(refusal(operation, &path)), "{}", operation.text);
                assert_eq!(files(&world), before, "{}: something was done", operation.text);
            }
        }
    }
}

/// What is not allowed is refused alike, whether it is there or not.
#[test]
fn refusals_do_not_tell_what_is_there() {
    for operation in operations().iter().filter(|operation| operation.needs != "nothing") {
        let world = world();
        for name in ["file", "folder", "new", "file/below", "folder/new", "new/new", "circle"] {
            let path = world.path().join("outside").join(name).display().to_string();
            let given = perform(&operation.text, &path, permissions(operation, &["inside"], world.path()));
            assert_eq!(given, Err(refusal(operation, &path)), "{}", operation.text);
        }
    }
}

#[test]
fn a_link_that_is_changed_later_allows_nothing_else() {
    let world = world();
    let (link, outside) = (world.path().join("inside/out"), world.path().join("inside-not"));
    let allowed = Permissions::none().allow_read_of(&link);
    fs::remove_file(&link).expect("the link is there");
    symlink(&outside, &link).expect("a link can be made");
    for (path, works) in [(link.join("file"), false), (world.path().join("outside/file"), true)] {
        let given = perform("(File.read path)", path.to_str().expect("paths are text"), allowed.clone());
        assert_eq!(given.is_ok(), works, "{}: {given:?}", path.display());
    }
}

#[test]
fn what_needs_nothing_works_without_permissions() {
    for operation in operations().iter().filter(|operation| operation.needs == "nothing" && operation.text != "–") {
        let given = perform(&operation.text, "", Permissions::none());
        assert!(given.is_ok(), "{}: {given:?}", operation.text);
    }
}

/// All functions of the modules that reach the world are in the list, and in the table of the documentation.
#[test]
fn no_operation_is_forgotten() {
    let listed: BTreeSet<String> = operations().into_iter().map(|operation| operation.name).collect();
    for chapter in library_documentation().iter().filter(|chapter| ["File", "Os"].contains(&chapter.name.as_str())) {
        for name in chapter.entries.keys() {
            let name = format!("{}.{}", chapter.name, name.trim_start_matches(&format!("{}.", chapter.name)));
            assert!(listed.contains(&name), "{name} is not in tests/permissions/operations.txt");
        }
    }
    let page = read(root().join("docs/command-line.md"));
    for operation in operations() {
        let option = match operation.needs.as_str() {
            "nothing" => "nothing".to_owned(),
            needs => format!("`--allow-{needs}`"),
        };
        let name = format!("`{}`", operation.name);
        let row =
            |line: &&str| line.starts_with("| `") && line.contains(&name) && line.ends_with(&format!("| {option} |"));
        assert!(page.lines().any(|line| row(&line)), "docs/command-line.md: {name} needs {option}");
    }
}

#[test]
fn imports_below_the_main_file_are_part_of_the_program() {
    let world = world();
    for (name, text) in [
        ("inside/folder/near.eva", "(var x 1)"),
        ("inside/folder/up.eva", "(import \"../near.eva\") (var x near.x)"),
        ("inside/near.eva", "(var x 2)"),
        ("outside/far.eva", "(var x 3)"),
        ("outside/M.eva", "(var x 4)"),
    ] {
        world.file(name, text);
    }
    for (import, allowed, expected) in [
        ("(import \"./folder/near.eva\" as m)", "--sandbox", Ok("1\n")),
        ("(import \"./folder/up.eva\" as m)", "--sandbox", Ok("2\n")),
        ("(import \"../inside/near.eva\" as m)", "--sandbox", Ok("2\n")),
        ("(import \"../outside/far.eva\" as m)", "--sandbox", Err("../outside/far.eva")),
        ("(import \"./out/far.eva\" as m)", "--sandbox", Err("inside/out/far.eva")),
        ("(import \"./out/none.eva\" as m)", "--sandbox", Err("inside/out/none.eva")),
        ("(import out.M as m)", "--sandbox", Err("inside/out/M.eva")),
        ("(import \"../outside/far.eva\" as m)", "--allow-write", Err("../outside/far.eva")),
        ("(import \"../outside/far.eva\" as m)", "--allow-read", Ok("3\n")),
        ("(import \"../outside/far.eva\" as m)", "--allow-read=outside", Ok("3\n")),
        ("(import out.M as m)", "--allow-read=inside,outside/M.eva", Ok("4\n")),
        ("(import (pi) Math) (module m (var x 5))", "--sandbox", Ok("5\n")),
    ] {
        world.file("inside/main.eva", format!("{import} (print m.x)"));
        let done = run_in(world.path(), &["run", allowed, "inside/main.eva"], b"");
        match expected {
            Ok(printed) => {
                assert_eq!((done.code, done.stdout.as_str()), (Some(0), printed), "{import} {}", done.stderr)
            }
            Err(path) => {
                assert_eq!((done.code, done.stdout.as_str()), (Some(65), ""), "{import}");
                let path = path.trim_start_matches("../");
                let flag = done.stderr.split("`--allow-read=").nth(1).and_then(|rest| rest.split('`').next());
                let flag = flag.unwrap_or_else(|| panic!("{import}: no flag in {}", done.stderr));
                assert!(flag.ends_with(path), "{import}: {}", done.stderr);
                // What the message says helps.
                let allowed = format!("--allow-read={flag}");
                let done = run_in(world.path(), &["run", &allowed, "inside/main.eva"], b"");
                let missing = done.stderr.contains("there is no file");
                assert!(done.code == Some(0) || missing, "{allowed}: {}", done.stderr);
            }
        }
    }
    // What comes from elsewhere than a file has no folder.
    world.file("inside/main.eva", "");
    for (arguments, stdin) in [
        (&["run", "--sandbox", "-"][..], "(import \"./inside/near.eva\")"),
        (&["eval", "--sandbox", "(import \"./inside/near.eva\") near.x"], ""),
        (&["repl", "--sandbox"], "(import \"./inside/near.eva\")\n"),
    ] {
        let done = run_in(world.path(), arguments, stdin.as_bytes());
        assert!(done.stderr.contains("`--allow-read=inside/near.eva` allows it"), "{arguments:?}: {}", done.stderr);
    }
    assert_eq!(run_in(world.path(), &["eval", "--sandbox", "(import Math) (Math.sign -2)"], b"").stdout, "-1\n");
}

#[test]
fn options_are_repeated_or_have_lists_and_imply_the_sandbox() {
    let world = world();
    let read = |path: &str| format!("(File.read {path:?})");
    let write = |path: &str| format!("(File.write {path:?} \"x\")");
    for (options, text, works) in [
        (&[][..], read("outside/file"), true),
        (&["--sandbox"], read("outside/file"), false),
        (&["--sandbox", "--allow-read"], read("outside/file"), true),
        (&["--allow-read"], read("outside/file"), true),
        (&["--allow-read"], write("outside/file"), false),
        (&["--allow-read=inside,outside"], read("outside/file"), true),
        (&["--allow-read=inside,outside"], write("inside/file"), false),
        (&["--allow-read=inside", "--allow-read=outside/file"], read("outside/file"), true),
        (&["--allow-read=inside", "--allow-read=outside/file"], read("outside/other"), false),
        (&["--allow-read=inside", "--allow-read"], read("outside/file"), true),
        (&["--allow-write=inside"], write("inside/new"), true),
        (&["--allow-write=inside"], read("inside/file"), false),
        (&["--allow-write"], write("outside/file"), true),
        (&["--allow-read", "--allow-write"], write("outside/file"), true),
        (&["--allow-net"], read("inside/file"), false),
        (&["--allow-net=localhost:80,example.org:443"], read("inside/file"), false),
        (&["--allow-env=HOME"], read("inside/file"), false),
        (&["--allow-run"], read("inside/file"), false),
    ] {
        let arguments = [&["eval"], options, &[text.as_str()]].concat();
        let done = run_in(world.path(), &arguments, b"");
        assert_eq!(done.code, Some(if works { 0 } else { 1 }), "{arguments:?}: {}", done.stderr);
        assert_eq!(done.stderr.contains("error: :permission-error: "), !works, "{arguments:?}: {}", done.stderr);
    }
    // Where a value is missing, all would be allowed by mistake.
    for option in
        ["--allow-read=", "--allow-write=", "--allow-net=", "--allow-env=", "--allow-read=a,,b", "--allow-run=x"]
    {
        let done = run(&["eval", option, "1"]);
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{option}: {}", done.stderr);
    }
}

#[test]
fn a_refusal_can_be_caught_and_input_and_output_are_allowed() {
    let text = "(print (read-line) (try (File.write \"/x\" \"\") (catch e #[e.kind e.message])))";
    let done = run_in(&root(), &["eval", "--sandbox", text], b"a line\n");
    let message = "writing `/x` is not allowed; `--allow-write=/x` allows it";
    assert_eq!(done.stdout, format!("a line #[:permission-error {message:?}]\nnull\n"), "{}", done.stderr);
}
