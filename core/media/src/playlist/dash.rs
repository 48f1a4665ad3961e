//! DASH manifests: the representation with most bits whose segments lie beside them.
//!
//! ```text
//! number_i = start + i,   time_0 = t,   time_i+1 = time_i + d              media="chunk-$RepresentationID$-$Number%05d$.m4s"
//! ```
//!
//! # References
//! ISO/IEC 23009-1, 5.3.9 (segments), 5.3.9.4.4 (templates), 5.3.9.6 (timelines).

use std::ops::Range;

use roxmltree::{Document, Node};

use super::list::{Joined, List, MOST_SEGMENTS, Part, Wanted};
use crate::MediaError;

/// Whether a file that begins with `head` is such a manifest.
pub(crate) fn is_dash(head: &[u8]) -> bool {
    let start = &head[..head.len().min(2048)];
    start.first() != Some(&0) && start.windows(4).any(|four| four == b"<MPD") && {
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
        text.trim_ascii_start().first() == Some(&b'<')
    }
}

/// Puts together the representation with most bits a second that lies beside the manifest.
pub(super) fn join(list: &List, wanted: Wanted) -> Result<Joined, MediaError> {
    let document = Document::parse(&list.text)
        .map_err(|error| list.refuse(format!("it is no well-formed manifest ({error})")))?;
    let kind = match wanted {
        Wanted::Pictures => "video",
        Wanted::Sound => "audio",
    };
    let mut found: Vec<(u64, Node<'_, '_>)> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "Representation")
        .map(|node| (number(node, "bandwidth").unwrap_or(0), node))
        .collect();
    found.sort_by_key(|(bandwidth, _)| std::cmp::Reverse(*bandwidth));
    let (of_kind, others): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|(_, node)| is_of_kind(*node, kind));
    let candidates = if of_kind.is_empty() { others } else { of_kind };
    let mut first = None;
    for (bandwidth, node) in candidates {
        let parts = parts(node, bandwidth, |name| list.find(name).is_ok());
        match list.put_together(&parts) {
            Ok(joined) => return Ok(joined),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| list.refuse(format!("it names no {kind}"))))
}

fn is_of_kind(node: Node<'_, '_>, kind: &str) -> bool {
    node.ancestors().any(|node| {
        let of = |name| {
            node.attribute(name)
                .is_some_and(|value: &str| value.starts_with(kind))
        };
        of("contentType") || of("mimeType")
    })
}

/// The parts of a representation; `is_there` asks for a file, for templates that do not say how many there are.
fn parts(node: Node<'_, '_>, bandwidth: u64, is_there: impl Fn(&str) -> bool) -> Vec<Part> {
    let base = base(node);
    if let Some(template) = inherited(node, "SegmentTemplate") {
        return of_template(node, template, bandwidth, &base, is_there);
    }
    if let Some(segments) = inherited(node, "SegmentList") {
        let init = children(segments, "Initialization").next().map(|init| {
            let name = init.attribute("sourceURL").unwrap_or_default();
            (format!("{base}{name}"), range(init, "range"))
        });
        let part = |segment: Node<'_, '_>| Part {
            name: format!("{base}{}", segment.attribute("media").unwrap_or_default()),
            range: range(segment, "mediaRange"),
            init: init.clone(),
        };
        return children(segments, "SegmentURL")
            .take(MOST_SEGMENTS)
            .map(part)
            .collect();
    }
    vec![Part {
        name: base,
        range: None,
        init: None,
    }]
}

fn of_template(
    node: Node<'_, '_>,
    template: Node<'_, '_>,
    bandwidth: u64,
    base: &str,
    is_there: impl Fn(&str) -> bool,
) -> Vec<Part> {
    let id = node.attribute("id").unwrap_or_default();
    let name = |pattern: &str, number: u64, time: u64| {
        format!("{base}{}", filled(pattern, id, bandwidth, number, time))
    };
    let media = template.attribute("media").unwrap_or_default();
    let init = template.attribute("initialization");
    let init = init.map(|pattern| (name(pattern, 0, 0), None));
    let start = number(template, "startNumber").unwrap_or(1);
    let part = |number, time| Part {
        name: name(media, number, time),
        range: None,
        init: init.clone(),
    };
    let mut parts = Vec::new();
    if let Some(timeline) = children(template, "SegmentTimeline").next() {
        let mut time = 0;
        for entry in children(timeline, "S") {
            time = number(entry, "t").unwrap_or(time);
            let (length, again) = (
                number(entry, "d").unwrap_or(0),
                number(entry, "r").unwrap_or(0),
            );
            for _ in 0..=again {
                if parts.len() >= MOST_SEGMENTS {
                    return parts;
                }
                parts.push(part(start.saturating_add(parts.len() as u64), time));
                time = time.saturating_add(length);
            }
        }
        return parts;
    }
    // Without a timeline the files themselves say where it ends.
    let (step, mut time) = (number(template, "duration").unwrap_or(0), 0);
    while parts.len() < MOST_SEGMENTS {
        let next = part(start.saturating_add(parts.len() as u64), time);
        let is_first = parts.is_empty();
        if !is_there(&next.name) && !is_first {
            break;
        }
        let is_only = parts
            .last()
            .is_some_and(|last: &Part| last.name == next.name);
        if is_only {
            break;
        }
        parts.push(next);
        time = time.saturating_add(step);
    }
    parts
}

