//! When a download is tried again: 7 attempts with 3, 6, 12, 24, 48 and 96 seconds between them.

use std::time::Duration;

use super::refusal::Refusal;

/// How often a download is tried.
pub(super) const ATTEMPTS: u32 = 7;
const FIRST_PAUSE: Duration = Duration::from_secs(3);

/// The pause after a failed attempt, counted from 1.
fn pause_after(attempt: u32) -> Duration {
    FIRST_PAUSE * 2_u32.saturating_pow(attempt - 1)
}

/// Calls `attempt` until it succeeds, fails for good, or was called [`ATTEMPTS`] times; `pause` sees each failure
/// that is followed by another attempt, and waits.
///
/// # Errors
/// The last refusal.
pub(super) fn with_retries<T>(
    mut attempt: impl FnMut(u32) -> Result<T, Refusal>,
    mut pause: impl FnMut(u32, &Refusal, Duration),
) -> Result<T, Refusal> {
    let mut number = 1;
    loop {
        match attempt(number) {
            Err(refusal) if refusal.may_pass() && number < ATTEMPTS => {
                pause(number, &refusal, pause_after(number));
                number += 1;
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(refusals: &[u16]) -> (Vec<u64>, Result<u32, u16>) {
        let mut seconds = Vec::new();
        let outcome = with_retries(
            |attempt| match refusals.get(attempt as usize - 1) {
                Some(status) => Err(Refusal::Status { code: *status }),
                None => Ok(attempt),
            },
            |_, _, pause| seconds.push(pause.as_secs()),
        );
        let outcome = outcome.map_err(|refusal| match refusal {
            Refusal::Status { code } => code,
            other => panic!("{other:?}"),
        });
        (seconds, outcome)
    }

    #[test]
    fn seven_attempts_with_growing_pauses() {
        assert_eq!(pauses(&[503; 9]), (vec![3, 6, 12, 24, 48, 96], Err(503)));
        assert_eq!(pauses(&[500, 429]), (vec![3, 6], Ok(3)));
        assert_eq!(pauses(&[]), (vec![], Ok(1)));
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(pauses(&[status]).1, Ok(2), "{status}");
        }
        for status in [301, 400, 401, 403, 404, 409, 410, 416, 501, 505] {
            assert_eq!(pauses(&[status]), (vec![], Err(status)), "{status}");
        }
    }
}
