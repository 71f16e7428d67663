//! Simulated machines for `make bench`: `fleet ADDRESS TOKENS`, where TOKENS is a file with one enrolment token a line.
//!
//! Prints one JSON object a line: `{"ready":2000}` when all have enrolled and asked for their first goal state, then
//! `{"machine":"sim-7","incarnation":3,"at":1790000000123.4}` whenever a goal state arrives (milliseconds since 1970).
//! Runs until its standard input ends.
#![expect(clippy::print_stdout, reason = "standard output is what the bench reads")]

use std::error::Error;
use std::io::{Read, Write};
use std::time::{Duration, Instant, SystemTime};

use agent::sim::{Fleet, Script, SimHandle, raise_file_limit};

/// How long a simulated handler works, so that 2,000 results do not come in the same millisecond.
const WORK: Duration = Duration::from_millis(250);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: fleet ADDRESS TOKENS".into());
    };
    raise_file_limit();
    let tokens: Vec<String> = std::fs::read_to_string(file)?.lines().map(str::to_owned).collect();
    let fleet = Fleet::enrol(&address, "sim", &tokens, Script::succeed().after(WORK).line("hello")).await?;
    let start = (Instant::now(), SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?);
    for agent in &fleet.agents {
        agent.until_seen(0).await;
    }
    println!("{{\"ready\":{}}}", fleet.agents.len());
    fleet.agents.iter().for_each(|agent| tell(agent, start));
    // the bench closes it, or has ended itself
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

/// Prints each goal state that arrives at this machine from now on.
fn tell(agent: &SimHandle, (instant, since_1970): (Instant, Duration)) {
    let (name, mut progress) = (agent.name.clone(), agent.progress());
    let mut last = progress.borrow_and_update().seen.map_or(0, |(incarnation, _)| incarnation);
    tokio::spawn(async move {
        while progress.changed().await.is_ok() {
            let seen = progress.borrow_and_update().seen;
            if let Some((incarnation, at)) = seen.filter(|(incarnation, _)| *incarnation != last) {
                last = incarnation;
                let at = (since_1970 + at.saturating_duration_since(instant)).as_secs_f64() * 1000.0;
                let line = format!("{{\"machine\":\"{name}\",\"incarnation\":{incarnation},\"at\":{at:.3}}}\n");
                let mut out = std::io::stdout().lock();
                if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
                    return;
                }
            }
        }
    });
}
