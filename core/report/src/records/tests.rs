//! Records in words and as JSON.

use countermark_mark::Payload;
use countermark_register::{
    BrokenLink, DeliveryId, DeliveryState, DistributorId, FileHash, FrameRate, MasterFacts, TitleId,
};

use super::*;

const ID: &str = "000102030405060708090a0b0c0d0e0f";

fn title() -> TitleAdded {
    TitleAdded {
        title: TitleRecord {
            id: TitleId::parse(ID).expect("32 digits"),
            name: "Brücke".into(),
            master: MasterFacts {
                file: "film.mov".into(),
                width: 1280,
                height: 720,
                rotation_degrees: 90,
                bit_depth: 10,
                frame_rate: FrameRate {
                    num: 24000,
                    den: 1001,
                },
                duration_seconds: 6.000_4,
                frames: 144,
            },
            reference_file: format!("{ID}.mp4"),
            added: Timestamp::now(),
        },
        reference_bytes: 312_345,
        seconds: 1.234_56,
    }
}

fn delivery(state: DeliveryState) -> DeliveryRecord {
    let whole = state == DeliveryState::Complete;
    DeliveryRecord {
        id: DeliveryId::parse(ID).expect("32 digits"),
        payload: Payload::new(0x0123_4567_89ab_cdef),
        title: "Brücke".into(),
        title_id: TitleId::parse(ID).expect("32 digits"),
        distributor: "Seaview".into(),
        distributor_id: DistributorId::parse(ID).expect("32 digits"),
        licensee: whole.then(|| "festival".into()),
        strength: 1.0,
        format_version: 2,
        encoder_settings: r#"{"name":"libx264"}"#.into(),
        output_file: "a.mp4".into(),
        output_path: None,
        state,
        frames: whole.then_some(144),
        psnr_y_db: whole.then_some(48.125_9),
        output_sha256: whole.then(|| FileHash::from_bytes([0xab; 32])),
        failure: None,
        created: Timestamp::now(),
        settled: whole.then(Timestamp::now),
    }
}

fn marked() -> Marked {
    Marked {
        delivery: delivery(DeliveryState::Complete),
        output: "out/a.mp4".into(),
        frames: 144,
        psnr_y_db: Some(48.125_9),
        written_psnr_y_db: None,
        carriage: Vec::new(),
        seconds: 8.4,
    }
}

fn listing(deliveries: Vec<DeliveryRecord>) -> Listing {
    Listing {
        deliveries,
        ledger: LedgerCheck {
            entries: 3,
            head: "f0".into(),
            broken: Some(BrokenLink::Absent { seq: 4 }),
        },
    }
}

#[test]
fn a_title_is_told_with_its_size_and_length() {
    let title = title();
    assert_eq!(
        title.to_string(),
        "added the title Brücke: 1280x720, 144 frames, 6.000 s; reference proxy 0.3 MB"
    );
    assert_eq!(
        title.to_json(),
        json!({
            "title": "Brücke",
            "id": ID,
            "master": "film.mov",
            "width": 1280,
            "height": 720,
            "rotation_degrees": 90,
            "bit_depth": 10,
            "frame_rate": "24000/1001",
            "duration_seconds": 6.0,
            "frames": 144,
            "reference": format!("{ID}.mp4"),
            "reference_bytes": 312_345,
            "seconds": 1.235,
        })
    );
}

#[test]
fn a_copy_is_told_with_its_payload_and_speed() {
    let marked = marked();
    assert_eq!(
        marked.to_string(),
        format!(
            "marked out/a.mp4\n  delivery     {ID}\n  payload      0123456789abcdef\n  title        Brücke\n  \
             distributor  Seaview\n  licensee     festival\n  PSNR-Y       48.13 dB\n  \
             frames       144 in 8.4 s, 17.1 frames/s"
        )
    );
    let json = marked.to_json();
    assert_eq!(
        (&json["psnr_y_db"], &json["fps"], &json["encoder"]["name"]),
        (&json!(48.13), &json!(17.1), &json!("libx264"))
    );
}

#[test]
fn what_is_not_known_is_left_out_of_words_and_null_in_json() {
    let marked = Marked {
        delivery: delivery(DeliveryState::Pending),
        psnr_y_db: None,
        ..marked()
    };
    let words = marked.to_string();
    assert!(
        !words.contains("licensee") && !words.contains("PSNR-Y"),
        "{words}"
    );
    let json = marked.to_json();
    assert_eq!(
        (&json["licensee"], &json["psnr_y_db"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn columns_of_a_listing_are_as_wide_as_their_widest_cell() {
    let listing = listing(vec![
        delivery(DeliveryState::Complete),
        delivery(DeliveryState::Pending),
    ]);
    let [first, second] = [0, 1].map(|at| listing.deliveries[at].created.to_string());
    assert_eq!(
        listing.to_string(),
        format!(
            "CREATED                   STATE     PAYLOAD           TITLE   DISTRIBUTOR  LICENSEE  FILE\n\
             {first}  complete  0123456789abcdef  Brücke  Seaview      festival  a.mp4\n\
             {second}  pending   0123456789abcdef  Brücke  Seaview      -         a.mp4"
        )
    );
}

#[test]
fn a_listing_holds_the_state_of_the_ledger() {
    let none = listing(Vec::new());
    assert_eq!(none.to_string(), "no deliveries");
    assert_eq!(
        none.to_json(),
        json!({
            "deliveries": [],
            "ledger": {"entries": 3, "head": "f0", "broken": "entry 4 of the ledger is missing"},
        })
    );
    let one = listing(vec![delivery(DeliveryState::Complete)]).to_json();
    let one = &one["deliveries"][0];
    assert_eq!(
        (&one["state"], &one["output_sha256"]),
        (&json!("complete"), &json!("ab".repeat(32)))
    );
}
