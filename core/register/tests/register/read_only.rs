//! Registers whose place cannot be written. The superuser may write everywhere, so where these tests run as one, a child
//! runs as `nobody`.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use countermark_mark::FormatSpec;
use countermark_register::{
    Access, ErrorKind, NewDelivery, ReadKeyFile, Register as _, RegisterError, SqliteRegister,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    migration::vault_of_0_1_0,
    studio::{add_title, begin},
};

const ROOT: &str = "COUNTERMARK_TEST_ROOT";
const EXPECTED: &str = "COUNTERMARK_TEST_ENTRIES";

/// Takes the right to write from everything below `root`, and gives it all to `nobody` where that is needed.
fn protect(root: &Path) {
    let paths = tree(root).expect("a folder");
    for path in paths.iter().rev() {
        if nix::unistd::Uid::effective().is_root() {
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).expect("given away");
        }
        let mode = fs::metadata(path).expect("a file").permissions().mode();
        fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o555)).expect("protected");
    }
}

/// Runs the checks of `child_that_reads` on a vault, as somebody who cannot write it.
fn read_as_somebody_without_rights(root: &Path, entries: i64) {
    let open = Open::new();
    let test = std::env::current_exe().expect("this test");
    let words = ["--exact", "read_only::child_that_reads", "--ignored"];
    let mut child = if nix::unistd::Uid::effective().is_root() {
        // The folders above may be closed to others; what is run must not lie there.
        let copy = open.0.path().join("countermark-register-test");
        fs::copy(&test, &copy).expect("a copy of this test");
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("own file");
        let mut child = Command::new("setpriv");
        child
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(copy);
        child
    } else {
        Command::new(test)
    };
    let output = child
        .args(words)
        .env(ROOT, root)
        .env(EXPECTED, entries.to_string())
        .current_dir("/")
        .output()
        .expect("a child");
    // One that ran no test would succeed as well.
    assert!(
        output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A folder that everybody may look into; what was protected in it goes with it.
struct Open(TempDir);

impl Open {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("countermark-open-")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir();
        Self(folder.expect("a folder"))
    }

    fn vault(&self) -> PathBuf {
        self.0.path().join("vault")
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Ok(mut paths) = tree(self.0.path()) {
            paths.retain(|path| path.is_dir());
            for path in paths {
                let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
            }
        }
    }
}

/// A folder and everything below.
fn tree(root: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = vec![root.to_path_buf()];
    let mut place = 0;
    while place < paths.len() {
        if paths[place].is_dir() {
            for entry in fs::read_dir(&paths[place])? {
                paths.push(entry?.path());
            }
        }
        place += 1;
    }
    Ok(paths)
}

#[test]
#[ignore = "the child of the tests here"]
fn child_that_reads() {
    let Some(root) = std::env::var_os(ROOT) else {
        return;
    };
    let expected: i64 = std::env::var(EXPECTED)
        .expect("a number")
        .parse()
        .expect("a number");
    let root = PathBuf::from(root);
    let before = names(&root);
    let register = SqliteRegister::open(&root).expect("opened for reading");
    assert_eq!(register.access(), Access::ReadOnly);
    let ledger = register.verify_ledger().expect("a check");
    assert_eq!((ledger.entries, ledger.broken), (expected, None));
    let title = register.titles().expect("titles").remove(0);
    let distributor = register.distributors().expect("distributors").remove(0);
    assert!(
        !register
            .deliveries(Some(title.id))
            .expect("deliveries")
            .is_empty()
    );
    let key = ReadKeyFile::of_title(
        &register,
        &title,
        std::slice::from_ref(&distributor),
        FormatSpec::CURRENT,
    );
    assert_eq!(key.distributors.len(), 1);
    assert!(
        register
            .settle(&|| false)
            .expect("nothing to do")
            .is_empty()
    );
    let new = NewDelivery {
        title: &title,
        distributor: &distributor,
        licensee: None,
        strength: 1.0,
        format: FormatSpec::CURRENT,
        encoder_settings: &Value::Null,
        output: Path::new("/nowhere/copy.mp4"),
    };
    let delivery = register.deliveries(None).expect("deliveries")[0].id;
    let draft = register.draft_title("new");
    for refused in [
        draft.map(|_| ()),
        register.add_distributor("new").map(|_| ()),
        register.begin_delivery(&new).map(|_| ()),
        register.fail_delivery(delivery, "no").map(|_| ()),
        register.record_key_export(title.id, &[distributor.id], "key"),
    ] {
        let error = refused.expect_err("refused");
        assert!(matches!(error, RegisterError::ReadOnly { .. }), "{error}");
        assert_eq!(error.kind(), ErrorKind::ReadOnly);
    }
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| register.ledger().expect("a ledger"));
        }
    });
    assert_eq!(names(&root), before, "nothing is left behind");
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    names
}

