//! What a process has: numbers of descriptors, and addresses.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::claims::claim::{Answer, Lack, Measured};
use xtask::terminal::grouped;

/// Lists its own descriptors, without a standard input: it opens the folder that it lists.
const LIST: &str = "exec ls /proc/self/fd <&-";

const GIB: u64 = 1 << 30;

/// Lets a program without a standard input open something, and asks which number that has.
pub fn lowest_number() -> Result<Measured> {
    let output = Command::new("sh").args(["-c", LIST]).stdin(Stdio::null()).output();
    let text = String::from_utf8(output.context("start a shell")?.stdout).unwrap_or_default();
    let Some(lowest) = text.lines().next() else {
        bail!(Lack("ls(1) does not tell its own descriptors here".to_owned()));
    };
    let answer = if lowest == "0" { Answer::False } else { Answer::Holds };
    Ok((answer, format!("started without a standard input, ls opens descriptor {lowest} first")))
}

/// Looks where the stack of this process is: at the end of its addresses.
pub fn three_and_one_gib() -> Result<Measured> {
    // `7ffc1a2b3000-7ffc1a2d4000 rw-p …  [stack]` (proc(5), /proc/PID/maps).
    let maps = fs::read_to_string("/proc/self/maps").context("read /proc/self/maps")?;
    let stack = maps.lines().find(|line| line.ends_with("[stack]"));
    let addresses = stack.and_then(|line| line.split(['-', ' ']).nth(1));
    let end = addresses.context("a stack in /proc/self/maps")?;
    let end = u64::from_str_radix(end, 16).context("an address")?;
    let (bits, gib) = (usize::BITS, grouped(end.div_ceil(GIB) as f64));
    let figures = format!("addresses of {bits} bits; the stack of this process ends at {gib} GiB");
    Ok((judge(end), figures))
}

fn judge(end: u64) -> Answer {
    match end {
        end if end <= 3 * GIB => Answer::Holds,
        end if end <= 4 * GIB => Answer::Depends,
        _ => Answer::False,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_stack_decides() {
        let ends = [0xbfff_f000, 0xffff_d000, 0x7ffd_0000_0000];
        assert_eq!(ends.map(judge), [Answer::Holds, Answer::Depends, Answer::False]);
    }
}
