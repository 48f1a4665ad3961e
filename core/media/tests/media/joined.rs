//! Saved playlists, lone segments and files without an index are read as far as their parts are there, and nothing else is opened.

use std::fs;
use std::path::Path;

use countermark_media::{MediaError, ReadOptions, VideoReader, probe, repair};

use crate::boxes::{segments, without_index};
use crate::fixture::{all_shots, difference, full_message, names, plain_clip};

/// Bytes before the media data of a file without its index.
const HEADERS: usize = 28;

fn refusal(path: &Path) -> String {
    let Err(error) = VideoReader::open(path, ReadOptions::default()) else {
        panic!("{} was opened", path.display());
    };
    let message = full_message(&error);
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

/// A saved stream: `init.mp4`, and segments `0.m4s` to `2.m4s` of ten frames.
fn saved(folder: &Path) {
    let (init, parts) = segments(folder, 30, 10);
    fs::write(folder.join("init.mp4"), init).expect("init");
    for (number, part) in parts.iter().enumerate() {
        fs::write(folder.join(format!("{number}.m4s")), part).expect("segment");
    }
}

fn assert_whole(path: &Path) {
    let shots = all_shots(path);
    assert_eq!(shots.len(), 30, "{}", path.display());
    for (number, shot) in shots.iter().enumerate() {
        assert!(
            (shot.media_time - number as f64 / 25.0).abs() < 1e-6,
            "{number}"
        );
        let expected = crate::fixture::picture((96, 64), number);
        let expected: Vec<u16> = expected.into_iter().map(u16::from).collect();
        assert!(
            difference(&shot.samples, &expected) < 3.0,
            "picture {number}"
        );
    }
}

#[test]
fn lists_with_their_segments_are_one_clip() {
    let folder = tempfile::tempdir().expect("folder");
    saved(folder.path());
    let hls = folder.path().join("list.m3u8");
    let text = "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:0.4,\n0.m4s\n#EXTINF:0.4,\n1.m4s\n#EXTINF:0.4,\nhttps://x.example/2.m4s?t\n";
    fs::write(&hls, text).expect("list");
    assert_whole(&hls);
    let dash = folder.path().join("manifest.mpd");
    let text = r#"<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet contentType="video">
        <SegmentTemplate startNumber="0" initialization="init.mp4" media="$Number$.m4s"/><Representation id="0" bandwidth="1"/>
        </AdaptationSet></Period></MPD>"#;
    fs::write(&dash, text).expect("manifest");
    assert_whole(&dash);
    fs::remove_file(folder.path().join("1.m4s")).expect("segment");
    let integrity = probe(&hls).expect("two of three").integrity;
    assert!(integrity.is_truncated());
    assert_eq!(
        integrity.to_string(),
        "1 segment of the list missing, the first \"1.m4s\""
    );
}

#[test]
fn a_lone_segment_is_read_behind_its_initialisation() {
    let folder = tempfile::tempdir().expect("folder");
    saved(folder.path());
    let segment = folder.path().join("1.m4s");
    let shots = all_shots(&segment);
    assert_eq!((shots.len(), shots[0].media_time), (10, 0.0));
    fs::remove_file(folder.path().join("init.mp4")).expect("init");
    let message = refusal(&segment);
    assert!(
        message.contains("needs its initialisation segment"),
        "{message}"
    );
}

#[test]
fn nothing_that_a_list_names_elsewhere_is_opened() {
    let folder = tempfile::tempdir().expect("folder");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("non-blocking");
    let url = format!("http://{}/a.ts", listener.local_addr().expect("address"));
    plain_clip(&folder.path().join("secret.mp4"), 5);
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("folder");
    let pls = format!("[playlist]\nFile1={url}\n");
    let sdp =
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
            .to_owned();
    let svg =
        "<svg xmlns='http://www.w3.org/2000/svg'><image href='../secret.mp4'/></svg>".to_owned();
    for (name, text) in [
        (
            "passwd.m3u8",
            "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n".to_owned(),
        ),
        ("url.m3u8", format!("#EXTM3U\n#EXTINF:1,\n{url}\n")),
        ("up.m3u8", "#EXTM3U\n#EXTINF:1,\n../secret.mp4\n".to_owned()),
        (
            "itself.m3u8",
            "#EXTM3U\n#EXTINF:1,\nitself.m3u8\n".to_owned(),
        ),
        (
            "list.ffconcat",
            "ffconcat version 1.0\nfile ../secret.mp4\n".to_owned(),
        ),
        (
            "itself.mp4",
            "ffconcat version 1.0\nfile itself.mp4\nfile itself.mp4\n".to_owned(),
        ),
        (
            "url.mpd",
            format!(
                "<MPD><BaseURL>{url}</BaseURL><Period><AdaptationSet><Representation id='0'/></AdaptationSet></Period></MPD>"
            ),
        ),
        ("list.pls", pls),
        ("stream.sdp", sdp),
        ("picture.svg", svg),
    ] {
        let path = inner.join(name);
        fs::write(&path, text).expect("list");
        let message = refusal(&path);
        assert!(message.contains(name), "{message}");
    }
    assert!(listener.accept().is_err(), "a connection was made");
}

#[test]
fn a_file_without_its_index_is_repaired_with_a_sister() {
    let folder = tempfile::tempdir().expect("folder");
    let (broken, sister) = (
        folder.path().join("broken.mp4"),
        folder.path().join("sister.mp4"),
    );
    let (mut bytes, whole) = without_index(folder.path(), 50, 0.7);
    // Sound between the pictures, as far as chance imitates it.
    let mut noise = 7_u32;
    let sound = (0..5000).map(|_| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 24) as u8
    });
    bytes.splice(HEADERS..HEADERS, sound);
    // The media data says how long it is.
    let said = &mut bytes[HEADERS - 8..HEADERS - 4];
    let length = u32::from_be_bytes(said.try_into().expect("four")) + 5000;
    said.copy_from_slice(&length.to_be_bytes());
    fs::write(&broken, bytes).expect("broken");
    plain_clip(&sister, 3);
    let message = refusal(&broken);
    assert!(message.contains("cut off before its index"), "{message}");
    let output = folder.path().join("repaired.avi");
    let done = repair(&broken, &sister, &output).expect("repaired");
    assert!(whole > 10);
    assert_eq!(done.pictures, whole);
    assert!(done.passed_over_bytes >= 5000, "{done:?}");
    let shots = all_shots(&output);
    assert_eq!(shots.len() as u64, done.pictures);
    for (number, shot) in shots.iter().enumerate() {
        let since = shot.media_time - shots[0].media_time;
        assert!(
            (since - number as f64 / 25.0).abs() < 1e-3,
            "{number}: {since}"
        );
    }
    let sound_only = folder.path().join("text.mp4");
    fs::write(&sound_only, "no file").expect("text");
    let error = repair(&sound_only, &sister, &folder.path().join("x.avi")).expect_err("text");
    assert!(matches!(error, MediaError::NotRepaired { .. }), "{error}");
    assert!(names(folder.path()).contains(&"broken.mp4".to_owned()));
}

#[test]
fn a_picture_of_900_million_samples_is_refused_by_its_size() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("bomb.png");
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(30_000_u32.to_be_bytes());
    bytes.extend(30_000_u32.to_be_bytes());
    bytes.extend([8, 0, 0, 0, 0, 0, 0, 0, 0]);
    fs::write(&path, bytes).expect("bomb");
    let message = refusal(&path);
    assert!(message.contains("30000 x 30000"), "{message}");
}
