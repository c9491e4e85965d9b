//! Loops with as many lanes as the machine has.
//!
//! The only unsafe code of this crate: functions with instructions that the machine has been
//! asked for just before, and a conversion of what was made to fit it. The arithmetic is the same
//! with any number of lanes, to the bit: nothing is fused or put in another order.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, Ordering};

use crate::color::least;

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

/// The whole part of a number, at least 0 and at most 255; 0 of what is no number.
#[inline(always)]
pub(crate) fn whole_byte(number: f64) -> u8 {
    let inside = if number > 0.0 { least(number, 255.0) } else { 0.0 };
    // SAFETY: it is a number from 0 to 255. A checked conversion checks that once more, for each.
    unsafe { inside.to_int_unchecked::<i32>() as u8 }
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
