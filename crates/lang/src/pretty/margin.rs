//! Comments at the ends of lines: those of neighbouring lines stand under each other.

/// Columns after which code does not move its neighbours' comments.
const MAX_COLUMN: usize = 60;

/// Spaces between code and its comment, at least.
const GAP: usize = 2;

/// The place of a comment at the end of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Margin {
    /// Where its text begins in the output, right behind the code.
    pub(super) offset: usize,
    /// The line that it stands on.
    pub(super) line: usize,
    /// The columns that the code before it takes.
    pub(super) column: usize,
}

/// Puts spaces before the comments.
pub(super) fn align(text: &str, margins: &[Margin]) -> String {
    let mut out = String::with_capacity(text.len() + margins.len() * GAP);
    let mut copied = 0;
    let neighbours = |a: &Margin, b: &Margin| b.line == a.line + 1;
    for run in margins.chunk_by(neighbours) {
        let short = run.iter().map(|margin| margin.column).filter(|column| *column <= MAX_COLUMN);
        let target = short.max().unwrap_or(0) + GAP;
        for margin in run {
            out.push_str(&text[copied..margin.offset]);
            let spaces = target.saturating_sub(margin.column).max(GAP);
            out.extend(std::iter::repeat_n(' ', spaces));
            copied = margin.offset;
        }
    }
    out.push_str(&text[copied..]);
    out
}
