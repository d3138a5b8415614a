//! Numbers: conversion, rounding, extremes.

use super::fold::{Fold, Walk};
use super::general::value_error;
use super::reading::{self, Wanted};
use super::{arity, wants};
use crate::data::int::{self, Int};
use crate::data::{bytes, range, text};
use crate::heap::{Heap, Kind};
use crate::ops::{self, Compared, Number, Order};
use crate::task::Piece;
use crate::trap::Trap;
use crate::value::Value;
use num_bigint::BigInt;
use num_traits::Signed;
use std::cmp::Ordering;

type Result = std::result::Result<Value, Trap>;

/// Words that could be touched while a number is taken from an iterable and added.
const WORDS_A_SUMMAND: usize = 8;

pub(super) fn parse_number(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    if !text::is_text(heap, value) {
        return Err(wants(heap, "parse-number", "a string", value));
    }
    reading::read(heap, value, Wanted::Number)
}

#[cold]
fn not_finite(name: &str, float: f64) -> Trap {
    let shown = if float.is_nan() { "nan" } else { "an infinity" };
    value_error(format!("`{name}` of {shown}: there is no such int"))
}

fn cut(heap: &mut Heap, name: &str, float: f64) -> Result {
    int::truncate(heap, float).unwrap_or_else(|| Err(not_finite(name, float)))
}

pub(super) fn int(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    if text::is_text(heap, value) {
        return reading::read(heap, value, Wanted::Int);
    }
    match ops::number(heap, value) {
        Some(Number::Int(_)) => Ok(value),
        Some(Number::Float(float)) => cut(heap, "int", float),
        None => Err(wants(heap, "int", "a number or a string", value)),
    }
}

pub(super) fn float(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    if text::is_text(heap, value) {
        return reading::read(heap, value, Wanted::Float);
    }
    match ops::number(heap, value) {
        Some(number) => number.float().map(Value::float),
        None => Err(wants(heap, "float", "a number or a string", value)),
    }
}

pub(super) fn abs(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let negative = match ops::number(heap, value) {
        Some(Number::Float(float)) => return Ok(Value::float(float.abs())),
        Some(Number::Int(Int::Small(small))) => small < 0,
        Some(Number::Int(Int::Big(big))) => big.is_negative(),
        None => return Err(wants(heap, "abs", "a number", value)),
    };
    if negative { ops::neg(heap, value) } else { Ok(value) }
}

/// The least element, or with `GREATEST` the greatest.
struct Extreme<const GREATEST: bool> {
    count: usize,
    /// The comparison with the element that is being taken, if it takes long.
    comparing: Option<Box<Order>>,
}

impl<const GREATEST: bool> Extreme<GREATEST> {
    const OPERATOR: &'static str = if GREATEST { ">" } else { "<" };
    const WANTED: Ordering = if GREATEST { Ordering::Greater } else { Ordering::Less };
}

impl<const GREATEST: bool> Fold for Extreme<GREATEST> {
    const NAME: &'static str = if GREATEST { "max" } else { "min" };

    fn take(
        &mut self,
        heap: &mut Heap,
        best: Value,
        candidate: Value,
        piece: Piece,
    ) -> std::result::Result<Option<Value>, Trap> {
        if let Some(comparing) = &mut self.comparing {
            let Some(order) = comparing.go_on(heap, piece).map_err(Trap::for_the_whole)? else { return Ok(None) };
            self.comparing = None;
            return Ok(Some(if order == Some(Self::WANTED) { candidate } else { best }));
        }
        heap.spend(WORDS_A_SUMMAND);
        // Of instances only `<` is asked, which most have alone.
        if heap.is(candidate, Kind::Instance).is_some() {
            return Err(Trap::asks());
        }
        self.count += 1;
        if self.count == 1 {
            return Ok(Some(candidate));
        }
        match ops::compare(heap, Self::OPERATOR, candidate, best, piece).map_err(Trap::for_the_whole)? {
            Compared::Order(order) => Ok(Some(if order == Some(Self::WANTED) { candidate } else { best })),
            Compared::Not(order) => {
                self.comparing = Some(order);
                Ok(None)
            }
        }
    }

