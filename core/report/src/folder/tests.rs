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
    let mut names = |clip: &str| folder.free_name(Path::new(clip));
    assert_eq!(names("a/leak.mkv"), "leak.mkv");
    assert_eq!(names("b/leak.mkv"), "leak.mkv-2");
    assert_eq!(names("leak.mkv-2"), "leak.mkv-2-2");
    assert_eq!(names("c/leak.mkv"), "leak.mkv-3");
}

#[test]
fn a_page_is_written_whole_and_the_json_goes_on_from_the_line() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let clip = out.path().join("leak.mp4");
    fs::write(&clip, "clip").expect("a file");
    let mut folder = Folder::new(&out.path().join("new/reports"), Path::new("vault"));
    folder
        .write(&clip, &traced(), exhibits())
        .expect("a folder that can be written");
    let mut internal =
        Folder::new(&out.path().join("own"), Path::new("vault")).written_for(Audience::Internal);
    internal
        .write(&clip, &traced(), exhibits())
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
