//! Annex: domain.
