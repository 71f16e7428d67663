//! How programs sign in.

use super::{ApiPlace, shell::word};

/// Lines that make `az` use this portal. The tenant stands on the page Access.
pub fn az_sign_in(api: &ApiPlace) -> String {
    let (url, login) = (word(&api.url), word(&format!("{}/adfs", api.url)));
    format!(
        r#"export REQUESTS_CA_BUNDLE="$PWD/annex-ca.pem"
az cloud register -n annex --endpoint-resource-manager {url} --endpoint-active-directory {login}
az cloud set -n annex
az login --service-principal -u "$APP_ID" -p "$APP_SECRET" --tenant "$TENANT_ID""#
    )
}

/// Lines that put a token into `$TOKEN`. The secret goes through a pipe: an argument could be read by everybody on the
/// machine.
pub fn token_lines(api: &ApiPlace) -> String {
    format!(
        r#"TOKEN=$(printf %s "$APP_SECRET" | curl -sS --fail-with-body --cacert annex-ca.pem {} \
  -d grant_type=client_credentials --data-urlencode "client_id=$APP_ID" --data-urlencode client_secret@- \
  --data-urlencode {} | sed 's/.*"access_token": *"\([^"]*\)".*/\1/')"#,
        word(&format!("{}/adfs/oauth2/token", api.url)),
        word(&format!("scope={}/.default", api.url)),
    )
}
