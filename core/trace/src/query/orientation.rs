//! Quarter turns between the frames of a clip and the master as it is coded.
//!
//! ```text
//! turn = (clip's rotation tag) - (master's rotation tag),  clockwise, modulo 360 degrees
//! ```
//!
//! The mark lies in the master's coded pictures. An ordinary tool turns the pixels as the tag says and drops the tag; a
//! careless one drops the tag alone. So the turn by the tags is tried together with none where they differ, the one
//! that gives the master's shape first. Every candidate counts as a hypothesis.
//!
//! # Shapes and units
//! Coded columns and rows; degrees, clockwise.

use countermark_picture::QuarterTurn;

/// Size in columns and rows, and the clockwise rotation that players apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pose {
    /// Coded columns.
    pub(crate) width: u32,
    /// Coded rows.
    pub(crate) height: u32,
    /// Degrees.
    pub(crate) rotation_degrees: i32,
}

impl Pose {
    fn is_portrait(self) -> bool {
        self.height > self.width
    }

    /// What may bring frames of a clip that is coded like this upright on the master's, likeliest first: one candidate when
    /// neither file is tagged or both are alike, else two.
    #[must_use]
    pub(crate) fn turns_onto(self, master: Self) -> Vec<QuarterTurn> {
        let by_tags = QuarterTurn::from_degrees(self.rotation_degrees - master.rotation_degrees);
        if by_tags == QuarterTurn::None {
            return vec![QuarterTurn::None];
        }
        let fits = (self.is_portrait() != master.is_portrait()) == by_tags.exchanges_sides();
        if fits {
            vec![by_tags, QuarterTurn::None]
        } else {
            vec![QuarterTurn::None, by_tags]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pose(width: u32, height: u32, rotation_degrees: i32) -> Pose {
        Pose {
            width,
            height,
            rotation_degrees,
        }
    }

    #[test]
    fn equal_tags_are_tried_one_way_only() {
        for degrees in [0, 90, 180] {
            let candidates = pose(320, 180, degrees).turns_onto(pose(640, 360, degrees));
            assert_eq!(candidates, [QuarterTurn::None]);
        }
    }

    #[test]
    fn a_copy_whose_pixels_were_turned_is_turned_back() {
        let master = pose(640, 360, 90);
        let upright = pose(360, 640, 0).turns_onto(master);
        assert_eq!(upright, [QuarterTurn::ThreeQuarters, QuarterTurn::None]);
        let tag_lost = pose(640, 360, 0).turns_onto(master);
        assert_eq!(tag_lost, [QuarterTurn::None, QuarterTurn::ThreeQuarters]);
        let half = pose(640, 360, 0).turns_onto(pose(640, 360, 180));
        assert_eq!(half, [QuarterTurn::Half, QuarterTurn::None]);
        let filmed_upright = pose(640, 360, 90).turns_onto(pose(360, 640, 0));
        assert_eq!(filmed_upright, [QuarterTurn::Quarter, QuarterTurn::None]);
    }
}
