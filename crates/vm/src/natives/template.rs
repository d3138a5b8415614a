//! What `String.format` is made of: templates into their pieces, a value by its specification.

use super::general::value_error;
use super::{arity, wants};
use crate::data::{int, list, text, tuple};
use crate::format;
use crate::heap::Heap;
use crate::ops::{self, Number};
use crate::trap::Trap;
use crate::value::Value;

type Result = std::result::Result<Value, Trap>;

/// Characters that a value is filled up to at most.
pub const MAX_WIDTH: usize = 1 << 20;

/// Decimals of a float at most.
pub const MAX_PRECISION: usize = 1_000;

fn string(heap: &Heap, value: Value) -> std::result::Result<&str, Trap> {
    match text::view(heap, value) {
        Some(text) => Ok(text.as_str()),
        None => Err(wants(heap, "String.format", "a string as the template", value)),
    }
}

/// A piece of a template.
enum Piece {
    Text(String),
    /// The value's number, if the template says it, and its specification.
    Value(Option<usize>, String),
}

fn pieces(heap: &Heap, template: &str) -> std::result::Result<Vec<Piece>, Trap> {
    let wrong = |why| Err(value_error(format!("`String.format`: {why}")));
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let (brace, after) = rest[at..].split_at(1);
        if let Some(after) = after.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return wrong("a `}` that closes nothing is written `}}`");
        }
        let Some((inside, after)) = after.split_once('}') else {
            return wrong("a `{` is not closed; one that stands for itself is written `{{`");
        };
        let (which, specification) = inside.split_once(':').unwrap_or((inside, ""));
        let which = match which.trim() {
            "" => None,
            digits => match digits.parse() {
                Ok(number) => Some(number),
                Err(_) => return wrong("before the `:` in `{…}` stands nothing or the number of a value"),
            },
        };
        // They are gathered outside of the heap, but will be shown in it.
        heap.could_hold(pieces.len() * 4)?;
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(Piece::Value(which, specification.to_owned()));
        rest = after;
    }
    text.push_str(rest);
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

/// The pieces of a template: strings, and tuples of a value's number, or null, and its specification.
pub(super) fn template(heap: &mut Heap, args: &[Value]) -> Result {
    let &[template] = args else { return Err(arity()) };
    let text = string(heap, template)?;
    heap.spend(text.len());
    let pieces = pieces(heap, text)?;
    let mut values = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece {
            Piece::Text(text) if text.is_empty() => {}
            Piece::Text(text) => values.push(text::make(heap, &text)?),
            Piece::Value(which, specification) => {
                let which = which.map_or(Ok(Value::NULL), |which| int::from_i64(heap, which.min(1 << 31) as i64))?;
                let specification = text::make(heap, &specification)?;
                values.push(tuple::new(heap, &[which, specification])?);
            }
        }
    }
    list::new(heap, &values)
}

/// How a value is to be shown: `[[fill]align][+][0][width][,][.precision][type]`.
#[derive(Default)]
struct Specification {
    fill: Option<char>,
    align: Option<char>,
    plus: bool,
    zeros: bool,
    width: usize,
    commas: bool,
    precision: Option<usize>,
    kind: Option<char>,
}

fn number(rest: &mut &str, most: usize) -> Option<Option<usize>> {
    let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    match digits {
        "" => Some(None),
        digits => digits.parse().ok().filter(|number| *number <= most).map(Some),
    }
}

fn specification(text: &str) -> Option<Specification> {
    let mut it = Specification::default();
    let mut rest = text;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(fill), Some(align @ ('<' | '>' | '^'))) => {
            (it.fill, it.align) = (Some(fill), Some(align));
            rest = chars.as_str();
        }
        (Some(align @ ('<' | '>' | '^')), _) => {
            it.align = Some(align);
            rest = &text[1..];
        }
        _ => {}
    }
    let take = |rest: &mut &str, char: char| match rest.strip_prefix(char) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    };
    it.plus = take(&mut rest, '+');
    it.zeros = take(&mut rest, '0');
    it.width = number(&mut rest, MAX_WIDTH)?.unwrap_or(0);
    it.commas = take(&mut rest, ',');
    if take(&mut rest, '.') {
        it.precision = Some(number(&mut rest, MAX_PRECISION)??);
    }
    let mut chars = rest.chars();
    it.kind = chars.next();
    let known = it.kind.is_none_or(|kind| "dxXobefs".contains(kind));
    (known && chars.as_str().is_empty()).then_some(it)
}

