//! A database on the test server, behind a wire that can be frozen or cut.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What the wire does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    Open,
    /// Connections stay, are even made, and nothing passes: as if the server were stopped, or the network gone.
    Frozen,
    /// Connections end at once: as if the server were down.
    Cut,
}

/// A fresh database and the wire to it.
pub struct Postgres {
    /// Where it is, through the wire.
    pub url: String,
    wire: Arc<watch::Sender<Wire>>,
}

impl Postgres {
    /// `None` where there is no test server and that is allowed.
    pub async fn start() -> Option<Self> {
        let Ok(admin) = std::env::var("ANNEX_TEST_POSTGRES") else {
            assert!(std::env::var_os("CI").is_none(), "ANNEX_TEST_POSTGRES is not set: `make test` starts one");
            return None;
        };
        let name = format!("annex_{}", uuid::Uuid::now_v7().simple());
        let mut connection = PgConnection::connect(&admin).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        let (front, _) = admin.rsplit_once('/').unwrap();
        let (scheme, authority) = front.rsplit_once('@').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}@{}/{name}", listener.local_addr().unwrap());
        let wire = Arc::new(watch::channel(Wire::Open).0);
        tokio::spawn(accept(listener, authority.to_owned(), wire.clone()));
        Some(Self { url, wire })
    }

    pub fn freeze(&self) {
        self.wire.send_replace(Wire::Frozen);
    }

    pub fn cut(&self) {
        self.wire.send_replace(Wire::Cut);
    }

    pub fn mend(&self) {
        self.wire.send_replace(Wire::Open);
    }
}

async fn accept(listener: TcpListener, to: String, wire: Arc<watch::Sender<Wire>>) {
    loop {
        let Ok((near, _)) = listener.accept().await else { return };
        let (to, mut state) = (to.clone(), wire.subscribe());
        tokio::spawn(async move {
            if *state.borrow() == Wire::Cut {
                return;
            }
            let Ok(far) = TcpStream::connect(to).await else { return };
            let (near_read, near_write) = near.into_split();
            let (far_read, far_write) = far.into_split();
            tokio::select! {
                () = carry(near_read, far_write, state.clone()) => {}
                () = carry(far_read, near_write, state.clone()) => {}
                _ = state.wait_for(|wire| *wire == Wire::Cut) => {}
            }
        });
    }
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut state: watch::Receiver<Wire>) {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = from.read(&mut piece).await {
        let open = state.wait_for(|wire| *wire == Wire::Open).await.is_ok();
        if !open || to.write_all(&piece[..n]).await.is_err() {
            return;
        }
    }
}
