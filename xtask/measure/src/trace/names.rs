//! Who a descriptor is: strace shows the addresses of a socket behind its number.

/// A descriptor as strace writes it with `-yy`: `4<TCP:[127.0.0.1:6969->127.0.0.1:42708]>`.
#[derive(Clone, Debug, PartialEq)]
pub enum Descriptor {
    /// A TCP socket that waits for clients.
    Listener,
    /// A connection, by the address of the other side.
    Connection(String),
    Input,
    /// Standard output or standard error.
    Output,
    /// Anything else, by what strace says of it, for example `anon_inode:[eventpoll]`.
    Other(String),
}

/// The descriptor that a call's arguments, or its result, begin with.
pub fn descriptor(text: &str) -> Option<Descriptor> {
    let (number, rest) = text.split_once('<')?;
    let number: u32 = number.trim().parse().ok()?;
    let what = match rest.strip_prefix("TCP:[") {
        Some(addresses) => addresses.split_once("]>")?.0,
        // A device has numbers of its own: `4</dev/null<char 1:3>>`.
        None => rest.split(['<', '>']).next()?,
    };
    Some(match (rest.starts_with("TCP:["), what.split_once("->")) {
        (true, Some((_own, peer))) => Descriptor::Connection(peer.to_owned()),
        (true, None) => Descriptor::Listener,
        (false, _) if number == 0 => Descriptor::Input,
        (false, _) if number == 1 || number == 2 => Descriptor::Output,
        (false, _) => Descriptor::Other(what.to_owned()),
    })
}

/// Every TCP socket that is in `text`, in order.
pub fn sockets(text: &str) -> Vec<Descriptor> {
    let begins = text.match_indices("<TCP:[").map(|(position, _)| {
        let digits = text[..position].bytes().rev().take_while(u8::is_ascii_digit).count();
        &text[position - digits..]
    });
    begins.filter_map(descriptor).collect()
}

/// What a client is called: 1 is the first.
pub fn client_name(number: usize) -> String {
    format!("client {number}")
}

/// The names of the clients and the numbers of the threads, in the order in which they were seen
/// first.
#[derive(Default)]
pub struct Names {
    clients: Vec<String>,
    threads: Vec<u32>,
}

impl Names {
    /// 1 for the first thread, and so on; strace has the system's number of it.
    pub fn thread(&mut self, id: u32) -> usize {
        number(&mut self.threads, id)
    }

    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    /// What a reader calls the descriptor that `text` begins with. Of one that is closed, strace
    /// shows the number only.
    pub fn first(&mut self, text: &str) -> String {
        match descriptor(text) {
            Some(descriptor) => self.of(&descriptor),
            None => format!("descriptor {}", text.split(',').next().unwrap_or_default()),
        }
    }

    pub fn of(&mut self, descriptor: &Descriptor) -> String {
        match descriptor {
            Descriptor::Listener => "the listener".to_owned(),
            Descriptor::Connection(addr) => client_name(number(&mut self.clients, addr.to_owned())),
            Descriptor::Input => "the input".to_owned(),
            Descriptor::Output => "the output".to_owned(),
            Descriptor::Other(what) => {
                let inside = what.strip_prefix("anon_inode:[").and_then(|it| it.strip_suffix(']'));
                inside.unwrap_or(what).to_owned()
            }
        }
    }
}

/// The place of `one` in `known`, from 1 on; it gets the next one if it has none.
fn number<T: PartialEq>(known: &mut Vec<T>, one: T) -> usize {
    let position = known.iter().position(|other| *other == one);
    position.unwrap_or_else(|| {
        known.push(one);
        known.len() - 1
    }) + 1
}
