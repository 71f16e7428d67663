//! Numbers with units.

/// `38 ms`, `4.2 s`, `3 min 5 s`.
pub fn millis(ms: u64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
        _ => format!("{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
    }
}

/// `512 B`, `412 KB`, `3.1 MB`.
pub fn bytes(size: u64) -> String {
    match size {
        ..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{} KB", size.div_ceil(1_000)),
        _ => format!("{}.{} MB", size / 1_000_000, size % 1_000_000 / 100_000),
    }
}

/// `1 machine`, `3 machines`.
pub fn count_of(count: impl Into<u64>, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(
            [millis(38), millis(4_230), millis(185_000), millis(7_260_000)].join(" "),
            "38 ms 4.2 s 3 min 5 s 2 h 1 min"
        );
        assert_eq!([bytes(512), bytes(411_001), bytes(3_140_000)].join(" "), "512 B 412 KB 3.1 MB");
        assert_eq!(count_of(1u32, "machine", "machines"), "1 machine");
    }
}
