//! Numbers that texts name, as the language writes them.

use super::general::value_error;
use super::strings::Ends;
use crate::data::{int, text};
use crate::format;
use crate::heap::Heap;
use crate::ops;
use crate::task::{Piece, Stage, Task};
use crate::trap::Trap;
use crate::value::Value;
use num_bigint::BigInt;
use num_traits::Num;

type Result<T = Value> = std::result::Result<T, Trap>;

/// Octets of a text that is read at once.
const AT_ONCE: usize = 1 << 12;

/// Digits that are kept of a long number: more than any allowed int has.
const KEPT: usize = 300_000;

/// Digits that can decide which float is nearest, and more.
const DECISIVE: usize = 800;

/// An exponent beyond those of all floats.
const BEYOND: i64 = 1 << 40;

/// A number that a text names.
enum Parsed {
    Small(i64),
    Int(BigInt),
    Float(f64),
}

/// Digits of a radix with single underscores between them; gives them without.
fn digits(text: &str, radix: u32) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut last = '_';
    for char in text.chars() {
        match char {
            '_' if last == '_' => return None,
            '_' => {}
            _ if char.is_digit(radix) => out.push(char),
            _ => return None,
        }
        last = char;
    }
    (last != '_').then_some(out)
}

/// Reads an int of at most 18 decimal digits, which is what most texts are; nothing of any other.
fn small(source: &str) -> Option<i64> {
    let digits = source.strip_prefix('-').unwrap_or(source);
    let plain = digits.len() <= 18 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { source.parse().ok() } else { None }
}

/// Reads a number as the language writes it, with white space around; the inner `None` if the text names none.
fn parse(heap: &Heap, source: &str) -> std::result::Result<Option<Parsed>, Trap> {
    heap.spend(source.len() * 4);
    parse_paid(heap, source.trim())
}

/// The same of a text without white space around it, for which has been paid.
fn parse_paid(heap: &Heap, source: &str) -> std::result::Result<Option<Parsed>, Trap> {
    if let Some(small) = small(source) {
        return Ok(Some(Parsed::Small(small)));
    }
    let (negative, body) = match source.as_bytes().first() {
        Some(b'-') => (true, &source[1..]),
        Some(b'+') => (false, &source[1..]),
        _ => (false, source),
    };
    match body {
        "inf" => return Ok(Some(Parsed::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY }))),
        "nan" if body.len() == source.len() => return Ok(Some(Parsed::Float(f64::NAN))),
        _ => {}
    }
    let (radix, rest) = match body.get(..2) {
        Some("0x") => (16, &body[2..]),
        Some("0o") => (8, &body[2..]),
        Some("0b") => (2, &body[2..]),
        _ => (10, body),
    };
    if let Some(digits) = digits(rest, radix) {
        let digits = digits.trim_start_matches('0');
        // More digits than any allowed int has, before the work of reading them.
        if digits.len() as f64 * f64::from(radix).log2() > int::MAX_BITS as f64 + 8.0 {
            return Err(int::too_large());
        }
        let digits = if digits.is_empty() { "0" } else { digits };
        heap.spend(ops::product_cost(digits.len() as u64 * 4, digits.len() as u64 * 4));
        let Ok(value) = BigInt::from_str_radix(digits, radix) else { return Ok(None) };
        return Ok(Some(Parsed::Int(if negative { -value } else { value })));
    }
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let parts = (|| {
        let mut text = digits(whole, 10)?;
        if let Some(fraction) = fraction {
            text.push('.');
            text.push_str(&digits(fraction, 10)?);
        }
        if let Some(exponent) = exponent {
            text.push('e');
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            text.push_str(if exponent.starts_with('-') { "-" } else { "" });
            text.push_str(&digits(unsigned, 10)?);
        }
        text.parse::<f64>().ok()
    })();
    Ok(parts.map(|value| Parsed::Float(if negative { -value } else { value })))
}

/// What is wanted of a text.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// An int.
    Int,
    /// A float.
    Float,
    /// A number, or null if it names none.
    Number,
}

