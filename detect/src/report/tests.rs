use super::*;
use countermark_trace::exhibits::Picture;
use countermark_trace::output::{
    Accusation, ClipReport, Decision, Host, Identification, Identity, Match, Sense,
    THRESHOLD_LOG10_P, Tried, Verdict,
};

const NASTY: &str = "<script>alert('x') & \"y\"</script>";

fn found(title: &str, query: [f64; 2], by: Vec<Sense>) -> Match {
    Match {
        query,
        reference: query.map(|time| time + 40.0),
        speed: 1.0,
        mirrored: false,
        title: Some(title.into()),
        by,
        payloads: Vec::new(),
    }
}

fn accusation(path: Decision, log10_p: f64) -> Accusation {
    Accusation {
        delivery: Some("000102030405060708090a0b0c0d0e0f".into()),
        payload: "0123456789abcdef".into(),
        distributor: NASTY.into(),
        licensee: Some(NASTY.into()),
        log10_p,
        path,
    }
}

fn traced() -> ClipReport {
    ClipReport {
        file: "/leaks/leak.mp4".into(),
        verdict: Verdict::Traced,
        identity: Some(Identity {
            title: Some(NASTY.into()),
            matches: vec![
                found(NASTY, [0.0, 3.0], vec![Sense::Picture]),
                Match {
                    speed: 1.1,
                    mirrored: true,
                    ..found("Other", [3.0, 6.0], vec![Sense::Picture, Sense::Sound])
                },
                found("Other", [6.0, 200.0], vec![Sense::Sound]),
            ],
        }),
        geometry: None,
        deliveries: vec![
            accusation(Decision::Closed, -23.456),
            accusation(Decision::Open, -21.0),
        ],
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
            threshold_log10_p: THRESHOLD_LOG10_P,
        },
        seconds: 0.123_45,
    }
}

