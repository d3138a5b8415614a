//! The module `Bytes`.

use super::general::value_error;
use super::strings::whole_string;
use super::{arity, wants};
use crate::data::{bytes, int, iterate, text};
use crate::format;
use crate::heap::Heap;
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;

type Result = std::result::Result<Value, Trap>;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn octets<'h>(heap: &'h Heap, name: &str, value: Value) -> std::result::Result<&'h [u8], Trap> {
    bytes::view(heap, value).ok_or_else(|| wants(heap, name, "bytes", value))
}

/// The same, of bytes that are gone through as a whole.
fn whole_octets<'h>(heap: &'h Heap, name: &str, value: Value) -> std::result::Result<&'h [u8], Trap> {
    let octets = octets(heap, name, value)?;
    heap.spend(octets.len());
    Ok(octets)
}

pub(super) fn to_string(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    match std::str::from_utf8(whole_octets(heap, "Bytes.to-string", value)?) {
        Ok(text) => {
            let chars = text.chars().count();
            text::of_bytes(heap, value, chars)
        }
        Err(error) => Err(value_error(format!("these bytes are not UTF-8 text from octet {} on", error.valid_up_to()))),
    }
}

pub(super) fn from_list(heap: &mut Heap, args: &[Value]) -> Result {
    let &[list] = args else { return Err(arity()) };
    let mut out = Vec::new();
    for value in iterate::collect(heap, list)? {
        match int::clamped(heap, value).map(u8::try_from) {
            Some(Ok(octet)) => out.push(octet),
            Some(Err(_)) => return Err(value_error(format!("{} is not from 0 to 255", format::brief(heap, value)))),
            None => return Err(wants(heap, "Bytes.from-list", "ints from 0 to 255", value)),
        }
    }
    bytes::take(heap, out)
}

pub(super) fn hex(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let digit = |octet: u8| char::from(b"0123456789abcdef"[usize::from(octet)]);
    let out: String = whole_octets(heap, "Bytes.hex", value)?
        .iter()
        .flat_map(|octet| [digit(octet >> 4), digit(octet & 15)])
        .collect();
    text::take(heap, out)
}

pub(super) fn from_hex(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let text = whole_string(heap, "Bytes.from-hex", value)?;
    let pair = |pair: &[u8]| {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        Some((digit(0)? << 4 | digit(1)?) as u8)
    };
    match text.as_bytes().chunks(2).map(pair).collect::<Option<Vec<u8>>>() {
        Some(out) => bytes::take(heap, out),
        None => Err(value_error("`Bytes.from-hex` takes pairs of hexadecimal digits")),
    }
}

pub(super) fn base64(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let mut out = String::new();
    for group in whole_octets(heap, "Bytes.base64", value)?.chunks(3) {
        let octet = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for place in 0..4 {
            let digit = BASE64[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > group.len() { '=' } else { char::from(digit) });
        }
    }
    text::take(heap, out)
}

/// The octets of a text in base 64, with its padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for group in digits.chunks(4) {
        let mut bits = 0u32;
        for digit in group {
            bits = bits << 6 | BASE64.iter().position(|known| known == digit)? as u32;
        }
        let unused = 6 * (4 - group.len() as u32);
        let kept = group.len() - 1;
        let all = (bits << unused).to_be_bytes();
        // What the padding cuts off is zero, so that there is one text for one value.
        if all[1 + kept..].iter().any(|octet| *octet != 0) || kept == 0 {
            return None;
        }
        out.extend_from_slice(&all[1..1 + kept]);
    }
    Some(out)
}

pub(super) fn from_base64(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    match decode(whole_string(heap, "Bytes.from-base64", value)?) {
        Some(out) => bytes::take(heap, out),
        None => Err(value_error("`Bytes.from-base64` takes groups of four of A-Z a-z 0-9 + /, padded with =")),
    }
}

/// How a number of fixed width lies in bytes.
struct Layout {
    width: usize,
    kind: Kind,
    little: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Unsigned,
    Signed,
    Float,
}

