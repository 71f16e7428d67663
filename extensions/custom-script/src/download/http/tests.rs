//! Against a server of a few lines, since what matters is what a broken or hostile one does.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use super::*;

/// Gives each request the next of a list of answers: status line, extra headers, body.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn answering(answers: Vec<(&'static str, &'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for (status, headers, body) in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).unwrap();
                    request.push(byte[0]);
                }
                seen.lock().unwrap().push(String::from_utf8(request).unwrap());
                let length = if headers.contains("content-length") {
                    String::new()
                } else {
                    format!("content-length: {}\r\n", body.len())
                };
                let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{length}{headers}\r\n{body}");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { address, requests }
    }

    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn get(server: &Server) -> (Result<u64, Refusal>, Vec<u8>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let outcome = Client::new().get(&Request::plain(&server.address("/f")), file.as_file_mut());
    (outcome, std::fs::read(file.path()).unwrap())
}

#[test]
fn the_body_arrives_as_it_is() {
    let (outcome, bytes) = get(&Server::answering(vec![("200 OK", "", "echo hello\r\n")]));
    assert_eq!((outcome.unwrap(), bytes.as_slice()), (12, &b"echo hello\r\n"[..]));
}

#[test]
fn redirections_are_followed_but_not_for_ever() {
    let (outcome, bytes) = get(&Server::answering(vec![("302 Found", "location: /g\r\n", ""), ("200 OK", "", "x")]));
    assert_eq!((outcome.unwrap(), bytes.as_slice()), (1, &b"x"[..]));
    let (outcome, _) = get(&Server::answering(vec![("302 Found", "location: /f\r\n", ""); 30]));
    assert!(matches!(outcome, Err(Refusal::Status { code: 302 })), "{outcome:?}");
}

#[test]
fn other_answers_are_refusals_with_their_status() {
    for (line, expected) in [("404 Not Found", 404), ("503 Service Unavailable", 503), ("204 No Content", 204)] {
        let (outcome, _) = get(&Server::answering(vec![(line, "", "")]));
        assert!(matches!(outcome, Err(Refusal::Status { code }) if code == expected), "{outcome:?}");
    }
}

#[test]
fn a_body_that_breaks_off_may_be_tried_again() {
    let (outcome, _) = get(&Server::answering(vec![("200 OK", "content-length: 100\r\n", "only this")]));
    assert!(outcome.as_ref().is_err_and(Refusal::may_pass), "{outcome:?}");
}

#[test]
fn no_server_may_be_tried_again() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let outcome = Client::new().get(&Request::plain(&format!("http://{closed}/f")), &mut file);
    assert!(outcome.as_ref().is_err_and(Refusal::may_pass), "{outcome:?}");
}

#[test]
fn tokens_are_not_sent_on_to_another_host() {
    let other = Server::answering(vec![("200 OK", "", "x")]);
    let target = other.address("/g").replace("127.0.0.1", "localhost");
    let location: &'static str = Box::leak(format!("location: {target}\r\n").into_boxed_str());
    let first = Server::answering(vec![("302 Found", location, "")]);
    let mut file = tempfile::tempfile().unwrap();
    Client::new().get(&Request::with_token(&first.address("/f"), "secret-token"), &mut file).unwrap();
    assert!(first.requests()[0].contains("Bearer secret-token"));
    assert!(!other.requests()[0].contains("secret-token"), "{:?}", other.requests());
}
