//! Playlists that were saved with their segments: what they name in their own folder is read as one file.
//!
//! ```text
//! list -> the best rendition that is there -> its segments, in order -> Assembly        anything outside of the folder: refused
//! ```
//!
//! FFmpeg's own demuxers of playlists are never used: they open whatever a list names. A list is text, and it is we who look up
//! its names: below the list's folder, regular files, no link that leads out. A name with a scheme stands for the file of the
//! same name beside the list; nothing is fetched.

mod dash;
mod hls;
mod list;

use std::path::Path;

use crate::MediaError;

pub(crate) use dash::is_dash;
pub(crate) use hls::is_hls;
pub(crate) use list::{Joined, Wanted};

/// Puts together what the HLS list at `path` names.
pub(crate) fn join_hls(path: &Path, wanted: Wanted) -> Result<Joined, MediaError> {
    hls::join(&list::List::open(path)?, wanted)
}

/// Puts together what the DASH manifest at `path` names.
pub(crate) fn join_dash(path: &Path, wanted: Wanted) -> Result<Joined, MediaError> {
    dash::join(&list::List::open(path)?, wanted)
}

#[cfg(test)]
mod tests;
