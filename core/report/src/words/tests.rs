use countermark_mark::Payload;
use countermark_register::DeliveryId;
use countermark_trace::result::{Compared, Identity};

use super::*;
use crate::Answer;
use crate::json::{Broken, Document};
use crate::specimen::title;

fn report() -> ClipReport {
    ClipReport {
        file: "leak.mp4".into(),
        verdict: Verdict::Traced,
        identity: Some(Identity {
            title: Some(title("Die Brücke")),
            matches: vec![Match {
                query: [0.0, 3.0],
                reference: [41.999_96, 45.0],
                speed: 1.0,
                mirrored: false,
                title: Some(title("Die Brücke")),
                by: vec![Sense::Picture],
                payloads: Vec::new(),
            }],
        }),
        geometry: None,
        deliveries: vec![Accusation {
            delivery: DeliveryId::parse("000102030405060708090a0b0c0d0e0f"),
            payload: Payload::new(0x0123_4567_89ab_cdef),
            distributor: "Nordlicht".into(),
            distributor_id: None,
            licensee: Some("Festival".into()),
            log10_p: -23.456,
            path: Decision::Closed,
        }],
        compared: Compared {
            pictures_compared: true,
            evidence: vec![[0.0, 2.999_96]],
            withheld: Vec::new(),
        },
        tried: Tried {
            host: Host::Reference,
            frames: 72,
            clip_seconds: 3.0,
            titles: 1,
            keys: 2,
            deliveries: 1000,
            offsets: 1,
            geometries: 1,
            best_log10_p: Some(-23.456),
            threshold_log10_p: ACCUSATION_LOG10_P,
        },
        seconds: 0.123_45,
    }
}

fn json(answer: &impl Answer) -> String {
    serde_json::to_string(&answer.document()).expect("json")
}

fn nothing() -> ClipReport {
    let tried = Tried {
        best_log10_p: Some(-3.21),
        ..report().tried
    };
    ClipReport {
        verdict: Verdict::NotFound,
        identity: None,
        deliveries: Vec::new(),
        compared: Compared::default(),
        tried,
        ..report()
    }
}

#[test]
fn a_trace_is_one_line_of_json() {
    insta::assert_snapshot!(json(&report()), @r#"{"schema":1,"file":"leak.mp4","verdict":"traced","title":"Die Brücke","matches":[{"query":[0.0,3.0],"reference":[42.0,45.0],"speed":1.0,"mirrored":false,"title":"Die Brücke","by":["picture"]}],"deliveries":[{"delivery":"000102030405060708090a0b0c0d0e0f","payload":"0123456789abcdef","distributor":"Nordlicht","licensee":"Festival","log10_p":-23.456,"path":"closed"}],"pictures_compared":true,"evidence":[[0.0,3.0]],"tried":{"host":"reference","frames":72,"clip_seconds":3.0,"titles":1,"keys":2,"deliveries":1000,"offsets":1,"geometries":1,"best_log10_p":-23.456,"threshold_log10_p":-9.0},"seconds":0.123}"#);
}

#[test]
fn a_read_has_neither_title_nor_matches() {
    insta::assert_snapshot!(json(&nothing()), @r#"{"schema":1,"file":"leak.mp4","verdict":"not-found","deliveries":[],"pictures_compared":false,"evidence":[],"tried":{"host":"reference","frames":72,"clip_seconds":3.0,"titles":1,"keys":2,"deliveries":1000,"offsets":1,"geometries":1,"best_log10_p":-3.21,"threshold_log10_p":-9.0},"seconds":0.123}"#);
}

#[test]
fn a_read_tells_where_the_picture_lies() {
    let read = ClipReport {
        identity: None,
        geometry: Some(Geometry {
            corners: [[1.25, -0.1], [-0.2, -0.1], [-0.2, 1.123_456], [1.25, 1.1]],
            mirrored: true,
            rotation_degrees: 3.04,
            speed: 1.070_1,
            start: 12.5,
            score: 17.25,
        }),
        ..report()
    };
    let json = json(&read);
    let geometry = r#""geometry":{"corners":[[1.25,-0.1],[-0.2,-0.1],[-0.2,1.12346],[1.25,1.1]],"mirrored":true,"rotation_degrees":3.04,"speed":1.0701,"start":12.5,"score":17.25}"#;
    assert!(json.contains(geometry), "{json}");
    let words = "geometry     the picture's corners lie at (125.0, -10.0) (-20.0, -10.0) (-20.0, 112.3) (125.0, 110.0) \
                 percent of the frame, mirrored, turned by 3.0 degrees, at 1.070 times the speed; the clip begins at 12.50 s \
                 of the master; the synchronisation scores 17.2";
    assert!(read.words().to_string().contains(words), "{}", read.words());
}

#[test]
fn a_broken_clip_is_a_line_too() {
    insta::assert_snapshot!(serde_json::to_string(&Document::new(Broken::new("a.mp4", "no video in a.mp4"))).expect("json"), @r#"{"schema":1,"file":"a.mp4","verdict":"error","error":"no video in a.mp4"}"#);
}

#[test]
fn words_state_the_chance_and_the_threshold() {
    insta::assert_snapshot!(report().words().to_string(), @r#"
    leak.mp4: traced
      title        Die Brücke
      seconds      0.00 to 3.00 of the clip show 42.00 to 45.00 of the master
      delivery     000102030405060708090a0b0c0d0e0f
      payload      0123456789abcdef
      distributor  Nordlicht
      licensee     Festival
      found by     scored against the deliveries on record
      certainty    the chance that this accusation is wrong is below 1 in 10^23 (log10 p = -23.45, accused only below -9)
      tried        72 frames, 1 title, 2 distributors' keys, 1000 deliveries on record, 1 time offset, 1 geometry, with the reference; best log10 p = -23.45, accused only below -9
    "#);
}

#[test]
fn nothing_found_says_how_far_it_stopped() {
    insta::assert_snapshot!(nothing().words().to_string(), @r#"
    leak.mp4: not found
      tried        72 frames, 1 title, 2 distributors' keys, 1000 deliveries on record, 1 time offset, 1 geometry, with the reference; best log10 p = -3.21, accused only below -9
    "#);
}

#[test]
fn chances_are_rounded_towards_less_certainty() {
    for (log10_p, words) in [
        (0.0, "1"),
        (-0.9, "1"),
        (-2.5, "1 in 100"),
        (-9.99, "1 in 1 billion"),
        (-11.0, "1 in 100 billion"),
        (-17.9, "1 in 100 quadrillion"),
        (-18.0, "1 in 10^18"),
        (-123.4, "1 in 10^123"),
    ] {
        assert_eq!(chance(log10_p), words);
    }
}
