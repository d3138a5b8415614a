//! Source text: spans into it, and lines and columns of spans.

use iridium_bytecode::Position;

/// A range of bytes of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset of the byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span of the bytes `start..end`.
    pub const fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The part of the span up to the end of another.
    pub fn upto(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }
}

/// Bytes between two remembered counts of code points. Columns on a line of a megabyte must not cost a megabyte each.
const STEP: usize = 512;

/// A file's name and text, with an index of its lines.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Offsets at which lines begin.
    lines: Vec<u32>,
    /// Code points before each multiple of [`STEP`] bytes; empty when the text is ASCII.
    points: Vec<u32>,
    /// Lines before the text, in whatever it is a part of.
    lines_before: u32,
}

impl Source {
    /// A source called `name` in messages and traces.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(newlines.map(|(offset, _)| offset as u32 + 1)).collect();
        let mut points = Vec::new();
        if !text.is_ascii() {
            let mut count = 0;
            for (offset, byte) in text.bytes().enumerate() {
                if offset % STEP == 0 {
                    points.push(count);
                }
                count += u32::from(begins_point(byte));
            }
            points.push(count);
        }
        Source { name: name.into(), text, lines, points, lines_before: 0 }
    }

    /// The same as a part of something longer: positions count so many lines before the text.
    pub fn after_lines(mut self, lines: u32) -> Source {
        self.lines_before = lines;
        self
    }

    /// Lines before the text, in whatever it is a part of.
    pub fn lines_before(&self) -> u32 {
        self.lines_before
    }

    /// The line of the text, from 0, that a position names.
    pub fn line_at(&self, position: Position) -> Option<usize> {
        let line = position.line.checked_sub(self.lines_before.saturating_add(1))? as usize;
        (line < self.line_count()).then_some(line)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty if the span does not lie at character boundaries inside the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Number of lines; a text without a newline has one.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The line, from 0, on which an offset lies.
    pub fn line_of(&self, offset: u32) -> usize {
        self.lines.partition_point(|start| *start <= offset) - 1
    }

    /// Whether something other than white space begins at a position.
    pub fn has_text_at(&self, position: Position) -> bool {
        let Some(line) = self.line_at(position) else { return false };
        let before = position.column.saturating_sub(1) as usize;
        self.slice(self.line_span(line)).chars().nth(before).is_some_and(|character| !character.is_whitespace())
    }

    /// The bytes of a line, counted from 0, without its line end.
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.lines[line] as usize;
        let end = self.lines.get(line + 1).map_or(self.text.len(), |next| *next as usize - 1);
        let end = if end > start && self.text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end };
        Span::new(start, end)
    }

    /// Line, column, and how much to underline on that line.
    pub fn position(&self, span: Span) -> Position {
        let start = span.start.min(self.text.len() as u32);
        let line = self.line_of(start);
        let bounds = self.line_span(line);
        let before = self.points_before(start);
        let end = self.points_before(span.end.min(bounds.end).max(start));
        Position {
            line: self.lines_before.saturating_add(line as u32 + 1),
            column: before - self.points_before(bounds.start) + 1,
            length: (end - before).max(1),
        }
    }

    fn points_before(&self, offset: u32) -> u32 {
        if self.points.is_empty() {
            return offset;
        }
        let step = offset as usize / STEP;
        let rest = &self.text.as_bytes()[step * STEP..offset as usize];
        self.points[step] + rest.iter().filter(|byte| begins_point(**byte)).count() as u32
    }
}

/// Whether a byte of UTF-8 begins a code point.
fn begins_point(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(source: &Source, needle: &str) -> (u32, u32, u32) {
        let start = source.text().find(needle).expect("the needle is there");
        let position = source.position(Span::new(start, start + needle.len()));
        (position.line, position.column, position.length)
    }

    #[test]
    fn columns_count_code_points() {
        let source = Source::new("t", "ab\n日本 x\r\n  last");
        assert_eq!(at(&source, "ab"), (1, 1, 2));
        assert_eq!(at(&source, "x"), (2, 4, 1));
        assert_eq!(at(&source, "本 x\r\n"), (2, 2, 3));
        assert_eq!(at(&source, "last"), (3, 3, 4));
    }

    #[test]
    fn the_end_of_the_file_has_a_position() {
        for text in ["", "\n", "a\n", "é", "a"] {
            let source = Source::new("t", text);
            let end = text.len();
            let position = source.position(Span::new(end, end));
            assert_eq!(position.length, 1, "{text:?}");
            assert_eq!(position.line as usize, text.matches('\n').count() + 1);
        }
    }

    #[test]
    fn a_part_of_something_longer_counts_the_lines_before_it() {
        let source = Source::new("t", "a\n  b").after_lines(7);
        assert_eq!(at(&source, "b"), (9, 3, 1));
        let line = |line| source.line_at(Position { line, ..Position::default() });
        assert_eq!([line(0), line(7), line(8), line(9), line(10)], [None, None, Some(0), Some(1), None]);
        let text = |line, column| source.has_text_at(Position { line, column, length: 1 });
        assert_eq!([text(8, 1), text(9, 2), text(9, 3), text(9, 4), text(10, 1)], [true, false, true, false, false]);
    }

    #[test]
    fn long_lines_of_wide_text() {
        let text = "é".repeat(5000) + "x";
        let source = Source::new("t", text);
        assert_eq!(at(&source, "x"), (1, 5001, 1));
    }
}
