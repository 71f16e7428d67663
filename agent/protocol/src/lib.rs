//! Annex: protocol.
