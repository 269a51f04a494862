//! How Python prints what a selector returns: keys whose data is a function, here with its name.

use std::rc::Rc;

use common::Socket;
use selectors_server::{Mask, SelectorKey};

/// The key of a socket with a callback and the callback's name.
type Key<C> = SelectorKey<Rc<Socket>, (&'static str, C)>;

/// `SelectorKey(fileobj=<socket …>, fd=3, events=1, data=<function accept>)`.
pub fn key<C>(key: &Key<C>) -> String {
    let (fileobj, fd, events, name) = (&key.fileobj, key.fd, key.events, key.data.0);
    format!("SelectorKey(fileobj={fileobj}, fd={fd}, events={events}, data=<function {name}>)")
}

/// `[(SelectorKey(…), 1), …]`: each key with what it is ready for.
pub fn events<C>(events: &[(Key<C>, Mask)]) -> String {
    let pairs = events.iter().map(|(ready, mask)| format!("({}, {mask})", key(ready)));
    format!("[{}]", pairs.collect::<Vec<_>>().join(", "))
}
