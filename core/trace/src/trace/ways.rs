//! The clip as it is, and other ways to play it while something is left unexplained.
//!
//! # Shapes and units
//! Seconds on the clip's own clock.

use countermark_catalogue::Vault;
use countermark_register::TitleRecord;

use crate::decide::findings::Findings;
use crate::decide::missing_reference::MissingReferences;
use crate::error::TraceError;
use crate::exhibits::Exhibits;
use crate::query::frames::QueryFrames;
use crate::query::playback::Playback;
use crate::retrieval::candidates::Lead;
use crate::retrieval::replays::{Replay, Replays, leads_of};

use super::Trace;

/// What is tried one after the other.
#[derive(Clone, Copy)]
enum More {
    AsItIs,
    Played,
    Negative,
}

impl<'a> Trace<'a> {
    /// Follows the leads of the clip as it is, and of other ways to play it while something is left unexplained.
    pub(super) fn play_all(
        &mut self,
        clip: (&QueryFrames, &[Lead<'a>]),
        (vault, titles): (&Vault, &'a [TitleRecord]),
        lost: &mut MissingReferences<'_>,
        mut exhibits: Option<&mut Exhibits>,
    ) -> Result<(), TraceError> {
        let task = self.task;
        let asking = (&self.searched.lookups, task);
        let is_explained = |findings: &Findings<'_>| findings.explain(clip.0.end(), task.tuning());
        let mut usual = 0.0;
        let mut order = [More::AsItIs, More::Played, More::Negative];
        if Replays::are_negative(clip.0, clip.1, (vault, titles), asking)? {
            order.rotate_right(1);
        }
        for more in order {
            let ways = match more {
                More::AsItIs => vec![Replay::PLAIN],
                More::Played => {
                    let said = Replays::of(clip.0, (vault, titles), asking)?;
                    usual = said.usual;
                    // Pictures that stand still are known as they are.
                    if self.searched.tells() || self.findings.name_a_title() {
                        said.worth_a_trial(task)
                    } else {
                        said.likelier(task)
                    }
                }
                More::Negative => {
                    let known = self.findings.name_a_title();
                    let usual = if known { usual } else { 0.0 };
                    Replays::of_negative(clip.0, usual, (vault, titles), asking)?
                }
            };
            for way in ways {
                for lead in self.play(way, clip, (vault, titles), lost)? {
                    // Another one in another place is no less in the clip.
                    if is_explained(&self.findings) {
                        let named = self.findings.together().named;
                        if !self.searched.is_piece(lead.title.id, &named, task) {
                            continue;
                        }
                    }
                    self.follow_up(vault, &lead, lost, exhibits.as_deref_mut())?;
                }
            }
            if is_explained(&self.findings) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Goes on with the clip played in some way; the leads to follow then. As it is, which comes first, both are known.
    fn play(
        &mut self,
        way: Replay,
        (probes, leads): (&QueryFrames, &[Lead<'a>]),
        (vault, titles): (&Vault, &'a [TitleRecord]),
        lost: &MissingReferences<'_>,
    ) -> Result<Vec<Lead<'a>>, TraceError> {
        self.playback = way.playback;
        if way.playback == Playback::PLAIN {
            return Ok(leads.to_vec());
        }
        self.probes = probes.played(way.playback);
        let asking = (&self.searched.lookups, self.task);
        let leads = match self.searched.leads_played(way.playback) {
            Some(known) => known.to_vec(),
            None => way.worth_a_look(leads_of(&self.probes, (vault, titles), asking)?),
        };
        let titles = (leads.len() + lost.len()) as u64;
        self.among.titles = self.among.titles.max(titles);
        Ok(leads)
    }
}
