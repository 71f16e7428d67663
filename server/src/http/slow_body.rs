//! Request bodies must flow: a peer that sends one byte a second does not keep a handler waiting for ever.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// How fast a body must be.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Every body has at least this long.
    grace: Duration,
    /// After that it must have brought this many bytes for each further second.
    bytes_per_second: u64,
}

const PACE: Pace = Pace { grace: Duration::from_secs(15), bytes_per_second: 16 * 1024 };

/// The peer was too slow.
#[derive(Debug, thiserror::Error)]
#[error("the body arrived too slowly")]
pub struct TooSlow;

/// Puts the body of a request under the limit.
#[must_use]
pub fn limit(request: Request) -> Request {
    match request.body().is_end_stream() {
        true => request,
        false => request.map(|body| Body::new(Paced::new(body, PACE))),
    }
}

struct Paced {
    inner: Body,
    pace: Pace,
    begun: Instant,
    received: u64,
    alarm: Pin<Box<Sleep>>,
}

impl Paced {
    fn new(inner: Body, pace: Pace) -> Self {
        let begun = Instant::now();
        Self { inner, pace, begun, received: 0, alarm: Box::pin(tokio::time::sleep_until(begun + pace.grace)) }
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            if let Some(Ok(data)) = frame.as_ref().map(|f| f.as_ref().map(Frame::data_ref)) {
                this.received += data.map_or(0, |bytes| bytes.len() as u64);
                let earned = Duration::from_millis(this.received.saturating_mul(1000) / this.pace.bytes_per_second);
                this.alarm.as_mut().reset(this.begun + this.pace.grace + earned);
            }
            return Poll::Ready(frame.map(|f| f.map_err(Into::into)));
        }
        match this.alarm.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(TooSlow.into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::{Body, to_bytes};
    use futures::StreamExt;

    use super::{Pace, Paced};

    async fn read(chunk: usize, pause: Duration, count: usize) -> Option<usize> {
        let chunks = futures::stream::iter(0..count).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, std::io::Error>(vec![0_u8; chunk])
        });
        let pace = Pace { grace: Duration::from_millis(50), bytes_per_second: 1024 };
        let paced = Body::new(Paced::new(Body::from_stream(chunks), pace));
        to_bytes(paced, usize::MAX).await.ok().map(|bytes| bytes.len())
    }

    #[tokio::test]
    async fn a_drip_is_cut_and_a_flow_is_not() {
        assert_eq!(read(1, Duration::from_millis(20), 20).await, None);
        assert_eq!(read(1024, Duration::from_millis(20), 20).await, Some(20 * 1024));
    }
}
