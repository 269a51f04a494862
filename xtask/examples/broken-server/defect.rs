//! What can be wrong with a server. What each must fail is in `xtask/data/broken.tsv`.
#![forbid(unsafe_code)]

use clap::ValueEnum;

use Defect::*;

/// Each is named on the command line in kebab-case, as `drops-bytes`.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub enum Defect {
    // None: a thread for each client, a process for each, a pool, a server whose operator answers, and
    // one that says every 100 ms that nobody came.
    Healthy,
    Processes,
    Pool,
    Operator,
    Idles,

    // What is answered.
    Silent,
    DropsBytes,
    AnswersTwice,
    StopsEarly,
    ManglesGarbage,
    /// Each answer waits for the next message, so the last one is never given.
    ForgetsAtTheEnd,
    MixesClients,
    ReadsUrgentDataInline,
    SpinsOnUrgentData,
    EndsWhenInterrupted,
    ForgetsWhenContinued,

    // How it is sent.
    IgnoresShortSends,
    ForgetsRefusedSends,
    SendsTheRestLater,
    AsksForRoom,
    SendsInTurn,
    Hoards,

    // Who is served.
    OneAtATime,
    /// It serves a client until that one is silent for 5 ms; the others wait.
    ServesTheLoudest,
    RefusesCrowds,
    Tires,
    StopsItself,

    // How a connection ends.
    ClosesTooSoon,
    ClosesAtOnce,
    NeverCloses,
    DiesOnReset,
    LeaksLostClients,
    LeaksDescriptors,
    LeaksMemory,
    /// A child opens a file, or keeps 20 bytes, for each client that has gone.
    LeaksInAChild,
    LeaksMemoryInAChild,
    ProcessesLeaveZombies,
    ProcessesOutliveSigterm,

    // What it does while nobody wants anything.
    Spins,
    Busy,
    Ticks,
    IdlesOnce,
    SpinsInAChild,
    /// A daemon that it starts does, in another session and with another parent.
    SpinsInADaemon,

    // What it does without a descriptor for the next client (EMFILE).
    DiesWithoutDescriptors,
    SpinsWithoutDescriptors,
    NapsWithoutDescriptors,
    SilentWithoutDescriptors,
    RepeatsWithoutDescriptors,
    GivesUpWithoutDescriptors,

    // How it begins and ends.
    NeverListens,
    NeverSaysWhere,
    BindsOnce,
    TwoLines,
    SmallBacklog,
    LargeBacklog,
    OutlivesItsListener,
    SilentWithoutListener,
    OutlivesSigterm,
    EndsCleanly,
    DiesOfAPanic,

    // What it prints.
    PrintsWithPrintln,
    PrintsRaw,
    Warns,
    NeverQuiet,
    AlwaysQuiet,
    HidesResets,
    PromptsLate,
    ClosesWithoutReason,

    // What a pool does.
    PoolKeepsLines,
    PoolCutsLines,
    PoolTurnsAway,
    PoolServesLastFirst,
    PoolTakesAll,
    PoolNeverPauses,
    PoolPausesInTurn,
    PoolOutlivesSigterm,
}

impl Defect {
    /// Whether a process of its own serves each client.
    pub fn is_of_processes(self) -> bool {
        matches!(self, Processes | ProcessesOutliveSigterm | ProcessesLeaveZombies)
    }

    /// Whether an operator answers the clients.
    pub fn is_of_operator(self) -> bool {
        matches!(self, Operator | PromptsLate | ClosesWithoutReason)
    }

    /// Whether the server is a pool that answers lines.
    pub fn is_of_pool(self) -> bool {
        let ends = matches!(self, Pool | PoolServesLastFirst | PoolTakesAll | PoolOutlivesSigterm);
        let lines = matches!(self, PoolKeepsLines | PoolCutsLines | PoolTurnsAway);
        ends || lines || matches!(self, PoolNeverPauses | PoolPausesInTurn)
    }
}
