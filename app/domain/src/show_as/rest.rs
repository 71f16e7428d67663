//! `curl` against the API, beginning with how to get a token.

use super::{
    Asked,
    request::{request, target},
    shell::{Target, body, for_each, in_double},
    sign_in::token_lines,
};

/// The text.
pub(super) fn text(asked: &Asked) -> String {
    let token = token_lines(&asked.place.api);
    format!("{token}\n\n{}", for_each(&asked.place, |one| command(asked, one)))
}

fn command(asked: &Asked, one: &Target<'_>) -> String {
    let request = request(&asked.deed);
    let url = format!("{}{}", in_double(&asked.place.api.url), target(asked, one.group, &one.inside, &request));
    let mut lines = vec![
        format!("curl -sS --fail-with-body --cacert annex-ca.pem -X {}", request.method),
        format!("\"{url}\""),
        "-H \"Authorization: Bearer $TOKEN\"".to_owned(),
    ];
    if let Some(body) = body(&request.body, true) {
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d {body}"));
    } else if request.method == "POST" {
        // an empty body, so that the length of it is told
        lines.push("-d ''".to_owned());
    }
    lines.join(" \\\n  ")
}
