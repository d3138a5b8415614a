//! Calls of a program's functions, and its values, after its top level ran.

use crate::conversion::{ConversionError, FromValue, IntoArguments};
use crate::driver::Execution;
use crate::host::Host;
use crate::report::{Ending, passed};
use iridium_vm::{self as vm, Failure, Handle};
use std::fmt;

/// What to call: a name of the program's top level such as `price` or, in a module, `Rules.price`; or what a [`Handle`]
/// stands for.
#[derive(Clone, Copy, Debug)]
pub enum Callee<'a> {
    /// By name.
    Name(&'a str),
    /// By handle.
    Handle(&'a Handle),
}

impl<'a> From<&'a str> for Callee<'a> {
    fn from(name: &'a str) -> Callee<'a> {
        Callee::Name(name)
    }
}

impl<'a> From<&'a String> for Callee<'a> {
    fn from(name: &'a String) -> Callee<'a> {
        Callee::Name(name)
    }
}

impl<'a> From<&'a Handle> for Callee<'a> {
    fn from(handle: &'a Handle) -> Callee<'a> {
        Callee::Handle(handle)
    }
}

/// Why a call or a name has no value for the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The program has not defined that name.
    Undefined(String),
    /// What was started before has not ended; see [`Execution::stop`].
    Unfinished,
    /// It ended without a value: an error that nothing caught, a limit.
    Ended(Ending),
    /// The value is not of the type that is wanted.
    Conversion(ConversionError),
    /// The value cannot be copied: it contains itself, or is too large.
    NotCopied(String),
}

impl CallError {
    /// The error of Eva that ended the call, with kind, message and trace.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            CallError::Ended(Ending::Failed(failure)) => Some(failure),
            _ => None,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Undefined(name) => write!(f, "the program does not define `{name}`"),
            CallError::Unfinished => write!(f, "what the program was started with has not ended"),
            // What sets it is the host's own affair.
            CallError::Ended(Ending::Limit(limit)) => f.write_str(&passed(limit)),
            CallError::Ended(ending) => f.write_str(&ending.title().unwrap_or_default()),
            CallError::Conversion(error) => write!(f, "the value is of another type: {error}"),
            CallError::NotCopied(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for CallError {}

impl Execution {
    /// Calls a function of the program and runs it to its end. The call has the engine's limits on reductions and time
    /// for itself, and finds the program's variables as earlier calls left them.
    ///
    /// ```
    /// use iridium::{Engine, MemoryHost, Source};
    ///
    /// let engine = Engine::default();
    /// let program = engine.compile(Source::new("rules.eva", "(def fee (amount) (max 2 (* amount 0.01)))"))?;
    /// let mut host = MemoryHost::new();
    /// let mut execution = engine.start(&program)?;
    /// execution.run(&mut host);
    ///
    /// let fee: f64 = execution.call(&mut host, "fee", (1_000,))?;
    /// assert_eq!(fee, 10.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Why there is no such value.
    pub fn call<'a, T: FromValue>(
        &mut self,
        host: &mut dyn Host,
        callee: impl Into<Callee<'a>>,
        arguments: impl IntoArguments,
    ) -> Result<T, CallError> {
        self.start_call(callee, arguments)?;
        self.run(host);
        self.result()
    }

    /// Sets the execution to a call, which [`step`](Execution::step) and [`run`](Execution::run) then run;
    /// [`result`](Execution::result) gives its value.
    ///
    /// # Errors
    /// There is nothing of that name, or the execution cannot make a call now.
    pub fn start_call<'a>(
        &mut self,
        callee: impl Into<Callee<'a>>,
        arguments: impl IntoArguments,
    ) -> Result<(), CallError> {
        match self.ending() {
            None => return Err(CallError::Unfinished),
            Some(ending) if ending.is_internal() => return Err(CallError::Ended(ending.clone())),
            Some(_) => {}
        }
        let callee = callee.into();
        let arguments = arguments.into_arguments();
        let started = match callee {
            Callee::Handle(handle) => self.process_mut().start_call(vm::Callee::Handle(handle), &arguments),
            Callee::Name(name) => match self.find(name) {
                Some((global, path)) => {
                    let path: Vec<&str> = path.collect();
                    self.process_mut().start_call(vm::Callee::Global(global, &path), &arguments)
                }
                None => false,
            },
        };
        match callee {
            Callee::Name(name) if !started => Err(CallError::Undefined(name.to_owned())),
            _ => {
                self.begin();
                Ok(())
            }
        }
    }

    /// The value of what has ended: the top level, or the last call.
    ///
    /// # Errors
    /// Why there is no such value.
    pub fn result<T: FromValue>(&mut self) -> Result<T, CallError> {
        match self.ending() {
            Some(Ending::Done) => {}
            Some(other) => return Err(CallError::Ended(other.clone())),
            None => return Err(CallError::Unfinished),
        }
        let value = self.process_mut().take_result().map_err(CallError::NotCopied)?;
        T::from_value(value).map_err(CallError::Conversion)
    }

    /// The value of a name of the program's top level or, as `Module.name`, of a module of it.
    ///
    /// # Errors
    /// Why there is no such value.
    pub fn global<T: FromValue>(&mut self, name: &str) -> Result<T, CallError> {
        let undefined = || CallError::Undefined(name.to_owned());
        let (global, path) = self.find(name).ok_or_else(undefined)?;
        let path: Vec<&str> = path.collect();
        let value = self.process_mut().take_global(global, &path).ok_or_else(undefined)?;
        T::from_value(value.map_err(CallError::NotCopied)?).map_err(CallError::Conversion)
    }

    /// The global that a name begins with, and the names behind it.
    fn find<'n>(&self, name: &'n str) -> Option<(u32, impl Iterator<Item = &'n str> + use<'n>)> {
        let mut names = name.split('.');
        let global = self.main()?.global(names.next()?)?;
        Some((global, names))
    }
}
