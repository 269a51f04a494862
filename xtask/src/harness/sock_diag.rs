//! What the kernel tells about one connection (sock_diag(7)). /proc/net/tcp tells it, too, but only
//! with all others, and a minute of short connections makes a list of a hundred thousand.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use rustix::io::Errno;
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::net::{recv, sendto, socket_with};

/// The head of a message, the request behind it (`inet_diag_req_v2`), and what an answer begins
/// with (`inet_diag_msg`), in bytes.
const HEAD: usize = 16;
const REQUEST: usize = 56;

/// Where an answer tells the state of the connection (`idiag_state`) and what is unread
/// (`idiag_rqueue`).
const STATE: usize = HEAD + 1;
const UNREAD: usize = HEAD + 56;

/// States in which the own side can still send.
const ESTABLISHED: u8 = 1;
const CLOSE_WAIT: u8 = 8;

/// What is asked for (`SOCK_DIAG_BY_FAMILY`), and that an answer is wanted (`NLM_F_REQUEST`).
const BY_FAMILY: u16 = 20;
const ASKED: u16 = 1;
/// An answer that is an error (`NLMSG_ERROR`).
const ERROR: u16 = 2;

const AF_INET: u8 = 2;
const IPPROTO_TCP: u8 = 6;

/// Why a check is skipped where the kernel does not tell.
pub const UNTOLD: &str = "the kernel does not tell what becomes of one connection (sock_diag)";

/// Whether this kernel tells: it is asked about a connection that is there.
pub fn is_told() -> bool {
    let told = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let local = listener.local_addr()?;
        let client = TcpStream::connect(local)?;
        let _accepted = listener.accept()?;
        is_there(local, client.local_addr()?)
    };
    told().unwrap_or(false)
}

/// Whether the kernel has the end at `local` of the connection with `remote`, IPv4 both. A kernel
/// that does not tell denies each, so ask [`is_told`] before.
///
/// # Errors
/// When it cannot be asked, or answers with an error.
pub fn is_there(local: SocketAddr, remote: SocketAddr) -> io::Result<bool> {
    Ok(end(local, remote)?.is_some())
}

/// One end of a connection.
pub struct End {
    /// Whether its program has not closed it, nor shut down its sending side.
    pub sends: bool,
    /// Bytes that came and were not read.
    pub unread: u32,
}

/// The end at `local` of the connection with `remote`; `None` where there is none.
///
/// # Errors
/// Those of [`is_there`].
pub fn end(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<End>> {
    let (kind, flags) = (SocketType::DGRAM, SocketFlags::CLOEXEC);
    let socket = socket_with(AddressFamily::NETLINK, kind, flags, Some(SOCK_DIAG))?;
    let kernel = SocketAddrNetlink::new(0, 0);
    sendto(&socket, &question(local, remote), SendFlags::empty(), &kernel)?;
    let mut answer = [0; 1024];
    let (length, _) = recv(&socket, &mut answer, RecvFlags::empty())?;
    let answer = &answer[..length];
    match field(answer, 4).map(u16::from_ne_bytes) {
        // Where there is no connection, the listener at that address answers.
        Some(BY_FAMILY) => {
            let is_it = field(answer, HEAD + 6).map(u16::from_be_bytes) == Some(remote.port());
            let end = field(answer, STATE).zip(field(answer, UNREAD)).filter(|_| is_it);
            Ok(end.map(|([state], unread)| End {
                sends: [ESTABLISHED, CLOSE_WAIT].contains(&state),
                unread: u32::from_ne_bytes(unread),
            }))
        }
        Some(ERROR) => match field(answer, HEAD).map(|number| -i32::from_ne_bytes(number)) {
            Some(number) if number == Errno::NOENT.raw_os_error() => Ok(None),
            number => Err(io::Error::from_raw_os_error(number.unwrap_or_default())),
        },
        other => Err(io::Error::other(format!("an answer of the kind {other:?}"))),
    }
}

/// The bytes of an answer from `at` on.
fn field<const N: usize>(answer: &[u8], at: usize) -> Option<[u8; N]> {
    answer.get(at..at + N)?.try_into().ok()
}

fn question(local: SocketAddr, remote: SocketAddr) -> Vec<u8> {
    let addr = |addr: SocketAddr| match addr.ip() {
        IpAddr::V4(ip) => [ip.octets(), [0; 4], [0; 4], [0; 4]].concat(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let mut message = Vec::new();
    message.extend(((HEAD + REQUEST) as u32).to_ne_bytes());
    message.extend(BY_FAMILY.to_ne_bytes());
    message.extend(ASKED.to_ne_bytes());
    // The number of the message, and whose it is.
    message.extend([0; 8]);
    message.extend([AF_INET, IPPROTO_TCP, 0, 0]);
    // In each state.
    message.extend([0xff; 4]);
    message.extend(local.port().to_be_bytes());
    message.extend(remote.port().to_be_bytes());
    message.extend(addr(local));
    message.extend(addr(remote));
    // Any interface.
    message.extend([0; 4]);
    // Stands for the number of the socket, which nobody outside of the kernel knows
    // (`INET_DIAG_NOCOOKIE`).
    message.extend([0xff; 8]);
    message
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::Shutdown;
    use std::time::Duration;

    use socket2::SockRef;

    use super::*;
    use crate::harness::outcome::not_tested;

    #[test]
    fn a_connection_is_there_until_it_is_reset() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let local = listener.local_addr().unwrap();
        let client = TcpStream::connect(local).unwrap();
        let remote = client.local_addr().unwrap();
        let (accepted, _) = listener.accept().unwrap();
        if let Err(error) = is_there(local, remote) {
            return not_tested("sock_diag", error);
        }
        assert!(is_told());
        assert!(is_there(local, remote).unwrap());
        assert!(is_there(remote, local).unwrap());
        (&client).write_all(b"unread").unwrap();
        let end = || end(local, remote).unwrap().unwrap();
        assert!(end().unread == 6 && end().sends);
        accepted.shutdown(Shutdown::Write).unwrap();
        assert!(!end().sends);

        SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        assert!(!is_there(local, remote).unwrap());
    }
}
