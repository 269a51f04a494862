//! The peer in Rust: an echo server on Tokio, on one thread or, with `--threads N`, on N of them.
#![forbid(unsafe_code)]

use std::env;
use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// What the models read at once, too.
const BUFFER: usize = 16 * 1024;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let addr = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let threads = arguments.nth(1).map(|count| count.parse().expect("a number of threads"));
    let runtime = match threads {
        // The runtime for one thread has no queue that threads share.
        None | Some(1) => Builder::new_current_thread().enable_io().build()?,
        Some(count) => Builder::new_multi_thread().worker_threads(count).enable_io().build()?,
    };
    runtime.block_on(serve(&addr))
}

async fn serve(addr: &str) -> io::Result<()> {
    let listener = TcpListener::bind(addr).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (conn, _) = listener.accept().await?;
        // A client's error ends that client.
        tokio::spawn(async move { drop(echo(conn).await) });
    }
}

async fn echo(mut conn: TcpStream) -> io::Result<()> {
    conn.set_nodelay(true)?;
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = conn.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        conn.write_all(&buffer[..count]).await?;
    }
}
