//! Random numbers from a seed, for tests that make up their cases.

/// How many random cases to try: as many as usual, or ten times as many under `IRIDIUM_LONG`, or as many as that says
/// if it is a number above 1.
pub fn cases(usual: usize) -> usize {
    let Some(long) = std::env::var_os("IRIDIUM_LONG") else { return usual };
    let number = long.to_str().and_then(|text| text.parse().ok()).filter(|&number| number > 1);
    number.unwrap_or(usual * 10)
}

/// A generator (splitmix64): small, fast, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that starts from a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A generator for one part of a run, such as what one thread does, with numbers of its own.
    pub fn part(seed: u64, part: u64) -> Random {
        // Not from a state near the other's: then both would give the same numbers, some places apart.
        Random(Random(Random(seed).bits().wrapping_add(part)).bits())
    }

    /// The seed of this run: `IRIDIUM_SEED` if set, else taken from the clock. It is printed, so that a failure can be
    /// had again.
    ///
    /// # Panics
    /// If `IRIDIUM_SEED` is no number.
    #[allow(clippy::print_stderr, reason = "a seed that nobody sees can't be used again")]
    pub fn seed_of_this_run() -> u64 {
        use std::io::Write;
        let seed = match std::env::var("IRIDIUM_SEED") {
            Ok(text) => text.trim().parse().expect("IRIDIUM_SEED is a number"),
            Err(_) => {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                now.map_or(0, |elapsed| elapsed.as_nanos() as u64)
            }
        };
        let _ = writeln!(std::io::stderr(), "IRIDIUM_SEED={seed}");
        seed
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below a bound, which is not 0. The bias of the remainder does not matter to a test.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        // All 64 bits are wanted when the span is that of the type, one more than fits.
        let bits = (high.wrapping_sub(low) as u64).checked_add(1).map_or(self.bits(), |span| self.bits() % span);
        low.wrapping_add(bits as i64)
    }

    /// One of some things.
    pub fn of<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len() as u64) as usize]
    }

    /// So many octets.
    pub fn octets(&mut self, count: usize) -> Vec<u8> {
        let mut octets: Vec<u8> = Vec::with_capacity(count + 8);
        while octets.len() < count {
            octets.extend(self.bits().to_le_bytes());
        }
        octets.truncate(count);
        octets
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            (0..100).map(|_| random.bits()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn numbers_lie_between_their_bounds() {
        let mut random = Random::new(1);
        let drawn: Vec<i64> = (0..1000).map(|_| random.between(-2, 2)).collect();
        for wanted in -2..=2 {
            assert!(drawn.contains(&wanted), "{wanted} was never drawn");
        }
        assert!(drawn.iter().all(|number| (-2..=2).contains(number)));
    }
}
