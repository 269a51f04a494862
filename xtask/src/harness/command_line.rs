//! What is typed to launch a program.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::SocketAddr;
use std::process::Command;

/// A program with its arguments, alone or behind the words of another one that starts it, and what
/// it finds in its environment besides.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandLine {
    words: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl CommandLine {
    /// A program without arguments: its path, or its name in PATH.
    pub fn new(program: impl Into<OsString>) -> CommandLine {
        CommandLine { words: vec![program.into()], environment: Vec::new() }
    }

    /// The same with more arguments.
    pub fn with(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> CommandLine {
        self.words.extend(arguments.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    /// The same behind the words of a program that starts it, for example `strace -f`.
    pub fn behind(mut self, wrapper: &[&str]) -> CommandLine {
        self.words.splice(..0, wrapper.iter().map(OsString::from));
        self
    }

    /// The same with an address in the places of `{addr}`, `{host}` and `{port}`.
    pub fn filled(mut self, addr: SocketAddr) -> CommandLine {
        for word in &mut self.words {
            let text = word.to_string_lossy().replace("{addr}", &addr.to_string());
            let text = text.replace("{host}", &addr.ip().to_string());
            *word = text.replace("{port}", &addr.port().to_string()).into();
        }
        self
    }

    /// The same with variables in its environment.
    pub fn under(
        mut self,
        variables: impl IntoIterator<Item = (&'static str, OsString)>,
    ) -> CommandLine {
        self.environment.extend(variables.into_iter().map(|(name, value)| (name.into(), value)));
        self
    }

    /// The command, not started yet.
    pub fn command(&self) -> Command {
        let (program, arguments) = self.words.split_first().expect("the first word is the program");
        let mut command = Command::new(program);
        command.args(arguments).envs(self.environment.iter().cloned());
        command
    }
}

/// As a shell takes it, so that it can be copied and run.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables = self.environment.iter();
        let variables =
            variables.map(|(name, value)| format!("{}={}", name.display(), quoted(value)));
        let words = variables.chain(self.words.iter().map(|word| quoted(word)));
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// A word in single quotes, unless it is the same to a shell without them.
pub fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let is_plain =
        |character: char| character.is_alphanumeric() || "-_./:=,+@%".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_written_as_a_shell_takes_it() {
        let line = CommandLine::new("./server")
            .with(["127.0.0.1:0", "it's", ""])
            .behind(&["strace", "-f"])
            .under([("SEED", "1 2".into())]);
        let text = line.to_string();
        assert_eq!(text, r"SEED='1 2' strace -f ./server 127.0.0.1:0 'it'\''s' ''");
    }

    #[test]
    fn an_address_is_put_into_its_places() {
        let line = CommandLine::new("./server").with(["{host}", "-p{port}", "{addr}", "{other}"]);
        let line = line.filled("127.0.0.1:80".parse().unwrap());
        assert_eq!(line.to_string(), "./server 127.0.0.1 -p80 127.0.0.1:80 '{other}'");
    }

    #[test]
    fn a_command_gets_words_and_variables() {
        let line = CommandLine::new("sh").with(["-c", "echo $0 $VARIABLE", "word"]);
        let line = line.behind(&["env"]).under([("VARIABLE", "value".into())]);
        let output = line.command().output().unwrap();
        assert_eq!(output.stdout, b"word value\n");
    }
}
