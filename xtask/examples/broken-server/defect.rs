//! What can be wrong with a server.
#![forbid(unsafe_code)]

use clap::ValueEnum;

/// Each is named on the command line in kebab-case, as `drops-bytes`.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum Defect {
    /// None: this server passes.
    Healthy,

    /// It reads, and answers nothing.
    Silent,
    /// From byte 5,001 on, the last byte of each answer is missing.
    DropsBytes,
    AnswersTwice,
    /// After 1,024 bytes it answers nothing more.
    StopsEarly,
    /// It answers what is valid UTF-8, and U+FFFD for the rest.
    ManglesGarbage,
    /// Each answer waits for the next message, so the last one is never given.
    ForgetsAtTheEnd,
    /// It keeps the connection of a client that closed its sending side.
    NeverCloses,

    /// Every sixteenth client gets a byte that is not its own.
    MixesClients,
    OneAtATime,
    /// It closes whoever comes while 1,000 others are there, and says nothing about it.
    RefusesCrowds,
    /// It closes everyone but the first 300.
    Tires,

    /// A client that resets ends the whole server.
    DiesOnReset,
    /// The connection of a client that resets stays open.
    LeaksLostClients,
    /// Every connection stays open after its end.
    LeaksDescriptors,
    /// Every connection leaves 20 bytes behind.
    LeaksMemory,
    /// It reads on, whatever its client has not taken yet.
    Hoards,
    /// While it sends to one client, all others wait.
    SendsInTurn,

    /// A thread whose client left goes round and round.
    Spins,
    /// A thread goes round and round from the start.
    Busy,

    /// Accept's EMFILE ends it.
    DiesWithoutDescriptors,
    /// After EMFILE it asks for the next client at once.
    SpinsWithoutDescriptors,
    /// It waits after EMFILE, and does not say why.
    SilentWithoutDescriptors,
    /// It says so after each EMFILE.
    RepeatsWithoutDescriptors,
    /// After EMFILE it accepts nobody any more.
    GivesUpWithoutDescriptors,

    /// The first message after SIGCONT is lost.
    ForgetsWhenContinued,
    OutlivesSigterm,
    /// SIGTERM ends it as if nothing had happened.
    EndsCleanly,
    /// It panics when nobody reads what it prints.
    PrintsWithPrintln,

    /// It ends before it listens.
    NeverListens,
    /// It binds without SO_REUSEADDR.
    BindsOnce,
    /// An address in use takes it two lines to say.
    TwoLines,
}
