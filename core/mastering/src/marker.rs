//! From the planes of `countermark-media` to the marks of `countermark-mark`, and the quality of what they did.
//!
//! The host is analysed once for each picture of a rendition; every delivery is marked on that analysis.
//!
//! ```text
//! PSNR-Y = 10 log10((2^bit_depth - 1)^2 n / sum (marked - master)^2),  over all n luma samples, before encoding
//! ```
//!
//! # Shapes and units
//! Media time is seconds since the video's first frame. `squared_error` is in squared code values of the picture's own
//! bit depth, divided by the squared peak, so that depths can be compared.

use std::error::Error;

use countermark_mark::{
    CarrierKey, CodingRange, DeliveryCode, DeliveryMark, EmbedError, FormatSpec, HostAnalyser,
    HostAnalysis, Payload, ScopedPayloadKey, Strength, TitleMark, Transfer,
};
use countermark_media::{CopyPicture, FrameTime, PictureEditor, VideoInfo};
use countermark_picture::AnyPlaneMut;

use crate::likeness::Likeness;

/// Marks the pictures of all copies of one master, in order.
#[derive(Debug)]
pub(crate) struct Marker {
    carrier: CarrierKey,
    light: Light,
    /// One for each size of pictures.
    titles: Vec<((usize, usize), TitleMark)>,
    likeness: Option<Likeness>,
    /// By rendition: copies of another one may show other samples.
    hosts: Vec<Option<Host>>,
    copies: Vec<MarkedCopy>,
}

/// What is known of the pictures of one rendition.
#[derive(Debug)]
struct Host {
    analyser: HostAnalyser,
    analysis: HostAnalysis,
    /// Number of the picture that was analysed last.
    index: Option<u64>,
}

/// One delivery's mark and what it changed.
#[derive(Debug)]
struct MarkedCopy {
    /// Which of the titles.
    title: usize,
    mark: DeliveryMark,
    squared_error: f64,
    samples: f64,
    /// The same of each second.
    seconds: Vec<[f64; 2]>,
}

/// A picture that cannot be marked.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
enum PictureError {
    /// The decoder delivered another size than the file announced.
    #[error("the picture is {}x{}, the file announced {}x{}", found.0, found.1, announced.0, announced.1)]
    Size {
        found: (usize, usize),
        announced: (usize, usize),
    },
}

/// How code values of a master become light, as far as marking asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Light {
    transfer: Transfer,
    range: CodingRange,
}

impl Light {
    /// Of a video. Where the range is not said it is narrow, as players take it.
    pub(crate) fn of(video: &VideoInfo) -> Self {
        Self {
            transfer: transfer_of(&video.colour.transfer),
            range: if video.full_range {
                CodingRange::Full
            } else {
                CodingRange::Narrow
            },
        }
    }

    /// An analyser of pictures in that light.
    pub(crate) fn analyser(self, title: &TitleMark) -> HostAnalyser {
        let analyser = title.analyser().in_light(self.transfer);
        analyser.in_range(self.range)
    }
}

/// The transfer function of a master by FFmpeg's name of it.
fn transfer_of(name: &str) -> Transfer {
    match name {
        "smpte2084" => Transfer::Pq,
        "arib-std-b67" => Transfer::Hlg,
        _ => Transfer::Standard,
    }
}

impl Marker {
    /// A marker for a title's pictures in that light, which are compared with `likeness` before they are marked.
    pub(crate) fn new(carrier: CarrierKey, light: Light, likeness: Option<Likeness>) -> Self {
        Self {
            carrier,
            light,
            titles: Vec::new(),
            likeness,
            hosts: Vec::new(),
            copies: Vec::new(),
        }
    }

