//! What one process does to another.
//!
//! Whatever one process does to another is a signal that waits in the other's inbox until that is its turn, so signals
//! and messages from one process to another arrive in the order in which they were sent.

use crate::ending::Atoms;
use crate::slot::{Body, Doing};
use iridium_vm::{Parcel, Part, Response};

/// What one process does to another.
#[derive(Debug)]
pub(crate) enum Signal {
    /// It sends a message.
    Message(Parcel),
    /// It sends a message to who watches under this reference, and to nobody else: a reply that is late is lost.
    Reply(u64, Parcel),
    /// It links itself with the other.
    Link(u64),
    /// It ends the link.
    Unlink(u64),
    /// It, the first, wants the other to end for a reason.
    Exit(u64, Parcel),
    /// It, the first, was linked with the other and has ended for a reason.
    LinkExit(u64, Parcel),
    /// Under the reference with this number it, the second, watches the other.
    Monitor(u64, u64),
    /// It watches the other no longer.
    Demonitor(u64),
    /// What the other watches under this reference has ended: who, and why.
    Down(u64, u64, Parcel),
    /// It, this one, asks what is known of the other.
    Inspect(u64),
    /// What the other asked for, of another process or of the world.
    Answer(Box<Response>),
    /// The time of this `receive` of the other is up.
    Expire(u64),
    /// The other is to end since this limit was passed.
    Limit(&'static str),
    /// The other is to end since what the host did for it panicked, with this text.
    Fault(String),
}

impl Signal {
    /// Whether it becomes a message of the mailbox in any case.
    pub(crate) fn is_message(&self) -> bool {
        matches!(self, Signal::Message(_))
    }

    /// Octets of what it brings.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Signal::Message(message) | Signal::Reply(_, message) => message.bytes(),
            _ => 0,
        }
    }
}

/// What a signal wants done beside the process itself.
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// Another process is to have a signal.
    Signal(u64, Signal),
    /// Another process is to be told what is known of this one.
    Inspect(u64),
    /// The process is to end for this reason.
    End(Parcel),
    /// It cannot hold what it was sent, or is to end for another limit.
    Limit(&'static str),
    /// It is to end for a fault of the host.
    Fault(String),
}

impl Body {
    /// Has the next signal.
    pub(crate) fn handle(&mut self, atoms: &Atoms, signal: Signal) -> Effect {
        match signal {
            Signal::Message(message) => return self.deliver(message),
            Signal::Reply(reference, message) => {
                let Some(watched) = self.watches.remove(&reference) else { return Effect::None };
                return match self.deliver(message) {
                    Effect::None => Effect::Signal(watched, Signal::Demonitor(reference)),
                    other => other,
                };
            }
            Signal::Link(from) => drop(self.links.insert(from)),
            Signal::Unlink(from) => drop(self.links.remove(&from)),
            Signal::Exit(from, reason) => {
                if reason.as_atom() == Some(atoms.kill) {
                    return Effect::End(Parcel::of(Part::Atom(atoms.killed)));
                }
                return self.exit_signal(atoms, from, reason);
            }
            Signal::LinkExit(from, reason) => {
                // A link that has ended meanwhile carries nothing.
                if self.links.remove(&from) {
                    return self.exit_signal(atoms, from, reason);
                }
            }
            Signal::Monitor(reference, from) => drop(self.watchers.insert(reference, from)),
            Signal::Demonitor(reference) => drop(self.watchers.remove(&reference)),
            Signal::Down(reference, pid, reason) => {
                if self.watches.remove(&reference).is_some() {
                    let parts = [
                        Part::Atom(atoms.down),
                        Part::Reference(reference),
                        Part::Atom(atoms.process),
                        Part::Pid(pid),
                        Part::Of(&reason),
                    ];
                    return self.deliver(Parcel::tuple(&parts));
                }
            }
            Signal::Inspect(asker) => return Effect::Inspect(asker),
            Signal::Answer(response) => {
                if self.doing == Doing::Asks {
                    self.process.resume(*response);
                    self.doing = Doing::Runs;
                }
            }
            Signal::Expire(receive) => {
                self.timer = self.timer.filter(|&(of, _)| of != receive);
                self.process.expire(receive);
                if self.doing == Doing::Waits(receive) {
                    self.doing = Doing::Runs;
                }
            }
            Signal::Limit(limit) => return Effect::Limit(limit),
            Signal::Fault(text) => return Effect::Fault(text),
        }
        Effect::None
    }

    fn exit_signal(&mut self, atoms: &Atoms, from: u64, reason: Parcel) -> Effect {
        if self.traps_exits {
            return self.deliver(Parcel::tuple(&[Part::Atom(atoms.exit), Part::Pid(from), Part::Of(&reason)]));
        }
        if reason.as_atom() == Some(atoms.normal) && from != self.process.pid() {
            return Effect::None;
        }
        Effect::End(reason)
    }

    fn deliver(&mut self, message: Parcel) -> Effect {
        if let Doing::Waits(_) = self.doing {
            self.doing = Doing::Runs;
        }
        if self.process.mailbox_len() as u64 >= self.max_mailbox {
            return Effect::Limit("mailbox");
        }
        if self.process.receive(message) { Effect::None } else { Effect::Limit("heap") }
    }
}
