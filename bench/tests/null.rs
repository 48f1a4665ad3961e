//! The null experiments hold for the detector as it is, and each of three planted faults fails one of them.
//!
//! The faults transform what the detector looked at: nothing of the kind can be switched on in it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use countermark_bench::null::exchange::differences;
use countermark_bench::null::experiments::{Examination, FORMS, exchange, fresh};
use countermark_bench::null::look::{Look, Piece};
use countermark_bench::null::registers::{Innocent, attacked};
use countermark_bench::null::spread::Spread;
use countermark_bench::null::vaults::Innocents;
use countermark_mark::bound::{Hypotheses, NormalisedScore};
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{Evidence, LIST, open_hypotheses};
use countermark_mark::key::{DeliveryKey, DistributorId, OwnerSecret, ScopedPayloadKey, TitleId};
use countermark_mark::{ChipPlan, Observation, Residuals, SoftValues, Trust};
use countermark_trace::audit::{ClipReader, EvidencePart, Task};
use countermark_trace::{Silence, Tuning};

type Checked = Result<(), Box<dyn std::error::Error>>;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/landscape.mp4")
}

/// A copy of the first two seconds of a sample, and two registers of its studio that never delivered it.
struct Scene {
    _folder: tempfile::TempDir,
    clip: PathBuf,
    innocent: [Innocent; 2],
}

impl Scene {
    fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let master = attacked(&sample(), "cut-2s+h264-crf12", &at("master.mkv"))?;
        let owner = Innocent::new(&at("owner"), &master, (1, 1), 0)?;
        let copy = owner.copy(&master, &at("copy.mkv"))?;
        let innocent = [
            Innocent::new(&at("one"), &master, (1, 2), 10)?,
            Innocent::new(&at("other"), &master, (1, 3), 10)?,
        ];
        Ok(Self {
            clip: attacked(&copy, "h264-crf26", &at("clip.mkv"))?,
            innocent,
            _folder: folder,
        })
    }

    fn of_this_file() -> &'static Self {
        static SCENE: OnceLock<Scene> = OnceLock::new();
        SCENE.get_or_init(|| Self::new().expect("a scene"))
    }

    /// The chips of the title, and the clip's frames on its lattice.
    fn frames(&self) -> anyhow::Result<(ChipPlan, Vec<Observation>)> {
        let key = self.innocent[0].key()?;
        let lattice = key
            .format
            .lattice(key.width as usize, key.height as usize)?;
        let tuning = Tuning::default();
        let task = Task::new(&Silence, &tuning);
        let mut reader = ClipReader::open(&self.clip, lattice, &task)?;
        let frames = reader.next_window()?;
        Ok((ChipPlan::new(&key.carrier, lattice, &key.format), frames))
    }
}

fn soft(plan: &ChipPlan, frames: &[Observation]) -> SoftValues {
    let residuals = Residuals::blind(plan.lattice(), frames);
    SoftValues::new(&residuals, plan.format(), Trust::Blind)
}

/// The keys of a register's deliveries.
fn deliveries(innocent: &Innocent) -> anyhow::Result<Vec<DeliveryKey>> {
    let register = innocent.vault.register();
    let key = |d: &countermark_register::DeliveryRecord| {
        let scoped = register.scoped_payload_key(d.distributor_id, d.title_id);
        scoped.delivery(d.payload)
    };
    Ok(register.deliveries(None)?.iter().map(key).collect())
}

fn look(evidence: Vec<Evidence>) -> Look {
    Look {
        pieces: vec![Piece {
            part: EvidencePart::Shift,
            evidence,
        }],
        ..Look::default()
    }
}

#[test]
fn a_part_of_the_experiments_holds() -> Checked {
    let folder = tempfile::tempdir()?;
    let master = attacked(
        &sample(),
        "cut-2s+h264-crf12",
        &folder.path().join("master.mkv"),
    )?;
    let ways = &[Examination::Trace];
    for exchanged in exchange("landscape", &master, FORMS[0], ways, 100_000, folder.path())? {
        assert!(exchanged.holds(), "{exchanged:?}");
    }
    Ok(())
}

