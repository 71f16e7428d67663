//! What pages are compared with in `make bench`: `static_answer FILE PORT` answers every request with the bytes of a file,
//! held in memory, through the same axum, the same allocator and the same socket options as the portal.

use axum::{
    Router,
    http::header,
    routing::get,
    serve::{ListenerExt, serve},
};
use bytes::Bytes;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(port)) = (arguments.next(), arguments.next()) else {
        return Err("usage: static_answer FILE PORT".into());
    };
    let page = Bytes::from(std::fs::read(file)?);
    let answer = move || async move { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page) };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    let listener = listener.tap_io(|stream| {
        // only speed depends on it
        let _ = stream.set_nodelay(true);
    });
    serve(listener, Router::new().fallback(get(answer))).await?;
    Ok(())
}
