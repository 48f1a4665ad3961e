use super::*;
use crate::specimen::{exhibits, traced};

#[test]
fn the_vault_is_not_named() {
    for (vault, note, told) in [
        (
            "/srv/vault",
            "cannot read /srv/vault/references/ab12.mkv: gone",
            "cannot read (in the vault): gone",
        ),
        (
            "vault",
            "no index (vault/index/ab.seg): run `countermark-embed vault index`",
            "no index ((in the vault)): run `countermark-embed vault index`",
        ),
        (
            ".",
            "see ../leak.mkv and ./index",
            "see ../leak.mkv and (in the vault)",
        ),
        ("vault", "damaged or cut short", "damaged or cut short"),
    ] {
        assert_eq!(without_place(note, Path::new(vault)), told);
    }
}

#[test]
fn clips_of_one_name_get_numbers() {
    let mut folder = Folder::new(Path::new("out"), Path::new("vault"));
    let mut names = |clip: &str| folder.free_name(Subject::file(Path::new(clip), clip));
    assert_eq!(names("a/leak.mkv"), "leak.mkv");
    assert_eq!(names("b/leak.mkv"), "leak.mkv-2");
    assert_eq!(names("leak.mkv-2"), "leak.mkv-2-2");
    assert_eq!(names("c/leak.mkv"), "leak.mkv-3");
    assert_eq!(names("index"), "index-2");
    assert_eq!(names("-"), "standard input");
    let long = names(&"\u{e9}".repeat(127));
    assert!(long.len() < 250 && long.len() > 200, "{long:?}");
}

#[test]
fn a_page_is_written_whole_and_the_json_goes_on_from_the_line() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let clip = out.path().join("leak.mp4");
    fs::write(&clip, "clip").expect("a file");
    let subject = Subject::file(&clip, "leak.mp4");
    let mut folder = Folder::new(&out.path().join("new/reports"), Path::new("vault"));
    folder
        .write(subject, &traced(), exhibits(), &Circumstances::default())
        .expect("a folder that can be written");
    let mut internal =
        Folder::new(&out.path().join("own"), Path::new("vault")).written_for(Audience::Internal);
    internal
        .write(subject, &traced(), exhibits(), &Circumstances::default())
        .expect("a folder that can be written");
    let reports = out.path().join("new/reports");
    let mut names: Vec<OsString> = fs::read_dir(&reports)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["leak.mp4.html", "leak.mp4.json", "leak.mp4.png"]);
    let json = fs::read_to_string(reports.join("leak.mp4.json")).expect("the JSON");
    let line = serde_json::to_string(&traced().document(Audience::Outgoing)).expect("a line");
    assert!(json.starts_with(line.trim_end_matches('}')), "{json}");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        json["exhibits"].get("standings"),
        None,
        "scores are secrets"
    );
    assert_eq!(json.get("internal"), None, "scores are secrets");
    let own = fs::read_to_string(out.path().join("own/leak.mp4.json")).expect("the JSON");
    let own: serde_json::Value = serde_json::from_str(&own).expect("JSON");
    assert_eq!(own["exhibits"]["standings"][0]["t"], 11.0);
    assert_eq!(own["internal"]["innocent"]["t"], 3.217);
    assert_eq!(json["exhibits"]["bytes"], 4);
}

#[test]
fn clips_that_cannot_be_examined_have_a_page_and_all_have_one_over_them() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let clip = out.path().join("a b.mp4");
    fs::write(&clip, "clip").expect("a file");
    let mut folder = Folder::new(&out.path().join("pages"), Path::new("vault"));
    let circumstances = Circumstances::default();
    folder
        .write(
            Subject::file(&clip, "night/a b.mp4"),
            &traced(),
            exhibits(),
            &circumstances,
        )
        .expect("a page");
    let gone = Path::new("gone.mp4");
    folder
        .write_broken(
            Subject::file(gone, "gone.mp4"),
            "cannot open vault/references/x.mkv: <gone>",
        )
        .expect("a page");
    folder
        .write_broken(Subject::file(&clip, "night/a b.mp4"), "no video")
        .expect("a page");
    folder.finish().expect("a page over them");
    let read = |name: &str| fs::read_to_string(out.path().join("pages").join(name)).expect(name);
    let index = read("index.html");
    assert!(
        index.starts_with("<!DOCTYPE html>") && index.contains("3 clips"),
        "{index}"
    );
    for (link, name) in [
        ("./a%20b.mp4.html", "a b.mp4.html"),
        ("./gone.mp4.html", "gone.mp4.html"),
        ("./a%20b.mp4-2.html", "a b.mp4-2.html"),
    ] {
        assert!(
            index.contains(&format!("href=\"{link}\"")),
            "{link}: {index}"
        );
        read(name);
    }
    let broken = read("gone.mp4.html");
    assert!(
        broken.contains("Could not be examined") && broken.contains("&lt;gone&gt;"),
        "{broken}"
    );
    assert!(
        broken.contains("(in the vault)") && !broken.contains("references"),
        "{broken}"
    );
    assert!(read("a b.mp4-2.html").contains("SHA-256"));
    assert!(read("gone.mp4.json").contains("\"verdict\":\"error\""));
}