/// A template with `$Number$` and the like replaced, also as `$Number%05d$`.
fn filled(pattern: &str, id: &str, bandwidth: u64, number: u64, time: u64) -> String {
    let mut out = String::new();
    for (index, piece) in pattern.split('$').enumerate() {
        if index % 2 == 0 {
            out.push_str(piece);
            continue;
        }
        let (name, format) = piece.split_once('%').unwrap_or((piece, ""));
        let digits = format
            .trim_end_matches('d')
            .parse::<usize>()
            .unwrap_or(1)
            .min(32);
        let padded = |value: u64| format!("{value:0digits$}");
        match name {
            "RepresentationID" => out.push_str(id),
            "Bandwidth" => out.push_str(&padded(bandwidth)),
            "Number" => out.push_str(&padded(number)),
            "Time" => out.push_str(&padded(time)),
            _ => out.push('$'),
        }
    }
    out
}

fn base(node: Node<'_, '_>) -> String {
    let mut base = String::new();
    let mut above: Vec<Node<'_, '_>> = node.ancestors().collect();
    above.reverse();
    for node in above {
        let own = children(node, "BaseURL").next().and_then(|url| url.text());
        match own.map(str::trim) {
            Some(own) if own.contains("://") => own.clone_into(&mut base),
            Some(own) => base.push_str(own),
            None => {}
        }
    }
    base
}

fn inherited<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.ancestors()
        .find_map(|node| children(node, name).next())
}

fn children<'a, 'input>(
    node: Node<'a, 'input>,
    name: &str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    let wanted = name.to_owned();
    node.children()
        .filter(move |child| child.tag_name().name() == wanted)
}

fn number(node: Node<'_, '_>, name: &str) -> Option<u64> {
    node.attribute(name)?.trim().parse().ok()
}

fn range(node: Node<'_, '_>, name: &str) -> Option<Range<u64>> {
    let (first, last) = node.attribute(name)?.split_once('-')?;
    Some(first.parse().ok()?..last.parse::<u64>().ok()?.checked_add(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(manifest: &str, there: &[&str]) -> Vec<String> {
        let document = Document::parse(manifest).expect("XML");
        let node = document
            .descendants()
            .find(|node| node.tag_name().name() == "Representation")
            .expect("a representation");
        let parts = parts(node, 7, |name| there.contains(&name));
        parts.into_iter().map(|part| part.name).collect()
    }

    #[test]
    fn a_timeline_counts_numbers_and_times() {
        let manifest = r#"<MPD><Period><AdaptationSet><SegmentTemplate startNumber="3" initialization="i-$RepresentationID$.m4s"
            media="c-$RepresentationID$-$Number%05d$-$Time$.m4s"><SegmentTimeline><S t="10" d="5" r="1"/><S d="2"/></SegmentTimeline>
            </SegmentTemplate><Representation id="v1"/></AdaptationSet></Period></MPD>"#;
        let expected = [
            "c-v1-00003-10.m4s",
            "c-v1-00004-15.m4s",
            "c-v1-00005-20.m4s",
        ];
        assert_eq!(names(manifest, &[]), expected);
    }

    #[test]
    fn without_a_timeline_the_files_say_how_many_there_are() {
        let manifest = r#"<MPD><BaseURL>v/</BaseURL><Period><AdaptationSet><Representation id="0">
            <SegmentTemplate media="$Number$.m4s" duration="2"/></Representation></AdaptationSet></Period></MPD>"#;
        assert_eq!(
            names(manifest, &["v/1.m4s", "v/2.m4s"]),
            ["v/1.m4s", "v/2.m4s"]
        );
        assert_eq!(names(manifest, &[]), ["v/1.m4s"]);
    }

    #[test]
    fn a_template_that_names_one_file_and_an_endless_timeline_end() {
        let same = r#"<MPD><Period><AdaptationSet><Representation id="0"><SegmentTemplate media="a.m4s"/></Representation>
            </AdaptationSet></Period></MPD>"#;
        assert_eq!(names(same, &["a.m4s"]), ["a.m4s"]);
        let endless = r#"<MPD><Period><AdaptationSet><Representation id="0"><SegmentTemplate media="$Time$"><SegmentTimeline>
            <S d="1" r="99999999999"/></SegmentTimeline></SegmentTemplate></Representation></AdaptationSet></Period></MPD>"#;
        assert_eq!(names(endless, &[]).len(), MOST_SEGMENTS);
    }
}
