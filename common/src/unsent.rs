//! What is to be sent, and the kernel has not taken yet.

use std::io;

/// Bytes that wait until the kernel has room for them, in their order.
#[derive(Default)]
pub(crate) struct Unsent(Vec<u8>);

impl Unsent {
    /// Sends what waits, then `data`, and keeps what the kernel does not take. `send` returns how
    /// many bytes the kernel took, or `None` when it has no room.
    ///
    /// # Errors
    /// Those of `send`.
    pub(crate) fn write(
        &mut self,
        data: &[u8],
        mut send: impl FnMut(&[u8]) -> io::Result<Option<usize>>,
    ) -> io::Result<()> {
        self.flush(&mut send)?;
        let sent = if self.0.is_empty() { send_all(data, send)? } else { 0 };
        self.0.extend_from_slice(&data[sent..]);
        Ok(())
    }

    /// Sends what waits, as far as the kernel takes it.
    ///
    /// # Errors
    /// Those of `send`.
    pub(crate) fn flush(
        &mut self,
        send: impl FnMut(&[u8]) -> io::Result<Option<usize>>,
    ) -> io::Result<()> {
        let sent = send_all(&self.0, send)?;
        if sent == self.0.len() {
            // Its memory is given back: most clients never need any.
            self.0 = Vec::new();
        } else {
            self.0.drain(..sent);
        }
        Ok(())
    }

    /// How many bytes wait.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Sends until the kernel has taken all, or has no more room. Returns how much it took.
fn send_all(
    data: &[u8],
    mut send: impl FnMut(&[u8]) -> io::Result<Option<usize>>,
) -> io::Result<usize> {
    let mut sent = 0;
    while sent < data.len() {
        let Some(length) = send(&data[sent..])? else { break };
        sent += length;
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a kernel takes that has room for some bytes, at most three in one call.
    fn take(taken: &mut Vec<u8>, room: usize) -> impl FnMut(&[u8]) -> io::Result<Option<usize>> {
        let end = taken.len() + room;
        move |data| {
            let length = data.len().min(3).min(end - taken.len());
            taken.extend_from_slice(&data[..length]);
            Ok((length > 0).then_some(length))
        }
    }

    #[test]
    fn what_the_kernel_does_not_take_is_kept_in_order_and_its_memory_given_back() {
        let (mut unsent, mut taken) = (Unsent::default(), Vec::new());
        unsent.write(b"hello", take(&mut taken, 4)).unwrap();
        assert_eq!(unsent.len(), 1);
        unsent.write(b" world", take(&mut taken, 0)).unwrap();
        assert_eq!(unsent.len(), 7);
        unsent.flush(take(&mut taken, 3)).unwrap();
        assert_eq!(unsent.len(), 4);
        unsent.write(b"!", take(&mut taken, 5)).unwrap();
        assert_eq!((taken.as_slice(), unsent.len()), (&b"hello world!"[..], 0));
        assert_eq!(unsent.0.capacity(), 0);
    }

    #[test]
    fn an_error_of_the_kernel_is_an_error() {
        let mut unsent = Unsent::default();
        let broken = |_: &[u8]| Err(io::ErrorKind::BrokenPipe.into());
        assert_eq!(unsent.write(b"x", broken).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        unsent.flush(broken).unwrap();
    }
}
