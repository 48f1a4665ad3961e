//! Which FFmpeg is linked: encoders' bytes depend on it.

use std::collections::BTreeMap;

use ffmpeg_next::ffi;

/// Names of the linked libraries and their versions, `major.minor.micro`.
#[must_use]
pub fn library_versions() -> BTreeMap<String, String> {
    // SAFETY: these functions take nothing, touch nothing and answer a constant.
    let versions = unsafe {
        [
            ("libavcodec", ffi::avcodec_version()),
            ("libavformat", ffi::avformat_version()),
            ("libavutil", ffi::avutil_version()),
            ("libswresample", ffi::swresample_version()),
            ("libswscale", ffi::swscale_version()),
        ]
    };
    let words = |(name, version): (&str, u32)| {
        let (major, minor, micro) = (version >> 16, version >> 8 & 0xff, version & 0xff);
        (name.to_owned(), format!("{major}.{minor}.{micro}"))
    };
    versions.map(words).into()
}

#[cfg(test)]
mod tests {
    use super::library_versions;

    #[test]
    fn every_library_has_a_version() {
        let versions = library_versions();
        assert_eq!(versions.len(), 5);
        for (name, version) in versions {
            let numbers: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
            assert_eq!(numbers.len(), 3, "{name} {version}");
            assert!(numbers[0] > 2, "{name} {version}");
        }
    }
}
