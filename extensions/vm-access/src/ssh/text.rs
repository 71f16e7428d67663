//! Changing the text of `sshd_config`. The first value of a keyword counts, and what follows `Match` holds for some
//! only, so values are set where they hold for everybody.

/// The text with passwords allowed.
#[must_use]
pub fn with_passwords(text: &str) -> String {
    set(text, &["PasswordAuthentication"], "yes")
}

/// The text with challenge-response turned off, under whichever of its names it stands there.
#[must_use]
pub fn without_challenges(text: &str) -> String {
    set(text, &["KbdInteractiveAuthentication", "ChallengeResponseAuthentication"], "no")
}

/// Gives every line with one of these keywords before the first `Match` the value; adds a line with the first of them
/// when there is none.
fn set(text: &str, keywords: &[&str], value: &str) -> String {
    let keyword = |line: &str| {
        line.split(|c: char| c.is_whitespace() || c == '=').find(|word| !word.is_empty()).unwrap_or_default().to_owned()
    };
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.iter().position(|line| keyword(line).eq_ignore_ascii_case("Match")).unwrap_or(lines.len());
    let mut found = false;
    let mut changed: Vec<String> = Vec::with_capacity(lines.len() + 1);
    for (index, line) in lines.iter().enumerate() {
        let stated = keywords.iter().find(|known| index < end && keyword(line).eq_ignore_ascii_case(known));
        match stated {
            Some(known) => {
                found = true;
                changed.push(format!("{known} {value}"));
            }
            None => changed.push((*line).to_owned()),
        }
    }
    if !found && let Some(known) = keywords.first() {
        changed.insert(end, format!("{known} {value}"));
    }
    changed.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_set_for_everybody_and_before_match() {
        let text = "# PasswordAuthentication no\npasswordauthentication=no\nUsePAM yes\nMatch User bob\n  PasswordAuthentication no\n";
        assert_eq!(
            with_passwords(text),
            "# PasswordAuthentication no\nPasswordAuthentication yes\nUsePAM yes\nMatch User bob\n  PasswordAuthentication no\n"
        );
        assert_eq!(
            with_passwords("UsePAM yes\nMatch all\nX yes"),
            "UsePAM yes\nPasswordAuthentication yes\nMatch all\nX yes\n"
        );
        assert_eq!(with_passwords(""), "PasswordAuthentication yes\n");
        let twice = with_passwords(&with_passwords(text));
        assert_eq!(twice, with_passwords(text), "a second time changes nothing");
    }

    #[test]
    fn challenges_go_under_either_name() {
        assert_eq!(without_challenges("ChallengeResponseAuthentication yes\n"), "ChallengeResponseAuthentication no\n");
        assert_eq!(without_challenges("UsePAM yes\n"), "UsePAM yes\nKbdInteractiveAuthentication no\n");
    }
}
