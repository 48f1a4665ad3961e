//! Nothing in the repository says of a bound what it is not.

use std::fs;
use std::path::{Path, PathBuf};

/// Sentences that were printed before, in two parts each, so that this file does not hold them.
const OLD: [(&str, &str); 6] = [
    ("the chance that this ", "accusation is wrong"),
    ("was made from ", "the cop"),
    ("made from the copy ", "delivered"),
    ("were made from ", "the cop"),
    ("accused only ", "below -9"),
    ("confirm ", "each other"),
];

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "out" {
                collect(&path, files);
            }
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if ["rs", "md", "sh", "toml", "css", "json"].contains(&&*extension) {
            files.push(path);
        }
    }
}

#[test]
fn old_sentences_occur_nowhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 300, "only {} files", files.len());
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        // A sentence may be broken over two lines, of a comment too.
        let words: Vec<&str> = text
            .split_whitespace()
            .filter(|w| !w.starts_with("//"))
            .collect();
        let text = words.join(" ");
        for (first, second) in OLD {
            if text.contains(&format!("{first}{second}")) {
                found.push(format!("{}: {first}{second}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
