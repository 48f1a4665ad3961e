use countermark_mark::{NormalisedScore, Payload};
use countermark_register::DeliveryId;
use countermark_trace::result::{
    ACCUSATION_LOG10_P, Agreement, Bound, ClipClock, Compared, Credentials, Factors, Identity,
    State,
};
use proptest::prelude::*;

use super::*;
use crate::Answer;
use crate::json::{Broken, Document};
use crate::specimen::{bound, credentials, title};
use crate::visible::acts;
use crate::visible::tests::hostile;

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
                tolerance: None,
                mirrored: false,
                negative: false,
                rectangle: None,
                also: Vec::new(),
                title: Some(title("Die Brücke")),
                by: vec![Sense::Picture],
                payloads: Vec::new(),
            }],
            clock: ClipClock::default(),
        }),
        geometry: None,
        deliveries: vec![Accusation {
            delivery: DeliveryId::parse("000102030405060708090a0b0c0d0e0f"),
            payload: Payload::new(0x0123_4567_89ab_cdef),
            distributor: "Nordlicht".into(),
            distributor_id: None,
            licensee: Some("Festival".into()),
            licence: None,
            bound: bound(48.615_678),
            path: Decision::Closed,
            decoded: true,
            share: 1.0,
        }],
        compared: Compared {
            pictures_compared: true,
            evidence: vec![[0.0, 2.999_96]],
            withheld: Vec::new(),
        },
        consistency: None,
        tried: Tried {
            host: Host::Reference,
            frames: 72,
            clip_seconds: 3.0,
            titles: 1,
            keys: 2,
            deliveries: 1000,
            offsets: 1,
            geometries: 1,
            poses: 0,
            best: Some(bound(48.615_678)),
            innocent: Some(bound(3.217)),
            threshold_log10: ACCUSATION_LOG10_P,
        },
        credentials: None,
        seconds: 0.123_45,
    }
}

fn json(answer: &impl Answer) -> String {
    serde_json::to_string(&answer.document(Audience::Outgoing)).expect("json")
}

