//! The right master, and copies that are like it.

use std::fs;
use std::path::Path;

use countermark_mastering::{
    EncodeChoice, MasteringError, Notice, Observer, Presets, TitleRequest, deliver, register_title,
};
use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, SampleFormat, VideoCodec, VideoWriter,
    VideoWriterSettings, inventory, probe,
};
use countermark_register::DeliveryState;

use crate::house::House;

const SIZE: (u32, u32) = (512, 288);

/// Writes pictures of 24 a second, whose luma at a column, a row and a frame is `luma`.
fn write(
    path: &Path,
    encode: EncodeSettings,
    frames: usize,
    luma: impl Fn(usize, usize, usize) -> u8,
) {
    let format = match encode.codec {
        VideoCodec::ProRes => SampleFormat::Yuv422Bits10,
        _ => SampleFormat::Yuv420Bits8,
    };
    let mut settings = VideoWriterSettings::new(SIZE.0, SIZE.1, Rational::new(24, 1), encode);
    settings.format = format;
    settings.labels.metadata = vec![("timecode".to_owned(), "01:00:00:00".to_owned())];
    let mut writer = VideoWriter::create(path, settings).expect("a clip");
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    for frame in 0..frames {
        let picture: Vec<u8> = (0..width * height)
            .map(|at| luma(at % width, at / width, frame))
            .collect();
        let deep: Vec<u16> = picture.iter().map(|&it| u16::from(it) * 4).collect();
        let planes = match format.bit_depth() {
            8 => Planes::Gray8(&picture),
            _ => Planes::Gray16(&deep),
        };
        writer.write_frame(planes).expect("a frame");
    }
    writer.finish().expect("a clip");
}

fn h264() -> EncodeSettings {
    EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(20.0))
    }
}

fn texture(x: usize, y: usize, frame: usize) -> u8 {
    let (x, y) = (x + 2 * frame, y + frame);
    (64 + (x / 5 + y / 3) % 96 + (x * 7919 + y * 104_729 + (x * y) % 251) % 23) as u8
}

fn registered(house: &House, name: &str) -> Result<(), MasteringError> {
    let request = TitleRequest {
        master: house.path(name),
        name: "T".to_owned(),
        threads: None,
    };
    register_title(&house.vault, &request, &()).map(|_| ())
}

#[test]
fn another_episode_of_the_same_length_ends_the_work_at_once() {
    let house = House::with_title(96);
    // The same opening, then other pictures.
    write(&house.path("other.mp4"), h264(), 96, |x, y, frame| {
        if frame < 24 {
            texture(x, y, frame)
        } else {
            texture(511 - x, (2 * y) % 288, 3 * frame)
        }
    });
    let mut request = house.request(&["a.mp4"]);
    request.master = house.path("other.mp4");
    let made = deliver(&house.vault, &request, &()).expect("begun");
    let [Err(failed)] = &made[..] else {
        panic!("no copy of another episode: {made:?}")
    };
    let MasteringError::OtherPictures { seconds, .. } = &*failed.error else {
        panic!("{}", failed.error)
    };
    assert!((1.0..2.6).contains(seconds), "{seconds}");
    assert_eq!(failed.state, DeliveryState::Failed);
    assert!(!house.path("a.mp4").exists());
    // The master itself, encoded anew, is the master.
    write(
        &house.path("again.mp4"),
        EncodeSettings {
            rate: Rate::Crf(34.0),
            ..h264()
        },
        96,
        texture,
    );
    request.master = house.path("again.mp4");
    let made = deliver(&house.vault, &request, &()).expect("begun");
    assert!(made[0].is_ok(), "{made:?}");
}

#[test]
fn a_black_master_is_refused_and_one_of_few_pictures_warned_of() {
    #[derive(Default)]
    struct Warned(std::sync::Mutex<Vec<f64>>);
    impl Observer for Warned {
        fn notice(&self, notice: Notice) {
            if let Notice::FewPictures { share } = notice {
                self.0.lock().expect("whole").push(share);
            }
        }
    }
    for (black_until, is_refused) in [(96, true), (84, false)] {
        let house = House::empty(1);
        let luma = |x, y, frame| {
            if frame < black_until {
                16
            } else {
                texture(x, y, frame)
            }
        };
        write(&house.path("dark.mp4"), h264(), 96, luma);
        registered(&house, "dark.mp4").expect("a title");
        let mut request = house.request(&["a.mp4"]);
        request.master = house.path("dark.mp4");
        // Half a second of picture in four is hardly read back.
        request.verify = false;
        let warned = Warned::default();
        let made = deliver(&house.vault, &request, &warned);
        if is_refused {
            assert!(
                matches!(made, Err(MasteringError::NothingToMark { .. })),
                "{made:?}"
            );
            assert_eq!(
                house.vault.register().deliveries(None).expect("deliveries"),
                []
            );
        } else {
            assert!(made.expect("begun")[0].is_ok());
            assert_eq!(warned.0.lock().expect("whole").len(), 1);
        }
    }
}

#[test]
#[ignore = "slow: four codecs; core/media holds each"]
fn a_mezzanine_master_is_delivered_as_it_was_and_the_register_says_what_was_carried() {
    let house = House::empty(1);
    let prores = EncodeSettings {
        profile: Some("lt".to_owned()),
        ..EncodeSettings::new(VideoCodec::ProRes, Rate::Native)
    };
    write(&house.path("master.mov"), prores, 24, texture);
    registered(&house, "master.mov").expect("a title");
    let mut request = house.request(&["a.mov", "b.mxf", "c.mp4", "d.mp4"]);
    request.master = house.path("master.mov");
    for copy in &mut request.copies {
        copy.encode = EncodeChoice::default();
    }
    let folder = house.path("house.toml");
    fs::write(&folder, "[small]\nabout = \"x\"\ncodec = \"h264\"\ncrf = 20.0\nspeed = \"ultrafast\"\nformats = [\"yuv420p\"]\nshort_side = 240\n")
        .expect("a file");
    let presets = Presets::load(Some(&folder)).expect("presets");
    request.copies[3].encode.named = Some(presets.named("small").expect("small").clone());
    let made = deliver(&house.vault, &request, &()).expect("begun");
    let told: Vec<_> = made
        .iter()
        .map(|copy| {
            let copy = copy.as_ref().expect("a copy");
            let found = inventory(&copy.output).expect("a file");
            (found.codec, found.profile, found.timecode)
        })
        .collect();
    let timecode = Some("01:00:00:00".to_owned());
    for (place, codec, profile) in [
        (0, "prores", "LT"),
        (1, "prores", "LT"),
        (2, "hevc", "Rext"),
        (3, "h264", "High"),
    ] {
        assert_eq!(told[place].0, codec, "{place}");
        assert!(
            told[place]
                .1
                .as_deref()
                .is_some_and(|it| it.contains(profile) || place > 1),
            "{told:?}"
        );
        assert_eq!(told[place].2, timecode, "{place}");
    }
    let small = probe(&request.copies[3].output).expect("a file").video;
    assert_eq!((small.width, small.height, small.bit_depth), (426, 240, 8));
    for copy in made {
        let copy = copy.expect("a copy");
        assert!(
            copy.delivery
                .encoder_settings
                .contains("timecode 01:00:00:00"),
            "{}",
            copy.delivery.encoder_settings
        );
        let is_small = copy.output.ends_with("d.mp4");
        assert_eq!(copy.written_psnr_y_db.is_none(), is_small);
        assert!(
            is_small || copy.written_psnr_y_db.is_some_and(|db| db > 38.0),
            "{copy:?}"
        );
    }
}
