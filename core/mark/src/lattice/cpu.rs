//! Which instructions the kernels of the lattice may use.
//!
//! The portable kernels are the specification; a level only recompiles them, so every level gives the same bits. No
//! kernel uses a fused multiply-add.

/// Instruction set of a kernel, probed once and passed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuLevel(Level);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl CpuLevel {
    /// What the compiler's baseline has: every machine runs it.
    pub const PORTABLE: Self = Self(Level::Portable);

    /// The best level of this machine.
    #[must_use]
    pub fn probe() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self(Level::Avx2);
        }
        Self::PORTABLE
    }

    /// Every level of this machine, the portable one first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut levels = vec![Self::PORTABLE, Self::probe()];
        levels.dedup();
        levels
    }

    /// Whether the machine was seen to have AVX2: the only way to such a value is [`CpuLevel::probe`].
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn has_avx2(self) -> bool {
        self.0 == Level::Avx2
    }
}

impl Default for CpuLevel {
    fn default() -> Self {
        Self::probe()
    }
}
