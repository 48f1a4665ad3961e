//! Fresh memory that is always zero.
//!
//! x264 of Debian 12 reads memory that it has not written: with recycled memory a second encode of one input in one
//! process now and then chooses other, equally good modes. (Seen with H.264 at 320x180, CRF 30: glibc's
//! `MALLOC_PERTURB_` of 1 and of 255 give two different files, each of them every time.)

/// Makes encodes repeat bit for bit within one process, at the cost of clearing what is allocated. Applies to the whole
/// process. Does nothing where the C library is not glibc.
pub fn clear_fresh_memory() {
    #[cfg(target_env = "gnu")]
    {
        // glibc fills what it hands out with the complement of this byte.
        const ZEROS: libc::c_int = 0xff;
        // SAFETY: a plain setting of the allocator, which takes its own lock.
        let _ = unsafe { libc::mallopt(libc::M_PERTURB, ZEROS) };
    }
}
