use crate::geometry::homography::Homography;

use super::*;

/// A luma sample between four of a picture.
fn sample((width, height): (usize, usize), luma: &[u8], x: f64, y: f64) -> Option<f64> {
    let (x, y) = (x - 0.5, y - 0.5);
    if x < 0.0 || y < 0.0 || x >= width as f64 - 1.0 || y >= height as f64 - 1.0 {
        return None;
    }
    let (i, j) = (x as usize, y as usize);
    let (right, down) = (x - i as f64, y - j as f64);
    let at = |i: usize, j: usize| f64::from(luma[j * width + i]);
    let row = |j: usize| at(i, j) * (1.0 - right) + at(i + 1, j) * right;
    Some(row(j) * (1.0 - down) + row(j + 1) * down)
}

/// A picture of 320 x 180 with these corners, against the first one of `output` where they say it lies: the share of it that is seen, and by how
/// many levels it differs in the mean.
fn found_at(
    corners: [[f64; 2]; 4],
    source: &[u8],
    output: &Path,
) -> Result<(f64, f64), Box<dyn std::error::Error>> {
    let info = probe(output)?.video;
    let size = (info.width as usize, info.height as usize);
    let shown = shown(output)?;
    let map = Homography::stretch(1.0 / 320.0, 1.0 / 180.0)
        .then(&Homography::square_onto(corners.map(|[x, y]| (x, y))));
    let (mut error, mut seen, mut all) = (0.0, 0_u32, 0_u32);
    for y in (4..176).step_by(4) {
        for x in (4..316).step_by(4) {
            all += 1;
            let (to_x, to_y) = map.of(f64::from(x), f64::from(y));
            let (Some(before), Some(after)) = (
                sample((320, 180), source, f64::from(x), f64::from(y)),
                sample(size, &shown[0].1, to_x, to_y),
            ) else {
                continue;
            };
            seen += 1;
            error += (before - after).abs();
        }
    }
    Ok((
        f64::from(seen) / f64::from(all),
        error / f64::from(seen.max(1)),
    ))
}

#[test]
fn pictures_lie_where_they_are_said_to_lie() -> Outcome {
    let folder = tempfile::tempdir()?;
    let whole = [[0.0, 0.0], [320.0, 0.0], [320.0, 180.0], [0.0, 180.0]];
    for (name, least) in [
        ("crop-0.8", 0.6),
        ("side-left-30", 0.6),
        ("mirror", 0.9),
        ("rotate-90", 0.9),
        ("rotate-180", 0.9),
        ("rotate-270", 0.9),
        ("rotate-4", 0.8),
        ("perspective-0.15", 0.9),
        ("tilt-20", 0.7),
        ("zoom-1.3", 0.5),
        ("scale-0.7x0.8", 0.9),
        ("pip-0.5", 0.9),
        ("blursides-9x16", 0.9),
        ("jitter-4", 0.8),
        ("mirror+bars-9x16+h264-160p-crf12", 0.9),
        ("crop-0.8-back+mirror+h264-160p-crf12", 0.6),
        ("bars-1x1+h264-crf12+rotate-90", 0.9),
        ("rotate-3+h264-crf12+crop-0.9", 0.7),
    ] {
        let (output, applied) = attacked(folder.path(), name)?;
        let source = shown(&folder.path().join("clip.mkv"))?;
        let corners = applied.placements.first().and_then(|first| first.corners);
        let corners = corners.ok_or(name)?;
        let (seen, levels) = found_at(corners, &source[0].1, &output)?;
        assert!(
            seen > least && levels < 8.0,
            "{name}: {seen} seen, {levels} levels off"
        );
        let (_, unmoved) = found_at(whole, &source[0].1, &output)?;
        assert!(
            levels < unmoved / 3.0,
            "{name}: {levels} against {unmoved} where it was"
        );
    }
    Ok(())
}

#[test]
fn what_moves_is_said_for_each_picture_and_what_is_bent_for_none() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (_, applied) = attacked(folder.path(), "jitter-4+cut-1s")?;
    let moments: Vec<f64> = applied
        .placements
        .iter()
        .map(|placed| placed.from)
        .collect();
    assert!((9..=11).contains(&moments.len()), "{moments:?}");
    assert!(
        moments.is_sorted() && moments[0].abs() < 1e-9 && moments[1] > 0.05,
        "{moments:?}"
    );
    let (_, applied) = attacked(folder.path(), "barrel-0.2")?;
    let none = Placement {
        from: 0.0,
        corners: None,
    };
    assert_eq!(applied.placements, [none]);
    let (_, applied) = attacked(folder.path(), "mirror+reverse+speed-1.25+h264-crf20")?;
    let mirrored = [[320.0, 0.0], [0.0, 0.0], [0.0, 180.0], [320.0, 180.0]];
    let still = Placement {
        from: 0.0,
        corners: Some(mirrored),
    };
    assert_eq!(applied.placements, [still]);
    Ok(())
}
