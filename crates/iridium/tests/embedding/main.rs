//! The embedding API: functions of the host, values in and out, calls, and what no program can do to its host.

mod calls;
mod functions;
mod values;

use iridium::{CallError, Config, Ending, Engine, EngineKind, Execution, Failure, MemoryHost, Source};

/// An engine of each kind.
fn engines() -> impl Iterator<Item = Engine> {
    engines_with(Config::new())
}

/// An engine of each kind with the same limits.
fn engines_with(config: Config) -> impl Iterator<Item = Engine> {
    EngineKind::available().iter().map(move |kind| Engine::new(config.clone().engine(*kind)))
}

/// A program that has not run.
fn fresh(engine: &Engine, text: &str) -> Execution {
    let program = engine.compile(Source::new("test.eva", text)).unwrap_or_else(|no| panic!("{}", no.render(false)));
    engine.start(&program).expect("it fits")
}

/// A program whose top level has run.
fn started(engine: &Engine, text: &str) -> (Execution, MemoryHost) {
    let mut execution = fresh(engine, text);
    let mut host = MemoryHost::new();
    assert_eq!(execution.run(&mut host), Ending::Done, "{text}");
    (execution, host)
}

/// The error of Eva that a program or call ended with, as kind and message.
fn thrown(ending: Ending) -> (String, String) {
    match ending {
        Ending::Failed(Failure { kind, text, .. }) => (kind.unwrap_or_default(), text),
        other => panic!("{other:?}"),
    }
}

/// The same of a call.
fn thrown_by_call<T: std::fmt::Debug>(called: Result<T, CallError>) -> (String, String) {
    match called {
        Err(CallError::Ended(ending)) => thrown(ending),
        other => panic!("{other:?}"),
    }
}
