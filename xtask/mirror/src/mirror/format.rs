//! That only the numbers keep rustfmt from formatting a mirror.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use xtask::catalog::margin::Margin;
use xtask::notes::fault::Fault;

/// The workspace's edition, which rustfmt cannot know of standard input.
const EDITION: &str = "2024";

/// Whether there is a rustfmt; where there is none, standard error says what is not checked.
pub fn is_there() -> bool {
    let version = Command::new("rustfmt").arg("--version").output();
    let found = version.is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: whether rustfmt would change a mirror (there is no rustfmt)");
    }
    found
}

/// Where rustfmt, with the settings of the workspace at `root`, would change a mirror without its
/// numbers.
pub fn check(root: &Path, file: &str, margin: &Margin) -> Result<Option<Fault>> {
    let bare = margin.bare();
    if let Some((line, _)) = bare.iter().find(|(_, code)| code.contains("rustfmt")) {
        let message = "only whole items are kept from rustfmt, each by a line `#[rustfmt::skip]`";
        return Ok(Some(Fault::new(file, *line, message)));
    }
    let text: String = bare.iter().map(|(_, code)| format!("{code}\n")).collect();
    let formatted = format(root, text).with_context(|| format!("run rustfmt on {file}"))?;
    let formatted: Vec<&str> = formatted.lines().collect();
    let other = (0..bare.len().max(formatted.len()))
        .find(|at| bare.get(*at).map(|(_, code)| code) != formatted.get(*at));
    let fault = other.map(|at| {
        let line = bare.get(at).map_or(margin.lines.len(), |(line, _)| *line);
        let there = formatted.get(at).map_or("nothing", |code| code.trim());
        Fault::new(file, line, format!("without the numbers, rustfmt writes `{there}` here"))
    });
    Ok(fault)
}

fn format(root: &Path, text: String) -> Result<String> {
    let mut command = Command::new("rustfmt");
    command.args(["--edition", EDITION, "--emit", "stdout", "--config-path"]).arg(root);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().context("no standard input")?;
    // rustfmt reads everything before it writes.
    input.write_all(text.as_bytes())?;
    drop(input);
    Ok(String::from_utf8(child.wait_with_output()?.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Option<String> {
        let fault = check(xtask::root(), "a.rs", &Margin::read(text)).unwrap();
        fault.map(|fault| fault.to_string())
    }

    #[test]
    fn only_the_numbers_keep_rustfmt_from_it() {
        if !is_there() {
            return;
        }
        let good = "use a::b; // 1\n\n#[rustfmt::skip]\nfn f() {   // 2\n    a(1);  // 3\n}\n";
        assert_eq!(fault(good), None);
        let writes = |line: usize, code: &str| {
            Some(format!("a.rs:{line}: without the numbers, rustfmt writes `{code}` here"))
        };
        assert_eq!(fault(&good.replace("a(1)", "a( 1 )")), writes(5, "a(1);"));
        assert_eq!(fault(&good.replace("a(1)", "a(1,)")), writes(5, "a(1);"));
        assert_eq!(fault(&good.replace("    a(1)", "  a(1)")), writes(5, "a(1);"));
        assert_eq!(
            fault(&good.replace("fn f() {   // 2\n", "fn f()\n{   // 2\n")),
            writes(4, "fn f() {")
        );
        assert_eq!(fault(&good.replace("}\n", "}\n\n\n")), writes(7, "nothing"));
        let macros = good.replace("    a(1)", "    #[rustfmt::skip::macros(a)]\n    a(1)");
        assert!(fault(&macros).unwrap().starts_with("a.rs:5: only whole items"));
    }
}
