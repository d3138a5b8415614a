//! Pieces to text: each form on one line if it was and fits, else in the layout of its style.

use super::margin::{self, Margin};
use super::pieces::{Kind, Piece};
use super::style::Style;
use super::{MAX_INDENT, WIDTH};
use std::ops::Range;

/// Columns of the longest head under whose first argument the others stand when a call is too long for a line.
const MAX_HEAD: usize = 14;

/// Column up to which they stand so.
const MAX_ALIGNED: usize = 50;

/// Columns of the longest key behind which a value of several lines stands.
const MAX_KEY: usize = 24;

/// The text of a file.
pub(super) fn lay_out(text: &str, pieces: &[Piece]) -> String {
    let mut layout = Layout {
        text,
        pieces,
        out: String::with_capacity(text.len()),
        line: 0,
        column: 0,
        ended: false,
        margins: Vec::new(),
    };
    layout.file();
    if !layout.out.is_empty() {
        layout.out.push('\n');
    }
    margin::align(&layout.out, &layout.margins)
}

/// A form with the block comments that lead it, or comments alone.
#[derive(Clone, Debug)]
struct Unit {
    pieces: Range<usize>,
    /// Its columns on one line.
    flat: Option<usize>,
    breaks: bool,
    blank: bool,
    /// Whether there is a form in it.
    has_form: bool,
}

struct Layout<'a> {
    text: &'a str,
    pieces: &'a [Piece],
    out: String,
    line: usize,
    column: usize,
    /// Whether a comment ended the line.
    ended: bool,
    margins: Vec<Margin>,
}

