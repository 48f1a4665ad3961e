//! The real binary: exit codes, streams, errors.

use std::{fs, path::Path, process::Output};

use assert_cmd::Command;
use countermark_catalogue::{ReferenceDraft, Vault};
use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings,
};
use countermark_register::{FrameRate, MasterFacts, Randomness, ReadKeyFile, TitleRecord};

fn detect(folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin("countermark-detect")
        .expect("the binary")
        .current_dir(folder)
        .env_remove("COUNTERMARK_VAULT")
        .args(arguments)
        .output()
        .expect("an exit")
}

fn empty_vault(folder: &Path) -> Vault {
    let randomness = Randomness::seeded([1; 32]);
    Vault::init_with(&folder.join("vault"), randomness).expect("a vault")
}

fn texts(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("utf-8");
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn a_missing_vault_comes_with_its_remedy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (code, stdout, stderr) = texts(&detect(folder.path(), &["trace", "a.mp4"]));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(
        stderr,
        "error: no vault at ./vault: run `countermark-embed vault init`\n"
    );
}

#[test]
fn reading_without_key_and_vault_names_both() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (code, stdout, stderr) = texts(&detect(folder.path(), &["read", "a.mp4"]));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(
        stderr,
        "error: reading needs a read key, --key FILE, or the vault: no vault at ./vault: run `countermark-embed vault init`\n"
    );
}

#[test]
fn a_vault_without_titles_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let _ = empty_vault(folder.path());
    let (code, _, stderr) = texts(&detect(folder.path(), &["trace", "a.mp4"]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with("error: the vault at ./vault has no title: add one with"),
        "{stderr}"
    );
    let (code, _, stderr) = texts(&detect(folder.path(), &["trace", "a.mp4", "--title", "X"]));
    assert_eq!(code, Some(2));
    assert!(stderr.contains("has no title named \"X\""), "{stderr}");
}

#[test]
fn a_damaged_key_file_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("bad.key"), "not a key").expect("a file");
    let (code, _, stderr) = texts(&detect(
        folder.path(),
        &["read", "a.mp4", "--key", "bad.key"],
    ));
    assert_eq!(code, Some(2));
    assert_eq!(
        stderr,
        "error: bad.key is not a countermark read key: make one with `countermark-embed key export`\n"
    );
    let (code, _, stderr) = texts(&detect(
        folder.path(),
        &["read", "a.mp4", "--key", "none.key"],
    ));
    assert_eq!(code, Some(2));
    assert!(
        stderr.starts_with("error: cannot read the key file none.key: "),
        "{stderr}"
    );
}

#[test]
fn broken_clips_are_lines_of_json_and_exit_2() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let vault = empty_vault(folder.path());
    let register = vault.register();
    let distributor = register
        .add_distributor("Nordlicht")
        .expect("a distributor");
    let title = add_title(&vault, "T", facts(10.0, 240), |draft| {
        fs::write(draft.reference_path(), "proxy").expect("a proxy");
    });
    let key = folder.path().join("t.key");
    ReadKeyFile::export(register, &title, &[distributor], &key, false).expect("a key");
    fs::write(folder.path().join("text.mp4"), "this is no video").expect("a file");
    for arguments in [
        &["--json", "trace", "text.mp4", "none.mp4"][..],
        &["--json", "read", "text.mp4", "none.mp4", "--key", "t.key"][..],
    ] {
        let (code, stdout, stderr) = texts(&detect(folder.path(), arguments));
        assert_eq!(code, Some(2), "{stderr}");
        let files: Vec<String> = stdout
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("json"))
            .inspect(|line| {
                assert_eq!(
                    (&line["schema"], &line["verdict"]),
                    (&2.into(), &"error".into()),
                    "{line}"
                );
                assert!(
                    line["error"]
                        .as_str()
                        .is_some_and(|error| !error.is_empty()),
                    "{line}"
                );
            })
            .map(|line| line["file"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(files, ["text.mp4", "none.mp4"]);
        assert_eq!(
            stderr
                .lines()
                .filter(|line| line.starts_with("error: "))
                .count(),
            2,
            "{stderr}"
        );
    }
}

#[test]
fn a_cut_clip_is_complained_of_once_for_all_titles() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clip = folder.path().join("clip.mkv");
    write_clip(&clip);
    let vault = empty_vault(folder.path());
    for name in ["A", "B"] {
        add_title(&vault, name, facts(1.0, 24), |draft| {
            fs::copy(&clip, draft.reference_path()).expect("a proxy");
        });
    }
    let whole = fs::read(&clip).expect("a clip");
    fs::write(&clip, &whole[..whole.len() - 40]).expect("a cut clip");
    let (code, _, stderr) = texts(&detect(folder.path(), &["trace", "clip.mkv"]));
    assert_eq!(code, Some(1), "{stderr}");
    assert_eq!(stderr.matches("cut short").count(), 1, "{stderr}");

    let page = ["trace", "clip.mkv", "--report", "pages"];
    let (code, ..) = texts(&detect(folder.path(), &page));
    assert_eq!(code, Some(1), "a page does not change the answer");
    let page = folder.path().join("pages/clip.mkv.html");
    let page = fs::read_to_string(page).expect("a page");
    assert_eq!(page.matches("cut short").count(), 1, "{page}");
    let page = ["trace", "clip.mkv", "--report", "clip.mkv"];
    let (code, stdout, stderr) = texts(&detect(folder.path(), &page));
    assert_eq!(code, Some(2), "no folder, and nothing found: {stderr}");
    assert!(stdout.starts_with("clip.mkv: "), "{stdout}");
}