/// The number that a text names.
///
/// # Errors
/// `:value-error` if it names none that is wanted; `:limit-error` for too large an int; long work.
pub(super) fn read(heap: &mut Heap, value: Value, wanted: Wanted) -> Result {
    let octets = text::view(heap, value).map_or(&[][..], |text| text.bytes);
    if octets.len() > AT_ONCE {
        let ends = Ends::begin(octets.len(), [true; 2]);
        return Err(Trap::long(Reading { held: [value], wanted, ends, number: None }));
    }
    let parsed = parse(heap, text::str(octets))?;
    shown(heap, value, wanted, parsed)
}

fn shown(heap: &mut Heap, value: Value, wanted: Wanted, parsed: Option<Parsed>) -> Result {
    match (wanted, parsed) {
        (Wanted::Int, None | Some(Parsed::Float(_))) => {
            Err(value_error(format!("{} is no int", format::brief(heap, value))))
        }
        (Wanted::Float, None) => Err(value_error(format!("{} is no number", format::brief(heap, value)))),
        (Wanted::Number, None) => Ok(Value::NULL),
        (_, Some(Parsed::Float(float))) => Ok(Value::float(float)),
        (Wanted::Float, Some(Parsed::Small(small))) => Ok(Value::float(small as f64)),
        (Wanted::Float, Some(Parsed::Int(big))) => int::to_f64(&big).map(Value::float).ok_or_else(int::beyond_floats),
        (_, Some(Parsed::Small(small))) => int::from_i64(heap, small),
        (_, Some(Parsed::Int(big))) => int::from_big(heap, &big),
    }
}

/// The reading of a long text.
struct Reading {
    held: [Value; 1],
    wanted: Wanted,
    ends: Ends,
    number: Option<Long>,
}

impl Task for Reading {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage> {
        let piece = Piece::begin(heap);
        let octets = text::view(heap, self.held[0]).map_or(&[][..], |text| text.bytes);
        if !self.ends.go_on(heap, octets, piece) {
            return Ok(Stage::More);
        }
        let body = &octets[self.ends.start..self.ends.end];
        let parsed = if body.len() <= AT_ONCE {
            parse(heap, text::str(body))?
        } else {
            let number = self.number.get_or_insert_with(|| Long::begin(body));
            match number.go_on(heap, body, piece) {
                None => return Ok(Stage::More),
                Some(false) => None,
                Some(true) => number.parsed(heap)?,
            }
        };
        shown(heap, self.held[0], self.wanted, parsed).map(Stage::Done)
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}

/// The parts of a number.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    Whole,
    Fraction,
    Exponent,
}

/// A number of many digits, of which no more are kept than count.
struct Long {
    at: usize,
    /// The sign and the mark of another radix than ten.
    start: String,
    radix: u32,
    section: Section,
    /// Whether a digit was the last.
    after_digit: bool,
    /// The digits from the first one on that is not zero, without the point.
    digits: String,
    /// Whether others follow that are not all zero.
    rest: bool,
    /// By which power of ten what is kept is to be multiplied, but for the exponent.
    scale: i64,
    exponent: i64,
    negative_exponent: bool,
}

impl Long {
    fn begin(body: &[u8]) -> Long {
        let sign = usize::from(matches!(body.first(), Some(b'-' | b'+')));
        let radix = match body.get(sign..sign + 2) {
            Some(b"0x") => 16,
            Some(b"0o") => 8,
            Some(b"0b") => 2,
            _ => 10,
        };
        let at = sign + if radix == 10 { 0 } else { 2 };
        Long {
            at,
            start: body[..at].iter().map(|&octet| char::from(octet)).collect(),
            radix,
            section: Section::Whole,
            after_digit: false,
            digits: String::new(),
            rest: false,
            scale: 0,
            exponent: 0,
            negative_exponent: false,
        }
    }

    /// Goes on; says whether it is a number, unless the piece ends before that is known.
    fn go_on(&mut self, heap: &Heap, body: &[u8], piece: Piece) -> Option<bool> {
        while self.at < body.len() {
            if piece.is_done(heap) {
                return None;
            }
            let end = body.len().min(self.at + AT_ONCE);
            heap.spend((end - self.at) * 4);
            while self.at < end {
                let octet = body[self.at];
                self.at += 1;
                let next = body.get(self.at).copied();
                if !self.take(octet, next) {
                    return Some(false);
                }
            }
        }
        Some(self.after_digit)
    }

