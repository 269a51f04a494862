//! How far the addresses of a process reach.

use anyhow::{Context, Result};
use procfs::process::{MMapPath, Process};

use crate::claims::claim::{Answer, Finding, Measured};
use xtask::terminal::grouped;

const GIB: u64 = 1 << 30;

struct Figures {
    /// Bits of an address.
    bits: u32,
    /// Where the stack of this process ends.
    stack: u64,
}

/// Looks where the stack of this process is: at the end of its addresses.
///
/// # Errors
/// When /proc does not tell.
pub fn three_and_one_gib() -> Result<Measured> {
    let maps = Process::myself()?.maps().context("read /proc/self/maps")?;
    let stack = maps.into_iter().find(|map| map.pathname == MMapPath::Stack);
    let stack = stack.context("a stack in /proc/self/maps")?.address.1;
    Ok(Measured::Found(judge(&Figures { bits: usize::BITS, stack })))
}

fn judge(Figures { bits, stack }: &Figures) -> Finding {
    let (answer, why) = match *stack {
        end if end <= 3 * GIB => (Answer::Holds, "The addresses above are the kernel's."),
        end if end <= 4 * GIB => (
            Answer::Depends,
            "A 32-bit process of a 64-bit kernel has all 4 GiB for itself; of a 32-bit kernel, 3.",
        ),
        _ => (
            Answer::False,
            "So Linux divides addresses of 32 bits on x86. On x86-64 a process has 128 TiB (47 \
             bits), and the kernel has as many.",
        ),
    };
    let gib = grouped(stack.div_ceil(GIB) as f64);
    let figures = format!("addresses of {bits} bits; the stack of this process ends at {gib} GiB");
    Finding { answer, figures, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_stack_decides() {
        let answer = |bits, stack| judge(&Figures { bits, stack }).answer;
        assert_eq!(answer(32, 0xbfff_f000), Answer::Holds);
        assert_eq!(answer(32, 0xffff_d000), Answer::Depends);
        assert_eq!(answer(64, 0x7ffd_0000_0000), Answer::False);
    }

    #[test]
    fn it_is_measured() {
        let Measured::Found(finding) = three_and_one_gib().unwrap() else {
            panic!("it is missing")
        };
        let is_false = finding.answer == Answer::False;
        assert_eq!(is_false, cfg!(target_pointer_width = "64"), "{}", finding.figures);
    }
}
