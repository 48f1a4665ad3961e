//! Reading the manifest out of a clip.

use std::path::Path;

use crate::CredentialsError;
use crate::found::FoundManifest;
#[cfg(not(feature = "c2pa"))]
use crate::found::State;
use crate::place::has_manifest;
#[cfg(feature = "c2pa")]
use crate::signed::verified;

/// The manifest in a file of ISO base media (MP4, MOV, HEIF) or in a JPEG or PNG picture; none where there is none. It is verified
/// against the whole file, which is read once more; nothing is asked of a network. `stop` ends the work.
///
/// # Errors
/// [`CredentialsError::File`], [`CredentialsError::Cancelled`]. A manifest that is broken is a result.
pub fn read(
    clip: &Path,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<FoundManifest>, CredentialsError> {
    let Some(format) = has_manifest(clip).map_err(|source| CredentialsError::File {
        act: "read",
        path: clip.to_owned(),
        source,
    })?
    else {
        return Ok(None);
    };
    #[cfg(feature = "c2pa")]
    let found = verified(clip, format, stop);
    #[cfg(not(feature = "c2pa"))]
    let found = {
        let _ = stop;
        // In a picture the place alone does not tell.
        Ok(format
            .is_told_by_its_place()
            .then(|| FoundManifest::bare(State::Unread, None)))
    };
    found
}
