//! Loops with as many lanes as the machine has.
//!
//! The only unsafe code of this crate: a function with instructions that the machine has been
//! asked for just before. The arithmetic is the same with any number of lanes, to the bit:
//! nothing is fused or put in another order.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, Ordering};

static BASELINE: AtomicBool = AtomicBool::new(false);

/// From now on, loops use no more than the registers that every machine of this kind has, so that
/// instructions can be counted and compared between machines. Frames stay the same to the bit.
pub fn keep_to_baseline() {
    BASELINE.store(true, Ordering::Relaxed);
}

/// Runs a loop; what is inlined into it uses the widest registers that are known here.
#[inline]
pub(crate) fn wide<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(target_arch = "x86_64")]
    if !BASELINE.load(Ordering::Relaxed) {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512vl") && has!("avx512bw") && has!("avx512dq") {
            // SAFETY: the machine has the instructions.
            return unsafe { with_avx512(work) };
        }
        if has!("avx2") {
            // SAFETY: the machine has the instructions.
            return unsafe { with_avx2(work) };
        }
    }
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
fn with_avx512<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<T>(work: impl FnOnce() -> T) -> T {
    work()
}
