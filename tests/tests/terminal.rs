//! The REPL at a terminal, as somebody sees it who types: prompt, editing, completion, colours, Ctrl-C, history.

#![cfg(unix)]

use iridium_tests::binary::{Scratch, iridium};
use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};
use std::process::Command;

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const TAB: &str = "\t";
const ENTER: &str = "\r";
const UP: &str = "\x1b[A";
const RIGHT: &str = "\x1b[C";

/// Milliseconds after which what is expected will not come.
const TIMEOUT: u64 = 20_000;

/// A REPL at a terminal of its own.
struct Repl {
    session: PtySession,
}

impl Repl {
    /// A REPL in an empty folder without history and colours.
    fn plain(scratch: &Scratch, arguments: &[&str]) -> Repl {
        Repl::start(scratch, arguments, &[("IRIDIUM_HISTORY", ""), ("NO_COLOR", "1")], true)
    }

    fn start(scratch: &Scratch, arguments: &[&str], environment: &[(&str, &str)], strip: bool) -> Repl {
        let mut command = Command::new(iridium());
        command.args(arguments).current_dir(scratch.path()).env("TERM", "xterm");
        command.env_remove("NO_COLOR").env_remove("IRIDIUM_HISTORY");
        command.envs(environment.iter().copied());
        let options = Options::new().timeout_ms(Some(TIMEOUT)).strip_ansi_escape_codes(strip);
        let session = spawn_with_options(command, options).expect("iridium starts at a terminal");
        let mut repl = Repl { session };
        repl.sees("Iridium ");
        repl
    }

    /// Presses keys.
    fn types(&mut self, keys: &[&str]) {
        for key in keys {
            self.session.send(key).expect("the terminal takes keys");
        }
        self.session.flush().expect("the terminal takes keys");
    }

    /// Waits for a text, and gives what came before it.
    fn sees(&mut self, text: &str) -> String {
        self.session.exp_string(text).unwrap_or_else(|error| panic!("waiting for {text:?}: {error}"))
    }

    /// Types an input and waits for a line that it prints.
    fn answers(&mut self, input: &str, line: &str) {
        self.types(&[input, ENTER]);
        self.sees(&format!("\n{line}\r\n"));
        self.sees("> ");
    }

    /// Presses Ctrl-C while a line is typed. What is typed ahead of the next prompt would be lost with the line.
    fn drops_the_line(&mut self) {
        self.types(&[CTRL_C]);
        self.sees("\n");
        self.sees("> ");
    }

    /// Leaves, and checks that all went well.
    fn leaves(mut self) {
        self.types(&[CTRL_D]);
        self.session.exp_eof().expect("it ends");
        let status = self.session.process().wait().expect("it has a status");
        let status = format!("{status:?}");
        assert!(status.starts_with("Exited(") && status.ends_with(", 0)"), "{status}");
    }
}

#[test]
fn values_and_errors_are_shown() {
    let scratch = Scratch::new("terminal-values");
    let mut repl = Repl::plain(&scratch, &[]);
    repl.answers("(* 6 7)", "42");
    repl.answers("(def double (n) (* 2 n))", "<function double>");
    repl.types(&["(double \"a\")", ENTER]);
    repl.sees("error: :type-error");
    repl.sees("--> repl:2:17");
    repl.sees("2 | (def double (n) (* 2 n))");
    repl.sees("in top level  repl:3:1");
    repl.answers("(double 4)", "8");
    // What ends without a line end is not overwritten by the prompt.
    repl.types(&["(write (+ \"half\" \"-line\"))", ENTER]);
    repl.sees("half-line\r\n");
    repl.sees("> ");
    repl.types(&[",quit", ENTER]);
    repl.session.exp_eof().expect("it ends");
}

