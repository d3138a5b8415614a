//! Reading of single tokens: numbers, and the escapes of strings and bytes.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::Node;
use iridium_isa::MAX_INT_BITS;
use num_bigint::BigInt;
use std::rc::Rc;

/// Digits of the longest int literal that is read; the largest int has 78,914.
pub const MAX_INT_DIGITS: usize = 80_000;

/// Reads a token that begins like a number.
pub fn number(text: &str, span: Span) -> Result<Node, Diagnostic> {
    let bad = |message: String| Diagnostic::error("bad-number", span, message);
    let (negative, digits) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    for (prefix, radix, name) in [("0x", 16, "hexadecimal"), ("0o", 8, "octal"), ("0b", 2, "binary")] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            if rest.is_empty() {
                return Err(bad(format!("`{}` has no digits after `{prefix}`", short(text))));
            }
            if !rest.chars().all(|c| c.is_digit(radix) || c == '_') {
                return Err(bad(format!("`{}` is no {name} number", short(text))));
            }
            return int(rest, radix, negative, text, span);
        }
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
        return int(digits, 10, negative, text, span);
    }
    if !is_float(digits) {
        let diagnostic = bad(format!("`{}` is no number", short(text)));
        return Err(match digits {
            _ if digits.ends_with('.') => diagnostic.help(format!("write `{}0`", short(text))),
            _ if digits.contains('/') => diagnostic.help("there are no fraction literals: write `(/ 1 2)`"),
            _ if digits.matches('.').count() > 1 => diagnostic.help("a number has at most one point"),
            _ => diagnostic.help("a name must not begin with a digit"),
        });
    }
    if !underscores_are_right(digits, 10) {
        return Err(underscore_error(text, span));
    }
    let clean: String = text.chars().filter(|c| *c != '_').collect();
    match clean.parse::<f64>() {
        Ok(value) => Ok(Node::Float(value)),
        Err(_) => Err(bad(format!("`{}` is no number", short(text)))),
    }
}

fn int(digits: &str, radix: u32, negative: bool, text: &str, span: Span) -> Result<Node, Diagnostic> {
    if !underscores_are_right(digits, radix) {
        return Err(underscore_error(text, span));
    }
    if digits.len() > MAX_INT_DIGITS {
        let message = format!("this int has {} digits; a literal may have {MAX_INT_DIGITS}", digits.len());
        return Err(Diagnostic::error("int-too-large", span, message));
    }
    let mut clean: String = digits.chars().filter(|c| *c != '_').collect();
    if negative {
        clean.insert(0, '-');
    }
    if let Ok(small) = i64::from_str_radix(&clean, radix) {
        return Ok(Node::Int(small));
    }
    match BigInt::parse_bytes(clean.as_bytes(), radix) {
        Some(big) if big.bits() > MAX_INT_BITS => {
            let message = format!("this int has {} bits; an int may have {MAX_INT_BITS}", big.bits());
            Err(Diagnostic::error("int-too-large", span, message))
        }
        Some(big) => Ok(Node::Big(Rc::new(big))),
        None => Err(Diagnostic::error("bad-number", span, format!("`{}` is no number", short(text)))),
    }
}

/// Digits, then a fraction or an exponent or both.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|part| digits(part.strip_prefix(['+', '-']).unwrap_or(part)))
        && (fraction.is_some() || exponent.is_some())
}

/// Underscores stand between two digits only.
fn underscores_are_right(text: &str, radix: u32) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(|byte| char::from(*byte).is_digit(radix));
    (0..bytes.len()).all(|at| bytes[at] != b'_' || (at > 0 && digit(at - 1) && digit(at + 1)))
}

fn underscore_error(text: &str, span: Span) -> Diagnostic {
    Diagnostic::error("bad-number", span, format!("`{}` is no number", short(text)))
        .help("a `_` in a number stands between two digits")
}

