//! A file being written: streams, header, packets, trailer.

use std::path::Path;
use std::ptr::{self, NonNull};

use ffmpeg_next::ffi as sys;
use sys::{AVFrameSideDataType, AVMediaType, AVPacketSideDataType};

use super::dictionary::{c_string, is_stale};
use super::error::check;
use super::input::file_url;
use super::{
    Dictionary, Encoder, FfmpegError, Frame, Packet, StoredFields, Stream, interrupt, log,
};
use crate::{CancelToken, Rational};

/// An output file. Without [`Output::finish`] it stays incomplete; removing it is the caller's business.
pub(crate) struct Output {
    raw: NonNull<sys::AVFormatContext>,
    /// Keeps the flag that the interrupt callback reads.
    _cancel: CancelToken,
}

// SAFETY: the context is owned, used by one thread at a time, and libavformat has no thread affinity.
unsafe impl Send for Output {}

/// Whether the muxer `format` says that it can hold the codec of `stream`; `None` when it does not say.
pub(crate) fn container_holds(format: &str, stream: Stream<'_>) -> Option<bool> {
    let format = c_string(format);
    // SAFETY: a lookup by a terminated name in a static table, then a question about a static muxer.
    let answer = unsafe {
        let muxer = sys::av_guess_format(format.as_ptr(), ptr::null(), ptr::null());
        if muxer.is_null() {
            return Some(false);
        }
        sys::avformat_query_codec(
            muxer,
            stream.parameters().codec_id,
            sys::FF_COMPLIANCE_NORMAL,
        )
    };
    match answer {
        0 => Some(false),
        answer if answer > 0 => Some(true),
        _ => None,
    }
}

impl Output {
    /// Opens `path` for writing with the muxer `format`. Writing fails once `cancel` is set, also while the trailer moves
    /// the whole file.
    pub(crate) fn create(
        path: &Path,
        format: &str,
        cancel: &CancelToken,
    ) -> Result<Self, FfmpegError> {
        log::silence();
        drop(log::take());
        let (url, format) = (file_url(path), c_string(format));
        let mut raw = ptr::null_mut();
        // SAFETY: all strings are terminated; the context is written on success.
        check(unsafe {
            sys::avformat_alloc_output_context2(
                &raw mut raw,
                ptr::null(),
                format.as_ptr(),
                url.as_ptr(),
            )
        })?;
        let Some(raw) = NonNull::new(raw) else {
            return Err(FfmpegError::new(sys::AVERROR_MUXER_NOT_FOUND));
        };
        let mut output = Self {
            raw,
            _cancel: cancel.clone(),
        };
        let context = output.get_mut();
        context.interrupt_callback = interrupt::callback(cancel);
        // SAFETY: `pb` is the slot for the opened file; FFmpeg copies the callback; no options are given.
        check(unsafe {
            sys::avio_open2(
                &raw mut context.pb,
                url.as_ptr(),
                sys::AVIO_FLAG_WRITE,
                &raw const context.interrupt_callback,
                ptr::null_mut(),
            )
        })?;
        Ok(output)
    }

    fn get(&self) -> &sys::AVFormatContext {
        // SAFETY: `raw` points to a context that this value owns.
        unsafe { self.raw.as_ref() }
    }

    pub(super) fn get_mut(&mut self) -> &mut sys::AVFormatContext {
        // SAFETY: `raw` points to a context that this value owns, borrowed mutably here.
        unsafe { self.raw.as_mut() }
    }

    fn flags(&self) -> i32 {
        // SAFETY: an output context has a static muxer.
        unsafe { (*self.get().oformat).flags }
    }

    /// Whether codec headers belong into the container instead of the packets.
    pub(crate) fn wants_global_header(&self) -> bool {
        self.flags() & sys::AVFMT_GLOBALHEADER != 0
    }

    /// Whether several packets of a stream may carry the same time.
    pub(crate) fn allows_equal_times(&self) -> bool {
        self.flags() & sys::AVFMT_TS_NONSTRICT != 0
    }

