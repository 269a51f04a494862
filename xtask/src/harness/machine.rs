//! Where and when figures were made.

use std::process::Command;
use std::thread::available_parallelism;

use procfs::{CpuInfo, Current};

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
    let model = CpuInfo::current().ok().and_then(|info| info.model_name(0).map(str::to_owned));
    let model = model.as_deref().unwrap_or("unknown processor");
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What follows the first two numbers names a distribution's build.
    let version: Vec<&str> = release.trim().split('.').take(2).collect();
    format!("{cores} cores ({model}), Linux {}", version.join("."))
}
