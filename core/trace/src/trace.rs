//! Tracing with the vault: the host cancelled with the reference, both decisions.
//!
//! ```text
//! search -> leads: titles, and spans of them; pieces: where the clip shows which, in the whole picture and in parts of it
//! window -> offsets of a lead's reference -> residual -> soft values -> shift by synchronisation chips -> evidence
//! no delivery named: probes -> registration -> window through its maps -> residual -> ...           the same from there
//! evidence -> closed: every delivery on record    -> open: every distributor's key
//! a title certain, nobody named: its frames by its keys alone, where registration puts them -> open, see `second_look`
//! ```
//!
//! A mark that was lifted off a copy and laid over other pictures tells whose copy was used, but not that it leaked. So frames
//! are evidence only where registration is certain that they show the title: in the clip as it is, an accusation is looked at
//! again without all others. What the blind path says, when no title's reference matches, accuses nobody. Whom the mark alone
//! would have accused is told as withheld. Titles whose reference is lost are read with their keys alone, see
//! `decide::missing_reference`: their pictures are not compared, and the report says so.
//!
//! Leads are followed until the whole clip is explained; what they leave is looked at again as in `retrieval::replays`.

use std::sync::Arc;
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_mark::evidence::ACCUSATION_LOG10_P;
use countermark_register::{CopyFormats, TitleRecord};

use crate::consistency::of_report;
use crate::error::TraceError;
use crate::exhibits::{Exhibits, OTHERS, Sight};
use crate::observer::Note;
use crate::query::footage::Footage;
use crate::query::frames::QueryFrames;
use crate::query::playback::Playback;
use crate::query::view::ViewHypotheses;
use crate::reference::Reference;
use crate::reference::spans::Spans;
use crate::registration::locate::{Located, located};
use crate::registration::segment::Registration;
use crate::request::Request;
use crate::result::{
    Accusation, Bound, ClipReport, Factors, Host, Identity, Match, TitleName, Tried, Verdict,
    with_shares,
};
use crate::retrieval::audio::testify;
use crate::retrieval::candidates::Lead;
use crate::retrieval::replays::possible_ways;
use crate::search::{Known, Pieces, Searched, attach, search};
use crate::task::Task;

use crate::decide::answer::Answer;
use crate::decide::context::TitleContext;
use crate::decide::counted::Counted;
use crate::decide::findings::{Findings, Together};
use crate::decide::missing_reference::MissingReferences;
use crate::decide::ranking::{best_innocent, standings};
use crate::decide::sighted::Sighted;
use crate::decide::unanswered::Unanswered;

mod other_titles;
mod parts;
mod registered;
mod second_look;
mod seen;
mod ways;
mod withheld;

use withheld::still_withheld;

