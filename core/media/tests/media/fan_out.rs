//! One decode for several copies, and work that is told to end.

use std::error::Error;
use std::path::Path;
use std::thread;
use std::time::Duration;

use countermark_media::{
    CancelToken, CopyOrder, CopyPicture, EncodeSettings, FrameTime, MediaError, Observer,
    PictureEditor, Recode, VideoCodec, clear_fresh_memory, recode, transcode, transcode_many,
};

use crate::fixture::{brighten, close, names, plain_clip, ten_bits, write_clip};

/// Brightens each copy by an amount of its own.
struct Brighten;

fn amount(copy: usize) -> u16 {
    3 * (copy as u16 + 1)
}

impl PictureEditor for Brighten {
    fn edit(
        &mut self,
        pictures: Vec<CopyPicture<'_>>,
        _: FrameTime,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        for mut picture in pictures {
            brighten(&mut picture.luma, amount(picture.copy));
        }
        Ok(())
    }
}

fn order(folder: &Path, name: &str, settings: EncodeSettings) -> CopyOrder {
    CopyOrder {
        output: folder.join(name),
        settings,
    }
}

#[test]
fn copies_made_together_are_the_copies_made_alone() {
    clear_fresh_memory();
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mkv");
    // Ten bits: x264 and x265 take it, each in a rendition of its own.
    write_clip(&master, ten_bits(VideoCodec::Hevc), 60);
    let medium = EncodeSettings::near_transparent(VideoCodec::H264);
    let orders = [
        order(folder.path(), "a.mp4", medium.clone()),
        order(folder.path(), "b.mp4", close(VideoCodec::Hevc)),
        order(folder.path(), "c.mov", medium),
        order(folder.path(), "d.ts", close(VideoCodec::H264)),
    ];
    let together = transcode_many(&master, &orders, &mut Brighten, &()).expect("a whole master");
    for (copy, (order, made)) in orders.iter().zip(together).enumerate() {
        let report = made.expect("a copy").publish().expect("a free name");
        assert_eq!(report.frames, 60);
        let bytes = std::fs::read(&order.output).expect("the copy");
        assert_eq!(report.bytes, bytes.len() as u64);
        let alone = folder
            .path()
            .join("alone")
            .with_extension(order.output.extension().expect("an extension"));
        let mut edit = |mut luma: countermark_picture::AnyPlaneMut<'_>, _: FrameTime| {
            brighten(&mut luma, amount(copy));
            Ok(())
        };
        transcode(&master, &alone, &order.settings, &mut edit, &()).expect("the copy alone");
        assert!(
            bytes == std::fs::read(&alone).expect("the copy alone"),
            "{} differs from the copy made alone",
            order.output.display()
        );
        std::fs::remove_file(alone).expect("removed");
    }
}

#[test]
fn a_copy_that_cannot_be_made_does_not_end_the_others() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    plain_clip(&master, 30);
    std::fs::write(folder.path().join("there.mp4"), "precious").expect("a file");
    let wrong = EncodeSettings {
        options: vec![("no-such-option".to_owned(), "1".to_owned())],
        ..close(VideoCodec::H264)
    };
    let good = close(VideoCodec::H264);
    let orders = [
        order(folder.path(), "wrong.mp4", wrong),
        order(folder.path(), "a.mp4", good.clone()),
        order(folder.path(), "there.mp4", good.clone()),
        order(folder.path(), "a.avi", good.clone()),
        order(folder.path(), "b.mkv", good),
    ];
    let made = transcode_many(&master, &orders, &mut Brighten, &()).expect("a whole master");
    assert!(matches!(
        made[0],
        Err(MediaError::UnknownEncoderOption { .. })
    ));
    assert!(matches!(made[2], Err(MediaError::OutputExists { .. })));
    assert!(matches!(made[3], Err(MediaError::UnknownContainer { .. })));
    for copy in made.into_iter().flatten() {
        assert_eq!(copy.report().frames, 30);
        copy.publish().expect("a free name");
    }
    assert_eq!(
        names(folder.path()),
        ["a.mp4", "b.mkv", "master.mp4", "there.mp4"]
    );
}

