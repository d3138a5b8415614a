//! Timers: what is to happen at which time, in the order of times and, at one time, of their making.

use iridium_vm::requests::Sent;
use std::collections::{BTreeMap, HashMap};

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

/// When an event happens: the time in microseconds, and its number among all.
pub(crate) type When = (u64, u64);

/// Events that are to come.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    events: BTreeMap<When, Event>,
    made: u64,
    /// When the messages are sent, by the numbers of their references.
    sends: HashMap<u64, When>,
    /// Octets of their messages.
    bytes: usize,
}

impl Timers {
    /// Adds an event.
    pub(crate) fn add(&mut self, at: u64, event: Event) -> When {
        self.made += 1;
        let when = (at, self.made);
        if let Event::Send(reference, sent) = &event {
            self.sends.insert(*reference, when);
            self.bytes += sent.message.bytes();
        }
        self.events.insert(when, event);
        when
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
        self.events.remove(&when);
    }

    /// Removes the message of a reference; whether it was still to be sent.
    pub(crate) fn cancel(&mut self, reference: u64) -> bool {
        match self.sends.remove(&reference) {
            Some(when) => match self.events.remove(&when) {
                Some(Event::Send(_, sent)) => {
                    self.bytes -= sent.message.bytes();
                    true
                }
                _ => false,
            },
            None => false,
        }
    }

    /// The first event, if its time has come.
    pub(crate) fn due(&mut self, now: u64) -> Option<Event> {
        let first = self.events.first_entry().filter(|first| first.key().0 <= now)?;
        let event = first.remove();
        if let Event::Send(reference, sent) = &event {
            self.sends.remove(reference);
            self.bytes -= sent.message.bytes();
        }
        Some(event)
    }

    /// The time of the first event.
    pub(crate) fn next(&self) -> Option<u64> {
        self.events.first_key_value().map(|(&(at, _), _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
