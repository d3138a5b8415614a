//! Lists that stand in one table, one behind the other: a tree has many short ones, and memory of its own for each costs
//! more than what is in them.

use std::marker::PhantomData;

/// Some elements of a table that stand one behind the other.
#[derive(Debug, PartialEq, Eq)]
pub struct Run<T> {
    start: u32,
    len: u32,
    of: PhantomData<T>,
}

impl<T> Clone for Run<T> {
    fn clone(&self) -> Run<T> {
        *self
    }
}

impl<T> Copy for Run<T> {}

impl<T> Default for Run<T> {
    fn default() -> Run<T> {
        Run { start: 0, len: 0, of: PhantomData }
    }
}

impl<T> Run<T> {
    /// Puts elements behind those of a table.
    pub(crate) fn added(table: &mut Vec<T>, elements: impl IntoIterator<Item = T>) -> Run<T> {
        let start = table.len();
        table.extend(elements);
        Run { start: start as u32, len: (table.len() - start) as u32, of: PhantomData }
    }

    /// The elements, in the table that they were added to.
    pub(crate) fn within(self, table: &[T]) -> &[T] {
        &table[self.start as usize..][..self.len as usize]
    }

    /// How many there are.
    pub(crate) fn len(self) -> usize {
        self.len as usize
    }
}
