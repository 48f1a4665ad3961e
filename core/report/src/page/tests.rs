use super::*;
use crate::Audience;
use crate::html::as_xml;
use crate::specimen::{NASTY, exhibits, found, title, traced};
use countermark_trace::result::{ClipReport, Identification, Identity, Sense, Verdict};

fn page<'a>(report: impl Into<Statement<'a>>, exhibits: &Exhibits) -> String {
    page_for(Audience::Outgoing, report, exhibits)
}

fn page_for<'a>(
    audience: Audience,
    report: impl Into<Statement<'a>>,
    exhibits: &Exhibits,
) -> String {
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
        audience,
    };
    page.to_html().expect("a page")
}

/// All text of a page that parses.
fn text(html: &str) -> String {
    let xml = as_xml(html);
    let tree = roxmltree::Document::parse(&xml).expect("well-formed");
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
        "Score 48.61, threshold 7.47",
        "one as high in fewer than one of 10^30.",
        "If neither that copy, nor anything made from it,",
        "This is not the probability that",
        "also decoded from the picture: one score",
        "100 % of the highest",
        "recorded elsewhere",
        "below 0.19 % at 95 %",
        "000102030405060708090a0b0c0d0e0f",
        "0123456789abcdef",
        "countermark-detect 0.1.0",
        "2026-11-21T10:06:54.317Z",
        &"ab".repeat(32),
        "null hypothesis",
        "6000",
        "deliveries on record that were scored",
        "chosen by synchronisation chips",
        "Of 999 other deliveries on record none scored above 5.",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(html.matches("class=\"copy\"").count(), 1, "one copy");
    for old in ["chance that this accusation is wrong", "was made from", "log10 p", "10^105"] {
        assert!(!text.contains(old), "{old}: {text}");
    }
}

#[test]
fn scores_of_the_innocent_are_on_the_studios_own_page_alone() {
    let outgoing = text(&page(&traced(), &exhibits()));
    let internal = text(&page_for(Audience::Internal, &traced(), &exhibits()));
    for told in ["-0.40", "For the studio only"] {
        assert!(!outgoing.contains(told), "{told}: {outgoing}");
        assert!(internal.contains(told), "{told}: {internal}");
    }
    assert!(outgoing.contains("their scores are secrets"), "{outgoing}");
}

#[test]
fn the_answer_is_explained_in_full() {
    let html = page(&traced(), &exhibits());
    let xml = as_xml(&html);
    let tree = roxmltree::Document::parse(&xml).expect("well-formed");
    let sections = tree.descendants().filter(|node| node.has_tag_name("section"));
    let own = |title: &'static str| {
        let mut sections = sections.clone();
        let found = sections.find(|section| {
            let heading = section.children().find(|child| child.has_tag_name("h2"));
            heading.and_then(|h2| h2.text()) == Some(title)
        });
        let leaves = ["p", "li", "h3", "td", "caption"];
        let lines = found.expect("a section").descendants();
        let lines = lines.filter(|node| leaves.contains(&node.tag_name().name()));
        let text = lines.map(|line| {
            let parts = line.descendants().filter(roxmltree::Node::is_text);
            parts.filter_map(|part| part.text()).collect::<String>()
        });
        text.collect::<Vec<_>>().join("\n").replace(NASTY, "NASTY")
    };
    insta::assert_snapshot!(own("What was counted"), @"");
    insta::assert_snapshot!(own("What the answer means"), @"");
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
        several.contains("carries the signal of the copy delivered to"),
        "{several}"
    );
    let mut report = traced();
    if let Some(identity) = &mut report.identity {
        identity.matches.truncate(1);
    }
    let one = text(&page(&report, &exhibits()));
    assert!(one.contains("carries the signal of the copy of "), "{one}");
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
        "Of 1000 deliveries on record none scored above 5.",
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
            title: Some(title("T")),
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