fn nothing() -> ClipReport {
    let tried = Tried {
        best: Some(bound(5.812)),
        innocent: Some(bound(5.812)),
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
    insta::assert_snapshot!(json(&report()), @r#"{"schema":2,"file":"leak.mp4","verdict":"traced","title":"Die Brücke","matches":[{"query":[0.0,3.0],"reference":[42.0,45.0],"speed":1.0,"mirrored":false,"title":"Die Brücke","by":["picture"],"file_pts":[0.0,3.0]}],"deliveries":[{"delivery":"000102030405060708090a0b0c0d0e0f","payload":"0123456789abcdef","distributor":"Nordlicht","licensee":"Festival","t":48.61568,"threshold_t":7.67109,"log10_bound":-509.445,"hypotheses":{"clips":1,"decisions":2,"titles":1,"formats":1,"views":3,"readings":1,"poses":1,"sections":1,"shifts":1,"deliveries":1000,"keys":1,"list":1,"looks":1,"product":6000.0},"path":"closed","decoded":true,"share":1.0}],"pictures_compared":true,"evidence":[[0.0,3.0]],"tried":{"host":"reference","frames":72,"clip_seconds":3.0,"titles":1,"keys":2,"deliveries":1000,"offsets":1,"geometries":1,"poses":0,"best_log10_bound":-9.0,"hypotheses":{"clips":1,"decisions":2,"titles":1,"formats":1,"views":3,"readings":1,"poses":1,"sections":1,"shifts":1,"deliveries":1000,"keys":1,"list":1,"looks":1,"product":6000.0},"innocent_t_at_most":5.0,"threshold_log10_bound":-9.0},"seconds":0.123,"not_counted":[{"what":"time offsets","number":1,"chosen_by":"synchronisation chips","why":"their signs and places come from the carrier key of the title, never from a delivery’s signs"},{"what":"spans of the title, maps of the picture, lines of time","number":null,"chosen_by":"pictures and sound","why":"registration compares the clip with the reference, which carries no mark"}]}"#);
}

#[test]
fn a_read_has_neither_title_nor_matches() {
    insta::assert_snapshot!(json(&nothing()), @r#"{"schema":2,"file":"leak.mp4","verdict":"not-found","deliveries":[],"pictures_compared":false,"evidence":[],"tried":{"host":"reference","frames":72,"clip_seconds":3.0,"titles":1,"keys":2,"deliveries":1000,"offsets":1,"geometries":1,"poses":0,"best_log10_bound":-3.0,"hypotheses":{"clips":1,"decisions":2,"titles":1,"formats":1,"views":3,"readings":1,"poses":1,"sections":1,"shifts":1,"deliveries":1000,"keys":1,"list":1,"looks":1,"product":6000.0},"innocent_t_at_most":6.0,"threshold_log10_bound":-9.0},"seconds":0.123,"not_counted":[{"what":"time offsets","number":1,"chosen_by":"synchronisation chips","why":"their signs and places come from the carrier key of the title, never from a delivery’s signs"},{"what":"spans of the title, maps of the picture, lines of time","number":null,"chosen_by":"pictures and sound","why":"registration compares the clip with the reference, which carries no mark"}]}"#);
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
    let told = read.words(Audience::Outgoing).to_string();
    assert!(told.contains(words), "{told}");
}

#[test]
fn a_broken_clip_is_a_line_too() {
    insta::assert_snapshot!(serde_json::to_string(&Document::new(Broken::new("a.mp4", "no video in a.mp4"))).expect("json"), @r#"{"schema":2,"file":"a.mp4","verdict":"error","error":"no video in a.mp4"}"#);
}

#[test]
fn words_state_score_threshold_and_the_conditional() {
    insta::assert_snapshot!(report().words(Audience::Outgoing).to_string(), @r#"
    leak.mp4: traced
      title        Die Brücke
      seconds      0.00 to 3.00 of the clip show 42.00 to 45.00 of the master
      delivery     000102030405060708090a0b0c0d0e0f
      payload      0123456789abcdef
      distributor  Nordlicht
      licensee     Festival
      signal       the clip carries the signal of this copy: score 48.61, threshold 7.68
      found by     scored against the deliveries on record, also decoded from the picture: one score
      meaning      If neither that copy, nor anything made from it, nor its keys, nor earlier scores had been available to whoever made the clip, a score above the threshold would occur in fewer than one of a billion analyses, one as high in fewer than one of 10^30.
      not said     This is not the probability that Nordlicht is innocent. It does not say who made the clip, and it does not exclude that Nordlicht’s signal was recorded elsewhere and laid over other pictures of the same title.
      tried        72 frames, 1 title, 2 distributors' keys, 1000 deliveries on record, 1 time offset, 1 geometry, with the reference; no other score above 5, accused from 7.68 on
    "#);
}

#[test]
fn nothing_found_tells_no_score() {
    insta::assert_snapshot!(nothing().words(Audience::Outgoing).to_string(), @r#"
    leak.mp4: not found
      tried        72 frames, 1 title, 2 distributors' keys, 1000 deliveries on record, 1 time offset, 1 geometry, with the reference; no score above 6, accused from 7.68 on
    "#);
}

#[test]
fn the_studio_itself_sees_every_score() {
    let told = nothing().words(Audience::Internal).to_string();
    let (_, internal) = told.split_once("\n  internal     ").expect("a line");
    insta::assert_snapshot!(internal, @r#"for the studio only; nearest: score 5.81, threshold 7.68; best that is not accused: score 5.81, threshold 7.68"#);
    let report = nothing();
    let json = serde_json::to_value(report.document(Audience::Internal)).expect("json");
    assert_eq!(json["internal"]["innocent"]["t"], 5.812, "{json}");
    assert_eq!(json["tried"]["innocent_t_at_most"], 6.0, "{json}");
}

#[test]
fn several_accused_have_shares_and_a_case_has_its_clips() {
    let clips = Factors {
        clips: 40,
        ..*bound(0.0).hypotheses()
    };
    let weak = Accusation {
        distributor: "Seaview".into(),
        bound: Bound::new(NormalisedScore::new(12.0, 1.0), clips),
        decoded: false,
        share: 12.0 / 48.615_678,
        ..report().deliveries[0].clone()
    };
    let mut report = report();
    report.deliveries.push(weak);
    let told = report.words(Audience::Outgoing).to_string();
    for words in [
        "share        25 % of the highest score among the accused",
        "in fewer than one of a billion cases of 40 clips, one as high in fewer than one of 10^25.",
        "probability that anybody is innocent",
        "a licensee\u{2019}s signal was recorded elsewhere",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn chances_are_rounded_towards_less_certainty_and_end_at_10_to_the_30() {
    for (log10_bound, words) in [
        (0.0, "one of 1"),
        (-0.9, "one of 1"),
        (-2.5, "one of 100"),
        (-9.99, "one of 1 billion"),
        (-11.0, "one of 100 billion"),
        (-17.9, "one of 100 quadrillion"),
        (-18.0, "one of 10^18"),
        (-29.99, "one of 10^29"),
        (-30.0, "one of 10^30"),
        (-512.0, "one of 10^30"),
        (f64::NEG_INFINITY, "one of 10^30"),
    ] {
        assert_eq!(chance(log10_bound), words);
    }
}

proptest! {
    // Four names each.
    #![proptest_config(ProptestConfig::with_cases(2_500))]

    /// A clip's name that holds a whole verdict does not become one.
    #[test]
    fn no_hostile_name_adds_a_line_or_acts(names in proptest::array::uniform4(hostile())) {
        let [file, name, distributor, licensee] = names;
        let mut hostile = report();
        hostile.credentials = Some(credentials("a", State::Broken, Agreement::NoBinding));
        let plain = hostile.words(Audience::Outgoing).to_string();
        hostile.file = file;
        if let Some(identity) = &mut hostile.identity {
            identity.title = Some(title(&name));
            // Another title than the clip's is named beside its span.
            identity.matches[0].title = Some(title(&licensee));
        }
        hostile.credentials = Some(credentials(&distributor, State::Broken, Agreement::NoBinding));
        hostile.deliveries[0].distributor = distributor;
        hostile.deliveries[0].licensee = Some(licensee);
        let told = hostile.words(Audience::Outgoing).to_string();
        prop_assert!(!told.chars().any(|c| acts(c) && c != '\n'), "{told:?}");
        prop_assert_eq!(told.lines().count(), plain.lines().count(), "{:?}", told);
    }
}

#[test]
fn a_manifest_is_a_line_of_words_and_a_field_of_json() {
    let told = |state, mark| {
        let mut report = report();
        report.credentials = Some(Credentials {
            own_certificate: Some(true),
            ..credentials("x", state, mark)
        });
        let words = report.words(Audience::Outgoing).to_string();
        let line = words.lines().find(|line| line.starts_with("  c2pa  "));
        (line.expect("a line").to_owned(), json(&report))
    };
    let (words, json) = told(State::Holds, Agreement::Agrees);
    assert_eq!(
        words,
        "  c2pa         a manifest that holds: the file is as it was signed; signed by x of x, the certificate on record for that \
         delivery; its soft binding is that of delivery 0f0102030405060708090a0b0c0d0e0f, which the mark names too"
    );
    assert!(
        json.contains(r#""c2pa":{"state":"holds","faults":["x"],"#)
            && json.contains(r#""own_certificate":true,"mark":"agrees""#),
        "{json}"
    );
    let (words, json) = told(State::Unread, Agreement::NoBinding);
    assert!(words.ends_with("without the feature c2pa"), "{words}");
    assert!(json.contains(r#""state":"unread""#), "{json}");
}

#[test]
fn a_match_says_how_the_clip_is_played() {
    let found = Match {
        query: [0.0, 5.0],
        reference: [47.0, 42.0],
        speed: -1.0,
        tolerance: None,
        mirrored: true,
        negative: false,
        rectangle: None,
        also: Vec::new(),
        title: None,
        by: vec![Sense::Picture],
        payloads: Vec::new(),
    };
    let backwards =
        "0.00 to 5.00 of the clip show 47.00 to 42.00 of the master backwards, mirrored";
    assert_eq!(placed(&found, None), backwards);
    let slow = Match {
        speed: 0.5,
        reference: [42.0, 44.5],
        mirrored: false,
        negative: true,
        rectangle: None,
        also: Vec::new(),
        ..found
    };
    let slow = placed(&slow, None);
    let expected = "0.00 to 5.00 of the clip show 42.00 to 44.50 of the master at 0.500 times its speed, as a negative";
    assert_eq!(slow, expected);
    let told = |tolerance, speed| {
        let found = Match {
            query: [0.0, 5.0],
            reference: [42.0, 42.0 + 5.0 * speed],
            speed,
            tolerance: Some(tolerance),
            mirrored: false,
            negative: false,
            rectangle: None,
            also: Vec::new(),
            title: None,
            by: vec![Sense::Picture],
            payloads: Vec::new(),
        };
        placed(&found, None)
    };
    assert_eq!(
        told(0.02, 1.0),
        "0.00 to 5.00 of the clip show 42.00 to 47.00 of the master \u{b1} 0.02 s"
    );
    assert_eq!(
        told(3.0, 1.0),
        "0.00 to 5.00 of the clip show 42.00 to 47.00 of the master, or as much of 39.0 to 50.0, for the pictures hardly change"
    );
    assert_eq!(
        told(0.02, 0.0),
        "0.00 to 5.00 of the clip show 42.00 to 42.00 of the master \u{b1} 0.02 s, standing still"
    );
}
