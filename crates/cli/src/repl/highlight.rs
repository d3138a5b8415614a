//! How an input looks while it is typed: colours by token, the bracket that belongs to the one at the cursor, the marks
//! of continuation lines.

use super::complete::{Known, enclosing};
use iridium::{NameKind, Token, TokenKind, tokens};

/// Width of the prompt. Lines after the first begin with as many spaces, so that columns stand below each other.
pub(super) const MARGIN: usize = 2;

/// What is seen in place of the margin; as wide as that.
const MARK: &str = ". ";

/// Bytes of an input that is coloured; a larger one would make each key slow.
const MAX_COLOURED: usize = 1 << 16;

const RESET: &str = "\x1b[0m";
const COMMENT: &str = "\x1b[90m";
const NUMBER: &str = "\x1b[36m";
const TEXT: &str = "\x1b[32m";
const ATOM: &str = "\x1b[35m";
const FORM: &str = "\x1b[1;34m";
const LIBRARY: &str = "\x1b[34m";
const OWN: &str = "\x1b[33m";
const WRONG: &str = "\x1b[31m";
const MATCHING: &str = "\x1b[1;7m";
const FAINT: &str = "\x1b[90m";

/// Text in grey, if there are colours.
pub(super) fn faint(text: &str, colour: bool) -> String {
    if colour { format!("{FAINT}{text}{RESET}") } else { text.to_owned() }
}

/// An input as it is shown; as wide as it is. Without a cursor no bracket is marked.
pub(super) fn highlight(text: &str, cursor: Option<usize>, known: &dyn Known, colour: bool) -> String {
    if text.len() > MAX_COLOURED {
        return text.to_owned();
    }
    let tokens = tokens(text);
    let matching = cursor.and_then(|cursor| matching(text, &tokens, cursor));
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for (index, token) in tokens.iter().enumerate() {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        blank(&text[at..start], colour, &mut out);
        let part = &text[start..end];
        let is_match = matching.is_some_and(|(one, other)| start == one || start == other);
        match style(token.kind, part, &tokens[..index], text, known).filter(|_| colour) {
            _ if is_match && colour => out.push_str(&format!("{MATCHING}{part}{RESET}")),
            Some(style) => out.push_str(&format!("{style}{part}{RESET}")),
            None => out.push_str(part),
        }
        at = end;
    }
    blank(&text[at..], colour, &mut out);
    out
}

/// White space; the margin of a line becomes its mark.
fn blank(text: &str, colour: bool, out: &mut String) {
    let mut rest = text;
    while let Some(end) = rest.find('\n') {
        out.push_str(&rest[..=end]);
        rest = &rest[end + 1..];
        if let Some(behind) = rest.strip_prefix(&" ".repeat(MARGIN)) {
            out.push_str(&faint(MARK, colour));
            rest = behind;
        }
    }
    out.push_str(rest);
}

fn style(kind: TokenKind, part: &str, before: &[Token], text: &str, known: &dyn Known) -> Option<&'static str> {
    Some(match kind {
        TokenKind::Comment => COMMENT,
        TokenKind::Number => NUMBER,
        TokenKind::Text(_) => TEXT,
        TokenKind::Atom => ATOM,
        // What is only begun is not wrong yet: `p.`, a lonely `-` or `:`.
        TokenKind::Wrong if part.ends_with(['.', ':', '_']) => return None,
        TokenKind::Wrong => WRONG,
        TokenKind::Open | TokenKind::Close => return None,
        TokenKind::Name => match part {
            "null" | "true" | "false" | "inf" | "-inf" | "nan" => NUMBER,
            "else" | "catch" | "finally" | "after" if is_head(before, text) => FORM,
            _ => match known.kind(part.split('.').next().filter(|first| !first.is_empty()).unwrap_or(part))? {
                NameKind::Form if is_head(before, text) => FORM,
                NameKind::Form => return None,
                NameKind::Own => OWN,
                NameKind::Library | NameKind::Module => LIBRARY,
            },
        },
    })
}

/// Whether the next token is the first of a `(…)`.
fn is_head(before: &[Token], text: &str) -> bool {
    before.last().is_some_and(|last| last.kind == TokenKind::Open && text[last.span.start as usize..].starts_with('('))
}

/// The places of the bracket at the cursor, or before it, and of the one that belongs to it.
fn matching(text: &str, tokens: &[Token], cursor: usize) -> Option<(usize, usize)> {
    let bracket = |token: &&Token| matches!(token.kind, TokenKind::Open | TokenKind::Close);
    let before = tokens.iter().filter(bracket).find(|token| token.span.end as usize == cursor);
    let at = tokens.iter().filter(bracket).find(|token| token.span.start as usize == cursor);
    // What was just closed matters most.
    let chosen = before.filter(|token| token.kind == TokenKind::Close).or(at).or(before)?;
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens.iter().filter(bracket) {
        if token.kind == TokenKind::Open {
            open.push(token);
            continue;
        }
        let Some(opened) = open.pop() else { continue };
        if std::ptr::eq(opened, chosen) || std::ptr::eq(token, chosen) {
            let fits = matches!(
                (
                    text[opened.span.start as usize..opened.span.end as usize].trim_start_matches('#'),
                    &text[token.span.start as usize..][..1]
                ),
                ("(", ")") | ("[", "]") | ("{", "}")
            );
            return fits.then_some((opened.span.start as usize, token.span.start as usize));
        }
    }
    None
}

