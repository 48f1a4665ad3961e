//! What names stand for.

use std::os::unix::fs::symlink;

use super::*;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    for name in [
        "night/b.mp4",
        "night/a.mp4",
        "night/deep/c.mkv",
        "night/.hidden",
        "night/pages/a.mp4.html",
        "list.txt",
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        fs::write(path, "x").expect("file");
    }
    folder
}

fn names(found: &[Named], root: &Path) -> Vec<String> {
    let shown = |path: &Path| {
        path.strip_prefix(root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    found
        .iter()
        .map(|named| match named {
            Named::File(path) => shown(path),
            Named::StandardInput => "stdin".to_owned(),
            Named::Nothing(path, error) => format!("{}: {error:#}", shown(path)),
        })
        .collect()
}

#[test]
fn a_folder_is_walked_by_name_and_never_in_circles() {
    let root = folder();
    let night = root.path().join("night");
    symlink(&night, night.join("deep/up")).expect("a link");
    symlink(night.join("a.mp4"), night.join("z.mp4")).expect("a link");
    let found = gather(std::slice::from_ref(&night), &[&night.join("pages")]);
    let expected = [
        "night/a.mp4",
        "night/b.mp4",
        "night/deep/c.mkv",
        "night/z.mp4",
    ];
    assert_eq!(names(&found, root.path()), expected);
}

#[test]
fn lists_patterns_and_standard_input_stand_beside_files() {
    let root = folder();
    let list = root.path().join("list.txt");
    fs::write(
        &list,
        "# of last night\nnight/b.mp4\r\n\nnight/deep\ngone.mp4\n@list.txt\n",
    )
    .expect("list");
    let at = |list: &Path| {
        let mut name = OsString::from("@");
        name.push(list);
        PathBuf::from(name)
    };
    let named = [
        PathBuf::from("-"),
        at(&list),
        root.path().join("night/[ab].m*"),
        root.path().join("none*"),
    ];
    let found = names(&gather(&named, &[]), root.path());
    let expected = [
        "stdin",
        "night/b.mp4",
        "night/deep/c.mkv",
        "gone.mp4",
        "@list.txt",
        "night/a.mp4",
        "night/b.mp4",
    ];
    assert_eq!(found[..7], expected);
    assert!(
        found[7].starts_with("none*: no file matches"),
        "{}",
        found[7]
    );
    let missing = names(
        &gather(&[at(&root.path().join("no.txt"))], &[]),
        root.path(),
    );
    assert!(missing[0].contains("cannot read the list"), "{missing:?}");
}

#[test]
fn names_that_are_not_utf_8_are_kept() {
    let root = folder();
    let odd = root.path().join(OsStr::from_bytes(b"night/odd-\xFF.mp4"));
    fs::write(&odd, "x").expect("file");
    let found = gather(&[root.path().join("night")], &[]);
    let is_odd = |named: &Named| matches!(named, Named::File(path) if *path == odd);
    assert!(found.iter().any(is_odd), "{found:?}");
    let named = found
        .iter()
        .find(|named| is_odd(named))
        .expect("the odd one");
    assert!(named.name().ends_with("odd-\\xff.mp4"), "{}", named.name());
}

#[test]
fn an_empty_folder_is_an_error_of_its_own() {
    let root = tempfile::tempdir().expect("folder");
    let found = names(
        &gather(&[root.path().to_owned(), PathBuf::from("a.mp4")], &[]),
        root.path(),
    );
    assert!(found[0].contains("no clip in the folder"), "{found:?}");
    assert_eq!(found[1], "a.mp4");
}
