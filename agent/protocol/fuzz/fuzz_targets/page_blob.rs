//! `PageBlob`: pages of any range and length are refused or written, and nothing is whole before all of it was.
#![no_main]

use agent_protocol::page_blob::{PAGE_BYTES, PageBlob, PageRange};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (usize, Vec<(usize, usize, Vec<u8>)>, String)| {
    let (length, pieces, header) = data;
    let _ = PageRange::parse(&header);
    let Ok(mut blob) = PageBlob::new(length) else { return };
    let mut written = vec![false; length / PAGE_BYTES];
    for (first, last, bytes) in pieces {
        if blob.write(PageRange { first, last }, &bytes).is_ok() {
            written[first / PAGE_BYTES..=last / PAGE_BYTES].iter_mut().for_each(|page| *page = true);
        }
        assert_eq!(blob.whole().is_some(), written.iter().all(|page| *page));
    }
});