    pub(super) fn stream_mut(&mut self, index: usize) -> &mut sys::AVStream {
        assert!(
            index < self.get().nb_streams as usize,
            "stream {index} was never added"
        );
        // SAFETY: `streams` has `nb_streams` entries, checked above; the context is borrowed mutably.
        unsafe { &mut **self.get().streams.add(index) }
    }

    /// Adds a stream without parameters.
    pub(crate) fn add_stream(&mut self) -> Result<usize, FfmpegError> {
        // SAFETY: an output context before its header.
        let stream = unsafe { sys::avformat_new_stream(self.raw.as_ptr(), ptr::null()) };
        if stream.is_null() {
            return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
        }
        Ok(self.get().nb_streams as usize - 1)
    }

    /// Adds a stream that carries the packets of `source` as they are.
    pub(crate) fn add_copy(&mut self, source: Stream<'_>) -> Result<usize, FfmpegError> {
        let index = self.add_stream()?;
        let keeps_tag = self.keeps_tag(source);
        let stream = self.stream_mut(index);
        // SAFETY: both parameter structures belong to live streams.
        check(unsafe { sys::avcodec_parameters_copy(stream.codecpar, source.parameters()) })?;
        if !keeps_tag {
            // SAFETY: the parameters belong to the stream borrowed here.
            unsafe { (*stream.codecpar).codec_tag = 0 };
        }
        stream.sample_aspect_ratio = source.raw().sample_aspect_ratio;
        stream.avg_frame_rate = source.raw().avg_frame_rate;
        stream.r_frame_rate = source.raw().r_frame_rate;
        self.describe_as(index, source);
        self.copy_side_data(index, source, |_| true)?;
        Ok(index)
    }

    /// Adds a Matroska attachment with a picture, which is how that container stores cover art.
    pub(crate) fn add_picture_attachment(
        &mut self,
        source: Stream<'_>,
        name: &str,
        mime_type: &str,
    ) -> Result<usize, FfmpegError> {
        let index = self.add_stream()?;
        let picture = source.attached_picture();
        let stream = self.stream_mut(index);
        // SAFETY: the parameters belong to the new stream; the copy is padded as FFmpeg demands and owned by them.
        unsafe {
            let parameters = &mut *stream.codecpar;
            let padded = picture.len() + sys::AV_INPUT_BUFFER_PADDING_SIZE as usize;
            parameters.extradata = sys::av_mallocz(padded).cast();
            if parameters.extradata.is_null() {
                return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
            }
            ptr::copy_nonoverlapping(picture.as_ptr(), parameters.extradata, picture.len());
            parameters.extradata_size = picture.len() as i32;
            parameters.codec_type = AVMediaType::AVMEDIA_TYPE_ATTACHMENT;
            parameters.codec_id = source.parameters().codec_id;
        }
        let mut metadata: Dictionary = source.metadata().into_iter().collect();
        metadata.set("filename", name);
        metadata.set("mimetype", mime_type);
        self.stream_mut(index).metadata = metadata.into_raw();
        Ok(index)
    }

    /// Whether the source's four-character code means the same in this container.
    fn keeps_tag(&self, source: Stream<'_>) -> bool {
        let parameters = source.parameters();
        // SAFETY: an output context has a static muxer, whose tag tables are null or static.
        unsafe {
            let tables = (*self.get().oformat).codec_tag;
            tables.is_null()
                || sys::av_codec_get_id(tables, parameters.codec_tag) == parameters.codec_id
                || sys::av_codec_get_tag(tables, parameters.codec_id) == 0
        }
    }

