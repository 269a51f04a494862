//! Where figures come from: `cargo xtask bench` and `cargo xtask claims`.
#![forbid(unsafe_code)]

mod bench;
mod claims;
