//! Drawings as SVG.

pub(crate) mod axis;
