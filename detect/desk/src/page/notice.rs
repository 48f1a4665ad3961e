//! Drafts of notices, from the facts of a job: a person checks, completes and sends them.
//!
//! # References
//! Regulation on the Protection of the Right of Communication through Information Networks (China, 2006, amended 2013), article 14;
//! Regulation (EU) 2022/2065 (Digital Services Act), article 16(2); 17 U.S.C. 512(c)(3)(A).

use std::sync::Arc;

use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::frame::{clock, framed};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::problem::{Answer, Problem};
use crate::route::asking::own_job;

/// Law, language and name of each draft.
pub(super) const ALL: [(&str, &str, &str); 6] = [
    ("cn14", "zh", "通知（条例第十四条）"),
    ("cn14", "en", "Notice, China (article 14)"),
    ("dsa16", "en", "Notice, EU (DSA article 16)"),
    ("dsa16", "zh", "通知（欧盟 DSA 第 16 条）"),
    ("dmca512", "en", "Notice, US (DMCA 512)"),
    ("dmca512", "zh", "通知（美国 DMCA 512）"),
];

#[derive(Deserialize)]
pub(super) struct Wanted {
    law: String,
    language: String,
}

pub(super) async fn page(
    desk: Arc<Desk>,
    caller: Caller,
    id: String,
    wanted: Wanted,
) -> Answer<Markup> {
    let job = own_job(&desk, &caller, id).await?;
    let known = ALL
        .iter()
        .find(|(law, language, _)| (*law, *language) == (&*wanted.law, &*wanted.language));
    let (_, language, name) = known.ok_or_else(|| Problem::missing("draft"))?;
    let result = job.result.as_deref().unwrap_or_default();
    let result: Value = serde_json::from_str(result).unwrap_or_default();
    let facts =
        facts(&result, *language == "zh").ok_or_else(|| Problem::missing("finding in this job"))?;
    let text = draft(&wanted.law, *language == "zh", &facts);
    let body = html! {
        h1 { (name) }
        p.quiet { "A draft from what was found. What stands in brackets is for a person to fill in; so is the judgement whether the use is unlawful." }
        label for="draft" { "Draft" }
        textarea #draft rows="24" lang=(language) { (text) }
        p.row {
            button type="button" data-copy="draft" { "Copy" }
            a.button href={"/jobs/" (job.id)} { "Back to the clip" }
        }
    };
    Ok(framed(name, Some(&caller), &body))
}

/// Title and seconds; none where nothing was found.
fn facts(result: &Value, chinese: bool) -> Option<Vec<String>> {
    let matches = result["matches"].as_array()?;
    let span = |value: &Value| -> Option<[String; 2]> {
        Some([clock(value[0].as_f64()?), clock(value[1].as_f64()?)])
    };
    let lines: Vec<String> = matches
        .iter()
        .filter_map(|one| {
            let title = one["title"].as_str().or(result["title"].as_str())?;
            let ([a, b], [c, d]) = (span(&one["query"])?, span(&one["reference"])?);
            Some(if chinese {
                format!("《{title}》：该视频 {a} 至 {b} 对应作品 {c} 至 {d}")
            } else {
                format!(
                    "\u{201c}{title}\u{201d}: {a} to {b} of the file shows {c} to {d} of the work"
                )
            })
        })
        .collect();
    (!lines.is_empty()).then_some(lines)
}