/// A token for a message: a megabyte of digits is not repeated.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

/// Replaces the escapes of a string; `start` is the offset of `raw` in the source.
pub fn string(raw: &str, start: usize, errors: &mut Vec<Diagnostic>) -> Rc<str> {
    if !raw.contains('\\') {
        return raw.into();
    }
    let mut out = String::with_capacity(raw.len());
    unescape(raw, start, errors, false, &mut |piece| match piece {
        Piece::Char(character) => out.push(character),
        Piece::Octet(_) => {}
    });
    out.into()
}

/// Replaces the escapes of a bytes literal; other characters give their UTF-8 octets.
pub fn bytes(raw: &str, start: usize, errors: &mut Vec<Diagnostic>) -> Rc<[u8]> {
    let mut out = Vec::with_capacity(raw.len());
    unescape(raw, start, errors, true, &mut |piece| match piece {
        Piece::Char(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        Piece::Octet(octet) => out.push(octet),
    });
    out.into()
}

enum Piece {
    Char(char),
    Octet(u8),
}

fn unescape(raw: &str, start: usize, errors: &mut Vec<Diagnostic>, octets: bool, out: &mut dyn FnMut(Piece)) {
    let mut rest = raw.char_indices();
    while let Some((at, character)) = rest.next() {
        if character != '\\' {
            out(Piece::Char(character));
            continue;
        }
        let after = rest.as_str();
        let Some((_, kind)) = rest.next() else { return };
        let simple = match kind {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            '\\' => '\\',
            '"' => '"',
            'u' => {
                let (length, scalar) = unicode_escape(&after[1..]);
                for _ in 0..length {
                    rest.next();
                }
                match scalar {
                    Some(scalar) => out(Piece::Char(scalar)),
                    None => {
                        let span = Span::new(start + at, start + at + 2 + length);
                        errors.push(
                            Diagnostic::error("bad-escape", span, "this is no Unicode escape")
                                .help("write `\\u{…}` with one to six hexadecimal digits of a Unicode scalar value, such as `\\u{1F600}`"),
                        );
                    }
                }
                continue;
            }
            'x' if octets => {
                match after.get(1..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
                    Some(digits) => {
                        rest.next();
                        rest.next();
                        out(Piece::Octet(u8::from_str_radix(digits, 16).unwrap_or(0)));
                    }
                    None => {
                        let span = Span::new(start + at, start + at + 2);
                        errors.push(
                            Diagnostic::error("bad-escape", span, "`\\x` needs two hexadecimal digits")
                                .help("for example `\\x0a`"),
                        );
                    }
                }
                continue;
            }
            other => {
                let span = Span::new(start + at, start + at + 1 + other.len_utf8());
                let name: String = if other.is_control() { "\\".into() } else { format!("\\{other}") };
                let diagnostic = Diagnostic::error("bad-escape", span, format!("there is no escape `{name}`"));
                errors.push(match other {
                    'x' => diagnostic.help("in a string write `\\u{41}`; `\\x41` is for bytes, `#b\"…\"`"),
                    _ => diagnostic.help("the escapes are `\\n` `\\t` `\\r` `\\0` `\\\\` `\\\"` and `\\u{1F600}`"),
                });
                continue;
            }
        };
        out(Piece::Char(simple));
    }
}

/// What follows `\u`: how many ASCII characters belong to the escape, and its value.
fn unicode_escape(text: &str) -> (usize, Option<char>) {
    if !text.starts_with('{') {
        return (0, None);
    }
    let digits = text[1..].bytes().take_while(u8::is_ascii_hexdigit).count();
    if text.as_bytes().get(1 + digits) != Some(&b'}') {
        return (1 + digits, None);
    }
    let scalar = match digits {
        1..=6 => u32::from_str_radix(&text[1..1 + digits], 16).ok().and_then(char::from_u32),
        _ => None,
    };
    (2 + digits, scalar)
}