fn layout(heap: &Heap, name: &str, value: Value) -> std::result::Result<Layout, Trap> {
    let Some(atom) = value.as_atom() else { return Err(wants(heap, name, "an atom as the layout", value)) };
    let text = heap.node().atom_name(atom);
    let (text, little) = match text.strip_suffix("-le") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (kind, bits) = match text.split_at_checked(1) {
        Some(("u", bits)) => (Kind::Unsigned, bits),
        Some(("i", bits)) => (Kind::Signed, bits),
        Some(("f", bits)) => (Kind::Float, bits),
        _ => (Kind::Float, ""),
    };
    let width = match (kind, bits) {
        (Kind::Unsigned | Kind::Signed, "8") => 1,
        (Kind::Unsigned | Kind::Signed, "16") => 2,
        (_, "32") => 4,
        (_, "64") => 8,
        _ => {
            return Err(value_error(format!(
                "`{name}` knows the layouts :u8 :u16 :u32 :u64 :i8 :i16 :i32 :i64 :f32 :f64, and with -le behind them \
                 for the least octet first, but not {}",
                format::brief(heap, value)
            )));
        }
    };
    Ok(Layout { width, kind, little })
}

/// Checks that `width` octets lie at an index, and gives it counted from the start.
fn place(heap: &Heap, name: &str, len: usize, at: Value, width: usize) -> std::result::Result<usize, Trap> {
    let Some(index) = int::clamped(heap, at) else { return Err(wants(heap, name, "an int as the index", at)) };
    let start = if index < 0 { index.checked_add(len as i64) } else { Some(index) };
    match start.and_then(|start| usize::try_from(start).ok()) {
        Some(start) if start.checked_add(width).is_some_and(|end| end <= len) => Ok(start),
        _ => {
            let plural = if width == 1 { "" } else { "s" };
            let message = format!("there are no {width} octet{plural} at index {index} of {len} bytes");
            Err(Trap::error(ErrorKind::Index, message))
        }
    }
}

pub(super) fn read(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, at, of] = args else { return Err(arity()) };
    let octets = octets(heap, "Bytes.read", value)?;
    let layout = layout(heap, "Bytes.read", of)?;
    let start = place(heap, "Bytes.read", octets.len(), at, layout.width)?;
    let mut bits = 0u64;
    for index in 0..layout.width {
        let index = if layout.little { layout.width - 1 - index } else { index };
        bits = bits << 8 | u64::from(octets[start + index]);
    }
    let unused = 64 - 8 * layout.width as u32;
    match (layout.kind, layout.width) {
        (Kind::Unsigned, _) => int::from_i128(heap, i128::from(bits)),
        (Kind::Signed, _) => int::from_i64(heap, (bits << unused) as i64 >> unused),
        (Kind::Float, 4) => Ok(Value::float(f64::from(f32::from_bits(bits as u32)))),
        (Kind::Float, _) => Ok(Value::float(f64::from_bits(bits))),
    }
}

pub(super) fn write(heap: &mut Heap, args: &[Value]) -> Result {
    let &[of, number] = args else { return Err(arity()) };
    let layout = layout(heap, "Bytes.write", of)?;
    let width = 8 * layout.width as u32;
    let too_large =
        || value_error(format!("{} does not fit into {}", format::brief(heap, number), format::brief(heap, of)));
    let bits = match layout.kind {
        Kind::Float => {
            let Some(float) = ops::number(heap, number) else {
                return Err(wants(heap, "Bytes.write", "a number", number));
            };
            let float = float.float()?;
            let short = float as f32;
            match layout.width {
                4 if short.is_infinite() && float.is_finite() => return Err(too_large()),
                4 => u64::from(short.to_bits()),
                _ => float.to_bits(),
            }
        }
        kind => {
            let Some(view) = int::view(heap, number) else {
                return Err(wants(heap, "Bytes.write", "an int", number));
            };
            let whole = num_traits::ToPrimitive::to_i128(view.big().as_ref()).ok_or_else(too_large)?;
            let (least, most) = match kind {
                Kind::Signed => (-(1i128 << (width - 1)), (1i128 << (width - 1)) - 1),
                _ => (0, (1i128 << width) - 1),
            };
            if !(least..=most).contains(&whole) {
                return Err(too_large());
            }
            whole as u64
        }
    };
    let mut out = bits.to_be_bytes()[8 - layout.width..].to_vec();
    if layout.little {
        out.reverse();
    }
    bytes::take(heap, out)
}

pub(super) fn overwrite(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, at, part] = args else { return Err(arity()) };
    let whole = octets(heap, "Bytes.overwrite", value)?;
    let part = octets(heap, "Bytes.overwrite", part)?;
    let start = place(heap, "Bytes.overwrite", whole.len(), at, part.len())?;
    let mut out = whole.to_vec();
    out[start..start + part.len()].copy_from_slice(part);
    bytes::take(heap, out)
}
