//! Several clips at once, by the real binary: folders, lists, standard input, tables, summaries, pages.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use countermark_catalogue::Vault;
use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings,
};
use countermark_register::{FrameRate, MasterFacts, Randomness};

fn detect(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    Command::cargo_bin("countermark-detect")
        .expect("the binary")
        .current_dir(folder)
        .env_remove("COUNTERMARK_VAULT")
        .args(arguments)
        .write_stdin(input)
        .output()
        .expect("an exit")
}

fn texts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("utf-8");
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Half a second of drifting gradients.
fn write_clip(path: &Path) {
    let encode = EncodeSettings::new(VideoCodec::H264, Rate::Crf(20.0));
    let settings = VideoWriterSettings::new(160, 90, Rational::new(24, 1), encode);
    let mut writer = VideoWriter::create(path, settings).expect("a new clip");
    for frame in 0..12 {
        let luma: Vec<u8> = (0..160 * 90)
            .map(|at| (40 + (at % 160 + at / 160 + 4 * frame) % 150) as u8)
            .collect();
        writer.write_frame(Planes::Gray8(&luma)).expect("a frame");
    }
    writer.finish().expect("a clip");
}

/// A vault of one title, and a folder `night` of two clips and a text; the title is not in either.
fn at_work() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let randomness = Randomness::seeded([1; 32]);
    let vault = Vault::init_with(&folder.path().join("vault"), randomness).expect("a vault");
    vault
        .register()
        .add_distributor("Nordlicht")
        .expect("a distributor");
    let title = vault.register().draft_title("T").expect("a free name");
    let draft = vault.catalogue().draft(&title).expect("a claim");
    write_clip(draft.reference_path());
    let facts = MasterFacts {
        file: "m.mov".into(),
        width: 160,
        height: 90,
        rotation_degrees: 0,
        bit_depth: 8,
        frame_rate: FrameRate { num: 24, den: 1 },
        duration_seconds: 0.5,
        frames: 12,
    };
    let files = draft.files().expect("a reference");
    vault
        .register()
        .add_title(&title, facts, &files)
        .expect("a title");
    draft.keep();
    fs::create_dir_all(folder.path().join("night/deep")).expect("a folder");
    write_clip(&folder.path().join("night/a.mkv"));
    fs::copy(
        folder.path().join("night/a.mkv"),
        folder.path().join("night/deep/b.mkv"),
    )
    .expect("a copy");
    fs::write(folder.path().join("night/notes.txt"), "no clip").expect("a text");
    folder
}

#[test]
fn a_folder_is_examined_to_its_end_and_summed_up() {
    let folder = at_work();
    let arguments = ["identify", "night", "--report", "night/pages"];
    for run in 0..2 {
        let (code, stdout, stderr) = texts(&detect(folder.path(), &arguments, b""));
        assert_eq!(code, Some(2), "one could not be examined: {stderr}");
        assert!(
            stdout.starts_with("1 of 3\nnight/a.mkv: "),
            "{run}: {stdout}"
        );
        assert!(stdout.contains("2 of 3\nnight/deep/b.mkv: "), "{stdout}");
        assert!(stderr.contains("3 clips: "), "{stderr}");
        assert!(
            stderr.contains("1 could not be examined\n  night/notes.txt: "),
            "{stderr}"
        );
    }
    let pages = folder.path().join("night/pages");
    let index = fs::read_to_string(pages.join("index.html")).expect("an index");
    for page in ["a.mkv.html", "b.mkv.html", "notes.txt.html"] {
        assert!(index.contains(&format!("href=\"./{page}\"")), "{index}");
        assert!(pages.join(page).is_file(), "{page}");
    }
    let page = fs::read_to_string(pages.join("a.mkv.html")).expect("a page");
    for words in [
        "identify night --report",
        "libavcodec",
        "1 titles, 1 distributors",
        "data:image/jpeg",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("vault/"), "no place in the vault");
}

#[test]
fn lists_standard_input_and_tables_go_together() {
    let folder = at_work();
    fs::write(folder.path().join("l.txt"), "night/a.mkv\ngone.mkv\n").expect("a list");
    let clip = fs::read(folder.path().join("night/a.mkv")).expect("a clip");
    let arguments = ["identify", "@l.txt", "-", "night/*.mkv", "--csv", "-q"];
    let (code, stdout, stderr) = texts(&detect(folder.path(), &arguments, &clip));
    assert_eq!(code, Some(2), "{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines[0].starts_with("file,verdict,title,"), "{stdout}");
    let firsts: Vec<&str> = lines[1..]
        .iter()
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(
        firsts,
        // A table must not take a name for a formula.
        ["night/a.mkv", "gone.mkv", "'-", "night/a.mkv"],
        "{stdout}"
    );
    assert!(lines[2].starts_with("gone.mkv,error,"), "{stdout}");
    assert!(!stderr.contains("clips: "), "quiet: {stderr}");
    let both = ["identify", "-", "--csv", "--json"];
    let (code, _, stderr) = texts(&detect(folder.path(), &both, &clip));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("one of --json and --csv"), "{stderr}");
    let (code, _, stderr) = texts(&detect(
        folder.path(),
        &["identify", "-"],
        b"ffconcat version 1.0\nfile a\n",
    ));
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with("error: ") && stderr.trim_end().ends_with(": -"),
        "{stderr}"
    );
}

#[test]
fn names_that_are_not_utf_8_are_told_apart_in_json() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = at_work();
    for byte in [0xFE, 0xFF] {
        let name = [b"night/odd-", &[byte][..], b".mkv"].concat();
        let odd = folder.path().join(std::ffi::OsStr::from_bytes(&name));
        fs::copy(folder.path().join("night/a.mkv"), odd).expect("a copy");
    }
    let (_, stdout, stderr) = texts(&detect(
        folder.path(),
        &["identify", "night", "--json"],
        b"",
    ));
    let names: Vec<String> = stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("json"))
        .filter_map(|line| line["file"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(names.len(), 5, "{stderr}");
    for name in ["night/odd-\\xfe.mkv", "night/odd-\\xff.mkv"] {
        assert!(names.iter().any(|known| known == name), "{names:?}");
    }
}
