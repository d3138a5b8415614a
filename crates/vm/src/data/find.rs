//! Finding octets in others, window by window.

use super::long_find::LongSearch;
use crate::heap::Heap;
use memchr::memmem::{self, Finder};

/// Octets that are searched at a time.
pub(super) const WINDOW: usize = 1 << 14;

/// More octets than these are looked for without a window that is as long.
const LONG: usize = 1 << 16;

/// What is looked for.
enum Needle {
    Octet(u8),
    Octets(Box<Finder<'static>>),
    Long(Box<LongSearch>),
}

/// The search for all places of some octets, at least one, that do not overlap.
pub(crate) struct Search {
    needle: Needle,
    len: usize,
    /// Where the next place can be at the earliest.
    at: usize,
}

impl Search {
    /// Begins at the start.
    pub(crate) fn begin(heap: &Heap, needle: &[u8]) -> Search {
        let len = needle.len();
        let needle = match needle {
            &[octet] => Needle::Octet(octet),
            _ if len > LONG => Needle::Long(Box::new(LongSearch::begin())),
            _ => {
                heap.spend(len);
                Needle::Octets(Box::new(memmem::Finder::new(needle).into_owned()))
            }
        };
        Search { needle, len, at: 0 }
    }

    /// How long they are.
    pub(crate) fn needle_len(&self) -> usize {
        self.len
    }

    /// Goes on with a window: tells the places in it, and says whether it was the last. The octets, and those that are looked
    /// for, are the same each time.
    pub(crate) fn go_on(&mut self, heap: &Heap, octets: &[u8], needle: &[u8], mut found: impl FnMut(usize)) -> bool {
        let end = octets.len().min(self.at + WINDOW.max(self.len) + self.len - 1);
        let (window, start) = (&octets[self.at..end], self.at);
        let mut tell = |at: usize| {
            heap.spend(4);
            self.at = start + at + self.len;
            found(start + at);
        };
        match &mut self.needle {
            Needle::Long(search) => return search.go_on(heap, octets, needle, found),
            Needle::Octet(octet) => memchr::memchr_iter(*octet, window).for_each(&mut tell),
            Needle::Octets(finder) => finder.find_iter(window).for_each(&mut tell),
        }
        heap.spend(window.len() / 4);
        // What begins in the window may end behind it.
        self.at = self.at.max((end + 1).saturating_sub(self.len));
        end == octets.len()
    }
}
