//! One page of a long list.

use serde::{Deserialize, Serialize};

/// Which part of a list is wanted. Pages are numbered from 1 so that they read well in an address.
///
/// Reading one from foreign input keeps it within the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Asked")]
pub struct PageRequest {
    /// From 1.
    pub number: u32,
    /// Rows a page, 1 to 200.
    pub size: u32,
}

/// A request as somebody wrote it.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    number: u32,
    #[serde(default = "usual_size")]
    size: u32,
}

const fn usual_size() -> u32 {
    PageRequest::SIZES[0]
}

impl From<Asked> for PageRequest {
    fn from(asked: Asked) -> Self {
        Self::new(asked.number, asked.size)
    }
}

impl PageRequest {
    /// Rows a page that lists offer; the first is the usual one, the last the most.
    pub const SIZES: [u32; 3] = [50, 100, 200];

    /// A page within the limits: number at least 1, size 1 to 200.
    pub fn new(number: u32, size: u32) -> Self {
        Self { number: number.max(1), size: size.clamp(1, Self::SIZES[2]) }
    }

    /// Rows to skip before this page.
    pub fn offset(self) -> i64 {
        i64::from(self.number.max(1) - 1) * i64::from(self.size)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { number: 1, size: usual_size() }
    }
}

/// One page with the number of rows there are in all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Rows on all pages together.
    pub total: u64,
    /// What was asked for.
    pub request: PageRequest,
}

impl<T> Page<T> {
    /// Number of the last page, at least 1.
    pub fn last(&self) -> u32 {
        u32::try_from(self.total.div_ceil(u64::from(self.request.size.max(1)))).unwrap_or(u32::MAX).max(1)
    }
}
