//! What a bundle says to people: how to verify it, the method, and sheets for the rules that courts go by; filled from the case.
//!
//! ```text
//! template, {{field}} -> value of the case          what the case does not know stays open: "________"
//! ```
//!
//! A sheet claims nothing that the case does not hold. It is a draft for whoever certifies, and no legal advice.

use crate::{RecordedStage, archive::Files, case::Case};

/// Templates by their name in the bundle.
const TEMPLATES: [(&str, &str); 11] = [
    ("README.txt", include_str!("sheets/README.txt")),
    ("statement.en.md", include_str!("sheets/statement.en.md")),
    ("statement.zh.md", include_str!("sheets/statement.zh.md")),
    (
        "sheets/fre-902-14.en.md",
        include_str!("sheets/fre-902-14.en.md"),
    ),
    (
        "sheets/fre-902-14.zh.md",
        include_str!("sheets/fre-902-14.zh.md"),
    ),
    (
        "sheets/iso-27037.en.md",
        include_str!("sheets/iso-27037.en.md"),
    ),
    (
        "sheets/iso-27037.zh.md",
        include_str!("sheets/iso-27037.zh.md"),
    ),
    (
        "sheets/iso-27042.en.md",
        include_str!("sheets/iso-27042.en.md"),
    ),
    (
        "sheets/iso-27042.zh.md",
        include_str!("sheets/iso-27042.zh.md"),
    ),
    (
        "sheets/china-16-17.en.md",
        include_str!("sheets/china-16-17.en.md"),
    ),
    (
        "sheets/china-16-17.zh.md",
        include_str!("sheets/china-16-17.zh.md"),
    ),
];

/// Every sheet, filled.
pub(crate) fn of(case: &Case) -> Files {
    let sheets = TEMPLATES.iter().map(|(name, template)| {
        let language = if name.ends_with(".zh.md") {
            Language::Chinese
        } else {
            Language::English
        };
        (
            (*name).to_owned(),
            filled(template, case, language).into_bytes(),
        )
    });
    sheets.collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    English,
    Chinese,
}

