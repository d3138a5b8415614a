//! Values of Rust from values of Eva, and the other way.

use iridium_vm::{Atom, BigInt, Handle, List, Map, OwnedValue as Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display};
use std::hash::{BuildHasher, Hash};

/// What a value of Eva can become.
///
/// | Rust | Eva |
/// |---|---|
/// | `i8` … `i128`, `u8` … `u128`, `isize`, `usize`, [`BigInt`] | an int in that range |
/// | `f64` | a float, or an int that a float holds exactly |
/// | `bool` | a bool |
/// | `String`, `char` | a string; one of one character |
/// | [`Atom`], [`Bytes`] | an atom, bytes |
/// | `Option<T>` | `null`, or what `T` takes; a last parameter may be left out in a call |
/// | `Vec<T>` | a list or a tuple |
/// | `(A, B …)` | a tuple of that length |
/// | `HashMap<K, V>`, `BTreeMap<K, V>` | a map |
/// | `()` | anything: it is ignored |
/// | [`Value`] | anything |
/// | [`Handle`] | what cannot be copied: a function, an instance, a range and the like |
/// | [`List`], [`Map`] | a list or a tuple, a map: their values as they are |
pub trait FromValue: Sized {
    /// Whether an argument of this type may be left out, which then is `null`.
    const OPTIONAL: bool = false;

    /// The value of Rust.
    ///
    /// # Errors
    /// What is wanted, and what was given.
    fn from_value(value: Value) -> Result<Self, ConversionError>;
}

/// What can become a value of Eva: see the table of [`FromValue`]. A `&str` and a `Vec` do too, as a string and a list.
pub trait IntoValue {
    /// The value of Eva.
    fn into_value(self) -> Value;
}

/// The arguments of a call: a tuple of up to eight, or a `Vec` of values.
pub trait IntoArguments {
    /// The arguments in order.
    fn into_arguments(self) -> Vec<Value>;
}

/// Octets, which a `Vec<u8>` is not: that is a list of ints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes(pub Vec<u8>);

/// A value is not of the type that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversionError {
    wanted: Cow<'static, str>,
    given: String,
    /// Where it was: `element 2 of argument 1`.
    place: String,
}

impl ConversionError {
    /// An error about a value: `wanted` is `an int` and the like.
    pub fn new(wanted: impl Into<Cow<'static, str>>, given: &Value) -> ConversionError {
        ConversionError { wanted: wanted.into(), given: given.what().to_owned(), place: String::new() }
    }

    /// The error about a number that is not in range.
    fn beyond(wanted: String, given: impl Display) -> ConversionError {
        let mut given = given.to_string();
        if given.len() > 40 {
            given = format!("an int of {} digits", given.trim_start_matches('-').len());
        }
        ConversionError { wanted: wanted.into(), given, place: String::new() }
    }

    /// The same error about a part of something: `element 2`.
    pub fn within(mut self, place: impl Display) -> ConversionError {
        self.place = if self.place.is_empty() { place.to_string() } else { format!("{} of {place}", self.place) };
        self
    }

    /// The error as one of a function's arguments.
    pub(crate) fn of_function(&self, name: &str) -> String {
        format!("`{name}` takes {} as {}, not {}", self.wanted, self.place, self.given)
    }
}

impl Display for ConversionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConversionError { wanted, given, place } = self;
        match place.as_str() {
            "" => write!(f, "{wanted} is wanted, not {given}"),
            _ => write!(f, "{wanted} is wanted as {place}, not {given}"),
        }
    }
}

impl std::error::Error for ConversionError {}

macro_rules! ints {
    ($($int:ty)*) => {$(
        impl FromValue for $int {
            fn from_value(value: Value) -> Result<Self, ConversionError> {
                let wanted = || format!("an int from {} to {}", <$int>::MIN, <$int>::MAX);
                match value {
                    Value::Int(int) => int.try_into().map_err(|_| ConversionError::beyond(wanted(), int)),
                    Value::Big(int) => (&int).try_into().map_err(|_| ConversionError::beyond(wanted(), int)),
                    other => Err(ConversionError::new("an int", &other)),
                }
            }
        }

        impl IntoValue for $int {
            fn into_value(self) -> Value {
                i64::try_from(self).map_or_else(|_| Value::Big(BigInt::from(self)), Value::Int)
            }
        }
    )*};
}

ints! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize }

impl FromValue for BigInt {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        match value {
            Value::Int(int) => Ok(BigInt::from(int)),
            Value::Big(int) => Ok(int),
            other => Err(ConversionError::new("an int", &other)),
        }
    }
}

impl IntoValue for BigInt {
    fn into_value(self) -> Value {
        match i64::try_from(&self) {
            Ok(small) => Value::Int(small),
            Err(_) => Value::Big(self),
        }
    }
}

impl FromValue for f64 {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        match value {
            Value::Float(float) => Ok(float),
            // What rounding changed is not what it was when it is an int again; 2^63 is beyond those of 64 bits.
            Value::Int(int) if int as f64 as i128 == i128::from(int) => Ok(int as f64),
            Value::Int(int) => Err(ConversionError::beyond("a number that a float holds exactly".to_owned(), int)),
            Value::Big(int) => Err(ConversionError::beyond("a number that a float holds exactly".to_owned(), int)),
            other => Err(ConversionError::new("a number", &other)),
        }
    }
}

/// A type that is one of the kinds of values: both ways.
macro_rules! kinds {
    ($($rust:ty, $wanted:literal, $pattern:pat => $from:expr, $self:ident => $into:expr;)*) => {$(
        impl FromValue for $rust {
            fn from_value(value: Value) -> Result<Self, ConversionError> {
                match value {
                    $pattern => Ok($from),
                    other => Err(ConversionError::new($wanted, &other)),
                }
            }
        }

        impl IntoValue for $rust {
            fn into_value($self) -> Value {
                $into
            }
        }
    )*};
}

