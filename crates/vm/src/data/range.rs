//! Ranges: lazy ints. Their bounds and steps are ints of 64 bits.

use crate::data::build::Source;
use crate::data::int;
use crate::heap::{Heap, Kind};
use crate::trap::Trap;
use crate::value::{Ref, Value};

/// A range, read. Its step is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// The first int.
    pub(crate) start: i64,
    /// Where it ends; not part of it.
    pub(crate) end: i64,
    /// From one int to the next.
    pub(crate) step: i64,
}

impl Range {
    /// Number of ints.
    pub(crate) fn len(&self) -> u64 {
        let span =
            if self.step > 0 { self.end as i128 - self.start as i128 } else { self.start as i128 - self.end as i128 };
        if span <= 0 { 0 } else { ((span - 1) / (self.step as i128).abs() + 1) as u64 }
    }

    /// The int with this index, which is less than the length.
    pub(crate) fn get(&self, index: u64) -> i64 {
        (self.start as i128 + self.step as i128 * index as i128) as i64
    }

    /// The index of an int, if the range has it.
    pub(crate) fn index_of(&self, value: i64) -> Option<u64> {
        let distance = value as i128 - self.start as i128;
        let step = self.step as i128;
        if distance % step != 0 {
            return None;
        }
        let index = u64::try_from(distance / step).ok()?;
        (index < self.len()).then_some(index)
    }

    /// What makes two ranges equal: length, first int, step, as far as they matter.
    pub(crate) fn content(&self) -> (u64, i64, i64) {
        match self.len() {
            0 => (0, 0, 0),
            1 => (1, self.start, 0),
            len => (len, self.start, self.step),
        }
    }
}

/// Makes a range. The step must not be zero.
pub(crate) fn new(heap: &mut Heap, start: i64, end: i64, step: i64) -> Result<Value, Trap> {
    let start = int::from_i64(heap, start)?;
    let end = int::from_i64(heap, end)?;
    let step = int::from_i64(heap, step)?;
    let at = heap.alloc(Kind::Range, 3)?;
    heap.set_value(at, 0, start);
    heap.set_value(at, 1, end);
    heap.set_value(at, 2, step);
    Ok(Value::heap(at))
}

/// The ints of a range, if there are any and all are small.
pub(crate) fn ints(heap: &Heap, value: Value) -> Option<Source> {
    let range = view(heap, value)?;
    i32::try_from(range.end).ok()?;
    match usize::try_from(range.len()) {
        Ok(len @ 1..) => Some(Source::Ints(range.start.try_into().ok()?, range.step.try_into().ok()?, len)),
        _ => None,
    }
}

/// Reads a range.
pub(crate) fn read(heap: &Heap, at: Ref) -> Range {
    let part = |index| int::as_i64(heap, heap.value(at, index)).unwrap_or(1);
    Range { start: part(0), end: part(1), step: part(2) }
}

/// Reads a range; `None` if the value is none.
pub(crate) fn view(heap: &Heap, value: Value) -> Option<Range> {
    heap.is(value, Kind::Range).map(|at| read(heap, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_know_their_length() {
        for (start, end, step, ints) in [
            (0, 5, 1, &[0, 1, 2, 3, 4][..]),
            (10, 20, 2, &[10, 12, 14, 16, 18]),
            (10, 19, 3, &[10, 13, 16]),
            (5, 0, -2, &[5, 3, 1]),
            (0, 0, 1, &[]),
            (3, 0, 1, &[]),
            (0, 3, -1, &[]),
        ] {
            let range = Range { start, end, step };
            let found: Vec<i64> = (0..range.len()).map(|index| range.get(index)).collect();
            assert_eq!(found, ints);
            for (index, &int) in ints.iter().enumerate() {
                assert_eq!(range.index_of(int), Some(index as u64));
            }
            assert_eq!(range.index_of(end), None);
            assert_eq!(range.index_of(start - step), None);
        }
        let all = Range { start: i64::MIN, end: i64::MAX, step: 1 };
        assert_eq!(all.len(), u64::MAX);
        assert_eq!(all.get(u64::MAX - 1), i64::MAX - 1);
    }
}
