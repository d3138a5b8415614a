//! What Tab completes, and what is shown in grey behind the cursor: names, members, files, commands, parameters.
//! Nothing of the program is run for it.

use super::commands::{COMMANDS, Command};
use iridium::{Documentation, NameKind, Session, Token, TokenKind, tokens};
use std::path::Path;

/// Candidates that are offered at most.
const MAX_CANDIDATES: usize = 500;

/// What completion asks a session.
pub(super) trait Known {
    /// What a name without a dot stands for.
    fn kind(&self, name: &str) -> Option<NameKind>;
    /// All names without a dot.
    fn names(&self) -> Vec<String>;
    /// What can stand after a dot behind a path of names.
    fn members(&self, path: &[&str]) -> Vec<String>;
    /// What there is to say about a name.
    fn documentation(&self, name: &str) -> Option<Documentation>;
}

impl Known for Session {
    fn kind(&self, name: &str) -> Option<NameKind> {
        self.name_kind(name)
    }
    fn names(&self) -> Vec<String> {
        Session::names(self)
    }
    fn members(&self, path: &[&str]) -> Vec<String> {
        Session::members(self, path)
    }
    fn documentation(&self, name: &str) -> Option<Documentation> {
        Session::documentation(self, name)
    }
}

/// What can stand at the cursor instead of the text from `start` on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Completion {
    pub(super) start: usize,
    pub(super) candidates: Vec<String>,
}

/// The innermost bracket that is still open after some tokens.
pub(super) fn enclosing(tokens: &[Token]) -> Option<&Token> {
    let mut closed = 0_usize;
    tokens.iter().rev().find(|token| match token.kind {
        TokenKind::Close => {
            closed += 1;
            false
        }
        TokenKind::Open if closed > 0 => {
            closed -= 1;
            false
        }
        kind => kind == TokenKind::Open,
    })
}

/// What completes the text before the cursor.
pub(super) fn complete(before: &str, known: &dyn Known) -> Completion {
    if let Some((start, name)) = command(before)
        && !name.contains(char::is_whitespace)
    {
        let names = COMMANDS.iter().map(Command::completed);
        return of(start, name, names.collect());
    }
    let (text, shift) = argument(before);
    let tokens = tokens(text);
    let Some(last) = tokens.last() else { return Completion { start: before.len(), ..Completion::default() } };
    let (start, end) = (last.span.start as usize, last.span.end as usize);
    let word = &text[start..end];
    let mut completion = match last.kind {
        TokenKind::Text(false) if takes_path(&tokens, text) => {
            let typed = word.trim_start_matches('"');
            files(start + word.len() - typed.len(), typed)
        }
        TokenKind::Name | TokenKind::Wrong if end == text.len() => match word.rsplit_once('.') {
            Some((path, member)) => {
                let path: Vec<&str> = path.split('.').collect();
                of(end - member.len(), member, known.members(&path))
            }
            None => of(start, word, known.names()),
        },
        _ => Completion { start: text.len(), ..Completion::default() },
    };
    completion.start += shift;
    completion
}

/// The candidates that begin like what was typed.
fn of(start: usize, typed: &str, mut candidates: Vec<String>) -> Completion {
    candidates.retain(|candidate| candidate.starts_with(typed));
    candidates.truncate(MAX_CANDIDATES);
    Completion { start, candidates }
}

/// The name of a command, and where it begins.
fn command(text: &str) -> Option<(usize, &str)> {
    let name = text.trim_start().strip_prefix(',')?;
    Some((text.len() - name.len(), name))
}

/// What follows a command, and where it begins; of other inputs all.
fn argument(text: &str) -> (&str, usize) {
    match command(text) {
        None => (text, 0),
        Some((start, rest)) => {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (&rest[end..], start + end)
        }
    }
}

