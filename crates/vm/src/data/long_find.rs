//! Finding many octets in others, in linear time, without memory, and in pieces: the two-way algorithm of Crochemore and
//! Perrin. It compares the octets behind a critical place first, forwards, and then those before it, backwards.

use super::find::WINDOW;
use crate::heap::Heap;
use std::cmp::Ordering;

/// Where a suffix that comes last in an order, and its period, are looked for.
#[derive(Clone, Copy)]
struct Suffix {
    left: usize,
    right: usize,
    offset: usize,
    period: usize,
}

impl Suffix {
    const BEGIN: Suffix = Suffix { left: 0, right: 1, offset: 0, period: 1 };

    /// Goes on; says whether it was found before the steps were used up.
    fn go_on(&mut self, needle: &[u8], after: Ordering, steps: &mut usize) -> bool {
        while self.right + self.offset < needle.len() {
            if *steps == 0 {
                return false;
            }
            *steps -= 1;
            let order = needle[self.right + self.offset].cmp(&needle[self.left + self.offset]);
            if order == Ordering::Equal {
                if self.offset + 1 == self.period {
                    self.right += self.period;
                    self.offset = 0;
                } else {
                    self.offset += 1;
                }
            } else if order == after {
                *self = Suffix { left: self.right, right: self.right + 1, ..Suffix::BEGIN };
            } else {
                self.right += self.offset + 1;
                self.offset = 0;
                self.period = self.right - self.left;
            }
        }
        true
    }
}

/// How far the search is.
#[derive(Clone, Copy)]
enum Phase {
    /// One of the suffixes is looked for.
    Least(Suffix),
    Greatest(Suffix, Suffix),
    /// Whether the octets before the critical place come again after a period: so many do.
    Periodic(usize),
    /// The place of the octets that are compared next; whether they are before the critical one.
    Behind(usize),
    Before(usize),
}

/// The search for all places that do not overlap.
pub(super) struct LongSearch {
    phase: Phase,
    critical: usize,
    period: usize,
    /// Whether the whole has this period: then octets that matched need not be compared again.
    is_periodic: bool,
    matched: usize,
    at: usize,
}

impl LongSearch {
    pub(super) fn begin() -> LongSearch {
        LongSearch { phase: Phase::Least(Suffix::BEGIN), critical: 0, period: 1, is_periodic: false, matched: 0, at: 0 }
    }

    /// Goes on for a while: tells the places that it finds, and says whether it is at the end.
    pub(super) fn go_on(&mut self, heap: &Heap, octets: &[u8], needle: &[u8], mut found: impl FnMut(usize)) -> bool {
        let mut steps = WINDOW;
        heap.spend(steps * 2);
        loop {
            match &mut self.phase {
                Phase::Least(suffix) => {
                    if !suffix.go_on(needle, Ordering::Less, &mut steps) {
                        return false;
                    }
                    self.phase = Phase::Greatest(*suffix, Suffix::BEGIN);
                }
                Phase::Greatest(least, suffix) => {
                    if !suffix.go_on(needle, Ordering::Greater, &mut steps) {
                        return false;
                    }
                    let further = if least.left > suffix.left { least } else { suffix };
                    (self.critical, self.period) = (further.left, further.period);
                    self.phase = Phase::Periodic(0);
                }
                Phase::Periodic(done) => {
                    let end = (*done + steps).min(self.critical);
                    let again = needle.get(self.period + *done..self.period + end);
                    let same = again == Some(&needle[*done..end]);
                    steps -= end - *done;
                    *done = end;
                    if same && end < self.critical {
                        return false;
                    }
                    self.is_periodic = same;
                    if !same {
                        self.period = self.critical.max(needle.len() - self.critical) + 1;
                    }
                    self.phase = Phase::Behind(self.critical);
                }
                Phase::Behind(index) => {
                    if self.at + needle.len() > octets.len() {
                        return true;
                    }
                    if steps == 0 {
                        return false;
                    }
                    let end = (*index + steps).min(needle.len());
                    let pairs = needle[*index..end].iter().zip(&octets[self.at + *index..]);
                    let same = pairs.take_while(|(wanted, there)| wanted == there).count();
                    steps -= same.max(1).min(steps);
                    *index += same;
                    if *index < end {
                        self.at += *index - self.critical + 1;
                        self.matched = 0;
                        self.phase = Phase::Behind(self.critical);
                    } else if end == needle.len() {
                        self.phase = Phase::Before(self.critical);
                    }
                }
                Phase::Before(index) => {
                    if *index <= self.matched {
                        found(self.at);
                        self.at += needle.len();
                        self.matched = 0;
                        self.phase = Phase::Behind(self.critical);
                        continue;
                    }
                    if steps == 0 {
                        return false;
                    }
                    steps -= 1;
                    *index -= 1;
                    if needle[*index] != octets[self.at + *index] {
                        self.at += self.period;
                        self.matched = if self.is_periodic { needle.len() - self.period } else { 0 };
                        self.phase = Phase::Behind(self.critical.max(self.matched));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::Node;

    #[test]
    fn all_places_are_found() {
        let heap = Heap::new(Node::new(), 1 << 20);
        let all = |length: u32| {
            (0..1u32 << length).map(move |bits| (0..length).map(|at| (bits >> at & 1) as u8).collect::<Vec<u8>>())
        };
        for needle in (1..7).flat_map(all) {
            for octets in all(11) {
                let mut places = Vec::new();
                let mut search = LongSearch::begin();
                while !search.go_on(&heap, &octets, &needle, |at| places.push(at)) {}
                let expected: Vec<usize> = memchr::memmem::find_iter(&octets, &needle).collect();
                assert_eq!(places, expected, "{needle:?} in {octets:?}");
            }
        }
    }

    #[test]
    fn long_octets_are_found_in_pieces() {
        let heap = Heap::new(Node::new(), 1 << 20);
        for unit in [&b"a"[..], b"ab", b"abaab", b"aaaaaaab"] {
            let needle = [unit.repeat(50_000 / unit.len()), b"c".to_vec()].concat();
            let octets = [unit.repeat(30_000), needle.clone(), unit.repeat(11_000), needle.clone()].concat();
            let (mut places, mut pieces, mut search) = (Vec::new(), 1, LongSearch::begin());
            while !search.go_on(&heap, &octets, &needle, |at| places.push(at)) {
                pieces += 1;
            }
            let expected: Vec<usize> = memchr::memmem::find_iter(&octets, &needle).collect();
            assert_eq!(places, expected);
            assert!((10..100).contains(&pieces), "{pieces} pieces");
        }
    }
}
