//! The two languages of what is said about the lesson.

use std::env;

use clap::ValueEnum;
use serde::Deserialize;

/// A language of the readers.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Language {
    /// English
    #[value(name = "en")]
    English,
    /// Chinese
    #[value(name = "zh")]
    Chinese,
}

impl Language {
    /// That of the terminal: the first of LC_ALL, LC_MESSAGES and LANG that is set decides.
    pub fn of_environment() -> Language {
        let variables = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| env::var(name).ok());
        Language::of_locale(variables.into_iter().flatten())
    }

    /// The one of two texts that is in this language.
    pub fn choose<T>(self, english: T, chinese: T) -> T {
        match self {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }

    fn of_locale(values: impl IntoIterator<Item = String>) -> Language {
        let first = values.into_iter().find(|value| !value.is_empty());
        match first.is_some_and(|value| value.starts_with("zh")) {
            true => Language::Chinese,
            false => Language::English,
        }
    }
}

/// Words of a row of data: in English beside its other keys, in Chinese below `zh`.
#[derive(Clone, Debug, Deserialize)]
pub struct Both<W> {
    /// The words in English.
    #[serde(flatten)]
    pub english: W,
    /// The same in Chinese.
    pub zh: Chinese<W>,
}

/// Words in Chinese.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Chinese<W> {
    /// The fingerprint of the English that they translate.
    pub of: String,
    /// The words.
    #[serde(flatten)]
    pub words: W,
}

impl<W> Both<W> {
    /// The words in a language.
    pub fn to(&self, language: Language) -> &W {
        language.choose(&self.english, &self.zh.words)
    }
}

/// A number for English sentences (FNV-1a): a translation has that of the sentences that it
/// translates, so a test can name one whose English has changed.
pub fn fingerprint<'a>(sentences: impl IntoIterator<Item = &'a str>) -> String {
    let bytes = sentences.into_iter().flat_map(|text| text.bytes().chain([0]));
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    format!("{:016x}", bytes.fold(0xcbf2_9ce4_8422_2325, mix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let of = |values: [&str; 3]| Language::of_locale(values.map(str::to_owned));
        assert_eq!(of(["", "", "zh_CN.UTF-8"]), Language::Chinese);
        assert_eq!(of(["C", "", "zh_CN.UTF-8"]), Language::English);
        assert_eq!(of(["", "zh_TW", "en_US"]), Language::Chinese);
        assert_eq!(of(["", "", ""]), Language::English);
    }

    #[test]
    fn another_sentence_has_another_fingerprint() {
        let is = fingerprint(["One.", "Two."]);
        assert_eq!(is, fingerprint(["One.", "Two."]));
        assert_ne!(is, fingerprint(["One. ", "Two."]));
        assert_ne!(is, fingerprint(["One.Two.", ""]));
        // The published value of FNV-1a for one byte that is zero.
        assert_eq!(fingerprint([""]), "af63bd4c8601b7df");
    }
}
