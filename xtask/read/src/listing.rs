//! A listing beside its mirror, as a table whose rows are level.

use maud::{Markup, html};

use crate::beside::{Beside, Why};
use crate::notes::Note;
use crate::page::words;
use crate::program::Program;
use crate::rows::{Row, RustLine};
use crate::text;
use xtask::catalog::manifest::Listing;

struct Table<'a> {
    beside: Beside<'a>,
    /// What the addresses of the Rust lines begin with; no other table of the page has the same.
    prefix: String,
    /// Whether the note's lines have their addresses here, and not in a table above.
    has_addresses: bool,
}

/// A listing beside one of its files, the `position`th from 0.
pub fn table(note: &Note, listing: &Listing, program: &Program, position: usize) -> Markup {
    let prefix = match position {
        0 => format!("rust-{}-", listing.lines.start()),
        more => format!("rust-{}-{more}-", listing.lines.start()),
    };
    let beside = Beside::new(Some(note), listing, program);
    Table { beside, prefix, has_addresses: position == 0 }.html(note)
}

impl Table<'_> {
    fn html(&self, note: &Note) -> Markup {
        let own = self.beside.has_own_numbers();
        let own = own.then(|| words(", and its own numbers", "，以及它自己的行号"));
        let program = self.beside.program;
        let rows = self.beside.rows.iter().zip(self.beside.reasons());
        html! {
            table.rows {
                colgroup { col.note; col; }
                thead {
                    tr {
                        th { (words("Note", "笔记")) " " (note.number) @if let Some(own) = own { (own) } }
                        th { a href=(program.page()) { (program.file) } }
                    }
                }
                tbody { @for (row, why) in rows { (self.row(row, &why)) } }
            }
        }
    }

    fn row(&self, row: &Row, why: &[Why]) -> Markup {
        html! {
            tr class=[(!row.differs.is_empty()).then_some("departure")] {
                td.note lang="zh-CN" translate="no" {
                    @for number in &row.note { (self.note_line(*number)) }
                    @for number in &row.also {
                        div.elsewhere { (words("also line ", "还有行号 ")) a href={ "#" (number) } { (number) } }
                    }
                }
                td.rust {
                    div.pair {
                        div.lines translate="no" {
                            @for piece in row.rust.chunk_by(|a, b| a.said == b.said) {
                                (self.piece(piece))
                            }
                            @for line in self.beside.said_elsewhere(row) {
                                div.elsewhere {
                                    (words("said by line ", "见 Rust 行号 ")) a href={ "#" (self.prefix) (line) } { (line) }
                                }
                            }
                        }
                        @for why in why { (reason(why)) }
                    }
                }
            }
        }
    }

    fn note_line(&self, number: usize) -> Markup {
        let Some((own, pieces)) = self.beside.note_line(number) else { return html! {} };
        html! {
            div.line id=[self.has_addresses.then_some(number)] {
                a.number href={ "#" (number) } tabindex="-1" { (number) }
                @if self.beside.has_own_numbers() {
                    span.number.own { @if let Some(own) = own { (own) } }
                }
                (text::code(pieces, 0..usize::MAX))
            }
        }
    }

    /// Lines of Rust of one kind; many that Rust needs besides are folded.
    fn piece(&self, lines: &[RustLine]) -> Markup {
        let all = html! { @for line in lines { (self.rust_line(line.number)) } };
        html! {
            @match self.beside.folded(lines) {
                Some([english, chinese]) => {
                    details.besides { summary { (words(&english, &chinese)) } (all) }
                }
                None if lines[0].said => (all),
                None => div.besides { (all) },
            }
        }
    }

    fn rust_line(&self, number: usize) -> Markup {
        let (pieces, end) = self.beside.rust_line(number);
        let page = self.beside.program.page();
        html! {
            div.line id={ (self.prefix) (number) } {
                a.number href={ (page) "#" (number) } tabindex="-1" { (number) }
                (text::code(pieces, 0..end))
            }
        }
    }
}

fn reason(why: &Why) -> Markup {
    html! {
        div.why {
            b { (words("differs", "不同")) } " "
            @match why {
                Why::Told(why) => (why.html()),
                Why::As(line) => { (words("as at ", "同前，见 ")) a href={ "#" (line) } { (line) } }
            }
        }
    }
}
