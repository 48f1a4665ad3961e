//! HTTP Live Streaming: the list of a rendition, and the list of renditions above it.
//!
//! # References
//! R. Pantos, W. May (2017), HTTP Live Streaming, RFC 8216, 4.3 (tags), 4.3.4 (master playlists).

use std::ops::Range;

use super::list::{Joined, List, MOST_SEGMENTS, Part, Wanted, shortened};
use crate::MediaError;

/// Whether a file that begins with `head` is such a list.
pub(crate) fn is_hls(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    text.starts_with(b"#EXTM3U")
}

/// What the tags of a list say.
#[derive(Debug, Default, PartialEq, Eq)]
struct Playlist {
    renditions: Vec<Rendition>,
    /// Sound apart from the pictures: its group, and its list.
    sounds: Vec<(String, String)>,
    parts: Vec<Part>,
    /// How the segments are encrypted.
    encryption: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Rendition {
    bandwidth: u64,
    sound_group: Option<String>,
    name: String,
}

/// Puts together the best rendition that lies beside the list.
pub(super) fn join(list: &List, wanted: Wanted) -> Result<Joined, MediaError> {
    let mut top = parse(&list.text);
    if top.renditions.is_empty() {
        return of_parts(list, &top);
    }
    top.renditions
        .sort_by_key(|rendition| std::cmp::Reverse(rendition.bandwidth));
    let mut first = None;
    for rendition in &top.renditions {
        let sound = top.sounds.iter().find(|(group, _)| {
            wanted == Wanted::Sound && rendition.sound_group.as_ref() == Some(group)
        });
        let name = sound.map_or(&rendition.name, |(_, name)| name);
        let joined = list.nested(name).and_then(|nested| {
            let inner = parse(&nested.text);
            if !inner.renditions.is_empty() {
                return Err(list.refuse("it names lists that name lists"));
            }
            of_parts(&nested, &inner)
        });
        match joined {
            Ok(joined) => return Ok(joined),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| list.refuse("it names no rendition")))
}

fn of_parts(list: &List, playlist: &Playlist) -> Result<Joined, MediaError> {
    if let Some(method) = &playlist.encryption {
        return Err(list.refuse(format!(
            "its segments are encrypted ({}): save them decrypted",
            shortened(method)
        )));
    }
    list.put_together(&playlist.parts)
}

fn parse(text: &str) -> Playlist {
    let mut playlist = Playlist::default();
    let mut rendition: Option<(u64, Option<String>)> = None;
    let (mut range, mut init) = (None, None);
    let (mut range_end, mut init_end) = (0, 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(tag) = line.strip_prefix("#EXT-X-STREAM-INF:") {
            let bandwidth = attribute(tag, "BANDWIDTH").and_then(|value| value.parse().ok());
            rendition = Some((bandwidth.unwrap_or(0), attribute(tag, "AUDIO")));
        } else if let Some(tag) = line.strip_prefix("#EXT-X-MEDIA:") {
            let is_sound = attribute(tag, "TYPE").as_deref() == Some("AUDIO");
            if let (true, Some(group), Some(name)) =
                (is_sound, attribute(tag, "GROUP-ID"), attribute(tag, "URI"))
            {
                playlist.sounds.push((group, name));
            }
        } else if let Some(tag) = line.strip_prefix("#EXT-X-BYTERANGE:") {
            range = byte_range(tag, &mut range_end);
        } else if let Some(tag) = line.strip_prefix("#EXT-X-MAP:") {
            let own =
                attribute(tag, "BYTERANGE").and_then(|range| byte_range(&range, &mut init_end));
            init = attribute(tag, "URI").map(|name| (name, own));
        } else if let Some(tag) = line.strip_prefix("#EXT-X-KEY:") {
            playlist.encryption = attribute(tag, "METHOD").filter(|method| method != "NONE");
        } else if !line.starts_with('#') {
            let name = line.to_owned();
            if let Some((bandwidth, sound_group)) = rendition.take() {
                playlist.renditions.push(Rendition {
                    bandwidth,
                    sound_group,
                    name,
                });
            } else if playlist.parts.len() < MOST_SEGMENTS {
                playlist.parts.push(Part {
                    name,
                    range: range.take(),
                    init: init.clone(),
                });
            }
        }
    }
    playlist
}

/// `length[@offset]`; without an offset it follows the range before.
fn byte_range(text: &str, end: &mut u64) -> Option<Range<u64>> {
    let (length, offset) = match text.split_once('@') {
        Some((length, offset)) => (length, offset.trim().parse().ok()?),
        None => (text, *end),
    };
    let length: u64 = length.trim().parse().ok()?;
    *end = u64::checked_add(offset, length)?;
    Some(offset..*end)
}

/// The value of an attribute, without its quotes.
fn attribute(list: &str, name: &str) -> Option<String> {
    let mut rest = list;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if key.trim().trim_start_matches(',').trim() == name {
            return Some(value.trim().to_owned());
        }
        rest = left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_understood() {
        let list = "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"720@0\"\n#EXTINF:4,\n#EXT-X-BYTERANGE:100@20\na.m4s\n\
                    #EXTINF:4,\r\n#EXT-X-BYTERANGE:5\r\na.m4s\r\n#EXTINF:4,\nb c.m4s\n#EXT-X-ENDLIST\n";
        let playlist = parse(list);
        let init = Some(("init.mp4".to_owned(), Some(0..720)));
        let ranges: Vec<_> = playlist
            .parts
            .iter()
            .map(|part| part.range.clone())
            .collect();
        assert_eq!(ranges, [Some(20..120), Some(120..125), None]);
        assert_eq!(playlist.parts[2].name, "b c.m4s");
        assert!(playlist.parts.iter().all(|part| part.init == init));
        assert_eq!(playlist.encryption, None);
    }

    #[test]
    fn renditions_and_their_sound_are_told_apart() {
        let list = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a,b\",NAME=\"x=y\",URI=\"s.m3u8\"\n\
                    #EXT-X-STREAM-INF:BANDWIDTH=100,AUDIO=\"a,b\"\nlow.m3u8\n#EXT-X-STREAM-INF:CODECS=\"a,b\", BANDWIDTH=900\nhigh.m3u8\n";
        let playlist = parse(list);
        assert_eq!(playlist.sounds, [("a,b".to_owned(), "s.m3u8".to_owned())]);
        let bandwidths: Vec<u64> = playlist.renditions.iter().map(|it| it.bandwidth).collect();
        assert_eq!(bandwidths, [100, 900]);
        assert_eq!(playlist.renditions[0].sound_group.as_deref(), Some("a,b"));
        assert!(playlist.parts.is_empty());
    }
}
