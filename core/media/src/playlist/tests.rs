//! What a list may lead to, and what it may not.

use std::fs;
use std::os::unix::fs::symlink;

use std::path::PathBuf;

use super::*;

/// A folder with two segments, and beside it a file that no list may reach.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().expect("folder");
    let inner = root.path().join("saved");
    fs::create_dir(&inner).expect("folder");
    for (name, text) in [("a 1.ts", "aa"), ("b.ts", "bbb")] {
        fs::write(inner.join(name), text).expect("segment");
    }
    fs::write(root.path().join("secret.ts"), "secret").expect("secret");
    symlink(root.path().join("secret.ts"), inner.join("link.ts")).expect("link");
    (root, inner)
}

fn joined(folder: &Path, list: &str) -> Result<Joined, MediaError> {
    let path = folder.join("list.m3u8");
    fs::write(&path, format!("#EXTM3U\n{list}")).expect("list");
    join_hls(&path, Wanted::Pictures)
}

fn bytes(joined: Joined) -> String {
    let mut reader = joined.assembly.into_reader();
    let mut all = vec![0; reader.length() as usize];
    let mut done = 0;
    while done < all.len() {
        done += reader.read(&mut all[done..]).expect("readable");
    }
    String::from_utf8(all).expect("text")
}

#[test]
fn segments_beside_the_list_are_joined_by_whatever_name() {
    let (_root, inner) = folder();
    for list in [
        "a 1.ts\nb.ts\n",
        "a%201.ts?token=1\n./b.ts\n",
        "https://cdn.example/x/a%201.ts?k\nhttp://cdn.example/b.ts#t\n",
    ] {
        let joined = joined(&inner, list).expect(list);
        assert_eq!(
            (joined.missing.is_some(), bytes(joined).as_str()),
            (false, "aabbb"),
            "{list}"
        );
    }
}

#[test]
fn what_lies_outside_of_the_folder_is_refused_with_its_name() {
    let (root, inner) = folder();
    let absolute = root.path().join("secret.ts").display().to_string();
    for name in [
        "../secret.ts",
        "link.ts",
        "x/../../secret.ts",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "http://127.0.0.1/c.ts",
        "file:///etc/passwd",
        &absolute,
    ] {
        let error = joined(&inner, &format!("{name}\n"))
            .expect_err(name)
            .to_string();
        assert!(error.contains("does not lie in its folder"), "{error}");
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn a_segment_that_is_missing_is_counted() {
    let (_root, inner) = folder();
    let joined = joined(&inner, "a 1.ts\ngone.ts\nb.ts\n").expect("two of three");
    let missing = joined.missing.clone().expect("one is missing");
    assert_eq!((missing.count, missing.first.as_str()), (1, "gone.ts"));
    assert_eq!(bytes(joined), "aabbb");
}

#[test]
fn lists_that_name_themselves_or_lists_of_lists_end_in_a_line() {
    let (_root, inner) = folder();
    let itself = joined(&inner, "list.m3u8\n")
        .expect_err("itself")
        .to_string();
    assert!(itself.contains("names itself"), "{itself}");
    let master = "#EXT-X-STREAM-INF:BANDWIDTH=1\nlist.m3u8\n";
    let itself = joined(&inner, master).expect_err("itself").to_string();
    assert!(itself.contains("names itself"), "{itself}");
    fs::write(inner.join("deeper.m3u8"), format!("#EXTM3U\n{master}")).expect("list");
    let master = "#EXT-X-STREAM-INF:BANDWIDTH=1\ndeeper.m3u8\n";
    let deeper = joined(&inner, master)
        .expect_err("lists of lists")
        .to_string();
    assert!(deeper.contains("lists that name lists"), "{deeper}");
}

#[test]
fn the_best_rendition_that_is_there_is_taken() {
    let (_root, inner) = folder();
    fs::write(inner.join("low.m3u8"), "#EXTM3U\nb.ts\n").expect("list");
    let list =
        "#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nhigh.m3u8\n";
    assert_eq!(bytes(joined(&inner, list).expect("low")), "bbb");
}

#[test]
fn encrypted_segments_and_a_missing_initialisation_are_named() {
    let (_root, inner) = folder();
    let list = "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\nb.ts\n";
    let error = joined(&inner, list).expect_err("encrypted").to_string();
    assert!(error.contains("encrypted (AES-128)"), "{error}");
    let list = "#EXT-X-MAP:URI=\"init.mp4\"\nb.ts\n";
    let error = joined(&inner, list).expect_err("no init").to_string();
    assert!(
        error.contains("needs its initialisation segment beside it, \"init.mp4\""),
        "{error}"
    );
}
