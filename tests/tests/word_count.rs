//! The example that README.md shows, against the tools that a shell has for it.

use iridium_tests::binary::run;
use iridium_tests::folder;
use std::process::Command;

/// The ten most frequent words of a file as `tr`, `sort` and `uniq` find them.
fn by_tools(path: &str) -> String {
    let pipeline =
        "tr -cs 'A-Za-z' '\\n' < \"$1\" | tr A-Z a-z | grep . | sort | uniq -c | sort -k1,1nr -k2,2 | head -n 10";
    let output = Command::new("sh").args(["-c", pipeline, "sh", path]).env("LC_ALL", "C").output().expect("sh starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("words of ASCII letters")
}

#[test]
fn the_example_counts_as_tr_sort_and_uniq_do() {
    let text = folder().join("data/fable.txt");
    let text = text.to_str().expect("the path is text");
    let expected = by_tools(text);
    assert_eq!(expected.lines().count(), 10, "the text has ten words:\n{expected}");
    for options in [&[][..], &["--dispatch", "loop"], &["--engine", "stack"]] {
        let arguments: Vec<&str> =
            ["run"].iter().chain(options).chain(&["examples/word-count.eva", text]).copied().collect();
        let done = run(&arguments);
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert_eq!(done.stdout, expected, "{arguments:?}");
    }
}
