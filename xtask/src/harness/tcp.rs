//! What the kernel tells in /proc about TCP sockets.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An end of a TCP connection, or a socket that listens.
#[derive(Debug, PartialEq)]
pub struct Tcp {
    /// Its own address.
    pub local: SocketAddr,
    /// Whether it listens.
    pub listens: bool,
}

/// All TCP sockets with that port of their own. The kernel lists all others with them: who asks
/// again and again asks [`sock_diag`](crate::harness::sock_diag).
///
/// # Errors
/// When /proc cannot be read.
pub fn tcp(port: u16) -> io::Result<Vec<Tcp>> {
    let mut sockets = Vec::new();
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
        match fs::read_to_string(file) {
            Ok(text) => sockets.extend(text.lines().skip(1).filter_map(parse_tcp)),
            // A kernel without IPv6.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    sockets.retain(|socket| socket.local.port() == port);
    Ok(sockets)
}

fn parse_tcp(line: &str) -> Option<Tcp> {
    const LISTEN: &str = "0A";
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, local, _, state, ..] = words.as_slice() else { return None };
    Some(Tcp { local: parse_addr(local)?, listens: *state == LISTEN })
}

/// An address as /proc/net/tcp writes it: words of four bytes in this machine's order.
fn parse_addr(text: &str) -> Option<SocketAddr> {
    let (addr, port) = text.split_once(':')?;
    let mut bytes = Vec::new();
    for at in (0..addr.len()).step_by(8) {
        bytes.extend(u32::from_str_radix(addr.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    }
    let ip: IpAddr = match bytes.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?).into(),
        _ => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_canonical(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_socket_tells_whether_it_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let _client = TcpStream::connect(addr).unwrap();
        let told = tcp(addr.port()).unwrap();
        assert!(told.contains(&Tcp { local: addr, listens: true }));
        assert!(told.contains(&Tcp { local: addr, listens: false }));
        drop(listener);
        assert!(!tcp(addr.port()).unwrap().iter().any(|socket| socket.listens));
    }

    #[test]
    fn addresses_are_words_of_this_machine() {
        let parsed = |text| parse_addr(text).map(|addr| addr.to_string());
        if cfg!(target_endian = "little") {
            assert_eq!(parsed("0100007F:1F90"), Some("127.0.0.1:8080".into()));
            let mapped = "0000000000000000FFFF00000100007F:0050";
            assert_eq!(parsed(mapped), Some("127.0.0.1:80".into()));
            assert_eq!(parsed("00000000000000000000000001000000:0050"), Some("[::1]:80".into()));
        }
        assert_eq!(parsed("0100007F"), None);
    }
}