#[test]
fn tab_completes_names_members_files_and_commands() {
    let scratch = Scratch::new("terminal-tab");
    scratch.file("unusual-name.txt", "the text of a file");
    let mut repl = Repl::plain(&scratch, &[]);
    repl.types(&["(String.joi", TAB, " [1 2] \"-\")", ENTER]);
    repl.sees("\"1-2\"");
    repl.answers(
        "(class Point null (def constructor (self x) (set self.abscissa x)) (def negated (self) (- self.abscissa)))",
        "<class Point>",
    );
    repl.answers("(var point (new Point 1234))", "<Point>");
    repl.types(&["point.absc", TAB, ENTER]);
    repl.sees("\n1234\r\n");
    repl.types(&["(poin", TAB, ".neg", TAB, ")", ENTER]);
    repl.sees("\n-1234\r\n");
    repl.types(&["(var table {:colour 4321})", ENTER, "table.co", TAB, ENTER]);
    repl.sees("\n4321\r\n");
    repl.types(&["(File.read \"unus", TAB, "\")", ENTER]);
    repl.sees("\"the text of a file\"");
    repl.types(&[",he", TAB, ENTER]);
    repl.sees("Ctrl-R searches the history");
    // What has several ways to go on is listed.
    repl.types(&["(String.pad-", TAB, TAB]);
    repl.sees("pad-left");
    repl.sees("pad-right");
    repl.sees("(String.pad-");
    repl.drops_the_line();
    repl.leaves();
}

#[test]
fn unfinished_inputs_go_on_indented() {
    let scratch = Scratch::new("terminal-lines");
    let mut repl = Repl::plain(&scratch, &[]);
    repl.types(&["(def triple (n)", ENTER]);
    repl.sees("\n.   ");
    repl.types(&["(* 3 n))", ENTER]);
    repl.sees("<function triple>");
    repl.answers("(triple 5)", "15");
    repl.types(&["\"one", ENTER, "two\"", ENTER]);
    repl.sees("\"one\\ntwo\"");
    // What is wrong, and not only unfinished, is said at once.
    repl.types(&["(+ 1abc", ENTER]);
    repl.sees("error[bad-number]");
    repl.sees("repl:6:4");
    repl.leaves();
}

#[test]
fn several_forms_can_be_pasted() {
    let scratch = Scratch::new("terminal-paste");
    let mut repl = Repl::plain(&scratch, &[]);
    repl.types(&["\x1b[200~(var a 50)\n(def add (n)\n  (+ n a))\n(add 27)\x1b[201~"]);
    repl.types(&[ENTER]);
    repl.sees("\n50\r\n<function add>\r\n77\r\n");
    repl.leaves();
}

#[test]
fn ctrl_c_drops_a_line_and_stops_what_runs() {
    let scratch = Scratch::new("terminal-interrupt");
    let mut repl = Repl::plain(&scratch, &[]);
    repl.answers("(var kept 99)", "99");
    repl.types(&["(print \"never"]);
    repl.drops_the_line();
    repl.answers("(+ 40 3)", "43");
    for runaway in [
        "(while true 1)",
        "(def endless () (endless)) (endless)",
        "(read-line)",
        "(each (x (range 1000000000)) (list [x]))",
    ] {
        // Ctrl-C comes when the program runs: it says so.
        repl.types(&["(print (+ \"rea\" \"dy\")) ", runaway, ENTER]);
        repl.sees("\nready\r\n");
        repl.types(&[CTRL_C]);
        repl.sees("interrupted");
        repl.sees("> ");
    }
    repl.answers("kept", "99");
    repl.types(&["(begin (print (+ \"rea\" \"dy\")) (read-line))", ENTER]);
    repl.sees("\nready\r\n");
    repl.types(&["this line", ENTER]);
    repl.sees("\"this line\"\r\n");
    repl.sees("> ");
    repl.leaves();
}

#[test]
fn a_limit_ends_the_input_and_not_the_session() {
    let scratch = Scratch::new("terminal-limit");
    let mut repl = Repl::plain(&scratch, &["repl", "--max-heap", "8M"]);
    repl.answers("(var kept [1 2])", "[1 2]");
    repl.types(&["(begin (var hog []) (while true (push hog [hog])))", ENTER]);
    repl.sees("error: the program passed its limit on memory, :heap");
    repl.answers("kept", "[1 2]");
    repl.leaves();
}

#[test]
fn long_values_are_cut_short() {
    let scratch = Scratch::new("terminal-long");
    let mut repl = Repl::plain(&scratch, &[]);
    repl.types(&["(list (range 100000))", ENTER]);
    let shown = repl.sees(" (a list of 100000 elements; ,more shows more)");
    assert!(shown.len() < 4_000, "{} octets", shown.len());
    repl.types(&[",more", ENTER]);
    repl.sees("99998 99999]");
    repl.leaves();
}