fn exhibits() -> Exhibits {
    let picture = || Picture {
        width: 4,
        height: 3,
        samples: (0..12).map(|n| n * 20).collect(),
    };
    let standing = |accused, score, log10_p| Standing {
        title: NASTY.into(),
        delivery: "000102030405060708090a0b0c0d0e0f".into(),
        distributor: NASTY.into(),
        licensee: Some(NASTY.into()),
        accused,
        score,
        threshold_score: 7.2,
        log10_p,
    };
    Exhibits {
        pairs: vec![FramePair {
            title: NASTY.into(),
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
        standings: vec![standing(true, 11.0, -23.456), standing(false, -0.4, 0.0)],
        notes: vec![NASTY.into()],
    }
}

fn page<'a>(report: impl Into<Statement<'a>>, exhibits: &Exhibits) -> String {
    let custody = Custody {
        file_name: NASTY.into(),
        bytes: 12,
        sha256: "ab".repeat(32),
        version: "0.1.0",
        analysed: "2026-11-21T10:06:54.317Z".into(),
    };
    let page = Page {
        statement: report.into(),
        custody: &custody,
        exhibits,
    };
    page.to_html().expect("a page")
}

/// All text of a page that parses, below the document's type.
fn text(html: &str) -> String {
    let (_, body) = html.split_once('\n').expect("lines");
    let tree = roxmltree::Document::parse(body).expect("well-formed");
    let page = tree.descendants().find(|node| node.has_tag_name("body"));
    let nodes = page.expect("a body").descendants();
    let texts = nodes.filter(roxmltree::Node::is_text);
    texts.filter_map(|node| node.text()).collect()
}

#[test]
fn names_cannot_become_markup() {
    let html = page(&traced(), &exhibits());
    assert!(!html.contains("<script"), "{html}");
    let text = text(&html);
    assert!(text.contains(NASTY), "{text}");
}

#[test]
fn a_page_loads_nothing_and_states_what_counts() {
    let html = page(&traced(), &exhibits());
    assert!(!html.contains("http://") && !html.contains("https://"));
    assert!(!html.contains("url(") && !html.contains("@import") && !html.contains("href="));
    let sources: Vec<&str> = html.split("src=").skip(1).collect();
    assert_eq!(sources.len(), 3);
    assert!(sources.iter().all(|source| source.starts_with("\"data:")));
    let text = text(&html);
    for words in [
        "log10 p = -23.45",
        "below 1 in 10^23",
        "000102030405060708090a0b0c0d0e0f",
        "0123456789abcdef",
        "countermark-detect 0.1.0",
        "2026-11-21T10:06:54.317Z",
        &"ab".repeat(32),
        "null hypothesis",
        "1000",
        "not accused",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(
        html.matches("class=\"copy\"").count(),
        1,
        "two decisions, one copy"
    );
}

#[test]
fn each_title_has_a_plot_and_each_sense_a_stroke() {
    let html = page(&traced(), &exhibits());
    assert_eq!(html.matches("aria-label=\"Time of the clip").count(), 2);
    for class in ["line plain", "line mirrored", "line sound"] {
        // In a plot and in the legend.
        assert!(html.matches(class).count() >= 2, "{class}");
    }
    assert!(html.contains("\u{d7}1.100"), "the speed");
    assert!(!html.contains("line mark"), "a stroke that is not there");
}

#[test]
fn a_copy_is_not_said_to_be_of_a_title_when_there_are_several() {
    let several = text(&page(&traced(), &exhibits()));
    assert!(
        several.contains("made from the copy delivered to"),
        "{several}"
    );
    let mut report = traced();
    if let Some(identity) = &mut report.identity {
        identity.matches.truncate(1);
    }
    let one = text(&page(&report, &exhibits()));
    assert!(one.contains("made from the copy of "), "{one}");
}

#[test]
fn frames_that_do_not_agree_are_said_to_be_unlike() {
    let mut exhibits = exhibits();
    assert!(!text(&page(&traced(), &exhibits)).contains("unlike"));
    exhibits.pairs[0].correlation = 0.2;
    assert!(text(&page(&traced(), &exhibits)).contains("unlike"));
}

#[test]
fn a_page_without_an_accusation_accuses_nobody() {
    let report = ClipReport {
        verdict: Verdict::NotFound,
        identity: Some(Identity {
            title: None,
            matches: Vec::new(),
        }),
        deliveries: Vec::new(),
        ..traced()
    };
    let html = page(&report, &Exhibits::default());
    let text = text(&html);
    for words in [
        "Not found",
        "none found",
        "No span of the clip was placed",
        "No frames were compared",
        "No delivery on record was scored",
        "Nothing was noted",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!html.contains("class=\"copy\"") && !html.contains("<img"));
}

#[test]
fn an_identified_clip_has_no_scores() {
    let report = Identification {
        file: "a.mp4".into(),
        identity: Identity {
            title: Some("T".into()),
            matches: vec![found("T", [0.0, 0.0], vec![Sense::Picture])],
        },
        sighted: 1,
        probes: 1,
        telling: 1,
        titles: 3,
        seconds: 1.0,
    };
    let html = page(&report, &Exhibits::default());
    let text = text(&html);
    assert!(
        text.contains("Title found") && text.contains("accuses nobody"),
        "{text}"
    );
    assert!(!text.contains("threshold"), "{text}");
    assert!(html.contains("<circle"), "a picture is one moment");
}

#[test]
fn the_vault_is_not_named() {
    for (vault, note, told) in [
        (
            "/srv/vault",
            "cannot read /srv/vault/references/ab12.mkv: gone",
            "cannot read (in the vault): gone",
        ),
        (
            "vault",
            "no index (vault/index/ab.seg): run `countermark-embed vault index`",
            "no index ((in the vault)): run `countermark-embed vault index`",
        ),
        (
            ".",
            "see ../leak.mkv and ./index",
            "see ../leak.mkv and (in the vault)",
        ),
        ("vault", "damaged or cut short", "damaged or cut short"),
    ] {
        assert_eq!(without_place(note, Path::new(vault)), told);
    }
}

#[test]
fn clips_of_one_name_get_numbers() {
    let mut folder = Folder::new(Path::new("out"), Path::new("vault"));
    let mut names = |clip: &str| folder.free_name(Path::new(clip));
    assert_eq!(names("a/leak.mkv"), "leak.mkv");
    assert_eq!(names("b/leak.mkv"), "leak.mkv-2");
    assert_eq!(names("leak.mkv-2"), "leak.mkv-2-2");
    assert_eq!(names("c/leak.mkv"), "leak.mkv-3");
}

#[test]
fn a_page_is_written_whole_and_the_json_goes_on_from_the_line() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let clip = out.path().join("leak.mp4");
    fs::write(&clip, "clip").expect("a file");
    let mut folder = Folder::new(&out.path().join("new/reports"), Path::new("vault"));
    folder
        .write(&clip, &traced(), exhibits())
        .expect("a folder that can be written");
    let reports = out.path().join("new/reports");
    let mut names: Vec<OsString> = fs::read_dir(&reports)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["leak.mp4.html", "leak.mp4.json"]);
    let json = fs::read_to_string(reports.join("leak.mp4.json")).expect("the JSON");
    let line = traced().to_json().expect("a line");
    assert!(json.starts_with(line.trim_end_matches('}')), "{json}");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["exhibits"]["standings"][0]["score"], 11.0);
    assert_eq!(json["exhibits"]["bytes"], 4);
}
