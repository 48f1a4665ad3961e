use std::path::Path;
use std::sync::OnceLock;

use countermark_report::html::as_xml;
use image::{ImageEncoder as _, codecs::jpeg::JpegEncoder};
use roxmltree::{Document, Node};

use super::super::comparison::OldResults;
use super::super::specimen::{Specimen, suite};
use super::super::{Measured, json};
use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn section<'a>(tree: &'a Document<'a>, id: &str) -> Option<Node<'a, 'a>> {
    tree.descendants()
        .find(|n| n.has_tag_name("section") && n.attribute("id") == Some(id))
}

fn count(node: Option<Node<'_, '_>>, tag: &str) -> usize {
    node.into_iter()
        .flat_map(|n| n.descendants())
        .filter(|n| n.has_tag_name(tag))
        .count()
}

/// A gradient of one colour.
fn gradient(width: u32, height: u32, colour: [f32; 3]) -> image::ImageResult<Vec<u8>> {
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x as f32 / width as f32, y as f32 / height as f32)))
        .flat_map(|(x, y)| colour.map(|c| (c * (0.4 * x + 0.6 * y)) as u8))
        .collect();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80).write_image(
        &pixels,
        width,
        height,
        image::ExtendedColorType::Rgb8,
    )?;
    Ok(bytes)
}

fn pictures(clips: &[String]) -> image::ImageResult<Vec<WorstFrame>> {
    let sizes = [(160, 90), (90, 160), (128, 128)];
    let all = clips.iter().zip(sizes.into_iter().cycle());
    all.map(|(clip, (width, height))| {
        Ok(WorstFrame {
            clip: clip.clone(),
            original: gradient(width, height, [250.0, 180.0, 90.0])?,
            marked: gradient(width, height, [248.0, 182.0, 92.0])?,
            difference: gradient(width, height, [120.0, 120.0, 120.0])?,
        })
    })
    .collect()
}

/// The specimen's page against a run that was half as good; it is left in `COUNTERMARK_SPECIMEN`, where that names a
/// folder, to be looked at.
fn made() -> Result<String, Box<dyn std::error::Error>> {
    let mut before = Specimen::new();
    for trial in before
        .trials
        .iter_mut()
        .filter(|t| t.attack.contains("hevc"))
    {
        trial.log10_p = trial.log10_p.map(|p| p * 0.5);
    }
    before.qualities[0].psnr_y_db += 0.5;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("results.json");
    std::fs::write(&file, json::results(&before.report())?)?;
    let specimen = Specimen::new();
    let report = specimen.report();
    let comparison = Comparison::new(&report, OldResults::read(&file)?);
    let pictures = pictures(&specimen.clips[1..])?;
    let html = to_html(&report, &pictures, Some(&comparison));
    if let Some(folder) = std::env::var_os("COUNTERMARK_SPECIMEN") {
        let tail = tail_plot(&specimen.tails[0].tail).to_file();
        std::fs::write(Path::new(&folder).join("null.svg"), tail)?;
        for (name, content) in report.files(&pictures, Some(&comparison))? {
            std::fs::write(Path::new(&folder).join(name), content)?;
        }
    }
    Ok(html)
}

fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| made().expect("a page"))
}

#[test]
fn the_page_is_well_formed_and_has_every_section() -> Outcome {
    let html = page();
    let xml = as_xml(html);
    let tree = Document::parse(&xml)?;
    let specimen = Specimen::new();
    let rows = specimen.suite.rows.len();
    let robustness = section(&tree, "robustness");
    // A head for each of four groups.
    assert_eq!(count(robustness, "tr"), rows + 4);
    assert_eq!(count(robustness, "svg"), rows);
    assert!(count(section(&tree, "curves"), "svg") >= 6);
    assert_eq!(
        count(section(&tree, "quality"), "tr"),
        specimen.clips.len() + 1
    );
    assert_eq!(
        count(section(&tree, "frames"), "img"),
        (specimen.clips.len() - 1) * 3
    );
    assert_eq!(count(section(&tree, "null"), "svg"), 1);
    assert_eq!(count(section(&tree, "speed"), "table"), 2);
    assert!(count(section(&tree, "comparison"), "tr") >= rows);
    Ok(())
}

#[test]
fn the_page_needs_nothing_from_elsewhere() -> Outcome {
    let html = page();
    let xml = as_xml(html);
    let tree = Document::parse(&xml)?;
    for node in tree.descendants() {
        assert!(!["script", "link", "iframe"].contains(&node.tag_name().name()));
        for name in ["src", "href"] {
            if let Some(target) = node.attribute(name) {
                assert!(
                    target.starts_with('#') || target.starts_with("data:"),
                    "{target:.60}"
                );
            }
        }
    }
    assert!(!html.contains("url(") && !html.contains("@import"));
    Ok(())
}

#[test]
fn names_from_files_do_not_become_markup() -> Outcome {
    let html = page();
    let xml = as_xml(html);
    let tree = Document::parse(&xml)?;
    let nasty = "selfie & \"talk\" <portrait> 720x1280";
    assert!(!html.contains("<portrait>"));
    let written = tree
        .descendants()
        .filter(|n| n.has_tag_name("th") && n.text() == Some(nasty));
    assert!(written.count() >= 3);
    Ok(())
}

#[test]
fn the_verdict_stands_on_top_with_what_fell_short() -> Outcome {
    let html = page();
    let report = Specimen::new().report();
    let short = report.shortfalls();
    let xml = as_xml(html);
    let tree = Document::parse(&xml)?;
    let verdict = tree
        .descendants()
        .find(|n| n.attribute("class") == Some("verdict bad"));
    assert!(!short.is_empty());
    assert_eq!(count(verdict, "li"), short.len());
    let held = suite("[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\nmin_rate = 1.0\n");
    let trial = super::super::specimen::trial("a", "h264-crf28", crate::trial::Answer::Exact);
    let measured = Measured {
        trials: std::slice::from_ref(&trial),
        ..Measured::default()
    };
    let page = to_html(&Report::new("x", &held, measured), &[], None);
    assert!(page.contains("All floors hold: 1 checks."), "{page}");
    Ok(())
}

#[test]
fn what_was_not_measured_is_said() -> Outcome {
    let suite = suite("[[row]]\nattack = \"h264-crf28\"\npath = \"read\"\n");
    let html = to_html(&Report::new("x", &suite, Measured::default()), &[], None);
    Document::parse(&as_xml(&html))?;
    for said in [
        "not measured</span>",
        "No three attacks",
        "Quality was not measured",
        "No wrong keys were scored",
        "No trial was timed",
        "Marking was not timed",
    ] {
        assert!(html.contains(said), "{said}");
    }
    let kept = page();
    assert!(kept.contains("No pictures were kept of: bbb-apple-meadow-2160p60."));
    Ok(())
}