impl Language {
    const fn of(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

fn filled(template: &str, case: &Case, language: Language) -> String {
    let mut text = template.to_owned();
    for (field, value) in fields(case, language) {
        text = text.replace(&format!("{{{{{field}}}}}"), &value);
    }
    text
}

fn fields(case: &Case, language: Language) -> Vec<(&'static str, String)> {
    let suspect = &case.suspect;
    let unknown = || language.of("not known", "未知").to_owned();
    let acquired = if suspect.acquired {
        language.of(
            "acquired.json in this bundle says how",
            "见本证据包 acquired.json",
        )
    } else {
        language.of(
            "not stated in this bundle: ________",
            "本证据包未载明：________",
        )
    };
    let pictures = if case.pictures_compared {
        language.of(
            "The pictures of all frames that carried the evidence were compared with the title's and found to be it.",
            "承载证据的所有帧画面均已与作品画面比对并确认一致。",
        )
    } else {
        language.of(
            "The pictures were not compared with the title's, or not all of them: the mark may have been laid over other pictures.",
            "画面未与作品画面（全部）比对：水印可能被叠加到其他画面上。",
        )
    };
    vec![
        ("file", plain(&suspect.file)),
        ("bytes", suspect.bytes.to_string()),
        ("sha256", suspect.sha256.clone()),
        ("acquired", acquired.to_owned()),
        ("title", case.title.as_deref().map_or_else(unknown, plain)),
        ("pictures", pictures.to_owned()),
        ("accused", accused(case, language)),
        ("commitments", commitments(case, language)),
        ("hypotheses", hypotheses(case)),
        ("head", head(case, language)),
        ("stamp", stamp(case, language)),
        ("warnings", warnings(case, language)),
        ("records", records(case, language)),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ]
}

/// A stranger's text on one line, without what Markdown and the template would act on.
fn plain(text: &str) -> String {
    let kept = text.chars().map(|c| {
        if c.is_control() || "{}<>|`*_[]".contains(c) {
            ' '
        } else {
            c
        }
    });
    kept.collect()
}

fn accused(case: &Case, language: Language) -> String {
    let lines = case.accused.iter().map(|one| {
        let licensee = one.licensee.as_deref().map(|text| format!(" ({})", plain(text)));
        let name = format!("{}{}", plain(&one.distributor), licensee.unwrap_or_default());
        let (title, payload) = (plain(&one.title), &one.payload);
        let least = one.log10_bound.max(-30.0).abs().floor();
        match language {
            Language::English => format!(
                "- the copy of \"{title}\" delivered to {name}, payload {payload}: score {:.2}, threshold {:.2}; without access to it so \
                 high a score would occur in fewer than one of 10^{least:.0} analyses",
                one.t, one.threshold_t
            ),
            Language::Chinese => format!(
                "- 《{title}》交付给 {name} 的副本，载荷 {payload}：得分 {:.2}，阈值 {:.2}；若未接触该副本，如此高的得分在 10^{least:.0} \
                 次分析中出现不到一次",
                one.t, one.threshold_t
            ),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn commitments(case: &Case, language: Language) -> String {
    let lines = case.accused.iter().map(|one| {
        let begun = one
            .entries
            .iter()
            .find(|entry| entry.act == "delivery-begun");
        match (&one.commitment, begun) {
            (Some(commitment), Some(begun)) => format!(
                "- {commitment} ({} {}, {})",
                language.of("entry", "台账条目"),
                begun.seq,
                begun.time
            ),
            _ => format!(
                "- {}",
                language.of(
                    "the ledger holds no commitment to this delivery's key",
                    "台账中没有该交付密钥的承诺"
                )
            ),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn hypotheses(case: &Case) -> String {
    let tables = case.accused.iter().map(|one| {
        let rows = one
            .hypotheses
            .iter()
            .map(|factor| format!("| {} | {} | {} |", factor.name, factor.count, factor.what));
        let rows: Vec<String> = rows.collect();
        format!(
            "{}\n\n| factor | count | what it counts |\n|---|---:|---|\n{}",
            plain(&one.distributor),
            rows.join("\n")
        )
    });
    tables.collect::<Vec<_>>().join("\n\n")
}

fn head(case: &Case, language: Language) -> String {
    match &case.ledger {
        Some(ledger) => match language {
            Language::English => format!(
                "{} entries, root {}, signed {} (the studio's clock) with the key {}",
                ledger.head.size, ledger.head.root, ledger.head.time, ledger.head.key
            ),
            Language::Chinese => format!(
                "{} 条，根 {}，{} 签署（制片方时钟），公钥 {}",
                ledger.head.size, ledger.head.root, ledger.head.time, ledger.head.key
            ),
        },
        None => language
            .of(
                "none: this bundle holds no signed head of the ledger",
                "无：本证据包不含已签署的台账首部",
            )
            .to_owned(),
    }
}

fn stamp(case: &Case, language: Language) -> String {
    let stamp = case
        .ledger
        .as_ref()
        .and_then(|ledger| ledger.stamp.as_ref());
    match stamp {
        Some(facts) => {
            let qualified = if facts.claims_qualified {
                language.of("claims to be a qualified one (eIDAS); whether it is, a trusted list says", "自称为合格时间戳（eIDAS），以可信列表为准")
            } else {
                language.of("does not claim to be a qualified one (eIDAS)", "未声明为合格时间戳（eIDAS）")
            };
            match language {
                Language::English => format!(
                    "RFC 3161 token of {}, policy {}, serial number {}; it {qualified}",
                    facts.time, facts.policy, facts.serial
                ),
                Language::Chinese => format!(
                    "RFC 3161 时间戳 {}，策略 {}，序列号 {}；{qualified}",
                    facts.time, facts.policy, facts.serial
                ),
            }
        }
        None => language
            .of(
                "none: no third party has stamped the ledger's head; its time rests on the studio's word",
                "无：台账首部未经第三方时间戳；其时间仅凭制片方陈述",
            )
            .to_owned(),
    }
}

fn records(case: &Case, language: Language) -> String {
    let Some(records) = &case.records else {
        return language
            .of("not listed in this bundle", "本证据包未列出")
            .to_owned();
    };
    let files = records.entries.iter().filter_map(RecordedStage::of);
    let files: usize = files.map(|stage| stage.files.len()).sum();
    match language {
        Language::English => format!(
            "{files} files in {} entries of the ledger (case.json, records; report.html lists them)",
            records.entries.len()
        ),
        Language::Chinese => format!(
            "台账 {} 条中的 {files} 个文件（见 case.json 的 records 与 report.html）",
            records.entries.len()
        ),
    }
}

fn warnings(case: &Case, language: Language) -> String {
    if case.warnings.is_empty() {
        return language.of("none", "无").to_owned();
    }
    case.warnings
        .iter()
        .map(|line| plain(line))
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{SCHEMA, Suspect};

    #[test]
    fn every_field_of_every_sheet_is_filled_and_a_stranger_adds_none() {
        let case = Case {
            schema: SCHEMA,
            suspect: Suspect {
                file: "{{stamp}}<b>.mp4".into(),
                bytes: 3,
                sha256: "ab".into(),
                acquired: false,
            },
            title: Some("Nachtlicht".into()),
            matches: serde_json::Value::Null,
            pictures_compared: true,
            threshold_log10: -9.0,
            accused: Vec::new(),
            next: Vec::new(),
            ledger: None,
            warnings: Vec::new(),
            records: None,
        };
        let sheets = of(&case);
        assert_eq!(sheets.len(), TEMPLATES.len());
        for (name, text) in sheets {
            let text = String::from_utf8(text).expect("UTF-8");
            assert!(!text.contains("{{") && !text.contains("<b>"), "{name}");
            assert!(text.contains("Countermark"), "{name}");
        }
        let statement = filled(TEMPLATES[2].1, &case, Language::Chinese);
        assert!(statement.contains("未经第三方时间戳"), "{statement}");
    }
}
