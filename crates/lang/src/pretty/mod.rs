//! The canonical style: a source's text, laid out anew.
//!
//! What stays: every token and comment, in order; blank lines between forms, one of several; a line break between
//! the parts of a body, a call or a collection. What changes: spaces, indentation, the place of closing brackets, and
//! line breaks where a form does not fit or would be halfway broken. Formatting what is formatted changes nothing.
//!
//! The algorithm is Oppen's ("Prettyprinting", TOPLAS 2(4), 1980), with the stream measured beforehand as a whole:
//! first the `pieces` get the width that each takes on one line, from the inside out, then the `layout` goes over
//! them once and decides for each by its width alone. Both take time linear in the text, and no piece is printed
//! twice. Indentation ends at [`MAX_INDENT`], so that deep nesting does not make the output's size a product.

mod layout;
mod margin;
mod pieces;
mod style;

use crate::diagnostic::Diagnostic;
use crate::reader;
use crate::source::Source;

/// Columns that a line may have before it is broken.
pub const WIDTH: usize = 100;

/// Columns of the deepest indentation.
pub const MAX_INDENT: usize = 60;

/// The source in the canonical style.
///
/// # Errors
/// The reader's messages. What it does not understand is not touched.
pub fn format(source: &Source) -> Result<String, Vec<Diagnostic>> {
    let reading = reader::read(source);
    if !reading.diagnostics.is_empty() {
        return Err(reading.diagnostics);
    }
    let text = source.text();
    let (mark, rest) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let mut out = mark.to_owned();
    let mut start = mark.len();
    if rest.starts_with("#!") {
        let line = rest.lines().next().unwrap_or(rest);
        out.push_str(line.trim_end());
        out.push('\n');
        start += line.len();
    }
    let pieces = pieces::pieces(text, start, &reading);
    let body = layout::lay_out(text, &pieces);
    // A blank line behind the first line stays, too.
    let gap = text[start..].find(|c: char| !c.is_whitespace() && c != ',').unwrap_or(0);
    if start > mark.len() && text[start..start + gap].matches('\n').count() > 1 {
        out.push('\n');
    }
    // A first symbol that looks like the beginning of a file in particular must not become it.
    if start == 0 && (body.starts_with('\u{feff}') || body.starts_with("#!")) {
        out.push('\n');
    }
    out.push_str(&body);
    Ok(out)
}