/// What each law asks a notice to hold, in its order.
fn draft(law: &str, chinese: bool, facts: &[String]) -> String {
    let facts = facts.join("\n");
    match (law, chinese) {
        ("cn14", true) => format!(
            "致：[网络服务提供者名称]\n\n根据《信息网络传播权保护条例》第十四条，现书面通知如下：\n\n\
             一、权利人的姓名（名称）、联系方式和地址\n[姓名或名称]\n[电话、电子邮箱]\n[地址]\n\n\
             二、要求删除或者断开链接的侵权作品的名称和网络地址\n{facts}\n网络地址：[URL]\n\n\
             三、构成侵权的初步证明材料\n上述时间对应关系由画面及声音比对得出，详见附件结果文件。\n权属证明：[登记证书、授权书等]\n\n\
             权利人对本通知书的真实性负责。\n\n[签名或盖章]\n[日期]\n"
        ),
        ("cn14", false) => format!(
            "To: [network service provider]\n\nNotice under article 14 of the Regulation on the Protection of the Right of Communication through \
             Information Networks (China)\n\n1. Name, contact and address of the right holder\n[name]\n[telephone, e-mail]\n[address]\n\n\
             2. Name and network address of the infringing work to be removed or whose link is to be cut\n{facts}\nAddress: [URL]\n\n\
             3. Prima facie evidence of infringement\nThe seconds above were found by comparing pictures and sound; the result is attached.\n\
             Proof of title: [certificate, authorisation]\n\nThe right holder is responsible for the truth of this notice.\n\n[signature or seal]\n[date]\n"
        ),
        ("dsa16", false) => format!(
            "To: [hosting service]\n\nNotice under article 16 of Regulation (EU) 2022/2065\n\n\
             (a) Why the information is alleged to be illegal\nIt makes available, without the right holder's authorisation, [the law relied on]:\n{facts}\n\
             The seconds were found by comparing pictures and sound; the result is attached.\n\n\
             (b) Exact electronic location\n[URL]\n\n(c) Name and e-mail address of the person submitting the notice\n[name]\n[e-mail]\n\n\
             (d) I confirm my bona fide belief that the information and allegations in this notice are accurate and complete.\n\n[name]\n[date]\n"
        ),
        ("dsa16", true) => format!(
            "致：[托管服务提供者]\n\n根据欧盟《数字服务法》（Regulation (EU) 2022/2065）第 16 条的通知\n\n\
             (a) 认为该信息违法的理由\n该信息未经权利人许可传播下列作品，[所依据的法律]：\n{facts}\n上述时间对应关系由画面及声音比对得出，详见附件。\n\n\
             (b) 准确的电子位置\n[URL]\n\n(c) 通知人的姓名和电子邮箱\n[姓名]\n[电子邮箱]\n\n\
             (d) 本人善意确信本通知所载信息和主张准确、完整。\n\n[姓名]\n[日期]\n"
        ),
        (_, true) => format!(
            "致：[服务提供者指定代理人]\n\n根据美国法典第 17 编第 512(c)(3) 条的通知\n\n\
             (i) [权利人或其授权人的签名]\n(ii) 被侵权的作品及\n(iii) 要求移除的材料\n{facts}\n位置：[URL]\n\n\
             (iv) 通知人的联系方式\n[地址、电话、电子邮箱]\n\n\
             (v) 本人善意确信，上述使用未经版权人、其代理人或法律许可。\n\
             (vi) 本通知所载信息准确；本人声明有权代表权利人行事，如有虚假愿承担伪证责任。\n\n[签名]\n[日期]\n"
        ),
        _ => format!(
            "To: [designated agent of the service provider]\n\nNotice under 17 U.S.C. 512(c)(3)\n\n\
             (i) [signature of the owner of the exclusive right or a person authorised to act]\n\
             (ii) The copyrighted work, and\n(iii) the material that is to be removed\n{facts}\nLocation: [URL]\n\n\
             (iv) How to reach me\n[address, telephone, e-mail]\n\n\
             (v) I have a good faith belief that use of the material in the manner complained of is not authorized by the copyright owner, its agent, or \
             the law.\n(vi) The information in this notification is accurate, and under penalty of perjury, I am authorized to act on behalf of the \
             owner of an exclusive right that is allegedly infringed.\n\n[signature]\n[date]\n"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_draft_has_the_seconds_and_what_its_law_asks_for() {
        let result = json!({"title": "雨夜 <b>", "matches": [{"query": [0.0, 9.5], "reference": [61.5, 71.0]}]});
        for (law, language, name) in ALL {
            let facts = facts(&result, language == "zh").expect("a finding");
            let text = draft(law, language == "zh", &facts);
            assert!(
                text.contains("雨夜 <b>") && text.contains("1:01.50"),
                "{name}"
            );
            let asked = match law {
                "cn14" => [
                    "URL",
                    "[",
                    if language == "zh" {
                        "真实性负责"
                    } else {
                        "responsible for the truth"
                    },
                ],
                "dsa16" => ["URL", "(b)", "(d)"],
                _ => ["URL", "(v)", "(vi)"],
            };
            assert!(asked.iter().all(|part| text.contains(part)), "{name}");
        }
        assert_eq!(facts(&json!({"matches": []}), true), None);
    }
}
