//! `cargo xtask soak`: a stated load for minutes.
//!
//! - [`load`]: the load on one server, and what came of it
//! - [`crowd`]: many clients in one thread
//! - `report`: what came of it, as text

use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::catalog::{SERVER, SERVERS, Target, select};
use crate::harness::build;
use crate::harness::interrupt::{INTERRUPTED, Interrupt};
use crate::harness::limits::raise_own_limit;
use crate::terminal::{print, progress, wrapped};
use crate::{FAILED, usage};

pub mod crowd;
pub mod load;
mod report;

/// The command line of `cargo xtask soak`.
#[derive(clap::Args)]
pub struct Args {
    /// Servers to load, one after the other [default: each crate's own]
    #[arg(value_name = "SERVER")]
    servers: Vec<String>,
    /// How long each is loaded; decimals are allowed
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_minutes)]
    minutes: Duration,
    /// Clients that are connected at once, too, and say a message a second
    #[arg(long, value_name = "N", default_value = "10", value_parser = parse_clients)]
    clients: u16,
}

/// The most clients: each has a port, and Linux gives out some 28,000 (ip_local_port_range, ip(7)).
const MOST: u16 = 20_000;

/// Descriptors of a server, or of this process, that are not for a client of the crowd.
const OTHERS: u64 = 100;

/// Seconds.
const MINUTE: f64 = 60.0;

/// Loads each server in turn and prints what was served and lost.
///
/// # Errors
/// When there are too few descriptors for so many clients, a server cannot be built or started, or
/// is gone in the end, or Ctrl-C cannot be watched for.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mut servers = match select(&SERVER, &args.servers, SERVERS, |server| server.name) {
        Ok(servers) => servers,
        Err(error) => return Ok(usage(&error)),
    };
    servers.retain(|server| !args.servers.is_empty() || server.target == Target::Bin);
    let (needed, limit) = (u64::from(args.clients) + OTHERS, raise_own_limit());
    if needed > limit {
        let clients = args.clients;
        bail!("{clients} clients take {needed} descriptors, and the limit is {limit} (ulimit -Hn)");
    }
    let progress = progress(servers.len());
    progress.set_message(build::MESSAGE);
    let interrupt = Interrupt::watch()?;
    // Figures are of interest only for what a reader would run for long.
    let built = build::build(build::SERVERS, true);
    if interrupt.came() {
        // Ctrl-C ends cargo, too.
        return Ok(interrupted("before the first server"));
    }
    let binaries = built?;
    let minutes = args.minutes.as_secs_f64() / MINUTE;
    let mut soaked = Vec::new();
    let mut last = ("nothing", Instant::now());
    for server in servers {
        if interrupt.came() {
            break;
        }
        progress.set_message(format!("{} for {minutes} min", server.name));
        if let Some(reason) = (server.requires)() {
            progress.suspend(|| eprintln!("skip {}: {reason}", server.name));
            continue;
        }
        let line = binaries
            .line_of(server)
            .with_context(|| format!("cargo did not build {}", server.name))?;
        let (clients, why) = crowd::size(server, args.clients);
        if let Some(why) = why {
            progress.suspend(|| eprintln!("{}: {clients} clients stay: {why}", server.name));
        }
        last = (server.name, Instant::now());
        match load::soak(server, line, args.minutes, clients, &interrupt) {
            Ok(one) => soaked.push(one),
            Err(_) if interrupt.came() => break,
            Err(failure) => bail!("{}: {failure}", server.name),
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    if !soaked.is_empty() {
        print(&wrapped(
            &format!("load for {minutes} min each: {}", load::in_words(args.clients)),
            "  ",
        ));
        print(&format!("\n{}", report::soaked(&soaked)));
    }
    if interrupt.came() {
        let (server, start) = last;
        return Ok(interrupted(&format!("{server}, after {} s", start.elapsed().as_secs())));
    }
    if soaked.is_empty() {
        return Ok(usage(&anyhow!("none of these servers can run here")));
    }
    let lost = soaked.iter().any(|one| one.counts.lost.load(Ordering::Relaxed) > 0);
    Ok(ExitCode::from(if lost { FAILED } else { 0 }))
}

/// Says that Ctrl-C was pressed, and where.
fn interrupted(place: &str) -> ExitCode {
    eprintln!("interrupted: {place}");
    ExitCode::from(INTERRUPTED)
}

/// Reads minutes, from a second to a day.
fn parse_minutes(text: &str) -> Result<Duration, String> {
    let minutes =
        text.parse::<f64>().ok().filter(|minutes| (1.0 / MINUTE..=1440.0).contains(minutes));
    let minutes = minutes.ok_or("expected minutes from 0.02 to 1440, for example 0.5")?;
    Ok(Duration::from_secs_f64(minutes * MINUTE))
}

/// Reads how many clients stay.
fn parse_clients(text: &str) -> Result<u16, String> {
    let clients = text.parse().ok().filter(|clients| *clients <= MOST);
    clients.ok_or_else(|| format!("expected a whole number from 0 to {MOST}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_may_have_decimals() {
        assert_eq!(parse_minutes("0.2"), Ok(Duration::from_secs(12)));
        assert_eq!(parse_minutes("1440"), Ok(Duration::from_secs(24 * 60 * 60)));
        for text in ["", "x", "0", "-1", "1441", "inf", "NaN"] {
            assert!(parse_minutes(text).unwrap_err().contains("for example 0.5"), "{text}");
        }
    }
}
