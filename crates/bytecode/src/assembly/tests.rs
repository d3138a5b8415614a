//! Texts that are assembled, and what is said about those that cannot be.

use super::*;
