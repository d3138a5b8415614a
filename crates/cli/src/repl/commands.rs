//! What can be asked for with a comma: `,help`, `,doc`, `,dis` and so on.

use super::{Inputs, Repl};
use crate::arguments::Format;
use crate::messages;
use iridium::{Code, Documentation, Glance, HeapReport, Source, Stats};
use std::time::{Duration, Instant};

/// A command.
pub(super) struct Command {
    /// Its name, without the comma.
    pub(super) name: &'static str,
    /// What is written behind it.
    argument: &'static str,
    /// What it does.
    about: &'static str,
    run: fn(&mut Repl, Source) -> bool,
}

impl Command {
    /// The name as Tab completes it: ready for what is written behind it.
    pub(super) fn completed(&self) -> String {
        format!("{}{}", self.name, if self.argument.is_empty() { "" } else { " " })
    }
}

/// All commands, in the order in which `,help` lists them.
pub(super) const COMMANDS: &[Command] = &[
    Command { name: "help", argument: "", about: "this text", run: help },
    Command { name: "doc", argument: "NAME", about: "how something is used, and what for", run: doc },
    Command {
        name: "dis",
        argument: "NAME or FORM",
        about: "its portable and register code; nothing is run",
        run: dis,
    },
    Command { name: "ast", argument: "FORM", about: "its syntax tree, with lines and columns", run: ast },
    Command { name: "time", argument: "FORM", about: "runs it; says how long it took and what it cost", run: time },
    Command { name: "gc", argument: "", about: "collects garbage now; says what the heap holds", run: gc },
    Command { name: "more", argument: "", about: "more of a value that was cut short", run: more },
    Command { name: "quit", argument: "", about: "leaves, as Ctrl-D does", run: quit },
];

/// Bytes of a value that `,more` shows.
const MORE: usize = 1 << 20;

/// Bytes of a value that `,doc` shows.
const BRIEF: usize = 60;

/// A text whose first bytes have become blank, so that the rest keeps its place.
pub(super) fn blank(text: &Source, bytes: usize) -> Source {
    let (before, rest) = text.text().split_at(bytes);
    let before: String = before.chars().map(|character| if character == '\n' { character } else { ' ' }).collect();
    Source::new(text.name(), before + rest).after_lines(text.lines_before())
}

/// Runs a command: its name without the comma, and what follows. False if it asks to leave.
pub(super) fn run(repl: &mut Repl, name: &str, rest: Source) -> bool {
    if let Some(command) = COMMANDS.iter().find(|command| command.name == name) {
        return (command.run)(repl, rest);
    }
    unknown(name, COMMANDS.iter().map(|command| command.name), repl.format);
    true
}

/// Tells that no command has a name, and which one may have been meant.
pub(super) fn unknown<'n>(name: &str, known: impl Iterator<Item = &'n str>, format: Format) {
    let advice = iridium::nearest(name, known)
        .map_or_else(|| "`,help` lists what there is".to_owned(), |near| format!("did you mean `,{near}`?"));
    messages::error(&format!("there is no `,{name}`; {advice}"), format);
}

fn help(repl: &mut Repl, _: Source) -> bool {
    let mut text = String::from(
        "Type a form to have it run. Its value is printed, unless it is null.\n\
         A form may take several lines.\n\n",
    );
    for command in COMMANDS {
        let usage = format!(",{} {}", command.name, command.argument);
        text.push_str(&format!("  {usage:<22}{}\n", command.about));
    }
    text.push_str(
        "\nTab completes names, members behind a dot, files in strings, and commands.\n\
         The right arrow takes what is shown in grey. Ctrl-R searches the history.\n\
         Ctrl-C drops what is being typed, or stops a form that runs.",
    );
    repl.say(&text);
    true
}

fn doc(repl: &mut Repl, rest: Source) -> bool {
    let name = rest.text().trim();
    if name.is_empty() {
        return usage(repl, "doc");
    }
    let found = repl.session.borrow().documentation(name);
    let value = repl.session.borrow().value_of(name, BRIEF);
    if found.is_none() && value.is_none() {
        let near = repl.session.borrow().similar(name);
        let advice = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        messages::error(&format!("there is no name `{name}`{advice}"), repl.format);
        return true;
    }
    let found = found.unwrap_or_else(|| {
        let path: Vec<&str> = name.split('.').collect();
        let members = repl.session.borrow().members(&path);
        let members = members.iter().map(|member| format!(".{member}")).collect();
        Documentation { members, ..Documentation::default() }
    });
    repl.say(&described(name, found, value));
    true
}

