//! Functions of the host, made from closures.

use crate::conversion::{FromValue, IntoValue};
use iridium_lang::environment::Environment;
use iridium_lang::forms;
use iridium_lang::reader;
use iridium_lang::source::Source;
use iridium_vm::{HostFunction, OwnedValue as Value, Response};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Why a function of the host failed. The program sees an error of this kind, and can catch it.
///
/// It comes from any error of Rust by `?`; its kind is then `:host-error`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// The kind without the colon.
    pub kind: String,
    /// The message.
    pub message: String,
}

impl HostError {
    /// An error of a kind, given without the colon, with a message.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> HostError {
        HostError { kind: kind.into(), message: message.into() }
    }
}

impl<E: std::error::Error> From<E> for HostError {
    fn from(error: E) -> HostError {
        HostError::new("host-error", error.to_string())
    }
}

/// What a function of the host may return: a value, or a `Result` with one.
pub trait IntoAnswer {
    /// The value, or the error to be thrown.
    ///
    /// # Errors
    /// What the function said.
    fn into_answer(self) -> Result<Value, HostError>;
}

impl<T: IntoValue> IntoAnswer for T {
    fn into_answer(self) -> Result<Value, HostError> {
        Ok(self.into_value())
    }
}

impl<T: IntoValue, E: Into<HostError>> IntoAnswer for Result<T, E> {
    fn into_answer(self) -> Result<Value, HostError> {
        self.map(T::into_value).map_err(E::into)
    }
}

/// A closure that a program can call: up to eight parameters that are [`FromValue`], an [`IntoAnswer`].
pub trait Function<Parameters>: Send + Sync + 'static {
    /// For each parameter, whether it may be left out.
    const OPTIONAL: &'static [bool];

    /// Calls it. As many arguments were given as it takes.
    ///
    /// # Errors
    /// An argument is not of the parameter's type, or the function failed.
    fn call(&self, name: &str, arguments: Vec<Value>) -> Result<Value, HostError>;
}

macro_rules! functions {
    ($($($Parameter:ident $number:literal),*;)*) => {$(
        impl<Closure, Returned, $($Parameter),*> Function<($($Parameter,)*)> for Closure
        where
            Closure: Fn($($Parameter),*) -> Returned + Send + Sync + 'static,
            Returned: IntoAnswer,
            $($Parameter: FromValue),*
        {
            const OPTIONAL: &'static [bool] = &[$($Parameter::OPTIONAL),*];

            #[allow(unused_mut, unused_variables, reason = "one of them has no parameters")]
            fn call(&self, name: &str, arguments: Vec<Value>) -> Result<Value, HostError> {
                let mut arguments = arguments.into_iter();
                self($(argument::<$Parameter>(name, $number, arguments.next())?),*).into_answer()
            }
        }
    )*};
}

functions! {
    ;
    A 1;
    A 1, B 2;
    A 1, B 2, C 3;
    A 1, B 2, C 3, D 4;
    A 1, B 2, C 3, D 4, E 5;
    A 1, B 2, C 3, D 4, E 5, F 6;
    A 1, B 2, C 3, D 4, E 5, F 6, G 7;
    A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8;
}

/// An argument as its parameter's type.
fn argument<T: FromValue>(name: &str, number: usize, given: Option<Value>) -> Result<T, HostError> {
    T::from_value(given.unwrap_or(Value::Null)).map_err(|error| {
        let error = error.within(format_args!("argument {number}"));
        HostError::new("type-error", error.of_function(name))
    })
}

/// Why a function of the host cannot have a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// No program could write it.
    NotAName(String),
    /// The language or its library has it already, or another function of the host.
    Taken(String),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NameError::NotAName(name) => {
                write!(f, "`{name}` cannot be the name of a function: use one like `now`, or `Shop.price` in a module")
            }
            NameError::Taken(name) => write!(f, "`{name}` is taken: no function of the host can have that name"),
        }
    }
}

impl std::error::Error for NameError {}

type Run = Arc<dyn Fn(Vec<Value>) -> Result<Value, HostError> + Send + Sync>;

/// The functions that an engine gives its programs.
#[derive(Clone, Default)]
pub(crate) struct Functions {
    /// As the virtual machine knows them.
    signatures: Vec<HostFunction>,
    /// What they do, in the same order.
    runs: Vec<Run>,
    /// What is in scope of a program, if that is not the library alone.
    environment: Option<Environment>,
}

impl Functions {
    /// Adds a function to those of the library and the former ones.
    pub(crate) fn add<P, F: Function<P>>(
        &mut self,
        library: &Environment,
        name: &str,
        function: F,
    ) -> Result<(), NameError> {
        check_name(name, self.environment.as_ref().unwrap_or(library), library)?;
        let required = F::OPTIONAL.iter().rposition(|optional| !optional).map_or(0, |last| last + 1);
        // There are at most eight.
        let (min, max) = (required as u8, Some(F::OPTIONAL.len() as u8));
        self.environment.get_or_insert_with(|| library.clone()).add_native(name, min, max);
        self.signatures.push(HostFunction { name: name.to_owned(), min, max });
        let name = name.to_owned();
        self.runs.push(Arc::new(move |arguments| function.call(&name, arguments)));
        Ok(())
    }

    /// As the virtual machine knows them.
    pub(crate) fn signatures(&self) -> &[HostFunction] {
        &self.signatures
    }

    /// What is in scope of a program, if that is not the library alone.
    pub(crate) fn environment(&self) -> Option<&Environment> {
        self.environment.as_ref()
    }

    /// Calls a function by its number.
    ///
    /// # Errors
    /// What it said when it panicked.
    pub(crate) fn call(&self, function: usize, arguments: Vec<Value>) -> Result<Response, String> {
        let answer = catch_unwind(AssertUnwindSafe(|| self.runs[function](arguments)));
        match answer {
            Ok(Ok(value)) => Ok(Response::Value(value)),
            Ok(Err(HostError { kind, message })) => Ok(Response::Error { kind, message }),
            Err(panic) => {
                let name = &self.signatures[function].name;
                let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
                let said = said.map_or(String::new(), |said| format!(": {said}"));
                Err(format!("the host's function `{name}` panicked{said}"))
            }
        }
    }
}

fn check_name(name: &str, environment: &Environment, library: &Environment) -> Result<(), NameError> {
    let (module, member) = name.split_once('.').map_or((None, name), |(module, member)| (Some(module), member));
    if !module.into_iter().chain([member]).all(is_symbol) {
        return Err(NameError::NotAName(name.to_owned()));
    }
    let taken = environment.get(name).is_some()
        || environment.has_module(name)
        || forms::form(name).is_some()
        || module.is_some_and(|module| {
            library.has_module(module) || environment.get(module).is_some() || forms::form(module).is_some()
        });
    if taken { Err(NameError::Taken(name.to_owned())) } else { Ok(()) }
}

/// Whether a text is one symbol to the reader.
fn is_symbol(text: &str) -> bool {
    let reading = reader::read(&Source::new("name", text));
    let only = match reading.tree.top[..] {
        [only] if reading.diagnostics.is_empty() => only,
        _ => return false,
    };
    reading.tree.symbol(only).is_some_and(|symbol| &**reading.tree.names.text(symbol) == text)
}
