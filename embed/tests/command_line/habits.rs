//! What a studio does every day: passphrases, backups, a config file, a piped filter.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use countermark_media::{ReadOptions, SampleFormat, VideoReader};
use countermark_picture::{Sample as _, by_depth};
use countermark_register::FileHash;
use serde_json::{Value, json};

use crate::studio::{Studio, write_clip};

fn private(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("own file");
}

#[test]
fn a_sealed_vault_opens_with_its_passphrase_and_no_other() {
    let studio = Studio::empty();
    private(&studio.path("right"), "correct horse\n");
    private(&studio.path("wrong"), "battery staple\n");
    let made = studio.run("vault init --passphrase --passphrase-file right");
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let key = studio.path("vault/secret/owner.key");
    let text = fs::read_to_string(&key).expect("a file");
    assert!(text.starts_with("countermark owner secret sealed 1\nargon2id 65536 3 4\n"));
    let added = studio.run_with("distributor add D --passphrase-fd 0", b"correct horse\n");
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let wrong = studio.run("distributor list --passphrase-file wrong");
    assert_eq!(wrong.code, Some(2));
    assert_eq!(
        wrong.stderr,
        "error: that is not the passphrase of the vault at ./vault: try again; without it no copy can be read\n"
    );
    fs::set_permissions(studio.path("right"), fs::Permissions::from_mode(0o644)).expect("own");
    let open = studio.run("distributor list --passphrase-file right");
    assert_eq!(open.code, Some(2));
    assert!(
        open.stderr.contains("others can read the passphrase"),
        "{}",
        open.stderr
    );
    private(&studio.path("right"), "correct horse\n");
    let twice = studio.run("vault seal --passphrase-file right");
    assert!(
        twice.stderr.contains("is sealed already"),
        "{}",
        twice.stderr
    );
    let unsealed = studio.run("vault unseal --passphrase-file right");
    assert_eq!(unsealed.code, Some(0), "{}", unsealed.stderr);
    let list = studio.json("distributor list");
    assert_eq!(list["distributors"][0]["distributor"], "D");
}

