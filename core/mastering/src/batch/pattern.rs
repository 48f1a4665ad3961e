//! Patterns of file names, for shells that leave them as they are.
//!
//! ```text
//! *  any bytes of a name    ?  one byte    [a-c]  one of these    [!a]  none of these
//! ```
//!
//! Hidden files match only where the pattern says the point.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

/// Paths that a pattern may match.
const MOST: usize = 1 << 20;

/// Whether a name is a pattern.
#[must_use]
pub fn is_pattern(name: &[u8]) -> bool {
    name.iter().any(|byte| b"*?[".contains(byte))
}

/// The paths that match, by name.
#[must_use]
pub fn matching(pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for component in pattern.components() {
        let Component::Normal(part) = component else {
            for path in &mut paths {
                path.push(component);
            }
            continue;
        };
        if !is_pattern(part.as_bytes()) {
            for path in &mut paths {
                path.push(part);
            }
            paths.retain(|path| path.symlink_metadata().is_ok());
            continue;
        }
        let within = |path: &PathBuf| {
            let folder = if path.as_os_str().is_empty() {
                Path::new(".")
            } else {
                path
            };
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let named = entries.map(|entry| entry.file_name()).filter(|name| {
                let hidden =
                    name.as_bytes().starts_with(b".") && !part.as_bytes().starts_with(b".");
                !hidden && is_match(part.as_bytes(), name.as_bytes())
            });
            named.map(|name| path.join(name)).collect::<Vec<_>>()
        };
        paths = paths.iter().flat_map(within).take(MOST).collect();
    }
    paths.sort();
    paths
}

/// Whether a name matches, in time that grows with the product of the lengths.
fn is_match(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where to go on when what follows the last `*` does not match.
    let mut star: Option<(usize, usize)> = None;
    while from < name.len() {
        let step = match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => class(&pattern[at..], name[from]),
            Some(&byte) if byte == name[from] => Some(1),
            _ => None,
        };
        if let Some(step) = step {
            at += step;
            from += 1;
        } else if let Some((after, taken)) = star {
            star = Some((after, taken + 1));
            (at, from) = (after, taken + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// Bytes of a class that holds `byte`; none when it does not, or has no end.
fn class(pattern: &[u8], byte: u8) -> Option<usize> {
    let is_not = pattern
        .get(1)
        .is_some_and(|&first| first == b'!' || first == b'^');
    let start = if is_not { 2 } else { 1 };
    let end = pattern
        .iter()
        .skip(start + 1)
        .position(|&byte| byte == b']')?
        + start
        + 1;
    let set = &pattern[start..end];
    let mut at = 0;
    let mut is_in = false;
    while at < set.len() {
        if let [first, b'-', last, ..] = set[at..] {
            is_in |= (first..=last).contains(&byte);
            at += 3;
        } else {
            is_in |= set[at] == byte;
            at += 1;
        }
    }
    (is_in != is_not).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, name, expected) in [
            ("*.mp4", "a.mp4", true),
            ("*.mp4", "a.mp4x", false),
            ("a*b*c", "axxbyybc", true),
            ("a*b*c", "axxbyyb", false),
            ("?.mkv", "ab.mkv", false),
            ("[a-c]1[!x]", "b1y", true),
            ("[a-c]1[!x]", "b1x", false),
            ("[]a]", "]", true),
            ("[a", "[a", false),
            ("**", "", true),
        ] {
            assert_eq!(
                is_match(pattern.as_bytes(), name.as_bytes()),
                expected,
                "{pattern} {name}"
            );
        }
        let (stars, letters) = ("*a".repeat(50), "b".repeat(5000));
        assert!(!is_match(stars.as_bytes(), letters.as_bytes()));
        assert!(is_match(b"\xFF*", b"\xFF.mp4"));
    }
}
