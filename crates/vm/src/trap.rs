//! Why an operation has no value: a thrown error, a request to the driver, or no memory.

use crate::heap::NoMemory;
use crate::heap::parcel::Parcel;
use crate::owned::OwnedValue;
use crate::requests::{ProcessRequest, Spawn};
pub use crate::task::Long;
use crate::task::Task;
use crate::value::Value;

/// The kinds of errors that the machine itself throws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// An operand or argument of the wrong type.
    Type,
    /// A variable read before its initialiser ran.
    Reference,
    /// A wrong number of arguments.
    Arity,
    /// Division of ints by zero and the like.
    Arithmetic,
    /// An index out of range.
    Index,
    /// A map without that key.
    Key,
    /// A value without that property.
    Property,
    /// No pattern matched.
    Match,
    /// A value of the right type that makes no sense.
    Value,
    /// A failed `assert`.
    Assert,
    /// The outside world said no.
    Io,
    /// The program may not do that.
    Permission,
    /// A limit of the machine, refused before anything was done.
    Limit,
    /// The process's stack is full.
    StackOverflow,
    /// A fault of the machine itself.
    Internal,
}

impl ErrorKind {
    /// Name of the atom, without the colon.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorKind::Type => "type-error",
            ErrorKind::Reference => "reference-error",
            ErrorKind::Arity => "arity-error",
            ErrorKind::Arithmetic => "arithmetic-error",
            ErrorKind::Index => "index-error",
            ErrorKind::Key => "key-error",
            ErrorKind::Property => "property-error",
            ErrorKind::Match => "match-error",
            ErrorKind::Value => "value-error",
            ErrorKind::Assert => "assert-error",
            ErrorKind::Io => "io-error",
            ErrorKind::Permission => "permission-error",
            ErrorKind::Limit => "limit-error",
            ErrorKind::StackOverflow => "stack-overflow",
            ErrorKind::Internal => "internal",
        }
    }
}

/// What a process asks of its driver. The driver answers with a [`Response`].
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Write bytes to standard output. Answer: [`Response::Done`].
    Write(Vec<u8>),
    /// Tell people something, beside what the program writes. Answer: [`Response::Done`].
    Report(String),
    /// Read a line from standard input, without its end. Answer: [`Response::Text`], or `Done` at the end.
    ReadLine,
    /// Read a whole file of text. Answer: [`Response::Text`].
    ReadFile(String),
    /// Open a file to read its lines. Answer: [`Response::Port`].
    OpenLines(String),
    /// The next line of a port. Answer: [`Response::Text`], or `Done` at the end.
    NextLine(u64),
    /// The program's arguments. Answer: [`Response::Texts`].
    Arguments,
    /// Read a whole file. Answer: [`Response::Bytes`].
    ReadBytes(String),
    /// Something else with files. Answer: [`Response::File`].
    File(FileRequest),
    /// Open a file to write to it, at its end if the flag is set. Answer: [`Response::Port`].
    OpenWriter(String, bool),
    /// Write bytes to a port. Answer: [`Response::Done`].
    WritePort(u64, Vec<u8>),
    /// Close a port. Answer: [`Response::Done`].
    Close(u64),
    /// Hand a port, the first, over to a process. Answer: [`Response::Parcel`] of true.
    Give(u64, u64),
    /// Something about processes. Answer: [`Response::Parcel`] or [`Response::Failed`].
    Process(ProcessRequest),
    /// Wait for a message. No answer: the process is run again when there is a message, or after
    /// [`Process::expire`](crate::Process::expire).
    Receive {
        /// Which `receive` of the process waits; another one has another time.
        receive: u64,
        /// Milliseconds, counted from when it first waited.
        timeout: Option<u64>,
    },
    /// Call a function of the host. Answer: [`Response::Value`], or [`Response::Error`].
    Host(HostCall),
}

/// A call of a function of the host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostCall {
    /// Its place in the list that the node was made with.
    pub function: usize,
    /// As many as it takes.
    pub arguments: Vec<OwnedValue>,
}

/// What a program asks of the file system, beside reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRequest {
    /// Write a file, or add to its end. Answer: [`FileAnswer::Done`].
    Write {
        /// Where.
        path: String,
        /// What.
        bytes: Vec<u8>,
        /// Whether what is in it stays.
        append: bool,
    },
    /// Whether there is something at a path. Answer: [`FileAnswer::Truth`].
    Exists(String),
    /// Delete a file or an empty folder. Answer: [`FileAnswer::Done`].
    Delete(String),
    /// What is in a folder. Answer: [`FileAnswer::Names`].
    List(String),
    /// Make a folder, and those around it; one that is there already is fine. Answer: [`FileAnswer::Done`].
    MakeFolder(String),
    /// What is known about a path. Answer: [`FileAnswer::Stat`].
    Stat(String),
}

impl FileRequest {
    /// The path that it is about.
    pub fn path(&self) -> &str {
        match self {
            FileRequest::Write { path, .. }
            | FileRequest::Exists(path)
            | FileRequest::Delete(path)
            | FileRequest::List(path)
            | FileRequest::MakeFolder(path)
            | FileRequest::Stat(path) => path,
        }
    }
}

/// An answer to a [`FileRequest`].
#[derive(Clone, Debug, PartialEq)]
pub enum FileAnswer {
    /// It is done.
    Done,
    /// Whether it is so.
    Truth(bool),
    /// Names, in any order.
    Names(Vec<String>),
    /// What is known about a file or folder.
    Stat {
        /// Octets of a file.
        size: u64,
        /// Whether it is a folder.
        folder: bool,
        /// When it was changed, in seconds since 1970, if that is known.
        modified: Option<f64>,
    },
}

