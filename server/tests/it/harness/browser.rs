//! A person's browser: keeps cookies, says where its requests come from.

use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    body::Body,
    http::{Method, Response, header},
};
use hyper::body::Incoming;

use super::{Answer, Http};

/// A browser on one portal.
pub struct Browser {
    pub http: Http,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub fn new(http: Http) -> Self {
        Self { http, cookies: Mutex::default() }
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[("accept", "text/html")], Vec::new()).await
    }

    /// What a page's own script asks of a server function.
    pub async fn call(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Answer {
        let (body, kind) = (encode(form), ("content-type", "application/x-www-form-urlencoded"));
        self.send(method, path, &[("accept", "application/json"), kind], body).await
    }

    /// A form that is sent without scripts.
    pub async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(Method::POST, path, &[("accept", "text/html"), kind], encode(form)).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let cookie = self.cookie_line();
        let mut all = vec![("sec-fetch-site", "same-origin")];
        all.extend_from_slice(headers);
        if !cookie.is_empty() {
            all.push(("cookie", &cookie));
        }
        let answer = self.http.send(method, path, &all, body).await;
        self.keep(&answer);
        answer
    }

    /// An event stream.
    pub async fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Response<Incoming> {
        let cookie = self.cookie_line();
        let mut all = vec![("accept", "text/event-stream"), ("cookie", cookie.as_str())];
        all.extend_from_slice(headers);
        self.http.open(Method::GET, path, &all, Body::empty()).await
    }

    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.submit("/sign-in", &[("name", name), ("password", password)]).await
    }

    fn cookie_line(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || line.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

pub fn encode(form: &[(&str, &str)]) -> Vec<u8> {
    let pairs = form.iter().map(|(name, value)| format!("{}={}", app::paths::encode(name), app::paths::encode(value)));
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}
