//! Quoted strings and bytes with escapes, as the language and assembly write them.

use std::fmt::Write;

/// The escapes that strings and bytes share.
fn escape(char: char) -> Option<&'static str> {
    Some(match char {
        '\n' => "\\n",
        '\t' => "\\t",
        '\r' => "\\r",
        '\0' => "\\0",
        '\\' => "\\\\",
        '"' => "\\\"",
        _ => return None,
    })
}

/// Appends a string with quotes and escapes.
pub fn quote(text: &str, out: &mut String) {
    out.push('"');
    escape_text(text, out);
    out.push('"');
}

/// Appends what stands between the quotes.
pub fn escape_text(text: &str, out: &mut String) {
    for char in text.chars() {
        match escape(char) {
            Some(escaped) => out.push_str(escaped),
            None if char.is_control() => drop(write!(out, "\\u{{{:x}}}", char as u32)),
            None => out.push(char),
        }
    }
}

/// Appends bytes as `#b"…"`.
pub fn quote_bytes(bytes: &[u8], out: &mut String) {
    out.push_str("#b\"");
    escape_bytes(bytes, out);
    out.push('"');
}

/// Appends what stands between the quotes.
pub fn escape_bytes(bytes: &[u8], out: &mut String) {
    for &byte in bytes {
        match escape(byte as char) {
            Some(escaped) => out.push_str(escaped),
            None if matches!(byte, 0x20..0x7F) => out.push(byte as char),
            None => drop(write!(out, "\\x{byte:02x}")),
        }
    }
}

/// The octets that an escape stands for, and its length in octets behind the backslash. `\xHH` is only for bytes.
pub(crate) fn unescape(text: &str, bytes: bool) -> Option<(Vec<u8>, usize)> {
    let octet = match text.chars().next()? {
        'n' => b'\n',
        't' => b'\t',
        'r' => b'\r',
        '0' => 0,
        '\\' => b'\\',
        '"' => b'"',
        'x' if bytes => {
            let digits = text.get(1..3).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
            return Some((vec![u8::from_str_radix(digits, 16).ok()?], 3));
        }
        'u' => {
            let inner = text.strip_prefix("u{")?;
            let length = inner.find('}').filter(|length| (1..=6).contains(length))?;
            let digits = inner[..length].bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(&inner[..length])?;
            let char = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            return Some((char.to_string().into_bytes(), length + 3));
        }
        _ => return None,
    };
    Some((vec![octet], 1))
}
