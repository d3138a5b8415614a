//! The bounds of the machine, for those who list them; each is where it is enforced.

pub use crate::data::int::MAX_BITS as MAX_INT_BITS;
pub use crate::data::text::MAX_BYTES as MAX_STRING;
pub use crate::format::MAX_BYTES as MAX_PRINTED;
pub use crate::frozen::MAX_FROZEN;
pub use crate::heap::parcel::MAX_PARCEL;
pub use crate::mailbox::MAX_MILLISECONDS;
pub use crate::natives::{MAX_PRECISION, MAX_WIDTH};
pub use crate::node::{MAX_ATOM_OCTETS, MAX_ATOMS, MAX_FIELDS, MAX_SHAPES};
pub use crate::process::{HANDLER_STACK, INNERMOST_CALLS, OUTERMOST_CALLS};