    /// Takes an octet; says whether it may be there.
    fn take(&mut self, octet: u8, next: Option<u8>) -> bool {
        let after_digit = std::mem::replace(&mut self.after_digit, false);
        if let Some(digit) = char::from(octet).to_digit(self.radix) {
            self.after_digit = true;
            self.digit(digit, octet);
            return true;
        }
        match octet {
            b'_' => {}
            b'.' if self.radix == 10 && self.section == Section::Whole => self.section = Section::Fraction,
            b'e' | b'E' if self.radix == 10 && self.section != Section::Exponent => {
                self.section = Section::Exponent;
                self.negative_exponent = next == Some(b'-');
                if matches!(next, Some(b'-' | b'+')) {
                    self.at += 1;
                }
            }
            _ => return false,
        }
        after_digit
    }

    fn digit(&mut self, digit: u32, octet: u8) {
        match self.section {
            Section::Exponent => self.exponent = (self.exponent * 10 + i64::from(digit)).min(BEYOND),
            section => {
                let counts = digit > 0 || !self.digits.is_empty();
                let kept = counts && self.digits.len() < KEPT;
                if kept {
                    self.digits.push(char::from(octet));
                } else {
                    self.rest |= digit > 0;
                }
                match section {
                    Section::Fraction if kept || !counts => self.scale -= 1,
                    Section::Whole if counts && !kept => self.scale += 1,
                    _ => {}
                }
            }
        }
    }

    /// The number, of which all was taken.
    fn parsed(&self, heap: &Heap) -> Result<Option<Parsed>> {
        if self.section == Section::Whole {
            if self.scale > 0 {
                return Err(int::too_large());
            }
            let digits = if self.digits.is_empty() { "0" } else { &self.digits };
            return parse_paid(heap, &format!("{}{digits}", self.start));
        }
        let kept = self.digits.len().min(DECISIVE);
        let more = self.digits.len() - kept;
        let rest = self.rest || self.digits[kept..].bytes().any(|digit| digit != b'0');
        let exponent = if self.negative_exponent { -self.exponent } else { self.exponent };
        let exponent = self.scale + more as i64 + exponent - i64::from(rest);
        let exponent = exponent.clamp(-BEYOND, BEYOND);
        let digits = format!("0{}{}", &self.digits[..kept], if rest { "1" } else { "" });
        Ok(format!("{}{digits}e{exponent}", self.start).parse().ok().map(Parsed::Float))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    #[test]
    fn a_number_is_the_same_when_it_is_read_as_a_long_one() {
        let heap = Heap::new(Node::new(), 1 << 20);
        let shown = |parsed: Option<Parsed>| match parsed {
            Some(Parsed::Small(small)) => small.to_string(),
            Some(Parsed::Int(big)) => big.to_string(),
            Some(Parsed::Float(float)) => format!("{float:?}"),
            None => String::from("none"),
        };
        let wholes =
            ["0", "00", "12", "1_2", "1__2", "_1", "1_", "", "0x1F", "0b102", "0o17", "0xe5", "999999999999999999999"];
        let fractions = ["", ".", ".5", ".05", ".0_0", "._5", ".1.2", ".000000000000000000001"];
        let exponents = ["", "e5", "E-3", "e+07", "e", "e-", "e1_0", "e--1", "e1e1", "e400", "e-400"];
        for sign in ["", "-", "+", "--"] {
            for whole in wholes {
                for fraction in fractions {
                    for exponent in exponents {
                        let text = format!("{sign}{whole}{fraction}{exponent}");
                        let mut long = Long::begin(text.as_bytes());
                        let is_number = long.go_on(&heap, text.as_bytes(), Piece::ENDLESS) == Some(true);
                        let read = if is_number { long.parsed(&heap).expect("it is small") } else { None };
                        assert_eq!(shown(read), shown(parse(&heap, &text).expect("it is small")), "{text}");
                    }
                }
            }
        }
    }
}
