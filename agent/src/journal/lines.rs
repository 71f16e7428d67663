//! Bytes to lines.

use agent_protocol::records::MAX_LINE_BYTES;

/// A line, or the part of a line that was there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The text without line end.
    pub(super) text: String,
    /// The line goes on.
    pub(super) partial: bool,
    /// How many bytes of the file it stands for, line end included.
    pub(super) bytes: u64,
}

/// Cuts a stream of bytes into lines and keeps what has not ended yet.
#[derive(Default)]
pub(super) struct Splitter {
    pending: Vec<u8>,
}

impl Splitter {
    /// Bytes that are held because their line has not ended.
    pub(super) fn held(&self) -> usize {
        self.pending.len()
    }

    /// Forgets what is held.
    pub(super) fn clear(&mut self) {
        self.pending.clear();
    }

    /// Takes bytes and gives the lines they complete. A line over [`MAX_LINE_BYTES`] comes in parts.
    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Vec<Piece>) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.pending.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            self.cut_long(out);
            let text = self.pending.strip_suffix(b"\r").unwrap_or(&self.pending);
            out.push(Piece { text: lossy(text), partial: false, bytes: self.pending.len() as u64 + 1 });
            self.pending.clear();
        }
        self.pending.extend_from_slice(bytes);
        self.cut_long(out);
    }

    /// Gives what is held. Unless it is the `last`, the beginning of a character that is not complete stays.
    pub(super) fn flush(&mut self, last: bool) -> Option<Piece> {
        let end = if last { self.pending.len() } else { whole(&self.pending) };
        (end > 0).then(|| self.take(end, !last))
    }

    fn cut_long(&mut self, out: &mut Vec<Piece>) {
        while self.pending.len() > MAX_LINE_BYTES {
            let end = whole(&self.pending[..MAX_LINE_BYTES]).max(MAX_LINE_BYTES - 3);
            out.push(self.take(end, true));
        }
    }

    fn take(&mut self, end: usize, partial: bool) -> Piece {
        let text = lossy(&self.pending[..end]);
        self.pending.drain(..end);
        Piece { text, partial, bytes: end as u64 }
    }
}

/// How many bytes from the start do not end inside a UTF-8 character.
fn whole(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        // the end of the text may complete the character; anything else is no UTF-8 and is replaced
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => {
            let tail = bytes.len().saturating_sub(3);
            let start = (tail..bytes.len()).find(|at| bytes[*at] >= 0xc0 && needs(bytes[*at]) > bytes.len() - at);
            start.unwrap_or(bytes.len())
        }
    }
}

fn needs(lead: u8) -> usize {
    match lead {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use agent_protocol::records::MAX_LINE_BYTES;
    use proptest::prelude::*;

    use super::{Piece, Splitter};

    fn all(chunks: &[&[u8]]) -> Vec<Piece> {
        let (mut splitter, mut out) = (Splitter::default(), Vec::new());
        for chunk in chunks {
            splitter.push(chunk, &mut out);
        }
        out.extend(splitter.flush(true));
        out
    }

    #[test]
    fn lines_and_a_rest() {
        let pieces = all(&[b"one\r\ntw", b"o\n\nthr", b"ee"]);
        let texts: Vec<_> = pieces.iter().map(|piece| (piece.text.as_str(), piece.bytes)).collect();
        assert_eq!(texts, [("one", 5), ("two", 4), ("", 1), ("three", 5)]);
    }

    #[test]
    fn a_character_is_not_torn() {
        let (mut splitter, mut out) = (Splitter::default(), Vec::new());
        splitter.push("aä".as_bytes().split_last().unwrap().1, &mut out);
        assert_eq!(splitter.flush(false), Some(Piece { text: "a".into(), partial: true, bytes: 1 }));
        assert_eq!(splitter.flush(false), None);
        assert_eq!(splitter.held(), 1);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..20)) {
            let refs: Vec<_> = chunks.iter().map(Vec::as_slice).collect();
            let total: usize = chunks.iter().map(Vec::len).sum();
            prop_assert_eq!(all(&refs).iter().map(|piece| piece.bytes).sum::<u64>(), total as u64);
        }

        #[test]
        fn text_survives_any_cut(text in "[a-zäöü€𝄞\n]{0,300}", cut in 0usize..300, long in 0usize..3) {
            let text = format!("{}{text}", "x€".repeat(long * MAX_LINE_BYTES / 4));
            let cut = cut.min(text.len());
            let pieces = all(&[&text.as_bytes()[..cut], &text.as_bytes()[cut..]]);
            let mut joined = String::new();
            for piece in &pieces {
                joined.push_str(&piece.text);
                if !piece.partial { joined.push('\n'); }
            }
            prop_assert_eq!(joined.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }
    }
}
