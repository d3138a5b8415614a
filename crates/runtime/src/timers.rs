//! Timers: what is to happen at which time, in the order of times and, at one time, of their making.

use crate::wheel::{Handle, Wheel};
use iridium_vm::requests::Sent;
use rustc_hash::FxHashMap;

/// Messages that may wait for their time: 2^20.
pub const MAX_TIMERS: usize = 1 << 20;

/// What happens at a time.
#[derive(Debug)]
pub(crate) enum Event {
    /// A message is sent; the number is that of the reference that its sender got.
    Send(u64, Sent),
    /// The time of a process's `receive` is up.
    Expire { pid: u64, receive: u64 },
}

/// Which event it is, to remove it by.
pub(crate) type When = Handle;

/// Events that are to come.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    /// By their times in microseconds.
    events: Wheel<Event>,
    /// The messages, by the numbers of their references.
    sends: FxHashMap<u64, Handle>,
    /// Octets of their messages.
    bytes: usize,
}

impl Timers {
    /// Adds an event. A time that has passed is the present.
    pub(crate) fn add(&mut self, at: u64, event: Event) -> When {
        let send = match &event {
            Event::Send(reference, sent) => Some((*reference, sent.message.bytes())),
            Event::Expire { .. } => None,
        };
        let handle = self.events.add(at, event);
        if let Some((reference, bytes)) = send {
            self.sends.insert(reference, handle);
            self.bytes += bytes;
        }
        handle
    }

    /// Whether there are as many messages as may be.
    pub(crate) fn is_full(&self) -> bool {
        self.sends.len() >= MAX_TIMERS
    }

    /// Octets of the messages.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Removes an event that may have happened already.
    pub(crate) fn remove(&mut self, when: When) {
        if let Some(Event::Send(reference, sent)) = self.events.remove(when) {
            self.forget(reference, &sent);
        }
    }

    /// Removes the message of a reference; whether it was still to be sent.
    pub(crate) fn cancel(&mut self, reference: u64) -> bool {
        let Some(&handle) = self.sends.get(&reference) else { return false };
        self.remove(handle);
        true
    }

    /// The first event, if its time has come.
    pub(crate) fn due(&mut self, now: u64) -> Option<Event> {
        let event = self.events.due(now)?;
        if let Event::Send(reference, sent) = &event {
            self.forget(*reference, sent);
        }
        Some(event)
    }

    /// A time before which nothing happens, later than what `due` was last asked for if it gave nothing. If it is not
    /// that of the first event, `due` at that time comes nearer to it, in ten steps at most.
    pub(crate) fn next(&self) -> Option<u64> {
        self.events.next()
    }

    /// Forgets a message that is no longer to come.
    fn forget(&mut self, reference: u64, sent: &Sent) {
        self.sends.remove(&reference);
        self.bytes -= sent.message.bytes();
        if self.sends.len() < self.sends.capacity() / 8 {
            self.sends.shrink_to(self.sends.len() * 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iridium_vm::requests::Address;
    use iridium_vm::{Parcel, Part};

    fn expire(pid: u64) -> Event {
        Event::Expire { pid, receive: 0 }
    }

    fn pids(timers: &mut Timers, now: u64) -> Vec<u64> {
        let pid = |event| if let Event::Expire { pid, .. } = event { pid } else { 0 };
        std::iter::from_fn(|| timers.due(now)).map(pid).collect()
    }

    #[test]
    fn events_come_in_the_order_of_their_times_and_making() {
        let mut timers = Timers::default();
        for (at, pid) in [(5, 1), (3, 2), (5, 3), (9, 4), (3, 5)] {
            timers.add(at, expire(pid));
        }
        assert_eq!(pids(&mut timers, 2), []);
        assert_eq!(pids(&mut timers, 5), [2, 5, 1, 3]);
        assert_eq!(timers.next(), Some(9));
        let last = timers.add(8, expire(6));
        timers.remove(last);
        assert_eq!(pids(&mut timers, 100), [4]);
        assert_eq!(timers.next(), None);
    }

    fn send(reference: u64) -> Event {
        Event::Send(reference, Sent { to: Address::Pid(1), message: Parcel::of(Part::Int(1)) })
    }

    #[test]
    fn a_message_can_be_cancelled_until_it_is_sent() {
        let mut timers = Timers::default();
        timers.add(5, send(1));
        timers.add(5, send(2));
        let bytes = timers.bytes();
        assert!(timers.cancel(1));
        assert!(!timers.cancel(1), "it was cancelled");
        assert_eq!(timers.bytes(), bytes / 2);
        assert!(matches!(timers.due(5), Some(Event::Send(2, _))));
        assert!(!timers.cancel(2), "it was sent");
        assert!(!timers.cancel(3), "it never was");
        assert_eq!(timers.bytes(), 0);
    }

    #[test]
    fn a_million_messages_are_forgotten_with_their_references() {
        let mut timers = Timers::default();
        for reference in 0..MAX_TIMERS as u64 {
            assert!(!timers.is_full());
            timers.add(reference << 20, send(reference));
        }
        assert!(timers.is_full());
        for reference in 1..MAX_TIMERS as u64 {
            assert!(timers.cancel(reference));
        }
        assert!(!timers.is_full());
        assert!(timers.sends.capacity() < 16, "{}", timers.sends.capacity());
        assert!(matches!(timers.due(0), Some(Event::Send(0, _))));
        assert_eq!((timers.next(), timers.bytes()), (None, 0));
    }
}
