//! How the browser calls server functions: plain HTTP, as Leptos' own protocol speaks it. What is the same for every call
//! is written, and compiled, once: each server function adds only the writing of its arguments and the reading of its answer.

use std::{future::Future, marker::PhantomData, pin::Pin};

use http::Method;
use leptos::server_fn::{
    ContentType, Protocol,
    client::{Client, browser::BrowserClient},
    codec::{Encoding, FromReq, GetUrl, IntoRes, Json, PostUrl},
    error::{FromServerFnError, ServerFnErrorErr},
    redirect::call_redirect_hook,
    request::{ClientReq, browser::BrowserRequest},
    response::ClientRes,
    server::Server,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::UiError;

/// A server function whose arguments travel as `In` and whose answer is JSON.
pub struct Call<In>(PhantomData<In>);

/// Asks without changing anything: `GET`, so it can be repeated.
pub type Read = Call<GetUrl>;
/// Changes something: a form post, so it works before hydration and without scripts.
pub type Change = Call<PostUrl>;
/// Asks with more than an address can hold: a JSON post.
pub type Ask = Call<Json>;

/// An encoding that writes arguments as text.
pub trait Written: Encoding {
    /// The arguments as they travel. Errors: why they cannot be written.
    fn write<T: Serialize>(arguments: &T) -> Result<String, String>;
}

impl Written for GetUrl {
    fn write<T: Serialize>(arguments: &T) -> Result<String, String> {
        form_text(arguments).map_err(|error| error.to_string())
    }
}

impl Written for PostUrl {
    fn write<T: Serialize>(arguments: &T) -> Result<String, String> {
        form_text(arguments).map_err(|error| error.to_string())
    }
}

impl Written for Json {
    fn write<T: Serialize>(arguments: &T) -> Result<String, String> {
        serde_json::to_string(arguments).map_err(|error| error.to_string())
    }
}

impl<In, Input, Output, Browser, Portal> Protocol<Input, Output, Browser, Portal, UiError> for Call<In>
where
    In: Written,
    Input: Serialize + FromReq<In, Portal::Request, UiError> + Send,
    Output: IntoRes<Json, Portal::Response, UiError> + DeserializeOwned + Send,
    Browser: Client<UiError>,
    Portal: Server<UiError>,
{
    const METHOD: Method = In::METHOD;

    async fn run_server<F, Fut>(request: Portal::Request, server_fn: F) -> Result<Portal::Response, UiError>
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, UiError>> + Send,
    {
        let input = Input::from_req(request).await?;
        server_fn(input).await?.into_res().await
    }

    async fn run_client(path: &str, input: Input) -> Result<Output, UiError> {
        let arguments =
            In::write(&input).map_err(ServerFnErrorErr::Serialization).map_err(UiError::from_server_fn_error)?;
        exchange(In::METHOD, In::CONTENT_TYPE, path.to_owned(), arguments).await?.read()
    }
}

/// What the server answered.
pub struct Answer {
    json: String,
    redirect: Option<String>,
}

impl Answer {
    /// The value in it; afterwards the browser goes where the server sent it. Errors: it is not a `T`.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, UiError> {
        // from text like the data in a page, so that every type is read by the same code
        let value = serde_json::from_str(&self.json).map_err(|error| unreadable(&error))?;
        if let Some(location) = self.redirect {
            call_redirect_hook(&location);
        }
        Ok(value)
    }
}

/// Arguments as a form sends them. Errors: a map whose keys are not text, and the like.
pub fn form_text<T: Serialize>(arguments: &T) -> Result<String, serde_qs::Error> {
    serde_qs::to_string(arguments)
}

/// The arguments in a form's text, read as the server reads them; `None` if they are not a `T`.
pub fn form_arguments<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_qs::Config::new(5, false).deserialize_str(text).ok()
}

/// Posts a form. Errors: as [`exchange`].
pub fn post(path: &str, form: String) -> Exchange {
    exchange(Method::POST, PostUrl::CONTENT_TYPE, path.to_owned(), form)
}

/// A request on its way.
pub type Exchange = Pin<Box<dyn Future<Output = Result<Answer, UiError>> + Send>>;

/// One request and its answer. Errors: what the server refused, or that it could not be reached.
pub fn exchange(method: Method, content_type: &'static str, path: String, arguments: String) -> Exchange {
    Box::pin(async move {
        let request = if method == Method::GET {
            <BrowserRequest as ClientReq<UiError>>::try_new_get(&path, content_type, Json::CONTENT_TYPE, &arguments)
        } else {
            <BrowserRequest as ClientReq<UiError>>::try_new_post(&path, content_type, Json::CONTENT_TYPE, arguments)
        }?;
        let response = <BrowserClient as Client<UiError>>::send(request).await?;
        let status = ClientRes::<UiError>::status(&response);
        let redirected = (300..=399).contains(&status) || ClientRes::<UiError>::has_redirect(&response);
        let redirect = redirected.then(|| ClientRes::<UiError>::location(&response));
        let json: String = ClientRes::<UiError>::try_into_string(response).await?;
        if (400..=599).contains(&status) {
            return Err(serde_json::from_str(&json).unwrap_or_else(|error| unreadable(&error)));
        }
        Ok(Answer { json, redirect })
    })
}

fn unreadable(error: &serde_json::Error) -> UiError {
    UiError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
}
