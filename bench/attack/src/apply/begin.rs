//! What a chain begins with: one copy, or a file that several of them, other titles or another mark are made into.
//!
//! # Shapes and units
//! Files; what is made lies beside the output without loss.

use std::path::Path;

use crate::encoding::lossless;
use crate::lie::{Lie, Trail};
use crate::{Attack, AttackError, Mix, Place, Source, framing, mix, montage, titles};

use super::{Chain, Materials};

impl Chain<'_> {
    /// Finds or makes what the first step needs.
    pub(super) fn begin(
        &mut self,
        attack: &Attack,
        materials: &Materials<'_>,
        place: &Place<'_>,
    ) -> Result<(), AttackError> {
        let source = attack.source();
        if source.is_some_and(|source| source.is_foreign() || source.together().is_some()) {
            self.trail = Trail::still(Lie::nowhere());
        }
        let missing = |what| AttackError::Missing {
            attack: attack.to_string(),
            what,
        };
        let wanted = source.map_or(1, Source::copies);
        let copies = materials
            .copies
            .get(..wanted)
            .ok_or_else(|| missing("more marked copies"))?;
        if source.is_some_and(Source::mixes_copies) {
            mix::alike(copies)?;
        }
        if let (Some(Source::Lifted(_)), Some(master)) = (source, materials.master) {
            mix::alike(&[copies[0], master])?;
        }
        let file = match source {
            None | Some(Source::WrongKeys) => copies[0],
            Some(Source::Stranger) => materials
                .stranger
                .ok_or_else(|| missing("a stranger's film"))?,
            Some(Source::Together(how)) => {
                let others: Vec<&Path> = materials
                    .other
                    .into_iter()
                    .chain(materials.beside.iter().copied())
                    .collect();
                let others = others
                    .get(..Source::Together(how).others())
                    .ok_or_else(|| missing("another title, of a grid three"))?;
                let made = self.output.with_extension("source.mkv");
                self.made.push(made.clone());
                self.applied.course = titles::together(how, copies[0], others, &made, &lossless())?;
                self.current = made;
                return Ok(());
            }
            Some(Source::Unmarked) => materials.master.ok_or_else(|| missing("the master"))?,
            Some(Source::Remarked(_)) => materials
                .remarked
                .ok_or_else(|| missing("a copy that was marked once more"))?,
            Some(Source::Mixed { mix, .. }) => {
                let made = self.output.with_extension("source.mkv");
                self.made.push(made.clone());
                let (encode, random) = (lossless(), &mut place.random(0));
                if matches!(mix, Mix::Segments | Mix::Splice) {
                    let used = montage::in_turns(mix, copies, &made, &encode, random)?;
                    self.applied.used = Some(used);
                } else {
                    mix::mix(mix, copies, &made, &encode, random)?;
                }
                self.current = made;
                return Ok(());
            }
            Some(Source::Pasted) => {
                let other = materials.other.ok_or_else(|| missing("another title"))?;
                let made = self.output.with_extension("source.mkv");
                self.made.push(made.clone());
                mix::paste(copies[0], other, &made, &lossless())?;
                self.current = made;
                return Ok(());
            }
            Some(Source::Lifted(trailer)) => {
                let other = materials.other.ok_or_else(|| missing("another title"))?;
                let master = materials.master.ok_or_else(|| missing("the master"))?;
                let made = self.output.with_extension("source.mkv");
                self.made.push(made.clone());
                framing::lift((copies[0], master, other), trailer, &made, &lossless())?;
                self.current = made;
                return Ok(());
            }
            Some(Source::Transplanted { lines }) => {
                let at = |what: &str| self.output.with_extension(what);
                let (made, stream, small) = (at("source.mkv"), at("stream.mkv"), at("small.mkv"));
                self.made
                    .extend([made.clone(), stream.clone(), small.clone()]);
                let both = (copies[0], copies[1]);
                framing::transplant(both, lines, (&stream, &small), &made, &lossless())?;
                self.current = made;
                return Ok(());
            }
        };
        file.clone_into(&mut self.current);
        Ok(())
    }
}
