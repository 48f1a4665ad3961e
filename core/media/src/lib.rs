//! Decoding, encoding and muxing through FFmpeg.
