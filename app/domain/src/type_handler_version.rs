//! Which published version a caller gets who names `major.minor` (arm-api, section 5; extension model, section 3.3).

use crate::version::ExtensionVersion;

/// Chooses among `offered` (newest first).
///
/// `asked` names a line `major.minor`. With `auto_upgrade_minor` the newest version of the same major with at least that
/// minor is taken, without it the newest build of exactly that line: a hot-fix is never skipped. A longer number has to
/// exist, and then stands for its line. `None`: nothing of it is offered.
pub fn choose<'a, T>(
    asked: &ExtensionVersion,
    auto_upgrade_minor: bool,
    offered: &'a [(ExtensionVersion, T)],
) -> Option<&'a (ExtensionVersion, T)> {
    let [major, minor, ..] = asked.parts();
    let exact = asked.as_str().split('.').count() > 2;
    if exact && !offered.iter().any(|(version, _)| version == asked) {
        return None;
    }
    let in_line = |version: &ExtensionVersion| {
        let [its_major, its_minor, ..] = version.parts();
        its_major == major && if auto_upgrade_minor { its_minor >= minor } else { its_minor == minor }
    };
    offered.iter().filter(|(version, _)| in_line(version)).max_by(|a, b| a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(asked: &str, auto: bool) -> Option<String> {
        let versions = ["2.2.0", "2.1.13", "2.1.4", "2.0.7", "1.5.0"];
        let offered: Vec<(ExtensionVersion, ())> = versions.iter().map(|v| (v.parse().expect("good"), ())).collect();
        choose(&asked.parse().expect("good"), auto, &offered).map(|(version, ())| version.to_string())
    }

    #[test]
    fn a_line_gets_its_newest_build_and_only_with_the_flag_a_newer_minor() {
        assert_eq!(chosen("2.1", false).as_deref(), Some("2.1.13"));
        assert_eq!(chosen("2.0", true).as_deref(), Some("2.2.0"));
        assert_eq!(chosen("2.3", true), None);
        assert_eq!(chosen("3.0", true), None);
        assert_eq!(chosen("1.4", true).as_deref(), Some("1.5.0"));
        assert_eq!(chosen("1.4", false), None);
    }

    #[test]
    fn a_longer_number_must_exist_and_stands_for_its_line() {
        assert_eq!(chosen("2.1.4", false).as_deref(), Some("2.1.13"));
        assert_eq!(chosen("2.1.5", false), None);
    }
}
