//! What the machine has.

use std::sync::OnceLock;

/// Octets that all processes of a program may hold unless something else is said: four fifths of what the machine, or
/// the control group that the host runs in, has. Where that cannot be found out there is no limit.
pub(crate) fn memory() -> usize {
    static MEMORY: OnceLock<usize> = OnceLock::new();
    *MEMORY.get_or_init(|| {
        let read = |path| std::fs::read_to_string(path).ok();
        let machine = read("/proc/meminfo").and_then(|text| of_machine(&text));
        let group = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
        [machine, group].into_iter().flatten().min().map_or(usize::MAX, |octets: usize| octets / 5 * 4)
    })
}

/// The octets that a line `MemTotal: 1000 kB` says.
fn of_machine(text: &str) -> Option<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok().and_then(|kilobytes: usize| kilobytes.checked_mul(1_024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_the_machine_is_read() {
        assert_eq!(of_machine("MemFree: 1 kB\nMemTotal:       24598 kB\n"), Some(24_598 * 1_024));
        assert_eq!((of_machine("MemTotal: many\n"), of_machine("")), (None, None));
        assert!(memory() > 1 << 20);
    }
}
