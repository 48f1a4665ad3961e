//! Where and when a clip shows a title, in any perspective and at any speed: pictures alone decide, no keys.
//!
//! ```text
//! probes of the clip -> local features -> key frames of the reference -> a homography for each probe that is sighted
//! homographies -> maps that are only cropped and scaled -> the map of each probe that is most like some frame
//! sighted probes -> correlation with all frames of the reference, read on where it ends too soon -> lines of time -> runs
//! runs -> all moments of the clip around them -> pieces that follow one another -> segments
//! where these lines leave much unexplained: all moments of the clip -> a course at any speed, either way -> segments
//! segments -> direct alignment of probes with the reference's frames -> a path of homographies for each
//! where one map leaves much: a smooth bend of the reference before it
//! where the camera moves: every frame that is demodulated -> alignment with the frame of the reference that it shows
//! ```
//!
//! Registration does not look at any key, so whatever it chooses costs no hypothesis.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time. Homographies map the reference proxy's samples to those of a
//! probe; [`segment::Segment::projection`] maps the picture's unit square to the samples of a frame.

pub(crate) mod locate;
pub(crate) mod prior;
pub(crate) mod propose;
pub(crate) mod refine;
pub(crate) mod segment;
pub(crate) mod spatial;
pub(crate) mod temporal;
