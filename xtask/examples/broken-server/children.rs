//! What the server does in other processes: it runs itself again, with a task instead of an
//! address.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{self, ChildStdin, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::{env, mem, thread};

use clap::ValueEnum;
use rustix::process::{Signal, getppid, set_parent_process_death_signal, setsid};

use crate::defect::Defect::{self, *};
use crate::serve::{leak_memory, serve};
use crate::{PAUSE, QUIET, spin};

/// The first word of a command line that has a task.
pub const CHILD: &str = "child";

/// The variable that tells a child its parent's number.
const PARENT: &str = "BROKEN_SERVER_PARENT";

/// What is counted in a child: it gets a byte for each client that has gone.
static GONE: Mutex<Option<ChildStdin>> = Mutex::new(None);

/// Starts the child of a defect that has one from the start.
pub fn prepare(defect: Defect) -> io::Result<()> {
    match defect {
        SpinsInAChild => command(defect, Stdio::null())?.spawn().map(drop),
        SpinsInADaemon => command(defect, Stdio::null())?.spawn()?.wait().map(drop),
        LeaksInAChild | LeaksMemoryInAChild => {
            let child = command(defect, Stdio::piped())?.spawn()?;
            *GONE.lock().unwrap_or_else(PoisonError::into_inner) = child.stdin;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Serves a client in a process of its own, and waits until that ends.
pub fn serve_in_a_child(conn: TcpStream, defect: Defect) -> io::Result<()> {
    let mut command = command(defect, OwnedFd::from(conn).into())?;
    loop {
        match command.spawn() {
            Ok(_child) if defect == ProcessesLeaveZombies => return Ok(()),
            Ok(mut child) => return child.wait().map(drop),
            // Without descriptors for it, the client waits.
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// Tells the child, where there is one, that a client has gone.
pub fn count_gone() {
    if let Some(pipe) = &mut *GONE.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = pipe.write_all(b"x");
    }
}

fn command(defect: Defect, stdin: Stdio) -> io::Result<Command> {
    let name = defect.to_possible_value().expect("no defect is skipped");
    let quiet = QUIET.load(Ordering::Relaxed).then_some("--quiet");
    let mut command = Command::new(env::current_exe()?);
    command.args([CHILD, name.get_name()]).args(quiet).stdin(stdin);
    command.env(PARENT, process::id().to_string());
    Ok(command)
}

/// What a child does.
pub fn run(defect: Defect) -> io::Result<()> {
    match defect {
        Processes => {
            set_parent_process_death_signal(Some(Signal::TERM))?;
            // A parent that ended before that sends no signal any more (PR_SET_PDEATHSIG(2const)).
            let parent = getppid().map(|parent| parent.as_raw_pid().to_string());
            if parent != env::var(PARENT).ok() {
                process::exit(0);
            }
        }
        SpinsInAChild => spin(),
        SpinsInADaemon => {
            setsid()?;
            command(SpinsInAChild, Stdio::null())?.spawn()?;
            process::exit(0);
        }
        _ => {}
    }
    if let LeaksInAChild | LeaksMemoryInAChild = defect {
        for _client in io::stdin().lock().bytes() {
            match defect {
                LeaksInAChild => mem::forget(File::open("/dev/null")?),
                _ => leak_memory(),
            }
        }
        return Ok(());
    }
    serve(io::stdin().as_fd().try_clone_to_owned()?.into(), defect);
    Ok(())
}
