//! Memory that processes freed goes back to the system.
//!
//! The allocator of the GNU library keeps what many small regions leave behind: of 924 MB in a million processes, half
//! was still resident after all had ended. It gives that back when it is asked to.

/// Octets that processes which ended have held, after which their memory is given back.
pub(crate) const RELEASE_AFTER: usize = 64 << 20;

/// Asks the allocator to give back what is free. Elsewhere than with the GNU library it does nothing.
#[cfg(all(target_os = "linux", target_env = "gnu", not(feature = "safe-dispatch")))]
#[allow(unsafe_code, reason = "the one call that gives memory back")]
pub(crate) fn release() {
    unsafe extern "C" {
        fn malloc_trim(pad: usize) -> i32;
    }
    // SAFETY: the function takes a number, may be called at any time from any thread, and touches only memory that is
    // free: see malloc_trim(3).
    unsafe { malloc_trim(0) };
}

/// There is nothing to ask.
#[cfg(not(all(target_os = "linux", target_env = "gnu", not(feature = "safe-dispatch"))))]
pub(crate) fn release() {}