impl Layout<'_> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rfind('\n') {
            None => self.column += text.chars().count(),
            Some(last) => {
                self.line += text.matches('\n').count();
                self.column = text[last + 1..].chars().count();
            }
        }
    }

    /// Begins a line. Where a comment ended the one before, a layout that wants a space gets this too.
    fn newline(&mut self, indent: usize, blank: bool) {
        let indent = indent.min(MAX_INDENT);
        self.out.push_str(if blank { "\n\n" } else { "\n" });
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.line += 1 + usize::from(blank);
        self.column = indent;
        self.ended = false;
    }

    fn space(&mut self, indent: usize) {
        if self.ended {
            self.newline(indent, false);
        } else {
            self.put(" ");
        }
    }

    fn fits(&self, flat: Option<usize>, trailing: usize) -> bool {
        flat.is_some_and(|width| self.column + width + trailing <= WIDTH)
    }

    fn units(&self, inside: Range<usize>) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::new();
        for number in inside {
            let piece = &self.pieces[number];
            match units.last_mut() {
                Some(unit) if piece.glued => {
                    unit.pieces.end = number + 1;
                    unit.flat = unit.flat.and_then(|width| Some(width + 1 + piece.flat?));
                    unit.has_form |= piece.is_form();
                }
                _ => units.push(Unit {
                    pieces: number..number + 1,
                    flat: piece.flat,
                    breaks: piece.breaks,
                    blank: piece.blank,
                    has_form: piece.is_form(),
                }),
            }
        }
        units
    }

    /// Whether the unit is a comment behind what stands before it on its line.
    fn is_margin(&self, unit: &Unit) -> bool {
        !unit.breaks && !unit.has_form
    }

    /// A comment behind what stands on the line.
    fn margin(&mut self, unit: &Unit, indent: usize) {
        let line_comment = self.pieces[unit.pieces.start].kind == Kind::LineComment;
        if line_comment && !self.ended && self.column > 0 {
            self.margins.push(Margin { offset: self.out.len(), line: self.line, column: self.column });
        } else {
            self.space(indent);
        }
        self.unit(unit, indent, 0);
    }

    /// A unit at the current place; what must begin a line inside it is indented by `indent`.
    fn unit(&mut self, unit: &Unit, indent: usize, trailing: usize) {
        for number in unit.pieces.clone() {
            if number > unit.pieces.start {
                self.space(indent);
            }
            self.piece(number, if number + 1 == unit.pieces.end { trailing } else { 0 });
        }
    }

    fn piece(&mut self, number: usize, trailing: usize) {
        let piece = &self.pieces[number];
        match piece.kind {
            Kind::Token | Kind::BlockComment | Kind::LineComment => {
                let text = self.text;
                self.put(&text[piece.span.start as usize..piece.span.end as usize]);
                self.ended = piece.kind == Kind::LineComment;
            }
            Kind::Form(_) if self.fits(piece.flat, trailing) => self.flat(number),
            Kind::Form(style) => stacker::maybe_grow(96 << 10, 1 << 20, || self.broken(number, style, trailing)),
        }
    }

    /// A form on one line; it fits, so it is not deep.
    fn flat(&mut self, number: usize) {
        let piece = &self.pieces[number];
        let (open, close) = piece.brackets(self.text);
        self.put(open);
        for inner in piece.inside.clone() {
            if inner > piece.inside.start {
                self.put(" ");
            }
            match self.pieces[inner].kind {
                Kind::Form(_) => self.flat(inner),
                _ => self.piece(inner, 0),
            }
        }
        self.put(close);
    }

    fn broken(&mut self, number: usize, style: Style, trailing: usize) {
        let piece = &self.pieces[number];
        let (open, close) = piece.brackets(self.text);
        let start = self.column;
        self.put(open);
        let inner = self.column;
        let units = self.units(piece.inside.clone());
        let trailing = trailing + close.len();
        match style {
            Style::Body(header) => self.body(&units, header, start, trailing),
            Style::Call => self.call(&units, start, trailing),
            Style::Assign => self.assign(&units, start, trailing),
            Style::Data => self.data(&units, inner, trailing),
            Style::Map => self.map(&units, inner, trailing),
            Style::Spread => self.body(&units, usize::MAX, start, trailing),
            Style::File => {}
        }
        if self.ended && !close.is_empty() {
            self.newline(inner, false);
        }
        self.put(close);
    }

    fn file(&mut self) {
        for unit in self.units(self.pieces[0].inside.clone()) {
            if self.out.is_empty() {
                self.unit(&unit, 0, 0);
            } else if self.is_margin(&unit) {
                self.margin(&unit, 0);
            } else {
                self.newline(0, unit.blank);
                self.unit(&unit, 0, 0);
            }
        }
    }

    fn body(&mut self, units: &[Unit], header: usize, start: usize, trailing: usize) {
        let mut forms = 0;
        for (index, unit) in units.iter().enumerate() {
            let last = if index + 1 == units.len() { trailing } else { 0 };
            if index > 0 && self.is_margin(unit) {
                self.margin(unit, start + 4);
                continue;
            }
            if forms < header {
                let is_comment = self.pieces[unit.pieces.start].kind == Kind::LineComment;
                match index {
                    0 => {}
                    _ if is_comment => self.newline(start + 4, false),
                    _ => self.space(start + 4),
                }
                self.unit(unit, start + 4, last);
            } else {
                self.newline(start + 2, unit.blank && index > 0);
                self.unit(unit, start + 2, last);
            }
            forms += usize::from(unit.has_form);
        }
    }

    fn call(&mut self, units: &[Unit], start: usize, trailing: usize) {
        let Some((head, arguments)) = units.split_first() else { return };
        self.unit(head, start + 1, if arguments.is_empty() { trailing } else { 0 });
        let Some(first) = arguments.first() else { return };
        let aligned = self.column + 1;
        let hangs = first.breaks || self.ended || self.is_margin(first);
        let kept = if hangs { start + 2 } else { aligned };
        let lead = if hangs { Lead::Line } else { Lead::Space };
        if self.keeps(arguments, kept, true, trailing) {
            self.flow(arguments, kept, Flow::Keep, lead, trailing);
        } else if aligned.saturating_sub(start) > MAX_HEAD + 2 || aligned > MAX_ALIGNED {
            self.flow(arguments, start + 2, Flow::All, Lead::Line, trailing);
        } else {
            self.flow(arguments, kept, Flow::All, lead, trailing);
        }
    }

    fn data(&mut self, units: &[Unit], inner: usize, trailing: usize) {
        let simple = units
            .iter()
            .all(|unit| self.pieces[unit.pieces.clone()].iter().all(|piece| !matches!(piece.kind, Kind::Form(_))));
        let flow = match () {
            () if self.keeps(units, inner, false, trailing) => Flow::Keep,
            () if simple => Flow::Fill,
            () => Flow::All,
        };
        self.flow(units, inner, flow, Lead::Here, trailing);
    }

    /// Whether the units fit with the line breaks that they have; the first is behind a space if `spaced`.
    fn keeps(&self, units: &[Unit], indent: usize, spaced: bool, trailing: usize) -> bool {
        let indent = indent.min(MAX_INDENT);
        let mut column = self.column;
        let mut must_break = self.ended;
        for (index, unit) in units.iter().enumerate() {
            let is_last = index + 1 == units.len();
            let after = if is_last { trailing } else { 0 };
            let begins = must_break || unit.breaks;
            if begins {
                column = indent;
            } else if index > 0 || spaced {
                column += 1;
            }
            must_break = match unit.flat {
                Some(width) if column + width + after <= WIDTH => {
                    column += width;
                    false
                }
                // It breaks wherever it stands, or is alone on its line anyway.
                None => true,
                Some(_) if begins || (is_last && self.hugs(unit)) => true,
                Some(_) => return false,
            };
        }
        true
    }

    /// Whether the last argument may take several lines without a line of its own.
    fn hugs(&self, unit: &Unit) -> bool {
        let piece = &self.pieces[unit.pieces.end - 1];
        let is_lambda = || {
            let head = self.pieces.get(piece.inside.start);
            head.is_some_and(|head| &self.text[head.span.start as usize..head.span.end as usize] == "lambda")
        };
        match piece.kind {
            Kind::Form(Style::Data | Style::Map) => true,
            Kind::Form(Style::Body(_)) => is_lambda(),
            _ => false,
        }
    }

    /// Units behind each other.
    fn flow(&mut self, units: &[Unit], indent: usize, flow: Flow, lead: Lead, trailing: usize) {
        let mut must_break = false;
        for (index, unit) in units.iter().enumerate() {
            let after = if index + 1 == units.len() { trailing } else { 0 };
            if self.is_margin(unit) && (index > 0 || lead != Lead::Here) {
                self.margin(unit, indent);
                must_break = unit.flat.is_none();
                continue;
            }
            let lead = match (index, flow) {
                (0, _) => lead,
                (_, Flow::All) => Lead::Line,
                _ if unit.breaks || must_break => Lead::Line,
                (_, Flow::Fill) if unit.flat.is_none_or(|width| self.column + 1 + width + after > WIDTH) => Lead::Line,
                _ => Lead::Space,
            };
            match lead {
                Lead::Here => {}
                Lead::Line => self.newline(indent, unit.blank),
                Lead::Space => self.space(indent),
            }
            must_break = !self.fits(unit.flat, after);
            self.unit(unit, indent, after);
        }
    }

    fn assign(&mut self, units: &[Unit], start: usize, trailing: usize) {
        let mut forms = 0;
        for (index, unit) in units.iter().enumerate() {
            let last = if index + 1 == units.len() { trailing } else { 0 };
            if index > 0 && self.is_margin(unit) {
                self.margin(unit, start + 2);
                continue;
            }
            let fits_below = unit.flat.is_some_and(|width| (start + 2).min(MAX_INDENT) + width + last <= WIDTH);
            let fits_here = unit.flat.is_none_or(|width| self.column + 1 + width + last <= WIDTH);
            let is_comment = self.pieces[unit.pieces.start].kind == Kind::LineComment;
            match index {
                0 => {}
                _ if unit.breaks || is_comment => self.newline(start + 2, unit.blank),
                _ if forms >= 2 && !fits_here && fits_below => self.newline(start + 2, false),
                _ => self.space(start + 2),
            }
            self.unit(unit, start + 2, last);
            forms += usize::from(unit.has_form);
        }
    }

    fn map(&mut self, units: &[Unit], inner: usize, trailing: usize) {
        let mut forms = 0_usize;
        let mut key = inner;
        for (index, unit) in units.iter().enumerate() {
            let last = if index + 1 == units.len() { trailing } else { 0 };
            if index > 0 && self.is_margin(unit) {
                self.margin(unit, inner + 2);
                continue;
            }
            let is_key = forms.is_multiple_of(2);
            let here = self.column + 1;
            match index {
                0 => {}
                _ if is_key || unit.breaks => self.newline(inner, unit.blank && is_key),
                _ if unit.flat.is_none_or(|width| here + width + last > WIDTH)
                    && here - key.min(here) > MAX_KEY
                    && matches!(self.pieces[unit.pieces.end - 1].kind, Kind::Form(_)) =>
                {
                    self.newline(inner + 2, false);
                }
                _ => self.space(inner + 2),
            }
            if is_key {
                key = self.column;
            }
            self.unit(unit, inner + 2, last);
            forms += usize::from(unit.has_form);
        }
    }
}

/// Where the first of several units stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    /// Right here.
    Here,
    /// Behind a space.
    Space,
    /// On a line of its own.
    Line,
}

/// Which units begin a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// Those that did, and those after one of several lines.
    Keep,
    /// All.
    All,
    /// Those that did, and those that do not fit any more.
    Fill,
}
