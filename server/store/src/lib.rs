//! Annex: store.
