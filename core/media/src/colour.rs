//! How the code values of a video become light.

/// Colour properties under FFmpeg's names; `unknown` where the file does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColourInfo {
    /// `tv` or `pc`.
    pub range: String,
    /// Such as `bt709`.
    pub primaries: String,
    /// Such as `smpte2084`.
    pub transfer: String,
    /// Such as `bt2020nc`.
    pub matrix: String,
    /// Such as `left`.
    pub chroma_location: String,
}