    fn end(&mut self, heap: &mut Heap, best: Value) -> Result {
        match self.count {
            0 => return Err(value_error(format!("`{}` of nothing", Self::NAME))),
            // Something that has an order, even alone.
            1 if is_text_or_bytes(heap, best) => {}
            1 => drop(ops::compare(heap, Self::OPERATOR, best, best, Piece::ENDLESS).map_err(Trap::for_the_whole)?),
            _ => {}
        }
        Ok(best)
    }
}

/// Whether a value is one of those that have an order with themselves, whatever is in them.
fn is_text_or_bytes(heap: &Heap, value: Value) -> bool {
    text::is_text(heap, value) || bytes::view(heap, value).is_some()
}

fn extreme<const GREATEST: bool>(heap: &mut Heap, args: &[Value]) -> Result {
    if let &[a, b] = args
        && a.both_ints(b)
    {
        return Ok(if (a.int_bits() < b.int_bits()) == GREATEST { b } else { a });
    }
    let fold = Extreme::<GREATEST> { count: 0, comparing: None };
    let &[one] = args else { return Walk::over_arguments(heap, args, fold) };
    match range::view(heap, one) {
        // However long it is, one of its ends is the extreme.
        Some(range) if range.len() > 0 => {
            let ends = [int::from_i64(heap, range.start)?, int::from_i64(heap, range.get(range.len() - 1))?];
            Walk::over_arguments(heap, &ends, fold)
        }
        _ => Walk::over(heap, one, fold),
    }
}

pub(super) fn min(heap: &mut Heap, args: &[Value]) -> Result {
    extreme::<false>(heap, args)
}

pub(super) fn max(heap: &mut Heap, args: &[Value]) -> Result {
    extreme::<true>(heap, args)
}

/// A sum, and whether an element was added already.
struct Sum(bool);

impl Fold for Sum {
    const NAME: &'static str = "sum";

    fn take(
        &mut self,
        heap: &mut Heap,
        total: Value,
        value: Value,
        _: Piece,
    ) -> std::result::Result<Option<Value>, Trap> {
        // Instances are added to each other, not to zero.
        if !self.0 && heap.is(value, Kind::Instance).is_some() {
            return Err(Trap::asks());
        }
        heap.spend(WORDS_A_SUMMAND);
        let total = if self.0 { total } else { Value::int(0) };
        let total = ops::add(heap, total, value).map_err(Trap::for_the_whole)?;
        self.0 = true;
        Ok(Some(total))
    }

    fn end(&mut self, _: &mut Heap, total: Value) -> Result {
        Ok(if self.0 { total } else { Value::int(0) })
    }
}

pub(super) fn sum(heap: &mut Heap, args: &[Value]) -> Result {
    let &[values] = args else { return Err(arity()) };
    if let Some(range) = range::view(heap, values).filter(|range| range.len() > 0) {
        let (len, last) = (range.len(), range.get(range.len() - 1));
        let total = (BigInt::from(range.start) + last) * len / 2;
        return int::from_big(heap, &total);
    }
    Walk::over(heap, values, Sum(false))
}

fn rounded(heap: &mut Heap, name: &str, args: &[Value], how: fn(f64) -> f64) -> Result {
    let &[value] = args else { return Err(arity()) };
    match ops::number(heap, value) {
        Some(Number::Int(_)) => Ok(value),
        Some(Number::Float(float)) => cut(heap, name, how(float)),
        None => Err(wants(heap, name, "a number", value)),
    }
}

pub(super) fn round(heap: &mut Heap, args: &[Value]) -> Result {
    rounded(heap, "round", args, f64::round_ties_even)
}

pub(super) fn floor(heap: &mut Heap, args: &[Value]) -> Result {
    rounded(heap, "floor", args, f64::floor)
}

pub(super) fn ceil(heap: &mut Heap, args: &[Value]) -> Result {
    rounded(heap, "ceil", args, f64::ceil)
}

pub(super) fn sqrt(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    match ops::number(heap, value) {
        Some(number) => Ok(Value::float(number.float()?.sqrt())),
        None => Err(wants(heap, "sqrt", "a number", value)),
    }
}

pub(super) fn square(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    if ops::number(heap, value).is_none() {
        return Err(wants(heap, "square", "a number", value));
    }
    ops::mul(heap, value, value)
}