#[test]
fn a_vault_is_backed_up_and_restored_and_an_older_one_is_told() {
    let studio = Studio::empty();
    write_clip(&studio.path("film.mp4"), (512, 288), 24);
    studio.json("vault init");
    studio.json("title add film.mp4 --title T");
    let made = studio.json("vault backup safe");
    assert_eq!(
        (&made["backup"], &made["problems"]),
        (&"safe".into(), &Value::Array(vec![]))
    );
    let manifest = fs::read(studio.path("safe/manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
    assert_eq!(manifest["head"], made["head"]);
    let taken = studio.run("vault backup safe");
    assert_eq!(
        taken.stderr,
        format!("error: {} exists\n", studio.path("safe").display())
    );

    studio.json("distributor add D");
    let newer = studio.json("vault check")["head"].clone();
    let head = newer.as_str().expect("a head");
    let taken = studio.run("vault restore safe");
    assert_eq!(taken.code, Some(2), "{}", taken.stderr);
    let restored = studio.run(&format!("vault restore safe --vault back --head {head}"));
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    assert!(
        restored
            .stdout
            .contains("the backup is older than that head"),
        "{}",
        restored.stdout
    );
    let titles = studio.json("title list --vault back");
    assert_eq!(titles["titles"][0]["title"], "T");
    assert_eq!(
        studio.json("distributor list --vault back")["distributors"],
        Value::Array(vec![])
    );
}

#[test]
fn a_config_file_names_vault_and_preset_and_an_unknown_word_with_its_line() {
    let studio = Studio::empty();
    fs::create_dir(studio.path("etc")).expect("a folder");
    fs::write(
        studio.path("etc/c.toml"),
        "vault = \"studio\"\nthreads = 1\n",
    )
    .expect("a file");
    studio.json("vault init --config etc/c.toml");
    assert!(studio.path("etc/studio/vault.db").exists());
    let other = studio.run("distributor list --config etc/c.toml --vault elsewhere");
    assert!(other.stderr.contains("elsewhere"), "{}", other.stderr);
    fs::write(studio.path("etc/c.toml"), "# ours\nvalut = \"v\"\n").expect("a file");
    let unknown = studio.run("distributor list --config etc/c.toml");
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown
            .stderr
            .contains("etc/c.toml, line 2: unknown field `valut`"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_piped_master_is_marked_and_a_broken_pipe_is_not() {
    let studio = Studio::with_title("film.mp4", 48);
    let options = ReadOptions {
        format: Some(SampleFormat::Yuv420Bits8),
        ..ReadOptions::default()
    };
    let mut reader = VideoReader::open(&studio.path("film.mp4"), options).expect("a film");
    let mut bytes = b"YUV4MPEG2 W512 H288 F24:1 Ip A1:1 C420jpeg\n".to_vec();
    while let Some(frame) = reader.next_frame().expect("a frame") {
        bytes.extend(b"FRAME\n");
        let [u, v] = frame.chroma().expect("4:2:0");
        for plane in [frame.luma(), u, v] {
            by_depth!(&plane, |view| for row in view.rows() {
                bytes.extend(row.iter().map(|sample| sample.code() as u8));
            });
        }
    }
    let mark = "mark - -o a.mkv --title T --distributor D --preset ultrafast";
    let broken = studio.run_with(mark, &bytes[..bytes.len() - 99]);
    assert_eq!(broken.code, Some(2), "{}", broken.stderr);
    assert!(
        broken.stderr.starts_with("warning: a pipe is read once"),
        "{}",
        broken.stderr
    );
    assert!(!studio.path("a.mkv").exists());
    let done = studio.run_with(&format!("{mark} --json"), &bytes);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let marked: Value = serde_json::from_str(&done.stdout).expect("JSON");
    assert_eq!(marked["frames"], 48);
    assert_eq!(marked["verification"]["holds"], true);
    let nothing = studio.run_with("mark - -o b.mkv --title T --distributor D", b"");
    assert!(
        nothing
            .stderr
            .contains("standard input is no usable YUV4MPEG2"),
        "{}",
        nothing.stderr
    );
}

#[test]
fn a_copy_on_standard_output_is_whole_and_on_record_or_failed() {
    let studio = Studio::with_title("film.mp4", 24);
    let mark = "mark film.mp4 -o - --format mkv --title T --distributor D --preset ultrafast";
    let done = studio.start(mark).wait_with_output().expect("an exit");
    let said = String::from_utf8(done.stderr).expect("utf-8");
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.contains("payload"), "the answer is beside it: {said}");
    fs::write(studio.path("copy.mkv"), &done.stdout).expect("a copy");
    let sha256 = FileHash::of_file(&studio.path("copy.mkv"), &|| false);
    let sha256 = sha256.expect("read").expect("not cancelled").to_string();
    let listed = studio.json("deliveries");
    let first = &listed["deliveries"][0];
    assert_eq!(
        (&first["state"], &first["output_sha256"]),
        (&json!("complete"), &json!(sha256)),
        "{listed}"
    );
    let verified = studio.json("verify copy.mkv --master film.mp4");
    assert_eq!(verified["holds"], true, "{verified}");

    // Whoever is to take it goes: what was made is on record, and not as good.
    let mut child = studio.start(mark);
    drop(child.stdout.take());
    let broken = child.wait_with_output().expect("an exit");
    let said = String::from_utf8(broken.stderr).expect("utf-8");
    assert_eq!(broken.status.code(), Some(2), "{said}");
    assert!(said.contains("not all of the copy was taken"), "{said}");
    let listed = studio.json("deliveries");
    let second = &listed["deliveries"][1];
    assert_eq!(second["state"], "failed", "{listed}");
    assert!(second["output_sha256"].is_string(), "{listed}");

    for (flags, said) in [
        ("-o -", "wants --format"),
        ("-o a.mkv --format mkv", "the extension of a file"),
    ] {
        let mark = format!("mark film.mp4 {flags} --title T --distributor D");
        let refused = studio.run(&mark);
        assert_eq!(refused.code, Some(2), "{flags}");
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    let all = studio.json("deliveries");
    assert_eq!(all["deliveries"].as_array().map(Vec::len), Some(2));
}
