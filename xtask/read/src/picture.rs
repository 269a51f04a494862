//! The picture of the models, as `cargo xtask trace --all` drew it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use maud::{Markup, PreEscaped, html};

/// Where it is, from the workspace's root.
pub const FILE: &str = "docs/trace.svg";

/// Reads the picture of the workspace at `root`; it becomes a part of the page, which loads nothing.
///
/// # Errors
/// When it cannot be read.
pub fn read(root: &Path) -> Result<Markup> {
    let svg = fs::read_to_string(root.join(FILE)).with_context(|| format!("read {FILE}"))?;
    Ok(html! {
        figure.picture {
            (PreEscaped(svg))
            figcaption.source { "Drawn by " code { "cargo xtask trace --all --svg " (FILE) } "." }
        }
    })
}
