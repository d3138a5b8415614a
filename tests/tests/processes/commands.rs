//! What processes are told to do, and how it is made up.

use iridium::{Atom, Value};
use proptest::prelude::*;

/// Names that processes may have.
pub(crate) const NAMES: [&str; 3] = ["a", "b", "c"];

/// Reasons of ends.
const REASONS: [&str; 4] = ["normal", "boom", "kill", "killed"];

/// How a process starts another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Plain,
    Link,
    Monitor,
}

/// To whom a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum To {
    Process(usize),
    Name(&'static str),
}

/// Which messages a `receive` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Any,
    Message,
    Exit,
    Down,
    MessageOf(usize),
}

/// What one process is told to do. Processes and references are numbers; as it is made up, any number stands for one of
/// those that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Spawn(Start),
    Link(usize),
    Unlink(usize),
    Monitor(usize),
    Demonitor(usize),
    Register(&'static str, usize),
    Unregister(&'static str),
    Whereis(&'static str),
    /// Each message has a number of its own, in the order in which they are sent.
    Send(To, i64),
    Signal(usize, &'static str),
    Trap(bool),
    /// The number is the milliseconds that it waits.
    Take(Wanted, i64),
    Info(usize),
    Return,
    Exit(&'static str),
    Throw(&'static str),
}

pub(crate) fn atom(name: &str) -> Value {
    Value::Atom(Atom::new(name))
}

pub(crate) fn tuple<const N: usize>(parts: [Value; N]) -> Value {
    Value::Tuple(parts.to_vec().into())
}

pub(crate) fn number(number: usize) -> Value {
    Value::Int(i64::try_from(number).expect("few processes"))
}

/// The reference with a number.
pub(crate) fn reference(at: usize) -> Value {
    tuple([atom("ref"), number(at)])
}

impl Wanted {
    /// Whether it takes a message.
    pub(crate) fn takes(self, message: &Value) -> bool {
        let Value::Tuple(parts) = message else { return false };
        match self {
            Wanted::Any => true,
            Wanted::Message => parts[0] == atom("m"),
            Wanted::Exit => parts[0] == atom("exit"),
            Wanted::Down => parts[0] == atom("down"),
            Wanted::MessageOf(sender) => parts[0] == atom("m") && parts[1] == number(sender),
        }
    }
}

impl Command {
    /// The same with other numbers of processes.
    pub(crate) fn with(self, process: impl Fn(usize) -> usize) -> Command {
        match self {
            Command::Link(p) => Command::Link(process(p)),
            Command::Unlink(p) => Command::Unlink(process(p)),
            Command::Monitor(p) => Command::Monitor(process(p)),
            Command::Register(name, p) => Command::Register(name, process(p)),
            Command::Send(To::Process(p), x) => Command::Send(To::Process(process(p)), x),
            Command::Signal(p, reason) => Command::Signal(process(p), reason),
            Command::Take(Wanted::MessageOf(p), ms) => Command::Take(Wanted::MessageOf(process(p)), ms),
            Command::Info(p) => Command::Info(process(p)),
            other => other,
        }
    }

    /// As the program of Eva has it, for a process.
    pub(crate) fn value(&self, actor: usize) -> Value {
        let parts = match self {
            Command::Spawn(Start::Plain) => vec![atom("spawn"), atom("plain")],
            Command::Spawn(Start::Link) => vec![atom("spawn"), atom("link")],
            Command::Spawn(Start::Monitor) => vec![atom("spawn"), atom("monitor")],
            Command::Link(p) => vec![atom("link"), number(*p)],
            Command::Unlink(p) => vec![atom("unlink"), number(*p)],
            Command::Monitor(p) => vec![atom("monitor"), number(*p)],
            Command::Demonitor(at) => vec![atom("demonitor"), number(*at)],
            Command::Register(name, p) => vec![atom("register"), atom(name), number(*p)],
            Command::Unregister(name) => vec![atom("unregister"), atom(name)],
            Command::Whereis(name) => vec![atom("whereis"), atom(name)],
            Command::Send(To::Process(p), x) => vec![atom("send"), number(*p), Value::Int(*x)],
            Command::Send(To::Name(name), x) => vec![atom("send"), atom(name), Value::Int(*x)],
            Command::Signal(p, reason) => vec![atom("signal"), number(*p), atom(reason)],
            Command::Trap(on) => vec![atom("trap"), Value::Bool(*on)],
            Command::Take(wanted, ms) => {
                let wanted = match wanted {
                    Wanted::Any => atom("any"),
                    Wanted::Message => atom("message"),
                    Wanted::Exit => atom("exit"),
                    Wanted::Down => atom("down"),
                    Wanted::MessageOf(p) => tuple([atom("message-of"), number(*p)]),
                };
                vec![atom("take"), wanted, Value::Int(*ms)]
            }
            Command::Info(p) => vec![atom("info"), number(*p)],
            Command::Return => vec![atom("return")],
            Command::Exit(reason) => vec![atom("exit"), atom(reason)],
            Command::Throw(thrown) => vec![atom("throw"), atom(thrown)],
        };
        Value::Tuple([vec![number(actor)], parts].concat().into())
    }
}

/// Any command.
fn command() -> impl Strategy<Value = Command> {
    let process = || any::<u8>().prop_map(usize::from);
    let name = || prop::sample::select(&NAMES[..]);
    let reason = || prop::sample::select(&REASONS[..]);
    let start = prop::sample::select(&[Start::Plain, Start::Link, Start::Monitor][..]);
    let wanted = prop_oneof![
        Just(Wanted::Any),
        Just(Wanted::Message),
        Just(Wanted::Exit),
        Just(Wanted::Down),
        process().prop_map(Wanted::MessageOf),
    ];
    let ms = prop::sample::select(&[0, 5][..]);
    prop_oneof![
        6 => start.prop_map(Command::Spawn),
        6 => process().prop_map(Command::Link),
        3 => process().prop_map(Command::Unlink),
        6 => process().prop_map(Command::Monitor),
        3 => process().prop_map(Command::Demonitor),
        2 => (name(), process()).prop_map(|(name, p)| Command::Register(name, p)),
        1 => name().prop_map(Command::Unregister),
        1 => name().prop_map(Command::Whereis),
        6 => process().prop_map(|p| Command::Send(To::Process(p), 0)),
        2 => name().prop_map(|name| Command::Send(To::Name(name), 0)),
        4 => (process(), reason()).prop_map(|(p, reason)| Command::Signal(p, reason)),
        4 => any::<bool>().prop_map(Command::Trap),
        6 => (wanted, ms).prop_map(|(wanted, ms)| Command::Take(wanted, ms)),
        3 => process().prop_map(Command::Info),
        1 => Just(Command::Return),
        2 => reason().prop_map(Command::Exit),
        1 => Just(Command::Throw("ball")),
    ]
}

/// A sequence of commands, each with a number for who is told it.
pub(crate) fn sequence(longest: usize) -> impl Strategy<Value = Vec<(usize, Command)>> {
    prop::collection::vec((any::<u8>().prop_map(usize::from), command()), 1..longest)
}
