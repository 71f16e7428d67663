//! Page blobs: a status document that arrives in pieces (wire protocol, section 7).
//!
//! ```text
//! PUT x-ms-blob-content-length: 1536 ──► empty ──PUT comp=page, x-ms-range: bytes=512-1023──► … ──► whole
//! ```
//! Pieces may come in any order and more than once; the blob is whole when every page was written. What is padding (NUL
//! and blanks at the end) is for the reader to strip.

use crate::ParseError;
use crate::status::MAX_STATUS_BYTES;

const WHAT: &str = "page blob";
/// Everything is counted in pages of this size.
pub const PAGE_BYTES: usize = 512;

/// The header `x-ms-range`: `bytes=0-511`, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRange {
    /// First byte.
    pub first: usize,
    /// Last byte.
    pub last: usize,
}

impl PageRange {
    /// Reads the header; `None` when it is no range.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
        let range = Self { first: first.parse().ok()?, last: last.parse().ok()? };
        (range.first <= range.last).then_some(range)
    }
}

/// A blob that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageBlob {
    content: Vec<u8>,
    written: Vec<bool>,
}

impl PageBlob {
    /// An empty blob of `length` bytes.
    ///
    /// # Errors
    /// The length is no multiple of [`PAGE_BYTES`], zero, or larger than a status document may be.
    pub fn new(length: usize) -> Result<Self, ParseError> {
        if length > MAX_STATUS_BYTES {
            return Err(ParseError::TooLarge { what: WHAT, size: length, max: MAX_STATUS_BYTES });
        }
        if length == 0 || !length.is_multiple_of(PAGE_BYTES) {
            return Err(ParseError::invalid(WHAT, format!("its length {length} is no multiple of {PAGE_BYTES}")));
        }
        Ok(Self { content: vec![0; length], written: vec![false; length / PAGE_BYTES] })
    }

    /// Writes pages.
    ///
    /// # Errors
    /// The range does not begin and end with a page, lies outside of the blob, or is not as long as the bytes.
    pub fn write(&mut self, range: PageRange, bytes: &[u8]) -> Result<(), ParseError> {
        let PageRange { first, last } = range;
        let end = last.saturating_add(1);
        if !first.is_multiple_of(PAGE_BYTES) || !end.is_multiple_of(PAGE_BYTES) {
            return Err(ParseError::invalid(WHAT, format!("bytes {first} to {last} are no whole pages")));
        }
        let size = self.content.len();
        let Some(place) = self.content.get_mut(first..end) else {
            return Err(ParseError::invalid(WHAT, format!("bytes {first} to {last} lie outside of its {size}")));
        };
        if place.len() != bytes.len() {
            let reason = format!("bytes {first} to {last} were announced, {} came", bytes.len());
            return Err(ParseError::invalid(WHAT, reason));
        }
        place.copy_from_slice(bytes);
        self.written.iter_mut().take(end / PAGE_BYTES).skip(first / PAGE_BYTES).for_each(|page| *page = true);
        Ok(())
    }

    /// The content, once every page was written.
    #[must_use]
    pub fn whole(&self) -> Option<&[u8]> {
        self.written.iter().all(|page| *page).then_some(self.content.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::{PAGE_BYTES, PageBlob, PageRange};

    fn range(first: usize, pages: usize) -> PageRange {
        PageRange { first: first * PAGE_BYTES, last: (first + pages) * PAGE_BYTES - 1 }
    }

    #[test]
    fn pieces_come_in_any_order_and_twice() {
        let mut blob = PageBlob::new(3 * PAGE_BYTES).unwrap();
        let page = |byte: u8, pages: usize| vec![byte; pages * PAGE_BYTES];
        blob.write(range(2, 1), &page(b'c', 1)).unwrap();
        assert_eq!(blob.whole(), None);
        blob.write(range(0, 1), &page(b'x', 1)).unwrap();
        assert_eq!(blob.whole(), None, "the middle is missing");
        blob.write(range(0, 2), &[page(b'a', 1), page(b'b', 1)].concat()).unwrap();
        assert_eq!(blob.whole(), Some([page(b'a', 1), page(b'b', 1), page(b'c', 1)].concat().as_slice()));
    }

    #[test]
    fn wrong_lengths_are_refused() {
        assert!(PageBlob::new(0).is_err() && PageBlob::new(513).is_err() && PageBlob::new(1 << 40).is_err());
        let mut blob = PageBlob::new(2 * PAGE_BYTES).unwrap();
        assert!(blob.write(range(0, 1), b"short").is_err());
        assert!(blob.write(range(1, 2), &[0; 2 * PAGE_BYTES]).is_err(), "beyond the end");
        assert!(blob.write(PageRange { first: 1, last: 512 }, &[0; 512]).is_err(), "no page begins there");
        assert!(blob.write(PageRange { first: 0, last: usize::MAX }, &[]).is_err());
        for header in ["bytes=5-1", "bytes=-1", "pages=0-511", "bytes=a-b", "bytes=0"] {
            assert_eq!(PageRange::parse(header), None, "{header}");
        }
        assert_eq!(PageRange::parse("bytes=0-511"), Some(range(0, 1)));
    }
}
