//! Taking in an answer's body, with a limit.

use std::path::Path;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::AsyncWriteExt;

use super::TransportError;

/// Collects at most `limit` bytes.
pub(super) async fn collect(mut body: Incoming, limit: u64, what: &str) -> Result<Vec<u8>, TransportError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(what, &error))?;
        if let Ok(data) = frame.into_data() {
            if (bytes.len() + data.len()) as u64 > limit {
                return Err(TransportError::TooLarge { what: what.to_owned(), limit });
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// Writes at most `limit` bytes to a new file and syncs it; says how many.
pub(super) async fn save(mut body: Incoming, limit: u64, what: &str, path: &Path) -> Result<u64, TransportError> {
    let refused = |source| TransportError::File { path: path.display().to_string(), source };
    let mut file = tokio::fs::File::create(path).await.map_err(refused)?;
    let mut size = 0u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(what, &error))?;
        if let Ok(data) = frame.into_data() {
            size += data.len() as u64;
            if size > limit {
                return Err(TransportError::TooLarge { what: what.to_owned(), limit });
            }
            file.write_all(&data).await.map_err(refused)?;
        }
    }
    file.flush().await.map_err(refused)?;
    Ok(size)
}

fn broken(what: &str, error: &hyper::Error) -> TransportError {
    TransportError::Broken { address: what.to_owned(), reason: describe(error) }
}

/// An error with its causes: hyper's own text says little.
pub(super) fn describe(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