#[test]
fn a_copy_that_is_not_published_leaves_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    plain_clip(&master, 5);
    let orders = [order(folder.path(), "a.mp4", close(VideoCodec::H264))];
    let made = transcode_many(&master, &orders, &mut Brighten, &()).expect("a whole master");
    assert_eq!(names(folder.path()).len(), 2);
    drop(made);
    assert_eq!(names(folder.path()), ["master.mp4"]);
}

/// Ends the work a while after some frames.
struct EndsAfter {
    frames: u64,
    delay: Duration,
    token: CancelToken,
}

impl Observer for EndsAfter {
    fn started(&self, _: Option<u64>) {
        if self.frames == 0 {
            self.token.cancel();
        }
    }

    fn frames_done(&self, frames: u64) {
        if frames == self.frames {
            let (token, delay) = (self.token.clone(), self.delay);
            if delay.is_zero() {
                token.cancel();
            } else {
                thread::spawn(move || {
                    thread::sleep(delay);
                    token.cancel();
                });
            }
        }
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(&self.token)
    }
}

#[test]
fn work_ends_after_any_frame_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    plain_clip(&master, 50);
    let settings = EncodeSettings::near_transparent(VideoCodec::H264);
    for frames in [0, 1, 2, 17, 49, 50] {
        let ends = EndsAfter {
            frames,
            delay: Duration::ZERO,
            token: CancelToken::new(),
        };
        let orders = ["a.mp4", "b.mkv"].map(|name| order(folder.path(), name, settings.clone()));
        let ended = transcode_many(&master, &orders, &mut Brighten, &ends).err();
        assert!(
            matches!(ended, Some(MediaError::Cancelled { .. })),
            "{frames}: {ended:?}"
        );
        assert_eq!(names(folder.path()), ["master.mp4"], "{frames}");
        let ends = EndsAfter {
            frames,
            delay: Duration::ZERO,
            token: CancelToken::new(),
        };
        let proxy = folder.path().join("proxy.mp4");
        let ended = recode(&master, &proxy, &Recode::new(settings.clone()), &ends).err();
        assert!(
            matches!(ended, Some(MediaError::Cancelled { .. })),
            "{frames}: {ended:?}"
        );
        assert_eq!(names(folder.path()), ["master.mp4"], "{frames}");
    }
    // A token that was set before.
    let token = CancelToken::new();
    token.cancel();
    let ends = EndsAfter {
        frames: u64::MAX,
        delay: Duration::ZERO,
        token,
    };
    let output = folder.path().join("a.mp4");
    let ended = transcode(&master, &output, &settings, &mut |_, _| Ok(()), &ends).err();
    assert!(
        matches!(ended, Some(MediaError::Cancelled { .. })),
        "{ended:?}"
    );
    assert_eq!(names(folder.path()), ["master.mp4"]);
}

#[test]
fn work_ends_while_the_encoder_is_emptied() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    plain_clip(&master, 40);
    // All 40 pictures wait in the lookahead when the last one arrives: what follows is the flush, then the trailer.
    let settings = EncodeSettings {
        preset: Some("veryslow".to_owned()),
        ..EncodeSettings::near_transparent(VideoCodec::H264)
    };
    let mut cancelled = 0;
    for milliseconds in [1, 2, 4, 8, 16, 32, 64, 128] {
        let ends = EndsAfter {
            frames: 40,
            delay: Duration::from_millis(milliseconds),
            token: CancelToken::new(),
        };
        let orders = [order(folder.path(), "a.mp4", settings.clone())];
        match transcode_many(&master, &orders, &mut Brighten, &ends) {
            Err(MediaError::Cancelled { .. }) => cancelled += 1,
            Err(other) => panic!("{other}"),
            Ok(made) => {
                for copy in made {
                    assert_eq!(copy.expect("a copy").report().frames, 40);
                }
            }
        }
        assert_eq!(names(folder.path()), ["master.mp4"], "{milliseconds}");
    }
    assert!(cancelled > 0, "no delay fell into the flush");
}
