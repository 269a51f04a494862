//! Python's `BaseSelector`, which a mechanism implements, and `DefaultSelector`, which adds file
//! objects and their data.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use crate::mask::{self, Mask};

/// A mechanism: it watches descriptors for events, level-triggered (note 003:142).
pub trait BaseSelector {
    /// Its class, and the mechanism below: `EpollSelector over epoll(7)`.
    fn name(&self) -> &'static str;

    /// Starts to watch a descriptor that is not watched yet.
    ///
    /// # Errors
    /// What the system says, for example EPERM for a regular file under epoll.
    fn register(&mut self, fd: RawFd, events: Mask) -> io::Result<()>;

    /// Changes what a watched descriptor is watched for.
    ///
    /// # Errors
    /// What the system says.
    fn modify(&mut self, fd: RawFd, events: Mask) -> io::Result<()>;

    /// Stops watching a descriptor, also one that is closed.
    fn unregister(&mut self, fd: RawFd);

    /// Waits until a watched descriptor is ready, at most for `timeout`, and reports it. A signal
    /// does not end the wait (PEP 475).
    ///
    /// # Errors
    /// What the system says.
    fn select(&mut self, timeout: Option<Duration>) -> io::Result<Vec<(RawFd, Mask)>>;
}

/// A registered file object (note 003:189-193).
#[derive(Clone, Debug, PartialEq)]
pub struct SelectorKey<F, D> {
    /// The file object that was registered.
    pub fileobj: F,
    /// Its descriptor.
    pub fd: RawFd,
    /// The events that are waited for.
    pub events: Mask,
    /// What was registered with it, for example a callback.
    pub data: D,
}

/// `SelectorKey(fileobj=<socket …>, fd=3, events=1, data=<function accept>)`, in short.
impl<F: fmt::Display, D: fmt::Display> fmt::Display for SelectorKey<F, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SelectorKey { fileobj, fd, events, data } = self;
        write!(f, "SelectorKey(fileobj={fileobj}, fd={fd}, events={events}, data={data})")
    }
}

/// Shows what [`select`](DefaultSelector::select) returns: `[(SelectorKey(…), 1), …]`.
pub struct Events<'a, F, D>(pub &'a [(SelectorKey<F, D>, Mask)]);

impl<F: fmt::Display, D: fmt::Display> fmt::Display for Events<'_, F, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.0.iter().map(|(key, mask)| format!("({key}, {mask})"));
        write!(f, "[{}]", pairs.collect::<Vec<_>>().join(", "))
    }
}

/// Python's `DefaultSelector`: file objects of type `F`, each with data of type `D`.
pub struct DefaultSelector<F, D> {
    fd_to_key: HashMap<RawFd, SelectorKey<F, D>>,
    mechanism: Box<dyn BaseSelector>,
}

impl<F: AsRawFd + Clone, D: Clone> DefaultSelector<F, D> {
    /// A selector over a mechanism, with nothing registered.
    pub(crate) fn over(mechanism: Box<dyn BaseSelector>) -> Self {
        DefaultSelector { fd_to_key: HashMap::new(), mechanism }
    }

    /// `register(fileobj, events, data)`: watches `fileobj` for `events`.
    ///
    /// # Errors
    /// `InvalidInput` for invalid events or a negative descriptor (Python's ValueError),
    /// `AlreadyExists` for a descriptor that is registered (KeyError); what the system says.
    pub fn register(&mut self, fileobj: F, events: Mask, data: D) -> io::Result<SelectorKey<F, D>> {
        mask::check(events)?;
        let fd = fileobj.as_raw_fd();
        if fd < 0 {
            // poll(2) would silently ignore it.
            let message = format!("Invalid file descriptor: {fd}");
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        if self.fd_to_key.contains_key(&fd) {
            let message = format!("fd {fd} is already registered");
            return Err(io::Error::new(ErrorKind::AlreadyExists, message));
        }
        self.mechanism.register(fd, events)?;
        let key = SelectorKey { fileobj, fd, events, data };
        self.fd_to_key.insert(fd, key.clone());
        Ok(key)
    }

    /// `unregister(fileobj)`: stops watching it and returns its key.
    ///
    /// # Errors
    /// `NotFound` when it is not registered (Python's KeyError).
    pub fn unregister(&mut self, fileobj: &F) -> io::Result<SelectorKey<F, D>> {
        let fd = fileobj.as_raw_fd();
        let key = self.fd_to_key.remove(&fd).ok_or_else(|| unknown(fd))?;
        self.mechanism.unregister(fd);
        Ok(key)
    }

    /// `modify(fileobj, events, data)`: changes what it is watched for, and its data.
    ///
    /// # Errors
    /// `InvalidInput` for invalid events, `NotFound` when it is not registered; what the system
    /// says, and then it is no longer registered, as in Python.
    pub fn modify(&mut self, fileobj: &F, events: Mask, data: D) -> io::Result<SelectorKey<F, D>> {
        mask::check(events)?;
        let fd = fileobj.as_raw_fd();
        let key = self.fd_to_key.get_mut(&fd).ok_or_else(|| unknown(fd))?;
        if key.events != events
            && let Err(error) = self.mechanism.modify(fd, events)
        {
            self.unregister(fileobj)?;
            return Err(error);
        }
        key.events = events;
        key.data = data;
        Ok(key.clone())
    }

    /// `select(timeout)`: waits until a registered file object is ready. It returns the keys of
    /// those that are ready, each with its events. `timeout` is in seconds: `None` waits for ever,
    /// zero or less does not wait.
    ///
    /// # Errors
    /// `InvalidInput` for a time-out that is infinite or not a number; what the system says.
    pub fn select(&mut self, timeout: Option<f64>) -> io::Result<Vec<(SelectorKey<F, D>, Mask)>> {
        let timeout = timeout.map(to_duration).transpose()?;
        let ready = self.mechanism.select(timeout)?.into_iter();
        let with_key = ready.filter_map(|(fd, mask)| {
            let key = self.fd_to_key.get(&fd)?;
            let mask = mask & key.events;
            (mask != 0).then(|| (key.clone(), mask))
        });
        Ok(with_key.collect())
    }

    /// `get_key(fileobj)`: the key that it was registered with.
    ///
    /// # Errors
    /// `NotFound` when it is not registered (Python's KeyError).
    pub fn get_key(&self, fileobj: &F) -> io::Result<&SelectorKey<F, D>> {
        let fd = fileobj.as_raw_fd();
        self.fd_to_key.get(&fd).ok_or_else(|| unknown(fd))
    }

    /// Stops watching a descriptor that was closed while it was registered.
    pub(crate) fn forget(&mut self, fd: RawFd) {
        if self.fd_to_key.remove(&fd).is_some() {
            self.mechanism.unregister(fd);
        }
    }

    /// `get_map()`: what is registered, by descriptor.
    pub fn get_map(&self) -> &HashMap<RawFd, SelectorKey<F, D>> {
        &self.fd_to_key
    }
}

/// `<EpollSelector over epoll(7)>`; Python prints the class and an address.
impl<F, D> fmt::Display for DefaultSelector<F, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.mechanism.name())
    }
}

fn unknown(fd: RawFd) -> io::Error {
    io::Error::new(ErrorKind::NotFound, format!("fd {fd} is not registered"))
}

fn to_duration(seconds: f64) -> io::Result<Duration> {
    if seconds <= 0.0 {
        return Ok(Duration::ZERO);
    }
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| io::Error::new(ErrorKind::InvalidInput, error))
}
