//! The library's modules: what they give, in all engines, by tables in `tests/library`; by Python where it has the same.
//! And `docs/library.md`, which is made from what the library says of itself.

use iridium_tests::run::{World, engines, run_in_all};
use iridium_tests::{folder, golden, root, tools};
use std::process::Command;

/// The rows of a table: expression, `=>`, what it gives.
fn rows(table: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder().join("library").join(table)).expect("the table is there");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("; "));
    lines
        .map(|line| {
            let (source, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
            (source.trim().to_owned(), expected.trim().to_owned())
        })
        .collect()
}

/// The value of an expression, or `error :kind`.
fn value(engines: &[(String, iridium::Engine)], source: &str, world: &World) -> String {
    let outcome = run_in_all(engines, source, world).unwrap_or_else(|message| panic!("{source}: {message}"));
    outcome.result.unwrap_or_else(|kind| format!("error {kind}"))
}

fn check(table: &str, world: &World, expected: impl Fn(&[(String, String)]) -> Vec<String>) {
    let rows = rows(table);
    assert!(rows.len() > 10, "{table} has rows");
    let engines = engines();
    let expected = expected(&rows);
    let differences: Vec<String> = (rows.iter().zip(&expected))
        .map(|((source, _), expected)| (source, expected, value(&engines, source, world)))
        .filter(|(_, expected, value)| *expected != value)
        .map(|(source, expected, value)| format!("{source}\n  gives    {value}\n  expected {expected}"))
        .collect();
    assert!(differences.is_empty(), "{table}:\n{}", differences.join("\n"));
}

#[test]
fn members_give_what_the_table_says() {
    let world = World { files: [("a/b.txt".into(), "one\ntwo\n".into())].into(), ..World::default() };
    check("values.txt", &world, |rows| rows.iter().map(|(_, expected)| expected.clone()).collect());
}

#[test]
fn members_give_what_python_says() {
    let Some(python) = tools::python() else { return };
    check("python.txt", &World::default(), |rows| {
        let show = include_str!("../library/show.py");
        let calls: String = rows.iter().map(|(_, expression)| format!("print(show({expression}))\n")).collect();
        let output = Command::new(&python).args(["-c", &format!("{show}\n{calls}")]).output().expect("Python starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("Python writes text");
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), rows.len());
        lines
    });
}

/// What the library says of itself, as a page.
fn page() -> String {
    let mut page = String::from(
        "# The library\n\n\
         Made from what the sources in `std` and the natives' table say; do not edit. `cargo xtask bless` writes it\n\
         anew. In a REPL `,doc NAME` shows the same.\n\n\
         The names of the prelude are always in scope. A module is in scope by its name, unless the program has a name\n\
         of its own like it, and becomes part of a program that uses it.\n",
    );
    for chapter in iridium::library_documentation() {
        let title = if chapter.name == "prelude" { "Prelude".to_owned() } else { format!("`{}`", chapter.name) };
        page.push_str(&format!("\n## {title}\n\n"));
        if !chapter.text.is_empty() {
            page.push_str(&format!("{}\n\n", chapter.text));
        }
        for entry in chapter.entries.values() {
            let text = entry.text.as_deref().unwrap_or_default().replace('\n', "\n  ");
            page.push_str(&format!("- `{}`\\\n  {text}\n", entry.signature));
        }
    }
    page
}

#[test]
fn the_page_is_what_the_library_says() {
    golden::check(&root().join("docs/library.md"), &page()).unwrap_or_else(|message| panic!("{message}"));
}
