//! The API for programs, as people read it.
//!
//! ```text
//!  OpenAPI document ──ApiDocument::parse──► operations by group ──look(words, id)──► ApiReference: a list, one of it opened
//!                          └─ examples are made from schemas where the document gives none
//! ```

mod example;
mod read;

use serde::{Deserialize, Serialize};

/// An OpenAPI document that cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the OpenAPI document cannot be read: {0}")]
pub struct UnreadableDocument(pub(crate) String);

/// All operations of the API.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiDocument {
    /// Version of the API, as the document says it.
    version: String,
    /// Group and operation, in the document's order; operations of one group stand together.
    operations: Vec<(String, ApiOperation)>,
}

/// One operation in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiLine {
    /// Unique; stands in the address of the page.
    pub id: String,
    /// `GET` and so on.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// What it does, in a few words.
    pub summary: String,
}

/// Operations that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiGroup {
    /// Its heading.
    pub name: String,
    /// Its operations.
    pub lines: Vec<ApiLine>,
}

/// One operation whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiOperation {
    /// As in the list.
    pub line: ApiLine,
    /// More words about it; may be empty.
    pub description: String,
    /// What goes into path, query and headers.
    pub parameters: Vec<ApiParameter>,
    /// A body that it takes, as an example in JSON.
    pub body: Option<String>,
    /// What it answers.
    pub responses: Vec<ApiResponse>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiParameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Must it be given?
    pub required: bool,
    /// What it means.
    pub meaning: String,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiResponse {
    /// Its status, for example `200`.
    pub status: String,
    /// When it is given.
    pub meaning: String,
    /// What it holds, as an example in JSON.
    pub example: Option<String>,
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiReference {
    /// Version of the API.
    pub version: String,
    /// What matches, by group.
    pub groups: Vec<ApiGroup>,
    /// Operations that match.
    pub matching: usize,
    /// Operations there are.
    pub total: usize,
    /// The one that is opened.
    pub opened: Option<ApiOperation>,
}

impl ApiDocument {
    /// Reads an OpenAPI document (3.0 or 3.1). Errors: it has no paths, or an operation is not an object.
    pub fn parse(document: &serde_json::Value) -> Result<Self, UnreadableDocument> {
        read::document(document)
    }

    /// Operations that contain all words of `text`, without regard to case; all of it about the one called `operation`.
    pub fn look(&self, text: &str, operation: &str) -> ApiReference {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let mut groups: Vec<ApiGroup> = Vec::new();
        let mut matching = 0;
        for (group, one) in &self.operations {
            let line = &one.line;
            let all = format!("{group} {} {} {} {}", line.method, line.path, line.summary, line.id).to_lowercase();
            if !words.iter().all(|word| all.contains(word)) {
                continue;
            }
            matching += 1;
            match groups.last_mut().filter(|last| last.name == *group) {
                Some(last) => last.lines.push(line.clone()),
                None => groups.push(ApiGroup { name: group.clone(), lines: vec![line.clone()] }),
            }
        }
        let opened = self.operations.iter().map(|(_, one)| one).find(|one| one.line.id == operation).cloned();
        ApiReference { version: self.version.clone(), groups, matching, total: self.operations.len(), opened }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn small() -> ApiDocument {
        let document = json!({
            "openapi": "3.1.0",
            "info": { "title": "Annex", "version": "2024-11-01" },
            "paths": {
                "/vms/{name}": {
                    "parameters": [{ "$ref": "#/components/parameters/name" }],
                    "get": { "tags": ["Machines"], "operationId": "vm_get", "summary": "One machine",
                        "responses": { "200": { "description": "It.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Vm" } } } },
                                       "404": { "$ref": "#/components/responses/Missing" } } },
                    "put": { "tags": ["Machines"], "summary": "Registers a machine", "description": "By name.",
                        "parameters": [{ "name": "If-Match", "in": "header", "description": "An ETag." }],
                        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Vm" } } } },
                        "responses": { "201": { "description": "Made." } } },
                },
                "/extensions": { "get": { "tags": ["Extensions"], "summary": "All", "responses": {} } },
                "/vms": { "get": { "tags": ["Machines"], "summary": "All machines", "responses": {} } },
            },
            "components": {
                "parameters": { "name": { "name": "name", "in": "path", "required": true, "description": "Of the machine." } },
                "responses": { "Missing": { "description": "There is none.", "content": { "application/json": { "example": { "error": { "code": "ResourceNotFound" } } } } } },
                "schemas": {
                    "Vm": { "type": "object", "properties": {
                        "name": { "type": "string", "examples": ["web-1"] }, "count": { "type": "integer" },
                        "state": { "enum": ["Running", "Stopped"] }, "tags": { "type": ["object", "null"], "additionalProperties": { "type": "string" } },
                        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Vm" } },
                        "both": { "allOf": [{ "properties": { "a": { "type": "boolean" } } }, { "properties": { "b": { "const": 7 } } }] } } },
                },
            },
        });
        ApiDocument::parse(&document).expect("a good document")
    }

    #[test]
    fn groups_stand_together_and_words_narrow_them() {
        let all = small().look("", "");
        let groups: Vec<(&str, usize)> = all.groups.iter().map(|g| (g.name.as_str(), g.lines.len())).collect();
        assert_eq!(groups, [("Machines", 3), ("Extensions", 1)]);
        assert_eq!((all.total, all.matching, all.version.as_str()), (4, 4, "2024-11-01"));
        let some = small().look("put MACHINE", "");
        assert_eq!((some.matching, some.groups[0].lines[0].id.as_str()), (1, "PUT /vms/{name}"));
        assert_eq!(some.opened, None);
    }

    #[test]
    fn an_operation_says_what_goes_in_and_what_comes_out() {
        let put = small().look("", "PUT /vms/{name}").opened.expect("opened");
        assert_eq!(put.description, "By name.");
        let parameters: Vec<(&str, &str, bool)> =
            put.parameters.iter().map(|p| (p.name.as_str(), p.place.as_str(), p.required)).collect();
        assert_eq!(parameters, [("name", "path", true), ("If-Match", "header", false)]);
        let body: serde_json::Value = serde_json::from_str(&put.body.expect("a body")).expect("JSON");
        assert_eq!(
            (&body["name"], &body["count"], &body["state"], &body["tags"]),
            (&json!("web-1"), &json!(0), &json!("Running"), &json!({}))
        );
        assert_eq!(body["both"], json!({ "a": true, "b": 7 }));
        let get = small().look("", "vm_get").opened.expect("opened");
        assert_eq!((get.responses[0].status.as_str(), get.responses[1].meaning.as_str()), ("200", "There is none."));
        assert!(get.responses[1].example.as_deref().is_some_and(|text| text.contains("ResourceNotFound")));
        assert!(get.body.is_none());
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for bad in [json!({}), json!({ "paths": [] }), json!({ "paths": { "/a": { "get": 1 } } })] {
            assert!(ApiDocument::parse(&bad).is_err(), "{bad}");
        }
    }
}
