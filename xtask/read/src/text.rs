//! Words and code as HTML.

use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{BrokenLink, CowStr, Event, Options, Parser, Tag, TagEnd};

use crate::highlight::{Class, Piece};

/// What the notes' own Markdown may hold.
pub const OPTIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS);

/// Markdown of a head or of this program's own, as paragraphs.
pub fn markdown(text: &str) -> Markup {
    let mut html = String::new();
    // Links of rustdoc such as [`Socket`] lead nowhere here, and their words stay.
    let nowhere = |_: BrokenLink| Some((CowStr::Borrowed(""), CowStr::Borrowed("")));
    let parser = Parser::new_with_broken_link_callback(text, OPTIONS, Some(nowhere));
    pulldown_cmark::html::push_html(&mut html, safe(parser));
    PreEscaped(html)
}

pub fn inline(text: &str) -> Markup {
    let html = markdown(text).into_string();
    let inner = html.trim().strip_prefix("<p>").and_then(|text| text.strip_suffix("</p>"));
    PreEscaped(inner.unwrap_or(&html).to_owned())
}

/// Events that load nothing and run nothing: a picture becomes a link to it, HTML becomes text.
pub fn safe<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    events.map(|event| match event {
        Event::Start(Tag::Image { dest_url, .. }) => {
            Event::InlineHtml(html! { (PreEscaped(open_link(&dest_url))) "picture: " }.0.into())
        }
        Event::End(TagEnd::Image) => Event::InlineHtml("</a>".into()),
        Event::Start(Tag::Link { dest_url, .. }) => Event::InlineHtml(open_link(&dest_url).into()),
        Event::End(TagEnd::Link) => Event::InlineHtml("</a>".into()),
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    })
}

/// The beginning of a link; only one to the web, inside the page or to a file's page leads anywhere.
fn open_link(to: &str) -> String {
    let known = ["http://", "https://", "#", "file-"].iter().any(|begin| to.starts_with(begin));
    let link = html! { a href=[known.then_some(to)] {} }.into_string();
    link.trim_end_matches("</a>").to_owned()
}

/// A line of code: its pieces up to a column, with a hanging indent where it wraps.
pub fn code(pieces: &[Piece], columns: Range<usize>) -> Markup {
    let pieces = cut(pieces, columns);
    let text: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    let indent = text.chars().take_while(|one| one.is_whitespace()).count();
    html! {
        code style=[(indent > 0).then(|| format!("--in:{indent}"))] {
            @for (class, text) in &pieces {
                @match class {
                    Class::Plain => (text),
                    class => span class=(class.name()) { (text) },
                }
            }
        }
    }
}

/// The part of some pieces that lies in these columns, without blanks at its end.
pub fn cut(pieces: &[Piece], columns: Range<usize>) -> Vec<Piece> {
    let mut column = 0;
    let mut cut: Vec<Piece> = Vec::new();
    for (class, text) in pieces {
        let inside = text.chars().filter(|_| {
            column += 1;
            columns.contains(&(column - 1))
        });
        let text: String = inside.collect();
        if !text.is_empty() {
            cut.push((*class, text));
        }
    }
    while let Some((_, last)) = cut.last_mut() {
        last.truncate(last.trim_end().len());
        if !last.is_empty() {
            break;
        }
        cut.pop();
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_loaded_and_nothing_runs() {
        let html = markdown("![a <b>](https://x.test/a.png) <img src=x> [c](javascript:d) `e`");
        let html = html.into_string();
        assert!(
            html.contains("<a href=\"https://x.test/a.png\">picture: a &lt;b&gt;</a>"),
            "{html}"
        );
        assert!(html.contains("&lt;img src=x&gt;") && html.contains("<a>c</a>"), "{html}");
        assert_eq!(inline("see [`A`]").into_string(), "see <a><code>A</code></a>");
        assert_eq!(inline("a `b`").into_string(), "a <code>b</code>");
    }
}
