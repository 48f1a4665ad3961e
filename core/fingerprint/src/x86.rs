//! Portable kernels, compiled once more for AVX2.
//!
//! Nothing is written anew: a function that is made here only gives the compiler wider registers for the same source. Without
//! fused multiply-add and without reordering the results are the same bits.

/// A function that calls a kernel with the best instructions of this machine.
macro_rules! dispatched {
    ($(#[$about:meta])* $name:ident($($argument:ident: $kind:ty),* $(,)?) is $kernel:path) => {
        $(#[$about])*
        #[allow(clippy::too_many_arguments, reason = "those of the kernel")]
        #[allow(unsafe_code, reason = "a function compiled for AVX2 may only be called where AVX2 was seen")]
        pub(crate) fn $name($($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[target_feature(enable = "avx2")]
                fn avx2($($argument: $kind),*) {
                    $kernel($($argument),*);
                }
                // SAFETY: the machine was seen to have AVX2.
                unsafe { avx2($($argument),*) }
                return;
            }
            $kernel($($argument),*);
        }
    };
}
pub(crate) use dispatched;
