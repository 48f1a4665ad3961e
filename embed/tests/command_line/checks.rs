//! `vault check`, permissions under any umask, names, and registers that were edited or lost.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::studio::{Studio, write_clip};

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("own file");
}

/// Everything in a folder and below.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut paths = vec![folder.to_path_buf()];
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            paths.extend(tree(&path));
        } else {
            paths.push(path);
        }
    }
    paths
}

#[test]
fn a_vault_is_its_owners_alone_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let studio = Studio::empty();
        write_clip(&studio.path("film.mp4"), (512, 288), 12);
        for words in [
            "vault init",
            "title add film.mp4 --title T",
            "distributor add D",
            "mark film.mp4 -o a.mp4 --title T --distributor D --preset ultrafast",
        ] {
            let done = Command::new("sh")
                .args(["-c", &format!("umask {umask} && exec \"$0\" {words}")])
                .arg(env!("CARGO_BIN_EXE_countermark-embed"))
                .current_dir(studio.path(""))
                .output()
                .expect("an exit");
            assert!(done.status.success(), "{words}: {done:?}");
        }
        for path in tree(&studio.path("vault")) {
            let metadata = fs::metadata(&path).expect("a file");
            let wanted = if metadata.is_dir() { 0o700 } else { 0o600 };
            let mode = metadata.permissions().mode() & 0o777;
            assert_eq!(mode, wanted, "{umask} {}", path.display());
        }
        let check = studio.json("vault check");
        assert_eq!(check["problems"], serde_json::json!([]), "{umask}");
        assert_eq!(check["remarks"], serde_json::json!([]), "{umask}");
        assert_eq!(check["deliveries"], 1);
    }
}

#[test]
fn a_check_names_each_problem_on_a_line_and_ends_with_1() {
    let studio = Studio::with_title("film.mp4", 12);
    let whole = studio.run("vault check");
    assert_eq!(whole.code, Some(0), "{}", whole.stdout);
    assert!(
        whole
            .stdout
            .starts_with("./vault: nothing is wrong; 3 entries, 1 titles"),
        "{}",
        whole.stdout
    );
    let head = studio.json("vault check")["head"].clone();
    let noted = studio.json(&format!(
        "vault check --head {}",
        head.as_str().expect("a hash")
    ));
    assert_eq!(noted["remarks"][0]["kind"], "noted-head");

    let references = fs::read_dir(studio.path("vault/references")).expect("a folder");
    let reference = references
        .map(|entry| entry.expect("an entry").path())
        .next()
        .expect("a reference");
    let mut bytes = fs::read(&reference).expect("a reference");
    let half = bytes.len() / 2;
    bytes[half] ^= 1;
    fs::write(&reference, bytes).expect("own file");
    studio.tamper("UPDATE distributors SET name = 'Innocent'");
    chmod(&studio.path("vault/vault.db"), 0o644);
    let found = studio.run("vault check");
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    let problems: Vec<&str> = found
        .stdout
        .lines()
        .filter(|line| line.starts_with("problem: "))
        .collect();
    for part in [
        "vault.db is open to others (mode 0644 where 0600 is needed)",
        "is \"Innocent\" in its table and \"D\" in the ledger",
        "trigger ledger_is_never_changed",
        "is not the file on record: its SHA-256 is another one",
    ] {
        assert!(
            problems.iter().any(|line| line.contains(part)),
            "{part}: {}",
            found.stdout
        );
    }
    assert_eq!(problems.len(), 4, "{}", found.stdout);
    let json = studio.run("vault check --json");
    assert_eq!(json.code, Some(1));
    let json: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(4));

    // The listing says what the ledger says, and that somebody edited the register.
    let listed = studio.run("deliveries");
    assert!(
        listed.stderr.contains("\"Innocent\" in its table"),
        "{}",
        listed.stderr
    );
    let refused = studio.run("mark film.mp4 -o a.mp4 --title T --distributor Innocent");
    assert_eq!(refused.code, Some(2));
    assert!(
        refused
            .stderr
            .contains("run `countermark-embed vault check`"),
        "{}",
        refused.stderr
    );
    assert!(!studio.path("a.mp4").exists());
}

#[test]
fn a_vault_that_others_can_write_is_refused_with_the_command_that_mends_it() {
    let studio = Studio::with_title("film.mp4", 12);
    for (path, open, remedy) in [
        ("vault", 0o777, "run `chmod 700 ./vault`"),
        ("vault/vault.db", 0o666, "run `chmod 600 ./vault/vault.db`"),
        (
            "vault/references",
            0o770,
            "run `chmod 700 ./vault/references`",
        ),
        ("vault/index", 0o702, "run `chmod 700 ./vault/index`"),
    ] {
        let path = studio.path(path);
        let before = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        chmod(&path, open);
        let refused = studio.run("deliveries");
        assert_eq!(refused.code, Some(2), "{remedy}");
        assert!(refused.stderr.contains(remedy), "{}", refused.stderr);
        assert_eq!(studio.run("vault check").code, Some(1));
        chmod(&path, before);
    }
    assert_eq!(studio.run("vault check").code, Some(0));
}

#[test]
fn a_lost_register_is_said_and_never_made_anew() {
    let studio = Studio::with_title("film.mp4", 12);
    for file in ["vault.db-wal", "vault.db-shm"] {
        let _ = fs::remove_file(studio.path("vault").join(file));
    }
    fs::write(studio.path("vault/vault.db"), b"").expect("own file");
    for arguments in ["deliveries", "vault init", "distributor add E"] {
        let refused = studio.run(arguments);
        assert_eq!(refused.code, Some(2), "{arguments}");
        let said = &refused.stderr;
        assert!(
            said.contains("has lost its register") && said.contains("restore it from a backup"),
            "{said}"
        );
        assert!(!said.contains("vault init"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    assert_eq!(studio.run("vault check").code, Some(1));
    assert_eq!(
        fs::metadata(studio.path("vault/vault.db"))
            .expect("a file")
            .len(),
        0
    );
}

#[test]
fn names_that_look_alike_are_warned_of_and_unseen_ones_refused() {
    let studio = Studio::with_title("film.mp4", 12);
    let added = studio.run("distributor add d");
    assert_eq!(added.code, Some(0));
    assert!(
        added
            .stderr
            .contains("warning: the distributor \"d\" may be taken for the distributor \"D\""),
        "{}",
        added.stderr
    );
    for name in ["D\u{200b}", "\u{202e}D", "D\u{ad}"] {
        let refused = studio.run(&format!("distributor add {name}"));
        assert_eq!(refused.code, Some(2), "{name:?}");
        assert!(
            refused.stderr.contains("control or invisible"),
            "{}",
            refused.stderr
        );
        assert!(!refused.stderr.contains(name), "{}", refused.stderr);
    }
}