/// What Enter adds to an unfinished input: the end of the line, and the indentation of the next one.
pub(super) fn new_line(before: &str) -> String {
    let tokens = tokens(before);
    // The inside of a string is the user's alone.
    if tokens.last().is_some_and(|token| token.kind == TokenKind::Text(false)) {
        return "\n".to_owned();
    }
    let Some(open) = enclosing(&tokens) else { return format!("\n{}", " ".repeat(MARGIN)) };
    let start = open.span.start as usize;
    let line = before[..start].rfind('\n').map_or(0, |end| end + 1);
    let column = before[line..start].chars().count() + if line == 0 { MARGIN } else { 0 };
    let inside = if before[start..].starts_with('(') { 2 } else { open.span.end as usize - start };
    format!("\n{}", " ".repeat(column + inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repl::complete::tests::Names;
    use crate::repl::complete::{complete, hint};

    fn shown(text: &str) -> String {
        let styled = highlight(text, None, &Names, true);
        let names = [
            (RESET, ">"),
            (COMMENT, "<grey "),
            (NUMBER, "<number "),
            (TEXT, "<text "),
            (ATOM, "<atom "),
            (FORM, "<form "),
            (LIBRARY, "<library "),
            (OWN, "<own "),
            (WRONG, "<wrong "),
        ];
        names.iter().fold(styled, |text, (code, name)| text.replace(code, name))
    }

    #[test]
    fn tokens_have_colours() {
        assert_eq!(
            shown("(if (map p.x [1 :a]) \"s\" other) ; é"),
            "(<form if> (<library map> <own p.x> [<number 1> <atom :a>]) <text \"s\"> other) <grey ; é>"
        );
        assert_eq!(shown("(f if 1abc p. true)"), "(f if <wrong 1abc> p. <number true>)");
        assert_eq!(shown("(map \"not yet"), "(<library map> <text \"not yet>");
    }

    #[test]
    fn nothing_is_coloured_without_colours_and_widths_stay() {
        for text in ["(if a\n    b)", "(a \"x\n  y\")", "日本 'é", "(map\n [1"] {
            let plain = highlight(text, Some(0), &Names, false);
            assert!(!plain.contains('\x1b'), "{plain}");
            assert_eq!(plain.chars().count(), text.chars().count());
        }
        assert_eq!(highlight("(if a\n    b)", None, &Names, false), "(if a\n.   b)");
        assert_eq!(highlight("\"x\n  y\"", None, &Names, false), "\"x\n  y\"", "a string has no marks");
    }

    /// What is typed passes through every prefix of itself, wherever the cursor is.
    #[test]
    fn no_text_is_too_odd() {
        let parts = [
            "(",
            ")",
            "[",
            "#[",
            "]",
            "{",
            "}",
            "\"",
            "\"\"\"",
            "#b\"",
            "\\",
            ";",
            "//",
            "/*",
            "*/",
            ",",
            "...",
            ".",
            "p.",
            "'",
            ":",
            ":a",
            "1",
            "1abc",
            "-",
            "é",
            "日本",
            "\u{1f600}",
            "e\u{301}",
            "\u{feff}",
            "\n",
            "  ",
            "\t",
            "\r",
            "\0",
            "map",
            "String.",
            "import",
            ",doc ",
            "\u{a0}",
            "\u{202e}",
        ];
        let mut state = 1_u64;
        for _ in 0..2_000 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(parts[(state >> 33) as usize % parts.len()]);
            }
            let cursors = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            for cursor in cursors {
                let shown = highlight(&text, Some(cursor), &Names, false);
                assert_eq!(shown.chars().count(), text.chars().count(), "{text:?}");
                highlight(&text, Some(cursor), &Names, true);
                let before = &text[..cursor];
                let completion = complete(before, &Names);
                assert!(before.is_char_boundary(completion.start), "{before:?}: {completion:?}");
                hint(before, &Names);
                assert!(new_line(before).starts_with('\n'));
            }
        }
    }

    #[test]
    fn the_matching_bracket_is_found() {
        let at = |text: &str, cursor| matching(text, &tokens(text), cursor);
        assert_eq!(at("(a (b))", 7), Some((0, 6)));
        assert_eq!(at("(a (b))", 6), Some((3, 5)));
        assert_eq!(at("(a (b))", 0), Some((0, 6)));
        assert_eq!(at("#[1 \")\" 2]", 10), Some((0, 9)));
        assert_eq!(at("(a]", 3), None);
        assert_eq!(at("(a", 0), None);
        assert_eq!(at("a b", 1), None);
    }

    #[test]
    fn enter_indents_by_the_open_bracket() {
        assert_eq!(new_line("(def f (x)"), "\n    ");
        assert_eq!(new_line("(def f (x)\n    (+ x"), "\n      ");
        assert_eq!(new_line("[1 2"), "\n   ");
        assert_eq!(new_line("(print {:a 1"), "\n          ");
        assert_eq!(new_line("(print \"a"), "\n");
        assert_eq!(new_line("/* open"), "\n  ");
    }
}