/// Names the deliveries that one clip carries the signal of, among those of `titles`; then, once `known` has heard the answer and
/// added what it knows, collects what a page shows beyond it.
///
/// # Errors
/// Those of `known`; when the clip or the vault cannot be read, or the work is to end. An exhibit that cannot be had is only noted.
pub(crate) fn trace_clip(
    request: &Request<'_>,
    vault: &Vault,
    titles: &[TitleRecord],
    task: &Task<'_>,
    mut exhibits: Option<&mut Exhibits>,
    known: impl FnOnce(&mut ClipReport) -> Result<(), TraceError>,
) -> Result<ClipReport, TraceError> {
    let begun = Instant::now();
    let footage = Footage::new(request.clip);
    let searched = search(&footage, vault, titles, task)?;
    let (probes, leads) = (&searched.probes, &searched.leads);
    let mut lost = MissingReferences::new(vault, titles, searched.lost.clone());
    let among = Factors {
        clips: request.case_clips,
        titles: (searched.titles() + lost.len()) as u64,
        ..Factors::ONE
    };
    let mut trace = Trace::new(&footage, &searched, among, task);
    trace.follow_parts(vault, exhibits.as_deref_mut())?;
    trace.play_all(
        (probes, leads),
        (vault, titles),
        &mut lost,
        exhibits.as_deref_mut(),
    )?;
    let blind = trace.look_again(vault)?;
    trace.ask_other_titles(vault)?;
    let Trace {
        mut findings,
        withheld,
        innocent,
        offsets,
        among,
        tried: counted,
        ..
    } = trace;
    findings.settle(task.tuning().retrieval.candidates.min_explained_gain);
    let best = findings.best();
    let mut tried = Tried {
        host: best.map_or(Host::Blind, |answer| answer.host),
        frames: best.map_or(0, |answer| answer.frames),
        clip_seconds: best.map_or(probes.end(), |answer| answer.clip_seconds),
        titles: counted.titles(),
        keys: counted.keys,
        deliveries: counted.deliveries,
        offsets,
        geometries: counted.geometries,
        poses: 0,
        best: findings.nearest(),
        innocent,
        threshold_log10: ACCUSATION_LOG10_P,
    };
    if let Some(blind) = blind {
        tried.add(&blind);
    }
    let Together {
        title,
        named,
        proved,
        mut accused,
    } = findings.together();
    let Pieces { mut matches, .. } = searched.pieces(&named, task);
    attach(proved, &mut matches, task);
    let together = task.tuning().retrieval.audio.max_picture_offset_seconds;
    testify(&searched.heard, together, &mut matches);
    let mut title = title
        .or_else(|| matches.iter().find_map(|found| found.title.clone()))
        .or_else(|| Some(searched.heard.first()?.title.into()));
    let mut compared = findings.compared();
    let mut geometry = None;
    if accused.is_empty()
        && let Some(read) = lost.read(request.clip, among, task)?
    {
        tried.add(&read.tried);
        title = read.identity.and_then(|read| read.title).or(title);
        (accused, geometry) = (read.deliveries, read.geometry);
        compared = read.compared;
    }
    compared.withheld = still_withheld(withheld, &accused, task);
    let verdict = verdict(&accused, title.as_ref());
    task.proceed()?;
    let mut report = ClipReport {
        file: request.clip.display().to_string(),
        verdict,
        identity: Some(Identity::new(title, matches, footage.clock())),
        geometry,
        deliveries: with_shares(accused),
        compared,
        consistency: None,
        tried,
        credentials: None,
        seconds: begun.elapsed().as_secs_f64(),
    };
    if exhibits.is_some() {
        report.consistency = of_report((&footage, &report), &findings, (vault, titles), task)?;
    }
    known(&mut report)?;
    if let Some(exhibits) = exhibits {
        let sight = |found: &Match| {
            let seen = || Some(Sight::of_view(&findings.of(found.title.as_ref()?.id)?.view));
            searched.sight(found).or_else(seen)
        };
        let matches = report.identity.as_ref().map_or(&[][..], |own| &own.matches);
        exhibits.pair(matches, probes, (vault, titles), sight, task)?;
    }
    Ok(report)
}

fn verdict(accused: &[Accusation], title: Option<&TitleName>) -> Verdict {
    match (accused.is_empty(), title) {
        (false, _) => Verdict::Traced,
        (true, Some(_)) => Verdict::TitleOnly,
        (true, None) => Verdict::NotFound,
    }
}

/// One clip against the leads.
struct Trace<'a> {
    clip: &'a Footage,
    /// What it shows by its pictures.
    searched: &'a Searched<'a>,
    /// How it is played, and its frames on that clock.
    playback: Playback,
    probes: QueryFrames,
    /// Clips of the same case, and titles that may be accused.
    among: Factors,
    /// Formats of the title's copies: each is looked for.
    formats: u64,
    task: &'a Task<'a>,
    findings: Findings<'a>,
    /// Whom the mark alone would have accused, each once, and of which title.
    withheld: Vec<(&'a TitleRecord, Accusation)>,
    /// The highest score of a delivery that is not accused.
    innocent: Option<Bound>,
    offsets: u64,
    tried: Counted,
    /// A title that is shown, and of which no delivery answers.
    unanswered: Option<Unanswered<'a>>,
}

