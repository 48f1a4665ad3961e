//! Results to try pages on.

use countermark_mark::{NormalisedScore, Payload};
use countermark_register::{DeliveryId, TitleId};
use countermark_trace::exhibits::{Exhibits, FramePair, Picture, RankedDelivery};
use countermark_trace::result::{
    ACCUSATION_LOG10_P, Accusation, Agreement, Bound, ClipClock, ClipReport, Compared, Credentials,
    Decision, Factors, FoundManifest, Host, Identity, Match, Sense, SignedBy, SoftBinding, State,
    TitleName, Tried, Verdict,
};

/// A name that would be markup.
pub(crate) const NASTY: &str = "<script>alert('x') & \"y\"</script>";

/// A title of that name.
pub(crate) fn title(name: &str) -> TitleName {
    TitleName {
        id: TitleId::parse(&format!("{:02x}", name.len()).repeat(16)).expect("32 digits"),
        name: name.into(),
    }
}

pub(crate) fn found(name: &str, query: [f64; 2], by: Vec<Sense>) -> Match {
    Match {
        query,
        reference: query.map(|time| time + 40.0),
        speed: 1.0,
        tolerance: None,
        mirrored: false,
        negative: false,
        rectangle: None,
        also: Vec::new(),
        title: Some(title(name)),
        by,
        payloads: Vec::new(),
    }
}

/// A score among a thousand deliveries.
pub(crate) fn bound(t: f64) -> Bound {
    let hypotheses = Factors {
        decisions: 2,
        views: 3,
        deliveries: 1000,
        ..Factors::ONE
    };
    Bound::new(NormalisedScore::new(t, 1.0), hypotheses)
}

/// A stranger's manifest, whose every text is `name`.
pub(crate) fn credentials(name: &str, state: State, mark: Agreement) -> Credentials {
    let told = || Some(name.to_owned());
    Credentials {
        manifest: FoundManifest {
            state,
            faults: vec![name.to_owned()],
            signed_by: Some(SignedBy {
                name: told(),
                organisation: told(),
                certificate_sha256: told(),
            }),
            title: told(),
            made_by: told(),
            actions: vec![name.to_owned()],
            soft_bindings: vec![SoftBinding {
                algorithm: name.to_owned(),
                value: name.to_owned(),
            }],
        },
        delivery: DeliveryId::parse("0f0102030405060708090a0b0c0d0e0f"),
        own_certificate: None,
        mark,
    }
}

fn accusation(t: f64) -> Accusation {
    Accusation {
        delivery: DeliveryId::parse("000102030405060708090a0b0c0d0e0f"),
        payload: Payload::new(0x0123_4567_89ab_cdef),
        distributor: NASTY.into(),
        distributor_id: None,
        licensee: Some(NASTY.into()),
        licence: None,
        bound: bound(t),
        path: Decision::Closed,
        decoded: true,
        share: 1.0,
    }
}

pub(crate) fn traced() -> ClipReport {
    ClipReport {
        file: "/leaks/leak.mp4".into(),
        verdict: Verdict::Traced,
        identity: Some(Identity {
            title: Some(title(NASTY)),
            matches: vec![
                found(NASTY, [0.0, 3.0], vec![Sense::Picture]),
                Match {
                    speed: 1.1,
                    tolerance: None,
                    mirrored: true,
                    negative: false,
                    rectangle: None,
                    also: Vec::new(),
                    ..found("Other", [3.0, 6.0], vec![Sense::Picture, Sense::Sound])
                },
                found("Other", [6.0, 200.0], vec![Sense::Sound]),
            ],
            clock: ClipClock::default(),
        }),
        geometry: None,
        deliveries: vec![accusation(48.615_678)],
        compared: Compared {
            pictures_compared: true,
            evidence: vec![[0.0, 3.0]],
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

pub(crate) fn exhibits() -> Exhibits {
    let picture = || Picture {
        width: 4,
        height: 3,
        samples: (0..12).map(|n| n * 20).collect(),
    };
    let standing = |accused, t| RankedDelivery {
        title: title(NASTY),
        delivery: DeliveryId::parse("000102030405060708090a0b0c0d0e0f").expect("32 digits"),
        distributor: NASTY.into(),
        licensee: Some(NASTY.into()),
        accused,
        bound: bound(t),
    };
    Exhibits {
        pairs: vec![FramePair {
            title: title(NASTY),
            clip_time: 1.0,
            media_time: 41.0,
            mirrored: false,
            correlation: 0.99,
            gain: 1.0,
            offset: 0.0,
            clip: picture(),
            master: picture(),
            residual: picture(),
        }],
        standings: vec![standing(true, 11.0), standing(false, -0.4)],
        notes: vec![NASTY.into()],
    }
}
