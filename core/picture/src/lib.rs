//! Planes of a picture as [`ndarray`] views, and the geometry of pictures.
//!
//! | noun | is |
//! |---|---|
//! | [`PlaneView`], [`PlaneViewMut`] | rows of `u8` or `u16` samples whose extent was proved once |
//! | [`AnyPlane`], [`AnyPlaneMut`] | a plane of either sample type; [`by_depth!`] is the one place that tells them apart |
//! | [`Rect`] | a part of a plane |
//! | [`area_average`], [`Grey`] | a plane averaged on a small grid; a small picture in floating point |
//! | [`Homography`] | a projective map between two pictures, with its fit to pairs of points |
//! | [`Bend`] | a smooth field of shifts over a picture, which folds nothing |
//! | [`QuarterTurn`], [`Orientation`], [`TurnedPlane`] | quarter turns and mirror |
//! | [`content`] | what lies between letterbox and pillarbox bars |
//! | [`cut`] | where a shot ends |
//!
//! Pure computation: no files, no clocks, no media library.
//!
//! ```
//! use countermark_picture::{AnyPlane, BitDepth, PlaneGeometry, PlaneView, Rect, Sample, by_depth};
//!
//! // Four rows of six samples, eight apart: a decoder pads its rows.
//! let samples: Vec<u16> = (0..32).map(|i| 40 * (i % 8)).collect();
//! let geometry = PlaneGeometry::new(6, 4, 8)?;
//! let plane = AnyPlane::U16(PlaneView::new(&samples, geometry, BitDepth::TEN)?);
//!
//! let right = plane.within(Rect { left: 3, top: 1, width: 3, height: 2 });
//! let brightest = by_depth!(right, |view| view.array().iter().map(|sample| sample.code()).max());
//! assert_eq!(brightest, Some(200));
//! // In code values of 8 bits, whatever the depth.
//! assert_eq!(right.averaged(1, 1).samples(), [40.0]);
//! # Ok::<(), countermark_picture::PlaneError>(())
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod area;
mod bend;
pub mod content;
pub mod cut;
mod error;
mod grey;
mod homography;
mod inset;
mod orientation;
mod plane;
mod rect;
mod sample;
mod seam;

pub use area::area_average;
pub use bend::{Bend, BendRow, REACH as BEND_REACH, weights as bend_weights};
pub use error::{MAX_SIDE, PlaneError};
pub use grey::{Between, Grey};
pub use homography::{Homography, PointPair, WeightedPair, solve};
pub use inset::Inset;
pub use orientation::{Orientation, QuarterTurn, TurnedPlane};
pub use plane::{AnyPlane, AnyPlaneMut, PlaneGeometry, PlaneView, PlaneViewMut};
pub use rect::Rect;
pub use sample::{BitDepth, Codes, Sample, Value};
pub use seam::{Seam, Seams};