impl<'a> Trace<'a> {
    /// Nothing yet, of a clip as it is.
    fn new(
        clip: &'a Footage,
        searched: &'a Searched<'a>,
        among: Factors,
        task: &'a Task<'a>,
    ) -> Self {
        Self {
            clip,
            searched,
            probes: searched.probes.clone(),
            playback: Playback::PLAIN,
            tried: Counted::default(),
            among,
            formats: 1,
            task,
            findings: Findings::default(),
            withheld: Vec::new(),
            innocent: None,
            offsets: 0,
            unanswered: None,
        }
    }

    /// Tries the title of a lead; one whose reference cannot be had is lost.
    fn follow_up(
        &mut self,
        vault: &Vault,
        lead: &Lead<'a>,
        lost: &mut MissingReferences<'_>,
        exhibits: Option<&mut Exhibits>,
    ) -> Result<(), TraceError> {
        let title = lead.title;
        let spans = self.searched.spans(lead, self.playback);
        match Reference::of_title(vault, title, spans, self.task) {
            Ok(reference) => self.examine(vault, lead, reference, exhibits),
            Err(error) => {
                self.task.proceed()?;
                // Keys alone read a clip as it is.
                if self.playback == Playback::PLAIN {
                    self.task.note(&Note::left_out(&title.name, &error));
                    lost.add(title.id);
                }
                Ok(())
            }
        }
    }

    /// Looks for the copies of a title in each format that is on record.
    fn examine(
        &mut self,
        vault: &Vault,
        lead: &Lead<'a>,
        reference: Reference<'_>,
        mut exhibits: Option<&mut Exhibits>,
    ) -> Result<(), TraceError> {
        let title = lead.title;
        let formats = CopyFormats::of_title(vault.register(), title.id)?;
        if formats.unknown > 0 {
            self.task.note(&Note::OfNewerFormat {
                title: title.name.clone(),
                deliveries: formats.unknown,
            });
        }
        self.formats = formats.known.len() as u64;
        let is_new = self.tried.begin(title.id);
        let mut case = TitleContext::open(vault, title, formats.newest(), reference)?;
        for format in formats.known {
            if format != case.format {
                case.follow(vault, format)?;
            }
            let views = self.views(&case)?;
            let suspects = is_new.then_some(&case.suspects);
            self.tried.note(suspects, views.possible() as u64);
            self.follow(lead, &mut case, views)?;
            if let Some(Some(found)) = case.registration.get() {
                let sighted = Sighted::of(found).of_clip(self.playback);
                let of = (title.id, self.playback);
                self.findings.sight(of, &sighted, found.explained());
            }
            self.rank(&case, exhibits.as_deref_mut());
        }
        Ok(())
    }

    /// Tries a title on the whole frame and on the picture between bars, and on the clip as registration finds it: the
    /// likelier first. Where its pictures were found to be bent, the clip as it is holds little of the mark.
    fn follow(
        &mut self,
        lead: &Lead<'a>,
        case: &mut TitleContext<'_>,
        views: ViewHypotheses,
    ) -> Result<(), TraceError> {
        // Several titles may have been cut together: registration tells which moments are whose.
        let alone = self.among.titles == 1 || lead.spans == Spans::Whole;
        // As it is a clip is taken to run at the very rate of its playback.
        let may_be_upright = alone && self.playback.is_exact();
        if may_be_upright && lead.is_plain() && !self.is_bent(case) {
            if !self.upright(lead, case, views)? {
                self.registered(lead, case)?;
            }
        } else if !self.registered(lead, case)? && self.may_tell(case) {
            self.upright(lead, case, views)?;
        }
        Ok(())
    }

    /// Whether the title is known to be bent where the clip shows it: its pictures alone say so.
    fn is_bent(&self, case: &TitleContext<'_>) -> bool {
        let known = self.searched.registration(case.title.id, self.playback);
        matches!(known, Known::There(found) if found.is_bent())
    }

