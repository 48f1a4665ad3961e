//! How large a picture may be.

/// Samples of a picture at most: beyond it not even the file's description is decoded. The largest phone pictures but one kind.
pub(crate) const MOST_PIXELS: u64 = 1 << 27;