/// A second of drifting gradients.
fn write_clip(path: &Path) {
    let encode = EncodeSettings::new(VideoCodec::H264, Rate::Crf(20.0));
    let settings = VideoWriterSettings::new(320, 180, Rational::new(24, 1), encode);
    let mut writer = VideoWriter::create(path, settings).expect("a new clip");
    for frame in 0..24 {
        let luma: Vec<u8> = (0..320 * 180)
            .map(|at| (40 + (at % 320 + at / 320 + 4 * frame) % 150) as u8)
            .collect();
        writer.write_frame(Planes::Gray8(&luma)).expect("a frame");
    }
    writer.finish().expect("a clip");
}

fn add_title(
    vault: &Vault,
    name: &str,
    facts: MasterFacts,
    write: impl FnOnce(&ReferenceDraft),
) -> TitleRecord {
    let register = vault.register();
    let title = register.draft_title(name).expect("a free name");
    let draft = vault.catalogue().draft(&title).expect("a claim");
    write(&draft);
    let file = draft.files().expect("a reference");
    let title = register.add_title(&title, facts, &file).expect("a title");
    draft.keep();
    title
}

fn facts(duration_seconds: f64, frames: u64) -> MasterFacts {
    MasterFacts {
        file: "m.mov".into(),
        width: 640,
        height: 360,
        rotation_degrees: 0,
        bit_depth: 8,
        frame_rate: FrameRate { num: 24, den: 1 },
        duration_seconds,
        frames,
    }
}

#[test]
#[cfg(unix)]
fn a_clips_name_writes_no_verdict_and_acts_on_no_terminal() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let name = "a\u{1b}[2J\nleak.mkv: traced\n  distributor  Nordlicht\u{202e}\u{9b}31m.mkv";
    write_clip(&folder.path().join("clip.mkv"));
    fs::rename(folder.path().join("clip.mkv"), folder.path().join(name)).expect("a name");
    let vault = empty_vault(folder.path());
    add_title(&vault, "T", facts(1.0, 24), |draft| {
        write_clip(draft.reference_path());
    });
    let acts = |c: char| match c {
        '\n' => false,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => true,
        other => other.is_control(),
    };
    let broken = "b\u{1b}c\r.mkv";
    fs::write(folder.path().join(broken), "no video").expect("a file");
    for flags in [&["--json"][..], &["--verbose"], &[]] {
        let arguments = [flags, &["trace", name, broken]].concat();
        let (code, stdout, stderr) = texts(&detect(folder.path(), &arguments));
        assert_eq!(code, Some(2), "{stderr}");
        for text in [&stdout, &stderr] {
            assert!(!text.chars().any(acts), "{text:?}");
            assert!(
                !text.lines().any(|line| line.starts_with("leak.mkv")),
                "{text}"
            );
        }
        if flags.first() == Some(&"--json") {
            let line = stdout.lines().next().expect("a line");
            let line: serde_json::Value = serde_json::from_str(line).expect("json");
            assert_eq!(line["file"], name, "JSON loses nothing");
        } else {
            let own = "1 of 2\na\\u{1b}[2J\\nleak.mkv: traced\\n";
            assert!(stdout.starts_with(own), "{stdout}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_command_line_acts_on_no_terminal() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (code, stdout, stderr) = texts(&detect(folder.path(), &["trace", "--a\u{1b}[2J\u{9b}"]));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("--a\\u{9b}"), "{stderr}");
    assert!(
        !stderr.chars().any(|c| c.is_control() && c != '\n'),
        "{stderr:?}"
    );
}

#[test]
fn a_case_of_fewer_clips_than_are_named_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let _ = empty_vault(folder.path());
    let arguments = ["trace", "a.mp4", "b.mp4", "--case-clips", "1"];
    let (code, stdout, stderr) = texts(&detect(folder.path(), &arguments));
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_eq!(
        stderr,
        "error: 2 clips are named, and --case-clips counts only 1\n"
    );
}

#[test]
fn clips_and_a_key_are_required() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (arguments, said) in [
        (&["read", "a.mp4"][..], "reading needs a read key"),
        (&["identify", "a.mp4"][..], "no vault at ./vault"),
        (&["trace"][..], "<CLIP>"),
        (&["read", "--key", "k"][..], "<CLIP>"),
        (&["identify"][..], "<CLIP>"),
        (&[][..], "Usage: countermark-detect"),
    ] {
        let (code, stdout, stderr) = texts(&detect(folder.path(), arguments));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}
