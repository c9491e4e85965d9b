//! Runs this program under valgrind and reads what it counted.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;

use crate::work::LOOPS;

/// Tells the GNU C library to copy and compare as on a machine with SSE2 only. Unknown names are
/// ignored; other C libraries ignore all of it.
const TUNABLES: &str = "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-BMI1,-BMI2,\
    -ERMS,-FSRM,-SSE4_1,-SSE4_2,-SSSE3,-MOVBE,-LZCNT,-RTM,-AVX_Usable,-AVX2_Usable,\
    -AVX_Fast_Unaligned_Load,-Fast_Unaligned_Copy,-Prefer_No_VZEROUPPER";

/// Whether loops can be counted here.
pub(crate) fn possible() -> bool {
    let valgrind = || Command::new("valgrind").arg("--version").output();
    cfg!(all(target_arch = "x86_64", target_os = "linux"))
        && valgrind().is_ok_and(|output| output.status.success())
}

/// The instructions of each loop, by name.
pub(crate) fn all() -> Result<BTreeMap<String, u64>> {
    LOOPS.par_iter().map(|(name, _)| Ok(((*name).to_owned(), one(name)?))).collect()
}

/// The instructions of a loop.
fn one(name: &str) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*loops::counted*"])
        .args(["--callgrind-out-file=/dev/null", "--combine-dumps=yes"])
        .arg(std::env::current_exe()?)
        .args(["--run", name])
        // Nothing but this reaches the program: its place on the stack moves counts.
        .env_clear()
        .env("GLIBC_TUNABLES", TUNABLES)
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .output()
        .context("valgrind did not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the loop `{name}` failed:\n{said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected :"));
    let (_, number) = collected.with_context(|| format!("valgrind counted nothing:\n{said}"))?;
    let number = number.trim().parse().with_context(|| format!("a count: {number}"))?;
    ensure!(number > 1_000, "valgrind did not see `{name}` at work: {number} instructions");
    Ok(number)
}
