use countermark_picture::{Grey, Homography, QuarterTurn};

use countermark_register::{DeliveryId, TitleId};

use countermark_mark::bound::NormalisedScore;

use super::*;
use crate::result::Factors;

fn title() -> TitleName {
    TitleName {
        id: TitleId::parse(&"01".repeat(16)).expect("32 digits"),
        name: "T".into(),
    }
}

fn standing(accused: bool, score: f64) -> RankedDelivery {
    RankedDelivery {
        title: title(),
        delivery: DeliveryId::parse(&"0d".repeat(16)).expect("32 digits"),
        distributor: "D".into(),
        licensee: None,
        accused,
        bound: Bound::new(NormalisedScore::new(score, 1.0), Factors::ONE),
    }
}

#[test]
fn all_accused_and_the_best_others_of_all_titles_stay() {
    let mut exhibits = Exhibits::default();
    exhibits.rank(
        (0..9)
            .map(|n| standing(false, f64::from(n) / 9.0))
            .collect(),
    );
    exhibits.rank(vec![
        standing(false, -1.0),
        standing(true, 9.0),
        standing(false, 3.0),
        standing(true, 12.0),
    ]);
    let scores: Vec<f64> = exhibits.standings.iter().map(|s| s.bound.t()).collect();
    assert_eq!(scores.len(), 2 + OTHERS);
    assert_eq!(scores[..3], [12.0, 9.0, 3.0]);
    assert!(!scores.contains(&-1.0), "{scores:?}");
}

fn found(query: [f64; 2], by: Vec<Sense>) -> Match {
    Match {
        query,
        reference: query,
        speed: 1.0,
        tolerance: None,
        mirrored: false,
        negative: false,
        rectangle: None,
        also: Vec::new(),
        title: Some(title()),
        by,
        payloads: Vec::new(),
    }
}

fn textured(width: usize, height: usize) -> Grey {
    let level = |i: usize| (40 + (i % width * 37 + i / width * 53) % 160) as f32;
    Grey::new(width, height, (0..width * height).map(level).collect()).expect("a picture")
}

#[test]
fn pairs_spread_over_what_was_seen() {
    let all: Vec<f64> = (0..40).map(|n| f64::from(n) / 2.0).collect();
    let times = |matches: &[Match]| -> Vec<f64> {
        let chosen = chosen(matches, &all);
        chosen.iter().map(|(_, place)| all[*place]).collect()
    };
    let whole = times(&[found([0.0, 20.0], vec![Sense::Picture])]);
    assert_eq!(whole.len(), PAIRS);
    assert!(
        whole.windows(2).all(|pair| pair[1] - pair[0] > 2.0),
        "{whole:?}"
    );
    let two = times(&[
        found([0.0, 5.0], vec![Sense::Picture]),
        found([5.0, 10.0], vec![Sense::Sound]),
        found([10.0, 15.0], vec![Sense::Picture, Sense::Sound]),
    ]);
    assert_eq!(two.len(), PAIRS);
    assert!(two.iter().all(|time| !(5.1..9.9).contains(time)), "{two:?}");
    let many: Vec<Match> = (0..9)
        .map(|n| found([f64::from(n), f64::from(n) + 0.6], vec![Sense::Picture]))
        .collect();
    assert_eq!(times(&many).len(), PAIRS);
}

#[test]
fn a_frame_against_itself_in_another_tone_leaves_nothing() {
    let shown = textured(32, 24);
    let mirror = Homography::affine([-1.0, 0.0, 32.0, 0.0, 1.0, 0.0]).expect("invertible");
    let darker = shown.mirrored();
    let samples = darker.samples().iter().map(|x| 0.5 * x + 20.0).collect();
    let clip = Grey::new(32, 24, samples).expect("a picture");
    let pair = FramePair::of((&clip, 1.5), (&shown, 40.0), &mirror, title()).expect("a pair");
    assert!(pair.mirrored && pair.correlation > 0.999_99, "{pair:?}");
    assert!((pair.gain - 0.5).abs() < 1e-3 && (pair.offset - 20.0).abs() < 0.1);
    assert!(pair.residual.samples.iter().all(|level| *level == 128));
    let flat = Grey::new(32, 24, vec![50.0; 32 * 24]).expect("a picture");
    assert_eq!(
        FramePair::of((&clip, 1.5), (&flat, 40.0), &mirror, title()),
        None
    );
}

#[test]
fn where_the_master_shows_nothing_the_page_is_black_and_no_difference_is_claimed() {
    let shown = textured(16, 24);
    let clip = textured(32, 24);
    let pair =
        FramePair::of((&clip, 1.5), (&shown, 0.0), &Homography::IDENTITY, title()).expect("a pair");
    let right = |picture: &Picture| picture.samples[20..32].to_vec();
    assert_eq!(right(&pair.master), [0; 12]);
    assert_eq!(right(&pair.residual), [128; 12]);
}

#[test]
fn an_upright_picture_between_bars_is_scaled_alone() {
    let clip = textured(16, 12);
    let shown = textured(32, 24);
    let map = |turn| {
        let sight = Sight::Between(turn);
        sight.map((&clip, 0.0), None, &shown).expect("a map")
    };
    assert_eq!(map(QuarterTurn::None).map((32.0, 24.0)), Some((16.0, 12.0)));
    let (x, y) = map(QuarterTurn::Half).map((32.0, 24.0)).expect("a point");
    assert!(x.abs() < 1e-9 && y.abs() < 1e-9, "{x} {y}");
}