/// A driver's answer to a [`Request`].
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// Done; nothing to tell, or nothing left.
    Done,
    /// Text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// Octets.
    Bytes(Vec<u8>),
    /// About files.
    File(FileAnswer),
    /// The number of something that the driver keeps open.
    Port(u64),
    /// It failed: thrown as an error of this kind and message.
    Failed(ErrorKind, String),
    /// What the node says.
    Parcel(Parcel),
    /// What a function of the host gave.
    Value(OwnedValue),
    /// A function of the host failed: thrown as an error of a kind of its own.
    Error {
        /// The kind without the colon.
        kind: String,
        /// The message.
        message: String,
    },
}

/// Why an operation has no value. One word, so that results stay small.
#[derive(Debug)]
pub struct Trap(Box<TrapKind>);

/// What a [`Trap`] says.
#[derive(Debug)]
pub enum TrapKind {
    /// An error to be made and thrown.
    Error(ErrorKind, String),
    /// Throw this value.
    Throw(Value),
    /// Ask the driver; its answer is the value of the call.
    Request(Request),
    /// Collect and run the instruction again.
    NoMemory,
    /// Start a process that calls this function with these arguments.
    Spawn(Box<Spawn>, Value, Vec<Value>),
    /// End the process for this reason.
    Exit(Parcel),
    /// Call a function of Eva in place of the operation; nothing was done yet.
    Call(Call),
    /// What a class defines decides: the prelude's function for the operation does it; nothing was done yet.
    Asks,
    /// It takes long: this does it in pieces, and gives the operation's value.
    Long(Long),
    /// The same, and the process has taken the work over already.
    Begun,
}

/// A call that an operation needs.
#[derive(Clone, Debug)]
pub struct Call {
    /// What to call.
    pub function: Value,
    /// With what.
    pub arguments: Vec<Value>,
    /// What its value is for.
    pub then: Then,
}

/// What the value of an operation's call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Then {
    /// It is the operation's value.
    Value,
    /// Its truth is the operation's value.
    Truth,
    /// The opposite of its truth is.
    NotTruth,
    /// It is to be iterated.
    Iterate,
    /// It is the next element of an iteration, or `:done`.
    Next,
    /// The same, wanted with its index.
    NextPair,
}

impl Trap {
    /// An error of this kind with this message.
    #[cold]
    pub fn error(kind: ErrorKind, message: impl Into<String>) -> Trap {
        Trap(Box::new(TrapKind::Error(kind, message.into())))
    }

    /// A request to the driver.
    #[cold]
    pub fn request(request: Request) -> Trap {
        Trap(Box::new(TrapKind::Request(request)))
    }

    /// A call in place of the operation.
    #[cold]
    pub fn call(function: Value, arguments: Vec<Value>, then: Then) -> Trap {
        Trap(Box::new(TrapKind::Call(Call { function, arguments, then })))
    }

    /// The prelude's function for the operation is to do it.
    #[cold]
    pub(crate) fn asks() -> Trap {
        Trap(Box::new(TrapKind::Asks))
    }

    /// The work is long, and done by a task.
    #[cold]
    pub(crate) fn long(task: impl Task + 'static) -> Trap {
        Trap(Box::new(TrapKind::Long(Long(Box::new(task)))))
    }

    /// Whether the work is long, and done by a task.
    pub(crate) fn is_long(&self) -> bool {
        matches!(*self.0, TrapKind::Long(_))
    }

    /// Whether the process has taken over the work that this is about.
    pub(crate) fn is_begun(&self) -> bool {
        matches!(*self.0, TrapKind::Begun)
    }

    /// For an operation of several steps: the call that decides one step is no answer to the whole, which the prelude's
    /// function has to do.
    #[cold]
    pub(crate) fn for_the_whole(self) -> Trap {
        if matches!(*self.0, TrapKind::Call(_)) { Trap::asks() } else { self }
    }

    /// The same call with its value for something else.
    #[cold]
    pub(crate) fn with_then(mut self, then: Then) -> Trap {
        if let TrapKind::Call(call) = &mut *self.0 {
            call.then = then;
        }
        self
    }

    /// The values in it.
    pub(crate) fn values(&mut self) -> impl Iterator<Item = &mut Value> {
        let (one, more) = match &mut *self.0 {
            TrapKind::Throw(value) => (Some(value), &mut [][..]),
            TrapKind::Call(call) => (Some(&mut call.function), &mut call.arguments[..]),
            TrapKind::Spawn(_, function, arguments) => (Some(function), &mut arguments[..]),
            _ => (None, &mut [][..]),
        };
        one.into_iter().chain(more)
    }

    /// Whether the prelude's function for the operation is to do it.
    pub(crate) fn is_asks(&self) -> bool {
        matches!(*self.0, TrapKind::Asks)
    }

    /// Throws a value.
    #[cold]
    pub fn throw(value: Value) -> Trap {
        Trap(Box::new(TrapKind::Throw(value)))
    }

    /// What it says, without taking it.
    pub fn kind(&self) -> &TrapKind {
        &self.0
    }

    /// Whether the instruction is to be run again after a collection.
    pub fn is_no_memory(&self) -> bool {
        matches!(*self.0, TrapKind::NoMemory)
    }

    /// What it says.
    pub fn into_kind(self) -> TrapKind {
        *self.0
    }
}

impl From<TrapKind> for Trap {
    fn from(kind: TrapKind) -> Trap {
        Trap(Box::new(kind))
    }
}

impl From<NoMemory> for Trap {
    #[cold]
    fn from(_: NoMemory) -> Trap {
        Trap(Box::new(TrapKind::NoMemory))
    }
}
