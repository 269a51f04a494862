//! Which number a descriptor has.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::claims::claim::{Answer, Finding, Measured};

/// Lists its own descriptors, without a standard input: it opens the folder that it lists.
const LIST: &str = "exec ls -l /proc/self/fd <&-";

/// Lets a program without a standard input open something, and asks which number that has.
///
/// # Errors
/// When no shell can be started.
pub fn lowest_number() -> Result<Measured> {
    let output = Command::new("sh").args(["-c", LIST]).stdin(Stdio::null()).output();
    let text = String::from_utf8(output.context("start a shell")?.stdout).unwrap_or_default();
    match opened(&text) {
        Some(number) => Ok(Measured::Found(judge(number))),
        None => Ok(Measured::Missing("ls(1) does not tell its own descriptors here".to_owned())),
    }
}

/// The number of the folder in its own list, which has lines such as `… 0 -> /proc/7/fd`.
fn opened(list: &str) -> Option<u32> {
    let line = list.lines().find(|line| line.ends_with("/fd"))?;
    line.split_once(" -> ")?.0.rsplit(' ').next()?.parse().ok()
}

fn judge(number: u32) -> Finding {
    Finding {
        answer: if number == 0 { Answer::False } else { Answer::Holds },
        figures: format!("without a standard input, what ls opens first is descriptor {number}"),
        why: match number {
            0 => {
                "A descriptor is an index that begins at 0, as note 002:66 says; open takes the \
                 lowest that is free, and 0 is usually the standard input."
            }
            _ => "The kernel gives no descriptor the number 0.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_that_is_listed_tells_its_number() {
        let list = "total 0\nl-wx------ 1 a a 64 Nov 28 15:35 1 -> pipe:[7]\n\
                    lr-x------ 1 a a 64 Nov 28 15:35 0 -> /proc/7/fd\n";
        assert_eq!(opened(list), Some(0));
        assert_eq!(opened("total 0\n"), None);
        assert_eq!(judge(3).answer, Answer::Holds);
    }

    #[test]
    fn a_descriptor_is_zero_here() {
        let Measured::Found(finding) = lowest_number().unwrap() else { panic!("it was measured") };
        assert_eq!(finding.answer, Answer::False, "{}", finding.figures);
    }
}
