//! What an engine is built from.

use std::fmt;
use std::time::Duration;

/// How programs run. All kinds give the same results; they differ in speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EngineKind {
    /// The reference engine: runs portable code, plainly.
    Stack,
    /// The register engine with tail-threaded dispatch.
    #[cfg(not(feature = "safe-dispatch"))]
    RegisterTail,
    /// The register engine with a loop over all instructions.
    RegisterLoop,
}

impl EngineKind {
    /// The kinds that this build has.
    pub const fn available() -> &'static [EngineKind] {
        &[
            #[cfg(not(feature = "safe-dispatch"))]
            EngineKind::RegisterTail,
            EngineKind::RegisterLoop,
            EngineKind::Stack,
        ]
    }

    pub(crate) const fn to_vm(self) -> iridium_vm::EngineKind {
        match self {
            EngineKind::Stack => iridium_vm::EngineKind::Stack,
            #[cfg(not(feature = "safe-dispatch"))]
            EngineKind::RegisterTail => iridium_vm::EngineKind::RegisterTail,
            EngineKind::RegisterLoop => iridium_vm::EngineKind::RegisterLoop,
        }
    }
}

impl Default for EngineKind {
    /// The fastest kind that this build has.
    fn default() -> EngineKind {
        EngineKind::available()[0]
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EngineKind::Stack => "stack",
            #[cfg(not(feature = "safe-dispatch"))]
            EngineKind::RegisterTail => "register, tail dispatch",
            EngineKind::RegisterLoop => "register, loop dispatch",
        })
    }
}

/// The settings of an engine.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) engine: EngineKind,
    pub(crate) max_heap: u64,
    pub(crate) fuel: Option<u64>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) seed: Option<u64>,
    pub(crate) max_processes: u64,
    pub(crate) max_memory: Option<u64>,
    pub(crate) schedulers: usize,
}

impl Config {
    /// Octets that a process may hold unless [`max_heap`](Config::max_heap) says otherwise: 1 GiB.
    pub const DEFAULT_MAX_HEAP: u64 = 1 << 30;

    /// Processes that a program may have at a time unless [`max_processes`](Config::max_processes) says otherwise: 2^20.
    pub const DEFAULT_MAX_PROCESSES: u64 = iridium_runtime::MAX_PROCESSES;

    /// The fastest engine, 1 GiB of heap, one scheduler thread, no limit on reductions or time, a random seed.
    pub fn new() -> Config {
        Config {
            engine: EngineKind::default(),
            max_heap: Config::DEFAULT_MAX_HEAP,
            fuel: None,
            deadline: None,
            seed: None,
            max_processes: Config::DEFAULT_MAX_PROCESSES,
            max_memory: None,
            schedulers: 1,
        }
    }

    /// The same with another engine.
    pub fn engine(mut self, kind: EngineKind) -> Config {
        self.engine = kind;
        self
    }

    /// The same with a limit, in octets, on all that a process holds.
    pub fn max_heap(mut self, octets: u64) -> Config {
        self.max_heap = octets;
        self
    }

    /// The same with a limit on reductions: calls and turns of loops.
    pub fn fuel(mut self, reductions: u64) -> Config {
        self.fuel = Some(reductions);
        self
    }

    /// The same with a limit on time. It is looked at between slices of 4,000 reductions, so that a program ends about
    /// a millisecond late.
    pub fn deadline(mut self, time: Duration) -> Config {
        self.deadline = Some(time);
        self
    }

    /// The same with a limit on the processes that a program has at a time; `spawn` refuses more.
    pub fn max_processes(mut self, count: u64) -> Config {
        self.max_processes = count;
        self
    }

    /// The same with a limit, in octets, on all that the processes of a program hold together: at nine tenths no more are
    /// started, beyond it the largest ends. Else it is four fifths of what the machine or its control group has.
    pub fn max_memory(mut self, octets: u64) -> Config {
        self.max_memory = Some(octets);
        self
    }

    /// The same with so many scheduler threads, at least 1 and at most 256: as many processes of a program may run at a
    /// time. The thread that calls [`Execution::run`](crate::Execution::run) is one of them; the others are started when
    /// there is something for them, and are gone when it returns. With a seed there is only that one.
    pub fn schedulers(mut self, count: usize) -> Config {
        self.schedulers = count;
        self
    }

    /// The same with a seed: what `hash` gives, which process runs next and for how long are then the same each time,
    /// and time passes with reductions and while all processes wait. Else each engine has a random seed for hashes, so that nobody can
    /// choose data by it, and the clock is real.
    pub fn seed(mut self, seed: u64) -> Config {
        self.seed = Some(seed);
        self
    }
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    #[test]
    fn a_seed_fixes_hashes_and_nothing_else() {
        let texts = [
            "(hash 1)",
            "(hash \"a\")",
            "(hash #b\"a\")",
            "(hash #[1 [2.5 true]])",
            "(hash {1 2})",
            "(hash (<< 1 99))",
        ];
        for text in texts {
            let hash = |config: Config| Engine::new(config).eval(text).expect(text);
            let seeded = |seed| hash(Config::new().seed(seed));
            assert_eq!(seeded(7), seeded(7), "{text}");
            assert_ne!(seeded(7), seeded(8), "{text}");
            // One in four thousand millions that it fails without a fault.
            assert_ne!(hash(Config::new()), hash(Config::new()), "{text}");
            for kind in EngineKind::available() {
                assert_eq!(hash(Config::new().seed(7).engine(*kind)), seeded(7), "{text} in {kind}");
            }
        }
        let text = "(var m {}) (each (i (range 50)) (put m (str i) i) (put m (* i 1.5) i)) (remove m \"7\") m";
        let shown = |seed| Engine::new(Config::new().seed(seed)).eval(text).expect(text);
        assert_eq!(shown(1), shown(2), "the order of entries is that of their insertion");
        let engine = Engine::default();
        assert_eq!(engine.eval("(hash 1)"), engine.eval("(hash 1)"), "programs of an engine share its seed");
    }
    #[test]
    fn time_is_real_unless_there_is_a_seed() {
        let waiting = "(receive (after 100 :late))";
        let took = |config: Config| {
            let start = std::time::Instant::now();
            assert_eq!(Engine::new(config).eval(waiting).as_deref(), Ok(":late"));
            start.elapsed()
        };
        let real = took(Config::new());
        assert!(real.as_millis() >= 100, "{real:?}");
        // The year that it waits for passes at once.
        let long = "(receive (after 31536000000 :late))";
        assert_eq!(Engine::new(Config::new().seed(1)).eval(long).as_deref(), Ok(":late"));
    }
}
