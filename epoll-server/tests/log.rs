//! The log of the listing: every line in the file, errors on the console, in the note's format.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server that is killed when the test ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A path in the folder that this test was built in: the checkout may have moved since.
fn beside_this_test(name: &str) -> PathBuf {
    env::current_exe().unwrap().with_file_name(name)
}

/// The server: where cargo says while the test runs, or before Rust 1.94 in the folder above.
fn program() -> PathBuf {
    let above = || beside_this_test("").parent().unwrap().join("epoll-server");
    env::var_os("CARGO_BIN_EXE_epoll-server").map_or_else(above, PathBuf::from)
}

fn start(name: &str, options: &[&str]) -> (Server, String, PathBuf) {
    let path = beside_this_test(name);
    let _ = fs::remove_file(&path);
    let mut command = Command::new(program());
    command.args(["127.0.0.1:0", "--log", path.to_str().unwrap()]);
    command.args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = Server(command.spawn().unwrap());
    let mut line = String::new();
    let stdout = server.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let addr = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    (server, addr, path)
}

/// The messages of the log at `path`, without their time stamps, whose shape is checked.
fn messages(path: &PathBuf) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let without_stamp = |line: &str| {
        let (stamp, message) = line.split_at("2018-01-20 15:15:00,123".len());
        let shape: String =
            stamp.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00 00:00:00,000", "{line}");
        message.to_owned()
    };
    text.lines().map(without_stamp).collect()
}

#[test]
fn the_file_gets_every_line() {
    let (_server, addr, path) = start("every-line.log", &[]);
    let mut client = TcpStream::connect(&addr).unwrap();
    let port = client.local_addr().unwrap().port();
    client.write_all(b"hello\xff").unwrap();
    client.read_exact(&mut [0; 6]).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
    // The server answers a second client only after it logged what became of the first.
    let mut second = TcpStream::connect(&addr).unwrap();
    second.write_all(b"x").unwrap();
    second.read_exact(&mut [0; 1]).unwrap();

    let messages = messages(&path);
    let accepted =
        format!(" - network-server - DEBUG - accept connection from 127.0.0.1, {port}, fd = ");
    assert!(messages[0].starts_with(&accepted), "{messages:?}");
    assert!(messages[1].ends_with(r" receive b'hello\xff'"), "{messages:?}");
    assert_eq!(messages[2], format!(" - network-server - DEBUG - 127.0.0.1, {port} closed"));
}

/// What a server says that cannot open its log, started in the folder `folder` with `options`.
fn refusal(folder: &Path, options: &[&str]) -> String {
    let mut command = Command::new(program());
    let output = command.arg("127.0.0.1:0").args(options).current_dir(folder).output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(1), Vec::new()));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_log_that_cannot_be_opened_names_the_option_for_another() {
    // No user may write to such a file, not even root.
    let folder = beside_this_test("no-log");
    fs::create_dir_all(folder.join("network-server.log")).unwrap();
    assert_eq!(
        refusal(&folder, &[]),
        "Error: open network-server.log: Is a directory (os error 21); \
         choose another with --log PATH\n"
    );
    // In /proc nobody can make a file.
    assert_eq!(
        refusal(Path::new("/proc/self"), &[]),
        "Error: open network-server.log: No such file or directory (os error 2); \
         choose another with --log PATH\n"
    );
    // Whoever has chosen knows the option.
    assert_eq!(
        refusal(&folder, &["--log", "no/folder"]),
        "Error: open no/folder: No such file or directory (os error 2)\n"
    );
}

#[test]
fn the_console_and_a_quiet_file_get_errors_only() {
    let (mut server, addr, path) = start("errors-only.log", &["--quiet"]);
    let mut client = TcpStream::connect(&addr).unwrap();
    client.write_all(b"hello").unwrap();
    // Closing a socket with bytes that nobody read resets the connection (tcp(7)).
    client.peek(&mut [0; 5]).unwrap();
    drop(client);
    let expected = " - network-server - ERROR - [Errno 104] Connection reset by peer";

    let mut line = String::new();
    BufReader::new(server.0.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.trim_end().ends_with(expected), "{line}");
    assert_eq!(messages(&path), [expected]);
}
