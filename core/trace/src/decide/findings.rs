//! What the leads came to, put together for the whole clip.
//!
//! # Shapes and units
//! Times in seconds of the clip.

use countermark_mark::FormatSpec;
use countermark_register::{TitleId, TitleRecord};

use crate::decide::answer::Answer;
use crate::decide::sighted::{Sighted, joined, spans};
use crate::query::playback::Playback;
use crate::result::{Accusation, Bound, Compared, Match, TitleName, covered, is_taken};
use crate::tuning::Tuning;

/// The best answer of each title, format and playback.
#[derive(Default)]
pub(crate) struct Findings<'a>(Vec<(&'a TitleRecord, Answer)>);

/// What the mark says of a clip.
#[derive(Debug, Default)]
pub(crate) struct Together {
    /// The strongest title.
    pub(crate) title: Option<TitleName>,
    /// Titles of the accused, the strongest first.
    pub(crate) named: Vec<TitleId>,
    /// Where the clip lies in the titles that are known, with what each piece alone proves, the strongest title first.
    pub(crate) proved: Vec<Match>,
    /// The accused of all of them, most certain first.
    pub(crate) accused: Vec<Accusation>,
}

impl<'a> Findings<'a> {
    /// Keeps an answer if it is the title's best.
    pub(crate) fn note(&mut self, title: &'a TitleRecord, answer: Answer) {
        let same = |(known, other): &&mut (&TitleRecord, Answer)| {
            known.id == title.id
                && other.format == answer.format
                && other.view.playback == answer.view.playback
                && other.part == answer.part
        };
        match self.0.iter_mut().find(same) {
            Some((_, known)) if answer.is_stronger_than(known) => *known = answer,
            Some(_) => {}
            None => self.0.push((title, answer)),
        }
    }

    /// What registration says of a title's best answers, where nobody asked before.
    pub(crate) fn sight(
        &mut self,
        (title, playback): (TitleId, Playback),
        sighted: &Sighted,
        explained: f64,
    ) {
        let own = self
            .0
            .iter_mut()
            .filter(|(known, answer)| known.id == title && answer.view.playback == playback)
            .filter(|(_, answer)| answer.part.is_none());
        for (_, answer) in own {
            let is_sighted = !answer.carried.moments.is_empty() && answer.is_sighted(sighted);
            answer.carried.compared |= is_sighted;
            answer.explained = answer.view.playback.clip_seconds(explained);
        }
    }

    /// Drops what a title came to when the clip was played in other ways than the one that shows most of it, unless it accuses.
    pub(crate) fn settle(&mut self, min_gain: f64) {
        let mut shown: Vec<(TitleId, Playback, f64)> = Vec::new();
        for (title, answer) in &self.0 {
            match shown.iter_mut().find(|(known, ..)| *known == title.id) {
                Some(known) if answer.explained > min_gain * known.2 => {
                    (known.1, known.2) = (answer.view.playback, answer.explained);
                }
                Some(_) => {}
                None => shown.push((title.id, answer.view.playback, answer.explained)),
            }
        }
        self.0.retain(|(title, answer)| {
            let own = |(known, playback, _): &(TitleId, Playback, f64)| {
                *known == title.id && *playback == answer.view.playback
            };
            !answer.accusations.is_empty() || shown.iter().any(own)
        });
    }

    /// Whether named deliveries leave nothing of a clip to be explained.
    pub(crate) fn explain(&self, clip_seconds: f64, tuning: &Tuning) -> bool {
        let min_share = tuning.decision.evidence.min_explained_share;
        let speeds = &tuning.registration.time_fit;
        let matches: Vec<&Match> = self
            .0
            .iter()
            .filter(|(_, answer)| !answer.accusations.is_empty())
            .flat_map(|(_, answer)| {
                let playback = answer.view.playback;
                let usual = move |found: &&Match| speeds.is_usual(playback.own_speed(found.speed));
                answer.matches.iter().filter(usual)
            })
            .collect();
        !matches.is_empty()
            && covered(matches.iter().map(|found| found.query)) >= min_share * clip_seconds
    }