/// The digits of a number without its sign, and whether it is below zero. `None` if it cannot be shown so.
fn digits(heap: &Heap, number: &Number<'_>, it: &Specification) -> std::result::Result<Option<(String, bool)>, Trap> {
    let precision = it.precision.unwrap_or(6);
    Ok(Some(match (number, it.kind) {
        (_, Some('e')) => {
            let float = number.float()?;
            let text = format!("{:.precision$e}", float.abs());
            let text = match text.split_once('e') {
                Some((mantissa, exponent)) => {
                    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
                    format!("{mantissa}e{sign}{digits:0>2}")
                }
                None => text.to_lowercase(),
            };
            (text, float.is_sign_negative() && !float.is_nan())
        }
        (Number::Int(int), kind) => {
            let big = int.clone().big();
            let magnitude = big.magnitude();
            heap.spend(ops::product_cost(big.bits(), big.bits()));
            let mut text = match kind {
                Some('x') => magnitude.to_str_radix(16),
                Some('X') => magnitude.to_str_radix(16).to_uppercase(),
                Some('o') => magnitude.to_str_radix(8),
                Some('b') => magnitude.to_str_radix(2),
                Some('s') => return Ok(None),
                _ => magnitude.to_str_radix(10),
            };
            let decimals = if kind == Some('f') { Some(precision) } else { it.precision.filter(|_| kind.is_none()) };
            if let Some(decimals) = decimals.filter(|decimals| *decimals > 0) {
                text = format!("{text}.{:0<decimals$}", "");
            }
            (text, big.sign() == num_bigint::Sign::Minus)
        }
        (Number::Float(float), kind) => {
            let text = match (kind, it.precision) {
                (Some('f'), _) | (None, Some(_)) => format!("{:.precision$}", float.abs()).to_lowercase(),
                (None, None) => format::brief(heap, Value::float(float.abs())),
                _ => return Ok(None),
            };
            (text, float.is_sign_negative() && !float.is_nan())
        }
    }))
}

/// Commas between thousands.
fn with_commas(digits: &str) -> String {
    let end = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A number, or the text of another value, by a specification.
pub(super) fn value(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, text] = args else { return Err(arity()) };
    let wrong = |heap: &Heap, text: Value, why: &str| {
        value_error(format!(
            "`String.format` cannot show {} by {}: {why}",
            format::brief(heap, value),
            format::brief(heap, text)
        ))
    };
    let Some(it) = specification(string(heap, text)?) else {
        let shape = format!(
            "a specification is [[fill]align][+][0][width][,][.precision][type], align one of < > ^, type of \
             d x X o b e f s, width at most {MAX_WIDTH}, precision at most {MAX_PRECISION}"
        );
        return Err(wrong(heap, text, &shape));
    };
    let (body, sign, right) = match ops::number(heap, value) {
        Some(number) => match digits(heap, &number, &it)? {
            Some((digits, negative)) => {
                let digits = if it.commas { with_commas(&digits) } else { digits };
                (
                    digits,
                    if negative {
                        "-"
                    } else if it.plus {
                        "+"
                    } else {
                        ""
                    },
                    true,
                )
            }
            None => return Err(wrong(heap, text, "the type is not one for this number")),
        },
        None => {
            if it.kind.is_some_and(|kind| kind != 's') || it.plus || it.zeros || it.commas {
                return Err(wrong(heap, text, "that is for numbers"));
            }
            let whole = string(heap, value)?;
            (whole.chars().take(it.precision.unwrap_or(usize::MAX)).collect(), "", false)
        }
    };
    let missing = it.width.saturating_sub(sign.len() + body.chars().count());
    let fill = |count: usize| it.fill.unwrap_or(' ').to_string().repeat(count);
    let out = match it.align {
        None if it.zeros => format!("{sign}{}{body}", "0".repeat(missing)),
        None if right => format!("{}{sign}{body}", fill(missing)),
        Some('>') => format!("{}{sign}{body}", fill(missing)),
        Some('^') => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
        _ => format!("{sign}{body}{}", fill(missing)),
    };
    text::take(heap, out)
}
