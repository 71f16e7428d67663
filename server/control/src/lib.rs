//! Annex: control.
