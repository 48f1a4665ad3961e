//! What FFmpeg may open: the one file that it was told to open, by its exact name, and nothing that the file itself names.
//!
//! ```text
//! opened  =  demuxer on the list  and  name = the file's own  and  at most MOST_OPENS times
//! ```
//!
//! Demuxers open further files through the same callback: segments of a playlist, references of a `QuickTime` file, the index of
//! a subtitle. All of them are refused, whatever the protocol. The list of demuxers leaves out those that only lead elsewhere
//! (playlists, session descriptions, devices) and those that draw text; FFmpeg checks it before a demuxer reads anything.
//!
//! # References
//! FFmpeg 5.1, `libavformat/avformat.h`: `io_open`, `format_whitelist`.

use std::ffi::{CStr, CString, c_char, c_int};
use std::sync::atomic::{AtomicI32, Ordering};

use ffmpeg_next::ffi as sys;

/// The file may be opened more than once: a demuxer of pictures opens it again for each.
const MOST_OPENS: i32 = 8;

/// Demuxers that read one file of pictures or sound.
pub(super) const DEMUXERS: &str = "3dostr,4xm,aac,ac3,aiff,alias_pix,amr,amv,anm,apc,ape,apng,asf,asf_o,ast,au,av1,avi,avr,avs,\
avs2,avs3,bethsoftvid,bfi,bink,bit,bmp_pipe,bmv,brender_pix,c93,caf,cavsvideo,cdxl,cine,cri_pipe,dds_pipe,dfa,dhav,dirac,\
dnxhd,dpx_pipe,dsf,dts,dtshd,dv,dxa,ea,ea_cdata,eac3,exr_pipe,f4v,film_cpk,filmstrip,fits,flac,flic,flv,frm,gdv,gem_pipe,gif,\
gif_pipe,gxf,h261,h263,h264,hdr_pipe,hevc,hnm,ico,idcin,iff,ifv,image2,image2pipe,ingenient,ipmovie,ipu,ircam,iv8,ivf,ivr,\
j2k_pipe,jpeg_pipe,jpegls_pipe,jpegxl_anim,jpegxl_pipe,jv,kux,live_flv,lmlm4,loas,luodat,lvf,lxf,m4v,matroska,mgsts,mjpeg,\
mjpeg_2000,mlp,mlv,mm,mmf,moflex,mov,mp3,mpc,mpc8,mpeg,mpegts,mpegtsraw,mpegvideo,mpjpeg,mtv,mv,mvi,mxf,mxg,nsv,nut,nuv,obu,ogg,\
oma,osq,paf,pam_pipe,pbm_pipe,pcx_pipe,pfm_pipe,pgm_pipe,pgmyuv_pipe,pgx_pipe,phm_pipe,photocd_pipe,pictor_pipe,pmp,png_pipe,\
ppm_pipe,psd_pipe,psxstr,pva,qcp,qdraw_pipe,qoi_pipe,r3d,rl2,rm,roq,rpl,sbc,ser,sga,sgi_pipe,siff,simbiosis_imx,smjpeg,smk,smush,\
sox,spdif,sunrast_pipe,svag,svs,swf,tak,thp,tiertexseq,tiff_pipe,tmv,truehd,tta,txd,ty,usm,v210,vag,vbn_pipe,vc1,vc1test,vidc,\
vividas,vivo,vmd,voc,vqf,vvc,w64,wav,wc3movie,webm,webp_pipe,wsvqa,wtv,wv,xa,xbm_pipe,xmv,xpm_pipe,xwd_pipe,xwma,yop,yuv4mpegpipe";

type Open = unsafe extern "C" fn(
    *mut sys::AVFormatContext,
    *mut *mut sys::AVIOContext,
    *const c_char,
    c_int,
    *mut *mut sys::AVDictionary,
) -> c_int;

/// What is let through.
pub(super) enum Names {
    /// Nothing: the input's bytes are not fetched by FFmpeg.
    None,
    /// One name.
    One(CString),
    /// Names that differ in a number.
    Numbered {
        /// All of it before the number.
        prefix: CString,
        /// All of it behind the number.
        suffix: CString,
    },
}

impl Names {
    fn contain(&self, name: &CStr) -> bool {
        match self {
            Self::None => false,
            Self::One(url) => url.as_c_str() == name,
            Self::Numbered { prefix, suffix } => {
                let rest = name.to_bytes().strip_prefix(prefix.to_bytes());
                rest.and_then(|rest| rest.strip_suffix(suffix.to_bytes()))
                    .is_some_and(|number| {
                        !number.is_empty() && number.iter().all(u8::is_ascii_digit)
                    })
            }
        }
    }
}