/// Whether the string that is being typed is the path of a file: in `import`, or in a call of a function of `File`.
fn takes_path(tokens: &[Token], text: &str) -> bool {
    let Some(open) = enclosing(tokens) else { return false };
    let head = tokens.iter().find(|token| token.span.start >= open.span.end);
    head.is_some_and(|head| {
        let head = &text[head.span.start as usize..head.span.end as usize];
        head == "import" || head.starts_with("File.")
    })
}

/// Files that begin like a path; folders end in a slash.
fn files(start: usize, typed: &str) -> Completion {
    let (folder, wanted) = typed.rsplit_once('/').unwrap_or(("", typed));
    let root = match folder {
        "" if typed.starts_with('/') => Path::new("/"),
        "" => Path::new("."),
        folder => Path::new(folder),
    };
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !wanted.starts_with('.');
            // What would have to be escaped is not offered.
            if hidden || name.contains(['"', '\\', '\n']) {
                return None;
            }
            Some(if entry.path().is_dir() { name + "/" } else { name })
        })
        .collect();
    names.sort_unstable();
    of(start + typed.len() - wanted.len(), wanted, names)
}

/// What is shown in grey behind the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// The rest of the only name that begins like this.
    Rest(String),
    /// Parameters that are still to come.
    Parameters(String),
}

/// The hint for a text with the cursor at its end.
pub(super) fn hint(before: &str, known: &dyn Known) -> Option<Hint> {
    let tokens = tokens(argument(before).0);
    let text = argument(before).0;
    let last = tokens.last()?;
    let at_word = last.span.end as usize == text.len();
    if at_word && matches!(last.kind, TokenKind::Name | TokenKind::Wrong) {
        let completion = complete(before, known);
        let typed = &before[completion.start..];
        return match completion.candidates.as_slice() {
            [only] if only.len() > typed.len() && before.len() - completion.start >= 2 => {
                Some(Hint::Rest(only[typed.len()..].to_owned()))
            }
            _ => None,
        };
    }
    if at_word && last.kind != TokenKind::Close || !text.ends_with(' ') {
        return None;
    }
    parameters(&tokens, text, known).map(Hint::Parameters)
}

/// The parameters of the call that the text ends in which have no argument yet.
fn parameters(tokens: &[Token], text: &str, known: &dyn Known) -> Option<String> {
    let open = enclosing(tokens).filter(|open| text[open.span.start as usize..].starts_with('('))?;
    let mut inside = tokens.iter().skip_while(|token| token.span.start < open.span.end);
    let head = inside.next().filter(|head| head.kind == TokenKind::Name)?;
    let head = &text[head.span.start as usize..head.span.end as usize];
    let mut depth = 0_usize;
    let mut given = 0_usize;
    for token in inside {
        match token.kind {
            TokenKind::Comment => continue,
            TokenKind::Close => depth = depth.saturating_sub(1),
            kind => {
                given += usize::from(depth == 0);
                depth += usize::from(kind == TokenKind::Open);
            }
        }
    }
    let documentation = known.documentation(head)?;
    // A method that is called through an instance gets it first.
    let signature = documentation.signature;
    let is_method = signature.starts_with('(') && signature[1..].split([' ', ')']).nth(1) == Some("self");
    let skipped = given + usize::from(is_method);
    let (_, list) = signature.strip_prefix('(')?.strip_suffix(')')?.split_once(' ')?;
    let parts = split(list);
    let rest = match parts.get(skipped..) {
        Some([]) | None => parts.last().filter(|last| last.starts_with("...")).map(|last| vec![*last])?,
        Some(rest) => rest.to_vec(),
    };
    Some(format!("{})", rest.join(" ")))
}

