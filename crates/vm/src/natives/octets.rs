//! The module `Bytes`.

use super::general::value_error;
use super::{arity, wants};
use crate::data::copying::{self, Part};
use crate::data::writing::{OCTETS, Target, Writer, write as write_octets};
use crate::data::{bytes, int, iterate};
use crate::format;
use crate::heap::Heap;
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;

type Result<T = Value> = std::result::Result<T, Trap>;

fn octets<'h>(heap: &'h Heap, name: &str, value: Value) -> Result<&'h [u8]> {
    bytes::view(heap, value).ok_or_else(|| wants(heap, name, "bytes", value))
}

/// Words that could be touched while an octet is taken from an iterable.
const WORDS_AN_OCTET: usize = 16;

/// Octets that are the elements of an iterable. What is held: the iterator, and the iterable.
struct Listed;

impl Writer for Listed {
    type Out = Vec<u8>;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut Vec<u8>, _: usize) -> Result<bool> {
        for _ in 0..OCTETS / WORDS_AN_OCTET {
            let Some(value) = iterate::next(heap, held[0])? else { return Ok(true) };
            heap.spend(WORDS_AN_OCTET);
            match int::clamped(heap, value).map(u8::try_from) {
                Some(Ok(octet)) => out.push(octet),
                Some(Err(_)) => {
                    return Err(value_error(format!("{} is not from 0 to 255", format::brief(heap, value))));
                }
                None => return Err(wants(heap, "Bytes.from-list", "ints from 0 to 255", value)),
            }
        }
        Ok(false)
    }
}

pub(super) fn from_list(heap: &mut Heap, args: &[Value]) -> Result {
    let &[list] = args else { return Err(arity()) };
    let iterator = iterate::start_here(heap, list)?;
    let room = ops::length(heap, list).map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    // Whatever is wrong with one of them: all of them would have to be looked at.
    heap.could_hold(room.unwrap_or(0) / 8)?;
    write_octets(heap, &mut [iterator, list], Listed, Target::Value(room))
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

fn layout(heap: &Heap, name: &str, value: Value) -> Result<Layout> {
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
fn place(heap: &Heap, name: &str, len: usize, at: Value, width: usize) -> Result<usize> {
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
    let whole = octets(heap, "Bytes.overwrite", value)?.len();
    let len = octets(heap, "Bytes.overwrite", part)?.len();
    let start = place(heap, "Bytes.overwrite", whole, at, len)?;
    let parts = [Part::new(0, 0, start), Part::new(1, 0, len), Part::new(0, start + len, whole - start - len)];
    copying::bytes_of(heap, &mut [value, part], parts)
}