fn described(name: &str, found: Documentation, value: Option<Glance>) -> String {
    // A function or class is told by its signature.
    let known = found.signature.starts_with('(');
    let mut text = if known { found.signature } else { name.to_owned() };
    found.text.iter().flat_map(|text| text.lines()).for_each(|line| text.push_str(&format!("\n  {}", line.trim())));
    if let Some(value) = value.filter(|_| !known) {
        let dots = if value.whole { "" } else { "…" };
        text.push_str(&format!("\n  {}: {}{dots}", extent(&value), value.start));
    }
    found.members.iter().for_each(|member| text.push_str(&format!("\n  {member}")));
    text
}

/// What a value is, and how long.
pub(super) fn extent(value: &Glance) -> String {
    let unit = match value.what.as_str() {
        "a list" | "a tuple" | "a range" => "element",
        "a string" => "character",
        "a map" => "entry",
        "bytes" => "octet",
        _ => return value.what.clone(),
    };
    match (value.length, unit) {
        (None, _) => value.what.clone(),
        (Some(1), unit) => format!("{} of 1 {unit}", value.what),
        (Some(length), "entry") => format!("{} of {length} entries", value.what),
        (Some(length), unit) => format!("{} of {length} {unit}s", value.what),
    }
}

fn dis(repl: &mut Repl, rest: Source) -> bool {
    let (form, rest) = match rest.text().trim_start().strip_prefix("--form") {
        None => (None, rest),
        Some(words) => {
            let words = words.trim_start();
            let (form, words) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
            if !matches!(form, "portable" | "register") {
                messages::error("`,dis --form` takes `portable` or `register`", repl.format);
                return true;
            }
            (Some(form.to_owned()), blank(&rest, rest.text().len() - words.len()))
        }
    };
    let name = rest.text().trim();
    if name.is_empty() {
        return usage(repl, "dis");
    }
    if repl.session.borrow().is_native(name) {
        messages::error(&format!("`{name}` is part of the machine: it has no code"), repl.format);
        return true;
    }
    let known = repl.session.borrow().code_of(name);
    let code = match known {
        Some(code) => code,
        None => match repl.session.borrow_mut().code(rest) {
            Ok(code) => code,
            Err(rejection) => {
                messages::diagnostics(rejection.diagnostics(), repl.format);
                return true;
            }
        },
    };
    messages::diagnostics(code.warnings.iter().map(|(source, warning)| (source, warning)), repl.format);
    let Code { portable, register, .. } = code;
    let text = match form.as_deref() {
        Some("portable") => portable,
        Some(_) => register,
        None => format!("; portable code\n{}\n\n; register code\n{register}", portable.trim_end()),
    };
    repl.say(text.trim_end());
    true
}

fn ast(repl: &mut Repl, rest: Source) -> bool {
    if rest.text().trim().is_empty() {
        return usage(repl, "ast");
    }
    let tree = repl.session.borrow().syntax(rest);
    match tree {
        Ok(tree) => repl.say(tree.trim_end()),
        Err(rejection) => messages::diagnostics(rejection.diagnostics(), repl.format),
    }
    true
}

fn time(repl: &mut Repl, rest: Source) -> bool {
    if rest.text().trim().is_empty() {
        return usage(repl, "time");
    }
    let before = repl.session.borrow().stats();
    let start = Instant::now();
    repl.run(rest);
    let elapsed = start.elapsed();
    let after = repl.session.borrow().stats();
    repl.say(&cost(elapsed, &before, &after));
    true
}

fn cost(elapsed: Duration, before: &Stats, after: &Stats) -> String {
    // A session that has started afresh counts from 0.
    let of = |figure: fn(&Stats) -> u64| figure(after).saturating_sub(figure(before));
    let plural = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    format!(
        "{:.3} ms, {}, {}, about {} allocated",
        elapsed.as_secs_f64() * 1e3,
        plural(of(|stats| stats.reductions), "reduction"),
        plural(of(|stats| stats.collections), "collection"),
        size(of(|stats| stats.allocated)),
    )
}