#[test]
fn inputs_have_colours_unless_nobody_wants_them() {
    let scratch = Scratch::new("terminal-colours");
    let input = "(def greet (name) (print \"hello\" 12 :atom name)) ; done";
    let mut repl = Repl::start(&scratch, &[], &[("IRIDIUM_HISTORY", "")], false);
    repl.types(&[input, ENTER]);
    let shown = repl.sees("<function greet>");
    for part in [
        "\x1b[1;34mdef\x1b[0m",
        "\x1b[34mprint\x1b[0m",
        "\x1b[32m\"hello\"\x1b[0m",
        "\x1b[36m12\x1b[0m",
        "\x1b[35m:atom\x1b[0m",
        "\x1b[90m; done\x1b[0m",
    ] {
        assert!(shown.contains(part), "{part:?} in {shown:?}");
    }
    // The bracket that is closed by the one just typed, and the rest of a name in grey, which the right arrow takes.
    repl.types(&["(greet)"]);
    repl.sees("\x1b[1;7m(\x1b[0m\x1b[33mgreet\x1b[0m\x1b[1;7m)\x1b[0m");
    repl.drops_the_line();
    repl.types(&["(gree"]);
    repl.sees("\x1b[90mt\x1b[0m");
    repl.types(&[RIGHT, " "]);
    repl.sees("\x1b[90mname)\x1b[0m");
    repl.types(&["3)", ENTER]);
    repl.sees("hello 12 :atom 3");

    let mut plain = Repl::start(&scratch, &[], &[("IRIDIUM_HISTORY", ""), ("NO_COLOR", "1")], false);
    plain.types(&[input, ENTER]);
    let shown = plain.sees("<function greet>");
    let colour = shown.match_indices("\x1b[").find(|(at, _)| {
        let code: String = shown[at + 2..].chars().take_while(|c| c.is_ascii_digit() || *c == ';').collect();
        shown[at + 2 + code.len()..].starts_with('m') && !code.is_empty()
    });
    assert!(colour.is_none(), "{shown:?}");
}

#[test]
fn inputs_are_remembered() {
    let scratch = Scratch::new("terminal-history");
    let file = scratch.path().join("state").join("history");
    let name = file.to_str().expect("temporary paths are text");
    let environment = [("IRIDIUM_HISTORY", name), ("NO_COLOR", "1")];
    let mut repl = Repl::start(&scratch, &[], &environment, true);
    repl.answers("(+ 1000 1)", "1001");
    repl.types(&["(+ 2000", ENTER, "2)", ENTER]);
    repl.sees("\n2002\r\n");
    repl.answers("(+ 1000 1)", "1001");
    repl.leaves();
    let kept = iridium_tests::read(&file);
    assert_eq!(kept.matches("1000").count(), 1, "each input once: {kept}");
    let mut repl = Repl::start(&scratch, &[], &environment, true);
    repl.types(&[UP, ENTER]);
    repl.sees("\n1001\r\n");
    repl.types(&[UP, UP, ENTER]);
    repl.sees("\n2002\r\n");
    repl.leaves();

    // Without an own name it lies in the folder for a user's state.
    let state = scratch.path().join("xdg");
    let name = state.to_str().expect("temporary paths are text");
    let mut repl = Repl::start(&scratch, &[], &[("XDG_STATE_HOME", name), ("NO_COLOR", "1")], true);
    repl.answers("(+ 3000 3)", "3003");
    repl.leaves();
    assert!(iridium_tests::read(state.join("iridium").join("history")).contains("(+ 3000 3)"));
}

#[test]
fn a_history_that_cannot_be_read_is_left_alone() {
    let scratch = Scratch::new("terminal-no-history");
    let name = scratch.file("history", b"#V2\n\xFF\xFE\n");
    let mut repl = Repl::start(&scratch, &[], &[("IRIDIUM_HISTORY", &name), ("NO_COLOR", "1")], true);
    repl.sees("can't be read and is not kept");
    repl.sees("> ");
    repl.answers("(+ 1 1)", "2");
    repl.leaves();
    assert_eq!(std::fs::read(&name).expect("it is still there"), b"#V2\n\xFF\xFE\n");
}
