//! Request bodies must flow: a peer that sends one byte a second does not keep a handler waiting for ever.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    middleware::Next,
    response::Response,
};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// Every body has at least this long.
const GRACE: Duration = Duration::from_secs(15);
/// After that it must have brought this many bytes for each further second.
const BYTES_PER_SECOND: u64 = 16 * 1024;

/// The peer was too slow.
#[derive(Debug, thiserror::Error)]
#[error("the body arrived too slowly")]
pub struct TooSlow;

/// Puts every request body under the limit.
pub async fn limit(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let begun = Instant::now();
    let paced = Paced { inner: body, begun, received: 0, alarm: Box::pin(tokio::time::sleep_until(begun + GRACE)) };
    next.run(Request::from_parts(parts, Body::new(paced))).await
}

struct Paced {
    inner: Body,
    begun: Instant,
    received: u64,
    alarm: Pin<Box<Sleep>>,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            if let Some(Ok(data)) = frame.as_ref().map(|f| f.as_ref().map(Frame::data_ref)) {
                this.received += data.map_or(0, |bytes| bytes.len() as u64);
                let earned = Duration::from_millis(this.received.saturating_mul(1000) / BYTES_PER_SECOND);
                this.alarm.as_mut().reset(this.begun + GRACE + earned);
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

    use axum::{Router, body::Body, extract::Request, middleware, routing::post};
    use futures::StreamExt;
    use tower::ServiceExt;

    use super::limit;

    #[tokio::test(start_paused = true)]
    async fn a_drip_is_cut_and_a_flow_is_not() {
        let app = Router::new()
            .route("/", post(|body: axum::body::Bytes| async move { body.len().to_string() }))
            .layer(middleware::from_fn(limit));
        let send = |chunk: usize, pause: Duration, count: usize| {
            let chunks = futures::stream::iter(0..count).then(move |_| async move {
                tokio::time::sleep(pause).await;
                Ok::<_, std::io::Error>(vec![0_u8; chunk])
            });
            let request = Request::post("/").body(Body::from_stream(chunks)).expect("request");
            app.clone().oneshot(request)
        };
        let drip = send(1, Duration::from_secs(1), 60).await.expect("answer");
        assert_eq!(drip.status(), 400);
        let flow = send(32 * 1024, Duration::from_secs(1), 60).await.expect("answer");
        assert_eq!(flow.status(), 200);
    }
}
