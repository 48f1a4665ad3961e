//! Clips that do not run at one speed: each piece has its own line of time, and says how precise it is.

use countermark_mark::Payload;
use countermark_trace::result::Match;
use countermark_trace::{Request, Silence, Tracer};

use super::studio::{Playing, Studio};

/// Frames a second, and half a frame: what a clip shows between two frames is either.
const RATE: f64 = 12.0;

/// What a moment of a clip shows that is played so.
fn shown(playing: Playing, moment: f64) -> f64 {
    match playing {
        Playing::Boomerang if moment < 4.0 => moment,
        Playing::Boomerang => 95.0 / RATE - moment,
        Playing::Ramp if moment < 32.0 / RATE => moment,
        Playing::Ramp if moment < 56.0 / RATE => 32.0 / RATE + 2.0 * (moment - 32.0 / RATE),
        Playing::Ramp => 80.0 / RATE + 0.5 * (moment - 56.0 / RATE),
        Playing::Stills => moment.floor(),
        Playing::Slides => 6.0 * (moment * RATE / 5.0).floor() / RATE,
        other => panic!("{other:?} is one line"),
    }
}

/// The share of a clip that some matches tell to a tenth of a second or to their own precision.
fn told(matches: &[Match], playing: Playing) -> f64 {
    let moments: Vec<f64> = (0..130).map(|n| 0.01 + f64::from(n) * 0.05).collect();
    let is_right = |moment: &&f64| {
        let own = matches
            .iter()
            .find(|found| (found.query[0]..=found.query[1]).contains(*moment));
        own.is_some_and(|found| {
            let along = found.reference[0] + found.speed * (**moment - found.query[0]);
            let tolerance = found.tolerance.expect("pictures were asked");
            (along - shown(playing, **moment)).abs() < tolerance.max(0.1)
        })
    };
    moments.iter().filter(is_right).count() as f64 / moments.len() as f64
}

/// What `identify` says of a clip that is played so, and whose copy `trace` names.
fn examined(playing: Playing) -> (Vec<Match>, Vec<Match>) {
    let studio = Studio::shared();
    let path = studio.played(playing);
    let tracer = Tracer::new(&studio.vault).expect("a register");
    let request = Request::new(&path);
    let identified = tracer.identify(&request, &Silence).expect("an answer");
    let traced = tracer.trace(&request, &Silence).expect("an answer");
    let named: Vec<Payload> = traced.deliveries.iter().map(|d| d.payload).collect();
    assert_eq!(named, [studio.payload], "{traced:?}");
    let traced = traced.identity.expect("a title");
    (identified.identity.matches, traced.matches)
}

#[test]
#[ignore = "slow: two registrations; backwards alone is quick"]
fn a_boomerang_is_two_spans_one_of_them_backwards() {
    let (identified, traced) = examined(Playing::Boomerang);
    for matches in [identified, traced] {
        let speeds: Vec<f64> = matches.iter().map(|found| found.speed).collect();
        assert!(speeds[..] == [1.0, -1.0], "{matches:?}");
        assert!(told(&matches, Playing::Boomerang) > 0.95, "{matches:?}");
    }
}

#[test]
#[ignore = "slow: the same for a ramp and for two slide shows"]
fn ramps_and_stills_are_spans_of_their_own() {
    for (playing, count) in [
        (Playing::Ramp, 3..=5),
        (Playing::Stills, 7..=9),
        (Playing::Slides, 15..=17),
    ] {
        let (identified, traced) = examined(playing);
        for matches in [identified, traced] {
            assert!(count.contains(&matches.len()), "{matches:?}");
            assert!(told(&matches, playing) > 0.9, "{playing:?} {matches:?}");
        }
    }
}
