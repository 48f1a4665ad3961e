use super::*;
use crate::Audience;
use crate::html::as_xml;
use crate::specimen::{NASTY, credentials, exhibits, found, title, traced};
use countermark_trace::result::{
    Agreement, ClipClock, ClipReport, Identification, Identity, Sense, State, Verdict,
};

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
        circumstances: &Circumstances::default(),
        still: None,
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
fn a_manifest_is_shown_and_its_texts_are_no_markup() {
    let shown = |state, mark| {
        let found = credentials(NASTY, state, mark);
        let report = ClipReport {
            credentials: Some(found),
            ..traced()
        };
        let html = page(&report, &exhibits());
        assert!(!html.contains("<script"), "{html}");
        text(&html)
    };
    let broken = shown(State::Broken, Agreement::Differs);
    for words in [
        "C2PA manifest",
        "does not hold",
        "the mark names another: a manifest accuses nobody",
        "multiplies no bound",
        NASTY,
    ] {
        assert!(broken.contains(words), "{words}: {broken}");
    }
    let unread = shown(State::Unread, Agreement::NoBinding);
    assert!(unread.contains("without the feature c2pa"), "{unread}");
    assert!(!unread.contains("Signed by"), "{unread}");
    assert!(!text(&page(&traced(), &exhibits())).contains("C2PA"));
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
        "Score 48.61, threshold 7.68",
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
    for old in [
        "chance that this accusation is wrong",
        "was made from",
        "log10 p",
        "10^105",
    ] {
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
    let sections = tree
        .descendants()
        .filter(|node| node.has_tag_name("section"));
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
    insta::assert_snapshot!(own("What was counted"), @r#"
    A score may have come about in several ways, and each multiplies how often it occurs: log10 bound = sum of log10 of the factors − 0.2171 t².
    For NASTY
    2
    decisions that may accuse: the register scored, payloads decoded
    3
    ways in which the clip may show the title, and be played, tried or not
    1000
    deliveries on record that were scored
    6000
    the product; every factor that is not shown is 1. Accused from a score of 7.68 on
    Looked at and not counted:
    1 time offsets: chosen by synchronisation chips; their signs and places come from the carrier key of the title, never from a delivery’s signs
    spans of the title, maps of the picture, lines of time: chosen by pictures and sound; registration compares the clip with the reference, which carries no mark
    "#);
    insta::assert_snapshot!(own("What the answer means"), @r#"
    The null hypothesis
    For a delivery it is: neither its copy, nor anything made from it (a stream, a recording), nor its keys, nor earlier scores for it had been available to whoever made the clip. Then the clip, whatever it shows and whatever was done to it, knows nothing of the delivery’s secret signs, which are fair coin tosses independent of each other, and they agree with it to a score of t or more with a probability of at most exp(−t²/2). That is proved (Hoeffding 1963), not fitted. It is multiplied by every factor that is counted above. A delivery is accused only where the result is below one in a billion.
    What is assumed
    The keys are secret: the studio’s own, and every read key that was handed out. Whoever has a read key of the title can lay marks into it.
    No copy of the delivery, no stream and no recording of it was at hand to anybody but those it was made for.
    Nobody outside the studio was told scores of this delivery before. Who may ask for them can build its signal.
    HKDF-SHA256 and ChaCha20 are as good as random. A key has 256 bits, so that no number below 10^−77 could be supported; none below 10^−30 is printed.
    One clip was analysed, once. Who analyses more, or the same clip again in another shape, must count those too.
    The program does what its source says, the register names the right recipient, and the file is the one with the digest above.
    What is not said
    How probable it is that an accused is innocent. That needs what is known beside the clip.
    Who made the clip, or who passed the copy on.
    Whether the signal was recorded elsewhere, such as from a public stream, and laid over other pictures of the same title. A mark that is added to pictures cannot forbid that, and nothing here would show it.
    How much of the clip stems from a copy: a copy of which little was used is named in the same words. The shares above are scores, each by the highest.
    Anything by a second witness: where a payload was decoded as well, both decisions rest on one score.
    How often it was wrong when it was tested
    With version 0.1.0, 0 of some 1600 clips led to a wrong accusation: below 0.19 % at 95 % (rule of three). Counted were all runs of the suites of countermark-bench with that version (README, “In figures”). That is the rate of the whole system, program and register included; no bound says more of it.
    "#);
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
            clock: ClipClock::default(),
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
            clock: ClipClock::default(),
        },
        sighted: 1,
        probes: 1,
        telling: 1,
        titles: 3,
        credentials: None,
        candidates: Vec::new(),
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
