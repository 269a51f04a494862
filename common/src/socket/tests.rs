use super::*;

#[test]
fn a_detached_socket_is_the_same_one_and_its_handles_are_closed() {
    let (client, conn) = pair();
    let handle = conn.clone();
    let number = conn.fileno();
    let mut stream = conn.detach().unwrap();
    assert_eq!(stream.as_raw_fd(), number);
    assert!(!handle.is_open());
    client.sendall(b"hello").unwrap();
    let mut data = [0; 5];
    stream.read_exact(&mut data).unwrap();
    assert_eq!(&data, b"hello");
}

fn listener() -> Socket {
    let server = Socket::new().unwrap();
    server.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    server.listen(DEFAULT_BACKLOG).unwrap();
    server
}

fn pair() -> (Socket, Socket) {
    let server = listener();
    let client = Socket::new().unwrap();
    client.connect(server.getsockname()).unwrap();
    let (conn, addr) = server.accept().unwrap();
    assert_eq!(addr, client.getsockname());
    (client, conn)
}

#[test]
fn what_one_side_sends_the_other_receives() {
    let (client, conn) = pair();
    client.sendall(b"hello").unwrap();
    assert_eq!(conn.recv(4).unwrap(), b"hell");
    assert_eq!(conn.recv(1024).unwrap(), b"o");
    client.close();
    assert_eq!(conn.recv(1024).unwrap(), b"");
}

#[test]
fn close_closes_every_handle() {
    let (client, conn) = pair();
    let other = conn.clone();
    assert!(other == conn && other != client);
    conn.close();
    assert!(!other.is_open());
    assert_eq!(other.fileno(), -1);
    let error = other.recv(1).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EBADF));
    assert_eq!(client.recv(1).unwrap(), b"");
}

#[test]
fn what_the_kernel_does_not_take_is_kept_in_order() {
    let (client, conn) = pair();
    conn.setblocking(false).unwrap();
    let data: Vec<u8> = (0..16 * 1024 * 1024u32).map(|n| n as u8).collect();
    let (first, rest) = data.split_at(data.len() - 5);
    conn.write(first).unwrap();
    assert!(conn.has_unsent());
    conn.write(rest).unwrap();
    let mut received = Vec::new();
    while received.len() < data.len() {
        received.extend(client.recv(1024 * 1024).unwrap());
        conn.flush().unwrap();
    }
    assert!(received == data && !conn.has_unsent());
}

#[test]
fn an_error_closes_a_client_and_ends_a_listener() {
    let (_client, conn) = pair();
    conn.close_on(ErrorKind::WouldBlock.into()).unwrap();
    assert!(conn.is_open());
    conn.close_on(ErrorKind::ConnectionReset.into()).unwrap();
    assert!(!conn.is_open());
    let error = listener().close_on(ErrorKind::InvalidInput.into());
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_client_takes_an_empty_read_and_a_reset_for_the_end() {
    assert_eq!(unless_gone(Ok(b"x".to_vec())).unwrap().unwrap(), b"x");
    assert!(unless_gone(Ok(Vec::new())).unwrap().is_none());
    let reset = || Err(ErrorKind::ConnectionReset.into());
    assert!(unless_gone(reset()).unwrap().is_none());
    let other = unless_gone(Err(ErrorKind::TimedOut.into()));
    assert_eq!(other.unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn a_client_that_has_ended_is_closed_and_that_is_no_error() {
    let (_client, conn) = pair();
    conn.close_at_end().unwrap();
    assert!(!conn.is_open());
}

#[test]
fn a_call_that_would_block_is_a_value_and_other_errors_are_errors() {
    assert_eq!(unless_blocked(Ok(7)).unwrap(), Some(7));
    assert_eq!(unless_blocked::<u8>(Err(ErrorKind::WouldBlock.into())).unwrap(), None);
    let other = unless_blocked::<u8>(Err(ErrorKind::BrokenPipe.into()));
    assert_eq!(other.unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_nonblocking_socket_says_that_it_would_block() {
    let server = listener();
    server.setblocking(false).unwrap();
    let error = server.accept().map(drop).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EAGAIN), "Python prints the number: {error}");
    let (_client, conn) = pair();
    conn.setblocking(false).unwrap();
    assert_eq!(conn.recv(1).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn an_address_in_use_is_named() {
    let server = listener();
    let addr = server.getsockname();
    let error = Socket::new().unwrap().bind(addr).unwrap_err();
    let in_use = io::Error::from_raw_os_error(libc::EADDRINUSE);
    assert_eq!(format!("{error:#}"), format!("bind {addr}: {in_use}"));
}

#[test]
fn two_listeners_share_a_port_where_both_say_so() {
    let (first, second) = (Socket::new().unwrap(), Socket::new().unwrap());
    first.set_reuseport(true).unwrap();
    first.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    first.listen_silently(1).unwrap();
    second.bind(first.getsockname()).unwrap_err();
    let second = Socket::new().unwrap();
    second.set_reuseport(true).unwrap();
    second.bind(first.getsockname()).unwrap();
    second.listen_silently(1).unwrap();
}

#[test]
fn a_socket_prints_its_addresses() {
    let (client, conn) = pair();
    let (ours, theirs) = (conn.getsockname(), client.getsockname());
    assert_eq!(
        conn.to_string(),
        format!("<socket fd={}, laddr={ours}, raddr={theirs}>", conn.fileno())
    );
    assert!(!Socket::new().unwrap().to_string().contains("raddr"));
}