    /// A title's best answer.
    pub(crate) fn of(&self, title: TitleId) -> Option<&Answer> {
        let ranked = self.ranked().into_iter();
        let mut own = ranked.filter(|(known, _)| known.id == title);
        own.next().map(|(_, answer)| answer)
    }

    /// A title's best answer among its deliveries of one format.
    pub(crate) fn of_format(&self, title: TitleId, format: &FormatSpec) -> Option<&Answer> {
        let own = |(known, answer): &&(&TitleRecord, Answer)| {
            known.id == title && answer.format == *format
        };
        let own = self.0.iter().filter(own).map(|(_, answer)| answer);
        own.reduce(|best, next| {
            if next.is_stronger_than(best) {
                next
            } else {
                best
            }
        })
    }

    /// Whether some title is known.
    pub(crate) fn name_a_title(&self) -> bool {
        let known = |answer: &Answer| answer.title_known || !answer.accusations.is_empty();
        self.0.iter().any(|(_, answer)| known(answer))
    }

    /// The strongest answer.
    pub(crate) fn best(&self) -> Option<&Answer> {
        self.ranked().first().map(|(_, answer)| answer)
    }

    /// The bound of all that comes nearest to an accusation.
    pub(crate) fn nearest(&self) -> Option<Bound> {
        let all = self.0.iter().filter_map(|(_, answer)| answer.best);
        all.reduce(Bound::nearer)
    }

    /// Whether the pictures behind the accusations, or behind the best answer where nobody is accused, were found to be the
    /// titles', and the spans of the clip that they are.
    pub(crate) fn compared(&self) -> Compared {
        let accusing = |answer: &&Answer| !answer.accusations.is_empty();
        let answers = self.0.iter().map(|(_, answer)| answer);
        let mut telling: Vec<&Answer> = answers.filter(accusing).collect();
        if telling.is_empty() {
            telling.extend(self.best().filter(|best| best.carried.compared));
        }
        let carried = telling
            .iter()
            .flat_map(|answer| spans(&answer.carried.moments));
        Compared {
            pictures_compared: !telling.is_empty()
                && telling.iter().all(|answer| answer.carried.compared),
            evidence: joined(carried),
            withheld: Vec::new(),
        }
    }

    /// What the mark says, put together for the whole clip.
    pub(crate) fn together(&self) -> Together {
        let mut together = Together::default();
        for (title, answer) in self.ranked() {
            if !answer.title_known && answer.accusations.is_empty() {
                continue;
            }
            let name = TitleName::from(*title);
            let own: Vec<Match> = answer
                .matches
                .iter()
                .map(|found| Match {
                    title: Some(name.clone()),
                    ..found.clone()
                })
                .collect();
            let is_new = own.iter().any(|found| !is_taken(found, &together.proved));
            // The same film under another name, or chance.
            if together.title.is_some() && !is_new && answer.accusations.is_empty() {
                continue;
            }
            together.title.get_or_insert_with(|| name.clone());
            if !answer.accusations.is_empty() && !together.named.contains(&title.id) {
                together.named.push(title.id);
            }
            together.proved.extend(own);
            // The same copy, played both ways.
            for accusation in &answer.accusations {
                let same = |other: &&mut Accusation| other.payload == accusation.payload;
                match together.accused.iter_mut().find(same) {
                    Some(known) if accusation.bound.t() > known.bound.t() => {
                        *known = accusation.clone();
                    }
                    Some(_) => {}
                    None => together.accused.push(accusation.clone()),
                }
            }
        }
        let by_bound = |a: &Accusation, b: &Accusation| a.bound.log10().total_cmp(&b.bound.log10());
        together.accused.sort_by(by_bound);
        together
    }

    fn ranked(&self) -> Vec<&(&'a TitleRecord, Answer)> {
        let mut ranked: Vec<&(&TitleRecord, Answer)> = self.0.iter().collect();
        ranked.sort_by(|a, b| {
            if a.1.is_stronger_than(&b.1) {
                std::cmp::Ordering::Less
            } else if b.1.is_stronger_than(&a.1) {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        });
        ranked
    }
}
