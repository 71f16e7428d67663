//! An application that says what it is told to say, over HTTP or HTTPS.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Status line and body of every answer from now on.
type Says = Arc<Mutex<(&'static str, String)>>;

pub struct Application {
    pub port: u16,
    says: Says,
    pub requests: Arc<Mutex<Vec<String>>>,
}

impl Application {
    pub fn http(status: &'static str, body: &str) -> Self {
        Self::start(status, body, None)
    }

    /// With a certificate of its own that names nobody.
    pub fn https(status: &'static str, body: &str) -> Self {
        let now = agent_protocol::Timestamp::from_unix_ms(1_700_000_000_000);
        let machine = agent_protocol::envelope::MachineKey::generate(now).unwrap();
        let pem: String = machine.key_pem.lines().filter(|line| !line.starts_with('-')).collect();
        let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, pem).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![machine.certificate_der.clone().into()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key)),
            )
            .unwrap();
        Self::start(status, body, Some(Arc::new(config)))
    }

    fn start(status: &'static str, body: &str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let says: Says = Arc::new(Mutex::new((status, body.to_owned())));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (answers, seen) = (Arc::clone(&says), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                match &tls {
                    None => serve(stream, &answers, &seen),
                    Some(config) => {
                        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                        serve(StreamOwned::<_, TcpStream>::new(connection, stream), &answers, &seen);
                    }
                }
            }
        });
        Self { port, says, requests }
    }

    pub fn says(&self, status: &'static str, body: &str) {
        *self.says.lock().unwrap() = (status, body.to_owned());
    }
}

fn serve(mut stream: impl Read + Write, says: &Says, seen: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            _ => return,
        }
    }
    seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let (status, body) = says.lock().unwrap().clone();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // the other side may have gone
    let _ = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
}