/// Guards one input; kept as long as it is open.
pub(super) struct Gate {
    names: Names,
    open: Option<Open>,
    left: AtomicI32,
}

impl Gate {
    /// Puts itself in front of what `context` opens.
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "the context keeps the gate's address"
    )]
    pub(super) fn before(context: &mut sys::AVFormatContext, names: Names) -> Box<Self> {
        let gate = Box::new(Self {
            names,
            open: context.io_open,
            left: AtomicI32::new(MOST_OPENS),
        });
        let pointer: *const Self = &raw const *gate;
        context.opaque = pointer.cast_mut().cast();
        context.io_open = Some(pass);
        gate
    }

    fn lets_through(&self, url: &CStr, flags: c_int) -> bool {
        // Each picture of a sequence is opened once, and nobody counts them.
        let is_counted = !matches!(self.names, Names::Numbered { .. });
        self.names.contain(url)
            && flags & sys::AVIO_FLAG_WRITE == 0
            && (!is_counted || self.left.fetch_sub(1, Ordering::Relaxed) > 0)
    }
}

unsafe extern "C" fn pass(
    context: *mut sys::AVFormatContext,
    io: *mut *mut sys::AVIOContext,
    url: *const c_char,
    flags: c_int,
    options: *mut *mut sys::AVDictionary,
) -> c_int {
    if context.is_null() || url.is_null() {
        return sys::AVERROR(sys::EINVAL);
    }
    // SAFETY: `before` alone installs this function, with a gate that outlives the context.
    let gate = unsafe { (*context).opaque.cast_const().cast::<Gate>().as_ref() };
    // SAFETY: FFmpeg passes a terminated name.
    let name = unsafe { CStr::from_ptr(url) };
    match gate {
        Some(Gate {
            open: Some(open), ..
        }) if gate.is_some_and(|gate| gate.lets_through(name, flags)) => {
            // SAFETY: FFmpeg's own function, with the arguments that it was to be called with.
            unsafe { open(context, io, url, flags, options) }
        }
        _ => sys::AVERROR(sys::EPERM),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_files_own_name_gets_through_and_not_for_ever() {
        let gate = Gate {
            names: Names::One(c"file:clip.mp4".to_owned()),
            open: None,
            left: AtomicI32::new(2),
        };
        assert!(!gate.lets_through(c"file:/etc/passwd", sys::AVIO_FLAG_READ));
        assert!(!gate.lets_through(c"file:clip.mp4", sys::AVIO_FLAG_READ_WRITE));
        assert!(gate.lets_through(c"file:clip.mp4", sys::AVIO_FLAG_READ));
        assert!(gate.lets_through(c"file:clip.mp4", sys::AVIO_FLAG_READ));
        assert!(!gate.lets_through(c"file:clip.mp4", sys::AVIO_FLAG_READ));
    }

    #[test]
    fn a_sequence_opens_its_numbers_and_nothing_else() {
        let gate = Gate {
            names: Names::Numbered {
                prefix: c"file:a/shot_".to_owned(),
                suffix: c".dpx".to_owned(),
            },
            open: None,
            left: AtomicI32::new(0),
        };
        assert!(gate.lets_through(c"file:a/shot_0001.dpx", sys::AVIO_FLAG_READ));
        for name in [
            c"file:a/shot_.dpx",
            c"file:a/shot_../x.dpx",
            c"file:b/shot_1.dpx",
            c"file:a/shot_1.dpx.png",
        ] {
            assert!(!gate.lets_through(name, sys::AVIO_FLAG_READ), "{name:?}");
        }
        assert!(!gate.lets_through(c"file:a/shot_1.dpx", sys::AVIO_FLAG_WRITE));
    }

    #[test]
    fn no_demuxer_that_leads_elsewhere_is_on_the_list() {
        for name in [
            "concat",
            "hls",
            "dash",
            "lavfi",
            "tty",
            "sdp",
            "rtsp",
            "rtp",
            "imf",
            "vobsub",
            "mpsub",
            "svg_pipe",
            "ffmetadata",
            "webm_dash_manifest",
            "srt",
            "ass",
            "fbdev",
            "alsa",
        ] {
            assert!(!DEMUXERS.split(',').any(|known| known == name), "{name}");
        }
    }
}
