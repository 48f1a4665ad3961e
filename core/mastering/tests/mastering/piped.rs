//! Masters that come through a pipe.

use std::io::Cursor;
use std::path::Path;

use countermark_mastering::verify::Remark;
use countermark_mastering::{MasteringError, Piped, deliver_piped};
use countermark_media::{ReadOptions, SampleFormat, VideoReader};
use countermark_picture::{AnyPlane, Sample as _, by_depth};
use countermark_register::DeliveryState;

use crate::house::House;

/// The pictures of a file as YUV4MPEG2.
fn stream(path: &Path) -> Vec<u8> {
    let options = ReadOptions {
        format: Some(SampleFormat::Yuv420Bits8),
        ..ReadOptions::default()
    };
    let mut reader = VideoReader::open(path, options).expect("a film");
    let info = reader.info().clone();
    let rate = info.frame_rate;
    let mut bytes = format!(
        "YUV4MPEG2 W{} H{} F{}:{} Ip A1:1 C420jpeg\n",
        info.width,
        info.height,
        rate.numerator(),
        rate.denominator()
    )
    .into_bytes();
    while let Some(frame) = reader.next_frame().expect("a frame") {
        bytes.extend(b"FRAME\n");
        let [u, v] = frame.chroma().expect("4:2:0");
        for plane in [frame.luma(), u, v] {
            push(&plane, &mut bytes);
        }
    }
    bytes
}

fn push(plane: &AnyPlane<'_>, bytes: &mut Vec<u8>) {
    by_depth!(plane, |view| for row in view.rows() {
        bytes.extend(row.iter().map(|sample| sample.code() as u8));
    });
}

#[test]
fn a_piped_master_is_marked_and_read_back_with_its_keys() {
    let house = House::with_title(72);
    let piped = Piped::begin(Cursor::new(stream(&house.path("film.mp4")))).expect("begun");
    let mut request = house.request(&["a.mp4", "b.mp4"]);
    request.master = piped.path();
    let made = deliver_piped(&house.vault, &request, &piped, &()).expect("begun");
    assert_eq!(made.len(), 2);
    for copy in made {
        let copy = copy.expect("a copy");
        assert_eq!(copy.delivery.state, DeliveryState::Complete);
        assert_eq!(copy.delivery.frames, Some(72));
        assert!(copy.output.exists());
        let found = copy.verification.expect("verified");
        assert!(found.holds(), "{:?}", found.faults);
        assert!(found.remarks.contains(&Remark::NoMaster), "{found:?}");
        assert!(!found.remarks.contains(&Remark::StreamsUnknown));
        // Without the master's pictures three seconds say little, but more than nothing.
        assert!(found.reading.is_some_and(|it| it.score > 2.0), "{found:?}");
    }
}

#[test]
fn a_pipe_that_ends_early_makes_no_copy() {
    let house = House::with_title(72);
    let whole = stream(&house.path("film.mp4"));
    let header = whole
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line")
        + 1;
    let picture = (whole.len() - header) / 72;
    let short = whole[..header + 60 * picture].to_vec();
    let piped = Piped::begin(Cursor::new(short)).expect("begun");
    let mut request = house.request(&["a.mp4"]);
    request.master = piped.path();
    let made = deliver_piped(&house.vault, &request, &piped, &()).expect("begun");
    let [Err(failed)] = &made[..] else {
        panic!("no copy: {made:?}")
    };
    assert!(
        matches!(
            *failed.error,
            MasteringError::PipeLength {
                found: 60,
                registered: 72,
                ..
            }
        ),
        "{}",
        failed.error
    );
    assert_eq!(failed.state, DeliveryState::Failed);
    assert!(house.files().is_empty(), "{:?}", house.files());
}
