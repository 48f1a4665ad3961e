//! What a written file says about itself in words: tags of the file and of its streams, chapters.

use std::ffi::c_void;
use std::ptr;

use ffmpeg_next::ffi as sys;

use super::dictionary::{c_string, is_stale, pairs_of};
use super::error::check;
use super::{Dictionary, FfmpegError, Input, Output};
use crate::Rational;

impl Output {
    /// Sets or, without a value, removes a tag of a stream.
    pub(crate) fn tag_stream(&mut self, index: usize, key: &str, value: Option<&str>) {
        let stream = self.stream_mut(index);
        let key = c_string(key);
        let value = value.map(c_string);
        let value = value.as_ref().map_or(ptr::null(), |value| value.as_ptr());
        // SAFETY: the dictionary belongs to the stream; the strings are terminated and copied, and null removes the key.
        unsafe {
            sys::av_dict_set(&raw mut stream.metadata, key.as_ptr(), value, 0);
        }
    }

    /// Copies the container's metadata and chapters, shifting chapters by `shift_seconds`.
    pub(crate) fn describe_file_as(
        &mut self,
        source: &Input,
        shift_seconds: f64,
    ) -> Result<(), FfmpegError> {
        self.set_metadata(
            source
                .metadata()
                .into_iter()
                .filter(|(key, _)| !is_stale(key)),
        );
        for chapter in source.chapters() {
            let time_base = Rational::from(chapter.time_base);
            let shift = if time_base.is_known() {
                (shift_seconds / time_base.as_f64()).round() as i64
            } else {
                0
            };
            // SAFETY: the dictionary belongs to the chapter, which lives as long as `source`.
            let metadata = unsafe { pairs_of(chapter.metadata) };
            self.add_chapter(
                chapter.id,
                time_base,
                (chapter.start + shift, chapter.end + shift),
                metadata,
            )?;
        }
        Ok(())
    }

    pub(crate) fn set_metadata(&mut self, pairs: impl IntoIterator<Item = (String, String)>) {
        let metadata: Dictionary = pairs.into_iter().collect();
        let context = self.get_mut();
        // SAFETY: the old dictionary belongs to the context and is replaced.
        unsafe { sys::av_dict_free(&raw mut context.metadata) };
        context.metadata = metadata.into_raw();
    }

    pub(crate) fn add_chapter(
        &mut self,
        id: i64,
        time_base: Rational,
        (start, end): (i64, i64),
        metadata: Vec<(String, String)>,
    ) -> Result<(), FfmpegError> {
        let metadata: Dictionary = metadata.into_iter().collect();
        let context = self.get_mut();
        // SAFETY: the chapter is a zeroed structure of its full size and given to the context, which frees it, its
        // dictionary and the array; av_dynarray_add_nofree grows that array and its count together.
        unsafe {
            let chapter: *mut sys::AVChapter =
                sys::av_mallocz(std::mem::size_of::<sys::AVChapter>()).cast();
            if chapter.is_null() {
                return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
            }
            (*chapter).id = id;
            (*chapter).time_base = time_base.into();
            (*chapter).start = start;
            (*chapter).end = end;
            (*chapter).metadata = metadata.into_raw();
            let mut count = context.nb_chapters as i32;
            let array: *mut c_void = (&raw mut context.chapters).cast();
            check(sys::av_dynarray_add_nofree(
                array,
                &raw mut count,
                chapter.cast(),
            ))?;
            context.nb_chapters = count as u32;
        }
        Ok(())
    }
}
