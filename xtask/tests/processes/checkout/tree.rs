//! A small checkout: the workspace with one of its servers, which needs nothing but std.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::checkout;

use crate::run::run;

const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"blocking-server\", \"xtask\"]\n"),
    ("blocking-server/Cargo.toml", "[package]\nname = \"blocking-server\"\nedition = \"2024\"\n"),
    ("blocking-server/src/lib.rs", ""),
    (
        "xtask/Cargo.toml",
        "[package]\nname = \"xtask\"\nedition = \"2024\"\n\n[[example]]\nname = \"preload\"\n\
         crate-type = [\"cdylib\"]\n",
    ),
    ("xtask/src/lib.rs", ""),
    ("xtask/data/mirrors.tsv", ""),
    (
        "xtask/data/claims.toml",
        "[[claim]]\nname = 'cached-io-copies'\nat = ['002:70']\nclaim = 'it copies'\n\
         why = { holds = 'why', depends = 'why', false = 'why' }\nsource = 'read(2)'\n",
    ),
    ("xtask/examples/preload.rs", ""),
    (SERVER, RIGHT),
];

pub const MODEL: &str = "thread-per-connection";
const SERVER: &str = "blocking-server/examples/thread-per-connection.rs";

const RIGHT: &str = r#"
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    for conn in listener.incoming() {
        let mut conn = conn.unwrap();
        thread::spawn(move || {
            let mut data = [0; 1024];
            while let length @ 1.. = conn.read(&mut data).unwrap() {
                let data = &data[..length];
                conn.write_all(data).unwrap();
            }
        });
    }
}
"#;

/// A folder of a test, which is gone when this is dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let folder = env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        Folder(folder.canonicalize().unwrap())
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Writes a checkout whose server is right.
pub fn write(root: &Path) {
    for (file, text) in FILES {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Lets its server answer in upper case.
pub fn break_server(root: &Path) {
    let broken = RIGHT.replace("&data[..length]", "&data[..length].to_ascii_uppercase()");
    assert_ne!(broken, RIGHT);
    fs::write(root.join(SERVER), broken).unwrap();
}

/// The files and folders of a checkout, without what is built or kept of its past.
pub fn files(root: &Path) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let is_source = entry.file_name() != "target" && entry.file_name() != ".git";
            if entry.file_type().unwrap().is_dir() && is_source {
                folders.push(entry.path());
            }
            files.insert(entry.path());
        }
    }
    files
}

/// Copies a checkout with all that was built in it.
pub fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(status.unwrap().success());
}

/// The xtask of this package, in `folder`, as a person starts it there: cargo tells it nothing.
pub fn xtask(folder: &Path) -> Command {
    started(&checkout::built("xtask"), folder)
}

/// The same for any program.
pub fn started(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_TARGET_DIR");
    command
}

/// A program where nobody can write into `root`, not even root; `None` where the system has no such
/// mounts.
pub fn started_without_writing(program: &Path, root: &Path) -> Option<Command> {
    const SCRIPT: &str = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && \
                          cd \"$0\" && exec \"$@\"";
    let script = |program: &OsStr| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT]).arg(root).arg(program);
        command.env_remove("CARGO_MANIFEST_DIR");
        command
    };
    let output = script("true".as_ref()).output().ok()?;
    output.status.success().then(|| script(program.as_ref()))
}

/// Whether its server passes a check, started in `folder` with this environment.
pub fn passes(folder: &Path, environment: &[(&str, &Path)]) -> bool {
    let mut command = xtask(folder);
    command.envs(environment.iter().copied());
    let ran = run(command.args(["test-all", MODEL, "--check", "conversation"]));
    match ran.code {
        Some(0) if ran.stdout.contains("1 pass, ") => true,
        Some(1) if ran.stdout.contains(" 1 failed ") => false,
        _ => panic!("{ran:?}"),
    }
}
