//! Tells `loops` which compilers it was built with, of Rust and (for zstd) of C: counts of others
//! are not comparable.

use std::env;
use std::ffi::OsString;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CC");
    let rustc = said(named("RUSTC", "rustc"), "--version");
    // Of C's, the first number is enough: the others hardly move what it makes of zstd.
    let cc = said(named("CC", "cc"), "-dumpversion");
    let cc = cc.split('.').next().unwrap_or_default();
    println!("cargo::rustc-env=GOBO_COMPILERS={rustc}; cc {cc}");
}

/// The program that a variable names.
fn named(variable: &str, otherwise: &str) -> OsString {
    env::var_os(variable).unwrap_or(otherwise.into())
}

/// The first line of what a compiler says of itself.
fn said(compiler: OsString, option: &str) -> String {
    let said = Command::new(compiler).arg(option).output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    said.ok().and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or("unknown".into())
}
