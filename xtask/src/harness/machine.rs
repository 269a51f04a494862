//! Where and when figures were made.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

/// The date of today (date(1)), for example `2026-11-21`.
pub fn date() -> String {
    let output = Command::new("date").arg("+%Y-%m-%d").output();
    output.map_or_else(
        |_| "an unknown day".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// The processor and the kernel, for example `2 cores (AMD EPYC), Linux 6.18`.
pub fn machine() -> String {
    let cores = available_parallelism().map_or(1, usize::from);
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |name| name.trim_start_matches([' ', '\t', ':']));
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What follows the first two numbers names a distribution's build.
    let version: Vec<&str> = release.trim().split('.').take(2).collect();
    format!("{cores} cores ({model}), Linux {}", version.join("."))
}