#[test]
#[ignore = "slow: four forms of a clip, and twenty registers"]
fn the_experiments_hold() -> Checked {
    let folder = tempfile::tempdir()?;
    for form in FORMS {
        let ways = &Examination::ALL;
        for exchanged in exchange("landscape", &sample(), form, ways, 400_000, folder.path())? {
            assert!(exchanged.holds(), "{exchanged:?}");
        }
    }
    let innocents = fresh(&[sample()], (20, 1000), folder.path(), &|_| ())?;
    assert!(innocents.hold(), "{innocents:?}");
    Ok(())
}

#[test]
fn an_offset_chosen_by_the_score_of_the_fingerprint_fails_the_exchange_of_keys() -> Checked {
    let scene = Scene::of_this_file();
    let (plan, frames) = scene.frames()?;
    let soft = soft(&plan, &frames);
    let chosen = |by: Option<&Innocent>| -> anyhow::Result<Look> {
        let keys = by.map(deliveries).transpose()?.unwrap_or_default();
        let best = |evidence: &Evidence| {
            let scores = evidence.scores(&keys).into_iter();
            scores.map(NormalisedScore::value).fold(f64::MIN, f64::max)
        };
        let mut all = (-32..=32).map(|shift| Evidence::collect(&plan, &soft, shift));
        let first = all.next().ok_or_else(|| anyhow::anyhow!("no shift"))?;
        let found = all.fold(first, |known, next| {
            if best(&next) > best(&known) {
                next
            } else {
                known
            }
        });
        Ok(look(vec![found]))
    };
    let [one, other] = &scene.innocent;
    assert!(differences(&chosen(None)?, &chosen(None)?).is_empty());
    assert!(!differences(&chosen(Some(one))?, &chosen(Some(other))?).is_empty());
    Ok(())
}

#[test]
fn frames_that_are_scored_one_by_one_fail_the_spread() -> Checked {
    let (plan, frames) = Scene::of_this_file().frames()?;
    let at_once = look(vec![Evidence::collect(&plan, &soft(&plan, &frames), 0)]);
    let frame = |frame: &Observation| {
        Evidence::collect(&plan, &soft(&plan, std::slice::from_ref(frame)), 0)
    };
    let singly = look(frames.iter().map(frame).collect());
    let right = Spread::of(&at_once.pieces, 100_000, 1);
    assert!(right.holds(), "{right:?}");
    let wrong = Spread::of(&singly.pieces, 2_000, 1);
    assert!(!wrong.holds(), "{wrong:?}");
    Ok(())
}

#[test]
fn a_list_that_is_not_counted_fails_the_fresh_registers() -> Checked {
    let (plan, frames) = Scene::of_this_file().frames()?;
    let evidence = Evidence::collect(&plan, &soft(&plan, &frames), 0);
    let mut decoder = ListDecoder::new(LIST);
    let (mut right, mut wrong) = (Innocents::default(), Innocents::default());
    for number in 0..12 {
        let key = |distributor: u8| -> ScopedPayloadKey {
            OwnerSecret::from_bytes([number; 32])
                .payload_key(DistributorId([distributor; 16]))
                .scoped(TitleId([5; 16]))
        };
        let found = (0..3).filter_map(|d| evidence.decode(&key(d), &mut decoder));
        let scores: Vec<_> = found.map(|found| found.score).collect();
        let best = |tried: Hypotheses| {
            let all = scores.iter().map(|score| score.log10_p(tried));
            all.fold(0.0, f64::min)
        };
        right.add(best(open_hypotheses(3, 1)));
        wrong.add(best(Hypotheses::ONE.times(3)));
    }
    assert!(right.hold(), "{right:?}");
    assert!(!wrong.hold(), "{wrong:?}");
    Ok(())
}