kinds! {
    bool, "a bool", Value::Bool(truth) => truth, self => Value::Bool(self);
    String, "a string", Value::String(text) => text, self => Value::String(self);
    Bytes, "bytes", Value::Bytes(octets) => Bytes(octets), self => Value::Bytes(self.0);
    Atom, "an atom", Value::Atom(atom) => atom, self => Value::Atom(self);
    List, "a list or a tuple", Value::List(list) | Value::Tuple(list) => list, self => Value::List(self);
    Map, "a map", Value::Map(map) => map, self => Value::Map(self);
    Handle, "a function, an instance or the like", Value::Handle(handle) => handle, self => Value::Handle(self);
}

impl FromValue for Value {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        Ok(value)
    }
}

impl FromValue for () {
    fn from_value(_: Value) -> Result<Self, ConversionError> {
        Ok(())
    }
}

impl FromValue for char {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        let text = String::from_value(value)?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(ConversionError::new("a string of one character", &Value::String(text))),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const OPTIONAL: bool = true;

    fn from_value(value: Value) -> Result<Self, ConversionError> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        let elements = List::from_value(value)?.into_vec().into_iter().enumerate();
        elements.map(|(index, element)| part(element, "element", index)).collect()
    }
}

/// A part of a value, whose number counts from 0 as indices of Eva do.
fn part<T: FromValue>(value: Value, what: &str, index: usize) -> Result<T, ConversionError> {
    T::from_value(value).map_err(|error| error.within(format_args!("{what} {index}")))
}

/// The entries of a map.
fn entries<K: FromValue, V: FromValue, M: FromIterator<(K, V)>>(value: Value) -> Result<M, ConversionError> {
    let entries = Map::from_value(value)?.into_vec().into_iter().enumerate();
    entries.map(|(index, (key, value))| Ok((part(key, "key", index)?, part(value, "value", index)?))).collect()
}

impl<K: FromValue + Eq + Hash, V: FromValue, S: BuildHasher + Default> FromValue for HashMap<K, V, S> {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        entries(value)
    }
}

impl<K: FromValue + Ord, V: FromValue> FromValue for BTreeMap<K, V> {
    fn from_value(value: Value) -> Result<Self, ConversionError> {
        entries(value)
    }
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}

impl<T: IntoValue + Clone> IntoValue for &T {
    fn into_value(self) -> Value {
        self.clone().into_value()
    }
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::String(self.to_owned())
    }
}

impl IntoValue for Cow<'_, str> {
    fn into_value(self) -> Value {
        Value::String(self.into_owned())
    }
}

impl IntoValue for char {
    fn into_value(self) -> Value {
        Value::String(self.to_string())
    }
}

impl IntoValue for f64 {
    fn into_value(self) -> Value {
        Value::Float(self)
    }
}

impl IntoValue for f32 {
    fn into_value(self) -> Value {
        Value::Float(f64::from(self))
    }
}

impl IntoValue for () {
    fn into_value(self) -> Value {
        Value::Null
    }
}

impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}

impl<T: IntoValue> IntoValue for Vec<T> {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect::<Vec<_>>().into())
    }
}

impl<T: IntoValue, const N: usize> IntoValue for [T; N] {
    fn into_value(self) -> Value {
        Value::List(self.into_iter().map(T::into_value).collect::<Vec<_>>().into())
    }
}

/// The map of some entries.
fn map_of<K: IntoValue, V: IntoValue>(entries: impl IntoIterator<Item = (K, V)>) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (key.into_value(), value.into_value()));
    Value::Map(entries.collect::<Vec<_>>().into())
}

impl<K: IntoValue, V: IntoValue, S> IntoValue for HashMap<K, V, S> {
    fn into_value(self) -> Value {
        map_of(self)
    }
}

impl<K: IntoValue, V: IntoValue> IntoValue for BTreeMap<K, V> {
    fn into_value(self) -> Value {
        map_of(self)
    }
}

impl IntoArguments for Vec<Value> {
    fn into_arguments(self) -> Vec<Value> {
        self
    }
}

impl IntoArguments for () {
    fn into_arguments(self) -> Vec<Value> {
        Vec::new()
    }
}

macro_rules! tuples {
    ($($count:literal $($Part:ident $index:tt),*;)*) => {$(
        impl<$($Part: FromValue),*> FromValue for ($($Part,)*) {
            fn from_value(value: Value) -> Result<Self, ConversionError> {
                const WANTED: &str = concat!("a tuple of ", $count);
                let Value::Tuple(parts) = value else { return Err(ConversionError::new(WANTED, &value)) };
                let given = parts.len();
                let mut parts = parts.into_vec().into_iter();
                if given != $count {
                    return Err(ConversionError::beyond(WANTED.to_owned(), format_args!("one of {given}")));
                }
                Ok(($(part::<$Part>(parts.next().unwrap_or(Value::Null), "element", $index)?,)*))
            }
        }

        impl<$($Part: IntoValue),*> IntoValue for ($($Part,)*) {
            fn into_value(self) -> Value {
                Value::Tuple(vec![$(self.$index.into_value()),*].into())
            }
        }

        impl<$($Part: IntoValue),*> IntoArguments for ($($Part,)*) {
            fn into_arguments(self) -> Vec<Value> {
                vec![$(self.$index.into_value()),*]
            }
        }
    )*};
}

tuples! {
    1 A 0;
    2 A 0, B 1;
    3 A 0, B 1, C 2;
    4 A 0, B 1, C 2, D 3;
    5 A 0, B 1, C 2, D 3, E 4;
    6 A 0, B 1, C 2, D 3, E 4, F 5;
    7 A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8 A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}
