//! What attacks on pictures have in common: a named kind with its strength, and what it does to a clip.
//!
//! ```text
//! name --parse--> PictureAttack --begin(clip, random)--> Stage --push, push, .., end--> pictures
//! ```
//!
//! A kind that treats each picture by itself is an [`Effect`]; one that changes time is a [`Stage`] of its own.
//!
//! # Shapes and units
//! Media time in seconds from the first picture of the clip, increasing.

use std::fmt;

use super::{AttackError, Course, ParseAttackError, Picture, Random};

/// What is known of a clip before its first picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClipShape {
    /// Luma columns.
    pub width: usize,
    /// Luma rows.
    pub height: usize,
    /// Pictures a second.
    pub frame_rate: f64,
    /// Length.
    pub seconds: f64,
}

/// How long a clip lasts, and how often it shows a new picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// Length.
    pub seconds: f64,
    /// Pictures a second.
    pub frame_rate: f64,
}

/// A picture and when it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The picture.
    pub picture: Picture,
    /// From when on.
    pub seconds: f64,
}

/// Takes the pictures that a stage lets go of.
pub type Next<'a> = dyn FnMut(Shown) -> Result<(), AttackError> + 'a;

/// One attack at work on one clip.
pub trait Stage {
    /// Takes the next picture and hands on what is ready.
    ///
    /// # Errors
    /// Those of `next`.
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError>;

    /// Hands on what is left. Nothing, unless a stage holds pictures back.
    ///
    /// # Errors
    /// Those of `next`.
    fn end(&mut self, _next: &mut Next<'_>) -> Result<(), AttackError> {
        Ok(())
    }
}

/// One attack at work on one clip, picture by picture. All results of one clip have one size.
pub trait Effect {
    /// The picture afterwards; `seconds` is when it is shown.
    fn apply(&mut self, picture: Picture, seconds: f64) -> Picture;
}

/// A stage of an effect.
#[derive(Debug)]
pub struct Each<E>(pub E);

impl<E: Effect> Stage for Each<E> {
    fn push(&mut self, shown: Shown, next: &mut Next<'_>) -> Result<(), AttackError> {
        next(Shown {
            picture: self.0.apply(shown.picture, shown.seconds),
            seconds: shown.seconds,
        })
    }
}

/// An attack on pictures with its strength. [`fmt::Display`] writes the name that parses to it.
pub trait PictureAttack: fmt::Debug + fmt::Display + Send + Sync {
    /// Sets to work on a clip. Whatever is left to chance comes from `random`.
    fn begin(&self, clip: &ClipShape, random: &mut Random) -> Box<dyn Stage>;

    /// Whether anything of the mark can be left.
    fn keeps_the_mark(&self) -> bool {
        true
    }

    /// Whether it moves the pictures, in place or in time, so that they compare with nothing that it was not done to as well.
    fn bends(&self) -> bool {
        false
    }

    /// What becomes of length and rate.
    fn timing(&self, before: Timing) -> Timing {
        before
    }

    /// Which moments of the clip before are shown; `None` where each moment stays where it is.
    fn course(&self, _before: Timing) -> Option<Course> {
        None
    }
}

/// How a family of attacks reads a step: `None` if the word before the first `-` is none of its own. `strength` is what
/// follows that dash, empty where there is none.
pub type Parse =
    fn(head: &str, strength: &str) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>>;
