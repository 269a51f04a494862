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
    /// At the end of the stream it closes at once, whatever it still owes.
    ClosesTooSoon,
    /// It says who came, and closes the connection at once.
    ClosesAtOnce,
    /// It keeps the connection of a client that closed its sending side.
    NeverCloses,
    /// It takes a send that took something for one that took all.
    IgnoresShortSends,
    /// It takes a call that a signal interrupted for the end of the connection.
    EndsWhenInterrupted,
    /// It does not block, and forgets what the kernel refuses.
    ForgetsRefusedSends,
    /// It does not block, and keeps what the kernel refuses until the next message comes.
    SendsTheRestLater,
    /// It does not block, and asks for room again and again.
    AsksForRoom,
    /// It reads urgent data as if it were between the other bytes.
    ReadsUrgentDataInline,
    /// It is told of urgent data again and again, and never takes it.
    SpinsOnUrgentData,

    /// Every sixteenth client gets a byte that is not its own.
    MixesClients,
    OneAtATime,
    /// It serves a client until that one is silent for 5 ms; the others wait.
    ServesTheLoudest,
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
    /// A thread looks around ten times a second.
    Ticks,

    /// None: a process for each client passes.
    Processes,
    /// A process for each client, and those outlive the one that SIGTERM ends.
    ProcessesOutliveSigterm,
    /// A process for each client, and nobody waits for those that have ended.
    ProcessesLeaveZombies,
    /// A child goes round and round from the start.
    SpinsInAChild,
    /// A daemon that it starts does, in another session and with another parent.
    SpinsInADaemon,
    /// A child opens a file for each client that has gone.
    LeaksInAChild,
    /// A child keeps 20 bytes for each client that has gone.
    LeaksMemoryInAChild,

    /// Accept's EMFILE ends it.
    DiesWithoutDescriptors,
    /// After EMFILE it asks for the next client at once.
    SpinsWithoutDescriptors,
    /// After EMFILE it waits for microseconds only.
    NapsWithoutDescriptors,
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
    /// A thread that panics takes all the others along.
    DiesOfAPanic,
    /// It panics when nobody reads what it prints.
    PrintsWithPrintln,
    /// It writes to standard error about nothing.
    Warns,
    /// It prints with `--quiet`, too.
    NeverQuiet,
    /// It prints nothing, with `--quiet` or without.
    AlwaysQuiet,
    /// It prints what it reads as it is.
    PrintsRaw,
    /// It does not say that a client was lost.
    HidesResets,

    /// None: this server says every 100 ms that nobody came.
    Idles,
    /// It says so once.
    IdlesOnce,

    /// None: this server lets an operator answer.
    Operator,
    /// It asks its operator only after the answer was typed.
    PromptsLate,
    /// Without an operator it closes a client, and does not say why.
    ClosesWithoutReason,

    /// It asks a broken listener again and again.
    OutlivesItsListener,
    /// It ends with its listener, and does not say why.
    SilentWithoutListener,
    /// It ends before it listens.
    NeverListens,
    /// Only a few clients can wait to be accepted.
    SmallBacklog,
    /// Many more clients can wait to be accepted than it should let.
    LargeBacklog,
    /// It listens, and does not say where.
    NeverSaysWhere,
    /// It stops, as by SIGSTOP, when the first client comes.
    StopsItself,
    /// It binds without SO_REUSEADDR.
    BindsOnce,
    /// An address in use takes it two lines to say.
    TwoLines,

    /// None: this pool passes.
    Pool,
    /// It keeps all of a line, however long.
    PoolKeepsLines,
    /// It takes a line for too long that is just short enough.
    PoolCutsLines,
    /// It closes whoever comes while the queue is full.
    PoolTurnsAway,
    PoolServesLastFirst,
    /// It accepts everybody, and lets them wait.
    PoolTakesAll,
    /// It answers at once, whatever `--pause` says.
    PoolNeverPauses,
    /// Its workers pause one after the other.
    PoolPausesInTurn,
    PoolOutlivesSigterm,
}

impl Defect {
    /// Whether a process of its own serves each client.
    pub fn is_of_processes(self) -> bool {
        matches!(
            self,
            Defect::Processes | Defect::ProcessesOutliveSigterm | Defect::ProcessesLeaveZombies
        )
    }

    /// Whether the server is a pool that answers lines.
    pub fn is_of_pool(self) -> bool {
        matches!(
            self,
            Defect::Pool
                | Defect::PoolKeepsLines
                | Defect::PoolCutsLines
                | Defect::PoolTurnsAway
                | Defect::PoolServesLastFirst
                | Defect::PoolTakesAll
                | Defect::PoolNeverPauses
                | Defect::PoolPausesInTurn
                | Defect::PoolOutlivesSigterm
        )
    }
}
