//! Annex: sdk.
