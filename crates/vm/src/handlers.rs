//! Which handler of a function a throw goes to: the first whose range holds the place, found by binary search.

use std::collections::BTreeSet;

/// The handlers of a function by places in its code.
#[derive(Debug, Default)]
pub(crate) struct HandlerTable {
    /// Where another handler begins to hold, or none; ascending. The last one ends all.
    changes: Vec<(u32, Option<u32>)>,
}

impl HandlerTable {
    /// The table of handlers with these ranges, of which the first in the list that holds a place is its handler.
    pub(crate) fn new(ranges: impl Iterator<Item = (u32, u32)>) -> HandlerTable {
        let mut edges = Vec::new();
        for (index, (start, end)) in ranges.enumerate().filter(|(_, (start, end))| start < end) {
            edges.push((start, true, index as u32));
            edges.push((end, false, index as u32));
        }
        edges.sort_unstable();
        let mut open = BTreeSet::new();
        let mut changes: Vec<(u32, Option<u32>)> = Vec::new();
        for (at, starts, index) in edges {
            if starts {
                open.insert(index);
            } else {
                open.remove(&index);
            }
            let first = open.first().copied();
            match changes.last_mut() {
                Some(last) if last.0 == at => last.1 = first,
                _ => changes.push((at, first)),
            }
        }
        HandlerTable { changes }
    }

    /// The handler of a place, by its number in the list.
    pub(crate) fn find(&self, at: u32) -> Option<usize> {
        let behind = self.changes.partition_point(|change| change.0 <= at);
        let (_, handler) = self.changes.get(behind.checked_sub(1)?)?;
        handler.map(|handler| handler as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::HandlerTable;

    #[test]
    fn the_first_range_that_holds_a_place_is_found() {
        let lists: [&[(u32, u32)]; 6] = [
            &[],
            &[(2, 5)],
            &[(3, 4), (2, 6), (0, 9)],
            &[(0, 9), (3, 4)],
            &[(1, 4), (3, 8), (4, 4), (8, 9), (2, 9)],
            &[(5, 7), (5, 7), (7, 9), (0, 5)],
        ];
        for ranges in lists {
            let table = HandlerTable::new(ranges.iter().copied());
            for at in 0..12 {
                let first = ranges.iter().position(|&(start, end)| (start..end).contains(&at));
                assert_eq!(table.find(at), first, "{ranges:?} at {at}");
            }
        }
    }
}