    /// Copies what a container says about a stream: time base, disposition, metadata.
    pub(crate) fn describe_as(&mut self, index: usize, source: Stream<'_>) {
        let metadata: Dictionary = source
            .metadata()
            .into_iter()
            .filter(|(key, _)| !is_stale(key))
            .collect();
        let stream = self.stream_mut(index);
        stream.time_base = source.raw().time_base;
        stream.disposition = source.raw().disposition;
        stream.id = source.raw().id;
        // SAFETY: the old dictionary belongs to the stream and is replaced.
        unsafe { sys::av_dict_free(&raw mut stream.metadata) };
        stream.metadata = metadata.into_raw();
    }

    /// Copies rotation, projection and mastering data to a stream whose pictures are encoded anew.
    pub(crate) fn copy_picture_side_data(
        &mut self,
        index: usize,
        source: Stream<'_>,
    ) -> Result<(), FfmpegError> {
        self.copy_side_data(index, source, |kind| {
            matches!(
                kind,
                AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX
                    | AVPacketSideDataType::AV_PKT_DATA_STEREO3D
                    | AVPacketSideDataType::AV_PKT_DATA_SPHERICAL
                    | AVPacketSideDataType::AV_PKT_DATA_MASTERING_DISPLAY_METADATA
                    | AVPacketSideDataType::AV_PKT_DATA_CONTENT_LIGHT_LEVEL
                    | AVPacketSideDataType::AV_PKT_DATA_ICC_PROFILE
            )
        })
    }

    fn copy_side_data(
        &mut self,
        index: usize,
        source: Stream<'_>,
        wanted: impl Fn(AVPacketSideDataType) -> bool,
    ) -> Result<(), FfmpegError> {
        for entry in source
            .side_data()
            .iter()
            .filter(|entry| wanted(entry.type_))
        {
            let stream = self.stream_mut(index);
            // SAFETY: allocates `size` bytes owned by the stream, then copies exactly as many from live side data.
            unsafe {
                let target = sys::av_stream_new_side_data(stream, entry.type_, entry.size);
                if target.is_null() {
                    return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
                }
                ptr::copy_nonoverlapping(entry.data, target, entry.size);
            }
        }
        Ok(())
    }

    /// Writes the HDR10 metadata of a picture into the container, unless it is there already.
    pub(crate) fn set_hdr10(&mut self, index: usize, frame: &Frame) -> Result<(), FfmpegError> {
        for (frame_kind, kind) in [
            (
                AVFrameSideDataType::AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
                AVPacketSideDataType::AV_PKT_DATA_MASTERING_DISPLAY_METADATA,
            ),
            (
                AVFrameSideDataType::AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
                AVPacketSideDataType::AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
            ),
        ] {
            let stream = self.stream_mut(index);
            // SAFETY: both lookups answer null or data that lives as long as its owner; the new side data has the size
            // of what is copied into it. The structures are the same for frames and streams.
            unsafe {
                let Some(source) = sys::av_frame_get_side_data(frame.as_ptr(), frame_kind).as_ref()
                else {
                    continue;
                };
                if !sys::av_stream_get_side_data(stream, kind, ptr::null_mut()).is_null() {
                    continue;
                }
                let target = sys::av_stream_new_side_data(stream, kind, source.size);
                if target.is_null() {
                    return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
                }
                ptr::copy_nonoverlapping(source.data, target, source.size);
            }
        }
        Ok(())
    }

    /// Makes players rotate the pictures clockwise.
    pub(crate) fn set_rotation(&mut self, index: usize, degrees: i32) -> Result<(), FfmpegError> {
        let stream = self.stream_mut(index);
        let kind = AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX;
        // SAFETY: allocates the 36 bytes of a display matrix owned by the stream and fills exactly those.
        unsafe {
            let target = sys::av_stream_new_side_data(stream, kind, 36);
            if target.is_null() {
                return Err(FfmpegError::new(sys::AVERROR(sys::ENOMEM)));
            }
            let mut matrix = [0i32; 9];
            sys::av_display_rotation_set(matrix.as_mut_ptr(), f64::from(degrees));
            ptr::copy_nonoverlapping(matrix.as_ptr().cast::<u8>(), target, 36);
        }
        Ok(())
    }

