//! The bounds of the compiler, for those who list them; each is where it is enforced.

pub use crate::diagnostic::MAX_SHOWN as MAX_MESSAGES;
pub use crate::literal::MAX_INT_DIGITS;
pub use crate::program::{MAX_CHAIN, MAX_FILES};
pub use crate::reader::{MAX_NESTING, MAX_SOURCE};
pub use crate::resolve::MAX_MODULE_NESTING;
