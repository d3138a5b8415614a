//! The fuel of a program: reductions that all its processes together may still use.

use crate::sync::{AtomicBool, Mutex, Ordering, lock};

/// What [`Fuel::take`] gives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// So many reductions.
    Of(u32),
    /// None now, but some that others have may come back.
    Later,
    /// None any more.
    Empty,
}

/// Reductions that may still be used. What a slice may use is taken before it, and what it left is put back.
pub(crate) struct Fuel {
    is_limited: AtomicBool,
    pool: Mutex<Pool>,
}

struct Pool {
    left: u64,
    /// Slices that have a share.
    lent: usize,
}

impl Fuel {
    pub(crate) fn new() -> Fuel {
        Fuel { is_limited: AtomicBool::new(false), pool: Mutex::new(Pool { left: 0, lent: 0 }) }
    }

    /// Fills it up; without a number there is no limit. Nobody has a share at that time.
    pub(crate) fn fill(&self, reductions: Option<u64>) {
        *lock(&self.pool) = Pool { left: reductions.unwrap_or(0), lent: 0 };
        self.is_limited.store(reductions.is_some(), Ordering::Relaxed);
    }

    /// A share of at most `wanted` reductions.
    pub(crate) fn take(&self, wanted: u32) -> Share {
        if !self.is_limited.load(Ordering::Relaxed) {
            return Share::Of(wanted);
        }
        let mut pool = lock(&self.pool);
        match u32::try_from(pool.left).map_or(wanted, |left| left.min(wanted)) {
            0 if pool.lent > 0 => Share::Later,
            0 => Share::Empty,
            share => {
                pool.left -= u64::from(share);
                pool.lent += 1;
                Share::Of(share)
            }
        }
    }

    /// Ends the use of a share, of which so many reductions were used: the last instruction of a slice may cost more
    /// than was left of it.
    pub(crate) fn give_back(&self, share: u32, used: u64) {
        if !self.is_limited.load(Ordering::Relaxed) {
            return;
        }
        let mut pool = lock(&self.pool);
        pool.lent -= 1;
        pool.left = (pool.left + u64::from(share)).saturating_sub(used);
    }
}