    /// Takes codec parameters, aspect and frame rate from an open encoder.
    pub(crate) fn describe_encoded(
        &mut self,
        index: usize,
        encoder: &Encoder,
        tag: Option<[u8; 4]>,
    ) -> Result<(), FfmpegError> {
        self.describe_context(index, encoder.get())?;
        let stream = self.stream_mut(index);
        if let Some(tag) = tag {
            // SAFETY: the parameters belong to the stream borrowed here.
            unsafe { (*stream.codecpar).codec_tag = u32::from_le_bytes(tag) };
        }
        stream.sample_aspect_ratio = encoder.get().sample_aspect_ratio;
        stream.avg_frame_rate = encoder.get().framerate;
        stream.r_frame_rate = encoder.get().framerate;
        Ok(())
    }

    /// Says what encoder and muxer do not tell each other: the number of the profile, the order of fields as the master has it.
    pub(crate) fn complete_description(
        &mut self,
        index: usize,
        profile: Option<i32>,
        fields: Option<StoredFields>,
    ) {
        let stream = self.stream_mut(index);
        // SAFETY: the parameters belong to the stream borrowed here.
        let parameters = unsafe { &mut *stream.codecpar };
        if let Some(profile) = profile {
            parameters.profile = profile;
        }
        if let Some(StoredFields(order)) = fields {
            parameters.field_order = order;
        }
    }

    /// Takes codec parameters and time base from an open encoder of any kind.
    pub(super) fn describe_context(
        &mut self,
        index: usize,
        context: &sys::AVCodecContext,
    ) -> Result<(), FfmpegError> {
        let stream = self.stream_mut(index);
        // SAFETY: the parameters belong to the stream, the context is an open encoder.
        check(unsafe { sys::avcodec_parameters_from_context(stream.codecpar, context) })?;
        stream.time_base = context.time_base;
        Ok(())
    }

    /// Writes the header; answers the muxer options that were not understood.
    pub(crate) fn write_header(
        &mut self,
        options: &[(&str, &str)],
    ) -> Result<Vec<(String, String)>, FfmpegError> {
        let mut options: Dictionary = options.iter().copied().collect();
        // SAFETY: an output context with all its streams described, and an owned dictionary.
        check(unsafe { sys::avformat_write_header(self.raw.as_ptr(), options.slot()) })?;
        Ok(options.pairs())
    }

    /// The time base that the muxer settled on.
    pub(crate) fn time_base(&self, index: usize) -> Rational {
        assert!(
            index < self.get().nb_streams as usize,
            "stream {index} was never added"
        );
        // SAFETY: `streams` has `nb_streams` entries, checked above.
        unsafe { (**self.get().streams.add(index)).time_base.into() }
    }

    /// Hands a packet over; the muxer interleaves the streams.
    pub(crate) fn write(&mut self, packet: &mut Packet) -> Result<(), FfmpegError> {
        // SAFETY: a context after its header and an owned packet, whose content is taken.
        check(unsafe { sys::av_interleaved_write_frame(self.raw.as_ptr(), packet.as_mut_ptr()) })?;
        Ok(())
    }

    /// Writes what is still queued and closes the file.
    pub(crate) fn finish(mut self) -> Result<(), FfmpegError> {
        // SAFETY: a context after its header; called once, because `self` is consumed.
        check(unsafe { sys::av_write_trailer(self.raw.as_ptr()) })?;
        // SAFETY: `pb` is valid until it is closed below.
        let error = unsafe { self.get().pb.as_ref() }.map_or(0, |io| io.error);
        check(error)?;
        // SAFETY: closes the file and clears the slot, so that `Drop` does not close it again.
        check(unsafe { sys::avio_closep(&raw mut self.get_mut().pb) })?;
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // SAFETY: the slot is null or an open file; the context is owned and freed once.
        unsafe {
            sys::avio_closep(&raw mut self.get_mut().pb);
            sys::avformat_free_context(self.raw.as_ptr());
        }
    }
}