/// Octets for people.
fn size(octets: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let mut amount = octets as f64;
    let mut unit = "octets";
    for next in units {
        if amount < 1024.0 {
            break;
        }
        amount /= 1024.0;
        unit = next;
    }
    if unit == "octets" { format!("{octets} {unit}") } else { format!("{amount:.1} {unit}") }
}

fn gc(repl: &mut Repl, _: Source) -> bool {
    let start = Instant::now();
    let report = repl.session.borrow_mut().collect();
    let pause = start.elapsed();
    let stats = repl.session.borrow().stats();
    repl.say(&heap(&report, pause, &stats));
    true
}

fn heap(report: &HeapReport, pause: Duration, stats: &Stats) -> String {
    format!(
        "live        {}\nin holes    {:.1} %\nallocated   {}\npeak        {}\nlimit       {}\ncollections {}\n\
         now         {:.3} ms\npauses      half {:.3} ms, 99 % {:.3} ms, longest {:.3} ms\nstall       at most {:.3} ms",
        size(report.live),
        stats.fragmentation() * 100.0,
        size(stats.allocated),
        size(report.peak),
        size(report.limit),
        stats.collections,
        pause.as_secs_f64() * 1e3,
        stats.pause_p50_ns as f64 / 1e6,
        stats.pause_p99_ns as f64 / 1e6,
        stats.pause_max_ns as f64 / 1e6,
        stats.stall_max_ns as f64 / 1e6,
    )
}

fn more(repl: &mut Repl, _: Source) -> bool {
    let value = repl.session.borrow().last_value(MORE);
    repl.say(&shown(&value, "`print` or `write` it in parts"));
    true
}

/// A value as it is printed, and if it is cut short, what to do about that.
pub(super) fn shown(value: &Glance, advice: &str) -> String {
    if value.whole {
        return value.start.clone();
    }
    // Half a number would look like another one.
    let parts = matches!(value.what.as_str(), "a list" | "a tuple" | "a map");
    let end = value.start.rfind(' ').filter(|_| parts).map_or(value.start.len(), |end| end + 1);
    format!("{}… ({}; {advice})", &value.start[..end], extent(value))
}

fn quit(_: &mut Repl, _: Source) -> bool {
    false
}

/// A command that lacks what it is about.
fn usage(repl: &Repl, name: &str) -> bool {
    if let Some(command) = COMMANDS.iter().find(|command| command.name == name) {
        let message = format!("`,{name}` needs something: `,{name} {}`", command.argument);
        messages::error(&message, repl.format);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glance(what: &str, length: Option<u64>) -> Glance {
        Glance { what: what.to_owned(), start: "[0".to_owned(), whole: false, length }
    }

    #[test]
    fn extents_are_counted_in_their_units() {
        assert_eq!(extent(&glance("a list", Some(100_000))), "a list of 100000 elements");
        assert_eq!(extent(&glance("a map", Some(1))), "a map of 1 entry");
        assert_eq!(extent(&glance("a map", Some(2))), "a map of 2 entries");
        assert_eq!(extent(&glance("an instance of P", None)), "an instance of P");
    }

    #[test]
    fn values_are_cut_between_elements() {
        let value = |what: &str, start: &str| Glance { start: start.to_owned(), ..glance(what, Some(9)) };
        assert_eq!(shown(&value("a string", "\"a b"), "try"), "\"a b… (a string of 9 characters; try)");
        assert_eq!(shown(&value("a list", "[10 11 1"), "try"), "[10 11 … (a list of 9 elements; try)");
        assert_eq!(shown(&Glance { whole: true, ..value("a list", "[1 2]") }, "try"), "[1 2]");
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!([size(0), size(1023), size(1536), size(5 << 30)], ["0 octets", "1023 octets", "1.5 KiB", "5.0 GiB"]);
    }

    #[test]
    fn costs_are_differences() {
        let before = Stats { reductions: 10, ..Stats::default() };
        let after = Stats { reductions: 11, collections: 2, allocated: 2048, ..Stats::default() };
        let text = cost(Duration::from_micros(1500), &before, &after);
        assert_eq!(text, "1.500 ms, 1 reduction, 2 collections, about 2.0 KiB allocated");
    }
}
