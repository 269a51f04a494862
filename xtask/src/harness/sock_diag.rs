//! What the kernel tells about one connection (sock_diag(7)). /proc/net/tcp tells it, too, but only
//! with all others, and a minute of short connections makes a list of a hundred thousand.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
use netlink_sys::Socket;
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use rustix::io::Errno;

/// Stands for the number of the socket, which nobody outside of the kernel knows
/// (`INET_DIAG_NOCOOKIE`).
const ANY: [u8; 8] = [0xff; 8];

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
    let socket = Socket::new(NETLINK_SOCK_DIAG)?;
    socket.send(&question(local, remote), 0)?;
    let (answer, _) = socket.recv_from_full()?;
    let answer = NetlinkMessage::<SockDiagMessage>::deserialize(&answer);
    match answer.map_err(io::Error::other)?.payload {
        // Where there is no connection, the listener at that address answers.
        NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(response)) => {
            Ok(response.header.socket_id.destination_port == remote.port())
        }
        NetlinkPayload::Error(error) => match error.to_io() {
            error if error.raw_os_error() == Some(Errno::NOENT.raw_os_error()) => Ok(false),
            error => Err(error),
        },
        other => Err(io::Error::other(format!("{other:?}"))),
    }
}

fn question(local: SocketAddr, remote: SocketAddr) -> Vec<u8> {
    let request = InetRequest {
        family: AF_INET,
        protocol: IPPROTO_TCP,
        extensions: ExtensionFlags::empty(),
        states: StateFlags::all(),
        socket_id: SocketId {
            source_port: local.port(),
            destination_port: remote.port(),
            source_address: local.ip(),
            destination_address: remote.ip(),
            interface_id: 0,
            cookie: ANY,
        },
    };
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST;
    let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use socket2::SockRef;

    use super::*;

    #[test]
    fn a_connection_is_there_until_it_is_reset() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let local = listener.local_addr().unwrap();
        let client = TcpStream::connect(local).unwrap();
        let remote = client.local_addr().unwrap();
        let _accepted = listener.accept().unwrap();
        if let Err(error) = Socket::new(NETLINK_SOCK_DIAG) {
            println!("skipped: this kernel does not tell about one connection: {error}");
            return;
        }
        assert!(is_told());
        assert!(is_there(local, remote).unwrap());
        assert!(is_there(remote, local).unwrap());

        SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        assert!(!is_there(local, remote).unwrap());
    }
}
