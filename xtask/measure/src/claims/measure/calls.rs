//! System calls: what they answer, and which one a thread is in.

use syscalls::Sysno;

/// A system call's answer in the words of its manual page: `EINVAL`, or that it is taken.
pub fn in_words<T>(answer: &rustix::io::Result<T>) -> String {
    match answer {
        Ok(_) => "taken".to_owned(),
        Err(errno) => format!("{:?}", nix::errno::Errno::from_raw(errno.raw_os_error())),
    }
}

/// The descriptor that a thread reads from, and how many bytes, by its file `syscall` in /proc;
/// `None` where it is in no such call, or the kernel does not tell.
pub fn read_in(syscall: &str) -> Option<(u64, u64)> {
    let mut words = syscall.split_whitespace();
    let call = Sysno::new(words.next()?.parse().ok()?);
    let mut argument = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
    let (fd, _buffer, length) = (argument()?, argument()?, argument()?);
    matches!(call, Some(Sysno::read | Sysno::pread64)).then_some((fd, length))
}
