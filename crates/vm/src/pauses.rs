//! How long pauses took: a histogram of fixed size.

/// Buckets for each doubling: a figure is at most a quarter above what was measured.
const PER_OCTAVE: usize = 4;
const OCTAVES: usize = 32;

/// Pauses by their length, in nanoseconds.
#[derive(Clone, Debug)]
pub(crate) struct Pauses {
    counts: [u32; PER_OCTAVE * OCTAVES],
    longest: u64,
}

impl Default for Pauses {
    fn default() -> Pauses {
        Pauses { counts: [0; PER_OCTAVE * OCTAVES], longest: 0 }
    }
}

impl Pauses {
    /// Counts a pause.
    pub(crate) fn record(&mut self, nanoseconds: u64) {
        let count = &mut self.counts[bucket(nanoseconds)];
        *count = count.saturating_add(1);
        self.longest = self.longest.max(nanoseconds);
    }

    /// The length that this part of all pauses did not exceed, in nanoseconds: `0.99` for the 99th percentile. It is at
    /// most a quarter too long, and 0 if there was no pause.
    pub(crate) fn quantile(&self, part: f64) -> u64 {
        let all: u64 = self.counts.iter().map(|&count| u64::from(count)).sum();
        let wanted = (all as f64 * part).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, &count) in self.counts.iter().enumerate() {
            seen += u64::from(count);
            if seen >= wanted {
                return end(bucket).min(self.longest);
            }
        }
        self.longest
    }

    /// The longest, in nanoseconds.
    pub(crate) fn longest(&self) -> u64 {
        self.longest
    }
}

/// The bucket of a length: its highest bit and the two below.
fn bucket(nanoseconds: u64) -> usize {
    let least = nanoseconds.max(PER_OCTAVE as u64);
    let octave = least.ilog2() as usize - 2;
    let part = (least >> octave) as usize & (PER_OCTAVE - 1);
    (octave * PER_OCTAVE + part).min(PER_OCTAVE * OCTAVES - 1)
}

/// The longest that belongs to a bucket.
fn end(bucket: usize) -> u64 {
    let (octave, part) = (bucket / PER_OCTAVE, bucket % PER_OCTAVE);
    (((PER_OCTAVE + part + 1) as u64) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_ends_at_most_a_quarter_above_what_is_in_it() {
        for length in (0..200).chain((0..35).map(|bits| 1 << bits)).chain([4_999, 1_234_567, 2_000_000_000]) {
            let end = end(bucket(length));
            let exact = length < 1 << (OCTAVES + 2);
            assert!(!exact || end >= length && end as f64 <= (length as f64 * 1.25).max(4.0), "{length}: {end}");
        }
        assert_eq!(bucket(u64::MAX), PER_OCTAVE * OCTAVES - 1);
    }

    #[test]
    fn quantiles_are_those_of_what_was_recorded() {
        let mut pauses = Pauses::default();
        assert_eq!((pauses.quantile(0.5), pauses.longest()), (0, 0));
        (1..=100).for_each(|number| pauses.record(number * 1_000));
        for (part, exact) in [(0.5, 50_000), (0.99, 99_000), (1.0, 100_000)] {
            let found = pauses.quantile(part);
            assert!(found >= exact && found <= exact * 5 / 4, "{part}: {found}");
        }
        assert_eq!(pauses.longest(), 100_000);
    }
}