/// The parts of a list of parameters; `(n 1)` is one.
fn split(list: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, character) in list.char_indices() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A few names, for tests.
    pub(in crate::repl) struct Names;

    impl Known for Names {
        fn kind(&self, name: &str) -> Option<NameKind> {
            match name {
                "if" | "import" => Some(NameKind::Form),
                "p" => Some(NameKind::Own),
                "map" | "max" | "print" => Some(NameKind::Library),
                "String" | "File" => Some(NameKind::Module),
                _ => None,
            }
        }
        fn names(&self) -> Vec<String> {
            ["File", "String", "if", "import", "map", "max", "p", "print"].map(str::to_owned).to_vec()
        }
        fn members(&self, path: &[&str]) -> Vec<String> {
            match path {
                ["String"] => ["split", "starts?", "upper"].map(str::to_owned).to_vec(),
                ["p", "x"] => vec!["deep".to_owned()],
                _ => Vec::new(),
            }
        }
        fn documentation(&self, name: &str) -> Option<Documentation> {
            let signature = match name {
                "map" => "(map f xs)",
                "print" => "(print ...more)",
                "p.m" => "(m self (n 1) last)",
                _ => return None,
            };
            Some(Documentation { signature: signature.to_owned(), ..Documentation::default() })
        }
    }

    fn candidates(text: &str) -> (usize, Vec<String>) {
        let completion = complete(text, &Names);
        (completion.start, completion.candidates)
    }

    #[test]
    fn names_and_members_are_completed() {
        assert_eq!(candidates("(ma"), (1, vec!["map".to_owned(), "max".to_owned()]));
        assert_eq!(candidates("(print (String.sp"), (15, vec!["split".to_owned()]));
        assert_eq!(candidates("String."), (7, ["split", "starts?", "upper"].map(str::to_owned).to_vec()));
        assert_eq!(candidates("p.x."), (4, vec!["deep".to_owned()]));
        assert_eq!(candidates("p.y.z").1, Vec::<String>::new());
        for nothing in ["", " ", "(map ", "12", ":ma", "\"ma", "; ma", "(ma)"] {
            assert_eq!(candidates(nothing).1, Vec::<String>::new(), "{nothing}");
        }
    }

    #[test]
    fn commands_and_what_follows_them_are_completed() {
        assert_eq!(candidates(",ti"), (1, vec!["time ".to_owned()]));
        assert_eq!(candidates(" ,q"), (2, vec!["quit".to_owned()]));
        assert_eq!(candidates(",time (ma"), (7, vec!["map".to_owned(), "max".to_owned()]));
        assert_eq!(candidates(",doc String.up"), (12, vec!["upper".to_owned()]));
    }

    #[test]
    fn files_are_completed_in_strings_that_are_paths() {
        // Tests run in the folder of their crate.
        assert_eq!(candidates("(import \"./Car"), (11, vec!["Cargo.toml".to_owned()]));
        assert_eq!(candidates("(File.read \"sr"), (12, vec!["src/".to_owned()]));
        assert_eq!(candidates("(File.read \"src/mai"), (16, vec!["main.rs".to_owned()]));
        assert_eq!(candidates("(print \"Car").1, Vec::<String>::new());
        assert_eq!(candidates("(File.read \"no-such-folder/a").1, Vec::<String>::new());
    }

    #[test]
    fn hints_say_what_may_follow() {
        let rest = |text: &str| Some(Hint::Rest(text.to_owned()));
        let parameters = |text: &str| Some(Hint::Parameters(text.to_owned()));
        assert_eq!(hint("(pri", &Names), rest("nt"));
        assert_eq!(hint("(String.sp", &Names), rest("lit"));
        assert_eq!(hint("(ma", &Names), None, "two names begin like this");
        assert_eq!(hint("(map ", &Names), parameters("f xs)"));
        assert_eq!(hint("(map (f 1) ", &Names), parameters("xs)"));
        assert_eq!(hint("(map f xs ", &Names), None);
        assert_eq!(hint("(print 1 2 ", &Names), parameters("...more)"));
        assert_eq!(hint("(p.m ", &Names), parameters("(n 1) last)"));
        assert_eq!(hint(",time (map ", &Names), parameters("f xs)"));
        assert_eq!((hint("", &Names), hint("(map", &Names), hint("((f) ", &Names)), (None, None, None));
    }
}