    /// Whether the clip as it is played, upright, may tell more than registration. What its pictures do not bear out accuses nobody:
    /// it is told of the clip as it is, and nobody lifts a mark on to pictures that are played otherwise.
    fn may_tell(&self, case: &TitleContext<'_>) -> bool {
        let found = || matches!(case.registration.get(), Some(Some(_)));
        self.playback == Playback::PLAIN || found()
    }

    /// Whether a delivery was named.
    fn upright(
        &mut self,
        lead: &Lead<'a>,
        case: &mut TitleContext<'_>,
        mut views: ViewHypotheses,
    ) -> Result<bool, TraceError> {
        let among = self.seen_in(&views);
        while let Some(view) = views.next() {
            let answer = self.seen(lead, case, view, among)?;
            views.offer(answer.inset);
            let is_cut = answer.is_cut;
            if self.note(lead.title, answer) {
                // Fragments cut together: registration finds each of them.
                return Ok(!is_cut);
            }
        }
        Ok(false)
    }

    /// Takes in how the deliveries of a title fared, once it was followed.
    fn rank(&mut self, case: &TitleContext<'_>, exhibits: Option<&mut Exhibits>) {
        let Some(answer) = self.findings.of_format(case.title.id, &case.format) else {
            return;
        };
        let deliveries = &case.suspects.deliveries;
        let all = [self.innocent, best_innocent(deliveries, answer)];
        let higher = |a: Bound, b: Bound| if a.t() >= b.t() { a } else { b };
        if let Some(exhibits) = exhibits {
            exhibits.rank(standings(case.title, deliveries, answer, OTHERS));
        }
        self.innocent = all.into_iter().flatten().reduce(higher);
    }

    /// The ways in which the clip may show a title when it is played so.
    fn views(&self, case: &TitleContext<'_>) -> Result<ViewHypotheses, TraceError> {
        Ok(case.views(self.clip)?.played(self.playback))
    }

    /// The hypotheses of one view: clips, titles, formats, and views that are possible in each way to play the clip. Another
    /// way is tried because nobody was accused: each may accuse anew. So does each part of the picture that shows something:
    /// pictures alone chose these, and all of them are scored.
    fn seen_in(&self, views: &ViewHypotheses) -> Factors {
        let parts = self.searched.in_parts().count();
        Factors {
            formats: self.formats,
            views: views.possible() as u64 * possible_ways(self.task) + parts as u64,
            ..self.among
        }
    }

    /// Where the clip shows the title; looked for once, unless a first draft of it is `enough`.
    fn registration(
        &self,
        lead: &Lead<'a>,
        case: &mut TitleContext<'_>,
        enough: Option<&dyn Fn(&Registration) -> bool>,
    ) -> Result<Option<Arc<Registration>>, TraceError> {
        if let Some(known) = case.registration.get() {
            return Ok(known.clone());
        }
        let title = case.title.id;
        let known = match self.searched.registration(title, self.playback) {
            Known::There(registration) => Some(Some(registration)),
            Known::Nowhere => Some(None),
            Known::NotLookedFor => None,
        };
        if let Some(known) = known {
            case.registration.get_or_init(|| known.clone());
            return Ok(known);
        }
        let reference = &mut case.reference;
        let Located {
            registration,
            is_settled,
        } = located(&self.probes, reference, &lead.clues, enough, self.task)?;
        let found = registration.map(Arc::new);
        if is_settled {
            case.registration.get_or_init(|| found.clone());
        }
        Ok(found)
    }

    fn note(&mut self, title: &'a TitleRecord, mut answer: Answer) -> bool {
        self.offsets += answer.offsets;
        for held in std::mem::take(&mut answer.withheld) {
            let known = |(_, other): &(&TitleRecord, Accusation)| other.payload == held.payload;
            if !self.withheld.iter().any(known) {
                self.withheld.push((title, held));
            }
        }
        let named = !answer.accusations.is_empty();
        answer.put_on_the_clip();
        self.findings.note(title, answer);
        named
    }
}
