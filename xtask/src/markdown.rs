//! Words as a part of a document in Markdown.

/// Words in which no sign is one of Markdown, except for code between backticks.
pub fn escaped(words: &str) -> String {
    let parts: Vec<&str> = words.split('`').collect();
    let escape = |one: char| {
        let before = "<*[|".contains(one).then_some('\\');
        before.into_iter().chain([one])
    };
    let part = |(index, part): (usize, &&str)| match index % 2 == 1 && index + 1 < parts.len() {
        true => (*part).to_owned(),
        false => part.chars().flat_map(escape).collect(),
    };
    parts.iter().enumerate().map(part).collect::<Vec<String>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_escaped_except_in_code() {
        assert_eq!(escaped("no <such> call, `a<b>` [*]"), "no \\<such> call, `a<b>` \\[\\*]");
        assert_eq!(escaped("`a[0]` or `b[1"), "`a[0]` or `b\\[1");
    }
}
