//! Values under numbers that are given again: pages of 64, and a page that holds nothing takes no memory.
//!
//! A vector would stay as long as the last of a million values did.

/// Values of a page: as many as a word has bits.
const PAGE: usize = u64::BITS as usize;

#[derive(Debug)]
struct Page<T> {
    /// A bit for each value that is there.
    used: u64,
    /// As many as a page has, or none if none is used.
    values: Vec<Option<T>>,
}

/// Values, each under its index.
#[derive(Debug)]
pub(super) struct Slab<T> {
    pages: Vec<Page<T>>,
    /// Pages with room; the next value goes into the last of them.
    open: Vec<u32>,
    /// What the last page that became empty had, so that a value that comes and goes does not ask for memory each time.
    spare: Vec<Option<T>>,
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { pages: Vec::new(), open: Vec::new(), spare: Vec::new() }
    }
}

/// The page of an index, and the place in it.
fn place(index: u32) -> (usize, usize) {
    (index as usize / PAGE, index as usize % PAGE)
}

impl<T> Slab<T> {
    /// Puts a value somewhere, and says where.
    pub(super) fn insert(&mut self, value: T) -> u32 {
        let number = self.open.last().copied().unwrap_or_else(|| {
            let number = self.pages.len() as u32;
            self.pages.push(Page { used: 0, values: Vec::new() });
            self.open.push(number);
            number
        });
        let page = &mut self.pages[number as usize];
        if page.used == 0 {
            page.values = std::mem::take(&mut self.spare);
            page.values.resize_with(PAGE, || None);
        }
        let place = page.used.trailing_ones();
        page.values[place as usize] = Some(value);
        page.used |= 1 << place;
        if page.used == u64::MAX {
            self.open.pop();
        }
        number * PAGE as u32 + place
    }

    /// The value of an index, if there is one.
    pub(super) fn get(&self, index: u32) -> Option<&T> {
        let (page, place) = place(index);
        self.pages.get(page)?.values.get(place)?.as_ref()
    }

    /// The value of an index, if there is one, to be changed.
    pub(super) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        let (page, place) = place(index);
        self.pages.get_mut(page)?.values.get_mut(place)?.as_mut()
    }

    /// Takes out the value of an index, if there is one.
    pub(super) fn remove(&mut self, index: u32) -> Option<T> {
        let (number, place) = place(index);
        let page = self.pages.get_mut(number)?;
        let value = page.values.get_mut(place)?.take()?;
        if page.used == u64::MAX {
            self.open.push(number as u32);
        }
        page.used &= !(1 << place);
        if page.used == 0 {
            self.spare = std::mem::take(&mut page.values);
        }
        Some(value)
    }

    /// Values that there is room for.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.pages.iter().map(|page| page.values.capacity()).sum::<usize>() + self.spare.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_where_it_was_put_until_it_is_taken_out() {
        let mut slab = Slab::default();
        let places: Vec<u32> = (0..1_000).map(|value| slab.insert(value)).collect();
        for (value, &place) in places.iter().enumerate().filter(|(value, _)| value % 3 == 0) {
            assert_eq!(slab.remove(place), Some(value));
            assert_eq!(slab.remove(place), None);
        }
        let room = slab.capacity();
        let again: Vec<u32> = (0..300).map(|value| slab.insert(value)).collect();
        assert_eq!(slab.capacity(), room, "what was taken out makes room");
        for (value, &place) in places.iter().enumerate().filter(|(value, _)| value % 3 != 0) {
            assert_eq!(slab.get(place), Some(&value));
        }
        for (value, &place) in again.iter().enumerate() {
            assert_eq!(slab.get_mut(place).copied(), Some(value));
        }
        assert_eq!(slab.get(u32::MAX), None);
    }

    #[test]
    fn pages_without_values_take_no_memory() {
        let mut slab = Slab::default();
        let places: Vec<u32> = (0..100_000).map(|value| slab.insert(value)).collect();
        assert!(slab.capacity() >= 100_000);
        for &place in &places[..99_999] {
            slab.remove(place);
        }
        assert_eq!(slab.capacity(), 2 * PAGE, "the page of the value that is left, and the spare one");
        assert_eq!(slab.get(places[99_999]), Some(&99_999));
    }
}
