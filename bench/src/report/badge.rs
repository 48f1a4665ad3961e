//! A badge: the verdict for a README, as an endpoint of shields.io reads it.
//!
//! # References
//! shields.io, Endpoint Badge: `schemaVersion`, `label`, `message`, `color`.

use serde::Serialize;

use super::gathered::Report;
use super::headline::Standing;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    schema_version: u32,
    label: String,
    message: String,
    color: &'static str,
}

pub(super) fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    let headline = report.headline();
    let checks = headline.held + headline.short + headline.broken + headline.unchecked;
    let (word, color) = match headline.standing() {
        Standing::Holds => ("hold", "brightgreen"),
        Standing::Unchecked => ("hold, others not checked", "yellow"),
        Standing::Broken => ("hold, others broken", "orange"),
        Standing::Short => ("hold", "red"),
    };
    let suite = std::path::Path::new(&report.suite).file_stem();
    let badge = Badge {
        schema_version: 1,
        label: format!(
            "robustness, {}",
            suite.unwrap_or_default().to_string_lossy()
        ),
        message: format!("{} of {checks} {word}", headline.held),
        color,
    };
    Ok(serde_json::to_string(&badge)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::super::Measured;
    use super::super::specimen::{suite, trial};
    use super::*;
    use crate::trial::Answer;

    #[test]
    fn a_badge_is_green_only_when_everything_was_checked_and_holds() -> Result<(), serde_json::Error>
    {
        let floor = "[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\nmin_rate = 1.0\n";
        let row = "[[row]]\nattack = \"h264-crf30\"\npath = \"read\"\n";
        let both = format!("{floor}{row}");
        for (rows, answer, said) in [
            (
                floor,
                Answer::Exact,
                "\"1 of 1 hold\",\"color\":\"brightgreen\"",
            ),
            (floor, Answer::None, "\"0 of 1 hold\",\"color\":\"red\""),
            (
                &both,
                Answer::Exact,
                "\"1 of 2 hold, others not checked\",\"color\":\"yellow\"",
            ),
        ] {
            let trials = ["h264-crf28", "h264-crf30"].map(|attack| trial("a", attack, answer));
            let measured = Measured {
                trials: &trials,
                ..Measured::default()
            };
            let text = to_json(&Report::new("own/x.toml", &suite(rows), measured))?;
            assert!(text.contains(said), "{text}");
            assert!(
                text.starts_with("{\"schemaVersion\":1,\"label\":\"robustness, x\""),
                "{text}"
            );
        }
        Ok(())
    }
}
