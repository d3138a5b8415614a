//! What a heap has only when its process has done something that most of a million processes never do.

use super::allocation::Faults;
use super::collection::Marking;
use super::compaction::Moved;
use super::parcel::Parcel;
use super::{Heap, HeapStats};
use crate::data::places::Places;

/// The state of collections, and of what else is rare.
#[derive(Default)]
pub(super) struct Aside {
    /// The sweep has still to visit `sweep..sweep_end`.
    pub(super) sweep: usize,
    pub(super) sweep_end: usize,
    pub(super) marking: Marking,
    /// Words of the objects that are marked.
    pub(super) live: usize,
    /// End of the last object that is marked.
    pub(super) live_end: usize,
    /// The marked objects that the sweep has not visited, the last one first, if they are few; else full.
    pub(super) survivors: Vec<u32>,
    /// Runs of free words that the sweep passed by, as start and end.
    pub(super) skipped: Vec<(usize, usize)>,
    pub(super) stats: HeapStats,
    pub(super) moved: Moved,
    /// Where code points of texts that are not ASCII begin.
    pub(super) places: Option<Box<Places>>,
    /// Which allocations fail on purpose; each is counted then, which is slow.
    pub(super) faults: Option<Box<Faults>>,
    /// Why the process ends itself, while what was to be done finally is done.
    exiting: Option<Box<Parcel>>,
}

impl Heap {
    /// What is rare, made if need be.
    #[inline]
    pub(super) fn aside(&mut self) -> &mut Aside {
        self.aside.get_or_insert_default()
    }

    /// Why the process ends itself, while what was to be done finally is done.
    pub(crate) fn exiting(&self) -> Option<&Parcel> {
        self.aside.as_ref().and_then(|aside| aside.exiting.as_deref())
    }

    /// Says why the process ends itself, or that it does not.
    pub(crate) fn set_exiting(&mut self, reason: Option<Parcel>) {
        if reason.is_some() || self.aside.is_some() {
            self.aside().exiting = reason.map(Box::new);
        }
    }

    /// Takes the reason why the process ends itself.
    pub(crate) fn take_exiting(&mut self) -> Option<Parcel> {
        self.aside.as_mut().and_then(|aside| aside.exiting.take()).map(|reason| *reason)
    }

    /// Takes what is known of the places of code points.
    pub(crate) fn take_places(&mut self) -> Box<Places> {
        self.aside().places.take().unwrap_or_default()
    }

    /// Gives back what [`take_places`](Self::take_places) took.
    pub(crate) fn put_places(&mut self, places: Box<Places>) {
        self.aside().places = Some(places);
    }
}
