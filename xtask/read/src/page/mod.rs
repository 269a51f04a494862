//! A report as a page for a browser: one file with its style sheet inside, which loads nothing.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::text;

const STYLE: &str = include_str!("style.css");
const KEYS: &str = include_str!("keys.js");

/// What a browser may load for the page: nothing but what is in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    Usual,
    Large,
}

/// A page around `body`, in the reader's colours, light or dark.
///
/// The keys of [`keys`] work where scripts do; without scripts the page is whole, too.
pub fn page(title: &str, size: Size, body: &Markup) -> String {
    let class = (size == Size::Large).then_some("large");
    let page = html! {
        (DOCTYPE)
        html lang="en" class=[class] {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(GENERATOR);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                p.no-font hidden { "This machine has no font for Chinese (fonts-noto-cjk)." }
                (body)
                script { (PreEscaped(KEYS)) }
            }
        }
    };
    page.into_string()
}

/// What every page names as its generator, so that a later run knows what it may replace.
pub const GENERATOR: &str = "cargo xtask";

/// The same in both languages, of which the page shows one: English, until the reader asks for the
/// other by the button of [`switch`]. A browser that is set to Chinese asks by itself.
pub fn both(english: &Markup, chinese: &Markup) -> Markup {
    html! {
        span.said lang="en" { (english) }
        span.said lang="zh-CN" { (chinese) }
    }
}

/// The same for words without any marks.
pub fn words(english: &str, chinese: &str) -> Markup {
    both(&html! { (english) }, &html! { (chinese) })
}

/// Markdown in both languages; in English alone where there is no translation.
pub fn said(english: &str, chinese: Option<&str>) -> Markup {
    match chinese.filter(|words| !words.is_empty()) {
        Some(chinese) => both(&text::inline(english), &text::inline(chinese)),
        None => text::inline(english),
    }
}

/// The button that changes the language; the browser remembers it.
pub fn switch() -> Markup {
    html! { button.language type="button" hidden { "中文 / English" } }
}

/// The keys of a page, in words.
pub fn keys() -> Markup {
    html! {
        p.keys {
            kbd { "j" } " " kbd { "k" } " " (words("next and previous section", "下一节、上一节")) ", "
            kbd { "d" } " " (words("next departure", "下一处不同")) ", "
            kbd { "l" } " " (words("larger or usual size", "大字或正常大小"))
        }
    }
}
