//! Iridium's embedding API: compile Eva and run it inside a program. The command line uses nothing else.
//!
//! ```
//! use iridium::{Config, Ending, Engine, MemoryHost, Source};
//!
//! let engine = Engine::new(Config::new().fuel(100_000).max_heap(16 << 20));
//! let program = engine.compile(Source::new("hello.eva", "(print \"Hello,\" (get (Os.args) 0)) (* 6 7)"))?;
//!
//! let mut host = MemoryHost::new().with_arguments(["Ada".to_owned()]);
//! let mut execution = engine.start(&program).expect("a small program fits");
//! assert_eq!(execution.run(&mut host), Ending::Done);
//! assert_eq!(host.output_text(), "Hello, Ada\n");
//! assert_eq!(execution.value().as_deref(), Ok("42"));
//! # Ok::<(), iridium::Rejection>(())
//! ```
//!
//! * [`Engine`], built from a [`Config`], compiles a [`Source`] to a [`Program`] and starts it as an [`Execution`];
//!   [`Engine::register`] gives programs functions of the host, made from closures;
//! * an execution runs to its [`Ending`], or for a number of reductions at a time; then [`Execution::call`] calls what the
//!   program defined, with the limits for itself;
//! * a [`Value`] is what a program gave or gets, with [`FromValue`] and [`IntoValue`] between it and the types of Rust; a
//!   [`Handle`] stands for what cannot be copied;
//! * a [`Host`] is what a program reaches of the world: [`MemoryHost`] keeps everything in memory, [`SystemHost`] has
//!   the system's files, as far as [`Permissions`] allow it;
//! * a [`Session`] runs one input after another, as a REPL does.
//!
//! The book's page says more: `docs/embedding.md`.
//!
//! A panic of the virtual machine ends the program that met it with the error `:internal`, not the host.

#![forbid(unsafe_code)]

/// The page on embedding, whose blocks of code are run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/embedding.md")]
struct EmbeddingPage;

mod calls;
mod config;
mod conversion;
mod documentation;
mod driver;
mod engine;
mod files;
mod forms;
mod functions;
mod host;
mod library;
mod limits;
mod listing;
mod machine;
mod permissions;
mod report;
mod session;
mod system;
mod world;

pub use calls::{CallError, Callee};
pub use config::{Config, EngineKind};
pub use conversion::{Bytes, ConversionError, FromValue, IntoArguments, IntoValue};
pub use documentation::{Chapter, Documentation, library_documentation};
pub use driver::{Execution, SLICE};
pub use engine::{Engine, Program, Rejection, render_all};
pub use files::{FileLoader, read_program};
pub use forms::FileFault;
pub use functions::{Function, HostError, IntoAnswer, NameError};
pub use host::{Host, MemoryHost};
pub use iridium_bytecode::file::MAGIC as MODULE_FILE_MAGIC;
pub use iridium_lang::pretty::format;
pub use iridium_lang::tokens::{Token, TokenKind, tokens};
pub use iridium_lang::{
    Diagnostic, FORMS, Import, Loaded, Loader, Severity, Source, Span, is_incomplete, nearest, render,
};
pub use iridium_runtime::MAX_SCHEDULERS;
#[doc(inline)]
pub use iridium_vm::OwnedValue as Value;
pub use iridium_vm::{Atom, BigInt, Handle, List, Map};
pub use iridium_vm::{Failure, FileAnswer, FileRequest, Glance, LinkError, Stats, TraceFrame, live_blobs, live_heaps};
pub use limits::{Amount, LIMITS, Limit, LimitPart, limits_reference};
pub use listing::{Html, escape};
pub use permissions::{Denied, Permissions};
pub use report::Ending;
pub use session::{Answer, AssemblyAnswer, AssemblySession, Code, HeapReport, NameKind, Session};
pub use system::SystemHost;
pub use world::MAX_OPEN_FILES;
