//! The suites that are in the program.

const ALL: [(&str, &str); 28] = [
    ("pr", include_str!("../../suites/pr.toml")),
    ("smoke", include_str!("../../suites/smoke.toml")),
    ("nightly", include_str!("../../suites/nightly.toml")),
    ("release", include_str!("../../suites/release.toml")),
    ("main", include_str!("../../suites/main.toml")),
    ("bars", include_str!("../../suites/bars.toml")),
    ("standard", include_str!("../../suites/standard.toml")),
    ("video-seal", include_str!("../../suites/video-seal.toml")),
    ("dci", include_str!("../../suites/dci.toml")),
    ("social", include_str!("../../suites/social.toml")),
    ("camcorder", include_str!("../../suites/camcorder.toml")),
    ("collusion", include_str!("../../suites/collusion.toml")),
    (
        "collusion-many",
        include_str!("../../suites/collusion-many.toml"),
    ),
    (
        "collusion-ten",
        include_str!("../../suites/collusion-ten.toml"),
    ),
    ("identify", include_str!("../../suites/identify.toml")),
    (
        "identify-many",
        include_str!("../../suites/identify-many.toml"),
    ),
    ("recaps", include_str!("../../suites/recaps.toml")),
    ("trace", include_str!("../../suites/trace.toml")),
    ("trace-many", include_str!("../../suites/trace-many.toml")),
    ("reposts", include_str!("../../suites/reposts.toml")),
    ("field", include_str!("../../suites/field.toml")),
    ("blind", include_str!("../../suites/blind.toml")),
    ("framing", include_str!("../../suites/framing.toml")),
    ("hostile", include_str!("../../suites/hostile.toml")),
    ("frontier", include_str!("../../suites/frontier.toml")),
    ("null", include_str!("../../suites/null.toml")),
    ("full", include_str!("../../suites/full.toml")),
    ("peers", include_str!("../../suites/peers.toml")),
];

/// Names of the suites that are in the program, the gates first.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// The text of a suite that is in the program; none of another name.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    let found = ALL.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}
