//! Sending what a command prints to append blobs, while it runs.
//!
//! ```text
//! PUT <address>                    x-ms-blob-type: AppendBlob, empty: creates it, or empties it
//! PUT <address>&comp=appendblock   the next bytes, at most 1 MiB; x-ms-blob-condition-appendpos: what is there already,
//!                                  so that a block whose answer got lost is not appended twice
//! ```

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use handler_sdk::http;
use handler_sdk::output::Files;
use ureq::Agent;

use crate::codes;
use crate::failure::Failure;
use crate::settings::Wanted;

const EVERY: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);
const WHOLE: Duration = Duration::from_secs(30);
const BLOCK: usize = 1 << 20;
/// The version of the store's protocol.
const STORE_VERSION: &str = "2018-03-28";

/// Sends both streams until it is told that the command has ended.
pub struct Uploads {
    // dropping it tells the thread
    ended: Option<Sender<()>>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

impl Uploads {
    /// Creates the blobs that `wanted` names, then begins to send.
    ///
    /// # Errors
    /// When one of them cannot be created: better known before the command than after it.
    pub fn begin(wanted: &Wanted, files: &Files) -> Result<Self, Failure> {
        let system = |error: io::Error| Failure::system(&error);
        let (stdout, stderr) = files.streams().map_err(system)?;
        let config = Agent::config_builder()
            .tls_config(http::tls())
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(WHOLE))
            .user_agent("Annex-RunCommand/1")
            .build();
        let agent = Agent::from(config);
        let mut blobs = Vec::new();
        for (name, address, file) in
            [("outputBlobUri", &wanted.output, stdout), ("errorBlobUri", &wanted.error, stderr)]
        {
            let Some(address) = address else { continue };
            let blob = Blob { agent: agent.clone(), address: address.clone(), file, sent: 0 };
            blob.create().map_err(|why| {
                let words = format!("Nothing can be written to {name}: {why}. The address must allow reading, adding, creating and writing.");
                Failure::new(codes::NO_BLOB, words)
            })?;
            blobs.push(blob);
        }
        if blobs.is_empty() {
            return Ok(Self { ended: None, thread: None });
        }
        let (ended, end) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            while end.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                for blob in &mut blobs {
                    // what cannot be sent now is sent next time
                    let _ = blob.append();
                }
            }
            blobs.iter_mut().try_for_each(Blob::append)
        });
        Ok(Self { ended: Some(ended), thread: Some(thread) })
    }

    /// Sends what is left.
    ///
    /// # Errors
    /// Why something of it could not be sent, in words.
    pub fn finish(mut self) -> Result<(), String> {
        drop(self.ended.take());
        self.thread.take().map_or(Ok(()), |thread| thread.join().unwrap_or_else(|_| Err("sending it failed".into())))
    }
}

struct Blob {
    agent: Agent,
    address: String,
    file: File,
    sent: u64,
}

impl Blob {
    fn create(&self) -> Result<(), String> {
        self.put(&self.address, ("x-ms-blob-type", "AppendBlob"), &[])
    }

    fn append(&mut self) -> Result<(), String> {
        let address = format!("{}{}comp=appendblock", self.address, if self.address.contains('?') { '&' } else { '?' });
        loop {
            let mut block = vec![0; BLOCK];
            let length = self.file.read_at(&mut block, self.sent).map_err(|error| error.to_string())?;
            if length == 0 {
                return Ok(());
            }
            let position = ("x-ms-blob-condition-appendpos", self.sent.to_string());
            self.put(&address, (position.0, &position.1), &block[..length])?;
            self.sent += length as u64;
        }
    }

    fn put(&self, address: &str, (name, value): (&str, &str), body: &[u8]) -> Result<(), String> {
        let mut why = String::new();
        for attempt in 1..=ATTEMPTS {
            let request = self.agent.put(address).header("x-ms-version", STORE_VERSION).header(name, value);
            why = match request.send(body) {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                // the attempt before this one had come through
                Ok(answer) if answer.status().as_u16() == 412 && attempt > 1 => return Ok(()),
                Ok(answer) if answer.status().is_client_error() => {
                    return Err(format!("the store answers with status {}", answer.status().as_u16()));
                }
                Ok(answer) => format!("the store answers with status {}", answer.status().as_u16()),
                Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => return Err("it is not a usable address".into()),
                Err(error) => error.to_string(),
            };
            if attempt < ATTEMPTS {
                thread::sleep(PAUSE);
            }
        }
        Err(why)
    }
}
