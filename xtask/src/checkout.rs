//! The checkout that a command works with: the one in which it runs, wherever it was compiled.

use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::catalog::manifest;

/// What cargo tells a program that it runs: the folder of the program's package.
const PACKAGE: &str = "CARGO_MANIFEST_DIR";

static ROOT: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let package = env::var_os(PACKAGE).map(PathBuf::from);
    root_of([package, env::current_dir().ok()].into_iter().flatten())
});

/// The root of the checkout.
///
/// # Errors
/// When neither cargo nor the working directory names one.
pub fn find() -> Result<&'static Path> {
    ROOT.as_deref().with_context(|| {
        let here = env::current_dir().unwrap_or_default();
        format!("{} is in no checkout of this workspace; run cargo xtask in one", here.display())
    })
}

/// The same, where [`find`] has found it.
pub fn root() -> &'static Path {
    find().expect("a checkout was found before")
}

/// The first of these folders that is in a checkout decides. A variable that another workspace's
/// cargo has set, and that was inherited, decides nothing.
fn root_of(folders: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    let root =
        |folder: &Path| folder.ancestors().find(|folder| is_root(folder)).map(Path::to_owned);
    folders.into_iter().find_map(|folder| root(&folder))
}

/// Whether a folder holds this workspace, and not another that has an xtask.
fn is_root(folder: &Path) -> bool {
    ["Cargo.toml", manifest::FILE].iter().all(|file| folder.join(file).is_file())
}

/// What cargo knows of the workspace in `root`, without its dependencies.
///
/// # Errors
/// When cargo cannot be run, or cannot read the manifests.
pub fn metadata(root: &Path) -> Result<Metadata> {
    MetadataCommand::new().current_dir(root).no_deps().exec().context("run cargo metadata")
}

/// The folder for all that is built and written: the target folder that cargo names.
///
/// # Errors
/// Those of [`metadata`].
pub fn target() -> Result<PathBuf> {
    Ok(target_of(&metadata(root())?))
}

/// The target folder of a workspace. One that is outside of its checkout may be shared, and cargo
/// takes a program for fresh that another checkout put there; so each has a folder of its own in
/// it.
pub fn target_of(metadata: &Metadata) -> PathBuf {
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let root = canonical(metadata.workspace_root.as_std_path());
    let target = metadata.target_directory.as_std_path();
    if canonical(target).starts_with(&root) {
        return target.to_owned();
    }
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    target.join(format!("checkout-{:016x}", hasher.finish()))
}

/// A program of this package that cargo built for a test: where cargo says while the test runs, or
/// before Rust 1.94 beside the folder of the test.
pub fn built(name: &str) -> PathBuf {
    let told = env::var_os(format!("CARGO_BIN_EXE_{name}")).map(PathBuf::from);
    told.unwrap_or_else(|| {
        let test = env::current_exe().expect("a test has a program");
        let folder = test.ancestors().nth(2).expect("it is in target/PROFILE/deps");
        folder.join(name)
    })
}
