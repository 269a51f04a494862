//! The address argument.

use std::net::{SocketAddrV4, ToSocketAddrs};

/// Reads `HOST:PORT` as the listings' `(host, port)`: an IPv4 address or a name that has one.
///
/// The listings' sockets are AF_INET, so IPv6 addresses are refused. Port 0 lets the kernel choose.
///
/// # Errors
/// One line that says what is expected.
pub fn parse_address(text: &str) -> Result<SocketAddrV4, String> {
    let (host, port) = split(text)?;
    let host = without_brackets(host);
    let addresses = (host, port)
        .to_socket_addrs()
        .map_err(|error| format!("cannot resolve {host}: {error}"))?;
    addresses
        .filter_map(|address| match address {
            std::net::SocketAddr::V4(v4) => Some(v4),
            std::net::SocketAddr::V6(_) => None,
        })
        .next()
        .ok_or_else(|| format!("{host} has no IPv4 address, and the listings use AF_INET"))
}

fn split(text: &str) -> Result<(&str, u16), String> {
    const EXPECTED: &str = "expected HOST:PORT, for example 127.0.0.1:8080";
    let (host, port) = text.rsplit_once(':').ok_or(EXPECTED)?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if host.is_empty() || !digits {
        return Err(EXPECTED.into());
    }
    let port = port.parse().map_err(|_| format!("port {port} is beyond 65535"))?;
    Ok((host, port))
}

/// An IPv6 address without the brackets that keep it apart from a port (RFC 3986, 3.2.2).
fn without_brackets(host: &str) -> &str {
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inside.filter(|inside| inside.contains(':')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_numbers_are_addresses() {
        assert_eq!(parse_address("localhost:0").unwrap().to_string(), "127.0.0.1:0");
        assert_eq!(parse_address("0.0.0.0:9999").unwrap().to_string(), "0.0.0.0:9999");
    }

    #[test]
    fn what_is_no_address_says_what_is_expected() {
        for text in ["", "nonsense", "127.0.0.1", ":80", "127.0.0.1:", "h:-1"] {
            assert!(parse_address(text).unwrap_err().contains("HOST:PORT"), "{text}");
        }
        assert!(parse_address("h:65536").unwrap_err().contains("65535"));
    }

    #[test]
    fn an_ipv6_address_is_refused_in_the_same_words_with_and_without_brackets() {
        for host in ["::1", "::", "fe80::1%lo", "::ffff:127.0.0.1"] {
            let error = parse_address(&format!("{host}:80")).unwrap_err();
            let same = format!("{host} has no IPv4 address, and the listings use AF_INET");
            assert_eq!(error, same);
            assert_eq!(parse_address(&format!("[{host}]:80")).unwrap_err(), same);
        }
        for host in ["[127.0.0.1]", "[localhost]", "[]", "[", "[::1", "::1]", "::1"] {
            assert_eq!(without_brackets(host), host);
        }
    }

    proptest! {
        #[test]
        fn every_ipv4_address_is_read_as_it_is_written(address: SocketAddrV4) {
            prop_assert_eq!(parse_address(&address.to_string()), Ok(address));
        }

        #[test]
        fn a_split_text_is_the_text(text in ".*") {
            if let Ok((host, port)) = split(&text) {
                prop_assert!(!host.is_empty());
                let digits = text[host.len() + 1..].trim_start_matches('0');
                prop_assert_eq!(digits, if port == 0 { String::new() } else { port.to_string() });
            }
        }
    }
}
