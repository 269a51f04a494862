//! A small workspace with notes that nobody wrote.

use std::fs;
use std::path::{Path, PathBuf};

use crate::columns::Screen;
use crate::show;
use xtask::catalog::claim::ANSWERS as ANSWERS_FILE;
use xtask::catalog::fact::Facts;
use xtask::checkout;
use xtask::notes::code;
use xtask::notes::copies::Copies;

/// A note as a browser shows it, with numbers of its own.
pub const NOTE: &str = "\
About waiting
https://example.test/waiting
1 while True:
2     conn = server.accept()
3     # a comment
4         data = conn.recv(10)
5         greeting = \"%s\" % data
6         conn.send(greeting)
7
Nobody else is served.
";

/// A note in Markdown, with a picture that must not be loaded, and a tag that must not work.
const MARKDOWN: &str = "\
# Threads

![picture](https://example.test/picture.png)

A thread for each client.

Something else. <img src=\"https://example.test/tag.png\">

```python
# before
x = thread()
```

| a | b |
| - | - |
| c | d |
";

const MIRROR: &str = "\
//! A server that waits.
//!
//! Mirrors note 001, lines 3-8.
//!
//! Try: `nc 127.0.0.1 1`; it greets.
//!
//! Differs from the listing:
//! - 6: the read may be empty; the listing `dies`.
//!
//! Experiment: start a second one.

#[rustfmt::skip]
fn main() -> Result {
    loop { // 3
        let data = conn.recv(10)?; // 6 differs
        let conn = server.accept()?; // 4
        let data = conn.recv(10)?; // 6
        let greeting = format!(
            \"{}\",
            data,
        ); // 7
        one();
        two();
        three();
        four();
        conn.send(greeting)?; // 8
    }
}
";

/// What the server can do.
const MATRIX: &str = "\
date = '2026-01-01'
machine = '1 core'
seconds = 1
skip = []

[counts]

[[server]]
name = 'blocking-server'
package = 'blocking-server'
words = { conversation = 'pass', second-client = 'waits' }
";

/// A picture that is wider than a page.
pub const PICTURE: &str = "<svg class=\"models\" viewBox=\"0 0 9000 10\" width=\"9000\" \
                           xmlns=\"http://www.w3.org/2000/svg\"><text>blocking</text></svg>\n";

/// Claims: in prose, in a listing, twice in one paragraph, and in no note.
const CLAIMS: &str = "\
[[claim]]
name = 'waiting-is-dear'
at = ['001:1', '001:4', '002:7']
claim = 'who waits takes a <whole> core'
source = 'accept(2)'

[[claim]]
name = 'threads-are-many'
at = ['002:5', '009:1']
claim = 'there may be any number of threads'
source = 'pthreads(7)'
";

/// Their answers.
const ANSWERS: &str = "\
date = '2026-01-01'
machine = '1 core'

[[answer]]
name = 'waiting-is-dear'
answer = 'false'
figures = '0.0 % of a core'
why = 'A process that waits in `accept` sleeps.'

[[answer]]
name = 'threads-are-many'
answer = 'missing'
figures = ''
why = 'there is no system to try it on'
";

/// A station with a listing, and one without.
const STATIONS: &str = "\
[[station]]
title = 'Waiting'
listing = '001:3-8'
start = 'cargo run -p blocking-server'
then = 'nothing'
question = 'Who waits?'
answer = 'It does.'
zh = { of = '', title = '等待', then = '', question = '谁在等？', answer = '它。' }

[[station]]
title = 'Threads'
listing = ''
start = 'cargo xtask list'
then = 'nothing'
question = 'How many?'
answer = 'Two.'
zh = { of = '', title = '线程', then = '', question = '几个？', answer = '两个。' }
";

/// A picture, and the places that it explains.
const PICTURES: &str = "\
[[picture]]
name = 'waiting'
at = ['001:1', 'blocking-server/src/main.rs']
title = 'Waiting'
caption = 'It `waits`.'
zh = { of = '', title = '等待', caption = '它在等。' }
";

/// An exercise that is made of the server.
const EXERCISES: &str = "\
[[exercise]]
name = 'greet'
title = 'A greeting'
server = 'blocking-server'
from = 'a'
to = 'b'
task = 'Let it greet.'
hints = []
read = []
checks = []
zh = { of = '', title = '问候', task = '让它问候。', hints = [] }
";

pub struct Workspace {
    pub root: PathBuf,
    pub notes: PathBuf,
}

impl Workspace {
    /// In a folder of its own, which begins empty.
    pub fn new(name: &str) -> Workspace {
        let root = checkout::target().unwrap().join("tmp/read").join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        let notes = root.join("notes");
        write(&notes, "001_a.txt", NOTE);
        write(&notes, "002_b.txt", MARKDOWN);
        write(&root, "xtask/data/results/matrix.toml", MATRIX);
        write(&root, "docs/trace.svg", PICTURE);
        write(&root, "docs/pictures/waiting.svg", "<svg><title>Waiting</title></svg>");
        write(&root, "xtask/data/pictures.toml", PICTURES);
        write(&root, "xtask/data/exercises.toml", EXERCISES);
        for (file, word) in [("docs/phases.md", "phase"), ("docs/phases.zh-CN.md", "阶段")] {
            let text = format!("links\n\n# Title\n\n[{word}](../blocking-server/src/main.rs)\n");
            write(&root, file, &text);
        }
        write(&root, "xtask/data/claims.toml", CLAIMS);
        write(&root, ANSWERS_FILE, ANSWERS);
        write(&root, "xtask/data/stations.toml", STATIONS);
        write(&root, "blocking-server/src/main.rs", MIRROR);
        let each = model("A thread each.", "Follows note 002, line 5, in words.");
        write(&root, "blocking-server/examples/each.rs", &each);
        let client = mirror("A thread.", "Mirrors note 002, lines 11-11.", "x = thread(); // 11");
        write(&root, "blocking-server/examples/thread.rs", &client);
        let manifest = "001:3-8\tblocking-server/src/main.rs\t3-4,6-8\n\
                        002:11-11\tblocking-server/examples/thread.rs\t11\n\
                        002:5\tblocking-server/examples/each.rs\tprose\n";
        write(&root, "xtask/data/mirrors.tsv", manifest);
        let manifest = xtask::catalog::manifest::read(&root).unwrap();
        let copies = Copies::find(&notes, &manifest, &Facts::default()).unwrap();
        let facts = code::facts(&manifest, &copies).unwrap();
        write(&root, "xtask/data/facts.tsv", &facts.rows());
        Workspace { root, notes }
    }

    /// What a place shows beside its note.
    pub fn shown(&self, place: &str, screen: &Screen) -> String {
        let place = place.parse().unwrap();
        show::place(&self.root, Some(&self.notes), &place, screen).unwrap()
    }
}

fn model(what: &str, follows: &str) -> String {
    format!(
        "//! {what}\n//!\n//! {follows}\n//!\n//! Try: it.\n//!\n//! Costs: a thread.\n//!\n\
         //! Experiment: none.\n\nfn main() {{}}\n"
    )
}

fn mirror(what: &str, mirrors: &str, statement: &str) -> String {
    format!(
        "//! {what}\n//!\n//! {mirrors}\n//!\n//! Try: it.\n//!\n\
         //! Differs from the listing: nowhere.\n//!\n//! Experiment: none.\n\n\
         fn main() {{\n    {statement}\n}}\n"
    )
}

pub fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
