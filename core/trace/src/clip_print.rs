//! Prints of clips: made where the clip is, recognised where the vault is.
//!
//! ```text
//! clip  -> query frames, those of a picture in the picture, sound -> what tells most in so many bytes -> print
//! print -> votes of the index -> frames of the reference: words at their places agree on a map        the inset's on its own
//!       -> what moves in the print against what moves in the reference through that map: line of time -> spans
//! ```
//!
//! No key is looked at. See `countermark_fingerprint::print` for the format.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

pub(crate) mod agreement;
pub(crate) mod file;
pub(crate) mod make;
pub(crate) mod motion;
pub(crate) mod pieces;
pub(crate) mod recognise;
pub(crate) mod shelf;