    /// Adds the next copy, of pictures of `size` (width, height), which carries `payload`.
    ///
    /// # Errors
    /// When pictures of this size cannot carry a mark.
    pub(crate) fn add(
        &mut self,
        size: (usize, usize),
        scoped: &ScopedPayloadKey,
        payload: Payload,
        strength: Strength,
    ) -> Result<(), EmbedError> {
        let known = self.titles.iter().position(|(known, _)| *known == size);
        let title = if let Some(title) = known {
            title
        } else {
            let title = TitleMark::new(&self.carrier, size, &FormatSpec::CURRENT)?;
            self.titles.push((size, title));
            self.titles.len() - 1
        };
        let code = DeliveryCode::new(scoped, payload);
        self.copies.push(MarkedCopy {
            title,
            mark: self.titles[title].1.delivery(code, strength),
            squared_error: 0.0,
            samples: 0.0,
            seconds: Vec::new(),
        });
        Ok(())
    }

    /// What the mark of `copy` has in common with all of its title at that size.
    pub(crate) fn title_mark(&self, copy: usize) -> &TitleMark {
        &self.titles[self.copies[copy].title].1
    }

    /// Luma PSNR of everything marked so far in `copy`, dB; infinite if nothing changed.
    pub(crate) fn psnr_y_db(&self, copy: usize) -> f64 {
        let copy = &self.copies[copy];
        10.0 * (copy.samples / copy.squared_error).log10()
    }

    /// The second of `copy` whose pictures were changed most: its number and its luma PSNR, dB.
    pub(crate) fn worst_second(&self, copy: usize) -> Option<(u64, f64)> {
        let seconds = (0_u64..).zip(&self.copies[copy].seconds);
        let changed = seconds.filter(|(_, [error, _])| *error > 0.0);
        changed
            .map(|(second, [error, samples])| (second, 10.0 * (samples / error).log10()))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// A master that says it is longer has timestamps that are no times.
const MOST_SECONDS: f64 = 200_000.0;

impl PictureEditor for Marker {
    fn edit(
        &mut self,
        pictures: Vec<CopyPicture<'_>>,
        time: FrameTime,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        if let (Some(likeness), Some(first)) = (&mut self.likeness, pictures.first()) {
            likeness.look(&first.luma.as_plane(), time)?;
        }
        for picture in pictures {
            let (announced, title) = &self.titles[self.copies[picture.copy].title];
            let (found, announced) = (picture.luma.as_plane().size(), *announced);
            if found != announced {
                return Err(PictureError::Size { found, announced }.into());
            }
            while self.hosts.len() <= picture.rendition {
                self.hosts.push(None);
            }
            let host = self.hosts[picture.rendition].get_or_insert_with(|| Host {
                analyser: self.light.analyser(title),
                analysis: HostAnalysis::default(),
                index: None,
            });
            self.copies[picture.copy].mark(host, picture.luma, time);
        }
        Ok(())
    }
}

impl MarkedCopy {
    fn mark(&mut self, host: &mut Host, mut luma: AnyPlaneMut<'_>, time: FrameTime) {
        let (geometry, depth) = (luma.geometry(), luma.bit_depth());
        // The first copy of a rendition to come by shows the host as it is, before it is marked.
        if host.index != Some(time.index) {
            host.index = Some(time.index);
            host.analyser
                .analyse_plane(&luma.as_plane(), time.media_time, &mut host.analysis);
        }
        let report = self.mark.mark_plane(&host.analysis, &mut luma);
        let peak = f64::from((1_u32 << depth.bits()) - 1);
        let (error, samples) = (
            report.squared_change as f64 / (peak * peak),
            (geometry.width() * geometry.height()) as f64,
        );
        self.squared_error += error;
        self.samples += samples;
        let second = time.media_time.clamp(0.0, MOST_SECONDS) as usize;
        if self.seconds.len() <= second {
            self.seconds.resize(second + 1, [0.0; 2]);
        }
        self.seconds[second][0] += error;
        self.seconds[second][1] += samples;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transfer_functions_are_known_by_ffmpegs_names() {
        assert_eq!(transfer_of("smpte2084"), Transfer::Pq);
        assert_eq!(transfer_of("arib-std-b67"), Transfer::Hlg);
        for name in ["bt709", "unknown", ""] {
            assert_eq!(transfer_of(name), Transfer::Standard);
        }
    }
}
