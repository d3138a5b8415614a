//! A tape of choices: octets that decide what a generator makes. Where the tape ends every choice is the first one, so
//! that a shorter tape makes a smaller thing.

use arbitrary::Unstructured;

/// Octets, taken one after another.
#[derive(Debug)]
pub struct Choices<'a>(Unstructured<'a>);

impl<'a> Choices<'a> {
    /// The choices that octets stand for.
    pub fn new(octets: &'a [u8]) -> Choices<'a> {
        Choices(Unstructured::new(octets))
    }

    /// A number below a bound, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0.choose_index(bound).unwrap_or(0)
    }

    /// True once in `n` times, never at the tape's end.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1 && n > 1
    }

    /// One of some things.
    pub fn of<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that is left, as octets.
    pub fn rest(self) -> &'a [u8] {
        self.0.take_rest()
    }
}
