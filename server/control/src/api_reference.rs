//! The description of the API, for people.

use async_trait::async_trait;
use domain::{
    actor::{Actor, Permission},
    api_reference::{ApiDocument, ApiReference},
    fault::Fault,
    portal::ReferenceCalls,
};

use crate::{Control, Error};

#[async_trait]
impl ReferenceCalls for Control {
    async fn api_reference(&self, actor: &Actor, text: String, operation: String) -> Result<ApiReference, Fault> {
        actor.require(Permission::Read)?;
        let Some(document) = self.inner.config.api_document else {
            return Err(Fault::not_found("This portal serves no description of its API."));
        };
        // the document is part of the program: it is read once
        let parsed = self.inner.api_document.get_or_init(|| ApiDocument::parse(&document()));
        match parsed {
            Ok(document) => Ok(document.look(&text, &operation)),
            Err(reason) => Err(Error::internal("the description of the API", reason).into_fault()),
        }
    }
}