/// A vault with five entries in its ledger, in a folder that others may look into.
fn vault() -> (Open, PathBuf) {
    let open = Open::new();
    let root = open.vault();
    let register = SqliteRegister::init(&root).expect("a new vault");
    let title = add_title(&register, "a");
    let distributor = register.add_distributor("b").expect("a distributor");
    let begun = begin(&register, &title, &distributor, Path::new("copy.mp4"));
    register.fail_delivery(begun.id, "no").expect("failed");
    (open, root)
}

#[test]
fn a_write_protected_register_is_read_and_refuses_acts() {
    let (_open, root) = vault();
    assert!(!root.join("vault.db-wal").exists(), "closed");
    protect(&root);
    read_as_somebody_without_rights(&root, 5);
}

#[test]
fn what_only_the_log_holds_is_read_as_well() {
    let (_open, root) = vault();
    // Closing the last connection would empty the log: the files of a living one are what a killed process leaves.
    let living = SqliteRegister::open(&root).expect("the vault");
    living.add_distributor("c").expect("a distributor");
    let other = Open::new();
    let left = other.vault();
    let copied = Command::new("cp")
        .args(["-a".as_ref(), root.as_os_str(), left.as_os_str()])
        .status();
    assert!(copied.expect("cp").success());
    fs::remove_file(left.join("vault.db-shm")).expect("the log's index");
    assert!(left.join("vault.db-wal").metadata().expect("a log").len() > 0);
    drop(living);
    protect(&left);
    read_as_somebody_without_rights(&left, 6);
}

#[test]
fn an_old_register_is_read_where_it_cannot_be_migrated() {
    let open = Open::new();
    let root = open.vault();
    vault_of_0_1_0(&root);
    protect(&root);
    read_as_somebody_without_rights(&root, 6);
}

#[test]
fn a_register_that_is_being_written_is_read_beside_its_writer() {
    let (_open, root) = vault();
    let writer = SqliteRegister::open(&root).expect("the vault");
    writer.add_distributor("c").expect("a distributor");
    protect(&root);
    read_as_somebody_without_rights(&root, 6);
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn a_read_only_mount_is_read_by_the_superuser_too() {
    if !nix::unistd::Uid::effective().is_root() {
        eprintln!("skipped: only the superuser can mount");
        return;
    }
    let (_open, root) = vault();
    let open = Open::new();
    let mounted = open.0.path();
    let script = format!(
        "mount --bind {0} {1} && mount -o remount,ro,bind {1} && exec \"$2\" --exact read_only::child_that_reads --ignored",
        root.display(),
        mounted.display()
    );
    let test = std::env::current_exe().expect("this test");
    let probe = Command::new("unshare").args(["-m", "true"]).status();
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("skipped: this system allows no mounts");
        return;
    }
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script, "sh", "-"])
        .arg(test)
        .env(ROOT, mounted)
        .env(EXPECTED, "5")
        .output()
        .expect("a child");
    // One that ran no test would succeed as well.
    assert!(
        output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
